//! What performance would be if the probabilities were right: estimates without labels. They never
//! gate: an over-confident model estimates itself better than it is.

use super::{Sum, Undefined};

/// Confidence-based estimates for a binary model.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelFree {
    /// Expected share of right decisions.
    pub accuracy: f64,
    /// Expected precision; undefined without positive decisions.
    pub precision: Result<f64, Undefined>,
    /// Expected recall; undefined without expected positives.
    pub recall: Result<f64, Undefined>,
    /// Expected specificity; undefined without expected negatives.
    pub specificity: Result<f64, Undefined>,
    /// From the expected counts.
    pub f1: Result<f64, Undefined>,
    /// Expected AUC, ties counted one half.
    pub auc: Result<f64, Undefined>,
}

/// Confidence-based performance estimation (NannyML's CBPE; Kivimäki et al. 2025, J Artif Intell Res
/// 82:209): every row counts as positive with its calibrated probability. Assumes that the
/// probabilities are calibrated on the population at hand, so it cannot see concept drift. O(n log n).
///
/// # Errors
/// No rows, lengths that differ, or a probability outside `[0, 1]`.
pub fn cbpe(probabilities: &[f64], decisions: &[bool], scores: &[f64]) -> Result<LabelFree, Undefined> {
    let n = probabilities.len();
    if n == 0 || decisions.len() != n || scores.len() != n || scores.iter().any(|s| s.is_nan()) {
        return Err(Undefined::new("an estimate needs one probability, decision and score per row"));
    }
    if let Some(bad) = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(Undefined::new(format!("{bad} is no probability")));
    }
    let sum = |of: &dyn Fn(f64, bool) -> f64| -> f64 {
        probabilities.iter().zip(decisions).map(|(&p, &d)| of(p, d)).collect::<Sum>().value()
    };
    let tp = sum(&|p, d| if d { p } else { 0.0 });
    let fp = sum(&|p, d| if d { 1.0 - p } else { 0.0 });
    let fn_ = sum(&|p, d| if d { 0.0 } else { p });
    let tn = sum(&|p, d| if d { 0.0 } else { 1.0 - p });
    let share = |x: f64, of: f64, what: &str| {
        if of > 0.0 { Ok(x / of) } else { Err(Undefined::new(format!("no {what} are expected"))) }
    };
    Ok(LabelFree {
        accuracy: (tp + tn) / n as f64,
        precision: share(tp, tp + fp, "positive decisions"),
        recall: share(tp, tp + fn_, "positives"),
        specificity: share(tn, tn + fp, "negatives"),
        f1: share(2.0 * tp, 2.0 * tp + fp + fn_, "positives"),
        auc: auc(probabilities, scores),
    })
}

/// `sum p_i (1 - p_j) [s_i > s_j]` over all pairs of rows, ties one half, over the expected pairs of a
/// positive and a negative.
fn auc(probabilities: &[f64], scores: &[f64]) -> Result<f64, Undefined> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&i, &j| (scores[i] + 0.0).total_cmp(&(scores[j] + 0.0)));
    let (mut wins, mut below, mut start) = (Sum::default(), Sum::default(), 0);
    while start < order.len() {
        let score = scores[order[start]];
        let tied = order[start..].partition_point(|&i| scores[i] <= score);
        let group = &order[start..start + tied];
        let positive = group.iter().map(|&i| probabilities[i]).collect::<Sum>().value();
        let negative = group.iter().map(|&i| 1.0 - probabilities[i]).collect::<Sum>().value();
        wins.add(positive * (below.value() + 0.5 * negative));
        below.add(negative);
        start += tied;
    }
    let positive = probabilities.iter().copied().collect::<Sum>().value();
    let pairs = positive * below.value();
    if pairs > 0.0 { Ok(wins.value() / pairs) } else { Err(Undefined::new("only one class is expected")) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};

    #[test]
    pub(in crate::stats) fn published_estimates() {
        published::run("label_free", &["cbpe"], |case, check| {
            let p = floats(&case.inputs["calibrated_proba"]);
            let d: Vec<bool> = floats(&case.inputs["pred"]).iter().map(|&d| d == 1.0).collect();
            let e = cbpe(&p, &d, &p).unwrap();
            check.close("accuracy", e.accuracy);
            check.close("precision", e.precision.unwrap());
            check.close("recall", e.recall.unwrap());
            check.close("specificity", e.specificity.unwrap());
            check.close("f1", e.f1.unwrap());
            check.close("roc_auc", e.auc.unwrap());
        });
    }

    #[test]
    fn undefined_parts_say_so() {
        let e = cbpe(&[0.2, 0.4], &[false, false], &[0.2, 0.4]).unwrap();
        assert!(e.precision.is_err() && e.recall.is_ok() && e.recall.unwrap() == 0.0);
        assert!(cbpe(&[0.0, 0.0], &[false, false], &[0.0, 0.0]).unwrap().auc.is_err());
        assert!(cbpe(&[1.2], &[true], &[1.0]).is_err() && cbpe(&[], &[], &[]).is_err());
        assert_eq!(cbpe(&[0.5, 0.5], &[true, true], &[1.0, 1.0]).unwrap().auc.unwrap(), 0.5);
    }
}
