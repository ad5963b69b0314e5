//! The tests that need no window, in one binary, since each binary links the whole of the library.

mod bad_input;
