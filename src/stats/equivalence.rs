//! One-sided tests of an estimate against margins.

use super::Undefined;
use super::influence::Estimate;
use super::special::t_sf;

fn shifted_tail(e: &Estimate, distance: f64) -> Result<f64, Undefined> {
    if e.se > 0.0 {
        return Ok(t_sf(distance / e.se, e.df));
    }
    if distance == 0.0 {
        return Err(Undefined::new("the estimate lies on the margin and has no variance"));
    }
    Ok(if distance > 0.0 { 0.0 } else { 1.0 })
}

/// p-value of "the true value is not above `-margin`": small when not worse by the margin is
/// shown. `margin` is positive and in the units of the estimate, which is oriented so that + is
/// better.
///
/// # Errors
/// The margin is not finite, or the estimate lies on it and has no variance.
pub fn non_inferiority_p(e: &Estimate, margin: f64) -> Result<f64, Undefined> {
    if !margin.is_finite() {
        return Err(Undefined::new(format!("margin {margin}")));
    }
    shifted_tail(e, e.value + margin)
}

/// Two one-sided tests (Schuirmann 1987, J Pharmacokinet Biopharm 15:657): p-value of "the true
/// value is outside `(-margin, margin)`", the larger of the two one-sided ones. It is at most alpha
/// exactly when the interval at level `1 - 2 alpha` lies inside.
///
/// # Errors
/// As [`non_inferiority_p`], or the margin is not positive.
pub fn equivalence_p(e: &Estimate, margin: f64) -> Result<f64, Undefined> {
    if margin.is_nan() || margin <= 0.0 || margin.is_infinite() {
        return Err(Undefined::new(format!("equivalence margin {margin} is not positive")));
    }
    let lower = shifted_tail(e, e.value + margin)?;
    let upper = shifted_tail(e, margin - e.value)?;
    Ok(lower.max(upper))
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::Moments;
    use crate::stats::influence::{mean, unpaired};
    use crate::stats::published::{self, float, floats};

    #[test]
    pub(in crate::stats) fn published_tost() {
        published::run("equivalence", &["tost_paired", "tost_welch"], |case, check| {
            let (x, y) = (floats(&case.inputs["x"]), floats(&case.inputs["y"]));
            let level = 1.0 - 2.0 * float(&case.inputs, "alpha");
            let e = if case.method == "tost_paired" {
                let d: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
                mean(&Moments::from_slice(&d), level).unwrap()
            } else {
                let a = mean(&Moments::from_slice(&x), level).unwrap();
                let b = mean(&Moments::from_slice(&y), level).unwrap();
                unpaired(&a, &b, level).unwrap()
            };
            check.close("p", equivalence_p(&e, float(&case.inputs, "margin")).unwrap());
            check.close("df", e.df);
            let ci = floats(&case.expected["ci90"]);
            check.value("lower", e.interval.lo, ci[0]);
            check.value("upper", e.interval.hi, ci[1]);
        });
    }

    #[test]
    fn without_variance() {
        let e = mean(&[0.0; 4].into_iter().collect(), 0.95).unwrap();
        assert_eq!(non_inferiority_p(&e, 0.1).unwrap(), 0.0);
        assert_eq!(equivalence_p(&e, 0.1).unwrap(), 0.0);
        assert!(non_inferiority_p(&e, 0.0).is_err());
        assert!(equivalence_p(&e, -1.0).is_err());
    }
}
