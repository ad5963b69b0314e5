//! The three curves, with the values that stand inside them.

use super::Scene;
use super::read_out::{OperatingPoint, total};
use crate::compare::{CalibrationBin, Curve, CurvePoint, PerArm, Unit};
use crate::present::format::{self, Digits};

/// A value of both arms that belongs to a plot: `AUC 0.9622 0.9682 +0.0059 [+0.0054, +0.0065]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlotValue {
    pub label: String,
    pub arms: [Option<String>; 2],
    pub difference: Option<String>,
    pub interval: Option<String>,
    /// Said after the numbers: `1 is ideal`, or why there are none.
    pub remark: String,
}

/// The curve of one arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineModel {
    pub points: Vec<CurvePoint>,
    /// Where the arm is operated.
    pub operating: Option<(f64, f64)>,
    /// Threshold of the operating point as text.
    pub threshold: String,
}

impl LineModel {
    /// Place on the curve of a threshold, between the points around it.
    pub fn at_threshold(&self, threshold: f64) -> Option<(f64, f64)> {
        // Thresholds fall along a curve.
        let known: Vec<_> = self.points.iter().filter_map(|point| Some((point.threshold?, point.x, point.y))).collect();
        let after = known.partition_point(|(value, ..)| *value > threshold);
        let next = known.get(after).or(known.last())?;
        let before = known.get(after.checked_sub(1)?).unwrap_or(next);
        let span = before.0 - next.0;
        let share = if span > 0.0 { ((before.0 - threshold) / span).clamp(0.0, 1.0) } else { 1.0 };
        Some((before.1 + share * (next.1 - before.1), before.2 + share * (next.2 - before.2)))
    }

    /// y at x, between the points around it.
    pub fn y_at(&self, x: f64) -> Option<f64> {
        let after = self.points.partition_point(|point| point.x < x);
        let next = self.points.get(after)?;
        let Some(before) = after.checked_sub(1).and_then(|index| self.points.get(index)) else {
            return Some(next.y);
        };
        let span = next.x - before.x;
        let share = if span > 0.0 { (x - before.x) / span } else { 1.0 };
        Some(before.y + share * (next.y - before.y))
    }
}

/// A plot with 0 to 1 on both axes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlotModel {
    /// What the bands are; empty where none is drawn.
    pub band: String,
    pub lines: [Option<LineModel>; 2],
    pub values: Vec<PlotValue>,
    /// Height of a named horizontal reference.
    pub reference: Option<(f64, String)>,
}

/// The left edge of the ROC curve on a log scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnlargedModel {
    /// Ends of the false-positive rate, both above 0.
    pub range: (f64, f64),
    pub top: f64,
    /// (false-positive rate, recall), spaced evenly on the log scale.
    pub lines: [Option<Vec<(f64, f64)>>; 2],
    pub operating: [Option<(f64, f64)>; 2],
    /// Beside each operating point: `0.313, recall 39.5 %`.
    pub labels: [String; 2],
    /// Both arms are held at the same false-positive rate.
    pub matched: Option<f64>,
}

/// One bin of a calibration curve, all 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationPoint {
    pub mean: f64,
    pub observed: f64,
    pub lo: f64,
    pub hi: f64,
    pub rows: u64,
}

/// Mean score of each bin against what was observed in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalibrationModel {
    pub qualifier: String,
    pub x_title: String,
    pub y_title: String,
    pub logit: bool,
    /// Ends of both axes.
    pub range: (f64, f64),
    pub lines: [Option<Vec<CalibrationPoint>>; 2],
    pub values: Vec<PlotValue>,
}

impl Scene<'_> {
    pub(super) fn roc(&self) -> Option<PlotModel> {
        let partial = format!("FPR ≤ {} %", format::plain(self.comparison.plan.partial_fpr * 100.0));
        let values = [self.value("roc_auc", "AUC", ""), self.value("partial_auc", &partial, "")];
        let place = |point: &OperatingPoint| Some((point.fpr?, point.recall?));
        self.plot(&self.comparison.curves.roc, values, place, None)
    }

    pub(super) fn precision_recall(&self) -> Option<PlotModel> {
        let place = |point: &OperatingPoint| Some((point.recall?, point.precision?));
        let counts = self.confusions().into_iter().flatten().next();
        let prevalence = counts.filter(|counts| total(counts) > 0).map(|counts| {
            let share = (counts.true_positive + counts.false_negative) as f64 / total(&counts) as f64;
            let decimals = format::decimals_for_significant(share * 100.0, 3);
            (share, format!("prevalence {}", format::share(share, decimals)))
        });
        let values = [self.value("average_precision", "AP", "")];
        self.plot(&self.comparison.curves.precision_recall, values, place, prevalence)
    }

    fn plot(
        &self,
        curves: &PerArm<Curve>,
        values: impl IntoIterator<Item = Option<PlotValue>>,
        place: impl Fn(&OperatingPoint) -> Option<(f64, f64)>,
        reference: Option<(f64, String)>,
    ) -> Option<PlotModel> {
        let texts = self.threshold().values.map(|value| value.map(|(_, text)| text).unwrap_or_default());
        let points = self.points();
        let line = |curve: &Option<Curve>, arm: usize| {
            let curve = curve.as_ref().filter(|curve| curve.points.len() > 1)?;
            Some(LineModel {
                points: curve.points.clone(),
                operating: points[arm].as_ref().and_then(&place),
                threshold: texts[arm].clone(),
            })
        };
        let lines = [line(&curves.champion, 0), line(&curves.challenger, 1)];
        if lines == [None, None] {
            return None;
        }
        let banded = lines.iter().flatten().any(|line| line.points.iter().any(|point| point.lo.is_some()));
        let band =
            if banded { format!("bands: {} pointwise{}", self.level(), self.independence()) } else { String::new() };
        Some(PlotModel { band, lines, values: values.into_iter().flatten().collect(), reference })
    }

    /// Bands and whiskers count rows; where units have several, that is said.
    pub(crate) fn independence(&self) -> &'static str {
        if self.comparison.clustered() { ", rows taken as independent" } else { "" }
    }

    pub(crate) fn level(&self) -> String {
        format!("{} %", format::confidence(self.comparison.plan.level))
    }

    /// A metric with the digits of its interval; `None` where it was not computed at all.
    pub(crate) fn value(&self, name: &str, label: &str, remark: &str) -> Option<PlotValue> {
        let metric = self.comparison.metric(name)?;
        let arms = [&metric.arms.champion, &metric.arms.challenger];
        let difference = metric.difference.as_ref();
        let interval = difference.and_then(|difference| Some((difference.lo?, difference.hi?)));
        let of_arm = || arms.iter().find_map(|arm| arm.as_ref().and_then(|arm| Some((arm.lo?, arm.hi?))));
        let first = arms.iter().find_map(|arm| arm.as_ref().map(|arm| arm.value));
        let digits = Digits::of(metric.unit, first.unwrap_or(0.0), interval.or_else(of_arm));
        let remark = match &metric.undefined {
            Some(reason) => format!("undefined: {reason}"),
            None => remark.to_owned(),
        };
        Some(PlotValue {
            label: label.to_owned(),
            arms: arms.map(|arm| arm.as_ref().map(|arm| digits.value_unit(arm.value))),
            difference: difference.map(|difference| digits.signed_unit(difference.value)),
            interval: interval.map(|(lo, hi)| digits.signed_interval(lo, hi)),
            remark,
        })
    }

    /// Up to the limit of the partial AUC, or three times the false-positive rate in use, whichever is wider; only the
    /// limit where the wider one is most of the curve anyway. `None` where there is no limit either.
    pub(super) fn enlarged(&self, roc: &PlotModel) -> Option<EnlargedModel> {
        let operating = [0, 1].map(|arm| roc.lines[arm].as_ref().and_then(|line| line.operating));
        let used = operating.iter().flatten().map(|(fpr, _)| *fpr).fold(0.0, f64::max);
        let limit = self.comparison.plan.partial_fpr;
        let wanted = if 3.0 * used < 0.35 { limit.max(3.0 * used) } else { limit };
        if !(wanted > 0.0 && wanted < 0.35) {
            return None;
        }
        // Whole decades where they fit.
        let decade = 10f64.powf((wanted * (1.0 - 1e-9)).log10().ceil());
        let hi = if decade < 1.0 { decade } else { round_up(wanted) };
        let lo = 10f64.powf((hi / 999.0).log10().floor()).max(1e-6);
        const STEPS: u32 = 96;
        let x = |step: u32| lo * (hi / lo).powf(f64::from(step) / f64::from(STEPS));
        let lines = [0, 1].map(|arm| {
            let line = roc.lines[arm].as_ref()?;
            Some((0..=STEPS).filter_map(|step| Some((x(step), line.y_at(x(step))?))).collect::<Vec<_>>())
        });
        let highest = lines.iter().flatten().flatten().map(|(_, y)| *y).fold(0.0, f64::max);
        let recall = self.comparison.metric("recall");
        let interval = recall
            .and_then(|metric| metric.difference.as_ref())
            .and_then(|difference| Some((difference.lo?, difference.hi?)));
        let labels = [0, 1].map(|arm| {
            let Some((line, (_, recall))) = roc.lines[arm].as_ref().zip(operating[arm]) else { return String::new() };
            let recall = Digits::of(Unit::Share, recall, interval).value_unit(recall);
            if line.threshold.is_empty() {
                format!("recall {recall}")
            } else {
                format!("{}, recall {recall}", line.threshold)
            }
        });
        let matched = (self.rule() == crate::compare::ThresholdRule::MatchedFpr)
            .then(|| operating[0].map(|(fpr, _)| fpr))
            .flatten();
        let top = ((highest * 5.0 + 0.05).ceil() / 5.0).clamp(0.2, 1.0);
        Some(EnlargedModel { range: (lo, hi), top, lines, operating, labels, matched })
    }

    pub(super) fn calibration(&self) -> Option<CalibrationModel> {
        let curves = &self.comparison.curves.calibration;
        let bins = [&curves.champion, &curves.challenger].into_iter().flatten().map(Vec::len).max()?;
        let [_, class] = &self.comparison.population.class_words();
        let values = [
            self.value("calibration_slope", "slope", "1 is ideal"),
            // Biased upwards for both arms, so its difference is not told.
            self.value("calibration_error", "ECE", "shown, never gated").map(|value| PlotValue {
                difference: None,
                interval: None,
                ..value
            }),
        ];
        let qualifier = format!("{bins} bins by score, {} Wilson intervals{}", self.level(), self.independence());
        let values = values.into_iter().flatten().collect();
        diagram(curves, "mean score in bin", &format!("observed {class} rate"), qualifier, values)
    }
}

/// The bins of both arms on axes that fit them; `None` where no arm has any.
pub(crate) fn diagram(
    arms: &PerArm<Vec<CalibrationBin>>,
    x_title: &str,
    y_title: &str,
    qualifier: String,
    values: Vec<PlotValue>,
) -> Option<CalibrationModel> {
    let line = |bins: &Option<Vec<CalibrationBin>>| {
        let bins = bins.as_ref().filter(|bins| !bins.is_empty())?;
        let point = |bin: &CalibrationBin| CalibrationPoint {
            mean: bin.mean_score,
            observed: bin.observed,
            lo: bin.lo,
            hi: bin.hi,
            rows: bin.rows,
        };
        Some(bins.iter().map(point).collect::<Vec<_>>())
    };
    let lines = [line(&arms.champion), line(&arms.challenger)];
    let points = || lines.iter().flatten().flatten();
    let mut means: Vec<f64> = points().map(|point| point.mean).collect();
    means.sort_by(f64::total_cmp);
    let median = *means.get(means.len() / 2)?;
    // Bins that crowd into a corner of the unit square are spread out on log-odds.
    let logit = !(0.1..=0.9).contains(&median);
    let range = if logit { logit_range(points()) } else { (0.0, 1.0) };
    let [x_title, y_title] = [x_title, y_title].map(str::to_owned);
    Some(CalibrationModel { qualifier, x_title, y_title, logit, range, lines, values })
}

/// Ends that hold every mean and every observed share above 0 and below 1, with some room.
fn logit_range<'a>(points: impl Iterator<Item = &'a CalibrationPoint>) -> (f64, f64) {
    let inner = points.flat_map(|point| [point.mean, point.observed]).filter(|share| *share > 0.0 && *share < 1.0);
    let place = |share: f64| (share / (1.0 - share)).ln();
    let (lo, hi) =
        inner.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), share| (lo.min(place(share)), hi.max(place(share))));
    if lo > hi {
        return (0.01, 0.99);
    }
    let room = 0.06 * (hi - lo) + 0.3;
    let share = |place: f64| 1.0 / (1.0 + (-place).exp());
    (share(lo - room), share(hi + room))
}

/// The next of 1, 2, 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= value * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}
