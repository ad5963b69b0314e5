//! The scorecard: gated metrics in multiples of their margins, the others in per cent of the champion's value.

use super::super::format::{Digits, UNDEFINED, confidence, count, plain};
use super::super::operations::is_operational;
use super::super::{Sheet, Sign};
use super::slice_in_view;
use crate::compare::{Better, Comparison, Detail, Errors, MetricResult, NaiveScale, Plan, Unit};
use crate::decision::{GateResult, GateRole, Outcome, Quantity, Test, catalog};
use crate::log::Task;
use crate::metrics::registry;

/// Metrics of the population in view.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    pub task: Task,
    /// Each request was answered by one arm.
    pub split: bool,
    /// How it is sorted and what is shaded; of a slice, that no gate belongs to it.
    pub qualifier: String,
    /// `95 % interval`.
    pub interval_title: String,
    /// Failed, open, then the smallest clearance; empty while a slice is in view.
    pub gated: Vec<ScoreRow>,
    pub gated_axis: PlotAxis,
    pub ungated: Vec<ScoreRow>,
    pub ungated_title: String,
    pub ungated_axis: PlotAxis,
}

/// One metric.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreRow {
    /// Stable name of the metric.
    pub metric: String,
    pub sign: Option<Sign>,
    /// With the unit its numbers are in: `Recall, %`.
    pub title: String,
    /// `primary`, `lower is better`, `worst segment`.
    pub qualifier: String,
    pub champion: String,
    pub challenger: String,
    pub difference: String,
    pub interval: String,
    pub plot: Option<Plot>,
    /// `G2 not worse by 0.002`, `shown, no gate`; the reason where the row is undefined.
    pub gate: String,
    pub rows: String,
    /// Why numbers are missing.
    pub undefined: Option<String>,
    /// Formula, interval's method, n, source, reason of the gate.
    pub hover: String,
    /// Slice of the worst segment, index into the plan's slices.
    pub slice: Option<usize>,
    /// Defined for this comparison.
    pub own: bool,
}

/// An interval on an axis where right is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plot {
    pub value: f64,
    pub interval: Option<(f64, f64)>,
    pub shade_below: Option<f64>,
    pub shade_above: Option<f64>,
}

/// Axis of one group of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct PlotAxis {
    pub lo: f64,
    pub hi: f64,
    pub ticks: Vec<(f64, String)>,
    /// Stands after `better,`.
    pub unit: String,
}

impl PlotAxis {
    /// Multiples of a gate's margin, `lo` to `hi`.
    pub(super) fn margins(lo: i32, hi: i32) -> Self {
        Self {
            lo: f64::from(lo),
            hi: f64::from(hi),
            ticks: (lo..=hi).map(|tick| tick_at(f64::from(tick))).collect(),
            unit: "in multiples of the gate's margin".to_owned(),
        }
    }

    /// Per cent of the champion's value; 0 stands where it stands on the axis of margins.
    fn per_cent(rows: &[ScoreRow]) -> Self {
        const SCALES: [(f64, f64); 8] =
            [(0.1, 0.1), (0.2, 0.2), (0.5, 0.5), (1.0, 1.0), (2.0, 2.0), (4.0, 5.0), (10.0, 10.0), (20.0, 20.0)];
        let ends: Vec<(f64, f64)> = rows
            .iter()
            .filter_map(|row| row.plot)
            .map(|plot| plot.interval.unwrap_or((plot.value, plot.value)))
            .collect();
        let fits = |scale: f64| ends.iter().filter(|(lo, hi)| *lo > -2.0 * scale && *hi < 5.0 * scale).count();
        // Three rows in four are to be read off; what is further out is an arrow.
        let enough = (ends.len() * 3).div_ceil(4);
        let (scale, step) =
            SCALES.into_iter().find(|(scale, _)| fits(*scale) >= enough).unwrap_or(SCALES[SCALES.len() - 1]);
        let (first, last) = ((-2.0 * scale / step).ceil() as i32, (5.0 * scale / step).floor() as i32);
        Self {
            lo: -2.0 * scale,
            hi: 5.0 * scale,
            ticks: (first..=last).map(|tick| tick_at(f64::from(tick) * step)).collect(),
            unit: "% of the champion's value".to_owned(),
        }
    }
}

fn tick_at(value: f64) -> (f64, String) {
    let text = plain(value);
    (value, if value > 0.0 { format!("+{text}") } else { text })
}

/// Metrics of what serving took, in the order of the registry.
pub(in crate::present) fn operational(sheet: &Sheet<'_>) -> Scorecard {
    let card = of_metrics(sheet, is_operational);
    Scorecard { qualifier: "what serving took, worst first".to_owned(), ..card }
}

pub(in crate::present) fn scorecard(sheet: &Sheet<'_>) -> Scorecard {
    // Answers per second tell of the traffic rather than of the models; Operations shows them.
    of_metrics(sheet, |name| name != "throughput")
}

fn of_metrics(sheet: &Sheet<'_>, shows: impl Fn(&str) -> bool) -> Scorecard {
    let slice = slice_in_view(sheet.comparison);
    let mut gates: Vec<&GateResult> = if slice.is_none() { sheet.verdict.gates.iter().collect() } else { Vec::new() };
    gates.sort_by(|a, b| {
        let ((rank_a, clear_a), (rank_b, clear_b)) = (risk(a), risk(b));
        rank_a.cmp(&rank_b).then(clear_a.total_cmp(&clear_b))
    });
    gates.retain(|gate| shows(&gate.metric) || gate.metric == "throughput");
    let gated: Vec<ScoreRow> = gates.iter().map(|gate| gate_row(gate, sheet)).collect();
    let has_gate = |name: &str| gates.iter().any(|gate| gate.metric == name && !gate.by_segment);
    let mut ungated: Vec<ScoreRow> = sheet
        .comparison
        .metrics
        .iter()
        .filter(|metric| metric.slice.is_none() && !has_gate(&metric.name))
        .filter(|metric| shows(&metric.name))
        .map(|metric| metric_row(metric, sheet.comparison))
        .collect();
    let place = |row: &ScoreRow| match (row.plot, &row.undefined) {
        (Some(plot), _) => (0, plot.interval.map_or(plot.value, |(lo, _)| lo)),
        (None, None) => (1, 0.0),
        (None, Some(_)) => (2, 0.0),
    };
    ungated.sort_by(|a, b| {
        let ((rank_a, lo_a), (rank_b, lo_b)) = (place(a), place(b));
        rank_a.cmp(&rank_b).then(lo_a.total_cmp(&lo_b))
    });
    let (qualifier, ungated_title) = match slice {
        Some(slice) => (
            format!("metrics of {slice}; gates are judged on all analysed rows and are not shown here"),
            "Metrics of the slice".to_owned(),
        ),
        None if gated.is_empty() => ("worst first; the policy has no gate".to_owned(), "Not gated".to_owned()),
        None => (
            "sorted by risk: failed and open first, then the smallest clearance. Shaded: the interval must stay clear of it."
                .to_owned(),
            "Not gated".to_owned(),
        ),
    };
    Scorecard {
        task: sheet.comparison.plan.task,
        split: sheet.comparison.plan.split.is_some(),
        qualifier,
        interval_title: format!("{} % interval", confidence(sheet.comparison.plan.level)),
        gated,
        gated_axis: PlotAxis::margins(-2, 5),
        ungated_axis: PlotAxis::per_cent(&ungated),
        ungated_title,
        ungated,
    }
}

/// Order of risk: what the rules read before what they do not, then the smallest clearance in margins.
fn risk(gate: &GateResult) -> (u8, f64) {
    let rank = match (gate.reading.outcome, gate.binds()) {
        (Outcome::Fail, true) => 0,
        (Outcome::Inconclusive, true) => 1,
        (Outcome::NotEvaluable, true) => 2,
        (Outcome::Fail, false) => 3,
        (Outcome::Inconclusive, false) => 4,
        (Outcome::Pass, _) => 5,
        (Outcome::NotEvaluable, false) => 6,
    };
    let clearance = gate.plot().map_or(f64::NEG_INFINITY, |plot| {
        let below = plot.shade_below.map_or(f64::INFINITY, |edge| plot.lo - edge);
        let above = plot.shade_above.map_or(f64::INFINITY, |edge| edge - plot.hi);
        below.min(above)
    });
    (rank, clearance)
}

fn gate_row(gate: &GateResult, sheet: &Sheet<'_>) -> ScoreRow {
    let reading = &gate.reading;
    let worst = gate.segments.first();
    let metric = match worst {
        Some(worst) => sheet.comparison.metric_of(&gate.metric, &worst.slice),
        None => sheet.comparison.metric(&gate.metric),
    };
    // A bound is about one arm; the difference beside it is the metric's own.
    let difference = match reading.quantity {
        Quantity::ArmValue => metric.and_then(|metric| metric.difference.as_ref()).map(|difference| difference.value),
        _ => reading.raw.map(|raw| raw.value),
    };
    let numbers = reading.raw.map(|raw| (raw.value, Some((raw.lo, raw.hi))));
    let (value, ends) = numbers.unwrap_or((reading.arms.champion.or(reading.arms.challenger).unwrap_or(0.0), None));
    let digits = Digits::of(gate.unit, value, ends);
    let interval = match (ends, reading.quantity) {
        (Some((lo, hi)), Quantity::ArmValue) => digits.interval(lo, hi),
        (Some((lo, hi)), _) => digits.signed_interval(lo, hi),
        (None, _) => UNDEFINED.to_owned(),
    };
    let title = titled(&sheet.comparison.plan, &gate.metric, gate.unit);
    let title = match (gate.test, worst) {
        (_, Some(worst)) => format!("{title}, {}", worst.name),
        (Test::NotTooGood, None) => format!("{title}, not too good"),
        _ => title,
    };
    let value = |value: Option<f64>| value.map_or_else(|| UNDEFINED.to_owned(), |value| digits.value(value));
    let undefined = reading.raw.is_none().then(|| reading.reason.clone());
    let asked = format!("{} {}", gate.id, gate.requirement);
    let asked = if gate.role == GateRole::ReportOnly { format!("{asked}, report") } else { asked };
    ScoreRow {
        metric: gate.metric.clone(),
        sign: Some(reading.outcome.into()),
        title,
        qualifier: if worst.is_some() {
            "worst segment".to_owned()
        } else {
            qualifier(gate, sheet.comparison.plan.task)
        },
        champion: value(reading.arms.champion),
        challenger: value(reading.arms.challenger),
        difference: difference.map_or_else(|| UNDEFINED.to_owned(), |value| digits.signed(value)),
        interval,
        plot: gate.plot().map(|plot| Plot {
            value: plot.value,
            interval: Some((plot.lo, plot.hi)),
            shade_below: plot.shade_below,
            shade_above: plot.shade_above,
        }),
        gate: undefined.as_ref().map_or(asked.clone(), |reason| format!("{}: {}", gate.id, short(reason))),
        rows: count(reading.rows),
        undefined,
        hover: hover(sheet.comparison, &gate.metric, metric, &format!("{asked}: {}", reading.reason)),
        own: sheet.comparison.plan.custom(&gate.metric).is_some(),
        slice: worst.and_then(|worst| slice_index(sheet, &worst.slice)),
    }
}

pub(super) fn slice_index(sheet: &Sheet<'_>, slice: &str) -> Option<usize> {
    sheet.comparison.plan.slices.iter().position(|spec| spec.to_string() == slice)
}

fn metric_row(metric: &MetricResult, comparison: &Comparison) -> ScoreRow {
    let plan = &comparison.plan;
    let (champion, challenger) = (metric.arms.champion.as_ref(), metric.arms.challenger.as_ref());
    let difference = metric.difference.as_ref();
    let ends = difference.and_then(|difference| difference.lo.zip(difference.hi));
    let own = champion.or(challenger);
    // Of one model the interval is that of its value.
    let alone = if difference.is_none() && challenger.is_none() { own } else { None };
    let own_ends = alone.and_then(|arm| arm.lo.zip(arm.hi));
    let value = difference.map(|difference| difference.value).or(own.map(|arm| arm.value)).unwrap_or(0.0);
    let digits = Digits::of_difference(metric.unit, value, ends.or(own_ends), own.map(|arm| arm.value));
    let undefined = match (&metric.undefined, difference, alone) {
        (Some(reason), ..) => Some(reason.clone()),
        (None, None, None) => Some("no value on these rows".to_owned()),
        _ => None,
    };
    let interval = match (ends, own_ends) {
        (Some((lo, hi)), _) => digits.signed_interval(lo, hi),
        (None, Some((lo, hi))) => digits.interval(lo, hi),
        (None, None) => UNDEFINED.to_owned(),
    };
    let arm = |arm: Option<&crate::compare::Estimate>| {
        arm.map_or_else(|| UNDEFINED.to_owned(), |arm| digits.value(arm.value))
    };
    ScoreRow {
        metric: metric.name.clone(),
        sign: None,
        title: titled(plan, &metric.name, metric.unit),
        qualifier: direction(metric.better, true).to_owned(),
        champion: arm(champion),
        challenger: arm(challenger),
        difference: difference.map_or_else(|| UNDEFINED.to_owned(), |difference| digits.signed(difference.value)),
        interval,
        plot: relative(metric),
        gate: undefined.clone().unwrap_or_else(|| "shown, no gate".to_owned()),
        rows: count(metric.rows),
        hover: hover(comparison, &metric.name, Some(metric), undefined.as_deref().unwrap_or_default()),
        undefined,
        slice: None,
        own: plan.custom(&metric.name).is_some(),
    }
}

/// Difference in per cent of the champion's value, better to the right; metrics without such a direction have none.
fn relative(metric: &MetricResult) -> Option<Plot> {
    let sign = match metric.better {
        Better::Higher => 1.0,
        Better::Lower => -1.0,
        Better::One | Better::Zero | Better::Neither => return None,
    };
    let base = metric.arms.champion.as_ref()?.value.abs();
    let difference = metric.difference.as_ref()?;
    if base == 0.0 || !base.is_finite() {
        return None;
    }
    let place = |value: f64| sign * value / base * 100.0;
    let interval = difference.lo.zip(difference.hi).map(|(lo, hi)| {
        let (lo, hi) = (place(lo), place(hi));
        (lo.min(hi), lo.max(hi))
    });
    Some(Plot { value: place(difference.value), interval, shade_below: None, shade_above: None })
}

/// `Recall, %`.
pub(super) fn titled(plan: &Plan, name: &str, unit: Unit) -> String {
    let title = catalog::title(name);
    match catalog::unit_word(plan, name, unit, false) {
        "" => title.to_owned(),
        unit => format!("{title}, {unit}"),
    }
}

fn qualifier(gate: &GateResult, task: Task) -> String {
    let mut parts: Vec<&str> = Vec::new();
    if matches!(gate.role, GateRole::Primary | GateRole::Critical) {
        parts.push(gate.role.word());
    }
    match gate.test {
        Test::NotTooGood => parts.push("leakage alarm"),
        Test::Bound => parts.push("bound on one model"),
        _ => parts.push(direction(gate.better, false)),
    }
    if task == Task::Binary && registry::confusion_metric(&gate.metric, [1.0, 1.0]).is_some() {
        parts.push("at the thresholds");
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

fn direction(better: Better, short: bool) -> &'static str {
    match better {
        Better::Higher => "",
        Better::Lower if short => "lower",
        Better::Lower => "lower is better",
        Better::One => "target 1",
        Better::Zero => "target 0",
        Better::Neither if short => "no direction",
        Better::Neither => "target 0 change",
    }
}

/// `32,561 rows, 7,841 positive`; without the positives where the task has none.
pub(in crate::present) fn rows_and_positives(rows: u64, positives: Option<u64>) -> String {
    match positives {
        None => format!("{} rows", count(rows)),
        Some(positives) => format!("{} rows, {} positive", count(rows), count(positives)),
    }
}

fn short(reason: &str) -> &str {
    reason.strip_prefix("Not evaluable: ").unwrap_or(reason).trim_end_matches('.')
}

/// What the errors of MASE are divided by: the season m, and the n of the scale.
fn scale(comparison: &Comparison, name: &str) -> Option<String> {
    let Detail::Regression(Errors { scale: Some(scale), .. }) = &comparison.detail else {
        return None;
    };
    if name != "mase" {
        return None;
    }
    let NaiveScale { season, differences, series } = scale;
    let rows = if *season == 1 { "1, the row before".to_owned() } else { format!("{} rows a season", count(*season)) };
    let of = if *series == 1 { "1 series".to_owned() } else { format!("{} series", count(*series)) };
    Some(format!(
        "Scale: m = {rows}; n = {} differences in {of}. Rows per season are set in the mapping.",
        count(*differences)
    ))
}

fn hover(comparison: &Comparison, name: &str, metric: Option<&MetricResult>, last: &str) -> String {
    let plan = &comparison.plan;
    let mut lines: Vec<String> = Vec::new();
    if let Some(known) = registry::of_task(plan.task, name) {
        lines.push(known.explanation.to_owned());
        lines.push(format!("{} = {}", known.title, known.formula));
        lines.push(format!("Source: {}", known.source));
    }
    lines.extend(scale(comparison, name));
    if let Some(own) = plan.custom(name) {
        lines.push(format!("{name} = {}", own.formula()));
        lines.push("A metric of one's own.".to_owned());
    }
    if let Some(metric) = metric {
        let found = metric.difference.as_ref().map(|difference| (&difference.method, difference.n));
        let own = metric.arms.champion.as_ref().map(|arm| (&arm.method, arm.n));
        if let Some((method, n)) = found.or(own) {
            lines.push(format!("Interval: {method}, n {}", count(n)));
        }
        lines.push(rows_and_positives(metric.rows, metric.positives));
    }
    if !last.is_empty() {
        lines.push(last.to_owned());
    }
    lines.join("\n")
}
