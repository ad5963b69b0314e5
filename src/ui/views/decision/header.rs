//! The verdict as the only 20 px text, its rule, the policy, and how many gates came out how.

use std::sync::Arc;

use eframe::egui::{Galley, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{mark, mark_of};
use crate::present::Weight;
use crate::present::decision::{DecisionModel, TallyLine};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

const INDENT: f32 = 44.0;
const TITLE: f32 = 27.0;
const TALLY_ROW: f32 = 22.0;

/// The header, laid out.
pub(super) struct Header<'a> {
    model: &'a DecisionModel,
    sentence: Arc<Galley>,
    policy: Arc<Galley>,
    /// Widths of the two columns of tallies.
    tallies: [f32; 2],
}

impl<'a> Header<'a> {
    pub fn lay_out(ui: &Ui, model: &'a DecisionModel, width: f32) -> Self {
        let painter = ui.painter();
        let tokens = Tokens::of(ui);
        let column = |first: usize| {
            let lines = model.tallies.iter().skip(first).step_by(2);
            lines.map(|line| tally_width(painter, line)).fold(0.0, f32::max)
        };
        let tallies = [column(0), column(1)];
        let text_width = width - INDENT - tallies[0] - tallies[1] - 48.0;
        let mut sentence = Spans::body(tokens);
        for (weight, part) in &model.sentence.0 {
            sentence = match weight {
                Weight::Strong => sentence.strong(part),
                Weight::Muted => sentence.muted(part),
                _ => sentence.text(part),
            };
        }
        let wrapped = |spans: Spans| {
            let mut job = spans.job();
            job.wrap.max_width = text_width.max(120.0);
            painter.layout_job(job)
        };
        Self {
            model,
            sentence: wrapped(sentence),
            policy: wrapped(Spans::small(tokens).muted(&model.policy_line)),
            tallies,
        }
    }

    pub fn height(&self) -> f32 {
        (TITLE + self.sentence.size().y + 2.0 + self.policy.size().y).max(2.0 * TALLY_ROW).ceil()
    }

    pub fn show_at(self, ui: &mut Ui, rect: Rect) {
        let tokens = Tokens::of(ui);
        let text = rect.left() + INDENT;
        let mark = mark_of(self.model.recommendation);
        let mark_rect = Rect::from_center_size(pos2(rect.left() + 15.0, rect.top() + 28.0), vec2(28.0, 28.0));
        mark.paint(ui.painter(), mark_rect.center(), 28.0, tokens);
        mark.name_ui(ui, mark_rect, "Verdict");
        let title = Rect::from_min_max(pos2(text, rect.top()), pos2(rect.right(), rect.top() + TITLE - 3.0));
        let font = fonts::semibold(fonts::VERDICT);
        paint::text_left(ui.painter(), title, &self.model.title, font, tokens.ink);
        name_ui(ui, title, Role::Heading, &self.model.title);
        let mut top = rect.top() + TITLE;
        for galley in [&self.sentence, &self.policy] {
            let place = Rect::from_min_size(pos2(text, top), galley.size());
            ui.painter().galley(paint::snap_pos(ui.painter(), place.min), Arc::clone(galley), tokens.text);
            name_ui(ui, place, Role::Label, galley.text());
            top = place.bottom() + 2.0;
        }
        let first = rect.right() - self.tallies[0] - self.tallies[1] - 18.0;
        let lefts = [first, first + self.tallies[0] + 18.0];
        for (index, line) in self.model.tallies.iter().enumerate() {
            let top = rect.top() + 8.0 + TALLY_ROW * (index / 2) as f32;
            let place = Rect::from_min_size(pos2(lefts[index % 2], top), vec2(self.tallies[index % 2], TALLY_ROW));
            tally_ui(ui, place, line);
        }
    }
}

fn tally_width(painter: &eframe::egui::Painter, line: &TallyLine) -> f32 {
    let count = paint::text_width(painter, &line.count, fonts::body_semibold());
    let words = paint::text_width(painter, &line.words, fonts::body());
    (size::MARK + 8.0 + count + 6.0 + words + 2.0).ceil()
}

fn tally_ui(ui: &mut Ui, rect: Rect, line: &TallyLine) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter();
    let sign: Mark = mark(line.sign);
    sign.paint(painter, pos2(rect.left() + size::MARK / 2.0, rect.center().y), size::MARK, tokens);
    let at = |x: f32| Rect::from_min_max(pos2(x, rect.top()), rect.max);
    let count = at(rect.left() + size::MARK + 8.0);
    let count = paint::text_left(painter, count, &line.count, fonts::body_semibold(), tokens.ink);
    paint::text_left(painter, at(count.right() + 6.0), &line.words, fonts::body(), tokens.muted);
    name_ui(ui, rect, Role::Label, &format!("{} {}", line.count, line.words));
}

/// Give painted text a name.
fn name_ui(ui: &mut Ui, rect: Rect, role: Role, name: &str) {
    let response = ui.interact(rect, ui.scope_id().with(("named", name)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(role, true, name));
}
