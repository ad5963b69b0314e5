//! Timeline of a run whose arms answered different requests: traffic, the difference with its confidence sequence,
//! each arm, and the moment a rollback was earned, on one time axis.

mod stages;

use super::format::{Digits, confidence, count, date, plain, share, shown, time, unit_label};
use super::{Sentence, Sheet, Weight};
use crate::compare::{Detail, Look, LookSeries, Looks, SplitDetail, Unit};
use crate::decision::{Earned, GateResult, Outcome, Quantity, Test, catalog};

pub use stages::{StageGates, StageLine};

/// Least share of the last interval's width at which the first looks still set the scale.
const WIDEST: f64 = 4.0;
const NO_TIMES: &str =
    "The log has no times, so the run has no course. Map the time of the requests under Change mapping.";
const NOT_SPLIT: &str =
    "Both models answered every request of this run at the same time; nothing was let in by and by.";

/// What the Timeline shows. Places are 0 to 1 along the time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineModel {
    /// Why there is nothing to draw; the rest is then empty.
    pub empty: Option<String>,
    pub finding: Sentence,
    pub ticks: Vec<(f64, String)>,
    /// Where stages begin, after the first.
    pub borders: Vec<f64>,
    /// Middle of each stage with its name.
    pub stage_names: Vec<(f64, String)>,
    /// Challenger's share of the rows: from, to, share; by stage where there are stages.
    pub shares: Vec<[f64; 3]>,
    /// Planned shares.
    pub planned: Vec<[f64; 3]>,
    pub traffic: Vec<TrafficBar>,
    pub most_rows: u64,
    /// One per outcome: the one that earned the rollback first, then those of the gates, then the others.
    pub series: Vec<TimelineSeries>,
    pub moment: Option<Moment>,
    pub stages: StageGates,
    /// Gates and what they found at the end.
    pub why: Vec<WhyLine>,
    pub rule: String,
    pub rule_text: String,
    /// `band: 99 % confidence sequence, valid at every look`.
    pub band: String,
}

/// Requests of a span of time.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficBar {
    pub from: f64,
    pub to: f64,
    pub champion: u64,
    pub challenger: u64,
    /// `5 Dec 07:00: 130 of the champion, 44 of the challenger`.
    pub hover: String,
}

/// One outcome over the looks; values in the unit shown.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineSeries {
    pub metric: String,
    pub title: String,
    /// `error, challenger − champion, cumulative, pp`.
    pub axis: String,
    /// Of the arms by themselves: `error, cumulative, %`.
    pub arms_axis: String,
    /// Place, value, lower and upper end.
    pub difference: Vec<[f64; 4]>,
    pub range: (f64, f64),
    /// Margins: value and what it says.
    pub edges: Vec<(f64, String)>,
    /// Champion, challenger: place, value, ends.
    pub arms: [Vec<[f64; 4]>; 2],
    pub arms_range: (f64, f64),
    /// Limits of an arm: value and what it says.
    pub limits: Vec<(f64, String)>,
    /// Read-out of each look, by place.
    pub hovers: Vec<(f64, String)>,
}

/// When the rollback was earned.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    pub place: f64,
    /// `rollback earned, 5 Dec 07:00`.
    pub title: String,
    /// `error +2.1 pp [+0.6, +4.4], G2`.
    pub reading: String,
    pub remark: String,
    /// Whether it was read of the difference, else of the challenger alone; value in the unit shown.
    pub difference: bool,
    pub value: f64,
}

/// A gate and what it found.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyLine {
    pub outcome: Outcome,
    pub id: String,
    pub title: String,
    pub role: &'static str,
    pub reading: String,
    pub remark: String,
}

/// Places along the time axis.
struct Clockface {
    first: i64,
    span: f64,
}

impl Clockface {
    fn place(&self, micros: i64) -> f64 {
        (micros - self.first) as f64 / self.span
    }
}

/// The model.
pub fn timeline(sheet: &Sheet<'_>) -> TimelineModel {
    let detail = match &sheet.comparison.detail {
        Detail::Split(detail) => detail,
        _ => return empty(NOT_SPLIT),
    };
    let (Some(first), Some(last)) = (detail.traffic.first(), detail.traffic.last()) else {
        return empty(NO_TIMES);
    };
    let step = detail.traffic.windows(2).map(|pair| pair[1].start - pair[0].start).filter(|step| *step > 0).min();
    let step = step.unwrap_or(3_600_000_000);
    let face = Clockface { first: first.start, span: (last.start + step - first.start) as f64 };
    let earned = sheet.verdict.earned.as_ref();
    let (borders, stage_names) = borders(detail, &face);
    let (shares, planned) = shares(detail, &face, step);
    let verdict = sheet.verdict;
    TimelineModel {
        empty: None,
        finding: finding(sheet, detail, earned),
        ticks: ticks(face.first, last.start + step, &face),
        borders,
        stage_names,
        shares,
        planned,
        traffic: detail
            .traffic
            .iter()
            .map(|bar| TrafficBar {
                from: face.place(bar.start),
                to: face.place(bar.start + step),
                champion: bar.rows[0],
                challenger: bar.rows[1],
                hover: format!(
                    "{}: {} of the champion, {} of the challenger",
                    time(bar.start),
                    count(bar.rows[0]),
                    count(bar.rows[1])
                ),
            })
            .collect(),
        most_rows: detail.traffic.iter().map(|bar| bar.rows[0] + bar.rows[1]).max().unwrap_or(0),
        series: all_series(sheet, detail, &face, earned),
        moment: earned.map(|earned| moment(sheet, earned, &face)),
        stages: stages::stages(sheet, detail),
        why: verdict.gates.iter().map(why).collect(),
        rule: verdict.rule.map_or_else(|| "No rule fired".to_owned(), |rule| format!("Rule {rule} fired")),
        rule_text: verdict.sentence.clone(),
        band: format!("band: {} % confidence sequence, valid at every look", confidence(sheet.comparison.plan.level)),
    }
}

fn empty(why: &str) -> TimelineModel {
    TimelineModel {
        empty: Some(why.to_owned()),
        finding: Sentence::default(),
        ticks: Vec::new(),
        borders: Vec::new(),
        stage_names: Vec::new(),
        shares: Vec::new(),
        planned: Vec::new(),
        traffic: Vec::new(),
        most_rows: 0,
        series: Vec::new(),
        moment: None,
        stages: StageGates::default(),
        why: Vec::new(),
        rule: String::new(),
        rule_text: String::new(),
        band: String::new(),
    }
}

/// What the course of the run says in one sentence.
fn finding(sheet: &Sheet<'_>, detail: &SplitDetail, earned: Option<&Earned>) -> Sentence {
    let Some(earned) = earned else {
        let looks = detail.series.first().map_or(0, |series| series.looks.len());
        if sheet.comparison.plan.split.as_ref().is_none_or(|split| split.looks != Some(Looks::Any)) {
            return Sentence::default()
                .plain("The run is judged once, at its end; the bands hold at ")
                .strong(format!("all {} looks", count(looks as u64)))
                .plain(" before.");
        }
        return Sentence::default()
            .plain("No critical gate failed at any of ")
            .strong(count(looks as u64))
            .plain(" looks")
            .part(Weight::Muted, if looks == 0 { ": no outcome is logged" } else { "" })
            .plain(".");
    };
    let (title, digits, difference) = reading_of(sheet, earned);
    let after = detail.traffic.first().map(|first| (earned.time - first.start) as f64 / 3.6e9);
    let after = after.map_or_else(String::new, |hours| match hours {
        hours if hours < 72.0 => format!(" after {} hours", plain(hours.round())),
        hours => format!(" after {} days", plain((hours / 24.0).round())),
    });
    let value = if difference { digits.signed_unit(earned.value) } else { digits.value_unit(earned.value) };
    let interval =
        if difference { digits.signed_interval(earned.lo, earned.hi) } else { digits.interval(earned.lo, earned.hi) };
    let what = if difference { "differed by " } else { "of the challenger was " };
    Sentence::default()
        .plain(format!("The rollback was earned{after}, at {}: {title} {what}", time(earned.time)))
        .strong(value)
        .part(Weight::Muted, format!(" {interval}"))
        .plain(format!(", wholly past the limit of {}.", earned.gate))
}

/// Title, digits, and whether it is a difference.
fn reading_of<'a>(sheet: &Sheet<'_>, earned: &'a Earned) -> (&'a str, Digits, bool) {
    let unit = sheet.comparison.metric(&earned.metric).map_or(Unit::Number, |metric| metric.unit);
    let gate = sheet.verdict.gates.iter().find(|gate| gate.id == earned.gate);
    let difference = gate.is_none_or(|gate| gate.reading.quantity == Quantity::Difference);
    (catalog::title(&earned.metric), Digits::of(unit, earned.value, Some((earned.lo, earned.hi))), difference)
}

fn moment(sheet: &Sheet<'_>, earned: &Earned, face: &Clockface) -> Moment {
    let (title, digits, difference) = reading_of(sheet, earned);
    let unit = sheet.comparison.metric(&earned.metric).map_or(Unit::Number, |metric| metric.unit);
    let (value, interval) = if difference {
        (digits.signed_unit(earned.value), digits.signed_interval(earned.lo, earned.hi))
    } else {
        (digits.value_unit(earned.value), digits.interval(earned.lo, earned.hi))
    };
    let [a, b] = earned.rows.map(count);
    Moment {
        place: face.place(earned.time),
        title: format!("rollback earned, {}", time(earned.time)),
        reading: format!("{title} {value} {interval}"),
        remark: format!("{}: the whole sequence past the limit, after {a} and {b} requests", earned.gate),
        difference,
        value: shown(unit, earned.value),
    }
}

/// Where stages begin, and their names.
fn borders(detail: &SplitDetail, face: &Clockface) -> (Vec<f64>, Vec<(f64, String)>) {
    let spans: Vec<([f64; 2], String)> = detail
        .stages
        .iter()
        .filter_map(|stage| Some((stage.span?.map(|time| face.place(time)), stage_name(&stage.name))))
        .collect();
    let borders = spans.iter().skip(1).map(|([from, _], _)| *from).collect();
    (borders, spans.into_iter().map(|([from, to], name)| (0.5 * (from + to), name)).collect())
}

/// `stage 2`, unless the name says so itself.
fn stage_name(name: &str) -> String {
    if name.chars().any(char::is_alphabetic) { name.to_owned() } else { format!("stage {name}") }
}

type Steps = Vec<[f64; 3]>;

/// Challenger's share of the rows, as it was and as it was planned.
fn shares(detail: &SplitDetail, face: &Clockface, step: i64) -> (Steps, Steps) {
    let share = |[a, b]: [u64; 2]| b as f64 / (a + b).max(1) as f64;
    let staged: Vec<_> = detail.stages.iter().filter_map(|stage| Some((stage, stage.span?))).collect();
    if staged.is_empty() {
        let of = |bar: &crate::compare::Traffic| [face.place(bar.start), face.place(bar.start + step), share(bar.rows)];
        return (detail.traffic.iter().map(of).collect(), Vec::new());
    }
    // A stage lasts until the next one begins.
    let end = |index: usize| staged.get(index + 1).map_or(1.0, |(_, [next, _])| face.place(*next));
    let from = |span: [i64; 2]| face.place(span[0]).max(0.0);
    let steps = |value: &dyn Fn(&crate::compare::Stage) -> Option<f64>| -> Steps {
        let of = |(index, (stage, span)): (usize, &(&crate::compare::Stage, [i64; 2]))| {
            Some([from(*span), end(index).max(from(*span)), value(stage)?])
        };
        staged.iter().enumerate().filter_map(of).collect()
    };
    (steps(&|stage| Some(share(stage.rows))), steps(&|stage| stage.planned_share))
}

/// Round times between two, by their place from 0 to 1.
pub(super) fn ticks_of(first: i64, last: i64) -> Vec<(f64, String)> {
    ticks(first, last, &Clockface { first, span: (last - first).max(1) as f64 })
}

/// At most eight round times.
fn ticks(first: i64, last: i64, face: &Clockface) -> Vec<(f64, String)> {
    const HOUR: i64 = 3_600_000_000;
    let span = last - first;
    let steps = [1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672].map(|hours| hours * HOUR);
    let step = steps.into_iter().find(|step| span / step <= 8).unwrap_or(span / 8 + 1);
    let mut at = first + (step - first.rem_euclid(step)) % step;
    let mut found = Vec::new();
    while at <= last {
        let label = if step >= 24 * HOUR { day(at) } else { time(at).replace(" UTC", "") };
        found.push((face.place(at), label));
        at += step;
    }
    found
}

/// `18 Nov`.
fn day(micros: i64) -> String {
    let whole = date(micros);
    whole.rsplit_once(' ').map_or_else(|| whole.clone(), |(day, _)| day.to_owned())
}

fn all_series(
    sheet: &Sheet<'_>,
    detail: &SplitDetail,
    face: &Clockface,
    earned: Option<&Earned>,
) -> Vec<TimelineSeries> {
    let rank = |series: &&LookSeries| {
        let gate = sheet.verdict.gates.iter().position(|gate| gate.metric == series.metric);
        (earned.is_none_or(|earned| earned.metric != series.metric), gate.unwrap_or(usize::MAX))
    };
    let mut series: Vec<&LookSeries> = detail.series.iter().filter(|series| !series.looks.is_empty()).collect();
    series.sort_by_key(rank);
    series.into_iter().map(|series| one_series(sheet, series, face)).collect()
}

fn one_series(sheet: &Sheet<'_>, series: &LookSeries, face: &Clockface) -> TimelineSeries {
    let unit = sheet.comparison.metric(&series.metric).map_or(Unit::Number, |metric| metric.unit);
    let gates =
        || sheet.verdict.gates.iter().filter(|gate| gate.metric == series.metric && !gate.by_segment && gate.binds());
    let title = catalog::title(&series.metric);
    let of = |look: &Look, found: Option<[f64; 3]>| {
        let [value, lo, hi] = found?.map(|value| shown(unit, value));
        Some([face.place(look.time), value, lo, hi])
    };
    let points = |read: &dyn Fn(&Look) -> Option<[f64; 3]>| -> Vec<[f64; 4]> {
        series.looks.iter().filter_map(|look| of(look, read(look))).collect()
    };
    let difference = points(&|look| look.difference);
    let arms = [points(&|look| look.arms.champion), points(&|look| look.arms.challenger)];
    let edges: Vec<(f64, String)> = gates()
        .filter(|gate| !matches!(gate.test, Test::Bound))
        .flat_map(|gate| gate.edges_of(&gate.reading).into_iter().map(move |edge| (gate, edge)))
        .map(|(gate, edge)| (shown(unit, edge), format!("{}: {}", gate.id, gate.requirement)))
        .collect();
    let limits: Vec<(f64, String)> = gates()
        .filter(|gate| matches!(gate.test, Test::Bound))
        .flat_map(|gate| gate.edges_of(&gate.reading).into_iter().map(move |edge| (gate, edge)))
        .map(|(gate, edge)| (shown(unit, edge), format!("{}: {}", gate.id, gate.requirement)))
        .collect();
    let label = |difference: bool| {
        let unit = unit_label(unit, difference);
        if unit.is_empty() { String::new() } else { format!(", {unit}") }
    };
    let hover = |look: &Look| {
        let [value, lo, hi] = look.difference?;
        let digits = Digits::of(unit, value, Some((lo, hi)));
        let [a, b] = look.rows.map(count);
        let reading = format!("{} {}", digits.signed_unit(value), digits.signed_interval(lo, hi));
        Some((face.place(look.time), format!("{}: {reading}, {a} and {b} requests", time(look.time))))
    };
    TimelineSeries {
        metric: series.metric.clone(),
        title: title.to_owned(),
        axis: format!("{title}, challenger − champion, cumulative{}", label(true)),
        arms_axis: format!("{title} of each arm, cumulative{}", label(false)),
        range: range(&[&difference], edges.iter().map(|(edge, _)| *edge).chain([0.0])),
        arms_range: range(&[&arms[0], &arms[1]], limits.iter().map(|(limit, _)| *limit)),
        difference,
        edges,
        arms,
        limits,
        hovers: series.looks.iter().filter_map(hover).collect(),
    }
}

/// Bounds that hold the later looks and what must be in sight; the first looks, which are wide, may leave them.
fn range(points: &[&Vec<[f64; 4]>], in_sight: impl Iterator<Item = f64>) -> (f64, f64) {
    let last = points.iter().filter_map(|points| points.last()).map(|[_, _, lo, hi]| hi - lo).fold(0.0, f64::max);
    let narrow = |point: &&[f64; 4]| last == 0.0 || point[3] - point[2] <= WIDEST * last;
    let ends = points.iter().flat_map(|points| points.iter().filter(narrow)).flat_map(|[_, _, lo, hi]| [*lo, *hi]);
    let (lo, hi) =
        ends.chain(in_sight).fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), value| (lo.min(value), hi.max(value)));
    if !lo.is_finite() {
        return (0.0, 1.0);
    }
    let pad = ((hi - lo) * 0.08).max(1e-9);
    (lo - pad, hi + pad)
}

fn why(gate: &GateResult) -> WhyLine {
    let reading = &gate.reading;
    let found = reading.raw.map(|ends| {
        let digits = Digits::of(gate.unit, ends.value, Some((ends.lo, ends.hi)));
        match reading.quantity {
            Quantity::ArmValue => format!("{} {}", digits.value_unit(ends.value), digits.interval(ends.lo, ends.hi)),
            _ => format!("{} {}", digits.signed_unit(ends.value), digits.signed_interval(ends.lo, ends.hi)),
        }
    });
    WhyLine {
        outcome: reading.outcome,
        id: gate.id.clone(),
        title: gate.title.clone(),
        role: gate.role.word(),
        reading: found.unwrap_or_else(|| reading.outcome.word().to_owned()),
        remark: format!("Required: {}. {}", gate.requirement, reading.reason),
    }
}

/// `25 %`; without decimals where there are none.
fn percent(value: f64) -> String {
    let whole = (value * 100.0).round();
    if (value * 100.0 - whole).abs() < 0.05 { share(value, 0) } else { share(value, 1) }
}
