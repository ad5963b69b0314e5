//! The layer rule of `src/lib.rs`, read off the paths in the source.
//!
//! `use crate::…`, `crate::…` and `super::…` paths name the layer a file reaches into; what stands in strings,
//! comments and `#[cfg(test)]` modules does not count.

use std::fs;
use std::path::{Path, PathBuf};

/// Layers from left to right; each may use what stands to its left. `ingest` uses `log` and `job` alone.
const ALLOWED: [(&str, &[&str]); 13] = [
    ("job", &[]),
    ("log", &["job"]),
    ("ingest", &["job", "log"]),
    ("metrics", &["job", "log"]),
    ("stats", &["job", "log"]),
    ("compare", &["job", "log", "metrics", "stats"]),
    // A record keeps the mapping and the issues it was read with.
    ("decision", &["job", "log", "ingest", "metrics", "stats", "compare"]),
    ("present", &["job", "log", "ingest", "metrics", "stats", "compare", "decision"]),
    ("report", &["job", "log", "ingest", "metrics", "stats", "compare", "decision", "present"]),
    ("session", &["job", "log", "ingest", "metrics", "stats", "compare", "decision", "present", "report"]),
    ("cli", &["job", "log", "ingest", "metrics", "stats", "compare", "decision", "present", "report", "session"]),
    ("ui", &["job", "log", "ingest", "metrics", "stats", "compare", "decision", "present", "report", "session"]),
    (
        "app",
        &[
            "job", "log", "ingest", "metrics", "stats", "compare", "decision", "present", "report", "session", "cli",
            "ui",
        ],
    ),
];

/// A crate and the layers that may name it. `main` stands for `src/main.rs`.
const FENCED: [(&str, &[&str]); 8] = [
    ("egui", &["ui", "app"]),
    ("egui_plot", &["ui", "app"]),
    ("egui_extras", &["ui", "app"]),
    ("egui_table", &["ui", "app"]),
    ("egui_tiles", &["ui", "app"]),
    ("eframe", &["ui", "app", "main"]),
    ("polars", &["ingest", "log"]),
    ("rfd", &["app"]),
];

/// Layers that know neither files nor clock nor environment.
const PURE: [&str; 6] = ["metrics", "stats", "compare", "decision", "present", "report"];
const IMPURE: [&str; 4] = ["std::fs", "std::env", "SystemTime::now", "Instant::now"];
const MOST_LINES: usize = 500;

/// One breach of a rule.
fn breaches(layer: &str, module: &[String], text: &str) -> Vec<String> {
    let code = code_of(text);
    let paths = paths(&code, module);
    let mut found = Vec::new();
    if let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == layer) {
        for path in &paths {
            if let [root, target, ..] = path.as_slice()
                && root == "crate"
                && target != layer
                && ALLOWED.iter().any(|(name, _)| name == target)
                && !allowed.contains(&target.as_str())
            {
                found.push(format!("{layer} uses {target}: {}", path.join("::")));
            }
        }
    }
    for (name, layers) in FENCED {
        let named = paths.iter().any(|path| path.iter().any(|part| part == name));
        if named && !layers.contains(&layer) {
            found.push(format!("{layer} names {name}"));
        }
    }
    if PURE.contains(&layer) {
        for path in &paths {
            let path = path.join("::");
            found.extend(IMPURE.iter().filter(|impure| path.contains(*impure)).map(|_| format!("{layer}: {path}")));
        }
    }
    found
}

/// Source without comments, texts and `#[cfg(test)]` items.
fn code_of(text: &str) -> String {
    without_tests(&without_texts(text))
}

fn without_texts(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    let starts = |at: usize, what: &str| bytes[at..].starts_with(what.as_bytes());
    while at < bytes.len() {
        let rest = &bytes[at..];
        if starts(at, "//") {
            at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        } else if starts(at, "/*") {
            at += text.get(at..).and_then(|rest| rest.find("*/")).map_or(rest.len(), |end| end + 2);
        } else if let Some(hashes) = raw_text(rest, at.checked_sub(1).map(|before| bytes[before])) {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            let end = rest[open..].windows(close.len()).position(|window| window == close.as_bytes());
            at += end.map_or(rest.len(), |end| open + end + close.len());
        } else if rest[0] == b'"' {
            at += 1;
            while at < bytes.len() && bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at += 1;
        } else if let Some(length) = character(rest) {
            at += length;
        } else {
            // Only names and signs matter; other scripts stand in texts alone.
            code.push(if rest[0].is_ascii() { char::from(rest[0]) } else { ' ' });
            at += 1;
        }
    }
    code
}

/// Number of `#` where a raw text begins.
fn raw_text(rest: &[u8], before: Option<u8>) -> Option<usize> {
    let word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() && byte != b'b' || byte == b'_');
    if rest[0] != b'r' || word {
        return None;
    }
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    (rest.get(1 + hashes) == Some(&b'"')).then_some(hashes)
}

/// Length of a character literal such as `'"'`; lifetimes are none.
fn character(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'\'', b'\\', ..] => Some(3 + rest[3..].iter().position(|&byte| byte == b'\'')?),
        [b'\'', _, b'\'', ..] => Some(3),
        _ => None,
    }
}

fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..start]);
        rest = &rest[start..];
        // The item ends with its block, or at the semicolon where it has none.
        let end = match (rest.find('{'), rest.find(';')) {
            (Some(open), semicolon) if semicolon.is_none_or(|semicolon| open < semicolon) => block_end(rest, open),
            (_, Some(semicolon)) => semicolon + 1,
            _ => rest.len(),
        };
        rest = &rest[end..];
    }
    kept + rest
}

fn block_end(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (index, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// Every path of the code with its braces opened and `super` and `self` resolved: `[crate, log, ArmRole]`.
fn paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_name(&tokens[at]) && (tokens.get(at + 1).is_some_and(|next| next == "::") || preceded_by_use(&tokens, at))
        {
            at = path_at(&tokens, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found.into_iter().map(|path| resolved(path, module)).collect()
}

fn preceded_by_use(tokens: &[String], at: usize) -> bool {
    at > 0 && tokens[at - 1] == "use"
}

/// Read one path that continues `prefix`; returns the place after it.
fn path_at(tokens: &[String], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while at < tokens.len() && tokens[at] != "}" {
                    if is_name(&tokens[at]) || tokens[at] == "*" {
                        at = path_at(tokens, at, &path, found);
                    } else {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some(name) if is_name(name) || name == "*" => {
                path.push(name.to_owned());
                at += 1;
            }
            _ => {
                found.push(path);
                return at;
            }
        }
        // After `::` a name or a group continues the path; `::<` is no part of it.
        let goes_on = tokens.get(at).is_some_and(|token| token == "::")
            && tokens.get(at + 1).is_some_and(|next| is_name(next) || next == "{" || next == "*");
        if goes_on {
            at += 1;
        } else {
            found.push(path);
            return at;
        }
    }
}

fn resolved(path: Vec<String>, module: &[String]) -> Vec<String> {
    let supers = path.iter().take_while(|part| *part == "super" || *part == "self").filter(|part| *part == "super");
    let supers = supers.count();
    let skip = path.iter().take_while(|part| *part == "super" || *part == "self").count();
    if skip == 0 {
        return path;
    }
    let base = &module[..module.len().saturating_sub(supers)];
    std::iter::once("crate".to_owned()).chain(base.iter().cloned()).chain(path.into_iter().skip(skip)).collect()
}

fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
}

fn tokens(code: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut letters = code.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            let mut word = String::from(letter);
            while let Some(more) = letters.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                word.push(more);
            }
            tokens.push(word);
        } else if letter == ':' && letters.next_if_eq(&':').is_some() {
            tokens.push("::".to_owned());
        } else if !letter.is_whitespace() {
            tokens.push(letter.to_string());
        }
    }
    tokens
}

/// Every source file with its layer and its module path.
fn sources() -> Vec<(PathBuf, String, Vec<String>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src can be read") {
            let path = entry.expect("src can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("source is UTF-8");
                let relative = path.strip_prefix(&root).expect("below src").with_extension("");
                let mut module: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                if module.last().is_some_and(|last| last == "mod") {
                    module.pop();
                }
                let layer = module.first().cloned().unwrap_or_default();
                sources.push((path, layer, module, text));
            }
        }
    }
    sources.sort();
    sources
}

/// Modules that a file declares as `#[cfg(test)] mod name;`.
fn test_modules(module: &[String], text: &str) -> Vec<Vec<String>> {
    let code = without_texts(text);
    let declared = code.split("#[cfg(test)]").skip(1).filter_map(|item| {
        let declaration = item.split_once(';')?.0;
        let name = declaration.split_whitespace().skip_while(|word| *word != "mod").nth(1)?;
        (!declaration.contains('{')).then(|| [module, &[name.to_owned()]].concat())
    });
    declared.collect()
}

#[test]
fn layers_use_only_what_stands_to_their_left() {
    let sources = sources();
    assert!(sources.len() > 100, "only {} files were found", sources.len());
    let tests: Vec<Vec<String>> = sources.iter().flat_map(|(_, _, module, text)| test_modules(module, text)).collect();
    let found: Vec<String> = sources
        .iter()
        .filter(|(_, _, module, _)| !tests.iter().any(|test| module.starts_with(test)))
        .flat_map(|(path, layer, module, text)| {
            breaches(layer, module, text).into_iter().map(move |breach| format!("{}: {breach}", path.display()))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_source_file_is_long() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(path, _, _, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn breaches_are_seen() {
    let module = |path: &str| path.split("::").map(str::to_owned).collect::<Vec<_>>();
    let of = |path: &str, text: &str| breaches(path.split("::").next().unwrap_or_default(), &module(path), text);
    assert_eq!(of("metrics::order", "use crate::compare::Plan;").len(), 1);
    assert_eq!(of("metrics::order", "use crate::{log::Log, present::{self, Sign}};").len(), 2);
    assert_eq!(of("metrics::order", "fn f() { crate::session::Draft::default(); }").len(), 1);
    assert_eq!(of("stats::delong", "use super::super::decision::Verdict;").len(), 1);
    assert_eq!(of("ingest::open", "use crate::metrics::Order;").len(), 1);
    assert_eq!(of("present::rows", "use crate::report::html;").len(), 1);
    assert_eq!(of("session::draft", "use eframe::egui::Ui;").len(), 2);
    assert_eq!(of("ui::start", "use rfd::FileDialog;").len(), 1);
    assert_eq!(of("compare::engine", "use polars::prelude::*;").len(), 1);
    assert_eq!(of("report::html", "fn f() { let _ = std::fs::read(p); }").len(), 1);
    assert_eq!(of("report::html", "use std::{env, fs};").len(), 2);
    assert_eq!(of("stats::power", "let t = std::time::Instant::now();").len(), 1);
}

#[test]
fn what_is_allowed_is_not_seen() {
    let of = |layer: &str, text: &str| breaches(layer, &[layer.to_owned(), "file".to_owned()], text);
    for (layer, text) in [
        ("metrics", "use crate::log::RowMask; use super::Undefined; use std::time::Duration;"),
        ("metrics", "// use crate::app::Desk;\n/* crate::ui::x */ const T: &str = \"crate::ui::x std::fs::read\";"),
        ("metrics", "const T: &str = r#\"crate::ui::\"x\"\"#; const C: char = '\"'; use crate::log::Log;"),
        ("decision", "#[cfg(test)]\nmod tests { use crate::app::Desk; fn f() { std::fs::read(p); } }\nfn g() {}"),
        ("decision", "use crate::ingest::Issue;"),
        ("ui", "use eframe::egui::{Ui, vec2};"),
        ("ingest", "use polars::prelude::*; fn f() { std::fs::read(p); }"),
    ] {
        assert_eq!(of(layer, text), Vec::<String>::new(), "{text}");
    }
    let text = "#[cfg(test)]\npub(crate) mod published;\nmod kept;\n#[cfg(test)]\nmod tests { fn f() {} }";
    assert_eq!(test_modules(&["stats".to_owned()], text), [["stats", "published"]]);
    let tests_end = of("decision", "#[cfg(test)]\nmod tests;\nuse crate::app::Desk;");
    assert_eq!(tests_end.len(), 1, "what follows a test module counts");
}
