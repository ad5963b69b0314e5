//! The cells of the four matrices.

use super::{ArmMatrix, CellModel, DECISIONS, DifferenceMatrix, FLIP_COLUMNS, FlipMatrix, Normalise, Reading};
use super::{level, rows_word};
use crate::compare::{Comparison, Confusion, Difference, JointCounts, Live, PerArm, Selection, Unit};
use crate::log::ArmRole;
use crate::metrics;
use crate::metrics::confusion::ConfusionMetric;
use crate::present::format::{self, Digits, MINUS};

/// What every cell needs to know.
pub(super) struct Context<'a> {
    pub comparison: &'a Comparison,
    pub live: Option<&'a Live>,
    pub normalise: Normalise,
    pub classes: &'a [String; 2],
    pub selection: Option<&'a Selection>,
}

/// Truth and both decisions, where a selection is made of nothing else.
fn canonical(selection: &Selection) -> Option<(bool, [Option<bool>; 2])> {
    if selection.inverted || selection.score.is_some() {
        return None;
    }
    let truth = selection.truth?;
    let mut decisions = selection.decisions;
    for (decision, right) in decisions.iter_mut().zip(selection.right) {
        *decision = decision.or(right.map(|right| right == truth));
    }
    Some((truth, decisions))
}

impl Context<'_> {
    fn joint(&self) -> Option<&JointCounts> {
        match self.live {
            Some(live) => live.joint.as_ref(),
            None => self.comparison.joint.as_ref(),
        }
    }

    /// Labelled rows of a truth; does not depend on thresholds.
    pub fn rows_of(&self, truth: usize) -> u64 {
        let confusion = &self.comparison.confusion;
        confusion.champion.or(confusion.challenger).map_or(0, |counts| square(&counts)[truth].iter().sum())
    }

    /// Rows of a selection, as far as the joint counts tell.
    pub fn count(&self, selection: &Selection) -> Option<u64> {
        if selection.score.is_some() {
            return None;
        }
        let agrees = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        let one_model;
        let joint = match (self.joint(), self.live) {
            (Some(joint), _) => joint,
            (None, None) if selection.decisions[1].is_none() && selection.right[1].is_none() => {
                let counts = square(self.comparison.confusion.champion.as_ref()?);
                one_model = JointCounts(counts.map(|row| row.map(|count| [count, 0])));
                &one_model
            }
            _ => return None,
        };
        let mut count = 0;
        for (truth, champions) in joint.0.iter().enumerate() {
            for (champion, challengers) in champions.iter().enumerate() {
                for (challenger, rows) in challengers.iter().enumerate() {
                    let (truth, decisions) = (truth == 1, [champion == 1, challenger == 1]);
                    let all = agrees(selection.truth, truth)
                        && (0..2).all(|arm| {
                            agrees(selection.decisions[arm], decisions[arm])
                                && agrees(selection.right[arm], decisions[arm] == truth)
                        });
                    count += if all != selection.inverted { *rows } else { 0 };
                }
            }
        }
        Some(count)
    }

    fn is_selected(&self, selection: &Selection) -> bool {
        self.selection.and_then(canonical).is_some_and(|chosen| Some(chosen) == canonical(selection))
    }

    fn cell(&self, selection: Selection, main: String, sub: String, shade: f64, name: String) -> CellModel {
        let selected = self.is_selected(&selection);
        CellModel { main, sub, shade, reading: None, name, selection, selected }
    }

    fn arm_name(&self, role: ArmRole) -> String {
        let plan = &self.comparison.plan;
        match role {
            ArmRole::Champion => plan.champion.clone(),
            ArmRole::Challenger => plan.challenger.clone().unwrap_or_default(),
        }
    }
}

/// `[truth][prediction]`.
fn square(counts: &Confusion) -> [[u64; 2]; 2] {
    [[counts.true_negative, counts.false_positive], [counts.false_negative, counts.true_positive]]
}

/// Share of `[truth][prediction]` under a division; `None` where nothing is divided or by 0.
fn share(cells: &[[u64; 2]; 2], truth: usize, prediction: usize, normalise: Normalise) -> Option<f64> {
    let whole = match normalise {
        Normalise::Counts => return None,
        Normalise::ByTruth => cells[truth].iter().sum(),
        Normalise::ByPrediction => cells[0][prediction] + cells[1][prediction],
        Normalise::OfAll => cells.iter().flatten().sum::<u64>(),
    };
    (whole > 0).then(|| cells[truth][prediction] as f64 / whole as f64)
}

/// Two decimals, as the counts below ten million support them.
fn percent(share: f64) -> String {
    format::share(share, 2)
}

pub(super) fn arms(view: &Context<'_>, counts: &PerArm<Confusion>) -> PerArm<ArmMatrix> {
    let value = |cells: &[[u64; 2]; 2], truth: usize, prediction: usize| match view.normalise {
        Normalise::Counts => cells[truth][prediction] as f64,
        other => share(cells, truth, prediction, other).unwrap_or(0.0),
    };
    let squares = [counts.champion, counts.challenger].map(|counts| counts.map(|counts| square(&counts)));
    let largest = squares
        .iter()
        .flatten()
        .flat_map(|cells| [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(t, p)| value(cells, t, p)))
        .fold(0.0, f64::max);
    let arm = |role: ArmRole, counts: Option<Confusion>| {
        let counts = counts?;
        let cells = square(&counts);
        let matrix = std::array::from_fn(|truth| {
            std::array::from_fn(|prediction| {
                let rows = cells[truth][prediction];
                let shown = share(&cells, truth, prediction, view.normalise);
                let beside = share(&cells, truth, prediction, Normalise::ByTruth).map(percent).unwrap_or_default();
                let (main, sub) = match (view.normalise, shown) {
                    (Normalise::Counts, _) => (format::count(rows), beside.clone()),
                    (_, Some(share)) => (percent(share), format::count(rows)),
                    (_, None) => (format::UNDEFINED.to_owned(), format::count(rows)),
                };
                let shade = if largest > 0.0 { value(&cells, truth, prediction) / largest } else { 0.0 };
                let mut decisions = [None; 2];
                decisions[role.index()] = Some(prediction == 1);
                let selection = Selection { truth: Some(truth == 1), decisions, ..Selection::default() };
                let name = format!(
                    "{}: truth {}, predicted {}, {} {}, {} of the truth",
                    role_word(role),
                    view.classes[truth],
                    DECISIONS[prediction],
                    format::count(rows),
                    rows_word(rows),
                    if beside.is_empty() { "undefined share" } else { &beside }
                );
                view.cell(selection, main, sub, shade, name)
            })
        });
        Some(ArmMatrix {
            role,
            name: view.arm_name(role),
            threshold: threshold(view, role),
            cells: matrix,
            totals: cells.map(|row| format::count(row.iter().sum())),
            notes: notes(view, &counts),
        })
    };
    PerArm {
        champion: arm(ArmRole::Champion, counts.champion),
        challenger: arm(ArmRole::Challenger, counts.challenger),
    }
}

fn role_word(role: ArmRole) -> &'static str {
    match role {
        ArmRole::Champion => "champion",
        ArmRole::Challenger => "challenger",
    }
}

fn threshold(view: &Context<'_>, role: ArmRole) -> String {
    let planned = view.comparison.plan.thresholds[role.index()].value;
    match view.live.and_then(|live| live.thresholds[role.index()]).or(planned) {
        Some(value) => format!("at {}", format::fixed(value, format::decimals_for_significant(value, 3))),
        None => "as logged".to_owned(),
    }
}

/// `precision 48.4 %, recall 36.1 %` and `flags 14,562 rows`, of the counts shown, with the digits of the intervals.
fn notes(view: &Context<'_>, counts: &Confusion) -> [String; 2] {
    let counts = metrics::Confusion {
        true_negative: counts.true_negative,
        false_positive: counts.false_positive,
        false_negative: counts.false_negative,
        true_positive: counts.true_positive,
    };
    let said = |name: &str, metric: ConfusionMetric| match metric.value(&counts) {
        Ok(value) => {
            let result = view.comparison.metric(name);
            let interval = result
                .and_then(|result| result.difference.as_ref().map(|found| (found.lo, found.hi)))
                .and_then(|(lo, hi)| lo.zip(hi));
            format!("{name} {}", Digits::of(Unit::Share, value, interval).value_unit(value))
        }
        Err(reason) => format!("{name} undefined: {reason}"),
    };
    let flagged = counts.flagged();
    [
        format!("{}, {}", said("precision", ConfusionMetric::Precision), said("recall", ConfusionMetric::Recall)),
        format!("flags {} {}", format::count(flagged), rows_word(flagged)),
    ]
}

/// Difference of one cell in the chosen division: value and interval in rows or as a share.
enum Part {
    Rows(Difference),
    Share(Difference),
    Missing(&'static str),
}

pub(super) fn difference(view: &Context<'_>) -> Option<DifferenceMatrix> {
    let found = view.comparison.confusion_difference.as_ref()?;
    let parts: [[Part; 2]; 2] =
        std::array::from_fn(|truth| std::array::from_fn(|prediction| part(view, found, truth, prediction)));
    let told = |part: &Part| match part {
        Part::Rows(found) | Part::Share(found) if clear_of_zero(found) == Some(true) => found.value.abs(),
        _ => 0.0,
    };
    let largest = parts.iter().flatten().map(told).fold(0.0, f64::max);
    let mut missing = None;
    let cells = std::array::from_fn(|truth| {
        std::array::from_fn(|prediction| {
            let part = &parts[truth][prediction];
            if let Part::Missing(reason) = part {
                missing = Some(*reason);
            }
            difference_cell(view, part, &found[truth * 2 + prediction], largest, truth, prediction)
        })
    });
    Some(DifferenceMatrix {
        title: format!("challenger {MINUS} champion"),
        qualifier: format!("{} % intervals, paired", level(&view.comparison.plan)),
        cells,
        note: missing.map(str::to_owned).unwrap_or_default(),
        stale: view.live.is_some(),
    })
}

/// Whether the interval lies clear of 0; `None` where there is no interval.
fn clear_of_zero(found: &Difference) -> Option<bool> {
    found.lo.zip(found.hi).map(|(lo, hi)| lo > 0.0 || hi < 0.0)
}

fn scaled(found: &Difference, by: f64) -> Difference {
    Difference {
        value: found.value * by,
        lo: found.lo.map(|end| end * by),
        hi: found.hi.map(|end| end * by),
        se: found.se.map(|se| se * by),
        ..found.clone()
    }
}

fn part(view: &Context<'_>, found: &[Difference; 4], truth: usize, prediction: usize) -> Part {
    let cell = &found[truth * 2 + prediction];
    // Both arms decide the same labelled rows, so these denominators are one number.
    let over = |whole: u64| match whole {
        0 => Part::Missing("no row of this truth"),
        _ => Part::Share(scaled(cell, 1.0 / whole as f64)),
    };
    match view.normalise {
        Normalise::Counts => Part::Rows(cell.clone()),
        Normalise::ByTruth => over(view.rows_of(truth)),
        Normalise::OfAll => over(view.rows_of(0) + view.rows_of(1)),
        Normalise::ByPrediction if prediction == 1 => {
            match view.comparison.metric("precision").and_then(|metric| metric.difference.as_ref()) {
                Some(precision) if truth == 1 => Part::Share(precision.clone()),
                // The shares of a column sum to 1: the other cell has the same interval, mirrored.
                Some(precision) => {
                    let mirrored = scaled(precision, -1.0);
                    Part::Share(Difference { lo: mirrored.hi, hi: mirrored.lo, se: precision.se, ..mirrored })
                }
                None => Part::Missing("precision is undefined"),
            }
        }
        Normalise::ByPrediction => Part::Missing("no interval for shares of predicted pass"),
    }
}

fn difference_cell(
    view: &Context<'_>,
    part: &Part,
    rows: &Difference,
    largest: f64,
    truth: usize,
    prediction: usize,
) -> CellModel {
    // The rows that came into the cell, or that left it, whichever are more.
    let gained = rows.value >= 0.0;
    let challenger = (prediction == 1) == gained;
    let selection =
        Selection { truth: Some(truth == 1), decisions: [Some(!challenger), Some(challenger)], ..Selection::default() };
    let place = format!("difference: truth {}, predicted {}", view.classes[truth], DECISIONS[prediction]);
    let (found, unit) = match part {
        Part::Rows(found) => (found, None),
        Part::Share(found) => (found, Some(Unit::Share)),
        Part::Missing(reason) => {
            let name = format!("{place}: undefined, {reason}");
            let mut cell = view.cell(selection, format::UNDEFINED.to_owned(), String::new(), 0.0, name);
            cell.reading = Some(Reading::Untold);
            return cell;
        }
    };
    let interval = found.lo.zip(found.hi);
    let mut digits = Digits::of(unit.unwrap_or(Unit::Number), found.value, interval);
    if unit.is_none() {
        digits.decimals = if interval.is_some() { digits.decimals.min(1) } else { 0 };
    }
    let digits = interval.map_or(digits, |(lo, hi)| digits.clear_of(&[lo, hi], &[0.0]));
    let main = match unit {
        None => format::signed_count(found.value.round() as i64),
        Some(_) => digits.signed_unit(found.value),
    };
    let sub = interval.map_or_else(|| "no interval".to_owned(), |(lo, hi)| digits.signed_interval(lo, hi));
    let more_is_better = truth == prediction;
    let reading = match clear_of_zero(found) {
        None => Reading::Untold,
        Some(false) => Reading::NoDifference,
        Some(true) if (found.value > 0.0) == more_is_better => Reading::Better,
        Some(true) => Reading::Worse,
    };
    let coloured = matches!(reading, Reading::Better | Reading::Worse) && largest > 0.0;
    let shade = if coloured { found.value.signum() * (found.value.abs() / largest).powf(0.6) } else { 0.0 };
    let word = match reading {
        Reading::Better => "better",
        Reading::Worse => "worse",
        Reading::NoDifference => "no difference",
        Reading::Untold => "no interval",
    };
    let moved = if gained { "came in" } else { "left" };
    let name = format!("{place}, {main} {sub}, {word}; opens the rows that {moved}");
    let mut cell = view.cell(selection, main, sub, shade, name);
    cell.reading = Some(reading);
    cell
}

pub(super) fn flips(view: &Context<'_>) -> Option<FlipMatrix> {
    let planned = view.comparison.flips.as_ref()?;
    let live = view.live.and_then(|live| live.joint.as_ref());
    let cells = std::array::from_fn(|truth| {
        let counts = match live {
            Some(joint) => {
                let (right, wrong) = (truth, 1 - truth);
                let cells = &joint.0[truth];
                [cells[right][right], cells[wrong][right], cells[right][wrong], cells[wrong][wrong]]
            }
            None => {
                let flips = &planned[truth];
                [flips.both_right, flips.fixed, flips.broken, flips.both_wrong]
            }
        };
        std::array::from_fn(|kind| {
            let right = [[true, true], [false, true], [true, false], [false, false]][kind];
            let selection = Selection { truth: Some(truth == 1), right: right.map(Some), ..Selection::default() };
            let shade = [0.0, 1.0, -1.0, 0.0][kind];
            let name = format!(
                "flips: truth {}, {}, {} {}",
                view.classes[truth],
                FLIP_COLUMNS[kind],
                format::count(counts[kind]),
                rows_word(counts[kind])
            );
            view.cell(selection, format::count(counts[kind]), String::new(), shade, name)
        })
    });
    let net = |truth: usize| {
        let flips = &planned[truth];
        let value = flips.fixed as i64 - flips.broken as i64;
        let interval = flips.net.as_ref().and_then(|net| net.lo.zip(net.hi)).map_or_else(
            || "no interval".to_owned(),
            |(lo, hi)| {
                let mut digits = Digits::of(Unit::Number, value as f64, Some((lo, hi)));
                digits.decimals = digits.decimals.min(1);
                digits.clear_of(&[lo, hi], &[0.0]).signed_interval(lo, hi)
            },
        );
        format!("{}: net {} right {interval}", view.classes[truth], format::signed_count(value))
    };
    Some(FlipMatrix {
        cells,
        nets: [net(1), net(0)],
        stale: view.live.is_some() && live.is_none(),
        nets_stale: view.live.is_some(),
    })
}
