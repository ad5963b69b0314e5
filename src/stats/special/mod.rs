//! Distribution functions that keep relative accuracy in both tails up to 1e8 rows.
//!
//! They are plain functions of real arguments: `NaN` in gives `NaN` out, arguments outside the
//! documented domain are a programming error (checked in debug builds). Deciding whether an
//! argument makes sense, and saying why not, is the business of the methods that call them.

mod beta;
mod binomial;
mod chi_square;
mod gamma;
pub mod normal;
pub(super) mod student;

pub use crate::stats::accumulate::{Moments, Sum};
pub use beta::{beta_inc, beta_inc_both, beta_quantile};
pub use binomial::{binom_cdf, binom_pmf, binom_quantile, binom_sf};
pub use chi_square::chi2_sf;
pub use gamma::{ln_gamma, ln_gamma_p, ln_gamma_q};
pub use normal::{norm_cdf, norm_isf, norm_ln_sf, norm_pdf, norm_quantile, norm_sf, norm_two_sided_p};
pub use student::{t_cdf, t_isf, t_quantile, t_sf, t_two_sided_p};
