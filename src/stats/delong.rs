//! Variance of the area under the ROC curve, and the comparison of two areas
//! (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837).
//!
//! The input is not the scores but moments of the structural components: for a positive row the
//! share of negatives below it, for a negative row the share of positives above it. Such moments
//! merge, so the pass over a large log can be split.

use super::midrank::{class_covariances, midrank_components};
use super::paired_proportion::square_and_add;
use super::proportion::wilson_limits;
use super::special::{norm_two_sided_p, t_isf, t_two_sided_p};
use super::{Cov2, Interval, Moments, Undefined, check_level, z_for};

/// Below this many rows of the rarer class an interval for an area is shown with a warning.
pub const FEW_EVENTS: u64 = 30;

/// Why an interval is not the plain DeLong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The area is 0 or 1 or every component is equal: the estimated variance is zero although the
    /// area is not known exactly. A score interval on the largest possible variance was used.
    NoVariance,
    /// The two models order the rows identically: the difference is exactly zero.
    IdenticalRanking,
}

/// Area of one model with its interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Auc {
    /// Area under the curve, in `[0, 1]`.
    pub auc: f64,
    /// DeLong variance of the area.
    pub variance: f64,
    /// Its square root.
    pub se: f64,
    /// Wald interval clipped to `[0, 1]`, as pROC gives it.
    pub interval: Interval,
    /// Interval on the logit scale, better near 1.
    pub logit: Option<Interval>,
    /// Set when `interval` is not the plain one.
    pub fallback: Option<Fallback>,
    /// Positive and negative rows.
    pub counts: (u64, u64),
}

impl Auc {
    /// Whether the rarer class has fewer than [`FEW_EVENTS`] rows.
    #[must_use]
    pub fn few_events(&self) -> bool {
        self.counts.0.min(self.counts.1) < FEW_EVENTS
    }
}

/// Comparison of two areas measured on the same rows; differences are first minus second.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedAuc {
    /// The first model.
    pub a: Auc,
    /// The second model.
    pub b: Auc,
    /// Covariance of the two areas.
    pub covariance: f64,
    /// Area of the first minus area of the second.
    pub difference: f64,
    /// Standard error of the difference; 0 when the ranking is identical.
    pub se: f64,
    /// Normal statistic; `None` when the difference has no estimated variance but is not zero.
    pub z: Option<f64>,
    /// Two-sided p of `z`.
    pub p: Option<f64>,
    /// Interval of the difference by the normal quantile, as pROC.
    pub interval: Interval,
    /// The same by the t quantile on `min(m, n) - 1` degrees, which covers better with few events.
    pub interval_t: Interval,
    /// Set when the intervals are not the plain ones.
    pub fallback: Option<Fallback>,
}

/// Comparison of two areas measured on different rows; differences are first minus second.
#[derive(Debug, Clone, PartialEq)]
pub struct UnpairedAuc {
    /// The first model.
    pub a: Auc,
    /// The second model.
    pub b: Auc,
    /// Area of the first minus area of the second.
    pub difference: f64,
    /// Standard error of the difference.
    pub se: f64,
    /// Welch-Satterthwaite degrees of freedom, over the row counts of the two groups.
    pub df: Option<f64>,
    /// Student statistic; `None` when both variances are zero.
    pub t: Option<f64>,
    /// Two-sided p of `t`.
    pub p: Option<f64>,
    /// Interval of the difference.
    pub interval: Interval,
    /// Set when the interval is not the plain one.
    pub fallback: Option<Fallback>,
}

fn check_classes(m: u64, n: u64) -> Result<(), Undefined> {
    if m < 2 || n < 2 {
        return Err(Undefined::new(format!(
            "the variance of an AUC needs two rows of each class, found {m} positive and {n} negative"
        )));
    }
    Ok(())
}

/// A sum of squares that is only the rounding of its terms counts as zero: `n` components of size
/// up to 1 cannot tell a smaller one from none.
fn or_zero(sum_of_squares: f64, n: u64) -> f64 {
    if sum_of_squares <= n as f64 * 1e-30 { 0.0 } else { sum_of_squares }
}

fn class_variance(m: &Moments) -> f64 {
    let n = m.n as f64;
    or_zero(m.m2, m.n) / (n - 1.0) / n
}

/// Area, variance and interval of one model from the moments of its components over the positives
/// and over the negatives.
///
/// With zero variance (area 0 or 1) the interval is a Wilson interval for `min(m, n)` trials,
/// because `auc (1 - auc) / min(m, n)` bounds the variance of the statistic (Birnbaum & Klose
/// 1957, Ann Math Stat 28:933), and `fallback` says so.
///
/// # Errors
/// Fewer than two rows of a class, or `level` not in (0, 1).
pub fn auc_from_components(pos: &Moments, neg: &Moments, level: f64) -> Result<Auc, Undefined> {
    check_classes(pos.n, neg.n)?;
    let z = z_for(level)?;
    let auc = pos.mean.clamp(0.0, 1.0);
    let variance = class_variance(pos) + class_variance(neg);
    let se = variance.sqrt();
    let counts = (pos.n, neg.n);
    if variance == 0.0 {
        let (lo, hi) = wilson_limits(auc, pos.n.min(neg.n) as f64, z);
        return Ok(Auc {
            auc,
            variance,
            se,
            interval: Interval { lo, hi, level, method: "auc_wilson_bound" },
            logit: None,
            fallback: Some(Fallback::NoVariance),
            counts,
        });
    }
    let interval = Interval { lo: auc - z * se, hi: auc + z * se, level, method: "delong" };
    let spread = auc * (1.0 - auc);
    let logit = (spread > 0.0).then(|| {
        let centre = (auc / (1.0 - auc)).ln();
        let half = z * se / spread;
        let back = |x: f64| 1.0 / (1.0 + (-x).exp());
        Interval { lo: back(centre - half), hi: back(centre + half), level, method: "delong_logit" }
    });
    let interval = interval.clamped(0.0, 1.0);
    Ok(Auc { auc, variance, se, interval, logit, fallback: None, counts })
}

fn distances(auc: &Auc) -> (f64, f64) {
    (auc.auc - auc.interval.lo, auc.interval.hi - auc.auc)
}

/// Paired comparison from the joint moments of the components over the positives and over the
/// negatives. Equals pROC's `roc.test(paired = TRUE)` to rounding.
///
/// # Errors
/// Fewer than two rows of a class, or `level` not in (0, 1).
pub fn delong_from_components(pos: &Cov2, neg: &Cov2, level: f64) -> Result<PairedAuc, Undefined> {
    let z_level = z_for(level)?;
    let a = auc_from_components(&pos.first(), &neg.first(), level)?;
    let b = auc_from_components(&pos.second(), &neg.second(), level)?;
    let share = |c: &Cov2, s: f64| s / (c.n as f64 - 1.0) / c.n as f64;
    let covariance = share(pos, pos.sab) + share(neg, neg.sab);
    let difference = a.auc - b.auc;
    let variance = class_variance(&pos.difference()) + class_variance(&neg.difference());
    // Below this share of the two variances their difference is rounding. Equal columns give an
    // exact zero; for almost equal ones the bound itself is taken, which errs on the wide side.
    let scale = a.variance + b.variance;
    let same = difference.abs() <= 1e-14;
    let resolution = scale * 1e-13;
    let variance = match variance > resolution {
        true => variance,
        false if same => 0.0,
        false => resolution,
    };
    let df = pos.n.min(neg.n) as f64 - 1.0;
    let t_level = t_isf(0.5 * (1.0 - level), df);
    let plain = |q: f64, method: &'static str| {
        let half = q * variance.sqrt();
        Interval { lo: difference - half, hi: difference + half, level, method }.clamped(-1.0, 1.0)
    };
    let boundary = a.fallback.is_some() || b.fallback.is_some();
    let (z, p) = if variance > 0.0 {
        let z = difference / variance.sqrt();
        (Some(z), Some(norm_two_sided_p(z)))
    } else if same {
        (Some(0.0), Some(1.0))
    } else {
        (None, None)
    };
    let (interval, interval_t, fallback) = if variance == 0.0 && z.is_some() && scale > 0.0 {
        let none = plain(0.0, "delong_identical");
        (none, none, Some(Fallback::IdenticalRanking))
    } else if boundary || variance == 0.0 {
        let (lo, hi) = square_and_add(difference, distances(&a), distances(&b), 0.0);
        let ci = Interval { lo, hi, level, method: "auc_difference_bound" }.clamped(-1.0, 1.0);
        (ci, ci, Some(Fallback::NoVariance))
    } else {
        (plain(z_level, "delong_paired"), plain(t_level, "delong_paired_t"), None)
    };
    Ok(PairedAuc { a, b, covariance, difference, se: variance.sqrt(), z, p, interval, interval_t, fallback })
}

/// Paired comparison of two score vectors held in memory.
///
/// # Errors
/// As [`midrank_components`] and [`delong_from_components`].
pub fn delong_paired(scores_a: &[f64], scores_b: &[f64], labels: &[bool], level: f64) -> Result<PairedAuc, Undefined> {
    let a = midrank_components(scores_a, labels)?;
    let b = midrank_components(scores_b, labels)?;
    let (pos, neg) = class_covariances(&a.v, &b.v, labels);
    delong_from_components(&pos, &neg, level)
}

/// Comparison on different rows: `(positives, negatives)` moments of each group. Student's t on
/// Welch-Satterthwaite degrees over the group sizes, as pROC's `roc.test(paired = FALSE)`.
///
/// # Errors
/// Fewer than two rows of a class in a group, or `level` not in (0, 1).
pub fn delong_unpaired(
    first: (&Moments, &Moments),
    second: (&Moments, &Moments),
    level: f64,
) -> Result<UnpairedAuc, Undefined> {
    check_level(level)?;
    let a = auc_from_components(first.0, first.1, level)?;
    let b = auc_from_components(second.0, second.1, level)?;
    let difference = a.auc - b.auc;
    let (va, vb) = (a.variance, b.variance);
    let variance = va + vb;
    let se = variance.sqrt();
    let df = (variance > 0.0).then(|| {
        let (na, nb) = (first.0.n + first.1.n, second.0.n + second.1.n);
        variance * variance / (va * va / (na as f64 - 1.0) + vb * vb / (nb as f64 - 1.0))
    });
    let t = df.map(|_| difference / se);
    let p = t.zip(df).map(|(t, df)| t_two_sided_p(t, df));
    let boundary = a.fallback.is_some() || b.fallback.is_some();
    let (interval, fallback) = match df {
        Some(df) if !boundary => {
            let half = t_isf(0.5 * (1.0 - level), df) * se;
            let method = "delong_unpaired_welch";
            let ci = Interval { lo: difference - half, hi: difference + half, level, method };
            (ci.clamped(-1.0, 1.0), None)
        }
        _ => {
            let (lo, hi) = square_and_add(difference, distances(&a), distances(&b), 0.0);
            let ci = Interval { lo, hi, level, method: "auc_difference_bound" };
            (ci.clamped(-1.0, 1.0), Some(Fallback::NoVariance))
        }
    };
    Ok(UnpairedAuc { a, b, difference, se, df, t, p, interval, fallback })
}

#[cfg(test)]
pub(super) mod tests;
