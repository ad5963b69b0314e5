//! Our judge of a canary metric: margins in the metric's own units, every aspect on its interval,
//! and no pass without data.
//!
//! * A margin is absolute, so a baseline of zero is no special case.
//! * The mean sees a few extreme points and rare errors; no value is removed as an outlier.
//! * The spread is judged beside the mean, because a metric can fail by varying alone.
//! * Too few values, or an interval that still reaches the margin, mean hold: never pass.
//!
//! Values are one per independent unit (request, or time bucket when neighbours depend on each
//! other); looks while the canary runs take the level of a sequence instead.

use crate::stats::influence::{Estimate, FEW_UNITS, mean, unpaired};
use crate::stats::lift::log_ratio;
use crate::stats::quantile::quantile_select;
use crate::stats::unpaired_proportion::miettinen_nurminen;
use crate::stats::{Interval, Moments, Undefined, check_level};

/// What is said of one aspect, or of the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The interval excludes harm beyond the margin.
    Pass,
    /// Not known yet.
    Hold,
    /// The interval lies beyond the margin: harm is shown.
    Fail,
}

/// Which change is harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// A larger value, as for latency, errors, cost.
    Higher,
    /// A smaller value, as for revenue, throughput.
    Lower,
    /// Any change.
    Either,
}

/// One aspect of the metric and why it is judged so.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// `mean`, `spread` or `rate`.
    pub aspect: &'static str,
    /// Its verdict.
    pub verdict: Verdict,
    /// Interval of canary minus control (for `spread` the relative change); `None` where it is not
    /// defined.
    pub interval: Option<Interval>,
    /// Why, in words.
    pub reason: String,
}

/// Margins and level of one metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margins {
    /// Which change is harm.
    pub harm: Harm,
    /// Largest acceptable change of the mean, in the units of the metric; positive.
    pub mean: f64,
    /// Largest acceptable relative increase of the spread: 0.5 is half as much again; positive.
    pub spread: f64,
    /// Confidence level of the intervals.
    pub level: f64,
}

/// The worst of the findings; hold without any.
#[must_use]
pub fn overall(findings: &[Finding]) -> Verdict {
    findings.iter().map(|f| f.verdict).max().unwrap_or(Verdict::Hold)
}

fn against(interval: &Interval, harm: Harm, margin: f64) -> Verdict {
    let (higher, lower) = (harm != Harm::Lower, harm != Harm::Higher);
    if (higher && interval.lo > margin) || (lower && interval.hi < -margin) {
        Verdict::Fail
    } else if (!higher || interval.hi < margin) && (!lower || interval.lo > -margin) {
        Verdict::Pass
    } else {
        Verdict::Hold
    }
}

fn finding(aspect: &'static str, interval: Interval, harm: Harm, margin: f64, few: Option<String>) -> Finding {
    let (verdict, reason) = match (against(&interval, harm, margin), few) {
        (Verdict::Pass, Some(few)) => (Verdict::Hold, few),
        (Verdict::Pass, None) => (Verdict::Pass, format!("the interval excludes a change of {margin}")),
        (Verdict::Hold, _) => {
            (Verdict::Hold, format!("the interval reaches the margin of {margin}: more data decides"))
        }
        (Verdict::Fail, _) => (Verdict::Fail, format!("the whole interval lies beyond the margin of {margin}")),
    };
    Finding { aspect, verdict, interval: Some(interval), reason }
}

fn hold(aspect: &'static str, reason: impl Into<String>) -> Finding {
    Finding { aspect, verdict: Verdict::Hold, interval: None, reason: reason.into() }
}

/// Two arms that do not vary at all: their difference is what every value shows.
fn exact(difference: f64, level: f64) -> Interval {
    Interval { lo: difference, hi: difference, level, method: "constant" }
}

/// Judges the values of a metric in the canary and in its concurrent control. Values that are not
/// numbers make the metric hold: they are neither dropped nor read as zero.
///
/// # Errors
/// A margin is not positive, or the level not in (0, 1).
pub fn values(canary: &[f64], control: &[f64], m: &Margins) -> Result<Vec<Finding>, Undefined> {
    check_level(m.level)?;
    for margin in [m.mean, m.spread] {
        if !(margin > 0.0 && margin.is_finite()) {
            return Err(Undefined::new(format!("margin {margin} is not positive")));
        }
    }
    for (name, v) in [("canary", canary), ("control", control)] {
        let missing = v.iter().filter(|v| !v.is_finite()).count();
        if missing > 0 {
            return Ok(vec![hold("mean", format!("{missing} of {} values of the {name} are missing", v.len()))]);
        }
        if v.len() < 2 {
            return Ok(vec![hold("mean", format!("the {name} has {} values", v.len()))]);
        }
    }
    let fewest = canary.len().min(control.len()) as u64;
    let few = (fewest < FEW_UNITS).then(|| format!("{fewest} values in an arm; {FEW_UNITS} are the least to pass"));
    let difference = |a: &[f64], b: &[f64]| -> Result<(Estimate, Estimate, Interval), Undefined> {
        let (a, b) = (mean(&Moments::from_slice(a), m.level)?, mean(&Moments::from_slice(b), m.level)?);
        let interval = unpaired(&a, &b, m.level).map_or_else(|_| exact(a.value - b.value, m.level), |d| d.interval);
        Ok((a, b, interval))
    };
    let (_, _, of_means) = difference(canary, control)?;
    let mut found = vec![finding("mean", of_means, m.harm, m.mean, few.clone())];
    // Absolute deviations from the median (Brown & Forsythe 1974, JASA 69:364): their means compare
    // spreads under any distribution.
    let deviations = |v: &[f64]| -> Result<Vec<f64>, Undefined> {
        let median = quantile_select(&mut v.to_vec(), 0.5)?;
        Ok(v.iter().map(|x| (x - median).abs()).collect())
    };
    let (a, b, of_spreads) = difference(&deviations(canary)?, &deviations(control)?)?;
    let no_more = |interval: Interval| finding("spread", interval, Harm::Higher, m.spread, few.clone());
    found.push(match (a.value > 0.0, b.value > 0.0) {
        (false, _) => no_more(exact(if b.value > 0.0 { -1.0 } else { 0.0 }, m.level)),
        // Any spread against none is beyond every relative margin, once it is shown to be there.
        (true, false) if of_spreads.lo > 0.0 => Finding {
            aspect: "spread",
            verdict: Verdict::Fail,
            interval: None,
            reason: "the control does not vary and the canary does".into(),
        },
        (true, false) => hold("spread", "the control does not vary: a relative change is not defined"),
        (true, true) => match log_ratio(&a, &b, m.level) {
            Ok(l) => no_more(l.interval),
            Err(_) => no_more(exact(a.value / b.value - 1.0, m.level)),
        },
    });
    Ok(found)
}

/// Judges a rate of bad events: `events` of `trials` in the canary and in the control, by the score
/// interval of Miettinen and Nurminen, which needs no events to have a width. Counts can be rare
/// and still be seen, or be too few to tell: then hold.
///
/// # Errors
/// More events than trials, the margin is not positive, or the level not in (0, 1).
pub fn rate(canary: (u64, u64), control: (u64, u64), margin: f64, level: f64) -> Result<Finding, Undefined> {
    check_level(level)?;
    if !(margin > 0.0 && margin.is_finite()) {
        return Err(Undefined::new(format!("margin {margin} is not positive")));
    }
    if canary.1 == 0 || control.1 == 0 {
        return Ok(hold("rate", "an arm has no requests"));
    }
    let interval = miettinen_nurminen(canary.0, canary.1, control.0, control.1, level)?;
    Ok(finding("rate", interval, Harm::Higher, margin, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::bootstrap::Replicate;
    use crate::stats::canary::kayenta::{Classification, Settings, classify};
    use crate::stats::special::norm_isf;

    const LATENCY: Margins = Margins { harm: Harm::Higher, mean: 1.0, spread: 0.5, level: 0.95 };

    fn normal(seed: u64, n: u64, centre: f64, sd: f64) -> Vec<f64> {
        let r = Replicate::new(seed, 0);
        (0..n).map(|i| centre + sd * norm_isf(r.uniform(i))).collect()
    }

    fn judged(canary: &[f64], control: &[f64]) -> Verdict {
        overall(&values(canary, control, &LATENCY).unwrap())
    }

    fn kayenta(canary: &[f64], control: &[f64]) -> Classification {
        classify(canary, control, &Settings::default()).unwrap().classification
    }

    #[test]
    fn a_larger_variance_fails_where_ranks_pass() {
        let (canary, control) = (normal(1, 200, 10.0, 6.0), normal(2, 200, 10.0, 1.0));
        assert_eq!(kayenta(&canary, &control), Classification::Pass);
        assert_eq!(judged(&canary, &control), Verdict::Fail);
    }

    #[test]
    fn rare_errors_fail_where_ranks_pass() {
        let spikes = |n: usize, every: usize| -> Vec<f64> { (0..n).map(|i| f64::from(i % every == 0)).collect() };
        let (canary, control) = (spikes(400, 40), vec![0.0; 400]);
        assert_eq!(kayenta(&canary, &control), Classification::Pass);
        assert_eq!(rate((10, 400), (0, 400), 0.005, 0.95).unwrap().verdict, Verdict::Fail);
        let strict = Margins { mean: 0.005, ..LATENCY };
        assert_eq!(overall(&values(&canary, &control, &strict).unwrap()), Verdict::Fail);
        // One error in few requests: "a huge percentage" that says nothing.
        assert_eq!(rate((1, 10), (0, 10), 0.01, 0.95).unwrap().verdict, Verdict::Hold);
        assert_eq!(rate((0, 10), (0, 10), 0.01, 0.95).unwrap().verdict, Verdict::Hold);
        assert_eq!(rate((20, 100_000), (18, 100_000), 0.001, 0.95).unwrap().verdict, Verdict::Pass);
    }

    #[test]
    fn seven_of_ten_points_at_a_hundred_times_fail() {
        let control = normal(3, 10, 1.0, 0.1);
        let canary: Vec<f64> = control.iter().enumerate().map(|(i, v)| if i < 7 { 100.0 * v } else { *v }).collect();
        assert_eq!(judged(&canary, &control), Verdict::Fail);
    }

    #[test]
    fn a_zero_baseline_is_judged_by_the_absolute_margin() {
        let zeros = vec![0.0; 60];
        assert_eq!(judged(&[10.0; 60], &zeros), Verdict::Fail);
        assert_eq!(judged(&[0.5; 60], &zeros), Verdict::Pass);
        assert_eq!(judged(&zeros, &zeros), Verdict::Pass);
    }

    #[test]
    fn no_data_and_little_data_hold() {
        let some = normal(4, 60, 10.0, 1.0);
        assert_eq!(judged(&[], &some), Verdict::Hold);
        assert_eq!(judged(&some, &[]), Verdict::Hold);
        assert_eq!(judged(&[f64::NAN; 60], &some), Verdict::Hold);
        assert_eq!(judged(&normal(5, 8, 10.0, 0.01), &normal(6, 8, 10.0, 0.01)), Verdict::Hold);
        assert_eq!(rate((0, 0), (1, 10), 0.1, 0.95).unwrap().verdict, Verdict::Hold);
        assert_eq!(overall(&[]), Verdict::Hold);
        assert!(values(&some, &some, &Margins { mean: 0.0, ..LATENCY }).is_err());
    }

    #[test]
    fn a_trivial_but_significant_change_passes_where_kayenta_says_high() {
        let (canary, control) = (normal(7, 4000, 100.2, 1.0), normal(8, 4000, 100.0, 1.0));
        assert_eq!(kayenta(&canary, &control), Classification::High);
        assert_eq!(judged(&canary, &control), Verdict::Pass);
    }
}
