//! Curves: the threshold control on top, and four plots that all show where the arms are operated.

mod link;
mod plots;
mod threshold;

pub use link::{Cursor, Link};
pub use plots::calibration_ui;
pub use threshold::{BAR_HEIGHT, threshold_bar_ui};

use eframe::egui::Ui;

use super::scores::histogram_ui;
use crate::present::curves::CurvesModel;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part};
use crate::ui::widgets::{Tile, states};

/// Height of the tile with the control: a header and three rows of read-out.
const CONTROL: f32 = 117.0;

/// What the Curves view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct CurvesState {
    /// Pointer and grabbed points, shared by the plots.
    pub link: Link,
}

/// The view, in all of `ui`.
pub fn curves_ui(ui: &mut Ui, model: &CurvesModel, state: &mut CurvesState, out: &mut Outbox) {
    if let (Some(reason), None, None) = (&model.empty, &model.roc, &model.scores) {
        Tile::new("Curves").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    state.link.begin();
    let [control, upper, lower] =
        layout::rows(ui.max_rect(), [Part::Fixed(CONTROL), Part::Share(1.0), Part::Share(1.0)]);
    let [roc, precision] = layout::columns(upper, [Part::Share(1.0), Part::Share(1.0)]);
    let [calibration, scores] = layout::columns(lower, [Part::Share(1.0), Part::Share(1.0)]);
    Tile::untitled("Thresholds").show_at(ui, control, |ui| threshold::control_ui(ui, model, out));
    let missing = model.empty.as_deref().unwrap_or_default();
    let movable = model.threshold.movable;
    let band = |plot: &Option<_>| {
        plot.as_ref().map_or(String::new(), |plot: &crate::present::curves::PlotModel| plot.band.clone())
    };
    Tile::new("ROC").qualifier(&band(&model.roc)).show_at(ui, roc, |ui| match &model.roc {
        Some(roc) => plots::roc_ui(ui, roc, model.enlarged.as_ref(), movable, &mut state.link, out),
        None => drop(states::empty_ui(ui, missing, None)),
    });
    Tile::new("Precision and recall").qualifier(&band(&model.precision_recall)).show_at(
        ui,
        precision,
        |ui| match &model.precision_recall {
            Some(plot) => plots::precision_recall_ui(ui, plot, movable, &mut state.link, out),
            None => drop(states::empty_ui(ui, missing, None)),
        },
    );
    let bins = model.calibration.as_ref().map_or("", |plot| &plot.qualifier);
    Tile::new("Calibration").qualifier(bins).show_at(ui, calibration, |ui| match &model.calibration {
        Some(plot) => calibration_ui(ui, plot),
        None => drop(states::empty_ui(ui, &model.no_calibration, None)),
    });
    Tile::new("Scores").qualifier("by truth").show_at(ui, scores, |ui| match &model.scores {
        Some(histogram) => histogram_ui(ui, histogram, histogram.crowded, &mut state.link, out),
        None if missing.is_empty() => {
            let why = "The models answered different requests, so their scores have no histogram in common.";
            states::empty_ui(ui, why, None);
        }
        None => drop(states::empty_ui(ui, missing, None)),
    });
    state.link.end(ui.ctx());
}

#[cfg(test)]
pub(crate) mod tests;
