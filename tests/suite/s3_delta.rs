//! Delta tables in a bucket: read through their log, evaluated and verified against moto.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::s3::Folder;
use super::s3_cli::{KEYS, Moto, cli, errors};

/// Files of the table, by their path within it: `tests/fixtures/parquet/make_parquet.py` says what they hold.
pub fn table() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet/delta");
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    files
}

pub fn put(moto: &Moto, place: &str, files: &[(String, Vec<u8>)]) {
    for (name, content) in files {
        moto.put(&format!("/logs/{place}/{}", name.replace('=', "%3D")), content);
    }
}

#[test]
fn a_delta_table_in_a_bucket_is_what_its_log_says() {
    let Some(moto) = Moto::start(&[]) else {
        return;
    };
    let folder = Folder::new("delta");
    let files = table();
    moto.put("/logs", "");
    put(&moto, "runs/table", &files);
    let s3 = ["--s3-endpoint", moto.endpoint.as_str()];
    let run = |args: &[&str]| cli(&folder, &[args, &s3].concat(), &KEYS);

    let evaluate = ["evaluate", "s3://logs/runs/table", "--champion", "champion", "--out", "out", "--json"];
    let output = run(&evaluate);
    assert!(matches!(output.status.code(), Some(0 | 3..=6)), "{}", errors(&output));
    let record: Value = serde_json::from_slice(&fs::read(folder.0.join("out/record.json")).unwrap()).unwrap();
    let sources = record["evidence"]["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 3, "the file that was written again does not count: {sources:?}");
    for source in sources {
        let path = source["path"].as_str().unwrap();
        assert!(path.starts_with("s3://logs/runs/table/model=") && !source["object"]["etag"].is_null(), "{source}");
    }
    assert_eq!(record["evidence"]["audit"]["paired"], 4);
    let output = run(&["verify", "out/record.json"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}{}", errors(&output));
    assert!(said.contains("MATCH"), "{said}");

    // A folder above holds the table and nothing else.
    let inspected = run(&["inspect", "s3://logs/runs/", "--champion", "champion", "--json"]);
    let found: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(found["sources"].as_array().unwrap().len(), 3, "{}", errors(&inspected));

    for part in ["s3://logs/runs/table/model=champion/", "s3://logs/runs/table/model=*/part-*.parquet"] {
        let text = errors(&run(&["inspect", part]));
        assert!(
            text.contains("takes files of a Delta table") && text.trim_end().ends_with("s3://logs/runs/table/"),
            "{text}"
        );
    }
}

#[test]
fn parts_of_a_table_are_verified_without_its_folders() {
    let folder = Folder::new("delta-flat");
    for (name, content) in table() {
        let path = folder.0.join("table").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let output = cli(&folder, &["evaluate", "table", "--champion", "champion", "--out", "out"], &[]);
    assert!(matches!(output.status.code(), Some(0 | 3..=6)), "{}", errors(&output));
    // Copies lie side by side elsewhere, without the log and the folders that tell the model.
    fs::create_dir_all(folder.0.join("copies")).unwrap();
    for (name, content) in table().iter().filter(|(name, _)| name.starts_with("model=")) {
        fs::write(folder.0.join("copies").join(name.rsplit('/').next().unwrap()), content).unwrap();
    }
    fs::remove_dir_all(folder.0.join("table")).unwrap();
    let output = cli(&folder, &["verify", "out/record.json", "--logs", "copies"], &[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}{}", errors(&output));
    assert!(said.contains("MATCH"), "{said}");
}

#[test]
fn a_delta_table_that_is_not_whole_is_refused_by_name() {
    let Some(moto) = Moto::start(&[]) else {
        return;
    };
    let folder = Folder::new("delta-part");
    moto.put("/logs", "");
    let refused = |place: &str, files: &[(String, Vec<u8>)]| {
        put(&moto, place, files);
        let address = format!("s3://logs/{place}/");
        errors(&cli(&folder, &["inspect", &address, "--s3-endpoint", moto.endpoint.as_str()], &KEYS))
    };
    let mut files = table();
    files.retain(|(name, _)| !name.starts_with("model=challenger"));
    let text = refused("lacking", &files);
    assert!(text.contains("names model=challenger/part-") && text.contains("which is not there"), "{text}");
    assert!(text.trim_end().ends_with("s3://logs/lacking/"), "{text}");

    let mut files = table();
    files.retain(|(name, _)| !name.ends_with("checkpoint.parquet"));
    let text = refused("early", &files);
    assert!(text.contains("lacks version 0"), "{text}");

    let mut files = table();
    files.iter_mut().filter(|(name, _)| name.ends_with("3.json")).for_each(|(_, content)| content.truncate(40));
    let text = refused("damaged", &files);
    assert!(text.contains("log is damaged") && text.trim_end().ends_with("00000000000000000003.json"), "{text}");
}
