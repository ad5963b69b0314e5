//! How alike the arms are in what was known of their units.

use super::Rows;
use crate::compare::detail::Balance;
use crate::compare::result::PerArm;
use crate::log::{Codes, FeatureValues};
use crate::stats::Moments;
use crate::stats::balance::{categories, standardised_difference};

/// Values of a column of words whose balance is looked at.
const VALUES: usize = 50;

/// Balance of each column, one row per unit; largest difference first.
pub(super) fn balance(rows: &Rows<'_>) -> Vec<Balance> {
    let firsts = [0, 1].map(|arm: usize| -> Vec<u32> {
        match &rows.units[arm] {
            None => rows.rows[arm].to_vec(),
            Some(units) => {
                let mut seen = vec![false; units.count];
                let first = |(_, unit): &(&u32, &u32)| !std::mem::replace(&mut seen[**unit as usize], true);
                rows.rows[arm].iter().zip(&units.codes).filter(first).map(|(row, _)| *row).collect()
            }
        }
    });
    let stage = rows.split.stages.as_ref().map(|(name, _)| name.as_str());
    // What the rollout itself sets is not balanced by chance.
    let set = |name: &str| stage.is_some_and(|stage| name == stage || name.to_lowercase().contains("traffic"));
    let features = rows.log.features.iter().filter(|feature| !set(&feature.name));
    let of_features = features.filter_map(|feature| match &feature.values {
        FeatureValues::Numeric(values) => numbers(&feature.name, values, &firsts),
        FeatureValues::Coded(codes) => words(&feature.name, codes, &firsts),
    });
    let covariates = rows.split.covariates.iter();
    let of_covariates = covariates.filter_map(|one| numbers(&one.name, &one.values, &firsts));
    let mut found: Vec<Balance> = of_features.chain(of_covariates).collect();
    found.sort_by(|a, b| b.difference.total_cmp(&a.difference));
    found
}

fn numbers(name: &str, values: &[f64], firsts: &[Vec<u32>; 2]) -> Option<Balance> {
    let [a, b] = firsts.each_ref().map(|rows| -> Moments {
        rows.iter().map(|&row| values[row as usize]).filter(|value| value.is_finite()).collect()
    });
    let difference = standardised_difference(&b, &a).ok()?.abs();
    let means = PerArm { champion: Some(a.mean), challenger: Some(b.mean) };
    Some(Balance { column: name.to_owned(), difference, means, ..Balance::default() })
}

fn words(name: &str, codes: &Codes, firsts: &[Vec<u32>; 2]) -> Option<Balance> {
    if codes.names.len() > VALUES {
        return None;
    }
    let counts = firsts.each_ref().map(|rows| {
        let mut counts = vec![0u64; codes.names.len()];
        rows.iter().filter_map(|&row| codes.code(row as usize)).for_each(|code| counts[code as usize] += 1);
        counts
    });
    let difference = categories(&counts[0], &counts[1]).ok()?.difference;
    let share = |arm: usize, code: usize| counts[arm][code] as f64 / counts[arm].iter().sum::<u64>() as f64;
    let apart = |code: usize| (share(1, code) - share(0, code)).abs();
    let worst = (0..codes.names.len()).max_by(|a, b| apart(*a).total_cmp(&apart(*b)))?;
    Some(Balance {
        column: name.to_owned(),
        difference,
        value: Some(codes.names[worst].clone()),
        shares: PerArm { champion: Some(share(0, worst)), challenger: Some(share(1, worst)) },
        ..Balance::default()
    })
}
