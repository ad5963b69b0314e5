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
            break;
        }
        doubled += group_alarms * (2 * hits + group_hits);
        hits += group_hits;
        alarms += group_alarms;
        start = end;
    }
    let raw = (0.5 * doubled as f64 + tail) / (positives * negatives);
    let least = 0.5 * limit * limit;
    Ok(PartialAuc { raw, standardised: 0.5 * (1.0 + (raw - least) / (limit - least)) })
}

#[cfg(test)]
mod tests {
    use super::*;

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
