//! Methods on ranks: they ask whether one group's values tend to be larger, not by how much the
//! mean cost differs.

pub mod kolmogorov_smirnov;
pub mod mann_whitney;
pub mod shift;
pub mod signed_rank;
