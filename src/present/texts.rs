//! Texts of both models beside their reference: the rows on which they differ most, word by word.

use super::overview::{self, Scorecard};
use super::{Sentence, Sheet, format};
use crate::compare::{Detail, Selection, TextRow, Texts};
use crate::metrics::registry;
use crate::metrics::text::chrf::Chrf;
use crate::metrics::text::difference::difference;

/// What the Texts view shows.
#[derive(Clone, Debug, PartialEq)]
pub struct TextsModel {
    /// Why there is nothing to show; everything but the scorecard is then empty.
    pub empty: Option<String>,
    pub finding: Sentence,
    pub scorecard: Scorecard,
    /// `Sentence chrF`.
    pub measure: String,
    /// Lists to choose from: where the challenger loses most, where it gains most; of one model one list.
    pub lists: Vec<TextList>,
}

/// Rows in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextList {
    /// `Challenger loses most`.
    pub name: String,
    /// `200 of 3,004 rows`.
    pub count: String,
    pub lines: Vec<TextLine>,
}

/// A row; numbers as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct TextLine {
    pub id: String,
    /// Several one below the other.
    pub reference: String,
    /// Champion first.
    pub answers: Vec<TextAnswer>,
    /// Challenger minus champion; of one model its value.
    pub difference: String,
    /// Id and texts in lower case, for the filter.
    pub search: String,
    /// The row alone.
    pub selection: Selection,
}

/// An answer against the reference, of several the one that it is nearest to by chrF.
#[derive(Clone, Debug, PartialEq)]
pub struct TextAnswer {
    pub value: String,
    /// In order; without what is missing they are the answer.
    pub pieces: Vec<(Piece, String)>,
}

/// Where a stretch of words stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// In answer and reference.
    Same,
    /// In the answer alone.
    Added,
    /// In the reference alone.
    Missing,
}

impl TextList {
    /// Places of the lines that hold `filter`.
    pub fn matching(&self, filter: &str) -> Vec<usize> {
        let wanted = filter.trim().to_lowercase();
        (0..self.lines.len()).filter(|&at| wanted.is_empty() || self.lines[at].search.contains(&wanted)).collect()
    }
}

const NO_TEXTS: &str = "No analysed row has both a reference and an answer, so there are no texts to compare. Map the \
                        column of references as label and the columns of answers as prediction under Change mapping.";

/// The model.
pub fn texts(sheet: &Sheet<'_>) -> TextsModel {
    let comparison = sheet.comparison;
    let (detail, empty) = match &comparison.detail {
        Detail::Texts(texts) if comparison.population.analysed > 0 => (texts.clone(), None),
        _ => (Texts::default(), Some(NO_TEXTS.to_owned())),
    };
    let pair = comparison.plan.challenger.is_some();
    let rows = format::count(comparison.population.analysed);
    let list = |name: &str, of: &[TextRow]| TextList {
        name: name.to_owned(),
        count: format!("{} of {rows} rows", format::count(of.len() as u64)),
        lines: of.iter().map(line).collect(),
    };
    let lists = match (pair, &empty) {
        (_, Some(_)) => Vec::new(),
        (true, _) => {
            vec![list("Challenger loses most", &detail.losses), list("Challenger gains most", &detail.gains)]
        }
        (false, _) => vec![list("Least like the reference", &detail.losses)],
    };
    TextsModel {
        empty,
        finding: finding(&detail, sheet),
        scorecard: overview::scorecard(sheet),
        measure: title(&detail),
        lists,
    }
}

fn title(detail: &Texts) -> String {
    registry::find(&detail.measure).map_or_else(|| detail.measure.clone(), |metric| metric.title.to_owned())
}

/// A row as shown, also in the report.
pub(crate) fn line(row: &TextRow) -> TextLine {
    let answers = [(&row.answers.champion, row.values.champion), (&row.answers.challenger, row.values.challenger)];
    let answers: Vec<TextAnswer> = answers
        .into_iter()
        .filter_map(|(text, value)| {
            let value = value.map_or_else(|| format::UNDEFINED.to_owned(), |value| format::fixed(value, 1));
            text.as_ref().map(|text| TextAnswer { value, pieces: pieces(nearest(row, text), text) })
        })
        .collect();
    let reference = match &row.others[..] {
        [] => row.reference.clone(),
        _ => {
            let numbered = |(place, text): (usize, &str)| format!("{place}. {text}");
            (1..).zip(references(row)).map(numbered).collect::<Vec<_>>().join("\n")
        }
    };
    let texts = [Some(&row.id), Some(&reference), row.answers.champion.as_ref(), row.answers.challenger.as_ref()];
    let texts: Vec<&str> = texts.into_iter().flatten().map(String::as_str).collect();
    TextLine {
        id: row.id.clone(),
        difference: match (row.values.champion, row.values.challenger) {
            (Some(a), Some(b)) => format::signed(b - a, 1),
            (Some(a), None) => format::fixed(a, 1),
            _ => format::UNDEFINED.to_owned(),
        },
        answers,
        search: texts.join("\n").to_lowercase(),
        reference,
        selection: Selection { row: Some(row.row as u32), ..Selection::default() },
    }
}

fn references(row: &TextRow) -> impl Iterator<Item = &str> {
    std::iter::once(&row.reference).chain(&row.others).map(String::as_str)
}

/// The reference of a row that a text is most like.
fn nearest<'a>(row: &'a TextRow, text: &str) -> &'a str {
    if row.others.is_empty() {
        return &row.reference;
    }
    let chrf = Chrf::default();
    let value = |reference: &&str| chrf.score(&chrf.segment(text, std::iter::once(*reference)));
    let best = |one, other| if value(&other) > value(&one) { other } else { one };
    references(row).reduce(best).unwrap_or_default()
}

/// The answer with what it adds and lacks. What is missing stands before what stands in its place.
fn pieces(reference: &str, answer: &str) -> Vec<(Piece, String)> {
    let mut out = Vec::new();
    let mut push = |piece: Piece, text: &str| {
        if !text.is_empty() {
            out.push((piece, text.to_owned()));
        }
    };
    for stretch in difference(reference, answer) {
        let (old, new) = (&reference[stretch.old.clone()], &answer[stretch.new.clone()]);
        if stretch.equal {
            push(Piece::Same, new);
        } else {
            push(Piece::Missing, old);
            push(Piece::Added, new);
        }
    }
    out
}

/// Who is nearer to the references, and on how many rows.
fn finding(detail: &Texts, sheet: &Sheet<'_>) -> Sentence {
    let said = [
        "The data do not tell whose answers are nearer to the references",
        "The challenger's answers are nearer to the references",
        "The challenger's answers are farther from the references",
    ];
    let metric = sheet.comparison.metric(&detail.measure);
    metric.map(|metric| super::won(metric, &title(detail), said, detail.better, "rows")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::PerArm;

    #[test]
    fn an_answer_shows_what_it_adds_and_lacks() {
        let found = pieces("the cat sat", "the black cat sits");
        let said: Vec<(Piece, &str)> = found.iter().map(|(piece, text)| (*piece, text.as_str())).collect();
        assert_eq!(
            said,
            [
                (Piece::Same, "the "),
                (Piece::Added, "black "),
                (Piece::Same, "cat "),
                (Piece::Missing, "sat"),
                (Piece::Added, "sits")
            ]
        );
        let answer: String =
            found.iter().filter(|(piece, _)| *piece != Piece::Missing).map(|(_, text)| &**text).collect();
        assert_eq!(answer, "the black cat sits");
    }

    #[test]
    fn a_line_opens_alone_and_is_found_by_its_texts() {
        let row = TextRow {
            row: 7,
            id: "r7".to_owned(),
            reference: "Ein Haus".to_owned(),
            others: Vec::new(),
            answers: PerArm { champion: Some("Ein Haus".to_owned()), challenger: Some("Mein Baum".to_owned()) },
            values: PerArm { champion: Some(100.0), challenger: Some(12.34) },
        };
        let found = line(&row);
        assert_eq!(found.selection.row, Some(7));
        assert_eq!((found.difference.as_str(), found.answers[1].value.as_str()), ("\u{2212}87.7", "12.3"));
        let list = TextList { lines: vec![found], ..TextList::default() };
        assert_eq!(list.matching("  BAUM "), [0]);
        assert_eq!(list.matching("r7"), [0]);
        assert!(list.matching("nichts").is_empty());
    }
}
