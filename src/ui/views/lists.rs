//! Which of several lists of rows is shown, and what is looked for in it.

use eframe::egui::Ui;

use crate::ui::text;
use crate::ui::theme::Tokens;
use crate::ui::widgets::field::well_ui;
use crate::ui::widgets::segmented_ui;

/// Names of the lists and a field to search the shown one; the list that was chosen. `counts`: lines found and all.
pub(super) fn lists_ui(
    ui: &mut Ui,
    names: &[&str],
    hint: &str,
    (list, filter): (usize, &mut String),
    [found, all]: [usize; 2],
) -> Option<usize> {
    let options: Vec<(usize, &str)> = names.iter().copied().enumerate().collect();
    let chosen = if names.len() > 1 { segmented_ui(ui, "Rows", &options, list) } else { None };
    well_ui(ui, hint, filter, hint, false, 200.0);
    if !filter.trim().is_empty() {
        ui.label(text::small(Tokens::of(ui), &format!("{found} of {all}")));
    }
    chosen
}
