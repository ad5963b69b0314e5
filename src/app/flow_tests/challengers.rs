//! Several challengers in one workspace: the box of the one in view offers the others.

use super::*;

#[test]
fn another_challenger_is_chosen_in_the_top_bar() {
    let mut log = String::from("request_id,model,prediction,label\n");
    for row in 0..400usize {
        for (model, every) in [("prod", 5), ("good", 20), ("same", 6)] {
            let wrong = usize::from(row % every == 0);
            log += &format!("r{row},{model},{},{}\n", (row + wrong) % 2, row % 2);
        }
    }
    let workspace = "schema = \"assay-workspace/1\"\nkind = \"shadow\"\nfiles = [\"log.csv\"]\nchampion = \"prod\"\n\
                     challenger = \"good\"\nrivals = [\"same\"]\n";
    let folder = Folder::new("challengers", &[("log.csv", &log), ("run.assay", workspace)]);
    let mut window = window(vec![folder.0.join("run.assay")]);
    idle(&mut window);
    assert!(has(&window, "challenger good, choose another"), "{}", texts(&window));
    tab(&mut window, "Decision");
    assert!(has(&window, "2 challengers may be promoted"), "{}", texts(&window));
    act(&mut window, Action::Challenger("same".to_owned()));
    idle(&mut window);
    assert!(has(&window, "challenger same, choose another") && has(&window, "Scorecard"), "{}", texts(&window));
    // The first is on offer again, by the palette too.
    window.query_all_by_label_contains("challenger same, choose another").next().unwrap().click();
    window.run();
    press(&mut window, "good");
    idle(&mut window);
    assert!(has(&window, "challenger good, choose another"), "{}", texts(&window));
}
