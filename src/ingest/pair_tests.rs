//! The join against a naive one.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::ingest::keys::{IntegerKeys, TextKeys};
use crate::ingest::table::TextColumn;

/// One line: id (none for an absent one), side, prediction.
type Line = (Option<i64>, u8, u8);

fn joined(lines: &[Line], duplicates: Duplicates) -> Joined {
    let ids: Vec<i64> = lines.iter().map(|line| line.0.unwrap_or(0)).collect();
    let valid: Vec<bool> = lines.iter().map(|line| line.0.is_some()).collect();
    let side: Vec<u8> = lines.iter().map(|line| line.1).collect();
    let same = |a: u32, b: u32| lines[a as usize].2 == lines[b as usize].2;
    join(&IntegerKeys::new((&ids, Some(&valid)), (&[], None)), &side, duplicates, &same, &JobCx::new()).unwrap()
}

fn joined_text(lines: &[Line], spell: impl Fn(i64) -> String) -> Joined {
    let mut text = TextColumn::default();
    lines.iter().for_each(|line| text.push(line.0.map(&spell).as_deref().map(str::as_bytes)));
    let side: Vec<u8> = lines.iter().map(|line| line.1).collect();
    let same = |a: u32, b: u32| lines[a as usize].2 == lines[b as usize].2;
    let (none, cx) = (TextColumn::default(), JobCx::new());
    match TextKeys::choose(&text, &none) {
        TextKeys::Packed(keys) => join(&keys, &side, Duplicates::Refuse, &same, &cx).unwrap(),
        TextKeys::Hashed(keys) => join(&keys, &side, Duplicates::Refuse, &same, &cx).unwrap(),
    }
}

/// Counts and pairs by the definition, id by id.
fn naive(lines: &[Line], duplicates: Duplicates) -> (Counts, Vec<(u32, u32)>) {
    let mut ids: HashMap<i64, [Vec<usize>; 2]> = HashMap::new();
    let mut counts = Counts::default();
    for (row, line) in lines.iter().enumerate().filter(|(_, line)| line.1 < 2) {
        match line.0 {
            Some(id) => ids.entry(id).or_default()[line.1 as usize].push(row),
            None => counts.without_id += 1,
        }
    }
    let mut pairs = Vec::new();
    for sides in ids.values() {
        counts.ids += 1;
        let mut conflict = false;
        for rows in sides {
            let mut values: Vec<u8> = rows.iter().map(|&row| lines[row].2).collect();
            values.sort_unstable();
            values.dedup();
            counts.merged += (rows.len() - values.len()) as u64;
            conflict |= values.len() > 1;
        }
        counts.conflicting += u64::from(conflict);
        if conflict && duplicates == Duplicates::Refuse {
            counts.refused += 1;
            continue;
        }
        let kept = sides.each_ref().map(|rows| {
            let differ = rows.iter().any(|&row| lines[row].2 != lines[rows[0]].2);
            if duplicates == Duplicates::Last && differ { rows.last() } else { rows.first() }.copied()
        });
        match kept {
            [Some(a), Some(b)] => {
                counts.paired += 1;
                pairs.push((a as u32, b as u32));
            }
            [Some(_), None] => counts.alone[0] += 1,
            _ => counts.alone[1] += 1,
        }
    }
    pairs.sort_unstable();
    (counts, pairs)
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let id = prop_oneof![1 => Just(None), 9 => (0i64..40).prop_map(|id| Some(id * 0x1_0000_0001 - 7))];
    proptest::collection::vec((id, 0u8..3, 0u8..3), 0..120)
}

proptest! {
    #[test]
    fn agrees_with_the_definition(lines in lines(), policy in 0usize..3) {
        let duplicates = [Duplicates::Refuse, Duplicates::First, Duplicates::Last][policy];
        let joined = joined(&lines, duplicates);
        let (counts, pairs) = naive(&lines, duplicates);
        prop_assert_eq!(joined.counts, counts);
        let got: Vec<(u32, u32)> = joined.pairs[0].iter().copied().zip(joined.pairs[1].iter().copied()).collect();
        prop_assert_eq!(got, pairs);
    }

    #[test]
    fn every_line_has_one_fate_and_the_sums_hold(lines in lines()) {
        let joined = joined(&lines, Duplicates::Refuse);
        let of = |fate| joined.fates.iter().filter(|one| **one == fate).count() as u64;
        prop_assert_eq!(joined.fates.len(), lines.len());
        prop_assert_eq!(of(Fate::Paired), 2 * joined.counts.paired);
        prop_assert_eq!(of(Fate::Alone), joined.counts.alone[0] + joined.counts.alone[1]);
        prop_assert_eq!(of(Fate::Merged), joined.counts.merged);
        prop_assert_eq!(of(Fate::WithoutId), joined.counts.without_id);
        prop_assert_eq!(of(Fate::Other), lines.iter().filter(|line| line.1 > 1).count() as u64);
        prop_assert_eq!(of(Fate::Superseded), 0);
    }

    #[test]
    fn counts_do_not_depend_on_the_order(lines in lines(), turn in 0usize..120) {
        let mut other = lines.clone();
        let turn = if other.is_empty() { 0 } else { turn % other.len() };
        other.rotate_left(turn);
        other.reverse();
        for duplicates in [Duplicates::Refuse, Duplicates::First, Duplicates::Last] {
            prop_assert_eq!(joined(&lines, duplicates).counts, joined(&other, duplicates).counts);
        }
    }

    #[test]
    fn text_ids_join_as_integers_do(lines in lines()) {
        let integers = joined(&lines, Duplicates::Refuse);
        let short = joined_text(&lines, |id| format!("r{id}"));
        let long = joined_text(&lines, |id| format!("shadow test, index {id}"));
        let uuid = joined_text(&lines, |id| format!("{:08x}-0000-4000-8000-{:012x}", id & 0xff, id & 0xffff_ffff_ffff));
        for text in [short, long, uuid] {
            prop_assert_eq!(&text.counts, &integers.counts);
            prop_assert_eq!(&text.pairs, &integers.pairs);
        }
    }
}

#[test]
fn many_lines_over_many_partitions() {
    let count = 300_000i64;
    let lines: Vec<Line> = (0..count)
        .flat_map(|id| {
            let champion = (Some(id * 7), 0, 1);
            let challenger = if id % 100 == 3 { (Some(-id - 1), 1, 0) } else { (Some((count - 1 - id) * 7), 1, 0) };
            [champion, challenger]
        })
        .collect();
    let joined = joined(&lines, Duplicates::Refuse);
    let (counts, pairs) = naive(&lines, Duplicates::Refuse);
    assert_eq!(joined.counts, counts);
    assert!(joined.pairs[0].iter().copied().zip(joined.pairs[1].iter().copied()).eq(pairs));
}
