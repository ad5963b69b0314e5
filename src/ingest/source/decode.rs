//! Containers and encodings, by content: gzip, zstd, bzip2, xz; UTF-8, UTF-16, Latin-1.

use super::unpack;
use crate::job::{Cancelled, JobCx};

/// A text file as UTF-8.
#[derive(Clone, Debug, Default)]
pub struct Text {
    pub bytes: Vec<u8>,
    /// `gzip`, `zstd`, `bzip2`, `xz`, or empty.
    pub container: &'static str,
    /// `utf-16le`, `utf-16be`, `latin-1`, or empty for UTF-8.
    pub encoding: &'static str,
    /// The container ended early or is damaged; what came before is in `bytes`.
    pub damage: Option<String>,
    /// More than this limit comes out of the container, so nothing was kept.
    pub too_large: Option<u64>,
    /// Some bytes are not UTF-8 and the rest leaves no doubt that the file is: readers check each record.
    pub check_utf8: bool,
}

/// Unpack and bring to UTF-8 without a byte order mark.
///
/// # Errors
/// Cancelled.
pub fn decode(raw: Vec<u8>, cx: &JobCx) -> Result<Text, Cancelled> {
    let limit = if unpack::container(&raw).is_empty() { u64::MAX } else { unpack::room() };
    decode_within(raw, limit, cx)
}

/// As [`decode`], for a given limit on what comes out of a container.
pub(super) fn decode_within(raw: Vec<u8>, limit: u64, cx: &JobCx) -> Result<Text, Cancelled> {
    let mut text = Text { bytes: raw, ..Text::default() };
    text.container = unpack::container(&text.bytes);
    if !text.container.is_empty() {
        let out = unpack::unpack(text.container, &text.bytes, limit, cx)?;
        (text.bytes, text.damage, text.too_large) = (out.bytes, out.damage, out.too_large);
    }
    to_utf8(&mut text);
    Ok(text)
}

fn to_utf8(text: &mut Text) {
    if text.bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        text.bytes.drain(..3);
    } else if text.bytes.starts_with(&[0xff, 0xfe]) {
        text.encoding = "utf-16le";
        text.bytes = from_utf16(&text.bytes[2..], u16::from_le_bytes);
        return;
    } else if text.bytes.starts_with(&[0xfe, 0xff]) {
        text.encoding = "utf-16be";
        text.bytes = from_utf16(&text.bytes[2..], u16::from_be_bytes);
        return;
    } else if let Some(little) = looks_like_utf16(&text.bytes) {
        text.encoding = if little { "utf-16le" } else { "utf-16be" };
        text.bytes = from_utf16(&text.bytes, if little { u16::from_le_bytes } else { u16::from_be_bytes });
        return;
    }
    if std::str::from_utf8(&text.bytes).is_ok() {
        return;
    }
    // One multi-byte character that is right by chance is rare in Latin-1: where there are some, the
    // file is UTF-8 with damaged records.
    let (mut right, mut wrong) = (0u64, 0u64);
    for chunk in text.bytes.utf8_chunks() {
        right += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count() as u64;
        wrong += u64::from(!chunk.invalid().is_empty());
    }
    let lines = memchr::memchr_iter(b'\n', &text.bytes).count() as u64 + 1;
    if right >= wrong || (right > 0 && wrong * 1000 < lines) {
        text.check_utf8 = true;
    } else {
        text.encoding = "latin-1";
        text.bytes = text.bytes.iter().map(|&byte| latin1(byte)).collect::<String>().into_bytes();
    }
}

/// Windows puts printable characters where Latin-1 has control codes; files that say Latin-1 mean those.
fn latin1(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text.into_bytes()
}

/// UTF-16 without a mark: most text is ASCII, so every second byte is zero. `Some(true)`: little endian.
fn looks_like_utf16(bytes: &[u8]) -> Option<bool> {
    let (pairs, _) = bytes[..bytes.len().min(4096)].as_chunks::<2>();
    if pairs.len() < 4 {
        return None;
    }
    let low = pairs.iter().filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    let high = pairs.iter().filter(|pair| pair[1] == 0 && pair[0] != 0).count();
    let most = pairs.len() * 9 / 10;
    if high > most {
        Some(true)
    } else if low > most {
        Some(false)
    } else {
        None
    }
}
