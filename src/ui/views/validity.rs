//! View of validity.
