//! One file per dialect.

mod coder;
mod decode;
pub mod delimited;
pub(in crate::ingest) mod dialects;
pub mod json_lines;
mod json_scan;
mod json_tree;
mod nested;
pub mod parquet;
mod records;
pub mod trial;
mod wide;
mod work;

pub(in crate::ingest) use json_tree::Tree;
pub use records::{Records, Reject};
