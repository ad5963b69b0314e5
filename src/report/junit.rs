//! Gates and validity checks as JUnit test cases, for build servers.

use super::markup::escape;
use super::words;
use crate::compare::CheckOutcome;
use crate::decision::{DecisionRecord, GateResult, Outcome, Recommendation, ValidityResult};

/// What becomes of a test case.
enum Case {
    Pass,
    Failure(&'static str),
    Error(&'static str),
    Skipped,
}

pub(super) fn suites(record: &DecisionRecord) -> String {
    let verdict = &record.verdict;
    let accepted = matches!(verdict.recommendation, Recommendation::Promote | Recommendation::PromoteWithConditions);
    let gates: Vec<(String, String, Case)> = verdict
        .gates
        .iter()
        .map(|gate| (name(gate), words::gate_sentence(verdict, gate), gate_case(gate, accepted)))
        .collect();
    let checks: Vec<(String, String, Case)> = verdict
        .validity
        .iter()
        .map(|check| (check.title.clone(), check.explanation.clone(), check_case(check)))
        .collect();
    let policy = format!("{} {}", verdict.policy_id, verdict.policy_version);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = || gates.iter().chain(&checks);
    out.push_str(&format!("<testsuites name=\"{}\" {}>\n", escape(&record.header.title), counts(all())));
    out.push_str(&suite(record, &policy, "gates", &gates));
    out.push_str(&suite(record, &policy, "validity", &checks));
    out + "</testsuites>\n"
}

fn name(gate: &GateResult) -> String {
    let role = gate.role.word();
    let role = if role.is_empty() { String::new() } else { format!(" ({role})") };
    format!("{} {}: {}{role}", gate.id, gate.title, gate.requirement)
}

fn gate_case(gate: &GateResult, accepted: bool) -> Case {
    match gate.counts_as {
        Some(Outcome::Pass) => Case::Pass,
        Some(Outcome::Fail) => Case::Failure("fail"),
        Some(_) if accepted => Case::Skipped,
        Some(open) => Case::Error(open.word()),
        None if gate.reading.outcome == Outcome::Pass => Case::Pass,
        None => Case::Skipped,
    }
}

fn check_case(check: &ValidityResult) -> Case {
    match check.outcome {
        CheckOutcome::Pass | CheckOutcome::Warn => Case::Pass,
        CheckOutcome::Fail => Case::Failure("invalid"),
        CheckOutcome::NotEvaluable => Case::Skipped,
    }
}

fn counts<'a>(cases: impl Iterator<Item = &'a (String, String, Case)>) -> String {
    let (mut tests, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    for (_, _, case) in cases {
        tests += 1;
        match case {
            Case::Pass => {}
            Case::Failure(_) => failures += 1,
            Case::Error(_) => errors += 1,
            Case::Skipped => skipped += 1,
        }
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

fn suite(record: &DecisionRecord, policy: &str, what: &str, cases: &[(String, String, Case)]) -> String {
    let verdict = &record.verdict;
    let mut out = format!(
        "  <testsuite name=\"{} {what}\" {} timestamp=\"{}\">\n    <properties>\n",
        escape(policy),
        counts(cases.iter()),
        escape(record.header.created_at.trim_end_matches('Z')),
    );
    let rule = words::rule(verdict);
    for (name, value) in [
        ("record_id", record.header.record_id.as_str()),
        ("recommendation", verdict.recommendation.word()),
        ("rule", rule.as_str()),
        ("policy_sha256", verdict.policy_sha256.as_str()),
    ] {
        out.push_str(&format!("      <property name=\"{name}\" value=\"{}\"/>\n", escape(value)));
    }
    out.push_str("    </properties>\n");
    for (name, sentence, case) in cases {
        let sentence = escape(sentence);
        out.push_str(&format!(
            "    <testcase classname=\"{}.{what}\" name=\"{}\">",
            escape(&verdict.policy_id),
            escape(name)
        ));
        out.push_str(&match case {
            Case::Pass => format!("<system-out>{sentence}</system-out>"),
            Case::Failure(kind) => format!("<failure type=\"{kind}\" message=\"{sentence}\"/>"),
            Case::Error(kind) => format!("<error type=\"{kind}\" message=\"{sentence}\"/>"),
            Case::Skipped => format!("<skipped message=\"{sentence}\"/>"),
        });
        out.push_str("</testcase>\n");
    }
    out + "  </testsuite>\n"
}
