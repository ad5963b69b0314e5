//! What names promise and values do not keep, and which of two sources of labels is used.

use super::State;
use super::column::Kind;
use super::names::{role_of, words};
use crate::ingest::issue::{Issue, Severity};
use crate::ingest::mapping::Role;

impl State<'_> {
    /// Labels beside the predictions are not used where label files were given; that is said.
    pub(super) fn inline_labels(&mut self) {
        let replaced = self.columns.iter().zip(&self.roles.picks).find(|((_, look), pick)| {
            pick.as_ref().is_some_and(|pick| pick.role == Role::Ignored && pick.why == super::LABEL_FILE_INSTEAD)
                && matches!(look.kind, Kind::Text | Kind::Number)
        });
        let Some(((name, _), _)) = replaced else {
            return;
        };
        self.issues.push(Issue {
            code: "two_sources_of_labels".to_owned(),
            severity: Severity::Warning,
            message: format!("The files with predictions hold labels too, in {name}."),
            consequence: "The labels of the label files are used; where the two differ, that is not counted."
                .to_owned(),
            mend: "None needed where the label files are the later ones; else open the predictions alone.".to_owned(),
            count: 1,
            share: 1.0,
            examples: Vec::new(),
        });
    }

    /// Columns that are named like a score and hold text, as a sentence to add to the evidence.
    pub(super) fn named_but_text(&self) -> String {
        let named = |name: &str| matches!(role_of(&words(name)), Some((Role::Score | Role::Prediction, _)));
        self.columns
            .iter()
            .filter(|(name, look)| named(name) && look.filled > 0 && !look.is_number())
            .map(|(name, look)| format!(" {name} holds text such as `{}`, which is no number.", look.first))
            .collect()
    }

    /// A column named like the time of the request that is read as none leaves every figure over time out.
    pub(super) fn unread_time(&mut self) {
        if self.with_role(Role::Ts).is_some() {
            return;
        }
        let found = self.columns.iter().zip(&self.roles.picks).find(|((name, look), pick)| {
            let digits = look.first.bytes().filter(u8::is_ascii_digit).count();
            pick.is_none() && digits >= 4 && matches!(role_of(&words(name)), Some((Role::Ts, _)))
        });
        let Some(((name, look), _)) = found else {
            return;
        };
        self.issues.push(Issue {
            code: "unread_time".to_owned(),
            severity: Severity::Warning,
            message: format!("{name} is named like a time and holds `{}`, which is not read as one.", look.first),
            consequence: "Nothing is shown over time, and the lag of labels cannot be told.".to_owned(),
            mend: "Write times as in 2026-10-12T08:30:00Z, or as seconds since 1970.".to_owned(),
            count: 1,
            share: 1.0,
            examples: Vec::new(),
        });
    }
}
