//! One ranked list and its values.
//!
//! A list is a row of groups of equal score. As trec_eval breaks ties, each document is a group of its own; by
//! expectation, a value is the mean over all orders within the groups, in closed form (McSherry and Najork 2008).

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{Gain, Measure};

/// A document that a model returned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retrieved<'a> {
    pub id: &'a str,
    /// Higher comes first.
    pub score: f64,
}

/// A document that somebody judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged<'a> {
    pub id: &'a str,
    /// 1 or more: relevant; 0: not; below: not judged, as in trec_eval.
    pub grade: i32,
}

/// What equal scores mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ties {
    /// Any order is as likely: the value is the mean over all.
    #[default]
    Expected,
    /// By descending id, as trec_eval does.
    TrecEval,
}

/// Documents of equal score.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    size: usize,
    relevant: usize,
    /// Judged and not relevant.
    irrelevant: usize,
    /// Sums of both gains.
    gains: [f64; 2],
}

impl Group {
    /// Of the grades of its documents.
    fn of(grades: impl Iterator<Item = Option<i32>>) -> Self {
        let mut group = Self::default();
        for grade in grades {
            group.size += 1;
            let Some(grade) = grade else { continue };
            group.relevant += usize::from(grade >= 1);
            group.irrelevant += usize::from(grade == 0);
            for (sum, of) in group.gains.iter_mut().zip([Gain::Linear, Gain::Exponential]) {
                *sum += gain(of, grade.max(0));
            }
        }
        group
    }
}

/// A query's list, in the order of its scores.
#[derive(Clone, Debug)]
pub struct List {
    groups: Vec<Group>,
    /// Grades of all relevant documents, descending.
    ideal: Vec<i32>,
    /// Documents judged and not relevant.
    irrelevant: usize,
}

fn gain(gain: Gain, grade: i32) -> f64 {
    match gain {
        Gain::Linear => f64::from(grade),
        Gain::Exponential => f64::from(grade).exp2() - 1.0,
    }
}

fn discount(rank: usize) -> f64 {
    1.0 / (rank as f64 + 1.0).log2()
}

impl List {
    /// # Errors
    /// A document that was retrieved or judged twice, or a score that is not a number.
    pub fn new(retrieved: &[Retrieved<'_>], judged: &[Judged<'_>], ties: Ties) -> Result<Self, String> {
        let mut grades: HashMap<&str, i32> = HashMap::with_capacity(judged.len());
        if let Some(twice) = judged.iter().find(|judged| grades.insert(judged.id, judged.grade).is_some()) {
            return Err(format!("document {} is judged twice", twice.id));
        }
        if let Some(bad) = retrieved.iter().find(|found| found.score.is_nan()) {
            return Err(format!("the score of document {} is not a number", bad.id));
        }
        let mut order: Vec<&Retrieved<'_>> = retrieved.iter().collect();
        // Adding 0 turns -0.0 into 0.0, which the total order would keep apart.
        order.sort_unstable_by(|a, b| (b.score + 0.0).total_cmp(&(a.score + 0.0)).then(b.id.cmp(a.id)));
        let mut ids: Vec<&str> = retrieved.iter().map(|found| found.id).collect();
        ids.sort_unstable();
        if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("document {} is retrieved twice", twice[0]));
        }
        let together = |a: &&Retrieved<'_>, b: &&Retrieved<'_>| ties == Ties::Expected && a.score == b.score;
        let group = |run: &[&Retrieved<'_>]| Group::of(run.iter().map(|found| grades.get(found.id).copied()));
        let judged: Vec<i32> = judged.iter().map(|judged| judged.grade).collect();
        Ok(Self::of(order.chunk_by(together).map(group).collect(), &judged))
    }

    /// A list in a known order: the grade of each document, `None` where it is not judged, and the grades of all that
    /// are judged.
    pub fn ordered(grades: impl Iterator<Item = Option<i32>>, judged: &[i32]) -> Self {
        Self::of(grades.map(|grade| Group::of(std::iter::once(grade))).collect(), judged)
    }

    fn of(groups: Vec<Group>, judged: &[i32]) -> Self {
        let mut ideal: Vec<i32> = judged.iter().copied().filter(|grade| *grade >= 1).collect();
        ideal.sort_unstable_by_key(|grade| Reverse(*grade));
        Self { groups, ideal, irrelevant: judged.iter().filter(|grade| **grade == 0).count() }
    }

    /// Relevant documents of the query, retrieved or not.
    pub fn relevant(&self) -> usize {
        self.ideal.len()
    }

    /// Documents retrieved.
    pub fn len(&self) -> usize {
        self.groups.iter().map(|group| group.size).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// `None` where no document is relevant.
    pub fn value(&self, measure: Measure) -> Option<f64> {
        let relevant = self.relevant();
        if relevant == 0 {
            return None;
        }
        let all = usize::MAX;
        Some(match measure {
            Measure::ReciprocalRank(cut) => self.first(|rank| 1.0 / rank as f64, cut.unwrap_or(all)),
            Measure::HitRate(cut) => self.first(|_| 1.0, cut),
            Measure::Precision(cut) => self.found(cut) / cut as f64,
            Measure::Recall(cut) => self.found(cut) / relevant as f64,
            Measure::RPrecision => self.found(relevant) / relevant as f64,
            Measure::AveragePrecision(cut) => self.precisions(cut.unwrap_or(all)) / relevant as f64,
            Measure::Ndcg(gain, cut) => self.ndcg(gain, cut.unwrap_or(all)),
            Measure::Bpref => self.bpref(),
        })
    }

    /// Groups that begin above the cut, with the documents before each.
    fn upto(&self, cut: usize) -> impl Iterator<Item = (usize, &Group)> {
        let starts = self.groups.iter().scan(0, |before, group| {
            let start = *before;
            *before += group.size;
            Some((start, group))
        });
        starts.take_while(move |(start, _)| *start < cut)
    }

    /// Relevant documents above the cut.
    fn found(&self, cut: usize) -> f64 {
        let part = |(start, group): (usize, &Group)| {
            group.relevant as f64 * group.size.min(cut - start) as f64 / group.size as f64
        };
        self.upto(cut).map(part).sum()
    }

    /// Expected `worth` of the rank of the first relevant document, 0 beyond the cut.
    fn first(&self, worth: impl Fn(usize) -> f64, cut: usize) -> f64 {
        let Some((start, group)) = self.upto(cut).find(|(_, group)| group.relevant > 0) else { return 0.0 };
        let (size, relevant) = (group.size as f64, group.relevant as f64);
        // Probability that all places of the group before this one are taken by others.
        let mut none_before = 1.0;
        let mut value = 0.0;
        for place in 0..(group.size - group.relevant + 1).min(cut - start) {
            let hit = relevant / (size - place as f64);
            value += none_before * hit * worth(start + place + 1);
            none_before *= 1.0 - hit;
        }
        value
    }

    /// Sum of the precision at each relevant document above the cut.
    fn precisions(&self, cut: usize) -> f64 {
        let mut before = 0.0;
        let mut value = 0.0;
        for (start, group) in self.upto(cut).filter(|(_, group)| group.relevant > 0) {
            let (size, relevant) = (group.size as f64, group.relevant as f64);
            // Given a relevant document here, each other place holds one with this probability.
            let other = if group.size > 1 { (relevant - 1.0) / (size - 1.0) } else { 0.0 };
            let place = |place: usize| (before + 1.0 + place as f64 * other) / (start + place + 1) as f64;
            value += relevant / size * (0..group.size.min(cut - start)).map(place).sum::<f64>();
            before += relevant;
        }
        value
    }

    fn ndcg(&self, of: Gain, cut: usize) -> f64 {
        let gained = |(start, group): (usize, &Group)| {
            let places = (start + 1..=start + group.size.min(cut - start)).map(discount).sum::<f64>();
            group.gains[usize::from(of == Gain::Exponential)] / group.size as f64 * places
        };
        let ideal = (1..).zip(self.ideal.iter().take(cut)).map(|(rank, grade)| gain(of, *grade) * discount(rank));
        self.upto(cut).filter(|(_, group)| group.relevant > 0).map(gained).sum::<f64>() / ideal.sum::<f64>()
    }

    fn bpref(&self) -> f64 {
        let relevant = self.relevant();
        let bound = self.irrelevant.min(relevant) as f64;
        let mut above = 0;
        let mut value = 0.0;
        for group in &self.groups {
            // Of the group's irrelevant documents, any number is as likely to stand above a relevant one.
            let kept = |more: usize| match above + more {
                0 => 1.0,
                above => 1.0 - above.min(relevant) as f64 / bound,
            };
            let mean = (0..=group.irrelevant).map(kept).sum::<f64>() / (group.irrelevant + 1) as f64;
            value += group.relevant as f64 * mean;
            above += group.irrelevant;
        }
        value / relevant as f64
    }
}
