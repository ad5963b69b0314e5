//! Counts of n-grams of symbols, packed into one number each and sorted.

/// Longest n-gram of symbols below 2^32.
pub(super) const WORDS: usize = 4;
/// Longest n-gram of symbols below 2^21, as characters are.
pub(super) const CHARACTERS: usize = 6;

/// Sorted n-grams, each as often as it stands there. `bits` is the width of a symbol: 32 or 21.
pub(super) fn sorted(symbols: &[u32], n: usize, bits: u32, into: &mut Vec<u128>) {
    into.clear();
    into.extend(symbols.windows(n).map(|gram| gram.iter().fold(0, |key, &symbol| key << bits | u128::from(symbol))));
    into.sort_unstable();
}

/// N-grams of `a` that `b` has too, each at most as often as it stands in `b`; both sorted.
pub(super) fn shared(a: &[u128], b: &[u128]) -> usize {
    let (mut i, mut j, mut found) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                found += 1;
                i += 1;
                j += 1;
            }
        }
    }
    found
}

/// The union of two sorted lists, each n-gram as often as in the list that has more of it.
pub(super) fn most(a: &[u128], b: &[u128]) -> Vec<u128> {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let left = a.get(i).copied().unwrap_or(u128::MAX);
        let right = b.get(j).copied().unwrap_or(u128::MAX);
        out.push(left.min(right));
        i += usize::from(left <= right);
        j += usize::from(right <= left);
    }
    out
}
