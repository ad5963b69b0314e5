//! One file per dialect.

mod coder;
mod decode;
pub mod delimited;
pub mod json_lines;
mod json_scan;
pub mod parquet;
mod records;

pub use records::{Records, Reject};
