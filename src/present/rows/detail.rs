//! One row in full: both predictions side by side, and every field.

use super::{Column, Right, RowSource, decision_word, latency, score, time};
use crate::log::ArmRole;
use crate::present::format;

/// One arm's side of a row, to twelve significant digits; `None` where nothing is logged.
#[derive(Clone, Debug, PartialEq)]
pub struct ArmDetail {
    pub role: ArmRole,
    pub name: String,
    pub score: Option<String>,
    pub threshold: Option<String>,
    pub decision: Option<String>,
    /// Its own decision in the log, where it differs from the one at the threshold.
    pub logged: Option<&'static str>,
    pub right: Option<bool>,
    pub latency: Option<String>,
}

/// Everything the log holds of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowDetail {
    pub task: crate::log::Task,
    pub id: String,
    /// Number of the row in the log, from 1.
    pub number: u64,
    pub time: Option<String>,
    pub unit: Option<(String, String)>,
    pub label: Option<String>,
    pub right: Option<Right>,
    pub arms: Vec<ArmDetail>,
    /// Name and value of each feature.
    pub fields: Vec<(String, Option<String>)>,
}

impl RowSource<'_> {
    /// The row at a position of the list; `None` past its end.
    pub fn detail(&self, position: usize) -> Option<RowDetail> {
        let row = self.row(position)?;
        let log = self.log;
        let arm = |arm: &crate::log::Arm| {
            let role = arm.role;
            let decision = self.decision(row, role);
            let two = matches!(log.content, crate::log::Content::Binary);
            let own = arm.predictions.as_ref().filter(|_| two).and_then(|decisions| match decisions.get(row) {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            });
            ArmDetail {
                role,
                name: arm.name.clone(),
                score: score(log, row, role).map(format::plain),
                threshold: self.plan.thresholds[role.index()].value.map(format::plain),
                decision: self.decided(row, role),
                logged: own.filter(|own| Some(*own) != decision).map(decision_word),
                right: self.is_right(row, role),
                latency: latency(log, row, role).map(|millis| format!("{} ms", format::plain(millis))),
            }
        };
        Some(RowDetail {
            task: log.task,
            id: log.ids.get(row),
            number: row as u64 + 1,
            time: time(log, row)
                .map(|time| format!("{} UTC", format::rfc3339(time).replace('T', " ").replace('Z', ""))),
            unit: log
                .units
                .as_ref()
                .map(|(name, codes)| (name.clone(), codes.get(row).unwrap_or(format::UNDEFINED).to_owned())),
            label: super::truth(log, row),
            right: self.right(row),
            arms: log.arms.iter().map(arm).collect(),
            fields: log.features.iter().map(|feature| (feature.name.clone(), feature.text(row))).collect(),
        })
    }

    /// Everything of a row as a table of two lines, for the clipboard.
    pub fn row_text(&self, position: usize) -> String {
        super::tsv_of(self, &Column::all(self.log), [position])
    }
}
