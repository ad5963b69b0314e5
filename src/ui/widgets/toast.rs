//! Short messages at the lower left, over the foot of the rail, where no button of a view is covered; they go by themselves, errors stay until closed.

use std::time::Duration;

use eframe::egui::{Align, Align2, Area, Frame, Id, Key, Layout, Margin, Order, Stroke, Ui, vec2};

use super::button::Button;
use crate::ui::marks::Mark;
use crate::ui::text;
use crate::ui::theme::{Tokens, size};

/// Seconds a message that is no error stays.
const STAY_SECS: f64 = 6.0;
/// Width of the text with its mark: what the rail leaves at its usual width.
const WIDTH: f32 = 212.0;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    Note,
    Done,
    Error,
}

#[derive(Clone, Debug)]
struct Toast {
    number: u64,
    kind: ToastKind,
    text: String,
    /// Set when it is first shown.
    until: Option<f64>,
}

/// The messages in sight.
#[derive(Clone, Debug, Default)]
pub struct Toasts {
    toasts: Vec<Toast>,
    next: u64,
}

impl Toasts {
    pub fn push(&mut self, kind: ToastKind, text: impl Into<String>) {
        self.next += 1;
        self.toasts.push(Toast { number: self.next, kind, text: text.into(), until: None });
        if self.toasts.len() > 4 {
            self.toasts.remove(0);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.toasts.is_empty()
    }

    /// Draw them above everything. Wakes the window once, when the next one is to go.
    /// They stand over the foot of the rail, or, where `rail` says that there is none, at the right.
    pub fn show(&mut self, ui: &mut Ui, rail: bool) {
        if self.toasts.is_empty() {
            return;
        }
        let now = ui.input(|input| input.time);
        for toast in &mut self.toasts {
            if toast.kind != ToastKind::Error {
                toast.until.get_or_insert(now + STAY_SECS);
            }
        }
        self.toasts.retain(|toast| toast.until.is_none_or(|until| until > now));
        if let Some(next) = self.toasts.iter().filter_map(|toast| toast.until).reduce(f64::min) {
            ui.ctx().request_repaint_after(Duration::from_secs_f64((next - now).max(0.05)));
        }
        let tokens = Tokens::of(ui);
        let mut closed = None;
        let (align, x) = if rail { (Align2::LEFT_BOTTOM, 8.0) } else { (Align2::RIGHT_BOTTOM, -8.0) };
        let area = Area::new(Id::unique("toasts")).order(Order::Foreground).anchor(align, vec2(x, -32.0));
        area.show(ui.ctx(), |ui| {
            for toast in &self.toasts {
                let frame = Frame::new()
                    .fill(tokens.raised)
                    .stroke(Stroke::new(1.0, tokens.line_strong))
                    .corner_radius(size::RADIUS)
                    .inner_margin(Margin::symmetric(12, 8));
                frame.show(ui, |ui| {
                    ui.set_max_width(WIDTH);
                    ui.horizontal_top(|ui| {
                        let mark = match toast.kind {
                            ToastKind::Note => Mark::Bullet,
                            ToastKind::Done => Mark::Pass,
                            ToastKind::Error => Mark::Fail,
                        };
                        mark.ui(ui);
                        ui.scope(|ui| {
                            ui.set_max_width(WIDTH - 26.0);
                            ui.add(eframe::egui::Label::new(text::body(tokens, &toast.text).color(tokens.ink)).wrap());
                        });
                    });
                    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                        if ui.push_id(toast.number, |ui| Button::quiet("Close").small().ui(ui)).inner.clicked() {
                            closed = Some(toast.number);
                        }
                    });
                });
                ui.add_space(6.0);
            }
        });
        let escape = ui.input(|input| input.key_pressed(Key::Escape));
        self.toasts.retain(|toast| Some(toast.number) != closed && !(escape && toast.kind == ToastKind::Error));
    }
}
