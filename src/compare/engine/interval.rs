//! From values and moments to the estimates and differences of a result.

use super::families::Draws;
use super::sample::{Sample, Spread};
use super::shares;
use crate::compare::result::{Difference, Estimate};
use crate::metrics::measured::Outcome;
use crate::stats::bootstrap;
use crate::stats::{self, Interval, Moments, influence};

/// What is reported of one metric, before it has a name: each arm of the log, and the difference of two.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub arms: [Option<Result<Estimate, String>>; 2],
    pub difference: Option<Result<Difference, String>>,
}

impl Figures {
    /// The same reason for every arm of a log of `arms` models.
    pub fn none(reason: &str, arms: usize) -> Self {
        let arm = |index: usize| (index < arms).then(|| Err(reason.to_owned()));
        Self { arms: [arm(0), arm(1)], difference: None }
    }

    /// The same with intervals cut to the range of the metric.
    pub fn within(mut self, (least, greatest): (f64, f64)) -> Self {
        let cut = |end: &mut Option<f64>, least: f64, greatest: f64| *end = end.map(|end| end.clamp(least, greatest));
        for arm in self.arms.iter_mut().flatten().flatten() {
            cut(&mut arm.lo, least, greatest);
            cut(&mut arm.hi, least, greatest);
        }
        if let Some(Ok(difference)) = &mut self.difference {
            let widest = greatest - least;
            cut(&mut difference.lo, -widest, widest);
            cut(&mut difference.hi, -widest, widest);
        }
        self
    }

    /// Why arms or difference are missing, where they are.
    pub fn undefined(&self) -> Option<String> {
        let reason = |arm: usize| self.arms[arm].as_ref().and_then(|arm| arm.as_ref().err());
        match (reason(0), reason(1)) {
            (Some(a), Some(b)) if a == b => Some(a.clone()),
            (Some(a), Some(b)) => Some(format!("champion: {a}; challenger: {b}")),
            (Some(a), None) if self.arms[1].is_some() => Some(format!("champion: {a}")),
            (Some(a), None) => Some(a.clone()),
            (None, Some(b)) => Some(format!("challenger: {b}")),
            (None, None) => self.difference.as_ref().and_then(|found| found.as_ref().err()).cloned(),
        }
    }
}

/// Method names as shown.
pub(super) fn method(id: &str) -> &str {
    match id {
        "wilson" => "Wilson",
        "tango_score" => "Tango, McNemar mid-p",
        "delong" => "DeLong",
        "delong_paired" => "DeLong, paired",
        "delong_identical" => "DeLong, identical ranking",
        "auc_wilson_bound" => "Wilson on the largest variance of an AUC",
        "auc_difference_bound" => "square and add of the largest variances",
        "influence_t" => "influence, t",
        "influence_cr1" => "influence, cluster-robust (CR1), t",
        "paired_t" => "paired t",
        "bootstrap_se" => "bootstrap over units, t",
        "quantile_difference_paired" => "order statistics, paired",
        other => other,
    }
}

/// An estimate of one arm.
pub(super) fn estimate(value: f64, interval: &Interval, n: u64) -> Estimate {
    Estimate {
        value,
        lo: Some(interval.lo),
        hi: Some(interval.hi),
        level: interval.level,
        method: method(interval.method).to_owned(),
        n,
    }
}

/// A value without an interval, `why` in place of the method.
pub(super) fn bare(value: f64, level: f64, why: &str, n: u64) -> Estimate {
    Estimate { value, lo: None, hi: None, level, method: why.to_owned(), n }
}

/// A difference without an interval.
pub(super) fn bare_difference(value: f64, level: f64, why: &str, n: u64) -> Difference {
    Difference { value, lo: None, hi: None, level, method: why.to_owned(), p: None, se: None, n }
}

/// Estimate from an influence vector's moments: `clusters` gives the rows behind the units that were summed.
pub(super) fn from_moments(
    value: f64,
    moments: &Moments,
    clusters: Option<u64>,
    level: f64,
) -> Result<stats::Estimate, stats::Undefined> {
    match clusters {
        None => influence::from_influence(value, moments, level),
        Some(rows) => influence::clustered(value, moments, rows, level),
    }
}

/// Whether the units differ by more than the rounding of sums.
fn varies(found: &stats::Estimate) -> bool {
    found.se * (found.units as f64).sqrt() > 1e-13 * (1.0 + found.value.abs())
}

/// Interval of one arm; without variance there is a value and the reason.
pub(super) fn arm(value: f64, moments: &Moments, clusters: Option<u64>, level: f64, name: &str) -> Estimate {
    match from_moments(value, moments, clusters, level) {
        Ok(found) if varies(&found) => {
            Estimate { method: named(name, &found), ..estimate(value, &found.interval, found.units) }
        }
        Ok(found) => bare(value, level, NO_VARIANCE, found.units),
        Err(reason) => bare(value, level, &format!("no interval: {reason}"), moments.n),
    }
}

const NO_VARIANCE: &str = "no interval: no variance among the rows";

/// That the arms agree on every row is no certainty that they will on the next.
const NO_ROW_APART: &str =
    "no interval: the arms are alike on every row, which does not tell how far apart they are on others";

/// Interval of challenger minus champion. Without variance among the rows there is none; `alike` says that it is for
/// the arms doing the same on every row, and not for both having precision 0 or both being perfect.
pub(super) fn difference(
    value: f64,
    moments: &Moments,
    clusters: Option<u64>,
    level: f64,
    name: &str,
    alike: bool,
) -> Difference {
    match from_moments(value, moments, clusters, level) {
        Ok(found) if varies(&found) => Difference {
            value,
            lo: Some(found.interval.lo),
            hi: Some(found.interval.hi),
            level,
            method: named(name, &found),
            p: found.p,
            se: Some(found.se),
            n: found.units,
        },
        Ok(found) if alike && value == 0.0 => bare_difference(value, level, NO_ROW_APART, found.units),
        Ok(found) => bare_difference(value, level, NO_VARIANCE, found.units),
        Err(reason) => bare_difference(value, level, &format!("no interval: {reason}"), moments.n),
    }
}

fn named(name: &str, found: &stats::Estimate) -> String {
    match found.interval.method {
        "influence_cr1" => format!("{name}, cluster-robust (CR1), t"),
        _ => format!("{name}, t"),
    }
}

/// Figures of a metric with influence moments.
pub(super) fn figures(spread: &Spread, sample: &Sample<'_>, level: f64, name: &str) -> Figures {
    let clusters = sample.units.map(|_| sample.rows());
    let missing = || match &spread.missing {
        Some(reason) => format!("no interval: {reason}"),
        None => "no interval".to_owned(),
    };
    let arms = [0, 1].map(|index| {
        let value = spread.values[index].as_ref()?;
        Some(value.clone().map(|value| match &spread.moments[index] {
            Some(moments) => arm(value, moments, clusters, level, name),
            None => bare(value, level, &missing(), sample.unit_count()),
        }))
    });
    let difference = match &arms {
        [Some(Ok(champion)), Some(Ok(challenger))] => {
            let value = challenger.value - champion.value;
            // Equal influence that varies: the same on every row.
            let alike = champion.lo.is_some() && challenger.lo.is_some();
            Some(Ok(match &spread.difference {
                Some(moments) => {
                    let found = difference(value, moments, clusters, level, name, alike);
                    match spread.most.filter(|_| value == 0.0 && found.lo.is_none()) {
                        Some(most) => shares::none_apart(most, moments.n, clusters.is_some(), level).unwrap_or(found),
                        None => found,
                    }
                }
                None => bare_difference(value, level, &missing(), sample.unit_count()),
            }))
        }
        _ => None,
    };
    Figures { arms, difference }
}

/// Figures of a metric from the draws of a bootstrap over units, the same units for both arms in each.
pub(super) fn resampled(outcomes: [Option<Outcome>; 2], draws: &Draws, sample: &Sample<'_>, level: f64) -> Figures {
    let units = sample.unit_count();
    let why = |reason: stats::Undefined| format!("no interval: {reason}");
    let mut values = outcomes.into_iter();
    let arms = [0, 1].map(|arm| {
        let value = values.next().flatten()?;
        Some(value.map(|found| match bootstrap::around(&draws[arm], found.value, units, level) {
            Ok(ends) => estimate(found.value, &ends.interval, units),
            Err(reason) => bare(found.value, level, &why(reason), units),
        }))
    });
    let difference = match &arms {
        [Some(Ok(a)), Some(Ok(b))] => {
            let value = b.value - a.value;
            let gains: Vec<Option<f64>> = draws[0].iter().zip(&draws[1]).map(|(a, b)| Some((*b)? - (*a)?)).collect();
            let same = value == 0.0 && gains.iter().flatten().all(|gain| *gain == 0.0);
            Some(Ok(match bootstrap::around(&gains, value, units, level) {
                Ok(found) => Difference {
                    value,
                    lo: Some(found.interval.lo),
                    hi: Some(found.interval.hi),
                    level,
                    method: method(found.interval.method).to_owned(),
                    p: found.p,
                    se: Some(found.se),
                    n: units,
                },
                Err(_) if same && a.lo.is_some() && b.lo.is_some() => {
                    bare_difference(value, level, NO_ROW_APART, units)
                }
                Err(reason) => bare_difference(value, level, &why(reason), units),
            }))
        }
        [Some(_), Some(_)] => Some(Err("an arm has no value".to_owned())),
        _ => None,
    };
    Figures { arms, difference }
}
