//! Commands: what each changes, and what it leads to.

use std::path::PathBuf;

use super::{Analysis, Field, Session};
use crate::compare::{CustomMetric, Selection, SliceSpec, ThresholdRule, ValueModel, check_custom};
use crate::log::ArmRole;
use crate::present::classes::ClassScope;
use crate::session::command::{Command, DraftEdit, View};
use crate::session::effect::{CompareTask, Effect};
use crate::session::history::Merge;

impl Session {
    /// Do `command`; returns what is to be done outside.
    pub fn apply(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Show(view) => self.view = view,
            Command::SetThreshold { arm, value, dragging } => return self.set_threshold(arm, value, dragging),
            Command::SetThresholdRule(rule) => return self.set_rule(rule),
            Command::SelectSlice(index) => return self.select_slice(index),
            Command::AddSlice(text) => return self.add_slice(&text),
            Command::RemoveSlice(index) => return self.remove_slice(index),
            Command::DefineMetric(metric) => return self.define_metric(metric),
            Command::RemoveMetric(name) => return self.remove_metric(&name),
            Command::SetValue(value) => return self.set_value(value),
            Command::SetWindow(window) => return self.set(|analysis| analysis.window = window),
            Command::SetReference(paths) => return self.set(|analysis| analysis.reference = paths),
            Command::ChooseReference => return self.refuse().unwrap_or_else(|| vec![Effect::ChooseReference]),
            Command::ChooseTests => return self.refuse().unwrap_or_else(|| vec![Effect::ChooseTests]),
            Command::AttachTests(paths) => return self.set(|analysis| attach(&mut analysis.tests, paths)),
            Command::DetachTests(index) => {
                return self.set(|analysis| {
                    if index < analysis.tests.len() {
                        analysis.tests.remove(index);
                    }
                });
            }
            Command::Select(selection) => return self.select(selection),
            Command::ScopeClasses(scope) => return self.scope_classes(scope),
            Command::OpenRows(selection) => {
                self.view = View::Rows;
                return self.select(Some(selection));
            }
            Command::Draft(edit) => return self.edit(&edit),
            Command::Seal => return vec![Effect::Seal],
            Command::Supersede => {
                if let Some(sealed) = self.sealed.take() {
                    self.supersedes = Some(sealed.sha256.clone());
                    self.said += 1;
                }
            }
            Command::Export(format) => return vec![Effect::Export(format)],
            Command::Verify => return vec![Effect::Verify],
            Command::CompareChallengers => return vec![Effect::CompareChallengers(self.ask_for_others())],
            Command::ShowChallenger(name) => {
                return self
                    .with_challenger(&name)
                    .map(|request| Effect::Open(Box::new(request)))
                    .into_iter()
                    .collect();
            }
            Command::CopyText(text) => return vec![Effect::CopyText(text)],
        }
        Vec::new()
    }

    pub fn undo(&mut self) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let before = self.history.undo(&self.analysis);
        self.come_to(before)
    }

    pub fn redo(&mut self) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let after = self.history.redo(&self.analysis);
        self.come_to(after)
    }

    /// Compute everything again.
    pub fn recompute(&mut self) -> Vec<Effect> {
        self.stale = true;
        vec![self.compare(true)]
    }

    fn come_to(&mut self, analysis: Option<Analysis>) -> Vec<Effect> {
        let Some(analysis) = analysis else {
            return Vec::new();
        };
        let old = std::mem::replace(&mut self.analysis, analysis);
        self.said += 1;
        let unscoped = old.classes != self.analysis.classes;
        let new = &self.analysis;
        let changed = old.thresholds != new.thresholds
            || old.rule != new.rule
            || old.slices != new.slices
            || old.metrics != new.metrics
            || old.value != new.value
            || old.window != new.window
            || old.reference != new.reference
            || old.tests != new.tests
            || old.draft.facts != new.draft.facts;
        // Where the last comparison did not come to its end, everything is owed.
        let whole = changed || self.stale;
        if whole || old.slice != new.slice {
            self.stale = true;
            return vec![self.compare(whole)];
        }
        if unscoped { self.select(None) } else { Vec::new() }
    }

    /// A sealed record does not change, and neither does what it was made from.
    fn refuse(&self) -> Option<Vec<Effect>> {
        let sentence = "The record is sealed and read-only. Supersede it to change the analysis.";
        self.sealed.is_some().then(|| vec![Effect::Say(sentence.to_owned())])
    }

    fn change(&mut self, merge: Merge<Field>, change: impl FnOnce(&mut Analysis)) -> bool {
        let mut next = self.analysis.clone();
        change(&mut next);
        if next == self.analysis {
            if matches!(merge, Merge::Last(_)) {
                self.history.close();
            }
            return false;
        }
        self.history.remember(&self.analysis, merge);
        self.analysis = next;
        true
    }

    fn compare(&self, whole: bool) -> Effect {
        let population = self.analysis.slice.clone();
        Effect::Compare(CompareTask { request: Box::new(self.request()), population, whole })
    }

    fn set_threshold(&mut self, arm: ArmRole, value: f64, dragging: bool) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        if !value.is_finite() {
            return Vec::new();
        }
        let found = self.evaluation.comparison.plan.thresholds.map(|threshold| threshold.value);
        let field = Field::Threshold(arm);
        let merge = if dragging { Merge::With(field) } else { Merge::Last(field) };
        self.change(merge, |analysis| match (analysis.rule, arm) {
            (ThresholdRule::PerArm, _) => analysis.thresholds[arm.index()] = Some(value),
            (ThresholdRule::MatchedFpr | ThresholdRule::MatchedFlagRate, ArmRole::Champion) => {
                analysis.thresholds = [Some(value), None];
            }
            // What the rule found is moved by hand: from here on each arm has its own.
            _ => {
                analysis.rule = ThresholdRule::PerArm;
                analysis.thresholds = found;
                analysis.thresholds[arm.index()] = Some(value);
            }
        });
        self.stale = true;
        if dragging { vec![Effect::Live(self.thresholds())] } else { vec![self.compare(true)] }
    }

    fn set_rule(&mut self, rule: ThresholdRule) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let changed = self.change(Merge::Never, |analysis| {
            analysis.rule = rule;
            match rule {
                ThresholdRule::PerArm => {}
                ThresholdRule::MatchedFpr | ThresholdRule::MatchedFlagRate => analysis.thresholds[1] = None,
                ThresholdRule::LeastCost => analysis.thresholds = [None; 2],
            }
        });
        self.compare_if(changed)
    }

    fn select_slice(&mut self, index: Option<usize>) -> Vec<Effect> {
        let slice = match index {
            None => None,
            Some(index) => match self.slices().get(index) {
                Some(slice) => Some(slice.clone()),
                None => return Vec::new(),
            },
        };
        if !self.change(Merge::Never, |analysis| analysis.slice = slice) {
            return Vec::new();
        }
        if self.analysis.slice.is_none() && !self.stale {
            self.population = None;
            self.revision += 1;
            return vec![Effect::Rows];
        }
        // A job that recomputes everything may be running; the new one replaces it.
        let whole = self.stale;
        self.stale = true;
        vec![self.compare(whole)]
    }

    fn add_slice(&mut self, text: &str) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let problem = |sentence: String| vec![Effect::SliceProblem(sentence)];
        let spec: SliceSpec = match text.parse() {
            Ok(spec) => spec,
            Err(error) => return problem(format!("{error}")),
        };
        match spec.mask(&self.evaluation.run.log) {
            Err(error) => return problem(format!("{error}")),
            Ok(mask) if mask.and(self.evaluation.engine.analysed()).count() == 0 => {
                return problem(format!("no analysed row has {spec}"));
            }
            Ok(_) => {}
        }
        if self.slices().contains(&spec) || self.analysis.slices.contains(&spec) {
            return problem(format!("{spec} is in the list already"));
        }
        self.change(Merge::Never, |analysis| analysis.slices.push(spec));
        self.stale = true;
        vec![Effect::SliceTaken, self.compare(true)]
    }

    fn remove_slice(&mut self, index: usize) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let Some(slice) = self.slices().get(index).cloned() else {
            return Vec::new();
        };
        if !self.is_removable(&slice) {
            let sentence = format!("The policy asks for {slice}; it cannot be removed here.");
            return vec![Effect::Say(sentence)];
        }
        self.change(Merge::Never, |analysis| {
            analysis.slices.retain(|other| *other != slice);
            if analysis.slice.as_ref() == Some(&slice) {
                analysis.slice = None;
            }
        });
        self.stale = true;
        vec![self.compare(true)]
    }

    fn define_metric(&mut self, metric: CustomMetric) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let say = |sentence: String| vec![Effect::Say(sentence)];
        let name = &metric.name;
        if self.evaluation.policy.custom.iter().any(|other| other.name == *name) {
            return say(format!("The policy defines {name}; take another name."));
        }
        if let Err(error) = check_custom(&self.evaluation.run.log, std::slice::from_ref(&metric)) {
            return say(format!("{error}."));
        }
        let changed = self.change(Merge::Never, |analysis| {
            match analysis.metrics.iter_mut().find(|other| other.name == metric.name) {
                Some(known) => *known = metric,
                None => analysis.metrics.push(metric),
            }
        });
        self.compare_if(changed)
    }

    fn remove_metric(&mut self, name: &str) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let changed = self.change(Merge::Never, |analysis| analysis.metrics.retain(|other| other.name != name));
        self.compare_if(changed)
    }

    fn set_value(&mut self, value: Option<ValueModel>) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let say = |sentence: String| vec![Effect::Say(sentence)];
        if self.evaluation.policy.value.is_some() {
            return say("The policy says what decisions are worth; it cannot be changed here.".to_owned());
        }
        let log = &self.evaluation.run.log;
        if let Some(value) = &value {
            let metric = value.check().map(|()| value.metric(log.task));
            let checked = match metric {
                Err(error) => Err(error),
                Ok(None) => Err("this task has no single decisions that could be worth something".to_owned()),
                Ok(Some(metric)) => check_custom(log, &[metric]).map_err(|error| error.to_string()),
            };
            if let Err(error) = checked {
                return say(format!("{error}."));
            }
        }
        let changed = self.change(Merge::Never, |analysis| analysis.value = value);
        self.compare_if(changed)
    }

    fn set(&mut self, change: impl FnOnce(&mut Analysis)) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let changed = self.change(Merge::Never, change);
        self.compare_if(changed)
    }

    fn compare_if(&mut self, changed: bool) -> Vec<Effect> {
        if !changed {
            return Vec::new();
        }
        self.stale = true;
        vec![self.compare(true)]
    }

    /// How classes are looked at is no part of the record, so a sealed one does not stand in the way.
    fn scope_classes(&mut self, scope: ClassScope) -> Vec<Effect> {
        self.change(Merge::Never, |analysis| analysis.classes = scope);
        // What was chosen may be a cell of groups that are no longer shown.
        self.select(None)
    }

    fn select(&mut self, selection: Option<Selection>) -> Vec<Effect> {
        if self.selection == selection {
            return Vec::new();
        }
        self.selection = selection;
        vec![Effect::Rows]
    }

    fn edit(&mut self, edit: &DraftEdit) -> Vec<Effect> {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        let merge = match edit {
            DraftEdit::Rationale(_) => Merge::With(Field::Text("rationale")),
            DraftEdit::Conditions(_) => Merge::With(Field::Text("conditions")),
            DraftEdit::Limitations(_) => Merge::With(Field::Text("limitations")),
            DraftEdit::UseCase(_) => Merge::With(Field::Text("use case")),
            DraftEdit::Facts(_) => Merge::With(Field::Text("facts")),
            DraftEdit::Person { index, .. } => Merge::With(Field::Person(*index)),
            DraftEdit::Finding { index, .. } => Merge::With(Field::Finding(*index)),
            DraftEdit::Override(Some(_)) => Merge::With(Field::Override),
            _ => Merge::Never,
        };
        if self.change(merge, |analysis| analysis.draft.apply(edit)) {
            self.said += 1;
            if matches!(edit, DraftEdit::Facts(_)) {
                // Gates may read them.
                self.stale = true;
                return vec![self.compare(true)];
            }
        }
        Vec::new()
    }
}

/// A file is attached once.
fn attach(attached: &mut Vec<PathBuf>, paths: Vec<PathBuf>) {
    for path in paths {
        if !attached.contains(&path) {
            attached.push(path);
        }
    }
}
