//! The numbers: pure kernels on slices, from which every view and every interval is made.
//!
//! The line a comparison runs: [`Dense::gather`] the analysed rows once; [`Order::both`] sorts them once
//! per model; [`sweep`](sweep::sweep) reads AUC, AP, DeLong placements, KS and curve candidates off an order;
//! [`confusion`], [`calibration`] and [`histogram`] read what needs no order. Slices and
//! resamples reuse the orders, they never sort again.
//!
//! Conventions
//! * Rows are `u32` numbers below [`order::MAX_ROWS`]; labels are 0 or 1; scores are finite (the caller's
//!   population excludes NaN and rows that were not logged).
//! * Model 0 is the champion, model 1 the challenger; a decision is positive when `score >= threshold`.
//! * Results do not depend on the number of threads: work is cut into blocks of fixed size and merged in order.
//! * What has no value is an [`Undefined`] with its reason, never 0 or NaN.

pub mod bootstrap;
pub mod calibration;
pub mod confusion;
pub mod correlation;
pub mod cube;
pub mod curve;
pub mod dense;
pub mod gradients;
pub mod histogram;
pub mod influence;
pub mod ks;
pub mod latency;
pub mod measured;
pub mod moments;
pub mod multiclass;
pub mod order;
pub mod partial;
pub mod ranking;
pub mod registry;
pub mod regression;
pub mod series;
pub mod similarity;
pub mod slices;
pub mod sweep;
pub mod text;
pub mod thresholds;
pub mod vision;

pub use confusion::{Confusion, Decision, JointCounts};
pub use dense::Dense;
pub use measured::{Measured, Outcome};
pub use moments::{Moments, PairMoments};
pub use order::Order;
pub use registry::{Better, Metric, Unit};
pub use sweep::{Placements, Sweep, sweep};

/// Rows a worker takes at a time; fixed, so that sums are merged alike on any number of threads.
pub(crate) const BLOCK: usize = 1 << 16;

/// Why a number does not exist for these rows. One clause, for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undefined(pub &'static str);
