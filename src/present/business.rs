//! Business: outcomes and the value of decisions, their differences, and what these come to at full traffic.

mod finding;

use super::format::{
    Digits, UNDEFINED, confidence, count, decimals_for, decimals_for_significant, plain, round_significant, share,
    signed,
};
use super::{Sentence, Sheet};
use crate::compare::{
    BUSINESS_VALUE, Business, Comparison, Detail, Ends, Estimate, Kind, MetricResult, PerArm, Scaled, Scope,
    SplitDetail, Unit, ValueCell, ValueModel,
};
use crate::decision::catalog;
use crate::log::{Content, Log, Task};

/// What the Business view shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BusinessModel {
    pub finding: Sentence,
    pub editor: Option<EditorModel>,
    /// Why values cannot be said, and what to do about it.
    pub no_editor: String,
    pub interval_title: String,
    pub outcomes: Vec<OutcomeLine>,
    pub no_outcomes: String,
    pub scaled: Vec<ScaledLine>,
    /// What scaling assumes.
    pub assumption: String,
    pub adjusted: Vec<AdjustedLine>,
    pub no_adjusted: String,
    pub kinds: Vec<KindLine>,
    /// What the values of the kinds are of: all rows, or a thousand.
    pub kinds_of: &'static str,
    pub curve: Option<ValuePlot>,
    pub no_curve: String,
    pub split: bool,
}

/// Where the values are written.
#[derive(Clone, Debug, PartialEq)]
pub struct EditorModel {
    pub task: Task,
    /// Those that stand, else those of the plan's costs to begin with.
    pub value: ValueModel,
    /// Whether they were said.
    pub said: bool,
    /// The policy says them.
    pub fixed: bool,
    /// Columns of numbers.
    pub columns: Vec<String>,
    /// Names of the classes, negative first.
    pub classes: Vec<String>,
}

/// One outcome of both arms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeLine {
    pub metric: String,
    pub title: String,
    pub champion: String,
    pub champion_interval: String,
    pub challenger: String,
    pub challenger_interval: String,
    pub difference: String,
    pub interval: String,
    pub lift: String,
    pub lift_interval: String,
    /// Why the relative difference has no interval.
    pub no_lift: Option<String>,
    pub chance: String,
    pub rows: String,
    /// Why numbers are missing.
    pub undefined: Option<String>,
    pub hover: String,
}

/// An outcome at full traffic: value and interval each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScaledLine {
    pub metric: String,
    pub title: String,
    pub per_thousand: [String; 2],
    pub per_day: [String; 2],
    pub per_year: [String; 2],
}

/// A difference with and without what was known before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdjustedLine {
    pub title: String,
    pub covariate: String,
    pub plain: [String; 2],
    pub adjusted: [String; 2],
    pub taken: String,
    /// Units that both numbers rest on.
    pub n: String,
}

/// Answers of one kind, in rows and money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindLine {
    pub name: String,
    pub rows: [String; 2],
    pub value: [String; 2],
    pub difference: String,
}

/// Mean value of a row over thresholds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValuePlot {
    /// Threshold, champion, challenger.
    pub points: Vec<[f64; 3]>,
    /// Threshold, difference, lower and upper end.
    pub difference: Vec<[f64; 4]>,
    pub thresholds: [Option<f64>; 2],
    /// Threshold and value of the greatest value of each arm.
    pub best: [[f64; 2]; 2],
    pub axis: String,
    pub notes: Vec<String>,
}

const NO_VALUES: &str = "A row of this task holds several answers, so that no single decision has a value. A metric of \
                         your own over the columns does: Add metric… in the Overview.";
const NO_ANSWERS: &str = "Values of decisions need the answers of the models and labels. Give their columns the roles \
                          score or prediction, and label, under Change mapping.";
const NO_OUTCOMES: &str = "No outcome is mapped. Give the columns that say what came of a request (converted, clicked, \
                           revenue) the role outcome under Change mapping.";
const SAY: &str = "Say on the left what a decision gains or costs; the value of both models and their difference are \
                   then measured like any other metric.";
const NO_COVARIATE: &str = "Nothing known of the units before the run is mapped. A column such as the revenue of the \
                            month before, given the role covariate, narrows the intervals (CUPED).";
const NO_CURVE: &str = "Value over the threshold needs scores of both models on one scale (both probabilities, or neither), of \
                        the same rows, and two classes.";

/// The model for the population in view.
pub fn business(sheet: &Sheet<'_>) -> BusinessModel {
    let comparison = sheet.comparison;
    let editor = editor(sheet);
    let answers = editor.is_ok();
    BusinessModel {
        no_editor: editor.as_ref().err().copied().unwrap_or_default().to_owned(),
        editor: editor.ok(),
        no_outcomes: match (comparison.plan.split.is_some(), answers) {
            (true, _) => NO_OUTCOMES,
            (false, true) => SAY,
            (false, false) => "",
        }
        .to_owned(),
        ..of(comparison)
    }
}

/// The model of what a record holds.
pub fn of(comparison: &Comparison) -> BusinessModel {
    let none = Business::default();
    let found = comparison.business.as_deref().unwrap_or(&none);
    let detail = match &comparison.detail {
        Detail::Split(detail) => Some(detail),
        _ => None,
    };
    let lines = found.scaled.iter().filter_map(|scaled| Some((scaled, comparison.metric(&scaled.metric)?)));
    let lines: Vec<OutcomeLine> =
        lines.map(|(scaled, metric)| outcome(comparison, metric, Some(scaled), detail)).collect();
    let undefined = comparison
        .metric(BUSINESS_VALUE)
        .filter(|metric| comparison.plan.value.is_some() && !found.scaled.iter().any(|one| one.metric == metric.name));
    let undefined = undefined.map(|metric| outcome(comparison, metric, None, detail));
    BusinessModel {
        finding: finding::finding(comparison, found, detail),
        interval_title: format!("{} % interval", confidence(comparison.plan.level)),
        outcomes: undefined.into_iter().chain(lines).collect(),
        scaled: found.scaled.iter().map(|scaled| scaled_line(comparison, scaled)).collect(),
        assumption: assumption(comparison, found),
        adjusted: detail.map_or_else(Vec::new, |detail| adjusted(comparison, detail)),
        no_adjusted: NO_COVARIATE.to_owned(),
        kinds: kinds(comparison, found),
        kinds_of: if detail.is_some() {
            "rows, and value of 1,000 rows of the arm"
        } else {
            "rows, and their value in all"
        },
        curve: curve(comparison, found),
        no_curve: if comparison.plan.value.is_some() { NO_CURVE } else { SAY }.to_owned(),
        split: detail.is_some(),
        ..BusinessModel::default()
    }
}

fn editor(sheet: &Sheet<'_>) -> Result<EditorModel, &'static str> {
    let (log, plan) = (sheet.log, &sheet.comparison.plan);
    if !matches!(log.task, Task::Binary | Task::Multiclass | Task::Regression) {
        return Err(NO_VALUES);
    }
    let scope = Scope::of(log);
    let there = |wanted: &str| scope.names().any(|(name, _)| name == wanted);
    if !there("prediction") || !there("label") {
        return Err(NO_ANSWERS);
    }
    let roles = ["score", "prediction", "label", "latency"];
    let number = |(name, kind): (&str, Kind)| (kind == Kind::Number && !roles.contains(&name)).then(|| name.to_owned());
    Ok(EditorModel {
        task: log.task,
        value: plan.value.clone().unwrap_or_else(|| ValueModel::of_costs(plan.costs)),
        said: plan.value.is_some(),
        fixed: sheet.policy.value.is_some(),
        columns: scope.names().filter_map(number).collect(),
        classes: classes(log, sheet.comparison),
    })
}

fn classes(log: &Log, comparison: &Comparison) -> Vec<String> {
    match &log.content {
        Content::Coded(coded) => coded.names.clone(),
        _ => comparison.population.class_words().to_vec(),
    }
}

/// Title of a metric with the unit of its values.
fn title(comparison: &Comparison, name: &str, unit: Unit) -> String {
    let shown = if name == BUSINESS_VALUE { "Business value" } else { catalog::title(name) };
    match catalog::unit_word(&comparison.plan, name, unit, false) {
        "" => shown.to_owned(),
        unit => format!("{shown}, {unit}"),
    }
}

fn outcome(
    comparison: &Comparison,
    metric: &MetricResult,
    scaled: Option<&Scaled>,
    detail: Option<&SplitDetail>,
) -> OutcomeLine {
    let difference = metric.difference.as_ref();
    let ends = difference.and_then(|found| found.lo.zip(found.hi));
    let own = metric.arms.champion.as_ref().or(metric.arms.challenger.as_ref());
    let value = difference.map(|found| found.value).or(own.map(|arm| arm.value)).unwrap_or(0.0);
    let ends_of = |arm: &Estimate| arm.lo.zip(arm.hi);
    let digits = Digits::of_difference(metric.unit, value, ends.or(own.and_then(ends_of)), own.map(|arm| arm.value));
    let arm = |arm: Option<&Estimate>| match arm {
        None => [UNDEFINED.to_owned(), String::new()],
        Some(arm) => {
            let interval = ends_of(arm).map_or_else(String::new, |(lo, hi)| digits.interval(lo, hi));
            [digits.value(arm.value), interval]
        }
    };
    let [champion, champion_interval] = arm(metric.arms.champion.as_ref());
    let [challenger, challenger_interval] = arm(metric.arms.challenger.as_ref());
    let lift = detail.and_then(|detail| detail.lifts.iter().find(|lift| lift.metric == metric.name));
    let percent = |value: f64, decimals: usize| format!("{} %", signed(value * 100.0, decimals));
    let of_lift = lift.map(|lift| match (lift.value, lift.lo.zip(lift.hi)) {
        (Some(value), Some((lo, hi))) => {
            let decimals = decimals_for((hi - lo) * 50.0).unwrap_or(2);
            let ends = format!("[{}, {}]", signed(lo * 100.0, decimals), signed(hi * 100.0, decimals));
            [percent(value, decimals), ends]
        }
        _ => [UNDEFINED.to_owned(), String::new()],
    });
    let no_lift = lift.and_then(|lift| lift.undefined.clone());
    let how = lift.map_or_else(String::new, |lift| lift.method.clone());
    let [lift, lift_interval] = of_lift.unwrap_or_else(|| [UNDEFINED.to_owned(), String::new()]);
    let n = difference.map_or(metric.rows, |found| found.n);
    OutcomeLine {
        metric: metric.name.clone(),
        title: title(comparison, &metric.name, metric.unit),
        champion,
        champion_interval,
        challenger,
        challenger_interval,
        difference: difference.map_or_else(|| UNDEFINED.to_owned(), |found| digits.signed(found.value)),
        interval: ends.map_or_else(|| UNDEFINED.to_owned(), |(lo, hi)| digits.signed_interval(lo, hi)),
        lift,
        lift_interval,
        no_lift,
        chance: scaled.and_then(|scaled| scaled.chance_better).map_or_else(|| UNDEFINED.to_owned(), chance),
        rows: count(n),
        undefined: metric.undefined.clone(),
        hover: difference.map_or_else(String::new, |found| {
            let relative = if how.is_empty() { String::new() } else { format!("Relative: {how}, one look\n") };
            format!(
                "Difference: {}, n {}\n{relative}Chance: from the difference and its standard error by t, flat prior",
                found.method,
                count(found.n)
            )
        }),
    }
}

/// `97.3 %`; never 0 or 100.
fn chance(value: f64) -> String {
    match value {
        value if value > 0.9995 => "> 99.9 %".to_owned(),
        value if value < 0.0005 => "< 0.1 %".to_owned(),
        value => share(value, 1),
    }
}

/// Value and interval of money or counts, to the digits the interval supports.
fn ends(found: &Ends) -> [String; 2] {
    match found.lo.zip(found.hi) {
        Some((lo, hi)) => {
            let half = (hi - lo) / 2.0;
            // Whole numbers of some digits are rounded, too: 1,234,567 ± 54,321 says 1,235,000.
            let round = |value: f64| {
                let power = half.abs().log10().floor();
                let step = 10f64.powf(power - 1.0);
                if half.is_finite() && half > 0.0 && power > 1.0 { (value / step).round() * step } else { value }
            };
            let decimals = decimals_for(half).unwrap_or(2);
            let show = |value: f64| signed(round(value), decimals);
            [show(found.value), format!("[{}, {}]", show(lo), show(hi))]
        }
        None => {
            let value = round_significant(found.value, 3);
            [signed(value, decimals_for_significant(value, 3)), String::new()]
        }
    }
}

fn scaled_line(comparison: &Comparison, scaled: &Scaled) -> ScaledLine {
    let unit = comparison.metric(&scaled.metric).map_or(Unit::Number, |metric| metric.unit);
    let none = || [UNDEFINED.to_owned(), String::new()];
    let shown = |found: &Option<Ends>| found.as_ref().map_or_else(none, ends);
    // Of a share what is counted is events.
    let shown_unit = if unit == Unit::Share { Unit::Number } else { unit };
    ScaledLine {
        metric: scaled.metric.clone(),
        title: title(comparison, &scaled.metric, shown_unit),
        per_thousand: ends(&scaled.per_thousand),
        per_day: shown(&scaled.per_day),
        per_year: shown(&scaled.per_year),
    }
}

/// `If the challenger answered all requests rather than none, at the pace of the run: 719 requests a day …`
fn assumption(comparison: &Comparison, found: &Business) -> String {
    let said = comparison.plan.value.as_ref().and_then(|value| value.requests_per_year);
    let pace = match (&found.traffic, said) {
        (_, Some(year)) => format!("at {} requests a year, as said", number(year)),
        (Some(traffic), None) => {
            let units = traffic.units.map(|units| {
                let column = comparison.plan.unit.as_deref().unwrap_or("unit");
                format!(" of {} {column}", count(units))
            });
            format!(
                "at the pace of the run, {} requests{} in {} days",
                count(traffic.requests),
                units.unwrap_or_default(),
                number(traffic.days)
            )
        }
        (None, None) => {
            return "Per day and per year need the times of the requests (role ts) or requests_per_year.".to_owned();
        }
    };
    format!(
        "Difference if the challenger answered all requests rather than the champion, {pace}; seasons, and what changes once everybody gets it, are not in it."
    )
}

fn number(value: f64) -> String {
    plain(round_significant(value, 3))
}

fn adjusted(comparison: &Comparison, detail: &SplitDetail) -> Vec<AdjustedLine> {
    let line = |one: &crate::compare::Adjusted| {
        let unit = comparison.metric(&one.metric).map_or(Unit::Number, |metric| metric.unit);
        let shown = |difference: &crate::compare::Difference| {
            let ends = difference.lo.zip(difference.hi);
            let digits = Digits::of(unit, difference.value, ends);
            [digits.signed(difference.value), ends.map_or_else(String::new, |(lo, hi)| digits.signed_interval(lo, hi))]
        };
        let plain = comparison.metric(&one.metric).and_then(|metric| metric.difference.as_ref());
        AdjustedLine {
            title: title(comparison, &one.metric, unit),
            covariate: one.covariate.clone(),
            plain: plain.map_or_else(|| [UNDEFINED.to_owned(), String::new()], shown),
            adjusted: shown(&one.difference),
            taken: share(one.variance_reduction, 1),
            n: count(one.difference.n),
        }
    };
    detail.adjusted.iter().map(line).collect()
}

fn money(value: f64) -> String {
    let value = round_significant(value, 6);
    plain(value)
}

fn kinds(comparison: &Comparison, found: &Business) -> Vec<KindLine> {
    let words = comparison.population.class_words();
    // Arms of a split run are of different sizes.
    let all = |arm: fn(&ValueCell) -> Option<u64>| found.cells.iter().map(arm).sum::<Option<u64>>();
    let sizes = [all(|cell| cell.rows.champion), all(|cell| cell.rows.challenger)];
    let per = |arm: usize, value: f64| match (comparison.plan.split.is_some(), sizes[arm]) {
        (true, Some(rows)) if rows > 0 => value * 1_000.0 / rows as f64,
        _ => value,
    };
    let line = |cell: &ValueCell| {
        let name = match cell.name.as_str() {
            "true_positive" => format!("{} flagged", words[1]),
            "false_positive" => format!("{} flagged", words[0]),
            "false_negative" => format!("{} passed", words[1]),
            "true_negative" => format!("{} passed", words[0]),
            "too_high" => "predicted too high".to_owned(),
            "too_low" => "predicted too low".to_owned(),
            other => other.to_owned(),
        };
        let rows = [cell.rows.champion, cell.rows.challenger];
        let value = [cell.value.champion.map(|value| per(0, value)), cell.value.challenger.map(|value| per(1, value))];
        let dash = || UNDEFINED.to_owned();
        KindLine {
            name,
            rows: rows.map(|rows| rows.map_or_else(dash, count)),
            value: value.map(|value| value.map_or_else(dash, money)),
            difference: match value {
                [Some(a), Some(b)] => {
                    let difference = round_significant(b - a, 6);
                    if difference > 0.0 { format!("+{}", plain(difference)) } else { plain(difference) }
                }
                _ => dash(),
            },
        }
    };
    let mut lines: Vec<KindLine> = found.cells.iter().map(line).collect();
    if !found.cells.is_empty() {
        let sum = |arm: fn(&ValueCell) -> Option<f64>| found.cells.iter().map(arm).sum::<Option<f64>>();
        let (a, b) = (sum(|cell| cell.value.champion), sum(|cell| cell.value.challenger));
        let all = ValueCell {
            name: "all".to_owned(),
            rows: PerArm { champion: sizes[0], challenger: sizes[1] },
            value: PerArm { champion: a, challenger: b },
        };
        lines.push(line(&all));
    }
    lines
}

fn curve(comparison: &Comparison, found: &Business) -> Option<ValuePlot> {
    let curve = found.curve.as_ref()?;
    let unit = comparison.plan.value.as_ref().map(|value| value.unit.as_str()).unwrap_or_default();
    let points = curve.thresholds.iter().zip(curve.champion.iter().zip(&curve.challenger));
    let rounded = |value: f64| plain(round_significant(value, 3));
    // Above the last threshold but one there is no score.
    let scored = curve.thresholds.iter().rev().nth(1).copied().unwrap_or(f64::INFINITY);
    let best = |[threshold, value]: [f64; 2]| match threshold > scored {
        true => format!("where it flags nobody ({})", rounded(value)),
        false => format!("at {} ({})", rounded(threshold), rounded(value)),
    };
    let [a, b] = curve.best.map(best);
    let notes = vec![
        format!("Most value: champion {a}, challenger {b}; read off these rows, so on the bright side."),
        "Difference: both models at the same threshold; band: pointwise interval.".to_owned(),
    ];
    Some(ValuePlot {
        points: points.map(|(threshold, (a, b))| [*threshold, *a, *b]).collect(),
        difference: curve
            .thresholds
            .iter()
            .zip(&curve.difference)
            .map(|(at, [value, lo, hi])| [*at, *value, *lo, *hi])
            .collect(),
        thresholds: comparison.plan.thresholds.map(|threshold| threshold.value),
        best: curve.best,
        axis: if unit.is_empty() { "value of a row".to_owned() } else { format!("value of a row, {unit}") },
        notes,
    })
}
