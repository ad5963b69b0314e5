//! What every document says alike: digits, gate numbers, the finding, reasons, the biggest risk.

use crate::compare::{Better, Estimate, MetricResult, Plan, ThresholdBasis, Unit};
use crate::decision::catalog;
use crate::decision::{DecisionRecord, GateResult, Outcome, Quantity, Reading, Recommendation, Test, Verdict};
use crate::log::RunKind;
use crate::present::format::{Digits, UNDEFINED, confidence, count, decimals_for_significant, fixed, unit_label};

/// Numbers of one gate or segment as text; an en dash where there is none.
pub(super) struct GateNumbers {
    pub value: String,
    pub interval: String,
    pub champion: String,
    pub challenger: String,
}

/// Edges the raw interval is held against.
fn raw_edges(gate: &GateResult, reading: &Reading) -> Vec<f64> {
    let margin = reading.margin.unwrap_or(0.0);
    let flipped = reading.quantity == Quantity::Difference && gate.better == Better::Lower;
    let sign = if flipped { -1.0 } else { 1.0 };
    match gate.test {
        Test::Superiority | Test::NotTooGood => vec![sign * margin],
        Test::NonInferiority => vec![-sign * margin],
        Test::Equivalence => vec![-margin, margin],
        Test::Bound => gate.lower.into_iter().chain(gate.upper).collect(),
    }
}

/// Digits of a reading: by interval width, and never rounded onto the margin.
pub(super) fn reading_digits(gate: &GateResult, reading: &Reading) -> Digits {
    match reading.raw {
        Some(raw) => Digits::of(gate.unit, raw.value, Some((raw.lo, raw.hi)))
            .clear_of(&[raw.lo, raw.hi, raw.value], &raw_edges(gate, reading)),
        None => Digits::of(gate.unit, reading.arms.champion.or(reading.arms.challenger).unwrap_or(0.0), None),
    }
}

/// Numbers of a gate on all analysed rows (`slice` is `None`) or on one segment. Gates that read the same difference
/// show it with the same digits.
pub(super) fn gate_numbers(
    verdict: &Verdict,
    gate: &GateResult,
    slice: Option<&str>,
    reading: &Reading,
) -> GateNumbers {
    let mut digits = reading_digits(gate, reading);
    if reading.quantity == Quantity::Difference {
        digits.decimals = digits.decimals.max(gated_decimals(verdict, &gate.metric, slice).unwrap_or(0));
    }
    let (value, interval) = match reading.raw {
        Some(raw) if reading.quantity == Quantity::ArmValue => {
            (digits.value(raw.value), digits.interval(raw.lo, raw.hi))
        }
        Some(raw) => (digits.signed(raw.value), digits.signed_interval(raw.lo, raw.hi)),
        None => (UNDEFINED.to_owned(), UNDEFINED.to_owned()),
    };
    let arm = |value: Option<f64>| value.map_or_else(|| UNDEFINED.to_owned(), |value| digits.value(value));
    GateNumbers { value, interval, champion: arm(reading.arms.champion), challenger: arm(reading.arms.challenger) }
}

/// Most decimals a gate needs for the difference of a metric on one population; `None` where no gate reads it.
fn gated_decimals(verdict: &Verdict, metric: &str, slice: Option<&str>) -> Option<usize> {
    let gates = verdict.gates.iter().filter(|gate| gate.metric == metric);
    gates
        .filter_map(|gate| {
            let reading = match slice {
                None => (!gate.by_segment).then_some(&gate.reading),
                Some(slice) => gate.segments.iter().find(|found| found.slice == slice).map(|found| &found.reading),
            }?;
            let read = reading.raw.is_some() && reading.quantity == Quantity::Difference;
            read.then(|| reading_digits(gate, reading).decimals)
        })
        .max()
}

/// Slice of the population a gate's own reading is of: that of its worst segment.
pub(super) fn slice_of(gate: &GateResult) -> Option<&str> {
    gate.segments.first().map(|worst| worst.slice.as_str())
}

/// Title of a gate with the unit its numbers stand in: `Recall, pp`.
pub(super) fn gate_title(gate: &GateResult) -> String {
    match (gate.reading.quantity, gate.better) {
        (Quantity::FromTarget, Better::One) => format!("{} minus 1", gate.title),
        (quantity, _) => with_label(&gate.title, unit_label(gate.unit, quantity != Quantity::ArmValue)),
    }
}

/// Title of a metric with the unit of its values: `Recall, %`.
pub(super) fn metric_title(plan: &Plan, result: &MetricResult) -> String {
    let title = catalog::title(&result.name);
    match result.unit {
        Unit::Share => format!("{title}, % and pp"),
        unit => with_label(title, catalog::unit_word(plan, &result.name, unit, false)),
    }
}

fn with_label(title: &str, label: &str) -> String {
    if label.is_empty() { title.to_owned() } else { format!("{title}, {label}") }
}

/// Digits of one metric's row: by the difference's interval, else an arm's; as many as its gates need.
pub(super) fn metric_digits(result: &MetricResult, verdict: &Verdict) -> Digits {
    let ends = |estimate: &Estimate| (estimate.value, estimate.lo.zip(estimate.hi));
    let of_arm = || result.arms.challenger.as_ref().or(result.arms.champion.as_ref()).map(ends);
    let (value, interval) = match &result.difference {
        Some(difference) if difference.lo.is_some() && difference.hi.is_some() => {
            (difference.value, difference.lo.zip(difference.hi))
        }
        _ => of_arm().unwrap_or((0.0, None)),
    };
    let arm = result.arms.champion.as_ref().map(|arm| arm.value);
    let mut digits = Digits::of_difference(result.unit, value, interval, arm);
    let gated = gated_decimals(verdict, &result.name, result.slice.as_deref());
    digits.decimals = digits.decimals.max(gated.unwrap_or(0));
    digits
}

/// An arm's value and interval; en dashes where undefined.
pub(super) fn estimate(digits: Digits, estimate: Option<&Estimate>) -> (String, String) {
    let dash = || UNDEFINED.to_owned();
    match estimate {
        None => (dash(), dash()),
        Some(estimate) => (
            digits.value(estimate.value),
            estimate.lo.zip(estimate.hi).map_or_else(dash, |(lo, hi)| digits.interval(lo, hi)),
        ),
    }
}

/// The difference and its interval; en dashes where undefined.
pub(super) fn difference(digits: Digits, result: &MetricResult) -> (String, String) {
    let dash = || UNDEFINED.to_owned();
    match &result.difference {
        None => (dash(), dash()),
        Some(difference) => (
            digits.signed(difference.value),
            difference.lo.zip(difference.hi).map_or_else(dash, |(lo, hi)| digits.signed_interval(lo, hi)),
        ),
    }
}

/// `95 %`.
pub(super) fn level(level: f64) -> String {
    format!("{} %", confidence(level))
}

/// A number without an interval, four significant digits.
pub(super) fn coordinate(value: f64) -> String {
    fixed(value, decimals_for_significant(value, 4).min(6))
}

pub(super) const fn kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Shadow => "shadow run",
        RunKind::Ab => "A/B run",
        RunKind::Canary => "canary run",
        RunKind::Offline => "offline comparison",
    }
}

pub(super) const fn better(better: Better) -> &'static str {
    match better {
        Better::Higher => "higher is better",
        Better::Lower => "lower is better",
        Better::One => "nearer to 1 is better",
        Better::Zero => "nearer to 0 is better",
        Better::Neither => "no direction of its own",
    }
}

pub(super) const fn basis(basis: ThresholdBasis) -> &'static str {
    match basis {
        ThresholdBasis::Given => "given",
        ThresholdBasis::FromDecisions => "read off the logged decisions",
        ThresholdBasis::Half => "one half, for want of anything better",
        ThresholdBasis::Prevalence => "flag rate equal to the share of positives",
        ThresholdBasis::MatchedFpr => "matched to the champion's false-positive rate",
        ThresholdBasis::MatchedFlagRate => "matched to the champion's flag rate",
        ThresholdBasis::LeastCost => "least cost",
        ThresholdBasis::LoggedDecisions => "logged decisions, no score",
    }
}

/// `3 gates: ` in words of a tally, `7 pass`; nothing for none.
pub(super) fn tallies(verdict: &Verdict) -> Vec<(Outcome, u32, u32)> {
    let tallies = &verdict.tallies;
    [
        (Outcome::Pass, tallies.pass),
        (Outcome::Inconclusive, tallies.inconclusive),
        (Outcome::Fail, tallies.fail),
        (Outcome::NotEvaluable, tallies.not_evaluable),
    ]
    .into_iter()
    .filter(|(_, tally)| tally.binding + tally.report_only > 0)
    .map(|(outcome, tally)| (outcome, tally.binding, tally.report_only))
    .collect()
}

/// `rule 5: only segments inconclusive`.
pub(super) fn rule(verdict: &Verdict) -> String {
    match verdict.rule {
        Some(number) => format!("rule {number}: {}", verdict.rule_text),
        None => "no rule held, which means to extend".to_owned(),
    }
}

/// One sentence that could be read aloud: value and interval of what the run is about, and what is open.
pub(super) fn finding(record: &DecisionRecord) -> String {
    let (comparison, verdict) = (&record.comparison, &record.verdict);
    let mut names: Vec<&str> = Vec::new();
    let primary = verdict.gates.iter().filter(|gate| gate.role == crate::decision::GateRole::Primary);
    for name in primary.map(|gate| gate.metric.as_str()).chain(["roc_auc", "recall", "latency_p95", "accuracy"]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let parts: Vec<String> = names
        .into_iter()
        .filter_map(|name| comparison.metric(name))
        .filter_map(|result| metric_phrase(result, verdict))
        .take(3)
        .collect();
    let plan = &comparison.plan;
    let rows = format!("on {} rows", count(comparison.population.analysed));
    let subject = match &plan.challenger {
        Some(challenger) => format!("{challenger} against {} {rows}", plan.champion),
        None => format!("{} {rows}", plan.champion),
    };
    let found = if parts.is_empty() { "no metric has a value".to_owned() } else { parts.join("; ") };
    format!("{subject}: {found}. {}", open_point(verdict))
}

/// A title within a sentence: `average precision`, but `ROC AUC` and `Brier score`.
fn mid_sentence(title: &str) -> String {
    let mut chars = title.chars();
    let (first, second) = (chars.next(), chars.next());
    let plain = second.is_some_and(char::is_lowercase) && !title.starts_with("Brier") && !title.starts_with("Cohen");
    match first.filter(|_| plain) {
        Some(first) => first.to_lowercase().chain(title.chars().skip(1)).collect(),
        None => title.to_owned(),
    }
}

fn metric_phrase(result: &MetricResult, verdict: &Verdict) -> Option<String> {
    let digits = metric_digits(result, verdict);
    let title = mid_sentence(catalog::title(&result.name));
    let arms = (result.arms.champion.as_ref(), result.arms.challenger.as_ref());
    match (&result.difference, arms) {
        (Some(difference), (Some(champion), Some(challenger))) => {
            let interval = difference.lo.zip(difference.hi);
            let interval = interval
                .map_or_else(|| " (no interval)".to_owned(), |(lo, hi)| format!(" {}", digits.signed_interval(lo, hi)));
            Some(format!(
                "{title} {} to {}, {}{interval}",
                digits.value(champion.value),
                digits.value_unit(challenger.value),
                digits.signed_unit(difference.value),
            ))
        }
        (None, (Some(arm), None)) => {
            let interval =
                arm.lo.zip(arm.hi).map_or_else(String::new, |(lo, hi)| format!(" {}", digits.interval(lo, hi)));
            Some(format!("{title} {}{interval}", digits.value_unit(arm.value)))
        }
        _ => None,
    }
}

/// Open gates a sentence can name.
const MOST_OPEN_NAMED: usize = 4;

fn open_point(verdict: &Verdict) -> String {
    let open: Vec<String> = verdict
        .gates
        .iter()
        .filter(|gate| gate.counts_as.is_some_and(|outcome| outcome != Outcome::Pass))
        .map(|gate| format!("{} {} ({})", gate.id, gate.title, gate.reading.outcome.word()))
        .collect();
    if open.len() > MOST_OPEN_NAMED {
        let binding = verdict.gates.iter().filter(|gate| gate.binds()).count();
        return format!("{} of {binding} binding gates are not cleared, see the gates.", open.len());
    }
    if open.is_empty() {
        let binding = verdict.gates.iter().filter(|gate| gate.binds()).count();
        match binding {
            0 => "No gate of the policy could be read.".to_owned(),
            _ => "Every binding gate passed.".to_owned(),
        }
    } else {
        format!("Not cleared: {}.", open.join(", "))
    }
}

/// Gate as a sentence: `G2 ROC AUC, 0.9563 to 0.9622: +0.0059 [+0.0054, +0.0065]; asked: not worse by 0.002. …`.
pub(super) fn gate_sentence(verdict: &Verdict, gate: &GateResult) -> String {
    let segment = match gate.segments.first() {
        Some(worst) => format!(", worst segment {} ({} rows)", worst.name, count(worst.reading.rows)),
        None => String::new(),
    };
    let numbers = gate_numbers(verdict, gate, slice_of(gate), &gate.reading);
    let with_unit = |number: &str, difference: bool| match unit_label(gate.unit, difference) {
        "" => number.to_owned(),
        label => format!("{number} {label}"),
    };
    let found = match gate.reading.raw {
        Some(_) if gate.reading.quantity == Quantity::Difference => {
            let arms = format!("{} to {}", numbers.champion, with_unit(&numbers.challenger, false));
            format!(", {arms}: {} {}", with_unit(&numbers.value, true), numbers.interval)
        }
        Some(_) => format!(": {} {}", with_unit(&numbers.value, false), numbers.interval),
        None => String::new(),
    };
    let title = match gate.reading.quantity {
        Quantity::FromTarget => gate_title(gate),
        Quantity::Difference | Quantity::ArmValue => gate.title.clone(),
    };
    format!("{} {title}{segment}{found}; asked: {}. {}", gate.id, gate.requirement, gate.reading.reason)
}

/// Up to three sentences the recommendation rests on.
pub(super) fn reasons(record: &DecisionRecord) -> Vec<String> {
    let verdict = &record.verdict;
    if verdict.recommendation == Recommendation::Invalid {
        let failed = verdict.validity.iter().filter(|check| check.outcome == crate::compare::CheckOutcome::Fail);
        let sentences: Vec<String> =
            failed.map(|check| format!("{}: {}", check.title, check.explanation)).take(3).collect();
        if !sentences.is_empty() {
            return sentences;
        }
    }
    let wanted: &[Outcome] = match verdict.recommendation {
        Recommendation::Promote | Recommendation::PromoteWithConditions => &[Outcome::Pass],
        Recommendation::Reject | Recommendation::Rollback => &[Outcome::Fail],
        Recommendation::Extend | Recommendation::Invalid => &[Outcome::Inconclusive, Outcome::NotEvaluable],
    };
    let mut gates: Vec<&GateResult> =
        verdict.gates.iter().filter(|gate| gate.counts_as.is_some_and(|outcome| wanted.contains(&outcome))).collect();
    // The primary gate first, the alarm against leakage last: it says least about the candidate.
    gates.sort_by_key(|gate| match (gate.role, gate.test) {
        (crate::decision::GateRole::Primary, _) => 0,
        (_, Test::NotTooGood) => 2,
        _ => 1,
    });
    gates.into_iter().take(3).map(|gate| gate_sentence(verdict, gate)).collect()
}

/// The gate nearest to harm: failed, open, then the smallest distance to its edge. `None` without gates.
pub(super) fn biggest_risk(verdict: &Verdict) -> Option<&GateResult> {
    let rank = |gate: &GateResult| {
        let outcome = match gate.counts_as.unwrap_or(gate.reading.outcome) {
            Outcome::Fail => 0,
            Outcome::Inconclusive => 1,
            Outcome::NotEvaluable => 2,
            Outcome::Pass => 3,
        };
        let unread = !gate.binds();
        // A gate no rule reads is a risk only where it did not pass, and after those that bind.
        let place = if outcome == 3 { 6 + u8::from(unread) } else { outcome + 3 * u8::from(unread) };
        (place, gate.reading.distance_to_margin.unwrap_or(f64::INFINITY))
    };
    verdict.gates.iter().min_by(|a, b| {
        let ((place_a, distance_a), (place_b, distance_b)) = (rank(a), rank(b));
        place_a.cmp(&place_b).then(distance_a.total_cmp(&distance_b))
    })
}

/// What a person decided, or that nobody has yet.
pub(super) fn decided(record: &DecisionRecord) -> String {
    match &record.decision {
        None => "Nobody has decided yet; this is what the policy recommends.".to_owned(),
        Some(decision) if record.overrides() => format!(
            "Decided: {}, against the recommendation ({}).",
            decision.outcome.word(),
            record.verdict.recommendation.word()
        ),
        Some(decision) => format!("Decided: {}, as recommended.", decision.outcome.word()),
    }
}
