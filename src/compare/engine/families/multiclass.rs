//! Several classes: a true one and a predicted one per row, with probabilities where they are logged.

mod calibration;
mod groups;
mod shifts;

use std::borrow::Cow;

use rayon::prelude::*;

use super::Family;
use crate::compare::detail::{Cell, ClassRow, Classes, Detail};
use crate::compare::engine::CompareError;
use crate::compare::engine::sample::Units;
use crate::compare::engine::shares;
use crate::compare::plan::Plan;
use crate::compare::result::PerArm;
use crate::job::JobCx;
use crate::log::{Coded, Content, Log};
use crate::metrics::BLOCK;
use crate::metrics::measured::Outcome;
use crate::metrics::multiclass::ordinal::{self, Weights};
use crate::metrics::multiclass::{self as kernels};
use crate::metrics::registry::Metric;

/// Rows of a class below which no interval of its recall is given.
const FEW: u64 = 10;

pub(super) struct Multiclass<'a> {
    log: &'a Log,
    coded: &'a Coded,
    /// Place of each class in their order.
    ranks: Result<Vec<u32>, String>,
}

impl<'a> Multiclass<'a> {
    pub fn new(log: &'a Log) -> Result<Self, CompareError> {
        match &log.content {
            Content::Coded(coded) => Ok(Self { log, coded, ranks: coded.ranks() }),
            _ => Err(CompareError::Plan("the log holds no classes".to_owned())),
        }
    }

    fn arms(&self) -> usize {
        self.log.arms.len().min(2)
    }

    /// By linear and by quadratic weights, of the places in the order of the classes.
    fn weighted_kappas(&self, truth: Vec<u32>, predicted: Vec<u32>) -> [Outcome; 2] {
        let ranks = match &self.ranks {
            Ok(ranks) => ranks,
            Err(reason) => return [Err(reason.clone()), Err(reason.clone())],
        };
        let places = ranks.iter().max().map_or(0, |most| *most as usize + 1);
        let ranked = |mut codes: Vec<u32>| {
            codes.par_iter_mut().with_min_len(BLOCK).for_each(|code| *code = ranks[*code as usize]);
            codes
        };
        let (truth, predicted) = (ranked(truth), ranked(predicted));
        let found = kernels::Classes::new(&truth, &predicted, None, places);
        [Weights::Linear, Weights::Quadratic].map(|weights| found.weighted_kappa(weights))
    }

    /// Probabilities of an arm at `rows`, which rise; those of all rows are not copied.
    fn probabilities(&self, arm: usize, rows: &[u32]) -> Option<Cow<'_, [f64]>> {
        let (all, classes) = (self.coded.probabilities[arm].as_ref()?, self.coded.names.len());
        if rows.len() * classes == all.len() {
            return Some(Cow::Borrowed(all));
        }
        let mut cells = Vec::with_capacity(rows.len() * classes);
        rows.iter().for_each(|&row| cells.extend_from_slice(&all[row as usize * classes..][..classes]));
        Some(Cow::Owned(cells))
    }

    fn gather(&self, codes: &[u32], rows: &[u32]) -> Vec<u32> {
        rows.par_iter().with_min_len(BLOCK).map(|&row| codes[row as usize]).collect()
    }
}

impl Family for Multiclass<'_> {
    fn metrics(&self) -> Vec<&'static Metric> {
        kernels::METRICS.iter().chain(&ordinal::METRICS).collect()
    }

    fn measure(&self, arm: usize, rows: &[u32]) -> Vec<Outcome> {
        let classes = self.coded.names.len();
        let truth = self.gather(&self.coded.truth, rows);
        let predicted = self.gather(&self.coded.answers[arm], rows);
        let probabilities = self.probabilities(arm, rows);
        let mut found = kernels::measure(&truth, &predicted, probabilities.as_deref(), classes);
        found.extend(self.weighted_kappas(truth, predicted));
        found
    }

    fn detail(&self, rows: &[u32], units: Option<&Units>, plan: &Plan, cx: &JobCx) -> Result<Detail, CompareError> {
        cx.stage("Classes", 0);
        let truth = self.gather(&self.coded.truth, rows);
        let answers: Vec<Vec<u32>> = (0..self.arms()).map(|arm| self.gather(&self.coded.answers[arm], rows)).collect();
        cx.check()?;
        let mut found = classes(&self.coded.names, &truth, &answers, units, plan.level);
        for grouping in groups::groupings(&self.coded.names) {
            cx.check()?;
            let (truth, answers) = (grouping.recoded(&truth), answers.iter().map(|codes| grouping.recoded(codes)));
            let answers: Vec<Vec<u32>> = answers.collect();
            let counts = classes(&grouping.names, &truth, &answers, units, plan.level);
            found.groupings.push(grouping.with(counts));
        }
        if rows.is_empty() {
            return Ok(Detail::Multiclass(found));
        }
        cx.check()?;
        let stated: Vec<_> = (0..self.arms()).map(|arm| self.probabilities(arm, rows)).collect();
        let of_arms = answers.iter().zip(&stated);
        let arms: Vec<kernels::Classes<'_>> = of_arms
            .map(|(answers, stated)| kernels::Classes::new(&truth, answers, stated.as_deref(), self.coded.names.len()))
            .collect();
        found.calibration = calibration::calibration(&arms, plan.level, cx)?.map(Box::new);
        Ok(Detail::Multiclass(found))
    }

    fn notes(&self, rows: &[u32]) -> Vec<String> {
        let mut seen = vec![false; self.coded.names.len()];
        rows.iter().for_each(|&row| {
            if let Some(seen) = seen.get_mut(self.coded.truth[row as usize] as usize) {
                *seen = true;
            }
        });
        let never: Vec<&str> =
            self.coded.names.iter().zip(&seen).filter(|(_, seen)| !**seen).map(|(name, _)| name.as_str()).collect();
        match never.as_slice() {
            [] => Vec::new(),
            names if names.len() <= 5 => {
                vec![format!(
                    "No analysed row is truly of {}; means over classes leave out what has no value.",
                    names.join(", ")
                )]
            }
            names => vec![format!(
                "No analysed row is truly of {} of the {} classes; means over classes leave out what has no value.",
                names.len(),
                seen.len()
            )],
        }
    }
}

/// Counts of one class.
#[derive(Clone, Copy, Default)]
struct Tally {
    support: u64,
    hits: [u64; 2],
    flagged: [u64; 2],
    /// Both right, broken, fixed, both wrong alike, both wrong and different.
    flips: [u64; 5],
}

fn classes(names: &[String], truth: &[u32], answers: &[Vec<u32>], units: Option<&Units>, level: f64) -> Classes {
    let mut tallies = vec![Tally::default(); names.len()];
    for (arm, answers) in answers.iter().enumerate() {
        for (&truth, &answer) in truth.iter().zip(answers) {
            tallies[answer as usize].flagged[arm] += 1;
            tallies[truth as usize].hits[arm] += u64::from(answer == truth);
        }
    }
    truth.iter().for_each(|&truth| tallies[truth as usize].support += 1);
    if let [champion, challenger] = answers {
        for (&truth, (&a, &b)) in truth.iter().zip(champion.iter().zip(challenger)) {
            let flip = match (a == truth, b == truth) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3 + usize::from(a != b),
            };
            tallies[truth as usize].flips[flip] += 1;
        }
    }
    let arms = answers.len();
    let rate = |of: [Option<f64>; 2]| PerArm { champion: of[0], challenger: if arms > 1 { of[1] } else { None } };
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let clustered = units.filter(|_| arms > 1).map(|units| clustered_recalls(truth, answers, units, &tallies, level));
    let recall_difference = |class: usize, tally: &Tally| match &clustered {
        Some(found) => found[class],
        None => recall_difference(tally, level),
    };
    let row = |(class, tally): (usize, &Tally)| ClassRow {
        support: tally.support,
        precision: rate([0, 1].map(|arm| share(tally.hits[arm], tally.flagged[arm]))),
        recall: rate([0, 1].map(|arm| share(tally.hits[arm], tally.support))),
        f1: rate([0, 1].map(|arm| share(2 * tally.hits[arm], tally.support + tally.flagged[arm]))),
        recall_difference: (arms > 1 && tally.support >= FEW).then(|| recall_difference(class, tally)).flatten(),
    };
    Classes {
        names: names.to_vec(),
        confusion: PerArm {
            champion: answers.first().map(|answers| cells(truth, answers, names.len())),
            challenger: answers.get(1).map(|answers| cells(truth, answers, names.len())),
        },
        per_class: tallies.iter().enumerate().map(row).collect(),
        flips: if arms > 1 { tallies.iter().map(|tally| tally.flips).collect() } else { Vec::new() },
        shifts: match answers {
            [champion, challenger] => shifts::shifts(truth, [champion, challenger], units, names.len(), level),
            _ => Vec::new(),
        },
        groupings: Vec::new(),
        calibration: None,
    }
}

/// The same for every class where rows of one unit are alike, of the mean of hits gained less hits lost.
fn clustered_recalls(
    truth: &[u32],
    answers: &[Vec<u32>],
    units: &Units,
    tallies: &[Tally],
    level: f64,
) -> Vec<Option<[f64; 3]>> {
    let mut places: Vec<Vec<u32>> = tallies.iter().map(|tally| Vec::with_capacity(tally.support as usize)).collect();
    (0u32..).zip(truth).for_each(|(place, &class)| places[class as usize].push(place));
    let right = |arm: usize, place: u32| f64::from(answers[arm][place as usize] == truth[place as usize]);
    let of_class = |places: &Vec<u32>| {
        let gains: Vec<f64> = places.iter().map(|&place| right(1, place) - right(0, place)).collect();
        shares::mean_gain(&gains, Some(&units.restricted(places)), level)
    };
    places.par_iter().map(of_class).collect()
}

/// Challenger minus champion with Tango's interval, rows being independent.
fn recall_difference(tally: &Tally, level: f64) -> Option<[f64; 3]> {
    let [_, broken, fixed, ..] = tally.flips;
    let found = shares::paired([fixed, broken], tally.support, level).ok()?;
    Some([found.value, found.lo?, found.hi?])
}

/// Cells with a row, by truth and then prediction.
fn cells(truth: &[u32], answers: &[u32], classes: usize) -> Vec<Cell> {
    let place = |truth: u32, answer: u32| u64::from(truth) * classes as u64 + u64::from(answer);
    let mut places: Vec<u64> = truth.iter().zip(answers).map(|(&truth, &answer)| place(truth, answer)).collect();
    places.par_sort_unstable();
    let cell = |run: &[u64]| {
        let classes = classes as u64;
        Cell((run[0] / classes) as u32, (run[0] % classes) as u32, run.len() as u64)
    };
    places.chunk_by(|a, b| a == b).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::paired_proportion;

    #[test]
    fn agreement_on_every_row_is_no_certainty_where_rows_are_clustered() {
        let names: Vec<String> = ["a", "b"].map(str::to_owned).to_vec();
        let truth = [vec![0; 12], vec![1; 12]].concat();
        let units = Units { codes: (0..24).map(|row| row / 3).collect(), count: 8 };
        let found = classes(&names, &truth, &[truth.clone(), truth.clone()], Some(&units), 0.95);
        let [value, lo, hi] = found.per_class[0].recall_difference.unwrap();
        let four = paired_proportion::tango(0, 0, 4, 0.95).unwrap();
        assert_eq!([value, lo, hi], [0.0, four.lo, four.hi]);
        assert!(lo < 0.0 && hi > 0.0);
    }

    #[test]
    fn every_row_is_in_one_cell_and_one_flip() {
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let truth = [0, 0, 1, 1, 2, 2];
        let answers = vec![vec![0, 1, 1, 0, 0, 1], vec![0, 0, 2, 0, 0, 0]];
        let found = classes(&names, &truth, &answers, None, 0.95);
        assert_eq!(found.flips, vec![[1, 0, 1, 0, 0], [0, 1, 0, 1, 0], [0, 0, 0, 1, 1]]);
        let champion = found.confusion.champion.unwrap();
        assert_eq!(champion.iter().map(|cell| cell.2).sum::<u64>(), 6);
        assert!(champion.contains(&Cell(2, 1, 1)) && champion.contains(&Cell(0, 0, 1)));
        assert_eq!(found.per_class[0].recall.challenger, Some(1.0));
        assert_eq!(found.per_class[2].precision.champion, None);
        assert_eq!(found.per_class[2].recall.champion, Some(0.0));
    }
}
