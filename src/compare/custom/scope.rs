//! What the names of an expression stand for in a log.

use crate::log::meant::did_you_mean;
use crate::log::{Codes, Content, FeatureValues, Log, Task};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Number,
    /// 0 or 1, read as false or true.
    Truth,
    /// Names, which can only be compared.
    Text,
}

/// Where the values of a name come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Of the arm that is measured.
    Score,
    Prediction,
    Latency,
    /// The same for both arms.
    Label,
    /// A column of the log: a feature, or an outcome or covariate of a split run.
    Column(String),
}

impl Place {
    pub fn shown(&self) -> String {
        match self {
            Self::Score => "score".to_owned(),
            Self::Prediction => "prediction".to_owned(),
            Self::Latency => "latency".to_owned(),
            Self::Label => "label".to_owned(),
            Self::Column(name) => name.clone(),
        }
    }
}

/// Roles by the name an expression gives them.
const ROLES: [(&str, Place); 4] =
    [("score", Place::Score), ("prediction", Place::Prediction), ("label", Place::Label), ("latency", Place::Latency)];

/// Names of columns that hold a row's weight, as `weight` stands for.
const WEIGHTS: [&str; 4] = ["weight", "sample_weight", "ipw", "importance_weight"];

/// Names an expression may use, and what they hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// What a role holds, or why the log has none.
    roles: Vec<(&'static str, Result<Kind, &'static str>)>,
    columns: Vec<(String, Kind)>,
}

impl Scope {
    pub fn of(log: &Log) -> Self {
        let (score, prediction, label) = answers(log);
        let latency = match log.arms.iter().all(|arm| arm.latency_ms.is_some()) {
            true => Ok(Kind::Number),
            false => Err("not every model of the log has a latency"),
        };
        let features = log.features.iter().map(|feature| {
            let kind = match &feature.values {
                FeatureValues::Numeric(_) => Kind::Number,
                FeatureValues::Coded(codes) if numbers(codes).is_some() => Kind::Number,
                FeatureValues::Coded(_) => Kind::Text,
            };
            (feature.name.clone(), kind)
        });
        let measures = log.split.iter().flat_map(|split| split.outcomes.iter().chain(&split.covariates));
        let measures = measures.map(|one| (one.name.clone(), if one.two_valued { Kind::Truth } else { Kind::Number }));
        Self {
            roles: vec![("score", score), ("prediction", prediction), ("label", label), ("latency", latency)],
            columns: features.chain(measures).collect(),
        }
    }

    /// Names as they can be written, roles first.
    pub fn names(&self) -> impl Iterator<Item = (&str, Kind)> {
        let roles = self.roles.iter().filter_map(|(name, kind)| Some((*name, kind.ok()?)));
        roles.chain(self.columns.iter().map(|(name, kind)| (name.as_str(), *kind)))
    }

    pub(super) fn find(&self, name: &str, quoted: bool) -> Result<(Place, Kind), String> {
        let column = |name: &str| self.columns.iter().find(|(known, _)| known == name);
        if !quoted && let Some((_, place)) = ROLES.iter().find(|(known, _)| *known == name) {
            let known = self.roles.iter().find(|(role, _)| *role == name);
            return match known.map(|(_, kind)| *kind) {
                Some(Ok(kind)) => Ok((place.clone(), kind)),
                // A column may be called as the role that the log has not.
                found => column(name).map(|(name, kind)| (Place::Column(name.clone()), *kind)).ok_or_else(|| {
                    format!("{name} stands for nothing here: {}", found.and_then(Result::err).unwrap_or_default())
                }),
            };
        }
        if let Some((name, kind)) = column(name) {
            return Ok((Place::Column(name.clone()), *kind));
        }
        if !quoted && name == "weight" {
            return match WEIGHTS.iter().find_map(|name| column(name)) {
                Some((name, kind)) => Ok((Place::Column(name.clone()), *kind)),
                None => Err("the log has no column of weights".to_owned()),
            };
        }
        let known: Vec<&str> = self.names().map(|(name, _)| name).collect();
        let meant = did_you_mean(name, known.iter().copied());
        match known.is_empty() {
            true => Err(format!("no column {name}; the log has none")),
            false => Err(format!("no column {name}{meant}; there are: {}", known.join(", "))),
        }
    }
}

type Answer = Result<Kind, &'static str>;

/// What score, prediction and label are in a task.
fn answers(log: &Log) -> (Answer, Answer, Answer) {
    let scored = log.arms.iter().all(|arm| arm.scores.is_some());
    let decided = log.arms.iter().all(|arm| arm.scores.is_some() || arm.predictions.is_some());
    let score = if scored { Ok(Kind::Number) } else { Err("not every model of the log has a score") };
    match (&log.content, log.task) {
        (Content::Numbers(_), _) => (score, score, Ok(Kind::Number)),
        (Content::Pairs(pairs), _) => {
            let gold = if pairs.gold.is_some() { Ok(Kind::Number) } else { Err("no gold scores are logged") };
            (score, score, gold)
        }
        (Content::Coded(_), _) => (Err("an answer of this run is a class or a text"), Ok(Kind::Text), Ok(Kind::Text)),
        (Content::Binary, Task::Binary) => {
            let prediction = if decided { Ok(Kind::Truth) } else { Err("not every model of the log has an answer") };
            let label = if log.labels.iter().any(|label| *label <= 1) {
                Ok(Kind::Truth)
            } else {
                Err("no row of the log has a label")
            };
            (score, prediction, label)
        }
        _ => {
            let why = "a row of this run holds several answers; columns and latency can be used";
            (Err(why), Err(why), Err(why))
        }
    }
}

/// The names of a dictionary as numbers, where all are.
pub(super) fn numbers(codes: &Codes) -> Option<Vec<f64>> {
    codes.names.iter().map(|name| name.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect()
}
