//! Agreement: how far both models answer alike, what it takes to tell them apart, where and when they part.

use super::format::{Digits, UNDEFINED, count, plain, round_significant, share, signed};
use super::{Sentence, Sheet, Weight, timeline};
use crate::compare::{
    Agreement, AnswerRows, Answers, Comparison, Estimate, LabelBounds, Plan, ScoreShift, Selection, SliceChurn, Unit,
};

/// Classes up to which all pairs of answers are drawn; beyond it the most frequent changes are listed.
pub const DRAWN: usize = 12;

/// What the Agreement view shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgreementModel {
    /// Why there is nothing to show and what to do about it; everything else is then empty.
    pub empty: Option<String>,
    pub finding: Sentence,
    pub facts: Vec<Fact>,
    /// `32,561 rows that both models answered, 4,011 without a label`.
    pub qualifier: String,
    pub table: Option<AnswerTable>,
    /// Answers that differ, most rows first; without a table, rows by whether they differ.
    pub changes: Vec<Change>,
    /// What the changes list leaves out.
    pub left: String,
    pub labels: LabelsModel,
    pub shift: Option<ShiftModel>,
    pub no_shift: String,
    pub slices: Vec<SliceLine>,
    pub spans: Option<SpansModel>,
}

/// A number of the whole with its interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    pub name: String,
    pub value: String,
    pub interval: String,
    /// Formula, method, n.
    pub hover: String,
}

/// Rows by both answers: rows of the table are the champion's, columns the challenger's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerTable {
    pub names: Vec<String>,
    /// Row-major.
    pub cells: Vec<AnswerCellModel>,
}

/// A cell with the rows behind it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerCellModel {
    pub rows: String,
    pub share: String,
    /// 0 to 1; alike and different answers are shaded apart.
    pub shade: f64,
    pub alike: bool,
    /// For screen readers.
    pub name: String,
    pub selection: Selection,
}

/// Rows whose answer the challenger changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    pub champion: String,
    pub challenger: String,
    pub rows: String,
    pub share: String,
    pub unlabelled: String,
    pub selection: Selection,
}

/// What labels are still worth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelsModel {
    pub sentences: Vec<String>,
    /// Bounds of the difference as facts.
    pub facts: Vec<Fact>,
    /// What the button says, with the rows it opens; `None` where no label is missing that could matter.
    pub to_label: Option<(String, Selection)>,
}

/// Challenger's score minus champion's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShiftModel {
    /// `score` or `prediction`.
    pub what: &'static str,
    pub edges: Vec<f64>,
    /// Per cent of the rows.
    pub heights: Vec<f64>,
    pub facts: Vec<Fact>,
    pub remark: String,
}

/// Churn of a slice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SliceLine {
    pub name: String,
    pub rows: String,
    pub churn: String,
    pub interval: String,
    pub unlabelled: String,
    /// Index into the plan's slices.
    pub slice: Option<usize>,
}

/// Churn over time; places along x are 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpansModel {
    pub ticks: Vec<(f64, String)>,
    /// Per cent.
    pub line: Vec<(f64, f64)>,
    pub top: f64,
    /// Churn of the whole, per cent.
    pub whole: f64,
}

const SPLIT: &str = "Each request was answered by one model, so that no two answers can be held side by side. Agreement \
                     needs a shadow run or an offline comparison.";
const ONE: &str = "The log holds one model. Open a second one that answered the same requests to see where they agree.";
const NONE: &str = "No row has an answer of both models. Map the column of predictions or scores of each model under \
                    Change mapping.";

/// The model for the population in view.
pub fn agreement(sheet: &Sheet<'_>) -> AgreementModel {
    let comparison = sheet.comparison;
    let Some(found) = comparison.agreed.as_deref() else {
        let why = match (&comparison.plan.challenger, comparison.plan.split.is_some()) {
            (_, true) => SPLIT,
            (None, _) => ONE,
            _ => NONE,
        };
        return AgreementModel { empty: Some(why.to_owned()), ..AgreementModel::default() };
    };
    of(found, comparison)
}

/// The model of what a record holds.
pub fn of(found: &Agreement, comparison: &Comparison) -> AgreementModel {
    let plan = &comparison.plan;
    // Codes of two classes mean nothing to a reader.
    let words = comparison.population.class_words();
    let named = Agreement { names: words.to_vec(), ..found.clone() };
    let found = if found.answers == Answers::Decisions { &named } else { found };
    let without =
        if found.unlabelled > 0 { format!(", {} without a label", count(found.unlabelled)) } else { String::new() };
    let (changes, left) = changes(found);
    AgreementModel {
        empty: None,
        finding: finding(found),
        facts: facts(found),
        qualifier: format!("{} rows that both models answered{without}", count(found.rows)),
        table: table(found),
        changes,
        left,
        labels: labels(found),
        shift: found.shift.as_ref().map(|shift| shift_model(shift, found.answers)),
        no_shift: match found.answers {
            Answers::Classes | Answers::Texts | Answers::Lists => {
                "Scores of several classes, texts or lists are not set against each other row by row.".to_owned()
            }
            _ => "A model logs no score. Give the column of its scores the role score under Change mapping.".to_owned(),
        },
        slices: found.slices.iter().map(|slice| slice_line(slice, plan)).collect(),
        spans: spans(found),
    }
}

/// `They answer 1.9 % of the rows differently [1.7, 2.1]; 41 of these have no label yet.`
fn finding(found: &Agreement) -> Sentence {
    let verb = match found.answers {
        Answers::Decisions => "decide",
        Answers::Classes | Answers::Texts => "answer",
        Answers::Numbers => "predict another number on",
        Answers::Lists => "list other items, or in another order, on",
    };
    let numbers = matches!(found.answers, Answers::Numbers | Answers::Lists);
    let mut sentence = Sentence::default().plain(format!("The models {verb} "));
    match &found.churn {
        Some(churn) => {
            let digits = Digits::of(Unit::Share, churn.value, churn.lo.zip(churn.hi));
            sentence = sentence.strong(digits.value_unit(churn.value)).plain(" of the rows");
            sentence = if numbers { sentence } else { sentence.plain(" differently") };
            if let Some((lo, hi)) = churn.lo.zip(churn.hi) {
                sentence = sentence.part(Weight::Muted, format!(" {}", digits.interval(lo, hi)));
            }
        }
        None => sentence = sentence.strong(count(found.changed)).plain(" rows differently"),
    }
    if let Some([fixed, broken, neither]) = found.judged
        && fixed + broken + neither > 0
    {
        sentence = sentence.plain(format!(
            "; where the label is known the challenger fixes {} of them and breaks {}",
            count(fixed),
            count(broken)
        ));
    }
    if found.changed_unlabelled > 0 && !numbers {
        sentence = sentence.plain(format!("; {} of them have no label", count(found.changed_unlabelled)));
    }
    sentence.plain(".")
}

fn estimate(name: &str, unit: Unit, found: Option<&Estimate>, formula: &str) -> Fact {
    let Some(found) = found else {
        let interval = String::new();
        return Fact { name: name.to_owned(), value: UNDEFINED.to_owned(), interval, hover: formula.to_owned() };
    };
    let ends = found.lo.zip(found.hi);
    let digits = Digits::of(unit, found.value, ends);
    Fact {
        name: name.to_owned(),
        value: digits.value_unit(found.value),
        interval: ends.map_or_else(String::new, |(lo, hi)| digits.interval(lo, hi)),
        hover: format!("{formula}\nInterval: {}, n {}", found.method, count(found.n)),
    }
}

/// Agreement, churn, kappa, flips.
fn facts(found: &Agreement) -> Vec<Fact> {
    let alike = found.churn.as_ref().map(|churn| Estimate {
        value: 1.0 - churn.value,
        lo: churn.hi.map(|hi| 1.0 - hi),
        hi: churn.lo.map(|lo| 1.0 - lo),
        ..churn.clone()
    });
    let mut facts = vec![
        estimate("Agreement", Unit::Share, alike.as_ref(), "rows answered alike / rows that both answered"),
        estimate("Churn", Unit::Share, found.churn.as_ref(), "rows answered differently / rows that both answered"),
    ];
    if !found.names.is_empty() {
        let formula = "(p_o - p_e) / (1 - p_e), Cohen 1960: agreement of both models beyond chance";
        facts.push(estimate("Kappa", Unit::Number, found.kappa.as_ref(), formula));
    }
    let plain = |name: &str, value: String, hover: &str| Fact {
        name: name.to_owned(),
        value,
        interval: String::new(),
        hover: hover.to_owned(),
    };
    facts.push(plain("Answered differently", count(found.changed), "rows"));
    if let Some([fixed, broken, neither]) = found.judged {
        facts.push(plain("of these fixed", count(fixed), "labelled rows on which only the challenger is right"));
        facts.push(plain("of these broken", count(broken), "labelled rows on which only the champion is right"));
        if found.names.len() > 2 {
            facts.push(plain("both wrong, differently", count(neither), "labelled rows"));
        }
    }
    if found.unlabelled > 0 {
        facts.push(plain("of these without a label", count(found.changed_unlabelled), "rows"));
    }
    facts
}

fn cell_selection(names: &[String], champion: u32, challenger: u32) -> Selection {
    let named = |code: u32| (code, names.get(code as usize).cloned().unwrap_or_default());
    let rows = AnswerRows { cell: Some([named(champion), named(challenger)]), ..AnswerRows::default() };
    Selection { answers: Some(rows), ..Selection::default() }
}

fn table(found: &Agreement) -> Option<AnswerTable> {
    let names = &found.names;
    if names.is_empty() || names.len() > DRAWN {
        return None;
    }
    let rows = |a: usize, b: usize| {
        let cell = found.cells.iter().find(|cell| (cell.champion as usize, cell.challenger as usize) == (a, b));
        cell.map_or((0, 0), |cell| (cell.rows, cell.unlabelled))
    };
    let most = |alike: bool| {
        let cells = found.cells.iter().filter(|cell| (cell.champion == cell.challenger) == alike);
        cells.map(|cell| cell.rows).max().unwrap_or(0).max(1) as f64
    };
    let most = [most(false), most(true)];
    let cell = |a: usize, b: usize| {
        let (count_of, unlabelled) = rows(a, b);
        let part = share(count_of as f64 / found.rows as f64, 2);
        let pending = if unlabelled > 0 { format!(", {} without a label", count(unlabelled)) } else { String::new() };
        AnswerCellModel {
            rows: count(count_of),
            name: format!(
                "champion {}, challenger {}, {} rows, {part} of all{pending}",
                names[a],
                names[b],
                count(count_of)
            ),
            share: part,
            shade: count_of as f64 / most[usize::from(a == b)],
            alike: a == b,
            selection: cell_selection(names, a as u32, b as u32),
        }
    };
    let all = (0..names.len()).flat_map(|a| (0..names.len()).map(move |b| (a, b)));
    Some(AnswerTable { names: names.clone(), cells: all.map(|(a, b)| cell(a, b)).collect() })
}

fn changes(found: &Agreement) -> (Vec<Change>, String) {
    let whole = found.rows as f64;
    if found.names.is_empty() {
        let line = |alike: bool, rows: u64, unlabelled: u64| Change {
            champion: if alike { "the same" } else { "different" }.to_owned(),
            challenger: String::new(),
            rows: count(rows),
            share: share(rows as f64 / whole, 2),
            unlabelled: count(unlabelled),
            selection: Selection {
                answers: Some(AnswerRows { alike: Some(alike), ..AnswerRows::default() }),
                ..Selection::default()
            },
        };
        let alike = found.unlabelled - found.changed_unlabelled;
        let lines =
            vec![line(false, found.changed, found.changed_unlabelled), line(true, found.rows - found.changed, alike)];
        return (lines, String::new());
    }
    let name = |code: u32| found.names.get(code as usize).cloned().unwrap_or_default();
    let apart = found.cells.iter().filter(|cell| cell.champion != cell.challenger);
    let lines = apart.map(|cell| Change {
        champion: name(cell.champion),
        challenger: name(cell.challenger),
        rows: count(cell.rows),
        share: share(cell.rows as f64 / whole, 2),
        unlabelled: count(cell.unlabelled),
        selection: cell_selection(&found.names, cell.champion, cell.challenger),
    });
    let left = match found.cells_left {
        [0, _] => String::new(),
        [pairs, rows] => format!("{} more pairs of answers, {} rows", count(pairs), count(rows)),
    };
    (lines.collect(), left)
}

/// What missing labels leave open, as sentences and facts.
fn labels(found: &Agreement) -> LabelsModel {
    let Some(bounds) = &found.bounds else {
        let sentence =
            "Labels of texts and lists are compared metric by metric; no bound follows from the answers alone.";
        return LabelsModel { sentences: vec![sentence.to_owned()], ..LabelsModel::default() };
    };
    let open = Selection {
        answers: Some(AnswerRows { alike: Some(false), unlabelled: true, cell: None }),
        ..Selection::default()
    };
    LabelsModel {
        sentences: sentences(found, bounds),
        facts: bound_facts(bounds),
        to_label: (bounds.open > 0).then(|| (format!("Open {} rows to label", count(bounds.open)), open)),
    }
}

fn bound_unit(bounds: &LabelBounds) -> Unit {
    if bounds.metric == "mae" { Unit::Target } else { Unit::Share }
}

fn bound_facts(bounds: &LabelBounds) -> Vec<Fact> {
    let unit = bound_unit(bounds);
    let title = crate::decision::catalog::title(&bounds.metric);
    let digits = Digits::of(
        unit,
        bounds.known,
        Some(bounds.interval.map_or((bounds.least, bounds.greatest), |[lo, hi]| (lo, hi))),
    );
    let fact = |name: String, value: String, hover: &str| Fact {
        name,
        value,
        interval: String::new(),
        hover: hover.to_owned(),
    };
    let mut facts = vec![
        fact(
            format!("Δ {title}, what labels tell"),
            digits.signed_unit(bounds.known),
            "challenger minus champion over all rows both answered, rows without a label counted as no difference",
        ),
        fact(
            format!("Δ {title}, whatever the missing labels are"),
            digits.signed_interval(bounds.least, bounds.greatest),
            "Manski 1989: every missing label against the challenger, and every one for it",
        ),
    ];
    if let Some([lo, hi]) = bounds.interval {
        facts.push(fact(
            "the same, with chance".to_owned(),
            digits.signed_interval(lo, hi),
            &format!("ends of the intervals of both bounds; {}", bounds.method),
        ));
    }
    facts
}

fn sentences(found: &Agreement, bounds: &LabelBounds) -> Vec<String> {
    let title = crate::decision::catalog::title(&bounds.metric);
    if found.unlabelled == 0 {
        return vec![format!(
            "Every row that both models answered has a label: none is missing for the difference in {title}."
        )];
    }
    let numbers = found.answers == Answers::Numbers;
    let mut said = Vec::new();
    if bounds.open == 0 {
        said.push(format!(
            "{} rows have no label, but both models answer all of them alike: no label can move the difference in {title}.",
            count(found.unlabelled)
        ));
    } else {
        said.push(format!(
            "Of {} rows without a label the models differ on {} ({}). Only these can move the difference in {title}; a label of any other row cannot.",
            count(found.unlabelled),
            count(bounds.open),
            share(bounds.open as f64 / found.unlabelled as f64, 1)
        ));
    }
    if numbers {
        said.push(
            "The further apart two predictions are, the more a label is worth: sort the rows by their difference."
                .to_owned(),
        );
    }
    // Of errors less is better.
    let sign = if numbers { -1.0 } else { 1.0 };
    let ends = bounds.interval.unwrap_or([bounds.least, bounds.greatest]).map(|end| sign * end);
    let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
    said.push(match (low > 0.0, high < 0.0) {
        (true, _) => format!("Whatever the missing labels are, the challenger has the better {title}."),
        (_, true) => format!("Whatever the missing labels are, the challenger has the worse {title}."),
        _ => format!("What is labelled does not settle which model has the better {title}."),
    });
    said
}

fn shift_model(found: &ScoreShift, answers: Answers) -> ShiftModel {
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
            &format!("Top {} in common", share(top.share, 0)),
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

fn slice_line(slice: &SliceChurn, plan: &Plan) -> SliceLine {
    let churn = estimate("", Unit::Share, slice.churn.as_ref(), "");
    SliceLine {
        name: slice.slice.clone(),
        rows: count(slice.rows),
        churn: churn.value,
        interval: churn.interval,
        unlabelled: count(slice.changed_unlabelled),
        slice: plan.slices.iter().position(|spec| spec.to_string() == slice.slice),
    }
}

fn spans(found: &Agreement) -> Option<SpansModel> {
    let width = (found.span_secs? * 1e6) as i64;
    let (first, last) = (found.spans.first()?.start, found.spans.last()?.start + width);
    if found.spans.len() < 2 {
        return None;
    }
    let place = |time: i64| (time - first) as f64 / (last - first) as f64;
    let line: Vec<(f64, f64)> = found
        .spans
        .iter()
        .filter(|span| span.rows > 0)
        .map(|span| (place(span.start + width / 2), span.changed as f64 / span.rows as f64 * 100.0))
        .collect();
    Some(SpansModel {
        ticks: timeline::ticks_of(first, last),
        top: line.iter().map(|(_, value)| *value).fold(0.0, f64::max),
        line,
        whole: found.changed as f64 / found.rows as f64 * 100.0,
    })
}

/// Facts as lines of text: name, value, interval.
pub fn lines(found: &Agreement) -> Vec<[String; 3]> {
    let line = |fact: Fact| [fact.name, fact.value, fact.interval];
    let bounds = found.bounds.iter().filter(|_| found.unlabelled > 0).flat_map(bound_facts);
    let shift = found.shift.iter().flat_map(|shift| shift_model(shift, found.answers).facts);
    let shift = shift.map(|fact| Fact { name: format!("Scores: {}", fact.name), ..fact });
    facts(found).into_iter().chain(bounds).chain(shift).map(line).collect()
}
