//! Randomisation test of paired differences: under the null every difference could as well have
//! had the other sign.

use super::Undefined;
use super::bootstrap::Replicate;
use rayon::prelude::*;

/// Most differences for which all sign patterns are enumerated.
pub const EXACT: usize = 20;

/// Two-sided p of "the differences are symmetric around zero" by the sum as statistic. All `2^n`
/// patterns up to [`EXACT`] differences; beyond, `flips` random ones with
/// `p = (1 + hits) / (1 + flips)`, which is never zero (Phipson & Smyth 2010, Stat Appl Genet Mol
/// Biol 9:39). Differences are per unit (query, user), not per row.
///
/// # Errors
/// No differences, one is not finite, or no flips are asked for.
pub fn sign_flip(d: &[f64], seed: u64, flips: u64) -> Result<f64, Undefined> {
    if d.is_empty() || d.iter().any(|v| !v.is_finite()) {
        return Err(Undefined::new("a sign-flip test needs differences that are finite numbers"));
    }
    let observed = d.iter().sum::<f64>().abs();
    // A pattern that only rounding keeps below the observed one counts as reaching it.
    let reached = observed - 1e-12 * d.iter().map(|v| v.abs()).sum::<f64>();
    // Zeros do not change under a flip.
    let d: Vec<f64> = d.iter().copied().filter(|&v| v != 0.0).collect();
    let sum = |pattern: &dyn Fn(usize) -> bool| -> f64 {
        d.iter().enumerate().map(|(i, v)| if pattern(i) { *v } else { -*v }).sum()
    };
    if d.len() <= EXACT {
        let patterns = 1u64 << d.len();
        let hits = (0..patterns).filter(|p| sum(&|i| p >> i & 1 == 1).abs() >= reached).count();
        return Ok(hits as f64 / patterns as f64);
    }
    if flips == 0 {
        return Err(Undefined::new("no sign flips"));
    }
    let hit = |r: u64| {
        let replicate = Replicate::new(seed, r);
        let total: f64 = d
            .chunks(64)
            .enumerate()
            .map(|(block, values)| {
                let bits = replicate.bits(block as u64);
                values.iter().enumerate().map(|(i, v)| if bits >> i & 1 == 1 { *v } else { -*v }).sum::<f64>()
            })
            .sum();
        u64::from(total.abs() >= reached)
    };
    let hits: u64 = (0..flips).into_par_iter().map(hit).sum();
    Ok((1 + hits) as f64 / (1 + flips) as f64)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};

    #[test]
    pub(in crate::stats) fn published_test() {
        published::run("paired.permutation", &["sign_flip_exact"], |case, check| {
            let (x, y) = (floats(&case.inputs["x"]), floats(&case.inputs["y"]));
            let d: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
            check.value("p", sign_flip(&d, 1, 0).unwrap(), case.expected.as_f64().unwrap());
        });
    }

    #[test]
    fn keeps_its_level_and_does_not_depend_on_zeros() {
        let (runs, mut rejected) = (400, 0);
        for run in 0..runs {
            let r = Replicate::new(5, run);
            let d: Vec<f64> = (0..60).map(|i| (r.uniform(i) - 0.5).powi(3)).collect();
            rejected += u64::from(sign_flip(&d, run, 399).unwrap() <= 0.05);
        }
        let share = rejected as f64 / runs as f64;
        assert!((0.02..0.085).contains(&share), "{share}");
        assert_eq!(sign_flip(&[0.0, 0.0, 1.0, 2.0], 1, 0), sign_flip(&[1.0, 2.0], 1, 0));
        assert_eq!(sign_flip(&[0.0; 30], 1, 9).unwrap(), 1.0);
        assert!(sign_flip(&[], 1, 10).is_err() && sign_flip(&[1.0; 30], 1, 0).is_err());
    }
}
