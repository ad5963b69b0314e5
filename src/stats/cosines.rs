//! Long-run variance of a series in time by cosines of low frequency.
//!
//! Projected on a cosine of `k` half cycles over the series, values that depend on their neighbours behave like independent
//! ones of their long-run variance, if the cosine is slow against the dependence. The mean of a few such squares has as many
//! degrees of freedom, so that t takes in what is not known of the variance (Phillips 2005, Econom Theory 21:116; Sun 2013,
//! Econom J 16:1; Lazarus, Lewis, Stock and Watson 2018, J Bus Econ Stat 36:541, the EWC test).

use super::Undefined;

/// Share of a cosine that has to be left when what is fitted is taken out of it; what is less is fitted with the rest.
const LEFT: f64 = 0.3;

/// Number of cosines that Lazarus et al. 2018 (eq. 4) recommend for the mean of `n` values, `⌊0.4 n^(2/3)⌋`.
#[must_use]
pub fn default_count(n: usize) -> usize {
    (0.4 * (n as f64).powf(2.0 / 3.0)).floor() as usize
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Functions at right angles to each other, of length 1.
#[derive(Default)]
struct Basis(Vec<Vec<f64>>);

impl Basis {
    /// Adds what `function` has that the others lack, if that is more than the share `least` of it.
    fn join(&mut self, mut function: Vec<f64>, least: f64) {
        let length = |of: &[f64]| dot(of, of).sqrt();
        let before = length(&function);
        // Twice, for what rounding leaves.
        for _ in 0..2 {
            for held in &self.0 {
                let share = dot(held, &function);
                function.iter_mut().zip(held).for_each(|(value, held)| *value -= share * held);
            }
        }
        let after = length(&function);
        if after > least * before {
            function.iter_mut().for_each(|value| *value /= after);
            self.0.push(function);
        }
    }
}

/// Long-run variance of `y` (values at equal steps of time, as is the variance of one value where they are independent)
/// by the first `count` cosines, on `count` degrees of freedom. `fitted`: functions of time that do not count as noise
/// (a constant, a trend, days of the week), each as long as `y`; they are taken out of the cosines.
///
/// # Errors
/// No cosine is asked for, or the series is too short for so many beside what is fitted.
pub fn long_run_variance(
    y: &[f64],
    fitted: impl IntoIterator<Item = Vec<f64>>,
    count: usize,
) -> Result<f64, Undefined> {
    let n = y.len();
    let mut basis = Basis::default();
    fitted.into_iter().for_each(|function| basis.join(function, 1e-9));
    let first = basis.0.len();
    for cycles in 1..n {
        if basis.0.len() == first + count {
            break;
        }
        let angle = std::f64::consts::PI * cycles as f64 / n as f64;
        basis.join((0..n).map(|at| (angle * (at as f64 + 0.5)).cos()).collect(), LEFT);
    }
    let cosines = &basis.0[first..];
    if count == 0 || cosines.len() < count {
        return Err(Undefined::new(format!("{n} values in time order are too few for their dependence to be told")));
    }
    Ok(cosines.iter().map(|cosine| dot(cosine, y).powi(2)).sum::<f64>() / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Moments;
    use crate::stats::bootstrap::Replicate;
    use crate::stats::special::norm_isf;

    fn ones(n: usize) -> Vec<Vec<f64>> {
        vec![vec![1.0; n]]
    }

    #[test]
    fn it_is_the_mean_of_squared_cosine_transforms() {
        let y = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.5, 3.0];
        let transform = |k: f64| {
            let at = |(at, y): (usize, &f64)| y * (std::f64::consts::PI * k * (at as f64 + 0.5) / 8.0).cos();
            (2.0_f64 / 8.0).sqrt() * y.iter().enumerate().map(at).sum::<f64>()
        };
        let found = long_run_variance(&y, ones(8), 3).unwrap();
        let wanted = (1..=3).map(|k| transform(f64::from(k)).powi(2)).sum::<f64>() / 3.0;
        assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        // All of them hold the whole variance.
        let all = long_run_variance(&y, ones(8), 7).unwrap();
        assert!((all - Moments::from_slice(&y).m2 / 7.0).abs() < 1e-12);
        assert!(long_run_variance(&y, ones(8), 0).is_err() && long_run_variance(&y, ones(8), 8).is_err());
        assert_eq!((default_count(4), default_count(300), default_count(1_000)), (1, 17, 39));
    }

    #[test]
    fn what_is_fitted_is_no_noise_and_dependence_is() {
        let draw = Replicate::new(5, 0);
        let mut last = 0.0;
        let noise: Vec<f64> = (0..4_000)
            .map(|at| {
                last = 0.6 * last + norm_isf(draw.uniform(at));
                last
            })
            .collect();
        let line: Vec<f64> = (0..4_000).map(f64::from).collect();
        let with: Vec<f64> = noise.iter().zip(&line).map(|(noise, line)| noise + 3.0 * line).collect();
        let fitted = || ones(4_000).into_iter().chain([line.clone()]);
        let [plain, tilted] = [&noise, &with].map(|y| long_run_variance(y, fitted(), 100).unwrap());
        assert!((plain - tilted).abs() < 1e-6 * plain, "{plain} {tilted}");
        // 1 / (1 - 0.6)^2 = 6.25, with a standard error of a seventh.
        assert!((plain / 6.25).ln().abs() < 0.5, "{plain}");
    }
}
