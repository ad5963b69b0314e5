//! Operations: what serving took. Latency, failures, cost and answers per second of each arm.

use super::format::{Digits, plain, share};
use super::overview::{self, Scorecard};
use super::{Sentence, Sheet, Weight, timeline};
use crate::compare::{Comparison, OperationsSpan};
use crate::log::ArmRole;
use crate::metrics::registry;

/// What the Operations view shows.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationsModel {
    pub finding: Sentence,
    /// Operational metrics only.
    pub scorecard: Scorecard,
    pub latency: Option<LatencyModel>,
    pub no_latency: &'static str,
    /// Answers per second over time.
    pub rates: Option<CourseModel>,
    pub no_rates: &'static str,
    /// Share of requests that failed over time, per cent.
    pub failures: Option<CourseModel>,
    pub no_failures: &'static str,
    /// What could be shown if it were mapped, one sentence each.
    pub to_map: Vec<&'static str>,
}

/// Distribution of the latency on shared edges.
#[derive(Clone, Debug, PartialEq)]
pub struct LatencyModel {
    /// Milliseconds.
    pub edges: Vec<f64>,
    /// Per cent of the arm's lines per doubling of the latency, or per millisecond where the axis is linear: bins are not
    /// equally wide.
    pub arms: Vec<(ArmRole, Vec<f64>)>,
    pub top: f64,
    /// The values span so much that the axis is logarithmic.
    pub log: bool,
    pub quantiles: Vec<QuantileMark>,
}

/// A quantile of an arm, with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileMark {
    pub arm: ArmRole,
    /// `p95`.
    pub name: &'static str,
    pub value: f64,
    pub interval: Option<(f64, f64)>,
}

/// A figure of each arm over time; places are 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct CourseModel {
    pub ticks: Vec<(f64, String)>,
    pub axis: String,
    pub top: f64,
    pub lines: Vec<(ArmRole, Vec<(f64, f64)>)>,
}

const QUANTILES: [(&str, &str); 4] =
    [("latency_p50", "p50"), ("latency_p90", "p90"), ("latency_p95", "p95"), ("latency_p99", "p99")];
const NO_LATENCY: &str = "No latency is mapped. Give the column of milliseconds per request the role latency_ms under \
                          Change mapping.";
const NO_TIMES: &str = "The log has no times. Give the column of the requests' times the role ts under Change mapping.";
const NO_ERROR: &str = "Failures are not mapped. Give the column that says whether a request failed (yes or no, an HTTP \
                        status, the text of an error) the role error under Change mapping.";
const NO_COST: &str = "Costs are not mapped. Give the column of money per request the role cost under Change mapping.";
const NO_FAILURES_OVER_TIME: &str = "No request failed.";

/// Whether a metric tells what serving took rather than how good the answers are.
pub fn is_operational(name: &str) -> bool {
    const WORDS: [&str; 13] = [
        "error",
        "errors",
        "failed",
        "failure",
        "failures",
        "timeout",
        "timeouts",
        "crash",
        "crashed",
        "cost",
        "costs",
        "latency",
        "throughput",
    ];
    if registry::find(name).is_some() {
        let served = registry::SERVED.iter().chain(&registry::SPLIT).any(|metric| metric.name == name);
        return served || name.starts_with("latency_");
    }
    name.split(|letter: char| !letter.is_alphanumeric()).any(|word| WORDS.contains(&word.to_lowercase().as_str()))
}

/// The model.
pub fn operations(sheet: &Sheet<'_>) -> OperationsModel {
    let comparison = sheet.comparison;
    let has = |wanted: &[&str]| {
        comparison.metrics.iter().any(|metric| {
            let name = metric.name.to_lowercase();
            is_operational(&name) && wanted.iter().any(|word| name.contains(word))
        })
    };
    let errors = has(&["error", "fail", "crash", "timeout"]);
    let latency = latency(comparison);
    let timed = comparison.operations.as_ref().and_then(|drawn| drawn.span_secs);
    let mut to_map = Vec::new();
    if latency.is_none() {
        to_map.push(NO_LATENCY);
    }
    if !errors {
        to_map.push(NO_ERROR);
    }
    if !has(&["cost"]) {
        to_map.push(NO_COST);
    }
    if timed.is_none() {
        to_map.push(NO_TIMES);
    }
    OperationsModel {
        finding: finding(comparison),
        scorecard: overview::operational(sheet),
        latency,
        no_latency: NO_LATENCY,
        rates: rates(comparison),
        no_rates: NO_TIMES,
        failures: failures(comparison),
        no_failures: match (errors, timed) {
            (false, _) => NO_ERROR,
            (true, None) => NO_TIMES,
            (true, Some(_)) => NO_FAILURES_OVER_TIME,
        },
        to_map,
    }
}

const ARMS: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

/// How the latency of both arms is distributed; `None` where none is mapped.
pub fn latency(comparison: &Comparison) -> Option<LatencyModel> {
    let drawn = comparison.operations.as_ref()?;
    let (first, last) = (*drawn.latency_edges.first()?, *drawn.latency_edges.last()?);
    let log = first > 0.0 && last / first > 8.0;
    let of = |counts: &Vec<u64>| {
        let all = counts.iter().sum::<u64>().max(1) as f64;
        let bins = counts.iter().zip(drawn.latency_edges.windows(2));
        bins.map(|(count, ends)| {
            let width = if log { (ends[1] / ends[0]).log2() } else { ends[1] - ends[0] };
            *count as f64 / all * 100.0 / width
        })
        .collect::<Vec<f64>>()
    };
    let counts = [&drawn.latency.champion, &drawn.latency.challenger];
    let arms: Vec<(ArmRole, Vec<f64>)> =
        ARMS.into_iter().zip(counts).filter_map(|(arm, counts)| Some((arm, of(counts.as_ref()?)))).collect();
    let quantiles = QUANTILES.into_iter().flat_map(|(metric, name)| {
        let found = comparison.metric(metric);
        let of = |arm: ArmRole| {
            let arms = &found?.arms;
            let one = if arm == ArmRole::Champion { arms.champion.as_ref() } else { arms.challenger.as_ref() }?;
            Some(QuantileMark { arm, name, value: one.value, interval: one.lo.zip(one.hi) })
        };
        ARMS.map(of)
    });
    Some(LatencyModel {
        top: arms.iter().flat_map(|(_, shares)| shares).copied().fold(0.0, f64::max),
        log,
        quantiles: quantiles.flatten().collect(),
        edges: drawn.latency_edges.clone(),
        arms,
    })
}

/// Answers per second over time; `None` where the log has no times.
pub fn rates(comparison: &Comparison) -> Option<CourseModel> {
    course(comparison, "answers per second", |span, arm, secs| Some(span.answered[arm] as f64 / secs))
}

/// Per cent of requests that failed over time; `None` where none did, or the log has no times.
pub fn failures(comparison: &Comparison) -> Option<CourseModel> {
    let spans = &comparison.operations.as_ref()?.spans;
    spans.iter().find(|span| span.failed != [0, 0])?;
    course(comparison, "failed requests, %", |span, arm, _| {
        (span.requests[arm] > 0).then(|| span.failed[arm] as f64 / span.requests[arm] as f64 * 100.0)
    })
}

fn course(
    comparison: &Comparison,
    axis: &str,
    value: impl Fn(&OperationsSpan, usize, f64) -> Option<f64>,
) -> Option<CourseModel> {
    let drawn = comparison.operations.as_ref()?;
    let secs = drawn.span_secs?;
    let (first, last) = (drawn.spans.first()?.start, drawn.spans.last()?.start + (secs * 1e6) as i64);
    let count = drawn.spans.len() as f64;
    let arms = if comparison.plan.challenger.is_some() { 2 } else { 1 };
    let line = |arm: usize| -> Vec<(f64, f64)> {
        let points = drawn.spans.iter().enumerate();
        points.filter_map(|(at, span)| Some(((at as f64 + 0.5) / count, value(span, arm, secs)?))).collect()
    };
    let lines: Vec<(ArmRole, Vec<(f64, f64)>)> =
        ARMS.into_iter().enumerate().take(arms).map(|(at, arm)| (arm, line(at))).collect();
    let top = lines.iter().flat_map(|(_, line)| line).map(|(_, value)| *value).fold(0.0, f64::max);
    Some(CourseModel { ticks: timeline::ticks_of(first, last), axis: axis.to_owned(), top, lines })
}

/// What the challenger takes more or less of.
pub fn finding(comparison: &Comparison) -> Sentence {
    if comparison.plan.challenger.is_none() {
        return one_model(comparison);
    }
    let mut sentence = Sentence::default().plain("The challenger ");
    let mut said = 0;
    let phrases: [(&str, &str, &str, &str); 3] = [
        ("latency_p95", "takes longer at p95, ", "is faster at p95, ", "speed at p95"),
        ("error_rate", "fails more, ", "fails less, ", "how often they fail"),
        ("cost_per_request", "costs more, ", "costs less, ", "cost per request"),
    ];
    let mut unsure = Vec::new();
    for (name, more, less, topic) in phrases {
        let Some((metric, difference)) = comparison.metric(name).and_then(|one| Some((one, one.difference.as_ref()?)))
        else {
            continue;
        };
        let Some((lo, hi)) = difference.lo.zip(difference.hi) else { continue };
        if lo <= 0.0 && hi >= 0.0 {
            unsure.push(topic);
            continue;
        }
        if said > 0 {
            sentence = sentence.plain("; ");
        }
        said += 1;
        let digits = Digits::of(metric.unit, difference.value, Some((lo, hi)));
        sentence = sentence
            .plain(if difference.value > 0.0 { more } else { less })
            .strong(digits.signed_unit(difference.value))
            .part(Weight::Muted, format!(" {}", digits.signed_interval(lo, hi)));
    }
    match (said, unsure.as_slice()) {
        (0, []) => Sentence::default().plain("The log tells nothing of what serving took."),
        (0, unsure) => {
            Sentence::default().plain(format!("The models cannot be told apart by {}.", unsure.join(", nor by ")))
        }
        (_, []) => sentence.plain("."),
        (_, unsure) => sentence.plain(format!(". They cannot be told apart by {}.", unsure.join(", nor by "))),
    }
}

fn one_model(comparison: &Comparison) -> Sentence {
    let mut parts = Vec::new();
    let p95 = comparison.metric("latency_p95").and_then(|one| one.arms.champion.as_ref());
    parts.extend(p95.map(|arm| format!("answers 95 % of its requests within {} ms", plain(round(arm.value)))));
    let errors = comparison.metric("error_rate").and_then(|one| one.arms.champion.as_ref());
    parts.extend(errors.map(|arm| format!("fails on {} of them", share(arm.value, 2))));
    if parts.is_empty() {
        return Sentence::default().plain("The log tells nothing of what serving took.");
    }
    Sentence::default().plain(format!("{} {}.", comparison.plan.champion, parts.join(" and ")))
}

fn round(value: f64) -> f64 {
    super::format::round_significant(value, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operational_metrics_are_told_by_name() {
        for name in ["latency_p90", "error_rate", "throughput", "missing_rate", "error", "request_cost"] {
            assert!(is_operational(name), "{name}");
        }
        // The cost of wrong decisions is one of quality.
        for name in ["cost", "mae", "converted", "revenue", "log_loss"] {
            assert!(!is_operational(name), "{name}");
        }
    }
}
