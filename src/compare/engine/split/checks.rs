//! Whether a split run can be trusted: assignment, sample ratio, balance, missing answers, units.

use super::Rows;
use super::outcomes::{Lacking, lacking, unanswered, without};
use super::ratio::ratio;
use crate::compare::detail::{Balance, BalanceTest, SplitDetail};
use crate::compare::engine::Engine;
use crate::compare::engine::checks::{basic_of_split, check, labels, measured};
use crate::compare::engine::words::{count, counted, percent};
use crate::compare::plan::SplitDesign;
use crate::compare::result::{Check, CheckOutcome};
use crate::log::{NO_LABEL, is_not_logged};
use crate::stats::balance::{FLAG, OMNIBUS_ALPHA};
use crate::stats::sequential::asymptotic::BURN_IN;

/// Share of units in both arms above which the split is doubtful.
const BOTH_LIMIT: f64 = 0.01;
const MISSING_LIMIT: f64 = 0.01;

pub(super) fn checks(
    engine: &Engine,
    rows: &Rows<'_>,
    design: &SplitDesign,
    detail: &SplitDetail,
    left_out: &[String],
) -> Vec<Check> {
    let log = &engine.log;
    let mut found = vec![assignment(rows), ratio(rows, design, detail), both_arms(rows), missing(rows)];
    found.extend(missing_outcomes(rows));
    found.extend(basic_of_split(log));
    found.push(balance(&detail.balance, left_out));
    found.extend(detail.omnibus.as_ref().map(together));
    found.push(enough(rows));
    if log.audit.labels.present > 0 || log.audit.labels.column.is_some() {
        found.extend(labels(log));
        found.push(labels_by_arm(rows));
    }
    found
}

fn assignment(rows: &Rows<'_>) -> Check {
    let [a, b] = rows.rows.map(|rows| count(rows.len() as u64));
    let text =
        format!("Each request was answered by one arm: {a} by the champion, {b} by the challenger. Nothing is paired.");
    check("assignment", "Arms", CheckOutcome::Pass, "one arm a request", text)
}

fn both_arms(rows: &Rows<'_>) -> Check {
    let both = rows.split.both;
    let ids = rows.log.audit.paired;
    let all = rows.unit_counts().iter().sum::<u64>() + both.units;
    let share = if all == 0 { 0.0 } else { both.units.max(ids) as f64 / all as f64 };
    let outcome = if both.lines == 0 {
        CheckOutcome::Pass
    } else if share > BOTH_LIMIT {
        CheckOutcome::Fail
    } else {
        CheckOutcome::Warn
    };
    let text = if both.lines == 0 {
        "No id and no unit was served by both arms.".to_owned()
    } else {
        format!(
            "{} of {} and {} were served by both arms; their {} are left out. Where the assignment does not stick, the arms are not independent.",
            count(both.units),
            counted(all, "unit", "units"),
            counted(ids, "id", "ids"),
            counted(both.lines, "line", "lines")
        )
    };
    measured(check("both_arms", "Served by both arms", outcome, percent(share), text), share, Some(BOTH_LIMIT))
}

/// Share of the requests that an arm did not answer, or without answers those of which no outcome is known.
fn missing(rows: &Rows<'_>) -> Check {
    let (name, title) = ("missing_predictions", "Missing answers");
    let answered = unanswered(rows);
    let outcomes = &rows.split.outcomes;
    if answered.is_none() && outcomes.is_empty() {
        let text = "Neither answers nor outcomes are mapped, so that nothing tells which are missing.";
        return check(name, title, CheckOutcome::NotEvaluable, "nothing mapped", text);
    }
    if rows.rows.iter().any(|rows| rows.is_empty()) {
        return check(name, title, CheckOutcome::NotEvaluable, "no row", "An arm has no row.");
    }
    let lacks = |row: u32| match &answered {
        Some(values) => values[row as usize] > 0.0,
        None => outcomes.iter().all(|outcome| is_not_logged(outcome.values[row as usize])),
    };
    let what = if answered.is_some() { "a usable answer" } else { "any outcome" };
    told(name, title, what, &lacking(rows, lacks), Some(MISSING_LIMIT))
}

/// The outcome that the arms lack most unequally, else most: of one outcome more than of all together.
fn missing_outcomes(rows: &Rows<'_>) -> Option<Check> {
    let outcomes = rows.split.outcomes.iter().filter(|_| rows.rows.iter().all(|rows| !rows.is_empty()));
    let share = |[rows, lacking]: [u64; 2]| lacking as f64 / rows as f64;
    let rank = |found: &Lacking| {
        let [a, b] = found.of.map(share);
        (found.uneven, (a - b).abs(), a.max(b))
    };
    let latency = super::latency::without(rows).map(|found| ("latency", found));
    let found = outcomes.map(|outcome| (outcome.name.as_str(), without(rows, outcome))).chain(latency);
    let (name, found) =
        found.max_by(|(_, a), (_, b)| rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal))?;
    Some(told("missing_outcomes", "Missing outcomes", &format!("a value of {name}"), &found, Some(MISSING_LIMIT)))
}

/// Labels that one arm's requests lack more than the other's: those that are there may be no fair sample.
fn labels_by_arm(rows: &Rows<'_>) -> Check {
    let lacking = lacking(rows, |row| rows.log.labels[row as usize] == NO_LABEL);
    let found = told("labels_by_arm", "Labels by arm", "a label", &lacking, None);
    // How many labels there are altogether is the coverage's to judge; metrics of labels that one arm's answers decide
    // over are no comparison of the arms.
    let outcome = if lacking.uneven { CheckOutcome::Fail } else { CheckOutcome::Pass };
    Check { outcome, ..found }
}

/// How many rows of each arm lack something; more than `limit` has a caveat.
fn told(name: &str, title: &str, what: &str, found: &Lacking, limit: Option<f64>) -> Check {
    let [a, b] = found.of.map(|[rows, lacking]| lacking as f64 / rows.max(1) as f64);
    let most = a.max(b);
    let mut text =
        format!("Without {what} are {} of the champion's rows and {} of the challenger's.", percent(a), percent(b));
    let outcome = if found.uneven {
        text.push_str(
            " That is no chance: what is left of the arms is not alike, and a difference may come from what is missing.",
        );
        CheckOutcome::Warn
    } else if limit.is_some_and(|limit| most > limit) {
        text.push_str(" If what is missing is not missing at random, what is left favours one arm.");
        CheckOutcome::Warn
    } else {
        CheckOutcome::Pass
    };
    let reading = format!("{}, {}", percent(a), percent(b));
    measured(check(name, title, outcome, reading, text), most, limit)
}

fn balance(found: &[Balance], left_out: &[String]) -> Check {
    let (name, title) = ("balance", "Balance of attributes");
    let unread = match left_out {
        [] => String::new(),
        names => format!(" Not looked at, for their many values: {}.", names.join(", ")),
    };
    let Some(worst) = found.first() else {
        let text = format!("No column tells anything of the units.{unread}");
        return check(name, title, CheckOutcome::NotEvaluable, "no attribute", text);
    };
    let flagged: Vec<&Balance> = found.iter().filter(|one| one.is_flagged(found.len())).collect();
    let apart: Vec<&str> = found.iter().filter(|one| one.difference.is_none()).map(|one| one.column.as_str()).collect();
    if !apart.is_empty() {
        let text = format!(
            "The arms have no value in common of {}: whatever differs between them may come from that. A column that only says which arm it is belongs to no attribute; map it as ignored.{unread}",
            apart.join(", ")
        );
        return check(name, title, CheckOutcome::Fail, "nothing in common", text);
    }
    let most = worst.difference.unwrap_or_default();
    let (outcome, text) = if flagged.is_empty() {
        let text = format!(
            "The largest standardised difference of {} between the arms is {most:.3}, of {}{}.",
            counted(found.len() as u64, "column", "columns"),
            worst.column,
            if most > FLAG { ", which is within chance for so few units" } else { "" }
        );
        (CheckOutcome::Pass, text)
    } else {
        let over =
            flagged.iter().take(5).map(|one| format!("{} ({:.2})", one.column, one.difference.unwrap_or_default()));
        let over: Vec<String> = over.collect();
        let text = format!(
            "Standardised differences between the arms above {FLAG} and beyond chance: {}. The arms may differ in more than the model.",
            over.join(", ")
        );
        (CheckOutcome::Warn, text)
    };
    measured(check(name, title, outcome, format!("{most:.3} of {FLAG}"), text + &unread), most, Some(FLAG))
}

/// All attributes in one test. With many units it tells differences that matter to nothing, which is why it only warns.
fn together(found: &BalanceTest) -> Check {
    let (name, title) = ("balance_omnibus", "Balance, all together");
    let columns = counted(found.columns, "column", "columns");
    let Some((p, df)) = found.p.zip(found.df) else {
        let why = found.undefined.as_deref().unwrap_or("nothing varies");
        let text = format!("Whether {columns} together are alike cannot be told: {why}.");
        return check(name, title, CheckOutcome::NotEvaluable, "cannot tell", text);
    };
    let mut text = format!(
        "A random split makes {columns} of {} units differ as much in {} of runs (chi-square {:.1} on {df:.0} degrees of freedom, Hansen and Bowers).",
        count(found.units),
        percent(p),
        found.statistic.unwrap_or_default()
    );
    let outcome = if p < OMNIBUS_ALPHA { CheckOutcome::Warn } else { CheckOutcome::Pass };
    if outcome == CheckOutcome::Warn {
        text.push_str(
            " The split is hardly random: look for what decides the arm of a unit, or loses units of one arm.",
        );
    }
    measured(check(name, title, outcome, format!("p = {p:.4}"), text), p, Some(OMNIBUS_ALPHA))
}

fn enough(rows: &Rows<'_>) -> Check {
    let units = rows.unit_counts();
    let least = units[0].min(units[1]);
    let outcome = match least {
        0 => CheckOutcome::Fail,
        least if least < BURN_IN => CheckOutcome::Warn,
        _ => CheckOutcome::Pass,
    };
    let [a, b] = units.map(count);
    let mut text = format!("{a} units of the champion and {b} of the challenger.");
    if least < BURN_IN {
        text.push_str(&format!(" Intervals of means are rough below {BURN_IN} units an arm."));
    }
    measured(check("enough_units", "Enough units", outcome, count(least), text), least as f64, Some(BURN_IN as f64))
}
