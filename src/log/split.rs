//! What a run has in which each request was answered by one arm: the arm of each row and what came of it.

use super::{
    Arm, CodeColumn, Coded, Codes, Content, Feature, FeatureValues, Ids, Log, Numbers, Quantile, is_not_logged,
};

/// Columns of a split run, one entry per row of the log.
#[derive(Clone, Debug, Default)]
pub struct Split {
    /// 0 champion, 1 challenger.
    pub arms: Vec<u8>,
    /// What came of the requests: conversion, revenue, errors.
    pub outcomes: Vec<Measure>,
    /// What was known of the unit before the run, e.g. its revenue of the month before.
    pub covariates: Vec<Measure>,
    /// Stage of the rollout, with the name of its column.
    pub stages: Option<(String, Codes)>,
    pub both: BothArms,
}

/// A column of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub name: String,
    /// [`super::NOT_LOGGED`] where there is none; yes is 1 and no is 0.
    pub values: Vec<f64>,
    /// Whether every value is 0 or 1, so that a mean is a share.
    pub two_valued: bool,
}

/// What was exposed to both arms and is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BothArms {
    /// Units with a line of each arm (of a canary run: within one stage).
    pub units: u64,
    /// Lines of these units, and of ids with a line of each arm.
    pub lines: u64,
}

impl Measure {
    pub fn new(name: String, values: Vec<f64>) -> Self {
        let two_valued = values.iter().all(|value| is_not_logged(*value) || *value == 0.0 || *value == 1.0);
        Self { name, values, two_valued }
    }
}

impl Split {
    pub fn bytes(&self) -> usize {
        let measures: usize = self.outcomes.iter().chain(&self.covariates).map(|one| one.values.len() * 8).sum();
        self.arms.len() + measures + self.stages.as_ref().map_or(0, |(_, codes)| codes.bytes())
    }

    /// Rows of an arm, ascending.
    pub fn rows(&self, arm: u8) -> Vec<u32> {
        (0u32..).zip(&self.arms).filter(|(_, of)| **of == arm).map(|(row, _)| row).collect()
    }
}

impl Log {
    /// The rows of one arm of a split run as a log of that model alone.
    pub fn alone(&self, arm: usize, rows: &[u32]) -> Self {
        let of = &self.arms[arm];
        let take = |values: &Option<Vec<f64>>| values.as_ref().map(|values| taken(values, rows));
        let arm_alone = Arm {
            name: of.name.clone(),
            role: of.role,
            logged: of.logged,
            scores: take(&of.scores),
            score_kind: of.score_kind,
            predictions: of.predictions.as_ref().map(|values| taken(values, rows)),
            latency_ms: take(&of.latency_ms),
            unpaired_latency_ms: Vec::new(),
            served: of.served.taken(rows),
        };
        let content = match &self.content {
            // Lists are of queries that both arms answered, boxes of such images, pairs of such items or images: a split run
            // has none.
            Content::Binary | Content::Lists(_) | Content::Boxes(_) | Content::Pairs(_) | Content::ImagePairs(_) => {
                Content::Binary
            }
            Content::Numbers(numbers) => {
                let quantile = |one: &Quantile| Quantile { level: one.level, values: taken(&one.values, rows) };
                Content::Numbers(Numbers {
                    truth: taken(&numbers.truth, rows),
                    quantiles: numbers
                        .quantiles
                        .get(arm)
                        .map(|own| own.iter().map(quantile).collect())
                        .into_iter()
                        .collect(),
                    ..numbers.clone_names()
                })
            }
            Content::Coded(coded) => {
                let classes = coded.names.len();
                let cells = |cells: &Vec<f64>| -> Vec<f64> {
                    let width = cells.len().checked_div(self.rows).unwrap_or(classes);
                    rows.iter().flat_map(|&row| &cells[row as usize * width..][..width]).copied().collect()
                };
                let probabilities = coded.probabilities.get(arm).and_then(Option::as_ref).map(cells);
                Content::Coded(Coded {
                    names: coded.names.clone(),
                    truth: taken(&coded.truth, rows),
                    several: coded.several.clone(),
                    answers: coded.answers.get(arm).map(|codes| taken(codes, rows)).into_iter().collect(),
                    probabilities: vec![probabilities],
                    order: coded.order.clone(),
                    ..Coded::default()
                })
            }
        };
        let ids = match &self.ids {
            Ids::Integer(values) => Ids::Integer(taken(values, rows)),
            Ids::Position(_) => Ids::Position(rows.len()),
            Ids::Text { .. } => {
                let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(rows.len()));
                for &row in rows {
                    bytes.extend_from_slice(self.ids.get(row as usize).as_bytes());
                    ends.push(bytes.len() as u64);
                }
                Ids::Text { bytes, ends }
            }
        };
        let feature = |feature: &Feature| Feature {
            name: feature.name.clone(),
            values: match &feature.values {
                FeatureValues::Coded(codes) => FeatureValues::Coded(codes.taken(rows)),
                FeatureValues::Numeric(values) => FeatureValues::Numeric(taken(values, rows)),
            },
        };
        Self {
            kind: self.kind,
            task: self.task,
            rows: rows.len(),
            ids,
            arms: vec![arm_alone],
            labels: taken(&self.labels, rows),
            classes: self.classes.clone(),
            content,
            times: self.times.as_ref().map(|times| taken(times, rows)),
            units: self.units.as_ref().map(|(name, codes)| (name.clone(), codes.taken(rows))),
            features: self.features.iter().map(feature).collect(),
            audit: self.audit.clone(),
            sources: Vec::new(),
            split: None,
        }
    }
}

fn taken<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|&row| values[row as usize]).collect()
}

impl Codes {
    /// The codes of `rows`, in that order.
    pub fn taken(&self, rows: &[u32]) -> Self {
        let codes = match &self.codes {
            CodeColumn::U8(codes) => CodeColumn::U8(taken(codes, rows)),
            CodeColumn::U16(codes) => CodeColumn::U16(taken(codes, rows)),
            CodeColumn::U32(codes) => CodeColumn::U32(taken(codes, rows)),
        };
        Self { names: self.names.clone(), codes }
    }
}
