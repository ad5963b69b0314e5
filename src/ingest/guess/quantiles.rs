//! Columns of predicted quantiles and limits of intervals: `q0.1`, `p90`, `lower_80`, `AutoETS-hi-95`, `yhat_lower`.

use super::names::{side_of, words};
use super::roles::{Judge, Pick, Roles};
use super::task::is_truth;
use crate::ingest::mapping::{Role, Side};
use crate::ingest::opened::Confidence;
use crate::log::Task;

/// Share of the truths that Prophet's `yhat_lower` and `yhat_upper` hold between them, where nobody asked for another.
const PROPHET: f64 = 0.8;

/// A name taken apart.
#[derive(Clone, Debug, PartialEq)]
struct Named {
    /// Level of the quantile, as a mapping writes it.
    level: String,
    /// What stands before the level and after it.
    rest: String,
    /// The level is the habit of a tool and not written.
    assumed: bool,
}

/// The level that a name says, as a mapping writes it; `None` where it says none.
pub fn level(name: &str) -> Option<String> {
    parsed(name).map(|named| named.level)
}

/// A level between 0 and 1, the ends excluded.
pub(in crate::ingest) fn as_level(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|level| *level > 0.0 && *level < 1.0)
}

fn parsed(name: &str) -> Option<Named> {
    let lower = name.trim().to_lowercase();
    let tokens = tokens(&lower);
    let number = tokens.iter().rposition(|token| token.starts_with(|c: char| c.is_ascii_digit()));
    let rest = |used: &[usize]| {
        let kept = tokens.iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, token)| *token);
        kept.collect::<Vec<_>>().join("_")
    };
    let Some(at) = number else {
        let end = tokens.iter().position(|token| limit(token).is_some())?;
        let (rest, upper) = (rest(&[end]), limit(tokens[end])?);
        let prophet =
            matches!(rest.as_str(), "yhat" | "champion_yhat" | "yhat_champion" | "challenger_yhat" | "yhat_challenger");
        return prophet.then(|| Named { level: written(PROPHET, Some(upper)), rest, assumed: true });
    };
    let share = share(tokens[at])?;
    let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter(|place| *place < tokens.len());
    for place in beside {
        let word = tokens[place];
        if let Some(upper) = limit(word) {
            return Some(Named { level: written(share, Some(upper)), rest: rest(&[at, place]), assumed: false });
        }
        if place < at && matches!(word, "q" | "p" | "quantile" | "quantiles" | "percentile" | "pct") {
            return Some(Named { level: written(share, None), rest: rest(&[at, place]), assumed: false });
        }
    }
    // `0.1` alone, or after a word for the answer.
    let bare = tokens[at].contains('.').then(|| rest(&[at]))?;
    Some(Named { level: written(share, None), rest: bare, assumed: false })
}

/// Runs of letters and numbers; a point between digits belongs to the number.
fn tokens(name: &str) -> Vec<&str> {
    let bytes = name.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let kind = |at: usize| match bytes[at] {
        b'.' if at > 0 && digit(at - 1) && digit(at + 1) => 1,
        byte if byte.is_ascii_digit() => 1,
        byte if byte.is_ascii_alphabetic() => 2,
        _ => 0,
    };
    let mut found = Vec::new();
    let mut start = 0;
    for at in 1..=bytes.len() {
        if at == bytes.len() || kind(at) != kind(start) {
            if kind(start) > 0 {
                found.extend(name.get(start..at));
            }
            start = at;
        }
    }
    found
}

/// `0.1` and `10` are the same share.
fn share(number: &str) -> Option<f64> {
    let value: f64 = number.parse().ok()?;
    let share = if number.contains('.') && value < 1.0 { value } else { value / 100.0 };
    (share > 0.0 && share < 1.0).then_some(share)
}

/// Whether a word names the upper limit of an interval, or the lower one.
fn limit(word: &str) -> Option<bool> {
    match word {
        "lower" | "lo" | "low" => Some(false),
        "upper" | "hi" | "high" => Some(true),
        _ => None,
    }
}

/// The level of a quantile; of the limit of a central interval the one that leaves equal shares on both sides.
fn written(share: f64, upper: Option<bool>) -> String {
    let level = match upper {
        None => share,
        Some(false) => (1.0 - share) / 2.0,
        Some(true) => f64::midpoint(1.0, share),
    };
    ((level * 1e6).round() / 1e6).to_string()
}

/// Side of what is left of a name, where nothing else stands there but a word for an answer.
fn side_of_rest(rest: &str) -> Option<Side> {
    const ANSWER: [&str; 14] = [
        "y",
        "yhat",
        "hat",
        "pred",
        "prediction",
        "predicted",
        "predictions",
        "forecast",
        "fcst",
        "model",
        "value",
        "output",
        "interval",
        "pi",
    ];
    let mut side = Side::Both;
    for word in words(rest) {
        match side_of(&word) {
            Some(found) if side == Side::Both => side = found,
            _ if ANSWER.contains(&word.as_str()) => {}
            _ => return None,
        }
    }
    Some(side)
}

impl Judge<'_> {
    /// Two or more columns of numbers that are named like quantiles or limits, in a log of numbers; whether their
    /// names say both sides.
    pub(super) fn quantiles(&self, roles: &mut Roles) -> bool {
        if self.told(Role::Quantile) || !self.of_numbers(roles) {
            return false;
        }
        let mut found: Vec<(usize, Side, Named)> = Vec::new();
        for (place, column) in self.columns.iter().enumerate().filter(|(place, _)| roles.picks[*place].is_none()) {
            let named = parsed(column.name).filter(|_| column.look.is_number());
            let side =
                named.as_ref().and_then(|named| self.side_of_model(&named.rest).or_else(|| side_of_rest(&named.rest)));
            found.extend(named.zip(side).map(|(named, side)| (place, side, named)));
        }
        for side in [Side::Both, Side::Champion, Side::Challenger] {
            let of_side: Vec<_> = found.iter().filter(|one| one.1 == side).collect();
            if of_side.len() < 2 {
                continue;
            }
            for (place, _, named) in of_side {
                let (confidence, why) = if named.assumed {
                    let why = format!(
                        "limit of Prophet's interval of {} %; --map quantile.LEVEL says another",
                        PROPHET * 100.0
                    );
                    (Confidence::Likely, why)
                } else {
                    (Confidence::Certain, format!("named like the predicted quantile {}", named.level))
                };
                let pick = Pick { side, ..Pick::new(Role::Quantile, confidence, why) };
                roles.picks[*place] = Some(Pick { class: Some(named.level.clone()), ..pick });
            }
        }
        let side = |side: Side| found.iter().any(|one| one.1 == side);
        side(Side::Champion) && side(Side::Challenger)
    }

    /// `AutoETS-lo-80` beside a column that was told to be the answer of a model, `AutoETS`.
    fn side_of_model(&self, rest: &str) -> Option<Side> {
        let key = |name: &str| words(name).concat();
        let told = self.explicit.iter().filter(|told| matches!(told.role, Role::Prediction | Role::Score));
        told.into_iter().find(|told| key(&told.column) == key(rest)).map(|told| told.side)
    }

    /// Whether the task is one of numbers, as told or as the labels look.
    fn of_numbers(&self, roles: &Roles) -> bool {
        if let Some(task) = self.task {
            return task == Task::Regression;
        }
        let label = roles.picks.iter().position(|pick| pick.as_ref().is_some_and(|pick| pick.role == Role::Label));
        match label.map(|place| self.columns[place].look) {
            Some(look) => look.is_number() && !is_truth(look, Some(Task::Binary)),
            None => self.label_values.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{as_level, level, parsed, side_of_rest};
    use crate::ingest::mapping::Side;

    #[test]
    fn names_of_quantiles_and_limits() {
        let cases = [
            ("q0.1", Some("0.1")),
            ("q_10", Some("0.1")),
            ("p90", Some("0.9")),
            ("quantile_0.025", Some("0.025")),
            ("0.5", Some("0.5")),
            ("lower_80", Some("0.1")),
            ("upper_80", Some("0.9")),
            ("AutoETS-hi-95", Some("0.975")),
            ("yhat_lower", Some("0.1")),
            ("champion_q0.9", Some("0.9")),
            ("p90_challenger", Some("0.9")),
            ("lower", None),
            ("q", None),
            ("q4", Some("0.04")),
            ("step 100", None),
            ("price_2024", None),
            ("region7", None),
        ];
        for (name, expected) in cases {
            assert_eq!(level(name).as_deref(), expected, "{name}");
        }
        assert_eq!(side_of_rest(&parsed("p90_challenger").unwrap().rest), Some(Side::Challenger));
        assert_eq!(side_of_rest(&parsed("latency_p95").unwrap().rest), None);
        assert_eq!(side_of_rest(&parsed("y_hat_q0.5").unwrap().rest), Some(Side::Both));
        assert_eq!((as_level("0.5"), as_level("1"), as_level("cat")), (Some(0.5), None, None));
    }
}
