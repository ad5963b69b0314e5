//! One text of several weights and colours.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Align, Color32, FontId, Label, Response, RichText, Ui};

use super::fonts;
use super::theme::Tokens;

/// Builds one text from runs of different weight and colour: findings, read-outs, remarks.
///
/// ```ignore
/// Spans::finding(tokens).text("The challenger finds ").strong("3.4 pp more fraud").text(" [2.8, 4.0]").ui(ui);
/// ```
#[derive(Clone, Debug)]
pub struct Spans {
    tokens: &'static Tokens,
    size: f32,
    job: LayoutJob,
}

impl Spans {
    /// Text of `size` points.
    pub fn new(tokens: &'static Tokens, size: f32) -> Self {
        Self { tokens, size, job: LayoutJob::default() }
    }

    /// At 12.5 points.
    pub fn body(tokens: &'static Tokens) -> Self {
        Self::new(tokens, fonts::BODY)
    }

    /// At 11 points.
    pub fn small(tokens: &'static Tokens) -> Self {
        Self::new(tokens, fonts::SMALL)
    }

    /// At 15 points: the one sentence a screen opens with.
    pub fn finding(tokens: &'static Tokens) -> Self {
        Self::new(tokens, fonts::FINDING)
    }

    /// Body colour.
    pub fn text(self, text: &str) -> Self {
        let (font, color) = (fonts::regular(self.size), self.tokens.text);
        self.run(text, font, color)
    }

    /// Ink, SemiBold.
    pub fn strong(self, text: &str) -> Self {
        let (font, color) = (fonts::semibold(self.size), self.tokens.ink);
        self.run(text, font, color)
    }

    /// Ink, regular.
    pub fn ink(self, text: &str) -> Self {
        let (font, color) = (fonts::regular(self.size), self.tokens.ink);
        self.run(text, font, color)
    }

    /// Muted, regular.
    pub fn muted(self, text: &str) -> Self {
        let (font, color) = (fonts::regular(self.size), self.tokens.muted);
        self.run(text, font, color)
    }

    /// Medium, in a hue (model names and values of one model).
    pub fn hue(self, text: &str, color: Color32) -> Self {
        let font = fonts::medium(self.size);
        self.run(text, font, color)
    }

    /// Monospaced, ink.
    pub fn mono(self, text: &str) -> Self {
        let (font, color) = (fonts::mono(self.size - 1.0), self.tokens.ink);
        self.run(text, font, color)
    }

    /// Any font and colour.
    pub fn run(mut self, text: &str, font_id: FontId, color: Color32) -> Self {
        let format = TextFormat { font_id, color, valign: Align::Center, ..TextFormat::default() };
        self.job.append(text, 0.0, format);
        self
    }

    /// The text without its formats, for names.
    pub fn plain(&self) -> &str {
        &self.job.text
    }

    /// For painters: `painter.layout_job(spans.job())`.
    pub fn job(self) -> LayoutJob {
        self.job
    }

    /// As a label that wraps at the available width.
    pub fn ui(self, ui: &mut Ui) -> Response {
        ui.add(Label::new(self.job).wrap())
    }

    /// As a label in one line, cut with an ellipsis (full text on hover).
    pub fn line_ui(self, ui: &mut Ui) -> Response {
        ui.add(Label::new(self.job).truncate())
    }
}

/// 11 px muted text.
pub fn small(tokens: &Tokens, text: &str) -> RichText {
    RichText::new(text).font(fonts::small()).color(tokens.muted)
}

/// 12.5 px body text.
pub fn body(tokens: &Tokens, text: &str) -> RichText {
    RichText::new(text).font(fonts::body()).color(tokens.text)
}

/// 12.5 px SemiBold ink.
pub fn strong(tokens: &Tokens, text: &str) -> RichText {
    RichText::new(text).font(fonts::body_semibold()).color(tokens.ink)
}
