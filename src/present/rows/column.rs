//! Columns of the row browser.

use super::{Head, RowCell, RowSource, SortKey};
use crate::log::{ArmRole, Content, FeatureValues, Log};

/// A column there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Id,
    Time,
    Unit,
    Label,
    Score(ArmRole),
    Decision(ArmRole),
    /// Challenger's score minus champion's.
    Difference,
    /// Prediction of a regression minus the truth.
    Error(ArmRole),
    /// Who is right.
    Right,
    /// Both scores drawn on one track.
    Track,
    Latency(ArmRole),
    /// Index into [`Log::features`].
    Feature(usize),
}

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Mono,
    Number,
    /// Number or word of an arm, in its hue.
    Arm(ArmRole),
    Right,
    Track,
}

/// Features beyond these are chosen, not shown at first.
const USUAL_FEATURES: usize = 4;

impl Column {
    /// Every column that `log` can fill.
    pub fn all(log: &Log) -> Vec<Self> {
        let mut columns = vec![Self::Id];
        if log.times.is_some() {
            columns.push(Self::Time);
        }
        if log.units.is_some() {
            columns.push(Self::Unit);
        }
        columns.extend((0..log.features.len()).map(Self::Feature));
        columns.push(Self::Label);
        let arms: Vec<ArmRole> = log.arms.iter().map(|arm| arm.role).collect();
        // Of several classes a probability stands beside the class it belongs to.
        let two =
            !matches!(log.content, Content::Coded(_) | Content::Lists(_) | Content::Boxes(_) | Content::ImagePairs(_));
        let scored = |role: &ArmRole| two && log.arms.get(role.index()).is_some_and(|arm| arm.scores.is_some());
        columns.extend(arms.iter().copied().filter(scored).map(Self::Score));
        // Where one arm answered each row there is no difference on any.
        if arms.len() > 1 && arms.iter().all(scored) && log.split.is_none() {
            columns.push(Self::Difference);
        }
        match log.content {
            Content::Numbers(_) => columns.extend(arms.iter().copied().map(Self::Error)),
            Content::Pairs(_) => {}
            Content::ImagePairs(_) => {
                columns.extend(arms.iter().copied().map(Self::Decision));
                columns.extend(arms.iter().copied().map(Self::Error));
            }
            Content::Lists(_) | Content::Boxes(_) => columns.extend(arms.iter().copied().map(Self::Decision)),
            Content::Binary | Content::Coded(_) => {
                if arms.iter().any(scored) {
                    columns.push(Self::Track);
                }
                columns.extend(arms.iter().copied().map(Self::Decision));
                columns.push(Self::Right);
            }
        }
        let timed = |role: &ArmRole| log.arms.get(role.index()).is_some_and(|arm| arm.latency_ms.is_some());
        columns.extend(arms.iter().copied().filter(timed).map(Self::Latency));
        columns
    }

    /// What is shown before anything is chosen: without decisions where there are scores, and the first features.
    pub fn usual(log: &Log) -> Vec<Self> {
        let one_number = matches!(log.content, Content::Binary | Content::Numbers(_) | Content::Pairs(_));
        let scored = one_number && log.arms.iter().all(|arm| arm.scores.is_some());
        let usual = |column: &Self| match column {
            Self::Decision(_) => !scored,
            Self::Feature(index) => *index < USUAL_FEATURES,
            Self::Latency(ArmRole::Champion) => log.arms.len() == 1,
            _ => true,
        };
        Self::all(log).into_iter().filter(usual).collect()
    }

    /// As it stands in the header.
    pub fn title(self, log: &Log) -> String {
        let arm = |role: ArmRole| match role {
            ArmRole::Champion => "champ.",
            ArmRole::Challenger => "chall.",
        };
        match self {
            Self::Id => "id".to_owned(),
            Self::Time => "time, UTC".to_owned(),
            Self::Unit => log.units.as_ref().map_or_else(|| "unit".to_owned(), |(name, _)| name.clone()),
            Self::Label if matches!(log.content, Content::Lists(_)) => "relevant".to_owned(),
            Self::Label if matches!(log.content, Content::Boxes(_)) => "objects".to_owned(),
            Self::Label if matches!(log.content, Content::Pairs(_)) => "gold".to_owned(),
            Self::Label if matches!(log.content, Content::ImagePairs(_)) => "reference".to_owned(),
            Self::Label => "truth".to_owned(),
            Self::Score(role) => arm(role).to_owned(),
            Self::Decision(role) if matches!(log.content, Content::Lists(_)) => format!("{} first at", arm(role)),
            Self::Decision(role) if matches!(log.content, Content::Boxes(_)) => format!("{} boxes", arm(role)),
            Self::Decision(role) if matches!(log.content, Content::ImagePairs(_)) => format!("{} image", arm(role)),
            Self::Decision(role) => format!("{} says", arm(role)),
            Self::Difference if matches!(log.content, Content::Numbers(_)) => "Δ pred.".to_owned(),
            Self::Difference if matches!(log.content, Content::Pairs(_)) => "Δ similarity".to_owned(),
            Self::Difference => "Δ score".to_owned(),
            Self::Error(role) if matches!(log.content, Content::ImagePairs(_)) => format!("{} SSIM", arm(role)),
            Self::Error(role) => format!("{} error", arm(role)),
            Self::Right => "right".to_owned(),
            Self::Track => "scores".to_owned(),
            Self::Latency(role) => format!("{} ms", arm(role)),
            Self::Feature(index) => log.features.get(index).map_or_else(String::new, |feature| feature.name.clone()),
        }
    }

    pub(super) fn sort(self) -> Option<SortKey> {
        match self {
            Self::Time => Some(SortKey::Time),
            Self::Score(role) => Some(SortKey::Score(role)),
            Self::Difference => Some(SortKey::AbsoluteDifference),
            Self::Latency(role) => Some(SortKey::Latency(role)),
            _ => None,
        }
    }

    pub(super) fn kind(self, log: &Log) -> Kind {
        match self {
            Self::Id | Self::Unit => Kind::Mono,
            Self::Label if !matches!(log.content, Content::Binary | Content::Coded(_) | Content::ImagePairs(_)) => {
                Kind::Number
            }
            Self::Time | Self::Label => Kind::Text,
            Self::Score(role) | Self::Decision(role) => Kind::Arm(role),
            Self::Difference | Self::Error(_) | Self::Latency(_) => Kind::Number,
            Self::Right => Kind::Right,
            Self::Track => Kind::Track,
            Self::Feature(index) => match log.features.get(index).map(|feature| &feature.values) {
                Some(FeatureValues::Numeric(_)) => Kind::Number,
                _ => Kind::Text,
            },
        }
    }

    pub(super) fn head(self, source: &RowSource<'_>) -> Head {
        let title = self.title(source.log);
        let step = (source.rows.len() / 64).max(1);
        let longest = (0..source.rows.len())
            .step_by(step)
            .map(|position| match source.cell(position, self) {
                RowCell::Id(text) | RowCell::Text(text) | RowCell::Number(text) | RowCell::Arm(_, text) => {
                    text.chars().count()
                }
                RowCell::Right(_) | RowCell::Track { .. } | RowCell::Missing(_) => 1,
            })
            .max()
            .unwrap_or(0);
        let chars = longest.max(title.chars().count()).min(40);
        Head { column: self, kind: self.kind(source.log), chars, sort: self.sort(), title }
    }
}
