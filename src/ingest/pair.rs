//! Bringing the lines of two sides together by id: a hash-partitioned join that counts both sides' duplicates.
//!
//! Lines are dealt into partitions by the top bits of the id's hash, each small enough that its table stays in
//! the cache of one core; partitions run in parallel. Within a partition lines keep their log order, so what
//! comes out does not depend on the number of threads.
//!
//! Laws: every line has exactly one [`Fate`]; `ids = paired + alone[0] + alone[1] + refused`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::keys::Keys;
use super::mapping::Duplicates;
use crate::job::{Cancelled, JobCx};

/// No line.
pub const NONE: u32 = u32::MAX;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fate {
    /// Of neither side.
    Other,
    WithoutId,
    Paired,
    /// The other side has no line of this id.
    Alone,
    /// Repeats a kept line's prediction.
    Merged,
    /// Another of the id's differing predictions was kept, as the mapping says.
    Superseded,
    /// Its id has differing predictions and was refused.
    Refused,
}

const FATES: [Fate; 7] =
    [Fate::Other, Fate::WithoutId, Fate::Paired, Fate::Alone, Fate::Merged, Fate::Superseded, Fate::Refused];

/// Result of [`join`].
#[derive(Debug, Default)]
pub struct Joined {
    /// Lines of side 0 and of side 1 of each pair, in the order of side 0.
    pub pairs: [Vec<u32>; 2],
    /// One per line.
    pub fates: Vec<Fate>,
    /// Kept line and the line merged into it.
    pub merged: Vec<(u32, u32)>,
    pub counts: Counts,
}

/// What [`join`] counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Distinct ids.
    pub ids: u64,
    pub paired: u64,
    /// Ids that only one side has (and that were not refused).
    pub alone: [u64; 2],
    /// Surplus lines with the same prediction.
    pub merged: u64,
    /// Ids with differing predictions of one side.
    pub conflicting: u64,
    /// Of those, the ids left out.
    pub refused: u64,
    /// Lines of either side without an id.
    pub without_id: u64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.ids += other.ids;
        self.paired += other.paired;
        self.alone[0] += other.alone[0];
        self.alone[1] += other.alone[1];
        self.merged += other.merged;
        self.conflicting += other.conflicting;
        self.refused += other.refused;
        self.without_id += other.without_id;
    }
}

/// Join lines of side 0 with lines of side 1 by equal key. `side[line]` is 0 or 1; other values are no part of it.
///
/// `same` tells whether two lines of one side say the same; it is asked only about duplicates.
///
/// # Errors
/// Only cancellation.
///
/// # Panics
/// If there are `u32::MAX` lines or more.
pub fn join<K: Keys>(
    keys: &K,
    side: &[u8],
    duplicates: Duplicates,
    same: &(dyn Fn(u32, u32) -> bool + Sync),
    cx: &JobCx,
) -> Result<Joined, Cancelled> {
    let lines = side.len();
    assert!(u32::try_from(lines).is_ok_and(|lines| lines < NONE), "too many lines");
    let bits = partition_bits(lines);
    // A chunk a thread: each deals its lines into memory of its own.
    let chunk = lines.div_ceil(rayon::current_num_threads().max(1)).max(1 << 14);
    let dealt: Vec<Dealt<K::Key>> = side
        .par_chunks(chunk)
        .enumerate()
        .map(|(index, side)| deal(keys, side, index * chunk, bits, cx))
        .collect::<Result<_, _>>()?;

    let fates: Vec<AtomicU8> = {
        let first = |side: &u8| AtomicU8::new(if *side < 2 { Fate::Alone } else { Fate::Other } as u8);
        side.par_iter().map(first).collect()
    };
    let partner: Vec<AtomicU32> = (0..lines).into_par_iter().map(|_| AtomicU32::new(NONE)).collect();
    dealt.iter().flat_map(|dealt| &dealt.without_id).for_each(|&line| set(&fates, line, Fate::WithoutId));

    let shared = Shared { keys, bits, duplicates, same, fates: &fates, partner: &partner };
    let parts: Vec<(Counts, Vec<(u32, u32)>)> = (0..1usize << bits)
        .into_par_iter()
        .map(|partition| {
            cx.check()?;
            Ok(Partition::new(&shared, &dealt, partition).run())
        })
        .collect::<Result<_, Cancelled>>()?;
    drop(dealt);

    let mut joined = Joined::default();
    for (counts, merged) in parts {
        joined.counts.add(&counts);
        joined.merged.extend(merged);
    }
    let fate = |fate: AtomicU8| FATES[usize::from(fate.into_inner())];
    joined.fates = fates.into_par_iter().with_min_len(1 << 16).map(fate).collect();
    joined.counts.without_id = joined.fates.par_iter().filter(|fate| **fate == Fate::WithoutId).count() as u64;
    joined.pairs = collect_pairs(&partner, joined.counts.paired as usize);
    debug_assert_eq!(joined.pairs[0].len() as u64, joined.counts.paired);
    let Counts { ids, paired, alone, refused, .. } = joined.counts;
    debug_assert_eq!(ids, paired + alone[0] + alone[1] + refused);
    Ok(joined)
}

/// Pairs from the partner table, in the order of side 0.
fn collect_pairs(partner: &[AtomicU32], pairs: usize) -> [Vec<u32>; 2] {
    let chunk = partner.len().div_ceil(rayon::current_num_threads().max(1)).max(1 << 14);
    let counts: Vec<usize> =
        partner.par_chunks(chunk).map(|part| part.iter().filter(|other| other.load(Relaxed) != NONE).count()).collect();
    let mut out = [vec![0u32; pairs], vec![0u32; pairs]];
    let [mut left, mut right] = out.each_mut().map(|side| &mut side[..]);
    let mut tasks = Vec::with_capacity(counts.len());
    for (index, (part, count)) in partner.chunks(chunk).zip(counts).enumerate() {
        let (left_head, left_rest) = left.split_at_mut(count);
        let (right_head, right_rest) = right.split_at_mut(count);
        (left, right) = (left_rest, right_rest);
        tasks.push((index * chunk, part, left_head, right_head));
    }
    tasks.into_par_iter().for_each(|(start, part, left, right)| {
        let found = part.iter().zip(start as u32..).map(|(other, line)| (other.load(Relaxed), line));
        for ((left, right), (other, line)) in left.iter_mut().zip(right).zip(found.filter(|(other, _)| *other != NONE))
        {
            (*left, *right) = (line, other);
        }
    });
    out
}

/// About 64k lines of both sides a partition: its table is one to two megabytes.
fn partition_bits(lines: usize) -> u32 {
    let partitions = (lines / (1 << 16)).max(1);
    partitions.next_power_of_two().trailing_zeros().min(10)
}

/// Lines of one chunk by side and partition.
struct Dealt<K> {
    sides: [Side<K>; 2],
    without_id: Vec<u32>,
}

#[derive(Default)]
struct Side<K> {
    keys: Vec<K>,
    lines: Vec<u32>,
    /// Start of each partition, and the end.
    starts: Vec<usize>,
}

fn deal<K: Keys>(keys: &K, side: &[u8], start: usize, bits: u32, cx: &JobCx) -> Result<Dealt<K::Key>, Cancelled> {
    let partitions = 1usize << bits;
    let mut counts = [vec![0usize; partitions], vec![0usize; partitions]];
    let mut without_id = Vec::new();
    for (at, block) in side.chunks(1 << 16).enumerate() {
        cx.check()?;
        for (offset, &side) in block.iter().enumerate().filter(|(_, side)| **side < 2) {
            let line = start + (at << 16) + offset;
            match keys.key(line) {
                Some(key) => counts[usize::from(side)][partition(K::hash(key), bits)] += 1,
                None => without_id.push(line as u32),
            }
        }
    }
    let mut sides = counts.map(|counts| {
        let mut starts = Vec::with_capacity(partitions + 1);
        let mut total = 0;
        for count in counts {
            starts.push(total);
            total += count;
        }
        starts.push(total);
        Side { keys: vec![K::Key::default(); total], lines: vec![0; total], starts }
    });
    let mut next = [sides[0].starts.clone(), sides[1].starts.clone()];
    for (at, block) in side.chunks(1 << 16).enumerate() {
        cx.check()?;
        for (offset, &side) in block.iter().enumerate().filter(|(_, side)| **side < 2) {
            let line = start + (at << 16) + offset;
            if let Some(key) = keys.key(line) {
                let side = usize::from(side);
                let place = &mut next[side][partition(K::hash(key), bits)];
                sides[side].keys[*place] = key;
                sides[side].lines[*place] = line as u32;
                *place += 1;
            }
        }
    }
    Ok(Dealt { sides, without_id })
}

#[inline]
fn partition(hash: u64, bits: u32) -> usize {
    // Shifting by 64 is not defined; one partition has no bits.
    if bits == 0 { 0 } else { (hash >> (64 - bits)) as usize }
}

#[inline]
fn set(fates: &[AtomicU8], line: u32, fate: Fate) {
    fates[line as usize].store(fate as u8, Relaxed);
}

struct Shared<'a, K: Keys> {
    keys: &'a K,
    bits: u32,
    duplicates: Duplicates,
    same: &'a (dyn Fn(u32, u32) -> bool + Sync),
    // Each line is of one partition, so that relaxed stores suffice.
    fates: &'a [AtomicU8],
    partner: &'a [AtomicU32],
}

#[derive(Clone, Copy)]
struct Slot<K> {
    key: K,
    /// First line of each side; a free slot has none.
    lines: [u32; 2],
}

struct Partition<'a, K: Keys> {
    shared: &'a Shared<'a, K>,
    dealt: &'a [Dealt<K::Key>],
    index: usize,
    slots: Vec<Slot<K::Key>>,
    /// Later lines of an id and side that the table already has: key, side, line.
    repeats: Vec<(K::Key, u8, u32)>,
    counts: Counts,
    merged: Vec<(u32, u32)>,
}

impl<'a, K: Keys> Partition<'a, K> {
    fn new(shared: &'a Shared<'a, K>, dealt: &'a [Dealt<K::Key>], index: usize) -> Self {
        let of = |side: usize| -> usize {
            dealt.iter().map(|dealt| dealt.sides[side].starts[index + 1] - dealt.sides[side].starts[index]).sum()
        };
        let ids = of(0).max(of(1));
        let free = Slot { key: K::Key::default(), lines: [NONE; 2] };
        Self {
            shared,
            dealt,
            index,
            slots: vec![free; ids + ids / 2 + 8],
            repeats: Vec::new(),
            counts: Counts::default(),
            merged: Vec::new(),
        }
    }

    fn run(mut self) -> (Counts, Vec<(u32, u32)>) {
        for side in 0..2 {
            for dealt in self.dealt {
                let Side { keys, lines, starts } = &dealt.sides[side];
                let range = starts[self.index]..starts[self.index + 1];
                for (&key, &line) in keys[range.clone()].iter().zip(&lines[range]) {
                    self.take(key, side, line);
                }
            }
        }
        if !self.repeats.is_empty() {
            self.settle_repeats();
        }
        (self.counts, self.merged)
    }

    /// Slot of a key, or the free one where it belongs.
    #[inline]
    fn find(&self, key: K::Key, line: u32) -> usize {
        // The partition's bits are the same for all its keys; the ones below them choose the slot.
        let hash = K::hash(key) << self.shared.bits;
        let mut slot = ((u128::from(hash) * self.slots.len() as u128) >> 64) as usize;
        loop {
            let Slot { key: held, lines } = &self.slots[slot];
            let first = if lines[0] == NONE { lines[1] } else { lines[0] };
            if first == NONE || (*held == key && self.shared.keys.same(first as usize, line as usize)) {
                return slot;
            }
            slot += 1;
            if slot == self.slots.len() {
                slot = 0;
            }
        }
    }

    #[inline]
    fn take(&mut self, key: K::Key, side: usize, line: u32) {
        let at = self.find(key, line);
        let slot = &mut self.slots[at];
        let other = slot.lines[1 - side];
        if slot.lines[side] != NONE {
            self.repeats.push((key, side as u8, line));
        } else if other != NONE {
            slot.lines[side] = line;
            self.counts.paired += 1;
            self.counts.alone[1 - side] -= 1;
            self.tie(if side == 1 { [other, line] } else { [line, other] });
        } else {
            *slot = Slot { key, lines: slot.lines };
            slot.lines[side] = line;
            self.counts.ids += 1;
            self.counts.alone[side] += 1;
            // Only ids that side 0 does not have can fill the table beyond its plan.
            if self.counts.ids as usize * 5 > self.slots.len() * 4 {
                self.grow();
            }
        }
    }

    #[inline]
    fn tie(&self, lines: [u32; 2]) {
        self.shared.partner[lines[0] as usize].store(lines[1], Relaxed);
        set(self.shared.fates, lines[0], Fate::Paired);
        set(self.shared.fates, lines[1], Fate::Paired);
    }

    #[cold]
    fn grow(&mut self) {
        let free = Slot { key: K::Key::default(), lines: [NONE; 2] };
        let size = self.slots.len() * 2;
        for slot in std::mem::replace(&mut self.slots, vec![free; size]) {
            if slot.lines != [NONE; 2] {
                let at = self.find(slot.key, if slot.lines[0] == NONE { slot.lines[1] } else { slot.lines[0] });
                self.slots[at] = slot;
            }
        }
    }

    /// Ids with several lines of a side: the same prediction is merged, differing ones follow the mapping.
    #[cold]
    fn settle_repeats(&mut self) {
        let mut ids: BTreeMap<usize, [Vec<u32>; 2]> = BTreeMap::new();
        for (key, side, line) in std::mem::take(&mut self.repeats) {
            let slot = self.find(key, line);
            let first = self.slots[slot].lines;
            let lines =
                ids.entry(slot).or_insert_with(|| first.map(|line| Vec::from_iter((line != NONE).then_some(line))));
            lines[usize::from(side)].push(line);
        }
        for sides in ids.into_values() {
            self.settle(sides);
        }
    }

    fn settle(&mut self, sides: [Vec<u32>; 2]) {
        let fates = self.shared.fates;
        let duplicates = self.shared.duplicates;
        let classes = sides.each_ref().map(|lines| self.classes(lines));
        let conflict = classes.iter().any(|classes| classes.len() > 1);
        let had_both = sides.iter().all(|lines| !lines.is_empty());
        if had_both {
            self.shared.partner[sides[0][0] as usize].store(NONE, Relaxed);
        }
        let mut kept = [NONE; 2];
        for (side, classes) in classes.iter().enumerate() {
            // The class that stays: the one of the first line, or of the last when the mapping says so.
            let last = duplicates == Duplicates::Last && classes.len() > 1;
            let chosen = if last { classes.iter().max_by_key(|class| class.last()) } else { classes.first() };
            for class in classes {
                let of_kept = chosen.is_some_and(|chosen| chosen == class);
                let head = if of_kept && last { class[class.len() - 1] } else { class[0] };
                for &line in class.iter().filter(|line| **line != head) {
                    set(fates, line, Fate::Merged);
                    self.merged.push((head, line));
                    self.counts.merged += 1;
                }
                if of_kept {
                    kept[side] = head;
                }
                set(fates, head, if of_kept { Fate::Alone } else { Fate::Superseded });
            }
        }
        if conflict {
            self.counts.conflicting += 1;
        }
        if conflict && duplicates == Duplicates::Refuse {
            self.counts.refused += 1;
            classes.iter().flatten().for_each(|class| set(fates, class[0], Fate::Refused));
            if had_both {
                self.counts.paired -= 1;
            } else {
                self.counts.alone[usize::from(sides[0].is_empty())] -= 1;
            }
        } else if had_both {
            self.tie(kept);
        }
    }

    /// Lines of equal prediction, in order of their first line.
    fn classes(&self, lines: &[u32]) -> Vec<Vec<u32>> {
        let mut classes: Vec<Vec<u32>> = Vec::new();
        for &line in lines {
            match classes.iter_mut().find(|class| (self.shared.same)(class[0], line)) {
                Some(class) => class.push(line),
                None => classes.push(vec![line]),
            }
        }
        classes
    }
}

#[cfg(test)]
#[path = "pair_tests.rs"]
mod tests;
