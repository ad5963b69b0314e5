//! `policy check`, `policy default`, `schema`.

use super::args::{PolicyArgs, PolicyCommand, SchemaArgs, SchemaName};
use super::request::task_of;
use super::{CliError, ERROR, out};
use crate::decision::Policy;
use crate::decision::policy::{Problem, ProblemKind};
use crate::decision::record::{POLICY_JSON_SCHEMA, RECORD_JSON_SCHEMA};
use crate::log::{RunKind, Task};

/// JSON Schema of the mapping profile (of the TOML file read as JSON), as shipped.
const PROFILE_JSON_SCHEMA: &str = include_str!("../../assets/schema/assay-mapping-1.json");

pub(super) fn run(args: &PolicyArgs) -> Result<u8, CliError> {
    let path = match &args.what {
        PolicyCommand::Default { task } => {
            let task = task.map_or(Task::Binary, task_of);
            out::print_last(&Policy::default_for(task, RunKind::Shadow).text)?;
            return Ok(0);
        }
        PolicyCommand::Check { policy } => policy,
    };
    let text = std::fs::read_to_string(path).map_err(|error| CliError::io("read the policy", &error, path))?;
    let said = |problems: &[Problem]| -> String {
        problems.iter().map(|problem| format!("{}: {problem}\n", path.display())).collect()
    };
    let policy = match Policy::read(&text) {
        Ok(policy) => policy,
        Err(error) => {
            out::print_last(&said(&error.problems))?;
            return Ok(ERROR);
        }
    };
    let problems = policy.check();
    let errors = problems.iter().filter(|problem| problem.kind == ProblemKind::Error).count();
    let mut report = said(&problems);
    let gates = match policy.gates.len() {
        1 => "1 gate".to_owned(),
        number => format!("{number} gates"),
    };
    let found = match (errors, problems.len() - errors) {
        (0, 0) => "nothing is wrong".to_owned(),
        (0, 1) => "usable, with 1 warning".to_owned(),
        (0, warnings) => format!("usable, with {warnings} warnings"),
        (1, _) => "not usable: 1 error".to_owned(),
        (errors, _) => format!("not usable: {errors} errors"),
    };
    report.push_str(&format!(
        "{} {}, {gates}, {} rules, sha256 {}: {found}.\n",
        policy.id,
        policy.version,
        policy.rules.len(),
        policy.sha256
    ));
    out::print_last(&report)?;
    Ok(if errors > 0 { ERROR } else { 0 })
}

pub(super) fn schema(args: &SchemaArgs) -> Result<u8, CliError> {
    out::print_last(match args.of {
        SchemaName::Record => RECORD_JSON_SCHEMA,
        SchemaName::Policy => POLICY_JSON_SCHEMA,
        SchemaName::Profile => PROFILE_JSON_SCHEMA,
    })?;
    Ok(0)
}
