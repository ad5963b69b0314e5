//! Ids as join keys: exact, and small enough to be compared in a register where the ids allow it.
//!
//! Integers are keys themselves; UUID text and text of up to 15 bytes are packed into 128 bits without loss;
//! other text is a 64-bit hash whose equality is confirmed on the bytes.

use rayon::prelude::*;

use super::table::TextColumn;

/// Ids of lines, as the files hold them.
#[derive(Clone, Debug)]
pub enum LineIds {
    Integer { values: Vec<i64>, valid: Option<Vec<bool>> },
    Text(TextColumn),
}

impl LineIds {
    /// The same ids as text, for joining with a file that stores text.
    pub fn into_text(self) -> TextColumn {
        match self {
            Self::Text(text) => text,
            Self::Integer { values, valid } => {
                let mut text = TextColumn::default();
                for (row, value) in values.into_iter().enumerate() {
                    let present = valid.as_ref().is_none_or(|valid| valid[row]);
                    text.push(present.then(|| value.to_string()).as_deref().map(str::as_bytes));
                }
                text
            }
        }
    }
}

/// Keys of lines. Equal ids have equal keys; equal keys with [`Keys::same`] are equal ids.
pub trait Keys: Sync {
    type Key: Copy + Eq + Default + Send + Sync;
    /// `None`: the line has no id.
    fn key(&self, line: usize) -> Option<Self::Key>;
    fn hash(key: Self::Key) -> u64;
    /// Whether two lines of equal key have the same id.
    fn same(&self, _first: usize, _second: usize) -> bool {
        true
    }
}

/// Integers, as the file stores them.
pub struct IntegerKeys<'a> {
    parts: [(&'a [i64], Option<&'a [bool]>); 2],
}

impl<'a> IntegerKeys<'a> {
    /// Keys of one or two columns of integers, the second continuing the line numbers of the first.
    pub fn new(first: (&'a [i64], Option<&'a [bool]>), second: (&'a [i64], Option<&'a [bool]>)) -> Self {
        Self { parts: [first, second] }
    }
}

impl Keys for IntegerKeys<'_> {
    type Key = u64;

    #[inline]
    fn key(&self, line: usize) -> Option<u64> {
        let split = self.parts[0].0.len();
        let ((values, valid), line) = if line < split { (self.parts[0], line) } else { (self.parts[1], line - split) };
        valid.is_none_or(|valid| valid[line]).then(|| values[line] as u64)
    }

    #[inline]
    fn hash(key: u64) -> u64 {
        mix(key ^ 0x2545_F491_4F6C_DD1D)
    }
}

/// Text packed into 128 bits without loss.
pub struct PackedKeys<'a> {
    parts: [&'a TextColumn; 2],
    pack: fn(&[u8]) -> Option<u128>,
}

impl Keys for PackedKeys<'_> {
    type Key = u128;

    #[inline]
    fn key(&self, line: usize) -> Option<u128> {
        cell(self.parts, line).and_then(self.pack)
    }

    #[inline]
    fn hash(key: u128) -> u64 {
        mix(key as u64 ^ 0x2545_F491_4F6C_DD1D) ^ mix((key >> 64) as u64 ^ 0x9E6C_63D0_676A_9A99).rotate_left(32)
    }
}

/// Any text: hash, confirmed on the bytes.
pub struct HashedKeys<'a> {
    parts: [&'a TextColumn; 2],
}

impl Keys for HashedKeys<'_> {
    type Key = u64;

    fn key(&self, line: usize) -> Option<u64> {
        cell(self.parts, line).map(hash_bytes)
    }

    #[inline]
    fn hash(key: u64) -> u64 {
        key
    }

    fn same(&self, first: usize, second: usize) -> bool {
        cell(self.parts, first) == cell(self.parts, second)
    }
}

/// The way to key a pair of text columns.
pub enum TextKeys<'a> {
    Packed(PackedKeys<'a>),
    Hashed(HashedKeys<'a>),
}

impl<'a> TextKeys<'a> {
    /// The tightest exact key that all cells of both columns allow.
    pub fn choose(first: &'a TextColumn, second: &'a TextColumn) -> Self {
        let parts = [first, second];
        let all = |pack: fn(&[u8]) -> Option<u128>| {
            parts.iter().all(|text| {
                (0..text.len())
                    .into_par_iter()
                    .all(|row| text.get(row).is_none_or(|cell| cell.is_empty() || pack(cell).is_some()))
            })
        };
        for pack in [pack_uuid as fn(&[u8]) -> Option<u128>, pack_short] {
            if all(pack) {
                return Self::Packed(PackedKeys { parts, pack });
            }
        }
        Self::Hashed(HashedKeys { parts })
    }
}

/// An empty cell is no id.
#[inline]
fn cell(parts: [&TextColumn; 2], line: usize) -> Option<&[u8]> {
    let split = parts[0].len();
    let cell = if line < split { parts[0].get(line) } else { parts[1].get(line - split) };
    cell.filter(|cell| !cell.is_empty())
}

/// Folded multiply: both halves of the product, so that no input bit is lost to the top.
#[inline]
fn mix(value: u64) -> u64 {
    let product = u128::from(value) * 0x9E37_79B9_7F4A_7C15;
    (product as u64) ^ (product >> 64) as u64
}

fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut state = mix(bytes.len() as u64 ^ 0xA076_1D64_78BD_642F);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = mix(state.rotate_left(23) ^ u64::from_le_bytes(word));
    }
    let mut word = [0; 8];
    word[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    mix(mix(state.rotate_left(23) ^ u64::from_le_bytes(word)) ^ 0xE703_7ED1_A0B4_28DB)
}

/// Up to 15 bytes and their number.
fn pack_short(text: &[u8]) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes.get_mut(..text.len()).filter(|_| text.len() < 16)?.copy_from_slice(text);
    bytes[15] = text.len() as u8;
    Some(u128::from_le_bytes(bytes))
}

/// Canonical lower-case UUID text. Other spellings are other texts and are not packed.
fn pack_uuid(text: &[u8]) -> Option<u128> {
    let text: &[u8; 36] = text.try_into().ok()?;
    if text[8] != b'-' || text[13] != b'-' || text[18] != b'-' || text[23] != b'-' {
        return None;
    }
    let word = |at: usize, more: usize| -> Option<u64> {
        let mut word = [0; 8];
        word[..4].copy_from_slice(&text[at..at + 4]);
        word[4..].copy_from_slice(&text[more..more + 4]);
        unhex(u64::from_le_bytes(word))
    };
    let parts = [word(0, 4)?, word(9, 14)?, word(19, 24)?, word(28, 32)?];
    Some(parts.into_iter().fold(0, |value, part| value << 32 | u128::from(part)))
}

/// Eight lower-case hex digits at once (first digit in the low byte) to 32 bits; `None` if one is no digit.
#[inline]
fn unhex(text: u64) -> Option<u64> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    if text & HIGH != 0 {
        return None;
    }
    // Per byte, the high bit tells `byte >= bound`; no byte carries into the next.
    let at_least = |bound: u64| ((text | HIGH) - ONES * bound) & HIGH;
    let digit = at_least(u64::from(b'0')) & !at_least(u64::from(b'9') + 1);
    let letter = at_least(u64::from(b'a')) & !at_least(u64::from(b'f') + 1);
    if digit | letter != HIGH {
        return None;
    }
    let nibbles = (text & (ONES * 0x0f)) + (letter >> 7) * 9;
    // Gather the nibbles, first digit highest.
    let pairs = (nibbles << 4 | nibbles >> 8) & 0x00ff_00ff_00ff_00ff;
    let quads = (pairs << 8 | pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some((quads << 16 | quads >> 32) & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuid_text_is_packed_exactly() {
        let text = b"0123a567-89ab-4def-8123-456789abcdef";
        assert_eq!(pack_uuid(text), Some(0x0123_a567_89ab_4def_8123_4567_89ab_cdef));
        assert_eq!(pack_uuid(b"0123A567-89ab-4def-8123-456789abcdef"), None);
        assert_eq!(pack_uuid(b"0123g567-89ab-4def-8123-456789abcdef"), None);
        assert_eq!(pack_uuid(b"0123a567-89ab-4def-8123-456789abcde/"), None);
        for byte in 0..=255u8 {
            let mut text = *b"00000000-0000-4000-8000-000000000000";
            text[3] = byte;
            let hex = byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            assert_eq!(pack_uuid(&text).is_some(), hex, "{byte}");
        }
    }

    #[test]
    fn short_text_keeps_its_length() {
        assert_ne!(pack_short(b"a"), pack_short(b"a\0"));
        assert_eq!(pack_short(b"0123456789abcdef"), None);
        assert!(pack_short(b"0123456789abcde").is_some());
    }
}
