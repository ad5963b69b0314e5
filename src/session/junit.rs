//! Test results from JUnit XML, as pytest, Maven, Gradle, cargo-nextest and others write it.

use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::pipeline::PipelineError;
use crate::decision::attached::TestResults;
use crate::decision::canonical::sha256_hex;
use crate::log::{Source, SourceRole};

/// Larger files are no results of tests.
const MOST_BYTES: u64 = 256 << 20;
const LISTED: usize = 50;

/// Results of one file, and its size in bytes.
pub type Attachment = (TestResults, u64);

/// Read files of test results; their paths are recorded relative to `base`. What was read `before` is kept.
///
/// # Errors
/// A file cannot be read, is too large, or is no JUnit XML; two are the same.
pub fn read_all(
    paths: &[PathBuf],
    base: Option<&Path>,
    before: &[Attachment],
) -> Result<Vec<Attachment>, PipelineError> {
    let known = |path: &Path| {
        let shown = shown(path, base);
        before.iter().find(|(results, _)| results.path == shown).cloned()
    };
    let read: Vec<Attachment> =
        paths.iter().map(|path| known(path).map_or_else(|| read(path, base), Ok)).collect::<Result<_, _>>()?;
    distinct(&read)?;
    Ok(read)
}

/// The same tests count once.
pub(super) fn distinct(read: &[Attachment]) -> Result<(), PipelineError> {
    for (at, (one, _)) in read.iter().enumerate() {
        if let Some((other, _)) = read[..at].iter().find(|(other, _)| other.sha256 == one.sha256) {
            let message = format!(
                "Test results are attached twice: {} holds the same as {}; leave one of them away.",
                one.path, other.path
            );
            return Err(PipelineError::Record(message));
        }
    }
    Ok(())
}

fn shown(path: &Path, base: Option<&Path>) -> String {
    base.and_then(|base| path.strip_prefix(base).ok()).unwrap_or(path).to_string_lossy().into_owned()
}

pub(super) fn read(path: &Path, base: Option<&Path>) -> Result<Attachment, PipelineError> {
    let failed =
        |why: String| PipelineError::Record(format!("The test results cannot be read ({why}): {}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > MOST_BYTES {
        return Err(failed(format!("{} MB are more than test results take", size >> 20)));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let found = parse(&bytes).map_err(failed)?;
    Ok((TestResults { path: shown(path, base), sha256: sha256_hex(&bytes), ..found }, bytes.len() as u64))
}

/// Count the test cases; attributes of suites are not believed. What fails outside a case, as where a suite cannot be set
/// up, is a failed test of the suite's name.
fn parse(bytes: &[u8]) -> Result<TestResults, String> {
    let mut reader = Reader::from_reader(bytes);
    let mut buffer = Vec::new();
    let mut found = TestResults::default();
    let mut case: Option<(String, Case)> = None;
    let mut suites: Vec<String> = Vec::new();
    let (mut rooted, mut depth) = (false, 0usize);
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event_into(&mut buffer).map_err(|error| format!("byte {at}: {error}"))?;
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.local_name();
                let name = name.as_ref();
                if depth == 0 && !matches!(name, b"testsuites" | b"testsuite") {
                    let name = String::from_utf8_lossy(name).into_owned();
                    return Err(format!("it begins with <{name}>, not with <testsuites> or <testsuite>"));
                }
                rooted = true;
                depth += usize::from(!empty);
                match name {
                    b"testsuite" => {
                        let name = attribute(&tag, b"name").filter(|name| !name.is_empty());
                        found.suites.extend(name.clone());
                        if !empty {
                            suites.push(name.unwrap_or_else(|| "suite without a name".to_owned()));
                        }
                    }
                    b"testcase" => {
                        let class = attribute(&tag, b"classname").filter(|class| !class.is_empty());
                        let name = attribute(&tag, b"name").unwrap_or_default();
                        let name = class.map_or_else(|| name.clone(), |class| format!("{class}::{name}"));
                        if empty {
                            found.count(&name, Case::Passed);
                        } else {
                            case = Some((name, Case::Passed));
                        }
                    }
                    // One that is tried again and passes has flakyFailure instead.
                    b"failure" | b"error" if case.is_none() => {
                        found.count(suites.last().map_or("all suites", String::as_str), Case::Failed);
                    }
                    b"failure" | b"error" => set(&mut case, Case::Failed),
                    b"skipped" => set(&mut case, Case::Skipped),
                    _ => {}
                }
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                if tag.local_name().as_ref() == b"testsuite" {
                    suites.pop();
                } else if tag.local_name().as_ref() == b"testcase"
                    && let Some((name, of)) = case.take()
                {
                    found.count(&name, of);
                }
            }
            Event::Eof if depth > 0 => return Err("it ends in the middle".to_owned()),
            Event::Eof if !rooted => return Err("it holds no XML".to_owned()),
            Event::Eof => return Ok(found),
            _ => {}
        }
        buffer.clear();
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    Passed,
    Failed,
    Skipped,
}

fn set(case: &mut Option<(String, Case)>, to: Case) {
    if let Some((_, of)) = case.as_mut().filter(|(_, of)| *of != Case::Failed) {
        *of = to;
    }
}

fn attribute(tag: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let text = String::from_utf8_lossy(&found.value).into_owned();
    Some(quick_xml::escape::unescape(&text).map_or_else(|_| text.clone(), |text| text.into_owned()))
}

impl TestResults {
    fn count(&mut self, name: &str, case: Case) {
        match case {
            Case::Skipped => self.skipped += 1,
            Case::Passed => self.run += 1,
            Case::Failed => {
                self.run += 1;
                self.failed += 1;
                if self.failures.len() < LISTED {
                    self.failures.push(name.to_owned());
                }
            }
        }
    }

    /// The file as evidence of a record.
    pub fn source(&self, bytes: u64) -> Source {
        Source {
            path: self.path.clone(),
            role: SourceRole::Tests,
            format: "junit".to_owned(),
            bytes,
            sha256: self.sha256.clone(),
            records: self.run + self.skipped,
            quarantined: 0,
            object: None,
            partitions: Default::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted_whatever_the_suites_say() {
        let text = r#"<?xml version="1.0"?>
<testsuites tests="99" failures="0">
  <testsuite name="smoke &amp; unit" tests="99">
    <properties><property name="a" value="b"/></properties>
    <testcase classname="a.B" name="fine" time="0.1"/>
    <testcase classname="a.B" name="breaks"><failure message="x &lt; y">trace</failure><system-out>o</system-out></testcase>
    <testcase name="crashes"><error/></testcase>
    <testcase name="left"><skipped/></testcase>
    <testcase name="flaky"><flakyFailure/></testcase>
  </testsuite>
</testsuites>"#;
        let found = parse(text.as_bytes()).unwrap();
        assert_eq!((found.run, found.failed, found.skipped), (4, 2, 1));
        assert_eq!(found.suites, ["smoke & unit"]);
        assert_eq!(found.failures, ["a.B::breaks", "crashes"]);
    }

    #[test]
    fn a_suite_that_could_not_begin_has_failed() {
        let text = r#"<testsuites>
  <testsuite name="db" tests="3" errors="1"><error message="setup failed"/></testsuite>
  <testsuite name="outer"><testsuite name="inner"><testcase name="a"/></testsuite><failure>left over</failure></testsuite>
</testsuites>"#;
        let found = parse(text.as_bytes()).unwrap();
        assert_eq!((found.run, found.failed, found.failures), (3, 2, vec!["db".to_owned(), "outer".to_owned()]));
    }

    #[test]
    fn the_same_results_count_once() {
        let folder = crate::session::test_folder::Folder::new("junit-twice");
        let text = "<testsuite><testcase name=\"a\"/><testcase name=\"b\"/></testsuite>";
        let (one, copy) = (folder.put("one.xml", text), folder.put("copy.xml", text));
        let other = folder.put("other.xml", &text.replace("\"b\"", "\"c\""));
        assert_eq!(read_all(&[one.clone(), other], None, &[]).unwrap().len(), 2);
        for twice in [[one.clone(), one.clone()], [one, copy]] {
            let before = read_all(&twice[..1], None, &[]).unwrap();
            for known in [&[][..], &before] {
                let message = read_all(&twice, None, known).unwrap_err().to_string();
                assert!(message.contains("attached twice") && message.contains("one.xml"), "{message}");
            }
        }
    }

    #[test]
    fn what_is_no_junit_is_told() {
        let told = |text: &str| parse(text.as_bytes()).unwrap_err();
        assert!(told("<html><body/></html>").contains("<html>"));
        assert!(told("").contains("no XML"));
        assert!(told("<testsuite><testcase name=\"a\">").contains("middle"));
        assert!(told("<testsuite></testcase>").contains("byte"), "{}", told("<testsuite></testcase>"));
    }

    #[test]
    fn own_output_reads_back() {
        let record = crate::decision::fixture::record();
        let found = parse(crate::report::junit(&record).as_bytes()).unwrap();
        assert_eq!(found.run + found.skipped, (record.verdict.gates.len() + record.verdict.validity.len()) as u64);
    }
}
