//! The images that a log names: read from beside it and held against their references, row by row and never all in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::decision::canonical::sha256_hex;
use crate::ingest::image_files::{Beside, Pixels, Samples, read};
use crate::ingest::{Example, IngestError, Issue, Severity};
use crate::job::JobCx;
use crate::log::{Content, ImageFile, ImageFiles, ImagePairs, Likeness, Log, NO_CODE, NO_LABEL};
use crate::metrics::vision::images::Planes;
use crate::metrics::vision::pairs;

/// Examples of an issue.
const EXAMPLES: usize = 100;

/// Why an image cannot be used.
#[derive(Clone, Debug)]
enum Fault {
    Missing,
    /// `cannot be decoded: ...`.
    Broken(String),
    /// Of an output alone: `is 64 x 64 and its reference 128 x 128`.
    Shape(String),
}

/// A row: its reference, and each output where there is a reference to hold it against.
#[derive(Default)]
struct Measured {
    reference: Option<Fault>,
    outputs: Vec<Option<Result<Likeness, Fault>>>,
    read: Vec<ImageFile>,
}

/// Read and measure the images of `log`; `logs` are the files it was read from. Rows whose reference cannot be used lose
/// their label, and those whose output cannot be used their answer; `issues` say how many, of which arm and why.
///
/// # Errors
/// No image that the log names can be found; cancelled.
pub(super) fn measure(log: &mut Log, issues: &mut Vec<Issue>, logs: &[PathBuf], cx: &JobCx) -> Result<(), IngestError> {
    let Content::ImagePairs(pairs) = &mut log.content else { return Ok(()) };
    cx.stage("Comparing images", log.rows as u64);
    let beside = Beside::of(logs);
    let of_rows: Vec<Measured> = (0..log.rows)
        .into_par_iter()
        .with_max_len(1)
        .map(|row| {
            cx.check()?;
            let found = one(pairs, row, &beside);
            cx.advance(1);
            Ok(found)
        })
        .collect::<Result<_, IngestError>>()?;
    let mut read: BTreeMap<String, ImageFile> = BTreeMap::new();
    for file in of_rows.iter().flat_map(|row| &row.read) {
        read.entry(file.name.clone()).or_insert_with(|| file.clone());
    }
    let named = || pairs.outputs.iter().chain([&pairs.references]).flatten().filter(|code| **code != NO_CODE);
    let mut distinct: Vec<u32> = named().copied().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if read.is_empty() && !distinct.is_empty() {
        return Err(nowhere(log, logs));
    }
    let unread = (distinct.len() - read.len().min(distinct.len())) as u64;
    pairs.files = files(read.into_values().collect(), unread);
    pairs.measured = (0..pairs.outputs.len())
        .map(|arm| {
            let of = |row: &Measured| match row.outputs.get(arm) {
                Some(Some(Ok(likeness))) => *likeness,
                _ => Likeness::NONE,
            };
            of_rows.iter().map(of).collect()
        })
        .collect();
    issues.extend(told(log, &of_rows));
    for (row, measured) in of_rows.iter().enumerate() {
        if measured.reference.is_some() {
            log.labels[row] = NO_LABEL;
        }
        for (arm, output) in log.arms.iter_mut().zip(&measured.outputs) {
            if let (Some(Err(_)), Some(answers)) = (output, &mut arm.predictions) {
                answers[row] = NO_LABEL;
            }
        }
    }
    Ok(())
}

fn one(pairs: &ImagePairs, row: usize, beside: &Beside) -> Measured {
    let mut found = Measured::default();
    let [reference, outputs @ ..] = pairs.row(row);
    let Some(reference) = reference else { return found };
    let reference = match pixels(reference, beside, &mut found.read) {
        Ok(pixels) => pixels,
        Err(fault) => return Measured { reference: Some(fault), ..found },
    };
    for name in outputs.into_iter().take(pairs.outputs.len()) {
        let likeness = name.map(|name| {
            let output = pixels(name, beside, &mut found.read)?;
            alike(&reference, &output)
        });
        found.outputs.push(likeness);
    }
    found
}

fn pixels(name: &str, beside: &Beside, files: &mut Vec<ImageFile>) -> Result<Pixels, Fault> {
    let path = beside.find(name).ok_or(Fault::Missing)?;
    let stored = read(&path).map_err(Fault::Broken)?;
    files.push(ImageFile { name: name.to_owned(), bytes: stored.bytes, sha256: stored.sha256 });
    stored.pixels.map_err(Fault::Broken)
}

fn alike(reference: &Pixels, output: &Pixels) -> Result<Likeness, Fault> {
    let shape = |image: &Pixels| (image.width, image.height);
    if shape(reference) != shape(output) {
        let ((w, h), (of_w, of_h)) = (shape(output), shape(reference));
        return Err(Fault::Shape(format!("is {w} x {h} and its reference {of_w} x {of_h} pixels")));
    }
    if reference.channels != output.channels {
        let words = |image: &Pixels| if image.channels == 1 { "grey" } else { "in colour" };
        return Err(Fault::Shape(format!("is {} and its reference {}", words(output), words(reference))));
    }
    let channel = |channel: usize| Ok([plane(reference, channel)?, plane(output, channel)?]);
    pairs::likeness((0..reference.channels).map(channel)).map_err(Fault::Broken)
}

/// A channel on the scale of 0 to 255.
fn plane(image: &Pixels, channel: usize) -> Result<Planes, String> {
    let (width, height, step) = (image.width, image.height, image.channels);
    match &image.values {
        Samples::Bytes(values) => {
            let own: Vec<u8> = values.iter().skip(channel).step_by(step).copied().collect();
            Planes::new(&own, width, height)
        }
        Samples::Words(values) => {
            let own: Vec<f64> =
                values.iter().skip(channel).step_by(step).map(|&word| f64::from(word) / 257.0).collect();
            Planes::new(&own, width, height)
        }
    }
}

/// What is kept of the files that were read, by name.
fn files(list: Vec<ImageFile>, unread: u64) -> ImageFiles {
    let lines: String = list.iter().map(|file| format!("{}  {}\n", file.sha256, file.name)).collect();
    ImageFiles {
        files: list.len() as u64,
        bytes: list.iter().map(|file| file.bytes).sum(),
        sha256: sha256_hex(lines.as_bytes()),
        unread,
        list: if list.len() > ImageFiles::LISTED { Vec::new() } else { list },
    }
}

fn nowhere(log: &Log, logs: &[PathBuf]) -> IngestError {
    let first = match &log.content {
        Content::ImagePairs(pairs) => pairs.names.first().cloned().unwrap_or_default(),
        _ => String::new(),
    };
    let message = if log.sources.iter().any(|source| source.object.is_some()) {
        format!(
            "The log lies in a bucket, and images that it names, such as {first}, are not fetched: copy the log and its images into one folder and open the log there"
        )
    } else {
        format!(
            "None of the images that the log names, such as {first}, can be found. Names are read from the folder of the log, or a folder `images` in it; one that leads out of it is not followed"
        )
    };
    IngestError::Source { message, path: logs.first().map(|path| path.display().to_string()).unwrap_or_default() }
}

/// How many images of whom cannot be used, and why.
fn told(log: &Log, of_rows: &[Measured]) -> Vec<Issue> {
    let mut issues = Vec::new();
    let references = of_rows.iter().enumerate().filter_map(|(row, found)| Some((row, found.reference.as_ref()?)));
    issues.extend(of_images(log, "reference images", None, references.collect()));
    for (arm, column) in log.arms.iter().enumerate() {
        let faults = of_rows.iter().enumerate().filter_map(|(row, found)| match found.outputs.get(arm) {
            Some(Some(Err(fault))) => Some((row, fault)),
            _ => None,
        });
        issues.extend(of_images(log, &format!("images of {}", column.name), Some(arm), faults.collect()));
    }
    issues
}

/// Code of an issue, what its images are, what mends it, and which faults are it.
type FaultKind = (&'static str, &'static str, &'static str, fn(&Fault) -> bool);

fn of_images(log: &Log, whose: &str, arm: Option<usize>, faults: Vec<(usize, &Fault)>) -> Vec<Issue> {
    let Content::ImagePairs(pairs) = &log.content else { return Vec::new() };
    let name = |row: usize| pairs.row(row)[arm.map_or(0, |arm| arm + 1)].unwrap_or_default();
    let consequence = match arm {
        None => "Their rows have nothing to hold an image against and are not analysed.",
        Some(_) => "They count as missing answers of the model, and their rows are not analysed.",
    };
    let kinds: [FaultKind; 3] = [
        (
            "image_missing",
            "are not beside the log",
            "Copy them to where the log names them, seen from its folder or from a folder `images` in it.",
            |fault| matches!(fault, Fault::Missing),
        ),
        (
            "image_broken",
            "cannot be used",
            "PNG and JPEG files are read. See the reason of each, and write the images anew.",
            |fault| matches!(fault, Fault::Broken(_)),
        ),
        (
            "image_shape",
            "differ from their reference in size or in channels",
            "Let the model write images of the size of the reference; nothing is scaled here, since that would change what is measured.",
            |fault| matches!(fault, Fault::Shape(_)),
        ),
    ];
    let issue = |(code, what, mend, is): FaultKind| {
        let own: Vec<(usize, &Fault)> = faults.iter().copied().filter(|(_, fault)| is(fault)).collect();
        let said = |row: usize, fault: &Fault| {
            let why = match fault {
                Fault::Missing => "is not beside the log".to_owned(),
                Fault::Broken(why) | Fault::Shape(why) => why.clone(),
            };
            format!("row {}: {} {why}", log.ids.get(row), name(row))
        };
        let &(first, fault) = own.first()?;
        let count = own.len() as u64;
        let example = |&(row, fault): &(usize, &Fault)| {
            let source = log.sources.first().map(|source| source.path.clone()).unwrap_or_default();
            Example { source, record: row as u64 + 1, raw: said(row, fault).chars().take(200).collect() }
        };
        Some(Issue {
            code: code.to_owned(),
            severity: Severity::Warning,
            message: format!("{count} {whose} {what}, e.g. {}.", said(first, fault)),
            consequence: consequence.to_owned(),
            mend: mend.to_owned(),
            count,
            share: count as f64 / log.rows.max(1) as f64,
            examples: own.iter().take(EXAMPLES).map(example).collect(),
        })
    };
    kinds.into_iter().filter_map(issue).collect()
}
