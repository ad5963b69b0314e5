//! View of curves.
