//! View of rows.
