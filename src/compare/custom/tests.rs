//! The language: what it says, what it refuses and where, and that any text is taken or refused.

use proptest::prelude::*;

use super::*;
use crate::compare::plan::ThresholdBasis;
use crate::log::{
    Arm, ArmRole, Classes, CodeColumn, Coded, Codes, Content, Feature, FeatureValues, Ids, JoinAudit, NOT_LOGGED,
    Numbers, PairBasis, RunKind, ScoreKind, Task,
};

const AT_HALF: Threshold = Threshold { value: Some(0.5), basis: ThresholdBasis::Given };

fn arm(name: &str, role: ArmRole, scores: &[f64]) -> Arm {
    Arm {
        served: Default::default(),
        name: name.to_owned(),
        role,
        logged: scores.len() as u64,
        scores: Some(scores.to_vec()),
        score_kind: ScoreKind::Probability,
        predictions: None,
        latency_ms: Some(vec![10.0, 20.0, NOT_LOGGED, 40.0]),
        unpaired_latency_ms: Vec::new(),
    }
}

/// Four rows of a run of two classes: amounts, regions, a number of few values, and a column with a space.
fn log() -> Log {
    let codes = |names: &[&str], codes: &[u32]| {
        FeatureValues::Coded(Codes::new(names.iter().map(|n| (*n).to_owned()).collect(), codes))
    };
    let feature = |name: &str, values| Feature { name: name.to_owned(), values };
    Log {
        kind: RunKind::Shadow,
        task: Task::Binary,
        rows: 4,
        ids: Ids::Position(4),
        arms: vec![
            arm("a", ArmRole::Champion, &[0.1, 0.6, 0.7, 0.4]),
            arm("b", ArmRole::Challenger, &[0.2, 0.4, 0.9, 0.8]),
        ],
        labels: vec![0, 1, 1, 0],
        classes: Classes { negative: "no".to_owned(), positive: "yes".to_owned() },
        content: Content::Binary,
        times: None,
        units: None,
        features: vec![
            feature("amount", FeatureValues::Numeric(vec![10.0, 0.0, f64::NAN, -4.0])),
            feature("region", codes(&["LATAM", "EMEA"], &[0, 1, u32::MAX, 0])),
            feature("home", codes(&["EMEA", "APAC", "LATAM"], &[2, 0, 1, 1])),
            feature("items", codes(&["1", "12"], &[0, 1, 0, u32::MAX])),
            feature("amount due", FeatureValues::Numeric(vec![1.0, 2.0, 3.0, 4.0])),
            feature("score", FeatureValues::Numeric(vec![5.0, 6.0, 7.0, 8.0])),
        ],
        audit: JoinAudit {
            basis: PairBasis::Id { column: "id".to_owned() },
            ids: 4,
            paired: 4,
            champion_only: 0,
            challenger_only: 0,
            duplicate_same: 0,
            duplicate_different: 0,
            conflicts_kept: false,
            without_id: 0,
            labels: crate::log::Label { present: 4, ..Default::default() },
        },
        sources: Vec::new(),
        split: None,
    }
}

fn metric(value: &str) -> CustomMetric {
    CustomMetric {
        name: "own".to_owned(),
        unit: String::new(),
        better: Better::Higher,
        value: value.to_owned(),
        per: None,
    }
}

/// Values of an arm's rows, or why there is none.
fn of_arm(log: &Log, arm: usize, text: &str) -> Vec<Result<f64, State>> {
    let computable = metric(text).computable(&Scope::of(log)).unwrap_or_else(|error| panic!("{text}: {error}"));
    let rows: Vec<u32> = (0..log.rows as u32).collect();
    let found = computable.row_values(log, arm, AT_HALF, &rows, &JobCx::new()).unwrap();
    let of = |row: usize| match found.state(row) {
        State::Known => Ok(found.value.values[row]),
        state => Err(state),
    };
    (0..log.rows).map(of).collect()
}

fn values(text: &str) -> Vec<Result<f64, State>> {
    of_arm(&log(), 0, text)
}

#[track_caller]
fn all(text: &str, wanted: [f64; 4]) {
    assert_eq!(values(text), wanted.map(Ok), "{text}");
}

/// What is said of an expression that is none.
fn said(text: &str) -> String {
    metric(text).check(&Scope::of(&log())).unwrap_err().to_string()
}

#[test]
fn precedence_is_that_of_arithmetic() {
    all("1 + 2 * 3 - 4 / 2", [5.0; 4]);
    all("-(1 + 2) * -2", [6.0; 4]);
    all("10 - 4 - 3", [3.0; 4]);
    all("24 / 4 / 3", [2.0; 4]);
    all("1 < 2 and not 2 < 1 or 1 = 2", [1.0; 4]);
    all("not 1 = 2 and 2 = 2", [1.0; 4]);
    all("2 + 1 > 2", [1.0; 4]);
    all("1.5e1 + .5", [15.5; 4]);
    all("max(1, 2, min(7, 3)) + abs(-2) + sqrt(9) + ln(exp(1))", [9.0; 4]);
}

#[test]
fn names_are_those_of_the_arm_and_of_the_log() {
    all("score", [0.1, 0.6, 0.7, 0.4]);
    assert_eq!(of_arm(&log(), 1, "score"), [0.2, 0.4, 0.9, 0.8].map(Ok));
    all("prediction", [0.0, 1.0, 1.0, 0.0]);
    all("label", [0.0, 1.0, 1.0, 0.0]);
    all("if(prediction and not label, -5, if(prediction, 20, 0))", [0.0, 20.0, 20.0, 0.0]);
    assert_eq!(
        of_arm(&log(), 1, "if(prediction and not label, -5, if(prediction, 20, 0))"),
        [0.0, 0.0, 20.0, -5.0].map(Ok)
    );
    // A quoted name is a column of the log.
    all("\"score\" + \"amount due\"", [6.0, 8.0, 10.0, 12.0]);
    assert_eq!(values("region = 'LATAM'"), [Ok(1.0), Ok(0.0), Err(State::Missing), Ok(1.0)]);
    // Texts of two columns are compared by what they say.
    assert_eq!(values("region = home"), [Ok(1.0), Ok(1.0), Err(State::Missing), Ok(0.0)]);
    assert_eq!(values("home != 'nowhere'"), [1.0; 4].map(Ok));
    assert_eq!(values("items + 1"), [Ok(2.0), Ok(13.0), Ok(2.0), Err(State::Missing)]);
    assert_eq!(values("latency")[2], Err(State::Missing));
}

#[test]
fn rows_without_a_value_say_why() {
    assert_eq!(values("1 / amount"), [Ok(0.1), Err(State::DividedByZero), Err(State::Missing), Ok(-0.25)]);
    assert_eq!(values("ln(amount)")[1..], [Err(State::NoNumber), Err(State::Missing), Err(State::NoNumber)]);
    assert_eq!(values("exp(1000)"), [Err(State::NoNumber); 4]);
    // Only the branch that is taken counts.
    assert_eq!(values("if(amount = 0, 0, 1 / amount)"), [Ok(0.1), Ok(0.0), Err(State::Missing), Ok(-0.25)]);
    assert_eq!(values("if(label, amount, 0)"), [Ok(0.0), Ok(0.0), Err(State::Missing), Ok(0.0)]);
    // A side that settles it is enough.
    assert_eq!(values("amount != 0 and 1 / amount > 0"), [Ok(1.0), Ok(0.0), Err(State::Missing), Ok(0.0)]);
    assert_eq!(values("label or amount > 5"), [Ok(1.0), Ok(1.0), Ok(1.0), Ok(0.0)]);
    assert_eq!(values("not (amount > 5)")[2], Err(State::Missing));
}

#[test]
fn classes_are_texts_and_numbers_are_numbers() {
    let coded = Coded {
        names: ["cat", "dog"].map(str::to_owned).to_vec(),
        truth: vec![0, 1, 1, crate::log::NO_CODE],
        answers: vec![vec![0, 0, 1, 1], vec![1, 1, 1, 1]],
        probabilities: vec![None, None],
        ..Coded::default()
    };
    let classes = Log { task: Task::Multiclass, content: Content::Coded(coded), ..log() };
    let right = "if(label = 'dog', 3, 1) * (prediction = label)";
    assert_eq!(of_arm(&classes, 0, right), [Ok(1.0), Ok(0.0), Ok(3.0), Err(State::Missing)]);
    assert_eq!(of_arm(&classes, 1, right)[..3], [Ok(0.0), Ok(3.0), Ok(3.0)]);
    let refused = metric("prediction + 1").check(&Scope::of(&classes)).unwrap_err().to_string();
    assert_eq!(
        refused,
        "value at character 1: expected a number; prediction is text, which can be compared by = and !="
    );
    assert!(metric("\"score\" * 2").check(&Scope::of(&classes)).is_ok());

    let numbers = Log {
        task: Task::Regression,
        content: Content::Numbers(Numbers { truth: vec![1.0, 2.0, NOT_LOGGED, 0.0], ..Numbers::default() }),
        ..log()
    };
    let error = of_arm(&numbers, 0, "abs(prediction - label)");
    assert!((error[1].unwrap() - 1.4).abs() < 1e-12);
    assert_eq!(error[2], Err(State::Missing));
}

#[test]
fn errors_name_the_character_and_what_was_expected() {
    for (text, wanted) in [
        ("", "value at character 1: expected a number, a column, a function or (, found the end"),
        ("1 +", "value at character 4: expected a number, a column, a function or (, found the end"),
        ("(1 + 2", "value at character 7: the ) that belongs to character 1 is missing"),
        ("1 + 2)", "value at character 6: this ) closes nothing"),
        ("1 2", "value at character 3: expected an operator or the end, found 2"),
        (
            "amont * 2",
            "value at character 1: no column amont (did you mean `amount`?); there are: score, prediction, label, latency, amount, region, home, items, amount due, score",
        ),
        (
            "2 * sqr(4)",
            "value at character 5: no function is called sqr (did you mean `sqrt`?); there are if, abs, min, max, ln, exp, sqrt",
        ),
        ("if(label, 1)", "value at character 1: write if(condition, value, other value); 2 stand here"),
        ("0 < score < 1", "value at character 11: comparisons do not chain; write a < b and b < c"),
        ("if(score, 1, 0)", "value at character 4: expected a condition; compare the number, as in amount > 0"),
        ("region > 'A'", "value at character 8: texts are compared by = and !=, not by >"),
        ("region = 1", "value at character 8: the left side is text and the right side is a number"),
        ("amount ? 2", "value at character 8: ? has no meaning here"),
        ("\"amount", "value at character 1: the \" that ends this column is missing"),
        ("2amount", "value at character 2: a cannot stand in a number"),
        ("weight", "value at character 1: the log has no column of weights"),
    ] {
        assert_eq!(said(text), wanted, "{text}");
    }
    let deep = format!("{}1{}", "(".repeat(2_000), ")".repeat(2_000));
    assert!(said(&deep).contains("at most 2000 parts"));
    let deep = format!("{}1{}", "(".repeat(100), ")".repeat(100));
    assert!(said(&deep).contains("within each other"));
    let long = vec!["1"; 250].join(" + ");
    all(&long, [250.0; 4]);
}

#[test]
fn a_line_is_a_metric() {
    let found = CustomMetric::from_line("net:higher:EUR = if(prediction, 20 * label - 5, 0) per (amount + 1)").unwrap();
    assert_eq!((found.name.as_str(), found.unit_word(), found.better), ("net", Some("EUR"), Better::Higher));
    assert_eq!(found.value, "if(prediction, 20 * label - 5, 0)");
    assert_eq!(found.per.as_deref(), Some("(amount + 1)"));
    let plain = CustomMetric::from_line("late:lower=latency > 100 and \"per\" = 1").unwrap();
    assert_eq!((plain.per, plain.unit.as_str()), (None, ""));
    for wrong in ["net", "net=1", "net:up=1", "1net:higher=1", "accuracy:higher=1", "net:higher=1 per", "net:higher="] {
        assert!(CustomMetric::from_line(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn codes_of_any_width_are_read() {
    let mut wide = log();
    wide.features[1].values = FeatureValues::Coded(Codes {
        names: vec!["LATAM".to_owned()],
        codes: CodeColumn::U32(vec![0, u32::MAX, 0, 0]),
    });
    assert_eq!(of_arm(&wide, 0, "region = 'LATAM'")[..2], [Ok(1.0), Err(State::Missing)]);
}

proptest! {
    /// Any text is computed or refused at one of its characters, or just behind them.
    #[test]
    fn any_text_is_taken_or_refused(text in "\\PC{0,60}") {
        taken_or_refused(&text)?;
    }

    /// The same of texts that are nearly right.
    #[test]
    fn any_words_are_taken_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "1", "0.5", "amount", "region", "score", "label", "prediction", "'LATAM'", "\"amount due\"", "+", "-", "*", "/",
        "=", "!=", "<", ">=", "and", "or", "not", "(", ")", ",", "if(", "abs(", "min(", "ln(", "sqrt(", "exp(", "per", "1e9",
    ]), 0..24)) {
        taken_or_refused(&words.join(" "))?;
    }

    /// A tree of numbers has the value that the same tree has in Rust.
    #[test]
    fn arithmetic_is_that_of_numbers(a in -50i32..50, b in 1i32..50, c in -50i32..50) {
        let text = format!("{a} * {b} - {c} / {b} + max({a}, {c})");
        let (x, y, z) = (f64::from(a), f64::from(b), f64::from(c));
        prop_assert_eq!(values(&text)[0], Ok(x * y - z / y + x.max(z)));
    }
}

fn taken_or_refused(text: &str) -> Result<(), TestCaseError> {
    let log = log();
    match metric(text).computable(&Scope::of(&log)) {
        Ok(computable) => {
            let rows = [0, 1, 2, 3];
            let found = computable.row_values(&log, 1, AT_HALF, &rows, &JobCx::new());
            let found = found.map_err(|_| TestCaseError::fail("cancelled"))?;
            for row in 0..4 {
                prop_assert!(found.state(row) != State::Known || found.value.values[row].is_finite(), "{}", text);
            }
        }
        Err(CustomError::Value(error)) => {
            prop_assert!((1..=1 + text.chars().count()).contains(&error.at), "{}: {}", text, error);
            prop_assert!(!error.message.is_empty());
        }
        Err(other) => prop_assert!(false, "{}: {}", text, other),
    }
    Ok(())
}
