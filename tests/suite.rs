//! Tests of the whole crate, in one binary.

#[path = "suite/architecture.rs"]
mod architecture;
#[path = "suite/laws.rs"]
mod laws;
