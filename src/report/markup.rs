//! Text as HTML, XML and Markdown.

/// Characters no document may hold, or that make text read otherwise than it is stored (direction overrides).
fn unsafe_char(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// Text for elements and quoted attributes of HTML and XML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if unsafe_char(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Text with intervals that do not break across lines: `[+0.037, +0.046]` keeps its space, unbreakable.
pub(super) fn unbroken(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    let mut within = false;
    while let Some(c) = chars.next() {
        match c {
            '[' => within = chars.peek().is_some_and(|next| next.is_ascii_digit() || matches!(next, '+' | '\u{2212}')),
            ']' => within = false,
            _ => {}
        }
        out.push(if within && c == ' ' { '\u{a0}' } else { c });
    }
    out
}

/// Text within one line or table cell of Markdown.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // A bracket makes a link only where one of these follows; intervals stay readable.
            ']' if matches!(chars.peek(), Some('(' | '[' | ':')) => out.push_str("\\]"),
            '\n' | '\r' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '|' | '*' | '_' | '`' | '#' | '~' | '@' => {
                out.push('\\');
                out.push(c);
            }
            c if unsafe_char(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A table cell: what stands in it and how it is set.
pub(super) enum Cell {
    Text(String),
    /// Right-aligned, one line.
    Number(String),
    StrongNumber(String),
    /// Markup made by this module's callers, escaped already.
    Html(String),
}

/// A table with a header row. `headers`: title and whether the column holds numbers.
pub(super) fn table(class: &str, headers: &[(&str, bool)], rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
    let mut out = format!("<table class=\"{class}\">");
    // A table of names and texts has no header.
    let headed = headers.iter().any(|(title, _)| !title.is_empty());
    out.push_str(if headed { "<thead><tr>" } else { "<tbody>" });
    for (title, number) in headers.iter().filter(|_| headed) {
        let class = if *number { " class=\"n\"" } else { "" };
        out.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escape(title)));
    }
    if headed {
        out.push_str("</tr></thead><tbody>");
    }
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            match cell {
                Cell::Text(text) => out.push_str(&format!("<td>{}</td>", escape(&text))),
                Cell::Number(text) => out.push_str(&format!("<td class=\"n\">{}</td>", escape(&text))),
                Cell::StrongNumber(text) => {
                    out.push_str(&format!("<td class=\"n\"><strong>{}</strong></td>", escape(&text)));
                }
                Cell::Html(html) => out.push_str(&format!("<td>{html}</td>")),
            }
        }
        out.push_str("</tr>");
    }
    out + "</tbody></table>"
}

/// A list, nothing where it is empty.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    let items: String = items.into_iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
    if items.is_empty() { String::new() } else { format!("<ul>{items}</ul>") }
}

/// A part the reader opens.
pub(super) fn details(summary: &str, html: &str) -> String {
    format!("<details><summary>{}</summary>{html}</details>", escape(summary))
}
