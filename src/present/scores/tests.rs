use super::*;
use crate::present::curves::tests::{sample, scene};

#[test]
fn distributions_share_edges_and_add_up() {
    let comparison = sample();
    let model = model(&scene(&comparison));
    let histogram = model.histogram.unwrap();
    assert_eq!(histogram.panels[0].class, "fraud");
    for panel in &histogram.panels {
        for shares in panel.shares.iter().flatten() {
            assert_eq!(shares.len() + 1, histogram.edges.len());
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }
    assert_eq!(model.joint.unwrap().rows, 60_000);
    assert!(model.drift[0].meaning.starts_with("moderate"));
    let flags = model.flags.unwrap();
    assert!(flags.top >= 0.0136 && flags.lines[0].len() == 28);
}

#[test]
fn scores_without_labels_leave_what_needs_none() {
    let mut comparison = sample();
    let summary = comparison.scores.as_mut().unwrap();
    summary.histogram.champion = Default::default();
    summary.histogram.challenger = Default::default();
    comparison.series.clear();
    let model = model(&scene(&comparison));
    assert!(model.histogram.is_none() && model.joint.is_some() && model.flags.is_none());
    assert!(model.no_histogram.contains("need no labels"));
    comparison.scores = None;
    assert!(super::model(&scene(&comparison)).empty.is_some());
}

#[test]
fn axes_end_on_round_steps() {
    assert_eq!(round_top(0.9), (1.0, 0.25));
    let (top, step) = round_top(0.0141);
    assert!((top - 0.015).abs() < 1e-9 && (step - 0.005).abs() < 1e-9);
}
