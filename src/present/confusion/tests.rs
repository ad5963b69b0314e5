use super::*;
use crate::compare::{Confusion, JointCounts};
use crate::present::rows::fixture::Case;

fn model(case: &Case, normalise: Normalise, selection: Option<&Selection>) -> ConfusionModel {
    confusion(&case.sheet(), None, normalise, selection)
}

#[test]
fn matrices_print_counts_shares_and_intervals() {
    let case = Case::new(4);
    let model = model(&case, Normalise::Counts, None);
    let champion = model.arms.champion.as_ref().unwrap();
    assert_eq!((champion.cells[1][0].main.as_str(), champion.cells[1][0].sub.as_str()), ("12,465", "63.87 %"));
    assert_eq!(champion.totals, ["1,206,675", "19,515"]);
    assert_eq!(champion.notes, ["precision 48.4 %, recall 36.1 %", "flags 14,562 rows"]);
    assert_eq!(champion.threshold, "at 0.300");
    let difference = model.difference.as_ref().unwrap();
    let cell = &difference.cells[1][0];
    assert_eq!((cell.main.as_str(), cell.sub.as_str()), ("−664", "[−784, −544]"));
    assert_eq!((cell.reading, cell.shade), (Some(Reading::Better), -1.0));
    let level = &difference.cells[0][0];
    assert_eq!((level.reading, level.shade), (Some(Reading::NoDifference), 0.0));
    let flips = model.flips.as_ref().unwrap();
    assert_eq!(flips.nets[0], "fraud: net +664 right [+544, +784]");
    assert_eq!(flips.cells[1][2].main, "1,534");
    assert_eq!(model.rates[0].difference, Some(("+2.3".to_owned(), "[+1.7, +2.9]".to_owned())));
    let undefined = model.rates.iter().find(|row| row.name == "kappa").unwrap();
    assert_eq!(undefined.undefined.as_deref(), Some("chance agreement is complete"));
    assert_eq!(undefined.arms, [None, None]);
}

#[test]
fn equal_shade_is_equal_count_in_both_arms() {
    let case = Case::new(4);
    let model = model(&case, Normalise::Counts, None);
    let (champion, challenger) = (model.arms.champion.unwrap(), model.arms.challenger.unwrap());
    assert_eq!(challenger.cells[0][0].shade, 1.0, "the largest count of both");
    let per_row = champion.cells[1][0].shade / 12_465.0;
    assert!((challenger.cells[1][0].shade - 11_801.0 * per_row).abs() < 1e-12);
}

#[test]
fn divided_differences_keep_their_intervals_or_say_why_not() {
    let case = Case::new(4);
    let by_truth = model(&case, Normalise::ByTruth, None).difference.unwrap();
    assert_eq!(by_truth.cells[1][1].main, "+3.4 pp");
    assert_eq!(by_truth.cells[1][1].sub, "[+2.8, +4.0]");
    let by_prediction = model(&case, Normalise::ByPrediction, None).difference.unwrap();
    assert_eq!(by_prediction.cells[1][1].sub, "[+1.7, +2.9]");
    assert_eq!(by_prediction.cells[0][1].sub, "[−2.9, −1.7]");
    assert_eq!(by_prediction.cells[0][0].reading, Some(Reading::Untold));
    assert!(!by_prediction.note.is_empty());
}

#[test]
fn the_selection_is_counted_and_shown_in_every_matrix_that_has_it() {
    let case = Case::new(4);
    let broken = Selection { truth: Some(true), right: [Some(true), Some(false)], ..Selection::default() };
    let chosen = model(&case, Normalise::Counts, Some(&broken));
    let selection = chosen.selection.as_ref().unwrap();
    assert_eq!((selection.count, selection.share.as_str()), (Some(1_534), "7.9 % of fraud"));
    assert!(chosen.flips.as_ref().unwrap().cells[1][2].selected);
    assert!(!chosen.arms.champion.as_ref().unwrap().cells[1][1].selected);
    let inverted = selection.inverted.clone();
    let rest = model(&case, Normalise::Counts, Some(&inverted)).selection.unwrap();
    assert_eq!(rest.count, Some(1_226_190 - 1_534));
    assert_eq!(rest.inverted, broken);
    // A cell of the difference opens the rows that moved the way the difference points.
    let difference = chosen.difference.unwrap();
    assert_eq!(difference.cells[1][0].selection.decisions, [Some(false), Some(true)]);
    assert_eq!(difference.cells[1][1].selection.decisions, [Some(false), Some(true)]);
}

#[test]
fn live_counts_follow_and_the_rest_is_marked() {
    let case = Case::new(4);
    let confusion_of =
        |true_positive| Confusion { true_negative: 10, false_positive: 5, false_negative: 5, true_positive };
    let live = Live {
        thresholds: [Some(0.3), Some(0.5)],
        confusion: PerArm { champion: Some(confusion_of(20)), challenger: Some(confusion_of(15)) },
        joint: Some(JointCounts([[[8, 2], [2, 3]], [[4, 1], [6, 14]]])),
    };
    let model = confusion(&case.sheet(), Some(&live), Normalise::Counts, None);
    let challenger = model.arms.challenger.as_ref().unwrap();
    assert_eq!((challenger.cells[1][1].main.as_str(), challenger.threshold.as_str()), ("15", "at 0.500"));
    assert_eq!(challenger.notes[1], "flags 20 rows");
    assert!(model.difference.as_ref().unwrap().stale && model.rates_stale);
    let flips = model.flips.as_ref().unwrap();
    assert_eq!((flips.cells[1][1].main.as_str(), flips.cells[1][2].main.as_str()), ("1", "6"));
    assert!(!flips.stale && flips.nets_stale);
    let without = Live { joint: None, ..live };
    let model = confusion(&case.sheet(), Some(&without), Normalise::Counts, None);
    assert!(model.flips.as_ref().unwrap().stale);
    assert_eq!(model.flips.unwrap().cells[1][2].main, "1,534");
}
