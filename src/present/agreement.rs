//! Agreement: how far both models answer alike, what it takes to tell them apart, where and when they part.

mod labels;
mod shift;

use self::labels::{bound_facts, labels};
use self::shift::shift_model;
use super::format::{Digits, UNDEFINED, count, share};
use super::{Sentence, Sheet, Weight, timeline};
use crate::compare::{Agreement, AnswerRows, Answers, Comparison, Estimate, Plan, Selection, SliceChurn, Unit};

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
        let kappa = estimate("Kappa", Unit::Number, found.kappa.as_ref(), formula);
        facts.push(match found.kappa {
            Some(_) => kappa,
            None => Fact {
                interval: "one answer only".to_owned(),
                hover: format!(
                    "{formula}\nBoth models give one answer only, so that chance alone agrees on every row."
                ),
                ..kappa
            },
        });
    }
    let plain = |name: &str, value: String, hover: &str| Fact {
        name: name.to_owned(),
        value,
        interval: String::new(),
        hover: hover.to_owned(),
    };
    facts.push(plain("Different answers", count(found.changed), "rows"));
    if let Some([fixed, broken, neither]) = found.judged {
        facts.push(plain("of these fixed", count(fixed), "labelled rows on which only the challenger is right"));
        facts.push(plain("of these broken", count(broken), "labelled rows on which only the champion is right"));
        if found.names.len() > 2 {
            facts.push(plain("of these neither", count(neither), "labelled rows"));
        }
    }
    if found.unlabelled > 0 {
        facts.push(plain("of these no label", count(found.changed_unlabelled), "rows"));
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
