use std::fs;
use std::path::PathBuf;

use super::files;
use crate::job::JobCx;

const PROTOCOL: &str = r#"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#;
const TABLE: &str = r#"{"metaData":{"id":"t","format":{"provider":"parquet","options":{}},"partitionColumns":["model","day"],"configuration":{}}}"#;

/// A table of empty files, removed when dropped.
struct Table(PathBuf);

impl Table {
    fn new(name: &str, files: &[&str], commits: &[&[&str]]) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-delta-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("_delta_log")).unwrap();
        for file in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        for (version, actions) in commits.iter().enumerate() {
            let name = format!("_delta_log/{version:020}.json");
            fs::write(folder.join(name), actions.join("\n")).unwrap();
        }
        Self(folder)
    }

    fn of(name: &str, actions: &[&str]) -> Self {
        Self::new(name, &["a.parquet"], &[actions])
    }

    /// Files relative to the table with their partitions, or the refusal.
    fn files(&self) -> Result<Vec<String>, String> {
        let shown = |(path, partitions): (PathBuf, Vec<(String, Option<String>)>)| {
            let parts: Vec<String> =
                partitions.iter().map(|(key, value)| format!("{key}={}", value.as_deref().unwrap_or("-"))).collect();
            format!("{} {}", path.strip_prefix(&self.0).unwrap().display(), parts.join(","))
        };
        let found = files(&self.0, &JobCx::new()).map_err(|error| error.to_string())?;
        Ok(found.into_iter().map(shown).collect())
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn add(path: &str) -> String {
    format!(r#"{{"add":{{"path":"{path}","partitionValues":{{"day":"","model":"m 1"}},"size":1,"dataChange":true}}}}"#)
}

#[test]
fn only_files_that_the_log_has_are_the_table() {
    let remove = r#"{"remove":{"path":"model=m%201/old.parquet","dataChange":true}}"#;
    let table = Table::new(
        "live",
        &["model=m 1/old.parquet", "model=m 1/new.parquet", "stray.parquet"],
        &[
            &[PROTOCOL, TABLE, &add("model=m%201/old.parquet")],
            &[r#"{"commitInfo":{}}"#, remove, &add("model=m%201/new.parquet")],
        ],
    );
    assert_eq!(table.files().unwrap(), ["model=m 1/new.parquet model=m 1,day=-"]);
    fs::remove_file(table.0.join("model=m 1/new.parquet")).unwrap();
    assert!(table.files().unwrap_err().contains("new.parquet, which is not there"));
    fs::remove_file(table.0.join("_delta_log/00000000000000000000.json")).unwrap();
    assert!(table.files().unwrap_err().contains("lacks version 0"));
}

#[test]
fn what_is_not_read_is_named() {
    let protocol = |features: &str| {
        format!(r#"{{"protocol":{{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":[{features}]}}}}"#)
    };
    let refused = |name: &str, actions: &[&str]| Table::of(name, actions).files().unwrap_err();
    let variant = refused("feature", &[&protocol(r#""variantType","v2Checkpoint""#), TABLE, &add("a.parquet")]);
    assert!(variant.contains("the table feature variantType,"), "{variant}");
    let future = r#"{"protocol":{"minReaderVersion":4,"minWriterVersion":7}}"#;
    assert!(refused("version", &[future, TABLE, &add("a.parquet")]).contains("version 4 of the protocol"));
    let mapped = TABLE.replace(r#""configuration":{}"#, r#""configuration":{"delta.columnMapping.mode":"name"}"#);
    let mapped = refused("mapping", &[PROTOCOL, &mapped, &add("a.parquet")]);
    assert!(mapped.contains("column mapping (mode name)"), "{mapped}");
    let vector = r#"{"add":{"path":"a.parquet","partitionValues":{},"deletionVector":{"storageType":"u","pathOrInlineDv":"ab","offset":1}}}"#;
    let vectors = protocol(r#""deletionVectors""#);
    let message = refused("vectors", &[&vectors, TABLE, vector]);
    assert!(message.contains("1 of the 1 files") && message.contains("deletion vectors"), "{message}");
    assert!(refused("address", &[PROTOCOL, TABLE, &add("s3://bucket/a.parquet")]).contains("outside of its folder"));
    assert!(refused("up", &[PROTOCOL, TABLE, &add("../a.parquet")]).contains("outside of its folder"));
    assert!(refused("escaped", &[PROTOCOL, TABLE, &add("%2E%2E/a.parquet")]).contains("outside of its folder"));
    assert!(refused("empty", &[PROTOCOL, TABLE]).contains("holds no rows"));
    assert!(refused("damaged", &[PROTOCOL, r#"{"add":"#]).contains("damaged"));
    // The feature alone changes nothing: no file has a vector.
    assert_eq!(Table::of("allowed", &[&vectors, TABLE, &add("a.parquet")]).files().unwrap().len(), 1);
}

#[test]
fn checkpoints_of_version_two_name_further_files() {
    let table = Table::new("v2", &["a.parquet"], &[]);
    let uuid = "80a083e8-7026-4e79-81be-64bd76c43a11";
    let actions = [PROTOCOL, TABLE, r#"{"checkpointMetadata":{"version":4}}"#, &add("a.parquet")].join("\n");
    let checkpoint = table.0.join(format!("_delta_log/{:020}.checkpoint.{uuid}.json", 4));
    fs::write(&checkpoint, actions).unwrap();
    assert_eq!(table.files().unwrap().len(), 1);
    // A sidecar that is not there is an error, not a table without its rows.
    let sidecar = format!("{PROTOCOL}\n{TABLE}\n{{\"sidecar\":{{\"path\":\"{uuid}.parquet\"}}}}");
    fs::write(&checkpoint, sidecar).unwrap();
    assert!(table.files().unwrap_err().contains(uuid));
}
