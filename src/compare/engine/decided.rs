//! What decisions give: confusion metrics of one arm and of the difference, by row or by unit.
//!
//! A metric is a function of the eight shares of (truth, champion's decision, challenger's decision). With its
//! gradient `u` over the cells, centred, the sum of squared influences is `uᵀ S u`, where `S` sums the products of
//! the cell counts of each unit. For independent rows `S` is diagonal and holds the counts.

use std::borrow::Cow;

use super::interval::{self, Figures};
use super::sample::{Sample, Units};
use super::shares::{self, Gains};
use crate::compare::result::{Difference, Estimate, FlipTable};
use crate::metrics::Decision;
use crate::metrics::confusion::{Confusion, ConfusionMetric, JointCounts, agreement_kappa, joint_counts};
use crate::metrics::gradients::{JointGradient, cell_influence, difference_gradient, gradient};
use crate::stats::proportion::wilson;
use crate::stats::{Interval, Moments};

const CELLS: usize = 8;

/// Decisions of a sample, counted.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    /// An arm without decisions is counted as if it decided like the other.
    pub joint: JointCounts,
    /// Arms of the log; `false` where the arm has no decision.
    present: [Option<bool>; 2],
    products: [[f64; CELLS]; CELLS],
    units: u64,
    /// Units with a negative row, and with a positive one.
    units_of: [u64; 2],
    clustered: bool,
}

/// Counts of both decisions alike that one proportion of a pair rests on.
struct Proportion {
    /// Successes of champion and challenger among `n` rows.
    successes: [u64; 2],
    n: u64,
    /// Rows where only the challenger, and only the champion, is a success.
    only: [u64; 2],
}

impl Decided {
    /// Count `decisions` (1 flagged, per row of the sample).
    pub fn count(sample: &Sample<'_>, decisions: [Option<&[u8]>; 2]) -> Self {
        let present = [0, 1].map(|arm| (arm < sample.arms).then_some(decisions[arm].is_some()));
        let [a, b] = decisions;
        let pair = [a.or(b), b.or(a)];
        let [Some(a), Some(b)] = pair else {
            return Self {
                joint: JointCounts::default(),
                present,
                products: [[0.0; CELLS]; CELLS],
                units: 0,
                units_of: [0; 2],
                clustered: false,
            };
        };
        let (joint, _) = joint_counts(sample.labels, [Decision::Logged(a), Decision::Logged(b)]);
        let mut products = [[0.0; CELLS]; CELLS];
        let units_of = match sample.units {
            None => {
                let counts = joint.0.iter().flatten().flatten();
                counts.enumerate().for_each(|(cell, &count)| products[cell][cell] = count as f64);
                [sample.negatives(), sample.positives]
            }
            Some(units) => unit_products(sample.labels, [a, b], units, &mut products),
        };
        Self { joint, present, products, units: sample.unit_count(), units_of, clustered: sample.units.is_some() }
    }

    /// Matrix of an arm, where it decides.
    pub fn confusion(&self, arm: usize) -> Option<Confusion> {
        let counts = if arm == 0 { self.joint.champion() } else { self.joint.challenger() };
        (self.present[arm] == Some(true)).then_some(counts)
    }

    /// Both arms decide.
    pub fn paired(&self) -> bool {
        self.present == [Some(true); 2]
    }

    fn clusters(&self) -> Option<u64> {
        self.clustered.then(|| self.joint.rows())
    }

    /// Units that a metric rests on: of recall those with a positive row, the others have no say.
    fn units(&self, metric: ConfusionMetric) -> u64 {
        match metric {
            ConfusionMetric::Recall if self.clustered => self.units_of[1],
            ConfusionMetric::Specificity if self.clustered => self.units_of[0],
            _ => self.units,
        }
    }

    /// Moments of the influence with this gradient over the cells.
    fn moments(&self, gradient: &JointGradient) -> Moments {
        let influence = cell_influence(gradient, &self.joint);
        Moments { n: self.units, mean: 0.0, m2: self.squares(&influence) }
    }

    /// Sum over the units of the squares of what the cells of their rows sum to.
    fn squares(&self, cells: &JointGradient) -> f64 {
        let u: Vec<f64> = cells.iter().flatten().flatten().copied().collect();
        let form: f64 =
            self.products.iter().zip(&u).map(|(row, x)| x * row.iter().zip(&u).map(|(s, y)| s * y).sum::<f64>()).sum();
        form.max(0.0)
    }

    /// What the rows of `truths` gain, of `rows` rows in `units` units: `only` counts those that only the challenger,
    /// and only the champion, has.
    fn gains(&self, only: [u64; 2], truths: [bool; 2], rows: u64, units: u64) -> Gains {
        let apart = truths.map(|counts| if counts { [[0.0, 1.0], [1.0, 0.0]] } else { [[0.0; 2]; 2] });
        let [gained, lost] = only.map(|count| count as f64);
        let units = self.clustered.then(|| (units, self.squares(&apart)));
        Gains { gained, lost, squares: gained + lost, rows, units }
    }

    /// Figures of a metric.
    pub fn figures(&self, metric: ConfusionMetric, level: f64) -> Figures {
        let proportion = self.proportion(metric);
        let arms = [0, 1].map(|arm| {
            self.present[arm]?;
            let Some(counts) = self.confusion(arm) else {
                return Some(Err("neither a score nor a decision is logged".to_owned()));
            };
            Some(match metric.value(&counts) {
                Err(reason) => Err(reason.to_string()),
                Ok(value) => Ok(self.arm(metric, arm, &counts, value, level)),
            })
        });
        let values = match &arms {
            [Some(Ok(champion)), Some(Ok(challenger))] => Some(challenger.value - champion.value),
            _ => None,
        };
        let difference = values.map(|value| {
            let share = proportion.as_ref().and_then(|found| {
                let truths = [metric != ConfusionMetric::Recall, metric != ConfusionMetric::Specificity];
                self.gains(found.only, truths, found.n, self.units(metric)).difference(level)
            });
            if let Some(found) = share {
                return found;
            }
            if let Some(found) = self.unmoved(metric, value, level) {
                return found;
            }
            let gradient = difference_gradient(metric, &self.joint).map_err(|reason| reason.to_string())?;
            let moments = Moments { n: self.units(metric), ..self.moments(&gradient) };
            Ok(interval::difference(value, &moments, self.clusters(), level, "delta method", self.alike()))
        });
        Figures { arms, difference }
    }

    /// Both arms decide alike on every row.
    fn alike(&self) -> bool {
        self.joint.0.iter().all(|cells| cells[0][1] == 0 && cells[1][0] == 0)
    }

    /// Difference of a metric where the arms decide alike on every row, which does not make it certain: as far as it
    /// moves if one arm decides otherwise on the share of rows that Tango's interval leaves open, be it on hits, misses,
    /// false alarms or right refusals. `None` where they decide apart, or where the metric then has no value.
    fn unmoved(&self, metric: ConfusionMetric, value: f64, level: f64) -> Option<Result<Difference, String>> {
        if !self.alike() || value != 0.0 {
            return None;
        }
        let open = match shares::none_apart(1.0, self.units, self.clustered, level) {
            Ok(found) => found,
            Err(reason) => return Some(Err(reason)),
        };
        let counts = self.joint.champion();
        let now = metric.value(&counts).ok()?;
        // Parts of a row, so that the share of few rows is met: metrics are of shares alone.
        const PARTS: f64 = 1024.0;
        let cells = counts.cells().map(|count| count * PARTS as u64);
        let share = open.hi? * self.joint.rows() as f64 * PARTS;
        let mut most = 0.0f64;
        for (from, to) in [(0, 1), (1, 0), (2, 3), (3, 2)] {
            let moved = (share as u64).min(cells[from]);
            let mut other = cells;
            other[from] -= moved;
            other[to] += moved;
            let other = Confusion::from([[other[0], other[1]], [other[2], other[3]]]);
            most = most.max((metric.value(&other).ok()? - now).abs());
        }
        // Either arm may be the one.
        Some(Ok(Difference { lo: Some(-most), hi: Some(most), ..open }))
    }

    fn arm(&self, metric: ConfusionMetric, arm: usize, counts: &Confusion, value: f64, level: f64) -> Estimate {
        let of_rows = match metric {
            ConfusionMetric::Precision => Some((counts.true_positive, counts.flagged())),
            _ => self.proportion(metric).map(|found| (found.successes[arm], found.n)),
        };
        if let Some((successes, n)) = of_rows.filter(|_| !self.clustered)
            && let Ok(found) = wilson(successes, n, level)
        {
            return interval::estimate(value, &found, n);
        }
        match gradient(metric, counts) {
            Err(reason) => interval::bare(value, level, &format!("no interval: {reason}"), self.units),
            Ok(slope) => {
                let cells: JointGradient = [0, 1].map(|truth: usize| {
                    [0, 1].map(|a: usize| [0, 1].map(|b: usize| slope[truth][if arm == 0 { a } else { b }]))
                });
                let moments = Moments { n: self.units(metric), ..self.moments(&cells) };
                interval::arm(value, &moments, self.clusters(), level, "delta method")
            }
        }
    }

    /// Metrics that are a share of the same rows for both arms.
    fn proportion(&self, metric: ConfusionMetric) -> Option<Proportion> {
        let [[[n00, n01], [n10, n11]], [[p00, p01], [p10, p11]]] = self.joint.0;
        let negatives = n00 + n01 + n10 + n11;
        let positives = p00 + p01 + p10 + p11;
        Some(match metric {
            ConfusionMetric::Recall => Proportion { successes: [p10 + p11, p01 + p11], n: positives, only: [p01, p10] },
            ConfusionMetric::Specificity => {
                Proportion { successes: [n00 + n01, n00 + n10], n: negatives, only: [n10, n01] }
            }
            ConfusionMetric::Accuracy => Proportion {
                successes: [n00 + n01 + p10 + p11, n00 + n10 + p01 + p11],
                n: negatives + positives,
                only: [n10 + p01, n01 + p10],
            },
            ConfusionMetric::FlagRate => Proportion {
                successes: [n10 + n11 + p10 + p11, n01 + n11 + p01 + p11],
                n: negatives + positives,
                only: [n01 + p01, n10 + p10],
            },
            _ => return None,
        })
    }

    /// Challenger minus champion of a cell or of right rows, in rows: `only` counts the rows that only the
    /// challenger, and only the champion, has.
    fn rows_difference(&self, weights: JointGradient, only: [u64; 2], n: u64, level: f64) -> Difference {
        let value = only[0] as f64 - only[1] as f64;
        let truths = weights.map(|cells| cells.iter().flatten().any(|weight| *weight != 0.0));
        let of_class = n < self.joint.rows();
        let units = if of_class { self.units_of[usize::from(truths[1])] } else { self.units };
        let (mut found, scale) = match self.gains(only, truths, n, units).difference(level) {
            Some(Ok(found)) => (found, n as f64),
            Some(Err(reason)) => {
                return interval::bare_difference(value, level, &format!("no interval: {reason}"), n);
            }
            None => {
                let rows = self.joint.rows() as f64;
                let moments = self.moments(&weights);
                (interval::difference(value / rows, &moments, self.clusters(), level, "share of rows", false), rows)
            }
        };
        found.value = value;
        for end in [&mut found.lo, &mut found.hi, &mut found.se] {
            *end = end.map(|end| end * scale);
        }
        found
    }

    /// Change of each cell: true negative, false positive, false negative, true positive.
    pub fn cell_differences(&self, level: f64) -> [Difference; 4] {
        let [[[_, n01], [n10, _]], [[_, p01], [p10, _]]] = self.joint.0;
        let weights = |truth: usize, flagged: bool| {
            let sign = if flagged { 1.0 } else { -1.0 };
            let mut weights: JointGradient = [[[0.0; 2]; 2]; 2];
            weights[truth] = [[0.0, sign], [-sign, 0.0]];
            weights
        };
        let n = self.joint.rows();
        [
            self.rows_difference(weights(0, false), [n10, n01], n, level),
            self.rows_difference(weights(0, true), [n01, n10], n, level),
            self.rows_difference(weights(1, false), [p10, p01], n, level),
            self.rows_difference(weights(1, true), [p01, p10], n, level),
        ]
    }

    /// Flips among negatives and among positives.
    pub fn flips(&self, level: f64) -> [FlipTable; 2] {
        [0, 1].map(|truth| {
            let cells = self.joint.0[truth];
            let right = truth;
            let (fixed, broken) = (cells[1 - right][right], cells[right][1 - right]);
            let n: u64 = cells.iter().flatten().sum();
            let mut weights: JointGradient = [[[0.0; 2]; 2]; 2];
            weights[truth][1 - right][right] = 1.0;
            weights[truth][right][1 - right] = -1.0;
            FlipTable {
                both_right: cells[right][right],
                fixed,
                broken,
                both_wrong: cells[1 - right][1 - right],
                net: (n > 0).then(|| self.rows_difference(weights, [fixed, broken], n, level)),
            }
        })
    }

    /// Share of rows decided alike, and Cohen's kappa of the two.
    pub fn agreement(&self, level: f64) -> (Option<Estimate>, Option<f64>) {
        let [negatives, positives] = self.joint.0;
        let pairs = [0, 1].map(|a: usize| [0, 1].map(|b: usize| negatives[a][b] + positives[a][b]));
        let n = self.joint.rows();
        if n == 0 {
            return (None, None);
        }
        let alike = pairs[0][0] + pairs[1][1];
        let value = alike as f64 / n as f64;
        let estimate = if self.clustered {
            let one = [[1.0, 0.0], [0.0, 1.0]];
            Some(interval::arm(value, &self.moments(&[one, one]), self.clusters(), level, "share of rows"))
        } else {
            wilson(alike, n, level).ok().map(|found: Interval| interval::estimate(value, &found, n))
        };
        (estimate, agreement_kappa(pairs).ok())
    }
}

/// Adds up the products of the cell counts of each unit. Returns the units with a negative row and with a positive one.
fn unit_products(
    labels: &[u8],
    decisions: [&[u8]; 2],
    units: &Units,
    products: &mut [[f64; CELLS]; CELLS],
) -> [u64; 2] {
    let mut counts = vec![[0u32; CELLS]; units.count];
    let rows = labels.iter().zip(decisions[0].iter().zip(decisions[1])).zip(&units.codes);
    for ((&label, (&a, &b)), &unit) in rows {
        let cell = usize::from(label) * 4 + usize::from(a == 1) * 2 + usize::from(b == 1);
        counts[unit as usize][cell] += 1;
    }
    let mut holding = [0; 2];
    for unit in &counts {
        for (class, cells) in unit.chunks(CELLS / 2).enumerate() {
            holding[class] += u64::from(cells.iter().any(|&count| count > 0));
        }
        for (row, &x) in products.iter_mut().zip(unit).filter(|(_, x)| **x > 0) {
            for (product, &y) in row.iter_mut().zip(unit) {
                *product += f64::from(x) * f64::from(y);
            }
        }
    }
    holding
}

/// How an arm decides, with the columns gathered.
pub(super) enum Decides<'a> {
    Score(&'a [f64], f64),
    Logged(Cow<'a, [u8]>),
}

impl Decides<'_> {
    pub fn of(&self) -> Decision<'_> {
        match self {
            Self::Score(scores, threshold) => Decision::Score { scores, threshold: *threshold },
            Self::Logged(decisions) => Decision::Logged(decisions),
        }
    }
}
