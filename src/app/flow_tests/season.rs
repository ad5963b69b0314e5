//! The season of a time series is said where columns get their meaning, and the errors are scaled by it.

use super::*;

#[test]
fn rows_per_season_are_set_in_the_mapping() {
    let log = include_str!("../../../tests/suite/forecast.csv");
    let workspace =
        "schema = \"assay-workspace/1\"\nkind = \"offline\"\ntask = \"regression\"\nfiles = [\"log.csv\"]\n";
    let folder = Folder::new("season", &[("log.csv", log), ("run.assay", workspace)]);
    let mut window = window(vec![folder.0.join("run.assay")]);
    idle(&mut window);
    let mase = |window: &Window| {
        let rows = window.query_all_by_role(Role::Row).filter_map(|row| row.accesskit_node().label());
        rows.into_iter().find(|row| row.contains("MASE")).unwrap_or_else(|| panic!("{}", texts(window)))
    };
    let before = mase(&window);
    act(&mut window, Action::ChangeMapping);
    wait(&mut window, "the mapping", |window| has(window, "Map columns"));
    idle(&mut window);
    type_into(&mut window, "Rows per season", "7");
    window.get_by_label("Load").click();
    window.step();
    idle(&mut window);
    let after = mase(&window);
    // As forecast.json has it: 0.31459 and 0.25022.
    assert!(after.contains("0.31") && after.contains("0.25") && after != before, "{before} {after}");
}
