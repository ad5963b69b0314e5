//! ROC and precision-recall polylines of few points that look like the whole curve.

use std::collections::BinaryHeap;

use super::order::Order;
use super::sweep::Sweep;

/// Counts above a cut that does not split a tie group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub false_positives: u32,
    pub true_positives: u32,
}

/// One vertex of a polyline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
    /// Threshold whose decisions give this point; `None` where nothing is flagged.
    pub threshold: Option<f64>,
}

/// False-positive rate against recall from (0, 0) to (1, 1), at most `limit` points; empty when a class is missing.
/// `scores` are those the order was made of.
pub fn roc(sweep: &Sweep, order: &Order, scores: &[f64], limit: usize) -> Vec<Point> {
    if sweep.positives == 0 || sweep.negatives == 0 {
        return Vec::new();
    }
    let (positives, negatives) = (sweep.positives as f64, sweep.negatives as f64);
    let points: Vec<Point> = sweep
        .candidates
        .iter()
        .map(|cut| {
            point(
                f64::from(cut.false_positives) / negatives,
                f64::from(cut.true_positives) / positives,
                cut,
                order,
                scores,
            )
        })
        .collect();
    thin(&points, limit)
}

/// Recall against precision for every cut that flags a row, at most `limit` points, begun at recall 0 with the
/// precision of the first cut; empty when there is no positive row.
pub fn precision_recall(sweep: &Sweep, order: &Order, scores: &[f64], limit: usize) -> Vec<Point> {
    if sweep.positives == 0 {
        return Vec::new();
    }
    let positives = sweep.positives as f64;
    let mut points: Vec<Point> = Vec::with_capacity(sweep.candidates.len());
    for cut in &sweep.candidates {
        let hits = f64::from(cut.true_positives);
        let flagged = hits + f64::from(cut.false_positives);
        if flagged > 0.0 {
            if points.is_empty() {
                points.push(Point { x: 0.0, y: hits / flagged, threshold: None });
            }
            points.push(point(hits / positives, hits / flagged, cut, order, scores));
        }
    }
    thin(&points, limit)
}

fn point(x: f64, y: f64, cut: &Candidate, order: &Order, scores: &[f64]) -> Point {
    let flagged = cut.false_positives as usize + cut.true_positives as usize;
    Point { x, y, threshold: (flagged > 0).then(|| order.score(scores, flagged - 1)) }
}

/// Keep ends, extremes and then the points farthest from the line between their kept neighbours
/// (Ramer 1972; Douglas and Peucker 1973, worst first until `limit`).
fn thin(points: &[Point], limit: usize) -> Vec<Point> {
    if points.len() <= limit.max(2) {
        return points.to_vec();
    }
    let last = points.len() - 1;
    let by_y = |a: &usize, b: &usize| points[*a].y.total_cmp(&points[*b].y);
    let mut kept = vec![0, last];
    kept.extend((0..=last).max_by(by_y));
    kept.extend((0..=last).min_by(by_y));
    kept.sort_unstable();
    kept.dedup();
    let mut spans: BinaryHeap<Span> = kept.windows(2).filter_map(|pair| Span::new(points, pair[0], pair[1])).collect();
    while kept.len() < limit {
        let Some(span) = spans.pop() else { break };
        kept.push(span.split);
        spans.extend(Span::new(points, span.from, span.split));
        spans.extend(Span::new(points, span.split, span.to));
    }
    kept.sort_unstable();
    kept.into_iter().map(|index| points[index]).collect()
}

/// Points between two kept ones, with the farthest of them.
struct Span {
    distance: f64,
    from: usize,
    to: usize,
    split: usize,
}

impl Span {
    /// `None` when nothing lies between, or nothing off the line.
    fn new(points: &[Point], from: usize, to: usize) -> Option<Self> {
        let (a, b) = (points[from], points[to]);
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length = dx.hypot(dy);
        let distance = |p: &Point| {
            let (x, y) = (p.x - a.x, p.y - a.y);
            if length > 0.0 { (x * dy - y * dx).abs() / length } else { x.hypot(y) }
        };
        let mut best = Self { distance: 1e-12, from, to, split: from };
        for (index, point) in points.iter().enumerate().take(to).skip(from + 1) {
            let far = distance(point);
            if far > best.distance {
                best = Self { distance: far, split: index, ..best };
            }
        }
        (best.split > from).then_some(best)
    }
}

impl Ord for Span {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.distance.total_cmp(&other.distance).then(other.from.cmp(&self.from))
    }
}

impl PartialOrd for Span {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Span {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Span {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::sweep;

    #[test]
    fn curves_keep_ends_area_and_thresholds() {
        let n = 50_000u64;
        let unit = |row: u64| crate::metrics::bootstrap::hash(row, 3) as f64 / u64::MAX as f64;
        let labels: Vec<u8> = (0..n).map(|row| u8::from(unit(row) < 0.1)).collect();
        let scores: Vec<f64> = (0..n).map(|row| unit(row + n) + 0.3 * f64::from(labels[row as usize])).collect();
        let order = Order::new(&scores, &labels);
        let (found, _) = sweep(&order, false);
        let points = roc(&found, &order, &scores, 512);
        assert!(points.len() <= 512);
        assert_eq!((points[0].x, points[0].y), (0.0, 0.0));
        assert_eq!((points[points.len() - 1].x, points[points.len() - 1].y), (1.0, 1.0));
        let area: f64 = points.windows(2).map(|w| (w[1].x - w[0].x) * (w[1].y + w[0].y) / 2.0).sum();
        assert!((area - found.auc.unwrap()).abs() < 5e-4);
        for point in &points[1..] {
            let rank = order.rank_of(&scores, point.threshold.unwrap());
            let hits = order.entries()[..rank].iter().filter(|entry| entry.label() == 1).count();
            assert_eq!(point.y, hits as f64 / found.positives as f64);
        }
        let points = precision_recall(&found, &order, &scores, 512);
        assert!(points.len() <= 512 && points.windows(2).all(|w| w[0].x <= w[1].x));
    }
}
