//! View model of decision: the verdict with all it rests on, and beside it what people say.

mod gates;
mod people;

use std::path::Path;

use super::format::count;
use super::{Sentence, Sheet, Sign, format};
use crate::compare::Comparison;
use crate::decision::attached::{Fact, TestResults};
use crate::decision::record::{DecisionRecord, Finding, FindingSeverity, Override, Person};
use crate::decision::verify::VerifyReport;
use crate::decision::{Held, Outcome, Policy, Recommendation, Tally, Verdict, more};

pub use gates::{GateRow, SegmentRow};
pub use people::{PeopleModel, PersonRow};

/// What people have said so far. Texts as typed; lists are one entry per line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftText {
    /// What the model is used for.
    pub use_case: String,
    pub outcome: Option<Recommendation>,
    pub rationale: String,
    pub conditions: String,
    pub limitations: String,
    /// One per line.
    pub facts: String,
    /// What is attached.
    pub tests: Vec<TestResults>,
    pub people: Vec<Person>,
    pub findings: Vec<Finding>,
    pub override_reason: Option<Override>,
}

impl DraftText {
    /// What was said in a record, for showing a sealed one.
    pub fn of(record: &DecisionRecord) -> Self {
        let decision = record.decision.as_ref();
        Self {
            use_case: record.context.use_case.clone(),
            outcome: decision.map(|decision| decision.outcome),
            rationale: decision.map(|decision| decision.rationale.clone()).unwrap_or_default(),
            conditions: decision.map(|decision| decision.conditions.join("\n")).unwrap_or_default(),
            limitations: record.review.limitations.join("\n"),
            facts: record.facts.iter().map(Fact::text).collect::<Vec<_>>().join("\n"),
            tests: record.tests.clone(),
            people: record.people.clone(),
            findings: record.review.findings.clone(),
            override_reason: decision.and_then(|decision| decision.override_reason.clone()),
        }
    }
}

/// Where the record stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordState {
    /// RFC 3339, UTC; `None` while the record is a draft.
    pub sealed_at: Option<String>,
    /// SHA-256 of the canonical bytes, lower-case hex; of the sealed record.
    pub sha256: Option<String>,
    /// What [`DecisionRecord::missing_for_seal`] says.
    pub missing: Vec<String>,
    /// What the last recomputation found; `None`: not recomputed yet.
    pub verified: Option<Verified>,
}

/// Outcome of a recomputation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// `214 of 214 numbers match.`
    pub summary: String,
    pub all_match: bool,
    /// What is as the record says, and why it was not checked.
    pub taken: Vec<String>,
}

impl From<&VerifyReport> for Verified {
    fn from(report: &VerifyReport) -> Self {
        let taken = report.taken().map(|item| format!("{item:#}")).collect();
        Self { summary: report.summary(), all_match: report.all_match(), taken }
    }
}

/// Everything the Decision view shows.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionModel {
    pub recommendation: Recommendation,
    /// Nearest mark of an outcome; surfaces with marks of their own take `recommendation`.
    pub sign: Sign,
    /// `Promote with conditions`.
    pub title: String,
    pub sentence: Sentence,
    /// Policy, owner, digest, and when the record was sealed.
    pub policy_line: String,
    pub tallies: Vec<TallyLine>,
    /// Level and clusters of the intervals, and what the shade means.
    pub gates_caption: String,
    /// Header of the interval column: `95 % interval`.
    pub interval_title: String,
    /// In the order of the policy.
    pub gates: Vec<GateRow>,
    pub rules: Vec<RuleLine>,
    pub changes: Vec<ChangeLine>,
    /// `To clear LATAM × phone at today's estimate: about 61,000 more rows.`
    pub changes_note: Option<String>,
    pub said: SaidModel,
    pub people: PeopleModel,
    pub record: RecordModel,
}

/// `7 pass`, `1 fail, report only`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyLine {
    pub sign: Sign,
    pub count: String,
    pub words: String,
}

/// One line of the rule table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    pub number: String,
    pub text: String,
    pub held: &'static str,
    pub then: &'static str,
    pub fired: bool,
}

/// One thing that could have been different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeLine {
    pub what: String,
    /// `promote, rule 4` or `unchanged`.
    pub answer: String,
    pub changed: bool,
}

/// The decision of people, kept apart from the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidModel {
    pub text: DraftText,
    /// What can be decided, in order; holds the recommendation and the outcome chosen.
    pub options: Vec<Recommendation>,
    /// Whether the outcome differs from the recommendation.
    pub overrides: bool,
    /// What the policy asks of an override, one sentence.
    pub override_rule: String,
    /// `decided as recommended`, `overrides the recommendation to extend`, `nobody has decided`.
    pub standing: String,
    pub limitations_blank: bool,
    /// Lines of the facts that cannot be read.
    pub fact_problems: Vec<String>,
    /// One line per file of test results, and what failed.
    pub tests: Vec<(String, String)>,
    /// `1 open, 0 critical`.
    pub findings_caption: String,
    /// One line per finding: `F1 Timeouts 12 ×, owner P. Lund, due 2026-11-20, open`.
    pub findings: Vec<String>,
    pub sealed: bool,
}

/// The record and what can be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordModel {
    pub sealed: bool,
    /// `record sealed, read-only` or `draft`.
    pub status: String,
    /// First 8 and last 4 characters; `None` for a draft.
    pub digest: Option<String>,
    pub sha256: Option<String>,
    pub verify: Option<(Sign, String)>,
    /// What was not checked since only the record tells it, with the reason, one line each.
    pub taken: Vec<String>,
    /// What is missing before the record can be sealed; empty for a sealed one.
    pub missing: Vec<String>,
}

/// The Decision view of a sheet, with what people said and where the record stands.
pub fn decision(sheet: &Sheet<'_>, said: &DraftText, record: &RecordState) -> DecisionModel {
    decision_of(sheet.comparison, sheet.verdict, sheet.policy, said, record)
}

/// The same without a log, for records whose logs are elsewhere.
pub fn decision_of(
    comparison: &Comparison,
    verdict: &Verdict,
    policy: &Policy,
    said: &DraftText,
    record: &RecordState,
) -> DecisionModel {
    let level = verdict.gates.first().map_or(policy.interval.level, |gate| gate.level);
    let percent = format!("{} %", format::confidence(level));
    DecisionModel {
        recommendation: verdict.recommendation,
        sign: sign(verdict.recommendation),
        title: verdict.recommendation.title().to_owned(),
        sentence: sentence(verdict),
        policy_line: policy_line(policy, verdict, record),
        tallies: tallies(verdict),
        gates_caption: format!(
            "{}. Shaded: the interval must stay clear of it.{}",
            super::interval_words(&comparison.plan, level),
            verdict.level_note.as_ref().map_or_else(String::new, |note| format!(" {note}"))
        ),
        interval_title: format!("{percent} interval"),
        gates: verdict.gates.iter().map(gates::row).collect(),
        rules: rules(verdict),
        changes: changes(verdict),
        changes_note: changes_note(verdict),
        said: said_model(policy, verdict, said, record),
        people: people::people(policy, &said.people),
        record: record_model(said, record),
    }
}

const fn sign(recommendation: Recommendation) -> Sign {
    match recommendation {
        Recommendation::Promote | Recommendation::PromoteWithConditions => Sign::Pass,
        Recommendation::Extend => Sign::Inconclusive,
        Recommendation::Reject | Recommendation::Rollback => Sign::Fail,
        Recommendation::Invalid => Sign::NotEvaluable,
    }
}

fn sentence(verdict: &Verdict) -> Sentence {
    let policy = format!("{} {}", verdict.policy_id, verdict.policy_version);
    match verdict.sentence.split_once(&policy) {
        Some((before, after)) => Sentence::default().plain(before).strong(policy).plain(after),
        None => Sentence::default().plain(verdict.sentence.clone()),
    }
}

fn policy_line(policy: &Policy, verdict: &Verdict, record: &RecordState) -> String {
    let mut line = format!("Policy {} {}", verdict.policy_id, verdict.policy_version);
    if !policy.owner.is_empty() {
        line.push_str(&format!(", owner {}", policy.owner));
    }
    line.push_str(&format!(", sha256 {}.", format::digest(&verdict.policy_sha256)));
    match &record.sealed_at {
        Some(sealed_at) => line.push_str(&format!(" Record sealed {}.", moment(sealed_at))),
        None => line.push_str(" No record is sealed."),
    }
    line
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `2026-11-08T13:18:00Z` as `8 Nov 2026, 13:18 UTC`; any other text as it is.
fn moment(rfc3339: &str) -> String {
    let read = || {
        let (date, time) = rfc3339.strip_suffix('Z')?.split_once('T')?;
        let mut parts = date.split('-');
        let (year, month) = (parts.next()?, parts.next()?.parse::<usize>().ok()?);
        let day = parts.next()?.parse::<u32>().ok()?;
        let name = MONTHS.get(month.checked_sub(1)?)?;
        Some(format!("{day} {name} {year}, {} UTC", time.get(..5)?))
    };
    read().unwrap_or_else(|| rfc3339.to_owned())
}

fn tallies(verdict: &Verdict) -> Vec<TallyLine> {
    let tallies = &verdict.tallies;
    let line = |outcome: Outcome, tally: Tally| {
        let word = outcome.word();
        let words = match (tally.binding, tally.report_only) {
            (_, 0) => word.to_owned(),
            (0, _) => format!("{word}, report only"),
            (_, only) => format!("{word}, {only} report only"),
        };
        TallyLine { sign: outcome.into(), count: count(u64::from(tally.binding + tally.report_only)), words }
    };
    vec![
        line(Outcome::Pass, tallies.pass),
        line(Outcome::Inconclusive, tallies.inconclusive),
        line(Outcome::Fail, tallies.fail),
        line(Outcome::NotEvaluable, tallies.not_evaluable),
    ]
}

fn rules(verdict: &Verdict) -> Vec<RuleLine> {
    let line = |rule: &crate::decision::RuleRow| RuleLine {
        number: rule.number.to_string(),
        text: rule.text.clone(),
        held: rule.held.word(),
        then: rule.then.word(),
        fired: rule.held == Held::Yes,
    };
    verdict.rules.iter().map(line).collect()
}

fn changes(verdict: &Verdict) -> Vec<ChangeLine> {
    let line = |change: &crate::decision::Change| ChangeLine {
        what: change.what.clone(),
        answer: match (change.changed, change.rule) {
            (false, _) => "unchanged".to_owned(),
            (true, Some(rule)) => format!("{}, rule {rule}", change.recommendation.word()),
            (true, None) => change.recommendation.word().to_owned(),
        },
        changed: change.changed,
    };
    verdict.what_would_change.iter().map(line).collect()
}

/// What it takes to settle the open gate or segment that needs the fewest rows.
fn changes_note(verdict: &Verdict) -> Option<String> {
    let open = verdict.gates.iter().filter(|gate| gate.binds()).flat_map(|gate| {
        let segments = gate.segments.iter().map(|segment| (segment.name.as_str(), &segment.reading));
        let whole = (!gate.by_segment).then_some((gate.id.as_str(), &gate.reading));
        segments.chain(whole)
    });
    let (name, reading) = open
        .filter(|(_, reading)| reading.more_rows_needed.is_some())
        .min_by_key(|(_, reading)| reading.more_rows_needed)?;
    Some(format!("To clear {name} at today’s estimate: {}.", more(reading)?))
}

fn said_model(policy: &Policy, verdict: &Verdict, said: &DraftText, record: &RecordState) -> SaidModel {
    use Recommendation::{Extend, Invalid, Promote, PromoteWithConditions, Reject, Rollback};
    let recommended = verdict.recommendation;
    let overrides = said.outcome.is_some_and(|outcome| outcome != recommended);
    let mut options = vec![Promote, PromoteWithConditions, Extend, Reject];
    options.extend([Rollback, Invalid].into_iter().filter(|more| recommended == *more || said.outcome == Some(*more)));
    let open = said.findings.iter().filter(|finding| finding.open);
    let critical = open.clone().filter(|finding| finding.severity == FindingSeverity::Critical).count();
    SaidModel {
        options,
        overrides,
        override_rule: override_rule(policy),
        standing: match said.outcome {
            None => "nobody has decided".to_owned(),
            Some(_) if overrides => format!("overrides the recommendation to {}", recommended.word()),
            Some(_) => "as recommended".to_owned(),
        },
        limitations_blank: said.limitations.trim().is_empty(),
        fact_problems: Fact::problems(&said.facts),
        tests: said.tests.iter().map(tests_line).collect(),
        findings_caption: format!("{} open, {critical} critical", open.count()),
        findings: said.findings.iter().map(finding_line).collect(),
        sealed: record.sealed_at.is_some(),
        text: said.clone(),
    }
}

fn finding_line(finding: &Finding) -> String {
    let mut line = format!("{} {}", finding.id, finding.text).trim().to_owned();
    line.push_str(&format!(", {}", severity_word(finding.severity)));
    if !finding.owner.trim().is_empty() {
        line.push_str(&format!(", owner {}", finding.owner));
    }
    if let Some(due) = finding.due.as_deref().filter(|due| !due.trim().is_empty()) {
        line.push_str(&format!(", due {due}"));
    }
    line.push_str(if finding.open { ", open" } else { ", closed" });
    line
}

/// `unit.xml, 412 run, 1 failed, 3 skipped`, and the names of what failed.
fn tests_line(tests: &TestResults) -> (String, String) {
    let file =
        Path::new(&tests.path).file_name().map_or_else(|| tests.path.clone().into(), |name| name.to_string_lossy());
    let (run, failed, skipped) = (count(tests.run), count(tests.failed), count(tests.skipped));
    let mut hover = vec![tests.path.clone(), format!("sha256 {}", format::digest(&tests.sha256))];
    if !tests.failures.is_empty() {
        hover.push(format!("failed: {}", tests.failures.join(", ")));
    }
    (format!("{file}, {run} run, {failed} failed, {skipped} skipped"), hover.join("\n"))
}

/// As shown: `high`.
pub const fn severity_word(severity: FindingSeverity) -> &'static str {
    match severity {
        FindingSeverity::Low => "low",
        FindingSeverity::Medium => "medium",
        FindingSeverity::High => "high",
        FindingSeverity::Critical => "critical",
    }
}

fn override_rule(policy: &Policy) -> String {
    let mut parts = vec!["a reason code".to_owned()];
    let rule = policy.signoff.override_rule;
    match rule.map_or(0, |rule| rule.min_rationale_chars) {
        0 | 1 => parts.push("a rationale".to_owned()),
        least => parts.push(format!("a rationale of {least} characters")),
    }
    parts.push("a compensating control".to_owned());
    match rule.and_then(|rule| rule.valid_days) {
        Some(days) => parts.push(format!("an expiry within {days} days")),
        None => parts.push("an expiry".to_owned()),
    }
    if let Some(approvers) = rule.map(|rule| rule.approvers).filter(|approvers| *approvers > 1) {
        parts.push(format!("{approvers} approvers"));
    }
    let last = parts.pop().unwrap_or_default();
    format!("An override needs {} and {last}.", parts.join(", "))
}

fn record_model(said: &DraftText, record: &RecordState) -> RecordModel {
    let sealed = record.sealed_at.is_some();
    let mut missing = if sealed { Vec::new() } else { record.missing.clone() };
    if !sealed && missing.is_empty() && said.limitations.trim().is_empty() {
        missing.push("Limitations are blank: say what this run cannot show.".to_owned());
    }
    RecordModel {
        sealed,
        status: if sealed { "record sealed, read-only" } else { "draft" }.to_owned(),
        digest: record.sha256.as_deref().map(format::digest),
        sha256: record.sha256.clone(),
        verify: record.verified.as_ref().map(|verified| {
            let sign = if verified.all_match { Sign::Pass } else { Sign::Fail };
            (sign, verified.summary.trim_end_matches('.').to_owned())
        }),
        taken: record.verified.as_ref().map_or_else(Vec::new, |verified| verified.taken.clone()),
        missing,
    }
}

#[cfg(test)]
pub(crate) mod tests;
