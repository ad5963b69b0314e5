//! View of scores.
