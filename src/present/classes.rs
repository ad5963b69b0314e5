//! Confusion of several classes: both matrices and their difference over the classes that are confused most, and
//! flips of every class.

use super::confusion::Normalise;
use super::{Sheet, format};
use crate::compare::{ClassCell, Classes, Comparison, Detail, Selection};
use crate::log::ArmRole;

/// Classes drawn at once; the table holds all of them.
const DRAWN: usize = 20;

/// What the Confusion view of several classes shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassesModel {
    /// Why there is nothing to draw.
    pub empty: Option<String>,
    pub normalise: Normalise,
    /// Accuracy of both arms and their difference, as printed.
    pub accuracy: [String; 3],
    /// `20 of 1,000 classes, most confused first`.
    pub shown: String,
    /// Classes drawn, in the order of rows and columns.
    pub names: Vec<String>,
    /// Champion first.
    pub arms: Vec<ClassMatrix>,
    /// Row-major; empty for a log of one model.
    pub difference: Vec<ClassCellModel>,
    /// Largest net loss first; those the search finds.
    pub flips: Vec<ClassLine>,
    /// How the table is sorted and what its intervals are.
    pub flips_title: String,
    /// Ends of the axis of recall differences, percentage points.
    pub flip_range: f64,
    /// What is selected, as a sentence part; empty for nothing.
    pub selected: String,
}

/// One arm's matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassMatrix {
    pub role: ArmRole,
    pub name: String,
    /// Row-major: truth, prediction.
    pub cells: Vec<ClassCellModel>,
}

/// A cell of a matrix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassCellModel {
    /// As printed; empty for no row.
    pub main: String,
    /// 0 to 1 of the largest off the diagonal; of the difference -1 (champion has more) to 1.
    pub shade: f64,
    pub diagonal: bool,
    pub selected: bool,
    pub name: String,
    pub selection: Selection,
}

/// A class in the table; numbers as printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassLine {
    pub name: String,
    pub rows: String,
    /// Recall of each arm, per cent.
    pub recall: [String; 2],
    /// Broken, fixed, both wrong alike, both wrong and different; empty for one model.
    pub flips: Vec<String>,
    /// Fixed minus broken.
    pub net: String,
    /// Recall difference in percentage points, lower and upper end.
    pub interval: Option<[f64; 3]>,
    pub interval_text: String,
    /// All rows of the class.
    pub selection: Selection,
    pub selected: bool,
}

/// The model; `search` keeps the classes whose names hold it.
pub fn classes(sheet: &Sheet<'_>, normalise: Normalise, search: &str, selection: Option<&Selection>) -> ClassesModel {
    let Detail::Multiclass(classes) = &sheet.comparison.detail else {
        return ClassesModel { empty: Some(NO_CLASSES.to_owned()), ..ClassesModel::default() };
    };
    if sheet.comparison.population.analysed == 0 {
        return ClassesModel { empty: Some(NO_CLASSES.to_owned()), ..ClassesModel::default() };
    }
    let comparison = sheet.comparison;
    let mut model = of(classes, normalise, search, selection);
    model.accuracy = accuracy(comparison);
    let plan = &comparison.plan;
    model.flips_title = format!("largest net loss first, {}", super::interval_words(plan, plan.level));
    let names = [plan.champion.clone(), plan.challenger.clone().unwrap_or_default()];
    model.arms.iter_mut().for_each(|arm| arm.name.clone_from(&names[arm.role.index()]));
    if let Some(selection) = selection {
        let words = comparison.population.class_words();
        model.selected = selection.words(plan, words.each_ref().map(String::as_str));
    }
    model
}

const NO_CLASSES: &str = "No analysed row has both a true and a predicted class. Map the column of true classes under \
                          Change mapping.";

fn accuracy(comparison: &Comparison) -> [String; 3] {
    let found = comparison.metrics.iter().find(|metric| metric.name == "accuracy" && metric.slice.is_none());
    let Some(metric) = found else { return Default::default() };
    let percent = |value: f64| format::share(value, 1);
    let difference = metric.difference.as_ref().map(|found| {
        let ends = found.lo.zip(found.hi);
        let digits = format::Digits::of(metric.unit, found.value, ends);
        let interval = ends.map(|(lo, hi)| format!(" {}", digits.signed_interval(lo, hi))).unwrap_or_default();
        format!("{}{interval}", digits.signed_unit(found.value))
    });
    [
        metric.arms.champion.as_ref().map(|arm| percent(arm.value)).unwrap_or_default(),
        metric.arms.challenger.as_ref().map(|arm| percent(arm.value)).unwrap_or_default(),
        difference.unwrap_or_default(),
    ]
}

/// The matrices and flips of counts alone, without names of models and accuracy: what a record holds.
pub fn of(classes: &Classes, normalise: Normalise, search: &str, selection: Option<&Selection>) -> ClassesModel {
    let count = classes.names.len();
    let arms: Vec<(ArmRole, &Vec<crate::compare::Cell>)> =
        [(ArmRole::Champion, &classes.confusion.champion), (ArmRole::Challenger, &classes.confusion.challenger)]
            .into_iter()
            .filter_map(|(role, cells)| cells.as_ref().map(|cells| (role, cells)))
            .collect();
    // Rows of either arm that leave a class or wrongly enter it.
    let mut confused = vec![0u64; count];
    for cell in arms.iter().flat_map(|(_, cells)| cells.iter()).filter(|cell| cell.0 != cell.1) {
        confused[cell.0 as usize] += cell.2;
        confused[cell.1 as usize] += cell.2;
    }
    let wanted = search.trim().to_lowercase();
    let found = |code: &usize| wanted.is_empty() || classes.names[*code].to_lowercase().contains(&wanted);
    let all: Vec<usize> = (0..count).filter(found).collect();
    let mut order = all.clone();
    order.sort_by_key(|&code| std::cmp::Reverse(confused[code]));
    order.truncate(DRAWN);
    let mut place = vec![usize::MAX; count];
    order.iter().enumerate().for_each(|(at, &code)| place[code] = at);
    let drawn: Vec<Drawn> = arms.iter().map(|(_, cells)| Drawn::of(cells, &place, count, order.len())).collect();
    let scope = Scope { classes, order: &order, selection };
    let top = drawn.iter().flat_map(|drawn| drawn.off_diagonal(normalise, &order)).fold(0.0, f64::max);
    let matrices = arms.iter().zip(&drawn).map(|((role, _), drawn)| ClassMatrix {
        role: *role,
        name: String::new(),
        cells: scope.cells(*role, drawn, normalise, top),
    });
    let mut flips: Vec<usize> = all;
    let net = |code: usize| classes.flips.get(code).map_or(0, |flips| flips[2] as i64 - flips[1] as i64);
    flips.sort_by_key(|&code| (net(code), std::cmp::Reverse(classes.per_class[code].support)));
    let lines: Vec<ClassLine> = flips.iter().map(|&code| scope.line(code, net(code))).collect();
    let ends = lines.iter().filter_map(|line| line.interval).map(|[_, lo, hi]| lo.abs().max(hi.abs()));
    let mut ends: Vec<f64> = ends.collect();
    ends.sort_by(f64::total_cmp);
    ClassesModel {
        empty: None,
        normalise,
        accuracy: Default::default(),
        shown: format!(
            "{} of {} classes, most confused first",
            format::count(order.len() as u64),
            format::count(count as u64)
        ),
        names: order.iter().map(|&code| classes.names[code].clone()).collect(),
        arms: matrices.collect(),
        difference: match drawn.as_slice() {
            [a, b] => scope.difference(a, b, normalise),
            _ => Vec::new(),
        },
        // Small classes have wide intervals: nine in ten are drawn whole, the others as arrows.
        flips_title: String::new(),
        flip_range: ends.get(ends.len() * 9 / 10).or(ends.last()).copied().unwrap_or(1.0).max(0.1),
        flips: lines,
        selected: String::new(),
    }
}

/// Counts of one arm at the classes drawn, with the sums over all classes.
struct Drawn {
    side: usize,
    counts: Vec<u64>,
    truth: Vec<u64>,
    answers: Vec<u64>,
    rows: u64,
}

impl Drawn {
    fn of(cells: &[crate::compare::Cell], place: &[usize], count: usize, side: usize) -> Self {
        let mut drawn =
            Self { side, counts: vec![0; side * side], truth: vec![0; count], answers: vec![0; count], rows: 0 };
        for cell in cells {
            let (truth, answer) = (cell.0 as usize, cell.1 as usize);
            drawn.truth[truth] += cell.2;
            drawn.answers[answer] += cell.2;
            drawn.rows += cell.2;
            if place[truth] != usize::MAX && place[answer] != usize::MAX {
                drawn.counts[place[truth] * side + place[answer]] += cell.2;
            }
        }
        drawn
    }

    /// The cell in the unit that is chosen: rows, or a share; `None` where the whole has no row.
    fn value(&self, at: usize, normalise: Normalise, order: &[usize]) -> Option<f64> {
        let rows = self.counts[at] as f64;
        let whole = match normalise {
            Normalise::Counts => return Some(rows),
            Normalise::ByTruth => self.truth[order[at / self.side]],
            Normalise::ByPrediction => self.answers[order[at % self.side]],
            Normalise::OfAll => self.rows,
        };
        (whole > 0).then(|| rows / whole as f64)
    }

    fn off_diagonal<'a>(&'a self, normalise: Normalise, order: &'a [usize]) -> impl Iterator<Item = f64> + 'a {
        (0..self.counts.len())
            .filter(|at| at / self.side != at % self.side)
            .filter_map(move |at| self.value(at, normalise, order))
    }
}

struct Scope<'a> {
    classes: &'a Classes,
    order: &'a [usize],
    selection: Option<&'a Selection>,
}

impl Scope<'_> {
    fn class(&self, code: usize) -> (u32, String) {
        (code as u32, self.classes.names[code].clone())
    }

    fn cell(&self, role: ArmRole, at: usize) -> ClassCellModel {
        let side = self.order.len();
        let (truth, answer) = (self.order[at / side], self.order[at % side]);
        let (code, name) = self.class(answer);
        let classes = ClassCell { truth: Some(self.class(truth)), answer: Some((role, code, name)) };
        let selection = Selection { classes, ..Selection::default() };
        let selected = self.selection == Some(&selection);
        ClassCellModel { diagonal: truth == answer, selected, selection, ..ClassCellModel::default() }
    }

    fn words(&self, at: usize) -> String {
        let side = self.order.len();
        let name = |at: usize| &self.classes.names[self.order[at]];
        format!("truth {}, predicted {}", name(at / side), name(at % side))
    }

    fn cells(&self, role: ArmRole, drawn: &Drawn, normalise: Normalise, top: f64) -> Vec<ClassCellModel> {
        let arm = if role == ArmRole::Champion { "champion" } else { "challenger" };
        let cell = |at: usize| {
            let (rows, value) = (drawn.counts[at], drawn.value(at, normalise, self.order));
            let main = match (normalise, value) {
                (_, Some(0.0)) => String::new(),
                (_, None) => format::UNDEFINED.to_owned(),
                (Normalise::Counts, Some(_)) => format::count(rows),
                (_, Some(share)) => percent(share),
            };
            ClassCellModel {
                main,
                shade: value.filter(|_| top > 0.0).map_or(0.0, |value| (value / top).clamp(0.0, 1.0)),
                name: format!("{arm}: {}, {} rows", self.words(at), format::count(rows)),
                ..self.cell(role, at)
            }
        };
        (0..drawn.counts.len()).map(cell).collect()
    }

    fn difference(&self, a: &Drawn, b: &Drawn, normalise: Normalise) -> Vec<ClassCellModel> {
        let value = |at: usize| Some(b.value(at, normalise, self.order)? - a.value(at, normalise, self.order)?);
        let top = (0..a.counts.len()).filter_map(value).map(f64::abs).fold(0.0, f64::max);
        let cell = |at: usize| {
            let found = value(at);
            let main = match (normalise, found) {
                (_, Some(0.0)) => String::new(),
                (_, None) => format::UNDEFINED.to_owned(),
                (Normalise::Counts, Some(rows)) => format::signed_count(rows as i64),
                (_, Some(share)) => format::signed(share * 100.0, if share.abs() < 0.0995 { 1 } else { 0 }),
            };
            let rows = b.counts[at] as i64 - a.counts[at] as i64;
            ClassCellModel {
                main,
                shade: found.filter(|_| top > 0.0).map_or(0.0, |value| value / top),
                name: format!("difference: {}, {} rows", self.words(at), format::signed_count(rows)),
                // The rows that the challenger puts here.
                ..self.cell(ArmRole::Challenger, at)
            }
        };
        (0..a.counts.len()).map(cell).collect()
    }

    fn line(&self, code: usize, net: i64) -> ClassLine {
        let class = &self.classes.per_class[code];
        let flips = self.classes.flips.get(code);
        let recall = |value: Option<f64>| {
            value.map_or_else(|| format::UNDEFINED.to_owned(), |value| format::fixed(value * 100.0, 1))
        };
        let interval = class.recall_difference.map(|ends| ends.map(|end| end * 100.0));
        let classes = ClassCell { truth: Some(self.class(code)), answer: None };
        let selection = Selection { classes, ..Selection::default() };
        ClassLine {
            name: self.classes.names[code].clone(),
            rows: format::count(class.support),
            recall: [class.recall.champion, class.recall.challenger].map(recall),
            flips: flips.map(|flips| flips[1..].iter().map(|rows| format::count(*rows)).collect()).unwrap_or_default(),
            net: if flips.is_some() { format::signed_count(net) } else { String::new() },
            interval_text: interval.map_or_else(
                || if flips.is_some() { "too few rows".to_owned() } else { String::new() },
                |[_, lo, hi]| format!("[{}, {}]", format::signed(lo, 1), format::signed(hi, 1)),
            ),
            interval,
            selected: self.selection == Some(&selection),
            selection,
        }
    }
}

/// A share in per cent without its sign: one decimal below ten.
fn percent(share: f64) -> String {
    format::fixed(share * 100.0, if share < 0.0995 { 1 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Cell, ClassRow, PerArm};

    fn sample(count: usize) -> Classes {
        let cells = |shift: u32| -> Vec<Cell> {
            (0..count as u32)
                .flat_map(|code| {
                    [Cell(code, code, 90), Cell(code, (code + shift) % count as u32, 10 + u64::from(code))]
                })
                .collect()
        };
        Classes {
            names: (0..count).map(|code| format!("class {code}")).collect(),
            confusion: PerArm { champion: Some(cells(1)), challenger: Some(cells(2)) },
            per_class: (0..count).map(|code| ClassRow { support: 100 + code as u64, ..ClassRow::default() }).collect(),
            flips: (0..count as u64).map(|code| [80, 10, code, 1, 2]).collect(),
        }
    }

    #[test]
    fn of_many_classes_the_most_confused_are_drawn_and_all_are_listed() {
        let model = of(&sample(1000), Normalise::Counts, "", None);
        assert_eq!(model.names.len(), DRAWN);
        assert!(model.names.contains(&"class 999".to_owned()) && !model.names.contains(&"class 5".to_owned()));
        assert_eq!(model.flips.len(), 1000);
        assert_eq!((model.flips[0].name.as_str(), model.flips[0].net.as_str()), ("class 0", "\u{2212}10"));
        assert_eq!(model.shown, "20 of 1,000 classes, most confused first");
    }

    #[test]
    fn shares_by_truth_take_in_classes_that_are_not_drawn() {
        let all = of(&sample(40), Normalise::ByTruth, "class 1", None);
        let at = all.names.iter().position(|name| name == "class 1").unwrap();
        let cell = &all.arms[0].cells[at * all.names.len() + at];
        // 90 of 101 rows, though the row's other cell, class 2, was not searched for.
        assert_eq!((cell.main.as_str(), cell.diagonal), ("89", true));
    }

    #[test]
    fn a_cell_selects_its_rows_and_stands_out() {
        let sample = sample(3);
        let first = of(&sample, Normalise::Counts, "", None).difference[1].selection.clone();
        let again = of(&sample, Normalise::Counts, "", Some(&first));
        assert!(again.difference[1].selected && again.arms[1].cells[1].selected && !again.arms[0].cells[1].selected);
        let (_, truth) = first.classes.truth.clone().unwrap();
        assert_eq!(truth, again.names[0]);
    }
}
