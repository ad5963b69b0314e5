//! Whether a mean stays the same over time.

use super::Undefined;
use super::rank::kolmogorov_smirnov::kolmogorov_sf;

/// Result of the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cusum {
    /// Largest distance of the cumulative sum from 0, in standard deviations of the whole sum.
    pub statistic: f64,
    pub p: f64,
    /// Block after which the sum is farthest from 0: the change is likeliest there.
    pub after: usize,
}

/// Fluctuation of the cumulative sum of deviations from the mean: under one mean its course is a Brownian bridge, so its
/// largest distance has Kolmogorov's distribution (Ploberger and Kramer 1992, Econometrica 60:271, the OLS-based CUSUM).
///
/// `sums` are the sums of `x - mean` over blocks of time, in order, and add up to 0; `variance` is that of the sum of all
/// rows, by units where rows of a unit are alike. Looked at at the ends of blocks only, the test is conservative.
///
/// # Errors
/// Fewer than two blocks, or no variance.
pub fn cusum(sums: &[f64], variance: f64) -> Result<Cusum, Undefined> {
    if sums.len() < 2 {
        return Err(Undefined::new("a course needs at least two spans"));
    }
    if !(variance > 0.0 && variance.is_finite()) {
        return Err(Undefined::new("the values do not vary"));
    }
    let (mut sum, mut most, mut after) = (0.0, 0.0f64, 0);
    for (at, part) in sums[..sums.len() - 1].iter().enumerate() {
        sum += part;
        if f64::abs(sum) > most {
            (most, after) = (sum.abs(), at);
        }
    }
    let statistic = most / variance.sqrt();
    Ok(Cusum { statistic, p: kolmogorov_sf(statistic).clamp(0.0, 1.0), after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_where_it_is() {
        let values: Vec<f64> = (0..60).map(|at| f64::from((at + 1) % 2) + if at < 40 { 0.0 } else { 1.0 }).collect();
        let mean = values.iter().sum::<f64>() / 60.0;
        let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let variance = centred.iter().map(|value| value * value).sum::<f64>();
        let found = cusum(&centred, variance).unwrap();
        assert_eq!(found.after, 39);
        assert!(found.p < 0.01);
        assert!(cusum(&[0.0, 0.0], 0.0).is_err() && cusum(&[0.0], 1.0).is_err());
    }
}
