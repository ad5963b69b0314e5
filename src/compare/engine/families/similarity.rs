//! Similarity: pairs of items, each with a similarity per model, held against gold scores.

mod drawn;

use rayon::prelude::*;

use super::Family;
use crate::compare::detail::Detail;
use crate::compare::engine::CompareError;
use crate::compare::engine::sample::Units;
use crate::compare::plan::Plan;
use crate::job::JobCx;
use crate::log::{Content, Log, Pairs, Similarity};
use crate::metrics::BLOCK;
use crate::metrics::measured::Outcome;
use crate::metrics::registry::Metric;
use crate::metrics::similarity as kernels;

pub(super) struct PairFamily<'a> {
    log: &'a Log,
    pairs: &'a Pairs,
    /// Euclidean and dot of each arm by row of the log, where it has vectors; the cosine stands in the scores.
    others: Vec<Option<[Vec<f64>; 2]>>,
}

impl<'a> PairFamily<'a> {
    pub fn new(log: &'a Log, cx: &JobCx) -> Result<Self, CompareError> {
        let Content::Pairs(pairs) = &log.content else {
            return Err(CompareError::Plan("the log holds no pairs of items".to_owned()));
        };
        let mut others = Vec::new();
        for vectors in pairs.arms.iter().take(2) {
            let of = |[a, b]: &[crate::log::Vectors; 2], by: Similarity| {
                cx.check()?;
                kernels::similarities(a, b, by).map_err(CompareError::Plan)
            };
            let both = |pair| Ok::<_, CompareError>([of(pair, Similarity::Euclidean)?, of(pair, Similarity::Dot)?]);
            others.push(vectors.as_ref().map(both).transpose()?);
        }
        Ok(Self { log, pairs, others })
    }

    fn arms(&self) -> usize {
        self.log.arms.len().min(2)
    }

    fn has_vectors(&self) -> bool {
        self.others.iter().any(Option::is_some)
    }

    /// Similarities of an arm by row of the log; empty where it has none.
    fn column(&self, arm: usize, by: Option<Similarity>) -> &[f64] {
        let scores = || self.log.arms[arm].scores.as_deref().unwrap_or_default();
        match (by, self.others.get(arm).and_then(Option::as_ref)) {
            (Some(Similarity::Euclidean), Some([euclidean, _])) => euclidean,
            (Some(Similarity::Dot), Some([_, dot])) => dot,
            _ => scores(),
        }
    }

    /// What is drawn and listed.
    fn drawn(&self, arm: usize, rows: &[u32]) -> Vec<f64> {
        gather(self.column(arm, Some(Similarity::Cosine)), rows)
    }

    fn gold(&self, rows: &[u32]) -> Option<Vec<f64>> {
        self.pairs.gold.as_ref().map(|gold| gather(gold, rows))
    }
}

fn gather(values: &[f64], rows: &[u32]) -> Vec<f64> {
    rows.par_iter().with_min_len(BLOCK).map(|&row| values[row as usize]).collect()
}

impl Family for PairFamily<'_> {
    fn metrics(&self) -> Vec<&'static Metric> {
        if !self.has_vectors() {
            return kernels::LOGGED.iter().collect();
        }
        // Where gold says which pairs are to be near, a higher mean is no better.
        let wanted = |metric: &&'static Metric| {
            self.pairs.gold.is_none() || kernels::parts(metric.name).is_some_and(|(_, against)| against.is_some())
        };
        kernels::METRICS.iter().filter(wanted).collect()
    }

    fn measure(&self, arm: usize, rows: &[u32]) -> Vec<Outcome> {
        let metrics = self.metrics();
        if self.log.arms[arm].scores.is_none() {
            return metrics.iter().map(|_| Err("no similarity is logged".to_owned())).collect();
        }
        let gold = self.gold(rows);
        let by = |metric: &&Metric| kernels::parts(metric.name).and_then(|(by, _)| by);
        // One gathered column serves all metrics of a similarity.
        let kinds: &[Option<Similarity>] = if self.has_vectors() { &Similarity::ALL.map(Some) } else { &[None] };
        let columns: Vec<(Option<Similarity>, Vec<f64>)> =
            kinds.par_iter().map(|&by| (by, gather(self.column(arm, by), rows))).collect();
        let one = |metric: &&Metric| {
            let column = columns.iter().find(|(of, _)| *of == by(metric));
            kernels::measure(metric.name, column.map_or(&[], |(_, column)| column), gold.as_deref())
        };
        metrics.par_iter().map(one).collect()
    }

    fn detail(&self, rows: &[u32], _: Option<&Units>, _: &Plan, cx: &JobCx) -> Result<Detail, CompareError> {
        cx.stage("Similarity against gold", 0);
        Ok(Detail::Similarity(self.similarities(rows, cx)?))
    }

    fn notes(&self, _: &[u32]) -> Vec<String> {
        let mut notes = Vec::new();
        if self.pairs.gold.is_none() {
            notes.push("No gold scores are logged, so no correlation has a value; means and the rows on which the models differ are shown.".to_owned());
        }
        for (arm, vectors) in self.log.arms.iter().zip(&self.pairs.arms) {
            if let Some([vectors, _]) = vectors {
                notes.push(format!("The vectors of {} have {} dimensions.", arm.name, vectors.dimensions));
            }
        }
        notes
    }
}
