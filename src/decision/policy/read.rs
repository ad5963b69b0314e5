//! From TOML text to a [`Policy`]: structure only, every error with its line.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use toml::Spanned;

use super::{
    BoundArm, Design, Gate, GateMinimum, GateRole, IntervalRule, Margin, Missing, Policy, Problem, ProblemKind,
    Retraining, Rule, SCHEMA, Segment, Signoff, Test, TooSmall, ValidityLimits,
};
use crate::compare::{BUSINESS_VALUE, Better, CustomMetric, ValueModel};

/// Why a policy cannot be used: every error, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    pub problems: Vec<Problem>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    schema: Spanned<String>,
    id: String,
    version: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    design: Design,
    #[serde(default)]
    interval: IntervalRule,
    #[serde(default)]
    metrics: BTreeMap<String, RawMetric>,
    value: Option<ValueModel>,
    #[serde(default)]
    gate: Vec<RawGate>,
    #[serde(default)]
    validity: ValidityLimits,
    #[serde(default)]
    retraining: Retraining,
    verdict: RawVerdict,
    #[serde(default)]
    signoff: Signoff,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMetric {
    better: Option<Better>,
    unit: Option<String>,
    /// Makes it a metric of the policy's own.
    value: Option<String>,
    per: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVerdict {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGate {
    id: Spanned<String>,
    role: GateRole,
    metric: String,
    test: Test,
    margin: Option<Margin>,
    min: Option<RawMinimum>,
    max: Option<f64>,
    arm: Option<BoundArm>,
    #[serde(default)]
    segments: Vec<String>,
    #[serde(default)]
    too_small: TooSmall,
    missing: Option<Missing>,
    because: Option<String>,
}

/// `min` is the lower end of a bound when it is a number, the least evidence when it is a table.
enum RawMinimum {
    End(f64),
    Evidence(GateMinimum),
}

impl<'de> Deserialize<'de> for Margin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Relative {
            rel: f64,
        }
        struct MarginVisitor;
        impl<'de> Visitor<'de> for MarginVisitor {
            type Value = Margin;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number in the metric's unit, or { rel = share of the champion's value }")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Margin, E> {
                Ok(Margin::Absolute(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Margin, E> {
                Ok(Margin::Absolute(value as f64))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Margin, A::Error> {
                let table = Relative::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Margin::Relative(table.rel))
            }
        }
        deserializer.deserialize_any(MarginVisitor)
    }
}

impl<'de> Deserialize<'de> for RawMinimum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MinimumVisitor;
        impl<'de> Visitor<'de> for MinimumVisitor {
            type Value = RawMinimum;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number (lower end of a bound), or { units = …, events = … }")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<RawMinimum, E> {
                Ok(RawMinimum::End(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<RawMinimum, E> {
                Ok(RawMinimum::End(value as f64))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawMinimum, A::Error> {
                GateMinimum::deserialize(de::value::MapAccessDeserializer::new(map)).map(RawMinimum::Evidence)
            }
        }
        deserializer.deserialize_any(MinimumVisitor)
    }
}

/// Policy without its text and digest.
pub(super) fn read(text: &str) -> Result<Policy, PolicyError> {
    let raw: RawPolicy = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        one(line, "", error.message().to_owned())
    })?;
    if raw.schema.get_ref() != SCHEMA {
        let line = line_at(text, raw.schema.span().start);
        return Err(one(Some(line), "schema", format!("{SCHEMA} is expected, not {}", raw.schema.get_ref())));
    }
    let gates = raw.gate.into_iter().map(|gate| read_gate(text, gate)).collect::<Result<_, _>>()?;
    let custom = raw.metrics.iter().filter_map(|(name, rule)| read_custom(name, rule).transpose());
    let custom = custom.collect::<Result<_, _>>()?;
    let mut metrics: BTreeMap<String, Better> =
        raw.metrics.into_iter().filter_map(|(name, rule)| Some((name, rule.better?))).collect();
    if raw.value.is_some() {
        metrics.entry(BUSINESS_VALUE.to_owned()).or_insert(Better::Higher);
    }
    Ok(Policy {
        id: raw.id,
        version: raw.version,
        owner: raw.owner,
        design: raw.design,
        interval: raw.interval,
        metrics,
        custom,
        value: raw.value,
        gates,
        validity: raw.validity,
        retraining: raw.retraining,
        rules: raw.verdict.rules,
        signoff: raw.signoff,
        text: String::new(),
        sha256: String::new(),
    })
}

/// A metric that the policy defines, where it has an expression.
fn read_custom(name: &str, rule: &RawMetric) -> Result<Option<CustomMetric>, PolicyError> {
    let place = format!("metrics.{name}");
    match (&rule.value, rule.better) {
        (Some(value), Some(better)) => Ok(Some(CustomMetric {
            name: name.to_owned(),
            unit: rule.unit.clone().unwrap_or_default(),
            better,
            value: value.clone(),
            per: rule.per.clone(),
        })),
        (Some(_), None) => Err(one(None, &place, "a metric with a value says which way is better".to_owned())),
        (None, _) if rule.unit.is_some() || rule.per.is_some() => {
            Err(one(None, &place, "unit and per belong to a metric with a value".to_owned()))
        }
        (None, _) => Ok(None),
    }
}

fn read_gate(text: &str, raw: RawGate) -> Result<Gate, PolicyError> {
    let line = line_at(text, raw.id.span().start);
    let id = raw.id.into_inner();
    let segments = raw
        .segments
        .iter()
        .map(|segment| read_segment(segment).map_err(|message| one(Some(line), &format!("gate {id}"), message)))
        .collect::<Result<_, _>>()?;
    let (lower, min) = match raw.min {
        Some(RawMinimum::End(end)) => (Some(end), GateMinimum::default()),
        Some(RawMinimum::Evidence(minimum)) => (None, minimum),
        None => (None, GateMinimum::default()),
    };
    if raw.arm.is_some() && raw.test != Test::Bound {
        let message = "arm belongs to test = \"bound\"; every other test reads the difference".to_owned();
        return Err(one(Some(line), &format!("gate {id}"), message));
    }
    Ok(Gate {
        id,
        role: raw.role,
        metric: raw.metric,
        test: raw.test,
        margin: raw.margin,
        lower,
        upper: raw.max,
        arm: raw.arm.unwrap_or_default(),
        segments,
        min,
        too_small: raw.too_small,
        missing: raw.missing,
        because: raw.because,
        line,
    })
}

fn read_segment(text: &str) -> Result<Segment, String> {
    if text.contains(['=', '<']) {
        return text.parse().map(Segment::Slice).map_err(|error: crate::compare::SliceError| error.to_string());
    }
    let columns: Vec<String> = text.split('*').map(|column| column.trim().to_owned()).collect();
    if columns.iter().any(String::is_empty) {
        return Err(format!("a segment is written column, column*column or column=value, not \"{text}\""));
    }
    Ok(Segment::Cross(columns))
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count()
}

fn one(line: Option<usize>, place: &str, message: String) -> PolicyError {
    PolicyError { problems: vec![Problem { kind: ProblemKind::Error, line, place: place.to_owned(), message }] }
}
