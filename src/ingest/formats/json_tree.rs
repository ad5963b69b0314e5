//! A JSON text as a tree of exact spellings: what a payload inside a log record holds.

use super::json_scan::{Fault, Scanner, Value, unescape};

/// Values inside values, at most.
const DEPTH: usize = 64;

/// A value; numbers keep their spelling, containers their raw text too.
#[derive(Clone, Debug)]
pub(in crate::ingest) enum Tree<'a> {
    Null,
    /// A number, `true` or `false`, as spelled.
    Plain(&'a [u8]),
    Text(Vec<u8>),
    List(Vec<Tree<'a>>, &'a [u8]),
    Object(Vec<(String, Tree<'a>)>, &'a [u8]),
}

impl<'a> Tree<'a> {
    /// The values of `text`, one after another: one for plain JSON, several for JSON lines.
    pub fn all(text: &'a [u8]) -> Result<Vec<Self>, Fault> {
        let mut scanner = Scanner::new(text);
        let mut values = Vec::new();
        loop {
            scanner.skip_space();
            if scanner.at >= text.len() {
                return Ok(values);
            }
            values.push(Self::read(&mut scanner, 0)?);
        }
    }

    /// `text` as exactly one value.
    pub fn one(text: &'a [u8]) -> Option<Self> {
        let mut values = Self::all(text).ok()?;
        if values.len() == 1 { values.pop() } else { None }
    }

    fn read(scanner: &mut Scanner<'a>, depth: usize) -> Result<Self, Fault> {
        if depth > DEPTH {
            return Err(Fault::At(scanner.at));
        }
        scanner.skip_space();
        let start = scanner.at;
        match scanner.peek()? {
            b'{' => {
                let members = Self::members(scanner, depth)?;
                Ok(Self::Object(members, &scanner.text[start..scanner.at]))
            }
            b'[' => {
                scanner.at += 1;
                let mut items = Vec::new();
                scanner.skip_space();
                if scanner.peek()? == b']' {
                    scanner.at += 1;
                    return Ok(Self::List(items, &scanner.text[start..scanner.at]));
                }
                loop {
                    items.push(Self::read(scanner, depth + 1)?);
                    if Self::ends(scanner, b']')? {
                        return Ok(Self::List(items, &scanner.text[start..scanner.at]));
                    }
                }
            }
            _ => Ok(match scanner.value()? {
                Value::Plain(raw) => Self::Plain(raw),
                Value::Text(raw) => Self::Text(raw.to_vec()),
                Value::Escaped(raw) => {
                    let mut text = Vec::with_capacity(raw.len());
                    unescape(raw, &mut text);
                    Self::Text(text)
                }
                Value::Null | Value::Object | Value::Array(_) => Self::Null,
            }),
        }
    }

    fn members(scanner: &mut Scanner<'a>, depth: usize) -> Result<Vec<(String, Self)>, Fault> {
        scanner.at += 1;
        let mut members = Vec::new();
        scanner.skip_space();
        if scanner.peek()? == b'}' {
            scanner.at += 1;
            return Ok(members);
        }
        loop {
            scanner.skip_space();
            let (raw, escaped) = scanner.string()?;
            let mut key = Vec::new();
            if escaped {
                unescape(raw, &mut key);
            } else {
                key.extend_from_slice(raw);
            }
            scanner.expect(b':')?;
            members.push((String::from_utf8_lossy(&key).into_owned(), Self::read(scanner, depth + 1)?));
            if Self::ends(scanner, b'}')? {
                return Ok(members);
            }
        }
    }

    fn ends(scanner: &mut Scanner<'a>, close: u8) -> Result<bool, Fault> {
        scanner.skip_space();
        let byte = scanner.peek()?;
        scanner.at += 1;
        match byte {
            b',' => Ok(false),
            byte if byte == close => Ok(true),
            _ => Err(Fault::At(scanner.at - 1)),
        }
    }

    /// Member of an object; the last of that name.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members, _) => members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Members of an object; of anything else none.
    pub fn members_of(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members, _) => members,
            _ => &[],
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items, _) => Some(items),
            _ => None,
        }
    }

    /// As a cell: exact spelling, text without quotes, containers as JSON text; `None` for null.
    pub fn cell(&self) -> Option<Vec<u8>> {
        self.bytes().map(<[u8]>::to_vec)
    }

    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Null => None,
            Self::Plain(raw) | Self::List(_, raw) | Self::Object(_, raw) => Some(raw),
            Self::Text(text) => Some(text),
        }
    }

    /// As text, where it is text.
    pub fn str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => std::str::from_utf8(text).ok(),
            _ => None,
        }
    }

    pub fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(..) | Self::Object(..))
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Plain(raw) => std::str::from_utf8(raw).ok()?.parse().ok(),
            _ => None,
        }
    }
}

/// Write text as a JSON string.
pub(super) fn quote(text: &[u8], json: &mut Vec<u8>) {
    json.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => json.extend_from_slice(&[b'\\', byte]),
            0..0x20 => json.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            other => json.push(other),
        }
    }
    json.push(b'"');
}
