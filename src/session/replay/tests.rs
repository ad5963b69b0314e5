//! Records that say something else than policy, mapping and logs do, each consistent in itself: what does not follow
//! must differ, as if whoever changed one number had put in all that the change entails.

use super::super::test_folder::Folder;
use super::*;
use crate::compare::{Better, Looks, SliceSpec};
use crate::decision::attached::Fact;
use crate::decision::fixture;
use crate::ingest::Severity;
use crate::ingest::mapping::{Role, Side};
use crate::ingest::source::S3Options;
use crate::log::RunKind;

/// A run of two models with its policy, and the record of it under any plan.
struct Case {
    folder: Folder,
    run: LoadedRun,
    policy: Policy,
    asked: Request,
}

impl Case {
    fn new(name: &str, kind: RunKind, log: &str, policy: Policy, rivals: &[&str]) -> Self {
        let folder = Folder::new(&format!("{name}-{:?}", std::thread::current().id()));
        let asked = Request {
            files: vec![folder.put("a.csv", log)],
            base: Some(folder.0.clone()),
            kind: Some(kind),
            champion: Some("prod".to_owned()),
            challenger: Some("tree".to_owned()),
            rivals: rivals.iter().map(|name| (*name).to_owned()).collect(),
            ..Request::default()
        };
        let opened = pipeline::open(&asked, &JobCx::new()).unwrap();
        let run = pipeline::load(&opened, &pipeline::under(&policy, &opened.guess), &JobCx::new()).unwrap();
        Self { folder, run, policy, asked }
    }

    /// Three models on the same requests; an id of which `prod` says two things.
    fn shadow() -> Self {
        let mut log = "id,model,score,label,region\n".to_owned();
        for row in 0..60_u32 {
            let region = if row < 30 { "north" } else { "south" };
            for (model, step) in [("prod", 7), ("tree", 11), ("net", 13)] {
                log += &format!("r{row},{model},{},{},{region}\n", f64::from(row * step % 60) / 60.0, row % 2);
            }
        }
        log += "r0,prod,0.9,0,north\n";
        let gate = fixture::gate("G1", "accuracy", "non_inferiority", "margin = 0.5\nsegments = [\"region\"]");
        Self::new("replay-shadow", RunKind::Shadow, &log, fixture::policy(&gate, ""), &["net"])
    }

    fn canary() -> Self {
        let mut log = "request_id,user_id,ts,model,stage,error\n".to_owned();
        for row in 0..400_u32 {
            let model = if row % 2 == 0 { "prod" } else { "tree" };
            let (hour, minute, stage) = (row / 60, row % 60, 1 + row / 200);
            let error = u8::from(row % 37 == 0);
            log += &format!(
                "r{row},u{},2026-03-01T{hour:02}:{minute:02}:00Z,{model},{stage},{error}\n",
                row / 4 * 2 + row % 2
            );
        }
        let gate = fixture::gate("G1", "error", "non_inferiority", "margin = 0.01\nsegments = [\"stage\"]");
        let more = "[design]\nlooks = \"any\"\nplanned_units = 500\nchallenger_share = 0.5\n[metrics.error]\nbetter = \"lower\"\n";
        Self::new("replay-canary", RunKind::Canary, &log, fixture::policy(&gate, more), &[])
    }

    fn plan(&self, request: &Request) -> Plan {
        let asked = pipeline::plan_request(request, &self.policy, &self.run.log, &self.run.mapping).unwrap();
        self.engine().plan(&asked).unwrap()
    }

    fn engine(&self) -> Engine {
        Engine::new(self.run.log.clone(), None, &JobCx::new()).unwrap()
    }

    /// The record that follows from `plan`.
    fn under(&self, plan: &Plan) -> DecisionRecord {
        let mut comparison = self.engine().compare(plan, &JobCx::new()).unwrap();
        aging::age(&mut comparison, &self.run.log, None, None, None, &JobCx::new()).unwrap();
        Attached::default().attach(&mut comparison, &self.policy);
        let verdict = judge(&comparison, &self.policy);
        pipeline::drafted(&self.run, &self.policy, &comparison, &verdict)
    }

    fn verify(&self, record: &DecisionRecord) -> VerifyReport {
        let found = find_sources(record, std::slice::from_ref(&self.folder.0), &S3Options::default(), &JobCx::new());
        verify(record, &found.unwrap(), &JobCx::new()).unwrap()
    }

    #[track_caller]
    fn differs_at(&self, record: &DecisionRecord, path: &str) {
        let report = self.verify(record);
        let found: Vec<&str> = report.differing().map(|item| item.path.as_str()).collect();
        assert!(found.iter().any(|found| found.starts_with(path)), "{path}: {:?}", differing(&report));
    }

    /// Each change of the plan is found at its place, however well the rest of the record follows from it.
    #[track_caller]
    fn holds(&self, changes: &[(&str, PlanChange)]) {
        let honest = self.plan(&self.asked);
        assert_eq!(differing(&self.verify(&self.under(&honest))), Vec::<String>::new());
        for (path, change) in changes {
            let mut plan = honest.clone();
            change(&mut plan);
            assert_ne!(plan, honest, "{path}");
            self.differs_at(&self.under(&plan), &format!("/comparison/plan/{path}"));
        }
    }
}

type PlanChange = fn(&mut Plan);
type RecordChange = fn(&mut DecisionRecord);

/// What speaks against the record.
fn differing(report: &VerifyReport) -> Vec<String> {
    let against = |item: &&Item| !item.agreement.matches() && !item.agreement.is_taken();
    report.items.iter().filter(against).map(ToString::to_string).collect()
}

fn taken(report: &VerifyReport) -> Vec<&str> {
    report.taken().map(|item| item.name.as_str()).collect()
}

#[test]
fn a_plan_follows_from_policy_mapping_and_log() {
    let case = Case::shadow();
    assert_eq!(case.run.mapping.rivals, ["net"]);
    case.holds(&[
        ("challenger", |plan| plan.challenger = Some("net-9".to_owned())),
        ("champion", |plan| plan.champion = "other".to_owned()),
        ("level", |plan| plan.level = 0.95),
        ("rivals", |plan| plan.rivals.clear()),
        ("slices", |plan| plan.slices.truncate(1)),
        ("replicates", |plan| plan.replicates = 10),
        ("partial_fpr", |plan| plan.partial_fpr = 0.5),
        ("unit", |plan| plan.unit = Some("region".to_owned())),
        ("thresholds/0/value", |plan| plan.thresholds[0].value = Some(0.75)),
        ("thresholds/1/value", |plan| {
            plan.thresholds[1] = Threshold { value: Some(0.25), basis: ThresholdBasis::MatchedFpr };
        }),
    ]);
}

#[test]
fn a_plan_of_a_split_run_follows_from_its_policy() {
    let split = |plan: &mut Plan| plan.split.get_or_insert_default().clone();
    assert_eq!(split(&mut Case::canary().plan(&Request::default())).better["error"], Better::Lower);
    Case::canary().holds(&[
        ("split/better/error", |plan| {
            plan.split.get_or_insert_default().better.insert("error".to_owned(), Better::Higher);
        }),
        ("split/looks", |plan| plan.split.get_or_insert_default().looks = Some(Looks::Once)),
        ("split/planned_units", |plan| plan.split.get_or_insert_default().planned_units = Some(90)),
        ("split/challenger_share", |plan| plan.split.get_or_insert_default().challenger_share = Some(0.4)),
        ("split/stage_shares", |plan| {
            plan.split.get_or_insert_default().stage_shares.insert("1".to_owned(), 0.5);
        }),
        ("slices", |plan| plan.slices.truncate(1)),
    ]);
}

#[test]
fn what_policy_and_log_leave_to_people_is_as_the_record_says() {
    let case = Case::shadow();
    let south: SliceSpec = "region!=north".parse().unwrap();
    for rule in [ThresholdRule::PerArm, ThresholdRule::MatchedFpr, ThresholdRule::LeastCost] {
        let request = Request {
            thresholds: [Some(0.4), None],
            rule,
            seed: Some(7),
            costs: Some([1.0, 5.0]),
            slices: vec!["region=north".parse().unwrap(), south.clone()],
            ..Request::default()
        };
        let plan = case.plan(&request);
        assert!(plan.seed == 7 && plan.slices.contains(&south));
        let report = case.verify(&case.under(&plan));
        assert_eq!(differing(&report), Vec::<String>::new(), "{rule:?}");
        let ruled: &[&str] = if rule == ThresholdRule::PerArm { &[] } else { &["threshold rule"] };
        // The least cost takes no given threshold.
        let given: &[&str] = if rule == ThresholdRule::LeastCost { &[] } else { &["threshold of prod"] };
        assert_eq!(taken(&report), [&["mapping", "seed", "costs"], given, ruled, &["slices"]].concat(), "{rule:?}");
        let said = |name: &str| report.taken().find(|item| item.name == name).unwrap().to_string();
        assert_eq!(said("seed"), "NOT CHECKED  seed: 7; set before anything is drawn, no log tells it");
        assert_eq!(
            said("costs"),
            "NOT CHECKED  costs: 1 of a false positive, 5 of a false negative; given by a person, no log tells it"
        );
        // The slice of the policy is no choice.
        assert!(said("slices").contains(": region!=north; "), "{}", said("slices"));
        let silent = report.items.iter().filter(|item| item.agreement.matches());
        let own = ["/comparison/plan/seed", "/reproduction/seed", "/comparison/plan/costs", "/mapping/columns"];
        let mut matched = silent.filter(|item| own.iter().any(|path| item.path.starts_with(path)));
        assert_eq!(matched.next(), None);
    }
}

#[test]
fn what_nobody_chose_is_one_line_for_the_seed_and_one_for_the_mapping() {
    let case = Case::shadow();
    let report = case.verify(&case.under(&case.plan(&case.asked)));
    assert!(report.all_match());
    assert_eq!(taken(&report), ["mapping", "seed"]);
    assert!(report.summary().ends_with("; 2 not checked: taken as the record says."), "{}", report.summary());
    let (matching, numbers) = report.numbers();
    assert_eq!(matching, numbers);
}

#[test]
fn facts_and_metrics_of_a_person_are_named_and_what_they_lead_to_is_computed() {
    let case = Case::shadow();
    let metric = CustomMetric::from_line("net:higher:EUR=if(prediction, 20 * label - 5, 0)").unwrap();
    let plan = case.plan(&Request { metrics: vec![metric], ..case.asked.clone() });
    let facts = vec![Fact::parse("challenger.cost_per_hour=2.4 EUR").unwrap()];
    let mut record = case.under(&plan);
    Attached { facts: facts.clone(), tests: Vec::new() }.attach(&mut record.comparison, &case.policy);
    record.verdict = judge(&record.comparison, &case.policy);
    record.facts = facts;
    let report = case.verify(&record);
    assert_eq!((differing(&report), taken(&report)), (Vec::new(), vec!["mapping", "seed", "metrics", "facts"]));
    let values = record.comparison.metrics.iter().position(|metric| metric.name == "net").unwrap();
    let path = format!("/comparison/metrics/{values}/");
    assert!(report.items.iter().any(|item| item.path.starts_with(&path) && item.agreement.matches()));
    record.comparison.metrics[values].rows += 1;
    assert!(!case.verify(&record).all_match());
}

#[test]
fn issues_of_opening_are_checked_where_they_are_found_again_and_named_where_not() {
    let mut log = "id,ts,model,score,label\n".to_owned();
    for row in 0..40_u32 {
        for (model, step) in [("prod", 7), ("tree", 11)] {
            let score = f64::from(row * step % 40) / 40.0;
            log += &format!("r{row},2026-03-01 08:{row:02}:00,{model},{score},{}\n", row % 2);
        }
    }
    let gate = fixture::gate("G1", "accuracy", "non_inferiority", "margin = 0.5");
    let case = Case::new("replay-opened", RunKind::Shadow, &log, fixture::policy(&gate, ""), &[]);
    let honest = case.under(&case.plan(&case.asked));
    let zone = honest.issues.iter().position(|issue| issue.code == "assumed_zone").unwrap();
    let report = case.verify(&honest);
    assert_eq!((differing(&report), taken(&report)), (Vec::new(), vec!["mapping", "seed"]));
    let message = format!("/issues/{zone}/message");
    assert!(report.items.iter().any(|item| item.path == message && item.agreement.matches()));

    // What is not found again is not said to match, and what is not in the record is told.
    let mut other = honest.clone();
    other.issues[zone].code = "not_a_log".to_owned();
    other.issues[zone].message = "notes.txt was left out: it holds prose.".to_owned();
    let report = case.verify(&other);
    assert_eq!(differing(&report), Vec::<String>::new());
    assert_eq!(taken(&report), ["mapping", "seed", "issue not_a_log", "issue assumed_zone"]);
    assert!(report.items.iter().all(|item| !(item.agreement.matches() && item.path.starts_with("/issues"))));
}

#[test]
fn what_is_attached_to_an_open_run_is_found_for_its_record() {
    let case = Case::shadow();
    let tests = case.folder.put("units.xml", "<testsuite name=\"s\"><testcase name=\"a\"/></testsuite>");
    let request = Request { tests: vec![tests], ..case.asked.clone() };
    let evaluation = pipeline::evaluate(case.run.clone(), &request, case.policy.clone(), &JobCx::new()).unwrap();
    let record = pipeline::record(&evaluation, &request, &request.draft, "2026-11-01T00:00:00Z");
    assert_eq!(record.evidence.sources.len(), 2);
    let found = find_all(&record, &evaluation.run, &request, &JobCx::new()).unwrap();
    let report = verify(&record, &found, &JobCx::new()).unwrap();
    assert_eq!(differing(&report), Vec::<String>::new());
}

#[test]
fn what_is_said_of_the_logs_is_held_against_them() {
    let case = Case::shadow();
    let honest = case.under(&case.plan(&case.asked));
    assert!(honest.issues.iter().any(|issue| issue.code == "conflicting_ids"), "{:?}", honest.issues);
    let changes: [(&str, RecordChange); 8] = [
        ("/issues", |record| record.issues.clear()),
        ("/issues/0/message", |record| record.issues[0].message = "All is well.".to_owned()),
        ("/issues/0/severity", |record| record.issues[0].severity = Severity::Blocking),
        ("/design/estimand", |record| record.design.estimand = "net-9 minus prod.".to_owned()),
        ("/evidence/sources/0/format", |record| record.evidence.sources[0].format = "parquet".to_owned()),
        ("/mapping/columns", |record| {
            record.mapping.columns.push(ColumnRole::new("gone", Role::Feature, Side::Both));
        }),
        ("/comparison/plan/rivals", |record| record.mapping.rivals = vec!["tree-2".to_owned()]),
        ("/reproduction/verify_command", |record| record.reproduction.verify_command.clear()),
    ];
    for (path, change) in changes {
        let mut record = honest.clone();
        change(&mut record);
        case.differs_at(&record, path);
    }
    // A mapping that this program cannot read is not checked, which is no match either.
    let mut record = honest.clone();
    record.mapping.schema = "assay-mapping/9".to_owned();
    assert!(!case.verify(&record).all_match());
}

#[test]
fn how_the_models_aged_cannot_be_left_out() {
    let case = Case::canary();
    let mut record = case.under(&case.plan(&case.asked));
    let drift = ["data_drift", "concept_drift", "serving_skew"];
    record.comparison.staleness = None;
    record.comparison.validity.retain(|check| !drift.contains(&check.name.as_str()));
    record.verdict = judge(&record.comparison, &case.policy);
    case.differs_at(&record, "/comparison/staleness");
}

#[test]
fn the_age_of_labels_is_that_of_the_policy() {
    let mut log = "id,model,score,label,ts,label_ts\n".to_owned();
    for row in 0..80_u32 {
        for (model, step) in [("prod", 7), ("tree", 11)] {
            let day = 1 + row / 4;
            let score = f64::from(row * step % 80) / 80.0;
            log += &format!(
                "r{row},{model},{score},{},2026-03-{day:02}T08:00:00Z,2026-03-{:02}T08:00:00Z\n",
                row % 2,
                day + 1
            );
        }
    }
    let gate = fixture::gate("G1", "accuracy", "non_inferiority", "margin = 0.5");
    let policy = fixture::policy(&gate, "[design]\nlabels = { mature_after = \"7d\" }\n");
    let mut case = Case::new("replay-mature", RunKind::Shadow, &log, policy, &[]);
    let plan = case.plan(&case.asked);
    assert_eq!(differing(&case.verify(&case.under(&plan))), Vec::<String>::new());
    // The same logs read as if the policy asked for nothing.
    let opened = pipeline::open(&case.asked, &JobCx::new()).unwrap();
    case.run = pipeline::load(&opened, &opened.guess, &JobCx::new()).unwrap();
    case.differs_at(&case.under(&plan), "/mapping/mature_after");
}
