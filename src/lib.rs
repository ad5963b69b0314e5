//! Assay: is the candidate model better than the one in production, and may it be promoted?
//!
//! # The map
//!
//! Each folder may use only what stands to its left:
//!
//! ```text
//! job, log → metrics, stats → compare → decision → present → report → session → cli | ui → app
//! ```
//!
//! `ingest` uses `log` and `job`. `tests/architecture.rs` reads the `use` lines and holds this.
//!
//! # Invariants
//! * polars only in `ingest` and `log`; egui only in `ui` and `app`; rfd only in `app`.
//! * No IO, clock, environment or unseeded randomness from `metrics` to `present`.
//! * A number on screen, in the command line and in the record comes from the same function.
//! * An undefined metric carries its reason; it is never 0 and never NaN.
//! * Rows of a confusion matrix are truth, columns are prediction.
//! * `_score`: higher is better; `_error`, `_loss`: lower is better. `secs` and `millis` stand in names.

#[cfg(feature = "gui")]
pub mod app;
pub mod cli;
pub mod compare;
pub mod decision;
pub mod ingest;
pub mod job;
pub mod log;
pub mod metrics;
pub mod present;
pub mod report;
pub mod session;
pub mod stats;
#[cfg(feature = "gui")]
pub mod ui;
