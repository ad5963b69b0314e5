//! Structural components of the area under the ROC curve for scores held in memory.

use super::{Cov2, Moments, Undefined};

/// Structural components of one model, row by row in the order of the input.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// For a positive row the share of negatives scored below it, for a negative row the share of
    /// positives scored above it; ties count one half.
    pub v: Vec<f64>,
    /// Area under the curve: the mean of `v` over the positives, and over the negatives.
    pub auc: f64,
    /// Number of positive rows.
    pub positives: u64,
    /// Number of negative rows.
    pub negatives: u64,
}

/// Structural components by mid-ranks in O(n log n) (Sun & Xu 2014, IEEE Signal Process Lett
/// 21:1389). `labels[i]` is true for a positive row. Negative and positive zero are one score.
///
/// # Errors
/// The lengths differ, a class is empty, or a score is not a number.
pub fn midrank_components(scores: &[f64], labels: &[bool]) -> Result<Components, Undefined> {
    if scores.len() != labels.len() {
        let (s, l) = (scores.len(), labels.len());
        return Err(Undefined::new(format!("{s} scores for {l} labels")));
    }
    if scores.iter().any(|s| s.is_nan()) {
        return Err(Undefined::new("a score is not a number"));
    }
    let positives = labels.iter().filter(|&&l| l).count();
    let negatives = labels.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(Undefined::new("AUC needs rows of both classes"));
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    // Adding zero turns -0.0 into 0.0, which the total order would keep apart.
    order.sort_unstable_by(|&i, &j| (scores[i] + 0.0).total_cmp(&(scores[j] + 0.0)));
    let (m, n) = (positives as f64, negatives as f64);
    let mut v = vec![0.0; scores.len()];
    // In twice the mid-ranks everything stays an integer.
    let (mut pos_below, mut neg_below, mut twice_wins) = (0u64, 0u64, 0u128);
    let mut start = 0;
    while start < order.len() {
        let score = scores[order[start]];
        let len = order[start..].iter().take_while(|&&i| scores[i] == score).count();
        let group = &order[start..start + len];
        let pos = group.iter().filter(|&&i| labels[i]).count() as u64;
        let neg = len as u64 - pos;
        let twice_neg = 2 * neg_below + neg;
        let twice_pos_above = 2 * (positives as u64 - pos_below - pos) + pos;
        for &i in group {
            v[i] = if labels[i] { twice_neg as f64 / (2.0 * n) } else { twice_pos_above as f64 / (2.0 * m) };
        }
        twice_wins += u128::from(pos) * u128::from(twice_neg);
        pos_below += pos;
        neg_below += neg;
        start += len;
    }
    Ok(Components {
        v,
        auc: twice_wins as f64 / (2.0 * m * n),
        positives: positives as u64,
        negatives: negatives as u64,
    })
}

/// Moments of the components of one model over the positives and over the negatives.
#[must_use]
pub fn class_moments(v: &[f64], labels: &[bool]) -> (Moments, Moments) {
    let (mut pos, mut neg) = (Moments::default(), Moments::default());
    for (&v, &label) in v.iter().zip(labels) {
        if label { pos.add(v) } else { neg.add(v) }
    }
    (pos, neg)
}

/// Joint moments of the components of two models over the positives and over the negatives of the
/// same rows.
#[must_use]
pub fn class_covariances(a: &[f64], b: &[f64], labels: &[bool]) -> (Cov2, Cov2) {
    let (mut pos, mut neg) = (Cov2::default(), Cov2::default());
    for ((&a, &b), &label) in a.iter().zip(b).zip(labels) {
        if label { pos.add(a, b) } else { neg.add(a, b) }
    }
    (pos, neg)
}

/// Influence vector of the AUC (Obuchowski 1997, Biometrics 53:567): summed within clusters and
/// given to [`super::influence::clustered`] it yields the clustered interval.
#[must_use]
pub fn auc_influence(components: &Components, labels: &[bool]) -> Vec<f64> {
    let (m, n) = (components.positives as f64, components.negatives as f64);
    let (wp, wn) = ((m + n) / m, (m + n) / n);
    let centre = components.auc;
    components.v.iter().zip(labels).map(|(&v, &label)| (v - centre) * if label { wp } else { wn }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_quadratic_definition() {
        let scores: Vec<f64> = (0..60).map(|i| f64::from((i * 37 + i * i * 11) % 17) / 4.0).collect();
        let labels: Vec<bool> = (0..60).map(|i| (i * 7 + i * i) % 5 < 2).collect();
        let c = midrank_components(&scores, &labels).unwrap();
        let win = |x: f64, y: f64| {
            if x > y {
                1.0
            } else if x == y {
                0.5
            } else {
                0.0
            }
        };
        for i in 0..60 {
            let (mut sum, mut count) = (0.0, 0.0);
            for j in 0..60 {
                if labels[j] != labels[i] {
                    let (p, q) = if labels[i] { (i, j) } else { (j, i) };
                    sum += win(scores[p], scores[q]);
                    count += 1.0;
                }
            }
            assert!((c.v[i] - sum / count).abs() < 1e-14, "{i}");
        }
        let (pos, neg) = class_moments(&c.v, &labels);
        assert!((pos.mean - c.auc).abs() < 1e-14 && (neg.mean - c.auc).abs() < 1e-14);
        let u: f64 = auc_influence(&c, &labels).iter().sum();
        assert!(u.abs() < 1e-12);
    }

    #[test]
    fn refuses_what_has_no_area() {
        assert!(midrank_components(&[0.1, 0.2], &[true, true]).is_err());
        assert!(midrank_components(&[0.1, f64::NAN], &[true, false]).is_err());
        assert!(midrank_components(&[0.1], &[true, false]).is_err());
        assert_eq!(midrank_components(&[0.0, -0.0], &[true, false]).unwrap().auc, 0.5);
    }
}
