//! Adjusted p-values for several tests at once, in the order of the input.

use super::Undefined;

fn order(p: &[f64]) -> Result<Vec<usize>, Undefined> {
    if let Some(bad) = p.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(Undefined::new(format!("p-value {bad} is not in [0, 1]")));
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]));
    Ok(order)
}

/// Holm 1979 (Scand J Stat 6:65): controls the chance of any false claim under any dependence.
/// Reject where the adjusted value is at most alpha.
///
/// # Errors
/// A value is not in `[0, 1]`.
pub fn holm(p: &[f64]) -> Result<Vec<f64>, Undefined> {
    let mut adjusted = vec![0.0; p.len()];
    let mut running = 0.0f64;
    for (k, &i) in order(p)?.iter().enumerate() {
        running = running.max((p.len() - k) as f64 * p[i]).min(1.0);
        adjusted[i] = running;
    }
    Ok(adjusted)
}

/// Benjamini & Hochberg 1995 (J R Stat Soc B 57:289): controls the share of false claims among
/// the claims under independence or positive dependence. For display, not for decisions.
///
/// # Errors
/// A value is not in `[0, 1]`.
pub fn benjamini_hochberg(p: &[f64]) -> Result<Vec<f64>, Undefined> {
    let mut adjusted = vec![0.0; p.len()];
    let mut running = 1.0f64;
    for (k, &i) in order(p)?.iter().enumerate().rev() {
        running = running.min(p.len() as f64 / (k + 1) as f64 * p[i]);
        adjusted[i] = running;
    }
    Ok(adjusted)
}

/// Hochberg 1988 (Biometrika 75:800): as [`holm`] but from the largest on, a little sharper; valid
/// under independence or positive dependence only.
///
/// # Errors
/// A value is not in `[0, 1]`.
pub fn hochberg(p: &[f64]) -> Result<Vec<f64>, Undefined> {
    let mut adjusted = vec![0.0; p.len()];
    let mut running = 1.0f64;
    for (k, &i) in order(p)?.iter().enumerate().rev() {
        running = running.min((p.len() - k) as f64 * p[i]);
        adjusted[i] = running;
    }
    Ok(adjusted)
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, float, floats};

    #[test]
    pub(in crate::stats) fn published_adjustments() {
        published::run("multiplicity", &["holm", "benjamini_hochberg"], |case, check| {
            let p = floats(&case.inputs["p"]);
            let (got, alpha) = match case.method.as_str() {
                "holm" => (holm(&p).unwrap(), float(&case.inputs, "alpha")),
                _ => (benjamini_hochberg(&p).unwrap(), float(&case.inputs, "q")),
            };
            for (g, w) in got.iter().zip(floats(&case.expected["adjusted"])) {
                check.value("adjusted", *g, w);
            }
            check.close("n_reject", got.iter().filter(|&&g| g <= alpha).count() as f64);
        });
    }

    #[test]
    fn keeps_the_order_of_the_input() {
        assert_eq!(holm(&[0.5, 0.01]).unwrap(), vec![0.5, 0.02]);
        assert_eq!(benjamini_hochberg(&[0.5, 0.01]).unwrap(), vec![0.5, 0.02]);
        // Hochberg 1988 by hand: the largest p as it is, and no smaller one above it.
        assert_eq!(hochberg(&[0.02, 0.01, 0.03]).unwrap(), vec![0.03, 0.03, 0.03]);
        assert!(holm(&[]).unwrap().is_empty());
        assert!(holm(&[f64::NAN]).is_err());
    }
}
