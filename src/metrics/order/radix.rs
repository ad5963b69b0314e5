//! One bucket pass by the key's top bits, then each bucket sorted while it lies in the cache.

use rayon::prelude::*;

use super::Entry;

/// Buckets of at most this size are sorted by comparison.
const SMALL: usize = 400;
/// Rows below which the whole order is one bucket.
const ONE_BUCKET: usize = 4096;
const MAX_BUCKET_BITS: u32 = 12;
/// Widest key rest that two counting passes take.
const MAX_REST_BITS: u32 = 22;

/// Entries by ascending `key`, then descending score, then ascending row. `parts` workers deal the rows.
///
/// A record is `key << 32 | row << 1 | label`: records of equal key are in row order.
pub(super) fn sort(scores: &[f64], labels: &[u8], parts: usize, key: impl Fn(f64) -> u32 + Sync + Copy) -> Vec<Entry> {
    let rows = scores.len();
    let bits = if rows <= ONE_BUCKET { 0 } else { (rows.ilog2() - 9).clamp(4, MAX_BUCKET_BITS) };
    let (mut records, sizes) = deal(scores, labels, parts, bits, key);
    let mut entries = vec![Entry::default(); rows];

    let mut buckets = Vec::with_capacity(sizes.len());
    let (mut record_rest, mut entry_rest) = (records.as_mut_slice(), entries.as_mut_slice());
    for size in sizes {
        let (record_bucket, tail) = record_rest.split_at_mut(size);
        let (entry_bucket, entry_tail) = entry_rest.split_at_mut(size);
        (record_rest, entry_rest) = (tail, entry_tail);
        if size > 0 {
            buckets.push((record_bucket, entry_bucket));
        }
    }
    buckets.into_par_iter().with_min_len(32).for_each_init(Scratch::default, |scratch, (bucket, out)| {
        scratch.sort(bucket, 32 - bits);
        emit(bucket, scores, out);
    });
    entries
}

/// Records grouped by the top `bits` of their key, in row order within a bucket, and the bucket sizes.
fn deal(
    scores: &[f64],
    labels: &[u8],
    parts: usize,
    bits: u32,
    key: impl Fn(f64) -> u32 + Sync + Copy,
) -> (Vec<u64>, Vec<usize>) {
    let rows = scores.len();
    let buckets = 1usize << bits;
    let part_rows = rows.div_ceil(parts.max(1)).max(ONE_BUCKET);
    // `u64` shift, so that no bit at all leaves bucket 0.
    let bucket = move |key: u32| (u64::from(key) << bits >> 32) as usize;
    let counts: Vec<Vec<u32>> = scores
        .par_chunks(part_rows)
        .map(|part| {
            let mut counts = vec![0u32; buckets];
            let mut keys = [0u32; 256];
            for block in part.chunks(256) {
                for (slot, &score) in keys.iter_mut().zip(block) {
                    *slot = key(score);
                }
                for &key in &keys[..block.len()] {
                    counts[bucket(key)] += 1;
                }
            }
            counts
        })
        .collect();

    let mut records = vec![0u64; rows];
    let mut places: Vec<Vec<std::slice::IterMut<'_, u64>>> =
        counts.iter().map(|_| Vec::with_capacity(buckets)).collect();
    let mut sizes = vec![0; buckets];
    let mut rest = records.as_mut_slice();
    for (index, size) in sizes.iter_mut().enumerate() {
        for (part, places) in counts.iter().zip(&mut places) {
            let count = part[index] as usize;
            let (piece, tail) = rest.split_at_mut(count);
            rest = tail;
            places.push(piece.iter_mut());
            *size += count;
        }
    }
    let parts = scores.par_chunks(part_rows).zip(labels.par_chunks(part_rows)).zip(places).enumerate();
    parts.for_each(|(part, ((scores, labels), mut places))| {
        let mut row = (part * part_rows) as u64;
        let mut keys = [0u32; 256];
        for (scores, labels) in scores.chunks(256).zip(labels.chunks(256)) {
            for (slot, &score) in keys.iter_mut().zip(scores) {
                *slot = key(score);
            }
            for (&key, &label) in keys.iter().zip(labels) {
                // Every iterator was cut to the number counted above, so there is always a place.
                if let Some(place) = places[bucket(key)].next() {
                    *place = u64::from(key) << 32 | row << 1 | u64::from(label == 1);
                }
                row += 1;
            }
        }
    });
    (records, sizes)
}

/// What a worker keeps from bucket to bucket.
#[derive(Default)]
struct Scratch {
    records: Vec<u64>,
    counts: [Vec<u32>; 2],
}

impl Scratch {
    /// Sort a bucket whose keys differ in their low `rest` bits only.
    fn sort(&mut self, bucket: &mut [u64], rest: u32) {
        if bucket.len() <= SMALL || rest > MAX_REST_BITS {
            bucket.sort_unstable();
            return;
        }
        let widths = [rest / 2, rest - rest / 2];
        let shifts = [32, 32 + widths[0]];
        let masks = widths.map(|width| (1usize << width) - 1);
        for (counts, mask) in self.counts.iter_mut().zip(masks) {
            counts.clear();
            counts.resize(mask + 1, 0);
        }
        let [low, high] = &mut self.counts;
        let digit = |record: u64, pass: usize| (record >> shifts[pass]) as usize & masks[pass];
        for &record in &*bucket {
            low[digit(record, 0)] += 1;
            high[digit(record, 1)] += 1;
        }
        for counts in [&mut *low, &mut *high] {
            let mut start = 0;
            for count in counts {
                (*count, start) = (start, start + *count);
            }
        }
        self.records.resize(bucket.len().max(self.records.len()), 0);
        let spare = &mut self.records[..bucket.len()];
        for &record in &*bucket {
            let place = &mut low[digit(record, 0)];
            spare[*place as usize] = record;
            *place += 1;
        }
        for &record in &*spare {
            let place = &mut high[digit(record, 1)];
            bucket[*place as usize] = record;
            *place += 1;
        }
    }
}

/// Write the entries of a sorted bucket, with runs of equal keys put right by score.
fn emit(bucket: &[u64], scores: &[f64], out: &mut [Entry]) {
    let entry = |record: u64, tied| Entry::new((record as u32) >> 1, record as u32 & 1, tied);
    let mut start = 0;
    while start < bucket.len() {
        let key = bucket[start] >> 32;
        out[start] = entry(bucket[start], false);
        let mut end = start + 1;
        while end < bucket.len() && bucket[end] >> 32 == key {
            end += 1;
        }
        if end - start > 1 {
            emit_run(&bucket[start..end], scores, &mut out[start..end]);
        }
        start = end;
    }
}

/// Entries of a run of equal keys, by descending score; the run is in row order, and the sort is stable.
#[cold]
fn emit_run(run: &[u64], scores: &[f64], out: &mut [Entry]) {
    let score = |record: u64| scores[(record as u32 >> 1) as usize];
    let first = score(run[0]);
    let write = |records: &mut dyn Iterator<Item = (f64, u32)>, out: &mut [Entry]| {
        let mut before = f64::NAN;
        for (slot, (score, low)) in out.iter_mut().zip(records) {
            *slot = Entry::new(low >> 1, low & 1, score == before);
            before = score;
        }
    };
    if run[1..].iter().all(|&record| score(record) == first) {
        write(&mut run.iter().map(|&record| (first, record as u32)), out);
    } else {
        let mut records: Vec<(f64, u32)> = run.iter().map(|&record| (score(record), record as u32)).collect();
        records.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(std::cmp::Ordering::Equal));
        write(&mut records.into_iter(), out);
    }
}
