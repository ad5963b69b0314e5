//! The dialog in which a metric of one's own is written; what is wrong with it is said while it is typed.

use eframe::egui::{Frame, Id, Key, Label, Margin, Modal, RichText, Stroke, Ui, vec2};

use crate::compare::{Better, CustomMetric, Kind};
use crate::present::overview::OwnMetrics;
use crate::session::Command;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, field, segmented_ui};
use crate::ui::{Outbox, fonts, text};

const WIDTH: f32 = 560.0;
/// Columns that are named below the expression.
const NAMED: usize = 24;

/// A metric while it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defining {
    name: String,
    unit: String,
    better: Better,
    ratio: bool,
    value: String,
    per: String,
    /// Name of the metric that is changed; `None`: a new one.
    known: Option<String>,
}

impl Default for Defining {
    fn default() -> Self {
        let empty = String::new;
        Self {
            name: empty(),
            unit: empty(),
            better: Better::Higher,
            ratio: false,
            value: empty(),
            per: empty(),
            known: None,
        }
    }
}

impl From<&CustomMetric> for Defining {
    fn from(metric: &CustomMetric) -> Self {
        Self {
            name: metric.name.clone(),
            unit: metric.unit.clone(),
            better: metric.better,
            ratio: metric.per.is_some(),
            value: metric.value.clone(),
            per: metric.per.clone().unwrap_or_default(),
            known: Some(metric.name.clone()),
        }
    }
}

impl Defining {
    fn metric(&self) -> CustomMetric {
        CustomMetric {
            name: self.name.trim().to_owned(),
            unit: self.unit.trim().to_owned(),
            better: self.better,
            value: self.value.trim().to_owned(),
            per: self.ratio.then(|| self.per.trim().to_owned()),
        }
    }

    /// Why it cannot be computed yet.
    fn problem(&self, own: &OwnMetrics) -> Option<String> {
        let metric = self.metric();
        let taken = |other: &CustomMetric| other.name == metric.name && self.known.as_ref() != Some(&metric.name);
        if own.of_policy.iter().any(|other| other.name == metric.name) {
            return Some(format!("the policy defines {}; take another name", metric.name));
        }
        if own.added.iter().any(taken) {
            return Some(format!("{} is defined already", metric.name));
        }
        metric.check(&own.scope).err().map(|error| error.to_string())
    }
}

/// Draw the dialog while one is open; sets `defining` to `None` when it closes.
pub fn dialog_ui(ui: &mut Ui, own: &OwnMetrics, defining: &mut Option<Defining>, out: &mut Outbox) {
    let Some(state) = defining.as_mut() else {
        return;
    };
    let tokens = Tokens::of(ui);
    let frame = Frame::new()
        .fill(tokens.pane)
        .stroke(Stroke::new(1.0, tokens.line_strong))
        .corner_radius(size::RADIUS)
        .inner_margin(Margin::same(16));
    let modal = Modal::new(Id::unique("own metric")).frame(frame).backdrop_color(tokens.bg.gamma_multiply(0.5));
    let mut done = false;
    let response = modal.show(ui.ctx(), |ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
        let title = if state.known.is_some() { "Change a metric" } else { "Add a metric" };
        ui.label(text::strong(tokens, title));
        fields_ui(ui, state);
        let problem = state.problem(own);
        said_ui(ui, state, own, problem.as_deref());
        ui.add_space(4.0);
        let enter = ui.input(|input| input.modifiers.command && input.key_pressed(Key::Enter));
        ui.horizontal(|ui| {
            let word = if state.known.is_some() { "Change" } else { "Add" };
            let button = Button::primary(word).enabled(problem.is_none(), problem.as_deref().unwrap_or_default());
            if (button.ui(ui).clicked() || enter) && problem.is_none() {
                // Under another name the old one is gone.
                if let Some(known) = state.known.as_ref().filter(|known| **known != state.name.trim()) {
                    out.push(Command::RemoveMetric(known.clone()));
                }
                out.push(Command::DefineMetric(state.metric()));
                done = true;
            }
            if Button::secondary("Cancel").ui(ui).clicked() {
                done = true;
            }
            if let Some(known) = &state.known
                && Button::quiet("Remove").ui(ui).clicked()
            {
                out.push(Command::RemoveMetric(known.clone()));
                done = true;
            }
        });
    });
    if done || response.should_close() {
        *defining = None;
    }
}

fn fields_ui(ui: &mut Ui, state: &mut Defining) {
    let tokens = Tokens::of(ui);
    let caption = |ui: &mut Ui, words: &str| ui.label(text::small(tokens, words));
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            caption(ui, "Name, as the policy writes it");
            let name = field::well_ui(ui, "Name of the metric", &mut state.name, "net_value", true, 220.0);
            if ui.memory(|memory| memory.focused().is_none()) {
                name.request_focus();
            }
        });
        ui.vertical(|ui| {
            caption(ui, "Unit: EUR, share, ms; may be empty");
            field::well_ui(ui, "Unit of the metric", &mut state.unit, "EUR", false, 220.0);
        });
    });
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            caption(ui, "Better is");
            let ways = [(Better::Higher, "higher"), (Better::Lower, "lower"), (Better::Neither, "neither")];
            if let Some(better) = segmented_ui(ui, "Better is", &ways, state.better) {
                state.better = better;
            }
        });
        ui.add_space(16.0);
        ui.vertical(|ui| {
            caption(ui, "Over rows");
            let forms = [(false, "mean"), (true, "ratio of sums")];
            if let Some(ratio) = segmented_ui(ui, "Over rows", &forms, state.ratio) {
                state.ratio = ratio;
            }
        });
    });
    caption(ui, if state.ratio { "Per row, above the line" } else { "Per row" });
    let hint = "if(prediction, if(label, 20, -5), 0)";
    field::well_ui(ui, "Expression per row", &mut state.value, hint, true, WIDTH);
    if state.ratio {
        caption(ui, "Per row, below the line");
        field::well_ui(ui, "Expression below the line", &mut state.per, "amount", true, WIDTH);
    }
}

/// What is wrong, or the formula; then the names at hand.
fn said_ui(ui: &mut Ui, state: &Defining, own: &OwnMetrics, problem: Option<&str>) {
    let tokens = Tokens::of(ui);
    let line = match problem {
        // Nothing has been typed that could be wrong.
        Some(_) if state.value.trim().is_empty() || state.name.trim().is_empty() => {
            text::small(tokens, "A name and an expression are needed.")
        }
        Some(problem) => text::small(tokens, problem).color(tokens.fail),
        None => text::small(tokens, &state.metric().formula()).color(tokens.text),
    };
    ui.add(Label::new(line).wrap());
    let word = |(name, kind): (&str, Kind)| match kind {
        Kind::Number => name.to_owned(),
        Kind::Truth => format!("{name} (0 or 1)"),
        Kind::Text => format!("{name} (text)"),
    };
    let names: Vec<String> = own.scope.names().map(word).collect();
    let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
    let names = format!("{}{more}", names[..names.len().min(NAMED)].join(", "));
    ui.add(Label::new(RichText::new(names).font(fonts::mono(fonts::SMALL)).color(tokens.muted)).wrap());
    let language = "+ - * /   = != < <= > >=   and or not   if(condition, a, b)   abs min max ln exp sqrt   'text'   \"column name\"";
    ui.add(Label::new(text::small(tokens, language)).wrap());
}
