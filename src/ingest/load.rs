//! All rows under a mapping: read, pair, label, assemble; and what was found on the way.

use std::time::Instant;

use rayon::prelude::*;

use super::assemble::{Labelled, Labels, Paired, assemble};
use super::issue::{IngestError, Issue, Severity};
use super::keys::LineIds;
use super::labels::{join_ids, label};
use super::lines::{Answers, Lines, OTHER_MODEL, read};
use super::lists;
use super::mapping::{Mapping, Pairing, Role};
use super::opened::{Opened, OpenedSource};
use super::pair::{Counts, Fate, Joined};
use super::table::TextColumn;
use crate::job::JobCx;
use crate::log::{JoinAudit, Label, Log, PairBasis, SourceRole, Task};

/// A log and how it came about.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub log: Log,
    pub report: IngestReport,
}

/// What loading found and how long its parts took (seconds of wall clock).
#[derive(Clone, Debug, Default)]
pub struct IngestReport {
    /// Those of the first look, then those of typing and pairing.
    pub issues: Vec<Issue>,
    pub lines: LineCount,
    /// Reading and typing.
    pub read_secs: f64,
    /// Pairing, labels, gathering.
    pub pair_secs: f64,
}

/// Where every prediction line went. The parts add up to `total`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCount {
    pub total: u64,
    /// Became part of a row.
    pub used: u64,
    /// The other model has no line of the id.
    pub one_sided: u64,
    /// Of a split run: of an id or a unit that both arms served.
    pub both_arms: u64,
    /// Repeated a kept line's prediction.
    pub merged: u64,
    /// Another of the id's differing predictions was kept, as the mapping says.
    pub superseded: u64,
    /// Of an id with differing predictions.
    pub refused: u64,
    pub without_id: u64,
    /// Of neither model of the comparison.
    pub other_model: u64,
}

/// Read all rows under `mapping`, pair and label them. Digests are left empty (see [`super::sha256_files`]).
///
/// # Errors
/// A file cannot be read; the mapping does not fit the files or leaves a question open; the job was cancelled.
pub fn load(opened: &Opened, mapping: &Mapping, cx: &JobCx) -> Result<Loaded, IngestError> {
    let started = Instant::now();
    let (lines, label_lines) = read_all(opened, mapping, cx)?;
    let read_secs = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let sources = || opened.sources.iter().map(OpenedSource::recorded).collect();
    if mapping.task == Task::Ranking {
        let mut gathered = lists::gather(lines, label_lines, mapping, cx)?;
        let mut issues = opened.issues.clone();
        issues.append(&mut gathered.issues);
        let lines = gathered.count;
        let (log, more) = lists::assemble(gathered, mapping, sources(), cx)?;
        issues.extend(more.into_iter().chain(weight_unused(mapping)));
        let pair_secs = started.elapsed().as_secs_f64();
        return Ok(Loaded { log, report: IngestReport { issues, lines, read_secs, pair_secs } });
    }
    let mut paired = pair(lines, label_lines, mapping, cx)?;
    let lines = account(&paired);
    let mut issues = opened.issues.clone();
    issues.extend(found(&mut paired, &lines, mapping).into_iter().chain(weight_unused(mapping)));
    let log = assemble(paired, mapping, sources(), cx)?;
    let pair_secs = started.elapsed().as_secs_f64();
    Ok(Loaded { log, report: IngestReport { issues, lines, read_secs, pair_secs } })
}

/// Weights are for metrics of one's own: every metric of a task counts its rows alike.
fn weight_unused(mapping: &Mapping) -> Option<Issue> {
    let columns = mapping.columns.iter().chain(&mapping.label_columns);
    let named: Vec<&str> =
        columns.filter(|column| column.role == Role::Weight).map(|column| column.column.as_str()).collect();
    let column = named.first()?;
    Some(Issue {
        code: "weight_unused".to_owned(),
        severity: Severity::Warning,
        message: format!("{} holds weights, and no metric uses them.", named.join(", ")),
        consequence: "Every metric counts rows alike, except for a metric of your own that names the weight."
            .to_owned(),
        mend: format!(
            "Where rows must count by weight, define a metric of your own, such as value = \"weight * cost\" with per = \"weight\"; where they need not, map the column as ignored: --map ignored={column}."
        ),
        count: 1,
        share: 1.0,
        examples: Vec::new(),
    })
}

/// What typing and pairing found.
pub(super) fn found(paired: &mut Paired, lines: &LineCount, mapping: &Mapping) -> Vec<Issue> {
    let mut issues = std::mem::take(&mut paired.lines.issues);
    issues.extend(pairing_issues(&paired.audit, lines));
    // Outcomes say what came of a split run; it needs no labels.
    if paired.lines.outcomes.is_empty() || paired.labelled.label.column.is_some() {
        issues.extend(super::labels::issues(&paired.labelled.label));
    }
    if let Some(challenger) = mapping.challenger.as_ref().filter(|_| mapping.task == Task::Binary) {
        issues.extend(super::scales::issue(&paired.lines, [&mapping.champion, challenger]));
    }
    if mapping.task == Task::Multiclass {
        let challenger = mapping.challenger.as_deref();
        let names: Vec<&str> = std::iter::once(mapping.champion.as_str()).chain(challenger).collect();
        issues.extend(super::scales::sums(&paired.lines, &names));
    }
    issues
}

pub(super) fn read_all(opened: &Opened, mapping: &Mapping, cx: &JobCx) -> Result<(Lines, Option<Lines>), IngestError> {
    let split = mapping.kind.is_split();
    if split && mapping.task == Task::Detection {
        let message = "Boxes are compared image by image, so both models must have seen the same images: open them as a shadow or offline run.";
        return Err(IngestError::Mapping(message.to_owned()));
    }
    if split && mapping.task == Task::Image {
        let message = "Images are compared with one reference, so both models must have made an image of the same one: open them as a shadow or offline run.";
        return Err(IngestError::Mapping(message.to_owned()));
    }
    if split && mapping.task == Task::Similarity {
        let message = "Similarities are compared pair by pair, so both models must have seen the same pairs: open them as a shadow or offline run.";
        return Err(IngestError::Mapping(message.to_owned()));
    }
    if split && mapping.task == Task::Ranking {
        let message = "Ranked lists are compared query by query, so both models must have answered the same queries: open them as a shadow or offline run, and give what came of the searches of an A/B test or canary as outcomes without --task ranking.";
        return Err(IngestError::Mapping(message.to_owned()));
    }
    if let Some(issue) = opened.issues.iter().find(|issue| split && issue.code == super::guess::unshared::CODE) {
        // Ids that do not meet may as well be written differently: which it is has to be said.
        return Err(IngestError::Mapping(format!("{} {} {}", issue.message, issue.consequence, issue.mend)));
    }
    if split && mapping.challenger.is_none() {
        let message = "An A/B or canary run has two arms, and one was found: name the column that tells them apart with --map model=COLUMN, or give one file per arm.";
        return Err(IngestError::Mapping(message.to_owned()));
    }
    let lines = read(opened, SourceRole::Predictions, mapping, cx)?;
    if let Some(message) = lines.unusable {
        return Err(IngestError::Mapping(message));
    }
    if split && lines.answers.len() > 1 {
        let message = "Both models' answers stand in one line, so both answered every request: that is a shadow run (--kind shadow).";
        return Err(IngestError::Mapping(message.to_owned()));
    }
    let served = lines.answers.iter().any(|answers| answers.latency_ms.is_some());
    if split && lines.answers.iter().all(Answers::is_empty) && lines.outcomes.is_empty() && !served {
        let message = "No column holds outcomes, scores, predictions or latencies: name what came of the requests with --map outcome=COLUMN, once for each column.";
        return Err(IngestError::Mapping(message.to_owned()));
    }
    if !split && lines.answers.iter().any(Answers::is_empty) {
        let message = match mapping.task {
            Task::Ranking => "No column holds places or scores: name one with --map rank=COLUMN or --map score=COLUMN.",
            Task::Similarity => {
                "No column holds vectors or similarities: name the two columns of vectors with --map embedding=COLUMN, once for each, or that of the similarities with --map score=COLUMN."
            }
            Task::Image => {
                "No column holds the files of the models' images: name one with --map prediction=COLUMN, or prediction.champion and prediction.challenger where the models stand side by side."
            }
            _ => "No column holds scores or predictions: name one with --map score=COLUMN or --map prediction=COLUMN.",
        };
        return Err(IngestError::Mapping(message.to_owned()));
    }
    let has_labels = opened.sources.iter().any(|source| source.role == SourceRole::Labels);
    let label_lines = if has_labels { Some(read(opened, SourceRole::Labels, mapping, cx)?) } else { None };
    if let Some(message) = label_lines.as_ref().and_then(|lines| lines.unusable.clone()) {
        return Err(IngestError::Mapping(message));
    }
    Ok((lines, label_lines))
}

/// Bring the lines together and label them.
pub(super) fn pair(
    mut lines: Lines,
    label_lines: Option<Lines>,
    mapping: &Mapping,
    cx: &JobCx,
) -> Result<Paired, IngestError> {
    if mapping.kind.is_split() {
        return super::split::keep(lines, label_lines, mapping, cx);
    }
    cx.stage("Pairing predictions", 0);
    let wide = lines.answers.len() == 2;
    let single = wide || mapping.challenger.is_none();
    let by_position = mapping.pairing == Pairing::Position && !single;
    if lines.ids.is_none() && !single && !by_position {
        let question = "No column identifies the request in both models' lines.".to_owned();
        return Err(IngestError::Question { question, flag: "--map id=COLUMN".to_owned() });
    }
    let (mut joined, proof) = match &lines.ids {
        Some(ids) if !by_position => {
            let same = |a: u32, b: u32| lines.answers.iter().all(|answers| answers.same(a as usize, b as usize));
            let none = match ids {
                LineIds::Integer { .. } => LineIds::Integer { values: Vec::new(), valid: None },
                LineIds::Text(_) => LineIds::Text(TextColumn::default()),
            };
            (join_ids(ids, &none, &lines.arms, mapping.duplicates, &same, cx)?, String::new())
        }
        _ if by_position => by_row(&lines),
        _ => (rows_as_they_are(&lines), String::new()),
    };
    if single {
        // A line is a row: the kept ones have no partner to wait for.
        let kept = joined.fates.iter().zip(0u32..).filter(|(fate, _)| **fate == Fate::Alone);
        let rows: Vec<u32> = kept.map(|(_, line)| line).collect();
        joined.pairs = [rows.clone(), rows];
        joined.counts.paired = std::mem::take(&mut joined.counts.alone[0]);
    }
    if by_position {
        // Ids that did not pair the rows cannot name them.
        lines.ids = None;
    }
    let basis = if wide {
        PairBasis::SameRow
    } else if single {
        PairBasis::OneModel
    } else if by_position {
        PairBasis::Position { proof }
    } else {
        PairBasis::Id { column: lines.id_column.clone() }
    };
    let Counts { ids, paired, alone, merged, conflicting, refused, without_id } = joined.counts;
    let audit = JoinAudit {
        basis,
        ids,
        paired,
        champion_only: alone[0],
        challenger_only: alone[1],
        duplicate_same: merged,
        duplicate_different: conflicting,
        conflicts_kept: conflicting > refused,
        without_id,
        labels: Label::default(),
    };
    cx.stage("Joining labels", 0);
    let rows = [&joined.pairs[0][..], &joined.pairs[1][..]];
    let labelled = labels(&mut lines, label_lines, &joined, rows, mapping, cx)?;
    Ok(Paired { lines, joined, audit, labelled, wide, both: None })
}

/// The label of each row, by what labels of the task are compared by.
pub(super) fn labels(
    lines: &mut Lines,
    file: Option<Lines>,
    joined: &Joined,
    rows: [&[u32]; 2],
    mapping: &Mapping,
    cx: &JobCx,
) -> Result<Labelled, IngestError> {
    let mature_after = mapping.mature_after.as_deref();
    if mapping.task == Task::Binary {
        let of = [lines.labels.as_deref(), file.as_ref().and_then(|file| file.labels.as_deref())];
        let (labels, label) = label(lines, file.as_ref(), of, joined, rows, mature_after, cx)?;
        return Ok(Labelled { labels: Labels::Classes(labels), label });
    }
    let mut of_file = None;
    if let Some(file) = &file {
        let mut recode = |code: u64| match file.dictionary.names.get(code as usize) {
            Some(name) if !matches!(mapping.task, Task::Regression | Task::Similarity) => {
                u64::from(lines.dictionary.code(name))
            }
            _ => code,
        };
        of_file = file.truth.as_ref().map(|truth| truth.iter().map(|&key| recode(key)).collect::<Vec<u64>>());
    }
    let of = [lines.truth.as_deref(), of_file.as_deref()];
    let (labels, label) = label(lines, file.as_ref(), of, joined, rows, mature_after, cx)?;
    Ok(Labelled { labels: Labels::Keys(labels), label })
}

/// Every line of the champion is a row of its own.
fn rows_as_they_are(lines: &Lines) -> Joined {
    let of = |&arm: &u8| if arm == 0 { Fate::Alone } else { Fate::Other };
    let fates: Vec<Fate> = lines.arms.iter().map(of).collect();
    let rows = fates.iter().filter(|fate| **fate == Fate::Alone).count() as u64;
    Joined { fates, counts: Counts { ids: rows, alone: [rows, 0], ..Counts::default() }, ..Joined::default() }
}

/// Row `i` of the champion's `k`-th file with row `i` of the challenger's; and what shows it to be right.
fn by_row(lines: &Lines) -> (Joined, String) {
    let mut files: [Vec<Vec<u32>>; 2] = [Vec::new(), Vec::new()];
    let mut displays: [Vec<&str>; 2] = [Vec::new(), Vec::new()];
    for (index, &start) in lines.starts.iter().enumerate() {
        let end = lines.starts.get(index + 1).copied().unwrap_or(lines.total);
        for (arm, (files, displays)) in files.iter_mut().zip(&mut displays).enumerate() {
            let of = (start..end).filter(|&line| usize::from(lines.arms[line]) == arm);
            let found: Vec<u32> = of.map(|line| line as u32).collect();
            if !found.is_empty() {
                files.push(found);
                displays.push(&lines.displays[index]);
            }
        }
    }
    let fate = |&arm: &u8| {
        if arm < OTHER_MODEL { Fate::Alone } else { Fate::Other }
    };
    let mut fates: Vec<Fate> = lines.arms.iter().map(fate).collect();
    let mut pairs = [Vec::new(), Vec::new()];
    let (mut equal_files, mut both, mut equal) = (0, 0u64, 0u64);
    // By their names: a file that is missing on one side must not shift the others.
    let matched = super::guess::files::match_files(&displays[0], &displays[1]);
    for (champion, challenger) in matched.iter().map(|&(one, other)| (&files[0][one], &files[1][other])) {
        let is_equal = champion.len() == challenger.len();
        equal_files += usize::from(is_equal);
        // Where a record is missing in the middle every later one would meet its neighbour's partner. Labels that
        // are the same to the end of the shorter file show that only its end is missing.
        let mut same = champion.iter().zip(challenger).filter_map(|(&a, &b)| lines.same_label(a as usize, b as usize));
        if !(is_equal || same.next() == Some(true) && same.all(|same| same)) {
            continue;
        }
        for (&a, &b) in champion.iter().zip(challenger) {
            fates[a as usize] = Fate::Paired;
            fates[b as usize] = Fate::Paired;
            pairs[0].push(a);
            pairs[1].push(b);
            if let Some(same) = lines.same_label(a as usize, b as usize) {
                both += 1;
                equal += u64::from(same);
            }
        }
    }
    let of = files.each_ref().map(Vec::len);
    let lengths = format!("{equal_files} of {} file pairs have the same number of rows", of[0].max(of[1]));
    let proof = match both {
        0 => format!("{lengths}; no label stands in both files"),
        _ => format!("{lengths}; the labels are equal in {equal} of {both} rows"),
    };
    let paired = pairs[0].len() as u64;
    let alone = files.each_ref().map(|files| files.iter().map(Vec::len).sum::<usize>() as u64 - paired);
    let counts = Counts { ids: paired + alone[0] + alone[1], paired, alone, ..Counts::default() };
    (Joined { pairs, fates, counts, merged: Vec::new() }, proof)
}

pub(super) fn account(paired: &Paired) -> LineCount {
    let count = |fates: &[Fate]| {
        // Neighbours are often alike: two tallies in turn do not wait for each other.
        let mut counts = [[0u64; 7]; 2];
        fates.iter().enumerate().for_each(|(at, &fate)| counts[at & 1][fate as usize] += 1);
        std::array::from_fn(|fate| counts[0][fate] + counts[1][fate])
    };
    let add = |one: [u64; 7], other: [u64; 7]| std::array::from_fn(|fate| one[fate] + other[fate]);
    let counts: [u64; 7] = paired.joined.fates.par_chunks(1 << 16).map(count).reduce(|| [0; 7], add);
    let of = |fate: Fate| counts[fate as usize];
    let split = paired.both.is_some();
    let single = split || matches!(paired.audit.basis, PairBasis::SameRow | PairBasis::OneModel);
    let lines = LineCount {
        total: paired.lines.total as u64,
        used: if single { of(Fate::Alone) } else { of(Fate::Paired) },
        one_sided: if single { 0 } else { of(Fate::Alone) },
        both_arms: if split { of(Fate::Paired) } else { 0 },
        merged: of(Fate::Merged),
        superseded: of(Fate::Superseded),
        refused: of(Fate::Refused),
        without_id: of(Fate::WithoutId),
        other_model: of(Fate::Other),
    };
    debug_assert_eq!(lines.total, counts.iter().sum::<u64>(), "every line has one fate");
    lines
}

fn pairing_issues(audit: &JoinAudit, lines: &LineCount) -> Vec<Issue> {
    let issue = |code: &str, severity, count, message: String, consequence: &str, mend: &str| {
        Issue::counted(code, severity, (count, lines.total), message, consequence, mend)
    };
    let mut issues = Vec::new();
    let alone = audit.champion_only + audit.challenger_only;
    if matches!(audit.basis, PairBasis::Position { .. }) && alone > 0 {
        issues.push(issue(
            "unequal_files",
            Severity::Warning,
            alone,
            format!("{alone} rows have no partner: their files have no counterpart of the same number of rows."),
            "They are in no number. Files of unequal length are paired only as far as their labels agree row by row to the end of the shorter one.",
            "Export the files again, or log an id with every prediction.",
        ));
    }
    if audit.duplicate_different > 0 {
        let consequence = if audit.conflicts_kept {
            "One prediction of each was kept, as the mapping says."
        } else {
            "These ids were left out."
        };
        let message = format!("{} ids have two different predictions of one model.", audit.duplicate_different);
        let mend = "Find out which line was served, or choose --duplicates first or last.";
        issues.push(issue("conflicting_ids", Severity::Warning, audit.duplicate_different, message, consequence, mend));
    }
    if audit.duplicate_same > 0 {
        let message = format!("{} lines repeat a prediction of the same id.", audit.duplicate_same);
        issues.push(issue(
            "repeated_lines",
            Severity::Note,
            audit.duplicate_same,
            message,
            "Each was merged into the first.",
            "None needed.",
        ));
    }
    if lines.both_arms > 0 {
        issues.push(issue(
            "both_arms",
            Severity::Warning,
            lines.both_arms,
            format!("{} lines are of ids or units that both arms served.", lines.both_arms),
            "They were left out: what they did cannot be put down to one arm.",
            "See whether the assignment is sticky, and whether the unit is the one that was randomised.",
        ));
    }
    if lines.without_id > 0 {
        let message = match lines.without_id {
            1 => "1 line has no id.".to_owned(),
            count => format!("{count} lines have no id."),
        };
        issues.push(issue(
            "without_id",
            Severity::Warning,
            lines.without_id,
            message,
            "They cannot be paired and were left out.",
            "Log the request id with every prediction.",
        ));
    }
    if lines.other_model > 0 {
        let message = format!("{} lines are of neither model.", lines.other_model);
        issues.push(issue(
            "other_model",
            Severity::Note,
            lines.other_model,
            message,
            "They are no part of the comparison.",
            "None needed, unless a model's name is misspelled.",
        ));
    }
    issues
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
