//! Which column is what, by name, type and values.

use super::column::{Kind, Look};
use super::durations::millis_of;
use super::names::{is_row_number, role_of, side_of, without_side, words};
use super::references::further;
use super::task::{is_text, is_truth, named};
use crate::ingest::failures;
use crate::ingest::mapping::{ColumnRole, Role, Side};
use crate::ingest::opened::Confidence;
use crate::log::Task;

/// A column to be judged.
pub(super) struct Candidate<'a> {
    pub name: &'a str,
    pub look: &'a Look,
}

/// Role of a column with the reason.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    pub role: Role,
    pub side: Side,
    /// Class that a probability is of.
    pub class: Option<String>,
    pub confidence: Confidence,
    pub why: String,
}

impl Pick {
    pub fn new(role: Role, confidence: Confidence, why: impl Into<String>) -> Self {
        Self { role, side: Side::Both, class: None, confidence, why: why.into() }
    }

    /// The column's role in a mapping.
    pub fn of(&self, column: &str) -> ColumnRole {
        ColumnRole { class: self.class.clone(), ..ColumnRole::new(column, self.role, self.side) }
    }
}

/// Roles of all columns of the prediction files.
#[derive(Debug, Default)]
pub(super) struct Roles {
    pub picks: Vec<Option<Pick>>,
    /// Wide log: names of the two models as the columns say them, and whether the words say the sides.
    pub wide: Option<(String, String, bool)>,
    /// More than two models side by side: (model, column, role) of each.
    pub crowd: Vec<(String, usize, Role)>,
    /// One score column per class: (class spelling, column).
    pub family: Vec<(String, usize)>,
    /// Columns named like those of the classes that are of none: (what the name says, column).
    pub strangers: Vec<(String, usize)>,
}

pub(super) struct Judge<'a> {
    pub columns: Vec<Candidate<'a>>,
    pub explicit: &'a [ColumnRole],
    /// As told; `None` while the columns have to say it.
    pub task: Option<Task>,
    /// Values of the labels, where they are few enough to be classes.
    pub label_values: Vec<String>,
    /// One prediction file only: row numbers are as good as ids.
    pub one_file: bool,
    /// The run is known to have arms that answered different requests.
    pub split: bool,
    /// Lists are ordered by their scores, whatever ranks stand beside.
    pub by_score: bool,
}

impl Judge<'_> {
    pub fn judge(&self) -> Roles {
        let mut roles = Roles { picks: vec![None; self.columns.len()], ..Roles::default() };
        for told in self.explicit {
            if let Some(place) = self.columns.iter().position(|column| column.name == told.column) {
                roles.picks[place] = Some(Pick {
                    role: told.role,
                    side: told.side,
                    class: told.class.clone(),
                    confidence: Confidence::Certain,
                    why: "as told".to_owned(),
                });
            }
        }
        if self.task == Some(Task::Ranking) {
            self.lists(&mut roles, self.by_score);
            return roles;
        }
        for role in [Role::LabelTs, Role::Label, Role::Model] {
            self.by_name(&mut roles, role);
        }
        if self.task == Some(Task::Text) {
            further(&self.columns, &mut roles.picks);
        }
        if !self.told(Role::Model) {
            self.model_by_values(&mut roles);
            if self.split && !Self::has(&roles, Role::Model) {
                let found = super::outcomes::arm_column(&self.columns, |place| roles.picks[place].is_none());
                if let Some((place, pick)) = found {
                    roles.picks[place] = Some(pick);
                }
            }
        }
        if self.task == Some(Task::Similarity) && self.embeddings(&mut roles) {
            self.others(&mut roles);
            return roles;
        }
        let sided_quantiles = self.quantiles(&mut roles);
        let outputs_told = self.told(Role::Score) || self.told(Role::Prediction);
        let is_long = roles.picks.iter().flatten().any(|pick| pick.role == Role::Model);
        self.sided_classes(&mut roles);
        if self.split {
            // Each line is of one arm.
        } else if !is_long && !outputs_told {
            self.wide_by_side(&mut roles);
            if roles.wide.is_none() && sided_quantiles {
                roles.wide = Some(("champion".to_owned(), "challenger".to_owned(), true));
            }
            if roles.wide.is_none() {
                self.families(&mut roles);
            }
        } else if !outputs_told || self.task == Some(Task::Multiclass) && roles.wide.is_none() {
            // Naming the column of the answers says nothing of the probabilities beside them.
            self.class_columns(&mut roles);
        }
        if self.task == Some(Task::Regression) {
            // What a model of numbers answers is its prediction; a score beside it is something else.
            self.by_name(&mut roles, Role::Prediction);
        }
        if roles.wide.is_none()
            && roles.family.is_empty()
            && roles.crowd.is_empty()
            && !(outputs_told && self.told_sides())
        {
            self.by_name(&mut roles, Role::Score);
            self.by_name(&mut roles, Role::Prediction);
            self.by_affix(&mut roles);
        } else if roles.wide.is_none() && !self.told_sides() {
            self.by_name(&mut roles, Role::Prediction);
        }
        self.others(&mut roles);
        roles
    }

    /// What every task may have beside the answers.
    fn others(&self, roles: &mut Roles) {
        // In a split run a cost or a flag is an outcome like any other, under its own name.
        let served = [Role::Cost, Role::Error].into_iter().filter(|role| !self.split || *role == Role::Error);
        let roles_by_name = [Role::LatencyMs, Role::Id, Role::Unit, Role::Ts, Role::Weight];
        for role in roles_by_name.into_iter().chain(served) {
            self.by_name(roles, role);
        }
        if self.task == Some(Task::Text) {
            self.judged(roles);
        }
        if self.task == Some(Task::Regression) || Self::has(roles, Role::Quantile) {
            self.by_name(roles, Role::Series);
            self.by_name(roles, Role::Horizon);
        }
        self.id_by_values(roles);
    }

    pub(super) fn told(&self, role: Role) -> bool {
        self.explicit.iter().any(|told| told.role == role)
    }

    pub(super) fn told_sides(&self) -> bool {
        self.explicit.iter().any(|told| told.side != Side::Both)
    }

    pub(super) fn has(roles: &Roles, role: Role) -> bool {
        roles.picks.iter().flatten().any(|pick| pick.role == role)
    }

    /// Different models in the model column, at least one.
    fn models(&self, roles: &Roles) -> usize {
        let model = roles.picks.iter().position(|pick| pick.as_ref().is_some_and(|pick| pick.role == Role::Model));
        model.map_or(1, |place| self.columns[place].look.distinct.max(1))
    }

    pub(super) fn by_name(&self, roles: &mut Roles, role: Role) {
        if Self::has(roles, role) || self.told(role) {
            return;
        }
        let mut best: Option<(usize, usize, Pick)> = None;
        for (place, column) in self.columns.iter().enumerate().filter(|(place, _)| roles.picks[*place].is_none()) {
            let Some((named, rank)) = named(&words(column.name), column.look, self.task) else {
                continue;
            };
            // A continuous `prediction` is a score that goes by another name.
            let as_score = role == Role::Score
                && named == Role::Prediction
                && column.look.is_continuous()
                && !self.names_class(named, column.look);
            if named != role && !as_score {
                continue;
            }
            let rank = rank + if as_score { 100 } else { 0 };
            if let Some(pick) = self.fits(roles, role, column)
                && best.as_ref().is_none_or(|best| rank < best.1)
            {
                best = Some((place, rank, pick));
            }
        }
        if let Some((place, _, pick)) = best {
            roles.picks[place] = Some(pick);
        }
    }

    fn fits(&self, roles: &Roles, role: Role, column: &Candidate<'_>) -> Option<Pick> {
        let look = column.look;
        let values = || format!("{} different values in {} rows", look.distinct, look.filled);
        let range = || format!("numbers from {} to {}", short(look.min), short(look.max));
        let certain = |why: String| Some(Pick::new(role, Confidence::Certain, why));
        match role {
            Role::Score if look.in_unit() => certain(format!("named like a score; {}", range())),
            Role::Score if look.is_number() => {
                Some(Pick::new(role, Confidence::Likely, format!("named like a score; {}", range())))
            }
            Role::Prediction if look.is_classes() && !look.is_continuous() || self.answers(look) => {
                certain(format!("named like a decision; {}", values()))
            }
            Role::Label if is_truth(look, self.task) => certain(format!("named like a label; {}", values())),
            Role::Label if look.kind == Kind::Empty => {
                Some(Pick::new(role, Confidence::Unsure, "named like a label; empty in the rows looked at"))
            }
            Role::LatencyMs if look.is_number() => certain(match millis_of(column.name) {
                1.0 => format!("named like a latency; {}", range()),
                factor => format!("named like a latency; {}, times {factor} for milliseconds by its name", range()),
            }),
            Role::Cost if look.is_number() => certain(format!("named like a cost; {}", range())),
            Role::Error if self.split && failures::is_flag(look) => None,
            Role::Error => failures::why(column.name, look).map(|why| Pick::new(role, Confidence::Likely, why)),
            Role::Logprobs | Role::Tokens | Role::Preference => super::judged::fits(role, look),
            Role::Weight if look.is_number() => certain(format!("named like a weight; {}", range())),
            Role::Model
                if (1..=50).contains(&look.distinct) && !matches!(look.kind, Kind::Number | Kind::Time { .. }) =>
            {
                certain(format!("named like a model; {}", values()))
            }
            Role::Id if self.is_unique(roles, look) => certain(format!("named like an id; {}", values())),
            Role::Unit if look.filled > 0 => certain(format!("named like a unit; {}", values())),
            Role::Series if look.filled > 0 => certain(format!("named like a time series; {}", values())),
            Role::Horizon if look.is_number() => certain(format!("named like steps ahead; {}", range())),
            Role::Ts | Role::LabelTs if matches!(look.kind, Kind::Time { .. }) => {
                certain(format!("named like a time; {} such as {}", look.kind.text(), look.first))
            }
            Role::Ts | Role::LabelTs if look.is_epoch() => {
                certain(format!("named like a time; epoch such as {}", look.first))
            }
            _ => None,
        }
    }

    /// As many values as rows, each once per model; a few retries are allowed for.
    fn is_unique(&self, roles: &Roles, look: &Look) -> bool {
        look.filled > 0
            && look.distinct * self.models(roles) * 10 >= look.filled * 8
            && !matches!(look.kind, Kind::Number | Kind::Time { .. } | Kind::Json)
    }

    /// A text column of few values that are words for the two sides.
    pub(super) fn model_by_values(&self, roles: &mut Roles) {
        if Self::has(roles, Role::Model) {
            return;
        }
        for (place, column) in self.columns.iter().enumerate().filter(|(place, _)| roles.picks[*place].is_none()) {
            let sides: Vec<Side> = column.look.values.iter().filter_map(|(value, _)| side_of(value)).collect();
            if column.look.kind == Kind::Text
                && sides.contains(&Side::Champion)
                && sides.contains(&Side::Challenger)
                && column.look.distinct <= 6
            {
                let values: Vec<&str> = column.look.values.iter().map(|(value, _)| value.as_str()).collect();
                roles.picks[place] =
                    Some(Pick::new(Role::Model, Confidence::Likely, format!("its values are {}", values.join(", "))));
                return;
            }
        }
    }

    /// `score_champion` and `score_challenger`; also `live` and `shadow` by themselves. Beside probabilities of the classes
    /// a score is none of an answer.
    pub(super) fn wide_by_side(&self, roles: &mut Roles) {
        let mut found: Vec<(Role, Side, usize, usize, String)> = Vec::new();
        for (place, column) in self.columns.iter().enumerate().filter(|(place, _)| roles.picks[*place].is_none()) {
            let (rest, Some((side, word))) = without_side(column.name) else {
                continue;
            };
            let look = column.look;
            let alone = if self.names_class(Role::Prediction, look) { Role::Prediction } else { Role::Score };
            let named = if rest.is_empty() { Some((alone, 50)) } else { named(&rest, look, self.task) };
            let Some((role, rank)) = named else { continue };
            let role = match role {
                Role::Score | Role::Prediction if is_text(look, self.task) => Role::Prediction,
                // A model may have answered with nothing throughout.
                Role::Score | Role::Prediction if self.task == Some(Task::Text) => Role::Prediction,
                Role::Score | Role::Prediction if look.is_continuous() && !self.names_class(role, look) => Role::Score,
                Role::Prediction if look.is_classes() || self.names_class(role, look) => Role::Prediction,
                Role::Score if rest.is_empty() && look.is_classes() && !look.is_continuous() => Role::Prediction,
                Role::Score if look.is_number() => Role::Score,
                Role::LatencyMs | Role::Cost if look.is_number() => role,
                Role::Logprobs | Role::Tokens if super::judged::fits(role, look).is_some() => role,
                Role::Error if failures::why(column.name, look).is_some() => role,
                Role::Ts if matches!(look.kind, Kind::Time { .. }) || look.is_epoch() => Role::Ts,
                _ => continue,
            };
            found.push((role, side, rank, place, word));
        }
        let best = |role: Role, side: Side| found.iter().filter(|f| f.0 == role && f.1 == side).min_by_key(|f| f.2);
        let both = |role: Role| best(role, Side::Champion).zip(best(role, Side::Challenger));
        let answers: &[Role] = if roles.wide.is_some() {
            &[Role::Prediction]
        } else if let Some(output) = both(Role::Score).or_else(|| both(Role::Prediction)) {
            roles.wide = Some((output.0.4.clone(), output.1.4.clone(), true));
            &[Role::Score, Role::Prediction]
        } else {
            return;
        };
        let beside = [Role::LatencyMs, Role::Cost, Role::Error, Role::Logprobs, Role::Tokens];
        for role in answers.iter().copied().chain(beside) {
            for found in both(role).into_iter().flat_map(|(a, b)| [a, b]) {
                let why = format!("one column per model: `{}` says the side", found.4);
                roles.picks[found.3] = Some(Pick { side: found.1, ..Pick::new(role, Confidence::Certain, why) });
            }
        }
        if let Some(time) = best(Role::Ts, Side::Champion) {
            roles.picks[time.3] = Some(Pick::new(Role::Ts, Confidence::Likely, "time of the champion's line"));
        }
    }

    /// Several columns of one role with something in the name that differs: classes or models.
    fn families(&self, roles: &mut Roles) {
        let models = self.class_columns(roles);
        if !roles.family.is_empty() {
            return;
        }
        self.model_columns(roles, models);
    }

    /// Several columns of one role with the model in the name.
    fn model_columns(&self, roles: &mut Roles, models: Vec<(String, usize, Role)>) {
        let mut names: Vec<String> = Vec::new();
        for (name, ..) in &models {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        // A plain column of the role means that the others are something else.
        let plain = self.columns.iter().any(|column| {
            role_of(&words(column.name)).is_some_and(|(role, _)| matches!(role, Role::Score | Role::Prediction))
                && column.look.filled > 0
        });
        if plain || names.len() < 2 {
            return;
        }
        if let [a, b] = names.as_slice() {
            roles.wide = Some((a.clone(), b.clone(), false));
            for (name, place, role) in models {
                let side = if name == *a { Side::Champion } else { Side::Challenger };
                let why = format!("one column per model: `{name}` is what differs in the names");
                roles.picks[place] = Some(Pick { side, ..Pick::new(role, Confidence::Likely, why) });
            }
            self.classes_of_models(roles, [a, b]);
        } else {
            roles.crowd = models;
        }
    }

    fn id_by_values(&self, roles: &mut Roles) {
        if Self::has(roles, Role::Id) || self.told(Role::Id) {
            return;
        }
        let unit = roles.picks.iter().position(|pick| pick.as_ref().is_some_and(|pick| pick.role == Role::Unit));
        let free = |place: usize| roles.picks[place].is_none();
        let unique = |place: usize| self.is_unique(roles, self.columns[place].look);
        let ends_in_id = |place: usize| {
            words(self.columns[place].name).last().is_some_and(|word| word == "id" || word == "uuid" || word == "key")
        };
        let places = || 0..self.columns.len();
        let values = |place: usize| {
            format!(
                "{} different values in {} rows",
                self.columns[place].look.distinct, self.columns[place].look.filled
            )
        };
        let (place, confidence) =
            if let Some(place) = places().find(|&place| free(place) && ends_in_id(place) && unique(place)) {
                (place, Confidence::Certain)
            } else if let Some(place) = unit.filter(|&place| unique(place) && !self.told(Role::Unit)) {
                (place, Confidence::Likely)
            } else if let Some(place) = places().find(|&place| {
                free(place)
                    && self.columns[place].look.kind == Kind::Text
                    && !self.columns[place].look.is_prose()
                    && unique(place)
                    && self.columns[place].look.filled > 1
            }) {
                (place, Confidence::Likely)
            } else if let Some(place) = places()
                .find(|&place| self.one_file && free(place) && is_row_number(self.columns[place].name) && unique(place))
            {
                (place, Confidence::Likely)
            } else {
                return;
            };
        roles.picks[place] = Some(Pick::new(Role::Id, confidence, values(place)));
    }
}

pub(super) fn short(value: f64) -> String {
    format!("{}", (value * 1e4).round() / 1e4)
}
