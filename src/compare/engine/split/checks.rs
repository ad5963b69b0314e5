//! Whether a split run can be trusted: assignment, sample ratio, balance, missing answers, units.

use super::Rows;
use super::outcomes::{unanswered, without_outcome};
use crate::compare::detail::{Balance, SplitDetail};
use crate::compare::engine::Engine;
use crate::compare::engine::checks::{basic_of_split, check, labels, measured};
use crate::compare::engine::words::{count, counted, percent};
use crate::compare::plan::SplitDesign;
use crate::compare::result::{Check, CheckOutcome};
use crate::stats::balance::FLAG;
use crate::stats::sample_ratio::{ALPHA_FIXED, sample_ratio};
use crate::stats::sequential::asymptotic::BURN_IN;

/// Share of units in both arms above which the split is doubtful.
const BOTH_LIMIT: f64 = 0.01;
const MISSING_LIMIT: f64 = 0.01;

pub(super) fn checks(engine: &Engine, rows: &Rows<'_>, design: &SplitDesign, detail: &SplitDetail) -> Vec<Check> {
    let log = &engine.log;
    let mut found = vec![assignment(rows), ratio(rows, design, detail), both_arms(rows), missing(rows)];
    found.extend(basic_of_split(log));
    found.push(balance(&detail.balance));
    found.push(enough(rows));
    if log.audit.labels.present > 0 || log.audit.labels.column.is_some() {
        found.extend(labels(log));
    }
    found
}

fn assignment(rows: &Rows<'_>) -> Check {
    let [a, b] = rows.rows.map(|rows| count(rows.len() as u64));
    let text =
        format!("Each request was answered by one arm: {a} by the champion, {b} by the challenger. Nothing is paired.");
    check("assignment", "Arms", CheckOutcome::Pass, "one arm a request", text)
}

fn ratio(rows: &Rows<'_>, design: &SplitDesign, detail: &SplitDetail) -> Check {
    let (name, title) = ("sample_ratio", "Sample ratio");
    let planned: Vec<_> = detail.stages.iter().filter_map(|stage| Some((stage, stage.sample_ratio_p?))).collect();
    if !planned.is_empty() {
        let worst = planned.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((stage, p)) = worst else {
            return check(name, title, CheckOutcome::NotEvaluable, "no stage", "No stage has a planned share.");
        };
        // The worst of several stages: Bonferroni.
        let p = (p * planned.len() as f64).min(1.0);
        let [a, b] = stage.units.map(count);
        let outcome = if p < ALPHA_FIXED { CheckOutcome::Fail } else { CheckOutcome::Pass };
        let text = format!(
            "Of {} with a planned share stage {} is the furthest from it: {a} units against {b}, {} planned for the challenger (chi-square, p = {p:.3} after Bonferroni).",
            counted(planned.len() as u64, "stage", "stages"),
            stage.name,
            percent(stage.planned_share.unwrap_or_default()),
        );
        return measured(check(name, title, outcome, format!("p = {p:.3}"), text), p, Some(ALPHA_FIXED));
    }
    let Some(share) = design.challenger_share else {
        let text = "No planned share of the arms is known: give it in the policy, [design] challenger_share or [design.stage_shares].";
        return check(name, title, CheckOutcome::NotEvaluable, "no planned share", text);
    };
    let units = rows.unit_counts();
    let [a, b] = units.map(count);
    match sample_ratio(&units, &[1.0 - share, share]) {
        Err(reason) => check(name, title, CheckOutcome::NotEvaluable, "no unit", format!("Not evaluable: {reason}.")),
        Ok(found) => {
            let outcome = if found.p < ALPHA_FIXED { CheckOutcome::Fail } else { CheckOutcome::Pass };
            let mut text = format!(
                "{a} units of the champion, {b} of the challenger, {} planned for it: chi-square {:.2}, p = {:.4}.",
                percent(share),
                found.chi2,
                found.p
            );
            let mut outcome = outcome;
            if outcome == CheckOutcome::Fail {
                text.push_str(" The arms are not what was planned, so that a difference may come from who is in them.");
            } else if found.p < 0.01 {
                outcome = CheckOutcome::Warn;
                text.push_str(" That is rare in a sound split; find out whether units are lost in one arm.");
            }
            measured(check(name, title, outcome, format!("p = {:.4}", found.p), text), found.p, Some(ALPHA_FIXED))
        }
    }
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

fn missing(rows: &Rows<'_>) -> Check {
    let (name, title) = ("missing_predictions", "Missing answers");
    let answered = unanswered(rows);
    let share = |arm: usize| match &answered {
        Some(values) => {
            let lacking = rows.rows[arm].iter().filter(|row| values[**row as usize] > 0.0).count();
            (!rows.rows[arm].is_empty()).then(|| lacking as f64 / rows.rows[arm].len() as f64)
        }
        None => without_outcome(rows, arm),
    };
    let (Some(a), Some(b)) = (share(0), share(1)) else {
        return check(name, title, CheckOutcome::NotEvaluable, "no row", "An arm has no row.");
    };
    let what = if answered.is_some() { "a usable answer" } else { "an outcome" };
    let most = a.max(b);
    let outcome = if most <= MISSING_LIMIT { CheckOutcome::Pass } else { CheckOutcome::Warn };
    let mut text =
        format!("Without {what} are {} of the champion's rows and {} of the challenger's.", percent(a), percent(b));
    if outcome == CheckOutcome::Warn {
        text.push_str(" If what is missing is not missing at random, what is left favours one arm.");
    }
    let reading = format!("{}, {}", percent(a), percent(b));
    measured(check(name, title, outcome, reading, text), most, Some(MISSING_LIMIT))
}

fn balance(found: &[Balance]) -> Check {
    let (name, title) = ("balance", "Balance of attributes");
    let Some(worst) = found.first() else {
        return check(
            name,
            title,
            CheckOutcome::NotEvaluable,
            "no attribute",
            "No column tells anything of the units.",
        );
    };
    let most = worst.difference;
    let outcome = if most > FLAG { CheckOutcome::Warn } else { CheckOutcome::Pass };
    let text = if most > FLAG {
        let over = found.iter().filter(|one| one.difference > FLAG).take(5);
        let over: Vec<String> = over.map(|one| format!("{} ({:.2})", one.column, one.difference)).collect();
        format!(
            "Standardised differences between the arms above {FLAG}: {}. The arms may differ in more than the model.",
            over.join(", ")
        )
    } else {
        format!(
            "The largest standardised difference of {} between the arms is {most:.3}, of {}.",
            counted(found.len() as u64, "column", "columns"),
            worst.column
        )
    };
    measured(check(name, title, outcome, format!("{most:.3} of {FLAG}"), text), most, Some(FLAG))
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
