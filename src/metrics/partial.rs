//! Partial area under the ROC curve.

use super::Undefined;
use super::order::Order;

/// Area under the ROC curve over false-positive rates from 0 to a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartialAuc {
    /// The area itself, 0 to the limit.
    pub raw: f64,
    /// Rescaled so that a useless model has 0.5 and a perfect one 1 (McClish 1989).
    pub standardised: f64,
    limit: f64,
    counts: [f64; 2],
    crossing: Crossing,
}

/// The tie group in which the limit is crossed, in rows: negatives and positives above it, and in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Crossing {
    above: [u64; 2],
    inside: [u64; 2],
}

impl PartialAuc {
    /// Slope of McClish's scale in the raw area.
    pub fn slope(&self) -> f64 {
        0.5 / (self.limit - 0.5 * self.limit * self.limit)
    }

    /// Derivative of the raw area in the weight of a row, up to a constant within its class: of a positive row the
    /// false-positive rates up to the limit from which on it is found, of a negative one the recall up to its rate
    /// (DeLong's component, clipped). `doubled` is the row's placement, see [`super::sweep::Placements`].
    #[inline]
    pub fn component(&self, doubled: u32, label: u8) -> f64 {
        let [negatives, positives] = self.counts;
        let Crossing { above, inside } = self.crossing;
        let doubled = u64::from(doubled);
        // Share of the crossing tie group that lies within the limit.
        let part = (self.limit * negatives - above[0] as f64) / (inside[0] as f64).max(1.0);
        if label == 1 {
            return if doubled <= 2 * above[0] {
                self.limit - 0.5 * doubled as f64 / negatives
            } else if doubled == 2 * above[0] + inside[0] {
                0.5 * part * part * inside[0] as f64 / negatives
            } else {
                0.0
            };
        }
        if doubled < 2 * above[1] {
            return 0.5 * doubled as f64 / positives;
        }
        let recall = (above[1] as f64 + part * inside[1] as f64) / positives;
        let inside = doubled == 2 * above[1] + inside[1];
        if inside { recall - 0.5 * part * part * self.crossing.inside[1] as f64 / positives } else { recall }
    }
}

/// Partial AUC for false-positive rates up to `limit` in (0, 1]; the segment that crosses it is cut linearly.
///
/// # Errors
/// When a class has no row, or `limit` is out of range.
pub fn partial_auc(order: &Order, limit: f64) -> Result<PartialAuc, Undefined> {
    if !(limit > 0.0 && limit <= 1.0) {
        return Err(Undefined("the false-positive rate of a partial AUC must lie in (0, 1]"));
    }
    let (positives, negatives) = (order.positives() as f64, order.negatives() as f64);
    if positives == 0.0 {
        return Err(Undefined("no positive row"));
    }
    if negatives == 0.0 {
        return Err(Undefined("no negative row"));
    }
    let allowed = limit * negatives;
    let entries = order.entries();
    let (mut doubled, mut hits, mut alarms) = (0u64, 0u64, 0u64);
    let mut tail = 0.0;
    let mut crossing = Crossing { above: [order.negatives(), order.positives()], inside: [0; 2] };
    let mut start = 0;
    while start < entries.len() {
        let mut end = start + 1;
        let mut group_hits = u64::from(entries[start].label());
        while end < entries.len() && entries[end].tied() {
            group_hits += u64::from(entries[end].label());
            end += 1;
        }
        let group_alarms = (end - start) as u64 - group_hits;
        if (alarms + group_alarms) as f64 > allowed {
            let width = allowed - alarms as f64;
            let rise = group_hits as f64 * width / group_alarms as f64;
            tail = width * (hits as f64 + 0.5 * rise);
            crossing = Crossing { above: [alarms, hits], inside: [group_alarms, group_hits] };
            break;
        }
        doubled += group_alarms * (2 * hits + group_hits);
        hits += group_hits;
        alarms += group_alarms;
        start = end;
    }
    let raw = (0.5 * doubled as f64 + tail) / (positives * negatives);
    let least = 0.5 * limit * limit;
    let standardised = 0.5 * (1.0 + (raw - least) / (limit - least));
    Ok(PartialAuc { raw, standardised, limit, counts: [negatives, positives], crossing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::sweep;

    /// The raw area with a weight per row, group by group.
    fn weighted(scores: &[f64], labels: &[u8], weights: &[f64], limit: f64) -> f64 {
        let mut distinct = scores.to_vec();
        distinct.sort_by(|a, b| b.total_cmp(a));
        distinct.dedup();
        let sum = |label: u8, score: Option<f64>| -> f64 {
            let rows = (0..scores.len()).filter(|&row| labels[row] == label && score.is_none_or(|s| s == scores[row]));
            rows.map(|row| weights[row]).sum()
        };
        let totals = [sum(0, None), sum(1, None)];
        let (mut area, mut rate, mut recall) = (0.0, 0.0, 0.0);
        for score in distinct {
            let (width, rise) = (sum(0, Some(score)) / totals[0], sum(1, Some(score)) / totals[1]);
            if rate + width > limit {
                let part = limit - rate;
                return area + part * (recall + 0.5 * rise * part / width);
            }
            area += width * (recall + 0.5 * rise);
            (rate, recall) = (rate + width, recall + rise);
        }
        area
    }

    #[test]
    fn components_are_the_derivatives_in_the_weights_of_rows() {
        for coarse in [1usize, 7, 30] {
            let labels: Vec<u8> = (0..90).map(|row| u8::from(row * 37 % 101 < 40)).collect();
            let scores: Vec<f64> =
                (0..90).map(|row| ((row * 53 % 97 + 20 * usize::from(labels[row])) / coarse) as f64).collect();
            let order = Order::new(&scores, &labels);
            let placements = sweep(&order, true).1.unwrap();
            // Off the corners of the curve, where the area has no derivative.
            let limit = 0.1234;
            let found = partial_auc(&order, limit).unwrap();
            let mut slopes = [Vec::new(), Vec::new()];
            let mut components = [Vec::new(), Vec::new()];
            for row in 0..90 {
                let at = |step: f64| {
                    let mut weights = vec![1.0; 90];
                    weights[row] += step;
                    weighted(&scores, &labels, &weights, limit)
                };
                let class = usize::from(labels[row]);
                slopes[class].push((at(1e-5) - at(-1e-5)) / 2e-5);
                components[class].push(found.component(placements.doubled(row), labels[row]));
            }
            for class in 0..2 {
                let n = slopes[class].len() as f64;
                let mean = components[class].iter().sum::<f64>() / n;
                for (slope, component) in slopes[class].iter().zip(&components[class]) {
                    assert!((slope - (component - mean) / n).abs() < 1e-9, "{coarse} {class}: {slope} {component}");
                }
            }
        }
    }

    #[test]
    fn whole_range_is_the_auc_and_a_tie_is_cut_linearly() {
        // sklearn 1.9.1: roc_auc_score([0, 0, 1, 1], [.1, .4, .35, .8]) = 0.75, max_fpr=.5 gives 0.6666666666666667.
        let order = Order::new(&[0.1, 0.4, 0.35, 0.8], &[0, 0, 1, 1]);
        assert!((partial_auc(&order, 1.0).unwrap().raw - 0.75).abs() < 1e-15);
        assert!((partial_auc(&order, 0.5).unwrap().standardised - 2.0 / 3.0).abs() < 1e-15);
        let tied = Order::new(&[0.5; 4], &[0, 0, 1, 1]);
        assert!((partial_auc(&tied, 0.5).unwrap().raw - 0.125).abs() < 1e-15);
        assert!(partial_auc(&tied, 0.0).is_err());
    }
}
