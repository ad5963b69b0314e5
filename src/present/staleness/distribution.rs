//! The distributions behind a cell of the heat table.

use super::{HeatModel, reading};
use crate::compare::staleness::{Distance, Staleness};

/// Two distributions of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct DistributionModel {
    pub title: String,
    pub bins: Vec<String>,
    /// What it is of and per cent by bin: the first windows or training, then the chosen window or serving.
    pub sides: [(String, Vec<f64>); 2],
    pub top: f64,
    /// Distance with its interval, and what else is told of the column.
    pub reading: String,
}

/// Distributions behind a cell of the heat table; `None` where nothing is counted.
pub fn distribution(found: &Staleness, model: &HeatModel, row: usize, column: usize) -> Option<DistributionModel> {
    let name = model.rows.get(row)?;
    let shares = |counts: &[u64]| -> Vec<f64> {
        let all = counts.iter().sum::<u64>().max(1) as f64;
        counts.iter().map(|&count| count as f64 / all * 100.0).collect()
    };
    let made = |bins: &[String], sides: [(String, &[u64]); 2], distance: Option<&Distance>, title: String| {
        let sides = sides.map(|(what, counts)| (what, shares(counts)));
        DistributionModel {
            title,
            bins: bins.to_vec(),
            top: sides.iter().flat_map(|(_, shares)| shares).copied().fold(0.0, f64::max),
            sides,
            reading: distance.map_or_else(|| "no distance".to_owned(), reading),
        }
    };
    if model.training && column == found.windows.len() {
        let skew = found.skew.as_ref()?.columns.iter().find(|one| one.name == *name)?;
        let sides = [("training".to_owned(), &skew.training[..]), ("serving".to_owned(), &skew.serving[..])];
        return (!skew.bins.is_empty())
            .then(|| made(&skew.bins, sides, skew.distance.as_ref(), format!("{name}, training and serving")));
    }
    let drift = found.columns.iter().find(|one| one.name == *name)?;
    let window = drift.windows.get(column)?;
    let when = model.columns.get(column)?;
    let sides = [("first".to_owned(), &drift.baseline[..]), (when.clone(), &window.counts[..])];
    (!drift.bins.is_empty() && !window.counts.is_empty())
        .then(|| made(&drift.bins, sides, window.distance.as_ref(), format!("{name}, first window and {when}")))
}
