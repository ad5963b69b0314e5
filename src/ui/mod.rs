//! The window's face: theme, kit of widgets, shell, start and mapping screens, and the views.
//!
//! # The kit, for whoever writes a view
//!
//! A view is `pub fn xxx_ui(ui: &mut Ui, model: &XxxModel, out: &mut Outbox)`. It lays out, paints, and
//! returns nothing but commands. Everything it needs is here:
//!
//! * [`theme::Tokens::of`]`(ui)`: all colours. [`theme::size`]: all sizes. [`fonts`]: all fonts.
//! * [`layout::rows`] and [`layout::columns`]: split a rectangle into tiles 8 px apart.
//! * [`widgets::Tile`]: `Tile::new("Flips").qualifier("…").show_at(ui, rect, |ui| …)`.
//! * [`text::Spans`]: one text of several weights and colours (findings, read-outs inside plots).
//! * [`marks::Mark`]: painted marks; `mark.ui(ui)` has a name, `mark.paint(…)` is for painters.
//! * [`widgets::Table`]: header, rows, hover, selection, keyboard; cells are painted through [`widgets::Cell`].
//! * [`widgets::forest`], [`widgets::Matrix`], [`widgets::ThresholdControl`], [`widgets::flow`],
//!   [`widgets::Chart`], [`widgets::segmented_ui`], [`widgets::Button`], [`widgets::field`], [`widgets::states`].
//!
//! # Invariants
//! * Functions that take `&mut Ui` end in `_ui`, except methods named `show`, `show_at` and `ui`.
//! * Colours come from [`theme::Tokens`] only. No numbers are computed here, only places.
//! * Everything painted that carries meaning has an accessible name.
//! * Nothing here asks for a repaint except a running job's progress and a toast that is about to go.

pub mod actions;
pub mod bucket;
pub mod fonts;
pub mod layout;
pub mod mapping;
pub mod marks;
pub mod outbox;
pub mod paint;
pub mod shell;
pub mod start;
pub mod text;
pub mod theme;
pub mod views;
pub mod widgets;

pub use outbox::Outbox;

#[cfg(test)]
mod tests;
