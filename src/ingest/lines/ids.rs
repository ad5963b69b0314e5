//! Ids of the lines, as the files store them.

use std::borrow::Cow;

use crate::ingest::keys::LineIds;
use crate::ingest::table::{ColumnData, TextColumn};
use crate::ingest::typing;
use crate::log::{NO_TIME, is_not_logged};

/// Ids as the file stores them: integers stay integers, everything else is text.
pub(super) fn ids(data: Cow<'_, ColumnData>) -> LineIds {
    match data {
        Cow::Owned(ColumnData::Integer { values, valid }) => LineIds::Integer { values, valid },
        Cow::Owned(ColumnData::Text(text)) => LineIds::Text(text),
        data => match data.as_ref() {
            ColumnData::Integer { values, valid } => LineIds::Integer { values: values.clone(), valid: valid.clone() },
            ColumnData::Text(text) => LineIds::Text(text.clone()),
            ColumnData::Byte(values) => LineIds::Integer {
                values: values.iter().map(|&value| i64::from(value)).collect(),
                valid: values.contains(&u8::MAX).then(|| values.iter().map(|&value| value != u8::MAX).collect()),
            },
            ColumnData::Time { values, .. } => LineIds::Integer {
                values: values.clone(),
                valid: values.contains(&NO_TIME).then(|| values.iter().map(|&value| value != NO_TIME).collect()),
            },
            ColumnData::Coded(codes) => {
                let mut text = TextColumn::default();
                (0..codes.len()).for_each(|row| text.push(codes.get(row).map(str::as_bytes)));
                LineIds::Text(text)
            }
            ColumnData::Vectors(vectors) => LineIds::Text(vectors.to_text()),
            ColumnData::Float(values) => {
                let mut text = TextColumn::default();
                for &value in values {
                    let cell = (!is_not_logged(value)).then(|| typing::number_text(value));
                    text.push(cell.as_deref().map(str::as_bytes));
                }
                LineIds::Text(text)
            }
        },
    }
}

pub(super) fn stack_ids(mut parts: Vec<(usize, Option<LineIds>)>) -> Option<LineIds> {
    if parts.len() == 1 {
        return parts.pop().and_then(|part| part.1);
    }
    if parts.iter().all(|part| part.1.is_none()) {
        return None;
    }
    if parts.iter().all(|part| matches!(part.1, Some(LineIds::Integer { .. }))) {
        let (mut values, mut valid) = (Vec::new(), Vec::new());
        for part in parts {
            if let (rows, Some(LineIds::Integer { values: more, valid: bits })) = part {
                values.extend_from_slice(&more);
                valid.extend(bits.unwrap_or_else(|| vec![true; rows]));
            }
        }
        let valid = valid.contains(&false).then_some(valid);
        return Some(LineIds::Integer { values, valid });
    }
    let mut whole = TextColumn::default();
    for (rows, part) in parts {
        match part.map(LineIds::into_text) {
            Some(text) => (0..rows).for_each(|row| whole.push(text.get(row))),
            None => (0..rows).for_each(|_| whole.push(None)),
        }
    }
    Some(LineIds::Text(whole))
}
