//! The lines of a run in which each request was answered by one arm: nothing is paired; what was exposed to both arms
//! is left out and counted.

use std::borrow::Cow;
use std::collections::HashMap;

use super::assemble::Paired;
use super::issue::IngestError;
use super::keys::LineIds;
use super::labels::join_ids;
use super::lines::Lines;
use super::load::labels;
use super::mapping::Mapping;
use super::pair::{Counts, Fate, Joined};
use super::table::{ColumnData, TextColumn};
use super::typing::{self, Typed};
use crate::job::JobCx;
use crate::log::{BothArms, FeatureValues, JoinAudit, Label, NO_TIME, NOT_LOGGED, PairBasis, RunKind};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Keep the lines of both arms and label them.
pub(super) fn keep(
    mut lines: Lines,
    label_lines: Option<Lines>,
    mapping: &Mapping,
    cx: &JobCx,
) -> Result<Paired, IngestError> {
    cx.stage("Matching lines with arms", 0);
    let mut joined = match &lines.ids {
        Some(ids) => {
            let same = |a: u32, b: u32| lines.same(a as usize, b as usize);
            let none = match ids {
                LineIds::Integer { .. } => LineIds::Integer { values: Vec::new(), valid: None },
                LineIds::Text(_) => LineIds::Text(TextColumn::default()),
            };
            join_ids(ids, &none, &lines.arms, mapping.duplicates, &same, cx)?
        }
        None => as_they_are(&lines),
    };
    let units = units_in_both(&lines, &mut joined, mapping.kind);
    let lines_in_both = joined.fates.iter().filter(|fate| **fate == Fate::Paired).count() as u64;
    let kept = joined.fates.iter().zip(0u32..).filter(|(fate, _)| **fate == Fate::Alone);
    let rows: Vec<u32> = kept.map(|(_, line)| line).collect();
    let Counts { ids, paired, merged, conflicting, refused, without_id, .. } = joined.counts;
    let of = |arm: u8| rows.iter().filter(|row| lines.arms[**row as usize] == arm).count() as u64;
    let audit = JoinAudit {
        basis: PairBasis::Split { column: lines.ids.as_ref().map(|_| lines.id_column.clone()) },
        ids,
        paired,
        champion_only: of(0),
        challenger_only: of(1),
        duplicate_same: merged,
        duplicate_different: conflicting,
        conflicts_kept: conflicting > refused,
        without_id,
        labels: Label::default(),
    };
    joined.pairs = [rows.clone(), rows.clone()];
    cx.stage("Joining labels", 0);
    let labelled = labels(&mut lines, label_lines, &joined, [&rows, &rows], mapping, cx)?;
    let both = BothArms { units, lines: lines_in_both };
    Ok(Paired { lines, joined, audit, labelled, wide: false, both: Some(both) })
}

/// Without ids every line of an arm is a row.
fn as_they_are(lines: &Lines) -> Joined {
    let fate = |&arm: &u8| if arm < 2 { Fate::Alone } else { Fate::Other };
    let fates: Vec<Fate> = lines.arms.iter().map(fate).collect();
    let of = |arm: u8| lines.arms.iter().filter(|of| **of == arm).count() as u64;
    let alone = [of(0), of(1)];
    Joined { fates, counts: Counts { ids: alone[0] + alone[1], alone, ..Counts::default() }, ..Joined::default() }
}

/// Take the lines of units that both arms served out of the run; how many such units there are. The arm of a unit may
/// change as a canary grows, so that there only both arms within one stage count, or within one day where no stage is
/// logged: within those the arms are compared.
fn units_in_both(lines: &Lines, joined: &mut Joined, kind: RunKind) -> u64 {
    let Some((_, FeatureValues::Coded(units))) = &lines.unit else {
        return 0;
    };
    let stages = match (&lines.stage, kind) {
        (Some((_, FeatureValues::Coded(stages))), RunKind::Canary) => Some(stages),
        _ => None,
    };
    let times = lines.times.as_deref().filter(|_| kind == RunKind::Canary && stages.is_none()).unwrap_or_default();
    let first = times.iter().copied().filter(|time| *time != NO_TIME).min().unwrap_or_default();
    let day = |line: usize| {
        let time = times.get(line).copied().filter(|time| *time != NO_TIME)?;
        u32::try_from(time.saturating_sub(first) / MICROS_PER_DAY).ok()
    };
    let key = |line: usize| {
        let stage = stages.and_then(|stages| stages.code(line)).or_else(|| day(line)).unwrap_or(u32::MAX);
        Some((units.code(line)?, stage))
    };
    let mut seen: HashMap<(u32, u32), u8> = HashMap::new();
    let served = |fate: Fate| matches!(fate, Fate::Alone | Fate::Paired);
    for (line, &fate) in joined.fates.iter().enumerate().filter(|(_, fate)| served(**fate)) {
        if let (Some(key), true) = (key(line), served(fate)) {
            *seen.entry(key).or_default() |= 1 << lines.arms[line];
        }
    }
    seen.retain(|_, arms| *arms == 3);
    if !seen.is_empty() {
        for (line, fate) in joined.fates.iter_mut().enumerate().filter(|(_, fate)| **fate == Fate::Alone) {
            if key(line).is_some_and(|key| seen.contains_key(&key)) {
                *fate = Fate::Paired;
            }
        }
    }
    let mut units: Vec<u32> = seen.into_keys().map(|(unit, _)| unit).collect();
    units.sort_unstable();
    units.dedup();
    units.len() as u64
}

/// Words for yes and no.
fn truth(word: &str) -> Option<f64> {
    match word.trim().to_lowercase().as_str() {
        "true" | "t" | "yes" | "y" => Some(1.0),
        "false" | "f" | "no" | "n" => Some(0.0),
        _ => None,
    }
}

/// Words in the name of a column that is empty unless something went wrong.
const MESSAGES: [&str; 7] = ["error", "errors", "exception", "exceptions", "failure", "failures", "fault"];

/// Whether a column may hold the text of errors: empty where there was none.
pub(super) fn may_hold_messages(name: &str) -> bool {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
    words.into_iter().any(|word| MESSAGES.contains(&word.as_str()))
}

/// Text of errors as 1 where there is some; `None` where a cell is a number or says yes or no.
pub(super) fn messages(data: &ColumnData) -> Option<Typed<Vec<f64>>> {
    if !matches!(data, ColumnData::Text(_) | ColumnData::Coded(_)) {
        return None;
    }
    let codes = typing::codes(data);
    let of_name = |name: &String| match typing::parse_number(name.as_bytes()) {
        typing::Number::Empty => Some(NOT_LOGGED),
        typing::Number::Bad if truth(name).is_none() => Some(1.0),
        _ => None,
    };
    let of_code: Vec<f64> = codes.names.iter().map(of_name).collect::<Option<_>>()?;
    if !of_code.contains(&1.0) {
        return None;
    }
    let value = |row: usize| codes.code(row).map_or(NOT_LOGGED, |code| of_code[code as usize]);
    let values: Vec<f64> = (0..codes.len()).map(value).collect();
    let empty = values.iter().filter(|value| value.is_nan()).count() as u64;
    Some(Typed { values, empty, ..Typed::default() })
}

/// An outcome as numbers: words for yes are 1 and for no 0.
pub(super) fn outcome(data: Cow<'_, ColumnData>) -> Typed<Vec<f64>> {
    let data = data.as_ref();
    let typed = typing::numbers(data);
    if typed.failed == 0 || !matches!(data, ColumnData::Text(_) | ColumnData::Coded(_)) {
        return typed;
    }
    let codes = typing::codes(data);
    let values: Vec<Option<f64>> = codes.names.iter().map(|name| truth(name)).collect();
    let used = |(name, value): (&String, &Option<f64>)| value.is_some() || typing::is_null_token(name.as_bytes());
    if !codes.names.iter().zip(&values).all(used) {
        return typed;
    }
    let value = |row: usize| codes.code(row).and_then(|code| values[code as usize]).unwrap_or(NOT_LOGGED);
    let values: Vec<f64> = (0..codes.len()).map(value).collect();
    let empty = values.iter().filter(|value| value.is_nan()).count() as u64;
    Typed { values, empty, ..Typed::default() }
}
