//! Ratio of two rates of events over exposure (errors per request, per hour), exact.

use super::proportion::{binomial_test, clopper_pearson};
use super::{Interval, Undefined};

/// A ratio of rates, first over second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateRatio {
    /// The ratio; `None` when the second has no events.
    pub ratio: Option<f64>,
    /// Exact interval; its upper end is infinite when the second has no events.
    pub interval: Interval,
    /// Exact two-sided p of "the rates are equal".
    pub p: f64,
}

/// Exact comparison of two Poisson rates: given all events, those of the first are binomial with a
/// chance that the exposures and the ratio decide (Clopper-Pearson on `x1 | x1 + x2`; Lehmann &
/// Romano 2005, Testing Statistical Hypotheses, example 4.5.1).
///
/// # Errors
/// No events at all, an exposure that is not positive, or `level` not in (0, 1).
pub fn poisson(x1: u64, exposure1: f64, x2: u64, exposure2: f64, level: f64) -> Result<RateRatio, Undefined> {
    if !(exposure1 > 0.0 && exposure2 > 0.0 && exposure1.is_finite() && exposure2.is_finite()) {
        return Err(Undefined::new(format!("exposures {exposure1} and {exposure2} are not positive")));
    }
    let n = x1 + x2;
    if n == 0 {
        return Err(Undefined::new("no events in either arm: their ratio is not known"));
    }
    let share = clopper_pearson(x1, n, level)?;
    let scale = exposure2 / exposure1;
    let odds = |p: f64| scale * p / (1.0 - p);
    Ok(RateRatio {
        ratio: (x2 > 0).then(|| scale * x1 as f64 / x2 as f64),
        interval: Interval {
            lo: odds(share.lo),
            hi: if x2 == 0 { f64::INFINITY } else { odds(share.hi) },
            level,
            method: "rate_ratio_exact",
        },
        p: binomial_test(x1, n, exposure1 / (exposure1 + exposure2))?,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::published::{self, count, float};

    #[test]
    pub(in crate::stats) fn published_ratio() {
        published::run("canary.rate", &["poisson_rate_ratio_exact"], |case, check| {
            let i = &case.inputs;
            let r = poisson(count(i, "x1"), float(i, "t1"), count(i, "x2"), float(i, "t2"), 0.95).unwrap();
            check.close("p", r.p);
            check.close("ratio", r.ratio.unwrap());
            check.close("lower", r.interval.lo);
            check.close("upper", r.interval.hi);
        });
    }

    #[test]
    fn without_events() {
        assert!(poisson(0, 1.0, 0, 1.0, 0.95).is_err());
        let r = poisson(5, 100.0, 0, 100.0, 0.95).unwrap();
        assert!(r.ratio.is_none() && r.interval.hi.is_infinite() && r.interval.lo > 0.0);
        assert!(poisson(1, 0.0, 1, 1.0, 0.95).is_err());
    }
}
