//! An open workspace: what was computed, what the user has set, what is in view.

mod apply;
mod challengers;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::challengers::Other;

use self::challengers::Others;
use super::aging::Trained;
use super::command::View;
use super::draft::Draft;
use super::history::History;
use super::junit::Attachment;
use super::pipeline::{self, Evaluation, Request};
use crate::compare::staleness::Window;
use crate::compare::{
    Comparison, CustomMetric, Engine, Selection, SliceSpec, Threshold, ThresholdBasis, ThresholdRule, ValueModel,
};
use crate::decision::{DecisionRecord, SealError, SealedRecord, Verdict};
use crate::ingest::mapping::{Mapping, Side};
use crate::log::ArmRole;
use crate::present::Sheet;
use crate::present::classes::ClassScope;

/// What undo covers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// Given thresholds, champion first; `None`: as the policy or the rule says.
    pub thresholds: [Option<f64>; 2],
    pub rule: ThresholdRule,
    /// Slices beside those of the policy.
    pub slices: Vec<SliceSpec>,
    /// Metrics beside those of the task and the policy.
    pub metrics: Vec<CustomMetric>,
    /// What decisions are worth.
    pub value: Option<ValueModel>,
    /// Population in view, by its slice.
    pub slice: Option<SliceSpec>,
    /// Whether classes are taken together.
    pub classes: ClassScope,
    /// Windows of time that drift is told by; `None`: as the policy or the span says.
    pub window: Option<Window>,
    /// Files of training data.
    pub reference: Vec<PathBuf>,
    /// Files of test results.
    pub tests: Vec<PathBuf>,
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
    /// Training data behind it.
    pub reference: Option<Arc<Trained>>,
    /// Test results behind it.
    pub tests: Vec<Attachment>,
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
    others: Others,
}

impl Session {
    /// A workspace that was just computed. `fixed` are the slices of the policy.
    pub fn new(request: Request, fixed: Vec<SliceSpec>, evaluation: Evaluation) -> Self {
        let analysis = Analysis {
            thresholds: request.thresholds,
            rule: request.rule,
            slices: request.slices.clone(),
            metrics: request.metrics.clone(),
            value: request.value.clone(),
            window: request.window,
            reference: request.reference.clone(),
            tests: request.tests.clone(),
            draft: request.draft.clone(),
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
            others: Others::default(),
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

    /// Views of the log, in the order of their tabs.
    pub fn views(&self) -> &'static [View] {
        View::of_log(&self.evaluation.run.log)
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

    /// Files and folders of the run as they were named, those of labels last.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.request.files.iter().chain(&self.request.labels)
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
            metrics: self.analysis.metrics.clone(),
            value: self.analysis.value.clone(),
            window: self.analysis.window,
            reference: self.analysis.reference.clone(),
            tests: self.analysis.tests.clone(),
            draft: self.analysis.draft.clone(),
            ..self.request.clone()
        }
    }

    /// The same logs with another challenger of the run; `None` where it is none. What was said of the one in view is
    /// kept by its name and not said of the other.
    pub fn with_challenger(&self, name: &str) -> Option<Request> {
        let mapping = &self.evaluation.run.mapping;
        if !mapping.rivals.iter().any(|rival| rival == name) {
            return None;
        }
        let others = mapping.rivals.iter().chain(&mapping.challenger).filter(|other| *other != name);
        let rivals: Vec<String> = others.cloned().collect();
        // Where models stand side by side, their columns say which is which, and are looked at anew.
        let wide = mapping.columns.iter().any(|role| role.side != Side::Both);
        let changed = Mapping { challenger: Some(name.to_owned()), rivals: rivals.clone(), ..mapping.clone() };
        Some(Request {
            champion: Some(mapping.champion.clone()),
            challenger: Some(name.to_owned()),
            rivals,
            profile: (!wide).then_some(changed),
            thresholds: [self.analysis.thresholds[0], None],
            draft: self.analysis.draft.turned(mapping.challenger.as_deref(), name),
            ..self.request()
        })
    }

    /// Whether people have said something that no workspace file holds.
    pub fn has_unsaved_text(&self) -> bool {
        self.analysis.draft != self.request.draft
    }

    /// The workspace file now holds what people have said.
    pub fn text_saved(&mut self) {
        self.request.draft.clone_from(&self.analysis.draft);
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
            self.evaluation.reference = compared.reference;
            self.evaluation.tests = compared.tests;
            self.said += 1;
            self.others.outdate();
        }
        self.population = compared.population;
        self.stale = false;
        self.revision += 1;
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
}

#[cfg(test)]
mod tests;
