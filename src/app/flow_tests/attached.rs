//! Test results that are attached in the window, read by a gate.

use super::*;

#[test]
fn test_results_are_attached_and_detached() {
    let xml = "<testsuite name=\"smoke\"><testcase name=\"starts\"/><testcase name=\"answers\"><failure/></testcase>\
               </testsuite>";
    let policy = "schema = \"promotion-policy/1\"\nid = \"p\"\nversion = \"1\"\nowner = \"o\"\n\n[interval]\n\
                  level = 0.95\n\n[[gate]]\nid = \"T\"\nrole = \"critical\"\nmetric = \"tests_failed\"\n\
                  test = \"bound\"\nmax = 0\n\n[verdict]\nrules = [\n  \
                  { when = \"validity_failed\", then = \"invalid\" },\n  \
                  { when = \"any_failed\", then = \"reject\" },\n  { when = \"all_passed\", then = \"promote\" },\n  \
                  { when = \"otherwise\", then = \"extend\" },\n]\n\n[signoff]\n\
                  required = [{ role = \"approver\", count = 1 }]\n";
    let workspace = "schema = \"assay-workspace/1\"\nkind = \"shadow\"\nfiles = [\"a.csv\", \"b.csv\"]\n\
                     policy = \"policy.toml\"\nchampion = \"a\"\nchallenger = \"b\"\n";
    let files = [
        ("a.csv", &*log("a", 0)),
        ("b.csv", &*log("b", 90)),
        ("policy.toml", policy),
        ("smoke.xml", xml),
        ("no.xml", "<html></html>"),
        ("run.assay", workspace),
    ];
    let folder = Folder::new("attached", &files);
    let mut window = window(vec![folder.0.join("run.assay")]);
    idle(&mut window);
    tab(&mut window, "Decision");
    assert!(has(&window, "no test results are attached"), "{}", texts(&window));
    type_into(&mut window, "Path of test results", &folder.0.join("no.xml").to_string_lossy());
    press(&mut window, "Read");
    idle(&mut window);
    assert!(has(&window, "it begins with <html>") && has(&window, "undo goes back"), "{}", texts(&window));
    act(&mut window, Action::Undo);
    idle(&mut window);
    type_into(&mut window, "Path of test results", &folder.0.join("smoke.xml").to_string_lossy());
    press(&mut window, "Read");
    idle(&mut window);
    assert!(has(&window, "smoke.xml, 2 run, 1 failed, 0 skipped"), "{}", texts(&window));
    assert!(!has(&window, "no test results are attached"), "{}", texts(&window));
    press(&mut window, "Detach");
    idle(&mut window);
    assert!(has(&window, "no test results are attached"), "{}", texts(&window));
    press(&mut window, "Attach…");
    answer(&mut window, &folder.0.join("smoke.xml"));
    assert!(has(&window, "smoke.xml, 2 run, 1 failed, 0 skipped"), "{}", texts(&window));
}
