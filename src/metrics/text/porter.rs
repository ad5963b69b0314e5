//! Porter's stemmer (Porter 1980, Program 14:130) with the extensions of NLTK, which `rouge_score` uses.

/// Words that the rules would spoil, and their stems.
const IRREGULAR: [(&str, &str); 16] = [
    ("sky", "sky"),
    ("skies", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("news", "news"),
    ("innings", "inning"),
    ("inning", "inning"),
    ("outings", "outing"),
    ("outing", "outing"),
    ("cannings", "canning"),
    ("canning", "canning"),
    ("howe", "howe"),
    ("proceed", "proceed"),
    ("exceed", "exceed"),
    ("succeed", "succeed"),
];

const STEP_2: [(&str, &str); 21] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
    ("fulli", "ful"),
];

const STEP_3: [(&str, &str); 7] =
    [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

const STEP_4: [&str; 19] = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
];

/// Whether each letter is a consonant; `y` is one at the start and after a vowel.
fn consonants(word: &str) -> impl DoubleEndedIterator<Item = bool> + ExactSizeIterator {
    let mut before = false;
    let flags: Vec<bool> = word
        .bytes()
        .map(|letter| {
            before = match letter {
                b'a' | b'e' | b'i' | b'o' | b'u' => false,
                b'y' => !before,
                _ => true,
            };
            before
        })
        .collect();
    flags.into_iter()
}

/// Vowels followed by consonants: `m` of the paper.
fn measure(stem: &str) -> usize {
    let mut vowel = false;
    consonants(stem).filter(|&consonant| std::mem::replace(&mut vowel, !consonant) && consonant).count()
}

fn has_vowel(stem: &str) -> bool {
    consonants(stem).any(|consonant| !consonant)
}

/// `*o` of the paper: consonant, vowel, consonant other than w, x, y; NLTK: also a word of vowel and consonant.
fn ends_cvc(word: &str) -> bool {
    let flags: Vec<bool> = consonants(word).collect();
    match flags.as_slice() {
        [.., true, false, true] => !word.ends_with(['w', 'x', 'y']),
        [false, true] => true,
        _ => false,
    }
}

/// The first rule whose suffix fits decides; `None` where none fits or its stem has too small a measure.
fn replaced(word: &str, rules: &[(&str, &str)]) -> Option<String> {
    let (stem, with) = rules.iter().find_map(|(suffix, with)| Some((word.strip_suffix(suffix)?, with)))?;
    (measure(stem) > 0).then(|| format!("{stem}{with}"))
}

fn plural(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}{}", if word.len() == 4 { "ie" } else { "i" });
    }
    if word.ends_with("sses") {
        return word[..word.len() - 2].to_owned();
    }
    if word.ends_with("ss") { word } else { word.strip_suffix('s').unwrap_or(word) }.to_owned()
}

fn past(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ied") {
        return format!("{stem}{}", if word.len() == 4 { "ie" } else { "i" });
    }
    if let Some(stem) = word.strip_suffix("eed") {
        return if measure(stem) > 0 { format!("{stem}ee") } else { word.to_owned() };
    }
    let stem = ["ed", "ing"].iter().find_map(|suffix| word.strip_suffix(suffix).filter(|stem| has_vowel(stem)));
    let Some(stem) = stem else { return word.to_owned() };
    if ["at", "bl", "iz"].iter().any(|end| stem.ends_with(end)) {
        return format!("{stem}e");
    }
    let letters = stem.as_bytes();
    if let [.., a, b] = letters
        && a == b
        && consonants(stem).next_back() == Some(true)
    {
        return if matches!(b, b'l' | b's' | b'z') { stem } else { &stem[..stem.len() - 1] }.to_owned();
    }
    if measure(stem) == 1 && ends_cvc(stem) { format!("{stem}e") } else { stem.to_owned() }
}

fn derived(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("alli")
        && measure(stem) > 0
    {
        return derived(&format!("{stem}al"));
    }
    if let Some(stem) = word.strip_suffix("logi")
        && !STEP_2.iter().any(|(suffix, _)| word.ends_with(suffix))
    {
        let kept = format!("{stem}l");
        return if measure(&kept) > 0 { format!("{stem}log") } else { word.to_owned() };
    }
    replaced(word, &STEP_2).unwrap_or_else(|| word.to_owned())
}

/// The stem of a word of the letters a to z and digits, in lower case.
pub(super) fn stem(word: &str) -> String {
    if let Some((_, stem)) = IRREGULAR.iter().find(|(form, _)| *form == word) {
        return (*stem).to_owned();
    }
    if word.len() <= 2 {
        return word.to_owned();
    }
    let mut word = past(&plural(word));
    if let Some(stem) = word.strip_suffix('y')
        && stem.len() > 1
        && consonants(stem).next_back() == Some(true)
    {
        word = format!("{stem}i");
    }
    word = derived(&word);
    if let Some(shorter) = replaced(&word, &STEP_3) {
        word = shorter;
    }
    if let Some((suffix, stem)) = STEP_4.iter().find_map(|suffix| Some((*suffix, word.strip_suffix(suffix)?)))
        && measure(stem) > 1
        && (suffix != "ion" || stem.ends_with(['s', 't']))
    {
        word = stem.to_owned();
    }
    if let Some(stem) = word.strip_suffix('e')
        && (measure(stem) > 1 || measure(stem) == 1 && !ends_cvc(stem))
    {
        word = stem.to_owned();
    }
    if word.ends_with("ll") && measure(&word[..word.len() - 1]) > 1 {
        word.pop();
    }
    word
}
