//! Is one forecast's loss smaller than another's on a series in time order?

use super::cosines::{default_count, long_run_variance};
use super::newey_west::{autocovariance, variance_of_mean};
use super::special::{t_isf, t_two_sided_p};
use super::{Interval, Moments, Undefined, check_level};

/// How the dependence of the loss differences enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependence {
    /// Autocovariances up to the horizon minus one, with full weight; an optimal forecast of that
    /// horizon has no others. Falls back to Bartlett weights when the sum is not positive.
    Truncated,
    /// The same with Bartlett weights.
    Bartlett,
}

/// Result of the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DieboldMariano {
    /// Mean of the loss differences, first minus second.
    pub difference: f64,
    /// Standard error that the corrected statistic uses.
    pub se: f64,
    /// Corrected statistic.
    pub statistic: f64,
    /// Two-sided p by t on [`Self::freedom`].
    pub p: f64,
    /// Degrees of freedom: `n - 1`, or the cosines of [`unknown_horizon`].
    pub freedom: usize,
    /// Interval of the mean difference.
    pub interval: Interval,
    /// Whether the truncated sum was not positive and Bartlett weights were used.
    pub fell_back: bool,
}

/// Diebold & Mariano 1995 (J Bus Econ Stat 13:253) with the small-sample correction of Harvey,
/// Leybourne & Newbold 1997 (Int J Forecast 13:281, eq. 8-9). `d` are the differences of the losses
/// in time order; logs with many rows per moment give means of time buckets. `horizon` is how many
/// steps ahead was predicted, 1 for the next.
///
/// # Errors
/// Fewer than three differences, a horizon of 0 or not below their number, differences without
/// variance, or `level` not in (0, 1).
pub fn diebold_mariano(
    d: &[f64],
    horizon: usize,
    dependence: Dependence,
    level: f64,
) -> Result<DieboldMariano, Undefined> {
    check_level(level)?;
    let n = d.len();
    if n < 3 || horizon == 0 || horizon >= n {
        return Err(Undefined::new(format!("{n} differences for a horizon of {horizon}")));
    }
    let (nf, h) = (n as f64, horizon as f64);
    let bartlett = || variance_of_mean(d, horizon - 1);
    let truncated = (autocovariance(d, 0) + 2.0 * (1..horizon).map(|k| autocovariance(d, k)).sum::<f64>()) / nf;
    let fell_back = dependence == Dependence::Truncated && truncated <= 0.0;
    let variance = if dependence == Dependence::Bartlett || fell_back { bartlett()? } else { truncated };
    if variance <= 0.0 {
        return Err(Undefined::new("the loss differences do not vary"));
    }
    let correction = (nf + 1.0 - 2.0 * h + h * (h - 1.0) / nf) / nf;
    let (se, method) = ((variance / correction).sqrt(), "diebold_mariano_hln");
    Ok(DieboldMariano { fell_back, ..finish(d, se, n - 1, level, method) })
}

/// The same of a horizon that is not known: the variance of the mean is the long-run variance by `⌊0.4 n^(2/3)⌋` cosines of
/// low frequency, with t on as many degrees (Coroneo and Iacone 2020, J Appl Econom 35:391: with such a fixed-smoothing
/// limit the test keeps its level in small samples; [`long_run_variance`]). Bartlett weights over the bandwidth of Newey and
/// West with t on `n - 1`, the usual choice, claimed a difference in 8.3 % of 5000 runs of 300 steps whose errors are AR(1)
/// 0.7, and in 19 % of AR(1) 0.9; this in 5.2 % and 6.6 %.
///
/// # Errors
/// Fewer than four differences, differences without variance, or `level` not in (0, 1).
pub fn unknown_horizon(d: &[f64], level: f64) -> Result<DieboldMariano, Undefined> {
    check_level(level)?;
    let count = default_count(d.len());
    let variance = long_run_variance(d, [vec![1.0; d.len()]], count)? / d.len() as f64;
    if variance <= 1e-24 * d.iter().map(|d| d * d).sum::<f64>() {
        return Err(Undefined::new("the loss differences do not vary"));
    }
    Ok(finish(d, variance.sqrt(), count, level, "diebold_mariano_cosines"))
}

fn finish(d: &[f64], se: f64, freedom: usize, level: f64, method: &'static str) -> DieboldMariano {
    let (difference, df) = (Moments::from_slice(d).mean, freedom as f64);
    let (statistic, half) = (difference / se, t_isf(0.5 * (1.0 - level), df) * se);
    DieboldMariano {
        difference,
        se,
        statistic,
        p: t_two_sided_p(statistic, df),
        freedom,
        interval: Interval { lo: difference - half, hi: difference + half, level, method },
        fell_back: false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::published::{self, count, float, floats};

    #[test]
    pub(in crate::stats) fn published_tests() {
        published::run("regression.paired", &["diebold_mariano_hln"], |case, check| {
            let (i, power) = (&case.inputs, float(&case.inputs, "power"));
            let loss = |e: &f64| e.abs().powf(power);
            let d: Vec<f64> = floats(&i["e1"]).iter().zip(floats(&i["e2"])).map(|(a, b)| loss(a) - loss(&b)).collect();
            let dependence = if i["varestimator"] == "acf" { Dependence::Truncated } else { Dependence::Bartlett };
            let r = diebold_mariano(&d, count(i, "h") as usize, dependence, 0.95).unwrap();
            check.close("statistic", r.statistic);
            check.close("p", r.p);
        });
    }

    #[test]
    fn falls_back_and_refuses() {
        let alternating: Vec<f64> = (0..40).map(|i| if i % 2 == 0 { 1.0 } else { -0.9 }).collect();
        let r = diebold_mariano(&alternating, 2, Dependence::Truncated, 0.95).unwrap();
        assert!(r.fell_back && r.se > 0.0 && r.interval.contains(r.difference));
        assert!(diebold_mariano(&[1.0; 10], 1, Dependence::Bartlett, 0.95).is_err());
        assert!(diebold_mariano(&alternating, 0, Dependence::Bartlett, 0.95).is_err());
        let unknown = unknown_horizon(&alternating, 0.95).unwrap();
        assert_eq!((unknown.freedom, unknown.difference), (4, r.difference));
        assert!(unknown_horizon(&[0.1; 40], 0.95).is_err() && unknown_horizon(&alternating[..3], 0.95).is_err());
    }
}
