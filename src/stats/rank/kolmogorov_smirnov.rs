//! Two-sample Kolmogorov-Smirnov test of independent samples.

use super::mann_whitney::check;
use crate::stats::Undefined;

/// Result of the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KolmogorovSmirnov {
    /// Largest distance of the two empirical distribution functions.
    pub d: f64,
    /// Two-sided p.
    pub p: f64,
    /// Whether `p` is exact given the ties.
    pub exact: bool,
}

/// Most pairs for which the exact distribution is computed.
pub const EXACT_PAIRS: usize = 1_000_000;

/// Test of `x` against `y`. Exact (given the ties) by counting lattice paths up to [`EXACT_PAIRS`]
/// pairs (Schröer & Trenkler 1995, Comput Stat Data Anal 20:185), else by Kolmogorov's limit. Not for
/// two models on the same rows: there the samples are dependent.
///
/// # Errors
/// A sample is empty or a value is not a number.
pub fn kolmogorov_smirnov(x: &[f64], y: &[f64]) -> Result<KolmogorovSmirnov, Undefined> {
    check(x, y)?;
    let mut all: Vec<(f64, bool)> =
        x.iter().map(|&v| (v + 0.0, true)).chain(y.iter().map(|&v| (v + 0.0, false))).collect();
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (n, m) = (x.len() as u64, y.len() as u64);
    // In units of 1 / (n m) the distance is an integer.
    let (mut i, mut j, mut most) = (0u64, 0u64, 0u128);
    // Whether the functions may be compared after this many values: not within a tie.
    let mut ends = vec![true];
    for (k, v) in all.iter().enumerate() {
        if v.1 {
            i += 1
        } else {
            j += 1
        }
        let end = all.get(k + 1).is_none_or(|next| next.0 > v.0);
        ends.push(end);
        if end {
            most = most.max((u128::from(i) * u128::from(m)).abs_diff(u128::from(j) * u128::from(n)));
        }
    }
    let (nf, mf) = (n as f64, m as f64);
    let d = most as f64 / (nf * mf);
    let exact = x.len() * y.len() <= EXACT_PAIRS;
    let p =
        if exact { exact_p(x.len(), y.len(), most, &ends) } else { kolmogorov_sf(d * (nf * mf / (nf + mf)).sqrt()) };
    Ok(KolmogorovSmirnov { d, p: p.clamp(0.0, 1.0), exact })
}

/// Share of orders of the pooled values in which the distance somewhere reaches `most`: the chance
/// to stay below, carried from step to step with the chance of each next step.
fn exact_p(n: usize, m: usize, most: u128, ends: &[bool]) -> f64 {
    if most == 0 {
        return 1.0;
    }
    // reached[j]: chance to have come to (i, j) and to have touched the limit on the way.
    let touches = |i: usize, j: usize| ends[i + j] && (i as u128 * m as u128).abs_diff(j as u128 * n as u128) >= most;
    let mut row = vec![0.0; m + 1];
    for i in 0..=n {
        for j in 0..=m {
            row[j] = if touches(i, j) {
                1.0
            } else if i == 0 && j == 0 {
                0.0
            } else {
                // Given (i, j), the last step was an x with chance i / (i + j).
                let (fi, fj) = (i as f64, j as f64);
                let from_x = if i > 0 { fi / (fi + fj) * row[j] } else { 0.0 };
                let from_y = if j > 0 { fj / (fi + fj) * row[j - 1] } else { 0.0 };
                from_x + from_y
            };
        }
    }
    row[m]
}

/// Kolmogorov's distribution, upper tail: the alternating series, and its theta-function twin where
/// that converges slowly (Marsaglia, Tsang & Wang 2003, J Stat Softw 8:18).
pub fn kolmogorov_sf(x: f64) -> f64 {
    if x < 0.2 {
        return 1.0;
    }
    if x < 1.0 {
        let pi2 = std::f64::consts::PI.powi(2);
        let lower: f64 = (1..=10).map(|k| (-(f64::from(2 * k - 1)).powi(2) * pi2 / (8.0 * x * x)).exp()).sum();
        return 1.0 - (2.0 * std::f64::consts::PI).sqrt() / x * lower;
    }
    2.0 * (1..=10).map(|k| if k % 2 == 1 { 1.0 } else { -1.0 } * (-2.0 * f64::from(k * k) * x * x).exp()).sum::<f64>()
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};

    #[test]
    pub(in crate::stats) fn published_test() {
        published::run("drift", &["ks_2samp_exact"], |case, check| {
            let r = kolmogorov_smirnov(&floats(&case.inputs["x"]), &floats(&case.inputs["y"])).unwrap();
            assert!(r.exact);
            check.close("D", r.d);
            check.close("p", r.p);
        });
    }

    #[test]
    fn exact_and_limit_agree_when_large() {
        let x: Vec<f64> = (0..900).map(f64::from).collect();
        let y: Vec<f64> = (0..900).map(|i| f64::from(i) * 1.06 + 0.5).collect();
        let r = kolmogorov_smirnov(&x, &y).unwrap();
        let limit = kolmogorov_sf(r.d * 450f64.sqrt());
        assert!(r.exact && (r.p - limit).abs() < 0.03, "{} {limit}", r.p);
        assert!((kolmogorov_sf(1.0) - kolmogorov_sf(1.0 - 1e-12)).abs() < 1e-9);
        assert!((kolmogorov_sf(1.358_1) - 0.05).abs() < 1e-4);
        let same = kolmogorov_smirnov(&[1.0, 1.0], &[1.0]).unwrap();
        assert_eq!((same.d, same.p), (0.0, 1.0));
        assert!(kolmogorov_smirnov(&[], &[1.0]).is_err());
    }
}
