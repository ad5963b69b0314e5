//! Segment gates: every segment is judged and listed, the worst one speaks for the gate.

use serde::{Deserialize, Serialize};

use super::gate::{Outcome, Reading, Ruler, evaluate};
use super::policy::{Gate, Missing, Segment, TooSmall};
use crate::compare::Comparison;

/// What a gate found on one segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentOutcome {
    /// As shown: `LATAM × phone`.
    pub name: String,
    /// As written in the comparison: `region=LATAM & channel=phone`.
    pub slice: String,
    /// What the segment counts as; `None`: listed only, because the policy says so of segments that are too small
    /// or have no data.
    pub counts_as: Option<Outcome>,
    pub reading: Reading,
}

/// Judge every segment of `gate`, in order of risk.
pub(super) fn evaluate_segments(
    gate: &Gate,
    ruler: Ruler,
    no_data: Missing,
    comparison: &Comparison,
) -> Vec<SegmentOutcome> {
    let mut segments: Vec<SegmentOutcome> = Vec::new();
    for result in comparison.metrics.iter().filter(|result| result.name == gate.metric) {
        let Some((slice, name)) = result.slice.as_deref().and_then(|slice| segment_of(gate, slice)) else {
            continue;
        };
        if segments.iter().any(|segment| segment.slice == slice) {
            continue;
        }
        let reading = evaluate(gate, ruler, result);
        let counts_as = counts_as(gate, no_data, &reading);
        segments.push(SegmentOutcome { name, slice, counts_as, reading });
    }
    segments.sort_by(|a, b| {
        let ((rank_a, distance_a), (rank_b, distance_b)) = (a.reading.risk(), b.reading.risk());
        rank_a.cmp(&rank_b).then(distance_a.total_cmp(&distance_b)).then_with(|| a.slice.cmp(&b.slice))
    });
    segments
}

/// Text and shown name of a slice that is a segment of the gate.
pub(super) fn segment_of(gate: &Gate, slice: &str) -> Option<(String, String)> {
    gate.segments.iter().find_map(|segment| match segment {
        Segment::Slice(spec) => (spec.to_string() == slice).then(|| (slice.to_owned(), slice.to_owned())),
        // One column's value alone would not tell what it is a value of.
        Segment::Cross(columns) => values(columns, slice).map(|values| match (columns.as_slice(), values.as_slice()) {
            ([column], [value]) => (slice.to_owned(), named(column, value)),
            _ => (slice.to_owned(), values.join(" × ")),
        }),
    })
}

/// `tenure first year`; `site-4` alone where the value says the column itself.
fn named(column: &str, value: &str) -> String {
    let letters =
        |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase();
    let says = letters(value).starts_with(&letters(column));
    if says { value.to_owned() } else { format!("{} {value}", column.replace('_', " ")) }
}

/// Values of `columns` in a slice that sets each of them, in this order, and nothing else.
fn values<'a>(columns: &[String], slice: &'a str) -> Option<Vec<&'a str>> {
    let mut rest = slice;
    let mut values = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        rest = rest.strip_prefix(column.as_str())?.strip_prefix('=')?;
        let value = match columns.get(index + 1) {
            // A value may itself hold " & "; the next column's name ends it.
            Some(next) => {
                let end = rest.find(&format!(" & {next}="))?;
                let (value, after) = rest.split_at(end);
                rest = &after[3..];
                value
            }
            None => rest,
        };
        values.push(value);
    }
    // A further condition means another segment gate's slice: its column would follow " & ".
    let last = values.last()?;
    let another = last.split(" & ").skip(1).any(|part| part.contains('=') || part.contains('<'));
    (!another).then_some(values)
}

/// What a reading counts as for the rules; `None`: listed only.
pub(super) fn counts_as(gate: &Gate, no_data: Missing, reading: &Reading) -> Option<Outcome> {
    match reading.outcome {
        Outcome::Inconclusive if gate.too_small == TooSmall::ReportOnly && reading.more_rows_needed.is_none() => {
            // Only a shortage leaves the distance open; a straddling interval counts.
            reading.distance_to_margin.map(|_| Outcome::Inconclusive)
        }
        Outcome::NotEvaluable => match gate.missing.unwrap_or(no_data) {
            Missing::NotEvaluable => Some(Outcome::NotEvaluable),
            Missing::Inconclusive => Some(Outcome::Inconclusive),
            Missing::Fail => Some(Outcome::Fail),
            Missing::ReportOnly => None,
        },
        outcome => Some(outcome),
    }
}

/// Outcome of a gate from what its segments count as: one failure fails it, one open segment leaves it open.
/// Segments without data leave it open too, unless no segment has any.
pub(super) fn combine(outcomes: &[Option<Outcome>]) -> Option<Outcome> {
    let counted: Vec<Outcome> = outcomes.iter().copied().flatten().collect();
    let has = |outcome: Outcome| counted.contains(&outcome);
    if counted.is_empty() {
        None
    } else if has(Outcome::Fail) {
        Some(Outcome::Fail)
    } else if counted.iter().all(|outcome| *outcome == Outcome::NotEvaluable) {
        Some(Outcome::NotEvaluable)
    } else if has(Outcome::Inconclusive) || has(Outcome::NotEvaluable) {
        Some(Outcome::Inconclusive)
    } else {
        Some(Outcome::Pass)
    }
}

/// `22 of 24 pass. LATAM × phone: Straddles −0.015; …`
pub(super) fn reason(segments: &[SegmentOutcome]) -> String {
    let passed = segments.iter().filter(|segment| segment.reading.outcome == Outcome::Pass).count();
    if passed == segments.len() {
        return format!("All {passed} segments pass.");
    }
    let mut text = format!("{passed} of {} segments pass.", segments.len());
    let open: Vec<&SegmentOutcome> =
        segments.iter().filter(|segment| segment.reading.outcome != Outcome::Pass).collect();
    for segment in open.iter().take(2) {
        text.push_str(&format!(" {}: {}", segment.name, lower_first(&segment.reading.reason)));
    }
    if open.len() > 2 {
        text.push_str(&format!(" {} more do not pass.", open.len() - 2));
    }
    text
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_cross_are_read_off_the_slice() {
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(values(&columns(&["region"]), "region=LATAM"), Some(vec!["LATAM"]));
        assert_eq!(values(&columns(&["region"]), "region=R & D"), Some(vec!["R & D"]));
        assert_eq!(values(&columns(&["region"]), "region=LATAM & product=x"), None);
        assert_eq!(values(&columns(&["region", "product"]), "region=LATAM & product=x"), Some(vec!["LATAM", "x"]));
        assert_eq!(values(&columns(&["region", "product"]), "region=LATAM"), None);
        assert_eq!(values(&columns(&["region"]), "regional=x"), None);
    }

    #[test]
    fn a_column_is_not_said_twice() {
        assert_eq!(named("site", "site-4"), "site-4");
        assert_eq!(named("age_band", "18-30"), "age band 18-30");
    }

    #[test]
    fn one_failed_segment_fails_the_gate_and_no_data_is_no_pass() {
        use Outcome::{Fail, Inconclusive, NotEvaluable, Pass};
        assert_eq!(combine(&[Some(Pass), Some(Fail), Some(Inconclusive)]), Some(Fail));
        assert_eq!(combine(&[Some(Pass), Some(Inconclusive)]), Some(Inconclusive));
        assert_eq!(combine(&[Some(Pass), Some(NotEvaluable)]), Some(Inconclusive));
        assert_eq!(combine(&[Some(NotEvaluable)]), Some(NotEvaluable));
        assert_eq!(combine(&[Some(Pass), None]), Some(Pass));
        assert_eq!(combine(&[None]), None);
        assert_eq!(combine(&[]), None);
    }
}
