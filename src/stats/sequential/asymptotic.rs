//! Asymptotic confidence sequence: an interval that holds at all looks together, for any estimate
//! with a standard error (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, Ann Stat 52:2613;
//! equations by the numbers of arXiv 2103.06476).
//!
//! The same mixture as the mixture sequential probability ratio test of Johari, Koomen, Pekelis &
//! Walsh 2022 (Oper Res 70:1806) with mixing variance `rho² sigma²`; its p-value is [`p`].

use crate::stats::influence::Estimate;
use crate::stats::{Interval, Undefined, check_level};

/// Units before which the sequence should not be read: its guarantee is asymptotic.
pub const BURN_IN: u64 = 100;

/// What is fixed before the first look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Level at which the two-sided sequence holds at all looks.
    pub level: f64,
    /// Squared width of the mixture, from the number of units at which the sequence is tightest.
    rho2: f64,
}

/// Evidence at one look, from an estimate and the units seen so far.
struct Look {
    value: f64,
    variance: f64,
    t: f64,
}

impl Plan {
    /// A sequence that is tightest after `units` (the planned total over both arms). It must be
    /// chosen before the data (eq. 11 of the paper).
    ///
    /// # Errors
    /// `level` is not in (0, 1) or `units` is 0.
    pub fn new(level: f64, units: u64) -> Result<Self, Undefined> {
        check_level(level)?;
        if units == 0 {
            return Err(Undefined::new("a confidence sequence needs a planned number of units"));
        }
        let a = -2.0 * (1.0 - level).ln();
        Ok(Self { level, rho2: (a + a.ln_1p()) / units as f64 })
    }

    fn alpha(&self) -> f64 {
        1.0 - self.level
    }

    /// `t rho² + 1`, from which everything follows.
    fn growth(&self, t: f64) -> f64 {
        t * self.rho2 + 1.0
    }

    /// Two-sided limits at this look (Theorem 2.2).
    ///
    /// # Errors
    /// As [`Self::half_width`].
    pub fn interval(&self, e: &Estimate) -> Result<Interval, Undefined> {
        let half = self.half_width(e)?;
        let (lo, hi) = (e.value - half, e.value + half);
        Ok(Interval { lo, hi, level: self.level, method: "asymptotic_sequence" })
    }

    /// Half the width of [`Self::interval`].
    ///
    /// # Errors
    /// The estimate has no units.
    pub fn half_width(&self, e: &Estimate) -> Result<f64, Undefined> {
        let look = look(e)?;
        let g = self.growth(look.t);
        let factor = 2.0 * g / (look.t * look.t * self.rho2) * (g.sqrt() / self.alpha()).ln();
        Ok((look.variance * factor).sqrt())
    }

    /// Lower and upper limit that hold one at a time, each at the one-sided level `1 - alpha` with
    /// `alpha = 1 - level` (Proposition B.1): what non-inferiority and harm ask for.
    ///
    /// # Errors
    /// As [`Self::half_width`].
    pub fn one_sided(&self, e: &Estimate) -> Result<Interval, Undefined> {
        let look = look(e)?;
        let g = self.growth(look.t);
        let factor = 2.0 * g / (look.t * look.t * self.rho2) * (0.5 * g.sqrt() / self.alpha()).ln_1p();
        let half = (look.variance * factor).sqrt();
        let (lo, hi) = (e.value - half, e.value + half);
        Ok(Interval { lo, hi, level: self.level, method: "asymptotic_sequence_one_sided" })
    }

    /// Natural logarithm of the e-value against "the true value is `null`", two-sided.
    ///
    /// # Errors
    /// The estimate has no units, or no variance while it differs from `null`.
    pub fn ln_e(&self, e: &Estimate, null: f64) -> Result<f64, Undefined> {
        let look = look(e)?;
        let g = self.growth(look.t);
        let distance = look.value - null;
        if distance == 0.0 {
            return Ok(-0.5 * g.ln());
        }
        if look.variance == 0.0 {
            return Err(Undefined::new("the estimate has no variance"));
        }
        Ok(-0.5 * g.ln() + look.t * look.t * self.rho2 * distance * distance / (2.0 * look.variance * g))
    }

    /// Always-valid p-value of "the true value is `null`": the smallest level at which the sequence
    /// of this plan leaves it out at this look. Keep the minimum over the looks.
    ///
    /// # Errors
    /// As [`Self::ln_e`].
    pub fn p(&self, e: &Estimate, null: f64) -> Result<f64, Undefined> {
        Ok((-self.ln_e(e, null)?).exp().min(1.0))
    }
}

/// The variance is that of one unit: `t` units together have the estimate's.
fn look(e: &Estimate) -> Result<Look, Undefined> {
    if e.units == 0 {
        return Err(Undefined::new("no units seen yet"));
    }
    let t = e.units as f64;
    Ok(Look { value: e.value, variance: t * e.se * e.se, t })
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::Moments;
    use crate::stats::bootstrap::Replicate;
    use crate::stats::influence::mean;
    use crate::stats::mean_difference::welch;
    use crate::stats::published::{self, count, float};
    use crate::stats::special::norm_isf;

    #[test]
    pub(in crate::stats) fn published_sequence() {
        published::run("sequential.asymp_cs", &["asymptotic_cs_normal_mixture"], |case, check| {
            let i = &case.inputs;
            let arm = |k: &str| {
                let (n, sd) = (count(i, &format!("n_{k}")), float(i, &format!("sd_{k}")));
                Moments { n, mean: float(i, &format!("mean_{k}")), m2: sd * sd * (n as f64 - 1.0) }
            };
            let e = welch(&arm("b"), &arm("a"), 0.95).unwrap();
            let plan = Plan::new(1.0 - float(i, "alpha"), count(i, "t_opt")).unwrap();
            let ci = plan.interval(&e).unwrap();
            check.close("lower", ci.lo);
            check.close("upper", ci.hi);
            check.close("p", plan.p(&e, 0.0).unwrap());
        });
    }

    /// Share of null runs in which any of the looks claims an effect.
    fn false_claims(runs: u64, looks: u64, step: u64, plan: Plan, value: impl Fn(f64) -> f64) -> (f64, f64) {
        let (mut two_sided, mut one_sided) = (0, 0);
        for run in 0..runs {
            let r = Replicate::new(31, run);
            let (mut m, mut hit, mut hit_one) = (Moments::default(), false, false);
            for look in 0..looks {
                (look * step..(look + 1) * step).for_each(|i| m.add(value(r.uniform(i))));
                let e = mean(&m, 0.95).unwrap();
                hit |= !plan.interval(&e).unwrap().contains(0.0);
                hit_one |= plan.one_sided(&e).unwrap().lo > 0.0;
            }
            two_sided += u64::from(hit);
            one_sided += u64::from(hit_one);
        }
        (two_sided as f64 / runs as f64, one_sided as f64 / runs as f64)
    }

    #[test]
    fn peeking_keeps_the_level() {
        let plan = Plan::new(0.95, 2000).unwrap();
        let normal = false_claims(400, 20, 100, plan, norm_isf);
        let skewed = false_claims(400, 20, 100, plan, |u| -u.ln() - 1.0);
        println!("any of 20 looks: normal {normal:?}, exponential {skewed:?}");
        for (two, one) in [normal, skewed] {
            assert!(two <= 0.07 && one <= 0.07, "{two} {one}");
        }
    }

    #[test]
    fn p_and_interval_agree() {
        let plan = Plan::new(0.95, 500).unwrap();
        let e = Estimate::new(1.0, 0.2, 99.0, 300, 0.95, "test").unwrap();
        let ci = plan.interval(&e).unwrap();
        assert!((plan.p(&e, ci.lo).unwrap() - 0.05).abs() < 1e-12);
        assert!(plan.one_sided(&e).unwrap().lo > ci.lo);
        assert!(Plan::new(0.95, 0).is_err());
    }
}
