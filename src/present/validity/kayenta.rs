//! What Kayenta would say of a split run, as lines.

use crate::compare::{KayentaMetric, SplitDetail};
use crate::decision::catalog;
use crate::present::Sign;
use crate::present::format::{UNDEFINED, count, plain, round_significant};

/// What stands beside the lines.
pub const QUALIFIER: &str =
    "ranks of points of time; read by no gate: its band is no practical margin, and missing data passes";

/// One metric.
#[derive(Clone, Debug, PartialEq)]
pub struct KayentaLine {
    pub title: String,
    /// `all rows`, or the slice.
    pub place: String,
    pub says: String,
    pub sign: Sign,
    /// `+3.2 [1.1, 5.0]`, or why it is not judged.
    pub shift: String,
    /// `48 and 48 means of 30 min`.
    pub points: String,
}

/// A line per metric, in the order of the record.
#[must_use]
pub fn lines(detail: &SplitDetail) -> Vec<KayentaLine> {
    detail.kayenta.iter().map(line).collect()
}

fn line(one: &KayentaMetric) -> KayentaLine {
    let number = |value: f64| plain(round_significant(value, 4));
    let shift = one.shift.map(|[shift, lo, hi]| format!("{} [{}, {}]", number(shift), number(lo), number(hi)));
    let [champion, challenger] = one.points.map(count);
    let unit = match one.minutes {
        None => "rows".to_owned(),
        Some(minutes) => format!("means of {} min", plain(minutes)),
    };
    KayentaLine {
        title: catalog::title(&one.metric).to_owned(),
        place: one.slice.clone().unwrap_or_else(|| "all rows".to_owned()),
        says: one.classification.clone(),
        sign: match one.classification.as_str() {
            "pass" => Sign::Pass,
            "high" | "low" => Sign::Fail,
            _ => Sign::NotEvaluable,
        },
        shift: one.undefined.clone().or(shift).unwrap_or_else(|| UNDEFINED.to_owned()),
        points: format!("{champion} and {challenger} {unit}"),
    }
}
