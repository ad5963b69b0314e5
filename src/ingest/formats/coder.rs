//! Dictionary codes of text cells, found by their 16-byte views without hashing the text.

use std::collections::HashMap;

/// Most names a coded text column may have while they are more than a quarter of its rows.
const MANY_NAMES: usize = 1 << 16;

/// Codes by the 16-byte view. Text of up to 12 bytes stands in its view; longer text of a dictionary page has
/// one view per entry, so equal views are equal text, and unequal views are settled by the text itself.
pub(super) struct Coder {
    views: Vec<u128>,
    codes: Vec<u32>,
    used: usize,
    pub(super) names: Vec<String>,
    by_name: HashMap<String, u32>,
    full: bool,
}

const FREE: u32 = u32::MAX;

impl Coder {
    pub(super) fn new(names: Vec<String>) -> Self {
        let by_name = (0u32..).zip(&names).map(|(code, name)| (name.clone(), code)).collect();
        Self { views: vec![0; 64], codes: vec![FREE; 64], used: 0, names, by_name, full: false }
    }

    /// Views of another array point into other buffers.
    pub(super) fn forget_views(&mut self) {
        self.codes.fill(FREE);
        self.used = 0;
    }

    #[inline]
    fn slot(&self, view: u128) -> usize {
        let mixed = (view as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ ((view >> 64) as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 32) as usize & (self.views.len() - 1)
    }

    #[inline]
    pub(super) fn code<'a>(&mut self, view: u128, text: impl Fn() -> &'a str, rows: usize) -> Option<u32> {
        let mut slot = self.slot(view);
        loop {
            let code = self.codes[slot];
            if code == FREE {
                return self.learn(view, slot, text(), rows);
            }
            if self.views[slot] == view {
                return Some(code);
            }
            slot = (slot + 1) & (self.views.len() - 1);
        }
    }

    /// Code of a text by itself; `None` when there are too many for `rows` rows.
    #[cold]
    pub(super) fn name(&mut self, text: &str, rows: usize) -> Option<u32> {
        if self.full {
            return None;
        }
        if let Some(&code) = self.by_name.get(text) {
            return Some(code);
        }
        if self.names.len() >= MANY_NAMES && self.names.len() * 4 > rows {
            self.full = true;
            return None;
        }
        let code = u32::try_from(self.names.len()).ok().filter(|&code| code < FREE)?;
        self.names.push(text.to_owned());
        self.by_name.insert(text.to_owned(), code);
        Some(code)
    }

    #[cold]
    fn learn(&mut self, view: u128, slot: usize, text: &str, rows: usize) -> Option<u32> {
        let code = self.name(text, rows)?;
        self.views[slot] = view;
        self.codes[slot] = code;
        self.used += 1;
        if self.used * 2 > self.views.len() {
            self.grow();
        }
        Some(code)
    }

    fn grow(&mut self) {
        let size = self.views.len() * 4;
        let views = std::mem::replace(&mut self.views, vec![0; size]);
        let codes = std::mem::replace(&mut self.codes, vec![FREE; size]);
        for (view, code) in views.into_iter().zip(codes).filter(|(_, code)| *code != FREE) {
            let mut slot = self.slot(view);
            while self.codes[slot] != FREE {
                slot = (slot + 1) & (size - 1);
            }
            self.views[slot] = view;
            self.codes[slot] = code;
        }
    }
}
