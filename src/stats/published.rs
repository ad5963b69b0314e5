//! Published reference values, read by the tests of every method.
//!
//! The file lies outside the repository; without it the tests say so and pass.

use serde_json::Value;
use std::cell::RefCell;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/published/published_cases.json");

pub struct Case {
    pub name: String,
    pub method: String,
    pub inputs: Value,
    pub expected: Value,
    relative: bool,
    tolerance: f64,
}

/// Collects what did not come out as published.
pub struct Check<'a> {
    case: &'a Case,
    failures: Vec<String>,
}

impl Check<'_> {
    /// Compares with `expected[key]`; a key the case does not have is not checked.
    pub fn close(&mut self, key: &str, got: f64) {
        if let Some(want) = self.case.expected.get(key).and_then(Value::as_f64) {
            self.value(key, got, want);
        }
    }

    pub fn value(&mut self, what: &str, got: f64, want: f64) {
        let scale = if self.case.relative { want.abs() } else { 1.0 };
        // A value printed with few digits is off by up to half a unit in its last place.
        let off = (got - want).abs();
        if off.is_nan() || off > self.case.tolerance * scale {
            self.failures.push(format!("{} {what}: got {got}, published {want}", self.case.name));
        }
    }
}

pub fn load() -> Option<Vec<Value>> {
    let Ok(text) = std::fs::read_to_string(PATH) else {
        println!("skipped: {PATH} missing");
        return None;
    };
    let all: Value = serde_json::from_str(&text).expect("published cases are JSON");
    Some(all["cases"].as_array().expect("cases").clone())
}

/// Inputs of a published data set that cases refer to by name.
pub fn dataset(name: &str) -> Option<Value> {
    load()?.into_iter().find(|c| c["name"] == name).map(|c| c["inputs"].clone())
}

thread_local! {
    /// Names of the cases that were run on this thread, with whether they came out.
    pub static SEEN: RefCell<Vec<(String, bool)>> = const { RefCell::new(Vec::new()) };
}

/// Runs `body` on every case of a category whose method is one of `methods`, prints how many came
/// out and fails if any did not.
pub fn run(category: &str, methods: &[&str], mut body: impl FnMut(&Case, &mut Check)) {
    let Some(all) = load() else { return };
    let (mut total, mut good, mut failures) = (0, 0, Vec::new());
    for raw in &all {
        let method = raw["method"].as_str().unwrap_or_default();
        if raw["category"] != category || !methods.contains(&method) {
            continue;
        }
        let case = Case {
            name: raw["name"].as_str().unwrap_or_default().to_owned(),
            method: method.to_owned(),
            inputs: raw["inputs"].clone(),
            expected: raw["expected"].clone(),
            relative: raw["tolerance"]["type"] == "rel",
            tolerance: raw["tolerance"]["value"].as_f64().expect("tolerance"),
        };
        let mut check = Check { case: &case, failures: Vec::new() };
        body(&case, &mut check);
        total += 1;
        let came_out = check.failures.is_empty();
        good += usize::from(came_out);
        SEEN.with_borrow_mut(|seen| seen.push((case.name.clone(), came_out)));
        failures.extend(check.failures);
    }
    println!("published {category} {methods:?}: {good} of {total} came out");
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(total > 0, "no published case for {category} {methods:?}");
}

pub fn floats(v: &Value) -> Vec<f64> {
    v.as_array().expect("array").iter().map(|x| x.as_f64().expect("number")).collect()
}

pub fn float(v: &Value, key: &str) -> f64 {
    v[key].as_f64().unwrap_or_else(|| panic!("number {key}"))
}

pub fn count(v: &Value, key: &str) -> u64 {
    v[key].as_u64().unwrap_or_else(|| panic!("count {key}"))
}
