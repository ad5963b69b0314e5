//! A mapping profile that was kept in the window answers for the logs of the next run.

use super::*;

#[test]
fn a_kept_profile_answers_for_the_next_run() {
    let kept = Folder::new("profile-kept", &[]);
    let run = |name: &str, shift: usize| {
        Folder::new(name, &[("one.csv", &log("net", shift)), ("two.csv", &log("tree", shift + 5))])
    };
    let (monday, tuesday) = (run("profile-monday", 0), run("profile-tuesday", 11));
    let open = |path: &Path| window_with(vec![path.to_path_buf()], Some(kept.0.join("recent.toml")));
    let mut first = open(&monday.0);
    wait(&mut first, "the mapping", |window| has(window, "Map columns"));
    idle(&mut first);
    first.query_all_by_label_contains(": tree").next().unwrap().click();
    first.step();
    idle(&mut first);
    press(&mut first, "Save profile…");
    answer(&mut first, &kept.0.join("scoring.toml"));
    assert!(has(&first, "Profile saved"), "{}", texts(&first));

    // Nobody is asked in the run of the next day, and what was applied is told among what was found of the files.
    let mut second = open(&tuesday.0);
    idle(&mut second);
    assert!(has(&second, "Scorecard") && has(&second, "champion tree"), "{}", texts(&second));
    tab(&mut second, "Validity");
    assert!(has(&second, "mapping profile scoring.toml"), "{}", texts(&second));
}
