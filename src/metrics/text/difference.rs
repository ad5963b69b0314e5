//! What differs between two texts, word by word, for the view side by side.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::tokens::is_space;

/// A stretch of two texts, as ranges of bytes: equal words, or what stands in one place of either (one may be empty).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub equal: bool,
    pub old: Range<usize>,
    pub new: Range<usize>,
}

/// Cut between words, marks and white space: a run of letters and digits, a run of white space, or one other character.
fn pieces(text: &str) -> Vec<&str> {
    #[derive(PartialEq)]
    enum Kind {
        Word,
        Space,
        Mark,
    }
    let kind = |c: char| match c {
        c if c.is_alphanumeric() => Kind::Word,
        c if is_space(c) => Kind::Space,
        _ => Kind::Mark,
    };
    let mut out = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let now = kind(c);
        if before.is_some_and(|before| before != now || now == Kind::Mark) {
            out.push(&text[start..at]);
            start = at;
        }
        before = Some(now);
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

/// The stretches of two texts in order; together they cover both (shortest edit script, Myers 1986, Algorithmica 1:251).
pub fn difference(old: &str, new: &str) -> Vec<Stretch> {
    let [a, b] = [old, new].map(pieces);
    let [in_old, in_new] = [&a, &b].map(|pieces| {
        let mut at = 0;
        let ends = pieces.iter().map(|piece| {
            at += piece.len();
            at
        });
        [0].into_iter().chain(ends).collect::<Vec<usize>>()
    });
    let ops = capture_diff_slices(Algorithm::Myers, &a, &b);
    let mut out: Vec<Stretch> = Vec::with_capacity(ops.len());
    for op in ops {
        let (old, new) = (op.old_range(), op.new_range());
        let stretch = Stretch {
            equal: matches!(op, DiffOp::Equal { .. }),
            old: in_old[old.start]..in_old[old.end],
            new: in_new[new.start]..in_new[new.end],
        };
        match out.last_mut() {
            Some(last) if last.equal == stretch.equal => {
                last.old.end = stretch.old.end;
                last.new.end = stretch.new.end;
            }
            _ => out.push(stretch),
        }
    }
    out
}
