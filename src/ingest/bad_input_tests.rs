//! Inputs that are damaged or odd: what is said, and that the good records survive.

use std::io::Write as _;

use super::open_tests::Files;
use super::*;
use crate::job::JobCx;

fn told() -> OpenOptions {
    OpenOptions { champion: Some("champion".to_owned()), accept_bad_rows: true, ..OpenOptions::default() }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// `rows` ids of one model with scores and labels.
fn rows(model: &str, rows: std::ops::Range<u32>) -> String {
    let mut text = "id,model,score,label\n".to_owned();
    for row in rows {
        let score = f64::from(row * 37 % 101) / 101.0 + if model == "champion" { 0.0 } else { 0.004 };
        text += &format!("r{row},{model},{score:.6},{}\n", row % 3 % 2);
    }
    text
}

fn message<'a>(issues: &'a [Issue], code: &str) -> &'a str {
    let codes: Vec<&str> = issues.iter().map(|issue| issue.code.as_str()).collect();
    &issues.iter().find(|issue| issue.code == code).unwrap_or_else(|| panic!("no {code} among {codes:?}")).message
}

#[test]
fn a_damaged_gzip_in_a_folder_is_named_and_the_others_are_read() {
    let whole = gzip(rows("champion", 0..4000).as_bytes());
    let mut garbled = gzip(rows("champion", 4000..8000).as_bytes());
    garbled[10..40].fill(0xff);
    let cut = gzip(rows("challenger", 0..4000).as_bytes());
    let files =
        Files::new("gzip-folder", &[("1.csv.gz", &whole), ("2.csv.gz", &garbled), ("3.csv.gz", &cut[..cut.len() / 2])]);
    let opened = files.open(told()).unwrap();
    let left_out = message(&opened.issues, "not_a_log");
    assert!(left_out.contains("2.csv.gz") && left_out.contains("copy it again"), "{left_out}");
    let short = message(&opened.issues, "truncated_container");
    assert!(short.contains("3.csv.gz") && short.contains("before that were read"), "{short}");
    let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    assert!((500..4000).contains(&log.audit.paired), "{:?}", log.audit);
    assert_eq!(log.audit.paired + log.audit.champion_only, 4000);
}

#[test]
fn scores_on_different_scales_are_said() {
    let mut text = rows("champion", 0..40);
    for row in 0..40 {
        text += &format!("r{row},challenger,{}.5,{}\n", row * 2, row % 3 % 2);
    }
    let opened = Files::new("per-cent", &[("log.csv", text.as_bytes())]).open(told()).unwrap();
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    let said = message(&loaded.report.issues, "score_scale");
    assert!(said.contains("challenger lie from 0.5 to 78.5 and look like per cent"), "{said}");
    // A sign behind each number says the scale: nothing is left to be said.
    let signed = text.replace(".5,", ".5%,");
    let opened = Files::new("per-cent-sign", &[("log.csv", signed.as_bytes())]).open(told()).unwrap();
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    assert!(!loaded.report.issues.iter().any(|issue| issue.code == "score_scale"));
    let challenger = loaded.log.arms[1].scores.as_ref().unwrap();
    assert!(challenger.iter().any(|score| (score - 0.785).abs() < 1e-12), "{challenger:?}");
}

#[test]
fn files_of_unequal_length_are_not_paired_by_position() {
    let live = |rows: u32, skip: u32| -> String {
        let line = |row: u32| format!("0.{:02},{}\n", row * 7 % 100, u32::from((row * 7).is_multiple_of(5)));
        "score,label\n".to_owned() + &(0..rows).filter(|row| *row != skip).map(line).collect::<String>()
    };
    let whole = live(60, 99);
    let files = Files::new(
        "unequal",
        &[
            ("champion/1.csv", whole.as_bytes()),
            ("champion/2.csv", whole.as_bytes()),
            ("challenger/1.csv", whole.as_bytes()),
            // A record in the middle is missing: every later one would be paired with its neighbour.
            ("challenger/2.csv", live(60, 20).as_bytes()),
        ],
    );
    let opened = files.open(OpenOptions { pairing: Some(mapping::Pairing::Position), ..told() }).unwrap();
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    assert_eq!(
        (loaded.log.audit.paired, loaded.log.audit.champion_only, loaded.log.audit.challenger_only),
        (60, 60, 59)
    );
    let said = message(&loaded.report.issues, "unequal_files");
    assert!(said.contains("119 rows"), "{said}");
}
