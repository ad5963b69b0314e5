//! Names of columns, files and models, taken apart into words.

mod of_tasks;

use super::durations::millis_per;
use crate::ingest::mapping::{Role, Side};

pub use of_tasks::{image_role_of, pair_role_of, text_role_of};

/// Words of a name: split at signs and at camelCase, lower case.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (place, &letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = place.checked_sub(1).map(|before| letters[before]);
        let after_is_lower = letters.get(place + 1).is_some_and(|after| after.is_lowercase());
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| before.is_lowercase() || before.is_uppercase() && after_is_lower);
        if begins && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(letter.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Side that a word says outright.
pub fn side_of_word(word: &str) -> Option<Side> {
    match word {
        "champion" | "champ" | "production" | "prod" | "live" | "incumbent" | "baseline" | "control" | "primary"
        | "current" | "old" | "stable" => Some(Side::Champion),
        "challenger" | "candidate" | "cand" | "shadow" | "treatment" | "canary" | "new" | "proposed" => {
            Some(Side::Challenger)
        }
        _ => None,
    }
}

/// Side that a name says, if it says exactly one.
pub fn side_of(name: &str) -> Option<Side> {
    let mut sides = words(name).into_iter().filter_map(|word| side_of_word(&word));
    let first = sides.next()?;
    sides.all(|side| side == first).then_some(first)
}

/// Words of a name without its side, and the side with the word that says it.
pub fn without_side(name: &str) -> (Vec<String>, Option<(Side, String)>) {
    let mut rest = words(name);
    let place = rest.iter().position(|word| side_of_word(word).is_some());
    let side = place.and_then(|place| {
        let word = rest.remove(place);
        side_of_word(&word).map(|side| (side, word))
    });
    (rest, side)
}

/// Names of a role, best first.
fn known(role: Role) -> &'static [&'static str] {
    match role {
        Role::Id => &[
            "request_id",
            "requestid",
            "inference_id",
            "inferenceid",
            "prediction_id",
            "event_id",
            "eventid",
            "correlation_id",
            "correlationid",
            "xrequestid",
            "x_request_id",
            // What the caller gave names the request at both models; the platform's own id does so at one.
            "client_request_id",
            "databricks_request_id",
            "invocation_id",
            "transaction_id",
            "trace_id",
            "ce_requestid",
            "ce_id",
            "sage_maker_inference_id",
            "impression_id",
            "id",
            "uuid",
            "record_id",
            "row_id",
            "doc_id",
            "identifier",
            "req_id",
            "case_id",
            "key",
        ],
        Role::Ts => &[
            "timestamp",
            "ts",
            "event_time",
            "request_time",
            "request_ts",
            "inference_time",
            "prediction_timestamp",
            "prediction_time",
            "prediction_ts",
            "scored_at",
            "predicted_at",
            "logging_time",
            "logged_at",
            "occurrence_time",
            "datetime",
            "date_time",
            "time",
            "created_at",
            "received_at",
            "requested_at",
            "timestamp_ms",
            "timestamp_us",
            "event_timestamp",
            "request_timestamp",
            "ce_time",
            "start_time",
            "date",
        ],
        Role::LabelTs => &[
            "label_time",
            "label_ts",
            "label_timestamp",
            "label_at",
            "labeled_at",
            "labelled_at",
            "labeled_time",
            "labelled_time",
            "label_known_at",
            "label_date",
            "outcome_time",
            "outcome_ts",
            "outcome_at",
            "outcome_date",
            "actual_time",
            "actual_ts",
            "target_time",
            "ground_truth_time",
        ],
        Role::Model => &[
            "model",
            "model_name",
            "model_id",
            "modelid",
            "model_version",
            "variant",
            "variation",
            "variation_id",
            "arm",
            "model_variant",
            "deployed_model_id",
            "served_entity_id",
            "deployment",
            "experiment_group",
            "group_name",
            "endpoint",
            "run_name",
            "run_id",
            "estimator",
            "classifier",
        ],
        Role::Score => &[
            "score",
            "y_score",
            "prediction_score",
            "pred_score",
            "predicted_score",
            "probability",
            "proba",
            "prob",
            "y_pred_proba",
            "y_proba",
            "y_prob",
            "pred_proba",
            "pred_prob",
            "prediction_proba",
            "prediction_probability",
            "predicted_probability",
            "p",
            "p1",
            "p_1",
            "risk_score",
            "risk",
            "confidence",
            "logit",
            "score_1",
            "proba_1",
            "prob_1",
            "probability_1",
            "positive_score",
            "p_positive",
            "model_score",
            "margin",
            "probabilities",
            "probas",
            "predict_proba",
        ],
        Role::Prediction => &[
            "prediction",
            "pred",
            "y_pred",
            "yhat",
            "y_hat",
            "predicted",
            "predicted_label",
            "prediction_label",
            "predictions",
            "pred_label",
            "label_pred",
            "predicted_class",
            "pred_class",
            "decision",
            "output",
            "response",
            "flagged",
        ],
        Role::Label => &[
            "label",
            "target",
            "targets",
            "y_true",
            "ground_truth",
            "actual",
            "act",
            "actual_label",
            "true_label",
            "label_value",
            "truth",
            "obs",
            "observed",
            "gt",
            "outcome",
            "y",
            "expected",
            "converted",
            "clicked",
            "class",
            "is_fraud",
            "fraud",
            "churned",
        ],
        Role::LatencyMs => &[
            "latency_ms",
            "latency",
            "duration_ms",
            "execution_time_ms",
            "execution_duration_ms",
            "response_time_ms",
            "inference_time_ms",
            "response_time",
            "elapsed_ms",
            "elapsed",
            "latency_millis",
            "duration",
            "end_to_end_latency",
            "e2e_latency",
            "total_latency",
            "request_latency",
            "model_latency",
            "inference_latency",
            "total_time",
            "inference_duration",
            "execution_time",
            "execution_duration",
            "request_duration",
        ],
        Role::Cost => &[
            "cost_per_request",
            "request_cost",
            "cost_usd",
            "cost_eur",
            "cost_gbp",
            "total_cost_usd",
            "total_cost",
            "inference_cost",
            "serving_cost",
            "prediction_cost",
            "llm_cost",
            "api_cost",
            "token_cost",
            "cost",
        ],
        Role::Error => &[
            "is_error",
            "request_failed",
            "errored",
            "has_error",
            "error_flag",
            "error",
            "http_status_code",
            "http_status",
            "status_code",
            "response_status_code",
            "response_status",
            "response_code",
            "error_code",
            "error_type",
            "error_message",
            "error_msg",
            "exception",
            "timed_out",
            "is_timeout",
            "timeout",
            "status",
        ],
        Role::Weight => &["weight", "sample_weight", "ipw", "importance_weight"],
        Role::Unit => &[
            "user_id",
            "userid",
            "member_id",
            "customer_id",
            "unit_id",
            "subject_id",
            "subject",
            "subject_key",
            "patient_id",
            "account_id",
            "client_id",
            "visitor_id",
            "anonymous_id",
            "session_id",
            "household_id",
            "entity_id",
            "device_id",
            "user",
            "customer",
            "member",
        ],
        Role::Series => &["series", "series_id", "ts_id", "timeseries_id", "time_series_id", "unique_id"],
        Role::Horizon => &["horizon", "forecast_horizon", "steps_ahead", "lead_time_steps"],
        Role::Probability
        | Role::Embedding
        | Role::Logprobs
        | Role::Tokens
        | Role::Preference
        | Role::Quantile
        | Role::Item
        | Role::Rank
        | Role::Outcome
        | Role::Covariate
        | Role::Stage
        | Role::Feature
        | Role::Ignored => &[],
    }
}

/// Roles that names tell, in the order in which they are asked.
pub const ROLES: [Role; 14] = [
    Role::LabelTs,
    Role::Score,
    Role::Prediction,
    Role::Label,
    Role::LatencyMs,
    Role::Cost,
    Role::Error,
    Role::Model,
    Role::Id,
    Role::Unit,
    Role::Ts,
    Role::Weight,
    Role::Series,
    Role::Horizon,
];

/// Role that words name, and its place among the names of that role (0 is best).
pub fn role_of(words: &[String]) -> Option<(Role, usize)> {
    let name = words.join("_");
    let named = |role: Role, name: &str| known(role).iter().position(|known| *known == name).map(|place| (role, place));
    let latency = || {
        let (unit, rest) = words.split_last()?;
        millis_per(unit).and_then(|_| named(Role::LatencyMs, &rest.join("_")))
    };
    ROLES.into_iter().find_map(|role| named(role, &name)).or_else(latency)
}

/// Whether a header cell is a name of some role.
pub fn is_known(name: &str) -> bool {
    role_of(&without_side(name).0).is_some()
}

/// A score or prediction named with something before or after, e.g. `y_pred_a`: the role and the rest.
pub fn affixed(name: &str) -> Option<(Role, String)> {
    let words = words(name);
    // The longest role name first: `y_pred_proba_a` is a score, not the prediction `proba_a`.
    (1..words.len()).rev().find_map(|length| {
        let (head, after) = words.split_at(length);
        let (before, tail) = words.split_at(words.len() - length);
        let role = |part: &[String]| {
            role_of(part).map(|(role, _)| role).filter(|role| matches!(role, Role::Score | Role::Prediction))
        };
        role(head)
            .map(|role| (role, original(name, after)))
            .or_else(|| role(tail).map(|role| (role, original(name, before))))
    })
}

/// The stretch of `name` from the first to the last of `words`, as written.
fn original(name: &str, words: &[String]) -> String {
    let lower = name.to_lowercase();
    let joined = words.join("_");
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return joined;
    };
    let span = || {
        let at_end = lower.ends_with(last.as_str());
        let (start, end) = if at_end {
            let end = lower.len();
            let before: usize = lower.len().checked_sub(joined.len())?;
            (before, end)
        } else {
            (lower.find(first.as_str())?, joined.len())
        };
        name.get(start..end)
    };
    span().map_or(joined, str::to_owned)
}

/// Names that only number the rows.
pub fn is_row_number(name: &str) -> bool {
    matches!(
        words(name).join("_").as_str(),
        "row" | "rownames" | "row_names" | "index" | "unnamed_0" | "rowid" | "row_number" | "level_0"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names() {
        assert_eq!(words("requestId"), ["request", "id"]);
        assert_eq!(words("SageMakerInferenceId"), ["sage", "maker", "inference", "id"]);
        assert_eq!(words("XRequestID-2"), ["x", "request", "id", "2"]);
        assert_eq!(side_of("fraud-net-challenger"), Some(Side::Challenger));
        assert_eq!(side_of("live_vs_shadow"), None);
        assert_eq!(role_of(&words("inferenceTime")), Some((Role::Ts, 5)));
    }

    #[test]
    fn affixes_keep_their_spelling() {
        assert_eq!(affixed("y_pred_Net-5"), Some((Role::Prediction, "Net-5".to_owned())));
        assert_eq!(affixed("wfns_score"), Some((Role::Score, "wfns".to_owned())));
        assert_eq!(affixed("y_pred_proba_a"), Some((Role::Score, "a".to_owned())));
        assert_eq!(affixed("country"), None);
    }
}
