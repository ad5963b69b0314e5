//! Inference that stays valid while someone looks.
//!
//! * Looks at any time: [`asymptotic`] (any estimate with a standard error), [`bernoulli`] (rates),
//!   [`quantile`] (latency), [`mixture`] and [`stitching`] (the boundaries under them).
//! * Looks that were planned: [`group`].
//! * Evidence that is put together: [`evidence`].

pub mod asymptotic;
pub mod bernoulli;
pub mod evidence;
pub mod group;
pub mod mixture;
pub mod quantile;
pub mod stitching;
