//! The scorecard as text: the same numbers and sentences as on screen, in aligned columns.

use std::path::PathBuf;

use super::table::{Align, Table};
use crate::compare::{Agreement, CheckOutcome, Comparison, MetricResult, Plan, Threshold, ThresholdBasis};
use crate::decision::{GateResult, Outcome, TriggerOutcome, Verdict};
use crate::log::{RunKind, Task};
use crate::present::Sheet;
use crate::present::errors;
use crate::present::format::{Digits, MINUS, UNDEFINED, confidence, count, date_range, plain};
use crate::present::overview::overview;
use crate::session::pipeline::{Evaluation, Request};

/// Trials of "what would change" that are told.
const CHANGES: usize = 4;

struct Page {
    text: String,
    bold: bool,
}

impl Page {
    fn heading(&mut self, heading: &str, qualifier: &str) {
        let heading = if self.bold { format!("\x1b[1m{heading}\x1b[0m") } else { heading.to_owned() };
        self.text.push('\n');
        self.text.push_str(&heading);
        if !qualifier.is_empty() {
            self.text.push_str(", ");
            self.text.push_str(qualifier);
        }
        self.text.push('\n');
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// The whole scorecard; `bold` where the terminal may be told to.
pub(super) fn scorecard(evaluation: &Evaluation, request: &Request, written: &[PathBuf], bold: bool) -> String {
    let Evaluation { comparison, verdict, policy, .. } = evaluation;
    let mut page = Page { text: String::new(), bold };
    if !request.name.is_empty() {
        page.line(&request.name);
    }
    page.line(&run_line(comparison));
    if let Some(line) = threshold_line(&comparison.plan) {
        page.line(&line);
    }
    page.line(&format!("\n{}", finding(evaluation)));

    page.heading("Rows", "");
    page.text.push_str(&flow(comparison));
    page.heading("Validity", "");
    page.text.push_str(&validity(verdict));
    if !verdict.triggers.is_empty() {
        page.heading("Reasons for a new model", "");
        page.text.push_str(&triggers(verdict));
    }
    page.heading("Metrics", &population(comparison));
    page.text.push_str(&metrics(comparison, verdict, None));
    for slice in &request.slices {
        let slice = slice.to_string();
        let rows = comparison.metrics.iter().find(|metric| metric.slice.as_deref() == Some(&slice));
        let rows = rows.map_or_else(String::new, |metric| format!("{} rows", count(metric.rows)));
        page.heading(&format!("Metrics where {slice}"), &rows);
        page.text.push_str(&metrics(comparison, verdict, Some(&slice)));
    }
    if let crate::compare::Detail::Split(detail) = &comparison.detail {
        page.text.push_str(&super::split::text(detail));
    }
    if let Some(said) = business(comparison) {
        page.heading("Business", "differences at full traffic");
        page.text.push_str(&said);
    }
    if let Some(found) = &comparison.agreed {
        page.heading("Agreement", "on all rows that both models answered, labelled or not");
        page.text.push_str(&agreement(found, comparison));
    }
    if let crate::compare::Detail::Regression(errors) = &comparison.detail {
        forecast(errors, &mut page);
    }
    page.heading("Gates", &format!("policy {} {}", policy.id, policy.version));
    page.text.push_str(&gates(verdict));
    if let Some(note) = &verdict.level_note {
        page.line(&format!("  {note}"));
    }
    if !comparison.notes.is_empty() {
        page.heading("To know", "");
        for note in &comparison.notes {
            page.line(&format!("  {note}"));
        }
    }

    page.heading(&format!("Recommends: {}", verdict.recommendation.word()), "");
    page.line(&format!("  {}", verdict.sentence));
    if let Some(then) = &verdict.earned {
        let rows = then.rows.map(count);
        page.line(&format!(
            "  Earned by {} at the look of {}, after {} requests of the champion and {} of the challenger.",
            then.gate,
            crate::decision::moment(then.time),
            rows[0],
            rows[1]
        ));
    }
    let mut changes = verdict.what_would_change.iter().filter(|change| change.changed).take(CHANGES).peekable();
    if changes.peek().is_some() {
        page.heading("What would change it", "");
    }
    for change in changes {
        page.line(&format!("  {}: {}", change.what, change.recommendation.word()));
    }
    if !written.is_empty() {
        page.heading("Written", "");
        for path in written {
            page.line(&format!("  {}", path.display()));
        }
    }
    page.text
}

/// Tests in the order of time, and predicted quantiles.
fn forecast(found: &crate::compare::Errors, page: &mut Page) {
    let tests = errors::time_tests(found);
    if tests.iter().any(|test| test.defined) {
        page.heading("In the order of time", "challenger - champion");
        tests.iter().for_each(|test| page.line(&format!("  {}", test.text())));
    }
    let Some(model) = errors::forecast(found) else { return };
    page.heading("Predicted quantiles", "share of truths held; pinball loss, interval score");
    if let Some(reason) = &model.undefined {
        page.line(&format!("  Not for every arm: {reason}."));
    }
    let join = |cells: &[String]| cells.join(" | ");
    for line in &model.lines {
        let (held, loss) = (join(&line.observed), join(&line.loss));
        page.line(&format!(
            "  {:<16} {held:<18} {:<22} {loss:<20} {}",
            line.name, line.observed_difference, line.loss_difference
        ));
    }
}

/// What was found, as one sentence; the same as on the Overview.
pub(super) fn finding(evaluation: &Evaluation) -> String {
    let Evaluation { run, comparison, verdict, policy, .. } = evaluation;
    overview(&Sheet { log: &run.log, comparison, verdict, policy }).finding.text()
}

fn run_line(comparison: &Comparison) -> String {
    let plan = &comparison.plan;
    let kind = match plan.kind {
        RunKind::Shadow => "shadow run",
        RunKind::Ab => "A/B run",
        RunKind::Canary => "canary run",
        RunKind::Offline => "offline run",
    };
    let models = match &plan.challenger {
        Some(challenger) => format!("{challenger} against {}", plan.champion),
        None => plan.champion.clone(),
    };
    let times = comparison.population.first_time.zip(comparison.population.last_time);
    let dates = times.map_or_else(String::new, |(first, last)| format!(", {}", date_range(first, last)));
    format!("{models}, {kind}{dates}")
}

fn threshold_line(plan: &Plan) -> Option<String> {
    let arms = if plan.challenger.is_some() { 2 } else { 1 };
    if plan.task != Task::Binary {
        return None;
    }
    let words: Vec<String> = plan.thresholds[..arms]
        .iter()
        .zip(["champion", "challenger"])
        .map(|(threshold, arm)| format!("{arm} {}", threshold_words(threshold)))
        .collect();
    (!words.is_empty()).then(|| format!("Thresholds: {}", words.join("; ")))
}

fn threshold_words(threshold: &Threshold) -> String {
    let basis = match threshold.basis {
        ThresholdBasis::Given => "given",
        ThresholdBasis::FromDecisions => "read off its logged decisions",
        ThresholdBasis::Half => "one half, since none is given",
        ThresholdBasis::Prevalence => "flags as many as are positive, since none is given",
        ThresholdBasis::MatchedFpr => "at the champion's false-positive rate",
        ThresholdBasis::MatchedFlagRate => "at the champion's flag rate",
        ThresholdBasis::LeastCost => "least cost",
        ThresholdBasis::LoggedDecisions => "as logged",
    };
    match threshold.value {
        Some(value) => format!("{} ({basis})", plain(value)),
        None => format!("decisions {basis}"),
    }
}

fn flow(comparison: &Comparison) -> String {
    let mut table = Table::new(&[Align::Left, Align::Right, Align::Left]);
    for step in &comparison.population.flow {
        let lost: Vec<String> =
            step.lost.iter().map(|(cause, rows)| format!("{MINUS}{} {cause}", count(*rows))).collect();
        table.row([step.name.clone(), count(step.rows), lost.join(", ")]);
    }
    table.text()
}

fn validity(verdict: &Verdict) -> String {
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
    for check in &verdict.validity {
        let word = match check.outcome {
            CheckOutcome::Pass => "pass",
            CheckOutcome::Warn => "warning",
            CheckOutcome::Fail => "FAIL",
            CheckOutcome::NotEvaluable => "not evaluable",
        };
        table.row([check.title.clone(), word.to_owned(), check.explanation.clone()]);
    }
    if table.is_empty() { "  No check was made.\n".to_owned() } else { table.text() }
}

/// `None` where nothing is said to be worth anything.
fn business(comparison: &Comparison) -> Option<String> {
    let model = crate::present::business::of(comparison);
    if model.scaled.is_empty() {
        return None;
    }
    let mut table = Table::new(&[Align::Left; 5]);
    table.row(["", "per 1,000", "per day", "per year", "chance of better"].map(str::to_owned));
    let both = |[value, interval]: &[String; 2]| format!("{value} {interval}").trim_end().to_owned();
    for line in &model.scaled {
        let outcome = model.outcomes.iter().find(|outcome| outcome.metric == line.metric);
        let chance = outcome.map_or_else(String::new, |outcome| outcome.chance.clone());
        table.row([line.title.clone(), both(&line.per_thousand), both(&line.per_day), both(&line.per_year), chance]);
    }
    Some(format!("  {}\n{}  {}\n", model.finding.text(), table.text(), model.assumption))
}

fn agreement(found: &Agreement, comparison: &Comparison) -> String {
    let mut table = Table::new(&[Align::Left, Align::Right, Align::Left]);
    crate::present::agreement::lines(found).into_iter().for_each(|line| table.row(line));
    let labels = crate::present::agreement::of(found, comparison).labels;
    let said: String = labels.sentences.iter().map(|sentence| format!("  {sentence}\n")).collect();
    table.text() + &said
}

fn triggers(verdict: &Verdict) -> String {
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
    for one in &verdict.triggers {
        let word = match one.outcome {
            TriggerOutcome::Triggered => "TRIGGERED",
            other => other.word(),
        };
        table.row([one.title.clone(), word.to_owned(), one.reason.clone()]);
    }
    table.text()
}

fn population(comparison: &Comparison) -> String {
    let population = &comparison.population;
    let class = if population.class_positive.is_empty() { "positive" } else { &population.class_positive };
    let mut text = format!("{} analysed rows", count(population.analysed));
    if let Some(positives) = population.positives {
        text.push_str(&format!(", {} of class {class}", count(positives)));
    }
    if let (Some(units), Some(column)) = (population.units, &comparison.plan.unit) {
        text.push_str(&format!(", {} units ({column})", count(units)));
    }
    format!("{text}, {} % intervals", confidence(comparison.plan.level))
}

fn metrics(comparison: &Comparison, verdict: &Verdict, slice: Option<&str>) -> String {
    use Align::{Left, Right};
    let mut table = Table::new(&[Left, Left, Right, Right, Right, Left, Left, Right, Left]);
    let cells = ["metric", "", "champion", "challenger", "difference", "interval", "gates", "n", ""];
    table.row(cells.map(str::to_owned));
    for metric in comparison.metrics.iter().filter(|metric| metric.slice.as_deref() == slice) {
        let gates: Vec<&GateResult> = if slice.is_none() {
            verdict.gates.iter().filter(|gate| gate.metric == metric.name).collect()
        } else {
            Vec::new()
        };
        table.row(metric_row(&comparison.plan, metric, &gates));
    }
    table.text()
}

fn metric_row(plan: &Plan, metric: &MetricResult, gates: &[&GateResult]) -> [String; 9] {
    let digits = digits(metric, gates);
    let difference = metric.difference.as_ref();
    let arm = |arm: &Option<crate::compare::Estimate>| {
        arm.as_ref().map_or_else(|| UNDEFINED.to_owned(), |estimate| digits.value(estimate.value))
    };
    let interval = difference.and_then(|difference| difference.lo.zip(difference.hi));
    // A log of one model has its own interval in place of the difference's.
    let own = metric.arms.champion.as_ref().filter(|_| metric.arms.challenger.is_none() && difference.is_none());
    let own = own.and_then(|estimate| estimate.lo.zip(estimate.hi));
    let interval = match (interval, own) {
        (Some((lo, hi)), _) => digits.signed_interval(lo, hi),
        (None, Some((lo, hi))) => digits.interval(lo, hi),
        (None, None) => UNDEFINED.to_owned(),
    };
    let n = difference.map(|difference| difference.n).or_else(|| metric.arms.champion.as_ref().map(|arm| arm.n));
    // Where no interval rests on anything, the rows behind the value are told.
    let n = n.filter(|n| *n > 0);
    let marks: Vec<String> = gates.iter().map(|gate| format!("{} {}", mark(gate.reading.outcome), gate.id)).collect();
    let unit = crate::decision::catalog::unit_word(plan, &metric.name, metric.unit, false);
    let unit = if unit == "%" { "%, pp" } else { unit };
    [
        crate::decision::catalog::title(&metric.name).to_owned(),
        unit.to_owned(),
        arm(&metric.arms.champion),
        arm(&metric.arms.challenger),
        difference.map_or_else(|| UNDEFINED.to_owned(), |difference| digits.signed(difference.value)),
        interval,
        marks.join(" "),
        count(n.unwrap_or(metric.rows)),
        metric.undefined.as_ref().map_or_else(String::new, |reason| format!("undefined: {reason}")),
    ]
}

/// Marks that any terminal shows; the words stand in the table of gates.
const fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "+",
        Outcome::Fail => "x",
        Outcome::Inconclusive => "?",
        Outcome::NotEvaluable => "/",
    }
}

/// Digits the difference's interval supports, never rounded onto a margin of a gate.
fn digits(metric: &MetricResult, gates: &[&GateResult]) -> Digits {
    if let Some(difference) = &metric.difference {
        let ends = difference.lo.zip(difference.hi);
        let margins: Vec<f64> =
            gates.iter().filter_map(|gate| gate.reading.margin).flat_map(|margin| [margin, -margin]).collect();
        let shown: Vec<f64> = [Some(difference.value), difference.lo, difference.hi].into_iter().flatten().collect();
        let arm = metric.arms.champion.as_ref().map(|arm| arm.value);
        return Digits::of_difference(metric.unit, difference.value, ends, arm).clear_of(&shown, &margins);
    }
    let arm = metric.arms.champion.as_ref().or(metric.arms.challenger.as_ref());
    arm.map_or_else(|| Digits::of(metric.unit, 0.0, None), |arm| Digits::of(metric.unit, arm.value, arm.lo.zip(arm.hi)))
}

fn gates(verdict: &Verdict) -> String {
    use Align::Left;
    let mut table = Table::new(&[Left, Left, Left, Left, Left, Left]);
    for gate in &verdict.gates {
        table.row([
            format!("{} {}", mark(gate.reading.outcome), gate.id),
            gate.reading.outcome.word().to_owned(),
            gate.role.word().to_owned(),
            gate.title.clone(),
            gate.requirement.clone(),
            gate.reading.reason.clone(),
        ]);
    }
    table.text()
}
