//! Answers and truths of the tasks that two classes do not hold: numbers, and codes into one dictionary.

use std::collections::{BTreeMap, HashMap};

use super::{Answers, Typing};
use crate::ingest::guess::quantiles;
use crate::ingest::issue::{Issue, Severity};
use crate::ingest::labels::LabelKey;
use crate::ingest::mapping::{Role, Side};
use crate::ingest::table::ColumnData;
use crate::ingest::typing::{self, Typed, is_null_token};
use crate::log::{NO_CODE, Task};

/// Words that truths and answers are coded by, in order of first appearance.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Dictionary {
    pub names: Vec<String>,
    codes: HashMap<String, u32>,
}

impl Dictionary {
    pub fn code(&mut self, name: &str) -> u32 {
        if let Some(&code) = self.codes.get(name) {
            return code;
        }
        let code = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.codes.insert(name.to_owned(), code);
        code
    }
}

impl Typing<'_> {
    /// Columns of one side, as the task has them.
    pub(super) fn answers(&mut self, side: Side) -> Answers {
        let mut latency_ms = self.latency(side);
        let served = self.served(side);
        if let (Some(values), Some(failed)) = (&mut latency_ms, &served.failed) {
            self.without_failed(values, failed);
        }
        let answers = match self.mapping.task {
            Task::Binary => Answers {
                scores: self.numbers(Role::Score, side),
                predictions: self.classes(Role::Prediction, side).0,
                ..Answers::default()
            },
            Task::Regression => {
                let quantiles = self.quantiles(side);
                let median = || {
                    let code = self.lines.dictionary.names.iter().position(|name| name == "0.5")? as u32;
                    quantiles.iter().flatten().find(|one| one.0 == code).map(|one| one.1.clone())
                };
                let median = median();
                let scores =
                    self.numbers(Role::Prediction, side).or_else(|| self.numbers(Role::Score, side)).or(median);
                Answers { scores, probabilities: quantiles, ..Answers::default() }
            }
            Task::Similarity => {
                let embeddings = self.embeddings(side);
                let scores = if embeddings.is_none() { self.numbers(Role::Score, side) } else { None };
                Answers { embeddings, scores, ..Answers::default() }
            }
            Task::Ranking => {
                let (ranks, scores) = (self.numbers(Role::Rank, side), self.numbers(Role::Score, side));
                Answers { ranks, scores, ..Answers::default() }
            }
            Task::Multiclass => {
                let probabilities = self.probabilities(side);
                Answers { codes: self.coded(Role::Prediction, side), probabilities, ..Answers::default() }
            }
            Task::Text => {
                let likelihoods = self.likelihoods(side);
                Answers { codes: self.coded(Role::Prediction, side), likelihoods, ..Answers::default() }
            }
            Task::Detection | Task::Image => {
                Answers { codes: self.coded(Role::Prediction, side), ..Answers::default() }
            }
        };
        Answers { latency_ms, served, ..answers }
    }

    /// Labels of tasks other than binary, each as the key it is compared by.
    pub(super) fn truth(&mut self) -> Option<Vec<u64>> {
        match self.mapping.task {
            Task::Binary => None,
            Task::Regression | Task::Ranking | Task::Similarity => {
                let values = self.numbers(Role::Label, Side::Both)?;
                Some(values.into_iter().map(number_key).collect())
            }
            Task::Text => Some(self.references()?.into_iter().map(code_key).collect()),
            Task::Multiclass | Task::Detection | Task::Image => {
                let codes = self.coded(Role::Label, Side::Both)?;
                Some(codes.into_iter().map(code_key).collect())
            }
        }
    }

    /// One column per class, in the order of the mapping.
    fn probabilities(&mut self, side: Side) -> Option<Vec<(u32, Vec<f64>)>> {
        self.of_classes(Role::Probability, side)
    }

    /// One column per level, which the dictionary holds as it is written.
    fn quantiles(&mut self, side: Side) -> Option<Vec<(u32, Vec<f64>)>> {
        let without = self
            .roles
            .iter()
            .find(|one| one.role == Role::Quantile && one.class.as_deref().and_then(quantiles::as_level).is_none());
        if let Some(one) = without {
            self.lines.unusable = Some(format!(
                "It is not known of which level the quantile in {} is. Say it with --map quantile.LEVEL={}.",
                one.column, one.column
            ));
        }
        self.of_classes(Role::Quantile, side)
    }

    fn of_classes(&mut self, role: Role, side: Side) -> Option<Vec<(u32, Vec<f64>)>> {
        let of_side = |one: &&crate::ingest::mapping::ColumnRole| one.role == role && one.side == side;
        let columns: Vec<(String, String)> = self
            .roles
            .iter()
            .filter(of_side)
            .map(|one| (one.class.clone().unwrap_or_else(|| one.column.clone()), one.column.clone()))
            .collect();
        let mut found = Vec::with_capacity(columns.len());
        for (class, column) in columns {
            let code = self.lines.dictionary.code(class.trim());
            if let Some(values) = self.numbers_of(&[column], role) {
                found.push((code, values));
            }
        }
        (!found.is_empty()).then_some(found)
    }

    /// A column as codes into the dictionary of the lines.
    pub(super) fn coded(&mut self, role: Role, side: Side) -> Option<Vec<u32>> {
        let names = self.names(role, side);
        let text = matches!(self.mapping.task, Task::Text | Task::Detection);
        let classes = self.mapping.task == Task::Multiclass;
        let mut dictionary = std::mem::take(&mut self.lines.dictionary);
        let mut words: BTreeMap<String, u64> = BTreeMap::new();
        let (values, _) = self.each(&names, NO_CODE, |data| {
            let codes = typing::codes(&data);
            let is_absent =
                |name: &str| name.is_empty() || is_null_token(name.as_bytes()) || name.eq_ignore_ascii_case("nan");
            // Classes that are numbers are the same ones however their column writes them.
            let numbers = classes
                && codes
                    .names
                    .iter()
                    .map(|name| name.trim())
                    .all(|name| is_absent(name) || typing::whole_number(name).is_some());
            let of_code = |name: &String| {
                // A text is what it is, be it `None` or blanks; a truth that is empty is not there yet.
                if text {
                    let none = name.is_empty() && role == Role::Label;
                    return if none { NO_CODE } else { dictionary.code(name) };
                }
                let name = name.trim();
                let whole = if numbers { typing::whole_number(name) } else { None };
                if is_absent(name) { NO_CODE } else { dictionary.code(whole.unwrap_or(name)) }
            };
            let global: Vec<u32> = codes.names.iter().map(of_code).collect();
            for (name, _) in codes.names.iter().zip(&global).filter(|(_, code)| classes && !text && **code == NO_CODE) {
                let of_name = (0..codes.len()).filter(|row| codes.get(*row) == Some(name)).count();
                *words.entry(name.trim().to_owned()).or_default() += of_name as u64;
            }
            // A model may answer with nothing.
            let said = |row: usize| match &*data {
                ColumnData::Text(cells) if text && role == Role::Prediction => cells.get(row).is_some(),
                _ => false,
            };
            let nothing = if (0..codes.len()).any(|row| codes.code(row).is_none() && said(row)) {
                dictionary.code("")
            } else {
                NO_CODE
            };
            let value = |row: usize| match codes.code(row) {
                Some(code) => global[code as usize],
                None if said(row) => nothing,
                None => NO_CODE,
            };
            let values: Vec<u32> = (0..codes.len()).map(value).collect();
            let empty = values.iter().filter(|code| **code == NO_CODE).count() as u64;
            Typed { values, empty, ..Typed::default() }
        });
        self.lines.dictionary = dictionary;
        words.retain(|word, _| !word.is_empty());
        for (word, count) in words {
            self.lines.issues.push(Issue::counted(
                "null_words",
                Severity::Warning,
                (count, self.lines.total as u64),
                format!("{count} cells of {} read `{word}`.", names.join(", ")),
                "They count as not logged, so that their rows have no label or no answer.",
                "If that is a class, write it otherwise, for instance `no_class`; else leave the cell empty.",
            ));
        }
        values
    }

    /// Say which numbers a model returned that are none.
    pub(super) fn not_finite(&mut self, names: &[String], count: u64) {
        let binary = self.mapping.task == Task::Binary;
        self.lines.issues.push(Issue {
            code: "score_not_finite".to_owned(),
            severity: Severity::Warning,
            message: format!("{count} scores in {} are NaN or infinite.", names.join(", ")),
            consequence: if binary {
                "They are failures of the model and have no place in a ranking.".to_owned()
            } else {
                "They are failures of the model; their rows are not analysed.".to_owned()
            },
            mend: "See why the model returned them.".to_owned(),
            count,
            share: count as f64 / self.lines.total.max(1) as f64,
            examples: Vec::new(),
        });
    }
}

/// The bits of a number; 0 and -0 are the same label, and NaN is none.
fn number_key(value: f64) -> u64 {
    if value.is_nan() { u64::ABSENT } else { (value + 0.0).to_bits() }
}

fn code_key(code: u32) -> u64 {
    if code == NO_CODE { u64::ABSENT } else { u64::from(code) }
}
