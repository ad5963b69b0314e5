//! Several challengers in one workspace: the box of the one in view offers the others, the Decision view holds them all.

use super::*;

/// A run of two challengers, of which the second is as good as the champion.
fn folder(name: &str) -> Folder {
    let mut log = String::from("request_id,model,prediction,label\n");
    for row in 0..400usize {
        for (model, every) in [("prod", 5), ("good", 20), ("same", 6)] {
            let wrong = usize::from(row % every == 0);
            log += &format!("r{row},{model},{},{}\n", (row + wrong) % 2, row % 2);
        }
    }
    let workspace = "schema = \"assay-workspace/1\"\nkind = \"shadow\"\nfiles = [\"log.csv\"]\nchampion = \"prod\"\n\
                     challenger = \"good\"\nrivals = [\"same\"]\n";
    Folder::new(name, &[("log.csv", &log), ("run.assay", workspace)])
}

#[test]
fn another_challenger_is_chosen_in_the_top_bar() {
    let folder = folder("challengers");
    let mut window = window(vec![folder.0.join("run.assay")]);
    idle(&mut window);
    assert!(has(&window, "challenger good, choose another"), "{}", texts(&window));
    tab(&mut window, "Decision");
    assert!(has(&window, "2 challengers may be promoted"), "{}", texts(&window));
    type_into(&mut window, "Facts", "challenger.cost=2 EUR");
    act(&mut window, Action::Challenger("same".to_owned()));
    idle(&mut window);
    assert!(has(&window, "challenger same, choose another") && has(&window, "Scorecard"), "{}", texts(&window));
    // What was said of the other is not said of this one, and stands in the file with the name of whom it is said.
    tab(&mut window, "Decision");
    assert!(!has_value(&window, "challenger.cost=2 EUR"), "{}", texts(&window));
    type_into(&mut window, "Facts", "challenger.cost=9 EUR");
    act(&mut window, Action::CloseWorkspace);
    idle(&mut window);
    let kept = crate::session::workspace::read(&folder.0.join("run.assay")).unwrap();
    let facts = (kept.draft.facts.as_str(), kept.draft.others["good"].facts.as_str());
    assert_eq!((kept.challenger.as_deref(), facts), (Some("same"), ("challenger.cost=9 EUR", "challenger.cost=2 EUR")));
    let mut window = self::window(vec![folder.0.join("run.assay")]);
    idle(&mut window);
    // The first is on offer again, by the palette too.
    window.query_all_by_label_contains("challenger same, choose another").next().unwrap().click();
    window.run();
    press(&mut window, "good");
    idle(&mut window);
    assert!(has(&window, "challenger good, choose another"), "{}", texts(&window));
    tab(&mut window, "Decision");
    assert!(has_value(&window, "challenger.cost=2 EUR"), "{}", texts(&window));
}

#[test]
fn the_decision_view_holds_all_challengers_and_a_click_changes_to_one() {
    let folder = folder("all-challengers");
    let mut window = window(vec![folder.0.join("run.assay")]);
    idle(&mut window);
    tab(&mut window, "Decision");
    // Compared in a job of its own, once the view is looked at.
    idle(&mut window);
    let row = |window: &Window, name: &str| {
        let rows = window.query_all_by_role(Role::Row);
        let labels = rows.filter_map(|row| row.accesskit_node().label()).filter(|label| label.contains("passed"));
        labels.into_iter().find(|label| label.contains(name)).unwrap_or_else(|| panic!("{name}: {}", texts(window)))
    };
    let (good, same) = (row(&window, "good"), row(&window, "same"));
    assert!(good.contains("in view") && !same.contains("in view"), "{good} {same}");
    // What the command line says of the other.
    let request = |challenger: &str, rival: &str| {
        let files = vec![folder.0.join("run.assay")];
        let asked = crate::session::pipeline::request(&files).unwrap();
        let (challenger, rivals) = (Some(challenger.to_owned()), vec![rival.to_owned()]);
        crate::session::pipeline::Request { challenger, rivals, ..asked }
    };
    let cx = crate::job::JobCx::new();
    let found = crate::session::pipeline::whole(&request("same", "good"), &cx).unwrap();
    let challenger = crate::present::challengers::Challenger::of(&found.comparison, &found.verdict);
    let line = crate::present::challengers::line(&challenger, false);
    for part in [&line.verdict, &line.gates, &line.metric, &line.difference, &line.interval] {
        assert!(same.contains(part.as_str()), "{part} is not in {same}");
    }
    window
        .query_all_by_role(Role::Row)
        .find(|row| row.accesskit_node().label().as_deref() == Some(&same))
        .unwrap()
        .click();
    idle(&mut window);
    assert!(has(&window, "challenger same, choose another"), "{}", texts(&window));
    // What was known of both is kept.
    tab(&mut window, "Decision");
    assert!(row(&window, "same").contains("in view") && !row(&window, "good").contains("in view"));
}
