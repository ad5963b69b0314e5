//! Cancel and progress for long work. Knows nothing of what the work is.

mod progress;
mod slots;

pub use progress::{Cancelled, JobCx, Progress};
pub use slots::{Jobs, Outcome};
