use super::*;
use crate::stats::midrank::class_moments;
use crate::stats::published::{self, Case, floats};
use serde_json::Value;

const CASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases/binary-asah-proc");

fn asah(name: &str) -> Option<Vec<f64>> {
    let all = published::load()?;
    let set = all.iter().find(|c| c["name"] == "dataset_aSAH").expect("dataset");
    Some(floats(&set["inputs"][name]))
}

fn column(case: &Case, key: &str) -> (Vec<f64>, Vec<bool>) {
    let scores = asah(case.inputs[key].as_str().unwrap()).unwrap();
    let labels: Vec<bool> = asah("outcome_poor").unwrap().iter().map(|&y| y > 0.5).collect();
    if case.inputs.get("subset").is_none() {
        return (scores, labels);
    }
    let female = asah("female").unwrap();
    let keep = |i: &usize| female[*i] > 0.5;
    let rows: Vec<usize> = (0..scores.len()).filter(keep).collect();
    (rows.iter().map(|&i| scores[i]).collect(), rows.iter().map(|&i| labels[i]).collect())
}

fn arm(case: &Case, key: &str) -> (Moments, Moments) {
    let (scores, labels) = column(case, key);
    class_moments(&midrank_components(&scores, &labels).unwrap().v, &labels)
}

#[test]
pub(in crate::stats) fn published_one_area() {
    published::run("roc.auc", &["delong_var_ci"], |case, check| {
        let (pos, neg) = arm(case, "score");
        let a = auc_from_components(&pos, &neg, 0.95).unwrap();
        check.close("auc", a.auc);
        check.close("var", a.variance);
        check.close("lower", a.interval.lo);
        check.close("upper", a.interval.hi);
    });
}

#[test]
pub(in crate::stats) fn published_paired() {
    published::run("roc.compare_paired", &["delong_paired"], |case, check| {
        let (a, labels) = column(case, "score1");
        let (b, _) = column(case, "score2");
        let r = delong_paired(&a, &b, &labels, 0.95).unwrap();
        check.close("z", r.z.unwrap());
        check.close("p", r.p.unwrap());
        check.close("lower", r.interval.lo);
        check.close("upper", r.interval.hi);
        assert!(r.fallback.is_none() && r.interval_t.width() > r.interval.width());
    });
}

#[test]
pub(in crate::stats) fn published_unpaired() {
    published::run("roc.compare_unpaired", &["delong_unpaired_welch_t"], |case, check| {
        let (a, b) = (arm(case, "score1"), arm(case, "score2"));
        let r = delong_unpaired((&a.0, &a.1), (&b.0, &b.1), 0.95).unwrap();
        check.close("D", r.t.unwrap());
        check.close("p", r.p.unwrap());
        check.close("df", r.df.unwrap());
    });
}

#[test]
fn asah_file_equals_proc() {
    let read = |name: &str| std::fs::read_to_string(format!("{CASE}/{name}")).ok();
    let (Some(csv), Some(expected)) = (read("aSAH.csv"), read("expected.json")) else {
        println!("skipped: {CASE} missing");
        return;
    };
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let mut lines = csv.lines().map(|l| l.trim().split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let rows: Vec<Vec<&str>> = lines.collect();
    let index = |name: &str| header.iter().position(|h| *h == name).unwrap();
    let scores = |name: &str| -> Vec<f64> { rows.iter().map(|r| r[index(name)].parse().unwrap()).collect() };
    let labels: Vec<bool> = rows.iter().map(|r| r[index("outcome")] == "Poor").collect();
    let proc = &expected["published_pROC"];
    let mut compared = 0;
    let mut same = |got: f64, want: &Value| {
        let want = want.as_f64().unwrap();
        assert!((got - want).abs() < 1e-9, "got {got}, pROC {want}");
        compared += 1;
    };
    for (a, b) in [("wfns", "s100b"), ("wfns", "ndka"), ("ndka", "s100b")] {
        let r = delong_paired(&scores(a), &scores(b), &labels, 0.95).unwrap();
        let want = &proc[format!("delong_paired_{a}_vs_{b}")];
        same(r.z.unwrap(), &want["z"]);
        same(r.p.unwrap(), &want["p"]);
        same(r.interval.lo, &want["diff_ci95"][0]);
        same(r.interval.hi, &want["diff_ci95"][1]);
        same(r.a.auc, &expected["sklearn"][a]["roc_auc"]);
        if a == "ndka" {
            same(r.a.interval.lo, &proc["ci95_delong_ndka"][0]);
            same(r.a.interval.hi, &proc["ci95_delong_ndka"][1]);
        }
    }
    let arm = |name: &str| class_moments(&midrank_components(&scores(name), &labels).unwrap().v, &labels);
    let (a, b) = (arm("wfns"), arm("s100b"));
    let r = delong_unpaired((&a.0, &a.1), (&b.0, &b.1), 0.95).unwrap();
    same(r.t.unwrap(), &proc["delong_UNPAIRED_wfns_vs_s100b"]["D"]);
    same(r.p.unwrap(), &proc["delong_UNPAIRED_wfns_vs_s100b"]["p"]);
    println!("aSAH: {compared} of {compared} values equal pROC");
}

fn labelled(n: usize) -> (Vec<f64>, Vec<bool>) {
    let labels: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
    let scores = (0..n).map(|i| ((i * 7919) % 1009) as f64 / 1009.0).collect();
    (scores, labels)
}

#[test]
fn identical_rankings_differ_by_nothing() {
    let (s, labels) = labelled(300);
    let t: Vec<f64> = s.iter().map(|x| x.exp()).collect();
    let r = delong_paired(&s, &t, &labels, 0.95).unwrap();
    assert_eq!((r.z, r.p, r.interval.width()), (Some(0.0), Some(1.0), 0.0));
    assert_eq!(r.fallback, Some(Fallback::IdenticalRanking));
}

#[test]
fn a_perfect_area_is_not_certain() {
    let labels: Vec<bool> = (0..40).map(|i| i >= 25).collect();
    let perfect: Vec<f64> = (0..40).map(f64::from).collect();
    let (noisy, _) = labelled(40);
    let r = delong_paired(&perfect, &noisy, &labels, 0.95).unwrap();
    assert_eq!(r.a.auc, 1.0);
    assert_eq!(r.a.fallback, Some(Fallback::NoVariance));
    assert!(r.a.logit.is_none() && r.a.few_events());
    assert!(r.a.interval.lo < 0.9 && r.a.interval.hi == 1.0, "{:?}", r.a.interval);
    assert_eq!(r.fallback, Some(Fallback::NoVariance));
    assert!(r.interval.contains(r.difference));
    // Both perfect: no observed difference, but an interval with width.
    let both = delong_paired(&perfect, &perfect, &labels, 0.95).unwrap();
    assert!(both.interval.width() > 0.1 && both.p == Some(1.0));
    // Perfect against constant: no variance anywhere, yet not the same.
    let constant = delong_paired(&perfect, &[0.5; 40], &labels, 0.95).unwrap();
    assert_eq!((constant.z, constant.difference), (None, 0.5));
    assert!(constant.interval.width() > 0.1);
}

#[test]
fn logit_interval_stays_inside() {
    let labels: Vec<bool> = (0..60).map(|i| i >= 40).collect();
    let scores: Vec<f64> = (0..60).map(|i| f64::from(if i == 39 { 41 } else { i })).collect();
    let r = delong_paired(&scores, &scores, &labels, 0.95).unwrap();
    let logit = r.a.logit.unwrap();
    assert!(logit.lo < r.a.auc && r.a.auc < logit.hi && logit.hi < 1.0, "{logit:?}");
}

#[test]
fn needs_two_of_each_class() {
    assert!(delong_paired(&[0.1, 0.2, 0.3], &[0.1, 0.2, 0.3], &[true, false, false], 0.95).is_err());
}

#[test]
fn almost_identical_rankings_have_a_narrow_interval() {
    let (s, labels) = labelled(2000);
    let mut t = s.clone();
    t.swap(10, 900);
    let r = delong_paired(&s, &t, &labels, 0.95).unwrap();
    assert!(r.fallback.is_none() && r.p.is_some(), "{r:?}");
    assert!(r.interval.width() < 0.1 * r.a.interval.width());
    // A trace of a difference below the rounding of the moments.
    let m = |b: f64| Cov2 { n: 50, mean_a: 0.8, mean_b: b, saa: 1.0, sbb: 1.0, sab: 1.0 };
    let r = delong_from_components(&m(0.8 - 1e-12), &m(0.8 - 1e-12), 0.95).unwrap();
    assert!(r.interval.width() > 0.0 && r.interval.width() < 1e-6, "{r:?}");
}
