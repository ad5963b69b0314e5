//! Who saw which variant, as experiment platforms log it: GrowthBook, Eppo, Statsig, LaunchDarkly, OpenFeature.
//! The columns keep their names; the dialect says which are unit, variant, experiment and time.

use super::{Records, has};
use crate::ingest::guess::names::{affixed, role_of, without_side};
use crate::ingest::mapping::Role;
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

/// Platform and the columns it is known by: all of these.
const PLATFORMS: [(&str, &[&str]); 7] = [
    ("launchdarkly", &["flag_key", "context_key", "variation_id"]),
    ("openfeature", &["feature_flag.key", "feature_flag.context.id"]),
    ("openfeature", &["attributes.feature_flag.key", "attributes.feature_flag.context.id"]),
    ("statsig", &["unit_id", "experiment_group", "first_exposure_utc"]),
    ("statsig", &["experiment_name", "group_name", "timestamp"]),
    ("eppo", &["experiment", "subject", "variation", "timestamp"]),
    ("growthbook", &["timestamp", "experiment_id", "variation_id"]),
];

fn platform(table: &Table) -> Option<&'static str> {
    PLATFORMS.iter().find(|(_, columns)| has(table, columns)).map(|(name, _)| *name)
}

pub(super) fn is(table: &Table) -> bool {
    // A log that also holds what a model said, or what came of it, is read as any other.
    let says_more = |name: &str| {
        let role = role_of(&without_side(name).0).map(|(role, _)| role).or_else(|| affixed(name).map(|(role, _)| role));
        matches!(role, Some(Role::Score | Role::Prediction | Role::Label))
    };
    platform(table).is_some() && !table.columns.iter().any(|column| says_more(&column.name))
}

#[expect(clippy::unnecessary_wraps, reason = "one signature for all dialects")]
pub(super) fn read(mut records: Records, _: &JobCx) -> Result<Records, Cancelled> {
    if let Some(name) = platform(&records.table) {
        records.dialect = format!("{name}-exposures+{}", records.dialect);
    }
    records.only_table = Some("exposures of an experiment, without what came of them");
    Ok(records)
}
