//! Challenger's score minus champion's.

use super::{Fact, ShiftModel, estimate};
use crate::compare::{Answers, ScoreShift, Unit};
use crate::present::format::{Digits, UNDEFINED, count, plain, round_significant, share, signed};

/// Figures and bins of the shift.
pub(super) fn shift_model(found: &ScoreShift, answers: Answers) -> ShiftModel {
    let numbers = answers == Answers::Numbers;
    let unit = if numbers { Unit::Target } else { Unit::Number };
    let rows = found.rows.max(1) as f64;
    let number = |value: f64| plain(round_significant(value, 3)).replace('-', "\u{2212}");
    let fact = |name: &str, value: Option<String>, hover: &str| Fact {
        name: name.to_owned(),
        value: value.unwrap_or_else(|| UNDEFINED.to_owned()),
        interval: String::new(),
        hover: hover.to_owned(),
    };
    let mut mean = estimate("Mean shift", unit, found.mean.as_ref(), "mean of challenger minus champion, row by row");
    if let Some(of) = &found.mean {
        let digits = Digits::of(unit, of.value, of.lo.zip(of.hi));
        mean.value = digits.signed_unit(of.value);
        mean.interval = of.lo.zip(of.hi).map_or_else(String::new, |(lo, hi)| digits.signed_interval(lo, hi));
    }
    let quantile = |wanted: f64| found.quantiles.iter().find(|[share, _]| *share == wanted).map(|[_, value]| *value);
    let span = |lo: f64, hi: f64| Some(format!("{} to {}", number(quantile(lo)?), number(quantile(hi)?)));
    let correlation = |value: Option<f64>| value.map(|value| signed(value, 4).trim_start_matches('+').to_owned());
    let mut facts = vec![
        mean,
        fact("Mean absolute", Some(number(found.mean_absolute)), "mean of |challenger - champion|"),
        fact("Median", quantile(0.5).map(number), "the shift that half of the rows do not exceed"),
        fact("9 rows in 10", span(0.05, 0.95), "5 % to 95 % quantile of the shift"),
        fact("Pearson", correlation(found.pearson), "correlation of both scores"),
        fact("Spearman", correlation(found.spearman), "correlation of their ranks, Spearman 1904"),
        fact(
            "Kendall τ-b",
            correlation(found.kendall),
            "pairs of rows ranked alike less those ranked otherwise, ties counted, Kendall 1945",
        ),
    ];
    for top in &found.top {
        let most = top.rows[0].max(top.rows[1]).max(1);
        facts.push(fact(
            &format!("Top {}, shared", share(top.share, 0)),
            Some(share(top.both as f64 / most as f64, 1)),
            &format!(
                "{} rows are in both tops, of {} and {} rows at or above the last score taken",
                count(top.both),
                count(top.rows[0]),
                count(top.rows[1])
            ),
        ));
    }
    let mut remark = found.undefined.clone().unwrap_or_default();
    if found.quantile_error > 0.0 {
        let error = number(found.quantile_error);
        remark = format!("{remark}{}quantiles are off by {error} at most", if remark.is_empty() { "" } else { "; " });
    }
    ShiftModel {
        what: if numbers { "prediction" } else { "score" },
        edges: found.edges.clone(),
        heights: found.histogram.iter().map(|rows_of| *rows_of as f64 / rows * 100.0).collect(),
        facts,
        remark,
    }
}
