//! View model of curves.
