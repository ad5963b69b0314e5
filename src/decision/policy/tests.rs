use super::*;

const SAMPLE: &str = include_str!("../../../sample_data/shadow-outreach/policy.toml");

fn message(text: &str) -> String {
    Policy::parse(text).unwrap_err().to_string()
}

/// The default policy with one text replaced.
fn with(from: &str, to: &str) -> String {
    assert!(DEFAULT_BINARY.contains(from), "{from}");
    DEFAULT_BINARY.replacen(from, to, 1)
}

fn line_of(text: &str, part: &str) -> usize {
    1 + text.lines().position(|line| line.contains(part)).unwrap()
}

#[test]
fn gates_that_roll_back_and_challengers_share_the_error() {
    let gate = |id: &str| {
        format!(
            "\n[[gate]]\nid = \"{id}\"\nrole = \"critical\"\nmetric = \"error\"\ntest = \"non_inferiority\"\nmargin = 0.01\n"
        )
    };
    let of = |critical: usize| {
        let outcomes = [("error".to_owned(), Better::Lower, Unit::Share)];
        let base = Policy::default_for_outcomes(RunKind::Canary, &outcomes);
        let text = base.text.clone();
        let (head, tail) = text.split_once("\n[validity]").unwrap();
        // The default has two already: the outcome, and answers that are missing.
        let more: String = (2..critical).map(|number| gate(&format!("X{number}"))).collect();
        Policy::parse(&format!("{head}{more}\n[validity]{tail}")).unwrap()
    };
    // A rollback is earned at one end of an interval: two gates at 99 % come to 1 % in all.
    assert_eq!(of(2).level(RunKind::Canary, 0, &[]), 0.99);
    assert_eq!(of(2).level_note(RunKind::Canary, &[], &[]), None);
    assert!((of(4).level(RunKind::Canary, 0, &[]) - 0.995).abs() < 1e-12);
    assert!(of(4).level_note(RunKind::Canary, &[], &[]).unwrap().contains("4 critical gates"));
    // Each segment may roll back, and a gate of two ends at either.
    let text = of(2).text.replacen("margin = ", "segments = [\"region\"]\nmargin = ", 1);
    let slices: Vec<SliceSpec> =
        ["region=a", "region=b", "region=c", "plan=x"].map(|text| text.parse().unwrap()).into();
    let segmented = Policy::parse(&text).unwrap();
    assert!((segmented.level(RunKind::Canary, 0, &slices) - 0.995).abs() < 1e-12, "{text}");
    let note = segmented.level_note(RunKind::Canary, &[], &slices).unwrap();
    assert!(note.contains("at 4 ends of intervals"), "{note}");
    // Elsewhere all gates must pass, which needs no correction; any of several challengers does.
    assert_eq!(of(4).level(RunKind::Ab, 0, &[]), 0.99);
    assert!((of(4).level(RunKind::Shadow, 4, &[]) - 0.998).abs() < 1e-12);
    let note = of(2).level_note(RunKind::Shadow, &["b".to_owned(), "c".to_owned()], &[]).unwrap();
    assert!(note.contains("3 challengers") && note.contains("b, c"), "{note}");
}

#[test]
fn the_shipped_policies_have_no_problem() {
    for task in Task::ALL {
        // Parsing a policy that names a metric of no task, or says something twice, is what this must not do.
        assert!(!Policy::default_for(task, RunKind::Shadow).gates.is_empty(), "{task:?}");
    }
    let default = Policy::default_for(Task::Binary, RunKind::Shadow);
    assert_eq!(default.check(), []);
    assert_eq!(default.gates.len(), 7);
    assert_eq!(default.sha256, sha256_hex(DEFAULT_BINARY.as_bytes()));

    let sample = Policy::parse(SAMPLE).unwrap();
    assert_eq!(sample.check(), []);
    assert_eq!(sample.gates.len(), 10);
    assert_eq!((sample.validity.srm_p, sample.validity.max_duplicate_conflicts), (Some(0.001), Some(0)));
    assert_eq!(sample.gates[2].lower.zip(sample.gates[2].upper), Some((0.9, 1.1)));
    assert_eq!(sample.gates[6].min, GateMinimum { units: Some(400), events: Some(60) });
    assert_eq!(sample.gates[5].margin, Some(Margin::Relative(0.05)));
    assert_eq!(sample.slices().len(), 5);
    assert_eq!(sample.gated_metrics().len(), 8);
}

#[test]
fn unknown_keys_are_named_with_their_line() {
    for (from, to, key) in [
        ("margin = 0.005", "margn = 0.005", "margn"),
        ("max_missing_predictions = 0.01", "max_missing = 0.01", "max_missing"),
        ("level = 0.95 ", "levle = 0.95 ", "levle"),
        ("owner   =", "ovner   =", "ovner"),
        ("approvers = 2", "approver = 2", "approver"),
        ("units = 100", "unit = 100", "unit"),
    ] {
        let text = with(from, to);
        let message = message(&text);
        assert!(message.contains(&format!("`{key}`")), "{message}");
        assert!(message.contains("line "), "{message}");
    }
    let text = with("max_missing_predictions = 0.01", "max_missing = 0.01");
    assert!(message(&text).contains(&format!("line {}", line_of(&text, "max_missing = "))), "{}", message(&text));
}

#[test]
fn other_vocabulary_is_refused() {
    for (from, to, part) in [
        ("promotion-policy/1", "promotion-policy/2", "promotion-policy/2"),
        ("role = \"primary\"", "role = \"main\"", "main"),
        ("test = \"not_too_good\"", "test = \"leak\"", "leak"),
        ("when = \"any_failed\"", "when = \"some_failed\"", "some_failed"),
        ("then = \"promote\" ", "then = \"ship\" ", "ship"),
        ("too_good", "too_goood", "too_goood"),
        ("multiplicity = \"none\"", "multiplicity = \"holm\"", "holm"),
        ("margin = 0.005", "margin = { relative = 0.005 }", "relative"),
    ] {
        let message = message(&with(from, to));
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn what_makes_no_sense_is_an_error_at_its_gate() {
    for (from, to, part) in [
        ("metric = \"roc_auc\"", "metric = \"auc\"", "roc_auc is"),
        ("margin = 0.005", "margin = -0.005", "negative"),
        ("margin = 0.005\n", "\n", "margin is missing"),
        ("margin = 0.005", "margin = nan", "finite"),
        ("id = \"G2\"", "id = \"G1\"", "another gate has this id"),
        ("test = \"equivalence\"\nmargin = 0.10", "test = \"equivalence\"\nmargin = 0", "no interval fits"),
        ("test = \"equivalence\"", "test = \"superiority\"", "no better direction"),
        ("test = \"not_too_good\"\nmargin = 0.10", "test = \"bound\"", "min, max or both"),
        ("test = \"not_too_good\"\nmargin = 0.10", "test = \"bound\"\nmin = 2\nmax = 1", "min must be below max"),
        ("margin = 0.005", "margin = 0.005\nmax = 1", "belong to test = \"bound\""),
        ("margin = 0.005", "margin = 0.005\narm = \"champion\"", "arm belongs to"),
        ("level = 0.95", "level = 95", "not in [0.5, 1)"),
        ("max_missing_predictions = 0.01", "max_missing_predictions = 1.01", "share from 0 to 1"),
        ("max_missing_predictions = 0.01", "srm_p = 0", "between 0 and 1"),
    ] {
        let message = message(&with(from, to));
        assert!(message.contains(part), "{part}: {message}");
    }
    let shares = with(
        "metric = \"recall\"\ntest = \"non_inferiority\"\nmargin = 0.01",
        "metric = \"recall\"\ntest = \"non_inferiority\"\nmargin = 1",
    );
    assert!(message(&shares).contains("one percentage point"), "{}", message(&shares));
}

#[test]
fn directions_must_agree_with_the_metric() {
    let text = format!("{DEFAULT_BINARY}\n[metrics.brier]\nbetter = \"higher\"\n");
    assert!(message(&text).contains("metrics.brier"), "{}", message(&text));
    let text = format!("{DEFAULT_BINARY}\n[metrics.brier]\nbetter = \"lower\"\n");
    assert!(Policy::parse(&text).is_ok());
}

#[test]
fn rules_cannot_promote_what_has_not_passed() {
    for (from, to) in [
        (
            "{ when = \"otherwise\",                  then = \"extend\" }",
            "{ when = \"otherwise\", then = \"promote\" }",
        ),
        (
            "{ when = \"only_segments_inconclusive\", then = \"promote_with_conditions\" }",
            "{ when = \"only_segments_inconclusive\", then = \"promote\" }",
        ),
        ("{ when = \"validity_failed\",            then = \"invalid\" },", ""),
    ] {
        let message = message(&with(from, to));
        assert!(message.contains("would promote"), "{message}");
    }
}

#[test]
fn rules_that_are_never_reached_are_doubtful_but_usable() {
    let text = with(
        "  { when = \"all_passed\",                 then = \"promote\" },",
        "  { when = \"otherwise\", then = \"extend\" },\n  { when = \"all_passed\", then = \"promote\" },",
    );
    let policy = Policy::parse(&text).unwrap();
    let problems = policy.check();
    assert!(problems.iter().all(|problem| problem.kind == ProblemKind::Warning));
    assert!(problems.iter().any(|problem| problem.message.contains("never reached")), "{problems:?}");
}

#[test]
fn segments_are_columns_crosses_or_slices() {
    let segments = |text: &str| {
        Policy::read(&with("margin = 0.005", &format!("margin = 0.005\nsegments = {text}")))
            .map(|policy| policy.gates[0].segments.clone())
    };
    let cross = |names: &[&str]| Segment::Cross(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(
        segments("[\"region\", \"region * product\", \"region=LATAM\"]").unwrap(),
        [cross(&["region"]), cross(&["region", "product"]), Segment::Slice(SliceSpec::equal("region", "LATAM"))]
    );
    let error = segments("[\"region *\"]").unwrap_err().to_string();
    assert!(error.contains("gate G1") && error.contains("region *"), "{error}");
}
