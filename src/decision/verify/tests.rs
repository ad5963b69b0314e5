use super::*;
use crate::decision::DecisionRecord;
use crate::decision::fixture::record;
use crate::decision::record::manifest;

fn fresh(record: &DecisionRecord) -> Value {
    record.to_value().unwrap()
}

fn compared(change: impl FnOnce(&mut DecisionRecord)) -> VerifyReport {
    let stored = record();
    let mut computed = stored.clone();
    change(&mut computed);
    compare_records(&stored.to_value().unwrap(), &fresh(&computed))
}

fn only_difference(report: &VerifyReport) -> &Item {
    let mut differing = report.differing();
    let first = differing.next().unwrap();
    assert_eq!(differing.next(), None);
    first
}

#[test]
fn the_same_numbers_match() {
    let report = compared(|_| {});
    assert!(report.all_match());
    let (matching, numbers) = report.numbers();
    assert!(matching == numbers && numbers > 50, "{numbers}");
    assert!(report.summary().starts_with(&format!("{numbers} of {numbers} numbers match; 3 of 3 digests match")));
}

#[test]
fn one_changed_number_is_named() {
    let report = compared(|record| {
        if let Some(difference) = &mut record.comparison.metrics[0].difference {
            difference.lo = Some(0.021);
        }
    });
    let item = only_difference(&report);
    assert_eq!(item.path, "/comparison/metrics/0/difference/lo");
    assert_eq!(item.to_string(), "DIFFERS      roc_auc difference lo: the record says 0.02, recomputed 0.021");
    assert!(!report.all_match());
}

#[test]
fn counts_are_compared_exactly_and_floats_nearly() {
    let report = compared(|record| record.comparison.population.analysed += 1);
    assert_eq!(only_difference(&report).kind, ItemKind::Number);
    let report = compared(|record| record.comparison.plan.level *= 1.0 + 1e-14);
    assert!(report.all_match());
    assert!(report.summary().contains("1 of them within 1e-12"), "{}", report.summary());
    let report = compared(|record| record.comparison.plan.level *= 1.0 + 1e-11);
    assert_eq!(report.differing().count(), 1);
}

#[test]
fn undefined_is_no_number() {
    let report = compared(|record| record.comparison.agreement_kappa = None);
    let item = only_difference(&report);
    assert!(item.to_string().ends_with("the record says 0.7, recomputed undefined"), "{item}");
    let report = compared(|record| record.comparison.notes.push("new".to_owned()));
    assert_eq!(only_difference(&report).path, "/comparison/notes");
}

#[test]
fn files_are_matched_by_name_and_digest() {
    let moved = compared(|record| {
        record.evidence.sources[0].path = "elsewhere/a.csv".to_owned();
        record.evidence.sources.reverse();
    });
    assert!(moved.all_match(), "{:?}", moved.differing().collect::<Vec<_>>());
    let changed = compared(|record| record.evidence.sources[0].sha256 = "00".to_owned());
    assert!(only_difference(&changed).name.contains("logs/a.csv"));
    let gone = compared(|record| {
        record.evidence.sources.pop();
    });
    let unchecked: Vec<&Item> = gone.not_checked().collect();
    assert!(unchecked.len() == 1 && unchecked[0].name.contains("labels.csv") && !gone.all_match());
}

#[test]
fn an_outcome_that_changed_is_named_by_its_gate() {
    let report = compared(|record| record.verdict.gates[0].reading.outcome = crate::decision::Outcome::Fail);
    assert_eq!(
        only_difference(&report).to_string(),
        "DIFFERS      gate G1 outcome: the record says \"pass\", recomputed \"fail\""
    );
}

type Change = fn(&mut DecisionRecord);

#[test]
fn all_that_was_computed_is_compared() {
    let changes: [(&str, Change); 8] = [
        ("/design/estimand", |record| record.design.estimand = "net-9 minus prod".to_owned()),
        ("/mapping/rivals", |record| record.mapping.rivals.push("other".to_owned())),
        ("/mapping/positive", |record| record.mapping.positive = "0".to_owned()),
        ("/evidence/sources/0/format", |record| record.evidence.sources[0].format = "parquet".to_owned()),
        ("/policy/version", |record| record.policy.version = "0".to_owned()),
        ("/reproduction/tool", |record| record.reproduction.tool = "other".to_owned()),
        ("/reproduction/seed", |record| record.reproduction.seed += 1),
        ("/reproduction/verify_command", |record| record.reproduction.verify_command.clear()),
    ];
    for (path, change) in changes {
        assert_eq!(only_difference(&compared(change)).path, path);
    }
    let issue = crate::ingest::Issue {
        code: "conflicting_ids".to_owned(),
        severity: crate::ingest::Severity::Warning,
        message: "2 ids have two predictions.".to_owned(),
        consequence: String::new(),
        mend: String::new(),
        count: 2,
        share: 0.01,
        examples: Vec::new(),
    };
    let emptied = compared(|record| record.issues.push(issue));
    assert_eq!(only_difference(&emptied).path, "/issues");
}

#[test]
fn a_policy_text_that_is_not_the_one_of_the_digest_differs() {
    let stored = record();
    let mut value = stored.to_value().unwrap();
    value["policy"]["text"] = stored.policy.text.replace("0.01", "0.02").into();
    let report = compare_records(&value, &fresh(&stored));
    assert_eq!(only_difference(&report).name, "sha256 of policy text");
}

#[test]
fn what_was_not_recomputed_is_not_checked() {
    let stored = record().to_value().unwrap();
    let report = compare_records(&stored, &serde_json::json!({}));
    let parts: Vec<&str> = report.not_checked().map(|item| item.name.as_str()).collect();
    assert_eq!(parts, ["evidence", "mapping", "issues", "design", "comparison", "verdict"]);
    assert!(!report.all_match());
}

#[test]
fn one_changed_byte_of_a_file_or_of_the_record_is_named() {
    let bytes = record().to_bytes().unwrap();
    let policy = b"margin = 0.01".to_vec();
    let listed = manifest(&[("record.json", &bytes), ("policy.toml", &policy)]);
    let check = |bytes: &[u8], policy: Option<&[u8]>| {
        check_manifest(
            &listed,
            |name| if name == "record.json" { Some(bytes.to_vec()) } else { policy.map(<[u8]>::to_vec) },
        )
    };
    assert!(check(&bytes, Some(&policy)).all_match());
    assert_eq!(only_difference(&check(&bytes, Some(b"margin = 0.02"))).path, "policy.toml");
    assert_eq!(check(&bytes, None).not_checked().count(), 1);
    let mut changed = bytes.clone();
    let last = changed.len() - 1;
    changed[last] = b' ';
    assert_eq!(only_difference(&check(&changed, Some(&policy))).path, "record.json");

    assert!(check_canonical(&bytes).all_match());
    let spaced = [b" ".as_slice(), &bytes].concat();
    assert!(!check_canonical(&spaced).all_match());
    assert!(!check_canonical(b"no json").all_match());
}
