//! Group sequential boundaries: looks that were planned, at known shares of the final information.
//!
//! The joint distribution of the statistics at the looks is that of a Brownian motion; the chance
//! to leave the boundaries is integrated look by look (Armitage, McPherson & Rowe 1969, J R Stat Soc
//! A 132:235) by Gauss-Legendre quadrature.

use serde::{Deserialize, Serialize};

use crate::stats::influence::Estimate;
use crate::stats::roots::root;
use crate::stats::special::{norm_isf, norm_pdf, norm_sf, norm_two_sided_p};
use crate::stats::{Interval, Undefined, check_level};

/// How the error is spent over the looks (Lan & DeMets 1983, Biometrika 70:659).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// `2 - 2 Φ(z_{a/2} / √t)` with `a = α/2` on each side: little early, the last boundary close to
    /// the fixed one.
    #[default]
    #[serde(rename = "obrien_fleming")]
    OBrienFleming,
    /// `α ln(1 + (e - 1) t)`: about the same boundary at every look.
    Pocock,
}

impl Spending {
    /// For records of before it could be chosen.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Two-sided error spent up to the share `t` of the information.
    #[must_use]
    pub fn spent(self, t: f64, alpha: f64) -> f64 {
        let t = t.clamp(0.0, 1.0);
        match self {
            _ if t == 0.0 => 0.0,
            Self::OBrienFleming => 2.0 * norm_two_sided_p(norm_isf(0.25 * alpha) / t.sqrt()),
            Self::Pocock => alpha * ((std::f64::consts::E - 1.0) * t).ln_1p(),
        }
    }
}

/// Nodes and weights of Gauss-Legendre quadrature on `[-1, 1]` (Newton on the recurrence).
pub(in crate::stats) fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let nf = n as f64;
    (0..n)
        .map(|i| {
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (nf + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut p, mut before) = (1.0, 0.0);
                for k in 0..n {
                    let k = k as f64;
                    (p, before) = (((2.0 * k + 1.0) * x * p - k * before) / (k + 1.0), p);
                }
                slope = nf * (x * p - before) / (x * x - 1.0);
                let step = p / slope;
                x -= step;
                if step.abs() < 1e-15 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

/// Beyond this many standard deviations a boundary is never reached.
const FAR: f64 = 9.0;

/// The sub-density of the score process among runs that have not stopped, on the nodes of the
/// continuation region.
struct Walk {
    t: f64,
    /// Value of the process, quadrature weight times density.
    mass: Vec<(f64, f64)>,
}

impl Walk {
    fn start() -> Self {
        Self { t: 0.0, mass: vec![(0.0, 1.0)] }
    }

    /// Chance to lie outside `±z` (in standard deviations at `t`) at the look `t`.
    fn leaves(&self, t: f64, z: f64) -> f64 {
        let (edge, sd) = (z * t.sqrt(), (t - self.t).sqrt());
        self.mass.iter().map(|(y, m)| m * (norm_sf((edge - y) / sd) + norm_sf((edge + y) / sd))).sum()
    }

    /// Carries the density on to the look `t`, keeping what lies inside `±z`.
    fn step(&self, t: f64, z: f64, rule: &[(f64, f64)]) -> Self {
        let (edge, sd) = (z.min(FAR) * t.sqrt(), (t - self.t).sqrt());
        let mass = rule
            .iter()
            .map(|&(u, w)| {
                let x = u * edge;
                let density: f64 = self.mass.iter().map(|(y, m)| m * norm_pdf((x - y) / sd) / sd).sum();
                (x, w * edge * density)
            })
            .collect();
        Self { t, mass }
    }
}

fn check(info: &[f64], alpha: f64) -> Result<Vec<(f64, f64)>, Undefined> {
    check_level(alpha)?;
    let rising = info.windows(2).all(|w| w[0] < w[1]);
    let (Some(&first), Some(&last)) = (info.first(), info.last()) else {
        return Err(Undefined::new("no looks"));
    };
    if !rising || first <= 0.0 || last > 1.0 + 1e-12 {
        return Err(Undefined::new("the shares of information must rise from above 0 to at most 1"));
    }
    // Enough nodes for the narrowest step: two per standard deviation of it, over the region.
    let narrow = info.windows(2).map(|w| (w[1] - w[0]).sqrt()).fold(1.0, f64::min);
    let nodes = (4.0 * FAR / narrow).ceil() as usize;
    if nodes > 2000 {
        return Err(Undefined::new("two looks lie too close together; use a confidence sequence"));
    }
    Ok(gauss_legendre(nodes.max(96)))
}

/// Two-sided boundaries (normal quantiles) at the given shares of information that spend `alpha`
/// by the function. The shares need not be equally spaced, nor known in advance beyond the total.
///
/// # Errors
/// The shares do not rise within (0, 1], two lie too close, or `alpha` is not in (0, 1).
pub fn lan_demets(info: &[f64], alpha: f64, spending: Spending) -> Result<Vec<f64>, Undefined> {
    let rule = check(info, alpha)?;
    let (mut walk, mut before, mut bounds) = (Walk::start(), 0.0, Vec::with_capacity(info.len()));
    for &t in info {
        let spent = spending.spent(t, alpha);
        let share: f64 = spent - before;
        let z = if share > 0.0 && walk.leaves(t, FAR) < share {
            root(|z| (walk.leaves(t, z) / share).ln(), 0.0, FAR)
        } else {
            FAR
        };
        bounds.push(z);
        walk = walk.step(t, z, &rule);
        before = spent;
    }
    Ok(bounds)
}

/// Chance to cross the two-sided boundaries at any look when nothing differs.
///
/// # Errors
/// As [`lan_demets`], or the lengths differ.
pub fn crossing_probability(info: &[f64], bounds: &[f64]) -> Result<f64, Undefined> {
    let rule = check(info, 0.5)?;
    if bounds.len() != info.len() {
        return Err(Undefined::new(format!("{} boundaries for {} looks", bounds.len(), info.len())));
    }
    Ok(crossing(info, bounds, &rule))
}

fn crossing(info: &[f64], bounds: &[f64], rule: &[(f64, f64)]) -> f64 {
    let (mut walk, mut total) = (Walk::start(), 0.0);
    for (&t, &z) in info.iter().zip(bounds) {
        total += walk.leaves(t, z);
        walk = walk.step(t, z, rule);
    }
    total
}

fn classical(looks: usize, alpha: f64, shape: impl Fn(f64) -> f64) -> Result<f64, Undefined> {
    let info: Vec<f64> = (1..=looks).map(|k| k as f64 / looks as f64).collect();
    let rule = check(&info, alpha)?;
    let at = |c: f64| {
        let bounds: Vec<f64> = info.iter().map(|&t| c * shape(t)).collect();
        (crossing(&info, &bounds, &rule) / alpha).ln()
    };
    Ok(root(at, norm_isf(0.5 * alpha), 2.0 * norm_isf(0.5 * alpha / looks as f64)))
}

/// Pocock 1977 (Biometrika 64:191): the constant boundary for equally spaced looks.
///
/// # Errors
/// No looks, or `alpha` is not in (0, 1).
pub fn pocock(looks: usize, alpha: f64) -> Result<f64, Undefined> {
    classical(looks, alpha, |_| 1.0)
}

/// O'Brien & Fleming 1979 (Biometrics 35:549): the boundary at the last of equally spaced looks; at
/// the share `t` of the information it is this over `√t`.
///
/// # Errors
/// As [`pocock`].
pub fn obrien_fleming(looks: usize, alpha: f64) -> Result<f64, Undefined> {
    classical(looks, alpha, |t| 1.0 / t.sqrt())
}

/// Repeated confidence interval at a look with boundary `z`: the intervals of all looks hold
/// together (Jennison & Turnbull 1989, J R Stat Soc B 51:305).
#[must_use]
pub fn repeated_interval(e: &Estimate, z: f64, level: f64) -> Interval {
    let half = z * e.se;
    Interval { lo: e.value - half, hi: e.value + half, level, method: "group_sequential_repeated" }
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, count, float, floats};

    #[test]
    pub(in crate::stats) fn published_boundaries() {
        let methods = ["pocock", "obrien_fleming", "lan_demets_obf", "lan_demets_pocock"];
        published::run("sequential.group", &methods, |case, check| {
            let (i, alpha) = (&case.inputs, float(&case.inputs, "alpha"));
            assert_eq!(count(i, "sides"), 2);
            let spending = match case.method.as_str() {
                "pocock" | "obrien_fleming" => {
                    let f = if case.method == "pocock" { pocock } else { obrien_fleming };
                    check.value("c", f(count(i, "K") as usize, alpha).unwrap(), case.expected.as_f64().unwrap());
                    return;
                }
                "lan_demets_obf" => Spending::OBrienFleming,
                _ => Spending::Pocock,
            };
            let got = lan_demets(&floats(&i["info"]), alpha, spending).unwrap();
            got.iter().zip(floats(&case.expected)).for_each(|(g, w)| check.value("z", *g, w));
        });
    }

    #[test]
    fn the_boundaries_spend_what_they_should() {
        let info = [0.1, 0.35, 0.4, 0.8, 1.0];
        for spending in [Spending::OBrienFleming, Spending::Pocock] {
            let bounds = lan_demets(&info, 0.05, spending).unwrap();
            assert!((crossing_probability(&info, &bounds).unwrap() - 0.05).abs() < 1e-8, "{bounds:?}");
        }
        let daily: Vec<f64> = (1..=28).map(|d| f64::from(d) / 28.0).collect();
        let bounds = lan_demets(&daily, 0.05, Spending::OBrienFleming).unwrap();
        assert!(bounds.windows(2).all(|w| w[0] >= w[1]) && bounds[27] < 2.2, "{bounds:?}");
        assert!((lan_demets(&[1.0], 0.05, Spending::Pocock).unwrap()[0] - 1.959_963_98).abs() < 1e-6);
        assert!(lan_demets(&[0.5, 0.4], 0.05, Spending::Pocock).is_err());
        assert!(lan_demets(&[], 0.05, Spending::Pocock).is_err());
    }
}
