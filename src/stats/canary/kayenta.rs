//! Classification of one metric as Spinnaker's Kayenta judge gives it (NetflixACAJudge), so that a
//! team that relies on it can compare. Its known faults, which [`super::judge`] does not have:
//! * its tolerance is a share of the estimated shift itself, so it is no practical margin: any shift
//!   that is significant is beyond it;
//! * points are taken as independent: an autocorrelated metric raises false alarms far above the
//!   level, and looking at every interval more still;
//! * where a mean is zero the effect size is not a number and its limits are skipped;
//! * ranks hardly see a larger variance, a few extreme points, or rare errors;
//! * no data passes unless it is asked for.

use crate::stats::rank::mann_whitney::{mann_whitney, null_sd, rank_sum};
use crate::stats::special::norm_isf;
use crate::stats::{Interval, Moments, Undefined, check_level};

/// Kayenta's word for a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Classification {
    /// Not classified as different.
    Pass,
    /// The experiment is higher.
    High,
    /// The experiment is lower.
    Low,
    /// An arm has no values.
    Nodata,
}

/// Which change is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Only higher.
    Increase,
    /// Only lower.
    Decrease,
    /// Both.
    Either,
}

/// How large a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectSize {
    /// Mean of the experiment over mean of the control.
    MeanRatio,
    /// Chance that a value of the experiment exceeds one of the control.
    CommonLanguage,
}

/// Settings of one metric; [`Settings::default`] is what Kayenta does unless configured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Share of the estimated shift within which a change is ignored.
    pub tolerance: f64,
    /// Confidence level of the interval of the shift.
    pub level: f64,
    /// Which change is bad.
    pub direction: Direction,
    /// Measure that `allowed` and `critical_at` refer to.
    pub effect: EffectSize,
    /// Effect at or below which Low, and at or above which High, is said.
    pub allowed: (f64, f64),
    /// Effect at or below which Low, and at or above which High, is critical.
    pub critical_at: (f64, f64),
    /// Whether the metric may fail the canary alone.
    pub critical: bool,
    /// Whether missing values are dropped; otherwise they count as 0 and no data passes.
    pub drop_missing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tolerance: 0.25,
            level: 0.98,
            direction: Direction::Either,
            effect: EffectSize::MeanRatio,
            allowed: (1.0, 1.0),
            critical_at: (1.0, 1.0),
            critical: false,
            drop_missing: true,
        }
    }
}

/// What Kayenta says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// Its classification.
    pub classification: Classification,
    /// Whether it fails the whole canary.
    pub critical: bool,
}

/// Shift of `x` against `y` with the interval by solving the normal approximation, as R's
/// `wilcox.test(conf.int = TRUE, exact = FALSE)` prints it.
///
/// The numbers are those of a root search that stops within 1e-4 (Brent 1973, chapter 4): where the
/// metric itself is of that size they are the search's more than the data's. For the real thing see
/// [`crate::stats::rank::shift::hodges_lehmann`].
///
/// # Errors
/// A group is empty, a value is not a number, or `level` not in (0, 1).
pub fn shift_as_r(x: &[f64], y: &[f64], level: f64) -> Result<(f64, Interval), Undefined> {
    check_level(level)?;
    mann_whitney(x, y)?;
    let ends = |v: &[f64]| v.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    let ((x_min, x_max), (y_min, y_max)) = (ends(x), ends(y));
    let (lo, hi) = (x_min - y_max, x_max - y_min);
    if lo == hi {
        // Each group is constant: every pair has the same difference.
        return Ok((lo, Interval { lo, hi, level, method: "mann_whitney_r" }));
    }
    let (n, m) = (x.len() as f64, y.len() as f64);
    let statistic = |d: f64| {
        let moved: Vec<f64> = x.iter().map(|v| v - d).collect();
        let (ranks, ties) = rank_sum(&moved, y);
        let distance = ranks - 0.5 * n * (n + 1.0) - 0.5 * n * m;
        let correction = if distance == 0.0 { 0.0 } else { 0.5f64.copysign(distance) };
        let sd = null_sd(n, m, ties);
        if sd > 0.0 { (distance - correction) / sd } else { 0.0 }
    };
    let solve = |z: f64| {
        let (at_lo, at_hi) = (statistic(lo) - z, statistic(hi) - z);
        if at_lo <= 0.0 {
            lo
        } else if at_hi >= 0.0 {
            hi
        } else {
            zeroin(|d| statistic(d) - z, (lo, at_lo), (hi, at_hi), 1e-4)
        }
    };
    let z = norm_isf(0.5 * (1.0 - level));
    Ok((solve(0.0), Interval { lo: solve(z), hi: solve(-z), level, method: "mann_whitney_r" }))
}

/// Brent's root search (1973, Algorithms for Minimization without Derivatives, chapter 4), which
/// stops within half of `tolerance`. Step by step as published: the caller wants the point where it
/// stops, not the root.
fn zeroin(f: impl Fn(f64) -> f64, start: (f64, f64), end: (f64, f64), tolerance: f64) -> f64 {
    let ((mut a, mut fa), (mut b, mut fb)) = (start, end);
    let (mut c, mut fc) = (a, fa);
    for _ in 0..1000 {
        let previous = b - a;
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let within = 2.0 * f64::EPSILON * b.abs() + 0.5 * tolerance;
        let middle = 0.5 * (c - b);
        if middle.abs() <= within || fb == 0.0 {
            break;
        }
        let mut step = middle;
        if previous.abs() >= within && fa.abs() > fb.abs() {
            let s = fb / fa;
            let (mut p, mut q) = if a == c {
                (2.0 * middle * s, 1.0 - s)
            } else {
                let (q, r) = (fa / fc, fb / fc);
                (s * (2.0 * middle * q * (q - r) - (b - a) * (r - 1.0)), (q - 1.0) * (r - 1.0) * (s - 1.0))
            };
            if p > 0.0 {
                q = -q;
            } else {
                p = -p;
            }
            if p < 1.5 * middle * q - 0.5 * (within * q).abs() && p < (0.5 * previous * q).abs() {
                step = p / q;
            }
        }
        if step.abs() < within {
            step = within.copysign(step);
        }
        (a, fa) = (b, fb);
        b += step;
        fb = f(b);
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
        }
    }
    b
}

/// Kayenta's classification of a metric's values in the experiment (the canary) and the control.
///
/// # Errors
/// The tolerance is negative or the level not in (0, 1).
pub fn classify(experiment: &[f64], control: &[f64], s: &Settings) -> Result<Judgement, Undefined> {
    check_level(s.level)?;
    if s.tolerance.is_nan() || s.tolerance < 0.0 {
        return Err(Undefined::new(format!("tolerance {}", s.tolerance)));
    }
    let clean = |v: &[f64]| -> Vec<f64> {
        let kept = v.iter().filter(|v| !(s.drop_missing && v.is_nan()));
        let mut v: Vec<f64> = kept.map(|&v| if v.is_nan() { 0.0 } else { v }).collect();
        v.sort_unstable_by(f64::total_cmp);
        v
    };
    let (x, y) = (clean(experiment), clean(control));
    let pass = Judgement { classification: Classification::Pass, critical: false };
    if x.is_empty() || y.is_empty() {
        let nodata = Judgement { classification: Classification::Nodata, critical: s.critical };
        return Ok(if s.drop_missing { nodata } else { pass });
    }
    if x == y || (x[0] == x[x.len() - 1] && x[0] == y[0] && y[0] == y[y.len() - 1]) {
        return Ok(pass);
    }
    let effect = match s.effect {
        EffectSize::CommonLanguage => mann_whitney(&x, &y)?.superiority,
        EffectSize::MeanRatio => {
            let (a, b) = (Moments::from_slice(&x).mean, Moments::from_slice(&y).mean);
            if a == 0.0 || b == 0.0 { f64::NAN } else { a / b }
        }
    };
    // Not a number: the limits are skipped, as there.
    let at_least = |limit: f64| effect.is_nan() || effect >= limit;
    let at_most = |limit: f64| effect.is_nan() || effect <= limit;
    let (estimate, ci) = shift_as_r(&x, &y, s.level)?;
    let band = s.tolerance * estimate.abs();
    let high = s.direction != Direction::Decrease && ci.lo > band && at_least(s.allowed.1);
    let low = s.direction != Direction::Increase && ci.hi < -band && at_most(s.allowed.0);
    Ok(match (high, low) {
        (true, _) => {
            Judgement { classification: Classification::High, critical: s.critical && at_least(s.critical_at.1) }
        }
        (_, true) => {
            Judgement { classification: Classification::Low, critical: s.critical && at_most(s.critical_at.0) }
        }
        _ => pass,
    })
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, float, floats};

    #[test]
    pub(in crate::stats) fn published_intervals() {
        published::run("canary.kayenta", &["wilcoxon_rank_sum_ci_R_style"], |case, check| {
            let i = &case.inputs;
            let (estimate, ci) =
                shift_as_r(&floats(&i["experiment"]), &floats(&i["control"]), float(i, "conf")).unwrap();
            check.close("estimate", estimate);
            check.close("lower", ci.lo);
            check.close("upper", ci.hi);
        });
    }

    #[test]
    pub(in crate::stats) fn published_judgements() {
        published::run("canary.kayenta", &["kayenta_mann_whitney_judge"], |case, check| {
            let i = &case.inputs;
            let pair = |k: &str| {
                let v = floats(&i[k]);
                (v[0], v[1])
            };
            let settings = Settings {
                tolerance: float(i, "tolerance"),
                level: float(i, "conf"),
                direction: match i["direction"].as_str().unwrap() {
                    "increase" => Direction::Increase,
                    "decrease" => Direction::Decrease,
                    _ => Direction::Either,
                },
                effect: if i["measure"] == "cles" { EffectSize::CommonLanguage } else { EffectSize::MeanRatio },
                allowed: pair("eff"),
                critical_at: pair("crit"),
                critical: i["critical"] == true,
                drop_missing: i["nan_remove"] == true,
            };
            let j = classify(&floats(&i["experiment"]), &floats(&i["control"]), &settings).unwrap();
            let same = format!("{:?}", j.classification) == case.expected["classification"].as_str().unwrap();
            check.value(&format!("classification {j:?}"), f64::from(same), 1.0);
            if let Some(critical) = case.expected["critical"].as_bool() {
                check.value("critical", f64::from(j.critical), f64::from(critical));
            }
        });
    }
}
