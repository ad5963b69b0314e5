//! View of confusion.
