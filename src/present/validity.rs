//! View model of validity.
