//! Concept drift: the loss of an arm over the windows, and how much of its change is another outcome at the same scores.

use super::column::{Bins, FEW, Groups, Values};
use super::drift::Column;
use super::found::{Change, Constancy, LossCourse};
use super::windows::{Cut, NOWHERE};
use crate::compare::engine::CompareError;
use crate::compare::result::Estimate;
use crate::job::JobCx;
use crate::log::{Content, Log, NO_CODE, ScoreKind, Task};
use crate::metrics::{BLOCK, calibration::log_loss};
use crate::stats::cusum::cusum;
use crate::stats::{self, Moments, influence};

/// Rows of the baseline below which a stratum says nothing.
const STRATUM: u64 = 5;
/// Share of the baseline's label coverage that a window needs to be held against it.
const COVERAGE: f64 = 0.8;
/// Share of the latest rows that the strata of the baseline must hold.
const COVERED: f64 = 0.9;

/// A loss per row.
pub(super) struct Loss<'a> {
    pub name: &'static str,
    /// NaN where the row has no label or no answer.
    pub of: Box<dyn Fn(usize) -> f64 + Sync + 'a>,
}

fn named<'a>(name: &'static str, of: impl Fn(usize) -> f64 + Sync + 'a) -> Result<Loss<'a>, String> {
    Ok(Loss { name, of: Box::new(of) })
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
            named("absolute_error", of)
        }
        (Content::Coded(coded), Task::Multiclass) => {
            let answers = coded.answers.get(index).ok_or("the arm has no predictions")?;
            let of = move |row: usize| match held(row) && answers[row] != NO_CODE && coded.truth[row] != NO_CODE {
                true => f64::from(u8::from(answers[row] != coded.truth[row])),
                false => f64::NAN,
            };
            named("error", of)
        }
        (Content::Binary, Task::Binary) => match (&arm.scores, &arm.predictions, threshold) {
            (Some(scores), _, _) if arm.score_kind == ScoreKind::Probability => {
                let of = move |row: usize| match held(row) && scores[row].is_finite() {
                    true => log_loss(labels[row], scores[row]),
                    false => f64::NAN,
                };
                named("log_loss", of)
            }
            (_, Some(decisions), _) => {
                let of = move |row: usize| match held(row) && decisions[row] <= 1 {
                    true => f64::from(u8::from(decisions[row] != labels[row])),
                    false => f64::NAN,
                };
                named("error", of)
            }
            (Some(scores), None, Some(threshold)) => {
                let of = move |row: usize| match held(row) && scores[row].is_finite() {
                    true => f64::from(u8::from((scores[row] >= threshold) != (labels[row] == 1))),
                    false => f64::NAN,
                };
                named("error", of)
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
        course.concept = match answers {
            Some(answers) => self.concept(loss, answers, latest)?,
            None => None,
        };
        course.inputs = course.change.as_ref().zip(course.concept.as_ref()).map(|(all, same)| all.value - same.value);
        Ok(course)
    }

    fn window(&self, row: usize) -> usize {
        self.groups[0].group(row).unwrap_or(NOWHERE)
    }

    /// The last window whose labels are there.
    fn latest(&self, found: &[Moments], baseline: &Moments) -> Option<usize> {
        let coverage = |windows: std::ops::Range<usize>| {
            let windows = &self.cut.windows[windows];
            let sum = |of: fn(&super::TimeWindow) -> u64| windows.iter().map(of).sum::<u64>() as f64;
            sum(|window| window.labelled) / sum(|window| window.rows).max(1.0)
        };
        let asked = coverage(0..self.cut.baseline) * COVERAGE;
        let fits = |&at: &usize| found[at].n as f64 >= FEW && coverage(at..at + 1) >= asked;
        (baseline.n as f64 >= FEW).then(|| (self.cut.baseline..found.len()).rev().find(fits)).flatten()
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
    fn spread(&self, influence: impl Fn(usize) -> Option<f64> + Sync) -> Result<Option<Spread>, CompareError> {
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

    /// Mean over the latest rows of the loss less that of the baseline in the same stratum of the arm's answers.
    ///
    /// With the shares `w` of the strata `s` in the latest window the change of the mean loss is the sum of
    /// `sum_s w_s (L_s - L0_s)`, which other outcomes at the same answers make, and a rest, which other answers make
    /// (Kitagawa 1955, J Am Stat Assoc 50:1168).
    fn concept(&self, loss: &Loss<'_>, answers: &Column<'_>, latest: usize) -> Result<Option<Change>, CompareError> {
        let [in_time, _] = self.groups;
        let base = |row: usize| self.window(row) < self.cut.baseline && !(loss.of)(row).is_nan();
        let bins = match &answers.values {
            Values::Numbers(value) => {
                let mut sorted: Vec<f64> = (0..in_time.rows())
                    .filter(|&row| base(row))
                    .map(|row| value(row) + 0.0)
                    .filter(|value| !value.is_nan())
                    .collect();
                sorted.sort_unstable_by(f64::total_cmp);
                Bins::of_numbers(&sorted)
            }
            Values::Words(names, code) => {
                let mut counts = vec![0; names.len()];
                (0..in_time.rows())
                    .filter(|&row| base(row))
                    .filter_map(code)
                    .for_each(|code| counts[code as usize] += 1);
                Bins::of_words(names, &counts)
            }
        };
        let Ok(bins) = bins else { return Ok(None) };
        self.cx.check()?;
        // Baseline and latest window by stratum.
        let sums = in_time.fold(
            self.cx,
            || vec![[Moments::default(); 2]; bins.count()],
            |sums, window, row| {
                let value = (loss.of)(row);
                let side = if window < self.cut.baseline { 0 } else { 1 };
                if !value.is_nan() && (side == 0 || window == latest) {
                    sums[bins.of(&answers.values, row)][side].add(value);
                }
            },
            |sums, more| {
                sums.iter_mut().zip(more).for_each(|(sum, more)| (0..2).for_each(|side| sum[side].merge(&more[side])));
            },
        )?;
        let held = |stratum: usize| sums[stratum][0].n >= STRATUM;
        let rows =
            |only: bool| (0..sums.len()).filter(|&at| !only || held(at)).map(|at| sums[at][1].n).sum::<u64>() as f64;
        let covered = rows(true);
        if covered < FEW || covered < COVERED * rows(false) {
            return Ok(None);
        }
        let of = |stratum: usize| sums[stratum][1].n as f64 * (sums[stratum][1].mean - sums[stratum][0].mean);
        let value = (0..sums.len()).filter(|&at| held(at) && sums[at][1].n > 0).map(of).sum::<f64>() / covered;
        let spread = self.spread(|row| {
            let (loss, window) = ((loss.of)(row), self.window(row));
            let stratum = bins.of(&answers.values, row);
            if loss.is_nan() || window == NOWHERE || !held(stratum) {
                return None;
            }
            let [before, now] = sums[stratum];
            if window < self.cut.baseline {
                Some(-(now.n as f64 / covered) * (loss - before.mean) / before.n as f64)
            } else {
                (window == latest).then(|| (loss - before.mean - value) / covered)
            }
        })?;
        Ok(spread.and_then(|spread| spread.estimate(value, self.level)).map(|found| change(&found)))
    }
}

/// Units and the sum of their squared influences.
#[derive(Clone, Copy, Default)]
struct Spread {
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

    fn estimate(self, value: f64, level: f64) -> Option<stats::Estimate> {
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

fn change(found: &stats::Estimate) -> Change {
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
