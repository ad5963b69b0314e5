//! Validity: whether the comparison can be trusted, each finding with its consequence.

mod coverage;
pub mod kayenta;
#[cfg(test)]
mod tests;

pub use self::coverage::{Coverage, CoverageLine, coverage};

use super::format::{Digits, MINUS, UNDEFINED, confidence, count, digest, fixed, plain, share, size, time};
use super::{Sheet, Sign};
use crate::compare::{Balance, BalanceTest, CheckOutcome, Detail, MetricResult, SplitDetail};
use crate::decision::{
    DUPLICATE_CONFLICTS, LABEL_COVERAGE, LABELS_BY_ARM, MISSING_OUTCOMES, MISSING_PREDICTIONS, SAMPLE_RATIO,
    ValidityResult, catalog, more,
};
use crate::ingest::{Issue, Severity};
use crate::log::{Label, PairBasis, Source, SourceRole};
use crate::stats::balance::FLAG;
use crate::stats::special::norm_isf;

/// What the Validity view shows; all numbers as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidityModel {
    /// `7 of 8 pass`.
    pub passed: String,
    /// Failed, warning, not evaluable, passed.
    pub checks: Vec<CheckLine>,
    /// How the predictions of the models were brought together, as sentences.
    pub basis: String,
    pub join: Vec<CountLine>,
    pub labels: Vec<CountLine>,
    pub sources: Vec<SourceLine>,
    /// Most severe first.
    pub issues: Vec<IssueLine>,
    /// `None` where the log has no times.
    pub coverage: Option<Coverage>,
    /// Of an A/B or canary run; join audit and series have no place there.
    pub split: Option<SplitValidity>,
}

/// What tells whether arms that answered different requests can be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitValidity {
    pub balance: Vec<BalanceLine>,
    /// `all together p = 0.42`; empty where there is no test.
    pub together: String,
    pub power: Vec<PowerLine>,
    /// Where the policy asks for it.
    pub kayenta: Vec<kayenta::KayentaLine>,
}

/// How alike the arms are in a column.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceLine {
    /// Whether the difference is large and no chance.
    pub flagged: bool,
    pub column: String,
    /// `mean`, or the value whose shares differ most.
    pub what: String,
    pub arms: [String; 2],
    pub difference: String,
    /// The difference over twice the limit, at most 1.
    pub share: f64,
}

/// What a run of this size can tell of an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerLine {
    pub title: String,
    pub units: String,
    /// Smallest difference told with 80 % power, at one look.
    pub detectable: String,
    /// `about 2,300 more`, or empty.
    pub more: String,
    pub hover: String,
}

/// One check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckLine {
    pub outcome: CheckOutcome,
    pub title: String,
    pub value: String,
    /// With whose it is: `0.50 %, policy`.
    pub limit: String,
    pub explanation: String,
}

/// A count with its name; `remark` says what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct CountLine {
    pub name: String,
    pub count: String,
    pub remark: String,
}

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceLine {
    pub name: String,
    pub path: String,
    pub role: &'static str,
    pub format: String,
    pub size: String,
    pub records: String,
    pub quarantined: String,
    /// Shortened; `digest_full` has all of it.
    pub digest: String,
    pub digest_full: String,
}

/// One class of problems found while reading.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueLine {
    /// `None`: a note.
    pub sign: Option<Sign>,
    pub message: String,
    pub consequence: String,
    pub mend: String,
    pub count: String,
}

/// Model of the Validity view; `issues` are those of the ingest report.
pub fn validity(sheet: &Sheet<'_>, issues: &[Issue]) -> ValidityModel {
    let mut checks: Vec<CheckLine> = sheet.verdict.validity.iter().map(check).collect();
    checks.sort_by_key(|line| match line.outcome {
        CheckOutcome::Fail => 0,
        CheckOutcome::Warn => 1,
        CheckOutcome::NotEvaluable => 2,
        CheckOutcome::Pass => 3,
    });
    let mut issues: Vec<&Issue> = issues.iter().collect();
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
    ValidityModel {
        passed: passed(&sheet.verdict.validity),
        checks,
        basis: basis(&sheet.log.audit.basis),
        join: join(sheet),
        labels: labels(&sheet.log.audit.labels),
        sources: sheet.log.sources.iter().map(source).collect(),
        issues: issues.into_iter().map(issue).collect(),
        coverage: coverage(sheet.comparison, sheet.log.audit.labels.final_until),
        split: split(sheet),
    }
}

/// What balance is read of, with the value in each arm.
pub(crate) fn balance_words(one: &Balance) -> [String; 3] {
    let of = |value: Option<f64>, text: &dyn Fn(f64) -> String| value.map_or_else(|| UNDEFINED.to_owned(), text);
    match &one.value {
        Some(value) => [
            value.clone(),
            of(one.shares.champion, &|found| share(found, 1)),
            of(one.shares.challenger, &|found| share(found, 1)),
        ],
        None => {
            let number = |found: f64| plain(super::format::round_significant(found, 4));
            ["mean".to_owned(), of(one.means.champion, &number), of(one.means.challenger, &number)]
        }
    }
}

pub(crate) fn balance_difference(one: &Balance) -> String {
    one.difference.map_or_else(|| "all".to_owned(), |difference| fixed(difference, 3))
}

/// The test of all columns at once.
pub(crate) fn together(found: &BalanceTest) -> String {
    let small = |p: f64| if p < 1e-4 { "p < 0.0001".to_owned() } else { format!("p = {p:.4}") };
    found.p.map_or_else(|| "all together: cannot be told".to_owned(), |p| format!("all together {}", small(p)))
}

fn split(sheet: &Sheet<'_>) -> Option<SplitValidity> {
    let Detail::Split(detail) = &sheet.comparison.detail else {
        return None;
    };
    let columns = detail.balance.len();
    let line = |one: &Balance| {
        let [what, a, b] = balance_words(one);
        BalanceLine {
            flagged: one.is_flagged(columns),
            column: one.column.clone(),
            what,
            arms: [a, b],
            difference: balance_difference(one),
            share: one.difference.map_or(1.0, |difference| (difference / (2.0 * FLAG)).min(1.0)),
        }
    };
    Some(SplitValidity {
        balance: detail.balance.iter().map(line).collect(),
        together: detail.omnibus.as_ref().map_or_else(String::new, together),
        power: power(sheet, detail),
        kayenta: kayenta::lines(detail),
    })
}

/// Smallest difference that a run of this size tells: `(z_{1 - α/2} + z_{0.8}) · SE`. The power to find what was found
/// is not asked: it says no more than its p.
fn power(sheet: &Sheet<'_>, detail: &SplitDetail) -> Vec<PowerLine> {
    let level = sheet.comparison.plan.level;
    let reach = norm_isf(0.5 * (1.0 - level)) + norm_isf(0.2);
    let outcome = |name: &str| {
        detail.lifts.iter().any(|lift| lift.metric == name) || detail.series.iter().any(|series| series.metric == name)
    };
    let gate = |name: &str| sheet.verdict.gates.iter().find(|gate| gate.metric == name && !gate.by_segment);
    let whole = sheet.comparison.metrics.iter().filter(|metric| metric.slice.is_none());
    let wanted = whole.filter(|metric| outcome(&metric.name) || gate(&metric.name).is_some());
    let line = |metric: &MetricResult| {
        let difference = metric.difference.as_ref()?;
        let se = difference.se?;
        let smallest = reach * se;
        let digits = Digits::of(metric.unit, smallest, None);
        let more = gate(&metric.name).and_then(|gate| more(&gate.reading));
        Some(PowerLine {
            title: catalog::title(&metric.name).to_owned(),
            units: count(difference.n),
            detectable: digits.size_unit(smallest),
            more: more.unwrap_or_default(),
            hover: format!(
                "With {} units a true difference of {} is told from none in 8 of 10 runs, at one look at {} %",
                count(difference.n),
                digits.size_unit(smallest),
                confidence(level)
            ),
        })
    };
    wanted.filter_map(line).collect()
}

/// `7 of 8`, of all checks.
pub(super) fn passed(checks: &[ValidityResult]) -> String {
    let passed = checks.iter().filter(|check| check.outcome == CheckOutcome::Pass).count();
    format!("{passed} of {}", checks.len())
}

fn check(result: &ValidityResult) -> CheckLine {
    let number = |value: f64| match result.name.as_str() {
        MISSING_PREDICTIONS | MISSING_OUTCOMES | LABEL_COVERAGE | LABELS_BY_ARM => share(value, 2),
        SAMPLE_RATIO => plain(super::format::round_significant(value, 3)),
        DUPLICATE_CONFLICTS => count(value.max(0.0) as u64),
        _ if value.fract() == 0.0 && value.abs() < 9e15 => plain(value),
        _ => fixed(value, super::format::decimals_for_significant(value, 3)),
    };
    let limit = result.limit.map_or_else(String::new, |limit| {
        if result.by_policy { format!("{}, policy", number(limit)) } else { number(limit) }
    });
    CheckLine {
        outcome: result.outcome,
        title: result.title.clone(),
        value: result.value.map_or_else(|| UNDEFINED.to_owned(), number),
        limit,
        explanation: result.explanation.clone(),
    }
}

fn basis(basis: &PairBasis) -> String {
    match basis {
        PairBasis::Id { column } => format!("Paired by equal {column}, compared as exact text."),
        PairBasis::SameRow => "Both predictions stand in the same record; nothing had to be joined.".to_owned(),
        PairBasis::Position { proof } => format!("Paired by position. {proof}"),
        PairBasis::OneModel => "One model; there is nothing to pair.".to_owned(),
        PairBasis::Split { .. } => "Each request was answered by one arm; there is nothing to pair.".to_owned(),
    }
}

fn line(name: &str, number: u64, remark: &str) -> CountLine {
    let remark = if number == 0 { String::new() } else { remark.to_owned() };
    CountLine { name: name.to_owned(), count: count(number), remark }
}

fn join(sheet: &Sheet<'_>) -> Vec<CountLine> {
    let audit = &sheet.log.audit;
    let kept = if audit.conflicts_kept { "kept, as the mapping says" } else { "left out: no one answer stands" };
    if let Some(split) = &sheet.log.split {
        return vec![
            line("Distinct ids", audit.ids, "seen in any arm"),
            line("Of the champion", audit.champion_only, "rows"),
            line("Of the challenger", audit.challenger_only, "rows"),
            line("Units in both arms", split.both.units, "left out: what they did is of no one arm's doing"),
            line("Lines of ids or units in both arms", split.both.lines, "left out"),
            line("Repeated lines, same answer", audit.duplicate_same, "merged to one"),
            line("Ids with different answers", audit.duplicate_different, kept),
            line("Lines without an id", audit.without_id, "left out"),
        ];
    }
    vec![
        line("Distinct ids", audit.ids, "seen in any arm"),
        line("Paired", audit.paired, "one usable prediction of each arm"),
        line("Champion only", audit.champion_only, "left out of every difference"),
        line("Challenger only", audit.challenger_only, "left out of every difference"),
        line("Repeated lines, same prediction", audit.duplicate_same, "merged to one"),
        line("Ids with different predictions", audit.duplicate_different, kept),
        line("Lines without an id", audit.without_id, "cannot be paired, left out"),
    ]
}

fn labels(labels: &Label) -> Vec<CountLine> {
    let column =
        labels.column.as_ref().map_or_else(|| "no column holds labels".to_owned(), |column| format!("from {column}"));
    let mut lines = vec![
        CountLine { name: "Labelled".to_owned(), count: count(labels.present), remark: column },
        line("Without a label", labels.absent, "pending or absent: not in any labelled metric"),
        line("Labels not final yet", labels.immature, &not_final(labels)),
        line("Labels without a prediction", labels.orphan, "unused; ids that no model answered"),
        line("Ids with two labels", labels.conflicting, "count as absent"),
    ];
    for (value, rows) in &labels.other_values {
        lines.push(line(&format!("Other value {value}"), *rows, "neither class, set aside"));
    }
    let lag = labels.lag_hours.map(|hours| hours.map(lag));
    lines.push(match lag {
        Some([median, most, last]) => CountLine {
            name: "Label lag, median".to_owned(),
            count: median,
            remark: format!("90 % within {most}, 99 % within {last}"),
        },
        None => CountLine {
            name: "Label lag".to_owned(),
            count: UNDEFINED.to_owned(),
            remark: "needs the times of predictions and of labels".to_owned(),
        },
    });
    lines
}

/// Of the labels that count as pending since their requests are too young.
fn not_final(labels: &Label) -> String {
    labels.final_until.map_or_else(String::new, |until| format!("of requests after {}: held back", time(until)))
}

fn lag(hours: f64) -> String {
    if hours.abs() < 48.0 { format!("{} h", fixed(hours, 1)) } else { format!("{} d", fixed(hours / 24.0, 1)) }
}

fn source(source: &Source) -> SourceLine {
    let name = source.path.rsplit(['/', '\\']).next().unwrap_or(&source.path);
    SourceLine {
        name: name.to_owned(),
        path: source.path.clone(),
        role: match source.role {
            SourceRole::Predictions => "predictions",
            SourceRole::Labels => "labels",
            SourceRole::Tests => "tests",
            SourceRole::Reference => "training",
        },
        format: source.format.clone(),
        size: size(source.bytes),
        records: count(source.records),
        quarantined: count(source.quarantined),
        digest: if source.sha256.is_empty() { "not computed".to_owned() } else { digest(&source.sha256) },
        digest_full: source.sha256.clone(),
    }
}

fn issue(issue: &Issue) -> IssueLine {
    IssueLine {
        sign: match issue.severity {
            Severity::Blocking => Some(Sign::Fail),
            Severity::Warning => Some(Sign::Inconclusive),
            Severity::Note => None,
        },
        message: issue.message.clone(),
        consequence: issue.consequence.clone(),
        mend: issue.mend.clone(),
        count: count(issue.count),
    }
}

/// `−4,907`, for losses in the flow.
pub(super) fn lost(rows: u64) -> String {
    if rows == 0 { "0".to_owned() } else { format!("{MINUS}{}", count(rows)) }
}
