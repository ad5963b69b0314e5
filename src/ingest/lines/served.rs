//! What serving a request cost and whether it failed.

use super::Typing;
use crate::ingest::failures;
use crate::ingest::mapping::{Role, Side};
use crate::log::{NO_LABEL, NOT_LOGGED, SERVED, Served, TIMED_OUT};

impl Typing<'_> {
    /// Cost and failures of one side. Of a split run they are outcomes.
    pub(super) fn served(&mut self, side: Side) -> Served {
        if self.mapping.kind.is_split() {
            return Served::default();
        }
        Served { cost: self.numbers(Role::Cost, side), failed: self.failures(side) }
    }

    /// Which requests of one side failed; the first column of the role counts that a source has.
    fn failures(&mut self, side: Side) -> Option<Vec<u8>> {
        let names = self.names(Role::Error, side);
        let mut seen = failures::Seen::default();
        let (values, _) = self.each(&names, NO_LABEL, |data| failures::typed(&data, &names, &mut seen));
        values.map(|values| seen.settled(values, &names))
    }

    /// Cost and failures of a split run, in which they are outcomes of the requests.
    pub(super) fn served_outcomes(&mut self) {
        let cost = self.numbers(Role::Cost, Side::Both);
        self.lines.outcomes.extend(cost.map(|cost| ("cost_per_request".to_owned(), cost)));
        let Some(failed) = self.failures(Side::Both) else { return };
        let share = |is: fn(u8) -> bool| -> Vec<f64> {
            let one = |&value: &u8| if value == NO_LABEL { NOT_LOGGED } else { f64::from(u8::from(is(value))) };
            failed.iter().map(one).collect()
        };
        self.lines.outcomes.push(("error_rate".to_owned(), share(|value| value != SERVED)));
        if failed.contains(&TIMED_OUT) {
            self.lines.outcomes.push(("timeout_rate".to_owned(), share(|value| value == TIMED_OUT)));
        }
    }
}
