//! What came of the requests, by arm: values, differences, lifts, adjusted differences, stages.

use super::Rows;
use super::figure::{Figure, Method};
use super::ratio::tested;
use super::tally::Tally;
use crate::compare::detail::{Adjusted, Lift, SplitDetail, Stage, StageOutcome};
use crate::compare::engine::span::Span;
use crate::compare::engine::words::percent;
use crate::compare::plan::SplitDesign;
use crate::compare::result::{Better, Difference, MetricResult, PerArm, Unit};
use crate::log::{FeatureValues, Measure, is_not_logged};
use crate::metrics::registry;
use crate::stats::cuped::cuped;
use crate::stats::mantel_haenszel;
use crate::stats::sample_ratio::ALPHA_FIXED;

/// Words in the name of an outcome of which less is better.
const LESS: [&str; 26] = [
    "abandoned",
    "bounce",
    "bounced",
    "cancelled",
    "churn",
    "churned",
    "complaint",
    "complaints",
    "cost",
    "costs",
    "crash",
    "crashed",
    "error",
    "errors",
    "failed",
    "failure",
    "failures",
    "latency",
    "missing",
    "refund",
    "refunded",
    "returned",
    "timeout",
    "timeouts",
    "unsubscribe",
    "unsubscribed",
];

/// Metric of requests that an arm did not answer.
pub(super) const MISSING_RATE: &str = "missing_rate";

/// Ending of the metric of a unit's sum.
const PER_UNIT: &str = "_per_unit";

/// Name of an outcome as a metric: its column, unless a metric is called so.
pub(in crate::compare::engine) fn name(outcome: &Measure) -> String {
    match registry::find(&outcome.name) {
        // Columns of these roles are the metric itself.
        Some(metric) if registry::SERVED.contains(metric) && metric.name != "throughput" => outcome.name.clone(),
        Some(_) => format!("outcome:{}", outcome.name),
        None => outcome.name.clone(),
    }
}

/// What the policy says of the metric, else the words of its name.
pub(super) fn better(name: &str, design: &SplitDesign) -> Better {
    if let Some(better) = design.better.get(name).or_else(|| design.better.get(name.strip_suffix(PER_UNIT)?)) {
        return *better;
    }
    let words = name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
    if words.into_iter().any(|word| LESS.contains(&word.as_str())) { Better::Lower } else { Better::Higher }
}

/// Sums of each arm's column.
pub(super) fn tallies(rows: &Rows<'_>, values: [&[f64]; 2]) -> [Tally; 2] {
    let mut tallies = rows.tallies();
    for (arm, tally) in tallies.iter_mut().enumerate() {
        let units = rows.units[arm].as_ref();
        for (at, &row) in rows.rows[arm].iter().enumerate() {
            let value = values[arm][row as usize];
            if value.is_finite() {
                tally.add(units.map_or(u32::MAX, |units| units.codes[at]), rows.stratum(row), value);
            }
        }
    }
    tallies
}

/// Metrics of all outcomes; `detail` takes what has no place in a metric.
pub(super) fn measure(
    rows: &Rows<'_>,
    method: &Method,
    design: &SplitDesign,
    slice: Option<&str>,
    mut detail: Option<&mut SplitDetail>,
) -> Vec<MetricResult> {
    let mut found = Vec::new();
    for outcome in &rows.split.outcomes {
        let tallies = tallies(rows, [&outcome.values; 2]);
        let name = name(outcome);
        let (mut figure, unit) = if outcome.two_valued {
            (method.shares(&tallies), Unit::Share)
        } else {
            (method.means(&tallies), registry::find(&name).map_or(Unit::Number, |metric| metric.unit))
        };
        let uneven = without(rows, outcome).reason();
        let uneven = uneven.map(|reason| format!("{reason}; where nothing came of a request, log 0"));
        if let Some(reason) = &uneven {
            figure = figure.of_uneven(reason);
        }
        let events = outcome.two_valued.then(|| tallies.each_ref().map(|tally| tally.sum.round() as u64));
        let seen = tallies.iter().map(|tally| tally.rows).sum();
        if let Some(detail) = &mut detail {
            lift(detail, &name, &figure);
            // The arm of a unit changes as a rollout grows, so that its sum is of no one arm's doing.
            if rows.by.is_none() && uneven.is_none() {
                adjusted(rows, method, outcome, &name, &tallies, detail);
            }
        }
        let direction = better(&name, design);
        found.push(result(name.clone(), unit, direction, figure, slice, (seen, events)));
        if rows.by.is_none() && tallies.iter().any(Tally::clustered) && registry::find(&name).is_none() {
            let of_units = format!("{name}{PER_UNIT}");
            let direction = better(&of_units, design);
            let mut figure = method.sums(&tallies);
            // A unit's sum counts what is missing as nothing.
            if let Some(reason) = &uneven {
                figure = figure.of_uneven(reason);
            }
            if let Some(detail) = &mut detail {
                lift(detail, &of_units, &figure);
            }
            found.push(result(of_units, Unit::Number, direction, figure, slice, (seen, None)));
        }
    }
    if let Some(missing) = missing(rows, method, slice) {
        found.push(missing);
    }
    found
}

pub(super) fn result(
    name: String,
    unit: Unit,
    better: Better,
    figure: Figure,
    slice: Option<&str>,
    (rows, events): (u64, Option<[u64; 2]>),
) -> MetricResult {
    MetricResult {
        name,
        slice: slice.map(str::to_owned),
        unit,
        better,
        arms: figure.arms,
        difference: figure.difference,
        rows,
        positives: events.map(|[a, b]| a + b),
        arm_positives: events,
        undefined: figure.undefined,
    }
}

fn lift(detail: &mut SplitDetail, metric: &str, figure: &Figure) {
    if let Some(lift) = &figure.lift {
        detail.lifts.push(Lift { metric: metric.to_owned(), ..lift.clone() });
    }
}

/// The covariate of an outcome: the one whose name holds the outcome's, else the only one.
fn covariate<'a>(rows: &Rows<'a>, outcome: &Measure) -> Option<&'a Measure> {
    let all = &rows.split.covariates;
    let named = all.iter().find(|one| one.name.to_lowercase().ends_with(&outcome.name.to_lowercase()));
    named.or_else(|| all.first().filter(|_| all.len() == 1))
}

/// The difference of unit sums (or rows) without the part that was foretold before the run.
fn adjusted(
    rows: &Rows<'_>,
    method: &Method,
    outcome: &Measure,
    name: &str,
    tallies: &[Tally; 2],
    detail: &mut SplitDetail,
) {
    let Some(before) = covariate(rows, outcome) else {
        return;
    };
    let clustered = tallies.iter().any(Tally::clustered);
    let pairs = if clustered {
        let known = self::tallies(rows, [&before.values; 2]);
        [0, 1].map(|arm: usize| tallies[arm].beside(&known[arm]))
    } else {
        rows.rows.map(|rows| {
            let mut pairs = crate::stats::Cov2::default();
            let of = rows.iter().map(|&row| (outcome.values[row as usize], before.values[row as usize]));
            of.filter(|(y, x)| y.is_finite() && x.is_finite()).for_each(|(y, x)| pairs.add(y, x));
            pairs
        })
    };
    let Ok(found) = cuped(&pairs[1], &pairs[0], method.level) else {
        return;
    };
    let difference = found.difference;
    detail.adjusted.push(Adjusted {
        metric: if clustered { format!("{name}{PER_UNIT}") } else { name.to_owned() },
        covariate: before.name.clone(),
        arms: PerArm { champion: Some(found.b), challenger: Some(found.a) },
        difference: Difference {
            value: difference.value,
            lo: Some(difference.interval.lo),
            hi: Some(difference.interval.hi),
            level: method.level,
            method: "CUPED, Welch, one look".to_owned(),
            p: difference.p,
            se: Some(difference.se),
            n: difference.units,
        },
        variance_reduction: found.variance_reduction,
    });
}

/// Share of the rows on which the arm gave no answer that can be used, where answers are logged.
fn missing(rows: &Rows<'_>, method: &Method, slice: Option<&str>) -> Option<MetricResult> {
    let values = unanswered(rows)?;
    let tallies = tallies(rows, [&values; 2]);
    let metric = registry::find(MISSING_RATE)?;
    let seen = tallies.iter().map(|tally| tally.rows).sum();
    let events = tallies.each_ref().map(|tally| tally.sum.round() as u64);
    let figure = method.shares(&tallies);
    Some(result(metric.name.to_owned(), metric.unit, metric.better, figure, slice, (seen, Some(events))))
}

/// 1 where the arm of a row gave no usable answer; `None` where no answers are logged.
pub(super) fn unanswered(rows: &Rows<'_>) -> Option<Vec<f64>> {
    let arms = &rows.log.arms;
    if arms.iter().any(|arm| arm.scores.is_none() && arm.predictions.is_none()) {
        return None;
    }
    let lacks = |(row, &arm): (usize, &u8)| match (&arms[usize::from(arm)].scores, &arms[usize::from(arm)].predictions)
    {
        (Some(scores), _) => !scores[row].is_finite(),
        (None, Some(decisions)) => decisions[row] > 1,
        (None, None) => true,
    };
    Some(rows.split.arms.iter().enumerate().map(|of| f64::from(u8::from(lacks(of)))).collect())
}

/// Share of the units of the pair that the challenger was to get in a stage: as planned, else as a column of the log says.
fn planned_share(
    rows: &Rows<'_>,
    (design, rivals): (&SplitDesign, usize),
    stage: &str,
    of_stage: &[&[u32]; 2],
) -> Option<f64> {
    if let Some(share) = design.stage_shares.get(stage) {
        return Some(*share);
    }
    const NAMES: [&str; 6] =
        ["traffic_pct", "traffic_percent", "traffic_share", "traffic", "canary_weight", "canary_pct"];
    let feature = rows.log.features.iter().find(|feature| NAMES.contains(&feature.name.to_lowercase().as_str()));
    let value = |row: u32| match &feature?.values {
        FeatureValues::Numeric(values) => Some(values[row as usize]),
        FeatureValues::Coded(codes) => codes.get(row as usize)?.trim().trim_end_matches('%').parse().ok(),
    };
    let mut values = of_stage.iter().flat_map(|rows| rows.iter()).filter_map(|&row| value(row));
    let first: f64 = values.next()?;
    let named = feature.is_some_and(|feature| feature.name.to_lowercase().ends_with("share"));
    let share = if named { first } else { first / 100.0 };
    let told = values.all(|other| other == first) && share > 0.0 && share < 1.0;
    told.then(|| super::of_pair(share, rivals)).or(design.challenger_share)
}

/// Stages of a rollout, each by itself.
pub(super) fn stages(
    rows: &Rows<'_>,
    method: &Method,
    (design, rivals): (&SplitDesign, usize),
    detail: &mut SplitDetail,
) {
    let Some((_, codes)) = &rows.split.stages else {
        return;
    };
    let run = rows.log.times.as_ref().and_then(|times| Span::of(times.clone()));
    for (code, stage) in codes.names.iter().enumerate() {
        let of_stage = rows.rows.map(|rows| -> Vec<u32> {
            rows.iter().copied().filter(|&row| codes.code(row as usize) == Some(code as u32)).collect()
        });
        let of_stage = [&of_stage[0][..], &of_stage[1][..]];
        if of_stage.iter().all(|rows| rows.is_empty()) {
            continue;
        }
        let within = Rows::of(rows.log, rows.split, of_stage);
        let planned = planned_share(rows, (design, rivals), stage, &of_stage);
        let units = within.unit_counts();
        let ratio = planned.and_then(|share| tested(&units, share, design.looks.unwrap_or_default()).ok());
        let once = Method { at_any_look: false, ..*method };
        let outcomes = measure(&within, &once, design, None, None);
        let outcome = |metric: MetricResult| StageOutcome {
            metric: metric.name,
            arms: PerArm {
                champion: metric.arms.champion.map(|arm| arm.value),
                challenger: metric.arms.challenger.map(|arm| arm.value),
            },
            difference: metric.difference.and_then(|found| Some([found.value, found.lo?, found.hi?])),
        };
        let times = rows.log.times.as_ref();
        let of_rows = of_stage.iter().flat_map(|rows| rows.iter());
        let span = times.and_then(|times| {
            let known = of_rows.map(|&row| times[row as usize]).filter(|time| run.is_some_and(|run| run.holds(*time)));
            known.fold(None, |span: Option<[i64; 2]>, time| {
                Some(span.map_or([time, time], |[first, last]| [first.min(time), last.max(time)]))
            })
        });
        detail.stages.push(Stage {
            name: stage.clone(),
            span,
            rows: of_stage.map(|rows| rows.len() as u64),
            units,
            planned_share: planned,
            sample_ratio_p: ratio.map(|found| found.p),
            outcomes: outcomes.into_iter().map(outcome).collect(),
        });
    }
    let first = |stage: &Stage| stage.span.map_or(i64::MAX, |[first, _]| first);
    detail.stages.sort_by(|a, b| first(a).cmp(&first(b)).then_with(|| a.name.cmp(&b.name)));
}

/// Difference of the shares that the arms lack, from which, if it is no chance, what is left of them is not alike.
const UNEVEN: f64 = 0.01;

/// What the arms lack of something.
pub(super) struct Lacking {
    /// Rows of each arm, and those that lack it.
    pub of: [[u64; 2]; 2],
    /// Whether one arm lacks more of it, within strata where differences are taken so, and more than chance makes it.
    pub uneven: bool,
}

/// Count the rows of both arms that lack something.
pub(super) fn lacking(rows: &Rows<'_>, lacks: impl Fn(u32) -> bool) -> Lacking {
    let mut strata = vec![[[0; 2]; 2]; rows.by.as_ref().map_or(1, super::strata::By::count)];
    for (arm, of_arm) in rows.rows.iter().enumerate() {
        for &row in *of_arm {
            let [seen, lacking] = &mut strata[rows.stratum(row)][arm];
            *seen += 1;
            *lacking += u64::from(lacks(row));
        }
    }
    let of = [0, 1].map(|arm: usize| {
        strata.iter().fold([0, 0], |sum, stratum| [sum[0] + stratum[arm][0], sum[1] + stratum[arm][1]])
    });
    let found = mantel_haenszel::difference(strata);
    Lacking { of, uneven: found.is_some_and(|found| found.difference.abs() > UNEVEN && found.p < ALPHA_FIXED) }
}

/// Rows without a value of the outcome.
pub(super) fn without(rows: &Rows<'_>, outcome: &Measure) -> Lacking {
    lacking(rows, |row| is_not_logged(outcome.values[row as usize]))
}

impl Lacking {
    /// Why rows with a value are not compared where one arm has fewer of them.
    pub fn reason(&self) -> Option<String> {
        let [a, b] = self.of.map(|[rows, lacking]| percent(lacking as f64 / rows.max(1) as f64));
        self.uneven.then(|| {
            format!(
                "no value on {a} of the champion's rows and {b} of the challenger's, so that what is left is not alike"
            )
        })
    }
}
