//! The whole window without a graphics card: what a person does, found by the names a screen reader says.

mod agreement;
mod attached;
#[cfg(feature = "s3")]
mod buckets;
mod business;
mod challengers;
mod families;
mod pairs;
mod profiles;
mod season;
mod split;
mod staleness;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eframe::egui::accesskit::Role;
use eframe::egui::{Ui, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::session_desk::SessionDesk;
use super::*;

type Window = Harness<'static, Option<AssayApp>>;

/// A folder of files, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-flow-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The window with `paths` opened from the command line.
fn window(paths: Vec<PathBuf>) -> Window {
    window_with(paths, None)
}

/// As [`window`], with a list of recent workspaces.
fn window_with(paths: Vec<PathBuf>, recents: Option<PathBuf>) -> Window {
    let show = move |ui: &mut Ui, app: &mut Option<AssayApp>| {
        let app = app.get_or_insert_with(|| {
            let (paths, recents) = (paths.clone(), recents.clone());
            AssayApp::new(ui.ctx(), Settings::default(), None, "test".to_owned(), |wake| {
                Box::new(SessionDesk::new(wake, paths, recents))
            })
        });
        if crate::ui::fonts::installed(ui.ctx()) {
            let ctx = ui.ctx().clone();
            app.before_frame(&ctx);
            app.frame_ui(ui);
        } else {
            ui.ctx().request_repaint();
        }
    };
    let mut harness = Harness::builder().with_size(vec2(1440.0, 900.0)).build_ui_state(show, None);
    harness.step();
    harness
}

/// Let frames go by until `ready`.
fn wait(window: &mut Window, what: &str, ready: impl Fn(&Window) -> bool) {
    let since = Instant::now();
    while !ready(window) {
        assert!(since.elapsed() < Duration::from_secs(300), "still waiting for {what}:\n{}", texts(window));
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
    window.step();
}

fn idle(window: &mut Window) {
    window.step();
    wait(window, "jobs", |window| window.state().as_ref().is_some_and(|app| !app.desk.is_busy()));
    window.run();
}

fn has(window: &Window, label: &str) -> bool {
    window.query_all_by_label_contains(label).next().is_some()
}

/// Everything that has a name, for messages.
fn texts(window: &Window) -> String {
    let nodes = window.query_all_by_label_contains("");
    let names: Vec<String> =
        nodes.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value())).collect();
    names.join(" | ")
}

fn log(model: &str, shift: usize) -> String {
    let line = |id: usize| {
        format!("r{id},{model},0.{:03},{}\n", 100 + (id * 37 + shift) % 800, usize::from(id.is_multiple_of(3)))
    };
    (100..180).fold(String::from("id,model,score,label\n"), |text, id| text + &line(id))
}

/// A sample of its name, open and compared.
fn opened(name: &str) -> Window {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data").join(name).join(format!("{name}.assay"));
    let mut window = window(vec![path]);
    idle(&mut window);
    assert!(has(&window, "Scorecard"), "{}", texts(&window));
    window
}

#[test]
fn open_question_is_asked_and_pairing_is_proved() {
    let logs = Folder::new("question", &[("one.csv", &log("net", 0)), ("two.csv", &log("tree", 5))]);
    let mut window = window(vec![logs.0.clone()]);
    wait(&mut window, "the mapping", |window| has(window, "Map columns"));
    idle(&mut window);
    assert!(has(&window, "Load, 1 question open"), "{}", texts(&window));
    assert!(has(&window, "matched one to one"), "{}", texts(&window));
    // An answer frees the way, and the pairing is counted anew.
    window.query_all_by_label_contains(": tree").next().unwrap().click();
    window.step();
    idle(&mut window);
    window.get_by_label("Load").click();
    window.step();
    idle(&mut window);
    assert!(has(&window, "Overview"), "{}", texts(&window));
}

#[test]
fn a_score_that_is_asked_for_is_no_error() {
    let line = |id: usize| {
        format!("p{id},{},{},{}\n", id % 5, id * 37 % 91, if id.is_multiple_of(3) { "Poor" } else { "Good" })
    };
    let text = (100..180).fold(String::from("patient,grade,age,outcome\n"), |text, id| text + &line(id));
    let logs = Folder::new("asked", &[("study.csv", &text)]);
    let mut window = window(vec![logs.0.join("study.csv")]);
    wait(&mut window, "the mapping", |window| has(window, "Map columns"));
    idle(&mut window);
    assert!(has(&window, "Which column holds the model's score?"), "{}", texts(&window));
    assert!(!has(&window, "--map"), "{}", texts(&window));
}

#[test]
fn what_cannot_be_opened_is_told_where_one_opens() {
    let mut window = window(vec![Path::new("/no/such/log.csv").to_path_buf()]);
    idle(&mut window);
    assert!(has(&window, "/no/such/log.csv"), "{}", texts(&window));
}

#[test]
fn sample_is_compared_decided_sealed_exported_and_verified() {
    let mut window = window(vec![sample()]);
    assert!(has(&window, "Assay"), "the first frame waits for nothing");
    idle(&mut window);
    assert!(has(&window, "Scorecard"), "{}", texts(&window));
    assert!(has(&window, "read and compared"), "{}", texts(&window));

    tab(&mut window, "Confusion");
    press(&mut window, "champion: truth positive, predicted pass");
    assert!(has(&window, "1,774 rows selected"), "{}", texts(&window));
    press(&mut window, "Open rows");
    assert!(has(&window, "1,774 rows"), "{}", texts(&window));
    tab(&mut window, "Decision");
    type_into(&mut window, "Limitations", "none stated by A. Reviewer");
    press(&mut window, "Seal record");
    assert!(has(&window, "record sealed, read-only"), "{}", texts(&window));

    let folder = Folder::new("export", &[]);
    press(&mut window, "Record…");
    answer(&mut window, &folder.0);
    for name in ["record.json", "report.html", "MANIFEST.sha256"] {
        assert!(folder.0.join(name).is_file(), "{name}: {}", texts(&window));
    }
    press(&mut window, "Record…");
    answer(&mut window, &folder.0);
    assert!(folder.0.join("record-2/record.json").is_file(), "a record is never overwritten");
    press(&mut window, "Verify");
    assert!(has(&window, "MATCH: "), "{}", texts(&window));
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/shadow-outreach/shadow-outreach.assay")
}

fn act(window: &mut Window, action: Action) {
    window.state_mut().as_mut().unwrap().desk.act(action);
    window.step();
    idle(window);
}

#[test]
fn slice_is_typed_selected_and_undone() {
    let mut window = window(vec![sample()]);
    idle(&mut window);
    window.key_press(eframe::egui::Key::S);
    window.step();
    idle(&mut window);
    type_into(&mut window, "New slice", "nowhere=1");
    window.key_press(eframe::egui::Key::Enter);
    window.step();
    idle(&mut window);
    assert!(has(&window, "no column nowhere to slice by"), "{}", texts(&window));
    act(&mut window, Action::AddSlice("site=site-1 & sex=female".to_owned()));
    let slices = window.state().as_ref().unwrap().desk.slices();
    let added = slices.iter().position(|slice| slice == "site=site-1 & sex=female").expect("the slice is listed");
    act(&mut window, Action::SelectSlice(Some(added)));
    tab(&mut window, "Rows");
    assert!(has(&window, "rows of site=site-1 & sex=female"), "{}", texts(&window));
    act(&mut window, Action::Undo);
    assert!(has(&window, "all analysed rows"), "{}", texts(&window));
    act(&mut window, Action::Undo);
    assert_eq!(window.state().as_ref().unwrap().desk.slices().len() + 1, slices.len());
}

#[test]
fn workspace_is_saved_and_opens_again_as_it_was() {
    let folder = Folder::new("saved", &[]);
    let file = folder.0.join("again.assay");
    let mut first = window(vec![sample()]);
    idle(&mut first);
    act(&mut first, Action::AddSlice("site=site-1 & sex=female".to_owned()));
    act(&mut first, Action::SaveWorkspaceAs);
    answer(&mut first, &file);
    let slices = first.state().as_ref().unwrap().desk.slices();
    let mut second = window(vec![file]);
    idle(&mut second);
    assert_eq!(second.state().as_ref().unwrap().desk.slices(), slices, "{}", texts(&second));
}

#[test]
fn threshold_follows_the_keys_and_undo_brings_it_back() {
    let mut window = window(vec![sample()]);
    idle(&mut window);
    act(&mut window, Action::Threshold);
    let read = |window: &Window| {
        let node = window.query_all_by_label_contains("champion threshold").next().expect("a handle");
        node.accesskit_node().numeric_value().unwrap_or(f64::NAN)
    };
    let before = read(&window);
    window.query_all_by_label_contains("champion threshold").next().unwrap().focus();
    window.step();
    window.key_press(eframe::egui::Key::ArrowRight);
    window.step();
    idle(&mut window);
    assert!(read(&window) > before, "{before} then {}", read(&window));
    act(&mut window, Action::Undo);
    assert_eq!(read(&window), before);
}

#[test]
fn what_was_written_is_kept_when_the_workspace_is_left() {
    let folder = Folder::new("kept", &[]);
    let open = |path: PathBuf| window_with(vec![path], Some(folder.0.join("recent.toml")));
    let mut first = open(sample());
    idle(&mut first);
    tab(&mut first, "Decision");
    type_into(&mut first, "Limitations", "one site only");
    act(&mut first, Action::CloseWorkspace);
    assert!(has(&first, "is kept: "), "{}", texts(&first));
    // It has a file now, and stands first among the recent ones.
    let mut second = open(sample());
    idle(&mut second);
    act(&mut second, Action::OpenRecent(0));
    tab(&mut second, "Decision");
    let kept = |window: &Window| has_value(window, "one site only");
    assert!(kept(&second), "{}", texts(&second));
    // In a file of its own the text is kept there, also when another workspace takes its place.
    type_into(&mut second, "Rationale", "four weeks suffice");
    let app = second.state_mut().as_mut().unwrap();
    app.desk.open(vec![sample()]);
    second.step();
    idle(&mut second);
    act(&mut second, Action::OpenRecent(0));
    tab(&mut second, "Decision");
    assert!(kept(&second) && has_value(&second, "four weeks suffice"), "{}", texts(&second));
}

#[test]
fn top_bar_follows_a_threshold_while_it_is_dragged() {
    let mut window = window(vec![sample()]);
    idle(&mut window);
    let app = window.state_mut().as_mut().unwrap();
    assert_eq!(app.desk.shell().top.unwrap().thresholds, ["0.260", "0.260"]);
    tab(&mut window, "Curves");
    let handle = window.query_all_by_label_contains("champion threshold").next().unwrap().rect().center();
    window.drag_at(handle);
    window.step();
    window.hover_at(handle + vec2(60.0, 0.0));
    window.step();
    window.step();
    let app = window.state_mut().as_mut().unwrap();
    let [champion, challenger] = app.desk.shell().top.unwrap().thresholds;
    assert!(champion.parse::<f64>().unwrap() > 0.27, "{champion}");
    assert_eq!(challenger, "0.260");
}

#[test]
fn every_pane_of_every_view_has_a_name() {
    let mut window = window(vec![sample()]);
    idle(&mut window);
    for (view, panes) in [
        ("Overview", &["Scorecard", "Where it is weakest", "Flips", "What to know"][..]),
        ("Confusion", &["Difference", "Flips", "Rates"]),
        ("Curves", &["Thresholds", "ROC", "Precision and recall", "Calibration", "Scores"]),
        ("Scores", &["Thresholds", "Scores by truth", "Score against score", "Flag rate", "Drift"]),
        ("Validity", &[]),
        ("Rows", &["Rows"]),
        ("Decision", &["Gates", "Rule that fired", "What would change the verdict", "Decision", "Export"]),
    ] {
        tab(&mut window, view);
        let groups = window.query_all_by_role(Role::Group);
        let names: Vec<String> = groups.filter_map(|node| node.accesskit_node().label()).collect();
        assert!(!names.is_empty(), "{view} has no pane");
        assert!(names.iter().all(|name| !name.is_empty() && name != "tile"), "{view}: {names:?}");
        for pane in panes {
            assert!(names.iter().any(|name| name == pane), "{view} has no pane {pane}: {names:?}");
        }
    }
}

fn has_value(window: &Window, text: &str) -> bool {
    let mut nodes = window.query_all_by_label_contains("");
    nodes.any(|node| node.accesskit_node().value().is_some_and(|value| value.contains(text)))
}

/// Click what has this name.
fn press(window: &mut Window, name: &str) {
    let Some(node) = window.query_all_by_label_contains(name).find(|node| !is_text(node)) else {
        panic!("no {name}: {}", texts(window));
    };
    node.click();
    window.step();
    idle(window);
}

fn is_text(node: &egui_kittest::Node<'_>) -> bool {
    node.accesskit_node().role() == Role::Label
}

fn type_into(window: &mut Window, name: &str, text: &str) {
    let field = |node: &egui_kittest::Node<'_>| node.accesskit_node().is_text_input();
    let Some(node) = window.query_all_by_label_contains(name).find(field) else {
        panic!("no field {name}: {}", texts(window));
    };
    node.focus();
    node.type_text(text);
    window.step();
    idle(window);
}

/// Choose `path` in the dialog that was asked for.
fn answer(window: &mut Window, path: &Path) {
    let app = window.state_mut().as_mut().unwrap();
    let request = app.waiting.pop().expect("a dialog was asked for");
    app.desk.chosen(request.purpose, vec![path.to_path_buf()]);
    window.step();
    idle(window);
}

fn tab(window: &mut Window, title: &str) {
    let by = egui_kittest::kittest::By::new().role(Role::Tab).label_contains(title);
    window.get(by).click();
    window.step();
    idle(window);
}

/// Milliseconds of a frame while the threshold is dragged on a log of any size, without a graphics card:
/// `ASSAY_DRAG_LOG=log.parquet cargo test --release --lib -- --ignored --nocapture frames_of_a_drag`.
#[test]
#[ignore = "a measurement; needs a log"]
fn frames_of_a_drag() {
    let Some(log) = std::env::var_os("ASSAY_DRAG_LOG") else {
        println!("skipped: ASSAY_DRAG_LOG names no log");
        return;
    };
    let mut window = window(vec![PathBuf::from(log)]);
    let opened = Instant::now();
    wait(&mut window, "the workspace", |window| {
        let app = window.state().as_ref();
        app.is_some_and(|app| app.desk.screen() == Screen::Workspace && !app.desk.is_busy())
    });
    println!("workspace after {:.2} s", opened.elapsed().as_secs_f64());
    for (view, tab) in [("Curves", 2), ("Scores", 3)] {
        act(&mut window, Action::Tab(tab));
        let handle = window.query_all_by_label_contains("champion threshold").next().unwrap().rect().center();
        window.drag_at(handle);
        window.step();
        let mut millis = Vec::new();
        for move_by in 1..=200 {
            window.hover_at(handle + vec2((move_by % 100) as f32, 0.0));
            let frame = Instant::now();
            window.step();
            millis.push(frame.elapsed().as_secs_f64() * 1e3);
        }
        window.drop_at(handle + vec2(40.0, 0.0));
        window.step();
        idle(&mut window);
        millis.sort_by(f64::total_cmp);
        println!("{view}: median {:.2} ms, p99 {:.2} ms, most {:.2} ms", millis[100], millis[197], millis[199]);
    }
}
