//! What is told of texts beside the answers: the likelihood that a model gave its tokens, and what a judge prefers.

use serde_json::Value;

use super::Typing;
use crate::ingest::guess::names::side_of;
use crate::ingest::issue::{Issue, Severity};
use crate::ingest::mapping::{Role, Side};
use crate::ingest::table::ColumnData;
use crate::ingest::typing::{self, Typed, is_null_token};
use crate::log::NOT_LOGGED;

const NONE: [f64; 2] = [f64::NAN; 2];
/// Failed cells kept as examples.
const EXAMPLES: usize = 5;

impl Typing<'_> {
    /// Log-probabilities of the tokens of each answer: their sum and number.
    pub(super) fn likelihoods(&mut self, side: Side) -> Option<Vec<[f64; 2]>> {
        let names = self.names(Role::Logprobs, side);
        if names.is_empty() {
            return None;
        }
        let counts = self.numbers(Role::Tokens, side);
        let (values, typed) = match &counts {
            Some(_) => self.each(&names, NONE, |data| cells(&data, sum)),
            None => self.each(&names, NONE, |data| cells(&data, tokens)),
        };
        if let Some((_, raw)) = typed.failures.first() {
            let what = if counts.is_some() { "sum" } else { "list" };
            self.lines.unusable = Some(format!(
                "No value of {} is a {what} of logarithms of probabilities (the first is `{}`). A list per answer is \
                 read as `[-0.1, -2.3]` or as an OpenAI `logprobs` object; a sum needs the number of tokens beside it: \
                 --map logprobs=COLUMN --map tokens=COLUMN.",
                names.join(", "),
                typing::brief(raw)
            ));
        }
        let mut values = values?;
        for (value, &count) in values.iter_mut().zip(counts.iter().flatten()) {
            *value = if count.is_finite() && count > 0.0 { [value[0], count] } else { NONE };
        }
        Some(values)
    }

    /// What a judge prefers, line by line.
    pub(super) fn preferences(&mut self) -> Option<Vec<f64>> {
        let names = self.names(Role::Preference, Side::Both);
        let arms = [Some(self.mapping.champion.clone()), self.mapping.challenger.clone()];
        let mut lettered = false;
        let (values, typed) = self.each(&names, NOT_LOGGED, |data| {
            let codes = typing::codes(&data);
            let words: Vec<String> = codes.names.iter().map(|name| plain(name)).collect();
            let has = |word: &str| words.iter().any(|known| known == word);
            let numbered = [has("-1"), has("2")];
            let verdicts: Vec<Option<f64>> = words.iter().map(|word| verdict(word, &arms, numbered)).collect();
            lettered |= words.iter().any(|word| LETTERS.iter().any(|[a, b]| word == a || word == b));
            let mut out = Typed { values: Vec::with_capacity(codes.len()), ..Typed::default() };
            for row in 0..codes.len() {
                let code =
                    codes.code(row).map(|code| code as usize).filter(|&code| !is_null_token(words[code].as_bytes()));
                match code.map(|code| (code, verdicts[code])) {
                    Some((_, Some(value))) => out.values.push(value),
                    Some((code, None)) => {
                        out.failed += 1;
                        if out.failures.len() < EXAMPLES {
                            out.failures.push((row as u64, codes.names[code].clone()));
                        }
                        out.values.push(NOT_LOGGED);
                    }
                    None => {
                        out.empty += 1;
                        out.values.push(NOT_LOGGED);
                    }
                }
            }
            out
        });
        if let Some((_, raw)) = typed.failures.first() {
            self.lines.unusable = Some(format!(
                "No value of {} says which model a judge prefers (the first is `{}`). Write the model's name, champion \
                 or challenger, A or B, tie, or 1, 0 and 0.5 for the challenger.",
                names.join(", "),
                typing::brief(raw)
            ));
        }
        if lettered && let (Some(champion), Some(challenger)) = (&arms[0], &arms[1]) {
            self.lines.issues.push(Issue {
                code: "preference_sides".to_owned(),
                severity: Severity::Note,
                message: format!(
                    "{} names the answers A and B: A is taken for {champion}, the champion, and B for {challenger}.",
                    names.join(", ")
                ),
                consequence: "The win rate is that of B.".to_owned(),
                mend: "Where A is the challenger, or the places were drawn per row, write the models' names instead."
                    .to_owned(),
                count: 1,
                share: 1.0,
                examples: Vec::new(),
            });
        }
        values
    }
}

fn cells(data: &ColumnData, of: fn(&[u8]) -> Option<[f64; 2]>) -> Typed<Vec<[f64; 2]>> {
    let text = data.to_text();
    let mut out = Typed { values: Vec::with_capacity(text.len()), ..Typed::default() };
    for row in 0..text.len() {
        let Some(raw) = text.get(row).map(<[u8]>::trim_ascii).filter(|raw| !is_null_token(raw) && *raw != b"[]") else {
            out.empty += 1;
            out.values.push(NONE);
            continue;
        };
        let found = of(raw);
        if found.is_none() {
            out.failed += 1;
            if out.failures.len() < EXAMPLES {
                out.failures.push((row as u64, String::from_utf8_lossy(raw).into_owned()));
            }
        }
        out.values.push(found.unwrap_or(NONE));
    }
    out
}

/// A sum that the number of tokens stands beside.
fn sum(raw: &[u8]) -> Option<[f64; 2]> {
    let value: f64 = std::str::from_utf8(raw).ok()?.parse().ok()?;
    (value <= 0.0).then_some([value, f64::NAN])
}

/// Sum and number of a list of logarithms: of numbers, of objects with a `logprob`, or an object of OpenAI that holds
/// either. The first token of a prompt has none, written null.
fn tokens(raw: &[u8]) -> Option<[f64; 2]> {
    let list = match serde_json::from_slice::<Value>(raw).ok()? {
        Value::Array(list) => list,
        Value::Object(mut object) => match ["content", "token_logprobs"].iter().find_map(|key| object.remove(*key))? {
            Value::Array(list) => list,
            _ => return None,
        },
        _ => return None,
    };
    let mut found = [0.0, 0.0];
    for token in &list {
        let value = match token {
            Value::Null => continue,
            Value::Object(token) => token.get("logprob")?.as_f64()?,
            other => other.as_f64()?,
        };
        if value > 0.0 {
            return None;
        }
        found = [found[0] + value, found[1] + 1.0];
    }
    (found[1] > 0.0).then_some(found)
}

/// In lower case, without the brackets that judges write about a verdict.
fn plain(word: &str) -> String {
    word.trim().trim_matches(['[', ']', '"', '\'']).trim().to_lowercase()
}

/// Names of the first and of the second answer.
const LETTERS: [[&str; 2]; 5] = [
    ["a", "b"],
    ["model_a", "model_b"],
    ["model a", "model b"],
    ["assistant a", "assistant b"],
    ["response a", "response b"],
];
const TIES: [&str; 9] =
    ["tie", "draw", "equal", "both", "neither", "same", "tie (bothbad)", "tie (both bad)", "bothbad"];

/// 1 for the challenger, 0 for the champion; `numbered`: whether -1 or 2 are among the values, so that 0 is a tie, or
/// the models are 1 and 2.
fn verdict(word: &str, arms: &[Option<String>; 2], [signed, numbered]: [bool; 2]) -> Option<f64> {
    let is = |arm: usize| arms[arm].as_ref().is_some_and(|name| plain(name) == word);
    if is(0) || is(1) {
        return Some(if is(1) { 1.0 } else { 0.0 });
    }
    if TIES.contains(&word) {
        return Some(0.5);
    }
    if let Some(of) = LETTERS.iter().find(|of| of.contains(&word)) {
        return Some(if of[1] == word { 1.0 } else { 0.0 });
    }
    match word {
        "win" | "won" => return Some(1.0),
        "loss" | "lose" | "lost" => return Some(0.0),
        _ => {}
    }
    if let Ok(number) = word.parse::<f64>() {
        let value = match (signed, numbered) {
            (true, _) => (number + 1.0) / 2.0,
            (_, true) if number != 0.0 => number - 1.0,
            (_, true) => 0.5,
            _ => number,
        };
        return (0.0..=1.0).contains(&value).then_some(value);
    }
    side_of(word).map(|side| if side == Side::Challenger { 1.0 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_log_probabilities() {
        assert_eq!(tokens(b"[-0.5, -1.5, 0]"), Some([-2.0, 3.0]));
        let openai = br#"{"content": [{"token": "Hi", "logprob": -0.25, "top_logprobs": []}], "refusal": null}"#;
        assert_eq!(tokens(openai), Some([-0.25, 1.0]));
        assert_eq!(tokens(br#"{"tokens": ["a", "b"], "token_logprobs": [null, -1.25]}"#), Some([-1.25, 1.0]));
        for bad in [&b"[0.5]"[..], b"[\"a\"]", b"-3.5", b"{}", b"[null]"] {
            assert_eq!(tokens(bad), None);
        }
        assert_eq!(sum(b"-3.5").map(|found| found[0]), Some(-3.5));
        assert_eq!(sum(b"3.5"), None);
    }

    #[test]
    fn verdicts_of_a_judge() {
        let arms = [Some("gpt-A".to_owned()), Some("llama".to_owned())];
        let of = |word: &str| verdict(&plain(word), &arms, [false, false]);
        for (word, value) in [
            ("[[B]]", 1.0),
            ("a", 0.0),
            ("Tie", 0.5),
            ("LLAMA", 1.0),
            ("gpt-A", 0.0),
            ("0.5", 0.5),
            ("1", 1.0),
            ("model_a", 0.0),
            ("challenger", 1.0),
            ("baseline", 0.0),
            ("tie (bothbad)", 0.5),
            ("0.75", 0.75),
        ] {
            assert_eq!(of(word), Some(value), "{word}");
        }
        assert_eq!((of("3"), of("who knows")), (None, None));
        let signed = |word: &str| verdict(word, &arms, [true, false]);
        assert_eq!([signed("-1"), signed("0"), signed("1")], [Some(0.0), Some(0.5), Some(1.0)]);
        let numbered = |word: &str| verdict(word, &arms, [false, true]);
        assert_eq!([numbered("1"), numbered("2"), numbered("0")], [Some(0.0), Some(1.0), Some(0.5)]);
    }
}
