//! Paired lines to a [`Log`]: each column is gathered by the rows and its source dropped.

mod content;

use rayon::prelude::*;

use super::features::{gather, gather_codes, gather_feature, gathered};
use super::issue::IngestError;
use super::keys::LineIds;
use super::lines::{Answers, Lines};
use super::mapping::{Mapping, Role};
use super::pair::{Fate, Joined};
use super::table::TextColumn;
use super::typing;
use crate::job::JobCx;
use crate::log::{
    Arm, ArmRole, BothArms, Classes, Content, Feature, FeatureValues, Ids, JoinAudit, Label, Log, Measure, NO_LABEL,
    NOT_LOGGED, ScoreKind, Served, Source, Split, Task, is_not_logged,
};

/// The label of each row.
pub(super) enum Labels {
    /// 0, 1 or [`NO_LABEL`].
    Classes(Vec<u8>),
    /// Of other tasks: bits of a number, or a code.
    Keys(Vec<u64>),
}

/// Labels and what was found on the way.
pub(super) struct Labelled {
    pub labels: Labels,
    pub label: Label,
}

/// Everything pairing has decided.
pub(super) struct Paired {
    pub lines: Lines,
    pub joined: Joined,
    pub audit: JoinAudit,
    pub labelled: Labelled,
    /// Both models' answers stand in one line.
    pub wide: bool,
    /// Of a split run: what both arms served.
    pub both: Option<BothArms>,
}

/// Gather the log. `sources` go into it as they are.
///
/// # Errors
/// Boxes of an image are none; cancelled.
pub(super) fn assemble(
    paired: Paired,
    mapping: &Mapping,
    sources: Vec<Source>,
    cx: &JobCx,
) -> Result<Log, IngestError> {
    let Paired { mut lines, mut joined, mut audit, labelled, wide, both } = paired;
    let rows = std::mem::take(&mut joined.pairs);
    cx.stage("Gathering columns", 0);
    audit.labels = labelled.label;

    let mut arms = Vec::with_capacity(2);
    let names = [Some(mapping.champion.clone()), mapping.challenger.clone()];
    let unpaired = |answers: &Answers, arm: u8| -> Vec<f64> {
        let Some(latency) = &answers.latency_ms else {
            return Vec::new();
        };
        let of_lines = joined.fates.par_iter().zip(&lines.arms).zip(latency).with_min_len(1 << 16);
        of_lines
            .filter(|((fate, of), _)| **of == arm && matches!(fate, Fate::Alone | Fate::WithoutId))
            .map(|(_, &value)| value)
            .filter(|value| !is_not_logged(*value))
            .collect()
    };
    let models = names.into_iter().flatten().count();
    let one_model = models == 1;
    // Rows of a log of one model, and of lines that hold both models, are themselves lines without a partner.
    let partners = !one_model && !wide && both.is_none();
    let logged: Vec<u64> = (0..models as u8)
        .map(|arm| lines.arms.par_iter().filter(|of| **of == if wide { 0 } else { arm }).count() as u64)
        .collect();
    let unpaired: Vec<Vec<f64>> = (0..models)
        .map(|arm| match lines.answers.first() {
            Some(answers) if partners => unpaired(answers, arm as u8),
            _ => Vec::new(),
        })
        .collect();
    let mut answers = std::mem::take(&mut lines.answers);
    let of_rows = both.map(|_| gathered(&lines.arms, &rows[0]));
    drop((joined, std::mem::take(&mut lines.arms), std::mem::take(&mut lines.labels)));
    let last = models - 1;
    let names = [Some(mapping.champion.clone()), mapping.challenger.clone()];
    let roles = [ArmRole::Champion, ArmRole::Challenger];
    // Column by column rather than arm by arm, so that a source is dropped as soon as both arms have it.
    let of = |arm: usize| if wide { arm } else { 0 };
    let mut scores = Vec::new();
    let mut predictions = Vec::new();
    let mut latencies = Vec::new();
    for arm in 0..models {
        cx.check()?;
        let keep = !wide && arm < last;
        scores.push(column(&mut answers[of(arm)].scores, &rows[arm], keep));
    }
    for arm in 0..models {
        cx.check()?;
        let keep = !wide && arm < last;
        predictions.push(column(&mut answers[of(arm)].predictions, &rows[arm], keep));
    }
    let mut codes = Vec::new();
    for arm in 0..models {
        cx.check()?;
        codes.push(column(&mut answers[of(arm)].codes, &rows[arm], !wide && arm < last));
    }
    let mut probabilities = Vec::new();
    for arm in 0..models {
        cx.check()?;
        let columns = answers[of(arm)].probabilities.as_ref();
        probabilities.push(columns.map(|columns| content::interleaved(columns, &rows[arm])));
    }
    let mut embeddings = Vec::new();
    for arm in 0..models {
        cx.check()?;
        let columns = answers[of(arm)].embeddings.as_ref();
        embeddings.push(columns.map(|columns| columns.each_ref().map(|column| column.gathered(&rows[arm]))));
    }
    answers.iter_mut().for_each(|answers| answers.embeddings = None);
    let mut likelihoods = Vec::new();
    for arm in 0..models {
        cx.check()?;
        let columns = answers[of(arm)].likelihoods.as_ref();
        likelihoods.push(columns.map(|columns| gathered(columns, &rows[arm])));
    }
    // Both models' lines tell of the same verdict; where the champion's does not, the challenger's does.
    let preferences = lines.preferences.take().map(|values| {
        let [first, second] = rows.each_ref().map(|rows| gathered(&values, rows));
        let either = |(one, other): (f64, f64)| if is_not_logged(one) { other } else { one };
        first.into_iter().zip(second).map(either).collect()
    });
    for arm in 0..models {
        cx.check()?;
        let keep = !wide && arm < last;
        latencies.push(column(&mut answers[of(arm)].latency_ms, &rows[arm], keep));
    }
    let mut served = Vec::new();
    for arm in 0..models {
        cx.check()?;
        let keep = !wide && arm < last;
        let of_lines = &mut answers[of(arm)].served;
        let cost = column(&mut of_lines.cost, &rows[arm], keep);
        served.push(Served { cost, failed: column(&mut of_lines.failed, &rows[arm], keep) });
    }
    let columns = scores.into_iter().zip(predictions).zip(latencies).zip(served).zip(unpaired).zip(logged);
    for (((((scores, predictions), latency_ms), served), unpaired_latency_ms), logged) in columns {
        let index = arms.len();
        arms.push(Arm {
            name: names[index].clone().unwrap_or_default(),
            role: roles[index],
            logged,
            score_kind: score_kind(scores.as_deref()),
            scores,
            predictions,
            latency_ms,
            unpaired_latency_ms,
            served,
        });
    }
    if let Some(of_rows) = &of_rows {
        arms.iter_mut().enumerate().for_each(|(arm, columns)| only(columns, of_rows, arm as u8));
    }
    cx.check()?;
    let (names, several) = std::mem::take(&mut lines.dictionary).finish();
    let has_label = audit.labels.column.is_some();
    let answered = content::Answered { names, codes, probabilities, embeddings, likelihoods, preferences };
    let (labels, mut content) = content::content(labelled.labels, has_label, mapping.task, answered, &mut arms)?;
    if let Content::Numbers(numbers) = &mut content {
        let column = |role: Role| mapping.columns.iter().find(|one| one.role == role).map(|one| one.column.clone());
        (numbers.series, numbers.horizon) = (column(Role::Series), column(Role::Horizon));
        numbers.season = mapping.season;
    }
    if let Content::Coded(coded) = &mut content {
        coded.order.clone_from(&mapping.class_order);
        coded.several = several;
    }
    let [rows, _] = rows;
    let times = lines.times.take().map(|times| gather(times, &rows));
    let ids = match lines.ids.take() {
        None => Ids::Position(rows.len()),
        Some(LineIds::Integer { values, .. }) => Ids::Integer(gather(values, &rows)),
        Some(LineIds::Text(text)) => gather_text(&text, &rows),
    };
    let units = lines.unit.take().map(|(name, values)| {
        let codes = match values {
            FeatureValues::Coded(codes) => gather_codes(codes, &rows),
            FeatureValues::Numeric(values) => typing::codes(&super::table::ColumnData::Float(gather(values, &rows))),
        };
        (name, codes)
    });
    let mut features = Vec::with_capacity(lines.features.len());
    for (name, values) in std::mem::take(&mut lines.features) {
        cx.check()?;
        features.push(Feature { name, values: gather_feature(values, &rows) });
    }
    let split = of_rows.zip(both).map(|(arms, both)| {
        let measures = |columns: Vec<(String, Vec<f64>)>| -> Vec<Measure> {
            columns.into_iter().map(|(name, values)| Measure::new(name, gather(values, &rows))).collect()
        };
        let stages = lines.stage.take().and_then(|(name, values)| match values {
            FeatureValues::Coded(codes) => Some((name, gather_codes(codes, &rows))),
            FeatureValues::Numeric(_) => None,
        });
        // A stage is something to look at apart, as any column is.
        features.extend(
            stages
                .as_ref()
                .map(|(name, codes)| Feature { name: name.clone(), values: FeatureValues::Coded(codes.clone()) }),
        );
        let outcomes = measures(std::mem::take(&mut lines.outcomes));
        let covariates = measures(std::mem::take(&mut lines.covariates));
        Split { arms, outcomes, covariates, stages, both }
    });
    Ok(Log {
        kind: mapping.kind,
        task: mapping.task,
        rows: rows.len(),
        ids,
        arms,
        labels,
        classes: classes(mapping),
        content,
        times,
        units,
        features,
        audit,
        sources,
        split,
    })
}

fn column<T: Copy + Default + Send + Sync>(source: &mut Option<Vec<T>>, rows: &[u32], keep: bool) -> Option<Vec<T>> {
    if keep {
        source.as_ref().map(|values| gathered(values, rows))
    } else {
        source.take().map(|values| gather(values, rows))
    }
}

/// Leave the columns of an arm at its own rows alone.
fn only(columns: &mut Arm, of_rows: &[u8], arm: u8) {
    let other = |of: &u8| *of != arm;
    for values in [&mut columns.scores, &mut columns.latency_ms].into_iter().flatten() {
        let others = values.iter_mut().zip(of_rows).filter(|(_, of)| other(of));
        others.for_each(|(value, _)| *value = NOT_LOGGED);
    }
    if let Some(values) = &mut columns.predictions {
        let others = values.iter_mut().zip(of_rows).filter(|(_, of)| other(of));
        others.for_each(|(value, _)| *value = NO_LABEL);
    }
}

fn score_kind(scores: Option<&[f64]>) -> ScoreKind {
    let probability = |scores: &[f64]| scores.par_iter().all(|score| !score.is_finite() || (0.0..=1.0).contains(score));
    if scores.is_none_or(probability) { ScoreKind::Probability } else { ScoreKind::Decision }
}

pub(super) fn gather_text(text: &TextColumn, rows: &[u32]) -> Ids {
    let cell = |row: &u32| text.get(*row as usize).unwrap_or_default();
    let mut bytes = Vec::with_capacity(rows.iter().map(|row| cell(row).len()).sum());
    let mut ends = Vec::with_capacity(rows.len());
    for row in rows {
        bytes.extend_from_slice(cell(row));
        ends.push(bytes.len() as u64);
    }
    Ids::Text { bytes, ends }
}

fn classes(mapping: &Mapping) -> Classes {
    if mapping.task != Task::Binary {
        return Classes { negative: String::new(), positive: String::new() };
    }
    let mut negatives = mapping.label_map.iter().filter(|(_, positive)| !**positive).map(|(raw, _)| raw.clone());
    let fallback = format!("not {}", mapping.positive);
    Classes { negative: negatives.next().unwrap_or(fallback), positive: mapping.positive.clone() }
}
