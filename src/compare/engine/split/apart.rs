//! A metric of two arms that were measured alone, each by the engine of a run of one model.

use super::figure::{Basis, Method};
use crate::compare::result::{Difference, Estimate};
use crate::stats::special::norm_sf;
use crate::stats::{self, influence};

/// Difference of two arms measured alone: their intervals squared and added (Zou and Donner 2008, Stat Med 27:1693). Of
/// Wilson intervals that is Newcombe's, of DeLong's the unpaired DeLong interval. With many looks each arm's standard
/// error goes into a confidence sequence instead.
/// `range`: the least and the greatest value of the metric.
pub(super) fn apart(method: &Method, a: &Estimate, b: &Estimate, range: (f64, f64)) -> Option<Difference> {
    let ((lo_a, hi_a), (lo_b, hi_b)) = (a.lo.zip(a.hi)?, b.lo.zip(b.hi)?);
    let value = b.value - a.value;
    let (lo, hi) = stats::paired_proportion::square_and_add(value, distances(b, range)?, distances(a, range)?, 0.0);
    let widest = range.1 - range.0;
    let (lo, hi) = (lo.max(-widest), hi.min(widest));
    let n = a.n + b.n;
    let bare = |reason: String| Difference {
        value,
        lo: None,
        hi: None,
        level: method.level,
        method: format!("no interval: {reason}"),
        p: None,
        se: None,
        n,
    };
    if lo_a == hi_a || lo_b == hi_b {
        let who = if lo_a == hi_a { "champion" } else { "challenger" };
        return Some(bare(format!("the {who}'s interval has no width, so that nothing tells how sure it is")));
    }
    let name = if a.method == "Wilson" { "Newcombe".to_owned() } else { format!("{}, unpaired", a.method) };
    let se = (standard_error(a, range, method.level)?.powi(2) + standard_error(b, range, method.level)?.powi(2)).sqrt();
    let once = Difference {
        value,
        lo: Some(lo),
        hi: Some(hi),
        level: method.level,
        method: name,
        p: (se > 0.0).then(|| 2.0 * norm_sf((value / se).abs())),
        se: (se > 0.0).then_some(se),
        n,
    };
    if !method.at_any_look {
        return Some(once);
    }
    let found = influence::Estimate::new(value, se, (n as f64 - 2.0).max(1.0), n, method.level, "unpaired").ok()?;
    Some(match method.interval(&found, Basis { units: a.n.min(b.n), varied: None }) {
        Ok(interval) => Difference {
            lo: Some(interval.lo),
            hi: Some(interval.hi),
            method: "asymptotic confidence sequence, unpaired".to_owned(),
            p: method.sequence().and_then(|plan| plan.p(&found, 0.0)).ok(),
            ..once
        },
        Err(reason) => bare(reason.to_string()),
    })
}

/// Whether the interval is a standard error times a quantile of Student's t, the same to both sides.
fn by_standard_error(of: &Estimate) -> bool {
    of.method.ends_with(", t")
}

/// How far the ends of an interval lie below and above the value. One by a standard error is cut where the metric ends:
/// what was cut there is as far as the other end.
fn distances(of: &Estimate, (least, most): (f64, f64)) -> Option<(f64, f64)> {
    let (lo, hi) = of.lo.zip(of.hi)?;
    let (below, above) = ((of.value - lo).max(0.0), (hi - of.value).max(0.0));
    let cut = by_standard_error(of);
    Some(match (cut && lo <= least, cut && hi >= most) {
        (false, true) => (below, above.max(below)),
        (true, false) => (below.max(above), above),
        _ => (below, above),
    })
}

/// Standard error of an arm's metric, read off its interval at `level`.
fn standard_error(of: &Estimate, range: (f64, f64), level: f64) -> Option<f64> {
    let (below, above) = distances(of, range)?;
    let tail = 0.5 * (1.0 - level);
    let quantile = if by_standard_error(of) {
        stats::special::t_isf(tail, (of.n as f64 - 1.0).max(1.0))
    } else {
        stats::special::norm_isf(tail)
    };
    Some((below + above) / (2.0 * quantile))
}

/// An arm's metric as it stands at any look: its standard error, read off its interval, in a confidence sequence.
/// `range`: the least and the greatest value of the metric.
pub(super) fn at_any_look(method: &Method, arm: Estimate, range: (f64, f64)) -> Estimate {
    let Some(se) = standard_error(&arm, range, method.level) else {
        return arm;
    };
    let df = (arm.n as f64 - 1.0).max(1.0);
    let found = influence::Estimate::new(arm.value, se, df, arm.n, method.level, "arm");
    let basis = Basis { units: arm.n, varied: None };
    match found.and_then(|found| method.interval(&found, basis)) {
        Ok(interval) => {
            let (lo, hi) = (interval.lo.max(range.0), interval.hi.min(range.1));
            Estimate { lo: Some(lo), hi: Some(hi), method: "asymptotic confidence sequence".to_owned(), ..arm }
        }
        Err(reason) => Estimate { lo: None, hi: None, method: format!("no interval: {reason}"), ..arm },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(value: f64, (lo, hi): (f64, f64), method: &str) -> Estimate {
        Estimate { value, lo: Some(lo), hi: Some(hi), level: 0.95, method: method.to_owned(), n: 150 }
    }

    #[test]
    fn what_was_cut_at_the_end_of_a_metric_is_no_certainty() {
        let method = Method { level: 0.95, at_any_look: false, planned: 300, exact: false };
        let (value, half) = (0.99, 0.0132);
        let cut = arm(value, (value - half, 1.0), "influence, t");
        let whole = arm(0.9, (0.9 - half, 0.9 + half), "influence, t");
        let found = apart(&method, &cut, &whole, (0.0, 1.0)).unwrap();
        let reach = half * 2f64.sqrt();
        assert!((found.lo.unwrap() - (found.value - reach)).abs() < 1e-12, "{found:?}");
        assert!((found.hi.unwrap() - (found.value + reach)).abs() < 1e-12, "{found:?}");
        let se = half / stats::special::t_isf(0.025, 149.0);
        assert!((found.se.unwrap() - se * 2f64.sqrt()).abs() < 1e-12, "{found:?}");

        // Wilson's limits are not the same to both sides, and nothing of them is cut.
        let wilson = arm(1.0, (0.975, 1.0), "Wilson");
        assert_eq!(distances(&wilson, (0.0, 1.0)).map(|(below, above)| (below > 0.02, above)), Some((true, 0.0)));
        // A metric that ends nowhere.
        assert_eq!(
            distances(&arm(3.0, (1.0, 4.0), "influence, t"), (f64::NEG_INFINITY, f64::INFINITY)),
            Some((2.0, 1.0))
        );
    }
}
