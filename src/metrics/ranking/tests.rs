use proptest::prelude::*;

use super::*;

const EVERY: [&str; 13] = [
    "mrr",
    "mrr_at_3",
    "hit_rate_at_1",
    "hit_rate_at_3",
    "precision_at_3",
    "recall_at_4",
    "ndcg",
    "ndcg_at_3",
    "ndcg_exp_at_4",
    "map",
    "map_at_3",
    "r_precision",
    "bpref",
];

fn names(count: usize) -> Vec<String> {
    (0..count).map(|document| format!("d{document:02}")).collect()
}

fn list(scores: &[f64], grades: &[Option<i32>], ties: Ties) -> List {
    let names = names(scores.len().max(grades.len()));
    let retrieved: Vec<Retrieved<'_>> =
        names.iter().zip(scores).map(|(id, &score)| Retrieved { id: id.as_str(), score }).collect();
    let judged: Vec<Judged<'_>> =
        names.iter().zip(grades).filter_map(|(id, grade)| Some(Judged { id: id.as_str(), grade: (*grade)? })).collect();
    List::new(&retrieved, &judged, ties).unwrap()
}

fn value(list: &List, name: &str) -> Option<f64> {
    list.value(Measure::parse(name).unwrap())
}

#[test]
fn the_expectation_over_ties_is_the_mean_of_all_orders() {
    // Two groups of ties, one of three and one of four documents; every order of both by permuting the scores.
    let grades = [Some(1), Some(0), None, Some(2), Some(0), Some(1), Some(0), Some(3)];
    let tied = [2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0];
    let expected = list(&tied, &grades, Ties::Expected);
    let orders = |size: usize| -> Vec<Vec<usize>> {
        let mut all = vec![vec![]];
        for _ in 0..size {
            all = all
                .into_iter()
                .flat_map(|order: Vec<usize>| {
                    (0..size)
                        .filter(|next| !order.contains(next))
                        .map(|next| [order.clone(), vec![next]].concat())
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        all
    };
    let (firsts, seconds) = (orders(3), orders(4));
    for name in EVERY {
        let mut sum = 0.0;
        for first in &firsts {
            for second in &seconds {
                let scores: Vec<f64> = first
                    .iter()
                    .map(|place| 20.0 - *place as f64)
                    .chain(second.iter().map(|place| 9.0 - *place as f64))
                    .collect();
                sum += value(&list(&scores, &grades, Ties::TrecEval), name).unwrap();
            }
        }
        let mean = sum / (firsts.len() * seconds.len()) as f64;
        assert!((value(&expected, name).unwrap() - mean).abs() < 1e-12, "{name}");
    }
}

#[test]
fn ties_are_broken_by_descending_id_as_in_trec_eval() {
    let grades = [Some(1), Some(0)];
    assert_eq!(value(&list(&[1.0, 1.0], &grades, Ties::TrecEval), "mrr"), Some(0.5));
    assert_eq!(value(&list(&[1.0, 1.0], &grades, Ties::Expected), "mrr"), Some(0.75));
    assert_eq!(value(&list(&[0.0, -0.0], &grades, Ties::TrecEval), "mrr"), Some(0.5));
}

#[test]
fn means_leave_out_queries_without_a_relevant_document() {
    let lists = [
        list(&[3.0, 2.0], &[Some(0), Some(1)], Ties::Expected),
        list(&[3.0, 2.0], &[Some(0), None], Ties::Expected),
        list(&[], &[Some(1)], Ties::Expected),
    ];
    assert_eq!(per_query(&lists, Measure::ReciprocalRank(None)), [Some(0.5), None, Some(0.0)]);
    let found = measure(&lists, "mrr").unwrap();
    assert_eq!(found.value, 0.25);
    assert_eq!(found.influence.unwrap(), [0.375, 0.0, -0.375]);
    assert_eq!(measure(&lists[1..2], "map").unwrap_err(), "no query has a relevant document");
    assert_eq!(measure(&[], "map").unwrap_err(), "no query");
    assert!(measure(&lists, "ndcg_at_0").is_err() && measure(&lists, "hit_rate").is_err());
    assert!(METRICS.iter().all(|metric| Measure::parse(metric.name).is_some()));
    assert_eq!(
        wins(&[Some(0.5), None, Some(0.1), Some(0.2)], &[Some(0.6), Some(1.0), Some(0.1), Some(0.1)], 1e-12),
        [1, 1, 1]
    );
}

#[test]
fn documents_come_once() {
    let twice = [Retrieved { id: "a", score: 1.0 }, Retrieved { id: "a", score: 0.5 }];
    assert_eq!(List::new(&twice, &[], Ties::Expected).unwrap_err(), "document a is retrieved twice");
    let judged = [Judged { id: "a", grade: 1 }; 2];
    assert_eq!(List::new(&[], &judged, Ties::Expected).unwrap_err(), "document a is judged twice");
    let lost = [Retrieved { id: "a", score: f64::NAN }];
    assert!(List::new(&lost, &[], Ties::Expected).is_err());
}

#[test]
fn catalogues_by_hand() {
    let lists: [&[u32]; 3] = [&[0, 1, 2], &[0, 2, 3], &[1, 0, 4]];
    assert_eq!(catalogue::coverage(&lists, 2, 10).unwrap().value, 0.3);
    // First two: {0,1}, {0,2}, {1,0}: overlaps 1, 2, 1 of 2.
    let found = catalogue::personalisation(&lists, 2, 10).unwrap();
    assert!((found.value - (1.0 - 4.0 / 3.0 / 2.0)).abs() < 1e-12);
    assert!(catalogue::personalisation(&lists[..1], 2, 10).is_err());
    let groups = [0, 0, 1, 1, 1];
    assert!((catalogue::diversity(&lists, 3, &groups).unwrap().value - 2.0 / 3.0).abs() < 1e-12);
    let known = [0.5, 0.25, 0.25, 0.125, 0.0];
    assert!((catalogue::novelty(&lists, 2, &known).unwrap().value - 1.5).abs() < 1e-12);
    assert!(catalogue::novelty(&lists, 3, &known).unwrap_err().starts_with("1 lists"));
    assert!(catalogue::coverage(&[], 3, 4).is_err());
}

proptest! {
    #[test]
    fn laws(rows in prop::collection::vec((0u8..6, prop::option::of(0i32..4)), 1..14)) {
        let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let grades: Vec<Option<i32>> = rows.iter().map(|row| row.1).collect();
        for ties in [Ties::Expected, Ties::TrecEval] {
            let found = list(&scores, &grades, ties);
            for name in EVERY {
                let Some(value) = value(&found, name) else {
                    prop_assert_eq!(found.relevant(), 0);
                    continue;
                };
                prop_assert!((-1e-12..=1.0 + 1e-12).contains(&value), "{} {}", name, value);
            }
        }
        // The ideal list has the NDCG 1.
        let ideal: Vec<f64> = grades.iter().map(|grade| f64::from(grade.unwrap_or(0))).collect();
        if let Some(value) = value(&list(&ideal, &grades, Ties::Expected), "ndcg_exp_at_4") {
            prop_assert!((value - 1.0).abs() < 1e-12);
        }
    }
}
