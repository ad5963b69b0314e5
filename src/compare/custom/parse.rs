//! From text to a tree: what is written, before anybody knows what a name stands for.
//!
//! Recursive descent, one function per level of precedence, loosest first: `or`, `and`, `not`, comparisons (which do
//! not chain), `+ -`, `* /`, sign.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::ExpressionError;

/// Parts of an expression: enough for any rule a person reads, and no tree too deep to walk.
const MOST_PARTS: usize = 2_000;
/// Parentheses, signs and calls within each other.
const DEEPEST: usize = 50;

/// A part of an expression and the character it begins at, from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub at: usize,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Number(f64),
    /// `'LATAM'`.
    Text(String),
    /// `amount`, or `"amount due"`, which is a column even where a role is called so.
    Name {
        name: String,
        quoted: bool,
    },
    Negate(Box<Node>),
    Not(Box<Node>),
    Pair(Operator, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    If,
    Abs,
    Min,
    Max,
    Ln,
    Exp,
    Sqrt,
}

impl Function {
    const ALL: [(&'static str, Self); 7] = [
        ("if", Self::If),
        ("abs", Self::Abs),
        ("min", Self::Min),
        ("max", Self::Max),
        ("ln", Self::Ln),
        ("exp", Self::Exp),
        ("sqrt", Self::Sqrt),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }

    /// What its arguments are, where `count` is not a right number of them.
    fn misses(self, count: usize) -> Option<&'static str> {
        match self {
            Self::If => (count != 3).then_some("if(condition, value, other value)"),
            Self::Min => (count < 2).then_some("min(a, b) of two numbers or more"),
            Self::Max => (count < 2).then_some("max(a, b) of two numbers or more"),
            Self::Abs => (count != 1).then_some("abs(number)"),
            Self::Ln => (count != 1).then_some("ln(number)"),
            Self::Exp => (count != 1).then_some("exp(number)"),
            Self::Sqrt => (count != 1).then_some("sqrt(number)"),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name { name: String, quoted: bool },
    Sign(Operator),
    Not,
    Open,
    Close,
    Comma,
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => format!("'{text}'"),
            Self::Name { name, .. } => name.clone(),
            Self::Sign(operator) => operator.sign().to_owned(),
            Self::Not => "not".to_owned(),
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::Comma => ",".to_owned(),
        }
    }
}

impl Operator {
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::And => "and",
            Self::Or => "or",
        }
    }

    const fn compares(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual | Self::Less | Self::AtMost | Self::Greater | Self::AtLeast)
    }
}

fn wrong<T>(at: usize, message: impl Into<String>) -> Result<T, ExpressionError> {
    Err(ExpressionError { at, message: message.into() })
}

/// The tree of an expression.
///
/// # Errors
/// The text is none; says at which character, and what was expected there.
pub(super) fn parse(text: &str) -> Result<Node, ExpressionError> {
    let tokens = tokens(text)?;
    if tokens.len() > MOST_PARTS {
        return wrong(tokens[MOST_PARTS].0, format!("an expression has at most {MOST_PARTS} parts"));
    }
    let end = 1 + text.chars().count();
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), end, depth: 0 };
    let node = parser.either()?;
    match parser.tokens.next() {
        None => Ok(node),
        Some((at, Token::Close)) => wrong(at, "this ) closes nothing"),
        Some((at, token)) => wrong(at, format!("expected an operator or the end, found {}", token.shown())),
    }
}

/// `per` outside parentheses parts a ratio into what stands above and below the line.
pub(super) fn parted(text: &str) -> (&str, Option<&str>) {
    let mut depth = 0usize;
    let mut quote = None;
    let mut before = ' ';
    for (place, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) => quote = (open != letter).then_some(open),
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, 'p' | 'P') if depth == 0 && !in_name(before) => {
                let word = text.get(place..place + 3).is_some_and(|word| word.eq_ignore_ascii_case("per"));
                let after = text.get(place + 3..).and_then(|rest| rest.chars().next());
                if word && !after.is_some_and(in_name) {
                    return (text[..place].trim(), Some(text[place + 3..].trim()));
                }
            }
            _ => {}
        }
        before = letter;
    }
    (text.trim(), None)
}

fn in_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExpressionError> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(&letter) = letters.get(place) {
        let at = place + 1;
        let next = letters.get(place + 1).copied();
        let (token, taken) = match (letter, next) {
            (letter, _) if letter.is_whitespace() => {
                place += 1;
                continue;
            }
            ('(', _) => (Token::Open, 1),
            (')', _) => (Token::Close, 1),
            (',', _) => (Token::Comma, 1),
            ('+', _) => (Token::Sign(Operator::Add), 1),
            ('-' | '\u{2212}', _) => (Token::Sign(Operator::Subtract), 1),
            ('*', _) => (Token::Sign(Operator::Multiply), 1),
            ('/', _) => (Token::Sign(Operator::Divide), 1),
            ('=', Some('=')) => (Token::Sign(Operator::Equal), 2),
            ('=', _) => (Token::Sign(Operator::Equal), 1),
            ('!', Some('=')) | ('<', Some('>')) => (Token::Sign(Operator::NotEqual), 2),
            ('<', Some('=')) => (Token::Sign(Operator::AtMost), 2),
            ('<', _) => (Token::Sign(Operator::Less), 1),
            ('>', Some('=')) => (Token::Sign(Operator::AtLeast), 2),
            ('>', _) => (Token::Sign(Operator::Greater), 1),
            ('"' | '\'', _) => {
                let Some(length) = letters[place + 1..].iter().position(|other| *other == letter) else {
                    return wrong(at, format!("the {letter} that ends this {} is missing", quoted_word(letter)));
                };
                let inner: String = letters[place + 1..=place + length].iter().collect();
                let token = if letter == '"' { Token::Name { name: inner, quoted: true } } else { Token::Text(inner) };
                (token, length + 2)
            }
            (letter, next) if letter.is_ascii_digit() || letter == '.' && next.is_some_and(|n| n.is_ascii_digit()) => {
                number(&letters, place)?
            }
            (letter, _) if letter.is_alphabetic() || letter == '_' => {
                let length = letters[place..].iter().take_while(|letter| in_name(**letter)).count();
                let name: String = letters[place..place + length].iter().collect();
                let token = match name.to_ascii_lowercase().as_str() {
                    "and" => Token::Sign(Operator::And),
                    "or" => Token::Sign(Operator::Or),
                    "not" => Token::Not,
                    _ => Token::Name { name, quoted: false },
                };
                (token, length)
            }
            (letter, _) => return wrong(at, format!("{letter} has no meaning here")),
        };
        found.push((at, token));
        place += taken;
    }
    Ok(found)
}

const fn quoted_word(quote: char) -> &'static str {
    if quote == '"' { "column" } else { "text" }
}

/// Digits, a fraction, an exponent.
fn number(letters: &[char], start: usize) -> Result<(Token, usize), ExpressionError> {
    let digits = |from: usize| letters[from.min(letters.len())..].iter().take_while(|l| l.is_ascii_digit()).count();
    let mut end = start + digits(start);
    if letters.get(end) == Some(&'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(letters.get(end), Some('e' | 'E')) {
        let sign = usize::from(matches!(letters.get(end + 1), Some('+' | '-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    if letters.get(end).is_some_and(|letter| in_name(*letter)) {
        return wrong(end + 1, format!("{} cannot stand in a number", letters[end]));
    }
    let text: String = letters[start..end].iter().collect();
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok((Token::Number(number), end - start)),
        _ => wrong(start + 1, format!("{text} is no number that can be computed with")),
    }
}

struct Parser {
    tokens: Peekable<IntoIter<(usize, Token)>>,
    /// The character after the last.
    end: usize,
    depth: usize,
}

impl Parser {
    fn operator(&mut self, of: impl Fn(Operator) -> bool) -> Option<(usize, Operator)> {
        match self.tokens.peek() {
            Some((at, Token::Sign(operator))) if of(*operator) => {
                let found = (*at, *operator);
                self.tokens.next();
                Some(found)
            }
            _ => None,
        }
    }

    fn take(&mut self, token: &Token) -> bool {
        self.tokens.next_if(|(_, next)| next == token).is_some()
    }

    /// Pairs of `of`, from left to right.
    fn chain(
        &mut self,
        of: impl Fn(Operator) -> bool,
        part: impl Fn(&mut Self) -> Result<Node, ExpressionError>,
    ) -> Result<Node, ExpressionError> {
        let mut left = part(self)?;
        while let Some((at, operator)) = self.operator(&of) {
            let right = part(self)?;
            left = Node { at, what: What::Pair(operator, Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn either(&mut self) -> Result<Node, ExpressionError> {
        self.chain(|operator| operator == Operator::Or, Self::both)
    }

    fn both(&mut self) -> Result<Node, ExpressionError> {
        self.chain(|operator| operator == Operator::And, Self::negation)
    }

    fn negation(&mut self) -> Result<Node, ExpressionError> {
        let Some((at, _)) = self.tokens.next_if(|(_, next)| *next == Token::Not) else {
            return self.comparison();
        };
        let inner = self.deeper(at, Self::negation)?;
        Ok(Node { at, what: What::Not(Box::new(inner)) })
    }

    fn comparison(&mut self) -> Result<Node, ExpressionError> {
        let left = self.sum()?;
        let Some((at, operator)) = self.operator(Operator::compares) else {
            return Ok(left);
        };
        let right = self.sum()?;
        if let Some((at, _)) = self.operator(Operator::compares) {
            return wrong(at, "comparisons do not chain; write a < b and b < c");
        }
        Ok(Node { at, what: What::Pair(operator, Box::new(left), Box::new(right)) })
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        self.chain(|operator| matches!(operator, Operator::Add | Operator::Subtract), Self::product)
    }

    fn product(&mut self) -> Result<Node, ExpressionError> {
        self.chain(|operator| matches!(operator, Operator::Multiply | Operator::Divide), Self::signed)
    }

    fn signed(&mut self) -> Result<Node, ExpressionError> {
        match self.operator(|operator| matches!(operator, Operator::Subtract | Operator::Add)) {
            Some((at, Operator::Subtract)) => {
                let inner = self.deeper(at, Self::signed)?;
                Ok(Node { at, what: What::Negate(Box::new(inner)) })
            }
            Some((at, _)) => self.deeper(at, Self::signed),
            None => self.part(),
        }
    }

    fn deeper(
        &mut self,
        at: usize,
        part: impl FnOnce(&mut Self) -> Result<Node, ExpressionError>,
    ) -> Result<Node, ExpressionError> {
        if self.depth == DEEPEST {
            return wrong(at, format!("more than {DEEPEST} parts stand within each other"));
        }
        self.depth += 1;
        let found = part(self);
        self.depth -= 1;
        found
    }

    fn part(&mut self) -> Result<Node, ExpressionError> {
        const EXPECTED: &str = "expected a number, a column, a function or (";
        let Some((at, token)) = self.tokens.next() else {
            return wrong(self.end, format!("{EXPECTED}, found the end"));
        };
        let what = match token {
            Token::Number(number) => What::Number(number),
            Token::Text(text) => What::Text(text),
            Token::Name { name, quoted: false } if self.take(&Token::Open) => {
                // `If(` is as good as `if(`.
                let Some(function) = Function::named(&name.to_ascii_lowercase()) else {
                    let known = Function::ALL.map(|(name, _)| name);
                    let meant = crate::log::meant::did_you_mean(&name, known);
                    return wrong(at, format!("no function is called {name}{meant}; there are {}", known.join(", ")));
                };
                return self.call(at, function);
            }
            Token::Name { name, quoted } => What::Name { name, quoted },
            Token::Open => {
                let inner = self.deeper(at, Self::either)?;
                self.close(at)?;
                return Ok(inner);
            }
            other => return wrong(at, format!("{EXPECTED}, found {}", other.shown())),
        };
        Ok(Node { at, what })
    }

    fn call(&mut self, at: usize, function: Function) -> Result<Node, ExpressionError> {
        let mut arguments = Vec::new();
        if !self.take(&Token::Close) {
            loop {
                arguments.push(self.deeper(at, Self::either)?);
                if !self.take(&Token::Comma) {
                    break;
                }
            }
            self.close(at)?;
        }
        match function.misses(arguments.len()) {
            Some(form) => wrong(at, format!("write {form}; {} stand here", arguments.len())),
            None => Ok(Node { at, what: What::Call(function, arguments) }),
        }
    }

    fn close(&mut self, opened: usize) -> Result<(), ExpressionError> {
        match self.tokens.next() {
            Some((_, Token::Close)) => Ok(()),
            Some((at, token)) => wrong(at, format!("expected ) or an operator, found {}", token.shown())),
            None => wrong(self.end, format!("the ) that belongs to character {opened} is missing")),
        }
    }
}
