//! Tests of equal marginal proportions from the two discordant counts.

use super::special::{binom_cdf, binom_pmf, norm_two_sided_p};

/// p-values of McNemar's test; `b` and `c` are the rows where only the first, or only the second,
/// of two classifiers is right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// Exact conditional two-sided p: the binomial(b + c, 1/2) tail doubled.
    pub exact: f64,
    /// Mid-p: the default, because the exact one is far too conservative (its size at nominal 5 %
    /// is about 2 to 3 %) and the asymptotic one can exceed the nominal size.
    pub midp: f64,
    /// Asymptotic statistic `(b - c)^2 / (b + c)` on one degree of freedom.
    pub chi2: f64,
    /// p of `chi2`.
    pub asymptotic: f64,
    /// Statistic with continuity correction.
    pub chi2_cc: f64,
    /// p of `chi2_cc`.
    pub corrected: f64,
}

/// McNemar's test (McNemar 1947, Psychometrika 12:153; mid-p as in Fagerland, Lydersen & Laake
/// 2013, BMC Med Res Methodol 13:91, whose convention for `b == c` is `1 - pmf(b) / 2`).
///
/// Without discordant rows there is no evidence of any difference and every p is 1.
/// Rows must be independent: with several rows per user use the clustered influence test.
#[must_use]
pub fn mcnemar(b: u64, c: u64) -> McNemar {
    let n = b + c;
    if n == 0 {
        return McNemar { exact: 1.0, midp: 1.0, chi2: 0.0, asymptotic: 1.0, chi2_cc: 0.0, corrected: 1.0 };
    }
    let small = b.min(c);
    let seen = binom_pmf(small, n, 0.5);
    let (exact, midp) = if b == c {
        (1.0, 1.0 - 0.5 * seen)
    } else {
        let doubled = (2.0 * binom_cdf(small, n, 0.5)).min(1.0);
        (doubled, doubled - seen)
    };
    let (d, nf) = (b.abs_diff(c) as f64, n as f64);
    let z = d / nf.sqrt();
    let z_cc = (d - 1.0).max(0.0) / nf.sqrt();
    McNemar {
        exact,
        midp,
        chi2: z * z,
        asymptotic: norm_two_sided_p(z),
        chi2_cc: z_cc * z_cc,
        corrected: norm_two_sided_p(z_cc),
    }
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, count};

    #[test]
    pub(in crate::stats) fn published_tests() {
        published::run("proportion.diff_paired", &["mcnemar"], |case, check| {
            let m = mcnemar(count(&case.inputs, "n12"), count(&case.inputs, "n21"));
            check.close("exact", m.exact);
            check.close("midp", m.midp);
            check.close("chi2", m.chi2);
            check.close("p_asym", m.asymptotic);
            check.close("chi2_cc", m.chi2_cc);
            check.close("p_cc", m.corrected);
        });
    }

    #[test]
    fn nothing_discordant_and_many_discordant() {
        assert_eq!(mcnemar(0, 0).midp, 1.0);
        let m = mcnemar(50_000_000, 50_012_000);
        assert!((m.midp / m.asymptotic - 1.0).abs() < 1e-3, "{m:?}");
        assert_eq!(mcnemar(7, 3).midp, mcnemar(3, 7).midp);
    }
}
