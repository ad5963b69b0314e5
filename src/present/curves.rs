//! Curves: ROC, precision against recall, calibration and scores, all read at the same two thresholds.

mod plots;
mod read_out;
mod threshold;

pub(crate) use plots::diagram;
pub use plots::{CalibrationModel, CalibrationPoint, EnlargedModel, LineModel, PlotModel, PlotValue};
pub use read_out::{OperatingPoint, ReadOut, ReadOutCell, read_out};
pub use threshold::{RULES, RuleOption, ThresholdModel, threshold};
pub(crate) use threshold::{score_title, threshold_texts};

use super::Sheet;
use super::scores::{ScoreHistogram, histogram};
use crate::compare::{Comparison, Live};
use crate::log::{Log, ScoreKind};

/// What the Curves view shows.
#[derive(Clone, Debug, Default)]
pub struct CurvesModel {
    /// Why there is nothing to draw and what to do about it; everything else is then empty.
    pub empty: Option<String>,
    pub threshold: ThresholdModel,
    pub read_out: ReadOut,
    /// x: false-positive rate, y: recall.
    pub roc: Option<PlotModel>,
    /// The part of the ROC curve with affordable false-positive rates.
    pub enlarged: Option<EnlargedModel>,
    /// x: recall, y: precision.
    pub precision_recall: Option<PlotModel>,
    pub calibration: Option<CalibrationModel>,
    /// Why there is no calibration curve.
    pub no_calibration: String,
    pub scores: Option<ScoreHistogram>,
}

/// The model; `live` holds what follows a dragged threshold within the frame.
pub fn curves(sheet: &Sheet<'_>, live: Option<&Live>) -> CurvesModel {
    Scene::of(sheet.log, sheet.comparison, live).curves()
}

/// A comparison with the thresholds and counts in view: the plan's, or those of a drag.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub comparison: &'a Comparison,
    /// What each arm's scores are; `None` for an arm without scores.
    pub kinds: [Option<ScoreKind>; 2],
    pub live: Option<&'a Live>,
}

impl<'a> Scene<'a> {
    pub fn of(log: &Log, comparison: &'a Comparison, live: Option<&'a Live>) -> Self {
        let kind = |index: usize| {
            let arm = log.arms.get(index)?;
            arm.scores.is_some().then_some(arm.score_kind)
        };
        Self { comparison, kinds: [kind(0), kind(1)], live }
    }

    pub fn thresholds(&self) -> [Option<f64>; 2] {
        let plan = &self.comparison.plan.thresholds;
        match self.live {
            Some(live) => [0, 1].map(|arm| live.thresholds[arm].or(plan[arm].value)),
            None => [plan[0].value, plan[1].value],
        }
    }

    /// Whether every scored arm states probabilities, so that log-odds are a fitting scale.
    pub fn probabilities(&self) -> bool {
        let mut scored = self.kinds.iter().flatten().peekable();
        scored.peek().is_some() && scored.all(|kind| *kind == ScoreKind::Probability)
    }

    pub fn curves(&self) -> CurvesModel {
        if self.kinds == [None, None] {
            return CurvesModel { empty: Some(NO_SCORES.to_owned()), ..CurvesModel::default() };
        }
        let threshold = self.threshold();
        let read_out = self.read_out();
        let drawn = &self.comparison.curves;
        let missing = drawn.undefined.clone();
        let roc = self.roc();
        let empty = roc.is_none().then(|| missing.clone().unwrap_or_else(|| NO_LABELS.to_owned()));
        let calibration = self.calibration();
        let no_calibration = match (&calibration, self.probabilities()) {
            (Some(_), _) => String::new(),
            (None, false) => "The scores are not probabilities, so there is nothing to be calibrated.".to_owned(),
            (None, true) => missing.unwrap_or_else(|| NO_LABELS.to_owned()),
        };
        CurvesModel {
            empty,
            enlarged: roc.as_ref().and_then(|roc| self.enlarged(roc)),
            roc,
            precision_recall: self.precision_recall(),
            calibration,
            no_calibration,
            scores: histogram(self),
            threshold,
            read_out,
        }
    }
}

/// Edges to draw and whether they are drawn on log-odds: probabilities whose bins are of unequal width were made
/// there. Ends at 0 or 1, which that scale does not reach, move to where the next edge of the same width would be.
pub(crate) fn spread_edges(edges: &[f64], probabilities: bool) -> (Vec<f64>, bool) {
    let mut edges = edges.to_vec();
    let widths = || edges.windows(2).map(|pair| pair[1] - pair[0]);
    let (least, most) =
        widths().fold((f64::INFINITY, 0.0), |(lo, hi): (f64, f64), width| (lo.min(width), hi.max(width)));
    let logit = probabilities && edges.len() > 3 && most > 3.0 * least;
    if logit {
        let place = |share: f64| (share / (1.0 - share)).ln();
        let share = |place: f64| 1.0 / (1.0 + (-place).exp());
        let last = edges.len() - 1;
        if edges[0] <= 0.0 {
            edges[0] = share(2.0 * place(edges[1]) - place(edges[2]));
        }
        if edges[last] >= 1.0 {
            edges[last] = share(2.0 * place(edges[last - 1]) - place(edges[last - 2]));
        }
    }
    (edges, logit)
}

const NO_SCORES: &str = "The log holds decisions and no scores. Curves need a score for each row: map a score column \
                         under Change mapping.";
const NO_LABELS: &str = "No analysed row has a label. Curves need the truth of each row: add a label file or map a \
                         label column under Change mapping.";

#[cfg(test)]
pub(crate) mod tests;
