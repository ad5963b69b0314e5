//! JSON token by token, on the raw bytes: numbers keep their spelling, so that ids stay exact. Taken beyond
//! the standard: `NaN`, `Infinity`, `inf` with a sign, as Python and R write them.

/// Values inside values, at most; deeper input is refused rather than recursed into.
const DEPTH: usize = 96;

/// Why a value could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum Fault {
    /// The text ended inside it.
    End,
    /// Something else stands at this byte.
    At(usize),
}

/// Position in a text.
pub(super) struct Scanner<'a> {
    pub text: &'a [u8],
    pub at: usize,
}

/// A value as found; containers are raw text.
pub(super) enum Value<'a> {
    Null,
    /// A number or `true`/`false`, as spelled.
    Plain(&'a [u8]),
    /// A string without escapes.
    Text(&'a [u8]),
    /// A string with escapes: the raw part between the quotes.
    Escaped(&'a [u8]),
    /// The scanner stands on the opening brace.
    Object,
    Array(&'a [u8]),
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    #[inline]
    pub fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    #[inline]
    pub fn peek(&self) -> Result<u8, Fault> {
        self.text.get(self.at).copied().ok_or(Fault::End)
    }

    /// Skip space, then take `byte`.
    #[inline]
    pub fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        self.skip_space();
        if self.peek()? == byte {
            self.at += 1;
            Ok(())
        } else {
            Err(Fault::At(self.at))
        }
    }

    /// A string, the scanner standing on its quote: raw text between the quotes, and whether it has escapes.
    #[inline]
    pub fn string(&mut self) -> Result<(&'a [u8], bool), Fault> {
        if self.peek()? != b'"' {
            return Err(Fault::At(self.at));
        }
        let start = self.at + 1;
        let mut from = start;
        let mut escaped = false;
        loop {
            let next = memchr::memchr2(b'"', b'\\', self.text.get(from..).ok_or(Fault::End)?).ok_or(Fault::End)? + from;
            if self.text[next] == b'"' {
                self.at = next + 1;
                return Ok((&self.text[start..next], escaped));
            }
            escaped = true;
            from = next + 2;
        }
    }

    /// The value at the scanner (space skipped). An object is only announced.
    #[inline]
    pub fn value(&mut self) -> Result<Value<'a>, Fault> {
        self.skip_space();
        match self.peek()? {
            b'"' => self.string().map(|(raw, escaped)| if escaped { Value::Escaped(raw) } else { Value::Text(raw) }),
            b'{' => Ok(Value::Object),
            b'[' => {
                let start = self.at;
                self.skip(0)?;
                Ok(Value::Array(&self.text[start..self.at]))
            }
            _ => self.plain(),
        }
    }

    fn plain(&mut self) -> Result<Value<'a>, Fault> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest
            .iter()
            .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'))
            .unwrap_or(rest.len());
        let token = &rest[..length];
        let ends_here = start + length == self.text.len();
        if token == b"null" {
            self.at += length;
            return Ok(Value::Null);
        }
        if is_number(token) || matches!(token, b"true" | b"false") || is_special(token) {
            self.at += length;
            return Ok(Value::Plain(token));
        }
        // `0.`, `-`, `tru`: a value that was cut off, if nothing follows.
        Err(if ends_here { Fault::End } else { Fault::At(start) })
    }

    /// Pass over one value of any kind.
    pub fn skip(&mut self, depth: usize) -> Result<(), Fault> {
        self.skip_space();
        let close = match self.peek()? {
            b'{' => b'}',
            b'[' => b']',
            b'"' => return self.string().map(|_| ()),
            _ => return self.plain().map(|_| ()),
        };
        if depth >= DEPTH {
            return Err(Fault::At(self.at));
        }
        self.at += 1;
        self.skip_space();
        if self.peek()? == close {
            self.at += 1;
            return Ok(());
        }
        loop {
            if close == b'}' {
                self.skip_space();
                self.string()?;
                self.expect(b':')?;
            }
            self.skip(depth + 1)?;
            self.skip_space();
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b',' => {}
                byte if byte == close => return Ok(()),
                _ => return Err(Fault::At(self.at - 1)),
            }
        }
    }
}

/// A JSON number; leading zeros and a leading plus are taken too.
fn is_number(token: &[u8]) -> bool {
    let mut rest = match token {
        [b'-' | b'+', rest @ ..] => rest,
        rest => rest,
    };
    let digits = |rest: &mut &[u8]| {
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        *rest = &rest[count..];
        count
    };
    let mut count = digits(&mut rest);
    if let [b'.', tail @ ..] = rest {
        rest = tail;
        count += digits(&mut rest);
    }
    if count == 0 {
        return false;
    }
    if let [b'e' | b'E', tail @ ..] = rest {
        rest = match tail {
            [b'-' | b'+', tail @ ..] => tail,
            tail => tail,
        };
        if digits(&mut rest) == 0 {
            return false;
        }
    }
    rest.is_empty()
}

fn is_special(token: &[u8]) -> bool {
    let token = token.strip_prefix(b"-").or_else(|| token.strip_prefix(b"+")).unwrap_or(token);
    matches!(token, b"NaN" | b"nan" | b"Infinity" | b"inf" | b"Inf" | b"-Inf")
}

/// Append the text of a string with escapes. Broken escapes and half surrogates become U+FFFD.
pub(super) fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(next) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..next]);
        let escape = rest.get(next + 1).copied().unwrap_or(b'\\');
        rest = rest.get(next + 2..).unwrap_or_default();
        let plain = match escape {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                let mut unit = hex4(&mut rest);
                if let Some(high @ 0xd800..=0xdbff) = unit
                    && let Some(mut tail) = rest.strip_prefix(b"\\u")
                    && let Some(low @ 0xdc00..=0xdfff) = hex4(&mut tail)
                {
                    rest = tail;
                    unit = Some(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                }
                let letter = unit.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            other => other,
        };
        out.push(plain);
    }
    out.extend_from_slice(rest);
}

fn hex4(rest: &mut &[u8]) -> Option<u32> {
    let (head, tail) = rest.split_at_checked(4)?;
    let unit = u32::from_str_radix(std::str::from_utf8(head).ok()?, 16).ok()?;
    *rest = tail;
    Some(unit)
}
