//! Answers of two models judged against each other.

use crate::metrics::measured::{Measured, Outcome};
use crate::metrics::registry::{Better, Metric, Unit, metric};

/// Of judged pairs of answers.
pub const METRICS: [Metric; 1] = [metric(
    "win_rate",
    "Win rate",
    (Unit::Share, Better::Higher),
    "(wins + ties / 2) / judged pairs",
    "Zheng et al. 2023; ties count half",
    "How often a judge preferred the model's answer; both models' rates add up to 1.",
)];

/// What a judge said of a pair of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The challenger's answer is better.
    Win,
    Tie,
    Loss,
}

/// How often each verdict was given. Wins of wins and losses are what a sign test takes, and a Wilson interval where
/// there is no tie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub wins: u64,
    pub ties: u64,
    pub losses: u64,
}

impl Tally {
    /// Count verdicts.
    pub fn of(verdicts: &[Verdict]) -> Self {
        verdicts.iter().fold(Self::default(), |mut tally, verdict| {
            match verdict {
                Verdict::Win => tally.wins += 1,
                Verdict::Tie => tally.ties += 1,
                Verdict::Loss => tally.losses += 1,
            }
            tally
        })
    }

    /// Add the verdicts of others.
    pub fn merge(&mut self, other: &Self) {
        self.wins += other.wins;
        self.ties += other.ties;
        self.losses += other.losses;
    }

    /// Pairs that one side won.
    pub fn decided(&self) -> u64 {
        self.wins + self.losses
    }
}

/// [`win_rate`] of the challenger among the rows that were judged: 1 per win, 1/2 per tie, 0 per loss, or the share of
/// several judges; NaN where nobody judged. With `lost`, what it leaves to the champion.
///
/// # Errors
/// No pair was judged.
pub fn win_share(rows: &[f64], lost: bool) -> Outcome {
    let won = |value: &f64| {
        if value.is_nan() {
            0.0
        } else if lost {
            1.0 - value
        } else {
            *value
        }
    };
    let judged: Vec<f64> = rows.iter().map(|value| if value.is_nan() { 0.0 } else { 1.0 }).collect();
    if judged.iter().all(|judged| *judged == 0.0) {
        return Err("no pair of answers was judged".to_owned());
    }
    if judged.iter().all(|judged| *judged == 1.0) {
        return Measured::share(rows.len(), |row| won(&rows[row]));
    }
    Measured::ratio(&rows.iter().map(won).collect::<Vec<f64>>(), &judged)
}

/// Wins and half the ties over all judged pairs; 1/2 is a draw.
///
/// # Errors
/// No pair was judged.
pub fn win_rate(verdicts: &[Verdict]) -> Outcome {
    if verdicts.is_empty() {
        return Err("no pair of answers was judged".to_owned());
    }
    Measured::share(verdicts.len(), |row| match verdicts[row] {
        Verdict::Win => 1.0,
        Verdict::Tie => 0.5,
        Verdict::Loss => 0.0,
    })
}
