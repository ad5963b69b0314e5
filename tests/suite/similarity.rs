//! Similarity runs: values of NumPy and SciPy (`similarity.py` wrote `similarity.json`), layouts, laws, bad vectors,
//! and the way to the record and back.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assay::compare::{Comparison, Detail, MetricResult, Similarities};
use assay::decision::Recommendation;
use assay::ingest::OpenOptions;
use assay::job::JobCx;
use assay::log::{Content, Task};
use assay::session::pipeline::{self, Evaluation, Request};
use serde_json::{Value, json};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, String)]) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-similarity-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn reference() -> Value {
    serde_json::from_str(include_str!("similarity.json")).unwrap()
}

const ARMS: [&str; 2] = ["champion", "challenger"];

/// One line per pair, both models in it; `order` are the rows of the stored pairs.
fn wide(stored: &Value, arms: [&str; 2], order: impl IntoIterator<Item = usize>) -> String {
    let line = |row: usize| {
        let vector = |arm: &str, at: usize| &stored["vectors"][arm][at][row];
        json!({
            "id": format!("p{row}"), "gold": stored["gold"][row],
            "champion_emb_a": vector(arms[0], 0), "champion_emb_b": vector(arms[0], 1),
            "challenger_emb_a": vector(arms[1], 0), "challenger_emb_b": vector(arms[1], 1),
        })
        .to_string()
    };
    order.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One line per pair and model.
fn long(stored: &Value) -> String {
    let mut lines = vec!["pair_id,model,emb_a,emb_b,gold_score".to_owned()];
    for (arm, model) in ARMS.into_iter().zip(["MiniLM production", "mpnet candidate"]) {
        for row in 0..60 {
            let cell = |at: usize| stored["vectors"][arm][at][row].to_string();
            lines.push(format!("p{row},{model},\"{}\",\"{}\",{}", cell(0), cell(1), stored["gold"][row]));
        }
    }
    lines.join("\n")
}

fn evaluated(options: OpenOptions, files: Vec<PathBuf>) -> Result<Evaluation, String> {
    let cx = JobCx::new();
    let request = Request { files, task: options.task, roles: options.roles, ..Request::default() };
    let opened = pipeline::open(&request, &cx).map_err(|error| error.to_string())?;
    let run = pipeline::load(&opened, &opened.guess, &cx).map_err(|error| error.to_string())?;
    let policy = pipeline::default_policy(&run.log);
    pipeline::evaluate(run, &request, policy, &cx).map_err(|error| error.to_string())
}

fn similar() -> OpenOptions {
    OpenOptions { task: Some(Task::Similarity), ..OpenOptions::default() }
}

fn of(name: &str, file: &str, text: String) -> Evaluation {
    let folder = Folder::new(name, &[(file, text)]);
    evaluated(similar(), vec![folder.0.join(file)]).unwrap()
}

pub fn metric<'a>(found: &'a Comparison, name: &str) -> &'a MetricResult {
    found.metric(name).unwrap_or_else(|| panic!("no {name}"))
}

pub fn value(found: &Comparison, name: &str, arm: usize) -> f64 {
    let arms = &metric(found, name).arms;
    [&arms.champion, &arms.challenger][arm].as_ref().unwrap_or_else(|| panic!("no {name}")).value
}

fn detail(found: &Evaluation) -> &Similarities {
    match &found.comparison.detail {
        Detail::Similarity(found) => found,
        other => panic!("{other:?} is no run of pairs"),
    }
}

/// Correlations with gold and what they differ by.
fn agreements(stored: &Value) -> impl Iterator<Item = (&String, &Value)> {
    stored["differences"].as_object().unwrap().iter().filter(|(name, _)| name.contains('_'))
}

fn assert_stored(found: &Evaluation, stored: &Value, what: &str) {
    assert_eq!((found.run.log.task, found.comparison.population.analysed), (Task::Similarity, 60), "{what}");
    for (arm, name) in ARMS.iter().enumerate() {
        let values = stored["values"][name].as_object().unwrap();
        assert_eq!(values.len(), 9);
        for (name, expected) in values.iter().filter(|(name, _)| name.contains('_')) {
            let expected = expected.as_f64().unwrap();
            let found = value(&found.comparison, name, arm);
            assert!(
                (found - expected).abs() < 1e-12 * expected.abs().max(1.0),
                "{what}, {name}: {found}, SciPy {expected}"
            );
        }
    }
}

#[test]
fn values_of_scipy_whatever_the_layout() {
    let stored = reference();
    let found = of("wide", "pairs.jsonl", wide(&stored, ARMS, 0..60));
    assert_stored(&found, &stored, "wide");
    let Content::Pairs(pairs) = &found.run.log.content else { panic!("no pairs") };
    assert_eq!(pairs.arms[0].as_ref().unwrap()[1].dimensions, 6);
    assert_stored(&of("long", "pairs.csv", long(&stored)), &stored, "long");
    let bare = long(&stored).replace(['[', ']'], "");
    assert_stored(&of("bare", "pairs.csv", bare), &stored, "without brackets");
    let spaced: Vec<String> = long(&stored)
        .lines()
        .map(|line| {
            let mut quoted = false;
            line.chars()
                .map(|c| {
                    quoted ^= c == '"';
                    if quoted && c == ',' { ' ' } else { c }
                })
                .collect()
        })
        .collect();
    assert_stored(&of("numpy", "pairs.csv", spaced.join("\n")), &stored, "as NumPy prints");
}

#[test]
fn intervals_of_the_difference_are_those_of_the_jackknife() {
    let stored = reference();
    let found = of("intervals", "pairs.jsonl", wide(&stored, ARMS, 0..60));
    for (name, expected) in agreements(&stored) {
        let difference = metric(&found.comparison, name).difference.clone().unwrap();
        assert!((difference.value - expected.as_f64().unwrap()).abs() < 1e-10, "{name}: {}", difference.value);
        let half = (difference.hi.unwrap() - difference.lo.unwrap()) / 2.0;
        // Student's t at 59 degrees of freedom.
        let (error, jackknife) = (half / 2.000_995, stored["jackknife"][name].as_f64().unwrap());
        assert!((error / jackknife - 1.0).abs() < 0.12, "{name}: {error}, jackknife {jackknife}");
    }
}

#[test]
fn swapping_the_arms_flips_the_sign_and_the_order_of_rows_does_not_matter() {
    let stored = reference();
    let plain = of("plain", "pairs.jsonl", wide(&stored, ARMS, 0..60));
    let swapped = of("swapped", "pairs.jsonl", wide(&stored, [ARMS[1], ARMS[0]], 0..60));
    let shuffled = of("shuffled", "pairs.jsonl", wide(&stored, ARMS, (0..60).map(|row| row * 17 % 60 + row / 60)));
    let ends = |found: &Evaluation, name: &str| {
        let found = metric(&found.comparison, name).difference.clone().unwrap();
        [found.value, found.lo.unwrap(), found.hi.unwrap()]
    };
    for (name, _) in agreements(&stored) {
        let ([value, lo, hi], [other, from, to]) = (ends(&plain, name), ends(&swapped, name));
        for (a, b) in [(value, -other), (lo, -to), (hi, -from)] {
            assert!((a - b).abs() < 1e-11 * a.abs().max(1.0), "{name}: {a}, {b}");
        }
        for (a, b) in ends(&plain, name).into_iter().zip(ends(&shuffled, name)) {
            assert!((a - b).abs() < 1e-11 * a.abs().max(1.0), "{name}: {a}, {b}");
        }
    }
    let (found, other) = (detail(&plain), detail(&swapped));
    let [better, equal, worse] = found.better.unwrap();
    assert_eq!((other.better, better + equal + worse), (Some([worse, equal, better]), 60));
    let ids = |rows: &[assay::compare::PairRow]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&found.losses), ids(&found.apart)), (ids(&other.gains), ids(&other.apart)));
    let sorted = |rows: &[assay::compare::PairRow]| {
        let mut ids = ids(rows);
        ids.sort();
        ids
    };
    // Rows that are alike stand in the order of the file.
    assert_eq!(sorted(&found.losses), sorted(&detail(&shuffled).losses));
    assert_eq!(found.points.len(), 60);
    for counts in [&found.histogram.champion, &found.cells.challenger] {
        assert_eq!(counts.as_ref().unwrap().iter().sum::<u64>(), 60);
    }
}

#[test]
fn similarities_may_be_logged_instead_of_vectors() {
    let stored = reference();
    let vectors = of("vectors", "pairs.jsonl", wide(&stored, ARMS, 0..60));
    let cosine = |arm: usize, row: usize| vectors.run.log.arms[arm].scores.as_ref().unwrap()[row];
    let lines = (0..60).map(|row| {
        json!({"id": format!("p{row}"), "gold_score": stored["gold"][row],
               "cosine_champion": cosine(0, row), "cosine_challenger": cosine(1, row)})
        .to_string()
    });
    let found = of("logged", "pairs.jsonl", lines.collect::<Vec<_>>().join("\n"));
    let names: Vec<&str> = found.comparison.metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(names[..2], ["spearman", "pearson"]);
    for (arm, of) in ARMS.iter().enumerate() {
        for name in ["spearman", "pearson"] {
            let expected = stored["values"][of][format!("cosine_{name}")].as_f64().unwrap();
            assert!((value(&found.comparison, name, arm) - expected).abs() < 1e-12, "{name}");
        }
    }
    assert_eq!(found.policy.gates[0].metric, "spearman");
    assert_eq!(vectors.policy.gates[0].metric, "cosine_spearman");
}

#[test]
fn lists_of_a_parquet_file_as_long_as_embeddings() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet/pairs.parquet");
    // Named like embeddings, they say the task themselves.
    let found = evaluated(OpenOptions::default(), vec![path]).unwrap();
    let stored = reference();
    assert_eq!((found.run.log.task, found.comparison.population.analysed), (Task::Similarity, 22));
    for (arm, of) in ARMS.iter().enumerate() {
        let expected = stored["parquet"][of].as_f64().unwrap();
        let found = value(&found.comparison, "cosine_spearman", arm);
        assert!((found - expected).abs() < 1e-12, "{of}: {found}, SciPy {expected}");
    }
    let Content::Pairs(pairs) = &found.run.log.content else { panic!("no pairs") };
    assert!(pairs.arms.iter().flatten().flatten().all(|vectors| vectors.dimensions == 150));
    let issue = found.run.report.issues.iter().find(|issue| issue.code == "unusable_embedding").unwrap();
    assert!(issue.message.contains("emb_challenger_b") && issue.message.contains("NaN"), "{}", issue.message);
}

#[test]
fn vectors_that_cannot_be_compared_are_set_aside_with_the_reason() {
    let stored = reference();
    let mut lines: Vec<Value> =
        wide(&stored, ARMS, 0..60).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines[3]["champion_emb_a"] = json!([1.0, 2.0]);
    lines[9]["champion_emb_b"] = json!([0, 0, 0, 0, 0, 0]);
    lines[11]["challenger_emb_a"] = json!([1, null, 0, 0, 0, 0]);
    lines[12]["challenger_emb_b"] = json!("[1 2 ... 3 4]");
    lines[13]["challenger_emb_b"] = json!("none of it");
    let text = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let found = of("bad", "pairs.jsonl", text);
    assert_eq!(found.comparison.population.analysed, 55);
    let issues = || found.run.report.issues.iter().filter(|issue| issue.code == "unusable_embedding");
    let said = |what: &str| issues().any(|issue| issue.message.contains(what));
    assert!(said("1 vector of champion_emb_a") && said("pairs.jsonl:4, has 2 numbers where the others have 6"));
    assert!(said("pairs.jsonl:10, is all zeros") && said("pairs.jsonl:12, holds NaN"));
    assert!(said("2 vectors of challenger_emb_b") && said("pairs.jsonl:13, is a list with its middle left out"));
    let lost: u64 = found.comparison.population.flow.iter().flat_map(|step| &step.lost).map(|(_, rows)| rows).sum();
    assert_eq!(lost, 5, "{:?}", found.comparison.population.flow);
    let folder = Folder::new("none", &[("pairs.csv", "id,emb_a,emb_b,gold\na,x,y,1\nb,x,z,2\n".to_owned())]);
    let roles = vec![("embedding".to_owned(), "emb_a".to_owned()), ("embedding".to_owned(), "emb_b".to_owned())];
    let error = evaluated(OpenOptions { roles, ..similar() }, vec![folder.0.join("pairs.csv")]).err().unwrap();
    assert!(error.contains("the first of emb_a is no list of numbers"), "{error}");
    let roles = vec![("embedding".to_owned(), "emb_a".to_owned())];
    let error = evaluated(OpenOptions { roles, ..similar() }, vec![folder.0.join("pairs.csv")]).err().unwrap();
    assert!(error.contains("holds one: emb_a"), "{error}");
}

#[test]
fn what_has_no_value_says_why() {
    let stored = reference();
    let without_gold = wide(&stored, ARMS, 0..60).replace("\"gold\"", "\"note\"");
    let found = of("no-gold", "pairs.jsonl", without_gold);
    assert_eq!(found.comparison.population.analysed, 60);
    let reason = |found: &Evaluation, name: &str| metric(&found.comparison, name).undefined.clone().unwrap_or_default();
    assert_eq!(reason(&found, "cosine_spearman"), "no gold scores are logged");
    for name in ["cosine", "euclidean", "dot"] {
        let expected = stored["differences"][name].as_f64().unwrap();
        let difference = metric(&found.comparison, name).difference.clone().unwrap();
        assert!((difference.value - expected).abs() < 1e-10, "{name}");
    }
    assert!(detail(&found).losses.is_empty() && !detail(&found).apart.is_empty());
    assert_ne!(found.verdict.recommendation, Recommendation::Promote);
    let two = of("two", "pairs.jsonl", wide(&stored, ARMS, 0..2));
    assert!(reason(&two, "dot_pearson").contains("at least 3 rows"), "{}", reason(&two, "dot_pearson"));
    let lines: Vec<String> =
        (0..5).map(|row| json!({"id": row, "gold": row, "emb_a": [1, 0], "emb_b": [1, 1]}).to_string()).collect();
    let same = of("constant", "pairs.jsonl", lines.join("\n"));
    assert!(reason(&same, "cosine_spearman").contains("the similarities are all equal"));
    assert!(same.comparison.metric("dot").is_none(), "with gold a mean says nothing of quality");
}

fn cli(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_assay-cli")).current_dir(folder).args(arguments).output().unwrap()
}

#[test]
fn the_command_line_judges_records_reports_and_verifies() {
    let stored = reference();
    let folder = Folder::new("cli", &[("pairs.jsonl", wide(&stored, ARMS, 0..60))]);
    let run = cli(&folder.0, &["evaluate", "pairs.jsonl", "--task", "similarity", "--json", "--out", "out"]);
    let said: Value =
        serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&run.stderr)));
    let found = said["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == "cosine_spearman").unwrap();
    let expected = stored["differences"]["cosine_spearman"].as_f64().unwrap();
    assert!((found["difference"]["value"].as_f64().unwrap() - expected).abs() < 1e-10);
    assert_eq!(said["gates"][0]["id"], "G1");
    // Sixty pairs are too few for the policy's minimum.
    assert_eq!(run.status.code(), Some(3), "{}", String::from_utf8_lossy(&run.stderr));
    let record = std::fs::read_dir(folder.0.join("out")).unwrap().flatten().map(|entry| entry.path());
    let record = record.flat_map(|path| {
        if path.is_dir() { std::fs::read_dir(path).unwrap().flatten().map(|e| e.path()).collect() } else { vec![path] }
    });
    let record = record.into_iter().find(|path| path.file_name().is_some_and(|name| name == "record.json")).unwrap();
    let record = record.to_str().unwrap();
    let verified = cli(&folder.0, &["verify", record, "--logs", "."]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("MATCH"));
    let report = cli(&folder.0, &["report", record, "--format", "html", "--out", "report"]);
    assert_eq!(report.status.code(), Some(0), "{}", String::from_utf8_lossy(&report.stderr));
    let page = std::fs::read_dir(folder.0.join("report"))
        .unwrap()
        .flatten()
        .find(|entry| entry.path().extension().is_some_and(|of| of == "html"))
        .unwrap();
    let page = std::fs::read_to_string(page.path()).unwrap();
    for part in ["Challenger loses most", "Models differ most", "Mean cosine similarity along gold"] {
        assert!(page.contains(part), "{part}");
    }
}
