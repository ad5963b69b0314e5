//! How alike the arms are in what was known of their units.

use super::Rows;
use crate::compare::detail::Balance;
use crate::compare::result::PerArm;
use crate::log::{Codes, FeatureValues};
use crate::stats::Moments;
use crate::stats::balance::{categories, standardised_difference};
use crate::stats::mean_difference::welch;

/// Values of a column of words whose balance is looked at.
const VALUES: usize = 50;

/// Words in the name of a column that may well name the arm itself.
const OF_THE_ARM: [&str; 14] = [
    "arm",
    "build",
    "bucket",
    "deployment",
    "endpoint",
    "experiment",
    "group",
    "image",
    "model",
    "release",
    "revision",
    "treatment",
    "variant",
    "version",
];

/// What was found of the columns.
pub(super) struct Found {
    /// One per column, arms without a common value first, then by difference.
    pub balance: Vec<Balance>,
    /// Columns of too many values.
    pub left_out: Vec<String>,
}

/// A unit by its first row, and how much it counts: where the share of traffic changes, as much as its stratum.
struct Counted {
    row: u32,
    weight: f64,
}

/// Balance of each column, one row per unit, within the strata that differences are taken in.
pub(super) fn balance(rows: &Rows<'_>) -> Found {
    let firsts = rows.firsts();
    let strata = rows.by.as_ref().map_or(1, super::strata::By::count);
    let counts = firsts.each_ref().map(|firsts| {
        let mut counts = vec![0.0; strata];
        firsts.iter().for_each(|row| counts[rows.stratum(*row)] += 1.0);
        counts
    });
    let shared = |at: usize| match counts[0][at] + counts[1][at] {
        0.0 => 0.0,
        all => counts[0][at] * counts[1][at] / all,
    };
    let all: f64 = (0..strata).map(shared).sum();
    let units = [0, 1].map(|arm: usize| -> Vec<Counted> {
        let seen = firsts[arm].len() as f64;
        let weight = |row: u32| {
            let at = rows.stratum(row);
            if all > 0.0 { shared(at) / all * seen / counts[arm][at] } else { 1.0 }
        };
        firsts[arm].iter().map(|&row| Counted { row, weight: weight(row) }).collect()
    });
    let stage = rows.split.stages.as_ref().map(|(name, _)| name.as_str());
    // What the rollout itself sets is not balanced by chance.
    let set = |name: &str| stage.is_some_and(|stage| name == stage || name.to_lowercase().contains("traffic"));
    let mut left_out = Vec::new();
    let mut balance = Vec::new();
    for feature in rows.log.features.iter().filter(|feature| !set(&feature.name)) {
        match &feature.values {
            FeatureValues::Numeric(values) => balance.extend(numbers(&feature.name, values, &units)),
            FeatureValues::Coded(codes) if codes.names.len() > VALUES => left_out.push(feature.name.clone()),
            FeatureValues::Coded(codes) => balance.extend(words(&feature.name, codes, &units)),
        }
    }
    let covariates = rows.split.covariates.iter();
    balance.extend(covariates.filter_map(|one| numbers(&one.name, &one.values, &units)));
    let largest = |one: &Balance| one.difference.unwrap_or(f64::INFINITY);
    balance.sort_by(|a, b| largest(b).total_cmp(&largest(a)));
    Found { balance, left_out }
}

/// `found`, or that the arms have nothing in common; nothing of a column that only says which arm it is.
fn told(name: &str, found: Option<(f64, f64)>, rest: Balance) -> Option<Balance> {
    let mut parts = name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
    if found.is_none() && parts.any(|part| OF_THE_ARM.contains(&part.as_str())) {
        return None;
    }
    let (difference, p) = found.unzip();
    Some(Balance { column: name.to_owned(), difference, p, ..rest })
}

fn numbers(name: &str, values: &[f64], units: &[Vec<Counted>; 2]) -> Option<Balance> {
    let [a, b] = units.each_ref().map(|units| {
        let known =
            || units.iter().map(|unit| (values[unit.row as usize], unit.weight)).filter(|(value, _)| value.is_finite());
        let n = known().count() as u64;
        let all: f64 = known().map(|(_, weight)| weight).sum();
        let mean = known().map(|(value, weight)| weight * value).sum::<f64>() / all;
        let m2 = known().map(|(value, weight)| weight * (value - mean) * (value - mean)).sum::<f64>() * n as f64 / all;
        Moments { n, mean, m2 }
    });
    if a.n.min(b.n) < 2 {
        return None;
    }
    let means = PerArm { champion: Some(a.mean), challenger: Some(b.mean) };
    let found = standardised_difference(&b, &a).ok().map(|difference| {
        let p = welch(&b, &a, 0.95).ok().and_then(|found| found.p);
        (difference.abs(), p.unwrap_or(1.0))
    });
    told(name, found, Balance { means, ..Balance::default() })
}

fn words(name: &str, codes: &Codes, units: &[Vec<Counted>; 2]) -> Option<Balance> {
    let sums = units.each_ref().map(|units| {
        let mut sums = vec![0.0; codes.names.len()];
        let known = units.iter().filter_map(|unit| Some((codes.code(unit.row as usize)?, unit.weight)));
        known.for_each(|(code, weight)| sums[code as usize] += weight);
        sums
    });
    let seen = sums.each_ref().map(|sums| sums.iter().sum::<f64>());
    let values = (0..codes.names.len()).filter(|&code| sums[0][code] + sums[1][code] > 0.0).count();
    if values < 2 || seen[0] == 0.0 || seen[1] == 0.0 {
        return None;
    }
    let counts = sums.each_ref().map(|sums| sums.iter().map(|sum| sum.round() as u64).collect::<Vec<_>>());
    let found = categories(&counts[0], &counts[1]).ok().map(|found| (found.difference, found.p));
    let share = |arm: usize, code: usize| sums[arm][code] / seen[arm];
    let apart = |code: usize| (share(1, code) - share(0, code)).abs();
    let worst = (0..codes.names.len()).max_by(|a, b| apart(*a).total_cmp(&apart(*b)))?;
    let shares = PerArm { champion: Some(share(0, worst)), challenger: Some(share(1, worst)) };
    told(name, found, Balance { value: Some(codes.names[worst].clone()), shares, ..Balance::default() })
}
