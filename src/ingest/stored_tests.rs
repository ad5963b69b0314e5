//! How logs are stored: containers, encodings, folders, shapes of cells.

use std::io::Write as _;

use super::mapping::Role;
use super::open_tests::Files;
use super::*;
use crate::job::JobCx;
use crate::log::is_not_logged;

const LONG: &str =
    "id,model,score,label\nr1,champion,0.25,0\nr1,challenger,0.5,0\nr2,champion,0.75,1\nr2,challenger,0.125,1\n";

fn told() -> OpenOptions {
    OpenOptions {
        champion: Some("champion".to_owned()),
        challenger: Some("challenger".to_owned()),
        accept_bad_rows: true,
        ..OpenOptions::default()
    }
}

/// Scores of the champion by id.
fn champion(opened: &Opened) -> Vec<(String, f64)> {
    let log = load(opened, &opened.guess, &JobCx::new()).unwrap().log;
    let scores = log.arms[0].scores.as_ref().unwrap();
    (0..log.rows).map(|row| (log.ids.get(row), scores[row])).collect()
}

fn expected() -> Vec<(String, f64)> {
    vec![("r1".to_owned(), 0.25), ("r2".to_owned(), 0.75)]
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        out.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn bzip2(text: &str) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bzip2_and_xz_are_read() {
    let files = Files::new("bz2", &[("a.csv.bz2", &bzip2(LONG))]);
    let opened = files.open(told()).unwrap();
    assert_eq!((opened.sources[0].format.as_str(), champion(&opened)), ("csv+bzip2", expected()));

    const XZ: &[u8] = b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\xe0\x00\x2b\x00\x29\x5d\x00\x34\x99\x01\x85\x72\x19\x12\x2f\x1e\x03\x55\x70\x9a\xa0\xec\x11\x42\x08\xeb\x2a\x3a\xc7\x4d\x21\x9a\x5f\xcc\xce\x6a\x5d\xe8\xf7\x22\x78\xc4\x31\x83\xca\xe2\x60\x00\x00\x00\x00\x00\x77\x1e\xb3\x1f\x74\xdd\xed\xff\x00\x01\x45\x2c\x88\x62\x50\x9f\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a";
    let files = Files::new("xz", &[("a.csv.xz", XZ)]);
    let opened = files.open(OpenOptions::default()).unwrap();
    assert_eq!((opened.sources[0].format.as_str(), opened.sources[0].records), ("csv+xz", 2));
    let cut = Files::new("xz-cut", &[("a.csv.xz", &XZ[..40])]);
    assert!(cut.open(OpenOptions::default()).unwrap_err().to_string().contains("xz"));
}

#[test]
fn each_file_of_a_zip_is_a_source() {
    let (live, shadow) = ("id,score,label\nr1,0.25,0\nr2,0.75,1\n", "id,score,label\nr1,0.5,0\nr2,0.125,1\n");
    let packed = zip(&[
        ("logs/champion.csv", live.as_bytes()),
        ("logs/challenger.csv.bz2", &bzip2(shadow)),
        ("__MACOSX/logs/._champion.csv", b"\0\x05\x16\x07"),
        ("README.md", b"# logs"),
    ]);
    let files = Files::new("zip", &[("run.zip", &packed)]);
    let opened = files.open(OpenOptions::default()).unwrap();
    let names: Vec<_> = opened.sources.iter().map(|source| (source.display.as_str(), source.format.as_str())).collect();
    assert_eq!(names, [("run.zip/logs/challenger.csv.bz2", "csv+bzip2+zip"), ("run.zip/logs/champion.csv", "csv+zip")]);
    assert_eq!(champion(&opened), expected());

    let one = Files::new("zip-one", &[("run.zip", &zip(&[("a.csv", LONG.as_bytes())]))]);
    assert_eq!(one.open(told()).unwrap().sources[0].display, "run.zip/a.csv");
}

#[test]
fn archives_that_cannot_be_read_say_what_to_do() {
    let mut tar = vec![0u8; 1024];
    tar[..5].copy_from_slice(b"a.csv");
    tar[257..262].copy_from_slice(b"ustar");
    let workbook = zip(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")]);
    let empty = zip(&[("notes.md", b"x")]);
    let mut damaged = zip(&[("a.csv", LONG.as_bytes())]);
    damaged.truncate(damaged.len() / 2);
    for (name, bytes, part) in [
        ("a.tar", &tar, "tar -xf"),
        ("a.xlsx", &workbook, "save the sheet as CSV"),
        ("a.zip", &empty, "no files to read"),
        ("b.zip", &damaged, "damaged"),
    ] {
        let message = Files::new(name, &[(name, bytes)]).open(told()).unwrap_err().to_string();
        assert!(message.contains(part) && message.contains(name), "{message}");
    }
}

#[test]
fn old_encodings_are_told() {
    let latin =
        LONG.replace("label", "label,stadt").replace(",0\n", ",0,M\u{fc}nchen\n").replace(",1\n", ",1,K\u{f6}ln\n");
    let bytes: Vec<u8> = latin.chars().map(|letter| letter as u8).collect();
    let opened = Files::new("latin", &[("a.csv", &bytes)]).open(told()).unwrap();
    let issue = opened.issues.iter().find(|issue| issue.code == "legacy_encoding").unwrap();
    assert!(issue.message.contains("a.csv") && issue.message.contains("Windows-1252"), "{}", issue.message);
    let utf16: Vec<u8> = format!("\u{feff}{LONG}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let opened = Files::new("utf16be", &[("a.csv", &utf16)]).open(told()).unwrap();
    assert_eq!((opened.sources[0].format.as_str(), champion(&opened)), ("csv+utf-16be", expected()));
}

#[test]
fn each_file_has_its_own_separator_and_quotes() {
    let live = "id|score|label|note\nr1|0.25|0|\"two\nlines\"\nr2|0.75|1|x\n";
    let shadow = "id;score;label;note\nr1;0,5;0;x\nr2;0,125;1;x\n";
    let files = Files::new("pipes", &[("champion.csv", live.as_bytes()), ("challenger.csv", shadow.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    let formats: Vec<_> = opened.sources.iter().map(|source| source.format.as_str()).collect();
    assert_eq!(formats, ["csv (;)", "csv (|)"]);
    assert_eq!(champion(&opened), expected());
}

#[test]
fn partition_folders_are_columns() {
    let part = |at: usize| -> String {
        LONG.lines()
            .enumerate()
            .filter(|(line, _)| *line == 0 || line.div_ceil(2) == at)
            .map(|(_, line)| format!("{line}\n"))
            .collect()
    };
    let files = Files::new(
        "hive",
        &[
            ("country=DE/date=2026-01-01/part-0.csv", part(1).as_bytes()),
            ("country=FR/date=2026-01-02/part-0.csv", part(2).as_bytes()),
        ],
    );
    let opened = files.open(told()).unwrap();
    assert!(opened.issues.iter().all(|issue| issue.code != "schema_drift"));
    let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    let crate::log::FeatureValues::Coded(codes) = &log.feature("country").unwrap().values else { panic!("no codes") };
    assert_eq!((0..log.rows).map(|row| codes.get(row)).collect::<Vec<_>>(), [Some("DE"), Some("FR")]);
    assert!(log.feature("date").is_some() || opened.guess.columns.iter().any(|role| role.column == "date"));
}

#[test]
fn files_that_differ_are_named_with_what_differs() {
    let row = |n: usize, rest: &str| format!("r{n},champion,0.25,0{rest}\nr{n},challenger,0.5,1{rest}\n");
    let head = "id,model,score,label";
    let files = Files::new(
        "drift",
        &[
            ("a.csv", format!("{head},amount\n{}", row(1, ",10")).as_bytes()),
            ("b.csv", format!("{head},amount\n{}", row(2, ",20.5")).as_bytes()),
            ("c.csv", format!("{head}\n{}", row(3, "")).as_bytes()),
            ("d.csv", format!("{head},amount,region\n{}", row(4, ",much,north")).as_bytes()),
        ],
    );
    let opened = files.open(told()).unwrap();
    let issue = opened.issues.iter().find(|issue| issue.code == "schema_drift").unwrap();
    assert_eq!(issue.count, 2);
    for part in ["c.csv lacks amount", "d.csv adds region", "holds amount as text instead of number"] {
        assert!(issue.message.contains(part), "{}", issue.message);
    }
    assert_eq!(load(&opened, &opened.guess, &JobCx::new()).unwrap().log.rows, 4);
}

#[test]
fn the_same_in_many_files_is_told_once() {
    let names: Vec<String> = (0..6).map(|n| format!("f{n}.csv")).collect();
    let bytes: Vec<Vec<u8>> = (0..6)
        .map(|n| {
            let text = format!("id,model,score,label,k\nr{n},champion,0.25,0,\nr{n},challenger,0.5,1,");
            [text.as_bytes(), b"\xfc\n"].concat()
        })
        .collect();
    let list: Vec<(&str, &[u8])> = names.iter().map(String::as_str).zip(bytes.iter().map(Vec::as_slice)).collect();
    let opened = Files::new("many", &list).open(told()).unwrap();
    let found: Vec<_> = opened.issues.iter().filter(|issue| issue.code == "legacy_encoding").collect();
    assert_eq!((found.len(), found[0].count), (1, 6));
    assert!(found[0].message.ends_with("The same holds for 5 more files."), "{}", found[0].message);
}

#[test]
fn probabilities_in_all_their_shapes() {
    let shapes: [(&str, [&str; 4]); 5] = [
        ("probabilities", ["\"[0.75,0.25]\"", "\"[0.5,0.5]\"", "\"[0.25,0.75]\"", "\"[0.875,0.125]\""]),
        ("probabilities", ["[0.75 0.25]", "[0.5 0.5]", "[0.25 0.75]", "[0.875 0.125]"]),
        (
            "proba",
            [
                "\"{\"\"0\"\":0.75,\"\"1\"\":0.25}\"",
                "\"{\"\"0\"\":0.5,\"\"1\"\":0.5}\"",
                "\"{\"\"0\"\":0.25,\"\"1\"\":0.75}\"",
                "\"{\"\"1\"\":0.125,\"\"0\"\":0.875}\"",
            ],
        ),
        ("p_0,p_1", ["0.75,0.25", "0.5,0.5", "0.25,0.75", "0.875,0.125"]),
        ("score", ["25%", "50.0%", "75 %", "12.5%"]),
    ];
    for (number, (head, cells)) in shapes.iter().enumerate() {
        let mut text = format!("id,model,{head},label\n");
        for (line, cell) in cells.iter().enumerate() {
            let model = if line % 2 == 0 { "champion" } else { "challenger" };
            text += &format!("r{},{model},{cell},{}\n", line / 2 + 1, line / 2);
        }
        let opened = Files::new(&format!("shape-{number}"), &[("a.csv", text.as_bytes())]).open(told()).unwrap();
        assert_eq!(champion(&opened), expected(), "{text}");
    }
    let nested = "{\"id\":\"r1\",\"model\":\"champion\",\"proba\":{\"0\":0.75,\"1\":0.25},\"label\":0}\n{\"id\":\"r1\",\"model\":\"challenger\",\"proba\":{\"0\":0.5,\"1\":0.5},\"label\":0}\n{\"id\":\"r2\",\"model\":\"champion\",\"proba\":{\"0\":0.25,\"1\":0.75},\"label\":1}\n{\"id\":\"r2\",\"model\":\"challenger\",\"proba\":{\"0\":0.875,\"1\":0.125},\"label\":1}\n";
    let opened = Files::new("shape-json", &[("a.jsonl", nested.as_bytes())]).open(told()).unwrap();
    assert_eq!(champion(&opened), expected());
}

#[test]
fn a_list_of_another_length_is_a_failure_and_not_a_probability() {
    let text = "id,model,probabilities,label\nr1,champion,[0.75 0.25],0\nr1,challenger,[0.5 0.5],0\nr2,champion,[0.25 0.75],1\nr2,challenger,[0.5 0.5],1\n";
    let many: String = (3..300)
        .map(|n| {
            format!("r{n},champion,[0.5 0.5],0\nr{n},challenger,{},0\n", if n == 299 { "[0.5]" } else { "[0.5 0.5]" })
        })
        .collect();
    let opened = Files::new("shape-bad", &[("a.csv", format!("{text}{many}").as_bytes())]).open(told()).unwrap();
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    let scores = loaded.log.arms[1].scores.as_ref().unwrap();
    assert_eq!(scores.iter().filter(|score| is_not_logged(**score)).count(), 1);
    assert!(loaded.report.issues.iter().any(|issue| issue.code == "unreadable_value" && issue.count == 1));
}

#[test]
fn the_order_of_day_and_month_is_read_off_or_asked() {
    let log = |dates: [&str; 2]| {
        let line = |n: usize, date: &str| {
            format!("r{n},champion,0.25,{},{date} 10:00:00\nr{n},challenger,0.5,{},{date} 10:00:00\n", n % 2, n % 2)
        };
        format!("id,model,score,label,timestamp\n{}{}", line(1, dates[0]), line(2, dates[1]))
    };
    let open = |name: &str, dates: [&str; 2], options: OpenOptions| {
        Files::new(name, &[("a.csv", log(dates).as_bytes())]).open(options).unwrap()
    };
    let asked = |opened: &Opened| opened.questions.iter().find(|asked| asked.kind == QuestionKind::DayOrder).cloned();
    let times = |opened: &Opened| load(opened, &opened.guess, &JobCx::new()).unwrap().log.times.unwrap();
    let april = 1_775_210_400_000_000; // 2026-04-03T10:00:00Z

    let mut unclear = open("dates-unclear", ["03/04/2026", "05/04/2026"], told());
    let role = unclear.guess.columns.iter().find(|role| role.column == "timestamp").unwrap();
    assert_eq!(role.role, Role::Ts);
    assert_eq!(asked(&unclear).unwrap().answer, None);
    let place = unclear.questions.iter().position(|asked| asked.kind == QuestionKind::DayOrder).unwrap();
    answer(&mut unclear, place, 0);
    assert_eq!(times(&unclear)[0], april);

    let clear = open("dates-clear", ["03.04.2026", "25.04.2026"], told());
    assert_eq!(asked(&clear).unwrap().answer, Some(0));
    assert_eq!(times(&clear)[0], april);
    let american = open("dates-us", ["4/3/2026", "4/25/2026"], told());
    assert_eq!((asked(&american).unwrap().answer, times(&american)[0]), (Some(1), april));
    let said = open("dates-said", ["04/03/2026", "04/05/2026"], OpenOptions { day_first: Some(false), ..told() });
    assert_eq!((asked(&said).unwrap().answer, times(&said)[0]), (Some(1), april));
}

#[test]
fn spellings_of_classes_are_shown_with_counts() {
    let text = LONG.replace(",1\n", ",yes\n").replace(",0\n", ",No\n");
    let opened = Files::new("classes", &[("a.csv", text.as_bytes())]).open(told()).unwrap();
    let mut table = opened.values.table(&opened.guess);
    table.sort();
    assert_eq!(table, [("No".to_owned(), Some(false), [2, 0]), ("yes".to_owned(), Some(true), [2, 0])]);
}

#[test]
fn a_log_without_labels_says_so() {
    let text = LONG.replace(",label", "").replace(",0\n", "\n").replace(",1\n", "\n");
    let opened = Files::new("unlabelled", &[("a.csv", text.as_bytes())]).open(told()).unwrap();
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    let issue = loaded.report.issues.iter().find(|issue| issue.code == "no_labels").unwrap();
    assert_eq!((issue.count, issue.share), (2, 1.0));
}

#[test]
fn labels_of_young_requests_are_pending() {
    let line = |n: usize, day: usize| {
        let time = format!("2026-03-{day:02}T12:00:00Z");
        format!("r{n},champion,0.25,{},{time}\nr{n},challenger,0.5,{},{time}\n", n % 2, n % 2)
    };
    let text: String = (1..=8).map(|n| line(n, n)).collect();
    let opened = Files::new("mature", &[("a.csv", format!("id,model,score,label,timestamp\n{text}").as_bytes())])
        .open(told())
        .unwrap();
    let mut mapping = opened.guess.clone();
    mapping.mature_after = Some("3d".to_owned());
    let loaded = load(&opened, &mapping, &JobCx::new()).unwrap();
    let labels = &loaded.log.audit.labels;
    assert_eq!((labels.present, labels.absent, labels.immature), (5, 3, 3));
    assert!(loaded.report.issues.iter().any(|issue| issue.code == "immature_labels" && issue.count == 3));
    mapping.mature_after = Some("later".to_owned());
    assert!(load(&opened, &mapping, &JobCx::new()).unwrap_err().to_string().contains("30d"));
}

#[test]
fn the_latest_of_revised_labels_counts() {
    let log = LONG.replace(",label", "").replace(",0\n", "\n").replace(",1\n", "\n");
    // r1: revised once, in another file; r2: two labels of the same time.
    let files = Files::new(
        "revised",
        &[
            ("log.csv", log.as_bytes()),
            ("labels/1.csv", b"id,label,labelled_at\nr1,0,2026-03-01T00:00:00Z\nr2,0,2026-03-02T00:00:00Z\n"),
            ("labels/2.csv", b"id,label,labelled_at\nr1,1,2026-03-09T00:00:00Z\nr2,1,2026-03-02T00:00:00Z\n"),
        ],
    );
    let labels = vec![files.0.join("labels")];
    let opened = files.open(OpenOptions { labels, ..told() }).unwrap();
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    let found = &loaded.log.audit.labels;
    assert_eq!((found.revised, found.conflicting, found.present), (1, 1, 1), "{:?}", opened.guess.label_columns);
    let of =
        |id: &str| (0..loaded.log.rows).find(|&row| loaded.log.ids.get(row) == id).map(|row| loaded.log.labels[row]);
    assert_eq!((of("r1"), of("r2")), (Some(1), Some(crate::log::NO_LABEL)));
    let said = loaded.report.issues.iter().find(|issue| issue.code == "revised_labels").unwrap();
    assert!(said.message.starts_with("1 ids have a label that was revised"), "{}", said.message);
}

#[test]
fn the_pairing_is_shown_by_day() {
    let line = |n: usize, model: &str, label: &str| {
        format!("r{n},{model},0.25,{label},2026-03-{:02}T{:02}:00:00Z\n", 1 + n / 4, n % 4)
    };
    let mut text = "id,model,score,label,timestamp\n".to_owned();
    for n in 0..12 {
        let label = if n < 10 { ["0", "1"][n % 2] } else { "" };
        text += &line(n, "champion", label);
        // Two ids of the second day have no answer of the challenger.
        if !(4..6).contains(&n) {
            text += &line(n, "challenger", label);
        }
    }
    let opened = Files::new("by-day", &[("a.csv", text.as_bytes())]).open(told()).unwrap();
    let found = audit(&opened, &opened.guess, &JobCx::new()).unwrap();
    let days: Vec<[u64; 4]> = found.days.iter().map(|day| [day.lines, day.unmatched, day.rows, day.labelled]).collect();
    assert_eq!(days, [[8, 0, 4, 4], [6, 2, 2, 2], [8, 0, 4, 2]]);
    assert_eq!((found.join.paired, found.join.champion_only), (10, 2));
    assert_eq!(found.days[1].start - found.days[0].start, 86_400_000_000);
    let untimed = Files::new("by-no-day", &[("a.csv", LONG.as_bytes())]).open(told()).unwrap();
    assert!(audit(&untimed, &untimed.guess, &JobCx::new()).unwrap().days.is_empty());
}

#[test]
fn a_score_and_labels_under_names_of_their_own_are_found() {
    let log = |model: &str, name: &str| -> String {
        let line = |n: usize| format!("r{n},{model},0.{:02},{}\n", n * 7 % 100, n * 3);
        format!("request_id,model,{name},amount\n{}", (0..40).map(line).collect::<String>())
    };
    let labels: String = (0..40).map(|n| format!("r{n},{}\n", n % 2)).collect();
    let labels = format!("request_id,is_fraud\n{labels}");
    let open = |name: &str, column: &str| {
        let (champion, challenger) = (log("champion", column), log("challenger", column));
        let files = [("champion.csv", &champion), ("challenger.csv", &challenger), ("truth.csv", &labels)];
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        Files::new(name, &files).open(OpenOptions::default()).unwrap()
    };
    let opened = open("affix", "p_fraud");
    assert!(opened.questions.iter().all(|asked| asked.answer.is_some()), "{:?}", opened.questions);
    let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    assert_eq!((log.audit.paired, log.audit.labels.present), (40, 40));
    // A name that says nothing: the score is asked, and the labels are still those.
    let mut opened = open("no-name", "s100b");
    let asked = &opened.questions[0];
    assert_eq!((asked.kind, asked.choices[0].as_str()), (QuestionKind::Column, "s100b"));
    answer(&mut opened, 0, 0);
    assert_eq!(load(&opened, &opened.guess, &JobCx::new()).unwrap().log.audit.labels.present, 40);
}
