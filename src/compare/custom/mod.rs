//! Metrics of one's own: an expression over the columns of a row, averaged or as a ratio of two sums.
//!
//! The language: numbers, names of columns (`amount`, `"amount due"`), `score`, `prediction`, `label`, `latency` and
//! `weight`, texts (`'LATAM'`), `+ - * /`, `= != < <= > >=`, `and or not`, `if(condition, a, b)`, `abs`, `min`, `max`,
//! `ln`, `exp`, `sqrt`. A condition counts as 1 or 0. What one arm answered is read for that arm; a row on which either
//! arm has no value is left out for both.

mod evaluate;
mod parse;
mod scope;
#[cfg(test)]
mod tests;
mod typed;

use serde::{Deserialize, Serialize};

pub(crate) use self::evaluate::{State, Values};
use self::scope::Place;
pub use self::scope::{Kind, Scope};
use self::typed::Checked;
use super::plan::Threshold;
use crate::job::{Cancelled, JobCx};
use crate::log::Log;
use crate::metrics::registry::{self, Better, Unit};

/// A metric that a policy, a workspace or a person defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomMetric {
    /// As policies, records and `--json` write it.
    pub name: String,
    /// As shown, e.g. `EUR`; `share` is shown in per cent, `ms` as milliseconds. Empty: a plain number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    pub better: Better,
    /// Expression per row, averaged over rows; with `per` what stands above the line.
    pub value: String,
    /// Expression per row whose sum the sum of `value` is divided by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
}

/// What is wrong with an expression, and at which character, from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {message}")]
pub struct ExpressionError {
    pub at: usize,
    pub message: String,
}

/// Why a metric cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomError {
    #[error("{0}")]
    Name(String),
    #[error("value {0}")]
    Value(ExpressionError),
    #[error("per {0}")]
    Per(ExpressionError),
    #[error("{0}")]
    Form(String),
}

/// A metric that can be computed of a log.
#[derive(Clone, Debug)]
pub(crate) struct Computable {
    value: Checked,
    per: Option<Checked>,
}

/// What a metric came to on each row: the number, or what stands above and below the line.
#[derive(Clone, Debug)]
pub(crate) struct RowValues {
    pub value: Values,
    pub per: Option<Values>,
}

impl CustomMetric {
    /// From one line: `NAME:BETTER[:UNIT]=EXPRESSION [per EXPRESSION]`.
    ///
    /// # Errors
    /// The line is not of this form, or holds no expression.
    pub fn from_line(line: &str) -> Result<Self, CustomError> {
        const FORM: &str = "a metric is written NAME:BETTER[:UNIT]=EXPRESSION [per EXPRESSION], BETTER being higher, \
             lower or neither, as in net:higher:EUR=if(prediction, 20 * label - 5, 0)";
        let form = || CustomError::Form(FORM.to_owned());
        let (head, text) = line.split_once('=').ok_or_else(form)?;
        let mut head = head.splitn(3, ':').map(str::trim);
        let (name, better) = (head.next().unwrap_or_default(), head.next().ok_or_else(form)?);
        let better = match better {
            "higher" => Better::Higher,
            "lower" => Better::Lower,
            "neither" => Better::Neither,
            _ => return Err(form()),
        };
        let (value, per) = parse::parted(text);
        let metric = Self {
            name: name.to_owned(),
            unit: head.next().unwrap_or_default().to_owned(),
            better,
            value: value.to_owned(),
            per: per.map(str::to_owned),
        };
        metric.check_text()?;
        Ok(metric)
    }

    /// How numbers of the metric are shown.
    pub fn unit_kind(&self) -> Unit {
        match self.unit.trim() {
            "share" | "%" => Unit::Share,
            "ms" | "milliseconds" => Unit::Milliseconds,
            _ => Unit::Number,
        }
    }

    /// The unit as it stands beside numbers, where [`Unit`] has no word for it.
    pub fn unit_word(&self) -> Option<&str> {
        Some(self.unit.trim()).filter(|unit| !unit.is_empty() && self.unit_kind() == Unit::Number)
    }

    /// `mean of …`, `sum of … / sum of …`.
    pub fn formula(&self) -> String {
        match &self.per {
            None => format!("mean of {}", self.value.trim()),
            Some(per) => format!("sum of {} / sum of {}", self.value.trim(), per.trim()),
        }
    }

    /// Whatever can be said without a log.
    ///
    /// # Errors
    /// The name is taken or none, or an expression is none.
    pub fn check_text(&self) -> Result<(), CustomError> {
        let name = self.name.as_str();
        if !name.starts_with(char::is_alphabetic) || !name.chars().all(|l| l.is_alphanumeric() || l == '_') {
            let message = format!("\"{name}\" is no name: letters, digits and _, beginning with a letter");
            return Err(CustomError::Name(message));
        }
        if registry::find(name).is_some() {
            return Err(CustomError::Name(format!("{name} is a metric already; take another name")));
        }
        parse::parse(&self.value).map_err(CustomError::Value)?;
        if let Some(per) = &self.per {
            parse::parse(per).map_err(CustomError::Per)?;
        }
        Ok(())
    }

    /// Whether it can be computed of a log with these columns.
    ///
    /// # Errors
    /// As [`Self::check_text`]; a name is not there, or parts do not fit together.
    pub fn check(&self, scope: &Scope) -> Result<(), CustomError> {
        self.computable(scope).map(|_| ())
    }

    pub(crate) fn computable(&self, scope: &Scope) -> Result<Computable, CustomError> {
        self.check_text()?;
        Ok(Computable {
            value: typed::check(&self.value, scope).map_err(CustomError::Value)?,
            per: self.per.as_ref().map(|per| typed::check(per, scope)).transpose().map_err(CustomError::Per)?,
        })
    }
}

impl Computable {
    /// Whether a row without a label can have a value.
    pub fn needs_label(&self) -> bool {
        [Some(&self.value), self.per.as_ref()].into_iter().flatten().any(|one| one.places.contains(&Place::Label))
    }

    /// Values of an arm at `rows` of the log.
    ///
    /// # Errors
    /// Cancelled.
    pub fn row_values(
        &self,
        log: &Log,
        arm: usize,
        threshold: Threshold,
        rows: &[u32],
        cx: &JobCx,
    ) -> Result<RowValues, Cancelled> {
        let of = |one: &Checked| one.values(log, arm, threshold, rows, cx);
        Ok(RowValues { value: of(&self.value)?, per: self.per.as_ref().map(of).transpose()? })
    }
}

impl RowValues {
    /// Why a row has no value; that of the number above the line first.
    pub fn state(&self, place: usize) -> State {
        match (self.value.states[place], &self.per) {
            (State::Known, Some(per)) => per.states[place],
            (state, _) => state,
        }
    }

    /// Numbers at some places.
    pub fn at(&self, places: &[u32]) -> (Vec<f64>, Option<Vec<f64>>) {
        let take = |values: &Values| places.iter().map(|&place| values.values[place as usize]).collect();
        (take(&self.value), self.per.as_ref().map(take))
    }
}
