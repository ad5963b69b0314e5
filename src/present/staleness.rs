//! Staleness: reasons for a new model, drift of every column by window of time, distributions, the loss over time.

mod distribution;

use super::format::{confidence, count, date_range, p_value, plain, round_significant, share, short_date, time};
use super::{Sentence, Sheet, Sign, Weight};
use crate::compare::staleness::{ColumnKind, Distance, LossCourse, Staleness, Window};
use crate::decision::{Trigger, TriggerOutcome};
use crate::log::ArmRole;

pub use distribution::{DistributionModel, distribution};

/// What the view shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StalenessModel {
    pub finding: Sentence,
    pub triggers: Vec<TriggerLine>,
    /// Why there is no course over time; says what to do.
    pub no_windows: Option<String>,
    /// What windows can be chosen, the first by the span.
    pub windows: Vec<(Option<Window>, String)>,
    pub window: Option<Window>,
    pub heat: HeatModel,
    /// Files of training data, or none.
    pub training: Option<String>,
    /// What differs between training and serving beside distributions, one sentence each.
    pub schema: Vec<String>,
    pub loss: Option<LossModel>,
    pub no_loss: String,
}

/// One trigger.
#[derive(Clone, Debug, PartialEq)]
pub struct TriggerLine {
    pub sign: Option<Sign>,
    pub title: String,
    /// `triggered`, `not triggered`, `cannot tell`.
    pub outcome: &'static str,
    pub value: String,
    pub limit: String,
    pub reason: String,
    /// Formula, interval, whose limit it is.
    pub hover: String,
}

/// Columns by windows; the last column is of training data where there is any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatModel {
    pub qualifier: String,
    pub columns: Vec<String>,
    pub rows: Vec<String>,
    /// Row after row.
    pub cells: Vec<HeatCell>,
    /// Index of the latest window.
    pub latest: Option<usize>,
    /// Whether the last column is of training data.
    pub training: bool,
}

/// One column in one window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatCell {
    pub main: String,
    /// `little`, `moderate`, `large`, `unsure`; `first` of the baseline.
    pub word: String,
    /// 0 to 1; `None` where there is no distance.
    pub fill: Option<f64>,
    pub hover: String,
}

/// The loss of each arm over the windows.
#[derive(Clone, Debug, PartialEq)]
pub struct LossModel {
    pub title: String,
    /// What the change is made of, one sentence an arm.
    pub sentences: Vec<(ArmRole, String)>,
    /// Place of a window from 0 to 1, value, interval, hover.
    pub arms: Vec<(ArmRole, Vec<LossPoint>)>,
    pub range: (f64, f64),
    pub ticks: Vec<(f64, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LossPoint {
    pub place: f64,
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
    pub hover: String,
}

const DAY: u32 = 24;
/// Stability indices from which a shift is called moderate and large.
const MODERATE: f64 = 0.1;
const LARGE: f64 = 0.25;

/// The model; of all rows, whatever slice is in view.
pub fn staleness(sheet: &Sheet<'_>) -> StalenessModel {
    let Some(found) = sheet.comparison.staleness.as_deref() else {
        let why = "How the models age was not measured for this run.".to_owned();
        return StalenessModel { no_windows: Some(why.clone()), no_loss: why, ..StalenessModel::default() };
    };
    let loss = loss(found);
    StalenessModel {
        finding: finding(&sheet.verdict.triggers),
        triggers: sheet.verdict.triggers.iter().map(trigger).collect(),
        no_windows: found.undefined.as_ref().map(|why| what_to_do(why)),
        windows: windows(found),
        window: found.asked,
        heat: heat(found),
        training: found.skew.as_ref().map(|skew| {
            let rows = count(skew.rows);
            format!("{} ({rows} rows)", skew.files.join(", "))
        }),
        schema: schema(found),
        no_loss: match (&loss, &found.undefined, &found.losses.champion) {
            (None, Some(why), _) => what_to_do(why),
            (None, None, Some(LossCourse { undefined: Some(why), .. })) => format!("No course of the loss: {why}."),
            _ => "Too few rows have a label.".to_owned(),
        },
        loss,
    }
}

fn what_to_do(why: &str) -> String {
    let mend = if why.starts_with("the log has no times") || why.starts_with("no row has a time") {
        " Give the column of the requests' times the role ts under Change mapping."
    } else if why.contains("within one window") {
        " Choose shorter windows, or open a longer run."
    } else {
        ""
    };
    format!("No course over time: {why}.{mend}")
}

fn finding(triggers: &[Trigger]) -> Sentence {
    let of = |outcome: TriggerOutcome| -> Vec<String> {
        triggers.iter().filter(|one| one.outcome == outcome).map(|one| one.title.to_lowercase()).collect()
    };
    let (yes, open) = (of(TriggerOutcome::Triggered), of(TriggerOutcome::CannotTell));
    let mut sentence = Sentence::default();
    sentence = match yes.as_slice() {
        [] => sentence.plain("Nothing asks for a new model"),
        [one] => sentence.strong("1 reason").plain(format!(" for a new model: {one}")),
        many => {
            sentence.strong(format!("{} reasons", many.len())).plain(format!(" for a new model: {}", many.join(", ")))
        }
    };
    match open.as_slice() {
        [] => sentence.plain("."),
        open => sentence.plain(". ").part(Weight::Muted, format!("Cannot be told: {}.", open.join(", "))),
    }
}

fn number(value: f64) -> String {
    plain(round_significant(value, 3))
}

fn trigger(found: &Trigger) -> TriggerLine {
    let per_cent = found.name == "demand";
    let shown = |value: f64| match found.name.as_str() {
        "demand" => format!("{} %", plain((value * 1000.0).round() / 10.0)),
        "model_age" => format!("{} d", plain((value * 10.0).round() / 10.0)),
        _ => number(value),
    };
    let whose = if found.by_policy { "limit of the policy" } else { "usual limit, the policy sets none" };
    let interval = found.lo.zip(found.hi).filter(|(lo, hi)| lo < hi);
    let interval = interval.map_or_else(String::new, |(lo, hi)| format!("interval {} to {}; ", shown(lo), shown(hi)));
    let formula = match found.name.as_str() {
        "model_age" => "last time of the log less the time of training",
        "performance" => "mean loss of the last window with labels less that of the first; intervals by unit",
        "demand" => {
            "requests of the last whole period / those of the first - 1; log ratio, its variance the long-run one of counts by day (hours of a day), t"
        }
        _ => {
            "PSI = sum (a - e) ln(a / e) less its bias; triggered where the lower end, for all columns together, is above the limit (Yurdakul and Naranjo 2020; Rao and Scott 1981)"
        }
    };
    TriggerLine {
        sign: Some(match found.outcome {
            TriggerOutcome::Triggered => Sign::Fail,
            TriggerOutcome::NotTriggered => Sign::Pass,
            TriggerOutcome::CannotTell if found.value.is_none() => Sign::NotEvaluable,
            TriggerOutcome::CannotTell => Sign::Inconclusive,
        }),
        title: found.title.clone(),
        outcome: found.outcome.word(),
        value: found.value.map_or_else(|| super::format::UNDEFINED.to_owned(), shown),
        limit: found.limit.map_or_else(
            || super::format::UNDEFINED.to_owned(),
            |limit| if per_cent { format!("±{}", shown(limit)) } else { shown(limit) },
        ),
        hover: format!("{formula}\n{interval}{whose}\n{}", found.reason),
        reason: found.reason.clone(),
    }
}

fn windows(found: &Staleness) -> Vec<(Option<Window>, String)> {
    let by_span = match (found.asked, found.window) {
        (None, Some(window)) => format!("by span: {window}"),
        _ => "by span".to_owned(),
    };
    let lengths = [6, DAY, 7 * DAY, 28 * DAY].map(Window::hours);
    let mut options = vec![(None, by_span)];
    options.extend(lengths.into_iter().map(|window| (Some(window), window.to_string())));
    if let Some(asked) = found.asked.filter(|asked| !lengths.contains(asked)) {
        options.push((Some(asked), asked.to_string()));
    }
    options
}

/// When a window begins: its time where it is shorter than a day.
fn begins(found: &Staleness, at: usize) -> String {
    let hours = found.window.is_some_and(|window| window < Window::hours(DAY));
    let start = found.windows[at].start;
    if hours { time(start) } else { short_date(start) }
}

fn heat(found: &Staleness) -> HeatModel {
    let mut columns: Vec<String> = (0..found.windows.len()).map(|at| begins(found, at)).collect();
    let training = found.skew.is_some();
    if training {
        columns.push("training".to_owned());
    }
    let names = row_names(found);
    let mut cells = Vec::with_capacity(names.len() * columns.len());
    for name in &names {
        let column = found.columns.iter().find(|column| column.name == *name);
        for at in 0..found.windows.len() {
            cells.push(match column {
                Some(column) => cell(found, column, at),
                None => HeatCell { word: "not in the log's windows".to_owned(), ..HeatCell::default() },
            });
        }
        if let Some(skew) = &found.skew {
            let of = skew.columns.iter().find(|column| column.name == *name);
            cells.push(match of {
                Some(column) => told(
                    column.distance.as_ref(),
                    &format!("{name}: the run against training"),
                    column.undefined.as_deref().unwrap_or("too few rows"),
                ),
                None => HeatCell {
                    main: super::format::UNDEFINED.to_owned(),
                    hover: format!("{name} does not stand in the training data"),
                    ..HeatCell::default()
                },
            });
        }
    }
    let window = found.window.map_or_else(String::new, |window| format!("windows of a {}; ", window.words()));
    let mut more = match found.left_out.len() {
        0 => String::new(),
        left => format!("; {left} more columns are left out"),
    };
    if found.stray > 0 {
        more.push_str(&format!("; rows with times far off, in no window: {}", count(found.stray)));
    }
    HeatModel {
        qualifier: format!(
            "{window}stability index beyond chance against the first; {MODERATE} moderate, {LARGE} large{more}"
        ),
        columns,
        rows: names,
        cells,
        latest: found.latest,
        training,
    }
}

/// Columns that moved most first.
fn row_names(found: &Staleness) -> Vec<String> {
    let distance = |name: &str| {
        let drift = found
            .current()
            .chain(found.challenger())
            .find(|(column, _)| column.name == name)
            .map_or(0.0, |(_, one)| one.value);
        let skew = found.skew.iter().flat_map(|skew| skew.current()).find(|(column, _)| column.name == name);
        drift.max(skew.map_or(0.0, |(_, one)| one.value))
    };
    let mut names: Vec<String> = found.columns.iter().map(|column| column.name.clone()).collect();
    for column in found.skew.iter().flat_map(|skew| &skew.columns) {
        if !names.contains(&column.name) {
            names.push(column.name.clone());
        }
    }
    names.sort_by(|a, b| distance(b).total_cmp(&distance(a)));
    names
}

fn cell(found: &Staleness, column: &crate::compare::staleness::ColumnDrift, at: usize) -> HeatCell {
    let when = found.windows.get(at).map_or_else(String::new, |window| {
        let width = found.window.map_or(0, Window::micros);
        let part = if window.whole { "" } else { ", in part" };
        format!("{}, {} rows{part}", date_range(window.start, window.start + width - 1), count(window.rows))
    });
    let what = match column.kind {
        ColumnKind::Label => format!("{} (the truth: prior shift)", column.name),
        _ => column.name.clone(),
    };
    if at < found.baseline {
        return HeatCell {
            word: "first".to_owned(),
            hover: format!("{what}: {when}; what the others are held against"),
            ..HeatCell::default()
        };
    }
    let window = &column.windows[at];
    let reason =
        column.undefined.as_deref().unwrap_or("too few rows, or rows that tell too little because units are alike");
    let mut cell = told(window.distance.as_ref(), &format!("{what}: {when}"), reason);
    if let Some(missing) = window.missing.filter(|missing| *missing > 0.0) {
        cell.hover.push_str(&format!("\nmissing in {}", share(missing, 1)));
    }
    if let Some(unseen) = window.unseen.filter(|unseen| *unseen > 0.0) {
        cell.hover.push_str(&format!("\n{} of the rows hold a value the first window has not", share(unseen, 1)));
    }
    cell
}

/// In words: a value only as large as its interval says.
fn word(distance: &Distance) -> &'static str {
    match distance.value {
        _ if distance.lo < MODERATE && distance.hi > LARGE => "unsure",
        value if value >= LARGE => "large",
        value if value >= MODERATE => "moderate",
        _ => "little",
    }
}

fn reading(distance: &Distance) -> String {
    format!(
        "PSI {} beyond chance, {} to {} (all columns together); raw {}, by chance alone {}, p {}; Jensen-Shannon distance {}; as many as {} and {} independent rows",
        number(distance.value),
        number(distance.lo),
        number(distance.hi),
        number(distance.psi),
        number(distance.expected),
        p_value(distance.p),
        number(distance.js),
        count(distance.sizes[0].round() as u64),
        count(distance.sizes[1].round() as u64)
    )
}

fn told(distance: Option<&Distance>, what: &str, reason: &str) -> HeatCell {
    match distance {
        Some(distance) => HeatCell {
            main: super::format::fixed(distance.value, 2),
            word: word(distance).to_owned(),
            fill: Some((distance.value / (2.0 * LARGE)).min(1.0)),
            hover: format!("{what}\n{}", reading(distance)),
        },
        None => HeatCell {
            main: super::format::UNDEFINED.to_owned(),
            word: String::new(),
            fill: None,
            hover: format!("{what}: {reason}"),
        },
    }
}

fn schema(found: &Staleness) -> Vec<String> {
    let Some(skew) = &found.skew else { return Vec::new() };
    let mut lines = vec![format!(
        "{} of {} rows ({}) hold a number beyond the range of training or a value never seen there.",
        count(skew.outside),
        count(skew.of),
        share(skew.outside as f64 / skew.of.max(1) as f64, 1)
    )];
    if !skew.missing.is_empty() {
        lines.push(format!("Not in the run, though trained on: {}.", skew.missing.join(", ")));
    }
    if !skew.added.is_empty() {
        lines.push(format!("Not in the training data: {}.", skew.added.join(", ")));
    }
    for (column, trained, served) in &skew.retyped {
        lines.push(format!("{column} was trained as {trained} and is served as {served}."));
    }
    for column in &skew.columns {
        if column.unseen > 0 {
            let rows = count(column.unseen);
            lines.push(format!(
                "{}: {rows} rows hold values never seen in training ({}).",
                column.name,
                column.unseen_names.join(", ")
            ));
        }
        if let (Some([lo, hi]), 1..) = (column.range, column.beyond) {
            lines.push(format!(
                "{}: {} rows lie beyond {} to {}.",
                column.name,
                count(column.beyond),
                number(lo),
                number(hi)
            ));
        }
    }
    lines
}

fn loss_words(name: &str) -> &'static str {
    match name {
        "log_loss" => "log loss",
        "error" => "share of wrong answers",
        _ => "absolute error",
    }
}

fn loss(found: &Staleness) -> Option<LossModel> {
    let courses = [(ArmRole::Champion, &found.losses.champion), (ArmRole::Challenger, &found.losses.challenger)];
    let windows = found.windows.len() as f64;
    let mut arms = Vec::new();
    let mut sentences = Vec::new();
    let mut title = None;
    for (arm, course) in courses {
        let Some(course) = course else { continue };
        let points: Vec<LossPoint> = course
            .windows
            .iter()
            .enumerate()
            .filter_map(|(at, one)| {
                let one = one.as_ref()?;
                let (lo, hi) = (one.lo.unwrap_or(one.value), one.hi.unwrap_or(one.value));
                let when = begins(found, at);
                let hover = format!(
                    "{when}: {} ({} to {}), {} units, {}",
                    number(one.value),
                    number(lo),
                    number(hi),
                    count(one.n),
                    one.method
                );
                Some(LossPoint { place: (at as f64 + 0.5) / windows, value: one.value, lo, hi, hover })
            })
            .collect();
        if points.is_empty() {
            continue;
        }
        title.get_or_insert(format!("mean {}, {} % intervals", loss_words(&course.name), confidence(found.level)));
        sentences.push((arm, changed(course)));
        arms.push((arm, points));
    }
    let ends = || arms.iter().flat_map(|(_, points)| points).flat_map(|point| [point.lo, point.hi]);
    let (lo, hi) = (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max));
    let room = ((hi - lo) * 0.1).max(hi.abs() * 1e-3).max(1e-9);
    let step = found.windows.len().div_ceil(6);
    let tick = |at: usize| ((at as f64 + 0.5) / windows, begins(found, at));
    Some(LossModel {
        title: title?,
        sentences,
        arms,
        range: ((lo - room).max(0.0), hi + room),
        ticks: (0..found.windows.len()).step_by(step.max(1)).map(tick).collect(),
    })
}

/// What the change is made of.
fn changed(course: &LossCourse) -> String {
    let signed = |value: f64| format!("{}{}", if value > 0.0 { "+" } else { "" }, number(value));
    let Some(change) = &course.change else {
        return course
            .undefined
            .clone()
            .map_or_else(|| "no change can be told".to_owned(), |why| format!("no change can be told: {why}"));
    };
    let whole = format!("{} ({} to {})", signed(change.value), signed(change.lo), signed(change.hi));
    let same = course.concept.as_ref().map_or_else(
        || "; not told apart into inputs and outcomes".to_owned(),
        |one| {
            let inputs =
                course.inputs.map_or_else(String::new, |inputs| format!(", by other scores {}", signed(inputs)));
            format!("; at the same scores {} ({} to {}){inputs}", signed(one.value), signed(one.lo), signed(one.hi))
        },
    );
    let steady = course
        .constancy
        .map_or_else(String::new, |test| format!("; one loss all the time: p {} (CUSUM)", p_value(test.p)));
    format!("{whole} since the first window{same}{steady}")
}
