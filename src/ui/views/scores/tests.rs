use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::present::curves::tests::{sample, scene};
use crate::ui::views::curves::tests::draw;

#[test]
fn bar_height_is_chosen_and_every_plot_has_a_name() {
    let comparison = sample();
    let model = crate::present::scores::model(&scene(&comparison));
    let mut state = ScoresState::default();
    let mut harness = draw([1160.0, 780.0], true, false, |ui| {
        scores_ui(ui, &model, &mut state, &mut Outbox::default());
    });
    harness.get_by_label_contains("Scores where truth is fraud");
    harness.get_by_label_contains("Score against score: correlation 0.871");
    harness.get_by_label("Bar height: Rows, log scale").click();
    harness.run();
    drop(harness);
    assert_eq!(state.log_rows, Some(true));
}
