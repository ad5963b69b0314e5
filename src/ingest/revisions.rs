//! Labels that were revised: of an id with different labels the latest counts, where the log says when each was known.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::keys::LineIds;
use super::labels::LabelKey;
use crate::log::NO_TIME;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Integer(i64),
    Text(&'a [u8]),
}

fn key(ids: &LineIds, row: usize) -> Option<Key<'_>> {
    match ids {
        LineIds::Integer { values, valid } => {
            valid.as_ref().is_none_or(|valid| valid[row]).then(|| Key::Integer(values[row]))
        }
        LineIds::Text(text) => text.get(row).map(Key::Text),
    }
}

/// The labels without those that a later one of the same id contradicts, and the number of such ids. Labels without a
/// time, and different ones of one time, stay: they are conflicts.
pub(super) fn latest<'a, K: LabelKey>(labels: &'a [K], times: &[i64], ids: &LineIds) -> (Cow<'a, [K]>, u64) {
    let known = |row: usize| labels[row] != K::ABSENT && times[row] != NO_TIME;
    let mut last: HashMap<Key<'_>, (i64, K)> = HashMap::new();
    for row in (0..labels.len()).filter(|&row| known(row)) {
        if let Some(key) = key(ids, row) {
            let one = last.entry(key).or_insert((times[row], labels[row]));
            if times[row] > one.0 {
                *one = (times[row], labels[row]);
            }
        }
    }
    let mut out = Cow::Borrowed(labels);
    let mut revised = HashSet::new();
    for row in (0..labels.len()).filter(|&row| known(row)) {
        let Some(key) = key(ids, row) else {
            continue;
        };
        if last.get(&key).is_some_and(|&(time, label)| times[row] < time && labels[row] != label) {
            out.to_mut()[row] = K::ABSENT;
            revised.insert(key);
        }
    }
    (out, revised.len() as u64)
}
