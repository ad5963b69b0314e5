//! The page's style sheet: the light theme's colours, then the rules.

use serde_json::Value;

const TOKENS: &str = include_str!("../../../assets/tokens.json");
const RULES: &str = include_str!("style.css");

/// Colours as custom properties, then the rules; the record's id at the foot of every printed page.
pub(super) fn sheet(record_id: &str) -> String {
    let tokens: Value = serde_json::from_str(TOKENS).unwrap_or_default();
    let colors = tokens.pointer("/light/colors").and_then(Value::as_object);
    let hex = |text: &str| text.strip_prefix('#').is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let properties: String = colors
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| value.as_str().filter(|text| hex(text)).map(|text| (name.replace('_', "-"), text)))
        .map(|(name, text)| format!("--{name}:{text};"))
        .collect();
    // The id stands in a style sheet: letters, digits and dashes only.
    let id: String = record_id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')).collect();
    format!(":root{{{properties}}}{RULES}@page{{@bottom-left{{content:\"Promotion decision record {id}\";}}}}")
}
