//! What does not depend on the thresholds is kept from one comparison to the next, so that a moved threshold costs
//! the counting of decisions only.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::agreement::Both;
use super::latency::Latency;
use super::sample::Sample;
use super::scored::{self, Scored};
use super::slices::{self, Sliced};
use super::{CompareError, Engine};
use crate::compare::agreement::ScoreShift;
use crate::compare::detail::Operations;
use crate::compare::plan::Plan;
use crate::compare::result::MetricResult;
use crate::job::{Cancelled, JobCx};

/// Cost, failures, throughput, and what is drawn of them.
type Served = (Vec<MetricResult>, Option<Operations>);

/// Results that hold for any threshold.
#[derive(Default)]
pub(super) struct Kept {
    whole: Option<Arc<Scored>>,
    /// By slice as written.
    slices: HashMap<String, Arc<Scored>>,
    latency: Option<(f64, Arc<Latency>)>,
    served: Option<(f64, Served)>,
    both: Option<Arc<Both>>,
    shift: Option<(f64, Option<ScoreShift>)>,
}

impl Engine {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn scored(&self, sample: &Sample<'_>, plan: &Plan, cx: &JobCx) -> Result<Arc<Scored>, Cancelled> {
        let known = self.kept().whole.clone();
        if let Some(known) = known.filter(|known| known.partial_fpr == plan.partial_fpr) {
            return Ok(known);
        }
        let found = Arc::new(scored::measure(sample, plan, cx)?);
        self.kept().whole = Some(found.clone());
        Ok(found)
    }

    pub(super) fn latency(&self, level: f64) -> Arc<Latency> {
        let known = self.kept().latency.clone();
        if let Some((_, known)) = known.filter(|(known, _)| *known == level) {
            return known;
        }
        let found = Arc::new(Latency::measure(&self.log, self.population.as_ref(), level));
        self.kept().latency = Some((level, found.clone()));
        found
    }

    /// Cost, failures, throughput.
    pub(super) fn served(&self, level: f64) -> Served {
        let known = self.kept().served.clone();
        if let Some((_, known)) = known.filter(|(known, _)| *known == level) {
            return known;
        }
        let found = self.measure_served(level);
        self.kept().served = Some((level, found.clone()));
        found
    }

    /// Rows that both arms answered.
    pub(super) fn both(&self) -> Arc<Both> {
        let known = self.kept().both.clone();
        known.unwrap_or_else(|| {
            let found = Arc::new(Both::of(self));
            self.kept().both = Some(found.clone());
            found
        })
    }

    /// Scores of both arms row by row.
    pub(super) fn shift(&self, both: &Both, level: f64, cx: &JobCx) -> Result<Option<ScoreShift>, CompareError> {
        let known = self.kept().shift.clone();
        if let Some((_, known)) = known.filter(|(known, _)| *known == level) {
            return Ok(known);
        }
        let found = self.measure_shift(both, level, cx)?;
        self.kept().shift = Some((level, found.clone()));
        Ok(found)
    }

    /// Results of the plan's slices, slice by slice.
    pub(super) fn sliced(
        &self,
        plan: &Plan,
        whole: Sample<'_>,
        decisions: [Option<&[u8]>; 2],
        cx: &JobCx,
    ) -> Result<Vec<MetricResult>, CompareError> {
        let count = plan.slices.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        cx.stage("Slices", count as u64);
        let mut found = vec![Vec::new(); count];
        let measure = slices::Measure { whole, decisions, plan, cx };
        for family in slices::families(&self.log, self.rows.as_deref(), &plan.slices)? {
            cx.check()?;
            let names: Vec<String> = family.slices.iter().map(|&slice| plan.slices[slice].to_string()).collect();
            let known: Vec<Option<Arc<Scored>>> = {
                let kept = self.kept();
                let fits = |scored: &&Arc<Scored>| scored.partial_fpr == plan.partial_fpr;
                names.iter().map(|name| kept.slices.get(name).filter(fits).cloned()).collect()
            };
            let results = measure.family(&family, &known)?;
            let mut kept = self.kept();
            for (Sliced { results, scored }, (name, &slice)) in
                results.into_iter().zip(names.into_iter().zip(&family.slices))
            {
                kept.slices.insert(name, scored);
                found[slice] = results;
            }
        }
        Ok(found.into_iter().flatten().collect())
    }
}
