//! Texts while they are typed. A command goes out with every change; the model that comes back may be frames old.

use std::collections::BTreeMap;

use eframe::egui::{Response, Ui};

use crate::ui::widgets::field;

/// A text field of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    UseCase,
    Rationale,
    Conditions,
    Limitations,
    Facts,
    /// Of test results that are to be attached.
    TestsPath,
    OverrideCode,
    OverrideRationale,
    OverrideControls,
    OverrideExpiry,
    PersonName(usize),
    FindingId(usize),
    FindingText(usize),
    FindingOwner(usize),
    FindingDue(usize),
}

#[derive(Clone, Debug, Default)]
struct Buffer {
    text: String,
    /// The model's text when it was last looked at.
    seen: String,
    focused: bool,
}

impl Buffer {
    /// Take the model's text where it changed and nobody is typing.
    fn sync(&mut self, model: &str) {
        if self.seen != model {
            self.seen = model.to_owned();
            if !self.focused && self.text != model {
                self.text = model.to_owned();
            }
        }
    }
}

/// The texts of all fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers(BTreeMap<Field, Buffer>);

impl Buffers {
    /// A field shown by `show`; returns its text where it was changed in this frame.
    fn field(&mut self, field: Field, model: &str, show: impl FnOnce(&mut String) -> Response) -> Option<String> {
        let buffer = self.0.entry(field).or_default();
        buffer.sync(model);
        let response = show(&mut buffer.text);
        buffer.focused = response.has_focus();
        response.changed().then(|| buffer.text.clone())
    }

    /// A text that no model holds.
    pub fn typed(&self, field: Field) -> &str {
        self.0.get(&field).map_or("", |buffer| buffer.text.trim())
    }

    pub fn clear(&mut self, field: Field) {
        self.0.remove(&field);
    }

    /// Several lines; read-only where `editable` is false.
    pub fn area_ui(
        &mut self,
        ui: &mut Ui,
        field: Field,
        (name, hint): (&str, &str),
        model: &str,
        (lines, editable): (usize, bool),
    ) -> Option<String> {
        self.field(field, model, |text| field::area_ui(ui, name, text, hint, lines, editable))
    }

    /// One line, `width` wide with its padding.
    pub fn well_ui(
        &mut self,
        ui: &mut Ui,
        field: Field,
        (name, hint): (&str, &str),
        model: &str,
        width: f32,
    ) -> Option<String> {
        let width = width.max(30.0);
        self.field(field, model, |text| field::well_ui(ui, name, text, hint, false, width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_model_does_not_undo_what_is_typed() {
        let mut buffer = Buffer::default();
        buffer.sync("stored");
        assert_eq!(buffer.text, "stored");
        buffer.focused = true;
        buffer.text = "stored and mo".to_owned();
        buffer.sync("stored and");
        assert_eq!(buffer.text, "stored and mo");
        buffer.focused = false;
        buffer.sync("stored and");
        assert_eq!(buffer.text, "stored and mo", "the model has not changed since");
        buffer.sync("taken back");
        assert_eq!(buffer.text, "taken back");
    }
}
