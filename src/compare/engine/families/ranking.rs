//! Rankings: a list of each model per query, and what is relevant to it.

use rayon::prelude::*;

use super::Family;
use crate::compare::detail::{Detail, Queries, QueryCut, QueryRow, QueryWins};
use crate::compare::engine::CompareError;
use crate::compare::engine::sample::Units;
use crate::compare::engine::shares;
use crate::compare::engine::words::counted;
use crate::compare::plan::Plan;
use crate::compare::result::PerArm;
use crate::job::{Cancelled, JobCx};
use crate::log::{Codes, Content, Feature, FeatureValues, ListOrder, Lists, Log};
use crate::metrics::measured::{Measured, Outcome};
use crate::metrics::ranking::{self as kernels, EQUAL, Gain, List, Measure, catalogue};
use crate::metrics::registry::Metric;

/// Items of a list that a catalogue is looked at by.
const SHOWN: usize = 10;
/// Groups of items at most, for them to be groups.
const GROUPS: usize = 1_000;
/// Queries listed from either end.
const LISTED: usize = 50;
/// What queries are sorted by.
const WORST_BY: &str = "ndcg_at_10";
/// Cuts after the first ten.
const CUTS: [usize; 8] = [15, 20, 30, 50, 100, 200, 500, 1000];

pub(super) struct Ranking<'a> {
    log: &'a Log,
    lists: &'a Lists,
    measures: Vec<Measure>,
    /// By arm, then metric of a list, then row of the log; NaN where no item is relevant.
    values: Vec<Vec<Vec<f64>>>,
    /// Share of the queries of the log that know an item.
    known: Vec<f64>,
}

impl<'a> Ranking<'a> {
    pub fn new(log: &'a Log) -> Result<Self, CompareError> {
        let Content::Lists(lists) = &log.content else {
            return Err(CompareError::Plan("the log holds no lists".to_owned()));
        };
        let measures: Vec<Measure> = kernels::METRICS.iter().filter_map(|metric| Measure::parse(metric.name)).collect();
        let of_arm = |arm: usize| values(lists, arm, log.rows, &measures);
        let values = (0..log.arms.len().min(2)).map(of_arm).collect();
        Ok(Self { log, lists, measures, values, known: known(lists, log.rows) })
    }

    fn arms(&self) -> usize {
        self.values.len()
    }

    /// Groups of the items: the first column of them that has few values.
    fn groups(&self) -> Option<(&str, &Codes)> {
        self.lists.about.iter().find_map(|feature: &Feature| match &feature.values {
            FeatureValues::Coded(codes)
                if (2..=GROUPS.min(self.lists.items.len() / 2)).contains(&codes.names.len()) =>
            {
                Some((feature.name.as_str(), codes))
            }
            _ => None,
        })
    }

    fn catalogue(&self, name: &str, lists: &[&[u32]]) -> Outcome {
        let items = self.lists.items.len();
        match name {
            "coverage_at_10" => catalogue::coverage(lists, SHOWN, items),
            "novelty_at_10" => catalogue::novelty(lists, SHOWN, &self.known),
            "personalisation_at_10" => catalogue::personalisation(lists, SHOWN, items),
            "diversity_at_10" => {
                let (_, codes) = self.groups().ok_or("no column tells groups of the items")?;
                // Items without a value are each a group of their own.
                let own = codes.names.len() as u32;
                let group: Vec<u32> = (0..items).map(|item| codes.code(item).unwrap_or(own + item as u32)).collect();
                catalogue::diversity(lists, SHOWN, &group)
            }
            _ => Err("not computed for this task".to_owned()),
        }
    }

    /// Difference of two columns of values at some rows, with its interval.
    fn difference(values: [&[f64]; 2], units: Option<&Units>, level: f64) -> Option<[f64; 3]> {
        let gains: Vec<f64> = values[1].iter().zip(values[0]).map(|(b, a)| b - a).collect();
        shares::mean_gain(&gains, units, level)
    }

    fn cuts(&self, rows: &[u32], units: Option<&Units>, level: f64, cx: &JobCx) -> Result<Vec<QueryCut>, Cancelled> {
        let longest = self.lists.arms.iter().flat_map(|arm| rows.iter().map(|&row| arm.list(row as usize).len()));
        let longest = longest.max().unwrap_or(0).max(1);
        let mut at: Vec<usize> = (1..=SHOWN).chain(CUTS).filter(|&k| k <= longest.max(SHOWN)).collect();
        if at.last().is_some_and(|last| *last < longest) {
            at.push(longest);
        }
        let measures = |k: usize| {
            [
                ("ndcg", Measure::Ndcg(Gain::Linear, Some(k))),
                ("recall", Measure::Recall(k)),
                ("precision", Measure::Precision(k)),
                ("hit_rate", Measure::HitRate(k)),
                ("map", Measure::AveragePrecision(Some(k))),
            ]
        };
        let flat: Vec<(usize, (&str, Measure))> =
            at.iter().flat_map(|&k| measures(k).into_iter().map(move |of| (k, of))).collect();
        let wanted: Vec<Measure> = flat.iter().map(|(_, (_, measure))| *measure).collect();
        let of_arm = |arm: usize| {
            cx.check()?;
            Ok(at_rows(self.lists, arm, rows, &wanted))
        };
        let values: Vec<Vec<Vec<f64>>> = (0..self.arms()).map(of_arm).collect::<Result<_, Cancelled>>()?;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let cut = |(place, (k, (metric, _))): (usize, &(usize, (&str, Measure)))| QueryCut {
            metric: (*metric).to_owned(),
            k: *k as u32,
            arms: per_arm((0..self.arms()).map(|arm| mean(&values[arm][place]))),
            difference: match values.as_slice() {
                [a, b] => Self::difference([&a[place], &b[place]], units, level),
                _ => None,
            },
        };
        Ok(flat.par_iter().enumerate().map(cut).collect())
    }

    fn wins(&self, rows: &[u32]) -> Vec<QueryWins> {
        let [champion, challenger] = self.values.as_slice() else { return Vec::new() };
        let of_metric = |((metric, a), b): ((&Metric, &Vec<f64>), &Vec<f64>)| {
            let value = |values: &[f64]| rows.iter().map(|&row| Some(values[row as usize])).collect::<Vec<_>>();
            let [better, equal, worse] = kernels::wins(&value(a), &value(b), EQUAL);
            QueryWins { metric: metric.name.to_owned(), better, equal, worse }
        };
        kernels::METRICS.iter().zip(champion).zip(challenger).map(of_metric).collect()
    }

    fn worst(&self, rows: &[u32]) -> Vec<QueryRow> {
        let Some(place) = kernels::METRICS.iter().position(|metric| metric.name == WORST_BY) else {
            return Vec::new();
        };
        let value = |arm: usize, row: u32| self.values[arm][place][row as usize];
        let gain = |row: u32| match self.arms() {
            2 => value(1, row) - value(0, row),
            _ => value(0, row),
        };
        let mut order: Vec<u32> = rows.to_vec();
        order.par_sort_unstable_by(|&a, &b| gain(a).total_cmp(&gain(b)).then(a.cmp(&b)));
        if order.len() > 2 * LISTED {
            let tail = order.split_off(order.len() - LISTED);
            order.truncate(LISTED);
            order.extend(tail);
        }
        if self.arms() == 2 {
            order.retain(|&row| gain(row).abs() > EQUAL);
        }
        let row = |row: u32| QueryRow {
            row: u64::from(row),
            id: self.log.ids.get(row as usize),
            relevant: self.lists.judged.of(row as usize).1.iter().filter(|grade| **grade >= 1).count() as u64,
            arms: per_arm((0..self.arms()).map(|arm| value(arm, row))),
        };
        order.into_iter().map(row).collect()
    }

    /// Lists of an arm in which equal scores stand.
    fn tied(&self, arm: usize, rows: &[u32]) -> u64 {
        let tied = |&&row: &&u32| {
            let scores = self.lists.arms[arm].scores(row as usize).unwrap_or_default();
            scores.windows(2).any(|pair| pair[0] == pair[1])
        };
        rows.iter().filter(tied).count() as u64
    }
}

/// Share of the queries in which each item is among the first of a model's list, whichever, or judged relevant: the same for
/// all models and slices, so that novelty differs by what is listed alone.
fn known(lists: &Lists, rows: usize) -> Vec<f64> {
    let mut counts = vec![0u64; lists.items.len()];
    for row in 0..rows {
        let (items, grades) = lists.judged.of(row);
        let relevant = items.iter().zip(grades).filter(|(_, grade)| **grade >= 1).map(|(item, _)| *item);
        let listed = lists.arms.iter().flat_map(|arm| arm.list(row).iter().take(SHOWN).copied());
        let mut of_row: Vec<u32> = relevant.chain(listed).collect();
        of_row.sort_unstable();
        of_row.dedup();
        of_row.into_iter().for_each(|item| counts[item as usize] += 1);
    }
    counts.into_iter().map(|count| count as f64 / rows as f64).collect()
}

/// Values of every measure at all rows; NaN where no item is relevant.
fn values(lists: &Lists, arm: usize, rows: usize, measures: &[Measure]) -> Vec<Vec<f64>> {
    let rows: Vec<u32> = (0..rows as u32).collect();
    at_rows(lists, arm, &rows, measures)
}

fn at_rows(lists: &Lists, arm: usize, rows: &[u32], measures: &[Measure]) -> Vec<Vec<f64>> {
    let found: Vec<List> = rows.par_iter().map(|&row| kernels::list_of(lists, arm, row as usize)).collect();
    let of = |&measure: &Measure| found.iter().map(|list| list.value(measure).unwrap_or(f64::NAN)).collect();
    measures.par_iter().map(of).collect()
}

fn per_arm<T>(mut of: impl Iterator<Item = T>) -> PerArm<T> {
    PerArm { champion: of.next(), challenger: of.next() }
}

impl Family for Ranking<'_> {
    fn metrics(&self) -> Vec<&'static Metric> {
        let shown = |metric: &&Metric| match metric.name {
            "diversity_at_10" => self.groups().is_some(),
            _ => true,
        };
        kernels::all().filter(shown).collect()
    }

    fn measure(&self, arm: usize, rows: &[u32]) -> Vec<Outcome> {
        let lists: Vec<&[u32]> = rows.iter().map(|&row| self.lists.arms[arm].list(row as usize)).collect();
        let of_list = |place: usize| {
            let values = &self.values[arm][place];
            Measured::share(rows.len(), |at| values[rows[at] as usize])
        };
        let found = self.metrics().into_iter().enumerate();
        found
            .map(
                |(place, metric)| {
                    if place < self.measures.len() { of_list(place) } else { self.catalogue(metric.name, &lists) }
                },
            )
            .collect()
    }

    fn detail(&self, rows: &[u32], units: Option<&Units>, plan: &Plan, cx: &JobCx) -> Result<Detail, CompareError> {
        cx.stage("Queries", 0);
        Ok(Detail::Ranking(Queries {
            wins: self.wins(rows),
            cuts: if rows.is_empty() { Vec::new() } else { self.cuts(rows, units, plan.level, cx)? },
            worst: self.worst(rows),
            worst_by: WORST_BY.to_owned(),
        }))
    }

    fn notes(&self, rows: &[u32]) -> Vec<String> {
        let mut notes = Vec::new();
        let scored = self.lists.arms.iter().any(|arm| arm.scores.is_some());
        match self.lists.order {
            ListOrder::Rank if scored => {
                notes.push("Lists stand in the order of their ranks; the scores beside them order nothing.".to_owned());
            }
            ListOrder::Rank => {}
            ListOrder::Score => {
                for (arm, name) in ["champion", "challenger"].iter().enumerate().take(self.arms()) {
                    let tied = self.tied(arm, rows);
                    if tied > 0 {
                        notes.push(format!(
                            "In {} of the {name} items have equal scores; they stand by falling name, as trec_eval orders them.",
                            counted(tied, "list", "lists")
                        ));
                    }
                }
            }
        }
        if let Some((column, _)) = self.groups() {
            notes.push(format!("Diversity is by {column}."));
        }
        let irrelevant = self.log.audit.labels.irrelevant;
        if irrelevant > 0 {
            notes.push(format!(
                "{} judged without a relevant item and left out of every mean; trec_eval counts them as 0.",
                counted(irrelevant, "query was", "queries were")
            ));
        }
        notes
    }
}
