//! All attributes of the units in one test.

use super::Rows;
use crate::compare::detail::BalanceTest;
use crate::compare::engine::words::count;
use crate::log::{Codes, FeatureValues};
use crate::stats::Moments;
use crate::stats::balance::{Unit, omnibus_within};

/// Attributes of the test at most: beyond them no column is taken in.
const ATTRIBUTES: usize = 200;
/// Units that a value of words needs for an attribute of its own, and units per attribute that the chi-square
/// distribution of the statistic needs.
const UNITS: usize = 10;

/// Where a column stands.
enum Source<'a> {
    Feature(&'a FeatureValues),
    Before(&'a Vec<f64>),
}

/// A column as attributes of units.
enum Column<'a> {
    /// Around its mean, in standard deviations; 0 where missing, which is an attribute of its own.
    Numbers { values: &'a [f64], moments: Moments, at: usize, missing: Option<usize> },
    /// The place of each value that has one, that of rows without a value last.
    Words { codes: &'a Codes, at: Vec<Option<usize>> },
}

impl<'a> Column<'a> {
    /// `next`: the place of its first attribute. `None` where it does not vary.
    fn numbers(values: &'a [f64], firsts: &[u32], next: usize) -> Option<(Self, usize)> {
        let known = || firsts.iter().map(|&row| values[row as usize]).filter(|value| value.is_finite());
        let moments: Moments = known().collect();
        let lacking = firsts.len() - known().count();
        let varies = moments.sd().is_some_and(|sd| sd > 0.0);
        let missing = (lacking >= UNITS && firsts.len() - lacking >= UNITS).then_some(next + 1);
        let taken = 1 + usize::from(missing.is_some());
        varies.then_some((Self::Numbers { values, moments, at: next, missing }, taken))
    }

    fn words(codes: &'a Codes, firsts: &[u32], next: usize) -> Option<(Self, usize)> {
        let mut units = vec![0; codes.names.len() + 1];
        firsts.iter().for_each(|&row| units[place(codes, row)] += 1);
        let usual = (0..units.len()).max_by_key(|&code| units[code])?;
        let mut taken = 0;
        // The usual value is told by the others; rare ones are told from it by nothing.
        let own = |(code, units): (usize, &usize)| {
            (code != usual && *units >= UNITS).then(|| {
                taken += 1;
                next + taken - 1
            })
        };
        let at = units.iter().enumerate().map(own).collect();
        (taken > 0).then_some((Self::Words { codes, at }, taken))
    }

    fn fill(&self, row: u32, cells: &mut Vec<(usize, f64)>) {
        match self {
            Self::Numbers { values, moments, at, missing } => match (values[row as usize], missing) {
                (value, _) if value.is_finite() => {
                    cells.push((*at, (value - moments.mean) / moments.sd().unwrap_or(1.0)));
                }
                (_, Some(missing)) => cells.push((*missing, 1.0)),
                _ => {}
            },
            Self::Words { codes, at } => cells.extend(at[place(codes, row)].map(|at| (at, 1.0))),
        }
    }
}

fn place(codes: &Codes, row: u32) -> usize {
    codes.code(row as usize).map_or(codes.names.len(), |code| code as usize)
}

/// The columns `named`, one row per unit, within the strata that differences are taken in; `None` where there is none.
pub(super) fn omnibus(rows: &Rows<'_>, named: &[&str]) -> Option<BalanceTest> {
    let firsts = rows.firsts();
    let split = firsts[0].len();
    let all = firsts.concat();
    let (mut columns, mut next) = (Vec::new(), 0);
    let features = rows.log.features.iter().map(|feature| (feature.name.as_str(), Source::Feature(&feature.values)));
    let before = rows.split.covariates.iter().map(|one| (one.name.as_str(), Source::Before(&one.values)));
    for (_, source) in features.chain(before).filter(|(name, _)| named.contains(name)) {
        let found = match source {
            Source::Feature(FeatureValues::Coded(codes)) => Column::words(codes, &all, next),
            Source::Feature(FeatureValues::Numeric(values)) | Source::Before(values) => {
                Column::numbers(values, &all, next)
            }
        };
        if let Some((column, taken)) = found.filter(|(_, taken)| next + taken <= ATTRIBUTES) {
            columns.push(column);
            next += taken;
        }
    }
    if columns.is_empty() {
        return None;
    }
    let found = BalanceTest { columns: columns.len() as u64, units: all.len() as u64, ..BalanceTest::default() };
    if all.len() < UNITS * next {
        let reason = format!(
            "{} units are too few for {next} attributes at once, {} are needed",
            count(all.len() as u64),
            count((UNITS * next) as u64)
        );
        return Some(BalanceTest { undefined: Some(reason), ..found });
    }
    let strata = rows.by.as_ref().map_or(1, super::strata::By::count);
    let tested = omnibus_within(all.len(), next, strata, |unit, cells| {
        columns.iter().for_each(|column| column.fill(all[unit], cells));
        Some(Unit { first: unit < split, stratum: rows.stratum(all[unit]) })
    });
    Some(match tested {
        Ok(tested) => BalanceTest { statistic: Some(tested.d2), df: Some(tested.df), p: Some(tested.p), ..found },
        Err(reason) => BalanceTest { undefined: Some(reason.to_string()), ..found },
    })
}
