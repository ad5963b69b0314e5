//! A stored record against a recomputed one: every number and every outcome, MATCH, DIFFERS or NOT CHECKED.
//!
//! Pure: the caller reads files, computes again from the logs, and hands both over. Numbers are compared
//! exactly first, then within [`TOLERANCE`]; the report says which.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::canonical::{canonical_bytes, sha256_hex};

/// Relative difference up to which two numbers agree, for machines that round otherwise.
pub const TOLERANCE: f64 = 1e-12;

/// What came of one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Agreement {
    /// The same to the last bit.
    Match,
    /// The same within [`TOLERANCE`].
    MatchWithin {
        stored: String,
        recomputed: String,
    },
    Differs {
        stored: String,
        recomputed: String,
    },
    NotChecked {
        reason: String,
    },
    /// What nothing else tells is as the record says: not checked, and no fault of the record.
    Taken {
        stored: String,
        reason: String,
    },
}

/// What kind of value was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    Number,
    Text,
    Digest,
}

/// One compared value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// JSON pointer into the record, or a file name.
    pub path: String,
    /// Readable: `roc_auc difference lo`.
    pub name: String,
    pub kind: ItemKind,
    pub agreement: Agreement,
}

/// A value, or all of a part of a record, that is as the record says since nothing else tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// JSON pointers of what is taken, with all below them; the first is that of the line.
    pub paths: Vec<String>,
    pub name: String,
    pub stored: String,
    /// Why nothing else tells it, in plain words.
    pub reason: &'static str,
}

/// All compared values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    pub items: Vec<Item>,
}

impl VerifyReport {
    /// Numbers that match, and numbers compared or left unchecked; those that are taken from the record are neither.
    pub fn numbers(&self) -> (usize, usize) {
        let numbers = || self.items.iter().filter(|item| item.kind == ItemKind::Number && !item.agreement.is_taken());
        (numbers().filter(|item| item.agreement.matches()).count(), numbers().count())
    }

    /// Everything that differs.
    pub fn differing(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| matches!(item.agreement, Agreement::Differs { .. }))
    }

    /// Everything that was not checked, for whatever reason.
    pub fn not_checked(&self) -> impl Iterator<Item = &Item> {
        let unchecked =
            |agreement: &Agreement| agreement.is_taken() || matches!(agreement, Agreement::NotChecked { .. });
        self.items.iter().filter(move |item| unchecked(&item.agreement))
    }

    /// Of what was not checked, what nothing but the record tells.
    pub fn taken(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.agreement.is_taken())
    }

    /// Whether nothing differs and nothing was left unchecked that could be checked.
    pub fn all_match(&self) -> bool {
        self.items.iter().all(|item| item.agreement.matches() || item.agreement.is_taken())
    }

    /// Name what was compared with itself: one line for all of it instead of a match for each value. What differs below
    /// it stays.
    pub fn take(&mut self, taken: Taken) {
        let Taken { paths, name, stored, reason } = taken;
        let below = |path: &str| {
            paths
                .iter()
                .any(|of| path.strip_prefix(of.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        };
        self.items.retain(|item| !(item.agreement.matches() && below(&item.path)));
        let path = paths.first().cloned().unwrap_or_default();
        let agreement = Agreement::Taken { stored, reason: reason.to_owned() };
        self.items.push(Item { path, name, kind: ItemKind::Text, agreement });
    }

    pub fn extend(&mut self, other: Self) {
        self.items.extend(other.items);
    }

    /// `214 of 214 numbers match, 2 of them within 1e-12; 3 digests match; 5 not checked, 4 of them taken as the record
    /// says.`
    pub fn summary(&self) -> String {
        let (matching, numbers) = self.numbers();
        let within = self.items.iter().filter(|item| matches!(item.agreement, Agreement::MatchWithin { .. })).count();
        let digests = || self.items.iter().filter(|item| item.kind == ItemKind::Digest);
        let mut text = format!("{matching} of {numbers} numbers match");
        if within > 0 {
            text.push_str(&format!(", {within} of them within {TOLERANCE:e}"));
        }
        if digests().next().is_some() {
            let same = digests().filter(|item| item.agreement.matches()).count();
            text.push_str(&format!("; {same} of {} digests match", digests().count()));
        }
        for (number, word) in [(self.differing().count(), "differ"), (self.not_checked().count(), "not checked")] {
            if number > 0 {
                text.push_str(&format!("; {number} {word}"));
            }
        }
        match (self.taken().count(), self.not_checked().count()) {
            (0, _) => {}
            (taken, all) if taken == all => text.push_str(": taken as the record says"),
            (taken, _) => text.push_str(&format!(", {taken} of them taken as the record says")),
        }
        text + "."
    }
}

impl Agreement {
    pub fn matches(&self) -> bool {
        matches!(self, Self::Match | Self::MatchWithin { .. })
    }

    pub const fn is_taken(&self) -> bool {
        matches!(self, Self::Taken { .. })
    }

    pub const fn word(&self) -> &'static str {
        match self {
            Self::Match | Self::MatchWithin { .. } => "MATCH",
            Self::Differs { .. } => "DIFFERS",
            Self::NotChecked { .. } | Self::Taken { .. } => "NOT CHECKED",
        }
    }
}

/// `DIFFERS      roc_auc difference lo: …`; the alternate form leaves the word out.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            f.write_str(&self.name)?;
        } else {
            write!(f, "{:<12} {}", self.agreement.word(), self.name)?;
        }
        match &self.agreement {
            Agreement::Match => Ok(()),
            Agreement::MatchWithin { stored, recomputed } => {
                write!(f, ": {stored}, recomputed {recomputed}, within {TOLERANCE:e}")
            }
            Agreement::Differs { stored, recomputed } => {
                write!(f, ": the record says {stored}, recomputed {recomputed}")
            }
            Agreement::NotChecked { reason } => write!(f, ": {reason}"),
            Agreement::Taken { stored, reason } if stored.is_empty() => write!(f, ": {reason}"),
            Agreement::Taken { stored, reason } => write!(f, ": {stored}; {reason}"),
        }
    }
}

/// Parts of a record that are computed, and so can be computed again.
const SECTIONS: [&str; 7] = ["/evidence", "/mapping", "/issues", "/design", "/comparison", "/verdict", "/tests"];

/// Single values among what cannot be: of the policy, whose text is given, and of how the record is computed again. The
/// version that wrote the record is not among them: another one may check it.
const VALUES: [&str; 7] = [
    "/schema",
    "/policy/id",
    "/policy/version",
    "/reproduction/tool",
    "/reproduction/seed",
    "/reproduction/level",
    "/reproduction/verify_command",
];

/// Compare what was computed for a stored record with the same of one that was computed again.
pub fn compare_records(stored: &Value, recomputed: &Value) -> VerifyReport {
    let mut walk = Walk { items: Vec::new() };
    let nothing = recomputed.get("schema").is_none();
    for path in SECTIONS.into_iter().chain(VALUES.into_iter().filter(|_| !nothing)) {
        // The numbers have names of their own.
        let name: Vec<String> = match path {
            "/evidence" | "/comparison" | "/verdict" => Vec::new(),
            other => other[1..].split('/').map(|key| key.replace('_', " ")).collect(),
        };
        match (stored.pointer(path), recomputed.pointer(path)) {
            (None, None) => {}
            (Some(_), None) if nothing => walk.not_checked(path, &path[1..], ItemKind::Text, "not recomputed"),
            (stored, recomputed) => {
                walk.compare(path, &name, stored.unwrap_or(&Value::Null), recomputed.unwrap_or(&Value::Null));
            }
        }
    }
    if let Some(policy) = stored.get("policy") {
        let text = policy.get("text").and_then(Value::as_str).unwrap_or_default();
        let said = policy.get("sha256").and_then(Value::as_str).unwrap_or_default();
        walk.digest("/policy/sha256", "policy text", said, &sha256_hex(text.as_bytes()));
    }
    VerifyReport { items: walk.items }
}

/// Compare files with a manifest in the form of `sha256sum`; `read` gives a file's bytes or `None`.
pub fn check_manifest(manifest: &str, mut read: impl FnMut(&str) -> Option<Vec<u8>>) -> VerifyReport {
    let mut walk = Walk { items: Vec::new() };
    for line in manifest.lines().filter(|line| !line.trim().is_empty()) {
        let Some((digest, name)) = line.split_once("  ").or_else(|| line.split_once(" *")) else {
            walk.not_checked(line, line, ItemKind::Digest, "not a line of sha256sum");
            continue;
        };
        match read(name) {
            Some(bytes) => walk.digest(name, name, digest, &sha256_hex(&bytes)),
            None => walk.not_checked(name, name, ItemKind::Digest, "the file is missing"),
        }
    }
    VerifyReport { items: walk.items }
}

/// Whether the bytes of a record are its canonical form, so that its digest means the same everywhere.
pub fn check_canonical(bytes: &[u8]) -> VerifyReport {
    let mut walk = Walk { items: Vec::new() };
    let canonical = serde_json::from_slice::<Value>(bytes).ok().and_then(|value| canonical_bytes(&value).ok());
    match canonical {
        Some(canonical) => {
            walk.digest("", "record in canonical form", &sha256_hex(bytes), &sha256_hex(&canonical));
        }
        None => walk.not_checked("", "record in canonical form", ItemKind::Digest, "not readable as JSON"),
    }
    VerifyReport { items: walk.items }
}

struct Walk {
    items: Vec<Item>,
}

impl Walk {
    fn push(&mut self, path: &str, name: &str, kind: ItemKind, agreement: Agreement) {
        self.items.push(Item { path: path.to_owned(), name: name.to_owned(), kind, agreement });
    }

    fn not_checked(&mut self, path: &str, name: &str, kind: ItemKind, reason: &str) {
        self.push(path, name, kind, Agreement::NotChecked { reason: reason.to_owned() });
    }

    fn digest(&mut self, path: &str, name: &str, stored: &str, recomputed: &str) {
        let agreement = if stored.eq_ignore_ascii_case(recomputed) {
            Agreement::Match
        } else {
            Agreement::Differs { stored: stored.to_owned(), recomputed: recomputed.to_owned() }
        };
        self.push(path, &format!("sha256 of {name}"), ItemKind::Digest, agreement);
    }

    fn compare(&mut self, path: &str, name: &[String], stored: &Value, recomputed: &Value) {
        match (stored, recomputed) {
            (Value::Object(one), Value::Object(other)) => {
                for (key, value) in one {
                    let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
                    let name = extend(name, key);
                    match other.get(key) {
                        Some(found) => self.compare(&path, &name, value, found),
                        None => self.leaf(&path, &name, value, &Value::Null),
                    }
                }
                for (key, value) in other.iter().filter(|(key, _)| !one.contains_key(*key)) {
                    let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
                    self.leaf(&path, &extend(name, key), &Value::Null, value);
                }
            }
            (Value::Array(one), Value::Array(other)) if path == "/evidence/sources" => self.sources(one, other),
            (Value::Array(one), Value::Array(other)) => {
                for (index, value) in one.iter().enumerate() {
                    let name = extend_item(name, index, value);
                    let path = format!("{path}/{index}");
                    match other.get(index) {
                        Some(found) => self.compare(&path, &name, value, found),
                        None => self.leaf(&path, &name, value, &Value::Null),
                    }
                }
                if other.len() > one.len() {
                    let agreement = Agreement::Differs {
                        stored: format!("{} entries", one.len()),
                        recomputed: format!("{} entries", other.len()),
                    };
                    self.push(path, &readable(name), ItemKind::Text, agreement);
                }
            }
            _ => self.leaf(path, name, stored, recomputed),
        }
    }

    fn leaf(&mut self, path: &str, name: &[String], stored: &Value, recomputed: &Value) {
        if stored.is_null() && recomputed.is_null() {
            return;
        }
        let number = stored.is_number() || recomputed.is_number();
        let kind = if number { ItemKind::Number } else { ItemKind::Text };
        let differs = || Agreement::Differs { stored: said(stored), recomputed: said(recomputed) };
        let agreement = match (stored, recomputed) {
            (Value::Number(one), Value::Number(other)) => {
                match (one.as_f64(), other.as_f64()) {
                    // Integers beyond 2^53 would agree as floats though they differ.
                    _ if one == other => Agreement::Match,
                    (Some(_), Some(_)) if one.is_u64() && other.is_u64() => differs(),
                    (Some(a), Some(b)) if a == b => Agreement::Match,
                    (Some(a), Some(b)) if (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()) => {
                        Agreement::MatchWithin { stored: said(stored), recomputed: said(recomputed) }
                    }
                    _ => differs(),
                }
            }
            _ if stored == recomputed => Agreement::Match,
            _ => differs(),
        };
        self.push(path, &readable(name), kind, agreement);
    }

    /// Files are matched by their name, since the logs may lie in another folder than they did.
    fn sources(&mut self, stored: &[Value], found: &[Value]) {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let file_name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
        for (index, source) in stored.iter().enumerate() {
            let path = format!("/evidence/sources/{index}");
            let wanted = text(source, "path");
            let digest = text(source, "sha256");
            let by_path = found.iter().find(|other| text(other, "path") == wanted);
            let by_name = || {
                let same_name = |other: &&Value| file_name(&text(other, "path")) == file_name(&wanted);
                // Several folders may hold files of one name; the one with the digest is meant.
                let same_digest = found.iter().filter(same_name).find(|other| text(other, "sha256") == digest);
                same_digest.or_else(|| found.iter().find(same_name))
            };
            let Some(other) = by_path.or_else(by_name) else {
                self.not_checked(&path, &format!("sha256 of {wanted}"), ItemKind::Digest, "not among the logs");
                continue;
            };
            self.digest(&format!("{path}/sha256"), &wanted, &digest, &text(other, "sha256"));
            for key in ["format", "bytes", "records", "quarantined"] {
                let (one, other) = (source.get(key), other.get(key));
                let name = [wanted.clone(), key.to_owned()];
                self.leaf(&format!("{path}/{key}"), &name, one.unwrap_or(&Value::Null), other.unwrap_or(&Value::Null));
            }
        }
    }
}

fn said(value: &Value) -> String {
    match value {
        Value::Null => "undefined".to_owned(),
        Value::String(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}

/// Containers that say nothing to a reader.
const SILENT: [&str; 9] =
    ["metrics", "arms", "gates", "segments", "reading", "rules", "what_would_change", "audit", "points"];

fn extend(name: &[String], key: &str) -> Vec<String> {
    let mut name = name.to_vec();
    if !SILENT.contains(&key) {
        name.push(key.replace('_', " "));
    }
    name
}

/// Entries of lists are named by their own name where they have one, else by their number from 1.
fn extend_item(name: &[String], index: usize, value: &Value) -> Vec<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let mut label = match (text("metric").and(text("id")), text("name"), text("what")) {
        (Some(id), _, _) => format!("gate {id}"),
        (None, Some(own), _) => own.to_owned(),
        (None, None, Some(what)) => format!("change \"{what}\""),
        (None, None, None) => format!("{}", index + 1),
    };
    if let Some(slice) = text("slice").filter(|slice| *slice != label) {
        label.push_str(&format!(" ({slice})"));
    }
    let mut name = name.to_vec();
    name.push(label);
    name
}

fn readable(name: &[String]) -> String {
    name.join(" ")
}

#[cfg(test)]
mod tests;
