//! From a tree of words to one of numbers and truths, once it is known what a log holds.

use super::parse::{Function, Node, Operator, What};
use super::scope::{Kind, Place, Scope};
use super::{ExpressionError, parse};

/// An expression that gives a number per row. Columns and tests of texts are held by their places in [`Checked`].
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number {
    Constant(f64),
    Column(usize),
    /// 1 where true, 0 where not.
    Of(Box<Truth>),
    Negate(Box<Self>),
    Pair(Operator, Box<Self>, Box<Self>),
    If(Box<Truth>, Box<Self>, Box<Self>),
    Call(Function, Vec<Self>),
}

/// An expression that holds or does not.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Truth {
    /// A column of 0 and 1.
    Column(usize),
    Compare(Operator, Box<Number>, Box<Number>),
    Same(usize),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

/// Whether two texts are the same.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Same {
    pub left: usize,
    pub right: Text,
    /// `=`, else `!=`.
    pub equal: bool,
}

/// What a column of texts is held against.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text {
    Column(usize),
    Literal(String),
}

/// An expression whose names are known and whose parts fit together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Checked {
    pub tree: Number,
    /// Columns it reads, each once.
    pub places: Vec<Place>,
    pub tests: Vec<Same>,
}

/// What a part turned out to be.
enum Found {
    Number(Number),
    Truth(Truth),
    Text(Text),
}

struct Checker<'a> {
    scope: &'a Scope,
    places: Vec<Place>,
    tests: Vec<Same>,
}

/// The expression `text` over the columns of `scope`.
///
/// # Errors
/// It is none, names what is not there, or puts together what does not fit.
pub(super) fn check(text: &str, scope: &Scope) -> Result<Checked, ExpressionError> {
    let node = parse::parse(text)?;
    let mut checker = Checker { scope, places: Vec::new(), tests: Vec::new() };
    let tree = checker.number(&node)?;
    Ok(Checked { tree, places: checker.places, tests: checker.tests })
}

fn wrong<T>(at: usize, message: impl Into<String>) -> Result<T, ExpressionError> {
    Err(ExpressionError { at, message: message.into() })
}

impl Checker<'_> {
    fn number(&mut self, node: &Node) -> Result<Number, ExpressionError> {
        match self.part(node)? {
            Found::Number(number) => Ok(number),
            Found::Truth(truth) => Ok(Number::Of(Box::new(truth))),
            Found::Text(text) => {
                let shown = match &text {
                    Text::Literal(text) => format!("'{text}'"),
                    Text::Column(place) => self.places[*place].shown(),
                };
                wrong(node.at, format!("expected a number; {shown} is text, which can be compared by = and !="))
            }
        }
    }

    fn truth(&mut self, node: &Node) -> Result<Truth, ExpressionError> {
        match self.part(node)? {
            Found::Truth(truth) => Ok(truth),
            Found::Number(_) => wrong(node.at, "expected a condition; compare the number, as in amount > 0"),
            Found::Text(_) => wrong(node.at, "expected a condition; compare the text, as in region = 'LATAM'"),
        }
    }

    fn place(&mut self, place: Place) -> usize {
        self.places.iter().position(|known| *known == place).unwrap_or_else(|| {
            self.places.push(place);
            self.places.len() - 1
        })
    }

    fn part(&mut self, node: &Node) -> Result<Found, ExpressionError> {
        let number = |number| Ok(Found::Number(number));
        match &node.what {
            What::Number(value) => number(Number::Constant(*value)),
            What::Text(text) => Ok(Found::Text(Text::Literal(text.clone()))),
            What::Name { name, quoted } => {
                let (place, kind) = match self.scope.find(name, *quoted) {
                    Ok(found) => found,
                    Err(message) => return wrong(node.at, message),
                };
                let place = self.place(place);
                Ok(match kind {
                    Kind::Number => Found::Number(Number::Column(place)),
                    Kind::Truth => Found::Truth(Truth::Column(place)),
                    Kind::Text => Found::Text(Text::Column(place)),
                })
            }
            What::Negate(inner) => number(Number::Negate(Box::new(self.number(inner)?))),
            What::Not(inner) => Ok(Found::Truth(Truth::Not(Box::new(self.truth(inner)?)))),
            What::Pair(operator, left, right) => self.pair(node.at, *operator, left, right),
            What::Call(Function::If, arguments) => match arguments.as_slice() {
                [condition, value, other] => number(Number::If(
                    Box::new(self.truth(condition)?),
                    Box::new(self.number(value)?),
                    Box::new(self.number(other)?),
                )),
                _ => wrong(node.at, "write if(condition, value, other value)"),
            },
            What::Call(function, arguments) => {
                let arguments = arguments.iter().map(|part| self.number(part)).collect::<Result<_, _>>()?;
                number(Number::Call(*function, arguments))
            }
        }
    }

    fn pair(&mut self, at: usize, operator: Operator, left: &Node, right: &Node) -> Result<Found, ExpressionError> {
        match operator {
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                Ok(Found::Number(Number::Pair(operator, Box::new(left), Box::new(right))))
            }
            Operator::And | Operator::Or => {
                let (left, right) = (Box::new(self.truth(left)?), Box::new(self.truth(right)?));
                Ok(Found::Truth(if operator == Operator::And {
                    Truth::And(left, right)
                } else {
                    Truth::Or(left, right)
                }))
            }
            _ => self.compared(at, operator, left, right),
        }
    }

    fn compared(&mut self, at: usize, operator: Operator, left: &Node, right: &Node) -> Result<Found, ExpressionError> {
        let sides = (self.part(left)?, self.part(right)?);
        let as_number = |found| match found {
            Found::Number(number) => Some(number),
            Found::Truth(truth) => Some(Number::Of(Box::new(truth))),
            Found::Text(_) => None,
        };
        match sides {
            (Found::Text(left), Found::Text(right)) => {
                let equal = match operator {
                    Operator::Equal => true,
                    Operator::NotEqual => false,
                    other => return wrong(at, format!("texts are compared by = and !=, not by {}", other.sign())),
                };
                let (left, right) = match (left, right) {
                    (Text::Column(left), right) | (right, Text::Column(left)) => (left, right),
                    _ => return wrong(at, "two fixed texts are compared; one side is to be a column"),
                };
                self.tests.push(Same { left, right, equal });
                Ok(Found::Truth(Truth::Same(self.tests.len() - 1)))
            }
            (left, right) => match (as_number(left), as_number(right)) {
                (Some(left), Some(right)) => {
                    Ok(Found::Truth(Truth::Compare(operator, Box::new(left), Box::new(right))))
                }
                (left, _) => {
                    let (text, side) = if left.is_none() { ("left", "right") } else { ("right", "left") };
                    wrong(at, format!("the {text} side is text and the {side} side is a number"))
                }
            },
        }
    }
}
