//! An open workspace: what was computed, what the user has set, what is in view.

use std::path::Path;
use std::sync::Arc;

use super::command::{Command, DraftEdit, View};
use super::draft::Draft;
use super::effect::{CompareTask, Effect};
use super::history::{History, Merge};
use super::pipeline::{self, Evaluation, Request};
use crate::compare::{Comparison, Engine, Selection, SliceSpec, Threshold, ThresholdBasis, ThresholdRule};
use crate::decision::{DecisionRecord, SealError, SealedRecord, Verdict};
use crate::log::ArmRole;
use crate::present::Sheet;

/// What undo covers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// Given thresholds, champion first; `None`: as the policy or the rule says.
    pub thresholds: [Option<f64>; 2],
    pub rule: ThresholdRule,
    /// Slices beside those of the policy.
    pub slices: Vec<SliceSpec>,
    /// Population in view, by its slice.
    pub slice: Option<SliceSpec>,
    pub draft: Draft,
}

/// Field of the analysis, for merging edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Threshold(ArmRole),
    Text(&'static str),
    Person(usize),
    Finding(usize),
    Override,
}

/// A population that is in view instead of all analysed rows.
#[derive(Clone)]
pub struct Population {
    pub slice: SliceSpec,
    pub engine: Arc<Engine>,
    pub comparison: Comparison,
}

/// What a [`CompareTask`] came to.
pub struct Compared {
    /// Comparison and verdict of all analysed rows, where they were asked for.
    pub whole: Option<(Comparison, Verdict)>,
    pub population: Option<Population>,
}

/// State of an open workspace. Pure: commands go in, effects come out.
pub struct Session {
    request: Request,
    /// Slices of the policy, which cannot be removed.
    fixed: Vec<SliceSpec>,
    evaluation: Evaluation,
    population: Option<Population>,
    analysis: Analysis,
    history: History<Analysis, Field>,
    view: View,
    selection: Option<Selection>,
    sealed: Option<Arc<SealedRecord>>,
    /// SHA-256 of the record that the draft replaces.
    supersedes: Option<String>,
    /// Counts changes of the numbers; models made from them are kept until it changes.
    revision: u64,
    /// Counts changes of what people say, and of the record's state.
    said: u64,
    /// What is shown was computed under other settings than those that stand.
    stale: bool,
}

impl Session {
    /// A workspace that was just computed. `fixed` are the slices of the policy.
    pub fn new(request: Request, fixed: Vec<SliceSpec>, evaluation: Evaluation) -> Self {
        let analysis = Analysis {
            thresholds: request.thresholds,
            rule: request.rule,
            slices: request.slices.clone(),
            ..Analysis::default()
        };
        Self {
            request,
            fixed,
            evaluation,
            population: None,
            analysis,
            history: History::default(),
            view: View::default(),
            selection: None,
            sealed: None,
            supersedes: None,
            revision: 0,
            said: 0,
            stale: false,
        }
    }

    pub fn evaluation(&self) -> &Evaluation {
        &self.evaluation
    }

    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    pub fn view(&self) -> View {
        self.view
    }

    pub fn selection(&self) -> Option<&Selection> {
        self.selection.as_ref()
    }

    pub fn sealed(&self) -> Option<&Arc<SealedRecord>> {
        self.sealed.as_ref()
    }

    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn said_revision(&self) -> u64 {
        self.said
    }

    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// Comparison of the population in view.
    pub fn comparison(&self) -> &Comparison {
        self.population.as_ref().map_or(&self.evaluation.comparison, |population| &population.comparison)
    }

    /// Engine of the population in view.
    pub fn engine(&self) -> &Arc<Engine> {
        self.population.as_ref().map_or(&self.evaluation.engine, |population| &population.engine)
    }

    /// The population whose numbers are on screen; `None`: all analysed rows.
    pub fn population(&self) -> Option<&Population> {
        self.population.as_ref()
    }

    /// What view models are made from.
    pub fn sheet(&self) -> Sheet<'_> {
        Sheet {
            log: &self.evaluation.run.log,
            comparison: self.comparison(),
            verdict: &self.evaluation.verdict,
            policy: &self.evaluation.policy,
        }
    }

    /// All slices that were computed, in the order of the plan: those of the policy and those added.
    pub fn slices(&self) -> &[SliceSpec] {
        &self.evaluation.comparison.plan.slices
    }

    /// Whether the user may remove a slice.
    pub fn is_removable(&self, slice: &SliceSpec) -> bool {
        !self.fixed.contains(slice)
    }

    /// Index into [`Self::slices`] of the population in view.
    pub fn slice(&self) -> Option<usize> {
        let current = self.analysis.slice.as_ref()?;
        self.slices().iter().position(|slice| slice == current)
    }

    pub fn can_undo(&self) -> bool {
        self.history.can_undo()
    }

    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// The request with what was set in the window: what a workspace file keeps.
    pub fn request(&self) -> Request {
        Request {
            thresholds: self.analysis.thresholds,
            rule: self.analysis.rule,
            slices: self.analysis.slices.clone(),
            ..self.request.clone()
        }
    }

    /// The policy's file; `None` for the default policy.
    pub fn policy_file(&self) -> Option<&Path> {
        self.request.policy.as_deref()
    }

    pub fn title(&self) -> &str {
        &self.request.name
    }

    /// The record as it stands, draft or sealed. `created_at` is RFC 3339, UTC.
    pub fn record(&self, created_at: &str) -> DecisionRecord {
        if let Some(sealed) = &self.sealed {
            return sealed.record.clone();
        }
        let mut record = pipeline::record(&self.evaluation, &self.request(), &self.analysis.draft, created_at);
        record.header.supersedes.clone_from(&self.supersedes);
        record
    }

    /// Seal the record at `now`, RFC 3339, UTC.
    ///
    /// # Errors
    /// Something that only a person can say is missing, or the numbers on screen are being recomputed.
    pub fn seal(&mut self, now: &str) -> Result<Arc<SealedRecord>, SealError> {
        if self.stale {
            let wait = "The numbers are being computed again; seal the record when they are there.";
            return Err(SealError::Incomplete(vec![wait.to_owned()]));
        }
        let sealed = Arc::new(self.record(now).seal(now)?);
        self.sealed = Some(Arc::clone(&sealed));
        self.said += 1;
        Ok(sealed)
    }

    /// Take in what was computed.
    pub fn compared(&mut self, compared: Compared) {
        if let Some((comparison, verdict)) = compared.whole {
            self.evaluation.comparison = comparison;
            self.evaluation.verdict = verdict;
        }
        self.population = compared.population;
        self.stale = false;
        self.revision += 1;
    }

    /// Do `command`; returns what is to be done outside.
    pub fn apply(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Show(view) => self.view = view,
            Command::SetThreshold { arm, value, dragging } => return self.set_threshold(arm, value, dragging),
            Command::SetThresholdRule(rule) => return self.set_rule(rule),
            Command::SelectSlice(index) => return self.select_slice(index),
            Command::AddSlice(text) => return self.add_slice(&text),
            Command::RemoveSlice(index) => return self.remove_slice(index),
            Command::Select(selection) => return self.select(selection),
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
        let new = &self.analysis;
        self.said += 1;
        let changed = old.thresholds != new.thresholds || old.rule != new.rule || old.slices != new.slices;
        // Where the last comparison did not come to its end, everything is owed.
        let whole = changed || self.stale;
        if whole || old.slice != new.slice {
            self.stale = true;
            return vec![self.compare(whole)];
        }
        Vec::new()
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

    /// Thresholds as they stand, also while a handle is dragged.
    pub fn thresholds(&self) -> [Threshold; 2] {
        let found = self.evaluation.comparison.plan.thresholds;
        let given = |arm: usize| {
            let value = self.analysis.thresholds[arm];
            value.map_or(found[arm], |value| Threshold { value: Some(value), basis: ThresholdBasis::Given })
        };
        let basis = match self.analysis.rule {
            ThresholdRule::PerArm | ThresholdRule::LeastCost => return [given(0), given(1)],
            ThresholdRule::MatchedFpr => ThresholdBasis::MatchedFpr,
            ThresholdRule::MatchedFlagRate => ThresholdBasis::MatchedFlagRate,
        };
        let champion = given(0);
        let challenger = champion.value.and_then(|value| {
            let engine = &self.evaluation.engine;
            engine.matched(self.analysis.rule, value, self.evaluation.comparison.plan.costs)[1]
        });
        [champion, challenger.map_or(found[1], |value| Threshold { value: Some(value), basis })]
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
        if !changed {
            return Vec::new();
        }
        self.stale = true;
        vec![self.compare(true)]
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
            DraftEdit::Person { index, .. } => Merge::With(Field::Person(*index)),
            DraftEdit::Finding { index, .. } => Merge::With(Field::Finding(*index)),
            DraftEdit::Override(Some(_)) => Merge::With(Field::Override),
            _ => Merge::Never,
        };
        if self.change(merge, |analysis| analysis.draft.apply(edit)) {
            self.said += 1;
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
