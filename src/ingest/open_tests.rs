use std::path::PathBuf;

use proptest::prelude::*;

use super::mapping::{Pairing, Role, Side};
use super::*;
use crate::job::JobCx;
use crate::log::{RunKind, SourceRole};

/// A folder of files, removed when dropped.
pub(super) struct Files(pub(super) PathBuf);

impl Files {
    pub(super) fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-open-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        for (name, bytes) in files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        Self(folder)
    }

    pub(super) fn open(&self, options: OpenOptions) -> Result<Opened, IngestError> {
        open(std::slice::from_ref(&self.0), &OpenOptions { base: Some(self.0.clone()), ..options }, &JobCx::new())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn guess(text: &str) -> Opened {
    guess_with(text, OpenOptions::default())
}

fn guess_with(text: &str, options: OpenOptions) -> Opened {
    one("x.csv", text.as_bytes(), options).unwrap()
}

fn one(name: &str, bytes: &[u8], options: OpenOptions) -> Result<Opened, IngestError> {
    // Tests run beside each other in one process.
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    Files::new(&format!("one-{number}"), &[(name, bytes)]).open(options)
}

fn roles(opened: &Opened) -> Vec<(&str, Role, Side)> {
    let columns = opened.guess.columns.iter();
    columns
        .filter(|column| column.role != Role::Feature)
        .map(|column| (column.column.as_str(), column.role, column.side))
        .collect()
}

fn still_open(opened: &Opened) -> Vec<QuestionKind> {
    opened.questions.iter().filter(|asked| asked.answer.is_none()).map(|asked| asked.kind).collect()
}

fn long(rows: usize) -> String {
    let mut text = String::from("request_id,timestamp,model,score,prediction,label,latency_ms,country,amount\n");
    for row in 0..rows {
        for (model, add) in [("champion", 0), ("challenger", 3)] {
            let score = f64::from((row as u32 * 7 + add) % 100) / 100.0 + 0.001;
            let label = if row % 20 == 19 { String::new() } else { (row % 3 / 2).to_string() };
            text += &format!(
                "{},2026-09-17 00:{:02}:{:02}.{add}00000,{model},{score},{},{label},{}.5,DE,{row}.25\n",
                9_000_000_000_000 + row,
                row / 60 % 60,
                row % 60,
                u8::from(score > 0.4),
                10 + add
            );
        }
    }
    text
}

#[test]
fn long_log_needs_no_answer() {
    let opened = guess(&long(300));
    assert_eq!(
        roles(&opened),
        [
            ("request_id", Role::Id, Side::Both),
            ("timestamp", Role::Ts, Side::Both),
            ("model", Role::Model, Side::Both),
            ("score", Role::Score, Side::Both),
            ("prediction", Role::Prediction, Side::Both),
            ("label", Role::Label, Side::Both),
            ("latency_ms", Role::LatencyMs, Side::Both)
        ]
    );
    let guess = &opened.guess;
    assert_eq!((guess.champion.as_str(), guess.challenger.as_deref()), ("champion", Some("challenger")));
    assert_eq!((guess.kind, guess.pairing, guess.positive.as_str()), (RunKind::Shadow, Pairing::Id, "1"));
    assert_eq!(still_open(&opened), []);
    assert_eq!(guess.naive_zone.as_deref(), Some("UTC"));
    assert!(opened.issues.iter().any(|issue| issue.code == "assumed_zone" && issue.severity == Severity::Warning));
    assert_eq!(opened.sources[0].records, 600);
}

#[test]
fn wide_logs() {
    let opened = guess(
        "id,score_champion,score_challenger,label,segment\nr1,0.25,0.4,0,Süd\nr2,0.4,0.1,1,\"East, coast\"\nr3,0.3,0.8,0,Süd\n",
    );
    assert_eq!(
        roles(&opened),
        [
            ("id", Role::Id, Side::Both),
            ("score_champion", Role::Score, Side::Champion),
            ("score_challenger", Role::Score, Side::Challenger),
            ("label", Role::Label, Side::Both)
        ]
    );
    assert_eq!(still_open(&opened), []);
    let bare = guess("id,live,shadow,y_true\na,0,1,0\nb,1,1,1\nc,0,0,0\n");
    assert_eq!(bare.guess.columns[1].role, Role::Prediction);
    assert_eq!(bare.guess.champion, "live");
}

#[test]
fn wide_logs_of_names_that_say_no_side_ask_once() {
    let mut opened = guess("id,y_pred_proba_net,y_pred_proba_tree,y_true\na,0.1,0.15,0\nb,0.9,0.95,1\nc,0.35,0.25,0\n");
    assert_eq!(still_open(&opened), [QuestionKind::Champion]);
    answer(&mut opened, 0, 1);
    assert_eq!((opened.guess.champion.as_str(), opened.guess.challenger.as_deref()), ("tree", Some("net")));
    assert_eq!(opened.guess.columns[1].side, Side::Challenger);
    assert_eq!(opened.sources[0].columns[2].role.side, Side::Champion);
    let told = guess_with(
        "id,p_a,p_b,p_c,y\n1,0.1,0.15,0.3,0\n2,0.2,0.25,0.5,1\n3,0.9,0.7,0.6,1\n",
        OpenOptions { champion: Some("c".into()), challenger: Some("a".into()), ..OpenOptions::default() },
    );
    assert_eq!(still_open(&told), []);
    assert_eq!((told.guess.columns[3].side, told.guess.columns[2].role), (Side::Champion, Role::Ignored));
}

#[test]
fn roles_told_by_flags() {
    let text = "patient,gos6,outcome,gender,age,wfns,s100b,ndka\nP001,5,Good,Female,42,1,0.13,3.01\nP002,5,Good,Female,37,1,0.14,8.54\nP003,1,Poor,Male,50,5,0.6,9.1\n";
    let map = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(role, column)| ((*role).to_owned(), (*column).to_owned())).collect()
    };
    let options = OpenOptions {
        roles: map(&[
            ("score.champion", "s100b"),
            ("score.challenger", "wfns"),
            ("label", "outcome"),
            ("id", "patient"),
        ]),
        positive: Some("Poor".to_owned()),
        ..OpenOptions::default()
    };
    let opened = guess_with(text, options.clone());
    assert_eq!(still_open(&opened), []);
    assert_eq!(
        roles(&opened),
        [
            ("patient", Role::Id, Side::Both),
            ("outcome", Role::Label, Side::Both),
            ("wfns", Role::Score, Side::Challenger),
            ("s100b", Role::Score, Side::Champion)
        ]
    );
    assert_eq!((opened.guess.champion.as_str(), opened.guess.challenger.as_deref()), ("s100b", Some("wfns")));
    assert_eq!((opened.guess.label_map.get("Poor"), opened.guess.label_map.get("Good")), (Some(&true), Some(&false)));
    // Without id and label told, both are found all the same.
    let fewer = guess_with(
        text,
        OpenOptions {
            roles: map(&[("score.champion", "s100b"), ("score.challenger", "wfns")]),
            ..OpenOptions::default()
        },
    );
    assert_eq!(still_open(&fewer), [QuestionKind::Positive]);
    assert_eq!(fewer.guess.columns[0].role, Role::Id);
    let wrong =
        one("x.csv", text.as_bytes(), OpenOptions { roles: map(&[("score", "nds100")]), ..OpenOptions::default() });
    assert!(wrong.unwrap_err().to_string().contains("no column `nds100`"));
    let wrong = one("x.csv", text.as_bytes(), OpenOptions { positive: Some("Bad".to_owned()), ..options });
    assert!(wrong.unwrap_err().to_string().contains("Good (2), Poor (1)"));
}

#[test]
fn columns_named_as_the_classes() {
    let text = "\u{feff}rownames,truth,Class1,Class2,predicted\r\n1,Class2,0.0035892426220289543,0.996410757377971,Class2\r\n2,Class1,0.67,0.33,Class1\r\n3,Class2,0.11,0.89,Class2\r\n";
    let mut opened = guess(text);
    assert_eq!(still_open(&opened), [QuestionKind::Positive]);
    assert_eq!(opened.guess.columns[0].role, Role::Id);
    assert_eq!((opened.guess.columns[1].role, opened.guess.columns[4].role), (Role::Label, Role::Prediction));
    let place = opened.questions[0].choices.iter().position(|choice| choice == "Class2").unwrap();
    answer(&mut opened, 0, place);
    assert_eq!((opened.guess.columns[2].role, opened.guess.columns[3].role), (Role::Ignored, Role::Score));
    let told = guess_with(text, OpenOptions { positive: Some("Class1".to_owned()), ..OpenOptions::default() });
    assert_eq!(still_open(&told), []);
    assert_eq!((told.guess.columns[2].role, told.guess.columns[3].role), (Role::Score, Role::Ignored));
    assert_eq!((told.guess.challenger.as_deref(), told.guess.kind), (None, RunKind::Offline));
}

fn line(id: usize, model: &str, score: f64) -> String {
    format!(
        "{{\"request_id\":\"req_{id:04x}\",\"timestamp\":\"2026-09-07T00:{:02}:35.052Z\",\"model\":\"{model}\",\"score\":{score},\"prediction\":{},\"member_id\":\"m_{}\",\"sex\":\"male\"}}\n",
        id % 60,
        u8::from(score > 0.3),
        id / 2
    )
}

#[test]
fn one_file_per_model_and_labels_of_their_own() {
    let champion: String = (0..100).map(|id| line(id, "logit 7.1", id as f64 / 100.0)).collect();
    let challenger: String = (0..98).map(|id| line(id, "gbm 8.0-rc1", id as f64 / 99.0)).collect();
    let mut labels = String::from("request_id,label,label_time\n");
    (0..90).for_each(|id| labels += &format!("req_{id:04x},{},2026-09-09T10:00:00Z\n", id % 2));
    let files = Files::new(
        "labels",
        &[
            ("predictions-champion.jsonl", champion.as_bytes()),
            ("predictions-challenger.jsonl", challenger.as_bytes()),
            ("labels-2026-10-12.csv", labels.as_bytes()),
            ("policy.toml", b"x = 1"),
        ],
    );
    let opened = files.open(OpenOptions::default()).unwrap();
    assert_eq!(still_open(&opened), []);
    let sources: Vec<_> = opened.sources.iter().map(|source| (source.display.as_str(), source.role)).collect();
    assert_eq!(
        sources,
        [
            ("labels-2026-10-12.csv", SourceRole::Labels),
            ("predictions-challenger.jsonl", SourceRole::Predictions),
            ("predictions-champion.jsonl", SourceRole::Predictions)
        ]
    );
    let guess = &opened.guess;
    assert_eq!(
        (guess.champion.as_str(), guess.challenger.as_deref(), guess.kind),
        ("logit 7.1", Some("gbm 8.0-rc1"), RunKind::Shadow)
    );
    let label_roles: Vec<_> = guess.label_columns.iter().map(|column| (column.column.as_str(), column.role)).collect();
    assert_eq!(label_roles, [("label", Role::Label), ("label_time", Role::LabelTs), ("request_id", Role::Id)]);
    assert!(roles(&opened).contains(&("member_id", Role::Unit, Side::Both)));
    assert!(guess.file_models.is_empty());
}

#[test]
fn article_folders_pair_by_position_with_proof_only() {
    let act = ["0010111001", "1100101110", "0111010010"];
    let day = |acts: &str, shift: usize| -> String {
        let rows = acts.bytes().enumerate().map(|(row, act)| {
            format!("{},{}\n", (usize::from(act - b'0') + usize::from(row % 4 == shift)) % 2, char::from(act))
        });
        format!("pred,act\n{}", rows.collect::<String>())
    };
    let (live, shadow): (Vec<String>, Vec<String>) = act.iter().map(|acts| (day(acts, 0), day(acts, 1))).unzip();
    let files = Files::new(
        "article",
        &[
            ("live/live_pred_2026-03-08 104512.csv", live[0].as_bytes()),
            ("live/live_pred_2026-03-09 104523.csv", live[1].as_bytes()),
            ("live/live_pred_2026-03-10 104534.csv", live[2].as_bytes()),
            ("shadow/shadow_pred_2026-03-08 104519.csv", shadow[0].as_bytes()),
            ("shadow/shadow_pred_2026-03-09 104529.csv", shadow[1].as_bytes()),
            ("shadow/shadow_pred_2026-03-10 104543.csv", shadow[2].as_bytes()),
        ],
    );
    let opened = files.open(OpenOptions::default()).unwrap();
    assert_eq!((opened.guess.champion.as_str(), opened.guess.challenger.as_deref()), ("live", Some("shadow")));
    assert_eq!(opened.guess.pairing, Pairing::Position);
    assert_eq!(opened.guess.file_models["shadow/shadow_pred_2026-03-09 104529.csv"], "shadow");
    let asked = &opened.questions[0];
    assert_eq!((asked.kind, asked.answer), (QuestionKind::Position, Some(0)));
    assert!(
        asked
            .evidence
            .contains("identical row by row in 3 of 3 paired files (30 rows); by chance this happens once in"),
        "{}",
        asked.evidence
    );

    std::fs::write(files.0.join("shadow/shadow_pred_2026-03-09 104529.csv"), day("1100101111", 1)).unwrap();
    let opened = files.open(OpenOptions::default()).unwrap();
    assert_eq!((opened.guess.pairing, still_open(&opened)), (Pairing::Id, vec![QuestionKind::Position]));
    assert!(opened.questions[0].evidence.contains("in 2 of 3"), "{}", opened.questions[0].evidence);
}

#[test]
fn ids_with_two_predictions_are_told_with_evidence() {
    let mut text = String::from("id,model,score,label\n");
    (0..30).for_each(|id| text += &format!("r{id},champion,0.{id:02}1,{0}\nr{id},challenger,0.{id:02}3,{0}\n", id % 2));
    text += "r4,challenger,0.043,0\nr6,challenger,0.9,0\nr21,challenger,0.8,1\n";
    let mut opened = guess(&text);
    let asked = opened.questions.iter().position(|asked| asked.kind == QuestionKind::Conflicts).unwrap();
    assert_eq!(opened.questions[asked].answer, Some(0));
    assert_eq!(
        opened.questions[asked].evidence,
        "2 ids have different predictions of the same model, for example r6. Another 1 lines repeat an id with the same prediction and count once."
    );
    answer(&mut opened, asked, 2);
    assert_eq!(opened.guess.duplicates, mapping::Duplicates::Last);
}

#[test]
fn three_label_values_are_never_taken_as_two() {
    let mut text = String::from("id,model,score,label\n");
    (0..24).for_each(|id| text += &format!("r{id},champion,0.{id:02}1,{0}\nr{id},challenger,0.{id:02}3,{0}\n", id % 3));
    let opened = guess(&text);
    assert_eq!(still_open(&opened), [QuestionKind::Positive]);
    assert_eq!(opened.questions[0].evidence, "Values with their counts: 0 (16), 1 (16), 2 (16).");
    assert_eq!(opened.questions[0].choices[0], "1 positive, 0 negative, the rest set aside");
    for told in ["1", "1/0"] {
        let opened = guess_with(&text, OpenOptions { positive: Some(told.to_owned()), ..OpenOptions::default() });
        assert_eq!(still_open(&opened), []);
        assert_eq!(opened.guess.label_map.get("2"), None);
        let issue = opened.issues.iter().find(|issue| issue.code == "other_label_values").unwrap();
        assert_eq!((issue.count, issue.message.as_str()), (16, "16 of 48 labels in label are neither class: 2 (16)."));
    }
}

#[test]
fn bad_records_above_the_limit_block() {
    let mut text: String = (0..20)
        .flat_map(|id| [("champion", 0.2), ("challenger", 0.4)].map(|(model, score)| line(id, model, score)))
        .collect();
    text.truncate(text.len() - 40);
    let mut opened = one("log.jsonl", text.as_bytes(), OpenOptions::default()).unwrap();
    assert_eq!((opened.sources[0].records, opened.sources[0].quarantined), (39, 1));
    let issue = opened.issues.iter().find(|issue| issue.code == "unreadable_record").unwrap();
    assert_eq!(issue.severity, Severity::Blocking);
    assert_eq!(
        issue.message,
        "1 of 40 records could not be read: log.jsonl:40 (line 40) is cut off at the end of the file."
    );
    assert!(issue.examples[0].raw.starts_with("{\"request_id\":\"req_0013\"") && issue.examples[0].record == 40);
    assert_eq!(still_open(&opened), [QuestionKind::BadRows]);
    let asked = opened.questions.len() - 1;
    answer(&mut opened, asked, 0);
    assert!(opened.guess.accept_bad_rows && still_open(&opened).is_empty());
    let accepted =
        one("log.jsonl", text.as_bytes(), OpenOptions { accept_bad_rows: true, ..OpenOptions::default() }).unwrap();
    assert_eq!(still_open(&accepted), []);
}

#[test]
fn what_is_no_log_is_a_clear_error() {
    let error = |bytes: &[u8]| one("x.csv", bytes, OpenOptions::default()).unwrap_err().to_string();
    assert!(error(b"").starts_with("The file is empty: "));
    assert!(error(b"id,model,score,label\n").contains("no records; its columns are id, model, score, label"));
    assert!(
        error(b"<!DOCTYPE html>\n<title>503 Service Unavailable</title>")
            .contains("HTML page (“503 Service Unavailable”)")
    );
    assert!(error(b"garbage {\n").contains(": "));
    // Beside good files it is told, and left out.
    let good = long(10);
    let files = Files::new("beside", &[("a.csv", good.as_bytes()), ("b.csv", b"<html>")]);
    let opened = files.open(OpenOptions::default()).unwrap();
    assert_eq!((opened.sources.len(), opened.issues[0].code.as_str()), (1, "not_a_log"));
    let named = open(&[files.0.join("a.csv"), files.0.join("b.csv")], &OpenOptions::default(), &JobCx::new());
    assert!(named.is_err());
}

#[test]
fn sentences_beside_tables_are_no_part_of_the_run() {
    let good = long(10);
    let notes = "Ask Ann about the labels of March.\nThe second file was made by hand.\nNothing else is known of it, sadly.\nAll of this is to be gone through again.\n";
    let more = format!("{notes}And one line more than in the other.\n");
    let files =
        Files::new("notes", &[("a.csv", good.as_bytes()), ("notes.txt", notes.as_bytes()), ("b.txt", more.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    let left: Vec<_> = opened.issues.iter().filter(|issue| issue.code == "not_a_log").collect();
    assert_eq!((opened.sources.len(), left.len()), (1, 2), "{:?}", opened.issues);
    assert!(left.iter().all(|issue| issue.message.contains("sentences")));
    assert_eq!(opened.guess.task, crate::log::Task::Binary);
}

#[test]
fn encodings_and_containers_are_reported() {
    let text =
        "id;model;score;label\nr1;champion;0,25;0\nr1;challenger;0,5;0\nr2;champion;0,75;1\nr2;challenger;1,0;1\n";
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let opened = one("x.txt", &zstd::encode_all(utf16.as_slice(), 1).unwrap(), OpenOptions::default()).unwrap();
    assert_eq!(opened.sources[0].format, "csv (;)+utf-16le+zstd");
    assert_eq!(opened.sources[0].columns[2].kind, "number");
    assert_eq!(still_open(&opened), []);
    assert_eq!(opened.sources[0].preview[1], ["r1", "challenger", "0,5", "0"]);
}

#[test]
fn no_score_asks_for_the_column() {
    let mut opened = guess("case_id,alpha,beta,label\na,0.1,3,0\nb,0.25,4,1\nc,0.75,9,1\n");
    assert_eq!(still_open(&opened), [QuestionKind::Column]);
    assert_eq!(opened.questions[0].choices, ["alpha", "beta"]);
    answer(&mut opened, 0, 0);
    assert_eq!(opened.guess.columns[1].role, Role::Score);
    answer(&mut opened, 9, 9);
}

#[test]
fn models_without_words_for_sides() {
    let text = long(50).replace("champion", "net").replace("challenger", "tree");
    let opened = guess(&text);
    assert_eq!(still_open(&opened), [QuestionKind::Champion]);
    assert_eq!(opened.questions[0].choices.len(), 2);
    let told = guess_with(&text, OpenOptions { challenger: Some("net".to_owned()), ..OpenOptions::default() });
    assert_eq!((still_open(&told), told.guess.champion.as_str()), (vec![], "tree"));
    let wrong =
        one("x.csv", text.as_bytes(), OpenOptions { champion: Some("forest".to_owned()), ..OpenOptions::default() });
    assert!(wrong.unwrap_err().to_string().contains("no model `forest`; the log holds net, tree"));
}

#[test]
fn days_of_one_model_are_one_model() {
    let day = |start: usize| {
        (start..start + 50)
            .fold(String::from("id,score,label\n"), |text, id| text + &format!("r{id},0.{id:03},{}\n", id % 2))
    };
    let (a, b) = (day(100), day(200));
    let files = Files::new("days", &[("scores-monday.csv", a.as_bytes()), ("scores-tuesday.csv", b.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    assert_eq!((opened.guess.challenger.as_deref(), still_open(&opened)), (None, vec![]));
    // The same ids in both: two models.
    let files = Files::new("models", &[("scores-net.csv", a.as_bytes()), ("scores-tree.csv", a.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    assert_eq!(still_open(&opened), [QuestionKind::Champion]);
}

#[test]
fn profile_answers_all() {
    let text = long(50).replace("champion", "net").replace("challenger", "tree");
    let mut opened = guess(&text);
    answer(&mut opened, 0, 1);
    let profile = opened.guess.clone();
    let again = guess_with(&text, OpenOptions { profile: Some(profile.clone()), ..OpenOptions::default() });
    assert_eq!((again.questions.len(), again.guess), (0, profile));
}

#[test]
fn a_profile_of_other_columns_says_what_differs() {
    let table = |header: &str| {
        (0..40).fold(format!("{header}\n"), |text, row| {
            text + &format!(
                "r{row},{},0.{row:02},0.{:02},{}\n",
                row % 2,
                40 - row,
                if row % 3 == 0 { "n" } else { "s" }
            )
        })
    };
    let first = guess(&table("request_id,label,score_champion,score_challenger,region"));
    let with = |header: &str| {
        let options = OpenOptions { profile: Some(first.guess.clone()), ..OpenOptions::default() };
        let opened = guess_with(&table(header), options);
        opened.issues.into_iter().find(|issue| issue.code == "profile_columns").map(|issue| issue.message)
    };
    assert_eq!(with("request_id,label,score_champion,score_challenger,region"), None);
    let said = "The log lacks region of the mapping profile; it has area instead.";
    assert_eq!(with("request_id,label,score_champion,score_challenger,area").as_deref(), Some(said));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_open_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = open::read_text(bytes, &JobCx::new()).unwrap();
    }

    #[test]
    fn any_small_table_opens_or_is_refused(text in "[a-c0-2,;\"\n.{}:]{0,60}") {
        let _ = one("x.csv", format!("id,score,label\n{text}").as_bytes(), OpenOptions::default());
        let _ = one("x.csv", text.as_bytes(), OpenOptions::default());
    }
}
