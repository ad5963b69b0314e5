//! Scores that are no shares: of one model (the two are on different scales), or of both (per cent, margins, logits);
//! probabilities of classes that do not sum to one.

use super::issue::{Issue, Severity};
use super::lines::Lines;

/// How far the sum of a row's probabilities may be from one: they are written with some four digits.
const SUM: f64 = 0.01;
const DIGITS: f64 = 5e-5;

/// What is to be said where the probabilities of rows do not sum to one.
pub(super) fn sums(lines: &Lines, names: &[&str]) -> Vec<Issue> {
    let wide = lines.answers.len() == 2;
    let of_arm = |(arm, name): (usize, &&str)| {
        let columns = lines.answers[if wide { arm } else { 0 }].probabilities.as_ref()?;
        let room = SUM + DIGITS * columns.len() as f64;
        let own = |row: &usize| wide || usize::from(lines.arms[*row]) == arm;
        let (mut rows, mut odd, mut example) = (0, 0, None);
        for row in (0..lines.arms.len()).filter(own) {
            let sum: f64 = columns.iter().map(|(_, cells)| cells[row]).sum();
            // Rows that lack one, or hold NaN, are told of elsewhere.
            if sum.is_nan() {
                continue;
            }
            rows += 1;
            if (sum - 1.0).abs() > room {
                odd += 1;
                example.get_or_insert(sum);
            }
        }
        let sum = example?;
        let of = columns.len();
        Some(Issue::counted(
            "probabilities_sum",
            Severity::Warning,
            (odd, rows),
            format!(
                "The probabilities of {name} for its {of} classes do not sum to 1 in {odd} of {rows} rows; in the first they sum to {sum:.4}."
            ),
            "Log loss, Brier score, calibration and the most probable class of these rows are not those of a distribution.",
            "Log the probabilities of all classes; if columns of classes are missing, name them with --map probability.CLASS=COLUMN.",
        ))
    };
    names.iter().enumerate().filter_map(of_arm).collect()
}

/// Smallest, largest and number of the finite scores of an arm.
#[derive(Clone, Copy, Debug)]
struct Range {
    min: f64,
    max: f64,
    count: u64,
}

impl Range {
    fn is_share(self) -> bool {
        self.min >= 0.0 && self.max <= 1.0
    }

    /// Above 100 or below 0 nothing is in per cent; a few above 1 are no scale of their own.
    fn is_percent(self) -> bool {
        self.min >= 0.0 && self.max <= 100.0 && self.max > 2.0
    }
}

/// What is to be said where scores are not all from 0 to 1: of one model, or of both alike.
pub(super) fn issue(lines: &Lines, names: [&str; 2]) -> Option<Issue> {
    let ranges = [range(lines, 0)?, range(lines, 1)?];
    match ranges.map(Range::is_share) {
        [true, true] => None,
        [false, false] => Some(same(ranges)),
        [first, _] => {
            let odd = usize::from(first);
            Some(different(ranges[odd], [names[odd], names[1 - odd]]))
        }
    }
}

/// One model's scores are shares, the other's are not.
fn different(range: Range, [odd, other]: [&str; 2]) -> Issue {
    let percent = range.is_percent();
    let looks = if percent { "look like per cent" } else { "are no shares" };
    Issue {
        code: "score_scale".to_owned(),
        severity: Severity::Warning,
        message: format!(
            "The scores of {odd} lie from {} to {} and {looks}; those of {other} lie from 0 to 1.",
            range.min, range.max
        ),
        consequence: "They are compared as they stand: one threshold for both models means nothing, and calibration is not defined for scores that are no probabilities.".to_owned(),
        mend: if percent {
            "Write both as shares (divide the one by 100), or write a per cent sign behind each number.".to_owned()
        } else {
            "Log both models' probabilities, or compare rank metrics (AUC) and decisions only.".to_owned()
        },
        count: range.count,
        share: 1.0,
        examples: Vec::new(),
    }
}

/// The scores of neither model are shares; what they are is not guessed.
fn same(ranges: [Range; 2]) -> Issue {
    let percent = ranges.iter().all(|range| range.is_percent());
    let looks = if percent { "look like per cent" } else { "are no probabilities (margins or logits?)" };
    let min = ranges[0].min.min(ranges[1].min);
    let max = ranges[0].max.max(ranges[1].max);
    Issue {
        code: "score_scale".to_owned(),
        severity: if percent { Severity::Warning } else { Severity::Note },
        message: format!("The scores lie from {min} to {max} and {looks}."),
        consequence: "They are ranked and cut as they stand; log loss, Brier score and calibration are not defined for scores that are no probabilities.".to_owned(),
        mend: if percent {
            "If they are per cent, divide them by 100 or write a per cent sign behind each number.".to_owned()
        } else {
            "Nothing, if ranks and decisions are what counts; else log probabilities.".to_owned()
        },
        count: ranges[0].count + ranges[1].count,
        share: 1.0,
        examples: Vec::new(),
    }
}

fn range(lines: &Lines, arm: u8) -> Option<Range> {
    let wide = lines.answers.len() == 2;
    let scores = lines.answers[if wide { usize::from(arm) } else { 0 }].scores.as_ref()?;
    let own = scores.iter().zip(&lines.arms).filter(|(_, of)| wide || **of == arm).map(|(score, _)| *score);
    let none = Range { min: f64::INFINITY, max: f64::NEG_INFINITY, count: 0 };
    let range = own.filter(|score| score.is_finite()).fold(none, |range, score| Range {
        min: range.min.min(score),
        max: range.max.max(score),
        count: range.count + 1,
    });
    (range.count > 0).then_some(range)
}
