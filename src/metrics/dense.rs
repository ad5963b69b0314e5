//! The analysed rows as gap-free columns.

use std::borrow::Cow;

use rayon::prelude::*;

use super::BLOCK;
use crate::log::{CodeColumn, Codes, Log, RowMask};

/// Labels and scores of the analysed rows. Borrowed from the log where every row is analysed.
#[derive(Clone, Debug)]
pub struct Dense<'a> {
    /// Log row of each dense row, ascending; `None` when they are the same.
    pub rows: Option<Vec<u32>>,
    /// 0, 1, or `NO_LABEL` where the mask keeps rows without a label.
    pub labels: Cow<'a, [u8]>,
    /// Champion, challenger; `None` for an arm that is missing or has no score.
    pub scores: [Option<Cow<'a, [f64]>>; 2],
}

impl<'a> Dense<'a> {
    /// Gather the rows of `mask`, which must range over `log`.
    pub fn gather(log: &'a Log, mask: &RowMask) -> Self {
        assert_eq!(mask.rows(), log.rows, "mask of another log");
        let rows = (mask.count() < log.rows).then(|| mask.row_numbers());
        let scores = |arm: usize| log.arms.get(arm).and_then(|arm| arm.scores.as_deref());
        let ((champion, challenger), labels) = rayon::join(
            || {
                let take = |arm| scores(arm).map(|values| gather(rows.as_deref(), values));
                rayon::join(|| take(0), || take(1))
            },
            || gather(rows.as_deref(), &log.labels),
        );
        Self { rows, labels, scores: [champion, challenger] }
    }

    /// Rows gathered.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Scores of a model (0 champion, 1 challenger).
    pub fn scores(&self, model: usize) -> Option<&[f64]> {
        self.scores[model].as_deref()
    }

    /// Rows with label 1.
    pub fn positives(&self) -> u64 {
        self.labels.par_chunks(BLOCK).map(|block| block.iter().map(|&y| u64::from(y == 1)).sum::<u64>()).sum()
    }

    /// The same rows of another column of the log.
    pub fn column<'b, T: Copy + Default + Send + Sync>(&self, values: &'b [T]) -> Cow<'b, [T]> {
        gather(self.rows.as_deref(), values)
    }

    /// The same rows of a coded column as `u32`, `u32::MAX` for an empty cell.
    pub fn codes(&self, codes: &Codes) -> Vec<u32> {
        let wide = |row: usize| codes.code(row).unwrap_or(u32::MAX);
        match &self.rows {
            Some(rows) => rows.par_iter().with_min_len(BLOCK).map(|&row| wide(row as usize)).collect(),
            None => (0..codes.len()).into_par_iter().with_min_len(BLOCK).map(wide).collect(),
        }
    }

    /// The same rows of a coded column as bytes, 255 for an empty cell; `None` when it has more than 255 names.
    pub fn byte_codes<'b>(&self, codes: &'b Codes) -> Option<Cow<'b, [u8]>> {
        match &codes.codes {
            CodeColumn::U8(values) => Some(self.column(values)),
            CodeColumn::U16(_) | CodeColumn::U32(_) => None,
        }
    }

    /// Only the rows of a mask over the dense rows.
    pub fn restricted(&self, mask: &RowMask) -> Dense<'static> {
        let kept = mask.row_numbers();
        let take = |model: usize| self.scores(model).map(|scores| Cow::Owned(gather(Some(&kept), scores).into_owned()));
        let labels = Cow::Owned(gather(Some(&kept), &self.labels).into_owned());
        let (champion, challenger) = rayon::join(|| take(0), || take(1));
        let rows = match &self.rows {
            Some(rows) => kept.iter().map(|&row| rows[row as usize]).collect(),
            None => kept,
        };
        Dense { rows: Some(rows), labels, scores: [champion, challenger] }
    }

    /// The part of a mask over the log that lies in the dense rows, as a mask over the dense rows.
    pub fn mask(&self, mask: &RowMask) -> RowMask {
        match &self.rows {
            Some(rows) => RowMask::from_fn(rows.len(), |index| mask.contains(rows[index] as usize)),
            None => mask.clone(),
        }
    }
}

/// `values` at `rows`, in blocks on all threads; borrowed when `rows` is `None`.
fn gather<'b, T: Copy + Default + Send + Sync>(rows: Option<&[u32]>, values: &'b [T]) -> Cow<'b, [T]> {
    match rows {
        None => Cow::Borrowed(values),
        Some(rows) => Cow::Owned(rows.par_iter().with_min_len(BLOCK).map(|&row| values[row as usize]).collect()),
    }
}
