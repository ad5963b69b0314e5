//! Pairs of items, as a person goes through them.

use super::*;

/// Forty pairs of two models; pair 7 is judged near and lies far apart for the challenger.
fn pairs(gold: bool) -> String {
    let line = |row: usize| {
        let share = row as f64 / 40.0;
        let vector = |x: f64, y: f64| format!("[{x:.4}, {y:.4}]");
        // Angles from 0 to a half turn; the nearer, the higher the gold score.
        let angle = |noise: usize| (1.0 - share) * 2.5 + (row * noise % 11) as f64 * 0.03;
        let far = if row == 37 { 3.0 } else { angle(3) };
        let gold = if gold { format!(r#""gold": {share},"#) } else { String::new() };
        format!(
            r#"{{"id": "pair-{row}", {gold} "live_emb_a": {}, "live_emb_b": {}, "shadow_emb_a": {}, "shadow_emb_b": {}}}"#,
            vector(1.0, 0.0),
            vector(angle(7).cos(), angle(7).sin()),
            vector(2.0, 0.0),
            vector(far.cos(), far.sin())
        )
    };
    (0..40).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_pair_on_which_the_challenger_loses_most_is_selected_alone() {
    let logs = Folder::new("pairs", &[("pairs.jsonl", &pairs(true))]);
    let mut window = window(vec![logs.0.clone()]);
    idle(&mut window);
    tab(&mut window, "Similarity");
    for part in [
        "Agreement with gold",
        "Similarity against gold, champion",
        "Similarity against gold, challenger",
        "Distribution of cosine similarity",
        "Challenger loses most",
        "Models differ most",
    ] {
        assert!(has(&window, part), "{part}: {}", texts(&window));
    }
    window.query_all_by_label_contains("pair-37").next().unwrap().click();
    window.step();
    idle(&mut window);
    assert!(has(&window, "1 rows selected") || has(&window, "1 row selected"), "{}", texts(&window));
    press(&mut window, "Models differ most");
    assert!(has(&window, "by the rank of the challenger less that of the champion"), "{}", texts(&window));
}

#[test]
fn without_gold_the_view_says_what_is_missing_and_shows_the_rest() {
    let logs = Folder::new("pairs-bare", &[("pairs.jsonl", &pairs(false))]);
    let mut window = window(vec![logs.0.clone()]);
    idle(&mut window);
    tab(&mut window, "Similarity");
    assert!(has(&window, "No gold scores are logged, so there is nothing"), "{}", texts(&window));
    assert!(has(&window, "Distribution of cosine similarity") && has(&window, "pair-37"), "{}", texts(&window));
}
