//! Standard error and interval of any estimate from its influence vector, by rows or by clusters.
//!
//! A metric hands over its value and one number per row whose mean is zero; the moments of those
//! numbers (or of their sums within clusters) are all that is needed here. The paired difference
//! of two models is the difference of their vectors on the same rows.

use super::special::{t_isf, t_two_sided_p};
use super::{Interval, Moments, Undefined, check_level};

/// Below this many clusters (or rows, when every row is its own) an interval gets a warning.
pub const FEW_UNITS: u64 = 30;

/// A value with its standard error, interval and test against zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate, in the units of the metric.
    pub value: f64,
    /// Standard error, same units; 0 when every unit contributes the same.
    pub se: f64,
    /// Degrees of freedom of the t quantile.
    pub df: f64,
    /// Number of independent units: rows, or clusters.
    pub units: u64,
    /// Interval by Student's t.
    pub interval: Interval,
    /// `value / se`; `None` when `se` is 0 and `value` is not.
    pub t: Option<f64>,
    /// Two-sided p of `t`.
    pub p: Option<f64>,
}

impl Estimate {
    /// Whether there are fewer than [`FEW_UNITS`] independent units.
    #[must_use]
    pub fn few_units(&self) -> bool {
        self.units < FEW_UNITS
    }

    /// An estimate with a known standard error.
    ///
    /// # Errors
    /// `level` is not in (0, 1), `df` is not positive, or a number is not finite.
    pub fn new(value: f64, se: f64, df: f64, units: u64, level: f64, method: &'static str) -> Result<Self, Undefined> {
        check_level(level)?;
        if !value.is_finite() || !se.is_finite() || se < 0.0 {
            return Err(Undefined::new(format!("estimate {value} with standard error {se}")));
        }
        if df.is_nan() || df <= 0.0 {
            return Err(Undefined::new("no degrees of freedom: at least two units are needed"));
        }
        let half = t_isf(0.5 * (1.0 - level), df) * se;
        let t = if se > 0.0 {
            Some(value / se)
        } else if value == 0.0 {
            Some(0.0)
        } else {
            None
        };
        Ok(Self {
            value,
            se,
            df,
            units,
            interval: Interval { lo: value - half, hi: value + half, level, method },
            t,
            p: t.map(|t| if se > 0.0 { t_two_sided_p(t, df) } else { 1.0 }),
        })
    }
}

fn need_two(units: u64, what: &str) -> Result<(), Undefined> {
    if units < 2 {
        return Err(Undefined::new(format!("a standard error needs at least two {what}, found {units}")));
    }
    Ok(())
}

/// Mean of independent rows from its moments, t on `n - 1` degrees. For a paired difference the
/// moments are those of the row-wise differences.
///
/// # Errors
/// Fewer than two rows, a value that is not finite, or `level` not in (0, 1).
pub fn mean(m: &Moments, level: f64) -> Result<Estimate, Undefined> {
    need_two(m.n, "rows")?;
    let n = m.n as f64;
    let se = (m.m2 / (n - 1.0) / n).sqrt();
    Estimate::new(m.mean, se, n - 1.0, m.n, level, "paired_t")
}

/// An estimate with independent rows: `value` and the moments of its influence vector.
///
/// # Errors
/// As [`mean`].
pub fn from_influence(value: f64, u: &Moments, level: f64) -> Result<Estimate, Undefined> {
    need_two(u.n, "rows")?;
    let n = u.n as f64;
    let se = (u.m2 / (n - 1.0) / n).sqrt();
    Estimate::new(value, se, n - 1.0, u.n, level, "influence_t")
}

/// An estimate with clustered rows: `value`, the moments of the influence vector summed within
/// clusters (its `n` is the number of clusters G), and the number of rows. CR1 variance
/// `G/(G-1) sum(U_g^2) / n^2`, t on `G - 1` degrees (Liang & Zeger 1986, Biometrika 73:13).
///
/// # Errors
/// Fewer than two clusters, fewer rows than clusters, a value that is not finite, or `level` not
/// in (0, 1).
pub fn clustered(value: f64, sums: &Moments, rows: u64, level: f64) -> Result<Estimate, Undefined> {
    need_two(sums.n, "clusters")?;
    if rows < sums.n {
        return Err(Undefined::new(format!("{rows} rows in {} clusters", sums.n)));
    }
    let g = sums.n as f64;
    let se = (g / (g - 1.0) * sums.m2).sqrt() / rows as f64;
    Estimate::new(value, se, g - 1.0, sums.n, level, "influence_cr1")
}

/// Mean of rows that are dependent within clusters: centres, sums and calls [`clustered`].
/// `codes[i] < groups` is the cluster of row `i`; clusters without a row do not count.
///
/// # Errors
/// As [`clustered`] and [`cluster_sums`].
pub fn clustered_mean(values: &[f64], codes: &[u32], groups: usize, level: f64) -> Result<Estimate, Undefined> {
    let m = Moments::from_slice(values);
    let centred: Vec<f64> = values.iter().map(|v| v - m.mean).collect();
    let sums = cluster_sums(&centred, codes, groups)?;
    let mut seen = vec![false; groups];
    codes.iter().for_each(|&c| seen[c as usize] = true);
    let used: Moments = sums.iter().zip(&seen).filter(|&(_, &s)| s).map(|(&u, _)| u).collect();
    // Where all values are alike, what is left is the rounding of their mean, which the order of the rows decides.
    let rounding = 1e-12 * (m.mean.abs() * m.n as f64);
    let used = if used.m2 <= rounding * rounding { Moments { m2: 0.0, ..used } } else { used };
    clustered(m.mean, &used, m.n, level)
}

/// Sums of `values` within clusters; a cluster without a row has the sum 0.
///
/// # Errors
/// The lengths differ or a code is not below `groups`.
pub fn cluster_sums(values: &[f64], codes: &[u32], groups: usize) -> Result<Vec<f64>, Undefined> {
    if values.len() != codes.len() {
        let (v, c) = (values.len(), codes.len());
        return Err(Undefined::new(format!("{v} values with {c} cluster codes")));
    }
    let mut sums = vec![0.0; groups];
    for (&v, &c) in values.iter().zip(codes) {
        match sums.get_mut(c as usize) {
            Some(s) => *s += v,
            None => {
                return Err(Undefined::new(format!("cluster code {c} of {groups} clusters")));
            }
        }
    }
    Ok(sums)
}

/// Small-sample factor `G/(G-1) (n-1)/(n-k)` for `k` estimated parameters; for one parameter it is
/// the `G/(G-1)` of [`clustered`].
///
/// # Errors
/// Fewer than two clusters, or no more rows than parameters.
pub fn cr1_factor(groups: u64, rows: u64, parameters: u64) -> Result<f64, Undefined> {
    need_two(groups, "clusters")?;
    if rows <= parameters {
        return Err(Undefined::new(format!("{rows} rows for {parameters} parameters")));
    }
    let (g, n, k) = (groups as f64, rows as f64, parameters as f64);
    Ok(g / (g - 1.0) * (n - 1.0) / (n - k))
}

/// Difference of two independent estimates, first minus second: variances add, degrees of freedom
/// by Welch-Satterthwaite.
///
/// # Errors
/// `level` not in (0, 1), or both standard errors zero (then there is no degree of freedom).
pub fn unpaired(a: &Estimate, b: &Estimate, level: f64) -> Result<Estimate, Undefined> {
    let (va, vb) = (a.se * a.se, b.se * b.se);
    let v = va + vb;
    if v == 0.0 {
        return Err(Undefined::new("neither estimate has any variance"));
    }
    let df = v * v / (va * va / a.df + vb * vb / b.df);
    Estimate::new(a.value - b.value, v.sqrt(), df, a.units + b.units, level, "welch_t")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};

    /// Influence vectors of the two coefficients of a straight line: `n (X'X)^-1 x_i e_i`.
    pub(in crate::stats) fn line_influence(x: &[f64], y: &[f64]) -> [Vec<f64>; 2] {
        let n = x.len() as f64;
        let (mx, my) = (Moments::from_slice(x), Moments::from_slice(y));
        let sxy: f64 = x.iter().zip(y).map(|(&x, &y)| (x - mx.mean) * (y - my.mean)).sum();
        let slope = sxy / mx.m2;
        let intercept = my.mean - slope * mx.mean;
        let mut u = [Vec::new(), Vec::new()];
        for (&x, &y) in x.iter().zip(y) {
            let e = y - intercept - slope * x;
            let s = n * (x - mx.mean) / mx.m2 * e;
            u[0].push(e - mx.mean * s);
            u[1].push(s);
        }
        u
    }

    #[test]
    pub(in crate::stats) fn published_cluster_covariance() {
        published::run("cluster", &["cluster_robust_cr1"], |case, check| {
            let (x, y) = (floats(&case.inputs["x"]), floats(&case.inputs["y"]));
            let n = x.len();
            let codes: Vec<u32> = (0..n as u32).map(|i| i % 10).collect();
            let u = line_influence(&x, &y);
            let sums: Vec<Vec<f64>> = u.iter().map(|u| cluster_sums(u, &codes, 10).unwrap()).collect();
            let factor = cr1_factor(10, n as u64, 2).unwrap() / (n * n) as f64;
            for (i, row) in case.expected.as_array().unwrap().iter().enumerate() {
                for (j, want) in floats(row).into_iter().enumerate() {
                    let sum: f64 = sums[i].iter().zip(&sums[j]).map(|(a, b)| a * b).sum();
                    check.value("vcov", factor * sum, want);
                }
            }
            // The packaged variance differs only in the factor for the second parameter.
            let m = Moments::from_slice(&sums[1]);
            let est = clustered(0.0, &m, n as u64, 0.95).unwrap();
            let adjusted = est.se * est.se * (n as f64 - 1.0) / (n as f64 - 2.0);
            check.value("slope", adjusted, floats(&case.expected[1])[1]);
        });
    }

    #[test]
    fn singletons_equal_rows() {
        let v: Vec<f64> = (0..50).map(|i| (f64::from(i) * 1.3).sin()).collect();
        let codes: Vec<u32> = (0..50).collect();
        let by_row = mean(&Moments::from_slice(&v), 0.95).unwrap();
        let by_cluster = clustered_mean(&v, &codes, 60, 0.95).unwrap();
        assert_eq!(by_cluster.units, 50);
        assert!((by_row.se - by_cluster.se).abs() < 1e-14);
        assert!((by_row.interval.lo - by_cluster.interval.lo).abs() < 1e-13);
    }

    #[test]
    fn degenerate_inputs() {
        let same: Moments = [0.0; 5].into_iter().collect();
        let e = mean(&same, 0.95).unwrap();
        assert_eq!((e.t, e.p, e.interval.width()), (Some(0.0), Some(1.0), 0.0));
        let shifted: Moments = [2.0; 5].into_iter().collect();
        assert_eq!(mean(&shifted, 0.95).unwrap().p, None);
        assert!(mean(&Moments::default(), 0.95).is_err());
        assert!(cluster_sums(&[1.0], &[3], 2).is_err());
        assert!(clustered_mean(&[1.0, 2.0], &[0, 0], 1, 0.95).is_err());
    }
}
