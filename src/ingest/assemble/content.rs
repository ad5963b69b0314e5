//! Columns of the tasks that two classes do not hold, gathered by the rows.

use super::Labels;
use crate::ingest::boxes;
use crate::ingest::issue::IngestError;
use crate::ingest::labels::LabelKey;
use crate::log::{
    Arm, Coded, Content, ImagePairs, NO_CODE, NO_LABEL, NOT_LOGGED, Numbers, Pairs, Quantile, Task, Vectors, cosines,
};

/// Probabilities of an arm as they are read: the class of each column, and rows x columns row after row.
pub(super) type Probabilities = (Vec<u32>, Vec<f64>);

/// What the models answered beside numbers, champion first.
pub(super) struct Answered {
    /// What codes stand for.
    pub names: Vec<String>,
    pub codes: Vec<Option<Vec<u32>>>,
    pub probabilities: Vec<Option<Probabilities>>,
    pub embeddings: Vec<Option<[Vectors; 2]>>,
    pub likelihoods: Vec<Option<Vec<[f64; 2]>>>,
    pub preferences: Option<Vec<f64>>,
}

/// Gather columns row after row.
pub(super) fn interleaved(columns: &[(u32, Vec<f64>)], rows: &[u32]) -> Probabilities {
    let mut cells = Vec::with_capacity(rows.len() * columns.len());
    for &row in rows {
        cells.extend(columns.iter().map(|(_, values)| values[row as usize]));
    }
    (columns.iter().map(|(class, _)| *class).collect(), cells)
}

/// Label bytes and content of a log; where the answers are codes, `arms` learn which rows have one.
///
/// # Errors
/// A cell that should hold the boxes of an image does not.
pub(super) fn content(
    labels: Labels,
    has_label: bool,
    task: Task,
    answered: Answered,
    arms: &mut [Arm],
) -> Result<(Vec<u8>, Content), IngestError> {
    let keys = match labels {
        Labels::Classes(labels) => return Ok((labels, Content::Binary)),
        Labels::Keys(keys) => keys,
    };
    let known: Vec<u8> = keys.iter().map(|key| if *key == u64::ABSENT { NO_LABEL } else { 0 }).collect();
    let value = |&key: &u64| if key == u64::ABSENT { NOT_LOGGED } else { f64::from_bits(key) };
    if task == Task::Regression {
        let level =
            |code: u32| answered.names.get(code as usize).and_then(|name| name.parse().ok()).unwrap_or(f64::NAN);
        let quantiles = |(codes, cells): Probabilities| {
            let column = |(place, &code): (usize, &u32)| Quantile {
                level: level(code),
                values: cells.iter().skip(place).step_by(codes.len()).copied().collect(),
            };
            let mut found: Vec<Quantile> = codes.iter().enumerate().map(column).collect();
            found.sort_by(|a, b| a.level.total_cmp(&b.level));
            found
        };
        let found =
            answered.probabilities.into_iter().map(|of_arm| of_arm.map(quantiles).unwrap_or_default()).collect();
        let truth = keys.iter().map(value).collect();
        return Ok((known, Content::Numbers(Numbers { truth, quantiles: found, ..Numbers::default() })));
    }
    let Answered { names, codes, probabilities, embeddings, likelihoods, preferences } = answered;
    if task == Task::Similarity {
        if embeddings.windows(2).any(|arms| arms[0].is_some() != arms[1].is_some()) {
            let message = "One model has vectors and the other similarities, which cannot be compared: name the same kind of columns for both.";
            return Err(IngestError::Mapping(message.to_owned()));
        }
        for (arm, vectors) in arms.iter_mut().zip(&embeddings) {
            if let Some(vectors) = vectors {
                arm.scores = Some(cosines(vectors));
            }
        }
        let gold = has_label.then(|| keys.iter().map(value).collect());
        // Pairs can be compared without a gold score where nobody gave one to any.
        let known = if has_label { known } else { vec![0; keys.len()] };
        return Ok((known, Content::Pairs(Pairs { gold, arms: embeddings })));
    }
    let truth = keys.iter().map(|&key| u32::try_from(key).unwrap_or(NO_CODE)).collect();
    let mut coded = Coded { names, truth, likelihoods, preferences, ..Coded::default() };
    for (at, ((arm, codes), probabilities)) in arms.iter_mut().zip(codes).zip(probabilities).enumerate() {
        let classes = coded.names.len();
        let dense = probabilities.map(|found| by_class(found, classes, keys.len()));
        let codes = codes.unwrap_or_else(|| {
            dense.as_ref().map_or_else(|| vec![NO_CODE; keys.len()], |dense| most_probable(dense, classes))
        });
        // A model may have logged how likely its answer was, and not the answer.
        let likely =
            coded.likelihoods.get(at).and_then(Option::as_ref).filter(|_| codes.iter().all(|code| *code == NO_CODE));
        let answered =
            |(row, code): (usize, &u32)| *code != NO_CODE || likely.is_some_and(|rows| !rows[row][0].is_nan());
        arm.predictions = Some(codes.iter().enumerate().map(|of| if answered(of) { 0 } else { NO_LABEL }).collect());
        coded.answers.push(codes);
        coded.probabilities.push(dense);
    }
    if task == Task::Detection {
        return Ok((known, Content::Boxes(boxes::boxes(&coded)?)));
    }
    if task == Task::Image {
        let Coded { names, truth, answers, .. } = coded;
        let pairs = ImagePairs { names, references: truth, outputs: answers, ..ImagePairs::default() };
        return Ok((known, Content::ImagePairs(pairs)));
    }
    // Answers can be judged against each other without a reference.
    let free = task == Task::Text && !has_label;
    Ok((if free { vec![0; keys.len()] } else { known }, Content::Coded(coded)))
}

/// Cells in the order of the classes; a class without a column has probability 0, as the model never gives it.
fn by_class((classes, cells): Probabilities, count: usize, rows: usize) -> Vec<f64> {
    let width = classes.len();
    if width == count && classes.iter().enumerate().all(|(place, class)| place == *class as usize) {
        return cells;
    }
    let mut out = vec![0.0; rows * count];
    for (from, to) in cells.chunks_exact(width).zip(out.chunks_exact_mut(count)) {
        classes.iter().zip(from).for_each(|(&class, &cell)| to[class as usize] = cell);
    }
    out
}

/// The class of the largest probability, the first of equals; none where a cell is missing.
fn most_probable(cells: &[f64], classes: usize) -> Vec<u32> {
    let best = |row: &[f64]| {
        if row.iter().any(|cell| cell.is_nan()) {
            return NO_CODE;
        }
        let first = (0..row.len()).reduce(|best, class| if row[class] > row[best] { class } else { best });
        first.map_or(NO_CODE, |class| class as u32)
    };
    cells.chunks_exact(classes.max(1)).map(best).collect()
}
