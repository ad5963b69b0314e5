//! View model of confusion.
