//! Gates and their segments as rows.

use crate::decision::numerals::{Digits, unit_label};
use crate::decision::{GatePlot, GateResult, Quantity, Reading, SegmentOutcome};
use crate::present::Sign;
use crate::present::overview::rows_and_positives;

/// One gate of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct GateRow {
    pub id: String,
    pub sign: Sign,
    /// With the unit of the values: `Recall, pp`.
    pub title: String,
    /// `primary`, `critical`, `report only`; empty for guardrails.
    pub role: &'static str,
    pub required: String,
    /// Not oriented; `None` where undefined, `reason` says why.
    pub value: Option<String>,
    pub interval: Option<String>,
    /// In multiples of the margin, better to the right.
    pub plot: Option<GatePlot>,
    pub reason: String,
    /// Whether a rule reads it.
    pub binds: bool,
    /// Why the requirement is what it is, in the policy's words.
    pub because: Option<String>,
    /// Worst first; empty for gates on all rows.
    pub segments: Vec<SegmentRow>,
}

/// One segment of a gate.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentRow {
    pub name: String,
    pub sign: Sign,
    /// `2,459 rows, 58 positive`.
    pub evidence: String,
    pub value: Option<String>,
    pub interval: Option<String>,
    pub plot: Option<GatePlot>,
    pub reason: String,
}

pub(super) fn row(gate: &GateResult) -> GateRow {
    let (value, interval) = numbers(gate, &gate.reading);
    let unit = match gate.reading.quantity {
        Quantity::ArmValue => unit_label(gate.unit, false),
        Quantity::Difference | Quantity::FromTarget => unit_label(gate.unit, true),
    };
    GateRow {
        id: gate.id.clone(),
        sign: gate.reading.outcome.into(),
        title: if unit.is_empty() { gate.title.clone() } else { format!("{}, {unit}", gate.title) },
        role: gate.role.word(),
        required: gate.requirement.clone(),
        value,
        interval,
        plot: gate.plot(),
        reason: gate.reading.reason.clone(),
        binds: gate.binds(),
        because: gate.because.clone(),
        segments: gate.segments.iter().map(|segment| segment_row(gate, segment)).collect(),
    }
}

fn segment_row(gate: &GateResult, segment: &SegmentOutcome) -> SegmentRow {
    let reading = &segment.reading;
    let (value, interval) = numbers(gate, reading);
    SegmentRow {
        name: segment.name.clone(),
        sign: reading.outcome.into(),
        evidence: rows_and_positives(reading.rows, reading.positives),
        value,
        interval,
        plot: reading.plot(gate.test, gate.lower, gate.upper),
        reason: reading.reason.clone(),
    }
}

/// Value and interval with the digits the interval supports, never rounded onto an edge.
fn numbers(gate: &GateResult, reading: &Reading) -> (Option<String>, Option<String>) {
    let Some(raw) = reading.raw else {
        return (None, None);
    };
    let digits = Digits::of(gate.unit, raw.value, Some((raw.lo, raw.hi)))
        .clear_of(&[raw.value, raw.lo, raw.hi], &gate.edges_of(reading));
    if reading.quantity == Quantity::ArmValue {
        (Some(digits.value(raw.value)), Some(digits.interval(raw.lo, raw.hi)))
    } else {
        (Some(digits.signed(raw.value)), Some(digits.signed_interval(raw.lo, raw.hi)))
    }
}
