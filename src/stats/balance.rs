//! Are the units of two arms alike? Differences of attributes that the split should have levelled.

mod omnibus;

use super::linear::quadratic_form;
use super::special::chi2_sf;
use super::{Moments, Undefined};

pub use omnibus::{Omnibus, Unit, omnibus, omnibus_within};

/// Absolute standardised difference above which an attribute is flagged.
pub const FLAG: f64 = 0.1;
/// Level at which the omnibus test alerts.
pub const OMNIBUS_ALPHA: f64 = 0.001;

/// Standardised mean difference of a numeric attribute, first minus second, in units of the mean
/// standard deviation: `(x̄₁ - x̄₂) / √((s₁² + s₂²) / 2)` (Austin 2009, Stat Med 28:3083, eq. 1). Does
/// not grow with the number of units, unlike a p-value.
///
/// # Errors
/// Fewer than two units in an arm, or means that differ without any variance.
pub fn standardised_difference(a: &Moments, b: &Moments) -> Result<f64, Undefined> {
    let (Some(va), Some(vb)) = (a.variance(), b.variance()) else {
        return Err(Undefined::new("a standardised difference needs at least two units in each arm"));
    };
    let (difference, sd) = (a.mean - b.mean, (0.5 * (va + vb)).sqrt());
    match (difference == 0.0, sd > 0.0) {
        (true, _) => Ok(0.0),
        (false, true) => Ok(difference / sd),
        (false, false) => Err(Undefined::new("the attribute is constant in each arm, at different values")),
    }
}

/// Result for an attribute with categories.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CategoryBalance {
    /// Mahalanobis distance of the two vectors of shares; comparable with [`standardised_difference`]
    /// and equal to it in size for two categories (with shares `p(1 - p)` as variances).
    pub difference: f64,
    /// Pearson's chi-square of homogeneity.
    pub chi2: f64,
    /// Its degrees of freedom.
    pub df: f64,
    /// Its p-value.
    pub p: f64,
    /// Cramér's V, in `[0, 1]`.
    pub cramers_v: f64,
}

/// Balance of a categorical attribute from the units per category in each arm: the multinomial
/// standardised difference of Yang & Dalton 2012 (SAS Global Forum 335, eq. 2), the chi-square of
/// homogeneity and its effect size. Categories without a unit are left out.
///
/// # Errors
/// The lengths differ, an arm is empty, or there are fewer than two categories with units.
pub fn categories(a: &[u64], b: &[u64]) -> Result<CategoryBalance, Undefined> {
    if a.len() != b.len() {
        return Err(Undefined::new(format!("{} and {} categories", a.len(), b.len())));
    }
    let used: Vec<(f64, f64)> =
        a.iter().zip(b).filter(|(a, b)| **a + **b > 0).map(|(&a, &b)| (a as f64, b as f64)).collect();
    let (na, nb) = (used.iter().map(|u| u.0).sum::<f64>(), used.iter().map(|u| u.1).sum::<f64>());
    if na == 0.0 || nb == 0.0 || used.len() < 2 {
        return Err(Undefined::new("balance needs units in both arms and at least two categories"));
    }
    let n = na + nb;
    let (chi2, df) = homogeneity(&used);
    // The last category is the rest: its share follows from the others.
    let k = used.len() - 1;
    let shares: Vec<(f64, f64)> = used.iter().take(k).map(|&(x, y)| (x / na, y / nb)).collect();
    let covariance = |i: usize, j: usize| {
        let ((pa, pb), (qa, qb)) = (shares[i], shares[j]);
        if i == j { 0.5 * (pa * (1.0 - pa) + pb * (1.0 - pb)) } else { -0.5 * (pa * qa + pb * qb) }
    };
    let matrix = (0..k).map(|i| (0..k).map(|j| covariance(i, j)).collect()).collect();
    let (squared, _) = quadratic_form(matrix, shares.iter().map(|(p, q)| p - q).collect())
        .map_err(|_| Undefined::new("each arm has a category of its own: the arms do not overlap"))?;
    Ok(CategoryBalance {
        difference: squared.sqrt(),
        chi2,
        df,
        p: chi2_sf(chi2, df),
        // For two arms the smaller side of the table is always 2.
        cramers_v: (chi2 / n).sqrt().min(1.0),
    })
}

/// Pearson's chi-square of homogeneity of two arms over categories that have units, and its degrees of freedom.
fn homogeneity(used: &[(f64, f64)]) -> (f64, f64) {
    let (na, nb) = (used.iter().map(|u| u.0).sum::<f64>(), used.iter().map(|u| u.1).sum::<f64>());
    let mut chi2 = 0.0;
    for &(x, y) in used {
        let share = (x + y) / (na + nb);
        chi2 += (x - na * share).powi(2) / (na * share) + (y - nb * share).powi(2) / (nb * share);
    }
    (chi2, used.len() as f64 - 1.0)
}

/// P-value of the chi-square test that two arms fill the categories alike; no measure of how far apart they are. `None`
/// where an arm is empty or fewer than two categories have units.
#[must_use]
pub fn alike(a: &[u64], b: &[u64]) -> Option<f64> {
    let used: Vec<(f64, f64)> =
        a.iter().zip(b).filter(|(a, b)| **a + **b > 0).map(|(&a, &b)| (a as f64, b as f64)).collect();
    let empty = used.iter().all(|u| u.0 == 0.0) || used.iter().all(|u| u.1 == 0.0);
    let (chi2, df) = homogeneity(&used);
    (!empty && used.len() > 1).then(|| chi2_sf(chi2, df))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_categories_are_a_binary_attribute() {
        let c = categories(&[300, 700], &[350, 650]).unwrap();
        let sd = (0.5 * (0.3 * 0.7 + 0.35 * 0.65f64)).sqrt();
        assert!((c.difference - 0.05 / sd).abs() < 1e-12);
        // scipy.stats.chi2_contingency([[300, 700], [350, 650]], correction=False).
        assert!(
            (c.chi2 - 5.698_005_698_005_698).abs() < 1e-9 && (c.p - 0.016_984_200_582_130_59).abs() < 1e-14,
            "{c:?}"
        );
        assert_eq!(categories(&[300, 700, 0], &[350, 650, 0]).unwrap(), c);
        assert!(categories(&[1, 0], &[0, 0]).is_err());
        assert_eq!(categories(&[10, 20, 30], &[20, 40, 60]).unwrap().difference, 0.0);
    }

    #[test]
    fn standardised() {
        let a: Moments = (0..100).map(|i| f64::from(i % 10)).collect();
        let b: Moments = (0..100).map(|i| f64::from(i % 10) + 1.0).collect();
        let d = standardised_difference(&a, &b).unwrap();
        assert!((d + 1.0 / a.sd().unwrap()).abs() < 1e-12);
        let constant = |x: f64| [x; 4].into_iter().collect::<Moments>();
        assert_eq!(standardised_difference(&constant(1.0), &constant(1.0)).unwrap(), 0.0);
        assert!(standardised_difference(&constant(1.0), &constant(2.0)).is_err());
    }
}
