//! What serving a request cost and whether it failed.

/// The request was answered.
pub const SERVED: u8 = 0;
/// It failed: an error was logged.
pub const FAILED: u8 = 1;
/// It failed because the answer came too late.
pub const TIMED_OUT: u8 = 2;

/// Columns of one arm, one entry per row.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// Money per request, [`super::NOT_LOGGED`] where absent; `None` when the log has none.
    pub cost: Option<Vec<f64>>,
    /// [`SERVED`], [`FAILED`], [`TIMED_OUT`], or [`super::NO_LABEL`] where nothing is said; `None` when not logged.
    pub failed: Option<Vec<u8>>,
}

impl Served {
    /// The columns at some rows.
    pub fn taken(&self, rows: &[u32]) -> Self {
        fn take<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&row| values[row as usize]).collect()
        }
        Self {
            cost: self.cost.as_ref().map(|values| take(values, rows)),
            failed: self.failed.as_ref().map(|values| take(values, rows)),
        }
    }

    pub fn bytes(&self) -> usize {
        self.cost.as_ref().map_or(0, |values| values.len() * 8) + self.failed.as_ref().map_or(0, Vec::len)
    }
}
