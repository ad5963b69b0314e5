//! Columns of the tasks that two classes do not hold.

use std::collections::HashMap;
use std::num::NonZeroU32;

use super::Feature;
use super::boxes::Boxes;
use super::image_pairs::ImagePairs;
use super::vectors::Pairs;

/// Code of a row without a label or without an answer.
pub const NO_CODE: u32 = u32::MAX;

/// What was true and what the models answered, per row of the log, beside what every task has: [`super::Log::labels`]
/// says where a truth is (0) and where not, [`super::Arm::scores`] and [`super::Arm::predictions`] where an answer is.
#[derive(Clone, Debug, Default)]
pub enum Content {
    /// Labels, scores and decisions of the log itself.
    #[default]
    Binary,
    /// Numbers; the models' stand in [`super::Arm::scores`].
    Numbers(Numbers),
    /// Classes by their place in a dictionary.
    Coded(Coded),
    /// What each model listed for a query, and what is relevant to it.
    Lists(Lists),
    /// Objects of images and what each model found.
    Boxes(Boxes),
    /// How near two items are.
    Pairs(Pairs),
    /// Images of each model and the references they are held against.
    ImagePairs(ImagePairs),
}

/// True values of a regression.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// [`super::NOT_LOGGED`] where there is none.
    pub truth: Vec<f64>,
    /// Of each arm, champion first, levels ascending; empty where no quantile is predicted.
    pub quantiles: Vec<Vec<Quantile>>,
    /// Feature that tells the time series of a row; `None`: the unit, or all rows are one.
    pub series: Option<String>,
    /// Feature that tells how many steps ahead a row was predicted.
    pub horizon: Option<String>,
    /// Rows per season, as told; `None`: one.
    pub season: Option<NonZeroU32>,
}

/// A predicted quantile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quantile {
    /// Between 0 and 1: the share of truths that lie below.
    pub level: f64,
    /// Per row of the log; NaN where none is logged.
    pub values: Vec<f64>,
}

/// Truth and answers as codes into one dictionary.
#[derive(Clone, Debug, Default)]
pub struct Coded {
    /// Classes, in the order of the probability columns or of first appearance.
    pub names: Vec<String>,
    /// [`NO_CODE`] where there is no label.
    pub truth: Vec<u32>,
    /// Of texts: codes of the references that a code of `truth` stands for, where a row has several.
    pub several: HashMap<u32, Vec<u32>>,
    /// Champion first; [`NO_CODE`] where the model gave no answer.
    pub answers: Vec<Vec<u32>>,
    /// Sum of the log-probabilities of an answer's tokens, in nats, and their number; of each arm, `None` where the log
    /// has none, NaN on a row without.
    pub likelihoods: Vec<Option<Vec<[f64; 2]>>>,
    /// What a judge said of both answers: 1 where the challenger's is better, 0 where the champion's is, 1/2 for a tie;
    /// [`super::NOT_LOGGED`] where nothing. `None` where no column holds it.
    pub preferences: Option<Vec<f64>>,
    /// Probabilities of each arm, rows x classes, row after row; `None` where the log has only decisions. NaN where a
    /// cell was not logged, 0 for a class without a column.
    pub probabilities: Vec<Option<Vec<f64>>>,
    /// Names from the least to the greatest, as told; empty where nobody said so.
    pub order: Vec<String>,
}

impl Numbers {
    /// No row, with the same columns of series and horizon, and the same season.
    pub fn clone_names(&self) -> Self {
        Self { series: self.series.clone(), horizon: self.horizon.clone(), season: self.season, ..Self::default() }
    }
}

impl Coded {
    /// Place of each class in their order: as told, else that of the numbers which they are called by.
    ///
    /// # Errors
    /// The classes have no order.
    pub fn ranks(&self) -> Result<Vec<u32>, String> {
        let same = |a: &str, b: &str| a.trim() == b.trim();
        if !self.order.is_empty() {
            let place = |name: &String| {
                let found = self.order.iter().position(|known| same(known, name)).map(|place| place as u32);
                found.ok_or_else(|| format!("the class {name} is not in the order that was told"))
            };
            return self.names.iter().map(place).collect();
        }
        let number = |name: &String| name.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let numbers: Option<Vec<f64>> = self.names.iter().map(number).collect();
        let numbers = numbers.ok_or("the classes have no order; --class-order tells one")?;
        let mut sorted = numbers.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        Ok(numbers.iter().map(|number| sorted.partition_point(|known| known < number) as u32).collect())
    }

    /// Codes of what is true of a row: one, of texts one or several; [`NO_CODE`] where there is no label.
    pub fn truths(&self, row: usize) -> &[u32] {
        let code = &self.truth[row];
        self.several.get(code).map_or(std::slice::from_ref(code), Vec::as_slice)
    }

    /// Text of a code.
    pub fn name(&self, code: u32) -> Option<&str> {
        self.names.get(code as usize).map(String::as_str)
    }
}

/// What the place of an item in a list was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListOrder {
    /// Falling score; equal scores by falling name of the item, as trec_eval does.
    #[default]
    Score,
    /// Rising rank; equal ranks as above.
    Rank,
}

/// Ranked lists; a row of the log is a query.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Names of the items, which are coded by their place here.
    pub items: Vec<String>,
    pub order: ListOrder,
    /// Champion first.
    pub arms: Vec<Ranked>,
    pub judged: Judgements,
    /// Columns that tell something of an item, one entry per item.
    pub about: Vec<Feature>,
}

/// Lists of one model, end to end.
#[derive(Clone, Debug, Default)]
pub struct Ranked {
    /// End of each row's list.
    pub ends: Vec<u32>,
    /// In the order of the list; no item is twice in one.
    pub items: Vec<u32>,
    /// [`super::NOT_LOGGED`] where there is none; `None` where the log has only ranks.
    pub scores: Option<Vec<f64>>,
}

/// Items that somebody judged, end to end.
#[derive(Clone, Debug, Default)]
pub struct Judgements {
    /// End of each row's items.
    pub ends: Vec<u32>,
    /// Rising within a row.
    pub items: Vec<u32>,
    /// 1 or more: relevant; 0: not; below: not judged, as in trec_eval.
    pub grades: Vec<i32>,
}

fn part(ends: &[u32], row: usize) -> std::ops::Range<usize> {
    let start = row.checked_sub(1).map_or(0, |before| ends[before]);
    start as usize..ends[row] as usize
}

impl Ranked {
    /// Items of a row, best first.
    pub fn list(&self, row: usize) -> &[u32] {
        &self.items[part(&self.ends, row)]
    }

    /// Their scores.
    pub fn scores(&self, row: usize) -> Option<&[f64]> {
        self.scores.as_ref().map(|scores| &scores[part(&self.ends, row)])
    }
}

impl Judgements {
    /// Items judged for a row, with their grades.
    pub fn of(&self, row: usize) -> (&[u32], &[i32]) {
        let range = part(&self.ends, row);
        (&self.items[range.clone()], &self.grades[range])
    }

    pub fn grade(&self, row: usize, item: u32) -> Option<i32> {
        let (items, grades) = self.of(row);
        items.binary_search(&item).ok().map(|place| grades[place])
    }
}

impl Lists {
    /// Name of an item.
    pub fn name(&self, item: u32) -> Option<&str> {
        self.items.get(item as usize).map(String::as_str)
    }

    fn bytes(&self) -> usize {
        let ranked = |arm: &Ranked| {
            arm.ends.len() * 4 + arm.items.len() * 4 + arm.scores.as_ref().map_or(0, |scores| scores.len() * 8)
        };
        let judged = self.judged.ends.len() * 4 + self.judged.items.len() * 8;
        let names: usize = self.items.iter().map(|name| name.len() + 24).sum();
        self.arms.iter().map(ranked).sum::<usize>()
            + judged
            + names
            + self.about.iter().map(Feature::bytes).sum::<usize>()
    }
}

impl Content {
    pub fn bytes(&self) -> usize {
        match self {
            Self::Binary => 0,
            Self::Numbers(numbers) => {
                numbers.truth.len() * 8 * (1 + numbers.quantiles.iter().map(Vec::len).sum::<usize>())
            }
            Self::Lists(lists) => lists.bytes(),
            Self::Boxes(boxes) => boxes.bytes(),
            Self::Pairs(pairs) => pairs.bytes(),
            Self::ImagePairs(pairs) => pairs.bytes(),
            Self::Coded(coded) => {
                let answers: usize = coded.answers.iter().map(|codes| codes.len() * 4).sum();
                let probabilities: usize = coded.probabilities.iter().flatten().map(|cells| cells.len() * 8).sum();
                let names: usize = coded.names.iter().map(|name| name.len() + 24).sum();
                let likelihoods: usize = coded.likelihoods.iter().flatten().map(|rows| rows.len() * 16).sum();
                let preferences = coded.preferences.as_ref().map_or(0, |rows| rows.len() * 8);
                let several: usize = coded.several.values().map(|codes| codes.len() * 4 + 32).sum();
                coded.truth.len() * 4 + several + answers + probabilities + names + likelihoods + preferences
            }
        }
    }
}
