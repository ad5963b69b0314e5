use std::fs;

use super::super::test_folder::Folder;
use super::*;

const WORKSPACE: &str = "schema = \"assay-workspace/1\"\nname = \"run\"\nfiles = [\"a.csv\"]\n";

fn wide() -> String {
    let mut text = "id,score_champion,score_challenger,label,region\n".to_owned();
    for row in 0..40_u32 {
        let (a, b) = (f64::from(row * 7 % 40) / 40.0, f64::from(row * 3 % 40) / 40.0);
        text += &format!("r{row},{a},{b},{},{}\n", row % 2, if row < 20 { "north" } else { "south" });
    }
    text
}

#[test]
fn a_folder_with_one_workspace_is_that_workspace() {
    let folder = Folder::new("pipeline-request");
    folder.put("run.assay", WORKSPACE);
    let asked = request(std::slice::from_ref(&folder.0)).unwrap();
    assert_eq!((asked.name.as_str(), asked.files), ("run", vec![folder.0.join("a.csv")]));

    folder.put("more.assay", WORKSPACE);
    let message = request(std::slice::from_ref(&folder.0)).unwrap_err().to_string();
    assert!(message.contains("several workspaces") && message.contains("more.assay"), "{message}");

    let beside = [folder.0.join("run.assay"), folder.0.join("a.csv")];
    assert!(request(&beside).unwrap_err().to_string().contains("opened alone"));
    assert!(request(&[]).is_err());
}

#[test]
fn logs_get_a_name_of_their_own() {
    let name = |paths: &[&str]| {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        request(&paths).unwrap().name
    };
    assert_eq!(name(&["runs/aSAH.csv"]), "aSAH");
    assert_eq!(name(&["runs/live.csv", "runs/shadow.csv"]), "runs");
    assert_eq!(name(&["live.csv", "shadow.csv"]), "live");
}

#[test]
fn load_fills_in_digests_and_shows_paths_below_the_base() {
    let folder = Folder::new("pipeline-load");
    let path = folder.put("a.csv", &wide());
    let asked = Request { files: vec![path.clone()], base: Some(folder.0.clone()), ..Request::default() };
    let opened = open(&asked, &JobCx::new()).unwrap();
    let run = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    assert_eq!(run.paths, std::slice::from_ref(&path));
    assert_eq!(run.log.sources[0].path, "a.csv");
    let digest = crate::decision::canonical::sha256_hex(&fs::read(path).unwrap());
    assert_eq!(run.log.sources[0].sha256, digest);

    let cancelled = JobCx::new();
    cancelled.cancel();
    assert!(matches!(load(&opened, &opened.guess, &cancelled), Err(PipelineError::Ingest(IngestError::Cancelled(_)))));
}

#[test]
fn an_open_question_is_an_error_that_names_the_flag() {
    let folder = Folder::new("pipeline-question");
    let rows: String = (0..60).map(|row| format!("r{row},0.{:02},{}\n", row, ["a", "b", "c"][row % 3])).collect();
    let path = folder.put("a.csv", &format!("id,score,label\n{rows}"));
    let asked = Request { files: vec![path], ..Request::default() };
    let opened = open(&asked, &JobCx::new()).unwrap();
    let message = load(&opened, &opened.guess, &JobCx::new()).unwrap_err().to_string();
    assert!(message.contains("--positive"), "{message}");
}

#[test]
fn policy_errors_name_file_key_and_line() {
    let folder = Folder::new("pipeline-policy");
    let asked = |path: PathBuf| Request { policy: Some(path), ..Request::default() };
    let default = policy(&Request::default()).unwrap();
    let path = folder.put("p.toml", &default.text.replacen("margin = 0.005", "margn = 0.005", 1));
    let message = policy(&asked(path)).unwrap_err().to_string();
    for part in ["p.toml", "line ", "margn"] {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    let message = policy(&asked(folder.0.join("none.toml"))).unwrap_err().to_string();
    assert!(message.contains("no such policy") && message.contains("none.toml"), "{message}");
}

#[test]
fn the_plan_takes_level_from_the_policy_and_each_slice_once() {
    let folder = Folder::new("pipeline-plan");
    let slice: SliceSpec = "region=north".parse().unwrap();
    let asked = Request {
        files: vec![folder.put("a.csv", &wide())],
        slices: vec![slice.clone(), slice.clone()],
        thresholds: [Some(0.5), None],
        ..Request::default()
    };
    let opened = open(&asked, &JobCx::new()).unwrap();
    let run = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    let mut rules = policy(&asked).unwrap();
    rules.interval.level = 0.9;
    rules.gates[0].segments = vec![Segment::Slice(slice.clone())];
    let plan = plan_request(&asked, &rules, &run.log, &run.mapping).unwrap();
    assert_eq!((plan.level, plan.seed, plan.thresholds), (0.9, 1, [Some(0.5), None]));
    assert_eq!(plan.slices, [slice]);
}

#[test]
fn record_ids_are_plain() {
    assert_eq!(slug("Shadow, member outreach"), "shadow-member-outreach");
    assert_eq!(slug("  "), "comparison");
}

#[test]
fn the_policys_age_of_a_label_counts_before_the_profiles() {
    let folder = Folder::new("pipeline-under");
    let asked = Request { files: vec![folder.put("a.csv", &wide())], ..Request::default() };
    let mut mapping = open(&asked, &JobCx::new()).unwrap().guess;
    mapping.mature_after = Some("36h".to_owned());
    let mut policy = Policy::default_for(Task::Binary, RunKind::Shadow);
    assert_eq!(under(&policy, &mapping).mature_after.as_deref(), Some("36h"));
    policy.design.labels =
        Some(crate::decision::policy::LabelRule { mature_after: Some("7d".into()), min_matured: None });
    assert_eq!(under(&policy, &mapping).mature_after.as_deref(), Some("7d"));
    // No default policy knows how long labels take.
    for task in [Task::Binary, Task::Multiclass, Task::Regression] {
        let default = Policy::default_for(task, RunKind::Shadow);
        assert!(default.design.labels.is_none_or(|labels| labels.mature_after.is_none()));
    }
}

/// A run with a policy that gates tests and a fact, both attached.
#[test]
fn attached_tests_and_facts_are_gated_recorded_and_verified() {
    use crate::decision::Outcome;
    use crate::decision::record::DecisionRecord;
    use crate::session::replay;
    let folder = Folder::new("pipeline-attached");
    let log = folder.put("a.csv", &wide());
    let junit = "<testsuite name=\"smoke\"><testcase name=\"a\"/><testcase name=\"b\"/></testsuite>";
    let tests = folder.put("junit.xml", junit);
    let gates = "schema = \"promotion-policy/1\"\nid = \"p\"\nversion = \"1\"\nowner = \"o\"\n\n[interval]\nlevel = 0.95\n\n\
        [metrics.\"fact:weeks\"]\nbetter = \"lower\"\n\n\
        [[gate]]\nid = \"T\"\nrole = \"critical\"\nmetric = \"tests_failed\"\ntest = \"bound\"\nmax = 0\n\n\
        [[gate]]\nid = \"N\"\nrole = \"guardrail\"\nmetric = \"tests_run\"\ntest = \"bound\"\nmin = 2\n\n\
        [[gate]]\nid = \"F\"\nrole = \"guardrail\"\nmetric = \"fact:weeks\"\ntest = \"bound\"\nmax = 6\n\n\
        [verdict]\nrules = [{ when = \"validity_failed\", then = \"invalid\" }, { when = \"all_passed\", then = \"promote\" }, { when = \"otherwise\", then = \"extend\" }]\n\n\
        [signoff]\nrequired = [{ role = \"approver\", count = 1 }]\n";
    let policy_file = folder.put("p.toml", gates);
    let draft = Draft { facts: "weeks=5 weeks\nhardware=2 x A100\n".to_owned(), ..Draft::default() };
    let asked = Request {
        files: vec![log.clone()],
        tests: vec![tests.clone()],
        base: Some(folder.0.clone()),
        policy: Some(policy_file),
        draft: draft.clone(),
        ..Request::default()
    };
    let cx = JobCx::new();
    let opened = open(&asked, &cx).unwrap();
    let run = load(&opened, &opened.guess, &cx).unwrap();
    let evaluation = evaluate(run, &asked, policy(&asked).unwrap(), &cx).unwrap();
    let outcomes: Vec<Outcome> = evaluation.verdict.gates.iter().map(|gate| gate.reading.outcome).collect();
    assert_eq!(outcomes, [Outcome::Pass; 3], "{:?}", evaluation.verdict.gates);
    let record = record(&evaluation, &asked, &draft, "2026-11-28T00:00:00Z");
    assert_eq!((record.facts.len(), record.tests[0].run, record.tests[0].path.as_str()), (2, 2, "junit.xml"));
    assert_eq!(record.evidence.sources[1].role, crate::log::SourceRole::Tests);
    let schema = serde_json::from_str(crate::decision::record::RECORD_JSON_SCHEMA).unwrap();
    let violations = crate::decision::schema_check::violations(&schema, &record.to_value().unwrap());
    assert_eq!(violations, Vec::<String>::new());
    let back = DecisionRecord::from_json(&record.to_bytes().unwrap()).unwrap();
    assert_eq!(back, record);
    let verify = |record: &DecisionRecord| {
        let roots = [folder.0.clone()];
        let found = replay::find_sources(record, &roots, &Default::default(), &cx).unwrap();
        replay::verify(record, &found, &cx).unwrap()
    };
    let report = verify(&record);
    assert!(report.all_match(), "{:?}", report.differing().map(ToString::to_string).collect::<Vec<_>>());
    fs::write(&tests, junit.replace("<testcase name=\"b\"/>", "<testcase name=\"b\"><failure/></testcase>")).unwrap();
    let differing: Vec<String> = verify(&record).differing().map(ToString::to_string).collect();
    assert!(differing.iter().any(|line| line.contains("junit.xml")), "{differing:?}");
    for page in [crate::report::html(&record), crate::report::markdown(&record)] {
        assert!(page.contains("x A100") && page.contains("junit.xml"), "{page}");
    }
}
