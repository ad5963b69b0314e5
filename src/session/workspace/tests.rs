use super::super::test_folder::Folder;
use super::*;
use crate::ingest::mapping::{ColumnRole, Role, Side};
use crate::ingest::source::S3Options;

fn said() -> Draft {
    use crate::decision::Recommendation;
    use crate::decision::record::{Finding, Override, Person};
    Draft {
        facts: "hardware=2 x A100\n".to_owned(),
        outcome: Some(Recommendation::Extend),
        rationale: "Two lines,\nand a \"quote\".".to_owned(),
        conditions: String::new(),
        limitations: "One site.\nFour weeks.".to_owned(),
        use_case: "Outreach".to_owned(),
        override_reason: Some(Override { expires: "2027-02-01".to_owned(), ..Override::default() }),
        people: vec![Person { name: "Ada".to_owned(), role: "author".to_owned(), meaning: String::new() }],
        findings: vec![Finding { id: "F1".to_owned(), text: "Drift".to_owned(), open: true, ..Finding::default() }],
        others: [(
            "third \"x\".1".to_owned(),
            Draft {
                facts: "challenger.cost_per_hour=2.4 EUR\n".to_owned(),
                override_reason: Some(Override::default()),
                ..Draft::default()
            },
        )]
        .into(),
    }
}

fn full(folder: &Path) -> Request {
    let mapping = Mapping {
        schema: profile::SCHEMA.to_owned(),
        kind: RunKind::Shadow,
        task: Task::Binary,
        columns: vec![ColumnRole::new("s".to_owned(), Role::Score, Side::Both)],
        label_columns: Vec::new(),
        champion: "a 1".to_owned(),
        challenger: Some("b \"2\"".to_owned()),
        file_models: [("live/x.csv".to_owned(), "a 1".to_owned())].into(),
        pairing: Pairing::Id,
        positive: "yes".to_owned(),
        label_map: [("yes".to_owned(), true)].into(),
        duplicates: Duplicates::First,
        naive_zone: None,
        day_first: None,
        mature_after: Some("30d".to_owned()),
        rivals: vec!["third".to_owned()],
        class_order: Vec::new(),
        season: None,
        accept_bad_rows: false,
    };
    Request {
        tests: vec![folder.join("junit.xml")],
        reference: vec![folder.join("train.parquet"), "s3://train/2026".into()],
        window: Some(Window::hours(24)),
        name: "Shadow, näme".to_owned(),
        files: vec![folder.join("logs"), folder.join("a.csv"), "s3://logs/run//a b.csv".into()],
        labels: vec![folder.join("labels.csv")],
        base: Some(folder.to_path_buf()),
        kind: Some(RunKind::Offline),
        task: Some(Task::Binary),
        champion: Some("a 1".to_owned()),
        challenger: Some("b \"2\"".to_owned()),
        rivals: vec!["third".to_owned()],
        positive: Some("yes/no".to_owned()),
        class_order: vec!["no".to_owned(), "yes".to_owned()],
        season: NonZeroU32::new(24),
        roles: [("id", "request"), ("outcome", "paid"), ("outcome", "found"), ("score.champion", "wfns")]
            .map(|(role, column)| (role.to_owned(), column.to_owned()))
            .to_vec(),
        profile: Some(mapping),
        profiles: Vec::new(),
        ignore_profiles: true,
        naive_zone: Some("Europe/Berlin".to_owned()),
        day_first: Some(true),
        pairing: Some(Pairing::Position),
        duplicates: Some(Duplicates::Last),
        accept_bad_rows: true,
        policy: Some(folder.join("policy.toml")),
        metrics: vec![
            CustomMetric::from_line("net:higher:EUR=if(prediction, \"a, b\", 0) per label").unwrap(),
            CustomMetric::from_line("late:lower=latency > 100").unwrap(),
        ],
        thresholds: [None, Some(0.25)],
        rule: ThresholdRule::MatchedFpr,
        slices: vec!["region=LATAM & amount>=100".parse().unwrap()],
        seed: Some(7),
        draft: said(),
        costs: Some([1.0, 12.5]),
        value: Some(ValueModel::from_line("tp=20,fp=-0.5,unit=EUR,amount=amount due,per_year=1e6").unwrap()),
        s3: S3Options {
            profile: Some("work".to_owned()),
            endpoint: Some("http://localhost:9000".to_owned()),
            requester_pays: true,
            ..S3Options::default()
        },
    }
}

#[test]
fn a_workspace_reads_back_as_written() {
    let folder = Folder::new("workspace-round");
    let path = folder.0.join("run.assay");
    for request in [
        full(&folder.0),
        Request {
            files: vec![folder.0.join("a.csv")],
            base: Some(folder.0.clone()),
            ignore_profiles: true,
            ..Request::default()
        },
    ] {
        let text = write(&request, &path);
        write_atomically(&path, text.as_bytes()).unwrap();
        assert_eq!(read(&path).unwrap(), request, "{text}");
    }
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn paths_below_the_file_are_relative_and_others_absolute() {
    let folder = Folder::new("workspace-paths");
    let elsewhere = std::env::temp_dir().join("elsewhere.csv");
    let request = Request { files: vec![folder.0.join("logs/a.csv"), elsewhere.clone()], ..Request::default() };
    let text = write(&request, &folder.0.join("run.assay"));
    assert!(text.contains("\"logs/a.csv\""), "{text}");
    assert!(text.contains(&*elsewhere.to_string_lossy()), "{text}");
}

#[test]
fn errors_name_the_key_the_line_and_the_file() {
    let folder = Folder::new("workspace-errors");
    let good = "schema = \"assay-workspace/1\"\nfiles = [\"a.csv\"]\n";
    for (text, parts) in [
        (format!("{good}chalenger = \"b\"\n"), vec!["line 3", "chalenger"]),
        (format!("{good}[mapping]\nrole = 1\n"), vec!["role"]),
        (format!("{good}[thresholds]\nb = 0.5\n"), vec!["line 4", "`b`"]),
        (format!("{good}slices = [\"region\"]\n"), vec!["slices", "region"]),
        ("schema = \"assay-workspace/1\"\n".to_owned(), vec!["files"]),
        ("schema = \"assay-workspace/1\"\nfiles = []\n".to_owned(), vec!["files"]),
        (good.replace("/1", "/9"), vec!["assay-workspace/9"]),
        (format!("{good}profile = \"none.toml\"\n"), vec!["profile", "none.toml"]),
        ("files = [".to_owned(), vec!["line 1"]),
    ] {
        let path = folder.put("x.assay", &text);
        let message = read(&path).unwrap_err().to_string();
        for part in parts.iter().copied().chain(["x.assay"]) {
            assert!(message.contains(part), "{part} is not in: {message}");
        }
    }
    let message = read(&folder.0.join("missing.assay")).unwrap_err().to_string();
    assert!(message.contains("no such workspace") && message.contains("missing.assay"), "{message}");
}

#[test]
fn the_bundled_sample_is_a_workspace() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/shadow-outreach/shadow-outreach.assay");
    let request = read(&path).unwrap();
    assert_eq!(request.challenger.as_deref(), Some("outreach-gbm 8.0-rc1"));
    assert_eq!((request.files.len(), request.labels.len(), request.roles.len()), (2, 1, 9));
}
