//! Rows as text for other programs: full precision, no grouping, ASCII minus.

use super::{Column, RowSource, difference, error, label, latency, score, ssim, time, truth};
use crate::log::{ArmRole, Content};
use crate::present::format;

/// All rows of `source` as CSV after RFC 4180: a header, CRLF, quotes where needed; an empty field is a missing value.
pub fn csv_of(source: &RowSource<'_>, columns: &[Column]) -> String {
    let columns = exported(columns);
    let mut text = String::new();
    line(&mut text, columns.iter().map(|&column| heading(source, column)), ',', "\r\n", csv_field);
    for position in 0..source.rows.len() {
        let cells = columns.iter().map(|&column| raw(source, position, column));
        line(&mut text, cells, ',', "\r\n", csv_field);
    }
    text
}

/// The rows at `positions` with tabs between the fields, for the clipboard; tabs and line ends in values are spaces.
pub fn tsv_of(source: &RowSource<'_>, columns: &[Column], positions: impl IntoIterator<Item = usize>) -> String {
    let columns = exported(columns);
    let mut text = String::new();
    line(&mut text, columns.iter().map(|&column| heading(source, column)), '\t', "\n", tsv_field);
    for position in positions {
        let cells = columns.iter().map(|&column| raw(source, position, column));
        line(&mut text, cells, '\t', "\n", tsv_field);
    }
    text
}

/// Columns that are drawings have no text.
fn exported(columns: &[Column]) -> Vec<Column> {
    columns.iter().copied().filter(|column| *column != Column::Track).collect()
}

fn line(
    text: &mut String,
    fields: impl Iterator<Item = String>,
    between: char,
    end: &str,
    write: impl Fn(&mut String, &str),
) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            text.push(between);
        }
        write(text, &field);
    }
    text.push_str(end);
}

fn csv_field(text: &mut String, field: &str) {
    if field.contains(['"', ',', '\r', '\n']) {
        text.push('"');
        text.push_str(&field.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(field);
    }
}

fn tsv_field(text: &mut String, field: &str) {
    text.extend(field.chars().map(|letter| if matches!(letter, '\t' | '\r' | '\n') { ' ' } else { letter }));
}

fn heading(source: &RowSource<'_>, column: Column) -> String {
    let arm = |role: ArmRole| match role {
        ArmRole::Champion => "champion",
        ArmRole::Challenger => "challenger",
    };
    match column {
        Column::Time => "time".to_owned(),
        Column::Score(role) if matches!(source.log.content, Content::Pairs(_)) => format!("{}_similarity", arm(role)),
        Column::Score(role) => format!("{}_score", arm(role)),
        Column::Decision(role) if matches!(source.log.content, Content::Lists(_)) => {
            format!("{}_first_relevant", arm(role))
        }
        Column::Decision(role) if matches!(source.log.content, Content::Boxes(_)) => format!("{}_boxes", arm(role)),
        Column::Decision(role) => format!("{}_decision", arm(role)),
        Column::Error(role) if matches!(source.log.content, Content::ImagePairs(_)) => format!("{}_ssim", arm(role)),
        Column::Error(role) => format!("{}_error", arm(role)),
        Column::Latency(role) => format!("{}_latency_ms", arm(role)),
        Column::Difference => "score_difference".to_owned(),
        Column::Right => "who_is_right".to_owned(),
        Column::Label if matches!(source.log.content, Content::Lists(_)) => "relevant_items".to_owned(),
        Column::Label if matches!(source.log.content, Content::Boxes(_)) => "objects".to_owned(),
        Column::Label if matches!(source.log.content, Content::Pairs(_)) => "gold".to_owned(),
        Column::Label => "label".to_owned(),
        Column::Id | Column::Unit | Column::Track | Column::Feature(_) => column.title(source.log),
    }
}

/// The value as other programs read it; empty where there is none.
pub(super) fn raw(source: &RowSource<'_>, position: usize, column: Column) -> String {
    let Some(row) = source.row(position) else {
        return String::new();
    };
    let log = source.log;
    let number = |value: Option<f64>| value.map(|value| value.to_string());
    let value = match column {
        Column::Id => Some(log.ids.get(row)),
        Column::Time => time(log, row).map(format::rfc3339),
        Column::Unit => log.units.as_ref().and_then(|(_, codes)| codes.get(row)).map(str::to_owned),
        Column::Label => match &log.content {
            Content::Numbers(numbers) => number(label(log, row).and(numbers.truth.get(row).copied())),
            Content::Pairs(pairs) => number(pairs.gold(row)),
            Content::Binary | Content::Coded(_) | Content::Lists(_) | Content::Boxes(_) | Content::ImagePairs(_) => {
                truth(log, row)
            }
        },
        Column::Score(role) => number(score(log, row, role)),
        Column::Decision(role) => source.decided(row, role),
        Column::Error(role) => number(ssim(log, row, role).or_else(|| error(log, row, role))),
        Column::Difference => number(difference(log, row)),
        Column::Right => source.right(row).map(|right| right.word().to_owned()),
        Column::Latency(role) => number(latency(log, row, role)),
        Column::Feature(index) => log.features.get(index).and_then(|feature| feature.text(row)),
        Column::Track => None,
    };
    value.unwrap_or_default()
}
