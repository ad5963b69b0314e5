//! What serving a request cost and whether it failed.

use super::Typing;
use crate::ingest::failures;
use crate::ingest::guess::durations::millis_of;
use crate::ingest::issue::{Issue, Severity};
use crate::ingest::mapping::{Role, Side};
use crate::log::{FAILED, NO_LABEL, NOT_LOGGED, SERVED, Served, TIMED_OUT};

impl Typing<'_> {
    /// Latency of one side in milliseconds, from columns whose names may say another unit.
    pub(super) fn latency(&mut self, side: Side) -> Option<Vec<f64>> {
        let of_column = |typing: &mut Self, name: String| {
            let factor = millis_of(&name);
            let values = typing.numbers_of(&[name], Role::LatencyMs)?;
            Some(if factor == 1.0 { values } else { values.into_iter().map(|value| factor * value).collect() })
        };
        let mut found: Option<Vec<f64>> = None;
        for name in self.names(Role::LatencyMs, side) {
            let Some(values) = of_column(self, name) else { continue };
            match &mut found {
                None => found = Some(values),
                // A file that lacks the first column has the next.
                Some(first) => {
                    first.iter_mut().zip(values).filter(|(one, _)| one.is_nan()).for_each(|(one, other)| *one = other);
                }
            }
        }
        found
    }

    /// Take the time of requests that failed out of the latencies: an error that comes at once is no fast answer. One
    /// that ran out of time took at least as long as was logged.
    pub(super) fn without_failed(&mut self, latency_ms: &mut [f64], failed: &[u8]) {
        let mut count = 0;
        for (value, _) in latency_ms.iter_mut().zip(failed).filter(|(value, of)| **of == FAILED && !value.is_nan()) {
            *value = NOT_LOGGED;
            count += 1;
        }
        if count > 0 {
            let counted = if count == 1 {
                "1 request that failed has a latency".to_owned()
            } else {
                format!("{count} requests that failed have a latency")
            };
            self.lines.issues.push(Issue::counted(
                "failed_latency",
                Severity::Note,
                (count, failed.len() as u64),
                format!("{counted}."),
                "It is not counted among the latencies, which are those of answers; failures are counted in the error rate.",
                "Nothing.",
            ));
        }
    }

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
        if let Some(mut values) = self.lines.answers.first_mut().and_then(|of| of.latency_ms.take()) {
            self.without_failed(&mut values, &failed);
            self.lines.answers[0].latency_ms = Some(values);
        }
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
