//! Difference of means adjusted for a quantity measured before the experiment.

use super::influence::Estimate;
use super::mean_difference::welch;
use super::{Cov2, Moments, Undefined};

/// A difference adjusted by a covariate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cuped {
    /// Adjusted mean of the first arm, in the units of the outcome.
    pub a: f64,
    /// Adjusted mean of the second arm.
    pub b: f64,
    /// Coefficient of the covariate, over both arms together.
    pub theta: f64,
    /// Share of the outcome's variance that the covariate takes away, in `[0, 1]`.
    pub variance_reduction: f64,
    /// First minus second, Welch on the adjusted values.
    pub difference: Estimate,
}

/// CUPED (Deng, Xu, Kohavi & Walker 2013, WSDM, eq. 4): `y - theta (x - mean x)` with
/// `theta = cov(y, x) / var(x)` over both arms together, then Welch. In each `Cov2` the first
/// variable is the outcome of a unit, the second its covariate, which must have been measured
/// before the unit was exposed: a covariate that the treatment moves removes part of the effect.
///
/// # Errors
/// The covariate does not vary, or as [`welch`].
pub fn cuped(a: &Cov2, b: &Cov2, level: f64) -> Result<Cuped, Undefined> {
    let mut all = *a;
    all.merge(b);
    if all.sbb <= 0.0 {
        return Err(Undefined::new("the covariate has the same value for every unit"));
    }
    let theta = all.sab / all.sbb;
    let adjusted = |c: &Cov2| Moments {
        n: c.n,
        mean: c.mean_a - theta * (c.mean_b - all.mean_b),
        m2: (c.saa - 2.0 * theta * c.sab + theta * theta * c.sbb).max(0.0),
    };
    let (ma, mb) = (adjusted(a), adjusted(b));
    let within = a.saa + b.saa;
    Ok(Cuped {
        a: ma.mean,
        b: mb.mean,
        theta,
        variance_reduction: if within > 0.0 { (1.0 - (ma.m2 + mb.m2) / within).clamp(0.0, 1.0) } else { 0.0 },
        difference: welch(&ma, &mb, level)?,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::published::{self, Case, Check, float, floats};

    /// Joint moments of two columns of the published data set, control and treatment.
    pub(in crate::stats) fn arms(first: &str, second: &str) -> [Cov2; 2] {
        let data = published::dataset("dataset_tea_users100").expect("the data set is there when a case is");
        let (x, y, arm) = (floats(&data[first]), floats(&data[second]), floats(&data["variant"]));
        let mut arms = [Cov2::default(); 2];
        for ((&x, &y), &arm) in x.iter().zip(&y).zip(&arm) {
            arms[arm as usize].add(x, y);
        }
        arms
    }

    pub(in crate::stats) fn difference(case: &Case, check: &mut Check, a: f64, b: f64, e: &Estimate) {
        assert_eq!(float(&case.inputs, "conf"), e.interval.level);
        check.close("treatment", a);
        check.close("control", b);
        check.close("statistic", e.t.unwrap());
        check.close("pvalue", e.p.unwrap());
        check.close("lower", e.interval.lo);
        check.close("upper", e.interval.hi);
    }

    #[test]
    pub(in crate::stats) fn published_adjustments() {
        published::run("ab.cuped", &["cuped_pooled_theta_welch"], |case, check| {
            let column = |k: &str| case.inputs[k].as_str().unwrap();
            let [control, treatment] = arms(column("y"), column("covariate"));
            let c = cuped(&treatment, &control, 0.95).unwrap();
            difference(case, check, c.a, c.b, &c.difference);
        });
    }

    #[test]
    fn useless_and_perfect_covariates() {
        let (mut a, mut b) = (Cov2::default(), Cov2::default());
        for i in 0..200 {
            let x = f64::from(i % 20);
            a.add(3.0 * x + 1.0 + f64::from(i % 3) * 1e-3, x);
            b.add(3.0 * x + f64::from(i % 3) * 1e-3, x);
        }
        let c = cuped(&a, &b, 0.95).unwrap();
        assert!(c.variance_reduction > 0.999 && (c.difference.value - 1.0).abs() < 1e-9, "{c:?}");
        let (mut a, mut b) = (Cov2::default(), Cov2::default());
        (0..9).for_each(|i| a.add(f64::from(i), 2.0));
        (0..9).for_each(|i| b.add(f64::from(i), 2.0));
        assert!(cuped(&a, &b, 0.95).is_err());
    }
}
