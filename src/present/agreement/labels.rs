//! What missing labels leave open.

use super::{Fact, LabelsModel};
use crate::compare::{Agreement, AnswerRows, Answers, LabelBounds, Selection, Unit};
use crate::decision::catalog::title;
use crate::present::format::{Digits, count, share};

/// What missing labels leave open, as sentences and facts.
pub(super) fn labels(found: &Agreement) -> LabelsModel {
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

/// Bounds of the difference.
pub(super) fn bound_facts(bounds: &LabelBounds) -> Vec<Fact> {
    let unit = bound_unit(bounds);
    let title = title(&bounds.metric);
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
    let title = title(&bounds.metric);
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
