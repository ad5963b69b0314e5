//! Difference of two means measured on different units.

use super::influence::{Estimate, mean, unpaired};
use super::{Moments, Undefined};

/// Welch 1947 (Biometrika 34:28): first mean minus second, variances not taken as equal, degrees
/// of freedom by Satterthwaite. The moments are those of one number per unit of randomisation, not
/// per row.
///
/// # Errors
/// Fewer than two units in an arm, no variance in either, or `level` not in (0, 1).
pub fn welch(a: &Moments, b: &Moments, level: f64) -> Result<Estimate, Undefined> {
    unpaired(&mean(a, level)?, &mean(b, level)?, level)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::published::{self, count, float, floats};

    fn of(mean: f64, sd: f64, n: u64) -> Moments {
        Moments { n, mean, m2: sd * sd * (n as f64 - 1.0) }
    }

    #[test]
    pub(in crate::stats) fn published_differences() {
        published::run("ab.mean", &["welch_t"], |case, check| {
            let i = &case.inputs;
            let e = if i["x"].is_array() {
                let (x, y) = (Moments::from_slice(&floats(&i["x"])), Moments::from_slice(&floats(&i["y"])));
                welch(&x, &y, float(i, "conf")).unwrap()
            } else {
                let arm = |k: &str| {
                    let key = |what: &str| format!("{what}_{k}");
                    of(float(i, &key("mean")), float(i, &key("sd")), count(i, &key("n")))
                };
                welch(&arm("b"), &arm("a"), 0.95).unwrap()
            };
            check.close("t", e.t.unwrap());
            check.close("df", e.df);
            check.close("p", e.p.unwrap());
            check.close("lower", e.interval.lo);
            check.close("upper", e.interval.hi);
        });
        published::run("regression.paired", &["paired_t"], |case, check| {
            let (x, y) = (floats(&case.inputs["x"]), floats(&case.inputs["y"]));
            let e = mean(&x.iter().zip(&y).map(|(x, y)| x - y).collect(), 0.95).unwrap();
            check.close("t", e.t.unwrap());
            check.close("p", e.p.unwrap());
        });
    }

    #[test]
    fn needs_two_units_and_some_variance() {
        assert!(welch(&of(1.0, 1.0, 1), &of(1.0, 1.0, 9), 0.95).is_err());
        assert!(welch(&of(1.0, 0.0, 9), &of(2.0, 0.0, 9), 0.95).is_err());
        assert!(welch(&of(1.0, 0.0, 9), &of(2.0, 1.0, 9), 0.95).is_ok());
    }
}
