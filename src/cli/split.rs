//! What an A/B or canary run has beside its metrics, as text.

use super::table::{Align, Table};
use crate::compare::SplitDetail;
use crate::present::format::{MINUS, UNDEFINED, count, plain, share as share_words};
use crate::present::validity::kayenta;

fn percent(share: f64) -> String {
    let sign = if share < 0.0 { MINUS.to_string() } else { "+".to_owned() };
    format!("{sign}{}", share_words(share.abs(), 2))
}

/// Relative differences, adjusted differences, stages.
pub(super) fn text(detail: &SplitDetail) -> String {
    use Align::{Left, Right};
    let mut text = String::new();
    if !detail.lifts.is_empty() {
        text.push_str("\nRelative difference, challenger over champion, one look\n");
        let mut table = Table::new(&[Left, Right, Left]);
        for lift in &detail.lifts {
            let ends = match (lift.lo.zip(lift.hi), &lift.undefined) {
                (Some((lo, hi)), _) => format!("[{}, {}]", percent(lo), percent(hi)),
                (None, reason) => reason.clone().unwrap_or_default(),
            };
            table.row([lift.metric.clone(), lift.value.map_or_else(|| UNDEFINED.to_owned(), percent), ends]);
        }
        text.push_str(&table.text());
    }
    if !detail.adjusted.is_empty() {
        text.push_str("\nDifference adjusted by what was known before the run (CUPED), one look\n");
        let mut table = Table::new(&[Left, Right, Left, Left, Left]);
        let number = |value: f64| plain((value * 1e4).round() / 1e4);
        for one in &detail.adjusted {
            let found = &one.difference;
            let ends = found.lo.zip(found.hi);
            table.row([
                one.metric.clone(),
                number(found.value),
                ends.map_or_else(|| UNDEFINED.to_owned(), |(lo, hi)| format!("[{}, {}]", number(lo), number(hi))),
                format!("by {}", one.covariate),
                format!("takes {:.1} % of the variance away", one.variance_reduction * 100.0),
            ]);
        }
        text.push_str(&table.text());
    }
    if !detail.stages.is_empty() {
        text.push_str("\nStages\n");
        let mut table = Table::new(&[Left, Right, Right, Right, Left]);
        table.row(["stage", "champion", "challenger", "planned", "split"].map(str::to_owned));
        for stage in &detail.stages {
            let [a, b] = stage.rows.map(count);
            table.row([
                stage.name.clone(),
                a,
                b,
                stage.planned_share.map_or_else(|| UNDEFINED.to_owned(), |share| format!("{} %", plain(share * 100.0))),
                stage.sample_ratio_p.map_or_else(String::new, |p| format!("p = {p:.3}")),
            ]);
        }
        text.push_str(&table.text());
    }
    if !detail.kayenta.is_empty() {
        text.push_str("\nWhat Kayenta would say; no gate reads it\n");
        let mut table = Table::new(&[Left, Left, Left, Left, Left]);
        for line in kayenta::lines(detail) {
            table.row([line.title, line.place, line.says, line.shift, line.points]);
        }
        text.push_str(&table.text());
    }
    text
}
