//! Root of a monotone function in a bracket.

/// Chandrupatla 1997 (Adv Eng Softw 28:145): inverse quadratic interpolation where it is safe,
/// bisection elsewhere, so the bracket always shrinks and infinite end values are harmless.
///
/// `f(lo)` and `f(hi)` must not have the same sign; if they do, the end nearer to a root is returned
/// (for a confidence limit that is the end of the parameter range).
pub(crate) fn root(mut f: impl FnMut(f64) -> f64, lo: f64, hi: f64) -> f64 {
    let (mut a, mut b) = (lo, hi);
    let (mut fa, mut fb) = (f(a), f(b));
    if fa == 0.0 {
        return a;
    }
    if fb == 0.0 {
        return b;
    }
    if (fa > 0.0) == (fb > 0.0) {
        return if fa.abs() <= fb.abs() { a } else { b };
    }
    let mut t = 0.5;
    for _ in 0..400 {
        let x = a + t * (b - a);
        let fx = f(x);
        let (c, fc);
        if (fx > 0.0) == (fa > 0.0) {
            (c, fc) = (a, fa);
        } else {
            (c, fc) = (b, fb);
            (b, fb) = (a, fa);
        }
        (a, fa) = (x, fx);
        let best = if fa.abs() < fb.abs() { a } else { b };
        let tol = 2.0 * f64::EPSILON * best.abs() + f64::MIN_POSITIVE;
        let tl = tol / (b - c).abs();
        if fa == 0.0 || tl > 0.5 {
            return best;
        }
        let xi = (a - b) / (c - b);
        let phi = (fa - fb) / (fc - fb);
        t = if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
            fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        } else {
            0.5
        };
        t = if t.is_finite() { t.clamp(tl, 1.0 - tl) } else { 0.5 };
    }
    0.5 * (a + b)
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn finds_roots_at_any_scale() {
        for target in [1e-12, 1e-6, 0.3, 0.999_999] {
            let x = root(|x| x.powi(3) - target * target * target, 0.0, 1.0);
            assert!((x / target - 1.0).abs() < 1e-13, "{x} {target}");
        }
        let x = root(|x| if x >= 1.0 { f64::INFINITY } else { x - 0.25 }, 0.0, 1.0);
        assert!((x - 0.25).abs() < 1e-15);
        assert_eq!(root(|x| x + 1.0, 0.0, 1.0), 0.0);
    }
}
