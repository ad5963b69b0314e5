//! Other outcomes at the same answers: how much of a change of the loss they make, and a test of whether there are any.

use super::column::{Bins, FEW, Values};
use super::drift::Column;
use super::found::{Change, OutcomeTest};
use super::loss::{Course, Loss, change};
use crate::compare::engine::CompareError;
use crate::compare::engine::words::percent;
use crate::metrics::BLOCK;
use crate::stats::linear::quadratic_form;
use crate::stats::special::beta_inc_both;

/// Rows of the baseline below which a stratum says nothing.
const STRATUM: f64 = 5.0;
/// Rows of the baseline for each stratum of numbers, and how many strata there are at most.
const EACH: usize = 100;
const STRATA: usize = 40;
/// Share of the baseline at either end whose answers no line is drawn beyond.
const TAIL: f64 = 0.001;
/// Share of the latest rows that the strata of the baseline must hold.
const COVERED: f64 = 0.8;
/// Groups of strata that are tested together at most, and units for each.
const GROUPS: usize = 10;
const UNITS: usize = 10;
/// Outcomes of the rarer kind that a group holds on either side.
const EVENTS: f64 = 10.0;
/// Loss, then up to two outcomes.
const TOLD: usize = 3;

/// What the same answers come with now.
pub(super) struct Concept {
    pub change: Change,
    pub test: OutcomeTest,
}

/// Straight lines of what is told over the answer, from their moments (Chan, Golub and LeVeque 1983 for merging).
#[derive(Clone, Copy, Default)]
struct Line {
    n: f64,
    x: f64,
    xx: f64,
    y: [f64; TOLD],
    xy: [f64; TOLD],
}

impl Line {
    fn add(&mut self, x: f64, y: [f64; TOLD]) {
        self.merge(&Self { n: 1.0, x, y, ..Self::default() });
    }

    fn merge(&mut self, more: &Self) {
        let n = self.n + more.n;
        if n == 0.0 {
            return;
        }
        let (dx, both) = (more.x - self.x, self.n * more.n / n);
        for at in 0..TOLD {
            let dy = more.y[at] - self.y[at];
            self.xy[at] += more.xy[at] + dx * dy * both;
            self.y[at] += dy * more.n / n;
        }
        self.xx += more.xx + dx * dx * both;
        self.x += dx * more.n / n;
        self.n = n;
    }

    /// Whether answers differ enough for a slope.
    fn slopes(&self) -> bool {
        self.xx > 1e-18 * self.n * self.x * self.x
    }

    /// `y` less the line.
    fn rest(&self, x: f64, y: [f64; TOLD]) -> [f64; TOLD] {
        let dx = if self.slopes() { (x - self.x) / self.xx } else { 0.0 };
        std::array::from_fn(|at| y[at] - self.y[at] - self.xy[at] * dx)
    }

    /// Weight of a row of the line in its value summed over the rows of `other`.
    fn weight(&self, x: f64, other: &Self) -> f64 {
        let slope = if self.slopes() { (x - self.x) * (other.x - self.x) / self.xx } else { 0.0 };
        other.n * (1.0 / self.n + slope)
    }
}

/// Strata of the baseline's answers.
struct Strata<'a, 'b> {
    answers: &'a Column<'b>,
    bins: Bins,
    /// Answers that the baseline has but for its tails.
    ends: [f64; 2],
}

impl Strata<'_, '_> {
    /// Answer as a number (of words nought, so that the line is their mean).
    fn x(&self, row: usize) -> f64 {
        match &self.answers.values {
            Values::Numbers(value) => value(row) + 0.0,
            Values::Words(..) => 0.0,
        }
    }

    fn of(&self, row: usize) -> usize {
        self.bins.of(&self.answers.values, row)
    }
}

impl Course<'_> {
    /// What the answers of the baseline come with in the window `latest`, or why that cannot be told.
    ///
    /// Within strata `s` of the answers a straight line of the loss is fitted to the baseline, so that answers that move
    /// within a stratum are no other outcome. The mean distance of the latest rows to it, `sum_s w_s (L_s - line_s)` with
    /// their shares `w`, is the part of the change that other outcomes make; the rest is of other answers (Kitagawa 1955,
    /// J Am Stat Assoc 50:1168, of means; Blinder 1973 and Oaxaca 1973, of lines).
    ///
    /// A change of the outcome may leave the mean loss as it was (of log loss around one half), so the test is of the
    /// outcomes themselves: their distances to the line summed within groups of strata, with the covariance by unit (Liang
    /// and Zeger 1986) under "no change", as Hotelling's T squared.
    pub(super) fn concept(
        &self,
        loss: &Loss<'_>,
        answers: &Column<'_>,
        latest: usize,
    ) -> Result<Result<Concept, String>, CompareError> {
        let strata = match self.strata(loss, answers) {
            Ok(strata) => strata,
            Err(why) => return Ok(Err(why)),
        };
        self.cx.check()?;
        let told = |row: usize| {
            let value = (loss.of)(row);
            let [one, two] = (loss.outcomes)(row);
            [value, one, two]
        };
        let side = |window: usize| match window < self.cut.baseline {
            true => Some(0),
            false => (window == latest).then_some(1),
        };
        let inside = |x: f64| x >= strata.ends[0] && x <= strata.ends[1];
        // Baseline and latest window by stratum; the latest rows beyond the baseline's answers.
        let (lines, beyond) = self.groups[0].fold(
            self.cx,
            || (vec![[Line::default(); 2]; strata.bins.count()], 0.0),
            |(lines, beyond), window, row| {
                let (value, Some(side)) = (told(row), side(window)) else { return };
                if value[0].is_nan() {
                    return;
                }
                let x = strata.x(row);
                if side == 0 || inside(x) {
                    lines[strata.of(row)][side].add(x, value);
                } else {
                    *beyond += 1.0;
                }
            },
            |(lines, beyond), (more, others)| {
                lines.iter_mut().zip(more).for_each(|(a, b)| (0..2).for_each(|side| a[side].merge(&b[side])));
                *beyond += others;
            },
        )?;
        let held = |stratum: usize| lines[stratum][0].n >= STRATUM;
        let of_latest =
            |only: bool| (0..lines.len()).filter(|&at| !only || held(at)).map(|at| lines[at][1].n).sum::<f64>();
        let (covered, all) = (of_latest(true), of_latest(false) + beyond);
        if covered < FEW {
            return Ok(Err(format!(
                "only {covered} rows of the last window have the answers of the first; {FEW} are needed"
            )));
        }
        if covered < COVERED * all {
            return Ok(Err(format!(
                "only {} of the last window's rows have answers that the first window has",
                percent(covered / all)
            )));
        }
        let value = (0..lines.len())
            .filter(|&at| held(at) && lines[at][1].n > 0.0)
            .map(|at| lines[at][1].n * lines[at][0].rest(lines[at][1].x, lines[at][1].y)[0])
            .sum::<f64>()
            / covered;
        // Stratum of a row, its side, and what its outcomes add to the sums over the latest rows.
        let influence = |row: usize| {
            let (value, side) = (told(row), side(self.window(row))?);
            let (stratum, x) = (strata.of(row), strata.x(row));
            if value[0].is_nan() || !held(stratum) || side == 1 && !inside(x) {
                return None;
            }
            let [before, now] = &lines[stratum];
            let rest = before.rest(x, value);
            let weight = if side == 0 { -before.weight(x, now) } else { 1.0 };
            Some((stratum, side, rest.map(|rest| weight * rest)))
        };
        let spread = self.spread(|row| {
            let (_, side, [loss, ..]) = influence(row)?;
            Some((loss - if side == 1 { value } else { 0.0 }) / covered)
        })?;
        let Some(found) = spread.and_then(|spread| spread.estimate(value, self.level)) else {
            return Ok(Err("the loss is the same in every row".to_owned()));
        };
        let units = self.units_of(|row| influence(row).map(|(_, side, _)| side))?;
        let groups = match grouped(&lines, loss.shares, units) {
            Ok(groups) => groups,
            Err(why) => return Ok(Err(why)),
        };
        let test = self.outcomes(&groups, loss.told, units, |row| {
            let (stratum, _, [_, one, two]) = influence(row)?;
            Some((groups[stratum]?, [one, two]))
        })?;
        // The sums over the latest rows are the sums of the influences but for the baseline, whose rests sum to nought.
        Ok(test
            .map(|test| Concept { change: change(&found), test })
            .ok_or_else(|| "the outcomes do not vary".to_owned()))
    }

    /// Strata of the answers by the baseline.
    fn strata<'a, 'b>(&self, loss: &Loss<'_>, answers: &'a Column<'b>) -> Result<Strata<'a, 'b>, String> {
        let base = |&row: &usize| self.window(row) < self.cut.baseline && !(loss.of)(row).is_nan();
        let rows = (0..self.groups[0].rows()).filter(base);
        let mut ends = [f64::NEG_INFINITY, f64::INFINITY];
        let bins = match &answers.values {
            Values::Numbers(value) => {
                let mut sorted: Vec<f64> = rows.map(|row| value(row) + 0.0).filter(|value| !value.is_nan()).collect();
                sorted.sort_unstable_by(f64::total_cmp);
                if let Some(last) = sorted.len().checked_sub(1) {
                    let cut = (TAIL * last as f64) as usize;
                    ends = [sorted[cut], sorted[last - cut]];
                }
                Bins::of_parts(&sorted, (sorted.len() / EACH).clamp(2, STRATA))
            }
            Values::Words(names, code) => {
                let mut counts = vec![0; names.len()];
                rows.filter_map(code).for_each(|code| counts[code as usize] += 1);
                Bins::of_words(names, &counts)
            }
        };
        let bins = bins.map_err(|_| "the first window holds one answer only".to_owned())?;
        Ok(Strata { answers, bins, ends })
    }

    /// Units of the baseline and of the latest window.
    fn units_of(&self, side: impl Fn(usize) -> Option<usize> + Sync) -> Result<[usize; 2], CompareError> {
        let [_, all] = self.groups;
        if !all.clustered() {
            let add =
                |sum: &mut [usize; 2], _: usize, row: usize| side(row).into_iter().for_each(|side| sum[side] += 1);
            return all.fold(self.cx, || [0; 2], add, |sum, more| (0..2).for_each(|at| sum[at] += more[at]));
        }
        let mut units = [0; 2];
        for rows in all.units() {
            let mut seen = [false; 2];
            rows.iter().filter_map(|&row| side(row as usize)).for_each(|side| seen[side] = true);
            (0..2).for_each(|at| units[at] += usize::from(seen[at]));
        }
        self.cx.check()?;
        Ok(units)
    }

    /// Test that the `told` outcomes of every group are what the baseline's lines say.
    fn outcomes(
        &self,
        groups: &[Option<usize>],
        told: usize,
        units: [usize; 2],
        influence: impl Fn(usize) -> Option<(usize, [f64; 2])> + Sync,
    ) -> Result<Option<OutcomeTest>, CompareError> {
        let k = told * (groups.iter().flatten().max().map_or(0, |last| last + 1));
        let [_, all] = self.groups;
        let start = || (vec![0.0; k], vec![0.0; k * k]);
        let (sums, squares) = if all.clustered() {
            let (mut sums, mut squares) = start();
            let mut unit = vec![0.0; k];
            let mut since = 0;
            for rows in all.units() {
                since += rows.len();
                if since > BLOCK {
                    self.cx.check()?;
                    since = 0;
                }
                for (group, values) in rows.iter().filter_map(|&row| influence(row as usize)) {
                    (0..told).for_each(|at| unit[group * told + at] += values[at]);
                }
                for i in (0..k).filter(|&i| unit[i] != 0.0) {
                    sums[i] += unit[i];
                    (0..k).for_each(|j| squares[i * k + j] += unit[i] * unit[j]);
                }
                unit.fill(0.0);
            }
            (sums, squares)
        } else {
            all.fold(
                self.cx,
                start,
                |(sums, squares), _, row| {
                    let Some((group, values)) = influence(row) else { return };
                    for i in 0..told {
                        sums[group * told + i] += values[i];
                        for j in 0..told {
                            squares[(group * told + i) * k + group * told + j] += values[i] * values[j];
                        }
                    }
                },
                |(sums, squares), (more, others)| {
                    sums.iter_mut().zip(more).for_each(|(a, b)| *a += b);
                    squares.iter_mut().zip(others).for_each(|(a, b)| *a += b);
                },
            )?
        };
        // Scaled, so that no outcome counts for nothing beside a larger one.
        let scale: Vec<f64> = (0..k).map(|i| squares[i * k + i].sqrt()).collect();
        let over = |value: f64, by: f64| if by > 0.0 { value / by } else { 0.0 };
        let matrix = (0..k).map(|i| (0..k).map(|j| over(squares[i * k + j], scale[i] * scale[j])).collect()).collect();
        let vector = (0..k).map(|i| over(sums[i], scale[i])).collect();
        let Ok((square, rank)) = quadratic_form(matrix, vector) else { return Ok(None) };
        // The side with fewer units tells how well the covariance is known.
        let (rank, units) = (rank as f64, units[0].min(units[1]) as f64);
        let rest = units - rank;
        if rest < 1.0 {
            return Ok(None);
        }
        let statistic = square * rest / (rank * units);
        Ok(Some(OutcomeTest { statistic, df: [rank, rest], p: f_sf(statistic, rank, rest) }))
    }
}

/// Upper tail of the F distribution.
fn f_sf(f: f64, of: f64, rest: f64) -> f64 {
    let sum = rest + of * f;
    beta_inc_both(rest / 2.0, of / 2.0, rest / sum, of * f / sum).0
}

/// Group of each held stratum: neighbours together until both sides tell enough. `shares`: of outcomes 0 and 1.
fn grouped(lines: &[[Line; 2]], shares: bool, units: [usize; 2]) -> Result<Vec<Option<usize>>, String> {
    let tells = |[before, now]: &[Line; 2]| {
        let rows = before.n.min(now.n);
        if before.n < STRATUM {
            0.0
        } else if shares {
            rows * before.y[1] * (1.0 - before.y[1])
        } else {
            rows
        }
    };
    let all: f64 = lines.iter().map(tells).sum();
    let least = if shares { EVENTS } else { FEW };
    if all < least {
        return Err(match shares {
            true => format!("fewer than {EVENTS} outcomes of the rarer kind stand on either side"),
            false => format!("fewer than {FEW} rows stand on either side"),
        });
    }
    let most = (units[0].min(units[1]) / UNITS).clamp(1, GROUPS);
    let each = least.max(all / most as f64 * (1.0 - 1e-9));
    let (mut group, mut sum, mut left) = (0, 0.0, all);
    let mut of = Vec::with_capacity(lines.len());
    for line in lines {
        of.push((line[0].n >= STRATUM).then_some(group));
        sum += tells(line);
        left -= tells(line);
        // What is left must make a group of its own.
        if sum >= each && left >= least {
            (group, sum) = (group + 1, 0.0);
        }
    }
    Ok(of)
}
