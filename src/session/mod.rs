//! Workspace state, commands, undo, the workspace file, and the pipeline from paths to a verdict.

pub mod aging;
pub mod browse;
mod command;
pub mod draft;
mod effect;
pub mod export;
pub mod history;
mod image_pairs;
pub mod junit;
pub mod pipeline;
mod profiles;
pub mod recent;
pub mod remap;
pub mod replay;
mod state;
#[cfg(test)]
mod test_folder;
pub mod workspace;

pub use command::{Command, DraftEdit, ExportFormat, View};
pub use effect::{CompareTask, Effect};
pub use state::{Analysis, Compared, Other, Population, Session};
