//! Names that say a role in some tasks only.

use crate::ingest::mapping::Role;

/// Role of a column of texts: names that say it of sentences and mean something else elsewhere.
pub fn text_role_of(words: &[String]) -> Option<(Role, usize)> {
    const ANSWERS: [&str; 18] = [
        "hypothesis",
        "hyp",
        "answer",
        "model_output",
        "model_answer",
        "model_response",
        "generated",
        "generated_text",
        "generation",
        "completion",
        "translation",
        "summary",
        "generated_summary",
        "output_text",
        "candidate_text",
        "predicted_text",
        "predicted_answer",
        "text",
    ];
    const REFERENCES: [&str; 14] = [
        "reference",
        "references",
        "ref",
        "reference_text",
        "reference_answer",
        "gold",
        "gold_answer",
        "gold_text",
        "expected_output",
        "expected_answer",
        "correct_answer",
        "ideal",
        "target_text",
        "true_text",
    ];
    let name = words.join("_");
    let place = |names: &[&str]| names.iter().position(|known| *known == name);
    const LOGPROBS: [&str; 13] = [
        "logprobs",
        "token_logprobs",
        "tokens_logprobs",
        "log_probs",
        "token_log_probs",
        "logprobs_content",
        "logprob_sum",
        "sum_logprob",
        "sum_logprobs",
        "cumulative_logprob",
        "total_logprob",
        "loglikelihood",
        "log_likelihood",
    ];
    const TOKENS: [&str; 9] = [
        "num_tokens",
        "n_tokens",
        "token_count",
        "completion_tokens",
        "usage_completion_tokens",
        "output_tokens",
        "generated_tokens",
        "answer_tokens",
        "tokens",
    ];
    const PREFERENCES: [&str; 10] = [
        "preference",
        "preferred",
        "winner",
        "judge",
        "judge_verdict",
        "verdict",
        "judgement",
        "judgment",
        "pairwise_winner",
        "judge_preference",
    ];
    let beside = [(&LOGPROBS[..], Role::Logprobs), (&TOKENS[..], Role::Tokens), (&PREFERENCES[..], Role::Preference)];
    if let Some(found) = beside.iter().find_map(|(names, role)| place(names).map(|rank| (*role, 200 + rank))) {
        return Some(found);
    }
    // Behind every name that says it anywhere.
    let answer = place(&ANSWERS).map(|rank| (Role::Prediction, 200 + rank));
    answer.or_else(|| place(&REFERENCES).map(|rank| (Role::Label, 200 + rank)))
}

/// Role of a column of a similarity run: names that say it of numbers about pairs and mean something else elsewhere.
pub fn pair_role_of(words: &[String]) -> Option<(Role, usize)> {
    const GOLD: [&str; 12] = [
        "gold",
        "gold_score",
        "gold_similarity",
        "gold_label",
        "human_score",
        "human_similarity",
        "relatedness",
        "relatedness_score",
        "similarity_label",
        "sts_score",
        "annotation",
        "reference",
    ];
    const OWN: [&str; 9] = [
        "similarity",
        "cosine_similarity",
        "cosine",
        "cos_sim",
        "sim",
        "cosine_score",
        "predicted_similarity",
        "similarity_score",
        "sim_score",
    ];
    let name = words.join("_");
    let place = |names: &[&str]| names.iter().position(|known| *known == name);
    // Behind every name that says it anywhere.
    let gold = place(&GOLD).map(|rank| (Role::Label, 200 + rank));
    gold.or_else(|| place(&OWN).map(|rank| (Role::Score, 200 + rank)))
}

/// Words that say no more than that a column holds files of images.
const FILE_WORDS: [&str; 14] = [
    "image", "images", "img", "picture", "photo", "frame", "path", "file", "filename", "filepath", "name", "png",
    "jpg", "uri",
];

/// Role of a column of image files: names that say it of images and mean something else elsewhere.
pub fn image_role_of(words: &[String]) -> Option<(Role, usize)> {
    const REFERENCES: [&str; 14] = [
        "reference",
        "ref",
        "ground_truth",
        "gt",
        "target",
        "truth",
        "original",
        "expected",
        "gold",
        "hr",
        "high_res",
        "clean",
        "sharp",
        "uncompressed",
    ];
    const OUTPUTS: [&str; 21] = [
        "output",
        "model_output",
        "prediction",
        "pred",
        "result",
        "restored",
        "reconstruction",
        "reconstructed",
        "generated",
        "enhanced",
        "denoised",
        "deblurred",
        "upscaled",
        "super_resolved",
        "super_resolution",
        "sr",
        "compressed",
        "decoded",
        "inpainted",
        "answer",
        "",
    ];
    let rest: Vec<&str> = words.iter().map(String::as_str).filter(|word| !FILE_WORDS.contains(word)).collect();
    let name = rest.join("_");
    let place = |names: &[&str]| names.iter().position(|known| *known == name);
    // Behind every name that says it anywhere.
    let reference = place(&REFERENCES).map(|rank| (Role::Label, 200 + rank));
    reference.or_else(|| place(&OUTPUTS).map(|rank| (Role::Prediction, 200 + rank)))
}
