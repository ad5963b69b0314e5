//! What the rules recommend by mistake: a challenger promoted that is worse by the margin, a rollback without harm.

use assay::compare::{Looks, PlanRequest};
use assay::decision::{Policy, Recommendation, judge};
use assay::log::{Content, RunKind, Task};

use super::super::scenarios::Draw;
use super::split::{Requests, request, rollout};
use super::{Claim, Stream, World, compare, log};

fn policy(gates: &str, rules: &str) -> Policy {
    let text = format!(
        "schema = \"promotion-policy/1\"\nid = \"simulated\"\nversion = \"1\"\nowner = \"nobody\"\n{gates}\n[verdict]\nrules = [{rules}, {{ when = \"otherwise\", then = \"extend\" }}]\n"
    );
    Policy::parse(&text).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Three challengers, each right two rows in a hundred less often than the champion, which is all that is tolerable.
fn challengers(d: &Draw) -> Vec<Option<bool>> {
    let policy = policy(
        "[[gate]]\nid = \"G1\"\nrole = \"primary\"\nmetric = \"accuracy\"\ntest = \"non_inferiority\"\nmargin = 0.02\nbecause = \"simulated\"\n",
        "{ when = \"validity_failed\", then = \"invalid\" }, { when = \"any_failed\", then = \"reject\" }, { when = \"all_passed\", then = \"promote\" }",
    );
    let mut s = Stream::new(d);
    let rows = 1_500;
    let labels: Vec<u8> = (0..rows).map(|_| u8::from(s.chance(0.4))).collect();
    // Right on 80 % of rows; challengers lose 6 % and gain 4 %.
    let right: Vec<bool> = (0..rows).map(|_| s.chance(0.8)).collect();
    let mut promoted = false;
    for challenger in 0..3 {
        let answers = [0, 1].map(|arm| -> Vec<u8> {
            let answer = |(&label, &right): (&u8, &bool)| {
                let right = match (arm, right) {
                    (0, right) => right,
                    (_, true) => !s.chance(0.06 / 0.8),
                    (_, false) => s.chance(0.04 / 0.2),
                };
                if right { label } else { 1 - label }
            };
            labels.iter().zip(&right).map(answer).collect()
        });
        let mut log = log(RunKind::Shadow, Task::Binary, labels.clone(), [None, None], Content::Binary);
        for (arm, answers) in log.arms.iter_mut().zip(answers) {
            arm.predictions = Some(answers);
        }
        let rivals = (0..3).filter(|other| *other != challenger).map(|other| format!("new {other}")).collect();
        let level = policy.level(RunKind::Shadow, 2, &[]);
        let found = compare(log, &PlanRequest { level, rivals, ..PlanRequest::default() });
        promoted |= judge(&found, &policy).recommendation == Recommendation::Promote;
    }
    vec![Some(promoted)]
}

/// A rollout without harm under four critical gates, judged every day until it is rolled back.
fn watched(d: &Draw) -> Vec<Option<bool>> {
    let gate = |(at, metric): (usize, &str)| {
        format!(
            "[[gate]]\nid = \"G{at}\"\nrole = \"critical\"\nmetric = \"{metric}\"\ntest = \"superiority\"\nmargin = 0\nbecause = \"simulated\"\n"
        )
    };
    let metrics = ["error", "views", "revenue", "latency_p95"];
    let gates: String = metrics.into_iter().enumerate().map(gate).collect();
    let better = [("error", "lower"), ("views", "higher"), ("revenue", "higher")];
    let better = better.map(|(metric, better)| format!("[metrics.{metric}]\nbetter = \"{better}\"\n")).concat();
    let policy = policy(
        &format!("[design]\nmode = \"canary\"\nlooks = \"any\"\n{better}{gates}"),
        "{ when = \"critical_failed\", then = \"rollback\" }",
    );
    let (mut requests, mut s) = (Requests::default(), Stream::new(d));
    for day in 0..8 {
        requests.draw(&mut s, day / 2, rollout(day as usize / 2, 300), 3, i64::from(day));
    }
    let level = policy.level(RunKind::Canary, 0, &[]);
    let rolled_back = (1..=8).any(|days| {
        let log = requests.log(RunKind::Canary, true, true, days);
        let found = compare(log, &PlanRequest { split: policy.split_design(), ..request(Looks::Any, level) });
        judge(&found, &policy).recommendation == Recommendation::Rollback
    });
    vec![Some(rolled_back)]
}

pub fn worlds() -> Vec<World> {
    vec![
        World {
            data: "three challengers at the margin, 1500 rows: any promoted",
            small: 12,
            claims: vec![Claim { method: "family of verdicts (Bonferroni, one-sided)", nominal: 0.025, most: 0.03 }],
            wrong: challengers,
        },
        World {
            data: "canary without harm, four critical gates, watched daily over 8 days: rolled back",
            small: 1,
            claims: vec![Claim { method: "family of critical gates (sequences)", nominal: 0.05, most: 0.05 }],
            wrong: watched,
        },
    ]
}
