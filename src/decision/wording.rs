//! The sentences of the verdict: requirement, reason, conditions.

use super::attached::is_attached;
use super::gate::{Outcome, Quantity, Reading, edges, target};
use super::numerals::{Digits, count, plain, round_significant, shown, with_unit};
use super::policy::{BoundArm, Gate, Margin, Recommendation, Segment, Test, When};
use crate::compare::{Better, Unit};

/// What a gate asks: `not worse by 0.002`, `within ± 0.1 pp`, `under 120 ms`.
pub(super) fn requirement(gate: &Gate, unit: Unit, better: Better) -> String {
    let margin = match gate.margin {
        Some(Margin::Absolute(margin)) => with_unit(unit, margin, true),
        Some(Margin::Relative(share)) => format!("{} %", plain(share * 100.0)),
        None => String::new(),
    };
    let zero = matches!(gate.margin, Some(Margin::Absolute(margin) | Margin::Relative(margin)) if margin == 0.0);
    match gate.test {
        Test::Superiority if zero => "better".to_owned(),
        Test::Superiority => format!("better by {margin}"),
        Test::NonInferiority if zero => "not worse".to_owned(),
        Test::NonInferiority => format!("not worse by {margin}"),
        Test::Equivalence if matches!(better, Better::One | Better::Zero) => {
            format!("{} ± {margin}", plain(target(better)))
        }
        Test::Equivalence => format!("within ± {margin}"),
        Test::NotTooGood => format!("gain under {margin}"),
        Test::Bound => {
            let value = |value: f64| with_unit(unit, value, false);
            let range = match (gate.lower, gate.upper) {
                (Some(lower), Some(upper)) => {
                    format!("{} to {}", plain(shown(unit, lower)), value(upper))
                }
                (None, Some(0.0)) => "at most 0".to_owned(),
                // Known exactly, so that a value on the end keeps it.
                (None, Some(upper)) if is_attached(&gate.metric) => format!("at most {}", value(upper)),
                (Some(lower), None) if is_attached(&gate.metric) => format!("at least {}", value(lower)),
                (None, Some(upper)) => format!("under {}", value(upper)),
                (Some(lower), None) => format!("over {}", value(lower)),
                (None, None) => "bounded".to_owned(),
            };
            match gate.arm {
                BoundArm::Challenger => range,
                BoundArm::Champion => format!("champion {range}"),
            }
        }
    }
}

/// `58 events, 60 are required.`
pub(super) fn too_few(found: u64, required: u64, what: &str) -> String {
    format!("{} {what}, {} are required.", count(found), count(required))
}

/// `58 events of the challenger, 60 of each arm are required.`: of the arm that has fewer; `None` where it has enough.
pub(super) fn too_few_of_an_arm([champion, challenger]: [u64; 2], required: u64) -> Option<String> {
    let (found, who) = if challenger <= champion { (challenger, "challenger") } else { (champion, "champion") };
    (found < required)
        .then(|| format!("{} events of the {who}, {} of each arm are required.", count(found), count(required)))
}

/// Where the interval lies relative to the requirement.
pub(super) fn reason(gate: &Gate, unit: Unit, better: Better, reading: &Reading) -> String {
    let (Some(raw), Some(oriented)) = (reading.raw, reading.oriented) else {
        return String::new();
    };
    let flipped = reading.quantity == Quantity::Difference && better == Better::Lower;
    let edges = edges(gate.test, reading.margin, gate.lower, gate.upper);
    let raw_edges: Vec<f64> =
        [edges.lower, edges.upper].into_iter().flatten().map(|edge| if flipped { -edge } else { edge }).collect();
    let digits = Digits::of(unit, raw.value, Some((raw.lo, raw.hi))).clear_of(&[raw.lo, raw.hi, raw.value], &raw_edges);
    let relative = matches!(gate.margin, Some(Margin::Relative(_)));
    let say = Say { unit, better, digits, flipped, relative, more: more(reading) };
    let mut text = match gate.test {
        Test::Superiority | Test::NonInferiority => {
            say.one_sided(reading.outcome, raw.value, oriented.lo, raw_edges[0])
        }
        Test::Equivalence => match reading.quantity {
            Quantity::FromTarget => {
                say.near_target(reading.outcome, raw.value, oriented, reading.margin.unwrap_or(0.0))
            }
            _ => say.equivalence(reading.outcome, raw.value, reading.margin.unwrap_or(0.0)),
        },
        Test::Bound => say.bound(reading.outcome, oriented, gate.lower, gate.upper),
        Test::NotTooGood => {
            let margin = say.margin(reading.margin.unwrap_or(0.0));
            match reading.outcome {
                Outcome::Fail => format!("Better by more than {margin}: look for leaked labels before believing it."),
                _ => "No sign of leakage.".to_owned(),
            }
        }
    };
    if reading.outcome == Outcome::Fail && !gate.role.binds() {
        text.push_str(" No rule reads it.");
    }
    text
}

struct Say {
    unit: Unit,
    better: Better,
    digits: Digits,
    flipped: bool,
    /// The margin is a share of the champion's value, so that in the metric's unit it has any number of digits.
    relative: bool,
    /// What would settle it, in words.
    more: Option<String>,
}

/// `about 32,000 more rows, 28 days of this traffic`.
pub fn more(reading: &Reading) -> Option<String> {
    let rows = count(reading.more_rows_needed?);
    Some(match reading.more_days_needed {
        Some(days) if days < 1.0 => format!("about {rows} more rows, less than a day of this traffic"),
        Some(days) => format!("about {rows} more rows, {} days of this traffic", plain(days)),
        None => format!("about {rows} more rows"),
    })
}

impl Say {
    fn margin(&self, margin: f64) -> String {
        with_unit(self.unit, if self.relative { round_significant(margin, 3) } else { margin }, true)
    }

    fn edge(&self, edge: f64) -> String {
        let text = self.margin(edge);
        if edge > 0.0 { format!("+{text}") } else { text }
    }

    fn more(&self) -> String {
        match &self.more {
            Some(more) => format!("; {more} at this estimate."),
            None => "; no number of rows settles it at this estimate.".to_owned(),
        }
    }

    fn one_sided(&self, outcome: Outcome, value: f64, oriented_lo: f64, edge: f64) -> String {
        let (good, bad) = if self.flipped { ("below", "above") } else { ("above", "below") };
        let edge_text = self.edge(edge);
        match outcome {
            Outcome::Pass if self.flipped && oriented_lo > 0.0 && edge > 0.0 => {
                "Better, whole interval clear of the margin.".to_owned()
            }
            Outcome::Pass if self.flipped && value > 0.0 && edge > 0.0 => {
                let worse = if self.unit == Unit::Milliseconds { "Slower" } else { "Worse" };
                let size = self.digits.size_unit(value);
                format!("{worse} by {size}, whole interval under {}.", self.margin(edge))
            }
            Outcome::Pass => format!("Whole interval {good} {edge_text}."),
            Outcome::Fail => format!("Whole interval {bad} {edge_text}."),
            _ => format!("Straddles {edge_text}{}", self.more()),
        }
    }

    fn equivalence(&self, outcome: Outcome, value: f64, margin: f64) -> String {
        let way = if value < 0.0 { "Falls" } else { "Rises" };
        let size = self.digits.size_unit(value);
        let margin = self.margin(margin);
        match outcome {
            Outcome::Pass if self.digits.signed(value) == self.digits.value(0.0) => {
                format!("Unchanged, whole interval inside ± {margin}.")
            }
            Outcome::Pass => format!("{way} by {size}, inside ± {margin}."),
            Outcome::Fail => format!("{way} by {size}, whole interval outside ± {margin}."),
            _ => format!("Reaches across ± {margin}{}", self.more()),
        }
    }

    fn near_target(&self, outcome: Outcome, value: f64, oriented: super::gate::Ends, margin: f64) -> String {
        let target = target(self.better);
        let at = self.digits.value_unit(value + target);
        let margin = if self.relative { round_significant(margin, 3) } else { margin };
        let (low, high) = (with_unit(self.unit, target - margin, false), with_unit(self.unit, target + margin, false));
        match outcome {
            Outcome::Pass => format!("At {at}, whole interval between {low} and {high}."),
            Outcome::Fail if oriented.hi < -margin => {
                format!("At {at}, whole interval below {low}.")
            }
            Outcome::Fail => format!("At {at}, whole interval above {high}."),
            _ => {
                let edge = if oriented.lo <= -margin { low } else { high };
                format!("At {at}, straddles {edge}{}", self.more())
            }
        }
    }

    fn bound(&self, outcome: Outcome, ends: super::gate::Ends, lower: Option<f64>, upper: Option<f64>) -> String {
        let at = self.digits.value_unit(ends.value);
        let text = |value: f64| with_unit(self.unit, value, false);
        let over = upper.filter(|upper| ends.hi >= *upper);
        match (outcome, lower, upper) {
            (Outcome::Pass, Some(lower), Some(upper)) => {
                format!("At {at}, whole interval between {} and {}.", text(lower), text(upper))
            }
            (Outcome::Pass, None, Some(upper)) => {
                format!("At {at}, whole interval under {}.", text(upper))
            }
            (Outcome::Pass, Some(lower), None) => {
                format!("At {at}, whole interval over {}.", text(lower))
            }
            (Outcome::Fail, _, Some(upper)) if ends.lo > upper => {
                format!("At {at}, whole interval over {}.", text(upper))
            }
            (Outcome::Fail, Some(lower), _) => {
                format!("At {at}, whole interval under {}.", text(lower))
            }
            _ => {
                let edge = over.or(lower).map(text).unwrap_or_default();
                format!("At {at}, straddles {edge}{}", self.more())
            }
        }
    }
}

/// `ROC AUC by region × channel`, `Recall, region=LATAM`.
pub(super) fn title(metric: &str, segments: &[Segment], test: Test) -> String {
    let by: Vec<String> = segments
        .iter()
        .map(|segment| match segment {
            Segment::Cross(columns) => columns.join(" × "),
            Segment::Slice(slice) => slice.to_string(),
        })
        .collect();
    let mut title = metric.to_owned();
    if !by.is_empty() {
        title = format!("{title} by {}", by.join(", "));
    }
    if test == Test::NotTooGood {
        title.push_str(", not too good");
    }
    title
}

/// A condition as the rule table shows it.
pub(super) const fn when(when: When) -> &'static str {
    match when {
        When::ValidityFailed => "validity failed",
        When::CriticalFailed => "a critical gate failed",
        When::AnyFailed => "any binding gate failed",
        When::AllPassed => "all gates passed",
        When::OnlySegmentsInconclusive => "only segments inconclusive",
        When::AnyInconclusive => "any gate inconclusive",
        When::AnyNotEvaluable => "any gate not evaluable",
        When::Otherwise => "otherwise",
    }
}

impl Recommendation {
    /// As a title: `Promote with conditions`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Promote => "Promote",
            Self::PromoteWithConditions => "Promote with conditions",
            Self::Extend => "Extend",
            Self::Reject => "Reject",
            Self::Rollback => "Rollback",
            Self::Invalid => "Invalid",
        }
    }

    /// Within a sentence: `promote with conditions`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::PromoteWithConditions => "promote with conditions",
            Self::Extend => "extend",
            Self::Reject => "reject",
            Self::Rollback => "rollback",
            Self::Invalid => "invalid",
        }
    }

    /// Exit code of `assay-cli`.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Promote | Self::PromoteWithConditions => 0,
            Self::Extend => 3,
            Self::Reject => 4,
            Self::Rollback => 5,
            Self::Invalid => 6,
        }
    }
}

/// `2013-12-05 08:00 UTC` of microseconds since the epoch.
pub fn moment(micros: i64) -> String {
    let found = jiff::Timestamp::from_microsecond(micros);
    found.map_or_else(|_| format!("{micros} microseconds"), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
