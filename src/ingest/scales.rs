//! Scores of the two models on different scales: one in per cent, one as a share; or one a share, the other a margin.

use super::issue::{Issue, Severity};
use super::lines::Lines;

/// Smallest, largest and number of the finite scores of an arm.
#[derive(Clone, Copy, Debug)]
struct Range {
    min: f64,
    max: f64,
    count: u64,
}

/// What is to be said where one model's scores are all from 0 to 1 and the other's are not.
pub(super) fn issue(lines: &Lines, names: [&str; 2]) -> Option<Issue> {
    let [first, second] = [range(lines, 0)?, range(lines, 1)?];
    let is_share = |range: Range| range.min >= 0.0 && range.max <= 1.0;
    let (odd, other) = match [is_share(first), is_share(second)] {
        [true, false] => (1, 0),
        [false, true] => (0, 1),
        _ => return None,
    };
    let range = [first, second][odd];
    // Above 100 or below 0 nothing is in per cent; a few above 1 are no scale of their own.
    let percent = range.min >= 0.0 && range.max <= 100.0 && range.max > 2.0;
    let looks = if percent { "look like per cent" } else { "are no shares" };
    Some(Issue {
        code: "score_scale".to_owned(),
        severity: Severity::Warning,
        message: format!(
            "The scores of {} lie from {} to {} and {looks}; those of {} lie from 0 to 1.",
            names[odd], range.min, range.max, names[other]
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
    })
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
