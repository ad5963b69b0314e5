//! Tests of the whole crate, in one binary, since each binary links all of polars.

mod architecture;
mod bad_input;
mod laws;
