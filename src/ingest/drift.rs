//! Files of one kind whose columns differ: what each lacks, adds or holds as another type.

use std::collections::BTreeMap;

use super::issue::{Example, Issue, Severity};
use super::mapping::Mapping;
use super::opened::{ColumnGuess, OpenedSource};
use super::typing::EXAMPLES;
use crate::log::SourceRole;

/// Files and columns named in the message; the examples hold more.
const NAMED: usize = 4;

/// Files are held against the others of their role and model: two models may well log different columns.
pub(super) fn drift(sources: &[OpenedSource], mapping: &Mapping) -> Option<Issue> {
    let mut groups: BTreeMap<(bool, &str), Vec<&OpenedSource>> = BTreeMap::new();
    for source in sources {
        let model = mapping.file_models.get(&source.display).map_or("", String::as_str);
        groups.entry((source.role == SourceRole::Labels, model)).or_default().push(source);
    }
    let differing: Vec<(&OpenedSource, String)> = groups.values().flat_map(|files| compare(files)).collect();
    if differing.is_empty() {
        return None;
    }
    let named: Vec<String> =
        differing.iter().take(NAMED).map(|(source, what)| format!("{} {what}", source.display)).collect();
    let more = if differing.len() > NAMED { format!("; and {} more", differing.len() - NAMED) } else { String::new() };
    let number = differing.len();
    let subject = if number == 1 { "1 file has".to_owned() } else { format!("{number} files have") };
    Some(Issue {
        code: "schema_drift".to_owned(),
        severity: Severity::Warning,
        message: format!("{subject} other columns than the rest: {}{more}.", named.join("; ")),
        consequence: "Columns are put together by name; where a file lacks one its rows hold nothing there.".to_owned(),
        mend: "Nothing, if the log was changed on purpose; else leave these files out, or name the columns alike."
            .to_owned(),
        count: number as u64,
        share: number as f64 / sources.len() as f64,
        examples: differing
            .into_iter()
            .take(EXAMPLES)
            .map(|(source, raw)| Example { source: source.display.clone(), record: 1, raw })
            .collect(),
    })
}

/// Type of a column, as far as a difference matters; `None` where it holds nothing.
fn kind(column: &ColumnGuess) -> Option<&'static str> {
    match column.kind {
        _ if column.first.is_empty() => None,
        "whole number" => Some("number"),
        kind => Some(kind),
    }
}

fn compare<'a>(files: &[&'a OpenedSource]) -> Vec<(&'a OpenedSource, String)> {
    if files.len() < 2 {
        return Vec::new();
    }
    // What most files have; of two files the first is the measure.
    let mut columns: BTreeMap<&str, (usize, BTreeMap<&str, usize>)> = BTreeMap::new();
    for file in files {
        for column in &file.columns {
            let (count, kinds) = columns.entry(&column.role.column).or_default();
            *count += 1;
            if let Some(kind) = kind(column) {
                *kinds.entry(kind).or_default() += 1;
            }
        }
    }
    let first: BTreeMap<&str, Option<&str>> =
        files[0].columns.iter().map(|column| (column.role.column.as_str(), kind(column))).collect();
    let usual =
        |name: &str, count: usize| count * 2 > files.len() || (count * 2 == files.len() && first.contains_key(name));
    let expected: BTreeMap<&str, Option<&str>> = columns
        .iter()
        .filter(|(name, (count, _))| usual(name, *count))
        .map(|(&name, (_, kinds))| {
            let most = kinds.values().max().copied().unwrap_or(0);
            let mut common = kinds.iter().filter(|(_, count)| **count == most).map(|(&kind, _)| kind);
            let of_first = first.get(name).copied().flatten();
            (name, common.clone().find(|kind| Some(*kind) == of_first).or_else(|| common.next()))
        })
        .collect();
    files.iter().filter_map(|file| difference(file, &expected).map(|what| (*file, what))).collect()
}

fn difference(file: &OpenedSource, expected: &BTreeMap<&str, Option<&str>>) -> Option<String> {
    let own: BTreeMap<&str, &ColumnGuess> =
        file.columns.iter().map(|column| (column.role.column.as_str(), column)).collect();
    let listed = |names: &[&str]| {
        let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
        format!("{}{more}", names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", "))
    };
    let missing: Vec<&str> = expected.keys().filter(|name| !own.contains_key(*name)).copied().collect();
    let extra: Vec<&str> = own.keys().filter(|name| !expected.contains_key(*name)).copied().collect();
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("lacks {}", listed(&missing)));
    }
    if !extra.is_empty() {
        parts.push(format!("adds {}", listed(&extra)));
    }
    for (name, column) in own {
        if let (Some(Some(usual)), Some(here)) = (expected.get(name), kind(column))
            && *usual != here
        {
            parts.push(format!("holds {name} as {here} instead of {usual}"));
        }
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}
