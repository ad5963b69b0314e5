//! What the decision needs to know of a metric: its title, unit and direction.

use super::numerals::unit_label;
use crate::compare::{Better, CustomMetric, Plan, Unit};
use crate::metrics::registry;

/// A metric of the registry, in the vocabulary of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownMetric {
    pub title: &'static str,
    pub unit: Unit,
    pub better: Better,
}

/// A metric by its name.
pub fn find(name: &str) -> Option<KnownMetric> {
    let metric = registry::find(name)?;
    Some(KnownMetric { title: metric.title, unit: metric.unit, better: metric.better })
}

/// Title of a metric; its name where the registry has none.
pub fn title(name: &str) -> &str {
    find(name).map_or(name, |metric| metric.title)
}

/// Unit of a metric's numbers, of one's own metrics as they define it; empty where they are plain.
pub fn unit_word<'a>(plan: &'a Plan, name: &str, unit: Unit, difference: bool) -> &'a str {
    match unit_label(unit, difference) {
        "" => plan.custom(name).and_then(CustomMetric::unit_word).unwrap_or_default(),
        label => label,
    }
}

/// Sentence about a name no metric has.
pub(super) fn unknown(name: &str) -> String {
    let known: Vec<&str> = registry::all().map(|metric| metric.name).collect();
    let near = known.iter().filter(|other| other.contains(name) || name.contains(**other)).copied().next();
    match near {
        Some(near) => format!("no metric is called {name}; {near} is"),
        None => format!("no metric is called {name}; there are: {}", known.join(", ")),
    }
}

/// Direction as a policy writes it.
pub(super) fn better_word(better: Better) -> &'static str {
    match better {
        Better::Higher => "higher",
        Better::Lower => "lower",
        Better::One => "one",
        Better::Zero => "zero",
        Better::Neither => "neither",
    }
}
