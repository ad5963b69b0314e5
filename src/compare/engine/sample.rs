//! Rows that are measured together: all analysed ones, or those of a slice.

use rayon::prelude::*;

use crate::log::{Codes, Log};
use crate::metrics::{BLOCK, Moments, Order, PairMoments};
use crate::stats;

/// Clusters of the rows: a code below `count` per row, every code in use.
#[derive(Clone, Debug)]
pub(super) struct Units {
    pub codes: Vec<u32>,
    pub count: usize,
}

impl Units {
    /// Units of the analysed rows; `None` where no unit is mapped or none has two rows. A row without a unit is a
    /// unit of its own.
    pub fn of(log: &Log, rows: Option<&[u32]>) -> Option<Self> {
        let (_, codes) = log.units.as_ref()?;
        let length = rows.map_or(log.rows, <[u32]>::len);
        let wide = |index: usize| code(codes, rows, index);
        let units = Self::compact((0..length).map(wide), codes.names.len());
        (units.count < length).then_some(units)
    }

    /// Units of the rows, were it one row each; `None` where no unit is mapped.
    pub fn every(log: &Log, rows: &[u32]) -> Option<Self> {
        let (_, codes) = log.units.as_ref()?;
        Some(Self::compact(rows.iter().map(|&row| codes.code(row as usize)), codes.names.len()))
    }

    /// Units of some of the rows, numbered anew.
    pub fn restricted(&self, rows: &[u32]) -> Self {
        Self::compact(rows.iter().map(|&row| Some(self.codes[row as usize])), self.count)
    }

    fn compact(codes: impl ExactSizeIterator<Item = Option<u32>>, names: usize) -> Self {
        let mut number = vec![u32::MAX; names];
        let mut count = 0;
        let mut out = Vec::with_capacity(codes.len());
        for code in codes {
            let fresh = match code.and_then(|code| number.get_mut(code as usize)) {
                Some(slot) if *slot != u32::MAX => *slot,
                slot => {
                    if let Some(slot) = slot {
                        *slot = count;
                    }
                    count += 1;
                    count - 1
                }
            };
            out.push(fresh);
        }
        Self { codes: out, count: count as usize }
    }

    /// Sums of a row vector within units.
    fn sums(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        for (&value, &code) in values.iter().zip(&self.codes) {
            sums[code as usize] += value;
        }
        sums
    }
}

fn code(codes: &Codes, rows: Option<&[u32]>, index: usize) -> Option<u32> {
    codes.code(rows.map_or(index, |rows| rows[index] as usize))
}

/// Columns, orders and units of the rows that are measured. Arms are champion and challenger.
#[derive(Clone, Copy)]
pub(super) struct Sample<'a> {
    /// Arms of the log, 1 or 2.
    pub arms: usize,
    pub labels: &'a [u8],
    pub positives: u64,
    /// Whether the task has a positive class.
    pub has_positives: bool,
    pub scores: [Option<&'a [f64]>; 2],
    pub orders: [Option<&'a Order>; 2],
    /// Whether the arm's scores are probabilities.
    pub probability: [bool; 2],
    /// `None`: every row is its own unit.
    pub units: Option<&'a Units>,
}

impl Sample<'_> {
    pub fn rows(&self) -> u64 {
        self.labels.len() as u64
    }

    pub fn negatives(&self) -> u64 {
        self.rows() - self.positives
    }

    /// Independent units: clusters, or rows.
    pub fn unit_count(&self) -> u64 {
        self.units.map_or(self.rows(), |units| units.count as u64)
    }
}

/// Values of both arms with the moments of their influence, by row or summed by unit; from it follow intervals.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread {
    /// Value of each arm of the log or why there is none.
    pub values: [Option<Result<f64, String>>; 2],
    pub moments: [Option<stats::Moments>; 2],
    /// Moments of challenger minus champion.
    pub difference: Option<stats::Moments>,
    /// Why there are values but no moments.
    pub missing: Option<String>,
    /// Greatest number of a row, where the value is the mean of a number from 0 on per row.
    pub most: Option<f64>,
}

impl Spread {
    /// Moments of the influence vectors of the arms that have one.
    pub fn of(values: [Option<Result<f64, String>>; 2], vectors: [Option<Vec<f64>>; 2], units: Option<&Units>) -> Self {
        let vectors = match units {
            None => vectors,
            Some(units) => {
                let sums = |vector: &Option<Vec<f64>>| vector.as_ref().map(|vector| units.sums(vector));
                let (champion, challenger) = rayon::join(|| sums(&vectors[0]), || sums(&vectors[1]));
                [champion, challenger]
            }
        };
        let (moments, difference) = match &vectors {
            [Some(a), Some(b)] => {
                let pair = crate::metrics::correlation::pair_moments(a, b);
                (pair_arms(&pair).map(Some), Some(difference_moments(a, b)))
            }
            [a, b] => ([a, b].map(|vector| vector.as_deref().map(moments)), None),
        };
        Self { values, moments, difference, ..Self::default() }
    }

    /// The same from the influence of a row, without holding vectors where rows are independent.
    pub fn by_row<F: Fn(usize) -> f64 + Sync>(
        values: [Option<Result<f64, String>>; 2],
        influence: [Option<F>; 2],
        sample: &Sample<'_>,
    ) -> Self {
        let rows = sample.labels.len();
        if sample.units.is_some() {
            let vector = |influence: &F| (0..rows).into_par_iter().with_min_len(BLOCK).map(influence).collect();
            return Self::of(values, influence.each_ref().map(|found| found.as_ref().map(vector)), sample.units);
        }
        let block = |block: usize| {
            let mut sums = (PairMoments::default(), Moments::default());
            let mut buffers = [[0.0; RUN]; 3];
            for start in (block * BLOCK..((block + 1) * BLOCK).min(rows)).step_by(RUN) {
                let length = RUN.min(rows - start);
                for (buffer, influence) in buffers.iter_mut().zip(&influence) {
                    if let Some(influence) = influence {
                        buffer[..length].iter_mut().enumerate().for_each(|(at, slot)| *slot = influence(start + at));
                    }
                }
                let [a, b, difference] = &mut buffers;
                difference.iter_mut().zip(a.iter().zip(b.iter())).for_each(|(slot, (a, b))| *slot = b - a);
                sums.0.merge(&PairMoments::of(&a[..length], &b[..length]));
                sums.1.merge(&Moments::of(&difference[..length]));
            }
            sums
        };
        let blocks: Vec<(PairMoments, Moments)> = (0..rows.div_ceil(BLOCK)).into_par_iter().map(block).collect();
        let (mut pair, mut difference) = (PairMoments::default(), Moments::default());
        for block in &blocks {
            pair.merge(&block.0);
            difference.merge(&block.1);
        }
        let arms = pair_arms(&pair);
        Self {
            values,
            moments: [0, 1].map(|arm| influence[arm].is_some().then_some(arms[arm])),
            difference: influence.iter().all(Option::is_some).then(|| convert(&difference)),
            ..Self::default()
        }
    }
}

/// Rows whose influence lies in the cache at once.
const RUN: usize = 1024;

/// Moments of each variable of a pair.
pub(super) fn pair_arms(pair: &PairMoments) -> [stats::Moments; 2] {
    [(pair.mean_a, pair.saa), (pair.mean_b, pair.sbb)].map(|(mean, m2)| stats::Moments { n: pair.n, mean, m2 })
}

/// The same numbers in the type of the intervals.
pub(super) fn convert(moments: &Moments) -> stats::Moments {
    stats::Moments { n: moments.n, mean: moments.mean, m2: moments.m2 }
}

fn moments(values: &[f64]) -> stats::Moments {
    merged(values.par_chunks(BLOCK).map(Moments::of).collect())
}

/// Moments of `b - a`, formed row by row so that near-equal columns keep their digits.
fn difference_moments(a: &[f64], b: &[f64]) -> stats::Moments {
    let block = |(a, b): (&[f64], &[f64])| {
        let mut sum = Moments::default();
        let mut difference = [0.0; RUN];
        for (a, b) in a.chunks(RUN).zip(b.chunks(RUN)) {
            for (slot, (a, b)) in difference.iter_mut().zip(a.iter().zip(b)) {
                *slot = b - a;
            }
            sum.merge(&Moments::of(&difference[..a.len()]));
        }
        sum
    };
    merged(a.par_chunks(BLOCK).zip(b.par_chunks(BLOCK)).map(block).collect())
}

fn merged(blocks: Vec<Moments>) -> stats::Moments {
    let mut sum = Moments::default();
    blocks.iter().for_each(|block| sum.merge(block));
    convert(&sum)
}
