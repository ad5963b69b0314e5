//! What lists of recommendations show of a catalogue, whatever is relevant. Items are codes; only the first `k` count.

use crate::metrics::measured::{Measured, NO_ROW, Outcome};
use crate::metrics::registry::{Better, Metric, Unit, metric};

/// In the order they are shown.
pub const METRICS: [Metric; 4] = [
    metric(
        "coverage_at_10",
        "Coverage at 10",
        (Unit::Share, Better::Neither),
        "items in the first 10 of any list / items of the log",
        "Ge et al. 2010",
        "Share of the items in the log, listed or judged, that is among the first ten of any list.",
    ),
    metric(
        "diversity_at_10",
        "Diversity at 10",
        (Unit::Share, Better::Neither),
        "mean over lists of the share of pairs of the first 10 items that are of different groups",
        "Ziegler et al. 2005, with the distance of groups",
        "How mixed a list is, by a column of the items.",
    ),
    metric(
        "novelty_at_10",
        "Novelty at 10",
        (Unit::Number, Better::Neither),
        "mean over lists of the mean over their first 10 items of -log2 p, p the share of queries in which a model lists the item among its first 10 or it is judged relevant",
        "Zhou et al. 2010; Vargas and Castells 2011",
        "How little known the items of a list are, in bits; how known an item is, the queries of the run tell.",
    ),
    metric(
        "personalisation_at_10",
        "Personalisation at 10",
        (Unit::Share, Better::Neither),
        "1 - mean over pairs of lists of the items their first 10 share / 10",
        "Zhou et al. 2010",
        "How different the lists of two queries are.",
    ),
];

fn head(list: &[u32], k: usize) -> &[u32] {
    &list[..list.len().min(k)]
}

/// Lists in which each item of a catalogue is among the first `k`.
fn shown(lists: &[&[u32]], k: usize, items: usize) -> Vec<u64> {
    let mut counts = vec![0; items];
    lists.iter().flat_map(|list| head(list, k)).for_each(|&item| counts[item as usize] += 1);
    counts
}

/// Share of a catalogue of `items` that is in any list.
///
/// # Errors
/// No list or no item.
pub fn coverage(lists: &[&[u32]], k: usize, items: usize) -> Outcome {
    if lists.is_empty() || items == 0 {
        return Err(NO_ROW.replace("row", "list"));
    }
    let seen = shown(lists, k, items).iter().filter(|count| **count > 0).count();
    Measured::bare(seen as f64 / items as f64, "lists do not add up to a coverage")
}

/// One less the mean overlap of two lists, as a U-statistic over pairs; items of a list are distinct.
///
/// # Errors
/// Fewer than two lists, or `k` is 0.
pub fn personalisation(lists: &[&[u32]], k: usize, items: usize) -> Outcome {
    if lists.len() < 2 || k == 0 {
        return Err("two lists are needed to tell how they differ".to_owned());
    }
    let counts = shown(lists, k, items);
    let others = (lists.len() - 1) as f64;
    // Mean overlap of each list with all others; a row of a U-statistic of two counts twice.
    let overlap = |list: usize| {
        let shared: u64 = head(lists[list], k).iter().map(|&item| counts[item as usize] - 1).sum();
        shared as f64 / (others * k as f64)
    };
    let mean = Measured::mean(lists.len(), overlap)?.value;
    Measured::by_row(1.0 - mean, lists.len(), |list| -2.0 * (overlap(list) - mean))
}

/// Mean share of pairs of a list whose items differ in `group`; lists of fewer than two items count 0.
///
/// # Errors
/// No list.
pub fn diversity(lists: &[&[u32]], k: usize, group: &[u32]) -> Outcome {
    Measured::share(lists.len(), |list| {
        let mut groups: Vec<u32> = head(lists[list], k).iter().map(|&item| group[item as usize]).collect();
        groups.sort_unstable();
        let n = groups.len() as f64;
        let same: f64 = groups.chunk_by(|a, b| a == b).map(|run| (run.len() * (run.len() - 1)) as f64).sum();
        if n < 2.0 { 0.0 } else { 1.0 - same / (n * (n - 1.0)) }
    })
}

/// Novelty, the mean self-information of what is recommended (Zhou et al. 2010, PNAS 107:4511; Vargas and Castells 2011,
/// RecSys): mean over lists of the mean over their first `k` items of `-log2 known`, in bits. `known` is the share of users
/// (here of queries) who know an item; it is taken as given, so that the interval is that of the lists. A list without an
/// item counts 0.
///
/// # Errors
/// No list, or an item that nobody knows.
pub fn novelty(lists: &[&[u32]], k: usize, known: &[f64]) -> Outcome {
    let unknown = |list: &&[u32]| head(list, k).iter().any(|&item| known[item as usize] <= 0.0);
    match lists.iter().filter(|list| unknown(list)).count() {
        0 => {}
        lists => return Err(format!("{lists} lists hold an item that nobody knows")),
    }
    Measured::mean(lists.len(), |list| {
        let items = head(lists[list], k);
        let bits: f64 = items.iter().map(|&item| -known[item as usize].log2()).sum();
        bits / items.len().max(1) as f64
    })
}
