use super::*;
use crate::log::{Judgements, ListOrder, Ranked};

fn lists() -> Lists {
    let arm = |items: Vec<u32>| Ranked { ends: vec![2, 4, 6], items, scores: None };
    Lists {
        items: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
        order: ListOrder::Rank,
        // Query 0: the relevant item first, then second; query 1: second, then first; query 2: the same.
        arms: vec![arm(vec![0, 1, 2, 0, 3, 0]), arm(vec![1, 0, 0, 2, 3, 0])],
        judged: Judgements { ends: vec![1, 2, 3], items: vec![0, 0, 0], grades: vec![1, 1, 1] },
        about: Vec::new(),
    }
}

#[test]
fn queries_stand_where_the_challenger_loses_most_first() {
    let (rows, values) = sorted(&lists(), 2, &RowMask::all(3), Measure::ReciprocalRank(None));
    assert_eq!(rows, [0, 2, 1]);
    assert_eq!(values, [[1.0, 0.5, 0.5], [0.5, 0.5, 1.0]]);
    let points = drawn(&values);
    assert_eq!(points[0], (0.0, -0.5));
    assert_eq!(points[5], (1.0, 0.5));
}

#[test]
fn many_queries_are_thinned_by_their_means() {
    let values = vec![vec![0.0; 100_000], (0..100_000).map(|at| f64::from(at) / 1e5).collect()];
    let points = drawn(&values);
    assert!(points.len() <= 2 * POINTS, "{}", points.len());
    assert!(points.windows(2).all(|pair| pair[0].1 <= pair[1].1));
    assert_eq!(points.last().unwrap().0, 1.0);
}
