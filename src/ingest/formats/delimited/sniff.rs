//! Separator, header and column names from the first records.

use std::collections::HashSet;

use super::{Cell, Record, split, undouble};
use crate::ingest::typing::{Number, Parsed, is_null_token, parse_number, parse_time};

/// Bytes and records looked at.
const HEAD: usize = 1 << 18;
const RECORDS: usize = 200;

/// How a delimited text is written.
#[derive(Debug)]
pub(super) struct Dialect {
    pub separator: u8,
    pub names: Vec<String>,
    /// Where the first record begins, and how many lines stand before it.
    pub start: usize,
    pub lines_before: u64,
    /// Every record ends with a separator that the header does not have.
    pub drop_last_empty: bool,
    pub notes: Vec<(&'static str, String)>,
}

struct Sample {
    records: Vec<Vec<String>>,
    /// End of the first record and the lines it took.
    first: (usize, u64),
}

pub(super) fn sniff(text: &[u8]) -> Dialect {
    let (mut start, mut lines_before) = skip_blank(text, 0, 0);
    let mut told = None;
    // Excel's own way to say the separator.
    if let Some([separator @ (b',' | b';' | b'\t' | b'|'), rest @ ..]) = text[start..].strip_prefix(b"sep=")
        && matches!(rest.first(), Some(b'\r' | b'\n'))
    {
        told = Some(*separator);
        start += memchr::memchr(b'\n', &text[start..]).map_or(text.len() - start, |end| end + 1);
        (start, lines_before) = skip_blank(text, start, lines_before + 1);
    }
    let mut comments = None;
    (start, lines_before) = skip_comments(text, start, lines_before, &mut comments);
    let head = &text[start..text.len().min(start + HEAD)];
    let cut = head.len() + start < text.len();
    let samples =
        [b',', b';', b'\t', b'|'].into_iter().filter(|&byte| told.is_none_or(|told| told == byte)).map(|separator| {
            let sample = sample(head, separator, cut);
            (fit(&sample), separator, sample)
        });
    let best = samples.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let Some((_, separator, Sample { mut records, first })) = best else {
        return Dialect {
            separator: b',',
            names: Vec::new(),
            start,
            lines_before,
            drop_last_empty: false,
            notes: Vec::new(),
        };
    };
    let mut notes: Vec<(&str, String)> = comments.into_iter().collect();
    let has_header = has_header(&records);
    let width = usual_width(&records[usize::from(has_header).min(records.len())..]);
    let mut drop_last_empty = false;
    let mut names = if has_header && !records.is_empty() { records.remove(0) } else { Vec::new() };
    if has_header {
        start += first.0;
        lines_before += first.1;
        if width == names.len() + 1 {
            let longer = || records.iter().filter(|record| record.len() == width);
            if longer().all(|record| record.last().is_some_and(String::is_empty)) {
                drop_last_empty = true;
            } else {
                names.insert(0, String::new());
                notes.push((
                    "row_names",
                    "The records have one cell more than the header; the first is taken for row names".to_owned(),
                ));
            }
        }
    } else {
        names = (1..=width).map(|number| format!("column {number}")).collect();
        notes.push(("no_header", "The first record reads like data; columns are named by their position".to_owned()));
    }
    name_all(&mut names, &mut notes);
    Dialect { separator, names, start, lines_before, drop_last_empty, notes }
}

/// The fit of the separator that fits best.
pub(super) fn best_fit(text: &[u8]) -> usize {
    let head = &text[..text.len().min(HEAD)];
    let fits = [b',', b';', b'\t', b'|'].map(|separator| fit(&sample(head, separator, head.len() < text.len())).0);
    fits.into_iter().max().unwrap_or(0)
}

/// Past the lines at the top that begin with `#`; a last one with as many cells as the line below is the header, and
/// only its mark is left out.
fn skip_comments(
    text: &[u8],
    start: usize,
    lines_before: u64,
    note: &mut Option<(&'static str, String)>,
) -> (usize, u64) {
    let line = |from: usize| memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |end| from + end + 1);
    let (mut at, mut lines, mut last, mut count) = (start, lines_before, None, 0);
    while text.get(at) == Some(&b'#') {
        last = Some((at, lines));
        count += 1;
        (at, lines) = skip_blank(text, line(at), lines + 1);
    }
    let (Some((last, lines_to_last)), true) = (last, at < text.len()) else {
        return (start, lines_before);
    };
    let below = &text[at..line(at)];
    let cells = |text: &[u8], separator: u8| memchr::memchr_iter(separator, text).count();
    let is_header = [b',', b';', b'\t', b'|'].into_iter().any(|separator| {
        let width = cells(below, separator);
        let holds_number = || {
            let mut cells = below.split(|&byte| byte == separator);
            cells.any(|cell| matches!(parse_number(cell.trim_ascii()), Number::Value(_)))
        };
        width > 0 && width == cells(&text[last..line(last)], separator) && holds_number()
    });
    count -= u64::from(is_header);
    if count > 0 {
        *note = Some(("comment_lines", format!("Lines at the top that begin with # are comments ({count})")));
    }
    if is_header {
        let mark = text[last..].iter().take_while(|byte| matches!(byte, b'#' | b' ')).count();
        return (last + mark, lines_to_last);
    }
    (at, lines)
}

fn skip_blank(text: &[u8], mut at: usize, mut lines: u64) -> (usize, u64) {
    while let Some(end) = memchr::memchr(b'\n', &text[at..])
        && text[at..at + end].trim_ascii().is_empty()
    {
        at += end + 1;
        lines += 1;
    }
    (at, lines)
}

fn sample(head: &[u8], separator: u8, cut: bool) -> Sample {
    let mut cells: Vec<Cell> = Vec::new();
    let mut scratch = Vec::new();
    let mut sample = Sample { records: Vec::new(), first: (0, 0) };
    let mut at = 0;
    while at < head.len() && sample.records.len() < RECORDS {
        let (next, lines) = match split(head, at, separator, &mut cells) {
            // A record that the looked-at part cuts off says nothing.
            Record::Whole { next, .. } if cut && next == head.len() && !sample.records.is_empty() => {
                break;
            }
            Record::Whole { next, lines } => (next, lines),
            Record::Broken { next, .. } => {
                if sample.records.is_empty() {
                    // A header that cannot be read is a header with odd names.
                    let line = head[at..next].trim_ascii_end();
                    sample.records.push(
                        line.split(|&byte| byte == separator)
                            .map(|name| String::from_utf8_lossy(name).into_owned())
                            .collect(),
                    );
                    sample.first = (next, 1);
                }
                at = next;
                continue;
            }
        };
        if !head[at..next].trim_ascii().is_empty() {
            let mut text = |cell: &Cell| {
                let raw = &head[cell.start..cell.end];
                if cell.doubled {
                    undouble(raw, &mut scratch);
                    String::from_utf8_lossy(&scratch).into_owned()
                } else {
                    String::from_utf8_lossy(raw).into_owned()
                }
            };
            sample.records.push(cells.iter().map(&mut text).collect());
            if sample.first.0 == 0 {
                sample.first = (next, lines);
            }
        }
        at = next;
    }
    sample
}

fn usual_width(records: &[Vec<String>]) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    for record in records {
        *counts.entry(record.len()).or_insert(0usize) += 1;
    }
    counts.into_iter().max_by_key(|&(width, count)| (count, width)).map_or(0, |(width, _)| width)
}

/// How well a separator fits, in parts per thousand and then by columns: share of records of the usual
/// width, halved when the header has another one (but for row names and closing separators).
fn fit(sample: &Sample) -> (usize, usize) {
    let Some((header, rest)) = sample.records.split_first() else {
        return (0, 0);
    };
    let width = usual_width(if rest.is_empty() { &sample.records } else { rest });
    if width < 2 && header.len() < 2 {
        return (0, 0);
    }
    let fitting = rest.iter().filter(|record| record.len() == width).count();
    let share = if rest.is_empty() { 1000 } else { fitting * 1000 / rest.len() };
    let header_fits = header.len() == width || (header.len() + 1 == width && header.len() > 1);
    (if header_fits { share.max(1) } else { share / 3 }, width)
}

/// Whether the first record holds names: no numbers or times, no value that comes again in its column.
fn has_header(records: &[Vec<String>]) -> bool {
    let Some((first, rest)) = records.split_first() else {
        return false;
    };
    let is_value = |cell: &String| {
        let raw = cell.as_bytes();
        !is_null_token(raw) && (parse_number(raw) != Number::Bad || parse_time(raw) != Parsed::Bad)
    };
    let values = first.iter().filter(|cell| is_value(cell)).count();
    if values > 0 {
        // Columns named 0, 1, 2 by pandas stand beside others with names; a record has few names in it.
        return rest.len() > 1
            && first.iter().any(|cell| crate::ingest::guess::names::is_known(cell))
            && first.iter().collect::<HashSet<_>>().len() == first.len();
    }
    if first.iter().all(|cell| cell.trim().is_empty()) {
        return false;
    }
    let comes_again =
        |(place, cell): (usize, &String)| !cell.is_empty() && rest.iter().any(|record| record.get(place) == Some(cell));
    !first.iter().enumerate().any(comes_again)
}

/// Every column gets a name of its own.
fn name_all(names: &mut [String], notes: &mut Vec<(&'static str, String)>) {
    let mut taken = HashSet::new();
    let mut doubled = Vec::new();
    for (place, name) in names.iter_mut().enumerate() {
        let clean = name.trim();
        let wanted = match clean {
            "" if place == 0 => "row".to_owned(),
            "" => format!("column {}", place + 1),
            clean => clean.to_owned(),
        };
        let mut unique = wanted.clone();
        let mut number = 2;
        while !taken.insert(unique.clone()) {
            unique = format!("{wanted} ({number})");
            number += 1;
        }
        if unique != wanted {
            doubled.push(wanted);
        }
        *name = unique;
    }
    if !doubled.is_empty() {
        notes.push((
            "duplicate_header",
            format!("The header names {} more than once; later ones carry a number", doubled.join(", ")),
        ));
    }
}
