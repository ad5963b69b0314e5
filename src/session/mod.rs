//! Workspace state, commands, undo, the workspace file, and the pipeline from paths to a verdict.

mod command;
pub mod draft;
pub mod export;
pub mod pipeline;
pub mod replay;
pub mod workspace;

pub use command::{Command, DraftEdit, ExportFormat, View};
