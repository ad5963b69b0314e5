//! View model of overview.
