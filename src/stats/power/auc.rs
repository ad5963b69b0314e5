//! Positive rows needed for areas under the ROC curve.

use super::{Sides, quantiles};
use crate::stats::special::{norm_cdf, norm_quantile};
use crate::stats::{Undefined, check_level};

/// Variance of `√cases` times one area, under the alternative and under "1/2", for `kappa` negatives
/// per positive (Obuchowski & McClish 1997, Stat Med 16:1529, binormal; rounded constants as there).
fn one_curve(auc: f64, kappa: f64) -> Result<(f64, f64), Undefined> {
    if !(auc > 0.5 && auc < 1.0 && kappa > 0.0) {
        return Err(Undefined::new(format!("area {auc} with {kappa} negatives per positive")));
    }
    let a = 1.414 * norm_quantile(auc);
    let a2 = a * a;
    let alternative = 0.0099 * (-0.5 * a2).exp() * ((5.0 * a2 + 8.0) + (a2 + 8.0) / kappa);
    Ok((alternative, 0.0792 * (1.0 + 1.0 / kappa)))
}

/// Positive rows that show, two-sided at `alpha`, that an area is not 1/2.
///
/// # Errors
/// The area is not in (1/2, 1), or `alpha` or `power` is not in (0, 1).
pub fn cases_one(auc: f64, kappa: f64, alpha: f64, power: f64) -> Result<f64, Undefined> {
    let (alternative, null) = one_curve(auc, kappa)?;
    cases(null, alternative, auc - 0.5, alpha, power)
}

/// Power of the same with the given rows of each class.
///
/// # Errors
/// As [`cases_one`].
pub fn power_one(auc: f64, positives: u64, negatives: u64, alpha: f64) -> Result<f64, Undefined> {
    check_level(alpha)?;
    let (alternative, null) = one_curve(auc, negatives as f64 / positives as f64)?;
    let (z, _) = quantiles(alpha, Sides::Two, 0.5)?;
    Ok(norm_cdf(((auc - 0.5) * (positives as f64).sqrt() - z * null.sqrt()) / alternative.sqrt()))
}

/// Positive rows for a difference of two areas on the same rows, from a pilot's DeLong variance:
/// `variance` is that of the difference times the pilot's positive rows. The class balance stays.
///
/// # Errors
/// A variance is not positive, the difference is zero, or `alpha` or `power` is not in (0, 1).
pub fn cases_difference(variance: f64, difference: f64, alpha: f64, power: f64) -> Result<f64, Undefined> {
    cases(variance, variance, difference, alpha, power)
}

fn cases(null: f64, alternative: f64, difference: f64, alpha: f64, power: f64) -> Result<f64, Undefined> {
    if !(null > 0.0 && alternative > 0.0) || difference == 0.0 || !difference.is_finite() {
        return Err(Undefined::new(format!("a difference of {difference} with variance {alternative}")));
    }
    let (z, z_power) = quantiles(alpha, Sides::Two, power)?;
    Ok(((z * null.sqrt() + z_power * alternative.sqrt()) / difference).powi(2))
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::delong::delong_paired;
    use crate::stats::published::{self, count, float, floats};

    #[test]
    pub(in crate::stats) fn published_power() {
        published::run("power.auc", &["obuchowski2004"], |case, check| {
            let (i, auc, alpha) = (&case.inputs, float(&case.inputs, "auc"), float(&case.inputs, "alpha"));
            let got = match i["power"].as_f64() {
                Some(power) => cases_one(auc, float(i, "kappa"), alpha, power),
                None => power_one(auc, count(i, "n_cases"), count(i, "n_controls"), alpha),
            };
            check.value("value", got.unwrap(), case.expected.as_f64().unwrap());
        });
        // pROC takes the first model's variance for both under the null, so that its answer depends
        // on the order; ours does not, and the published one is reached through the same pieces.
        published::run("power.auc", &["obuchowski1997_delong"], |case, check| {
            let (i, data) = (&case.inputs, published::dataset("dataset_aSAH").unwrap());
            let labels: Vec<bool> = floats(&data["outcome_poor"]).iter().map(|&y| y == 1.0).collect();
            let score = |k: &str| floats(&data[i[k].as_str().unwrap()]);
            let d = delong_paired(&score("score1"), &score("score2"), &labels, 0.95).unwrap();
            let (m, n) = (d.a.counts.0 as f64, d.a.counts.1 as f64);
            let null = 2.0 * (d.a.variance - d.covariance) * m;
            let alternative = d.se * d.se * m;
            let got = cases(null, alternative, d.difference, float(i, "alpha"), float(i, "power")).unwrap();
            check.close("ncases", got);
            check.close("ncontrols", got * n / m);
            let ours = cases_difference(alternative, d.difference, 0.05, 0.9).unwrap();
            assert!((ours - 55.036_932).abs() < 1e-4, "{ours}");
        });
    }

    #[test]
    fn refuses() {
        assert!(cases_one(0.5, 1.0, 0.05, 0.9).is_err() && cases_difference(1.0, 0.0, 0.05, 0.9).is_err());
    }
}
