//! From the arguments as typed to the [`Request`] they ask for.

use super::CliError;
use super::args::{DatesName, DuplicatesName, EvaluateArgs, KindName, PairingName, RuleName, RunArgs, TaskName};
use crate::compare::ThresholdRule;
use crate::ingest::mapping::{Duplicates, Mapping, Pairing};
use crate::ingest::profile;
use crate::log::{RunKind, Task};
use crate::session::pipeline::{self, Request};

impl RunArgs {
    /// The request these arguments ask for; what is said here wins over the workspace file.
    pub(super) fn request(&self) -> Result<Request, CliError> {
        let mut request = pipeline::request(&self.paths)?;
        if let Some(task) = self.task {
            request.task = Some(task_of(task));
        }
        if let Some(kind) = self.kind {
            request.kind = Some(match kind {
                KindName::Shadow => RunKind::Shadow,
                KindName::Ab => RunKind::Ab,
                KindName::Canary => RunKind::Canary,
                KindName::Offline => RunKind::Offline,
            });
        }
        let over = |slot: &mut Option<String>, said: &Option<String>| {
            if said.is_some() {
                slot.clone_from(said);
            }
        };
        over(&mut request.champion, &self.champion);
        if let Some((first, others)) = self.challenger.split_first() {
            // What the workspace says is of the challenger it names.
            if let Some(own) = request.challenger.as_ref().filter(|own| *own != first) {
                request.draft = request.draft.turned(Some(own), first);
            }
            request.challenger = Some(first.clone());
            request.rivals = others.to_vec();
        }
        over(&mut request.positive, &self.positive);
        over(&mut request.naive_zone, &self.zone);
        if !self.class_order.is_empty() {
            request.class_order.clone_from(&self.class_order);
        }
        if self.season.is_some() {
            request.season = self.season;
        }
        let named: Vec<&String> = request.champion.iter().chain(&request.challenger).chain(&request.rivals).collect();
        if let Some((_, twice)) = named.iter().enumerate().find(|(at, name)| named[..*at].contains(name)) {
            let message = format!("{twice} is named twice among champion and challengers; name different models.");
            return Err(CliError::Usage(message));
        }
        if let Some(order) = self.dates {
            request.day_first = Some(order == DatesName::DayFirst);
        }
        if !self.labels.is_empty() {
            request.labels.clone_from(&self.labels);
        }
        if let Some(path) = &self.profile {
            request.profile = Some(read_profile(path)?);
        }
        request.ignore_profiles = self.ignore_profiles;
        // What is said here replaces what the workspace says of the role; a role said twice has two columns, as where
        // the files call it differently.
        request.roles.retain(|(role, _)| !self.map.iter().any(|(said, _)| said == role));
        request.roles.extend(self.map.iter().cloned());
        if let Some(pairing) = self.pairing {
            request.pairing = Some(match pairing {
                PairingName::Id => Pairing::Id,
                PairingName::Position => Pairing::Position,
            });
        }
        if let Some(duplicates) = self.duplicates {
            request.duplicates = Some(match duplicates {
                DuplicatesName::Refuse => Duplicates::Refuse,
                DuplicatesName::First => Duplicates::First,
                DuplicatesName::Last => Duplicates::Last,
            });
        }
        request.accept_bad_rows |= self.accept_bad_rows;
        self.s3.apply(&mut request.s3);
        Ok(request)
    }
}

impl EvaluateArgs {
    /// As [`RunArgs::request`], with what the evaluation needs; thresholds follow once the arms are known.
    pub(super) fn request(&self) -> Result<Request, CliError> {
        let mut request = self.run.request()?;
        if let Some(policy) = &self.policy {
            request.policy = Some(policy.clone());
        }
        if let Some(rule) = self.threshold_rule {
            request.rule = match rule {
                RuleName::PerArm => ThresholdRule::PerArm,
                RuleName::MatchedFpr => ThresholdRule::MatchedFpr,
                RuleName::MatchedFlagRate => ThresholdRule::MatchedFlagRate,
                RuleName::LeastCost => ThresholdRule::LeastCost,
            };
        }
        if self.costs.is_some() {
            request.costs = self.costs;
        }
        if self.value.is_some() {
            request.value.clone_from(&self.value);
        }
        if self.seed.is_some() {
            request.seed = self.seed;
        }
        request.slices.extend(self.slice.iter().cloned());
        // What is said here replaces what the workspace says of the metric.
        request.metrics.retain(|known| !self.metric.iter().any(|said| said.name == known.name));
        request.metrics.extend(self.metric.iter().cloned());
        // Of several challengers each has its own.
        if request.rivals.is_empty() {
            self.fact.iter().for_each(|fact| request.draft.add_fact(fact));
        }
        request.tests.extend(self.tests.iter().cloned());
        if !self.reference.is_empty() {
            request.reference.clone_from(&self.reference);
        }
        if self.window.is_some() {
            request.window = self.window;
        }
        Ok(request)
    }

    /// Put the thresholds into `request`, now that `mapping` says what the arms are called.
    pub(super) fn set_thresholds(&self, request: &mut Request, mapping: &Mapping) -> Result<(), CliError> {
        for (arm, value) in &self.threshold {
            let arms = match arm.as_deref() {
                None => 0..2,
                Some("champion") => 0..1,
                Some("challenger") => 1..2,
                Some(name) if name == mapping.champion => 0..1,
                Some(name) if Some(name) == mapping.challenger.as_deref() => 1..2,
                // Of another challenger, whose turn comes.
                Some(name) if request.rivals.iter().any(|rival| rival == name) => continue,
                Some(name) => {
                    let challenger =
                        mapping.challenger.as_deref().map(|name| format!(" and {name}")).unwrap_or_default();
                    return Err(CliError::Usage(format!(
                        "--threshold {name}=…: no arm is called {name}; there are champion, challenger, {}{challenger}.",
                        mapping.champion
                    )));
                }
            };
            request.thresholds[arms].fill(Some(*value));
        }
        // A log of one model has no second threshold.
        if mapping.challenger.is_none() {
            request.thresholds[1] = None;
        }
        Ok(())
    }
}

pub(super) const fn task_of(task: TaskName) -> Task {
    match task {
        TaskName::Binary => Task::Binary,
        TaskName::Multiclass => Task::Multiclass,
        TaskName::Regression => Task::Regression,
        TaskName::Ranking => Task::Ranking,
        TaskName::Text => Task::Text,
        TaskName::Similarity => Task::Similarity,
        TaskName::Detection => Task::Detection,
        TaskName::Image => Task::Image,
    }
}

fn read_profile(path: &std::path::Path) -> Result<Mapping, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::io("read the mapping profile", &error, path))?;
    profile::from_toml(&text).map_err(|error| CliError::at(error, path))
}
