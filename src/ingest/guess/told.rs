//! What was told before looking: roles by option or profile, and which files hold labels.

use super::column::Look;
use super::names::{without_side, words};
use super::task::named;
use super::{Input, OpenOptions, quantiles};
use crate::ingest::issue::IngestError;
use crate::ingest::mapping::{ColumnRole, Role, Side};
use crate::log::Task;
use crate::log::meant::did_you_mean;

/// Role as written on the command line.
fn parse(text: &str) -> Option<(Role, Side)> {
    if let Some(rest) = text.strip_prefix("probability.") {
        return Some((Role::Probability, sided_class(rest).0));
    }
    if let Some(rest) = text.strip_prefix("quantile.") {
        return Some((Role::Quantile, sided_class(rest).0));
    }
    let (role, side) = text.split_once('.').unwrap_or((text, ""));
    let side = match side {
        "" => Side::Both,
        "champion" => Side::Champion,
        "challenger" => Side::Challenger,
        _ => return None,
    };
    let role = match role {
        "id" => Role::Id,
        "unit" => Role::Unit,
        "ts" => Role::Ts,
        "model" => Role::Model,
        "score" => Role::Score,
        "prediction" => Role::Prediction,
        "embedding" => Role::Embedding,
        "logprobs" => Role::Logprobs,
        "tokens" => Role::Tokens,
        "preference" => Role::Preference,
        "item" => Role::Item,
        "rank" => Role::Rank,
        "label" => Role::Label,
        "label_ts" => Role::LabelTs,
        "latency_ms" => Role::LatencyMs,
        "cost" => Role::Cost,
        "error" => Role::Error,
        "weight" => Role::Weight,
        "outcome" => Role::Outcome,
        "covariate" => Role::Covariate,
        "stage" => Role::Stage,
        "series" => Role::Series,
        "horizon" => Role::Horizon,
        "feature" => Role::Feature,
        "ignored" => Role::Ignored,
        _ => return None,
    };
    let sided = matches!(
        role,
        Role::Score
            | Role::Embedding
            | Role::Logprobs
            | Role::Tokens
            | Role::Rank
            | Role::Prediction
            | Role::LatencyMs
            | Role::Cost
            | Role::Error
            | Role::Ts
    );
    (side == Side::Both || sided).then_some((role, side))
}

/// Side and class of what follows `probability.`: `cat`, `champion.cat`; of `quantile.` side and level.
fn sided_class(rest: &str) -> (Side, &str) {
    match rest.split_once('.') {
        Some(("champion", class)) => (Side::Champion, class),
        Some(("challenger", class)) => (Side::Challenger, class),
        _ => (Side::Both, rest),
    }
}

/// What is written before the equals sign of `--map`, for the roles that are easily mistyped.
const ROLES: [&str; 49] = [
    "id",
    "unit",
    "ts",
    "model",
    "score",
    "prediction",
    "embedding",
    "logprobs",
    "tokens",
    "preference",
    "item",
    "rank",
    "label",
    "label_ts",
    "latency_ms",
    "cost",
    "error",
    "weight",
    "outcome",
    "covariate",
    "stage",
    "feature",
    "ignored",
    "score.champion",
    "score.challenger",
    "prediction.champion",
    "prediction.challenger",
    "logprobs.champion",
    "logprobs.challenger",
    "tokens.champion",
    "tokens.challenger",
    "embedding.champion",
    "embedding.challenger",
    "rank.champion",
    "rank.challenger",
    "latency_ms.champion",
    "latency_ms.challenger",
    "cost.champion",
    "cost.challenger",
    "error.champion",
    "error.challenger",
    "probability.CLASS",
    "probability.champion.CLASS",
    "probability.challenger.CLASS",
    "quantile.LEVEL",
    "quantile.champion.LEVEL",
    "quantile.challenger.LEVEL",
    "series",
    "horizon",
];

/// A role as [`parse`] reads it.
fn spelled(role: &ColumnRole) -> String {
    let side = match role.side {
        Side::Both => "",
        Side::Champion => ".champion",
        Side::Challenger => ".challenger",
    };
    let name = ROLES.iter().find(|name| parse(name) == Some((role.role, Side::Both))).copied().unwrap_or_default();
    format!("{name}{side}")
}

/// Roles of options and profile; options win.
pub(super) fn roles(inputs: &[Input<'_>], options: &OpenOptions) -> Result<Vec<ColumnRole>, IngestError> {
    let has = |name: &str| inputs.iter().any(|input| input.table.column(name).is_some());
    let missing = |name: &str| {
        let mut known: Vec<&str> =
            inputs.iter().flat_map(|input| &input.table.columns).map(|column| column.name.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        let meant = did_you_mean(name, known.iter().copied());
        IngestError::Mapping(format!("There is no column `{name}`{meant}; the files hold {}.", known.join(", ")))
    };
    let mut told: Vec<ColumnRole> = Vec::new();
    for (role, column) in &options.roles {
        let Some((parsed, side)) = parse(role) else {
            return Err(IngestError::Mapping(format!(
                "There is no role `{role}`{}; roles are id, unit, ts, model, score, prediction, embedding, logprobs, tokens, preference, item, rank, label, label_ts, latency_ms, cost, error, weight, outcome, covariate, stage, feature, series, horizon, ignored, probability.CLASS, quantile.LEVEL, and score.champion, score.challenger and the like for models side by side.",
                did_you_mean(role, ROLES)
            )));
        };
        if !has(column) {
            return Err(missing(column));
        }
        let rest = role.strip_prefix("probability.").or_else(|| role.strip_prefix("quantile."));
        let class = rest.map(|rest| sided_class(rest).1.to_owned());
        if parsed == Role::Quantile && class.as_deref().and_then(quantiles::as_level).is_none() {
            let found = class.unwrap_or_default();
            return Err(IngestError::Mapping(format!(
                "The level `{found}` of the quantile in {column} is not between 0 and 1: write --map quantile.0.1=COLUMN, or quantile.champion.0.1=COLUMN for models side by side."
            )));
        }
        let said = ColumnRole { class, ..ColumnRole::new(column, parsed, side) };
        if let Some(earlier) = told.iter().find(|earlier| earlier.column == *column) {
            if *earlier == said {
                continue;
            }
            return Err(IngestError::Mapping(format!(
                "The column `{column}` is named twice: as {} and as {role}; a column has one role.",
                spelled(earlier)
            )));
        }
        told.push(said);
    }
    let profile = options.profile.iter().flat_map(|profile| &profile.columns);
    for role in profile {
        if told.iter().any(|told| told.column == role.column) {
            continue;
        }
        if has(&role.column) {
            told.push(role.clone());
        } else if !matches!(role.role, Role::Feature | Role::Ignored) {
            return Err(missing(&role.column));
        }
    }
    Ok(told)
}

/// Which inputs hold labels only: those named so, and those with an id and a label but no output of a model.
pub(super) fn label_files(
    inputs: &[Input<'_>],
    looks: &[Vec<Look>],
    told: &[ColumnRole],
    task: Option<Task>,
) -> Vec<bool> {
    let role = |name: &str, look: &Look| {
        told.iter()
            .find(|told| told.column == name)
            .map(|told| told.role)
            .or_else(|| named(&words(name), look, task).map(|role| role.0))
    };
    let has_output = |place: usize| {
        inputs[place].table.columns.iter().zip(&looks[place]).any(|(column, look)| {
            if task == Some(Task::Similarity) && look.is_vector() {
                return true;
            }
            let named = role(&column.name, look)
                .or_else(|| named(&without_side(&column.name).0, look, task).map(|role| role.0));
            matches!(named, Some(Role::Score | Role::Prediction | Role::Probability | Role::Quantile))
                && look.filled > 0
        })
    };
    let outputs: Vec<bool> = (0..inputs.len()).map(has_output).collect();
    let any_output = (0..inputs.len()).any(|place| !inputs[place].labels && outputs[place]);
    let has_label = |place: usize| {
        let columns = inputs[place].table.columns.iter();
        columns.zip(&looks[place]).any(|(column, look)| role(&column.name, look) == Some(Role::Label))
    };
    // Scores of any name: another file shares the id and has more to say, and no label.
    let completes = |place: usize| {
        let columns = &inputs[place].table.columns;
        let shares = |other: &Input<'_>| columns.iter().any(|column| other.table.column(&column.name).is_some());
        (0..inputs.len()).any(|other| {
            let larger = inputs[other].table.columns.len() > columns.len();
            other != place && !inputs[other].labels && larger && !has_label(other) && shares(&inputs[other])
        })
    };
    (0..inputs.len())
        .map(|place| {
            let bare = !outputs[place] && has_label(place) && inputs[place].table.columns.len() >= 2;
            inputs[place].labels || bare && (any_output || completes(place))
        })
        .collect()
}
