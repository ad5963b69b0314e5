//! The record inside the page: its canonical JSON, with `<` escaped so that nothing in it can end the element.

const OPEN: &str = "<script type=\"application/json\" id=\"record\">";
const CLOSE: &str = "</script>";
const LESS_THAN: &str = "\\u003c";

/// The element that holds `canonical`, the bytes of [`DecisionRecord::to_bytes`](crate::decision::DecisionRecord).
/// `None` where they are not text.
pub(super) fn element(canonical: &[u8]) -> Option<String> {
    // JSON has `<` within strings only, where the escape means the same.
    let text = std::str::from_utf8(canonical).ok()?.replace('<', LESS_THAN);
    Some(format!("{OPEN}{text}{CLOSE}"))
}

/// The bytes [`element`] was given.
pub(super) fn read(page: &str) -> Option<Vec<u8>> {
    let (_, rest) = page.split_once(OPEN)?;
    let (mut rest, _) = rest.split_once(CLOSE)?;
    let mut text = String::with_capacity(rest.len());
    // Escape by escape: a backslash that is itself escaped begins none, so `\\u003c` stays as it is.
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix(LESS_THAN) {
            text.push('<');
            rest = after;
        } else {
            let end = rest.char_indices().nth(2).map_or(rest.len(), |(index, _)| index);
            text.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    text.push_str(rest);
    Some(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back_as_it_was() {
        for text in
            [r#"{"a":"</script><script>","b":"\\u003c < \\< \" \\\\","c":"é\u0001"}"#, r#"{"a":"<!-- \\"}"#, "{}"]
        {
            let page = format!("<html>{}</html>", element(text.as_bytes()).unwrap());
            assert_eq!(page.matches("</script").count(), 1);
            assert_eq!(read(&page).unwrap(), text.as_bytes());
        }
        assert_eq!(read("<html></html>"), None);
    }
}
