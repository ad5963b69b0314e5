//! What a model was trained on, as far as the log is held against it.

use super::{Codes, Feature, Source};

/// Columns of a training reference file.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    /// Files, with digests.
    pub sources: Vec<Source>,
    pub rows: usize,
    /// Columns that are no role of the log; under the names of the log's features where only case differs.
    pub features: Vec<Feature>,
    /// The column that holds the truth in the log too.
    pub label: Option<Feature>,
    /// The log's unit of each row, where the file has that column.
    pub units: Option<Codes>,
    /// Latest time, microseconds UTC, where the file has the log's column of times.
    pub last_time: Option<i64>,
}
