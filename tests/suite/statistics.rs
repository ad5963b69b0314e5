//! The functions of `assay::stats` against values that independent libraries, or a direct computation, gave for the
//! same inputs: `statistics.json`, written by `statistics.py`. Each entry says who computed it and how close is close.

#[path = "statistics/checks.rs"]
mod checks;

use std::collections::BTreeSet;
use std::path::Path;

use assay::stats::heterogeneity::Effect;
use assay::stats::{Cov2, Moments, Undefined};
use serde_json::Value;

/// Inputs of one case; a string that names a sample stands for it.
struct Args<'a> {
    data: &'a Value,
    given: &'a [Value],
}

fn floats(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(float).collect()
}

fn float(v: &Value) -> f64 {
    if v == "inf" { f64::INFINITY } else { v.as_f64().unwrap() }
}

impl Args<'_> {
    fn f(&self, i: usize) -> f64 {
        float(&self.given[i])
    }

    fn n(&self, i: usize) -> u64 {
        self.given[i].as_u64().unwrap()
    }

    fn s(&self, i: usize) -> &str {
        self.given[i].as_str().unwrap()
    }

    fn v(&self, i: usize) -> Vec<f64> {
        floats(self.given[i].as_str().map_or(&self.given[i], |name| &self.data[name]))
    }

    fn sorted(&self, i: usize) -> Vec<f64> {
        let mut v = self.v(i);
        v.sort_unstable_by(f64::total_cmp);
        v
    }

    fn counts(&self, i: usize) -> Vec<u64> {
        self.given[i].as_array().unwrap().iter().map(|c| c.as_u64().unwrap()).collect()
    }

    fn codes(&self, i: usize) -> Vec<u32> {
        self.v(i).iter().map(|&c| c as u32).collect()
    }

    fn labels(&self, i: usize) -> Vec<bool> {
        self.v(i).iter().map(|&l| l == 1.0).collect()
    }

    fn rows(&self, i: usize) -> Vec<Vec<f64>> {
        self.given[i].as_array().unwrap().iter().map(floats).collect()
    }

    fn moments(&self, i: usize) -> Moments {
        Moments::from_slice(&self.v(i))
    }

    /// Two samples of the same rows, from the place `i` on.
    fn joint(&self, i: usize) -> Cov2 {
        let mut both = Cov2::default();
        self.v(i).iter().zip(&self.v(i + 1)).for_each(|(&a, &b)| both.add(a, b));
        both
    }

    fn effects(&self, i: usize) -> Vec<Effect> {
        self.v(i).chunks(2).map(|e| Effect { value: e[0], se: e[1] }).collect()
    }

    fn groups(&self, i: usize) -> Vec<(f64, f64, f64)> {
        self.rows(i).iter().map(|g| (g[0], g[1], g[2])).collect()
    }
}

type Found = Result<Vec<f64>, Undefined>;

/// The stored values, and what has been read of them.
struct Oracle {
    stored: Value,
    read: BTreeSet<String>,
    values: usize,
    wrong: Vec<String>,
}

impl Oracle {
    fn check(&mut self, name: &str, found: impl Fn(&Args) -> Found) {
        let entry = &self.stored["entries"][name];
        assert!(entry.is_object(), "{name}: no stored values");
        assert!(self.read.insert(name.to_owned()), "{name}: read twice");
        let (tolerance, floor) = (float(&entry["tol"]), float(&entry["floor"]));
        for case in entry["cases"].as_array().unwrap() {
            let given = case[0].as_array().unwrap();
            let (found, wanted) = (found(&Args { data: &self.stored["data"], given }), floats(&case[1]));
            let shown = Value::from(given.clone());
            let found = match found {
                Ok(found) => found,
                Err(why) => {
                    self.wrong.push(format!("{name} of {shown}: {why}"));
                    continue;
                }
            };
            if found.len() != wanted.len() || found.is_empty() {
                self.wrong.push(format!("{name} of {shown}: {found:?} for {wanted:?}"));
                continue;
            }
            for (place, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                self.values += 1;
                let within = tolerance * wanted.abs().max(floor);
                if found != wanted && ((found - wanted).abs() > within || found.is_nan()) {
                    let error = (found - wanted) / wanted;
                    self.wrong
                        .push(format!("{name}[{place}] of {shown}: {found:e}, stored {wanted:e}, off by {error:e}"));
                }
            }
        }
    }
}

#[test]
fn stored_values_of_independent_libraries() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/statistics.json");
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut o = Oracle { stored, read: BTreeSet::new(), values: 0, wrong: Vec::new() };
    checks::all(&mut o);
    let entries = o.stored["entries"].as_object().unwrap();
    let unread: Vec<_> = entries.keys().filter(|&name| !o.read.contains(name)).collect();
    assert!(unread.is_empty(), "stored, but held against nothing: {unread:?}");
    let public = public_functions();
    let covered: Vec<_> = public.iter().filter(|name| o.read.contains(*name)).collect();
    println!(
        "{} of {} public functions of stats, {} entries, {} values",
        covered.len(),
        public.len(),
        entries.len(),
        o.values
    );
    let rest: Vec<_> = public.iter().filter(|name| !o.read.contains(*name)).map(String::as_str).collect();
    println!("without a stored value: {}", rest.join(", "));
    let of_a_type = |name: &str| name.split("::").any(|part| part.starts_with(char::is_uppercase));
    let foreign: Vec<_> = o.read.iter().filter(|name| !of_a_type(name) && !public.contains(*name)).collect();
    assert!(foreign.is_empty(), "no public functions: {foreign:?}");
    assert!(o.wrong.is_empty(), "{} of {} values differ:\n{}", o.wrong.len(), o.values, o.wrong.join("\n"));
}

/// Free public functions of `src/stats` as `module::function`, the special ones by where they are exported.
fn public_functions() -> BTreeSet<String> {
    fn walk(folder: &Path, module: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                walk(&path, &format!("{module}{stem}::"), found);
            } else if path.extension().is_some_and(|e| e == "rs")
                && !stem.starts_with("published")
                && stem != "case_files"
                && !stem.ends_with("tests")
            {
                let here = module == "special::" || stem == "mod";
                let module = if here { module.to_owned() } else { format!("{module}{stem}::") };
                let text = std::fs::read_to_string(&path).unwrap();
                let functions = text.lines().filter_map(|line| line.strip_prefix("pub fn "));
                found.extend(functions.map(|f| format!("{module}{}", f.split(['(', '<']).next().unwrap())));
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/stats"), "", &mut found);
    found
}
