//! Undo and redo over snapshots.

/// States kept; older ones are forgotten.
pub const CAP: usize = 100;

/// What an edit belongs to; edits of one field in a row become one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge<K> {
    /// A step of its own.
    Never,
    /// One step with the edits of the same field before it.
    With(K),
    /// The same, and the next edit begins a new step: a drag was let go.
    Last(K),
}

/// Snapshots before and after the present state.
#[derive(Clone, Debug)]
pub struct History<T, K> {
    past: Vec<T>,
    future: Vec<T>,
    open: Option<K>,
}

impl<T, K> Default for History<T, K> {
    fn default() -> Self {
        Self { past: Vec::new(), future: Vec::new(), open: None }
    }
}

impl<T: Clone + PartialEq, K: Copy + PartialEq> History<T, K> {
    /// Remember `before`, the state that an edit is about to leave.
    pub fn remember(&mut self, before: &T, merge: Merge<K>) {
        let (key, next) = match merge {
            Merge::Never => (None, None),
            Merge::With(key) => (Some(key), Some(key)),
            Merge::Last(key) => (Some(key), None),
        };
        let merges = key.is_some() && self.open == key;
        self.open = next;
        self.future.clear();
        if !merges {
            self.past.push(before.clone());
            if self.past.len() > CAP {
                self.past.remove(0);
            }
        }
    }

    /// The next edit begins a new step.
    pub fn close(&mut self) {
        self.open = None;
    }

    /// The state before `present`, which can be come back to.
    pub fn undo(&mut self, present: &T) -> Option<T> {
        self.open = None;
        let before = self.past.pop()?;
        self.future.push(present.clone());
        Some(before)
    }

    /// The state that was undone last.
    pub fn redo(&mut self, present: &T) -> Option<T> {
        self.open = None;
        let after = self.future.pop()?;
        self.past.push(present.clone());
        Some(after)
    }

    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_in_one_field_is_one_step() {
        let mut history = History::default();
        history.remember(&"", Merge::With(1));
        history.remember(&"a", Merge::With(1));
        history.remember(&"ab", Merge::With(2));
        assert_eq!(history.undo(&"abc"), Some("ab"));
        assert_eq!(history.undo(&"ab"), Some(""));
        assert_eq!(history.undo(&""), None);
        assert_eq!(history.redo(&""), Some("ab"));
    }

    #[test]
    fn a_drag_ends_where_it_is_let_go() {
        let mut history = History::default();
        history.remember(&1, Merge::With('t'));
        history.remember(&2, Merge::Last('t'));
        history.remember(&3, Merge::With('t'));
        assert_eq!(history.undo(&4), Some(3));
        assert_eq!(history.undo(&3), Some(1));
    }

    #[test]
    fn an_edit_after_undo_forgets_what_was_undone() {
        let mut history: History<i32, ()> = History::default();
        for state in 0..CAP as i32 + 5 {
            history.remember(&state, Merge::Never);
        }
        assert_eq!(history.past.len(), CAP);
        assert!(history.undo(&-1).is_some());
        history.remember(&0, Merge::Never);
        assert!(!history.can_redo());
    }
}
