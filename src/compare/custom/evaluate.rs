//! Values of an expression, block by block.

use std::collections::HashMap;

use rayon::prelude::*;

use super::parse::{Function, Operator};
use super::scope::{Place, numbers};
use super::typed::{Checked, Number, Text, Truth};
use crate::compare::plan::Threshold;
use crate::job::{Cancelled, JobCx};
use crate::log::{Codes, Content, FeatureValues, Log, NO_CODE};

/// Rows that are computed at once: a few columns of them fit the cache.
const STRIDE: usize = 4_096;

/// Why a row has no value. The order is that of telling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum State {
    #[default]
    Known,
    /// A value that is needed was not logged.
    Missing,
    DividedByZero,
    /// A logarithm or root of what has none, or more than a number can hold.
    NoNumber,
}

/// Values of an expression at some rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Values {
    pub values: Vec<f64>,
    pub states: Vec<State>,
}

/// A column with its rows' values at hand.
enum Source<'a> {
    Numbers(&'a [f64]),
    /// 0 and 1; anything else is missing.
    Bytes(&'a [u8]),
    /// 1 where the number reaches the threshold.
    AtLeast(&'a [f64], f64),
    /// Numbers by the codes of a dictionary.
    Numbered(&'a Codes, Vec<f64>),
    Dictionary(&'a Codes),
    /// Classes or texts.
    Classes(&'a [u32], &'a [String]),
    Nothing,
}

impl<'a> Source<'a> {
    fn of(place: &Place, log: &'a Log, arm: usize, threshold: Threshold) -> Self {
        let numbers_of = |values: &'a Option<Vec<f64>>| values.as_deref().map_or(Self::Nothing, Self::Numbers);
        let Some(own) = log.arms.get(arm) else {
            return Self::Nothing;
        };
        match place {
            Place::Score => numbers_of(&own.scores),
            Place::Latency => numbers_of(&own.latency_ms),
            Place::Prediction => match (&log.content, threshold.value) {
                (Content::Numbers(_) | Content::Pairs(_), _) => numbers_of(&own.scores),
                (Content::Coded(coded), _) => match coded.answers.get(arm) {
                    Some(answers) => Self::Classes(answers, &coded.names),
                    None => Self::Nothing,
                },
                (_, Some(value)) => own.scores.as_deref().map_or(Self::Nothing, |scores| Self::AtLeast(scores, value)),
                (_, None) => own.predictions.as_deref().map_or(Self::Nothing, Self::Bytes),
            },
            Place::Label => match &log.content {
                Content::Numbers(numbers) => Self::Numbers(&numbers.truth),
                Content::Coded(coded) => Self::Classes(&coded.truth, &coded.names),
                Content::Pairs(pairs) => pairs.gold.as_deref().map_or(Self::Nothing, Self::Numbers),
                _ => Self::Bytes(&log.labels),
            },
            Place::Column(name) => {
                if let Some(feature) = log.feature(name) {
                    return match &feature.values {
                        FeatureValues::Numeric(values) => Self::Numbers(values),
                        FeatureValues::Coded(codes) => match numbers(codes) {
                            Some(known) => Self::Numbered(codes, known),
                            None => Self::Dictionary(codes),
                        },
                    };
                }
                let mut measures = log.split.iter().flat_map(|split| split.outcomes.iter().chain(&split.covariates));
                measures.find(|one| one.name == *name).map_or(Self::Nothing, |one| Self::Numbers(&one.values))
            }
        }
    }

    fn number(&self, row: usize) -> f64 {
        match self {
            Self::Numbers(values) => values[row],
            Self::Bytes(values) => match values[row] {
                value @ 0..=1 => f64::from(value),
                _ => f64::NAN,
            },
            Self::AtLeast(scores, threshold) => match scores[row] {
                score if score.is_nan() => f64::NAN,
                score => f64::from(u8::from(score >= *threshold)),
            },
            Self::Numbered(codes, known) => codes.code(row).map_or(f64::NAN, |code| known[code as usize]),
            Self::Dictionary(_) | Self::Classes(..) | Self::Nothing => f64::NAN,
        }
    }

    fn code(&self, row: usize) -> Option<u32> {
        match self {
            Self::Dictionary(codes) | Self::Numbered(codes, _) => codes.code(row),
            Self::Classes(codes, _) => Some(codes[row]).filter(|code| *code != NO_CODE),
            _ => None,
        }
    }

    fn names(&self) -> &[String] {
        match self {
            Self::Dictionary(codes) | Self::Numbered(codes, _) => &codes.names,
            Self::Classes(_, names) => names,
            _ => &[],
        }
    }
}

/// A test of two texts by codes.
struct Test {
    left: usize,
    /// The other column, and for each of its codes that of the left one.
    right: Option<(usize, Vec<Option<u32>>)>,
    /// Code of the fixed text; `None` where no row holds it.
    literal: Option<u32>,
    equal: bool,
}

/// An expression over the columns of one arm.
struct Bound<'a> {
    tree: &'a Number,
    sources: Vec<Source<'a>>,
    tests: Vec<Test>,
}

impl Checked {
    /// Values of an arm at `rows` of the log.
    ///
    /// # Errors
    /// Cancelled.
    pub fn values(
        &self,
        log: &Log,
        arm: usize,
        threshold: Threshold,
        rows: &[u32],
        cx: &JobCx,
    ) -> Result<Values, Cancelled> {
        let bound = self.bind(log, arm, threshold);
        let mut all = Values { values: vec![0.0; rows.len()], states: vec![State::Known; rows.len()] };
        let blocks =
            rows.par_chunks(STRIDE).zip(all.values.par_chunks_mut(STRIDE)).zip(all.states.par_chunks_mut(STRIDE));
        blocks.try_for_each(|((rows, values), states)| {
            cx.check()?;
            let found = bound.number(bound.tree, rows);
            values.copy_from_slice(&found.values);
            states.copy_from_slice(&found.states);
            Ok(())
        })?;
        Ok(all)
    }

    fn bind<'a>(&'a self, log: &'a Log, arm: usize, threshold: Threshold) -> Bound<'a> {
        let sources: Vec<Source<'a>> = self.places.iter().map(|place| Source::of(place, log, arm, threshold)).collect();
        let tests = self
            .tests
            .iter()
            .map(|test| {
                let known = sources[test.left].names();
                let code = |text: &str| known.iter().position(|name| name == text).map(|code| code as u32);
                let (right, literal) = match &test.right {
                    Text::Literal(text) => (None, code(text)),
                    Text::Column(right) => {
                        let codes: HashMap<&str, u32> = known.iter().map(String::as_str).zip(0..).collect();
                        let of = |name: &String| codes.get(name.as_str()).copied();
                        (Some((*right, sources[*right].names().iter().map(of).collect())), None)
                    }
                };
                Test { left: test.left, right, literal, equal: test.equal }
            })
            .collect();
        Bound { tree: &self.tree, sources, tests }
    }
}

impl Values {
    fn of(rows: &[u32], value: impl Fn(usize) -> f64) -> Self {
        let values: Vec<f64> = rows.iter().map(|&row| value(row as usize)).collect();
        let states = values.iter().map(|value| if value.is_nan() { State::Missing } else { State::Known }).collect();
        Self { values, states }
    }

    /// Change every value; what is no number then is told so.
    fn map(mut self, change: impl Fn(f64) -> f64) -> Self {
        for (value, state) in self.values.iter_mut().zip(&mut self.states) {
            *value = change(*value);
            if *state == State::Known && !value.is_finite() {
                *state = State::NoNumber;
            }
        }
        self
    }

    /// Put two values together; a row without one of them has none.
    fn with(mut self, other: &Self, pair: impl Fn(f64, f64) -> f64, by_zero: bool) -> Self {
        let others = other.values.iter().zip(&other.states);
        for ((value, state), (right, other)) in self.values.iter_mut().zip(&mut self.states).zip(others) {
            if *state == State::Known {
                *state = *other;
            }
            if *state == State::Known {
                if by_zero && *right == 0.0 {
                    *state = State::DividedByZero;
                } else {
                    *value = pair(*value, *right);
                    if !value.is_finite() {
                        *state = State::NoNumber;
                    }
                }
            }
        }
        self
    }
}

impl Bound<'_> {
    fn number(&self, tree: &Number, rows: &[u32]) -> Values {
        match tree {
            Number::Constant(value) => {
                Values { values: vec![*value; rows.len()], states: vec![State::Known; rows.len()] }
            }
            // A logged infinity is no number to go on with.
            Number::Column(place) => Values::of(rows, |row| self.sources[*place].number(row)).map(|value| value),
            Number::Of(truth) => self.truth(truth, rows),
            Number::Negate(inner) => self.number(inner, rows).map(|value| -value),
            Number::Pair(operator, left, right) => {
                let (left, right) = (self.number(left, rows), self.number(right, rows));
                match operator {
                    Operator::Add => left.with(&right, |a, b| a + b, false),
                    Operator::Subtract => left.with(&right, |a, b| a - b, false),
                    Operator::Multiply => left.with(&right, |a, b| a * b, false),
                    _ => left.with(&right, |a, b| a / b, true),
                }
            }
            Number::If(condition, value, other) => {
                let condition = self.truth(condition, rows);
                let (value, other) = (self.number(value, rows), self.number(other, rows));
                let pick = |row: usize| {
                    let chosen = if condition.values[row] == 1.0 { &value } else { &other };
                    match condition.states[row] {
                        State::Known => (chosen.values[row], chosen.states[row]),
                        state => (0.0, state),
                    }
                };
                let (values, states) = (0..rows.len()).map(pick).unzip();
                Values { values, states }
            }
            Number::Call(function, arguments) => self.call(*function, arguments, rows),
        }
    }

    fn call(&self, function: Function, arguments: &[Number], rows: &[u32]) -> Values {
        let mut all = arguments.iter().map(|part| self.number(part, rows));
        let Some(first) = all.next() else {
            return Values::default();
        };
        match function {
            Function::Abs => first.map(f64::abs),
            // The logarithm of 0 is no number either.
            Function::Ln => first.map(f64::ln),
            Function::Exp => first.map(f64::exp),
            Function::Sqrt => first.map(f64::sqrt),
            Function::Min => all.fold(first, |least, next| least.with(&next, f64::min, false)),
            Function::Max => all.fold(first, |most, next| most.with(&next, f64::max, false)),
            Function::If => first,
        }
    }

    /// 1 and 0. `and` and `or` are told by one side where that settles it (Kleene's logic), so that
    /// `amount != 0 and fee / amount > 0.1` has a value where the amount is 0.
    fn truth(&self, tree: &Truth, rows: &[u32]) -> Values {
        let as_number = |holds: bool| f64::from(u8::from(holds));
        match tree {
            Truth::Column(place) => Values::of(rows, |row| self.sources[*place].number(row)),
            Truth::Compare(operator, left, right) => {
                let (left, right) = (self.number(left, rows), self.number(right, rows));
                let holds = |a: f64, b: f64| match operator {
                    Operator::Equal => a == b,
                    Operator::NotEqual => a != b,
                    Operator::Less => a < b,
                    Operator::AtMost => a <= b,
                    Operator::Greater => a > b,
                    _ => a >= b,
                };
                left.with(&right, |a, b| as_number(holds(a, b)), false)
            }
            Truth::Same(test) => {
                let test = &self.tests[*test];
                Values::of(rows, |row| {
                    let left = self.sources[test.left].code(row);
                    let (known, right) = match &test.right {
                        None => (true, test.literal),
                        Some((place, codes)) => match self.sources[*place].code(row) {
                            Some(code) => (true, codes[code as usize]),
                            None => (false, None),
                        },
                    };
                    match left {
                        Some(left) if known => as_number((Some(left) == right) == test.equal),
                        _ => f64::NAN,
                    }
                })
            }
            Truth::Not(inner) => self.truth(inner, rows).map(|value| 1.0 - value),
            Truth::And(left, right) => self.settled(left, right, rows, 0.0),
            Truth::Or(left, right) => self.settled(left, right, rows, 1.0),
        }
    }

    /// `settles`: the value of a side that is the value of the whole.
    fn settled(&self, left: &Truth, right: &Truth, rows: &[u32], settles: f64) -> Values {
        let (mut left, right) = (self.truth(left, rows), self.truth(right, rows));
        let others = right.values.iter().zip(&right.states);
        for ((value, state), (other, of_other)) in left.values.iter_mut().zip(&mut left.states).zip(others) {
            let settled = |value: f64, state: State| state == State::Known && value == settles;
            if settled(*value, *state) || settled(*other, *of_other) {
                (*value, *state) = (settles, State::Known);
            } else if *state == State::Known {
                (*value, *state) = (1.0 - settles, *of_other);
            }
        }
        left
    }
}
