//! Conditions on columns: `region=LATAM`, `region=LATAM & channel=phone`, `amount>=100`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::log::meant::did_you_mean;
use crate::log::{ArmRole, Content, FeatureValues, Log, NO_CODE, RowMask, Task};

/// One condition on one feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Condition {
    Equal { column: String, value: String },
    NotEqual { column: String, value: String },
    AtLeast { column: String, value: f64 },
    Below { column: String, value: f64 },
}

/// Rows that meet all conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SliceSpec {
    pub conditions: Vec<Condition>,
}

/// Why a slice cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SliceError {
    #[error("a slice is written column=value, column!=value, column>=number or column<number, joined by &: {0}")]
    Syntax(String),
    #[error("no column {column} to slice by{meant}; there are: {known}")]
    UnknownColumn { column: String, known: String, meant: String },
    #[error("column {0} holds text; >= and < need numbers")]
    NotNumeric(String),
    #[error("column {0} holds numbers of many values; slice it with >= and <")]
    Continuous(String),
}

/// The true class of a row as a column to slice by.
const TRUTH: &str = "label";

/// What an arm answered as a column to slice by.
const ANSWERS: [&str; 2] = ["prediction.champion", "prediction.challenger"];

impl SliceError {
    /// No feature of `log` is called `column`.
    pub(super) fn unknown(log: &Log, column: &str) -> Self {
        Self::unknown_beside(log, column, &[])
    }

    /// No feature of `log` is called `column`, and none of the `other` names is.
    fn unknown_beside(log: &Log, column: &str, other: &[&str]) -> Self {
        let features = log.features.iter().map(|feature| feature.name.as_str());
        let names: Vec<&str> = features.chain(other.iter().copied()).collect();
        Self::UnknownColumn {
            column: column.to_owned(),
            meant: did_you_mean(column, names.iter().copied()),
            known: names.join(", "),
        }
    }
}

impl Condition {
    pub fn column(&self) -> &str {
        match self {
            Self::Equal { column, .. }
            | Self::NotEqual { column, .. }
            | Self::AtLeast { column, .. }
            | Self::Below { column, .. } => column,
        }
    }

    fn mask(&self, log: &Log) -> Result<RowMask, SliceError> {
        let Some(feature) = log.feature(self.column()) else {
            let (codes, wanted, equal) = self.classes(log)?;
            return Ok(RowMask::from_fn(log.rows, |row| {
                codes[row] != NO_CODE && (Some(codes[row]) == wanted) == equal
            }));
        };
        match (&feature.values, self) {
            (FeatureValues::Coded(codes), Self::Equal { value, .. }) => {
                let wanted = codes.names.iter().position(|name| name == value).map(|code| code as u32);
                Ok(RowMask::from_fn(log.rows, |row| wanted.is_some() && codes.code(row) == wanted))
            }
            (FeatureValues::Coded(codes), Self::NotEqual { value, .. }) => {
                let wanted = codes.names.iter().position(|name| name == value).map(|code| code as u32);
                Ok(RowMask::from_fn(log.rows, |row| {
                    let code = codes.code(row);
                    code.is_some() && code != wanted
                }))
            }
            (FeatureValues::Numeric(values), Self::Equal { value, .. } | Self::NotEqual { value, .. }) => {
                let wanted: f64 = value.parse().map_err(|_| SliceError::Syntax(self.to_string()))?;
                let equal = matches!(self, Self::Equal { .. });
                Ok(RowMask::from_fn(log.rows, |row| !values[row].is_nan() && (values[row] == wanted) == equal))
            }
            (FeatureValues::Numeric(values), Self::AtLeast { value, .. }) => {
                Ok(RowMask::from_fn(log.rows, |row| values[row] >= *value))
            }
            (FeatureValues::Numeric(values), Self::Below { value, .. }) => {
                Ok(RowMask::from_fn(log.rows, |row| values[row] < *value))
            }
            // Few-valued whole numbers are kept as codes; compare by their number where all names are numbers.
            (FeatureValues::Coded(codes), Self::AtLeast { value, .. } | Self::Below { value, .. }) => {
                let numbers: Option<Vec<f64>> = codes.names.iter().map(|name| name.parse().ok()).collect();
                let numbers = numbers.ok_or_else(|| SliceError::NotNumeric(feature.name.clone()))?;
                let at_least = matches!(self, Self::AtLeast { .. });
                Ok(RowMask::from_fn(log.rows, |row| {
                    codes.code(row).is_some_and(|code| (numbers[code as usize] >= *value) == at_least)
                }))
            }
        }
    }
}

impl Condition {
    /// True classes or answers, per row, with the code that is asked for and whether it is or must not be it; a feature
    /// of the same name goes before.
    pub(super) fn classes<'a>(&self, log: &'a Log) -> Result<(&'a [u32], Option<u32>, bool), SliceError> {
        let coded = match &log.content {
            Content::Coded(coded) if log.task == Task::Multiclass => coded,
            _ => return Err(SliceError::unknown(log, self.column())),
        };
        let unknown = || SliceError::unknown_beside(log, self.column(), &[TRUTH, ANSWERS[0], ANSWERS[1]]);
        let codes = if self.column() == TRUTH {
            &coded.truth
        } else {
            let arm = ANSWERS.iter().position(|name| *name == self.column()).ok_or_else(unknown)?;
            coded.answers.get(arm).ok_or_else(unknown)?
        };
        let (value, equal) = match self {
            Self::Equal { value, .. } => (value, true),
            Self::NotEqual { value, .. } => (value, false),
            Self::AtLeast { .. } | Self::Below { .. } => return Err(SliceError::NotNumeric(self.column().to_owned())),
        };
        let wanted = coded.names.iter().position(|name| name == value).map(|code| code as u32);
        Ok((codes, wanted, equal))
    }
}

impl SliceSpec {
    /// Rows of `log` of one true class, or those that an arm answered so, or both; `None` where a slice cannot name them.
    pub fn of_classes(log: &Log, truth: Option<&str>, answer: Option<(ArmRole, &str)>) -> Option<Self> {
        let equal = |column: &str, value: &str| Self::equal(column, value).conditions;
        let truth = truth.map(|value| equal(TRUTH, value));
        let answer = answer.map(|(role, value)| equal(ANSWERS[role.index()], value));
        let spec = Self { conditions: truth.into_iter().chain(answer).flatten().collect() };
        let named = spec.conditions.iter().all(|condition| log.feature(condition.column()).is_none());
        // A name that holds a sign of the notation would be read as something else.
        (named && !spec.conditions.is_empty() && spec.to_string().parse() == Ok(spec.clone())).then_some(spec)
    }

    /// Slice of one value of one column.
    pub fn equal(column: &str, value: &str) -> Self {
        Self { conditions: vec![Condition::Equal { column: column.to_owned(), value: value.to_owned() }] }
    }

    /// Rows of `log` that meet all conditions.
    pub fn mask(&self, log: &Log) -> Result<RowMask, SliceError> {
        let mut mask = RowMask::all(log.rows);
        for condition in &self.conditions {
            mask = mask.and(&condition.mask(log)?);
        }
        Ok(mask)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal { column, value } => write!(f, "{column}={value}"),
            Self::NotEqual { column, value } => write!(f, "{column}!={value}"),
            Self::AtLeast { column, value } => write!(f, "{column}>={value}"),
            Self::Below { column, value } => write!(f, "{column}<{value}"),
        }
    }
}

impl fmt::Display for SliceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, condition) in self.conditions.iter().enumerate() {
            if index > 0 {
                f.write_str(" & ")?;
            }
            condition.fmt(f)?;
        }
        Ok(())
    }
}

impl FromStr for SliceSpec {
    type Err = SliceError;

    fn from_str(text: &str) -> Result<Self, SliceError> {
        let syntax = || SliceError::Syntax(text.to_owned());
        let conditions = text.split('&').map(|part| {
            let part = part.trim();
            let split = |operator: &str| {
                part.split_once(operator)
                    .map(|(column, value)| (column.trim().to_owned(), value.trim().to_owned()))
                    .filter(|(column, value)| !column.is_empty() && !value.is_empty())
            };
            if let Some((column, value)) = split("!=") {
                Ok(Condition::NotEqual { column, value })
            } else if let Some((column, value)) = split(">=") {
                Ok(Condition::AtLeast { column, value: value.parse().map_err(|_| syntax())? })
            } else if let Some((column, value)) = split("<") {
                Ok(Condition::Below { column, value: value.parse().map_err(|_| syntax())? })
            } else if let Some((column, value)) = split("=") {
                Ok(Condition::Equal { column, value })
            } else {
                Err(syntax())
            }
        });
        Ok(Self { conditions: conditions.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_read_back_as_written() {
        for text in ["region=LATAM", "region=LATAM & channel!=phone", "amount>=100 & amount<250.5"] {
            assert_eq!(text.parse::<SliceSpec>().unwrap().to_string(), text);
        }
        assert!(matches!("region".parse::<SliceSpec>(), Err(SliceError::Syntax(_))));
        assert!(matches!("amount>=much".parse::<SliceSpec>(), Err(SliceError::Syntax(_))));
    }
}
