//! Tokenisers of sacrebleu, and numbers for words.

use std::collections::HashMap;

use unicode_general_category::{GeneralCategory as Category, get_general_category};

/// How BLEU cuts a text into words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tokeniser {
    /// At white space alone: the text is tokenised already.
    None,
    /// mteval-v13a, the one of WMT.
    #[default]
    V13a,
    /// mteval-v14, which knows the punctuation and symbols of Unicode.
    International,
    /// Every character.
    Characters,
    /// Every Chinese character; the rest as mteval does.
    Chinese,
}

/// What Python's `str.split` takes for white space.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Words between white space.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

impl Tokeniser {
    /// The name in sacrebleu's signature.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::V13a => "13a",
            Self::International => "intl",
            Self::Characters => "char",
            Self::Chinese => "zh",
        }
    }

    /// The text with a space between tokens. Trailing white space is dropped first, as sacrebleu does.
    pub fn spaced(self, text: &str) -> String {
        let text = text.trim_end_matches(is_space);
        match self {
            Self::None => text.to_owned(),
            Self::V13a => western(&format!(" {} ", unescaped(text))),
            Self::International => international(text),
            Self::Characters => text.chars().flat_map(|c| [c, ' ']).collect(),
            Self::Chinese => {
                let mut out = String::with_capacity(2 * text.len());
                for c in text.trim_matches(is_space).chars() {
                    if is_chinese(c) { out.extend([' ', c, ' ']) } else { out.push(c) }
                }
                western(&out)
            }
        }
    }
}

fn unescaped(text: &str) -> String {
    let text = text.replace("<skipped>", "").replace("-\n", "").replace('\n', " ");
    if !text.contains('&') {
        return text;
    }
    text.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
}

/// A regular substitution of two neighbouring characters: where `fits`, both are taken and written by `write`; matches do
/// not overlap, the leftmost goes first.
fn pairs(text: &str, fits: impl Fn(char, char) -> bool, write: impl Fn(&mut String, char, char)) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    let mut chars = text.chars();
    let mut held = chars.next();
    while let Some(first) = held {
        held = chars.next();
        match held {
            Some(second) if fits(first, second) => {
                write(&mut out, first, second);
                held = chars.next();
            }
            _ => out.push(first),
        }
    }
    out
}

fn after(out: &mut String, first: char, second: char) {
    out.extend([first, ' ', second, ' ']);
}

fn before(out: &mut String, first: char, second: char) {
    out.extend([' ', first, ' ', second]);
}

/// sacrebleu's `TokenizerRegexp`: `[{-~[-` -&(-+:-@/]` apart, period and comma apart unless between digits, a dash
/// apart after a digit.
pub(super) fn western(text: &str) -> String {
    let mut out = String::with_capacity(2 * text.len());
    for c in text.chars() {
        match c {
            '{'..='~' | '['..='`' | ' '..='&' | '('..='+' | ':'..='@' | '/' => out.extend([' ', c, ' ']),
            c => out.push(c),
        }
    }
    let stop = |c: char| c == '.' || c == ',';
    let out = pairs(&out, |a, b| !a.is_ascii_digit() && stop(b), after);
    let out = pairs(&out, |a, b| stop(a) && !b.is_ascii_digit(), before);
    pairs(&out, |a, b| a.is_ascii_digit() && b == '-', after)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Number,
    Punctuation,
    Symbol,
    Other,
}

fn class(c: char) -> Class {
    match get_general_category(c) {
        Category::DecimalNumber | Category::LetterNumber | Category::OtherNumber => Class::Number,
        Category::ConnectorPunctuation
        | Category::DashPunctuation
        | Category::OpenPunctuation
        | Category::ClosePunctuation
        | Category::InitialPunctuation
        | Category::FinalPunctuation
        | Category::OtherPunctuation => Class::Punctuation,
        Category::MathSymbol | Category::CurrencySymbol | Category::ModifierSymbol | Category::OtherSymbol => {
            Class::Symbol
        }
        _ => Class::Other,
    }
}

fn international(text: &str) -> String {
    let out = pairs(text, |a, b| class(b) == Class::Punctuation && class(a) != Class::Number, after);
    let out = pairs(&out, |a, b| class(a) == Class::Punctuation && class(b) != Class::Number, before);
    let mut apart = String::with_capacity(out.len());
    for c in out.chars() {
        if class(c) == Class::Symbol { apart.extend([' ', c, ' ']) } else { apart.push(c) }
    }
    apart
}

/// The ranges of sacrebleu's `zh`. Two of them are written `\u20000` there, which Python reads as U+2000 and a `0`;
/// compared as texts with one character they hold U+2001 to U+2A6D and U+2F81 to U+2FA1, which is kept here for the
/// same numbers.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4db5}' | '\u{4e00}'..='\u{9fa5}' | '\u{9fa6}'..='\u{9fbb}' | '\u{f900}'..='\u{fa2d}'
        | '\u{fa30}'..='\u{fa6a}' | '\u{fa70}'..='\u{fad9}' | '\u{2001}'..='\u{2a6d}' | '\u{2f81}'..='\u{2fa1}'
        | '\u{ff00}'..='\u{ffef}' | '\u{2e80}'..='\u{2eff}' | '\u{3000}'..='\u{303f}' | '\u{31c0}'..='\u{31ef}'
        | '\u{2f00}'..='\u{2fdf}' | '\u{2ff0}'..='\u{2fff}' | '\u{3100}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}'
        | '\u{fe10}'..='\u{fe1f}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{3200}'..='\u{32ff}' | '\u{3300}'..='\u{33ff}')
}

/// Numbers for the words of one segment and its references, so that they compare and pack as numbers.
#[derive(Default)]
pub(super) struct Vocabulary<'a>(HashMap<&'a str, u32>);

impl<'a> Vocabulary<'a> {
    /// Numbers of words, new ones for those not seen.
    pub fn numbers(&mut self, words: impl Iterator<Item = &'a str>) -> Vec<u32> {
        let mut number = |word| {
            let next = self.0.len() as u32;
            *self.0.entry(word).or_insert(next)
        };
        words.map(&mut number).collect()
    }
}
