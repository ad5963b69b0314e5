//! What a file is, by its content. What is no log is refused with what to open instead.

/// What a file that is no plain text log turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columnar {
    Parquet,
    /// Arrow IPC file (Feather version 2).
    Arrow,
}

/// Grammar of the records of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    Delimited,
    /// One object a line (several on a line are taken too).
    JsonLines,
    /// Objects one after the other, over lines, or in an array.
    JsonStream,
}

/// Columnar files, from the first bytes.
pub fn columnar(head: &[u8]) -> Option<Columnar> {
    if head.starts_with(b"PAR1") {
        Some(Columnar::Parquet)
    } else if head.starts_with(b"ARROW1") {
        Some(Columnar::Arrow)
    } else {
        None
    }
}

/// Why bytes (unpacked, not yet decoded to UTF-8 is fine too) are no log, and what to open instead.
pub fn refuse(bytes: &[u8]) -> Option<String> {
    const MARKS: [(&[u8], &str); 19] = [
        (b"7z\xbc\xaf\x27\x1c", "This is a 7-Zip archive; unpack it and open what it holds"),
        (b"Rar!", "This is a RAR archive; unpack it and open what it holds"),
        (b"Obj\x01", "This is an Avro file; convert it to Parquet or JSON lines and open that"),
        (b"ORC", "This is an ORC file; convert it to Parquet and open that"),
        (b"SQLite format 3\0", "This is an SQLite database; export the table to CSV and open that"),
        (b"%PDF", "This is a PDF document, not a prediction log; open the table it was made from"),
        (b"\x89PNG", "This is an image, not a prediction log"),
        (b"\xff\xd8\xff", "This is an image, not a prediction log"),
        (b"GIF8", "This is an image, not a prediction log"),
        (b"\x89HDF", "This is an HDF5 file; export the table to Parquet or CSV and open that"),
        (b"\xd0\xcf\x11\xe0", "This is an old Excel or Office file; save the sheet as CSV and open that"),
        (b"RDX", "This is an R data file; write the table with write.csv and open that"),
        (b"PAR", "This file begins like Parquet and is damaged; copy it again"),
        (b"\x7fELF", "This is a program, not a prediction log"),
        (b"MZ\x90", "This is a program, not a prediction log"),
        (b"FEA1", "This is a Feather file of version 1; write it again as Parquet and open that"),
        (b"\x93NUMPY", "This is a NumPy array without column names; write a table with column names and open that"),
        (b"{\\rtf", "This is a text document, not a prediction log"),
        (
            b"version https://git-lfs",
            "This is a Git LFS pointer, not the file itself; run `git lfs pull` and open it again",
        ),
    ];
    // A record may begin like the shorter marks; a text file goes on as text.
    let head = &bytes[..bytes.len().min(4096)];
    let is_text = !head.contains(&0) && std::str::from_utf8(&head[..head.len().saturating_sub(4)]).is_ok();
    if let Some((mark, why)) = MARKS.iter().find(|(mark, _)| head.starts_with(mark))
        && (!is_text || mark.len() > 4 || *mark == b"%PDF" && head[4..].starts_with(b"-"))
    {
        return Some((*why).to_owned());
    }
    if head.starts_with(b"PK\x03\x04") {
        let holds = |part: &[u8]| memchr::memmem::find(head, part).is_some();
        return Some(if holds(b"xl/") || holds(b"[Content_Types].xml") {
            "This is an Excel workbook; save the sheet as CSV and open that".to_owned()
        } else {
            "This is a zip archive inside another file; unpack it and open what it holds".to_owned()
        });
    }
    if head.get(257..262).is_some_and(|mark| mark == b"ustar") {
        return Some("This is a tar archive; unpack it with `tar -xf` and open the folder".to_owned());
    }
    if head.first() == Some(&0x80) && head.get(1).is_some_and(|version| (2..=5).contains(version)) {
        return Some("This is a Python pickle; write the table as Parquet or CSV and open that".to_owned());
    }
    if is_tfrecord(head) {
        return Some("This is a TFRecord file; decode its prediction logs to JSON lines and open those".to_owned());
    }
    markup(bytes)
}

/// Why decoded text is no log.
pub fn refuse_text(text: &[u8]) -> Option<String> {
    if text.trim_ascii().is_empty() {
        return Some("The file is empty".to_owned());
    }
    if let Some(why) = refuse(text) {
        return Some(why);
    }
    let head = &text[..text.len().min(1 << 16)];
    let control =
        head.iter().filter(|&&byte| byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c | 0x1b)).count();
    (control * 20 > head.len())
        .then(|| "This is a binary file of a kind that is not known; open a CSV, JSON lines or Parquet log".to_owned())
}

/// TFRecord: length (8 bytes, little endian), checksum (4), data, checksum (4).
fn is_tfrecord(head: &[u8]) -> bool {
    head.first_chunk::<8>().is_some_and(|length| {
        let length = u64::from_le_bytes(*length);
        (1..1 << 24).contains(&length) && head.len() > 16 && head[..12].contains(&0) && head[12] == 0x0a
    })
}

fn markup(bytes: &[u8]) -> Option<String> {
    let head = bytes[..bytes.len().min(4096)].trim_ascii_start();
    let lower = head.to_ascii_lowercase();
    let begins = |mark: &str| lower.starts_with(mark.as_bytes());
    if begins("<!doctype html") || begins("<html") || begins("<head") || begins("<body") {
        let title = between(head, &lower, b"<title>", b"</title>");
        let about = title.map(|title| format!(" (“{title}”)")).unwrap_or_default();
        return Some(format!(
            "This is an HTML page{about}, not a log: the download was answered by a web page. Download the file again"
        ));
    }
    if begins("<?xml") || begins("<error>") {
        let code = between(head, &lower, b"<code>", b"</code>");
        let about = code.map(|code| format!(" with the error “{code}”")).unwrap_or_default();
        return Some(format!(
            "This is an XML document{about}, not a log. If a storage service answered with it, check the address and the access rights and download the file again"
        ));
    }
    None
}

fn between(head: &[u8], lower: &[u8], open: &[u8], close: &[u8]) -> Option<String> {
    let start = memchr::memmem::find(lower, open)? + open.len();
    let end = start + memchr::memmem::find(&lower[start..], close)?;
    Some(super::typing::shown(head[start..end].trim_ascii())).filter(|title| !title.is_empty())
}

/// Grammar of decoded, non-empty text.
pub fn grammar(text: &[u8]) -> Grammar {
    let start = text.trim_ascii_start();
    match start.first() {
        // `[1,2]` may be a CSV cell; an array of objects is not.
        Some(b'[') if matches!(start[1..].trim_ascii_start().first(), Some(b'{' | b']')) => Grammar::JsonStream,
        Some(b'{') => json_grammar(text),
        // A garbage line may stand in front of JSON lines.
        _ => {
            let (objects, lines) = object_lines(text);
            if objects * 2 > lines { Grammar::JsonLines } else { Grammar::Delimited }
        }
    }
}

fn json_grammar(text: &[u8]) -> Grammar {
    let (objects, lines) = object_lines(text);
    if objects * 2 >= lines { Grammar::JsonLines } else { Grammar::JsonStream }
}

/// Of the first hundred lines that are not blank, those that are objects from end to end.
fn object_lines(text: &[u8]) -> (usize, usize) {
    let lines = text[..text.len().min(1 << 24)]
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    lines.take(100).fold((0, 0), |(objects, lines), line| {
        let whole =
            line.first() == Some(&b'{') && line.last() == Some(&b'}') && super::formats::json_lines::is_object(line);
        (objects + usize::from(whole), lines + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_log_says_what_to_open_instead() {
        let cases: [(&[u8], &str); 9] = [
            (b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title>", "503 Service Unavailable"),
            (b"\n <HTML>", "HTML page"),
            (b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>", "AccessDenied"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
            (b"%PDF-1.7\n", "PDF"),
            (b"PK\x03\x04\x14\0\x06\0[Content_Types].xml", "Excel"),
            (b"PK\x03\x04\x14\0\x06\0a.csv", "zip"),
            (b"  \r\n\t", "empty"),
            (b"\x00\x01\x02\x03\x04\x05\x06\x07", "binary"),
        ];
        for (bytes, part) in cases {
            let why = refuse_text(bytes).unwrap_or_default();
            assert!(why.contains(part), "{why}");
        }
        for text in [&b"ORC,score\n1,2\n"[..], b"PARent,score\n", b"id;score\n1;0,5\n", b"BZh,a\n1,2\n"] {
            assert_eq!(refuse_text(text), None);
        }
    }

    #[test]
    fn grammars() {
        assert_eq!(grammar(b"{\"a\":1}\n{\"a\":2}\n{\"a\":"), Grammar::JsonLines);
        assert_eq!(grammar(b"{\"a\":1}{\"a\":2}"), Grammar::JsonStream);
        assert_eq!(grammar(b"[{\"a\":1},\n{\"a\":2}]"), Grammar::JsonStream);
        assert_eq!(grammar(b"{\n \"a\": 1\n}\n"), Grammar::JsonStream);
        assert_eq!(grammar(b"starting\n{\"a\":1}\n{\"a\":2}\n"), Grammar::JsonLines);
        assert_eq!(grammar(b"a,b\n1,2\n"), Grammar::Delimited);
    }
}
