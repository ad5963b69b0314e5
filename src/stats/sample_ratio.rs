//! Did the split send units to the arms in the intended shares?

use super::special::{chi2_sf, ln_gamma};
use super::{Sum, Undefined};

/// Level at which a fixed look calls the split unsound.
pub const ALPHA_FIXED: f64 = 0.001;
/// Level at which the sequential test calls the split unsound.
pub const ALPHA_SEQUENTIAL: f64 = 0.01;
/// Below this many expected units in an arm the chi-square distribution is a poor guide.
pub const FEW_EXPECTED: f64 = 5.0;

/// Result of the chi-square test of the split.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleRatio {
    /// Pearson's statistic.
    pub chi2: f64,
    /// Degrees of freedom, arms minus one.
    pub df: f64,
    /// Chance of a split at least this far off, were the shares as intended.
    pub p: f64,
    /// Expected units of each arm, in the order of the input.
    pub expected: Vec<f64>,
}

impl SampleRatio {
    /// Whether an arm has fewer than [`FEW_EXPECTED`] expected units.
    #[must_use]
    pub fn few_expected(&self) -> bool {
        self.expected.iter().any(|&e| e < FEW_EXPECTED)
    }
}

fn shares(ratio: &[f64]) -> Result<Vec<f64>, Undefined> {
    if ratio.len() < 2 {
        return Err(Undefined::new("a split needs at least two arms"));
    }
    if let Some(bad) = ratio.iter().find(|r| !r.is_finite() || **r <= 0.0) {
        return Err(Undefined::new(format!("intended share {bad} is not positive")));
    }
    let total = ratio.iter().copied().collect::<Sum>().value();
    Ok(ratio.iter().map(|r| r / total).collect())
}

/// Pearson's chi-square of `observed` units per arm against the intended `ratio` (any scale:
/// `[1, 1]` is one half each). Count units, not rows: rows of one user are not independent.
///
/// # Errors
/// Fewer than two arms, lengths that differ, a share that is not positive, or no units.
pub fn sample_ratio(observed: &[u64], ratio: &[f64]) -> Result<SampleRatio, Undefined> {
    let shares = shares(ratio)?;
    if observed.len() != shares.len() {
        return Err(Undefined::new(format!("{} arms counted, {} intended", observed.len(), shares.len())));
    }
    let total: u64 = observed.iter().sum();
    if total == 0 {
        return Err(Undefined::new("no units in any arm"));
    }
    let expected: Vec<f64> = shares.iter().map(|s| s * total as f64).collect();
    let terms = observed.iter().zip(&expected).map(|(&o, e)| (o as f64 - e) * (o as f64 - e) / e);
    let chi2 = terms.collect::<Sum>().value();
    let df = (observed.len() - 1) as f64;
    Ok(SampleRatio { chi2, df, p: chi2_sf(chi2, df), expected })
}

/// Chance of a split at least as improbable as `observed`, were each unit sent to the second of two arms with
/// probability `share`: the exact binomial test by likelihood.
///
/// # Errors
/// `share` is not in (0, 1), or there are no units.
pub fn exact(observed: [u64; 2], share: f64) -> Result<f64, Undefined> {
    let n = observed[0] + observed[1];
    if n == 0 {
        return Err(Undefined::new("no units in any arm"));
    }
    if !(share > 0.0 && share < 1.0) {
        return Err(Undefined::new(format!("intended share {share} is not between 0 and 1")));
    }
    // Counted in the arm of which fewer are expected, so that few terms are left.
    let (x, share) = if share <= 0.5 { (observed[1], share) } else { (observed[0], 1.0 - share) };
    let ln = |k: u64| {
        let (k, rest) = (k as f64, (n - k) as f64);
        ln_gamma(n as f64 + 1.0) - ln_gamma(k + 1.0) - ln_gamma(rest + 1.0) + k * share.ln() + rest * (-share).ln_1p()
    };
    // Terms that are equal but for rounding count.
    let most = ln(x) + 1e-9;
    let mean = n as f64 * share;
    let mut p = Sum::default();
    for k in 0..=n {
        let term = ln(k);
        if term <= most {
            p.add(term.exp());
        }
        if k as f64 > mean && k > x && term < most - 60.0 {
            break;
        }
    }
    Ok(p.value().min(1.0))
}

/// Sequential test of the split that may be looked at after every unit: the Bayes factor of a
/// Dirichlet prior around the intended shares against exactly those shares
/// (Lindon & Malek 2022, "Anytime-valid inference for multinomial count data", eq. 5). It is an
/// e-process, so `1 / factor` is a p-value at any time.
#[derive(Debug, Clone, PartialEq)]
pub struct SequentialSampleRatio {
    shares: Vec<f64>,
    prior: Vec<f64>,
    counts: Vec<u64>,
    p: f64,
}

impl SequentialSampleRatio {
    /// Default sum of the prior's parameters: a departure of about a percent is expected.
    pub const CONCENTRATION: f64 = 1e4;

    /// Starts a test of the intended `ratio` with a prior of the given total `concentration`
    /// (larger: tuned to smaller departures).
    ///
    /// # Errors
    /// Fewer than two arms, a share that is not positive, or a concentration that is not.
    pub fn new(ratio: &[f64], concentration: f64) -> Result<Self, Undefined> {
        let shares = shares(ratio)?;
        let prior = shares.iter().map(|s| s * concentration).collect();
        Self::with_prior(ratio, prior)
    }

    /// The same with the Dirichlet parameters given.
    ///
    /// # Errors
    /// As [`Self::new`], or the lengths differ.
    pub fn with_prior(ratio: &[f64], prior: Vec<f64>) -> Result<Self, Undefined> {
        let shares = shares(ratio)?;
        if prior.len() != shares.len() || prior.iter().any(|a| !a.is_finite() || *a <= 0.0) {
            return Err(Undefined::new("the prior needs one positive parameter per arm"));
        }
        Ok(Self { counts: vec![0; shares.len()], shares, prior, p: 1.0 })
    }

    /// Adds the units that came since the last look, per arm.
    ///
    /// # Errors
    /// The number of arms differs.
    pub fn observe(&mut self, new: &[u64]) -> Result<(), Undefined> {
        if new.len() != self.counts.len() {
            return Err(Undefined::new(format!("{} arms counted, {} intended", new.len(), self.counts.len())));
        }
        self.counts.iter_mut().zip(new).for_each(|(c, n)| *c += n);
        self.p = self.p.min((-self.ln_e()).exp());
        Ok(())
    }

    /// Natural logarithm of the e-value: evidence against the intended shares now.
    #[must_use]
    pub fn ln_e(&self) -> f64 {
        let mut sum = Sum::default();
        for ((&c, &a), share) in self.counts.iter().zip(&self.prior).zip(&self.shares) {
            sum.add(ln_gamma(a + c as f64) - ln_gamma(a));
            sum.add(-(c as f64) * share.ln());
        }
        let (a, n) = (self.prior.iter().sum::<f64>(), self.counts.iter().sum::<u64>() as f64);
        sum.add(ln_gamma(a) - ln_gamma(a + n));
        sum.value()
    }

    /// Always-valid p-value: the smallest `1 / e` at any look so far, at most 1.
    #[must_use]
    pub fn p(&self) -> f64 {
        self.p
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::published::{self, float, floats};

    #[test]
    fn few_units_are_tested_exactly() {
        // 3 of 50 at 1 %: 1 - P(0) - P(1) - P(2), nothing below being as improbable.
        let below: f64 =
            [1.0, 50.0, 1225.0].iter().zip(0..).map(|(c, k)| c * 0.01f64.powi(k) * 0.99f64.powi(50 - k)).sum();
        let p = exact([47, 3], 0.01).unwrap();
        assert!((p - (1.0 - below)).abs() < 1e-12, "{p}");
        assert!((exact([3, 47], 0.99).unwrap() - p).abs() < 1e-15);
        // Even chances: both tails.
        assert!((exact([2, 8], 0.5).unwrap() - 2.0 * (1.0 + 10.0 + 45.0) / 1024.0).abs() < 1e-12);
        assert!((exact([5, 5], 0.5).unwrap() - 1.0).abs() < 1e-12);
        assert!(exact([1_000_000, 0], 1e-6).unwrap() > 0.3);
        assert!(exact([0, 0], 0.5).is_err() && exact([1, 1], 1.0).is_err());
    }

    fn counts(v: &serde_json::Value) -> Vec<u64> {
        v.as_array().unwrap().iter().map(|x| x.as_u64().unwrap()).collect()
    }

    #[test]
    pub(in crate::stats) fn published_splits() {
        published::run("ab.srm", &["chi_square_gof", "sequential_dirichlet_multinomial"], |case, check| {
            let i = &case.inputs;
            if case.method == "chi_square_gof" {
                let r = sample_ratio(&counts(&i["observed"]), &floats(&i["ratio"])).unwrap();
                check.value("p", r.p, case.expected.as_f64().unwrap());
                return;
            }
            let null = floats(&i["null"]);
            let (mut test, steps) = if i["sequence"].is_array() {
                let prior = floats(&i["dirichlet_alpha"]);
                (SequentialSampleRatio::with_prior(&null, prior).unwrap(), &i["sequence"])
            } else {
                (SequentialSampleRatio::new(&null, float(i, "concentration")).unwrap(), &i["batches"])
            };
            for (step, want) in steps.as_array().unwrap().iter().zip(floats(&case.expected)) {
                test.observe(&counts(step)).unwrap();
                check.value("step", if i["sequence"].is_array() { test.ln_e() } else { test.p() }, want);
            }
        });
    }

    #[test]
    fn refuses_what_is_no_split() {
        assert!(sample_ratio(&[1, 2], &[1.0]).is_err());
        assert!(sample_ratio(&[1, 2], &[1.0, 0.0]).is_err());
        assert!(sample_ratio(&[0, 0], &[1.0, 1.0]).is_err());
        assert!(sample_ratio(&[3, 1], &[1.0, 1.0]).unwrap().few_expected());
        let far = sample_ratio(&[6_000_000, 4_000_000], &[1.0, 1.0]).unwrap();
        assert!(far.p >= 0.0 && far.p < 1e-300);
        assert!(SequentialSampleRatio::new(&[1.0, 1.0], -1.0).is_err());
    }
}
