//! Verdicts on a canary: one that answers as Kayenta does, for those who use it, and ours.

pub mod judge;
pub mod kayenta;
