//! Errors of a regression: their distribution, where they are large, over time, and the rows missed most.

mod forecast;

pub use forecast::{ForecastLine, ForecastModel, TimeTestLine, forecast, time_tests};

use super::overview::{self, Scorecard};
use super::{Sentence, Sheet, format};
use crate::compare::{Detail, ErrorAxis, Errors, ErrorsBy, Selection};

/// What the Errors view shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorsModel {
    /// Why there is nothing to draw; everything but the scorecard is then empty.
    pub empty: Option<String>,
    pub finding: Sentence,
    pub scorecard: Scorecard,
    pub histogram: ErrorHistogram,
    /// Challenger's absolute error minus the champion's, row by row; none of one model.
    pub loss_differences: Option<ErrorHistogram>,
    /// Predicted quantiles, where there are any.
    pub forecast: Option<ForecastModel>,
    pub time_tests: Vec<TimeTestLine>,
    /// Share of rows, champion's error, challenger's error; empty for a log of one model.
    pub quantiles: Vec<[f64; 3]>,
    /// By truth first, then by column.
    pub by: Vec<ErrorLines>,
    pub time: Option<ErrorLines>,
    pub worst: Vec<WorstLine>,
    /// `where the challenger loses most, 100 of 41,288`.
    pub worst_title: String,
}

/// Rows per bin on shared edges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorHistogram {
    pub edges: Vec<f64>,
    /// Champion first.
    pub arms: Vec<Vec<u64>>,
    pub most: u64,
}

/// Mean absolute error along something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorLines {
    /// `truth`, or the name of the column.
    pub name: String,
    /// Name of the axis with what a place on it is.
    pub axis: String,
    /// Places are values that have no order.
    pub words: bool,
    /// First and last place.
    pub range: (f64, f64),
    pub ticks: Vec<(f64, String)>,
    /// (place, mean absolute error) per arm.
    pub arms: Vec<Vec<(f64, f64)>>,
    /// What the differences are, with the level of their intervals.
    pub difference_title: String,
    /// Place, challenger minus champion, lower and upper end.
    pub differences: Vec<[f64; 4]>,
}

/// A row that was missed by much; numbers as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct WorstLine {
    pub id: String,
    pub truth: String,
    pub predicted: Vec<String>,
    /// Challenger's absolute error minus the champion's; of one model the absolute error.
    pub loss: String,
    /// The row alone.
    pub selection: Selection,
}

/// The model.
pub fn errors(sheet: &Sheet<'_>) -> ErrorsModel {
    let scorecard = overview::scorecard(sheet);
    let pair = sheet.comparison.plan.challenger.is_some();
    let (detail, empty) = match &sheet.comparison.detail {
        Detail::Regression(errors) if !errors.edges.is_empty() => (errors.clone(), None),
        _ => (Errors::default(), Some(NO_ERRORS.to_owned())),
    };
    let (rows, intervals) = (
        sheet.comparison.population.analysed,
        super::interval_words(&sheet.comparison.plan, sheet.comparison.plan.level),
    );
    let listed = format::count(detail.worst.len() as u64);
    let what = if pair { "where the challenger loses most" } else { "with the largest error" };
    let arms: Vec<Vec<u64>> =
        [&detail.histogram.champion, &detail.histogram.challenger].into_iter().flatten().cloned().collect();
    ErrorsModel {
        empty,
        finding: finding(&detail, sheet),
        scorecard,
        loss_differences: detail.loss_differences.as_ref().map(|found| ErrorHistogram {
            edges: found.edges.clone(),
            most: found.rows.iter().copied().max().unwrap_or(0),
            arms: vec![found.rows.clone()],
        }),
        forecast: forecast(&detail),
        time_tests: time_tests(&detail),
        quantiles: detail
            .quantiles
            .iter()
            .filter_map(|at| Some([at.share, at.arms.champion?, at.arms.challenger?]))
            .collect(),
        by: detail.by.iter().filter(|by| by.axis != ErrorAxis::Time).map(|by| lines(by, &intervals)).collect(),
        time: detail.by.iter().find(|by| by.axis == ErrorAxis::Time).map(|by| lines(by, &intervals)),
        worst: worst(&detail),
        worst_title: format!("{what}, {listed} of {}", format::count(rows)),
        histogram: ErrorHistogram {
            most: arms.iter().flatten().copied().max().unwrap_or(0),
            edges: detail.edges,
            arms,
        },
    }
}

const NO_ERRORS: &str = "No analysed row has both a true value and a prediction, so there are no errors to draw. Map \
                         the column of true values under Change mapping.";

/// Who is closer, on how many rows.
fn finding(detail: &Errors, sheet: &Sheet<'_>) -> Sentence {
    let mae = sheet.comparison.metrics.iter().find(|metric| metric.name == "mae" && metric.slice.is_none());
    let mut sentence = Sentence::default();
    if let Some((mae, difference)) = mae.and_then(|mae| Some((mae, mae.difference.as_ref()?))) {
        let ends = difference.lo.zip(difference.hi);
        let digits = format::Digits::of(mae.unit, difference.value, ends);
        let interval = ends.map(|(lo, hi)| format!(" {}", digits.interval(lo, hi))).unwrap_or_default();
        sentence = match ends {
            Some((lo, hi)) if lo <= 0.0 && hi >= 0.0 => sentence
                .plain("The data do not tell who is closer: mean absolute error ")
                .strong(digits.signed(difference.value))
                .part(super::Weight::Muted, interval),
            _ => {
                let side = if difference.value < 0.0 { "closer" } else { "farther off" };
                // Said as a distance, so the interval is one of distances, too.
                let ends = ends.map(|(lo, hi)| if difference.value < 0.0 { (-hi, -lo) } else { (lo, hi) });
                let interval = ends.map(|(lo, hi)| format!(" {}", digits.interval(lo, hi))).unwrap_or_default();
                sentence
                    .plain(format!("The challenger is {side} by "))
                    .strong(digits.value(difference.value.abs()))
                    .plain(" on average")
                    .part(super::Weight::Muted, interval)
            }
        };
    } else if let Some(found) = mae.and_then(|mae| mae.arms.champion.as_ref()) {
        sentence =
            sentence.plain("The model is off by ").strong(format::plain(format::round_significant(found.value, 4)));
        sentence = sentence.plain(" on average");
    }
    if let Some([nearer, _, farther]) = detail.nearer {
        let joint = if sentence.0.is_empty() { "The challenger is " } else { "; " };
        sentence = sentence
            .plain(joint)
            .plain("nearer on ")
            .strong(format!("{} rows", format::count(nearer)))
            .plain(format!(", farther on {}", format::count(farther)));
    }
    if sentence.0.is_empty() { sentence } else { sentence.plain(".") }
}

fn lines(by: &ErrorsBy, intervals: &str) -> ErrorLines {
    let words = by.axis == ErrorAxis::Words;
    let time = by.axis == ErrorAxis::Time;
    // Ranges of equal rows stand at equal distances: a long tail would press the others together.
    let place = |index: usize| match by.bins[index].range {
        Some([from, to]) if time => (from + to) / 2.0,
        _ => index as f64,
    };
    let last = by.bins.len().saturating_sub(1);
    let label = |index: usize| {
        let bin = &by.bins[index];
        match (&bin.value, bin.range) {
            (Some(value), _) => value.clone(),
            (None, Some([from, to])) if time => {
                let text = format::time(((from + to) / 2.0) as i64);
                text.rsplit_once(' ').map_or(text.clone(), |(day, _)| day.to_owned())
            }
            (None, Some([from, _])) => number(from),
            (None, None) => String::new(),
        }
    };
    let every = if time { (by.bins.len() / 4).max(1) } else { 1 };
    let arm = |of: fn(&crate::compare::ErrorBin) -> Option<f64>| {
        (0..by.bins.len()).filter_map(|at| Some((place(at), of(&by.bins[at])?))).collect::<Vec<_>>()
    };
    let arms = [arm(|bin| bin.arms.champion), arm(|bin| bin.arms.challenger)];
    let name = if by.axis == ErrorAxis::Truth { "true value".to_owned() } else { by.name.clone() };
    ErrorLines {
        axis: match by.axis {
            ErrorAxis::Time => "time, UTC".to_owned(),
            ErrorAxis::Words => format!("{name}, most frequent first"),
            _ => format!("{name} from, ranges of equal rows"),
        },
        name,
        words,
        range: if by.bins.is_empty() { (0.0, 1.0) } else { (place(0), place(last)) },
        ticks: (0..by.bins.len()).step_by(every).map(|at| (place(at), label(at))).collect(),
        arms: arms.into_iter().filter(|points| !points.is_empty()).collect(),
        difference_title: format!("challenger − champion, {intervals}, pointwise"),
        differences: (0..by.bins.len())
            .filter_map(|at| by.bins[at].difference.map(|[value, lo, hi]| [place(at), value, lo, hi]))
            .collect(),
    }
}

fn worst(detail: &Errors) -> Vec<WorstLine> {
    let line = |row: &crate::compare::WorstRow| {
        let off = |value: Option<f64>| value.map(|value| (value - row.truth).abs());
        let (a, b) = (off(row.predicted.champion), off(row.predicted.challenger));
        WorstLine {
            id: row.id.clone(),
            truth: number(row.truth),
            predicted: [row.predicted.champion, row.predicted.challenger].into_iter().flatten().map(number).collect(),
            loss: match (a, b) {
                (Some(a), Some(b)) => format::signed(b - a, format::decimals_for_significant(b - a, 4)),
                (Some(a), None) => number(a),
                _ => format::UNDEFINED.to_owned(),
            },
            selection: Selection { row: Some(row.row as u32), ..Selection::default() },
        }
    };
    detail.worst.iter().map(line).collect()
}

/// Four significant digits, as a column of numbers shows.
pub(crate) fn number(value: f64) -> String {
    if value.fract() == 0.0 { format::plain(value) } else { format::plain(format::round_significant(value, 4)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{ErrorBin, PerArm, WorstRow};

    fn bin(from: f64, a: f64, b: f64) -> ErrorBin {
        ErrorBin {
            value: None,
            range: Some([from, from + 1.0]),
            rows: 5,
            arms: PerArm { champion: Some(a), challenger: Some(b) },
            difference: Some([b - a, b - a - 0.5, b - a + 0.5]),
        }
    }

    #[test]
    fn ranges_of_equal_rows_stand_at_equal_distances() {
        let by = ErrorsBy {
            name: String::new(),
            axis: ErrorAxis::Truth,
            bins: vec![bin(0.0, 1.0, 2.0), bin(1.0, 2.0, 1.0), bin(1000.0, 3.0, 3.0)],
        };
        let found = lines(&by, "95 % intervals");
        assert_eq!(found.range, (0.0, 2.0));
        assert_eq!(found.arms[1], [(0.0, 2.0), (1.0, 1.0), (2.0, 3.0)]);
        assert_eq!(found.differences[0], [0.0, 1.0, 0.5, 1.5]);
        assert_eq!(found.ticks[2].1, "1,000");
        let time = lines(&ErrorsBy { axis: ErrorAxis::Time, ..by }, "95 % intervals");
        assert_eq!(time.range, (0.5, 1000.5));
    }

    #[test]
    fn a_worst_row_opens_alone() {
        let row = WorstRow {
            row: 7,
            id: "r7".to_owned(),
            truth: 10.0,
            predicted: PerArm { champion: Some(11.0), challenger: Some(4.5) },
        };
        let found = worst(&Errors { worst: vec![row], ..Errors::default() });
        assert_eq!(found[0].selection.row, Some(7));
        assert_eq!(found[0].predicted, ["11", "4.5"]);
        assert!(found[0].loss.starts_with("+4.5"), "{}", found[0].loss);
    }
}
