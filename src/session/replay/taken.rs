//! What a record is taken at its word for: choices of people that no log tells, and what depends on how the files were
//! opened. Each is named once; what follows from it is computed again.

use super::{free_metrics, rule_of};
use crate::compare::staleness::Window;
use crate::compare::{PlanRequest, SliceSpec, ThresholdBasis, ThresholdRule};
use crate::decision::Policy;
use crate::decision::attached::{FACT, Fact};
use crate::decision::record::DecisionRecord;
use crate::decision::verify::Taken;
use crate::ingest::Issue;

/// Why an issue of opening is not checked.
const OF_OPENING: &str =
    "it depends on what was named or known when the files were opened, the logs alone do not tell it again";
const BY_A_PERSON: &str = "given by a person, no log tells it";
const CHOICE: &str = "chosen by a person, what follows from it is computed again";

/// Everything in `record` that is as it says. `policy_slices` are those of the policy; `found` the issues of the files
/// as they were opened now.
pub(super) fn taken(
    record: &DecisionRecord,
    policy: &Policy,
    policy_slices: &[SliceSpec],
    found: &[Issue],
) -> Vec<Taken> {
    let plan = &record.comparison.plan;
    let in_plan = |part: &str| format!("/comparison/plan/{part}");
    let mut all = vec![mapping(record, policy)];
    let mut add = |paths: Vec<String>, name: String, stored: String, reason| {
        all.push(Taken { paths, name, stored, reason });
    };
    let seed = vec![in_plan("seed"), "/reproduction/seed".to_owned()];
    add(seed, "seed".to_owned(), plan.seed.to_string(), "set before anything is drawn, no log tells it");
    if let Some(season) = record.mapping.season {
        add(vec!["/mapping/season".to_owned()], "season".to_owned(), format!("{season} rows"), BY_A_PERSON);
    }
    if plan.costs != PlanRequest::default().costs {
        let [positive, negative] = plan.costs;
        let stored = format!("{positive} of a false positive, {negative} of a false negative");
        add(vec![in_plan("costs")], "costs".to_owned(), stored, BY_A_PERSON);
    }
    let arms = [Some(&plan.champion), plan.challenger.as_ref()];
    for (arm, (threshold, name)) in plan.thresholds.iter().zip(arms).enumerate() {
        if let (ThresholdBasis::Given, Some(value), Some(name)) = (threshold.basis, threshold.value, name) {
            let path = in_plan(&format!("thresholds/{arm}"));
            add(vec![path], format!("threshold of {name}"), value.to_string(), BY_A_PERSON);
        }
    }
    let rule = match rule_of(plan) {
        ThresholdRule::PerArm => None,
        ThresholdRule::MatchedFpr => Some("the same false-positive rate"),
        ThresholdRule::MatchedFlagRate => Some("the same share of flagged rows"),
        ThresholdRule::LeastCost => Some("the least cost"),
    };
    if let Some(rule) = rule {
        let bases = [0, 1].map(|arm| in_plan(&format!("thresholds/{arm}/basis"))).to_vec();
        add(bases, "threshold rule".to_owned(), rule.to_owned(), CHOICE);
    }
    let own: Vec<(usize, &SliceSpec)> =
        plan.slices.iter().enumerate().filter(|(_, slice)| !policy_slices.contains(slice)).collect();
    if !own.is_empty() {
        let paths = own.iter().map(|(at, _)| in_plan(&format!("slices/{at}"))).collect();
        add(paths, "slices".to_owned(), listed(own.iter().map(|(_, slice)| slice.to_string())), CHOICE);
    }
    let free: Vec<(usize, &str)> = free_metrics(plan, policy).map(|(at, metric)| (at, metric.name.as_str())).collect();
    if !free.is_empty() {
        let paths = free.iter().map(|(at, _)| in_plan(&format!("custom/{at}"))).collect();
        add(paths, "metrics".to_owned(), listed(free.iter().map(|(_, name)| (*name).to_owned())), CHOICE);
    }
    if policy.value.is_none() && plan.value.is_some() {
        add(vec![in_plan("value")], "what decisions are worth".to_owned(), String::new(), BY_A_PERSON);
    }
    let window = record.comparison.staleness.as_ref().and_then(|found| found.asked);
    if let Some(window) = window.filter(|window| policy.retraining.window != Some(*window)) {
        let path = "/comparison/staleness/asked".to_owned();
        add(vec![path], "window of time".to_owned(), Window::to_string(&window), CHOICE);
    }
    if !record.facts.is_empty() {
        let metrics = record.comparison.metrics.iter().enumerate();
        let of_facts = metrics.filter(|(_, metric)| metric.name.starts_with(FACT));
        let paths = of_facts.map(|(at, _)| format!("/comparison/metrics/{at}"));
        let paths = std::iter::once("/facts".to_owned()).chain(paths).collect();
        add(paths, "facts".to_owned(), listed(record.facts.iter().map(Fact::text)), BY_A_PERSON);
    }
    all.extend(issues(&record.issues, found));
    all
}

/// The mapping but for what policy and files say of it.
fn mapping(record: &DecisionRecord, policy: &Policy) -> Taken {
    let aged = policy.design.labels.as_ref().is_some_and(|labels| labels.mature_after.is_some());
    let keys =
        record.to_value().ok().and_then(|value| Some(value.get("mapping")?.as_object()?.keys().cloned().collect()));
    let keys: Vec<String> = keys.unwrap_or_default();
    let told =
        keys.iter().filter(|key| !(["schema", "season"].contains(&key.as_str()) || *key == "mature_after" && aged));
    Taken {
        paths: told.map(|key| format!("/mapping/{key}")).collect(),
        name: "mapping".to_owned(),
        stored: String::new(),
        reason: "guessed or told when the files were opened, the logs are read by it again",
    }
}

/// Issues of opening that were not found again as they stand, and those found that do not stand.
fn issues(stored: &[Issue], found: &[Issue]) -> Vec<Taken> {
    let of_code = |issues: &[Issue], code: &str| issues.iter().any(|issue| issue.code == code);
    let line =
        |paths, issue: &Issue, stored, reason| Taken { paths, name: format!("issue {}", issue.code), stored, reason };
    let sentence = |issue: &Issue| issue.message.trim_end_matches('.').to_owned();
    let open = stored.iter().enumerate().filter(|(_, issue)| issue.is_of_opening() && !found.contains(issue));
    let kept = open.map(|(at, issue)| line(vec![format!("/issues/{at}")], issue, sentence(issue), OF_OPENING));
    let new = found.iter().filter(|issue| issue.is_of_opening() && !of_code(stored, &issue.code));
    let reason = "found now and not in the record, it may have been answered when the files were opened";
    kept.chain(new.map(|issue| line(Vec::new(), issue, sentence(issue), reason))).collect()
}

fn listed(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
