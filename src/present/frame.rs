//! View model of frame.
