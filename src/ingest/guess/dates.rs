//! Dates such as 03/04/2026: the order is read off the values, or asked.

use super::State;
use crate::ingest::answer::Patch;
use crate::ingest::mapping::Role;
use crate::ingest::opened::{Question, QuestionKind};
use crate::ingest::typing::DayOrder;

/// Rows of a label file whose dates are looked at.
const ROWS: usize = 20_000;

impl State<'_> {
    /// Settle or ask whether numeric dates begin with the day.
    pub(super) fn day_order(&mut self) {
        let mut found: Vec<(String, DayOrder, String)> = self
            .columns
            .iter()
            .zip(&self.roles.picks)
            .filter(|(_, pick)| pick.as_ref().is_some_and(|pick| matches!(pick.role, Role::Ts | Role::LabelTs)))
            .map(|((name, look), _)| ((*name).to_owned(), look.dates, look.first.clone()))
            .collect();
        if let Some(name) = self.label_column(Role::LabelTs) {
            let looks =
                self.inputs.iter().zip(&self.is_labels).filter(|(_, labels)| **labels).filter_map(|(input, _)| {
                    Some(super::look(&input.table.column(name)?.data, input.table.records, ROWS))
                });
            found.extend(looks.map(|look| (name.to_owned(), look.dates, look.first)));
        }
        found.retain(|(_, order, _)| *order != DayOrder::None);
        let Some((_, _, first)) = found.first() else {
            return;
        };
        let order = found.iter().fold(DayOrder::None, |order, (_, other, _)| order.and(*other));
        let mut columns: Vec<&str> = found.iter().map(|(name, ..)| name.as_str()).collect();
        columns.dedup();
        let evidence = match order {
            DayOrder::DayFirst => "Some first numbers are above 12, no second one is.",
            DayOrder::MonthFirst => "Some second numbers are above 12, no first one is.",
            DayOrder::Mixed => {
                "Some dates can only begin with the day, others only with the month; those of the other order cannot be read."
            }
            DayOrder::Either | DayOrder::None => {
                "No number is above 12 in the rows looked at, so both readings are possible."
            }
        };
        let answer = match (self.options.day_first, order) {
            (Some(true), _) | (None, DayOrder::DayFirst) => Some(0),
            (Some(false), _) | (None, DayOrder::MonthFirst) => Some(1),
            (None, _) => None,
        };
        self.mapping.day_first = answer.map(|choice| choice == 0);
        let patch = |day_first| Patch { day_first: Some(day_first), ..Patch::default() };
        self.questions.push(Question {
            kind: QuestionKind::DayOrder,
            text: format!("Do the dates in {} begin with the day or the month, as in {first}?", columns.join(" and ")),
            choices: vec!["The day: 03/04/2026 is 3 April".to_owned(), "The month: 03/04/2026 is 4 March".to_owned()],
            evidence: evidence.to_owned(),
            answer,
            flag: "--dates day-first|month-first".to_owned(),
            patches: vec![patch(true), patch(false)],
        });
    }
}
