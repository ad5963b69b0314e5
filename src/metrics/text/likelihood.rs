//! Perplexity from the log-probabilities of tokens.

use super::corpus;
use crate::metrics::measured::{NO_ROW, Outcome};
use crate::metrics::registry::{Better, Metric, Unit, metric};

/// Of answers with the log-probabilities of their tokens.
pub const METRICS: [Metric; 1] = [metric(
    "perplexity",
    "Perplexity",
    (Unit::Number, Better::Lower),
    "exp(-sum of ln p of the tokens / tokens)",
    "Jelinek et al. 1977",
    "Among how many equally likely tokens the model seems to choose.",
)];

/// Sum of the log-probabilities of a row's tokens, in nats, and their number.
///
/// # Errors
/// One is above 0 or not a number.
pub fn row(tokens: &[f64]) -> Result<[f64; 2], String> {
    match tokens.iter().find(|value| value.is_nan() || **value > 0.0) {
        Some(value) => Err(format!("{value} is not the logarithm of a probability")),
        None => Ok([tokens.iter().sum(), tokens.len() as f64]),
    }
}

/// `exp(-sum / tokens)` of all rows together, each row as [`row`] gives it.
///
/// # Errors
/// There is no row or no token, or a token had probability 0.
pub fn perplexity(rows: &[[f64; 2]]) -> Outcome {
    if rows.is_empty() {
        return Err(NO_ROW.to_owned());
    }
    let [sum, tokens] = corpus::sums(rows);
    if tokens == 0.0 {
        return Err("no row has a token".to_owned());
    }
    if sum == f64::NEG_INFINITY {
        return Err("a token had probability 0, so perplexity is infinite".to_owned());
    }
    let value = (-sum / tokens).exp();
    corpus::delta(value, &[-value / tokens, value * sum / (tokens * tokens)], rows)
}
