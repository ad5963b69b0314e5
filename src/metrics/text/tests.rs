use proptest::prelude::*;

use super::bleu::Bleu;
use super::chrf::Chrf;
use super::difference::difference;
use super::preference::{Tally, Verdict, win_rate};
use super::*;
use crate::metrics::measured::jackknife_gap;

const WORDS: [&str; 12] = ["a", "model", "answers", "well", "not", ",", "or", "é", "3.5", "then", "The", "."];

/// Answers and references that share most words.
fn rows(count: usize, seed: usize) -> (Vec<String>, Vec<String>) {
    let word = |row: usize, at: usize| WORDS[(row * row * 31 + at * at * 7 + at * row * 3) % WORDS.len()];
    let text = |row: usize, changed: bool| {
        let words = (0..6 + row % 9).map(|at| {
            let other = changed && (row * 13 + at * 29 + seed).is_multiple_of(5);
            word(row + usize::from(other) * (1 + seed), at)
        });
        words.collect::<Vec<&str>>().join(" ")
    };
    (0..count).map(|row| (text(row, true), text(row, false))).unzip()
}

fn gathered(answers: &[String], references: &[String]) -> Result<Segments, String> {
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    let references = [references.iter().map(|text| Some(text.as_str())).collect()];
    Ok(Segments::new(&Texts::new(&answers, &references)?))
}

fn on(segments: &Segments, rows: &[usize], name: &str) -> Outcome {
    segments.measure(name, &rows.iter().map(|&row| row as u32).collect::<Vec<u32>>())
}

#[test]
fn influence_is_that_of_the_jackknife() {
    let (answers, references) = rows(250, 0);
    let segments = gathered(&answers, &references).unwrap();
    for metric in &METRICS {
        let gap = jackknife_gap(answers.len(), |rows| on(&segments, rows, metric.name));
        assert!(gap < 0.1, "{}: {gap}", metric.name);
    }
    let tokens: Vec<[f64; 2]> = (0..200).map(|row| [-((row * 37 % 53) as f64) / 9.0, 5.0 + (row % 7) as f64]).collect();
    let gap = jackknife_gap(tokens.len(), |rows| {
        likelihood::perplexity(&rows.iter().map(|&row| tokens[row]).collect::<Vec<[f64; 2]>>())
    });
    assert!(gap < 0.1, "{gap}");
}

/// Standard error of a paired difference from the influence, against a bootstrap of the whole corpora.
#[test]
fn paired_differences_of_corpora_have_the_error_of_the_bootstrap() {
    let (champion, references) = rows(300, 0);
    let (challenger, _) = rows(300, 2);
    let bleu = Bleu::default();
    let counts = |answers: &[String]| -> Vec<bleu::Counts> {
        let pairs = answers.iter().zip(&references);
        pairs.map(|(answer, reference)| bleu.segment(answer, [reference.as_str()].into_iter())).collect()
    };
    let ter = |answers: &[String]| -> Vec<[f64; 2]> {
        let pairs = answers.iter().zip(&references);
        pairs.map(|(answer, reference)| ter::segment(answer, [reference.as_str()].into_iter(), false)).collect()
    };
    let chrf = |answers: &[String]| -> Vec<chrf::Counts> {
        let pairs = answers.iter().zip(&references);
        pairs.map(|(answer, reference)| Chrf::default().segment(answer, [reference.as_str()].into_iter())).collect()
    };
    fn both<S: Copy>(arms: [Vec<S>; 2], of: impl Fn(&[S]) -> Outcome) -> [f64; 2] {
        let n = arms[0].len();
        let found = arms.each_ref().map(|arm| of(arm).unwrap().influence.unwrap());
        let squares = found[0].iter().zip(&found[1]).map(|(a, b)| (b - a) * (b - a)).sum::<f64>();
        let influence = (squares / (n * (n - 1)) as f64).sqrt();
        let mut state = 17_u64;
        let mut values = Vec::new();
        for _ in 0..1500 {
            let rows: Vec<usize> = (0..n)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) as usize % n
                })
                .collect();
            let value = |arm: &[S]| of(&rows.iter().map(|&row| arm[row]).collect::<Vec<S>>()).unwrap().value;
            values.push(value(&arms[1]) - value(&arms[0]));
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        [influence, (squares / (values.len() - 1) as f64).sqrt()]
    }
    for (name, [influence, bootstrap]) in [
        ("bleu", both([counts(&champion), counts(&challenger)], |counts| bleu.of_segments(counts))),
        ("chrf", both([chrf(&champion), chrf(&challenger)], |counts| Chrf::default().of_segments(counts))),
        ("ter", both([ter(&champion), ter(&challenger)], |counts| corpus::ratio(100.0, counts, "no word"))),
    ] {
        // The bootstrap's own error is 1 / sqrt(2 * 1500), 1.8 %.
        assert!((influence / bootstrap - 1.0).abs() < 0.06, "{name}: {influence} and {bootstrap}");
    }
}

#[test]
fn what_has_no_value_says_why() {
    let texts = |answers: &[&str], references: &[&str], name: &str| {
        let references = [references.iter().map(|text| Some(*text)).collect()];
        Texts::new(answers, &references).and_then(|texts| measure(name, &texts))
    };
    for metric in &METRICS {
        assert_eq!(texts(&[], &[], metric.name).unwrap_err(), "no row");
        assert_eq!(texts(&["", " "], &["a", "b"], metric.name).unwrap_err(), "every answer is empty");
        assert_eq!(texts(&["a", "b"], &["", "\t"], metric.name).unwrap_err(), "every reference is empty");
        // One empty text among others has a value everywhere.
        assert!(texts(&["", "b c d e"], &["a", "b c d e"], metric.name).is_ok(), "{}", metric.name);
    }
    assert_eq!(Texts::new(&["a"], &[]).unwrap_err(), "no references are logged");
    assert_eq!(Texts::new(&["a", "b"], &[vec![Some("a"), None]]).unwrap_err(), "1 rows have no reference");
    assert!(texts(&["猫"], &["犬"], "rouge_1").unwrap_err().contains("a to z"));
    let nothing = texts(&["a b c"], &["d e f"], "bleu").unwrap();
    assert_eq!(nothing.value, 0.0);
    assert!(nothing.influence.is_none() && nothing.no_interval.is_some());
    assert!(win_rate(&[]).is_err());
    assert!(likelihood::row(&[-1.0, 0.5]).is_err());
    assert!(likelihood::perplexity(&[[f64::NEG_INFINITY, 3.0]]).unwrap_err().contains("infinite"));
    assert!(likelihood::perplexity(&[[0.0, 0.0]]).is_err());
}

#[test]
fn verdicts_and_likelihoods_by_hand() {
    let verdicts = [Verdict::Win, Verdict::Win, Verdict::Tie, Verdict::Loss];
    assert_eq!(win_rate(&verdicts).unwrap().value, 0.625);
    let mut tally = Tally::of(&verdicts[..1]);
    tally.merge(&Tally::of(&verdicts[1..]));
    assert_eq!((tally, tally.decided()), (Tally::of(&verdicts), 3));
    let rows = [likelihood::row(&[-1.0, -2.0]).unwrap(), likelihood::row(&[-3.0]).unwrap()];
    assert!((likelihood::perplexity(&rows).unwrap().value - 2.0_f64.exp()).abs() < 1e-12);
}

#[test]
fn differences_cover_both_texts() {
    let (old, new) = ("Der Präsident sagte: nein.", "Der alte Präsident sagt: nein!");
    let found = difference(old, new);
    assert_eq!(found.iter().map(|stretch| &old[stretch.old.clone()]).collect::<String>(), old);
    assert_eq!(found.iter().map(|stretch| &new[stretch.new.clone()]).collect::<String>(), new);
    let changed: Vec<(&str, &str)> = found
        .iter()
        .filter(|stretch| !stretch.equal)
        .map(|stretch| (&old[stretch.old.clone()], &new[stretch.new.clone()]))
        .collect();
    assert_eq!(changed, [("", "alte "), ("sagte", "sagt"), (".", "!")]);
    assert!(difference("", "").is_empty());
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..12).prop_map(|words| words.join(" ")),
        "\\PC{0,40}",
    ]
}

/// Edits by the table of Wagner and Fischer.
fn slow_edits(a: &[u32], b: &[u32]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cell = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cell);
        }
    }
    row[b.len()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_are_those_of_the_table(a in prop::collection::vec(0u32..5, 0..300), b in prop::collection::vec(0u32..5, 0..300)) {
        prop_assert_eq!(distance::edits(&a, &b), slow_edits(&a, &b));
    }

    #[test]
    fn laws(rows in prop::collection::vec((text(), text()), 2..12), cut in 0usize..12) {
        let (answers, references): (Vec<String>, Vec<String>) = rows.iter().cloned().unzip();
        let order: Vec<usize> = (0..rows.len()).collect();
        let turned: Vec<usize> = order.iter().rev().copied().collect();
        for metric in &METRICS {
            let Ok(segments) = gathered(&answers, &references) else { break };
            let [found, turned] = [&order, &turned].map(|rows| on(&segments, rows, metric.name));
            let (Ok(found), Ok(turned)) = (&found, &turned) else {
                prop_assert_eq!(found.err(), turned.err());
                continue;
            };
            prop_assert!((found.value - turned.value).abs() < 1e-9 * (1.0 + found.value.abs()), "{}", metric.name);
            if metric.unit == Unit::Share && metric.better == Better::Higher {
                prop_assert!((0.0..=1.0 + 1e-12).contains(&found.value), "{}", metric.name);
            }
            if let Some(influence) = &found.influence {
                let scale = influence.iter().fold(1.0, |most: f64, u| most.max(u.abs()));
                prop_assert!(influence.iter().sum::<f64>().abs() < 1e-9 * scale * influence.len() as f64);
            }
        }
        // Merged counts are those of the rows together.
        let counts: Vec<bleu::Counts> =
            rows.iter().map(|(a, b)| Bleu::default().segment(a, [b.as_str()].into_iter())).collect();
        let (left, right) = counts.split_at(cut.min(counts.len()));
        prop_assert_eq!(corpus::sums(&[corpus::sums(left), corpus::sums(right)]), corpus::sums(&counts));
        let counts: Vec<chrf::Counts> =
            rows.iter().map(|(a, b)| Chrf::default().segment(a, [b.as_str()].into_iter())).collect();
        let (left, right) = counts.split_at(cut.min(counts.len()));
        prop_assert_eq!(corpus::sums(&[corpus::sums(left), corpus::sums(right)]), corpus::sums(&counts));
    }

    #[test]
    fn a_text_is_best_against_itself(text in text()) {
        prop_assume!(text.chars().any(|c| c.is_ascii_alphanumeric()));
        for metric in &METRICS {
            let same = [text.clone()];
            let Ok(found) = on(&gathered(&same, &same).unwrap(), &[0], metric.name) else { continue };
            let best = match metric.better {
                Better::Lower => 0.0,
                _ if metric.unit == Unit::Share || metric.better == Better::One => 1.0,
                _ => 100.0,
            };
            // Short texts have no n-grams of every order, or no pair of words.
            if !["bleu", "rouge_2"].contains(&metric.name) {
                prop_assert!((found.value - best).abs() < 1e-9, "{} {}", metric.name, found.value);
            }
        }
        let found = difference(&text, &text);
        prop_assert!(found.iter().all(|stretch| stretch.equal));
    }

    #[test]
    fn differences_are_complete(old in text(), new in text()) {
        let found = difference(&old, &new);
        prop_assert_eq!(found.iter().map(|stretch| &old[stretch.old.clone()]).collect::<String>(), old.clone());
        prop_assert_eq!(found.iter().map(|stretch| &new[stretch.new.clone()]).collect::<String>(), new.clone());
        for stretch in &found {
            prop_assert!(!stretch.equal || old[stretch.old.clone()] == new[stretch.new.clone()]);
        }
    }
}
