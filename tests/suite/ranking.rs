//! Rankings from files to numbers: the sample against trec_eval's figures, NIST's own test files, and lists of which
//! nothing can be said.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use assay::compare::{Comparison, Detail, MetricResult, Queries};
use assay::job::JobCx;
use assay::log::{Content, Lists, Task};
use assay::session::pipeline::{self, Evaluation, PipelineError, Request};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn evaluated(request: &Request) -> Result<Evaluation, PipelineError> {
    let cx = JobCx::new();
    let opened = pipeline::open(request, &cx)?;
    let run = pipeline::load(&opened, &opened.guess, &cx)?;
    let policy = pipeline::policy(request)?;
    pipeline::evaluate(run, request, policy, &cx)
}

fn metric<'a>(comparison: &'a Comparison, name: &str) -> &'a MetricResult {
    comparison.metric(name).unwrap_or_else(|| panic!("no metric {name}"))
}

fn queries(comparison: &Comparison) -> &Queries {
    match &comparison.detail {
        Detail::Ranking(queries) => queries,
        other => panic!("{other:?} is no ranking"),
    }
}

fn lists(evaluation: &Evaluation) -> &Lists {
    match &evaluation.run.log.content {
        Content::Lists(lists) => lists,
        _ => panic!("no lists"),
    }
}

/// Value of an arm under trec_eval's name, from the metrics, else from those over the cut.
fn value(comparison: &Comparison, theirs: &str, arm: usize) -> Option<f64> {
    let own = |name: &str| {
        let arms = &comparison.metric(name)?.arms;
        [&arms.champion, &arms.challenger][arm].as_ref().map(|found| found.value)
    };
    let at = |stem: &str, k: &str| {
        let cut = queries(comparison).cuts.iter().find(|cut| cut.metric == stem && cut.k.to_string() == k)?;
        [cut.arms.champion, cut.arms.challenger][arm]
    };
    let (stem, k) = theirs.rsplit_once('_').unwrap_or((theirs, ""));
    match (theirs, stem) {
        ("map" | "ndcg" | "bpref", _) => own(theirs),
        ("recip_rank", _) => own("mrr"),
        ("Rprec", _) => own("r_precision"),
        (_, "P") => at("precision", k),
        (_, "recall") => at("recall", k),
        (_, "success") => at("hit_rate", k),
        (_, "ndcg_cut") => at("ndcg", k),
        (_, "map_cut") => at("map", k),
        _ => None,
    }
}

fn sample() -> Request {
    pipeline::request(&[root().join("sample_data/ranking-places/ranking-places.assay")]).unwrap()
}

fn expected() -> Value {
    let path = root().join("sample_data/ranking-places/expected.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn assert_arms(comparison: &Comparison, expected: &Value, order: &str) {
    let mut compared = 0;
    for (arm, name) in ["trigram 1.9", "learned-rank 2.0-rc3"].iter().enumerate() {
        for (theirs, figure) in expected["arms"][name][order].as_object().unwrap() {
            let found = value(comparison, theirs, arm).unwrap_or_else(|| panic!("no {theirs}"));
            let figure = figure.as_f64().unwrap();
            assert!((found - figure).abs() < 1e-12, "{order} {theirs} of {name}: {found}, trec_eval {figure}");
            compared += 1;
        }
    }
    assert_eq!(compared, 26);
}

#[test]
fn the_sample_has_the_figures_of_trec_eval() {
    let (found, expected) = (evaluated(&sample()).unwrap(), expected());
    let comparison = &found.comparison;
    assert_eq!(found.run.log.task, Task::Ranking);
    assert_eq!(found.run.log.rows as u64, expected["queries"].as_u64().unwrap());
    assert_eq!(comparison.population.analysed, expected["judged"].as_u64().unwrap());
    assert_eq!(lists(&found).judged.items.len() as u64, expected["judgements"].as_u64().unwrap());
    assert_arms(comparison, &expected, "by_rank");
    for (arm, name) in ["trigram 1.9", "learned-rank 2.0-rc3"].iter().enumerate() {
        let arm_of = |name: &str| {
            let arms = &metric(comparison, name).arms;
            [&arms.champion, &arms.challenger][arm].as_ref().unwrap().value
        };
        let theirs = |key: &str| expected["arms"][name][key].as_f64().unwrap();
        assert!((arm_of("ndcg_exp_at_10") - theirs("ndcg_cut_10_exponential")).abs() < 1e-12);
        for quantile in ["latency_p50", "latency_p95", "latency_p99"] {
            assert!((arm_of(quantile) - theirs(quantile)).abs() < 1e-9, "{quantile} of {name}");
        }
    }
    let per_query = &expected["recip_rank_per_query"];
    let wins = queries(comparison).wins.iter().find(|of| of.metric == "mrr").unwrap();
    let counts = ["wins", "ties", "losses"].map(|key| per_query[key].as_u64().unwrap());
    assert_eq!([wins.better, wins.equal, wins.worse], counts);
    let difference = metric(comparison, "mrr").difference.as_ref().unwrap();
    assert!((difference.value - per_query["difference"].as_f64().unwrap()).abs() < 1e-12);
    assert!((difference.se.unwrap() - per_query["standard_error"].as_f64().unwrap()).abs() < 1e-12);
    // What a query is asked with is a column of the log, what an item is called one of the items.
    assert!(found.run.log.feature("continent").is_some() && found.run.log.feature("item").is_none());
    assert_eq!(lists(&found).about.iter().map(|of| of.name.as_str()).collect::<Vec<_>>(), ["item"]);
}

#[test]
fn novelty_is_the_mean_self_information_of_what_is_listed() {
    let found = evaluated(&sample()).unwrap();
    let (lists, rows) = (lists(&found), found.run.log.rows);
    // By names, from the lists and judgements as they are: who knows an item.
    let mut known: HashMap<&str, HashSet<usize>> = HashMap::new();
    for row in 0..rows {
        let (items, grades) = lists.judged.of(row);
        let relevant = items.iter().zip(grades).filter(|(_, grade)| **grade > 0).map(|(item, _)| item);
        for item in relevant.chain(lists.arms.iter().flat_map(|arm| arm.list(row).iter().take(10))) {
            known.entry(lists.name(*item).unwrap()).or_default().insert(row);
        }
    }
    let bits = |item: &u32| (rows as f64 / known[lists.name(*item).unwrap()].len() as f64).log2();
    let mut means = [0.0; 2];
    for (mean, arm) in means.iter_mut().zip(&lists.arms) {
        let analysed: Vec<usize> = found.engine.analysed().iter().collect();
        let of_list = |row: usize| {
            let first = &arm.list(row)[..arm.list(row).len().min(10)];
            first.iter().map(bits).sum::<f64>() / first.len().max(1) as f64
        };
        *mean = analysed.iter().map(|&row| of_list(row)).sum::<f64>() / analysed.len() as f64;
    }
    let novelty = metric(&found.comparison, "novelty_at_10");
    let value = |arm: &Option<assay::compare::Estimate>| arm.as_ref().unwrap().value;
    for (found, expected) in [(value(&novelty.arms.champion), means[0]), (value(&novelty.arms.challenger), means[1])] {
        assert!((found - expected).abs() < 1e-10 && expected > 0.0, "{found}, {expected}");
    }
    let difference = novelty.difference.as_ref().unwrap();
    assert!(difference.lo.unwrap() < difference.value && difference.value < difference.hi.unwrap());
}

#[test]
fn without_ranks_the_sample_is_ordered_as_trec_eval_orders_it() {
    let mut request = sample();
    request.roles.retain(|(role, _)| role != "rank");
    request.roles.push(("ignored".to_owned(), "rank".to_owned()));
    let found = evaluated(&request).unwrap();
    assert_arms(&found.comparison, &expected(), "by_score_as_trec_eval");
    let notes = &found.comparison.notes;
    assert!(notes.iter().any(|note| note.contains("equal scores")), "{notes:?}");
}

#[test]
fn nist_test_files_open_and_have_the_published_values() {
    let folder = root().join("../shared/cases/ranking-trec_eval-official");
    let Ok(text) = std::fs::read_to_string(folder.join("expected.json")) else {
        println!("skipped: {} is missing", folder.display());
        return;
    };
    let expected: Value = serde_json::from_str(&text).unwrap();
    // The judgements are recognised without being named so.
    let mut request = pipeline::request(&[folder.join("results.test"), folder.join("qrels.test")]).unwrap();
    let found = evaluated(&request).unwrap();
    assert_eq!(found.comparison.plan.champion, "STANDARD");
    let close = |comparison: &Comparison, values: &Value| {
        let mut compared = 0;
        for (theirs, published) in values.as_object().unwrap() {
            let Some(found) = value(comparison, theirs, 0) else { continue };
            let published: f64 = published.as_str().unwrap().parse().unwrap();
            assert!((found - published).abs() <= 0.500_001e-4, "{theirs}: {found} is not {published}");
            compared += 1;
        }
        assert!(compared >= 35, "{compared} values compared");
    };
    let values = &expected["published_NIST"]["values"];
    close(&found.comparison, &values["all"]);
    for query in ["301", "302", "303"] {
        let Detail::Ranking(of) = &found.comparison.detail else { panic!() };
        let row = of.worst.iter().find(|row| row.id == query).unwrap();
        let published: f64 = values[query]["ndcg_cut_10"].as_str().unwrap().parse().unwrap();
        assert!((row.arms.champion.unwrap() - published).abs() <= 0.500_001e-4, "{query}");
    }
    // A run whose lines go on behind the name of the run, held against the whole one.
    request = pipeline::request(&[folder.join("results.test"), folder.join("results.trunc")]).unwrap();
    request.labels = vec![folder.join("qrels.test")];
    request.champion = Some("STANDARD".to_owned());
    let found = evaluated(&request).unwrap();
    assert_eq!(found.run.log.task, Task::Ranking);
    // The same lines once more: each counts once, and the values stand.
    assert_eq!((found.comparison.population.analysed, found.run.report.lines.merged), (3, 584));
    close(&found.comparison, &values["all"]);
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("assay-ranking-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Lists of both models (query, model, item, rank) and judgements (query, item, grade).
fn small(name: &str, lines: &[(&str, &str, &str, u32)], judged: &[(&str, &str, i32)]) -> Result<Evaluation, String> {
    let folder = Folder::new(name);
    let mut text = "query_id,model,item_id,rank\n".to_owned();
    lines.iter().for_each(|(query, model, item, rank)| text.push_str(&format!("{query},{model},{item},{rank}\n")));
    let mut request = pipeline::request(&[folder.file("lists.csv", &text)]).unwrap();
    let mut text = "query_id,item_id,relevance\n".to_owned();
    judged.iter().for_each(|(query, item, grade)| text.push_str(&format!("{query},{item},{grade}\n")));
    if !judged.is_empty() {
        request.labels = vec![folder.file("judged.csv", &text)];
    }
    request.champion = Some("old".to_owned());
    request.challenger = Some("new".to_owned());
    evaluated(&request).map_err(|error| error.to_string())
}

/// Both models list `a`, `b`, `c` for each query, the new one in the opposite order.
fn opposite(queries: &[&'static str]) -> Vec<(&'static str, &'static str, &'static str, u32)> {
    let both = |query: &&'static str| {
        let old = ["a", "b", "c"].into_iter().zip(1..).map(|(item, rank)| (*query, "old", item, rank));
        let new = ["c", "b", "a"].into_iter().zip(1..).map(|(item, rank)| (*query, "new", item, rank));
        old.chain(new).collect::<Vec<_>>()
    };
    queries.iter().flat_map(both).collect()
}

#[test]
fn a_single_query_has_values_and_no_interval() {
    let found = small("one", &opposite(&["q1"]), &[("q1", "a", 1)]).unwrap();
    let mrr = metric(&found.comparison, "mrr");
    assert_eq!(mrr.arms.champion.as_ref().unwrap().value, 1.0);
    assert!((mrr.arms.challenger.as_ref().unwrap().value - 1.0 / 3.0).abs() < 1e-15);
    let difference = mrr.difference.as_ref().unwrap();
    assert!(difference.lo.is_none() && difference.method.starts_with("no interval"), "{difference:?}");
    assert!(found.comparison.notes.iter().all(|note| !note.is_empty()));
    let alone = metric(&found.comparison, "personalisation_at_10");
    assert!(alone.arms.champion.is_none() && alone.undefined.as_ref().unwrap().contains("two lists"), "{alone:?}");
}

#[test]
fn without_judgements_the_reason_is_told() {
    let found = small("none", &opposite(&["q1", "q2"]), &[]).unwrap();
    let ndcg = metric(&found.comparison, "ndcg_at_10");
    assert!(ndcg.arms.champion.is_none() && ndcg.undefined.is_some(), "{ndcg:?}");
    assert!(found.run.report.issues.iter().any(|issue| issue.code == "no_labels"));
    assert_eq!(found.comparison.population.analysed, 0);
}

#[test]
fn queries_that_tell_nothing_are_counted_where_they_go() {
    let mut lines = opposite(&["q1", "q2", "q3", "q4"]);
    lines.push(("q5", "old", "a", 1));
    lines.push(("q6", "new", "a", 1));
    // The same item at two places: no list stands.
    lines.push(("q4", "old", "a", 7));
    // The same line twice says nothing new.
    lines.push(("q1", "old", "a", 1));
    let judged = [("q1", "b", 2), ("q1", "z", 1), ("q2", "a", 0), ("q9", "a", 1)];
    let found = small("flow", &lines, &judged).unwrap();
    let audit = &found.run.log.audit;
    let counts = (audit.ids, audit.paired, audit.champion_only, audit.challenger_only, audit.duplicate_different);
    assert_eq!(counts, (6, 3, 1, 1, 1));
    assert_eq!((audit.duplicate_same, audit.labels.present, audit.labels.absent), (1, 1, 2));
    assert_eq!((audit.labels.irrelevant, audit.labels.orphan), (1, 1));
    let lines = found.run.report.lines;
    let parts = lines.used + lines.one_sided + lines.merged + lines.superseded + lines.refused + lines.without_id;
    assert_eq!((lines.total, parts), (28, 28), "{lines:?}");
    let flow: Vec<(&str, u64)> =
        found.comparison.population.flow.iter().map(|step| (step.name.as_str(), step.rows)).collect();
    assert_eq!(flow, [("All ids seen", 6), ("Paired", 4), ("No conflict", 3), ("Labelled", 1), ("Analysed", 1)]);
    let lost = &found.comparison.population.flow[3].lost;
    assert_eq!(*lost, [("not judged".to_owned(), 1), ("no relevant item".to_owned(), 1)]);
    // `z` is relevant and listed by nobody: it counts in recall and in the ideal list.
    assert_eq!(metric(&found.comparison, "recall_at_10").arms.champion.as_ref().unwrap().value, 0.5);
    let log2 = |x: f64| x.log2();
    let ideal = 2.0 + 1.0 / log2(3.0);
    let ndcg = metric(&found.comparison, "ndcg_at_10").arms.champion.as_ref().unwrap().value;
    assert!((ndcg - 2.0 / log2(3.0) / ideal).abs() < 1e-15, "{ndcg}");
}

#[test]
fn equal_scores_stand_by_falling_name() {
    let folder = Folder::new("ties");
    let mut text = String::new();
    for query in 1..=3 {
        for (place, item) in ["d1", "d2", "d3"].iter().enumerate() {
            text.push_str(&format!("{query} Q0 {item} {} 0.5 flat\n", place + 1));
        }
    }
    let qrels: String = (1..=3).map(|query| format!("{query} 0 d1 1\n")).collect();
    let mut request = pipeline::request(&[folder.file("run.txt", &text)]).unwrap();
    request.labels = vec![folder.file("qrels.txt", &qrels)];
    let found = evaluated(&request).unwrap();
    let mrr = metric(&found.comparison, "mrr").arms.champion.as_ref().unwrap();
    assert_eq!(mrr.value, 1.0 / 3.0);
    assert!(mrr.lo.is_none() && mrr.method.contains("no variance"), "{mrr:?}");
    assert!(found.comparison.notes.iter().any(|note| note.starts_with("In 3 lists")), "{:?}", found.comparison.notes);
}

#[test]
fn the_latest_grade_of_an_item_counts() {
    let folder = Folder::new("revised");
    let mut text = "query_id,model,item_id,rank\n".to_owned();
    for (query, model, item, rank) in opposite(&["q1", "q2"]) {
        text.push_str(&format!("{query},{model},{item},{rank}\n"));
    }
    let judged = "query_id,item_id,relevance,label_ts\n\
        q1,a,1,2026-03-02\nq1,a,0,2026-03-01\nq2,c,0,2026-03-02\nq2,c,1,2026-03-01\n\
        q2,b,1,2026-03-01\nq2,a,0,2026-03-01\nq2,a,1,2026-03-01\n";
    let mut request = pipeline::request(&[folder.file("lists.csv", &text)]).unwrap();
    request.labels = vec![folder.file("judged.csv", judged)];
    request.champion = Some("old".to_owned());
    let found = evaluated(&request).unwrap();
    let labels = &found.run.log.audit.labels;
    assert_eq!((labels.revised, labels.conflicting, labels.present), (2, 1, 2));
    // q1: `a` is relevant by its later grade; q2: `b` alone, `c` no longer, of `a` nobody knows.
    let mrr = metric(&found.comparison, "mrr");
    assert_eq!(mrr.arms.champion.as_ref().unwrap().value, 0.75);
    assert_eq!(mrr.difference.as_ref().unwrap().value, (1.0 / 3.0 + 0.5) / 2.0 - 0.75);
}

#[test]
fn a_query_of_which_no_item_has_a_place_is_counted() {
    let folder = Folder::new("wide");
    let lists = "query_id,item_id,rank_old,rank_new\n\
        q1,a,1,2\nq1,b,2,1\nq2,a,1,1\nq3,a,,\nq3,b,,\n";
    let mut request = pipeline::request(&[folder.file("lists.csv", lists)]).unwrap();
    request.task = Some(Task::Ranking);
    request.roles =
        [("rank.champion", "rank_old"), ("rank.challenger", "rank_new")].map(|(a, b)| (a.into(), b.into())).into();
    request.labels = vec![folder.file("judged.csv", "query_id,item_id,relevance\nq1,a,1\nq2,a,1\n")];
    let found = evaluated(&request).unwrap();
    let (audit, lines) = (&found.run.log.audit, found.run.report.lines);
    assert_eq!((audit.ids, audit.paired, lines.total, lines.used, lines.without_id), (2, 2, 5, 3, 2));
    assert_eq!(metric(&found.comparison, "mrr").difference.as_ref().unwrap().value, -0.25);
}

#[test]
fn what_is_missing_is_named_with_the_flag_that_names_it() {
    let folder = Folder::new("missing");
    let lists = folder.file("lists.csv", "query_id,model,thing,rank\nq1,old,a,1\nq1,new,a,1\nq1,old,b,2\n");
    let mut request = pipeline::request(&[lists]).unwrap();
    request.task = Some(Task::Ranking);
    request.champion = Some("old".to_owned());
    let error = evaluated(&request).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("--map item=COLUMN"), "{error}");
    let qrels = folder.file("qrels.txt", "1 0 d-1 1\n1 0 d-2 0\n");
    let error = evaluated(&pipeline::request(&[qrels]).unwrap()).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("without the lists of a model"), "{error}");
    let lists = folder.file(
        "graded.csv",
        "query_id,model,item_id,rank,relevance\nq1,old,a,1,0.5\nq1,new,a,1,0.5\nq1,old,b,2,1\nq1,new,b,2,1\n",
    );
    let mut request = pipeline::request(&[lists]).unwrap();
    request.champion = Some("old".to_owned());
    let error = evaluated(&request).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("whole numbers"), "{error}");
}
