//! Tests of the whole crate, in one binary, since each binary links all of polars.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod architecture;
mod bad_input;
mod bad_rows;
mod business;
mod challengers;
mod classes;
mod coverage;
mod detection;
mod folds;
mod forecast;
mod image_pairs;
mod images;
mod judged;
mod kernels;
mod laws;
mod one_number;
mod own_metrics;
mod ranking;
mod reference;
mod roles;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "s3")]
mod s3_browse;
#[cfg(feature = "s3")]
mod s3_cli;
#[cfg(feature = "s3")]
mod s3_delta;
#[cfg(feature = "s3")]
mod s3_stub;
mod served_split;
mod similarity;
mod slips;
#[cfg(feature = "gui")]
mod snapshots;
mod split;
mod split_traps;
mod split_uneven;
mod staleness;
mod statistics;
mod texts;
mod trial;
