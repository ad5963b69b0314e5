//! The rows a model was trained on: read by the same tolerant readers, typed as the log's columns are.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use super::digest::sha256_files;
use super::features;
use super::formats::parquet;
use super::issue::IngestError;
use super::lines::stack;
use super::mapping::{Mapping, Role};
use super::open::{OpenOptions, look_at};
use super::opened::OpenedSource;
use super::table::Table;
use super::typing;
use crate::job::JobCx;
use crate::log::{Codes, Feature, FeatureValues, Log, NO_TIME, NOT_LOGGED, Reference, SourceRole, Task};

/// Read training reference files for `log`, which was read under `mapping`: every column that has no role there, the
/// label and the latest time. Of `options` base, buckets, partitions and whether bad records are accepted count.
///
/// # Errors
/// A file cannot be read, or has no column in common with the log.
pub fn reference(
    paths: &[PathBuf],
    log: &Log,
    mapping: &Mapping,
    options: &OpenOptions,
    cx: &JobCx,
) -> Result<Reference, IngestError> {
    cx.stage("Reading the training data", 0);
    let mut opened = look_at(paths, SourceRole::Reference, options, cx)?;
    let mut tables: Vec<Arc<Table>> = Vec::with_capacity(opened.len());
    for source in &mut opened {
        cx.check()?;
        // Columnar files were only peeked at.
        tables.push(match source.table.take() {
            Some(table) => table,
            None => Arc::new(parquet::read_all(&source.path, cx)?),
        });
    }
    let mut sources: Vec<_> = opened.iter().map(OpenedSource::recorded).collect();
    sha256_files(&mut sources, &opened.iter().map(|source| &source.path).collect::<Vec<_>>(), cx)?;
    cx.stage("Typing the training data", 0);
    let roles = || mapping.columns.iter().chain(&mapping.label_columns);
    let named = |role: Role| roles().find(|column| column.role == role).map(|column| column.column.as_str());
    let has_role = |name: &str| roles().any(|column| column.column == name && column.role != Role::Feature);
    let mut names: Vec<&str> = Vec::new();
    for column in tables.iter().flat_map(|table| &table.columns) {
        if !has_role(&column.name) && !names.contains(&column.name.as_str()) {
            names.push(&column.name);
        }
    }
    let mut features = Vec::with_capacity(names.len());
    for name in names {
        cx.check()?;
        if let Some(values) = stacked(&tables, name) {
            let known = log.features.iter().find(|feature| feature.name.eq_ignore_ascii_case(name));
            features.push(Feature { name: known.map_or(name, |known| &known.name).to_owned(), values });
        }
    }
    let label = named(Role::Label).and_then(|name| label(&tables, name, log, mapping));
    if label.is_none() && !features.iter().any(|feature| log.feature(&feature.name).is_some()) {
        let own: Vec<&str> = features.iter().take(6).map(|feature| feature.name.as_str()).collect();
        let of_log: Vec<&str> = log.features.iter().take(6).map(|feature| feature.name.as_str()).collect();
        let listed = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let first = sources.first().map_or_else(String::new, |source| source.path.clone());
        let message = format!(
            "The training data has no column in common with the log: it has {}, the log's features are {}. Name them alike, or map more columns as features with --map feature=COLUMN",
            listed(&own),
            listed(&of_log)
        );
        return Err(IngestError::Source { message, path: first });
    }
    let last_time = named(Role::Ts).and_then(|name| last_time(&tables, name, mapping));
    let units = named(Role::Unit).and_then(|name| match coded(&tables, name)? {
        FeatureValues::Coded(codes) => Some(codes),
        FeatureValues::Numeric(_) => None,
    });
    Ok(Reference { sources, rows: tables.iter().map(|table| table.records).sum(), features, label, units, last_time })
}

/// A column of all files end to end; `None` where no file holds a value.
fn stacked(tables: &[Arc<Table>], name: &str) -> Option<FeatureValues> {
    let part = |table: &Arc<Table>| {
        let values = table.column(name).map(|column| features::values(Cow::Borrowed(&column.data), false));
        (table.records, values)
    };
    features::stack(tables.iter().map(part).collect())
}

/// A column of all files end to end as words, whatever they are.
fn coded(tables: &[Arc<Table>], name: &str) -> Option<FeatureValues> {
    let part = |table: &Arc<Table>| {
        let codes = table.column(name).map(|column| FeatureValues::Coded(typing::codes(&column.data)));
        (table.records, codes)
    };
    features::stack(tables.iter().map(part).collect())
}

/// The truth in the classes of the log, or as numbers.
fn label(tables: &[Arc<Table>], name: &str, log: &Log, mapping: &Mapping) -> Option<Feature> {
    tables.iter().find_map(|table| table.column(name))?;
    let values = match log.task {
        Task::Binary => {
            let mut codes = Vec::new();
            for table in tables {
                match table.column(name) {
                    Some(column) => {
                        let classes = typing::classes(&column.data, &mapping.label_map).values;
                        codes.extend(classes.iter().map(|&class| if class <= 1 { u32::from(class) } else { u32::MAX }));
                    }
                    None => codes.resize(codes.len() + table.records, u32::MAX),
                }
            }
            let names = vec![log.classes.negative.clone(), log.classes.positive.clone()];
            FeatureValues::Coded(Codes::new(names, &codes))
        }
        Task::Regression => {
            let part = |table: &Arc<Table>| {
                (table.records, table.column(name).map(|column| typing::numbers(&column.data).values))
            };
            FeatureValues::Numeric(stack(tables.iter().map(part).collect(), NOT_LOGGED)?)
        }
        _ => coded(tables, name)?,
    };
    Some(Feature { name: name.to_owned(), values })
}

fn last_time(tables: &[Arc<Table>], name: &str, mapping: &Mapping) -> Option<i64> {
    let of = |table: &Arc<Table>| {
        let column = table.column(name)?;
        let times = typing::times(&column.data, mapping.naive_zone.as_deref(), mapping.day_first).values;
        times.into_iter().filter(|&time| time != NO_TIME).max()
    };
    tables.iter().filter_map(of).max()
}
