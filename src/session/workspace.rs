//! The workspace file `*.assay`: TOML, paths relative to itself, no data.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::pipeline::Request;
use crate::compare::staleness::Window;
use crate::compare::{CustomMetric, SliceSpec, ThresholdRule, ValueModel};
use crate::ingest::mapping::{Duplicates, Mapping, Pairing};
use crate::ingest::profile;
use crate::ingest::source::{S3Options, is_uri};
use crate::log::{RunKind, Task};

/// Schema of the workspace files this version reads.
pub const SCHEMA: &str = "assay-workspace/1";

/// Why a workspace file cannot be used. Names the key and the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}: {path}")]
pub struct WorkspaceError {
    pub message: String,
    pub path: String,
}

/// The file as it is written. Scalars stand before tables, as TOML wants it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<RunKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<Task>,
    files: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    /// Files of test results (JUnit XML).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tests: Vec<String>,
    /// Files of training data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reference: Vec<String>,
    /// Windows of time that drift is told by.
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    champion: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenger: Option<String>,
    /// Other challengers of the run, any of which may be promoted instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rivals: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    positive: Option<String>,
    /// Classes from the least to the greatest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    class_order: Vec<String>,
    /// Rows per season of a time series.
    #[serde(skip_serializing_if = "Option::is_none")]
    season: Option<NonZeroU32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold_rule: Option<RuleName>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    slices: Vec<String>,
    /// Path of a mapping profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    naive_zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day_first: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairing: Option<Pairing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicates: Option<Duplicates>,
    #[serde(default, skip_serializing_if = "is_false")]
    accept_bad_rows: bool,
    #[serde(default, skip_serializing_if = "Thresholds::is_empty")]
    thresholds: Thresholds,
    #[serde(skip_serializing_if = "Option::is_none")]
    costs: Option<Costs>,
    /// What decisions are worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<ValueModel>,
    /// Metrics of one's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metric: Vec<CustomMetric>,
    #[serde(default, skip_serializing_if = "S3Part::is_empty")]
    s3: S3Part,
    #[serde(default, skip_serializing_if = "MappingPart::is_empty")]
    mapping: MappingPart,
    /// What people have said for the record.
    #[serde(default, skip_serializing_if = "Draft::is_empty")]
    draft: Draft,
}

fn is_false(value: &bool) -> bool {
    !*value
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RuleName {
    PerArm,
    MatchedFpr,
    MatchedFlagRate,
    LeastCost,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Thresholds {
    #[serde(skip_serializing_if = "Option::is_none")]
    champion: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenger: Option<f64>,
}

impl Thresholds {
    fn is_empty(&self) -> bool {
        self.champion.is_none() && self.challenger.is_none()
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Costs {
    false_positive: f64,
    false_negative: f64,
}

/// How buckets are reached. Keys and tokens have no place here.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct S3Part {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    anonymous: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    requester_pays: bool,
}

impl S3Part {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingPart {
    /// Role and column, or columns.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    roles: BTreeMap<String, Columns>,
    /// A whole mapping, where the files' questions were answered in the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Mapping>,
}

/// One column, or several of the same role.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "a column, or a list of columns")]
enum Columns {
    One(String),
    Several(Vec<String>),
}

impl Columns {
    /// Roles and columns by role.
    fn gathered(roles: &[(String, String)]) -> BTreeMap<String, Self> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        roles.iter().for_each(|(role, column)| all.entry(role.clone()).or_default().push(column.clone()));
        let of = |columns: Vec<String>| match <[String; 1]>::try_from(columns) {
            Ok([one]) => Self::One(one),
            Err(several) => Self::Several(several),
        };
        all.into_iter().map(|(role, columns)| (role, of(columns))).collect()
    }

    fn list(self) -> Vec<String> {
        match self {
            Self::One(column) => vec![column],
            Self::Several(columns) => columns,
        }
    }
}

impl MappingPart {
    fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.profile.is_none()
    }
}

/// Read a workspace file.
///
/// # Errors
/// The file cannot be read, is no TOML, holds an unknown key or misses one.
pub fn read(path: &Path) -> Result<Request, WorkspaceError> {
    let refuse = |message: String| WorkspaceError { message, path: path.display().to_string() };
    let text = fs::read_to_string(path).map_err(|error| refuse(cannot_read("workspace", &error)))?;
    let file: File = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count());
        let place = line.map_or_else(String::new, |line| format!("line {line}: "));
        refuse(format!("{place}{}", error.message().trim_end()))
    })?;
    if file.schema != SCHEMA {
        return Err(refuse(format!("schema: {SCHEMA} is expected, not {}", file.schema)));
    }
    if file.files.is_empty() {
        return Err(refuse("files: name at least one file of predictions".to_owned()));
    }
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let at = |text: &String| if is_uri(Path::new(text)) { PathBuf::from(text) } else { folder.join(text) };
    let profile = match (&file.profile, file.mapping.profile) {
        (Some(_), Some(_)) => {
            return Err(refuse("profile: name a file or write [mapping.profile], not both".to_owned()));
        }
        (Some(name), None) => {
            let text = fs::read_to_string(at(name))
                .map_err(|error| refuse(format!("profile: {}, {name}", cannot_read("mapping profile", &error))))?;
            Some(profile::from_toml(&text).map_err(|error| refuse(format!("profile: {name}: {error}")))?)
        }
        (None, inline) => inline,
    };
    for (index, metric) in file.metric.iter().enumerate() {
        metric.check_text().map_err(|error| refuse(format!("metric {}: {error}", metric.name)))?;
        if file.metric[..index].iter().any(|other| other.name == metric.name) {
            return Err(refuse(format!("metric {}: is defined twice", metric.name)));
        }
    }
    if let Some(value) = &file.value {
        value.check().map_err(|error| refuse(format!("value: {error}")))?;
    }
    let slices = file.slices.iter().map(|slice| slice.parse::<SliceSpec>()).collect::<Result<_, _>>();
    Ok(Request {
        name: file.name,
        files: file.files.iter().map(at).collect(),
        labels: file.labels.iter().map(at).collect(),
        tests: file.tests.iter().map(at).collect(),
        reference: file.reference.iter().map(at).collect(),
        window: file.window,
        base: Some(folder.clone()),
        kind: file.kind,
        task: file.task,
        champion: file.champion,
        challenger: file.challenger,
        rivals: file.rivals,
        positive: file.positive,
        class_order: file.class_order,
        season: file.season,
        roles: (file.mapping.roles.into_iter())
            .flat_map(|(role, columns)| columns.list().into_iter().map(move |column| (role.clone(), column)))
            .collect(),
        profile,
        profiles: Vec::new(),
        // What a workspace does not say is guessed as it was, whatever lies beside it by now.
        ignore_profiles: true,
        naive_zone: file.naive_zone,
        day_first: file.day_first,
        pairing: file.pairing,
        duplicates: file.duplicates,
        accept_bad_rows: file.accept_bad_rows,
        policy: file.policy.as_ref().map(at),
        thresholds: [file.thresholds.champion, file.thresholds.challenger],
        rule: match file.threshold_rule {
            None | Some(RuleName::PerArm) => ThresholdRule::PerArm,
            Some(RuleName::MatchedFpr) => ThresholdRule::MatchedFpr,
            Some(RuleName::MatchedFlagRate) => ThresholdRule::MatchedFlagRate,
            Some(RuleName::LeastCost) => ThresholdRule::LeastCost,
        },
        slices: slices.map_err(|error| refuse(format!("slices: {error}")))?,
        seed: file.seed,
        costs: file.costs.map(|costs| [costs.false_positive, costs.false_negative]),
        value: file.value,
        metrics: file.metric,
        s3: S3Options {
            profile: file.s3.profile,
            region: file.s3.region,
            endpoint: file.s3.endpoint,
            anonymous: file.s3.anonymous,
            requester_pays: file.s3.requester_pays,
            ..S3Options::default()
        },
        draft: file.draft,
    })
}

pub(super) fn cannot_read(what: &str, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("There is no such {what}"),
        std::io::ErrorKind::InvalidData => format!("The {what} is no UTF-8 text"),
        _ => format!("The {what} cannot be read ({error})"),
    }
}

/// Text of the workspace file at `path` for `request`; paths become relative to its folder where possible.
pub fn write(request: &Request, path: &Path) -> String {
    let folder = path.parent().unwrap_or(Path::new(""));
    let texts = |paths: &[PathBuf]| paths.iter().map(|path| relative(path, folder)).collect::<Vec<_>>();
    let file = File {
        schema: SCHEMA.to_owned(),
        name: request.name.clone(),
        kind: request.kind,
        task: request.task,
        files: texts(&request.files),
        labels: texts(&request.labels),
        tests: texts(&request.tests),
        reference: texts(&request.reference),
        window: request.window,
        champion: request.champion.clone(),
        challenger: request.challenger.clone(),
        rivals: request.rivals.clone(),
        positive: request.positive.clone(),
        class_order: request.class_order.clone(),
        season: request.season,
        policy: request.policy.as_deref().map(|policy| relative(policy, folder)),
        // TOML integers are signed; a larger seed cannot be written, and no command makes one.
        seed: request.seed.filter(|seed| i64::try_from(*seed).is_ok()),
        threshold_rule: match request.rule {
            ThresholdRule::PerArm => None,
            ThresholdRule::MatchedFpr => Some(RuleName::MatchedFpr),
            ThresholdRule::MatchedFlagRate => Some(RuleName::MatchedFlagRate),
            ThresholdRule::LeastCost => Some(RuleName::LeastCost),
        },
        slices: request.slices.iter().map(ToString::to_string).collect(),
        profile: None,
        naive_zone: request.naive_zone.clone(),
        day_first: request.day_first,
        pairing: request.pairing,
        duplicates: request.duplicates,
        accept_bad_rows: request.accept_bad_rows,
        thresholds: Thresholds { champion: request.thresholds[0], challenger: request.thresholds[1] },
        costs: request.costs.map(|[false_positive, false_negative]| Costs { false_positive, false_negative }),
        value: request.value.clone(),
        metric: request.metrics.clone(),
        s3: S3Part {
            profile: request.s3.profile.clone(),
            region: request.s3.region.clone(),
            endpoint: request.s3.endpoint.clone(),
            anonymous: request.s3.anonymous,
            requester_pays: request.s3.requester_pays,
        },
        mapping: MappingPart { roles: Columns::gathered(&request.roles), profile: request.profile.clone() },
        draft: request.draft.clone(),
    };
    // A struct of strings, numbers and tables in this order always has a TOML form.
    let text = toml::to_string(&file).unwrap_or_default();
    format!("# Open this file in Assay. Paths are relative to its folder.\n{text}")
}

/// `path` as seen from `folder`: relative below it, else absolute; `/` between the parts.
fn relative(path: &Path, folder: &Path) -> String {
    if is_uri(path) {
        return path.to_string_lossy().into_owned();
    }
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let (whole, folder) =
        (absolute(path), absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }));
    let shown = whole.strip_prefix(&folder).unwrap_or(&whole).to_string_lossy().into_owned();
    match shown.as_str() {
        "" => ".".to_owned(),
        _ if cfg!(windows) => shown.replace('\\', "/"),
        _ => shown,
    }
}

/// Whether a path names a workspace file.
pub fn is_workspace(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "assay")
}

/// Refuse an address, of which a path would make folders with odd names.
///
/// # Errors
/// It is one.
pub fn on_this_machine(path: &Path) -> std::io::Result<()> {
    match path.to_string_lossy().contains("://") {
        true => Err(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "files are written to this machine, not to an address",
        )),
        false => Ok(()),
    }
}

/// Make a folder and those above it.
///
/// # Errors
/// It cannot be made, or is an address.
pub fn make_folder(folder: &Path) -> std::io::Result<()> {
    on_this_machine(folder)?;
    fs::create_dir_all(folder)
}

/// Write text so that a crash leaves the old file or the new one.
///
/// # Errors
/// The folder cannot be written; it is an address.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    on_this_machine(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?.to_string_lossy();
    // In the same folder, since only there a rename is one step.
    let beside = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of the attempt is of no use; the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests;
