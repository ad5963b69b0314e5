//! Statistical methods: pure functions from counts, moments and vectors to estimates with intervals.
//!
//! Nothing here reads a file, a clock or the environment, and every random number is a function of
//! an explicit seed, so the same input gives the same bits on any number of threads.
//!
//! Conventions
//! * `level` is the two-sided confidence level as a fraction (0.95, not 95), `0 < level < 1`.
//! * Differences are "first argument minus second"; orienting them so that + is better is the
//!   caller's business.
//! * What cannot be computed is an [`Undefined`] with the reason, never `NaN` and never 0.
//! * Accumulators ([`Sum`], [`Moments`], [`Cov2`]) merge, so a log can be read in chunks.

pub mod accumulate;
pub mod balance;
pub mod bootstrap;
pub mod calibration;
pub mod canary;
#[cfg(test)]
mod case_files;
pub mod corp;
pub mod cosines;
pub mod cuped;
pub mod cusum;
pub mod delong;
pub mod diebold_mariano;
pub mod drift;
pub mod equivalence;
pub mod heterogeneity;
pub mod influence;
pub mod label_free;
pub mod lift;
pub(crate) mod linear;
pub mod logistic;
pub mod mantel_haenszel;
pub mod mcnemar;
pub mod mean_difference;
pub mod midrank;
pub mod multiplicity;
pub mod newey_west;
pub mod paired_proportion;
pub mod power;
pub mod proportion;
#[cfg(test)]
mod published;
#[cfg(test)]
mod published_tally;
pub mod quantile;
pub mod quantile_difference;
pub mod rank;
pub mod rate_ratio;
pub mod ratio;
pub mod resampled;
mod roots;
pub mod sample_ratio;
pub mod sequential;
pub mod sign_flip;
pub mod special;
pub mod stability;
pub mod unpaired_proportion;

pub use accumulate::{Cov2, Moments, Sum};
pub use influence::Estimate;

/// A two-sided interval for one quantity, in the units of that quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower limit.
    pub lo: f64,
    /// Upper limit.
    pub hi: f64,
    /// Nominal two-sided confidence level as a fraction.
    pub level: f64,
    /// Identifier of the method, as it is written into a record.
    pub method: &'static str,
}

impl Interval {
    /// Distance between the limits.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.hi - self.lo
    }

    /// Half the distance between the limits: what [`power::n_needed`] takes.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        0.5 * self.width()
    }

    /// Whether `value` lies between the limits, the limits included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.lo <= value && value <= self.hi
    }

    /// The interval of the negated quantity: limits swap and change sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { lo: -self.hi, hi: -self.lo, ..self }
    }

    /// The same limits kept inside `[min, max]`, the range of the parameter.
    #[must_use]
    pub(crate) fn clamped(self, min: f64, max: f64) -> Self {
        Self { lo: self.lo.clamp(min, max), hi: self.hi.clamp(min, max), ..self }
    }
}

/// The reason why a quantity has no value for this input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undefined(pub String);

impl Undefined {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Checks a confidence level.
///
/// # Errors
/// When `level` is not strictly between 0 and 1.
pub(crate) fn check_level(level: f64) -> Result<(), Undefined> {
    if level > 0.0 && level < 1.0 {
        Ok(())
    } else {
        Err(Undefined::new(format!("confidence level {level} is not between 0 and 1")))
    }
}

/// The standard normal quantile that cuts `(1 - level) / 2` off each tail.
///
/// # Errors
/// As [`check_level`].
pub(crate) fn z_for(level: f64) -> Result<f64, Undefined> {
    check_level(level)?;
    Ok(special::norm_isf(0.5 * (1.0 - level)))
}
