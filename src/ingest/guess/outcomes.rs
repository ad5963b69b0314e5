//! What a run has whose arms answered different requests: outcomes, what was known before, stages.

use super::State;
use super::column::{Kind, Look};
use super::names::words;
use super::roles::{Candidate, Pick};
use crate::ingest::answer::Patch;
use crate::ingest::mapping::{ColumnRole, Role, Side};
use crate::ingest::opened::{Confidence, Question, QuestionKind};
use crate::ingest::split::may_hold_messages;

/// Words in the name of what came of a request.
const OUTCOMES: [&str; 60] = [
    "abandoned",
    "amount",
    "booked",
    "booking",
    "bookings",
    "bounce",
    "bounced",
    "bought",
    "cancelled",
    "churn",
    "churned",
    "click",
    "clicked",
    "clicks",
    "complaint",
    "complaints",
    "completed",
    "conversion",
    "conversions",
    "convert",
    "converted",
    "cost",
    "ctr",
    "engagement",
    "error",
    "errors",
    "failed",
    "failure",
    "failures",
    "found",
    "gamerounds",
    "installed",
    "margin",
    "opened",
    "order",
    "ordered",
    "orders",
    "outcome",
    "paid",
    "profit",
    "purchase",
    "purchased",
    "purchases",
    "refund",
    "refunded",
    "resolved",
    "retained",
    "retention",
    "returned",
    "revenue",
    "sale",
    "sales",
    "signup",
    "spend",
    "subscribed",
    "success",
    "successful",
    "timeout",
    "unsubscribed",
    "value",
];
/// Words of places in a list, which are known only of those who clicked.
const PLACES: [&str; 3] = ["position", "rank", "index"];
/// First words of counts and totals.
const TOTALS: [&str; 4] = ["sum", "total", "num", "count"];
/// Words of what was known before the run.
const BEFORE: [&str; 7] = ["pre", "before", "prior", "previous", "preperiod", "baseline", "historical"];
/// Names of the stage of a rollout.
const STAGES: [&str; 8] =
    ["stage", "phase", "canary_stage", "rollout_stage", "ramp", "ramp_stage", "traffic_stage", "step"];
/// Names of the column that tells the arms apart, in a log that is known to have arms.
const ARMS: [&str; 14] = [
    "version",
    "group",
    "test_group",
    "ab_group",
    "treatment_group",
    "treatment",
    "bucket",
    "cell",
    "branch",
    "experiment_variant",
    "variant_name",
    "variant_id",
    "assignment",
    "con_treat",
];

/// The column that tells the arms apart, by names that mean nothing else in such a run; best name first.
pub(super) fn arm_column(columns: &[Candidate<'_>], free: impl Fn(usize) -> bool) -> Option<(usize, Pick)> {
    let named = |(place, column): (usize, &Candidate<'_>)| {
        let name = words(column.name).join("_");
        let rank = ARMS.iter().position(|known| *known == name)?;
        let look = column.look;
        let few = (2..=20).contains(&look.distinct) && !matches!(look.kind, Kind::Number | Kind::Time { .. });
        (few && free(place)).then_some((rank, place))
    };
    let (_, place) = columns.iter().enumerate().filter_map(named).min()?;
    let values: Vec<&str> = columns[place].look.values.iter().map(|(value, _)| value.as_str()).take(6).collect();
    let why = format!("named like the arm of an experiment; its values are {}", values.join(", "));
    Some((place, Pick::new(Role::Model, Confidence::Likely, why)))
}

fn is_yes_or_no(look: &Look) -> bool {
    const WORDS: [&str; 10] = ["0", "1", "true", "false", "yes", "no", "t", "f", "y", "n"];
    let known = |(value, _): &(String, u64)| WORDS.contains(&value.trim().to_lowercase().as_str());
    (1..=2).contains(&look.values.len()) && look.values.iter().all(known)
}

impl State<'_> {
    /// Roles that only a run has whose arms answered different requests.
    pub(super) fn outcomes(&mut self) {
        let outputs = [Role::Score, Role::Prediction, Role::Probability, Role::Quantile];
        let answered = outputs.into_iter().any(|role| self.with_role(role).is_some()) || !self.roles.family.is_empty();
        if !answered {
            for pick in self.roles.picks.iter_mut().flatten().filter(|pick| pick.role == Role::Label) {
                // No answer of a model is logged that it could be held against.
                *pick = Pick::new(Role::Outcome, pick.confidence, "what came of it; no answer of a model is logged");
            }
        }
        let told =
            |role: Role| self.roles.picks.iter().flatten().any(|pick| pick.role == role && pick.why == "as told");
        let (outcome_told, covariate_told) = (told(Role::Outcome), told(Role::Covariate));
        for (place, (name, look)) in self.columns.iter().enumerate() {
            if self.roles.picks[place].is_some() || look.filled == 0 {
                continue;
            }
            let words = words(name);
            let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
            let message = may_hold_messages(name) && look.kind == Kind::Text && look.filled < look.rows;
            if message && self.with_role(Role::Error).is_some() {
                // Another column says already which requests failed.
                continue;
            }
            let measured = message || look.is_number() && !look.is_epoch() || is_yes_or_no(look);
            let total = words.first().is_some_and(|word| TOTALS.contains(&word.as_str()));
            let pick = if STAGES.contains(&words.join("_").as_str()) && (1..=100).contains(&look.distinct) {
                let why = format!("named like the stage of a rollout; {} different values", look.distinct);
                (self.with_role(Role::Stage).is_none()).then(|| Pick::new(Role::Stage, Confidence::Certain, why))
            } else if measured && has(&BEFORE) && !covariate_told {
                Some(Pick::new(Role::Covariate, Confidence::Likely, "named like what was known before the run"))
            } else if measured && !outcome_told && (has(&OUTCOMES) || total) && !has(&PLACES) {
                let what = match message {
                    true => "text where a request failed, empty elsewhere",
                    false if is_yes_or_no(look) => "yes or no",
                    false => "numbers",
                };
                Some(Pick::new(Role::Outcome, Confidence::Likely, format!("named like an outcome; {what}")))
            } else {
                None
            };
            self.roles.picks[place] = pick;
        }
        let measured = [Role::Outcome, Role::Error, Role::LatencyMs, Role::Cost];
        if !answered && measured.into_iter().all(|role| self.with_role(role).is_none()) {
            self.ask_outcome();
        }
    }

    fn ask_outcome(&mut self) {
        let free = |place: &usize| {
            let look = &self.columns[*place].1;
            self.roles.picks[*place].is_none() && (look.is_number() || is_yes_or_no(look))
        };
        let places: Vec<usize> = (0..self.columns.len()).filter(free).collect();
        let patch = |place: &usize| {
            let role = ColumnRole::new(self.columns[*place].0, Role::Outcome, Side::Both);
            Patch { columns: vec![role], ..Patch::default() }
        };
        let names: Vec<String> = places.iter().map(|&place| self.columns[place].0.to_owned()).collect();
        self.questions.push(Question {
            kind: QuestionKind::Column,
            text: "Which column holds what came of the requests?".to_owned(),
            evidence: match names.as_slice() {
                [] => "No column holds numbers, or yes and no.".to_owned(),
                names => format!("No name says so; {} could be it.", names.join(", ")),
            },
            choices: names,
            answer: None,
            flag: "--map outcome=COLUMN (once for each outcome)".to_owned(),
            patches: places.iter().map(patch).collect(),
        });
    }
}
