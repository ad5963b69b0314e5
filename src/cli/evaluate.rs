//! `evaluate`, and what the window's program does where there is no window.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::args::EvaluateArgs;
use super::progress::ProgressLine;
use super::{CliError, json, out, several, text, warnings};
use crate::ingest::mapping::Mapping;
use crate::ingest::profile::MATCHED;
use crate::ingest::{Issue, Severity};
use crate::job::JobCx;
use crate::present::format::rfc3339;
use crate::session::draft::Draft;
use crate::session::export::{REPORT, check_free, write_folder};
use crate::session::pipeline::{self, Evaluation, Request};

pub(super) fn run(args: &EvaluateArgs) -> Result<u8, CliError> {
    let mut request = args.request()?;
    if let Some(folder) = &args.out {
        check_free(folder)?;
    }
    if !request.rivals.is_empty() {
        return several::run(args, &request);
    }
    let evaluation = evaluate(&mut request, |request, mapping| args.set_thresholds(request, mapping))?;
    let written = match &args.out {
        Some(folder) => write(&evaluation, &request, folder)?,
        None => Vec::new(),
    };
    let result = if args.json {
        json::pretty(&json::evaluation(&evaluation, &request, &written)?)?
    } else {
        text::scorecard(&evaluation, &request, &written, out::is_terminal())
    };
    out::print_last(&result)?;
    Ok(evaluation.verdict.recommendation.exit_code())
}

pub(super) fn headless(paths: &[PathBuf]) -> Result<u8, CliError> {
    let mut request = pipeline::request(paths)?;
    let rivals = std::mem::take(&mut request.rivals);
    if !rivals.is_empty() {
        out::warn(&format!(
            "The workspace has several challengers; this page is of {} alone. assay-cli evaluate judges {} too.",
            request.challenger.as_deref().unwrap_or("the first"),
            rivals.join(" and ")
        ));
        request.rivals = rivals;
    }
    let evaluation = evaluate(&mut request, |_, _| Ok(()))?;
    let here = Path::new("assay-report");
    let written = write(&evaluation, &request, here).or_else(|error| {
        out::warn(&error.to_string());
        write(&evaluation, &request, &std::env::temp_dir().join("assay-report"))
    })?;
    out::print_last(&text::scorecard(&evaluation, &request, &written, out::is_terminal()))?;
    if let Some(report) = written.iter().find(|path| path.ends_with(REPORT)) {
        out::error(&format!("assay: the report is {}", report.display()));
    }
    Ok(evaluation.verdict.recommendation.exit_code())
}

pub(super) fn evaluate(
    request: &mut Request,
    finish: impl FnOnce(&mut Request, &Mapping) -> Result<(), CliError>,
) -> Result<Evaluation, CliError> {
    // Before the logs are read: a policy that cannot be used is told at once.
    let policy = pipeline::policy(request)?;
    let cx = JobCx::new();
    let line = ProgressLine::of(&cx);
    let opened = pipeline::open(request, &cx)?;
    finish(request, &opened.guess)?;
    let run = pipeline::load(&opened, &pipeline::under(&policy, &opened.guess), &cx)?;
    drop(opened);
    let evaluation = pipeline::evaluate(run, request, policy, &cx)?;
    request.draft.facts().1.iter().for_each(|problem| out::warn(&format!("A fact is left out: {problem}.")));
    drop(line);
    warn_of(&evaluation.run.report.issues);
    warnings::of(&evaluation, request).iter().for_each(|warning| out::warn(warning));
    Ok(evaluation)
}

/// Issues that leave rows out or rest on an assumption.
pub(super) fn warn_of(issues: &[Issue]) {
    for issue in issues.iter().filter(|issue| issue.severity > Severity::Note || issue.code == MATCHED) {
        out::warn(&format!("{} {}", issue.message, issue.consequence));
    }
}

pub(super) fn write(evaluation: &Evaluation, request: &Request, folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let now = rfc3339(Timestamp::now().as_microsecond());
    // What people wrote is for them to seal; facts are read by gates, so the record needs them.
    let draft = Draft { facts: request.draft.facts.clone(), ..Draft::default() };
    let record = pipeline::record(evaluation, request, &draft, &now);
    Ok(write_folder(&record, folder)?)
}
