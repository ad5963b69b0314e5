//! Mixture boundaries: curves that a random walk crosses with probability at most alpha, at any
//! time (Howard, Ramdas, McAuliffe & Sekhon 2021, Ann Stat 49:1055).
//!
//! `s` is the sum of centred observations, `v` its intrinsic time (the sum of their variances, or a
//! bound of them). A mixture gives the logarithm of an e-value; the boundary at level alpha is the
//! `s` at which it reaches `ln(1 / alpha)`.

use crate::stats::roots::root;
use crate::stats::special::{beta_inc_both, ln_gamma, ln_gamma_p, ln_gamma_q, norm_ln_sf};
use crate::stats::{Undefined, check_level};

pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Mixing precision for which the two-sided normal boundary at `alpha` is tightest at intrinsic
/// time `v` (an approximation of Proposition 3 that is itself a valid choice).
pub(super) fn two_sided_rho(v: f64, alpha: f64) -> f64 {
    let a = -2.0 * alpha.ln();
    v / (a + a.ln_1p())
}

/// What the increments are known to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tail {
    /// Sub-Gaussian, both directions at once (eq. 14).
    NormalTwoSided,
    /// Sub-Gaussian, upper direction (eq. 15).
    Normal,
    /// Sub-exponential with scale `c`: bounded above by `c` after scaling (Proposition 9).
    GammaExponential {
        /// Scale.
        c: f64,
    },
    /// Sub-Poisson with scale `c`: counts (Proposition 10).
    GammaPoisson {
        /// Scale.
        c: f64,
    },
    /// Bounded in `[-g, h]`, both directions at once (Proposition 7).
    BetaBinomialTwoSided {
        /// Largest step down.
        g: f64,
        /// Largest step up.
        h: f64,
    },
    /// Bounded in `[-g, h]`, upper direction (Proposition 8).
    BetaBinomial {
        /// Largest step down.
        g: f64,
        /// Largest step up.
        h: f64,
    },
}

/// A mixture boundary tuned to one intrinsic time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixture {
    tail: Tail,
    rho: f64,
}

impl Mixture {
    /// Tightest near intrinsic time `v_opt` for level `alpha_opt`.
    ///
    /// # Errors
    /// `v_opt`, a scale or a bound is not positive, or `alpha_opt` is not in (0, 1/2).
    pub fn new(tail: Tail, v_opt: f64, alpha_opt: f64) -> Result<Self, Undefined> {
        let (x, y) = match tail {
            Tail::NormalTwoSided | Tail::Normal => (1.0, 1.0),
            Tail::GammaExponential { c } | Tail::GammaPoisson { c } => (c, 1.0),
            Tail::BetaBinomialTwoSided { g, h } | Tail::BetaBinomial { g, h } => (g, h),
        };
        if [v_opt, x, y].iter().any(|v| !v.is_finite() || *v <= 0.0) || !(alpha_opt > 0.0 && alpha_opt < 0.5) {
            return Err(Undefined::new(format!("a boundary tuned to time {v_opt} and level {alpha_opt}")));
        }
        let rho = match tail {
            Tail::NormalTwoSided | Tail::BetaBinomialTwoSided { .. } => two_sided_rho(v_opt, alpha_opt),
            _ => two_sided_rho(v_opt, 2.0 * alpha_opt),
        };
        Ok(Self { tail, rho })
    }

    /// Natural logarithm of the e-value of a walk at `s` at intrinsic time `v`.
    #[must_use]
    pub fn ln_e(&self, s: f64, v: f64) -> f64 {
        let rho = self.rho;
        let normal = 0.5 * (rho / (v + rho)).ln() + s * s / (2.0 * (v + rho));
        match self.tail {
            Tail::NormalTwoSided => normal,
            Tail::Normal => normal + 2f64.ln() + norm_ln_sf(-s / (v + rho).sqrt()),
            Tail::GammaExponential { c } => {
                let (a, shape) = (rho / (c * c), (v + rho) / (c * c));
                let x = (c * s + v + rho) / (c * c);
                a * a.ln() - ln_gamma(a) - ln_gamma_p(a, a) + ln_gamma(shape) + ln_gamma_p(shape, x) - shape * x.ln()
                    + (c * s + v) / (c * c)
            }
            Tail::GammaPoisson { c } => {
                let (a, rate) = (rho / (c * c), (v + rho) / (c * c));
                let shape = s / c + rate;
                a * a.ln() - ln_gamma(a) - ln_gamma_q(a, a) + ln_gamma(shape) + ln_gamma_q(shape, rate)
                    - shape * rate.ln()
                    + v / (c * c)
            }
            Tail::BetaBinomialTwoSided { g, h } => self.beta_binomial(g, h, 1.0, s, v),
            Tail::BetaBinomial { g, h } => self.beta_binomial(g, h, h / (g + h), s, v),
        }
    }

    fn beta_binomial(&self, g: f64, h: f64, cut: f64, s: f64, v: f64) -> f64 {
        let (width, gh) = (g + h, g * h);
        let r = (self.rho - gh).max(1e-3 * gh);
        let ln_part = |a: f64, b: f64| {
            let below = if cut < 1.0 { beta_inc_both(a, b, cut, 1.0 - cut).0.ln() } else { 0.0 };
            below + ln_beta(a, b)
        };
        let (down, up) = (v - g * s, v + h * s);
        v / gh * width.ln() - up / (h * width) * g.ln() - down / (g * width) * h.ln()
            + ln_part((r + down) / (g * width), (r + up) / (h * width))
            - ln_part(r / (g * width), r / (h * width))
    }

    /// Boundary at intrinsic time `v`: the walk ever exceeds it (in either direction, if two-sided)
    /// with probability at most `alpha`.
    ///
    /// # Errors
    /// `v` is negative or `alpha` not in (0, 1).
    pub fn bound(&self, v: f64, alpha: f64) -> Result<f64, Undefined> {
        check_level(alpha)?;
        if v.is_nan() || v < 0.0 {
            return Err(Undefined::new(format!("intrinsic time {v}")));
        }
        let threshold = -alpha.ln();
        if self.tail == Tail::NormalTwoSided {
            return Ok(((v + self.rho) * ((v / self.rho).ln_1p() + 2.0 * threshold)).sqrt());
        }
        let mut hi = match self.tail {
            Tail::BetaBinomial { g, .. } | Tail::BetaBinomialTwoSided { g, .. } => {
                if self.ln_e(v / g, v) < threshold {
                    return Ok(v / g);
                }
                v / g
            }
            _ => v.max(1.0),
        };
        while self.ln_e(hi, v) < threshold {
            hi *= 2.0;
        }
        Ok(root(|s| self.ln_e(s, v) - threshold, 0.0, hi))
    }
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, float};

    #[test]
    pub(in crate::stats) fn published_mixtures() {
        let methods = [
            "normal_mixture_two_sided",
            "normal_mixture_one_sided",
            "gamma_exponential_mixture",
            "gamma_poisson_mixture",
            "beta_binomial_mixture_two_sided",
            "beta_binomial_mixture_one_sided",
        ];
        published::run("sequential.boundary", &methods, |case, check| {
            let i = &case.inputs;
            let tail = match case.method.as_str() {
                "normal_mixture_two_sided" => Tail::NormalTwoSided,
                "normal_mixture_one_sided" => Tail::Normal,
                "gamma_exponential_mixture" => Tail::GammaExponential { c: float(i, "c") },
                "gamma_poisson_mixture" => Tail::GammaPoisson { c: float(i, "c") },
                "beta_binomial_mixture_two_sided" => Tail::BetaBinomialTwoSided { g: float(i, "g"), h: float(i, "h") },
                _ => Tail::BetaBinomial { g: float(i, "g"), h: float(i, "h") },
            };
            let m = Mixture::new(tail, float(i, "v_opt"), 0.05).unwrap();
            let got = match (i["s"].as_f64(), i["v"].as_f64()) {
                (Some(s), Some(v)) => m.ln_e(s, v),
                (None, Some(v)) => m.bound(v, float(i, "alpha")).unwrap(),
                _ => m.rho,
            };
            check.value("value", got, case.expected.as_f64().unwrap());
        });
    }

    #[test]
    fn the_boundary_is_where_the_evidence_is_one_in_alpha() {
        for tail in [Tail::Normal, Tail::GammaExponential { c: 0.5 }, Tail::BetaBinomial { g: 0.3, h: 0.7 }] {
            let m = Mixture::new(tail, 50.0, 0.05).unwrap();
            let s = m.bound(80.0, 0.01).unwrap();
            assert!((m.ln_e(s, 80.0) - 100f64.ln()).abs() < 1e-9, "{tail:?}");
        }
        assert!(Mixture::new(Tail::Normal, 0.0, 0.05).is_err());
        assert!(Mixture::new(Tail::GammaPoisson { c: -1.0 }, 1.0, 0.05).is_err());
    }
}
