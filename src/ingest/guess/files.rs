//! What paths tell: the model of a file, its time, and which files belong together.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{role_of, side_of, words};
use crate::ingest::mapping::Role;

/// A stretch of a name that is a date, perhaps with a time of day; seconds since the epoch.
fn stamp(name: &str) -> Option<(std::ops::Range<usize>, i64)> {
    let bytes = name.as_bytes();
    let number = |at: usize, width: usize| -> Option<i64> {
        let part = bytes.get(at..at + width)?;
        part.iter().all(u8::is_ascii_digit).then(|| part.iter().fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0')))
    };
    let sign = |at: usize, signs: &[u8]| usize::from(bytes.get(at).is_some_and(|byte| signs.contains(byte)));
    (0..bytes.len()).filter(|&start| start == 0 || !bytes[start - 1].is_ascii_digit()).find_map(|start| {
        let year = number(start, 4).filter(|year| (1990..2200).contains(year))?;
        let mut at = start + 4 + sign(start + 4, b"-_.");
        let month = number(at, 2)?;
        at += 2;
        at += sign(at, b"-_.");
        let day = number(at, 2)?;
        at += 2;
        let date = format!("{year:04}-{month:02}-{day:02}");
        let clock = || {
            let mut at = at + sign(at, b" T_-.");
            let hour = number(at, 2)?;
            at += 2;
            at += sign(at, b":-_.h");
            let minute = number(at, 2)?;
            at += 2;
            let next = at + sign(at, b":-_.m");
            let second = number(next, 2);
            let end = second.map_or(at, |_| next + 2);
            (!bytes.get(end).is_some_and(u8::is_ascii_digit))
                .then_some((end, format!("{hour:02}:{minute:02}:{:02}", second.unwrap_or(0))))
        };
        let (end, text) = match clock() {
            Some((end, clock)) => (end, format!("{date} {clock}")),
            None if bytes.get(at).is_some_and(u8::is_ascii_digit) => return None,
            None => (at, date),
        };
        match crate::ingest::typing::parse_time(text.as_bytes()) {
            crate::ingest::typing::Parsed::Naive(micros) => Some((start..end, micros / 1_000_000)),
            _ => None,
        }
    })
}

fn file_name(display: &str) -> &str {
    display.rsplit('/').next().unwrap_or(display)
}

/// Words of a file name without its endings and its time.
fn stem_words(display: &str) -> Vec<String> {
    let name = file_name(display);
    let stem = match stamp(name) {
        Some((range, _)) => format!("{} {}", &name[..range.start], name[range.end..].trim_start_matches('Z')),
        None => name.to_owned(),
    };
    let mut stem = stem.as_str();
    // `.jsonl.gz`, `.c000.snappy.parquet`; a version such as `5.0` stays.
    while let Some((head, ending)) = stem.rsplit_once('.') {
        let known = matches!(
            ending.to_ascii_lowercase().as_str(),
            "csv"
                | "tsv"
                | "txt"
                | "json"
                | "jsonl"
                | "ndjson"
                | "log"
                | "out"
                | "gz"
                | "gzip"
                | "zst"
                | "zstd"
                | "parquet"
                | "pq"
                | "arrow"
                | "snappy"
                | "c000"
                | "data"
        );
        if !known {
            break;
        }
        stem = head;
    }
    stem.split(|letter: char| letter.is_whitespace() || matches!(letter, '_' | '-' | '/'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Model of each file, when paths tell models apart; with the evidence.
pub(super) fn models(displays: &[&str], wanted: &[&str]) -> Option<(Vec<String>, String)> {
    if displays.len() < 2 {
        return None;
    }
    let mut ways: Vec<(Vec<String>, String)> = Vec::new();
    let folders: Vec<Vec<&str>> = displays
        .iter()
        .map(|display| display.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect())
        .collect();
    let depth = folders.iter().map(Vec::len).min().unwrap_or(0);
    for place in 0..depth {
        let values: Vec<String> =
            folders.iter().map(|parts| hive(parts[place]).unwrap_or(parts[place]).to_owned()).collect();
        let is_key = folders.iter().all(|parts| hive(parts[place]).is_some());
        let key_is_model = folders.iter().all(|parts| {
            parts[place]
                .split_once('=')
                .is_some_and(|(key, _)| role_of(&words(key)).is_some_and(|role| role.0 == Role::Model))
        });
        // `dt=2026-03-08` and `hour=05` are keys of something else; so are plain dates and numbers.
        let is_other = is_key && !key_is_model
            || values
                .iter()
                .all(|value| value.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '-' | '_' | ':')));
        if !is_other {
            ways.push((values, "the folder".to_owned()));
        }
    }
    let stems: Vec<Vec<String>> = displays.iter().map(|display| stem_words(display)).collect();
    let shared: BTreeSet<&String> = stems
        .first()
        .map(|first| first.iter().filter(|word| stems.iter().all(|stem| stem.contains(word))).collect())
        .unwrap_or_default();
    let rest: Vec<String> = stems
        .iter()
        .map(|stem| stem.iter().filter(|word| !shared.contains(word)).map(String::as_str).collect::<Vec<_>>().join("-"))
        .collect();
    if rest.iter().all(|rest| rest.chars().any(char::is_alphabetic)) {
        ways.push((rest, "the file name".to_owned()));
    } else if stems.iter().all(|stem| !stem.is_empty())
        && rest.iter().all(|rest| rest.is_empty() || rest.chars().any(char::is_alphabetic))
    {
        // `net` and `net-v2`: one name is the beginning of the other.
        ways.push((stems.iter().map(|stem| stem.join("-")).collect(), "the file name".to_owned()));
    }
    if !wanted.is_empty() {
        // As the files are called, for whoever names a model so.
        ways.push((stems.iter().map(|stem| stem.join("_")).collect(), "the file name".to_owned()));
        ways.push((stems.iter().map(|stem| stem.join("-")).collect(), "the file name".to_owned()));
    }
    let count = |values: &[String]| values.iter().collect::<BTreeSet<_>>().len();
    let both_sides = |values: &[String]| {
        let sides: BTreeSet<_> = values.iter().filter_map(|value| side_of(value)).collect();
        sides.len() == 2 && values.iter().all(|value| side_of(value).is_some())
    };
    let asked = |values: &[String]| {
        !wanted.is_empty() && wanted.iter().all(|wanted| values.iter().any(|value| value == wanted))
    };
    let way =
        ways.iter().find(|way| asked(&way.0)).or_else(|| ways.iter().find(|way| both_sides(&way.0))).or_else(|| {
            ways.iter()
                .find(|way| count(&way.0) == 2 && way.0.iter().all(|value| value.chars().any(char::is_alphabetic)))
        })?;
    Some(way.clone())
}

fn hive(part: &str) -> Option<&str> {
    part.split_once('=').map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// Files of two models that belong together: by nearest time in the name, each used once; without times
/// by what else the name says, or by order; a single file of each in any case.
pub fn match_files(first: &[&str], second: &[&str]) -> Vec<(usize, usize)> {
    if let ([_], [_]) = (first, second) {
        return vec![(0, 0)];
    }
    let times = |displays: &[&str]| {
        displays.iter().map(|display| stamp(file_name(display)).map(|(_, time)| time)).collect::<Option<Vec<i64>>>()
    };
    if let (Some(a), Some(b)) = (times(first), times(second)) {
        let nearest =
            |time: i64, others: &[i64]| (0..others.len()).min_by_key(|&other| (time.abs_diff(others[other]), other));
        // Each must be the other's nearest, so that a lost file does not shift the rest.
        return (0..a.len())
            .filter_map(|one| {
                let other = nearest(a[one], &b)?;
                (nearest(b[other], &a) == Some(one)).then_some((one, other))
            })
            .collect();
    }
    let rest =
        |display: &str| stem_words(display).into_iter().filter(|word| side_of(word).is_none()).collect::<Vec<_>>();
    let by_name: BTreeMap<Vec<String>, usize> =
        second.iter().enumerate().map(|(place, display)| (rest(display), place)).collect();
    let pairs: Vec<_> =
        (0..first.len()).filter_map(|one| by_name.get(&rest(first[one])).map(|&other| (one, other))).collect();
    if pairs.is_empty() && first.len() == second.len() {
        // Nothing in the names: only their order is left, which the labels must then bear out.
        return (0..first.len()).map(|place| (place, place)).collect();
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_from_folders_and_file_names() {
        let article = [
            "x/live/live_pred_2026-03-08 104512.csv",
            "x/shadow/shadow_pred_2026-03-08 104519.csv",
            "x/live/live_pred_2026-03-09 104523.csv",
        ];
        assert_eq!(models(&article, &[]).unwrap().0, ["live", "shadow", "live"]);
        assert_eq!(
            models(&["live_pred_2022-08-16 21:45:59.csv", "shadow_pred_2022-08-16 21:46:10.csv"], &[]).unwrap().0,
            ["live", "shadow"]
        );
        assert_eq!(
            models(&["predictions-champion.jsonl.gz", "predictions-challenger.jsonl.gz"], &[]).unwrap().0,
            ["champion", "challenger"]
        );
        assert_eq!(models(&["fraud-net-5.csv", "fraud-tree-1.csv"], &[]).unwrap().0, ["net-5", "tree-1"]);
        assert_eq!(
            models(&["dt=2026-03-08/model=a/part-0.csv", "dt=2026-03-09/model=b/part-0.csv"], &[]).unwrap().0,
            ["a", "b"]
        );
        let three = ["x/a_70b.json", "x/b_70b.json", "x/c_70b.json"];
        assert_eq!(models(&three, &["a_70b", "c_70b"]).unwrap().0, ["a_70b", "b_70b", "c_70b"]);
        assert!(models(&["2026-03-08.csv", "2026-03-09.csv"], &[]).is_none());
        assert!(models(&["part-0001.csv", "part-0002.csv"], &[]).is_none());
    }

    #[test]
    fn files_belong_together_by_nearest_time() {
        let live =
            ["live_pred_2026-03-08 104512.csv", "live_pred_2026-03-09 104523.csv", "live_pred_2026-03-10 104534.csv"];
        let shadow = ["shadow_pred_2026-03-08 104519.csv", "shadow_pred_2026-03-10 104543.csv"];
        assert_eq!(match_files(&live, &shadow), [(0, 0), (2, 1)]);
        assert_eq!(match_files(&["a-live.csv", "b-live.csv"], &["b-shadow.csv", "a-shadow.csv"]), [(0, 1), (1, 0)]);
        assert_eq!(
            stamp("x20260308T104512Z.csv").map(|stamp| stamp.1),
            stamp("2026-03-08_10-45-12").map(|stamp| stamp.1)
        );
    }
}
