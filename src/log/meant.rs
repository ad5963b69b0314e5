//! Which known name a mistyped one may have meant.

/// Letters of the longest names that are compared.
const LONGEST: usize = 64;

/// ` (did you mean `X`?)` for the known name closest to `name`, or nothing where none is close.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    meant(name, known).map_or_else(String::new, |meant| format!(" (did you mean `{meant}`?)"))
}

/// The known name that differs least from `name`: in at most a third of its letters, or one is the other's beginning.
pub fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| -> Vec<char> { text.chars().flat_map(char::to_lowercase).take(LONGEST).collect() };
    let said = plain(name);
    let most = said.len().div_ceil(3);
    let rank = |other: &str| {
        let other = plain(other);
        let begins = said.len() >= 3 && other.len() >= 3 && (other.starts_with(&said) || said.starts_with(&other));
        let distance = distance(&said, &other);
        (distance <= most || begins).then_some((!begins, distance))
    };
    known.into_iter().filter_map(|other| Some((rank(other)?, other))).min().map(|(_, other)| other)
}

/// Letters to insert, drop or exchange (Levenshtein).
fn distance(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (place, letter) in from.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], place + 1);
        for (column, other) in to.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_offered_and_no_far_one() {
        let known = ["request_id", "score", "site", "sex", "Région"];
        assert_eq!(meant("request", known), Some("request_id"));
        assert_eq!(meant("scroe", known), Some("score"));
        assert_eq!(meant("SCORE", known), Some("score"));
        assert_eq!(meant("region", known), Some("Région"));
        assert_eq!(meant("latency", known), None);
        assert_eq!(meant("x", known), None);
        assert_eq!(did_you_mean("sxe", ["sex"]), "");
        assert_eq!(did_you_mean("sec", ["sex"]), " (did you mean `sex`?)");
    }
}
