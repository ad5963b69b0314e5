//! Which models there are, and which of them is the champion.

use std::collections::BTreeMap;

use super::evidence::{ModelOf, SHARED, shared_ids};
use super::names::side_of;
use super::roles::Pick;
use super::{State, files};
use crate::ingest::answer::Patch;
use crate::ingest::issue::IngestError;
use crate::ingest::mapping::{ColumnRole, Role, Side};
use crate::ingest::opened::{Confidence, Question, QuestionKind};
use crate::log::meant::did_you_mean;

/// Pairs of models offered at most.
const PAIRS: usize = 20;

fn no_model(name: &str, models: &[String]) -> IngestError {
    let meant = did_you_mean(name, models.iter().map(String::as_str));
    IngestError::Mapping(format!("There is no model `{name}`{meant}; the log holds {}.", models.join(", ")))
}

/// Names of models, and the side that each name or its files say.
type ModelsAndSides = (Vec<String>, Vec<Option<Side>>);

impl State<'_> {
    /// Ask for the column of the model's output where none is evident.
    pub(super) fn outputs(&mut self) {
        let family: Vec<usize> = self.roles.family.iter().map(|(_, place)| *place).collect();
        for place in family {
            let why = "probability of one class".to_owned();
            self.roles.picks[place] =
                Some(Pick { role: Role::Ignored, side: Side::Both, class: None, confidence: Confidence::Certain, why });
        }
        let has_output = self.roles.picks.iter().flatten().any(|pick| pick.role.is_output());
        if has_output || !self.roles.family.is_empty() || !self.roles.crowd.is_empty() {
            return;
        }
        let free = |place: &usize| self.roles.picks[*place].is_none() && self.columns[*place].1.is_number();
        let mut places: Vec<usize> = (0..self.columns.len()).filter(free).collect();
        places.sort_by_key(|&place| (!self.columns[place].1.in_unit(), !self.columns[place].1.is_continuous(), place));
        places.truncate(PAIRS);
        let role = |place: &usize| ColumnRole::new(self.columns[*place].0.to_owned(), Role::Score, Side::Both);
        let evidence: Vec<String> = places
            .iter()
            .map(|&place| {
                format!("{}: {} to {}", self.columns[place].0, self.columns[place].1.min, self.columns[place].1.max)
            })
            .collect();
        self.questions.push(Question {
            kind: QuestionKind::Column,
            text: "Which column holds the model's score?".to_owned(),
            choices: places.iter().map(|&place| self.columns[place].0.to_owned()).collect(),
            evidence: if evidence.is_empty() {
                "No column holds numbers.".to_owned()
            } else {
                format!("No name says so. {}.", evidence.join("; "))
            } + &self.named_but_text(),
            answer: None,
            flag: "--map score=COLUMN (or score.champion=… and score.challenger=…)".to_owned(),
            patches: places.iter().map(|place| Patch { columns: vec![role(place)], ..Patch::default() }).collect(),
        });
    }

    pub(super) fn arms(&mut self) -> Result<(), IngestError> {
        if !self.roles.crowd.is_empty() {
            return self.crowd();
        }
        if self.is_wide() {
            return self.wide();
        }
        let (models, sides) = match self.models_of_column()? {
            Some(found) => found,
            None => self.models_of_files(),
        };
        self.choose(&models, &sides)
    }

    /// Models of the model column and the side that their names, else their files, say.
    fn models_of_column(&mut self) -> Result<Option<ModelsAndSides>, IngestError> {
        let Some(place) = self.with_role(Role::Model) else {
            return Ok(None);
        };
        let name = self.columns[place].0;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut at: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for input in self.predictions() {
            for (model, count) in input.values(name).unwrap_or_default() {
                *counts.entry(model.clone()).or_default() += count;
                at.entry(model).or_default().push(input.display);
            }
        }
        if counts.is_empty() {
            return Ok(None);
        }
        let mut models: Vec<String> = counts.keys().cloned().collect();
        models.sort_by_key(|model| std::cmp::Reverse(counts.get(model).copied()));
        if models.len() == 1 && self.predictions().count() > 1 {
            // The column names the product, the files the models.
            let displays: Vec<&str> = self.predictions().map(|input| input.display).collect();
            if let Some((by_file, _)) = files::models(&displays, &self.wanted())
                && by_file.iter().any(|model| side_of(model).is_some())
            {
                let why = "the same in all files, which tell the models apart".to_owned();
                self.roles.picks[place] = Some(Pick {
                    role: Role::Feature,
                    side: Side::Both,
                    class: None,
                    confidence: Confidence::Likely,
                    why,
                });
                return Ok(None);
            }
        }
        let of_files = |model: &String| {
            let sides: Vec<Option<Side>> =
                at.get(model).into_iter().flatten().map(|display| side_of(display)).collect();
            sides.first().copied().flatten().filter(|side| sides.iter().all(|other| *other == Some(*side)))
        };
        let sides = models.iter().map(|model| side_of(model).or_else(|| of_files(model))).collect();
        Ok(Some((models, sides)))
    }

    fn wanted(&self) -> Vec<&str> {
        let told = self.options.champion.iter().chain(&self.options.challenger);
        told.chain(&self.options.rivals).map(String::as_str).collect()
    }

    /// The models beside champion and challenger: as told, else a question that does not hold up anything.
    fn rivals(&mut self, models: &[String]) -> Result<(), IngestError> {
        if let Some(missing) = self.options.rivals.iter().find(|name| !models.contains(name)) {
            return Err(no_model(missing, models));
        }
        self.mapping.rivals.clone_from(&self.options.rivals);
        if models.len() < 3 {
            return Ok(());
        }
        let patch = |too: bool| Patch { rivals: Some((too, models.to_vec())), ..Patch::default() };
        self.questions.push(Question {
            kind: QuestionKind::Rivals,
            text: "May the other models of the log be promoted instead?".to_owned(),
            choices: vec![
                "No, champion and challenger stand alone".to_owned(),
                "Yes, they are challengers too: all share the error".to_owned(),
            ],
            evidence: format!("The log holds {}.", models.join(", ")),
            answer: Some(usize::from(!self.options.rivals.is_empty())),
            flag: "--challenger NAME, once for each".to_owned(),
            patches: vec![patch(false), patch(true)],
        });
        Ok(())
    }

    fn models_of_files(&mut self) -> (Vec<String>, Vec<Option<Side>>) {
        let displays: Vec<&str> = self.predictions().map(|input| input.display).collect();
        let mut by_file = files::models(&displays, &self.wanted()).map(|(models, _)| models);
        if let Some(models) = &by_file
            && !models.iter().any(|model| side_of(model).is_some())
            && self.wanted().is_empty()
            && !self.options.kind.is_some_and(crate::log::RunKind::is_split)
        {
            // Files without a word for a side may as well be days or regions of one model: ids tell.
            let shared = self.with_role(Role::Id).map(|id| {
                let with_model = self.predictions().zip(models).map(|(input, model)| (input, ModelOf::File(model)));
                let parts: Vec<_> = with_model.collect();
                shared_ids(&parts, self.columns[id].0)
            });
            if shared.is_none_or(|shared| shared < SHARED) {
                by_file = None;
            }
        }
        let by_file = by_file.unwrap_or_else(|| {
            let name = self.options.champion.clone().unwrap_or_else(|| "model".to_owned());
            vec![name; displays.len()]
        });
        self.mapping.file_models =
            displays.iter().map(|display| (*display).to_owned()).zip(by_file.iter().cloned()).collect();
        let mut models: Vec<String> = Vec::new();
        for model in by_file {
            if !models.contains(&model) {
                models.push(model);
            }
        }
        let sides = models.iter().map(|model| side_of(model)).collect();
        (models, sides)
    }

    /// Champion and challenger among `models`, by what was told, else by what names and files say.
    fn choose(&mut self, models: &[String], sides: &[Option<Side>]) -> Result<(), IngestError> {
        let told = [&self.options.champion, &self.options.challenger];
        if let [only] = models {
            // A log of one model may be given any name.
            self.mapping.champion = if self.with_role(Role::Model).is_some() {
                only.clone()
            } else {
                self.options.champion.clone().unwrap_or_else(|| only.clone())
            };
            if let Some(missing) = told.into_iter().flatten().find(|name| **name != self.mapping.champion) {
                return Err(no_model(missing, models));
            }
            return Ok(());
        }
        if let Some(missing) = told.into_iter().flatten().find(|name| !models.contains(name)) {
            return Err(no_model(missing, models));
        }
        self.pair(models, sides);
        self.rivals(models)
    }

    /// Champion and challenger among `models` that hold whatever was told.
    fn pair(&mut self, models: &[String], sides: &[Option<Side>]) {
        let told = [&self.options.champion, &self.options.challenger];
        let the_one = |side: Side| {
            let mut of_side =
                models.iter().zip(sides).filter(|(_, said)| **said == Some(side)).map(|(model, _)| model.clone());
            of_side.next().filter(|_| of_side.next().is_none())
        };
        let other = |known: &Option<String>| {
            if models.len() == 2 { models.iter().find(|model| Some(*model) != known.as_ref()).cloned() } else { None }
        };
        let mut champion =
            told[0].clone().or_else(|| the_one(Side::Champion).filter(|model| Some(model) != told[1].as_ref()));
        let mut challenger =
            told[1].clone().or_else(|| the_one(Side::Challenger).filter(|model| Some(model) != champion.as_ref()));
        if champion.is_some() && challenger.is_none() {
            challenger = other(&champion);
        } else if champion.is_none() && challenger.is_some() {
            champion = other(&challenger);
        }
        if let (Some(champion), Some(challenger)) = (champion.clone(), challenger.clone()) {
            self.mapping.champion = champion;
            self.mapping.challenger = Some(challenger);
            return;
        }
        let pairs: Vec<(usize, usize)> = (0..models.len())
            .flat_map(|a| (0..models.len()).filter(move |&b| a != b).map(move |b| (a, b)))
            .filter(|&(a, b)| {
                champion.as_ref().is_none_or(|champion| models[a] == *champion)
                    && challenger.as_ref().is_none_or(|challenger| models[b] == *challenger)
            })
            .take(PAIRS)
            .collect();
        let patch =
            |a: usize, b: usize| Patch { arms: Some((models[a].clone(), Some(models[b].clone()))), ..Patch::default() };
        self.ask_arms(models, &pairs, patch);
    }

    fn ask_arms(&mut self, models: &[String], pairs: &[(usize, usize)], patch: impl Fn(usize, usize) -> Patch) {
        let patches: Vec<Patch> = pairs.iter().map(|&(a, b)| patch(a, b)).collect();
        if let Some(first) = patches.first() {
            first.apply(&mut self.mapping);
        }
        let (text, evidence, flag) = match (&self.options.champion, &self.options.challenger) {
            (Some(_), None) => {
                ("Which model is the candidate?", "; one of the others is compared", "--challenger NAME")
            }
            (None, Some(_)) => ("Which model is in production?", "; one of the others is compared", "--champion NAME"),
            _ => (
                "Which model is in production?",
                "; no name says champion, production or live",
                "--champion NAME --challenger NAME",
            ),
        };
        self.questions.push(Question {
            kind: QuestionKind::Champion,
            text: text.to_owned(),
            choices: pairs.iter().map(|&(a, b)| format!("{} (against {})", models[a], models[b])).collect(),
            evidence: format!("The log holds {}{evidence}.", models.join(", ")),
            answer: None,
            flag: flag.to_owned(),
            patches,
        });
    }

    /// Both models in one line: two sides.
    fn wide(&mut self) -> Result<(), IngestError> {
        let Some((a, b, decided)) = self.roles.wide.clone() else {
            // Told by role: the columns are the names.
            let outputs = [Role::Score, Role::Prediction, Role::Rank, Role::Logprobs];
            let output = |side| outputs.iter().find_map(|role| self.with_side(*role, side));
            let name =
                |side| output(side).map(|place| self.columns[place].0.to_owned()).or_else(|| self.embedded(side));
            let (champion, challenger) = (name(Side::Champion), name(Side::Challenger));
            let told = |name: Option<String>, told: &Option<String>| name.map(|name| told.clone().unwrap_or(name));
            let challenger = told(challenger, &self.options.challenger);
            self.mapping.champion = told(champion, &self.options.champion)
                .ok_or_else(|| IngestError::Mapping("The challenger's column was named, the champion's was not; name it with --map score.champion=COLUMN.".to_owned()))?;
            self.mapping.challenger = challenger;
            return Ok(());
        };
        let models = [a.clone(), b.clone()];
        let is = |told: &Option<String>, name: &str| told.as_ref().is_some_and(|told| told.eq_ignore_ascii_case(name));
        let (champion, challenger) = (&self.options.champion, &self.options.challenger);
        let swapped = is(champion, &b) || is(challenger, &a);
        let told = is(champion, &a) || is(challenger, &b) || swapped;
        if !decided
            && !told
            && let Some(missing) = champion.as_ref().or(challenger.as_ref())
        {
            return Err(no_model(missing, &models));
        }
        if swapped {
            for pick in self.roles.picks.iter_mut().flatten() {
                pick.side = opposite(pick.side);
            }
        }
        let (first, second) = if swapped { (b.clone(), a.clone()) } else { (a.clone(), b.clone()) };
        self.mapping.champion = champion.clone().unwrap_or(first);
        self.mapping.challenger = Some(challenger.clone().unwrap_or(second));
        if !decided && !told {
            let sided: Vec<ColumnRole> = self
                .columns
                .iter()
                .zip(&self.roles.picks)
                .filter_map(|((name, _), pick)| {
                    pick.as_ref().filter(|pick| pick.side != Side::Both).map(|pick| pick.of(name))
                })
                .collect();
            let patch = |one: usize, _| {
                let columns = sided
                    .iter()
                    .map(|role| ColumnRole {
                        side: if one == 0 { role.side } else { opposite(role.side) },
                        ..role.clone()
                    })
                    .collect();
                let arms = if one == 0 { (a.clone(), Some(b.clone())) } else { (b.clone(), Some(a.clone())) };
                Patch { arms: Some(arms), columns, ..Patch::default() }
            };
            self.ask_arms(&models, &[(0, 1), (1, 0)], patch);
        }
        Ok(())
    }

    /// More than two models side by side: two are compared.
    fn crowd(&mut self) -> Result<(), IngestError> {
        let crowd = std::mem::take(&mut self.roles.crowd);
        let mut models: Vec<String> = Vec::new();
        for (model, ..) in &crowd {
            if !models.contains(model) {
                models.push(model.clone());
            }
        }
        let roles = |champion: &str, challenger: &str| -> Vec<ColumnRole> {
            let role = |(model, place, role): &(String, usize, Role)| {
                let (role, side) = if model == champion {
                    (*role, Side::Champion)
                } else if model == challenger {
                    (*role, Side::Challenger)
                } else {
                    (Role::Ignored, Side::Both)
                };
                ColumnRole::new(self.columns[*place].0.to_owned(), role, side)
            };
            crowd.iter().map(role).collect()
        };
        let find = |told: &Option<String>| {
            told.as_ref()
                .map(|told| models.iter().position(|model| model == told).ok_or_else(|| no_model(told, &models)))
                .transpose()
        };
        let (champion, challenger) = (find(&self.options.champion)?, find(&self.options.challenger)?);
        let pairs: Vec<(usize, usize)> = (0..models.len())
            .flat_map(|a| (0..models.len()).filter(move |&b| a != b).map(move |b| (a, b)))
            .filter(|&(a, b)| {
                champion.is_none_or(|champion| a == champion) && challenger.is_none_or(|challenger| b == challenger)
            })
            .take(PAIRS)
            .collect();
        let patches: Vec<Patch> = pairs
            .iter()
            .map(|&(a, b)| Patch {
                arms: Some((models[a].clone(), Some(models[b].clone()))),
                columns: roles(&models[a], &models[b]),
                ..Patch::default()
            })
            .collect();
        let first = patches.first().map(|patch| patch.columns.clone()).unwrap_or_default();
        for role in first {
            if let Some(place) = self.columns.iter().position(|(name, _)| *name == role.column) {
                let why = "one column per model".to_owned();
                self.roles.picks[place] =
                    Some(Pick { side: role.side, ..Pick::new(role.role, Confidence::Unsure, why) });
            }
        }
        if let ([(a, b)], true) = (pairs.as_slice(), champion.is_some() && challenger.is_some()) {
            self.mapping.champion.clone_from(&models[*a]);
            self.mapping.challenger = Some(models[*b].clone());
            return self.rivals(&models);
        }
        let patch = |a: usize, b: usize| {
            pairs.iter().position(|&pair| pair == (a, b)).map(|place| patches[place].clone()).unwrap_or_default()
        };
        self.ask_arms(&models, &pairs, patch);
        self.rivals(&models)
    }
}

fn opposite(side: Side) -> Side {
    match side {
        Side::Champion => Side::Challenger,
        Side::Challenger => Side::Champion,
        Side::Both => Side::Both,
    }
}
