//! Commands on a small workspace: what changes, what has to be done.

use super::*;
use crate::decision::attached::Fact;
use crate::ingest::mapping::{Duplicates, Mapping, Pairing};
use crate::ingest::{IngestReport, profile};
use crate::job::JobCx;
use crate::log::{
    Arm, Classes, Codes, Feature, FeatureValues, Ids, JoinAudit, Label, Log, PairBasis, RunKind, ScoreKind, Task,
};
use crate::session::command::{Command, DraftEdit};
use crate::session::effect::Effect;
use crate::session::pipeline::LoadedRun;

const ROWS: usize = 80;

/// Scores that rise with the row, labels that mostly follow them, two regions.
fn log() -> Log {
    let arm = |name: &str, role, noise: usize| Arm {
        name: name.to_owned(),
        role,
        logged: ROWS as u64,
        scores: Some((0..ROWS).map(|row| ((row * 7 + noise * (row % 5)) % ROWS) as f64 / ROWS as f64).collect()),
        score_kind: ScoreKind::Probability,
        predictions: None,
        latency_ms: None,
        unpaired_latency_ms: Vec::new(),
        served: Default::default(),
    };
    let regions: Vec<u32> = (0..ROWS as u32).map(|row| row % 2).collect();
    let rows = ROWS as u64;
    Log {
        content: Default::default(),
        kind: RunKind::Shadow,
        task: Task::Binary,
        rows: ROWS,
        ids: Ids::Integer((0..ROWS as i64).collect()),
        arms: vec![arm("old", ArmRole::Champion, 1), arm("new", ArmRole::Challenger, 3)],
        labels: (0..ROWS).map(|row| u8::from((row * 7) % ROWS > 50)).collect(),
        classes: Classes { negative: "0".to_owned(), positive: "1".to_owned() },
        times: None,
        units: None,
        features: vec![Feature {
            name: "region".to_owned(),
            values: FeatureValues::Coded(Codes::new(vec!["EMEA".to_owned(), "LATAM".to_owned()], &regions)),
        }],
        audit: JoinAudit {
            basis: PairBasis::Id { column: "id".to_owned() },
            ids: rows,
            paired: rows,
            champion_only: 0,
            challenger_only: 0,
            duplicate_same: 0,
            duplicate_different: 0,
            conflicts_kept: false,
            without_id: 0,
            labels: Label { column: Some("label".to_owned()), present: rows, ..Label::default() },
        },
        sources: Vec::new(),
        split: None,
    }
}

fn mapping() -> Mapping {
    Mapping {
        schema: profile::SCHEMA.to_owned(),
        kind: RunKind::Shadow,
        task: Task::Binary,
        columns: Vec::new(),
        label_columns: Vec::new(),
        champion: "old".to_owned(),
        challenger: Some("new".to_owned()),
        file_models: Default::default(),
        pairing: Pairing::Id,
        positive: "1".to_owned(),
        label_map: Default::default(),
        duplicates: Duplicates::Refuse,
        naive_zone: None,
        day_first: None,
        mature_after: None,
        rivals: Vec::new(),
        class_order: Vec::new(),
        season: None,
        accept_bad_rows: false,
    }
}

fn session() -> Session {
    session_of(Request { name: "Test".to_owned(), ..Request::default() }, mapping())
}

fn session_of(request: Request, mapping: Mapping) -> Session {
    let run = LoadedRun { log: Arc::new(log()), report: IngestReport::default(), mapping, paths: Vec::new() };
    let policy = pipeline::policy(&request).unwrap();
    let evaluation = pipeline::evaluate(run, &request, policy, &JobCx::new()).unwrap();
    Session::new(request, Vec::new(), evaluation)
}

/// Do what the window would do with a [`CompareTask`].
fn compute(session: &mut Session, effects: &[Effect]) {
    for effect in effects {
        let Effect::Compare(task) = effect else {
            continue;
        };
        let Evaluation { run, policy, engine, .. } = session.evaluation();
        let whole = task.whole.then(|| {
            let request = pipeline::plan_request(&task.request, policy, &run.log, &run.mapping).unwrap();
            let comparison = engine.compare(&engine.plan(&request).unwrap(), &JobCx::new()).unwrap();
            let verdict = crate::decision::judge(&comparison, policy);
            (comparison, verdict)
        });
        session.compared(Compared { whole, population: None, reference: None, tests: Vec::new() });
    }
}

fn threshold(value: f64, dragging: bool) -> Command {
    Command::SetThreshold { arm: ArmRole::Champion, value, dragging }
}

#[test]
fn a_drag_is_live_until_it_ends_and_one_step_to_undo() {
    let mut session = session();
    for value in [0.3, 0.35, 0.4] {
        let effects = session.apply(threshold(value, true));
        assert!(matches!(&effects[..], [Effect::Live([champion, _])] if champion.value == Some(value)));
    }
    let effects = session.apply(threshold(0.4, false));
    assert!(matches!(&effects[..], [Effect::Compare(task)] if task.whole && task.request.thresholds[0] == Some(0.4)));
    assert!(session.is_stale());
    compute(&mut session, &effects);
    assert!(!session.is_stale());
    assert_eq!(session.comparison().plan.thresholds[0].value, Some(0.4));

    let effects = session.undo();
    assert!(matches!(&effects[..], [Effect::Compare(task)] if task.request.thresholds == [None; 2]));
    assert!(!session.can_undo() && session.can_redo());
    session.redo();
    assert_eq!(session.analysis().thresholds[0], Some(0.4));
}

#[test]
fn moving_what_a_rule_found_gives_each_arm_its_own_threshold() {
    let mut session = session();
    let effects = session.apply(Command::SetThresholdRule(ThresholdRule::MatchedFlagRate));
    compute(&mut session, &effects);
    let found = session.comparison().plan.thresholds;
    session.apply(threshold(0.7, false));
    assert_eq!(session.analysis().rule, ThresholdRule::MatchedFlagRate);
    session.apply(Command::SetThreshold { arm: ArmRole::Challenger, value: 0.2, dragging: false });
    assert_eq!(session.analysis().rule, ThresholdRule::PerArm);
    assert_eq!(session.analysis().thresholds, [found[0].value, Some(0.2)]);
}

#[test]
fn slices_are_added_once_and_say_what_is_wrong() {
    let mut session = session();
    let problem = |effects: Vec<Effect>| match &effects[..] {
        [Effect::SliceProblem(problem)] => problem.clone(),
        other => panic!("{other:?}"),
    };
    assert!(problem(session.apply(Command::AddSlice("region".to_owned()))).contains("column=value"));
    assert!(problem(session.apply(Command::AddSlice("land=LATAM".to_owned()))).contains("region"));
    assert!(problem(session.apply(Command::AddSlice("region=APAC".to_owned()))).contains("no analysed row"));

    let effects = session.apply(Command::AddSlice("region=LATAM".to_owned()));
    assert_eq!(effects[0], Effect::SliceTaken);
    compute(&mut session, &effects);
    assert_eq!(session.slices().len(), 1);
    assert!(problem(session.apply(Command::AddSlice("region=LATAM".to_owned()))).contains("already"));

    let effects = session.apply(Command::SelectSlice(Some(0)));
    assert!(matches!(&effects[..], [Effect::Compare(task)] if !task.whole && task.population.is_some()));
    compute(&mut session, &effects);
    assert_eq!(session.slice(), Some(0));
    let effects = session.apply(Command::RemoveSlice(0));
    compute(&mut session, &effects);
    assert!(session.slices().is_empty() && session.slice().is_none());
}

#[test]
fn metrics_of_ones_own_are_defined_changed_and_undone() {
    use crate::compare::CustomMetric;
    let mut session = session();
    let own = |line: &str| CustomMetric::from_line(line).unwrap();
    let refused = session.apply(Command::DefineMetric(own("net:higher=if(regoin = 'EMEA', 1, 0)")));
    assert!(matches!(&refused[..], [Effect::Say(text)] if text.contains("did you mean `region`?")), "{refused:?}");
    assert!(session.analysis().metrics.is_empty() && !session.can_undo());

    let effects = session.apply(Command::DefineMetric(own("net:higher=if(region = 'EMEA', score, 0)")));
    compute(&mut session, &effects);
    let value = |session: &Session| session.comparison().metric("net")?.arms.champion.as_ref().map(|arm| arm.value);
    let first = value(&session).unwrap();
    assert_eq!(session.request().metrics.len(), 1, "a workspace keeps it");
    let effects = session.apply(Command::DefineMetric(own("net:higher=if(region = 'EMEA', 2 * score, 0)")));
    compute(&mut session, &effects);
    assert!((value(&session).unwrap() - 2.0 * first).abs() < 1e-12);
    let effects = session.undo();
    compute(&mut session, &effects);
    assert_eq!(value(&session), Some(first));
    let effects = session.apply(Command::RemoveMetric("net".to_owned()));
    compute(&mut session, &effects);
    assert_eq!(value(&session), None);
    assert!(session.apply(Command::RemoveMetric("net".to_owned())).is_empty());
}

#[test]
fn groups_of_classes_are_undone_and_let_go_of_what_was_chosen() {
    let mut session = session();
    let groups = ClassScope { grouping: Some(0), within: None };
    let open = ClassScope { within: Some(1), ..groups };
    assert_eq!(session.apply(Command::ScopeClasses(groups)), Vec::new());
    session.apply(Command::Select(Some(Selection { row: Some(0), ..Selection::default() })));
    // Opening the group changes what is listed; nothing is computed again.
    assert_eq!(session.apply(Command::ScopeClasses(open)), [Effect::Rows]);
    assert!(session.selection().is_none() && !session.is_stale());
    assert_eq!(session.undo(), Vec::new());
    assert_eq!(session.analysis().classes, groups);
    session.undo();
    assert_eq!(session.analysis().classes, ClassScope::default());
    session.redo();
    assert_eq!(session.analysis().classes, groups);
}

#[test]
fn facts_are_of_one_challenger_and_come_back_with_it() {
    let with_rival = Mapping { rivals: vec!["net".to_owned()], ..mapping() };
    let mut session = session_of(Request::default(), with_rival.clone());
    let facts = |text: &str| Command::Draft(DraftEdit::Facts(text.to_owned()));
    session.apply(facts("challenger.cost=2"));
    session.apply(Command::Draft(DraftEdit::Limitations("One site.".to_owned())));
    let turned = session.with_challenger("net").unwrap();
    assert_eq!((turned.draft.facts.as_str(), turned.draft.limitations.as_str()), ("", ""));

    let (challenger, rivals) = (Some("net".to_owned()), vec!["new".to_owned()]);
    let mut other = session_of(turned, Mapping { challenger, rivals, ..with_rival.clone() });
    other.apply(facts("challenger.cost=9"));
    other.undo();
    assert_eq!(other.analysis().draft.facts, "");
    assert_eq!(other.analysis().draft.others["new"].facts, "challenger.cost=2", "undo takes nothing from the others");
    other.redo();
    let of_record =
        |session: &Session| session.record("2026-11-08T13:18:00Z").facts.iter().map(Fact::text).collect::<Vec<_>>();
    assert_eq!(of_record(&other), ["challenger.cost=9"]);

    let back = session_of(other.with_challenger("new").unwrap(), with_rival);
    assert_eq!(of_record(&back), ["challenger.cost=2"]);
    assert_eq!(back.analysis().draft.limitations, "One site.");
    // What gates read of the one that is compared beside it is its own.
    assert_eq!(back.with_challenger("net").unwrap().draft.facts, "challenger.cost=9");
}

#[test]
fn typing_in_one_field_is_undone_at_once() {
    let mut session = session();
    for text in ["n", "no", "none stated by A."] {
        session.apply(Command::Draft(DraftEdit::Limitations(text.to_owned())));
    }
    session.apply(Command::Draft(DraftEdit::AddPerson));
    assert_eq!(session.undo(), Vec::new());
    assert_eq!(session.analysis().draft.limitations, "none stated by A.");
    session.undo();
    assert_eq!(session.analysis().draft, Draft::default());
}

#[test]
fn a_sealed_record_stays_as_it_is_until_superseded() {
    let mut session = session();
    assert_eq!(session.apply(Command::Seal), [Effect::Seal]);
    assert!(matches!(session.seal("2026-11-08T13:18:00Z"), Err(SealError::Incomplete(_))));
    session.apply(Command::Draft(DraftEdit::Limitations("none stated by A.".to_owned())));
    let sealed = session.seal("2026-11-08T13:18:00Z").unwrap();
    for command in [threshold(0.3, false), Command::AddSlice("region=LATAM".to_owned())] {
        assert!(matches!(&session.apply(command)[..], [Effect::Say(_)]));
    }
    assert!(matches!(&session.undo()[..], [Effect::Say(_)]));
    session.apply(Command::Supersede);
    assert_eq!(session.record("2026-11-09T00:00:00Z").header.supersedes.as_ref(), Some(&sealed.sha256));
    assert!(!session.apply(threshold(0.3, false)).is_empty());
}

#[test]
fn rows_of_a_cell_are_shown() {
    let mut session = session();
    let selection = Selection { truth: Some(true), decisions: [Some(false), None], ..Selection::default() };
    assert_eq!(session.apply(Command::OpenRows(selection.clone())), [Effect::Rows]);
    assert_eq!((session.view(), session.selection()), (View::Rows, Some(&selection)));
    assert_eq!(session.apply(Command::Select(Some(selection))), Vec::new());
}
