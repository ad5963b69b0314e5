//! Where values of decisions are written: a number taken with Enter, or when its well is left.

use eframe::egui::{Label, ScrollArea, Ui, vec2};

use crate::compare::{PairValue, ValueModel};
use crate::log::Task;
use crate::present::business::EditorModel;
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::text;
use crate::ui::theme::Tokens;
use crate::ui::widgets::field::{choice_ui, well_ui};
use crate::ui::widgets::{Button, states};

const WELL: f32 = 84.0;

/// What is being typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Editing {
    /// What the texts were made from; another value makes them anew.
    from: Option<ValueModel>,
    /// In the order of [`fields`], then the unit and the requests a year.
    texts: Vec<String>,
    /// Value of each pair.
    pairs: Vec<String>,
    /// Classes of a pair to be added.
    new: [usize; 2],
    problem: Option<String>,
}

type Get = fn(&mut ValueModel) -> &mut f64;

/// Numbers of a task with their names.
fn fields(model: &EditorModel) -> Vec<(String, Get)> {
    let word = |place: usize| model.classes.get(place).map_or("", String::as_str);
    match model.task {
        Task::Binary => vec![
            (format!("{} flagged (true positive)", word(1)), |value| &mut value.true_positive),
            (format!("{} flagged (false positive)", word(0)), |value| &mut value.false_positive),
            (format!("{} passed (false negative)", word(1)), |value| &mut value.false_negative),
            (format!("{} passed (true negative)", word(0)), |value| &mut value.true_negative),
        ],
        Task::Multiclass => vec![
            ("a right answer".to_owned(), |value| &mut value.right),
            ("a wrong answer".to_owned(), |value| &mut value.wrong),
        ],
        _ => vec![
            ("each unit too high".to_owned(), |value| &mut value.too_high),
            ("each unit too low".to_owned(), |value| &mut value.too_low),
        ],
    }
}

impl Editing {
    fn take(&mut self, model: &EditorModel) {
        if self.from.as_ref() == Some(&model.value) {
            return;
        }
        let mut value = model.value.clone();
        self.texts = fields(model).into_iter().map(|(_, get)| get(&mut value).to_string()).collect();
        self.texts.push(value.unit.clone());
        self.texts.push(value.requests_per_year.map_or_else(String::new, |count| count.to_string()));
        self.pairs = value.pairs.iter().map(|pair| pair.value.to_string()).collect();
        (self.from, self.problem) = (Some(model.value.clone()), None);
    }

    /// The values as typed.
    fn value(&self, model: &EditorModel) -> Result<ValueModel, String> {
        let number = |text: &str, name: &str| {
            let plain = text.trim().replace('\u{2212}', "-");
            plain
                .parse::<f64>()
                .map_err(|_| format!("{name}: {} is no number", if plain.is_empty() { "nothing" } else { &plain }))
        };
        let mut value = model.value.clone();
        let fields = fields(model);
        for ((name, get), text) in fields.iter().zip(&self.texts) {
            *get(&mut value) = number(text, name)?;
        }
        if let [unit, per_year] = &self.texts[fields.len()..] {
            unit.trim().clone_into(&mut value.unit);
            value.requests_per_year =
                if per_year.trim().is_empty() { None } else { Some(number(per_year, "requests a year")?) };
        }
        for (pair, text) in value.pairs.iter_mut().zip(&self.pairs) {
            pair.value = number(text, &format!("{} predicted {}", pair.truth, pair.predicted))?;
        }
        value.check().map(|()| value)
    }

    fn commit(&mut self, model: &EditorModel, out: &mut Outbox) {
        match self.value(model) {
            Err(problem) => self.problem = Some(problem),
            Ok(value) => {
                self.problem = None;
                if value != model.value || !model.said {
                    out.push(Command::SetValue(Some(value)));
                }
            }
        }
    }
}

pub(super) fn editor_ui(ui: &mut Ui, model: &EditorModel, state: &mut Editing, out: &mut Outbox) {
    state.take(model);
    ScrollArea::vertical().id_salt("values").show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
        if model.fixed {
            states::empty_ui(ui, "The policy says what decisions are worth.", None);
        } else if !model.said {
            let sentence =
                "Nothing is said yet. These values stand for the costs of the plan; change them or take them.";
            ui.add(Label::new(text::small(Tokens::of(ui), sentence)).wrap());
        }
        ui.add_enabled_ui(!model.fixed, |ui| body_ui(ui, model, state, out));
        if let Some(problem) = &state.problem {
            let tokens = Tokens::of(ui);
            ui.add(Label::new(text::small(tokens, problem).color(tokens.fail)).wrap());
        }
    });
}

/// A well with its name before it; whether it was left with another text.
fn line_ui(ui: &mut Ui, name: &str, hint: &str, value: &mut String) -> bool {
    let mut done = false;
    ui.horizontal(|ui| {
        let tokens = Tokens::of(ui);
        let width = (ui.available_width() - WELL - 30.0).max(80.0);
        ui.allocate_ui(vec2(width, 22.0), |ui| {
            ui.set_width(width);
            ui.add(Label::new(text::body(tokens, name)).truncate());
        });
        done = well_ui(ui, name, value, hint, false, WELL).lost_focus();
    });
    done
}

fn body_ui(ui: &mut Ui, model: &EditorModel, state: &mut Editing, out: &mut Outbox) {
    let mut done = false;
    let fields = fields(model);
    for ((name, _), place) in fields.iter().zip(0..) {
        done |= line_ui(ui, name, "0", &mut state.texts[place]);
    }
    if model.task == Task::Multiclass {
        done |= pairs_ui(ui, model, state, out);
    }
    done |= line_ui(ui, "unit of money", "none said", &mut state.texts[fields.len()]);
    done |= line_ui(ui, "requests a year", "as the run", &mut state.texts[fields.len() + 1]);
    if !model.columns.is_empty() {
        ui.horizontal(|ui| {
            ui.label(text::body(Tokens::of(ui), "times"));
            let mut options = vec![(0, "1 for every row")];
            options.extend(model.columns.iter().enumerate().map(|(place, name)| (place + 1, name.as_str())));
            let named = |name: &String| model.columns.iter().position(|column| column == name);
            let current = model.value.amount.as_ref().and_then(named).map_or(0, |place| place + 1);
            if let Some(chosen) = choice_ui(ui, "times", &options, current, 170.0) {
                let amount = chosen.checked_sub(1).map(|place| model.columns[place].clone());
                match state.value(model) {
                    Ok(value) => out.push(Command::SetValue(Some(ValueModel { amount, ..value }))),
                    Err(problem) => state.problem = Some(problem),
                }
            }
        });
    }
    ui.horizontal(|ui| {
        if !model.said && Button::primary("Take these values").small().ui(ui).clicked() {
            done = true;
        }
        if model.said && !model.fixed && Button::quiet("Say nothing").small().ui(ui).clicked() {
            out.push(Command::SetValue(None));
            done = false;
        }
    });
    if done {
        state.commit(model, out);
    }
}

/// Values of single pairs of classes; whether one was changed.
fn pairs_ui(ui: &mut Ui, model: &EditorModel, state: &mut Editing, out: &mut Outbox) -> bool {
    let mut done = false;
    let mut removed = None;
    for (place, pair) in model.value.pairs.iter().enumerate() {
        ui.horizontal(|ui| {
            let name = format!("{} predicted {}", pair.truth, pair.predicted);
            if let Some(text) = state.pairs.get_mut(place) {
                done |= line_ui(ui, &name, "0", text);
            }
            if Button::quiet("×").small().ui(ui).on_hover_text("Take the pair away").clicked() {
                removed = Some(place);
            }
        });
    }
    ui.horizontal(|ui| {
        let options: Vec<(usize, &str)> = model.classes.iter().map(String::as_str).enumerate().collect();
        for (place, name) in ["truth of a pair", "prediction of a pair"].into_iter().enumerate() {
            if let Some(chosen) = choice_ui(ui, name, &options, state.new[place], 92.0) {
                state.new[place] = chosen;
            }
        }
        if Button::secondary("Add pair").small().ui(ui).clicked() {
            let [truth, predicted] = state.new.map(|place| model.classes.get(place).cloned().unwrap_or_default());
            let mut value = model.value.clone();
            if !value.pairs.iter().any(|pair| pair.truth == truth && pair.predicted == predicted) {
                let of = value.of_classes(&truth, &predicted);
                value.pairs.push(PairValue { truth, predicted, value: of });
                out.push(Command::SetValue(Some(value)));
            }
        }
    });
    if let Some(place) = removed {
        let mut value = model.value.clone();
        value.pairs.remove(place);
        out.push(Command::SetValue(Some(value)));
    }
    done
}
