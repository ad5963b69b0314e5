//! A stored record computed again from the logs it names.

mod find;
mod taken;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use self::find::{Found, find_all, find_sources};
use self::taken::taken;
use super::aging;
use super::junit;
use super::pipeline::{self, LoadedRun, PipelineError, Request};
use crate::compare::{
    BUSINESS_VALUE, CustomMetric, Engine, Plan, PlanRequest, Threshold, ThresholdBasis, ThresholdRule,
};
use crate::decision::attached::{Attached, TestResults};
use crate::decision::record::DecisionRecord;
use crate::decision::verify::{Agreement, Item, ItemKind, Taken, VerifyReport, compare_records};
use crate::decision::{Policy, judge};
use crate::ingest::mapping::{ColumnRole, Mapping};
use crate::ingest::source;
use crate::ingest::{self, IngestError, Issue, OpenOptions, Opened};
use crate::job::JobCx;
use crate::log::{Reference, Source, SourceRole};

/// Missing images that are named.
const NAMED: usize = 5;

/// SHA-256 of a file, or why it cannot be read.
fn digest_of(source: &Source, path: &Path, cx: &JobCx) -> Result<Result<String, String>, IngestError> {
    let mut found = [source.clone()];
    match ingest::sha256_files(&mut found, &[path], cx) {
        Ok(()) => {
            let [found] = found;
            Ok(Ok(found.sha256))
        }
        Err(IngestError::Cancelled(cancelled)) => Err(cancelled.into()),
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// Compute the record again from its files, and compare: what the plan is asked is taken from policy, mapping and log,
/// and from the record only what those leave free, which the report names. What cannot be computed again is not checked,
/// with the reason.
///
/// # Errors
/// Cancelled.
pub fn verify(record: &DecisionRecord, sources: &[Found], cx: &JobCx) -> Result<VerifyReport, PipelineError> {
    let stored = record.to_value().map_err(|error| PipelineError::Record(error.to_string()))?;
    match compute(record, sources, cx) {
        Ok((fresh, taken)) => {
            let fresh = fresh.to_value().map_err(|error| PipelineError::Record(error.to_string()))?;
            let mut report = compare_records(&stored, &fresh);
            taken.into_iter().for_each(|taken| report.take(taken));
            Ok(report)
        }
        Err(PipelineError::Ingest(IngestError::Cancelled(cancelled))) => Err(IngestError::from(cancelled).into()),
        Err(error) => {
            let mut report = compare_records(&stored, &serde_json::json!({}));
            for item in &mut report.items {
                if let Agreement::NotChecked { reason } = &mut item.agreement {
                    *reason = error.to_string();
                }
            }
            report.items.splice(0..0, digests(record, sources, cx)?);
            Ok(report)
        }
    }
}

/// Digests of the files that are there, for records whose numbers cannot be computed again.
fn digests(record: &DecisionRecord, sources: &[Found], cx: &JobCx) -> Result<Vec<Item>, IngestError> {
    let item = |(index, (source, found)): (usize, (&Source, &Found))| {
        let agreement = match found {
            Found::Missing { .. } => Agreement::NotChecked { reason: "the file was not found".to_owned() },
            Found::File(path) | Found::Object { path, .. } => match digest_of(source, path, cx)? {
                Ok(digest) if digest == source.sha256 => Agreement::Match,
                Ok(digest) => Agreement::Differs { stored: source.sha256.clone(), recomputed: digest },
                Err(reason) => Agreement::NotChecked { reason },
            },
        };
        Ok(Item {
            path: format!("/evidence/sources/{index}/sha256"),
            name: format!("sha256 of {}", source.path),
            kind: ItemKind::Digest,
            agreement,
        })
    };
    record.evidence.sources.iter().zip(sources).enumerate().map(item).collect()
}

/// The record as it is drafted from the files: nothing that only people say is in it but facts. With it, what of it is
/// as `record` says.
fn compute(
    record: &DecisionRecord,
    sources: &[Found],
    cx: &JobCx,
) -> Result<(DecisionRecord, Vec<Taken>), PipelineError> {
    let policy = Policy::parse(&record.policy.text).map_err(|error| PipelineError::Policy(error.to_string()))?;
    let run = load(record, &policy, sources, cx)?;
    images_again(record, &run)?;
    let asked = asked(&record.comparison.plan, &policy, &run)?;
    let engine = Engine::new(run.log.clone(), None, cx)?;
    let mut comparison = engine.compare(&engine.plan(&asked)?, cx)?;
    let reference = reference_again(record, sources, &run, cx)?;
    // A window of a person's choice stands before that of the policy.
    let window = record.comparison.staleness.as_ref().and_then(|found| found.asked).or(policy.retraining.window);
    aging::age(&mut comparison, &run.log, window, reference.as_ref(), None, cx)?;
    let tests = tests_again(record, sources)?;
    let results: Vec<TestResults> = tests.iter().map(|(results, _)| results.clone()).collect();
    // Facts are what people said: there is nothing they could be computed from.
    Attached { facts: record.facts.clone(), tests: results.clone() }.attach(&mut comparison, &policy);
    let verdict = judge(&comparison, &policy);
    let mut fresh = pipeline::drafted(&run, &policy, &comparison, &verdict);
    fresh.evidence.sources.extend(tests.iter().map(|(results, bytes)| results.source(*bytes)));
    fresh.evidence.sources.extend(reference.into_iter().flat_map(|reference| reference.sources));
    fresh.tests = results;
    fresh.facts.clone_from(&record.facts);
    let of_policy = pipeline::plan_request(&Request::default(), &policy, &run.log, &run.mapping)?.slices;
    let taken = taken(record, &policy, &of_policy, &fresh.issues);
    fresh.issues = with_those_of_opening(&record.issues, fresh.issues);
    Ok((fresh, taken))
}

/// What the engine is asked by policy, mapping and log; of the stored plan only what those leave to people.
fn asked(stored: &Plan, policy: &Policy, run: &LoadedRun) -> Result<PlanRequest, PipelineError> {
    let given = |threshold: Threshold| threshold.value.filter(|_| threshold.basis == ThresholdBasis::Given);
    let request = Request {
        thresholds: stored.thresholds.map(given),
        rule: rule_of(stored),
        slices: stored.slices.clone(),
        seed: Some(stored.seed),
        costs: Some(stored.costs),
        metrics: free_metrics(stored, policy).map(|(_, metric)| metric.clone()).collect(),
        value: stored.value.clone().filter(|_| policy.value.is_none()),
        ..Request::default()
    };
    pipeline::plan_request(&request, policy, &run.log, &run.mapping)
}

/// How the thresholds of a plan were found.
fn rule_of(plan: &Plan) -> ThresholdRule {
    let has = |basis: ThresholdBasis| plan.thresholds.iter().any(|threshold| threshold.basis == basis);
    match plan.thresholds {
        _ if has(ThresholdBasis::MatchedFpr) => ThresholdRule::MatchedFpr,
        _ if has(ThresholdBasis::MatchedFlagRate) => ThresholdRule::MatchedFlagRate,
        _ if has(ThresholdBasis::LeastCost) => ThresholdRule::LeastCost,
        _ => ThresholdRule::PerArm,
    }
}

/// Metrics of a plan that neither the policy nor the worth of decisions defines, with their places.
fn free_metrics<'p>(plan: &'p Plan, policy: &Policy) -> impl Iterator<Item = (usize, &'p CustomMetric)> {
    let has_value = policy.value.is_some() || plan.value.is_some();
    plan.custom.iter().enumerate().filter(move |(_, metric)| {
        let fixed = policy.custom.iter().any(|known| known.name == metric.name);
        !(fixed || has_value && metric.name == BUSINESS_VALUE)
    })
}

/// The issues found again, and between them those of the record that depend on how the files were opened, as they
/// stand; which of them were found again is told by [`taken`].
fn with_those_of_opening(stored: &[Issue], fresh: Vec<Issue>) -> Vec<Issue> {
    let mut found = fresh.into_iter().filter(|issue| !issue.is_of_opening());
    let mut issues: Vec<Issue> = Vec::with_capacity(stored.len());
    for issue in stored {
        issues.extend(if issue.is_of_opening() { Some(issue.clone()) } else { found.next() });
    }
    issues.extend(found);
    issues
}

/// Whether all images of the record were read again.
///
/// # Errors
/// Some are not beside the logs; names them.
fn images_again(record: &DecisionRecord, run: &LoadedRun) -> Result<(), PipelineError> {
    let Some((then, now)) = record.evidence.images.as_ref().zip(pipeline::images_of(&run.log)) else { return Ok(()) };
    let names: BTreeSet<&str> = now.list.iter().map(|file| file.name.as_str()).collect();
    let gone: Vec<&str> =
        then.list.iter().map(|file| file.name.as_str()).filter(|name| !names.contains(name)).collect();
    let short = then.files.saturating_sub(now.files).max(gone.len() as u64);
    if short == 0 {
        return Ok(());
    }
    let shown = gone.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let some = if shown.is_empty() { String::new() } else { format!(": {shown}") };
    let more = if gone.len() > NAMED { ", ..." } else { "" };
    let message = format!("{short} of the {} images of the record are not beside the logs{some}{more}", then.files);
    Err(PipelineError::Record(message))
}

/// The record's training data, read again under its recorded names.
fn reference_again(
    record: &DecisionRecord,
    sources: &[Found],
    run: &LoadedRun,
    cx: &JobCx,
) -> Result<Option<Reference>, PipelineError> {
    let mut names = BTreeMap::new();
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut options = OpenOptions { accept_bad_rows: record.mapping.accept_bad_rows, ..OpenOptions::default() };
    let of_training =
        record.evidence.sources.iter().zip(sources).filter(|(source, _)| source.role == SourceRole::Reference);
    for (source, found) in of_training {
        let path = match found {
            Found::File(path) => path,
            Found::Object { path, .. } => path,
            Found::Missing { path } => return Err(PipelineError::Record(format!("not among the logs: {path}"))),
        };
        if !source.partitions.is_empty() {
            options.partitions.insert(path.clone(), source.partitions.clone());
        }
        if let Some(version) = &source.object {
            options.objects.insert(path.clone(), (source.path.clone(), version.clone()));
        }
        // An archive holds several files and is opened once.
        if !paths.contains(path) {
            paths.push(path.clone());
        }
        names.entry(path.clone()).or_insert_with(Vec::new).push(source.path.clone());
    }
    let mut read = aging::read(&paths, run, &options, cx)?;
    if let Some(reference) = &mut read {
        let mut recorded = paths.iter().flat_map(|path| names.remove(path).unwrap_or_default());
        for source in &mut reference.sources {
            if let Some(name) = recorded.next() {
                source.path = name;
            }
        }
    }
    Ok(read)
}

/// The record's test results, read again under their recorded names.
fn tests_again(record: &DecisionRecord, sources: &[Found]) -> Result<Vec<(TestResults, u64)>, PipelineError> {
    let of_tests = record.evidence.sources.iter().zip(sources).filter(|(source, _)| source.role == SourceRole::Tests);
    let read = |(source, found): (&Source, &Found)| match found {
        Found::File(path) | Found::Object { path, .. } => {
            let (results, bytes) = junit::read(path, None)?;
            Ok((TestResults { path: source.path.clone(), ..results }, bytes))
        }
        Found::Missing { path } => Err(PipelineError::Record(format!("not among the logs: {path}"))),
    };
    let read: Vec<(TestResults, u64)> = of_tests.map(read).collect::<Result<_, _>>()?;
    junit::distinct(&read)?;
    Ok(read)
}

fn load(record: &DecisionRecord, policy: &Policy, sources: &[Found], cx: &JobCx) -> Result<LoadedRun, PipelineError> {
    let mut paths = Vec::with_capacity(sources.len());
    let mut objects = BTreeMap::new();
    for (source, found) in record.evidence.sources.iter().zip(sources) {
        match found {
            Found::File(path) => {
                if let Some(version) = &source.object {
                    objects.insert(path.clone(), (address_of(source, path), version.clone()));
                }
                paths.push(path.clone());
            }
            Found::Object { path, address, version } => {
                objects.insert(path.clone(), (address.clone(), version.clone()));
                paths.push(path.clone());
            }
            Found::Missing { path } => {
                return Err(PipelineError::Record(format!("not among the logs: {path}")));
            }
        }
    }
    // A copy may lie in a folder that does not tell them. Files of an archive are told by their own names.
    let told = record.evidence.sources.iter().zip(&paths);
    let partitions = told
        .filter(|(source, _)| !source.partitions.is_empty() && !source.format.ends_with("+zip"))
        .map(|(source, path)| (path.clone(), source.partitions.clone()))
        .collect();
    let of = |role: SourceRole| -> Vec<PathBuf> {
        let files = record.evidence.sources.iter().zip(&paths);
        files.filter(|(source, _)| source.role == role).map(|(_, path)| path.clone()).collect()
    };
    let mapping = pipeline::under(policy, &record.mapping);
    let predictions = of(SourceRole::Predictions);
    let mut labels = of(SourceRole::Labels);
    // An archive may hold both; which of its files are labels is seen again as it was then.
    labels.retain(|path| !predictions.contains(path));
    let options = OpenOptions {
        labels,
        kind: Some(mapping.kind),
        // What was told then is not guessed now.
        profile: Some(mapping.clone()),
        accept_bad_rows: mapping.accept_bad_rows,
        objects,
        partitions,
        names: record
            .evidence
            .sources
            .iter()
            .zip(&paths)
            .map(|(source, path)| (path.clone(), address_of(source, path)))
            .collect(),
        ..OpenOptions::default()
    };
    let mut opened = ingest::open(&predictions, &options, cx)?;
    under_recorded_names(&mut opened, record, &paths);
    // The record's mapping is the answer to whatever the files leave open.
    opened.questions.clear();
    let mut run = pipeline::load(&opened, &mapping, cx)?;
    run.mapping = with_columns_of(&opened.guess, mapping);
    Ok(run)
}

/// The mapping with the columns that are there: what is said of others came from nowhere.
fn with_columns_of(found: &Mapping, mut mapping: Mapping) -> Mapping {
    let has = |roles: &[ColumnRole], name: &str| roles.iter().any(|role| role.column == name);
    mapping.schema.clone_from(&found.schema);
    mapping.columns.retain(|role| has(&found.columns, &role.column));
    let left_out =
        found.columns.iter().filter(|role| !has(&mapping.columns, &role.column)).cloned().collect::<Vec<_>>();
    mapping.columns.extend(left_out);
    mapping
}

/// Name of the file at `path`, or address of the object whose copy lies there: the recorded one, of a file in an archive
/// that of the archive.
fn address_of(source: &Source, path: &Path) -> String {
    let members = if source.format.ends_with("+zip") { source::members(path).unwrap_or_default() } else { Vec::new() };
    let of_archive =
        |member: source::Member| source.path.strip_suffix(&member.name)?.strip_suffix('/').map(str::to_owned);
    members.into_iter().find_map(of_archive).unwrap_or_else(|| source.path.clone())
}

/// Name and order the files as the record does: its mapping speaks of them by these names.
fn under_recorded_names(opened: &mut Opened, record: &DecisionRecord, paths: &[PathBuf]) {
    let recorded = &record.evidence.sources;
    // Files of one archive share its path and are told apart by the end of their names.
    let alike = |a: &str, b: &str| a.bytes().rev().zip(b.bytes().rev()).take_while(|(a, b)| a == b).count();
    let index = |path: &Path, display: &str| {
        let known = paths.iter().zip(recorded).enumerate().filter(|(_, (known, _))| known.as_path() == path);
        known.max_by_key(|(_, (_, source))| alike(&source.path, display)).map(|(index, _)| index)
    };
    let mut places: Vec<(usize, ingest::OpenedSource)> = std::mem::take(&mut opened.sources)
        .into_iter()
        .map(|mut source| {
            let place = index(&source.path, &source.display);
            if let Some(recorded) = place.and_then(|place| recorded.get(place)) {
                source.display.clone_from(&recorded.path);
                source.role = recorded.role;
            }
            (place.unwrap_or(usize::MAX), source)
        })
        .collect();
    places.sort_by_key(|(place, _)| *place);
    opened.sources = places.into_iter().map(|(_, source)| source).collect();
}

#[cfg(test)]
mod tests;
