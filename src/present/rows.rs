//! View model of rows.
