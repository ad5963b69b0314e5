//! What stands around every view: top bar, rail, tabs, facts of the status bar.

use super::format::{Digits, UNDEFINED, count, date_range, share};
use super::overview::slice_in_view;
use super::validity::{lost, passed};
use super::{Sheet, Sign};
use crate::compare::{CheckOutcome, Comparison, SliceSpec, ThresholdBasis, Unit};
use crate::decision::{LABEL_COVERAGE, MISSING_PREDICTIONS, Outcome, Recommendation};
use crate::log::{RunKind, Task};

#[cfg(test)]
mod tests;

/// Most slices listed in the rail beside those that need attention and those that were added.
const MOST_SLICES: usize = 10;

/// What the frame needs beside the sheet.
#[derive(Clone, Copy, Debug)]
pub struct FrameInputs<'a> {
    pub workspace: &'a str,
    /// Of all analysed rows; the sheet's comparison where no slice is in view.
    pub whole: &'a Comparison,
    /// Slices that were added by hand and can be removed.
    pub added: &'a [SliceSpec],
    /// Name of the policy's file; `None` for the default policy.
    pub policy_file: Option<&'a str>,
    /// `read in 1.9 s, all digests kept`; may be empty.
    pub files_note: &'a str,
}

/// Everything around the views.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub top: FrameTop,
    pub rail: FrameRail,
    pub tabs: FrameTabs,
    /// Facts of the status bar, from left to right.
    pub facts: Vec<String>,
}

/// Top bar.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameTop {
    pub workspace: String,
    pub kind: String,
    pub dates: String,
    pub champion: String,
    /// Empty for a log of one model.
    pub challenger: String,
    /// Other challengers of the run.
    pub rivals: Vec<String>,
    pub threshold_basis: String,
    pub thresholds: [String; 2],
    pub recommendation: Recommendation,
    pub verdict: String,
    /// `rule 5`; empty where no rule held.
    pub rule: String,
}

/// Marks of the views that have an open or failed gate or check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameTabs {
    pub overview: Option<Sign>,
    pub validity: Option<Sign>,
    pub decision: Option<Sign>,
}

/// Rail.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameRail {
    /// Sign, name, prediction lines.
    pub arms: Vec<(Sign, String, String)>,
    /// Name, records, path.
    pub files: Vec<(String, String, String)>,
    pub files_note: String,
    pub seen: (String, String),
    pub lost: Vec<(String, String)>,
    pub analysed: String,
    pub share: f64,
    pub population_note: String,
    /// Failed and open ones first, then those added, then the rest up to ten lines.
    pub slices: Vec<FrameSlice>,
    /// Place in `slices` of the one in view.
    pub slice: Option<usize>,
    pub checks: Vec<FrameCheck>,
    pub checks_passed: String,
}

/// One slice of the rail.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameSlice {
    /// Index into the plan's slices: what `Command::SelectSlice` takes.
    pub index: usize,
    pub name: String,
    pub rows: String,
    pub sign: Option<Sign>,
    pub removable: bool,
}

/// One check of the rail.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameCheck {
    pub outcome: CheckOutcome,
    pub title: String,
    pub reading: String,
    pub explanation: String,
}

impl FrameRail {
    /// Index into the plan's slices of a line of the rail.
    pub fn plan_slice(&self, line: usize) -> Option<usize> {
        self.slices.get(line).map(|slice| slice.index)
    }
}

/// Model of the frame.
pub fn frame(sheet: &Sheet<'_>, inputs: &FrameInputs<'_>) -> Frame {
    Frame { top: top(sheet, inputs), rail: rail(sheet, inputs), tabs: tabs(sheet), facts: facts(sheet) }
}

fn top(sheet: &Sheet<'_>, inputs: &FrameInputs<'_>) -> FrameTop {
    let plan = &sheet.comparison.plan;
    let population = &inputs.whole.population;
    let [champion, challenger] = plan.thresholds;
    let pair = plan.challenger.is_some();
    let basis = match (champion.basis, challenger.basis) {
        _ if plan.task != Task::Binary => "",
        (_, ThresholdBasis::MatchedFpr) => "matched FPR",
        (_, ThresholdBasis::MatchedFlagRate) => "matched flag rate",
        (ThresholdBasis::LeastCost, _) => "least cost",
        (ThresholdBasis::LoggedDecisions, _) => "logged decisions",
        (ThresholdBasis::FromDecisions, _) => "from decisions",
        (ThresholdBasis::Half, _) => "one half",
        (ThresholdBasis::Prevalence, _) => "prevalence",
        _ => "given",
    };
    FrameTop {
        workspace: inputs.workspace.to_owned(),
        kind: match plan.kind {
            RunKind::Shadow => "shadow",
            RunKind::Ab => "ab",
            RunKind::Canary => "canary",
            RunKind::Offline => "offline",
        }
        .to_owned(),
        dates: population
            .first_time
            .zip(population.last_time)
            .map_or_else(String::new, |(first, last)| date_range(first, last)),
        champion: plan.champion.clone(),
        challenger: plan.challenger.clone().unwrap_or_default(),
        rivals: plan.rivals.clone(),
        threshold_basis: basis.to_owned(),
        thresholds: thresholds([champion.value, challenger.value.filter(|_| pair)]),
        recommendation: sheet.verdict.recommendation,
        verdict: sheet.verdict.recommendation.title().to_owned(),
        rule: sheet.verdict.rule.map_or_else(String::new, |rule| format!("rule {rule}")),
    }
}

/// Thresholds as the top bar prints them, also while one is dragged; empty for an arm without one.
pub fn thresholds(values: [Option<f64>; 2]) -> [String; 2] {
    values.map(|value| value.map_or_else(String::new, threshold))
}

/// Three decimals, or three significant digits where the threshold is small.
fn threshold(value: f64) -> String {
    let digits = Digits::of(Unit::Number, value, None);
    Digits { decimals: digits.decimals.max(if value.abs() < 10.0 { 3 } else { 1 }), ..digits }.value(value)
}

fn rail(sheet: &Sheet<'_>, inputs: &FrameInputs<'_>) -> FrameRail {
    let population = &inputs.whole.population;
    let start = population.flow.first();
    let ids = start.map_or(0, |step| step.rows);
    let kept = if ids == 0 { 0.0 } else { population.analysed as f64 / ids as f64 };
    let mut note = format!("{} of {}", share(kept, 1), if start.is_some_and(is_ids) { "ids" } else { "rows" });
    if let (Some(units), Some((column, _))) = (population.units, &sheet.log.units) {
        note.push_str(&format!(", {} {}", count(units), units_of(column)));
    }
    let mut files: Vec<_> = sheet
        .log
        .sources
        .iter()
        .map(|source| {
            let name = source.path.rsplit(['/', '\\']).next().unwrap_or(&source.path);
            (name.to_owned(), count(source.records), source.path.clone())
        })
        .collect();
    let policy = inputs.policy_file.unwrap_or(&sheet.policy.id);
    let policy_name = policy.rsplit(['/', '\\']).next().unwrap_or(policy);
    files.push((policy_name.to_owned(), "policy".to_owned(), policy.to_owned()));
    let slices = slices(sheet, inputs);
    let in_view = slice_in_view(sheet.comparison);
    FrameRail {
        arms: sheet
            .log
            .arms
            .iter()
            .zip([Sign::Champion, Sign::Challenger])
            .map(|(arm, sign)| (sign, arm.name.clone(), count(arm.logged)))
            .collect(),
        files,
        files_note: inputs.files_note.to_owned(),
        seen: start
            .map_or_else(|| ("Rows".to_owned(), UNDEFINED.to_owned()), |step| (step.name.clone(), count(step.rows))),
        lost: population
            .flow
            .iter()
            .flat_map(|step| &step.lost)
            .map(|(cause, rows)| (cause.clone(), lost(*rows)))
            .collect(),
        analysed: count(population.analysed),
        share: kept,
        population_note: note,
        slice: in_view.and_then(|name| {
            let index = sheet.comparison.plan.slices.iter().position(|spec| spec.to_string() == name)?;
            slices.iter().position(|slice| slice.index == index)
        }),
        slices,
        checks: checks(sheet),
        checks_passed: passed(&sheet.verdict.validity),
    }
}

fn is_ids(step: &crate::log::FlowStep) -> bool {
    step.name.to_lowercase().contains("id")
}

/// `customer_id` counts customers: `391,927 customers`; other columns stand as they are.
fn units_of(column: &str) -> String {
    let name = column.strip_suffix("_id").unwrap_or(column).replace('_', " ");
    if name.ends_with('s') || name.chars().any(|letter| !letter.is_ascii_alphabetic() && letter != ' ') {
        format!("values of {column}")
    } else if name.ends_with('y') && !name.ends_with("ay") && !name.ends_with("ey") {
        format!("{}ies", &name[..name.len() - 1])
    } else {
        format!("{name}s")
    }
}

fn slices(sheet: &Sheet<'_>, inputs: &FrameInputs<'_>) -> Vec<FrameSlice> {
    let in_view = slice_in_view(sheet.comparison);
    let of_spec = |(index, spec): (usize, &SliceSpec)| {
        let text = spec.to_string();
        let segments = sheet.verdict.gates.iter().flat_map(|gate| &gate.segments).filter(|part| part.slice == text);
        let (mut name, mut rows, mut worst) = (text.clone(), None, None::<Outcome>);
        for segment in segments {
            name.clone_from(&segment.name);
            rows = Some(segment.reading.rows);
            let urgent = |outcome: Outcome| matches!(outcome, Outcome::Fail) as u8;
            let outcome = segment.reading.outcome;
            let open = matches!(outcome, Outcome::Fail | Outcome::Inconclusive);
            if open && worst.is_none_or(|worst| urgent(outcome) > urgent(worst)) {
                worst = Some(outcome);
            }
        }
        let found = inputs.whole.metrics.iter().find(|metric| metric.slice.as_deref() == Some(text.as_str()));
        let rows = rows.or(found.map(|metric| metric.rows));
        let removable = inputs.added.contains(spec);
        let rank = match worst {
            Some(Outcome::Fail) => 0,
            Some(_) => 1,
            None if removable => 2,
            None => 3,
        };
        let slice = FrameSlice {
            index,
            name,
            rows: rows.map_or_else(|| UNDEFINED.to_owned(), count),
            sign: worst.map(Sign::from),
            removable,
        };
        let kept = rank < 3 || in_view == Some(text.as_str());
        (rank, kept, slice)
    };
    let mut lines: Vec<_> = sheet.comparison.plan.slices.iter().enumerate().map(of_spec).collect();
    lines.sort_by_key(|(rank, ..)| *rank);
    let kept = lines.iter().filter(|(_, kept, _)| *kept).count();
    let mut free = MOST_SLICES.saturating_sub(kept);
    lines.retain(|(_, kept, _)| {
        let stays = *kept || free > 0;
        if !*kept && stays {
            free -= 1;
        }
        stays
    });
    lines.into_iter().map(|(.., slice)| slice).collect()
}

fn checks(sheet: &Sheet<'_>) -> Vec<FrameCheck> {
    let line = |result: &crate::decision::ValidityResult| {
        // The verdict knows the policy's limits, the run's check has the short reading.
        let run = sheet.comparison.validity.iter().find(|check| check.name == result.name);
        let by_policy = if result.by_policy { held_against(result) } else { None };
        let reading = by_policy.unwrap_or_else(|| match (run, result.outcome) {
            (Some(check), _) => check.reading.clone(),
            (None, CheckOutcome::NotEvaluable) => "not evaluable".to_owned(),
            (None, _) => String::new(),
        });
        FrameCheck {
            outcome: result.outcome,
            title: result.title.clone(),
            reading,
            explanation: result.explanation.clone(),
        }
    };
    sheet.verdict.validity.iter().map(line).collect()
}

/// `0.29 % of 0.50 %`: value and the policy's limit, which replaces the check's own.
fn held_against(result: &crate::decision::ValidityResult) -> Option<String> {
    let (value, limit) = result.value.zip(result.limit)?;
    match result.name.as_str() {
        MISSING_PREDICTIONS => Some(format!("{} of {}", share(value, 2), share(limit, 2))),
        LABEL_COVERAGE => Some(format!("{} ≥ {}", share(value, 2), share(limit, 2))),
        _ => None,
    }
}

fn tabs(sheet: &Sheet<'_>) -> FrameTabs {
    let worst = |outcomes: &mut dyn Iterator<Item = Outcome>| {
        let mut worst = None;
        for outcome in outcomes {
            match outcome {
                Outcome::Fail => return Some(Sign::Fail),
                Outcome::Inconclusive => worst = Some(Sign::Inconclusive),
                Outcome::Pass | Outcome::NotEvaluable => {}
            }
        }
        worst
    };
    let gates = worst(&mut sheet.verdict.gates.iter().filter_map(|gate| gate.counts_as));
    let mut validity = None;
    for check in &sheet.verdict.validity {
        match check.outcome {
            CheckOutcome::Fail => validity = Some(Sign::Fail),
            CheckOutcome::Warn if validity.is_none() => validity = Some(Sign::Inconclusive),
            _ => {}
        }
    }
    FrameTabs { overview: gates, validity, decision: None }
}

fn facts(sheet: &Sheet<'_>) -> Vec<String> {
    let population = &sheet.comparison.population;
    let mut facts = vec![format!("{} rows in view", count(population.analysed))];
    if let (Some(units), Some((column, _))) = (population.units, &sheet.log.units) {
        facts.push(format!("{} {}", count(units), units_of(column)));
    }
    facts.push(format!("seed {}", sheet.comparison.plan.seed));
    facts
}
