//! Whether a model has grown old: data drift and concept drift over windows of time, training-serving skew, demand.
//!
//! Counted over all rows of the log that have a time, whatever slice is in view. Data drift says that the inputs or the
//! answers are others than in the first window; concept drift that the same answers come with other outcomes. Pure: the
//! training reference file is read by the caller.

mod checks;
mod column;
mod concept;
mod demand;
mod drift;
mod found;
mod loss;
mod skew;
#[cfg(test)]
mod tests;
mod windows;

pub use checks::checks;
pub use found::{
    Age, Change, ColumnDrift, ColumnKind, ColumnSkew, Constancy, Demand, Distance, LossCourse, OutcomeTest, Skew,
    Staleness, TimeWindow, WindowDrift,
};
pub use windows::{MOST as MOST_WINDOWS, Window};

use rayon::prelude::*;

use self::column::{FEW, Groups};
use self::loss::{Course, Loss};
use self::windows::Cut;
use super::engine::CompareError;
use super::engine::span::Span;
use super::plan::Plan;
use super::result::PerArm;
use crate::job::JobCx;
use crate::log::{Log, Reference};

/// Measure the log's course by windows of `asked` (`None`: by its span) and against `reference`.
///
/// # Errors
/// Cancelled.
pub fn staleness(
    log: &Log,
    plan: &Plan,
    asked: Option<Window>,
    reference: Option<&Reference>,
    cx: &JobCx,
) -> Result<Staleness, CompareError> {
    cx.stage("Drift over time", 0);
    let level = plan.level;
    let classes = [log.classes.negative.clone(), log.classes.positive.clone()];
    let all = Groups::of_all(log);
    let span = log.times.as_ref().and_then(|times| Span::of(times.clone()));
    let mut found = Staleness {
        asked,
        level,
        now: span.map(|span| span.last),
        stray: span.map_or(0, |span| (span.before + span.after) as u64),
        skew: reference.map(|reference| skew::skew(log, reference, &classes, &all, level, cx)).transpose()?,
        ..Staleness::default()
    };
    let cut = match Cut::of(log, span, asked) {
        Ok(cut) => cut,
        Err(why) => {
            found.undefined = Some(why);
            return Ok(found);
        }
    };
    cx.check()?;
    let groups = Groups::of_windows(log, &cut);
    let (columns, left_out) = drift::columns(log, &classes);
    found.columns = drift::drift(&columns, &cut, &groups, level, cx)?;
    let mut courses = Vec::new();
    for arm in 0..log.arms.len().min(2) {
        let kind = [ColumnKind::ChampionScore, ColumnKind::ChallengerScore][arm];
        let answers = columns.iter().find(|column| column.kind == kind);
        let course = Course { cut: &cut, groups: [&groups, &all], level, cx };
        courses.push(match loss::loss(log, arm, plan.thresholds[arm].value) {
            Ok(loss) => {
                // Asked for in the order of windows and units over and over: once in the order of rows costs less.
                let values: Vec<f64> = (0..log.rows).into_par_iter().map(&*loss.of).collect();
                course.of(&Loss { of: Box::new(|row| values[row]), ..loss }, answers)?
            }
            Err(why) => {
                LossCourse { windows: vec![None; cut.windows.len()], undefined: Some(why), ..LossCourse::default() }
            }
        });
    }
    let mut courses = courses.into_iter();
    found.losses = PerArm { champion: courses.next(), challenger: courses.next() };
    found.demand = demand::demand(log, &cut, level);
    found.left_out = left_out;
    found.window = Some(cut.window);
    found.baseline = cut.baseline;
    // A window that the log covers in part is another hour of the day or day of the week.
    let after = || (cut.baseline..cut.windows.len()).rev().filter(|&at| cut.windows[at].rows as f64 >= FEW);
    found.latest = after().find(|&at| cut.windows[at].whole).or_else(|| after().next());
    found.windows = cut.windows;
    Ok(found)
}
