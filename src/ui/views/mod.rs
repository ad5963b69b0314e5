//! The views. Each is `x_ui(ui, &XModel, &mut XState, &mut Outbox)`: it lays out and paints a model of
//! [`present`](crate::present) and returns nothing but commands.

pub mod agreement;
pub mod business;
pub mod classes;
pub mod confusion;
pub mod curves;
pub mod decision;
pub mod errors;
pub mod frame;
pub mod image_pairs;
pub mod images;
mod lists;
pub mod operations;
pub mod overview;
pub mod queries;
pub mod reliability;
pub mod rows;
pub mod scores;
pub mod similarity;
pub mod staleness;
pub mod texts;
pub mod timeline;
pub mod validity;
