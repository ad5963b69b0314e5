//! Events as the message dumper of Knative prints them: a line `cloudevents.Event`, attributes, then the data.

use super::Records;
use super::rows::{Rows, finish};

const HEAD: &str = "cloudevents.Event";

pub(super) fn is(text: &[u8]) -> bool {
    let head = &text[..text.len().min(4096)];
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.next().is_some_and(is_head) && lines.any(|line| line == "Context Attributes,")
}

/// The line may begin with a picture of a cloud.
fn is_head(line: &str) -> bool {
    line.trim_end().ends_with(HEAD) && line.len() <= HEAD.len() + 16
}

/// One record per event, with its attributes as columns and its body as `data`.
pub(super) fn records(text: &[u8]) -> Records {
    let text = String::from_utf8_lossy(text);
    let mut rows = Rows::new();
    let mut start = None;
    let mut data: Option<String> = None;
    let close = |rows: &mut Rows, start: &mut Option<u64>, data: &mut Option<String>| {
        if let Some(line) = start.take() {
            let body = data.take();
            rows.cell("data", body.as_deref().map(|body| body.trim().as_bytes()));
            rows.close(line);
        }
    };
    for (line, number) in text.lines().zip(1..) {
        if is_head(line) {
            close(&mut rows, &mut start, &mut data);
            start = Some(number);
        } else if let Some(data) = &mut data {
            data.push_str(line);
            data.push('\n');
        } else if line.trim_end() == "Data," {
            data = Some(String::new());
        } else if let (Some(_), Some((name, value))) = (start, line.trim().split_once(':')) {
            rows.cell(name.trim(), Some(value.trim().as_bytes()));
        }
    }
    close(&mut rows, &mut start, &mut data);
    finish(vec![rows], Records { dialect: "text".to_owned(), ..Records::default() }, "dump")
}
