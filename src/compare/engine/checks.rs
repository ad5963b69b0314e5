//! Whether the run can be trusted: pairing, missing answers, labels, scores, logged decisions.

use super::Engine;
use super::sample::Sample;
use super::words::{count, counted, percent};
use crate::compare::plan::{Plan, ThresholdBasis};
use crate::compare::result::{Check, CheckOutcome};
use crate::log::{Log, NO_TIME, PairBasis, is_not_logged};
use crate::metrics::{BLOCK, calibration};
use crate::stats::drift::psi;

use rayon::prelude::*;

/// Share of ids without an answer of both arms above which the result has a caveat.
const MISSING_LIMIT: f64 = 0.01;
/// Share of rows with a label below which the result has a caveat.
const COVERAGE_LIMIT: f64 = 0.8;
/// Stability index above which a distribution is commonly taken to have changed.
const DRIFT_LIMIT: f64 = 0.25;
/// Rows of the rarer class below which intervals are rough.
pub(super) const FEW_EVENTS: u64 = 30;
/// Units below which cluster-robust intervals are rough.
const FEW_UNITS: u64 = 30;

/// A check without a measured value.
pub(super) fn check(
    name: &str,
    title: &str,
    outcome: CheckOutcome,
    reading: impl Into<String>,
    text: impl Into<String>,
) -> Check {
    Check {
        name: name.to_owned(),
        title: title.to_owned(),
        outcome,
        value: None,
        limit: None,
        reading: reading.into(),
        explanation: text.into(),
    }
}

pub(super) fn measured(check: Check, value: f64, limit: Option<f64>) -> Check {
    Check { value: Some(value), limit, ..check }
}

/// All checks, most basic first.
pub(super) fn checks(engine: &Engine, sample: &Sample<'_>, plan: &Plan) -> Vec<Check> {
    let log: &Log = &engine.log;
    let mut checks = basic(log);
    // Scores need no label.
    let answered = engine.unlabelled.as_deref();
    let all = answered.map(Engine::sample);
    let (scored, rows) = (answered.unwrap_or(engine), all.as_ref().unwrap_or(sample));
    checks.push(scores(scored, log, rows));
    checks.extend(score_drift(scored, log, rows));
    checks.push(decision_consistency(log, plan));
    checks.push(events(sample));
    checks.extend(units(engine, sample));
    checks
}

/// The checks that every task has.
pub(super) fn family_checks(engine: &Engine, sample: &Sample<'_>) -> Vec<Check> {
    let mut checks = basic(&engine.log);
    checks.extend(units(engine, sample));
    checks
}

fn basic(log: &Log) -> Vec<Check> {
    let mut checks = vec![pairing(log), missing_predictions(log), duplicate_conflicts(log), unreadable(log)];
    checks.extend(labels(log));
    checks
}

/// The checks of the files that do not depend on pairing.
pub(super) fn basic_of_split(log: &Log) -> [Check; 2] {
    [duplicate_conflicts(log), unreadable(log)]
}

pub(super) fn labels(log: &Log) -> Vec<Check> {
    let mut checks = vec![label_coverage(log)];
    checks.extend(label_conflicts(log));
    checks.push(label_lag(log));
    checks
}

fn pairing(log: &Log) -> Check {
    let rows = counted(log.rows as u64, "row", "rows");
    let (outcome, reading, text) = match &log.audit.basis {
        PairBasis::Id { column } => (
            CheckOutcome::Pass,
            format!("by {column}"),
            format!("{rows} were paired by equal values of {column}, each with one answer of each arm."),
        ),
        PairBasis::SameRow => (
            CheckOutcome::Pass,
            "same line".to_owned(),
            format!("Both answers stand in the same line of the file, in {rows}."),
        ),
        PairBasis::Position { proof } => (
            CheckOutcome::Warn,
            "by position".to_owned(),
            format!("{rows} were paired by their place in the files. {proof}"),
        ),
        PairBasis::Split { .. } => (
            CheckOutcome::NotEvaluable,
            "one arm a request".to_owned(),
            "Each request was answered by one arm, so nothing is paired.".to_owned(),
        ),
        PairBasis::OneModel => (
            CheckOutcome::NotEvaluable,
            "one model".to_owned(),
            "The log holds one model, so nothing is paired and there is no difference to judge.".to_owned(),
        ),
    };
    check("pairing", "Pairing", outcome, reading, text)
}

fn missing_predictions(log: &Log) -> Check {
    let (name, title) = ("missing_predictions", "Missing predictions");
    let audit = &log.audit;
    let unusable = (0..log.rows.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| (block * BLOCK..((block + 1) * BLOCK).min(log.rows)).filter(|&row| unusable(log, row)).count())
        .sum::<usize>() as u64;
    let alone = audit.champion_only + audit.challenger_only;
    let all = (log.rows as u64 + alone).max(audit.ids);
    if all == 0 {
        return check(name, title, CheckOutcome::NotEvaluable, "no id", "The log holds no id.");
    }
    let share = (alone + unusable) as f64 / all as f64;
    let outcome = if share <= MISSING_LIMIT { CheckOutcome::Pass } else { CheckOutcome::Warn };
    let mut text = format!(
        "Of {}, {} were answered by the champion alone and {} by the challenger alone; in {} an answer cannot be used.",
        counted(all, "id", "ids"),
        count(audit.champion_only),
        count(audit.challenger_only),
        counted(unusable, "row", "rows")
    );
    if outcome == CheckOutcome::Warn {
        text.push_str(" If what is missing is not missing at random, the rows that are left favour one arm.");
    }
    measured(
        check(name, title, outcome, format!("{} of {}", percent(share), percent(MISSING_LIMIT)), text),
        share,
        Some(MISSING_LIMIT),
    )
}

fn unusable(log: &Log, row: usize) -> bool {
    log.arms.iter().any(|arm| match (&arm.scores, &arm.predictions) {
        (Some(scores), _) => !scores[row].is_finite(),
        (None, Some(decisions)) => decisions[row] > 1,
        (None, None) => true,
    })
}

fn duplicate_conflicts(log: &Log) -> Check {
    let audit = &log.audit;
    let found = audit.duplicate_different;
    let outcome = if found == 0 { CheckOutcome::Pass } else { CheckOutcome::Warn };
    let mut text = match (found, audit.conflicts_kept) {
        (0, _) => "No id has two different answers of one arm.".to_owned(),
        (_, true) => format!(
            "{} two different answers of one arm; one of them was kept, as the mapping says.",
            counted(found, "id has", "ids have")
        ),
        (_, false) => format!(
            "{} two different answers of one arm and were left out: which of them was served is not known.",
            counted(found, "id has", "ids have")
        ),
    };
    if audit.duplicate_same > 0 {
        let repeated = counted(audit.duplicate_same, "line repeats", "lines repeat");
        text.push_str(&format!(" A further {repeated} an answer word for word; each answer counts once."));
    }
    measured(
        check("duplicate_conflicts", "Conflicting duplicates", outcome, count(found), text),
        found as f64,
        Some(0.0),
    )
}

fn unreadable(log: &Log) -> Check {
    let bad: u64 = log.sources.iter().map(|source| source.quarantined).sum();
    let good: u64 = log.sources.iter().map(|source| source.records).sum();
    let share = if bad + good == 0 { 0.0 } else { bad as f64 / (bad + good) as f64 };
    let outcome = if bad == 0 { CheckOutcome::Pass } else { CheckOutcome::Warn };
    let text = if bad == 0 {
        "Every record of the files was read.".to_owned()
    } else {
        format!(
            "{} could not be read and were set aside; each is listed with its reason.",
            counted(bad, "record", "records")
        )
    };
    measured(check("unreadable_records", "Unreadable records", outcome, count(bad), text), share, None)
}

fn label_coverage(log: &Log) -> Check {
    let (name, title) = ("label_coverage", "Label coverage");
    let rows = log.rows as u64;
    let present =
        log.labels.par_chunks(BLOCK).map(|block| block.iter().filter(|&&y| y <= 1).count() as u64).sum::<u64>();
    if rows == 0 {
        return check(name, title, CheckOutcome::NotEvaluable, "no row", "No row is paired.");
    }
    let share = present as f64 / rows as f64;
    let all = match log.split.is_some() {
        true => counted(rows, "row", "rows"),
        false => counted(rows, "paired row", "paired rows"),
    };
    let (outcome, text) = if present == 0 {
        (CheckOutcome::Fail, "No row has a label, so nothing can be said about who is right.".to_owned())
    } else if share < COVERAGE_LIMIT {
        let text = format!(
            "{} of {all} have a label. Where labels come late or only for some decisions, the rows with one are no fair picture of all.",
            count(present)
        );
        (CheckOutcome::Warn, text)
    } else {
        (CheckOutcome::Pass, format!("{} of {all} have a label.", count(present)))
    };
    measured(check(name, title, outcome, percent(share), text), share, Some(COVERAGE_LIMIT))
}

fn label_conflicts(log: &Log) -> Option<Check> {
    let found = log.audit.labels.conflicting;
    (found > 0).then(|| {
        let text = format!("{} two different labels and count as unlabelled.", counted(found, "id has", "ids have"));
        measured(
            check("label_conflicts", "Conflicting labels", CheckOutcome::Warn, count(found), text),
            found as f64,
            Some(0.0),
        )
    })
}

/// Whether the youngest rows had the time to get their label.
fn label_lag(log: &Log) -> Check {
    let (name, title) = ("label_lag", "Label lag");
    let (Some([median, _, late]), Some(times)) = (log.audit.labels.lag_hours, &log.times) else {
        let text = "The times at which labels became known are not logged, so it cannot be told whether the last rows are complete.";
        return check(name, title, CheckOutcome::NotEvaluable, "no label times", text);
    };
    let reading = format!("median {median:.1} h, 99 % within {late:.1} h");
    let span = super::views::time_span(times, |_| true);
    let young = span.map(|[_, last]| last.saturating_sub((late * 3.6e9) as i64));
    let mut counts = [[0u64; 2]; 2];
    for (&time, &label) in times.iter().zip(&log.labels) {
        let side = usize::from(young.is_some_and(|young| time >= young));
        counts[side][usize::from(label <= 1)] += 1;
    }
    let coverage = |[without, with]: [u64; 2]| with as f64 / (with + without).max(1) as f64;
    let (old, new) = (coverage(counts[0]), coverage(counts[1]));
    let some_old = counts[0].iter().sum::<u64>() > 0;
    if some_old && new < 0.9 * old {
        let text = format!(
            "Labels are known after {median:.1} hours in the median and 99 % within {late:.1}. Of the rows younger than that {} have a label, of the older ones {}: the last rows are not mature.",
            percent(new),
            percent(old)
        );
        return check(name, title, CheckOutcome::Warn, reading, text);
    }
    let known = format!("Labels are known after {median:.1} hours in the median and 99 % within {late:.1}");
    let text = match some_old {
        true => format!(
            "{known}. Of the rows younger than that {} have a label, of the older ones {}.",
            percent(new),
            percent(old)
        ),
        false => format!("{known}; all rows are younger than that, and {} have a label.", percent(new)),
    };
    check(name, title, CheckOutcome::Pass, reading, text)
}

fn scores(engine: &Engine, log: &Log, sample: &Sample<'_>) -> Check {
    let (name, title) = ("score_range", "Score range");
    let mut readings = Vec::new();
    let mut troubles = Vec::new();
    for (index, arm) in log.arms.iter().enumerate() {
        let who = ["champion", "challenger"][index.min(1)];
        let (Some(order), Some(scores)) = (&engine.orders[index], sample.scores[index]) else {
            readings.push("no score".to_owned());
            continue;
        };
        if order.is_empty() {
            continue;
        }
        let (high, low) = (order.score(scores, 0), order.score(scores, order.len() - 1));
        readings.push(format!("{low:.3} to {high:.3}"));
        if low == high {
            troubles.push(format!("The {who} gives every row the score {low}."));
        }
        let all = arm.scores.as_deref().unwrap_or_default();
        let nan = all.par_iter().filter(|score| score.is_nan() && !is_not_logged(**score)).count() as u64;
        if nan > 0 {
            troubles.push(format!("The {who} answered {} with NaN.", counted(nan, "row", "rows")));
        }
    }
    if log.arms.len() == 2
        && sample.scores.iter().all(Option::is_some)
        && sample.probability[0] != sample.probability[1]
    {
        troubles.push(
            "One arm gives probabilities and the other does not, so scores, losses and calibration cannot be compared."
                .to_owned(),
        );
    }
    let reading = readings.join(", ");
    if sample.scores.iter().all(Option::is_none) {
        return check(name, title, CheckOutcome::NotEvaluable, reading, "The log holds decisions and no scores.");
    }
    if troubles.is_empty() {
        let text = "Scores are finite and vary; their ranges are champion's first.";
        check(name, title, CheckOutcome::Pass, reading, text)
    } else {
        check(name, title, CheckOutcome::Warn, reading, troubles.join(" "))
    }
}

/// Scores of the later half of the time against those of the earlier half, on the arm's own deciles.
fn score_drift(engine: &Engine, log: &Log, sample: &Sample<'_>) -> Option<Check> {
    let times = log.times.as_ref()?;
    let time = |row: usize| times[engine.rows.as_ref().map_or(row, |rows| rows[row] as usize)];
    let [first, last] = super::views::time_span(times, |row| engine.analysed.contains(row))?;
    let middle = first.midpoint(last);
    let mut found = Vec::new();
    for (index, name) in ["champion", "challenger"].iter().enumerate() {
        let (Some(scores), Some(order)) = (sample.scores[index], sample.orders[index]) else {
            continue;
        };
        let edges = calibration::equal_mass_edges(order, scores, 10);
        if edges.is_empty() {
            continue;
        }
        let bins = edges.len() + 1;
        let count = |(block, scores): (usize, &[f64])| {
            let mut counts = vec![0u64; 2 * bins];
            for (offset, &score) in scores.iter().enumerate() {
                let time = time(block * BLOCK + offset);
                if time != NO_TIME {
                    counts[usize::from(time > middle) * bins + edges.partition_point(|edge| *edge <= score)] += 1;
                }
            }
            counts
        };
        let mut counts = vec![0u64; 2 * bins];
        let blocks: Vec<Vec<u64>> = scores.par_chunks(BLOCK).enumerate().map(count).collect();
        for block in blocks {
            counts.iter_mut().zip(block).for_each(|(sum, more)| *sum += more);
        }
        if let Ok(psi) = psi(&counts[..bins], &counts[bins..]) {
            found.push((*name, psi));
        }
    }
    let most = found.iter().map(|(_, psi)| *psi).reduce(f64::max)?;
    let outcome = if most > DRIFT_LIMIT { CheckOutcome::Warn } else { CheckOutcome::Pass };
    let reading = found.iter().map(|(_, psi)| format!("{psi:.3}")).collect::<Vec<_>>().join(", ");
    let parts: Vec<String> = found.iter().map(|(name, psi)| format!("{psi:.3} for the {name}")).collect();
    let mut text =
        format!("Stability index of the later half of the time against the earlier half: {}.", parts.join(", "));
    if outcome == CheckOutcome::Warn {
        text.push_str(" The requests or a model changed during the run, so one number for all of it may mislead.");
    }
    Some(measured(check("score_drift", "Score drift", outcome, reading, text), most, Some(DRIFT_LIMIT)))
}

/// Decisions in the log against `score >= threshold` of the plan.
fn decision_consistency(log: &Log, plan: &Plan) -> Check {
    let (name, title) = ("decision_consistency", "Logged decisions");
    let (mut rows, mut apart) = (0u64, 0u64);
    let mut moved = false;
    for (arm, threshold) in log.arms.iter().zip(&plan.thresholds) {
        let (Some(scores), Some(decisions), Some(value)) = (&arm.scores, &arm.predictions, threshold.value) else {
            continue;
        };
        let found = scores
            .par_chunks(BLOCK)
            .zip(decisions.par_chunks(BLOCK))
            .map(|(scores, decisions)| {
                scores.iter().zip(decisions).fold([0u64; 2], |[rows, apart], (&score, &decision)| {
                    let known = u64::from(decision <= 1 && !score.is_nan());
                    [rows + known, apart + (known & u64::from((score >= value) != (decision == 1)))]
                })
            })
            .reduce(|| [0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
        rows += found[0];
        apart += found[1];
        moved |= !matches!(threshold.basis, ThresholdBasis::FromDecisions | ThresholdBasis::Half);
    }
    if rows == 0 {
        let text = "The log does not hold both scores and decisions, so they cannot be held against each other.";
        return check(name, title, CheckOutcome::NotEvaluable, "not logged", text);
    }
    let share = apart as f64 / rows as f64;
    let (outcome, text) = if apart == 0 {
        (CheckOutcome::Pass, "Every logged decision is the one that score and threshold give.".to_owned())
    } else if moved {
        let text = format!(
            "{} differ from those that were served, because the thresholds were set by hand or by a rule.",
            counted(apart, "decision", "decisions")
        );
        (CheckOutcome::Pass, text)
    } else {
        let text = format!(
            "{} are not what score and threshold give: the model decides by more than one threshold, or by rules that are not in the log.",
            counted(apart, "logged decision", "logged decisions")
        );
        (CheckOutcome::Warn, text)
    };
    measured(check(name, title, outcome, format!("{} differ", percent(share)), text), share, Some(0.0))
}

fn events(sample: &Sample<'_>) -> Check {
    let (name, title) = ("events", "Events");
    let rarer = sample.positives.min(sample.negatives());
    let outcome = if rarer >= FEW_EVENTS { CheckOutcome::Pass } else { CheckOutcome::Warn };
    let text = if rarer >= FEW_EVENTS {
        format!("The rarer class has {}.", counted(rarer, "row", "rows"))
    } else {
        format!(
            "The rarer class has only {}; below {FEW_EVENTS} intervals are rough and tend to be too narrow.",
            counted(rarer, "row", "rows")
        )
    };
    let reading = format!("{} positive, {} negative", count(sample.positives), count(sample.negatives()));
    measured(check(name, title, outcome, reading, text), rarer as f64, Some(FEW_EVENTS as f64))
}

fn units(engine: &Engine, sample: &Sample<'_>) -> Option<Check> {
    let column = &engine.log.units.as_ref()?.0;
    let (rows, units) = (sample.rows(), sample.unit_count());
    let outcome = if units >= FEW_UNITS { CheckOutcome::Pass } else { CheckOutcome::Warn };
    let mut text = if units < rows {
        format!(
            "{} of {} by {column}; intervals allow for rows of one unit being alike.",
            counted(rows, "row", "rows"),
            counted(units, "unit", "units")
        )
    } else {
        format!("Each value of {column} has one row, so rows are the units.")
    };
    if units < FEW_UNITS {
        text.push_str(&format!(" Below {FEW_UNITS} units such intervals are rough."));
    }
    Some(measured(check("units", "Units", outcome, count(units), text), units as f64, Some(FEW_UNITS as f64)))
}
