//! Which label values are the two classes, and which of them is the positive one.

use std::collections::BTreeMap;

/// A class with all its spellings in the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Most frequent spelling.
    pub name: String,
    pub spellings: Vec<String>,
    pub count: u64,
    key: String,
}

/// A way to read the values as two classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub positive: String,
    pub negative: String,
    pub map: BTreeMap<String, bool>,
}

/// One key for `1`, `1.0`, `True`-less spellings: case and number format do not make a class.
fn key(raw: &str) -> String {
    let lower = raw.trim().to_lowercase();
    let bare = lower.strip_prefix("label_").unwrap_or(&lower);
    match bare.parse::<f64>() {
        Ok(number) if number.is_finite() => (number + 0.0).to_string(),
        _ => bare.to_owned(),
    }
}

/// Label values (spelling, count) grouped into classes, most frequent first.
pub fn groups(values: &[(String, u64)]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut sorted: Vec<_> = values.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (raw, count) in sorted {
        let key = key(raw);
        match groups.iter_mut().find(|group| group.key == key) {
            Some(group) => {
                group.spellings.push(raw.clone());
                group.count += count;
            }
            None => groups.push(Group { name: raw.clone(), spellings: vec![raw.clone()], count: *count, key }),
        }
    }
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    groups
}

/// Where all labels so far are of one class, and the models gave one other: that is the other class.
pub fn add_answered(groups: &mut Vec<Group>, answers: &[(String, u64)]) {
    let [only] = groups.as_slice() else {
        return;
    };
    let others: Vec<_> = answers.iter().filter(|(raw, _)| key(raw) != only.key).cloned().collect();
    if let [other] = self::groups(&others).as_slice() {
        let same = says(&other.key).is_some() && says(&other.key) == says(&only.key);
        // `1` beside labels that are words may be the code of that word.
        let is_code = matches!(other.key.as_str(), "0" | "1" | "true" | "false") && says(&only.key).is_none();
        if !same && !is_code {
            groups.push(Group { count: 0, ..other.clone() });
        }
    }
}

/// What a word says by itself: `Some(true)` positive, `Some(false)` negative.
fn says(key: &str) -> Option<bool> {
    match key {
        "1" | "true" | "t" | "yes" | "y" | "positive" | "pos" | "spam" | "fraud" | "fraudulent" | "churn"
        | "churned" | "clicked" | "click" | "converted" | "malignant" | "default" | "defaulted" | "toxic"
        | "anomaly" | "attack" | "event" => Some(true),
        "0" | "-1" | "false" | "f" | "no" | "n" | "negative" | "neg" | "ham" | "legit" | "legitimate" | "genuine"
        | "benign" | "normal" | "none" | "retained" | "not clicked" | "nontoxic" => Some(false),
        _ if key.starts_with("not_")
            || key.starts_with("not ")
            || key.starts_with("no_")
            || key.starts_with("non_")
            || key.starts_with("non-") =>
        {
            Some(false)
        }
        _ => None,
    }
}

/// The one pair that the words themselves give, if the values are two classes.
pub fn evident(groups: &[Group]) -> Option<(usize, usize)> {
    match groups {
        [a, b] => match (says(&a.key), says(&b.key)) {
            (Some(true), Some(false) | None) | (None, Some(false)) => Some((0, 1)),
            (Some(false), Some(true) | None) | (None, Some(true)) => Some((1, 0)),
            _ => None,
        },
        // All labels so far are of one class.
        [only] => says(&only.key).map(|positive| if positive { (0, usize::MAX) } else { (usize::MAX, 0) }),
        _ => None,
    }
}

/// Pairs to choose from, the likeliest first: known words, then the rarer class as the positive one.
pub fn candidates(groups: &[Group]) -> Vec<(usize, usize)> {
    let shown = groups.len().min(4);
    let mut pairs: Vec<(usize, usize)> =
        (0..shown).flat_map(|a| (0..shown).filter(move |&b| a != b).map(move |b| (a, b))).collect();
    let rank = |&(positive, negative): &(usize, usize)| {
        let said = i32::from(says(&groups[positive].key) == Some(true))
            + i32::from(says(&groups[negative].key) == Some(false));
        (-said, groups[positive].count > groups[negative].count, positive, negative)
    };
    pairs.sort_by_key(rank);
    pairs
}

/// The group that a person's word names.
pub fn find(groups: &[Group], word: &str) -> Option<usize> {
    groups
        .iter()
        .position(|group| group.spellings.iter().any(|spelling| spelling == word))
        .or_else(|| groups.iter().position(|group| group.key == key(word)))
}

/// Build the map of a pair. `predictions` are values that only the models gave: they join a class by
/// spelling, or by what their word says where the labels do not use such words.
pub fn pair(groups: &[Group], positive: usize, negative: usize, predictions: &[(String, u64)]) -> Pair {
    let name = |place: usize, other: usize, fallback: [&str; 4]| match groups.get(place) {
        Some(group) => group.name.clone(),
        // The one class there is tells how the other is spelled.
        None => match groups.get(other).map(|group| group.key.as_str()) {
            Some("true" | "false") => fallback[1].to_owned(),
            Some("yes" | "no") => fallback[2].to_owned(),
            Some("y" | "n") => fallback[3].to_owned(),
            _ => fallback[0].to_owned(),
        },
    };
    let positive_name = name(positive, negative, ["1", "true", "yes", "y"]);
    let negative_name = name(negative, positive, ["0", "false", "no", "n"]);
    let mut map = BTreeMap::from([(positive_name.clone(), true), (negative_name.clone(), false)]);
    for (place, class) in [(positive, true), (negative, false)] {
        map.extend(
            groups.get(place).into_iter().flat_map(|group| &group.spellings).map(|spelling| (spelling.clone(), class)),
        );
    }
    let said_by_labels = groups.iter().any(|group| says(&group.key).is_some());
    for (raw, _) in predictions.iter().filter(|(raw, _)| !map.contains_key(raw)).cloned().collect::<Vec<_>>() {
        let class = match find(groups, &raw) {
            Some(place) if place == positive => Some(true),
            Some(place) if place == negative => Some(false),
            Some(_) => None,
            None if said_by_labels && !matches!(key(&raw).as_str(), "0" | "1" | "true" | "false") => None,
            // `1` beside labels spelled `true`, or beside `Poor` and `Good`.
            None => says(&key(&raw)).map(|said| said == (says(&key(&positive_name)) != Some(false))),
        };
        if let Some(class) = class {
            map.insert(raw, class);
        }
    }
    Pair { positive: positive_name, negative: negative_name, map }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &[(&str, u64)]) -> Vec<(String, u64)> {
        list.iter().map(|&(raw, count)| (raw.to_owned(), count)).collect()
    }

    #[test]
    fn spellings_are_one_class_and_known_words_need_no_question() {
        let found = groups(&values(&[("1", 5), ("1.0", 3), ("0", 20), ("0.0", 2)]));
        assert_eq!(found.len(), 2);
        let (positive, negative) = evident(&found).unwrap();
        let pair = pair(&found, positive, negative, &values(&[("true", 1), ("2", 1)]));
        assert_eq!((pair.positive.as_str(), pair.negative.as_str()), ("1", "0"));
        assert_eq!(pair.map.get("1.0"), Some(&true));
        assert_eq!(pair.map.get("true"), Some(&true));
        assert_eq!(pair.map.get("2"), None);
    }

    #[test]
    fn words_that_say_nothing_are_asked_about() {
        assert_eq!(evident(&groups(&values(&[("Good", 72), ("Poor", 41)]))), None);
        let three = groups(&values(&[("0", 8), ("1", 8), ("2", 8)]));
        assert_eq!(evident(&three), None);
        let first = candidates(&three)[0];
        assert_eq!((three[first.0].name.as_str(), three[first.1].name.as_str()), ("1", "0"));
        let poor = groups(&values(&[("Good", 72), ("Poor", 41)]));
        assert_eq!(pair(&poor, 1, 0, &values(&[("1", 3), ("0", 4)])).map.get("1"), Some(&true));
    }

    #[test]
    fn a_class_that_only_models_gave_is_the_other_one() {
        let with = |label: &str, answers: &[(&str, u64)]| {
            let mut found = groups(&values(&[(label, 60)]));
            add_answered(&mut found, &values(answers));
            found.iter().map(|group| (group.name.clone(), group.count)).collect::<Vec<_>>()
        };
        let named = |names: &[(&str, u64)]| values(names);
        assert_eq!(with("legit", &[("legit", 90), ("fraud", 30)]), named(&[("legit", 60), ("fraud", 0)]));
        assert_eq!(with("x", &[("x", 90), ("y", 30)]), named(&[("x", 60), ("y", 0)]));
        // Other spellings of the same, codes of words, and more than one other.
        for (label, answers) in [("false", [("0", 90), ("0.0", 1)]), ("good", [("1", 60), ("good", 1)])] {
            assert_eq!(with(label, &answers), named(&[(label, 60)]));
        }
        assert_eq!(with("a", &[("b", 60), ("c", 1)]), named(&[("a", 60)]));
    }

    #[test]
    fn one_class_so_far() {
        let only = groups(&values(&[("false", 8)]));
        let (positive, negative) = evident(&only).unwrap();
        assert_eq!(pair(&only, positive, negative, &[]).positive, "true");
    }
}
