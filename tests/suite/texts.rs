//! Metrics of texts against sacrebleu, rouge_score and NLTK (`texts.py` wrote `texts.json`), and against the values
//! that come with five systems of WMT 2017.

use assay::compare::Detail;
use assay::job::JobCx;
use assay::log::Task;
use assay::metrics::Outcome;
use assay::metrics::text::bleu::{Bleu, Smoothing};
use assay::metrics::text::chrf::Chrf;
use assay::metrics::text::rouge::{Rouge, Variant};
use assay::metrics::text::tokens::Tokeniser;
use assay::metrics::text::{Texts, chrf, distance, measure, overlap, ter};
use serde_json::{Value, json};

use assay::session::pipeline::{self, Evaluation, Request};

use crate::kernels::{case, close, expected};

fn reference() -> Value {
    serde_json::from_str(include_str!("texts.json")).unwrap()
}

fn column<'a>(all: &'a Value, name: &str) -> Vec<Option<&'a str>> {
    all[name].as_array().unwrap().iter().map(Value::as_str).collect()
}

/// Texts of the stored file: answers, and one or two references.
struct Stored<'a> {
    answers: Vec<&'a str>,
    references: Vec<Vec<Option<&'a str>>>,
}

impl<'a> Stored<'a> {
    fn of(all: &'a Value) -> Self {
        let answers = column(all, "answers").into_iter().flatten().collect();
        Self { answers, references: vec![column(all, "first"), column(all, "second")] }
    }

    fn texts(&self, references: usize) -> Texts<'_> {
        Texts::new(&self.answers, &self.references[..references]).unwrap()
    }

    fn first(&self, row: usize) -> (&'a str, &'a str) {
        (self.answers[row], self.references[0][row].unwrap())
    }
}

/// Holds corpus and sentence values of one metric with one and two references.
fn hold(
    name: &str,
    stored: &Value,
    texts: &Stored<'_>,
    signature: String,
    corpus: impl Fn(&Texts<'_>) -> Outcome,
    sentence: impl Fn(&Texts<'_>, usize) -> f64,
) {
    assert_eq!(stored["signature"].as_str().unwrap(), signature, "{name}");
    for (references, corpus_of, sentences) in [(1, "corpus", "sentences"), (2, "corpus_of_two", "sentences_of_two")] {
        let texts = texts.texts(references);
        for (row, value) in stored[sentences].as_array().unwrap().iter().enumerate() {
            close(
                sentence(&texts, row),
                value,
                1e-10,
                &format!("{name}, {references} references, {:?}", texts.answer(row)),
            );
        }
        close(corpus(&texts).unwrap().value, &stored[corpus_of], 1e-10, name);
    }
}

#[test]
fn bleu_as_sacrebleu() {
    let all = reference();
    let texts = Stored::of(&all);
    let options = |tokeniser| Bleu { tokeniser, ..Bleu::default() };
    let smoothed = |smoothing| Bleu { smoothing, ..Bleu::default() };
    let variants = [
        ("13a exp", Bleu::default()),
        ("none exp", options(Tokeniser::None)),
        ("intl exp", options(Tokeniser::International)),
        ("char exp", options(Tokeniser::Characters)),
        ("zh exp", options(Tokeniser::Chinese)),
        ("13a lower", Bleu { lowercase: true, ..Bleu::default() }),
        ("13a none", smoothed(Smoothing::None)),
        ("13a floor", smoothed(Smoothing::Floor(0.1))),
        ("13a add-k", smoothed(Smoothing::AddK(1.0))),
    ];
    assert_eq!(variants.len(), all["bleu"].as_object().unwrap().len());
    for (name, bleu) in variants {
        let stored = &all["bleu"][name];
        let sentence = Bleu { effective_order: true, ..bleu };
        hold(
            name,
            stored,
            &texts,
            bleu.signature(Some(1)),
            |texts| bleu.corpus(texts),
            |texts, row| sentence.score(&sentence.segment(texts.answer(row), texts.references(row))).value,
        );
        let mut sums = [0.0; 10];
        for counts in bleu.segments(&texts.texts(1)) {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let numbers =
            |name: &str| stored[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<f64>>();
        let mut stored_sums = [numbers("lengths"), numbers("counts"), numbers("totals")].concat();
        if let Smoothing::AddK(k) = bleu.smoothing {
            // sacrebleu shows what it added to the orders from 2.
            [3, 4, 5, 7, 8, 9].into_iter().for_each(|at| stored_sums[at] -= k);
        }
        assert_eq!(sums.to_vec(), stored_sums, "{name}");
        let score = bleu.score(&sums);
        close(score.brevity_penalty, &stored["penalty"], 1e-12, name);
        for (found, value) in score.precisions.iter().zip(stored["precisions"].as_array().unwrap()) {
            close(*found, value, 1e-12, name);
        }
    }
}

#[test]
fn chrf_as_sacrebleu() {
    let all = reference();
    let texts = Stored::of(&all);
    let variants = [
        ("chrf", Chrf::default()),
        ("chrf++", Chrf { word_order: 2, ..Chrf::default() }),
        ("chrf lower", Chrf { lowercase: true, ..Chrf::default() }),
        ("chrf space", Chrf { whitespace: true, ..Chrf::default() }),
        ("chrf3", Chrf { beta: 3.0, ..Chrf::default() }),
    ];
    for (name, chrf) in variants {
        hold(
            name,
            &all["chrf"][name],
            &texts,
            chrf.signature(Some(1)),
            |texts| chrf.corpus(texts),
            |texts, row| chrf.score(&chrf.segment(texts.answer(row), texts.references(row))),
        );
    }
}

#[test]
fn ter_as_sacrebleu() {
    let all = reference();
    let texts = Stored::of(&all);
    for (name, mixed) in [("ter", false), ("ter mixed", true)] {
        hold(
            name,
            &all["ter"][name],
            &texts,
            ter::signature(Some(1), mixed),
            |texts| ter::corpus(texts, mixed),
            |texts, row| {
                let [edits, words] = ter::segment(texts.answer(row), texts.references(row), mixed);
                // sacrebleu calls an answer without any word of reference wholly wrong.
                if words == 0.0 { f64::from(u8::from(edits > 0.0)) * 100.0 } else { 100.0 * edits / words }
            },
        );
    }
}

#[test]
fn rouge_as_rouge_score() {
    let all = reference();
    let texts = Stored::of(&all);
    for (name, variant) in
        [("rouge1", Variant::N(1)), ("rouge2", Variant::N(2)), ("rougeL", Variant::L), ("rougeLsum", Variant::Lsum)]
    {
        for stem in [false, true] {
            let key = format!("{name}{}", if stem { " stem" } else { "" });
            for (row, value) in all["rouge"][&key].as_array().unwrap().iter().enumerate() {
                let (answer, reference) = texts.first(row);
                let found = Rouge { variant, stem }.segment(answer, reference);
                for (found, value) in
                    [found.precision, found.recall, found.f1].into_iter().zip(value.as_array().unwrap())
                {
                    close(found, value, 1e-12, &format!("{key}: {answer:?}, {reference:?}"));
                }
            }
        }
    }
}

#[test]
fn words_and_edits_as_squad_and_nltk() {
    let all = reference();
    let texts = Stored::of(&all);
    let each = |name: &str, of: &dyn Fn(&str, &str) -> f64| {
        for (row, value) in all[name].as_array().unwrap().iter().enumerate() {
            let (answer, reference) = texts.first(row);
            close(of(answer, reference), value, 1e-12, &format!("{name}: {answer:?}, {reference:?}"));
        }
    };
    each("token_f1", &overlap::token_f1);
    each("jaccard", &overlap::jaccard);
    each("normalised_match", &|a, b| f64::from(u8::from(overlap::normalised_match(a, b))));
    each("levenshtein", &|a, b| distance::characters(a, b) as f64);
    let pairs: Vec<[f64; 2]> = serde_json::from_value(all["words"].clone()).unwrap();
    let [edits, words] = pairs.iter().fold([0.0; 2], |[a, b], [edits, words]| [a + edits, b + words]);
    close(
        measure("word_error_rate", &texts.texts(1)).unwrap().value,
        &(edits / words).into(),
        1e-12,
        "word_error_rate",
    );
}

/// Lines of a file of the case; a last empty one is no segment.
fn lines(text: &str) -> Vec<&str> {
    text.strip_suffix('\n').unwrap_or(text).split('\n').collect()
}

#[test]
fn five_systems_of_wmt_as_sacrebleu() {
    let folder = "text-wmt17-en-de";
    let Some(expected) = expected(folder) else { return };
    let truth = case(&format!("{folder}/newstest2017.ref.de")).unwrap();
    let truth: Vec<Option<&str>> = lines(&truth).into_iter().map(Some).collect();
    let references = [truth];
    let chrf = Chrf::default();
    let mut sentences = Vec::new();
    for (name, values) in expected["computed_sacrebleu"].as_object().unwrap() {
        let answers = case(&format!("{folder}/{name}.txt")).unwrap();
        let answers = lines(&answers);
        let texts = Texts::new(&answers, &references).unwrap();
        assert_eq!(texts.len(), 3004);
        // Not from `Segments`, which gather every metric: the command line is held to these values with those.
        close(Bleu::default().corpus(&texts).unwrap().value, &values["bleu_13a"], 1e-10, name);
        close(
            Bleu { tokeniser: Tokeniser::None, ..Bleu::default() }.corpus(&texts).unwrap().value,
            &values["bleu_tokenize_none"],
            1e-10,
            name,
        );
        let counts: Vec<chrf::Counts> =
            (0..texts.len()).map(|row| chrf.segment(texts.answer(row), texts.references(row))).collect();
        close(chrf.of_segments(&counts).unwrap().value, &values["chrf2"], 1e-10, name);
        let by_row: Vec<f64> = counts.iter().map(|counts| chrf.score(counts)).collect();
        close(by_row.iter().sum::<f64>() / by_row.len() as f64, &values["mean_sentence_chrf2"], 1e-10, name);
        for (found, value) in by_row.iter().zip(values["sentence_chrf2_first5"].as_array().unwrap()) {
            close(*found, value, 1e-10, name);
        }
        sentences.push((name.clone(), by_row));
    }
    // The paired difference of sentence values: t is its mean over its standard error.
    let base = &sentences.iter().find(|(name, _)| *name == expected["baseline"]).unwrap().1;
    for (name, by_row) in &sentences {
        let stored = &expected["paired_t_sentence_chrf2_system_minus_baseline"][name];
        if stored.is_null() {
            continue;
        }
        let differences: Vec<f64> = by_row.iter().zip(base).map(|(a, b)| a - b).collect();
        let n = differences.len() as f64;
        let mean = differences.iter().sum::<f64>() / n;
        let variance = differences.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (n - 1.0);
        close(mean, &stored["mean_diff_a_minus_b"], 1e-9, name);
        close(mean / (variance / n).sqrt(), &stored["t"], 1e-9, name);
    }
}

/// Evaluates a log of texts under a name; both models gave the same answers.
fn evaluated(name: &str, text: &str) -> Result<Evaluation, String> {
    let folder = std::env::temp_dir().join(format!("assay-references-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    let request = Request { files: vec![file.clone()], task: Some(Task::Text), ..Request::default() };
    let cx = JobCx::new();
    let opened = pipeline::open(&request, &cx).map_err(|error| error.to_string())?;
    let run = pipeline::load(&opened, &opened.guess, &cx).map_err(|error| error.to_string())?;
    let policy = pipeline::default_policy(&run.log);
    let found = pipeline::evaluate(run, &request, policy, &cx).map_err(|error| error.to_string());
    std::fs::remove_file(&file).unwrap();
    found
}

#[test]
fn references_of_a_log_as_sacrebleu_has_several() {
    let all = reference();
    let texts = Stored::of(&all);
    let line = |row: usize, references: Value| {
        let mut line = json!({"id": format!("r{row}"), "output_champion": texts.answers[row],
            "output_challenger": texts.answers[row]});
        line.as_object_mut().unwrap().extend(references.as_object().unwrap().clone());
        line.to_string()
    };
    let lines = |references: &dyn Fn(&str, Option<&str>) -> Value| -> String {
        let of = |row: usize| line(row, references(texts.references[0][row].unwrap(), texts.references[1][row]));
        (0..texts.answers.len()).map(of).collect::<Vec<_>>().join("\n")
    };
    let list = |a: &str, b: Option<&str>| json!([Some(a), b].into_iter().flatten().collect::<Vec<_>>());
    for (name, text) in [
        ("lists.jsonl", lines(&|a, b| json!({"references": list(a, b)}))),
        ("nulls.jsonl", lines(&|a, b| json!({"references": [Some(a), b]}))),
        ("text.jsonl", lines(&|a, b| json!({"reference": list(a, b).to_string()}))),
        ("columns.jsonl", lines(&|a, b| json!({"reference_1": a, "reference_2": b}))),
    ] {
        let found = evaluated(name, &text).unwrap().comparison;
        let value = |metric: &str| found.metric(metric).unwrap().arms.champion.as_ref().unwrap().value;
        assert_eq!(found.population.analysed, texts.answers.len() as u64, "{name}");
        for (metric, family, key) in [("bleu", "bleu", "13a exp"), ("chrf", "chrf", "chrf"), ("ter", "ter", "ter")] {
            close(value(metric), &all[family][key]["corpus_of_two"], 1e-9, &format!("{name}: {metric}"));
        }
        for (metric, stored) in all["best_of_two"].as_object().unwrap() {
            close(value(metric), stored, 1e-9, &format!("{name}: {metric}"));
        }
        assert!(found.notes.iter().any(|note| note.contains("nrefs:var")), "{name}: {:?}", found.notes);
        let Detail::Texts(detail) = &found.detail else { panic!("no texts") };
        assert!(detail.losses.iter().chain(&detail.gains).all(|row| !row.reference.starts_with('[')));
    }
    let printed = lines(&|a, _| json!({"references": format!("['{}']", a.replace('\'', ""))}));
    let error = evaluated("python.jsonl", &printed).err().unwrap();
    assert!(error.contains("references") && error.contains("json.dumps"), "{error}");
}

#[test]
fn questions_without_an_answer_as_squad_scores_them() {
    let text: String = (0..40)
        .map(|row| {
            let reference = if row % 2 == 0 { String::new() } else { format!("the town number {row}") };
            let challenger = if row % 4 == 0 { "a guess".to_owned() } else { reference.clone() };
            let line =
                json!({"id": row, "reference": reference, "output_champion": "", "output_challenger": challenger});
            line.to_string() + "\n"
        })
        .collect();
    let found = evaluated("squad.jsonl", &text).unwrap().comparison;
    assert_eq!(found.population.analysed, 40);
    for metric in ["token_f1", "normalised_match", "exact_match"] {
        let values = &found.metric(metric).unwrap().arms;
        let of = |arm: &Option<assay::compare::Estimate>| arm.as_ref().unwrap().value;
        assert_eq!([of(&values.champion), of(&values.challenger)], [0.5, 0.75], "{metric}");
    }
}
