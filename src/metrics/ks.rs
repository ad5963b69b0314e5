//! Two-sample Kolmogorov-Smirnov distance between the scores of both models.

use super::Undefined;
use super::order::Order;

/// Ranks of one model below which a stretch is simply merged.
const LEAF: usize = 64;

/// Largest distance between the empirical distributions of the two columns; exact.
///
/// The orders make the distributions searchable: a stretch of ranks whose greatest possible distance does not exceed
/// the best one found is never read. Where that does not help (near-equal columns), the orders are merged.
///
/// # Errors
/// When a column is empty.
pub fn distance(orders: [&Order; 2], scores: [&[f64]; 2]) -> Result<f64, Undefined> {
    let [n, m] = orders.map(Order::len);
    if n == 0 || m == 0 {
        return Err(Undefined("no row"));
    }
    let sides = [Side { order: orders[0], scores: scores[0] }, Side { order: orders[1], scores: scores[1] }];
    let mut search = Search { sides, best: 0, budget: n.max(m) / 512 + 1024 };
    let whole = [0, n, 0, m];
    // A coarse grid first, so that the bound is good from the start.
    for step in 1..256 {
        let rank = n * step / 256;
        if rank > 0 {
            search.cut(search.sides[0].group(rank)[1], 0, m);
        }
    }
    if !search.explore(whole) {
        search.merge(whole);
    }
    Ok(search.best as f64 / (n as f64 * m as f64))
}

#[derive(Clone, Copy)]
struct Side<'a> {
    order: &'a Order,
    scores: &'a [f64],
}

impl Side<'_> {
    #[inline]
    fn score(&self, rank: usize) -> f64 {
        self.order.score(self.scores, rank)
    }

    /// First rank in `from..to` whose score is not `above`; `above` holds for a prefix.
    fn end_of(&self, from: usize, to: usize, above: impl Fn(f64) -> bool) -> usize {
        let (mut from, mut to) = (from, to);
        while from < to {
            let middle = from.midpoint(to);
            if above(self.score(middle)) { from = middle + 1 } else { to = middle }
        }
        from
    }

    /// Start and end of the tie group of a rank.
    fn group(&self, rank: usize) -> [usize; 2] {
        let entries = self.order.entries();
        let score = self.score(rank);
        let start = if entries[rank].tied() { self.end_of(0, rank, |x| x > score) } else { rank };
        let single = entries.get(rank + 1).is_none_or(|next| !next.tied());
        let end = if single { rank + 1 } else { self.end_of(rank, entries.len(), |x| x >= score) };
        [start, end]
    }
}

struct Search<'a> {
    sides: [Side<'a>; 2],
    /// Greatest `|i m − j n|` over cuts (i, j) at one score.
    best: u128,
    /// Stretches that may still be opened.
    budget: usize,
}

impl Search<'_> {
    fn note(&mut self, i: usize, j: usize) {
        self.best = self.best.max(self.distance(i, j));
    }

    fn distance(&self, i: usize, j: usize) -> u128 {
        let [n, m] = [self.sides[0].order.len() as u128, self.sides[1].order.len() as u128];
        (i as u128 * m).abs_diff(j as u128 * n)
    }

    /// Cut both orders after the champion's tie group that ends at `i`; the challenger's rank lies in `from..=to`.
    fn cut(&mut self, i: usize, from: usize, to: usize) -> usize {
        let score = self.sides[0].score(i - 1);
        let j = self.sides[1].end_of(from, to, |x| x >= score);
        self.note(i, j);
        j
    }

    /// Search the cuts between two noted ones, (i0, j0) and (i1, j1); false when the budget ran out.
    fn explore(&mut self, [i0, i1, j0, j1]: [usize; 4]) -> bool {
        // The champion's count may run ahead of the challenger's by this much, or lag.
        let bound = self.distance(i1, j0).max(self.distance(i0, j1));
        if bound <= self.best || i0 == i1 {
            return true;
        }
        if i1 - i0 <= LEAF && j1 - j0 <= 16 * LEAF {
            self.merge([i0, i1, j0, j1]);
            return true;
        }
        if self.budget == 0 {
            return false;
        }
        self.budget -= 1;
        let middle = i0.midpoint(i1);
        let [start, end] = self.sides[0].group(middle);
        let i = if start > i0 {
            start
        } else if end < i1 {
            end
        } else {
            // One tie group: the distance is greatest just before it or at its end.
            let score = self.sides[0].score(middle);
            let above = self.sides[1].end_of(j0, j1, |x| x > score);
            self.note(i0, above);
            self.cut(i1, above, j1);
            return true;
        };
        let j = self.cut(i, j0, j1);
        self.explore([i0, i, j0, j]) && self.explore([i, i1, j, j1])
    }

    /// Walk both orders from (i0, j0) to (i1, j1), looking at every distinct score.
    fn merge(&mut self, [i0, i1, j0, j1]: [usize; 4]) {
        let (mut i, mut j) = (i0, j0);
        while i < i1 || j < j1 {
            let a = if i < i1 { self.sides[0].score(i) } else { f64::NEG_INFINITY };
            let b = if j < j1 { self.sides[1].score(j) } else { f64::NEG_INFINITY };
            let score = if a > b { a } else { b };
            while i < i1 && self.sides[0].score(i) == score {
                i += 1;
            }
            while j < j1 && self.sides[1].score(j) == score {
                j += 1;
            }
            self.note(i, j);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(a: &[f64], b: &[f64]) -> f64 {
        let share = |column: &[f64], t: f64| column.iter().filter(|&&x| x >= t).count() as f64 / column.len() as f64;
        a.iter().chain(b).map(|&t| (share(a, t) - share(b, t)).abs()).fold(0.0, f64::max)
    }

    proptest! {
        #[test]
        fn distance_equals_counting(rows in prop::collection::vec((0u16..900, 0u16..700), 1..1500), coarse in 1u16..400) {
            let a: Vec<f64> = rows.iter().map(|row| f64::from(row.0 / coarse)).collect();
            let b: Vec<f64> = rows.iter().map(|row| f64::from(row.1 / coarse)).collect();
            let labels = vec![0; a.len()];
            let orders = Order::both([&a, &b], &labels);
            let found = distance([&orders[0], &orders[1]], [&a, &b]).unwrap();
            prop_assert!((found - naive(&a, &b)).abs() < 1e-12);
            prop_assert_eq!(distance([&orders[0], &orders[0]], [&a, &a]).unwrap(), 0.0);
        }
    }
}
