//! Do segments differ in the effect, and does it change its direction?

use super::special::{binom_pmf, chi2_sf};
use super::{Sum, Undefined};

/// An effect in one segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Difference in the segment.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
}

fn check(effects: &[Effect]) -> Result<(), Undefined> {
    if effects.len() < 2 {
        return Err(Undefined::new("segments are compared from two on"));
    }
    if effects.iter().any(|e| !e.value.is_finite() || !e.se.is_finite() || e.se <= 0.0) {
        return Err(Undefined::new("a segment has no standard error"));
    }
    Ok(())
}

/// Result of Cochran's test of equal effects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cochran {
    /// Weighted sum of squares around the pooled effect.
    pub q: f64,
    /// Segments minus one.
    pub df: f64,
    /// p of "all segments have the same effect".
    pub p: f64,
    /// Share of the variation that is not chance, `max(0, 1 - df / Q)` (Higgins & Thompson 2002).
    pub i2: f64,
}

/// Cochran 1954 (Biometrics 10:101).
///
/// # Errors
/// Fewer than two segments, or one without a positive standard error.
pub fn cochran(effects: &[Effect]) -> Result<Cochran, Undefined> {
    check(effects)?;
    let weight = |e: &Effect| 1.0 / (e.se * e.se);
    let total = effects.iter().map(weight).collect::<Sum>().value();
    let pooled = effects.iter().map(|e| weight(e) * e.value).collect::<Sum>().value() / total;
    let q = effects.iter().map(|e| weight(e) * (e.value - pooled).powi(2)).collect::<Sum>().value();
    let df = (effects.len() - 1) as f64;
    Ok(Cochran { q, df, p: chi2_sf(q, df), i2: if q > df { 1.0 - df / q } else { 0.0 } })
}

/// p-value of "no segment has an effect of the other direction" (Gail & Simon 1985, Biometrics
/// 41:361, eq. 3): small when the candidate is better in some segments and worse in others.
///
/// # Errors
/// As [`cochran`].
pub fn gail_simon(effects: &[Effect]) -> Result<f64, Undefined> {
    check(effects)?;
    let side = |sign: f64| {
        effects.iter().filter(|e| e.value * sign > 0.0).map(|e| (e.value / e.se).powi(2)).collect::<Sum>().value()
    };
    Ok(gail_simon_tail(side(1.0).min(side(-1.0)), effects.len() as u64))
}

fn gail_simon_tail(smaller: f64, segments: u64) -> f64 {
    if smaller <= 0.0 {
        return 1.0;
    }
    let n = segments - 1;
    (1..=n).map(|h| binom_pmf(h, n, 0.5) * chi2_sf(smaller, h as f64)).sum::<f64>().min(1.0)
}

/// Sizes and effect of one stratum of an unpaired comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// Units of the first arm.
    pub first: u64,
    /// Units of the second arm.
    pub second: u64,
    /// First minus second, and its standard error.
    pub effect: Effect,
}

/// Effect pooled over strata with the weights `n1 n2 / (n1 + n2)` of Cochran 1954 and Mantel &
/// Haenszel 1959: arms are only compared within a stratum, so a share of traffic that moves while the
/// base rate moves does not bias it. Strata in which an arm has no units do not count.
///
/// # Errors
/// No stratum has units of both arms, or a standard error is missing.
pub fn stratified(strata: &[Stratum]) -> Result<Effect, Undefined> {
    let used: Vec<(f64, Effect)> = strata
        .iter()
        .filter(|s| s.first > 0 && s.second > 0)
        .map(|s| (s.first as f64 * s.second as f64 / (s.first + s.second) as f64, s.effect))
        .collect();
    if used.is_empty() {
        return Err(Undefined::new("no stratum has units of both arms"));
    }
    if used.iter().any(|(_, e)| !e.value.is_finite() || !e.se.is_finite() || e.se < 0.0) {
        return Err(Undefined::new("a stratum has no standard error"));
    }
    let total = used.iter().map(|u| u.0).collect::<Sum>().value();
    let value = used.iter().map(|(w, e)| w / total * e.value).collect::<Sum>().value();
    let variance = used.iter().map(|(w, e)| (w / total * e.se).powi(2)).collect::<Sum>().value();
    Ok(Effect { value, se: variance.sqrt() })
}

/// Whether pooling reverses the direction that the strata show together (Simpson's paradox).
#[must_use]
pub fn reversed(pooled: f64, stratified: f64) -> bool {
    pooled * stratified < 0.0
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};

    #[test]
    pub(in crate::stats) fn published_critical_values() {
        published::run("segments.simpson", &["gail_simon_qualitative_interaction"], |case, check| {
            for (k, want) in case.inputs["K"].as_array().unwrap().iter().zip(floats(&case.expected)) {
                let k = k.as_u64().unwrap();
                let alpha = case.inputs["alpha"].as_f64().unwrap();
                let c = crate::stats::roots::root(|c| gail_simon_tail(c, k) - alpha, 1e-9, 60.0);
                check.value("critical", c, want);
            }
        });
    }

    fn share(x: u64, n: u64) -> f64 {
        x as f64 / n as f64
    }

    #[test]
    pub(in crate::stats) fn published_reversals() {
        published::run("segments.simpson", &["sign_reversal_detector"], |case, check| {
            let sizes = |arm: &str, stratum: &str| {
                let c = case.inputs[arm][stratum].as_array().unwrap();
                (c[0].as_u64().unwrap(), c[1].as_u64().unwrap())
            };
            let names: Vec<&String> = case.inputs["A"].as_object().unwrap().keys().collect();
            let (mut strata, mut all) = (Vec::new(), [(0, 0); 2]);
            for name in &names {
                let (a, b) = (sizes("A", name), sizes("B", name));
                check.close(&format!("A_{name}"), share(a.0, a.1));
                check.close(&format!("B_{name}"), share(b.0, b.1));
                all = [(all[0].0 + a.0, all[0].1 + a.1), (all[1].0 + b.0, all[1].1 + b.1)];
                let (p, q) = (share(a.0, a.1), share(b.0, b.1));
                let se = (p * (1.0 - p) / a.1 as f64 + q * (1.0 - q) / b.1 as f64).sqrt();
                strata.push(Stratum { first: a.1, second: b.1, effect: Effect { value: p - q, se } });
            }
            let (a, b) = (share(all[0].0, all[0].1), share(all[1].0, all[1].1));
            check.close("A_all", a);
            check.close("B_all", b);
            let together = stratified(&strata).unwrap();
            check.value("reversal", f64::from(reversed(a - b, together.value)), 1.0);
            assert_eq!(case.expected["reversal"], true);
        });
    }

    #[test]
    fn equal_and_opposite_effects() {
        let e = |value| Effect { value, se: 1.0 };
        let same = cochran(&[e(1.0), e(1.0), e(1.0)]).unwrap();
        assert_eq!((same.q, same.p, same.i2), (0.0, 1.0, 0.0));
        assert_eq!(gail_simon(&[e(3.0), e(4.0)]).unwrap(), 1.0);
        assert!(gail_simon(&[e(4.0), e(-4.0)]).unwrap() < 1e-3);
        assert!(cochran(&[e(4.0), e(-4.0)]).unwrap().i2 > 0.9);
        assert!(cochran(&[e(1.0)]).is_err() && stratified(&[]).is_err());
    }
}
