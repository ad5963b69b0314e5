//! The kit: widgets that know the visual language and nothing of models.

mod button;
mod cell;
pub mod chart;
pub mod field;
pub mod flow;
pub mod forest;
mod matrix;
pub mod pair;
mod segmented;
pub mod sorting;
pub mod states;
mod table;
mod threshold;
mod tile;
pub mod toast;

pub use button::{Button, chip_ui, shortcut_ui};
pub use cell::Cell;
pub use chart::{Axis, Canvas, Chart, Scale};
pub use forest::{ForestAxis, ForestRow, Shade};
pub use matrix::{Matrix, MatrixCell, MatrixResponse, labels_width};
pub use segmented::{segmented_ui, segmented_with_ui};
pub use table::{CellAlign, Column, Table, TableResponse};
pub use threshold::{ThresholdChange, ThresholdControl};
pub use tile::{Tile, refreshing_ui, title_choice_ui};
