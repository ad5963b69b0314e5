//! View of overview.
