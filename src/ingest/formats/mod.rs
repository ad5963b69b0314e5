//! One file per dialect.

mod coder;
mod decode;
pub mod delimited;
pub(in crate::ingest) mod dialects;
pub mod json_lines;
mod json_scan;
mod json_tree;
pub mod parquet;
mod records;

pub use records::{Records, Reject};
