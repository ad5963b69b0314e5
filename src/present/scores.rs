//! View model of scores.
