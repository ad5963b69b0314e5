use super::*;
use crate::decision::fixture::record;
use crate::decision::schema_check::violations;

fn sealable() -> DecisionRecord {
    let mut record = record();
    record.review.limitations = vec!["One site only.".to_owned()];
    record
}

#[test]
fn a_record_reads_back_and_has_one_form() {
    let record = record();
    let bytes = record.to_bytes().unwrap();
    assert_eq!(DecisionRecord::from_json(&bytes).unwrap(), record);
    assert_eq!(DecisionRecord::from_json(&bytes).unwrap().to_bytes().unwrap(), bytes);
    let pretty = serde_json::to_vec_pretty(&record).unwrap();
    assert_eq!(DecisionRecord::from_json(&pretty).unwrap().to_bytes().unwrap(), bytes);
}

#[test]
fn the_schemas_describe_what_is_written() {
    let schema: Value = serde_json::from_str(RECORD_JSON_SCHEMA).unwrap();
    assert_eq!(violations(&schema, &record().to_value().unwrap()), Vec::<String>::new());
    let mut told = sealable();
    told.people.push(Person::default());
    told.mapping.rivals = vec!["net".to_owned()];
    told.mapping.class_order = vec!["low".to_owned(), "high".to_owned()];
    told.mapping.season = std::num::NonZeroU32::new(24);
    told.review.findings.push(Finding::default());
    told.decision = Some(Decision {
        outcome: Recommendation::Reject,
        rationale: "no".to_owned(),
        conditions: Vec::new(),
        override_reason: Some(Override::default()),
    });
    assert_eq!(violations(&schema, &told.to_value().unwrap()), Vec::<String>::new());
    let mut other = told.to_value().unwrap();
    other["header"]["stat"] = Value::Null;
    other["verdict"]["recommendation"] = "ship".into();
    assert_eq!(violations(&schema, &other).len(), 2, "{:?}", violations(&schema, &other));

    let schema: Value = serde_json::from_str(POLICY_JSON_SCHEMA).unwrap();
    let sample = include_str!("../../../sample_data/shadow-outreach/policy.toml");
    let default = Policy::default_for(Task::Binary, RunKind::Shadow).text;
    for text in [sample, default.as_str()] {
        let policy: Value = toml::from_str(text).unwrap();
        assert_eq!(violations(&schema, &policy), Vec::<String>::new());
        let unknown: Value = toml::from_str(&text.replacen("[validity]", "[validity]\nno_dat = 1", 1)).unwrap();
        assert!(!violations(&schema, &unknown).is_empty());
    }
}

#[test]
fn unknown_keys_and_other_schemas_are_refused() {
    let mut value = record().to_value().unwrap();
    value["header"]["titel"] = "x".into();
    let error = DecisionRecord::from_json(value.to_string().as_bytes()).unwrap_err().to_string();
    assert!(error.contains("titel"), "{error}");
    let mut value = record().to_value().unwrap();
    value["schema"] = "promotion-record/2".into();
    let error = DecisionRecord::from_json(value.to_string().as_bytes()).unwrap_err();
    assert_eq!(error, RecordError::Schema("promotion-record/2".to_owned()));
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut record = sealable();
        record.comparison.plan.level = bad;
        assert_eq!(record.to_bytes(), Err(SealError::NotFinite));
        assert_eq!(record.seal("2026-11-25T00:00:00Z").unwrap_err(), SealError::NotFinite);
        // Where the field is optional, null would read back as undefined.
        let mut record = sealable();
        record.comparison.agreement_kappa = Some(bad);
        assert_eq!(record.to_bytes(), Err(SealError::NotFinite));
    }
}

#[test]
fn sealing_needs_limitations_and_digests() {
    let at = "2026-11-25T00:00:00Z";
    let SealError::Incomplete(missing) = record().seal(at).unwrap_err() else { panic!("sealed without limitations") };
    assert!(missing.len() == 1 && missing[0].contains("Limitations are blank"), "{missing:?}");
    let mut unread = sealable();
    unread.evidence.sources[1].sha256.clear();
    assert!(unread.seal(at).unwrap_err().to_string().contains("labels.csv"));

    let sealed = sealable().seal(at).unwrap();
    assert_eq!(sealed.record.header.state, State::Sealed);
    assert_eq!(sealed.sha256, sha256_hex(&sealed.bytes));
    assert_eq!(sealed.record.seal(at).unwrap_err(), SealError::Sealed);
}

#[test]
fn deciding_otherwise_needs_a_reason_that_ends() {
    let at = "2026-11-25T00:00:00Z";
    let mut record = sealable();
    record.decision = Some(Decision {
        outcome: Recommendation::Reject,
        rationale: "Costs too much.".to_owned(),
        conditions: Vec::new(),
        override_reason: None,
    });
    assert!(record.overrides());
    assert!(record.seal(at).unwrap_err().to_string().contains("needs a reason"));
    let mut reason = Override {
        reason_code: "cost".to_owned(),
        rationale: "Not worth its machines.".to_owned(),
        compensating_controls: vec!["Review in March.".to_owned()],
        expires: "2026-11-25".to_owned(),
    };
    record.decision.as_mut().unwrap().override_reason = Some(reason.clone());
    assert!(record.seal(at).unwrap_err().to_string().contains("expires before it begins"));
    reason.expires = "2026-11-26".to_owned();
    record.decision.as_mut().unwrap().override_reason = Some(reason);
    assert!(record.seal(at).is_ok());
    // Agreeing with the rules needs none of it.
    record.decision.as_mut().unwrap().outcome = record.verdict.recommendation;
    record.decision.as_mut().unwrap().override_reason = None;
    assert!(record.seal(at).is_ok());
}

#[test]
fn days_are_counted_across_leap_years() {
    assert_eq!(day_number("1970-01-01"), Some(0));
    assert_eq!(day_number("2024-03-01").zip(day_number("2024-02-28")).map(|(a, b)| a - b), Some(2));
    assert_eq!(day_number("2026-11-25T10:00:00Z"), Some(20_782));
    assert_eq!((day_number("2026-13-01"), day_number("soon")), (None, None));
}

#[test]
fn the_manifest_has_the_form_of_sha256sum() {
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(manifest(&[("a", b"abc"), ("b", b"abc")]), format!("{digest}  a\n{digest}  b\n"));
}
