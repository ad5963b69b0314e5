//! What stands beside the scorecard: weakest segments, flips, what to know.

use super::super::format::{Digits, UNDEFINED, confidence, count, share, signed, signed_count};
use super::super::{Sentence, Sheet, Sign};
use super::scorecard::{Plot, PlotAxis, slice_index, titled};
use super::slice_in_view;
use crate::compare::{CheckOutcome, ClassCell, Classes, Detail, FlipTable, Selection};
use crate::decision::{GateResult, Outcome};

/// Segments of the segment gate that stands worst.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakest {
    /// What is drawn: `ROC AUC, not worse by 0.015`.
    pub qualifier: String,
    pub axis: PlotAxis,
    /// Worst first.
    pub lines: Vec<SegmentLine>,
    /// `22 of 24 segments pass, 2 cannot be told yet.`
    pub footer: String,
    /// Said instead where there are no segments.
    pub empty: String,
}

/// One segment.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentLine {
    pub sign: Sign,
    pub name: String,
    pub difference: String,
    pub interval: String,
    pub plot: Option<Plot>,
    pub rows: String,
    pub hover: String,
    /// Index into the plan's slices, to make it the population in view.
    pub slice: Option<usize>,
}

/// Rows that exactly one arm has right.
#[derive(Clone, Debug, PartialEq)]
pub struct Flips {
    /// Positive class first.
    pub lines: Vec<FlipLine>,
    /// `agreement 99.05 %, κ 0.604; net 668 rows fixed`.
    pub agreement: String,
    /// Net rows with intervals by class; may be empty.
    pub net: String,
}

/// One class of truth. Left: only the champion is right; right: only the challenger.
#[derive(Clone, Debug, PartialEq)]
pub struct FlipLine {
    pub class: String,
    pub counts: [String; 2],
    /// Of the longest bar, 0 to 1.
    pub shares: [f64; 2],
    pub selections: [Selection; 2],
}

/// A remark with its mark; `None` is a plain note.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    pub sign: Option<Sign>,
    pub text: Sentence,
}

pub(super) fn weakest(sheet: &Sheet<'_>) -> Weakest {
    let rank = |gate: &&GateResult| match gate.reading.outcome {
        Outcome::Fail => 0,
        Outcome::Inconclusive => 1,
        Outcome::NotEvaluable => 2,
        Outcome::Pass => 3,
    };
    let gate = sheet.verdict.gates.iter().filter(|gate| !gate.segments.is_empty()).min_by_key(rank);
    let Some(gate) = gate else {
        let asked = sheet.verdict.gates.iter().any(|gate| gate.by_segment);
        let empty = if asked {
            "The log holds none of the segments the policy asks for."
        } else {
            "No gate of the policy looks at segments."
        };
        return Weakest {
            qualifier: String::new(),
            axis: PlotAxis::margins(-2, 3),
            lines: Vec::new(),
            footer: String::new(),
            empty: empty.to_owned(),
        };
    };
    let line = |segment: &crate::decision::SegmentOutcome| {
        let raw = segment.reading.raw;
        let digits = raw.map(|raw| Digits::of(gate.unit, raw.value, Some((raw.lo, raw.hi))));
        let told = raw.zip(digits);
        SegmentLine {
            sign: segment.reading.outcome.into(),
            name: segment.name.clone(),
            difference: told.map_or_else(|| UNDEFINED.to_owned(), |(raw, digits)| digits.signed(raw.value)),
            interval: told.map_or_else(|| UNDEFINED.to_owned(), |(raw, digits)| digits.signed_interval(raw.lo, raw.hi)),
            plot: segment.reading.plot(gate.test, gate.lower, gate.upper).map(|plot| Plot {
                value: plot.value,
                interval: Some((plot.lo, plot.hi)),
                shade_below: plot.shade_below,
                shade_above: plot.shade_above,
            }),
            rows: count(segment.reading.rows),
            hover: segment.reading.reason.clone(),
            slice: slice_index(sheet, &segment.slice),
        }
    };
    let of = |outcome: Outcome| gate.segments.iter().filter(|segment| segment.reading.outcome == outcome).count();
    let mut footer = format!("{} of {} segments pass", of(Outcome::Pass), gate.segments.len());
    for (outcome, words) in [
        (Outcome::Fail, ["fails", "fail"]),
        (Outcome::Inconclusive, ["cannot be told yet", "cannot be told yet"]),
        (Outcome::NotEvaluable, ["cannot be evaluated", "cannot be evaluated"]),
    ] {
        match of(outcome) {
            0 => {}
            1 => footer.push_str(&format!(", 1 {}", words[0])),
            number => footer.push_str(&format!(", {number} {}", words[1])),
        }
    }
    footer.push('.');
    Weakest {
        qualifier: format!(
            "{} {}, {}",
            gate.id,
            titled(&sheet.comparison.plan, &gate.metric, gate.unit),
            gate.requirement
        ),
        axis: PlotAxis::margins(-2, 3),
        lines: gate.segments.iter().map(line).collect(),
        footer,
        empty: String::new(),
    }
}

pub(super) fn flips(sheet: &Sheet<'_>) -> Option<Flips> {
    let comparison = sheet.comparison;
    if let Detail::Multiclass(classes) = &comparison.detail {
        return class_flips(classes);
    }
    let tables = comparison.flips.as_ref()?;
    let longest = tables.iter().flat_map(|table| [table.broken, table.fixed]).max().unwrap_or(0).max(1) as f64;
    let line = |truth: bool, class: &str, table: &FlipTable| FlipLine {
        class: class.to_owned(),
        counts: [count(table.broken), count(table.fixed)],
        shares: [table.broken as f64 / longest, table.fixed as f64 / longest],
        selections: [[true, false], [false, true]].map(|right| Selection {
            truth: Some(truth),
            right: right.map(Some),
            ..Selection::default()
        }),
    };
    let [negative, positive] = tables;
    let [class_negative, class_positive] = &comparison.population.class_words();
    let net: i64 = tables.iter().map(|table| table.fixed as i64 - table.broken as i64).sum();
    let net = match net {
        0 => "as many rows fixed as broken".to_owned(),
        1.. => format!("net {} rows fixed", count(net.unsigned_abs())),
        _ => format!("net {} rows broken", count(net.unsigned_abs())),
    };
    let mut agreement = String::new();
    if let Some(found) = &comparison.agreement {
        agreement = format!("agreement {}", share(found.value, 2));
    }
    if let Some(kappa) = comparison.agreement_kappa {
        let comma = if agreement.is_empty() { "" } else { ", " };
        agreement.push_str(&format!("{comma}κ {}", super::super::format::fixed(kappa, 3)));
    }
    let agreement = if agreement.is_empty() { net } else { format!("{agreement}; {net}") };
    let by_class: Vec<String> = [(class_positive, positive), (class_negative, negative)]
        .into_iter()
        .filter_map(|(class, table)| {
            let net = table.net.as_ref()?;
            let (lo, hi) = net.lo.zip(net.hi)?;
            let rows = signed_count(net.value.round() as i64);
            Some(format!("{class} {rows} [{}, {}]", signed(lo, 0), signed(hi, 0)))
        })
        .collect();
    let net = if by_class.is_empty() { String::new() } else { format!("Net rows fixed: {}.", by_class.join("; ")) };
    Some(Flips {
        lines: vec![line(true, class_positive, positive), line(false, class_negative, negative)],
        agreement,
        net,
    })
}

/// Classes whose flips are drawn; the Confusion view lists all.
const CLASSES: usize = 3;

/// Flips of the classes that have most of them; `None` for one model.
fn class_flips(classes: &Classes) -> Option<Flips> {
    let ends = |code: usize| [classes.flips[code][1], classes.flips[code][2]];
    let mut order: Vec<usize> = (0..classes.flips.len()).collect();
    order.sort_by_key(|&code| std::cmp::Reverse(ends(code).iter().sum::<u64>()));
    order.truncate(CLASSES);
    let longest = order.iter().flat_map(|&code| ends(code)).max()?.max(1) as f64;
    let line = |code: usize| FlipLine {
        class: classes.names[code].clone(),
        counts: ends(code).map(count),
        shares: ends(code).map(|rows| rows as f64 / longest),
        selections: [[true, false], [false, true]].map(|right| Selection {
            classes: ClassCell { truth: Some((code as u32, classes.names[code].clone())), answer: None, groups: None },
            right: right.map(Some),
            ..Selection::default()
        }),
    };
    let sum = |at: usize| classes.flips.iter().map(|flips| flips[at]).sum::<u64>();
    let all = classes.flips.len();
    Some(Flips {
        agreement: format!("all classes: {} broken, {} fixed", count(sum(1)), count(sum(2))),
        net: match all > CLASSES {
            true => format!("Drawn are the {CLASSES} of {} classes with most flips.", count(all as u64)),
            false => String::new(),
        },
        lines: order.into_iter().map(line).collect(),
    })
}

pub(super) fn know(sheet: &Sheet<'_>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for check in &sheet.verdict.validity {
        let sign = match check.outcome {
            CheckOutcome::Fail => Some(Sign::Fail),
            CheckOutcome::Warn => Some(Sign::Inconclusive),
            CheckOutcome::Pass | CheckOutcome::NotEvaluable => continue,
        };
        let text = Sentence::default().strong(check.title.clone()).plain(format!(": {}", check.explanation));
        remarks.push(Remark { sign, text });
    }
    let slice = slice_in_view(sheet.comparison).is_some();
    for outcome in [Outcome::Fail, Outcome::Inconclusive, Outcome::NotEvaluable] {
        for gate in sheet.verdict.gates.iter().filter(|gate| gate.reading.outcome == outcome) {
            let place = if slice { " on all rows" } else { "" };
            let text = Sentence::default()
                .strong(format!("{} {}{place}", gate.id, gate.title))
                .plain(format!(": {}", gate.reading.reason));
            remarks.push(Remark { sign: Some(outcome.into()), text });
        }
    }
    remarks.sort_by_key(|remark| match remark.sign {
        Some(Sign::Fail) => 0,
        Some(Sign::Inconclusive) => 1,
        _ => 2,
    });
    let note = |note: &String| Remark { sign: None, text: Sentence::default().plain(note.clone()) };
    remarks.extend(sheet.comparison.notes.iter().map(note));
    if remarks.is_empty() {
        let level = confidence(sheet.comparison.plan.level);
        let text = if sheet.verdict.gates.is_empty() {
            "No check warns; the policy has no gate.".to_owned()
        } else {
            format!("Every gate passes at the {level} % level and no check warns.")
        };
        remarks.push(Remark { sign: Some(Sign::Pass), text: Sentence::default().plain(text) });
    }
    remarks
}
