//! Ratio metrics: a sum over a sum, such as clicks per page view, when users were randomised.

use super::influence::{Estimate, unpaired};
use super::{Cov2, Undefined};

/// Share of the parts of a variance that their rounding makes at most, over as many rows as a log has.
const ROUNDING: f64 = 1e-13;

/// Ratio of the means of one arm by the delta method (Deng, Knoblich & Lu 2018, KDD, eq. 7):
/// variance `(s_x² - 2 r s_xy + r² s_y²) / (ȳ² n)`. Each entry of `sums` is one unit of
/// randomisation: the sum of its numerators, then of its denominators.
///
/// # Errors
/// Fewer than two units, a mean denominator of zero, or `level` not in (0, 1).
pub fn ratio(sums: &Cov2, level: f64) -> Result<Estimate, Undefined> {
    if sums.n < 2 {
        return Err(Undefined::new(format!("a standard error needs at least two units, found {}", sums.n)));
    }
    if sums.mean_b == 0.0 {
        return Err(Undefined::new("the denominator is zero on average"));
    }
    let (n, r) = (sums.n as f64, sums.mean_a / sums.mean_b);
    let spread = sums.saa - 2.0 * r * sums.sab + r * r * sums.sbb;
    // Where every unit has the same ratio, what is left is the rounding of its parts, which the order of the rows decides.
    let parts = sums.saa + 2.0 * (r * sums.sab).abs() + r * r * sums.sbb + n * sums.mean_a * sums.mean_a;
    let spread = if spread <= ROUNDING * parts { 0.0 } else { spread };
    let se = (spread / (n - 1.0) / n).sqrt() / sums.mean_b.abs();
    Estimate::new(r, se, n - 1.0, sums.n, level, "ratio_delta")
}

/// Difference of the ratios of two arms, first minus second, Welch degrees of freedom.
///
/// # Errors
/// As [`ratio`], or neither arm has variance.
pub fn ratio_difference(a: &Cov2, b: &Cov2, level: f64) -> Result<Estimate, Undefined> {
    unpaired(&ratio(a, level)?, &ratio(b, level)?, level)
}

/// One number per unit whose mean is the ratio and whose variance over n is that of [`ratio`]:
/// `r + (x - r y) / ȳ`. Lets a ratio metric go where means go, as into CUPED or a confidence
/// sequence.
///
/// # Errors
/// The lengths differ, there are no units, or the mean denominator is zero.
pub fn linearised(numerators: &[f64], denominators: &[f64]) -> Result<Vec<f64>, Undefined> {
    if numerators.len() != denominators.len() {
        let (x, y) = (numerators.len(), denominators.len());
        return Err(Undefined::new(format!("{x} numerators with {y} denominators")));
    }
    let mut sums = Cov2::default();
    numerators.iter().zip(denominators).for_each(|(&x, &y)| sums.add(x, y));
    if sums.n == 0 || sums.mean_b == 0.0 {
        return Err(Undefined::new("the denominator is zero on average"));
    }
    let r = sums.mean_a / sums.mean_b;
    Ok(numerators.iter().zip(denominators).map(|(x, y)| r + (x - r * y) / sums.mean_b).collect())
}

/// The same of a ratio of weighted sums, as of strata at a mix that is not their own: the weighted mean of the numbers is
/// that ratio. `weights` sum to 1.
///
/// # Errors
/// As [`linearised`].
pub fn linearised_at(numerators: &[f64], denominators: &[f64], weights: &[f64]) -> Result<Vec<f64>, Undefined> {
    if numerators.len() != denominators.len() || numerators.len() != weights.len() {
        return Err(Undefined::new("numerators, denominators and weights are not as many"));
    }
    let weighted = |values: &[f64]| values.iter().zip(weights).map(|(value, weight)| weight * value).sum::<f64>();
    let (x, y) = (weighted(numerators), weighted(denominators));
    if y == 0.0 {
        return Err(Undefined::new("the denominator is zero on average"));
    }
    let r = x / y;
    Ok(numerators.iter().zip(denominators).map(|(a, b)| r + (a - r * b) / y).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::Moments;
    use crate::stats::cuped::tests::{arms, difference};
    use crate::stats::influence::mean;
    use crate::stats::published;

    #[test]
    fn at_other_weights_it_is_the_ratio_of_weighted_sums() {
        let (x, y) = ([1.0, 2.0, 6.0, 3.0], [2.0, 2.0, 8.0, 4.0]);
        assert_eq!(linearised_at(&x, &y, &[0.25; 4]).unwrap(), linearised(&x, &y).unwrap());
        let weights = [0.4, 0.3, 0.2, 0.1];
        let found = linearised_at(&x, &y, &weights).unwrap();
        let mean: f64 = found.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        assert!((mean - 2.5 / 3.4).abs() < 1e-15, "{mean}");
        assert!(linearised_at(&x, &[0.0; 4], &weights).is_err() && linearised_at(&x, &y, &[1.0]).is_err());
    }

    #[test]
    pub(in crate::stats) fn published_ratio() {
        published::run("ab.ratio", &["delta_method_ratio_welch"], |case, check| {
            let column = |k: &str| case.inputs[k].as_str().unwrap();
            let [control, treatment] = arms(column("numer"), column("denom"));
            let value = |c: &Cov2| ratio(c, 0.95).unwrap().value;
            let e = ratio_difference(&treatment, &control, 0.95).unwrap();
            difference(case, check, value(&treatment), value(&control), &e);
        });
    }

    #[test]
    fn linearised_has_the_same_estimate_and_error() {
        let x: Vec<f64> = (0..60).map(|i| f64::from(i * 7 % 11)).collect();
        let y: Vec<f64> = (0..60).map(|i| 1.0 + f64::from(i * 5 % 13)).collect();
        let mut sums = Cov2::default();
        x.iter().zip(&y).for_each(|(&x, &y)| sums.add(x, y));
        let direct = ratio(&sums, 0.95).unwrap();
        let by_mean = mean(&Moments::from_slice(&linearised(&x, &y).unwrap()), 0.95).unwrap();
        assert!((direct.value - by_mean.value).abs() < 1e-13 && (direct.se - by_mean.se).abs() < 1e-13);
        assert!(linearised(&[1.0, 2.0], &[0.0, 0.0]).is_err());
        assert!(ratio(&Cov2::default(), 0.95).is_err());
    }
}
