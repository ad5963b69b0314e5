//! The loss of an arm over the windows and its change.

use super::column::{FEW, Groups};
use super::drift::Column;
use super::found::{Change, Constancy, LossCourse};
use super::windows::{COVERAGE, Cut, NOWHERE};
use crate::compare::engine::CompareError;
use crate::compare::result::Estimate;
use crate::job::JobCx;
use crate::log::{Content, Log, NO_CODE, ScoreKind, Task};
use crate::metrics::{BLOCK, calibration::log_loss};
use crate::stats::cusum::cusum;
use crate::stats::{self, Moments, influence};

/// A loss per row, and the outcomes behind it.
pub(super) struct Loss<'a> {
    pub name: &'static str,
    /// NaN where the row has no label or no answer.
    pub of: Box<dyn Fn(usize) -> f64 + Sync + 'a>,
    /// What came of the row, of which the first `told` count; asked only where it has a loss.
    pub outcomes: Box<dyn Fn(usize) -> [f64; 2] + Sync + 'a>,
    pub told: usize,
    /// Whether outcomes are 0 and 1.
    pub shares: bool,
}

/// A loss of the outcomes 0 and 1 of `labels`.
fn of_classes<'a>(
    name: &'static str,
    labels: &'a [u8],
    of: impl Fn(usize) -> f64 + Sync + 'a,
) -> Result<Loss<'a>, String> {
    let outcomes = Box::new(|row: usize| [f64::from(labels[row]), 0.0]);
    Ok(Loss { name, of: Box::new(of), outcomes, told: 1, shares: true })
}

/// Whether the scores of all arms are probabilities, so that one loss fits them.
fn alike(log: &Log) -> bool {
    log.arms.iter().take(2).all(|arm| arm.score_kind == ScoreKind::Probability)
}

/// The loss that fits the task, or why there is none. A binary model without probabilities decides at `threshold`.
pub(super) fn loss(log: &Log, index: usize, threshold: Option<f64>) -> Result<Loss<'_>, String> {
    let arm = &log.arms[index];
    let labels = &log.labels;
    let own = log.split.as_ref().map(|split| &split.arms);
    let held = move |row: usize| labels[row] <= 1 && own.is_none_or(|arms| usize::from(arms[row]) == index);
    if !labels.iter().any(|&label| label <= 1) {
        return Err("no row has a label".to_owned());
    }
    match (&log.content, log.task) {
        (Content::Numbers(numbers), _) => {
            let answers = arm.scores.as_ref().ok_or("the arm has no predictions")?;
            let of = move |row: usize| if held(row) { (answers[row] - numbers.truth[row]).abs() } else { f64::NAN };
            // Other errors to either side, and larger ones.
            let outcomes = Box::new(|row: usize| {
                let error = numbers.truth[row] - answers[row];
                [error, error.abs()]
            });
            Ok(Loss { name: "absolute_error", of: Box::new(of), outcomes, told: 2, shares: false })
        }
        (Content::Coded(coded), Task::Multiclass) => {
            let answers = coded.answers.get(index).ok_or("the arm has no predictions")?;
            let of = move |row: usize| match held(row) && answers[row] != NO_CODE && coded.truth[row] != NO_CODE {
                true => f64::from(u8::from(answers[row] != coded.truth[row])),
                false => f64::NAN,
            };
            let outcomes = Box::new(move |row| [of(row), 0.0]);
            Ok(Loss { name: "error", of: Box::new(of), outcomes, told: 1, shares: true })
        }
        (Content::Binary, Task::Binary) => match (&arm.scores, &arm.predictions, threshold) {
            // One loss for both arms: of probabilities beside other scores that is whether the decision was wrong.
            (Some(scores), decisions, _)
                if arm.score_kind == ScoreKind::Probability
                    && (alike(log) || decisions.is_none() && threshold.is_none()) =>
            {
                let of = move |row: usize| match held(row) && scores[row].is_finite() {
                    true => log_loss(labels[row], scores[row]),
                    false => f64::NAN,
                };
                of_classes("log_loss", labels, of)
            }
            (_, Some(decisions), _) => {
                let of = move |row: usize| match held(row) && decisions[row] <= 1 {
                    true => f64::from(u8::from(decisions[row] != labels[row])),
                    false => f64::NAN,
                };
                of_classes("error", labels, of)
            }
            (Some(scores), None, Some(threshold)) => {
                let of = move |row: usize| match held(row) && scores[row].is_finite() {
                    true => f64::from(u8::from((scores[row] >= threshold) != (labels[row] == 1))),
                    false => f64::NAN,
                };
                of_classes("error", labels, of)
            }
            _ => Err("the arm has neither probabilities nor decisions".to_owned()),
        },
        _ => Err(format!("rows of a {} task have no loss of their own here", log.task.word())),
    }
}

/// Everything about one arm.
pub(super) struct Course<'a> {
    pub cut: &'a Cut,
    /// By window and unit; all rows by unit.
    pub groups: [&'a Groups; 2],
    pub level: f64,
    pub cx: &'a JobCx,
}

impl Course<'_> {
    /// The course of `loss`; `answers` are what the strata of the inputs are cut from.
    pub fn of(&self, loss: &Loss<'_>, answers: Option<&Column<'_>>) -> Result<LossCourse, CompareError> {
        let [in_time, _] = self.groups;
        let windows = self.cut.windows.len();
        let found = in_time.fold(
            self.cx,
            || vec![Moments::default(); windows],
            |sums, window, row| {
                let value = (loss.of)(row);
                if !value.is_nan() {
                    sums[window].add(value);
                }
            },
            |sums, more| sums.iter_mut().zip(more).for_each(|(sum, more)| sum.merge(&more)),
        )?;
        let mut baseline = Moments::default();
        found[..self.cut.baseline].iter().for_each(|window| baseline.merge(window));
        let latest = self.latest(&found, &baseline);
        let mut course = LossCourse {
            name: loss.name.to_owned(),
            windows: self.estimates(loss, &found)?,
            latest,
            constancy: self.constancy(loss, &found)?,
            ..LossCourse::default()
        };
        let Some(latest) = latest else {
            course.undefined = Some(match baseline.n as f64 >= FEW {
                true => format!(
                    "no window after the baseline has {FEW} rows with a label and nearly as many labels as the baseline"
                ),
                false => format!("only {} rows of the baseline have a label; {FEW} are needed", baseline.n),
            });
            return Ok(course);
        };
        let now = found[latest];
        let of = |window: usize| match window {
            NOWHERE => None,
            window if window < self.cut.baseline => Some(false),
            window => (window == latest).then_some(true),
        };
        let (n0, n1) = (baseline.n as f64, now.n as f64);
        course.baseline = self
            .spread(|row| {
                let value = (loss.of)(row);
                (of(self.window(row)) == Some(false) && !value.is_nan()).then(|| (value - baseline.mean) / n0)
            })?
            .and_then(|spread| spread.estimate(baseline.mean, self.level))
            .map(|found| estimate(&found, baseline.n));
        course.change = self
            .spread(|row| {
                let (value, of) = ((loss.of)(row), of(self.window(row))?);
                (!value.is_nan()).then(|| if of { (value - now.mean) / n1 } else { (baseline.mean - value) / n0 })
            })?
            .and_then(|spread| spread.estimate(now.mean - baseline.mean, self.level))
            .map(|found| change(&found));
        match answers.map(|answers| self.concept(loss, answers, latest)).transpose()? {
            Some(Ok(found)) => (course.concept, course.outcomes) = (Some(found.change), Some(found.test)),
            Some(Err(why)) => course.no_concept = Some(why),
            None => course.no_concept = Some("the arm has no answers to compare at".to_owned()),
        }
        course.inputs = course.change.as_ref().zip(course.concept.as_ref()).map(|(all, same)| all.value - same.value);
        Ok(course)
    }

    pub(super) fn window(&self, row: usize) -> usize {
        self.groups[0].group(row).unwrap_or(NOWHERE)
    }

    /// The last window whose labels are there. One that the log covers in part is other hours of the day: the second choice.
    fn latest(&self, found: &[Moments], baseline: &Moments) -> Option<usize> {
        let coverage = |windows| self.cut.coverage(windows);
        let asked = coverage(0..self.cut.baseline) * COVERAGE;
        let fits = |&at: &usize| found[at].n as f64 >= FEW && coverage(at..at + 1) >= asked;
        let mut after = (self.cut.baseline..found.len()).rev().filter(fits);
        let whole = after.clone().find(|&at| self.cut.windows[at].whole);
        if baseline.n as f64 >= FEW { whole.or_else(|| after.next()) } else { None }
    }

    /// Mean of each window with its interval.
    fn estimates(&self, loss: &Loss<'_>, found: &[Moments]) -> Result<Vec<Option<Estimate>>, CompareError> {
        let [in_time, _] = self.groups;
        let enough = |moments: &Moments| moments.n as f64 >= FEW;
        if !in_time.clustered() {
            let of = |moments: &Moments| {
                let found = influence::mean(moments, self.level).ok()?;
                Some(estimate(&found, moments.n))
            };
            return Ok(found.iter().map(|moments| if enough(moments) { of(moments) } else { None }).collect());
        }
        let mut sums = vec![Moments::default(); found.len()];
        let mut of_unit = vec![(0.0, false); found.len()];
        for rows in in_time.units() {
            for &row in rows {
                let (value, window) = ((loss.of)(row as usize), self.window(row as usize));
                if window != NOWHERE && !value.is_nan() {
                    of_unit[window] = (of_unit[window].0 + value - found[window].mean, true);
                }
            }
            for (slot, sum) in of_unit.iter_mut().zip(&mut sums) {
                if std::mem::take(&mut slot.1) {
                    sum.add(std::mem::take(&mut slot.0));
                }
            }
        }
        self.cx.check()?;
        let of = |(moments, sums): (&Moments, &Moments)| {
            let found = influence::clustered(moments.mean, sums, moments.n, self.level).ok()?;
            enough(moments).then(|| estimate(&found, moments.n))
        };
        Ok(found.iter().zip(&sums).map(of).collect())
    }

    /// Squares of influences summed within units over the whole log.
    pub(super) fn spread(
        &self,
        influence: impl Fn(usize) -> Option<f64> + Sync,
    ) -> Result<Option<Spread>, CompareError> {
        let [_, all] = self.groups;
        let spread = if all.clustered() {
            let mut spread = Spread::default();
            let mut since = 0;
            for rows in all.units() {
                let mut sum = None;
                for &row in rows {
                    if let Some(value) = influence(row as usize) {
                        sum = Some(sum.unwrap_or(0.0) + value);
                    }
                }
                if let Some(sum) = sum {
                    spread.add(sum);
                }
                since += rows.len();
                if since > BLOCK {
                    self.cx.check()?;
                    since = 0;
                }
            }
            spread
        } else {
            all.fold(
                self.cx,
                Spread::default,
                |spread, _, row| {
                    if let Some(value) = influence(row) {
                        spread.add(value);
                    }
                },
                |spread, more| {
                    *spread = Spread { units: spread.units + more.units, squares: spread.squares + more.squares }
                },
            )?
        };
        Ok((spread.units > 1).then_some(spread))
    }

    fn constancy(&self, loss: &Loss<'_>, found: &[Moments]) -> Result<Option<Constancy>, CompareError> {
        let mut all = Moments::default();
        found.iter().for_each(|window| all.merge(window));
        if (all.n as f64) < 2.0 * FEW {
            return Ok(None);
        }
        let held: Vec<usize> = (0..found.len()).filter(|&at| found[at].n > 0).collect();
        let sums: Vec<f64> = held.iter().map(|&at| (found[at].mean - all.mean) * found[at].n as f64).collect();
        let spread = self.spread(|row| {
            let value = (loss.of)(row);
            (self.window(row) != NOWHERE && !value.is_nan()).then_some(value - all.mean)
        })?;
        let tested = spread.and_then(|spread| cusum(&sums, spread.variance()).ok());
        Ok(tested.map(|test| Constancy { statistic: test.statistic, p: test.p, after: held[test.after] }))
    }
}

/// Units and the sum of their squared influences.
#[derive(Clone, Copy, Default)]
pub(super) struct Spread {
    units: u64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, influence: f64) {
        self.units += 1;
        self.squares += influence * influence;
    }

    /// Of the sum over units; CR1, Liang and Zeger 1986.
    fn variance(self) -> f64 {
        let units = self.units as f64;
        self.squares * units / (units - 1.0)
    }

    pub fn estimate(self, value: f64, level: f64) -> Option<stats::Estimate> {
        let df = self.units as f64 - 1.0;
        stats::Estimate::new(value, self.variance().sqrt(), df, self.units, level, "influence_t").ok()
    }
}

fn estimate(found: &stats::Estimate, rows: u64) -> Estimate {
    Estimate {
        value: found.value,
        lo: Some(found.interval.lo),
        hi: Some(found.interval.hi),
        level: found.interval.level,
        method: method(found, rows),
        n: found.units,
    }
}

fn method(found: &stats::Estimate, rows: u64) -> String {
    if found.units < rows { "cluster-robust t".to_owned() } else { "t".to_owned() }
}

pub(super) fn change(found: &stats::Estimate) -> Change {
    Change {
        value: found.value,
        lo: found.interval.lo,
        hi: found.interval.hi,
        level: found.interval.level,
        p: found.p,
        method: "influence by unit, t".to_owned(),
        n: found.units,
    }
}
