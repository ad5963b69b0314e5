//! Frames of the whole window over a log of 1,000 classes, view by view, without what a graphics card draws.
//!
//! `cargo bench --bench frames` makes a log; `cargo bench --bench frames -- FILE.assay…` opens workspaces of one's own.
//! A frame has 16 ms; the pointer moves over the view meanwhile, so that everything that answers to it is paid for.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assay::app::{AssayApp, SessionDesk, Settings};
use eframe::egui::accesskit::Toggled;
use eframe::egui::{Event, Pos2, Role, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const ROWS: usize = 200_000;
const CLASSES: usize = 1000;
const FRAMES: usize = 200;
const SIZE: [f32; 2] = [1920.0, 1080.0];

type Window = Harness<'static, AssayApp>;

fn main() -> Result<(), std::io::Error> {
    let given: Vec<PathBuf> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).map(PathBuf::from).collect();
    let folder = std::env::temp_dir().join(format!("assay-frames-{}", std::process::id()));
    let paths = if given.is_empty() {
        std::fs::create_dir_all(&folder)?;
        let path = folder.join("classes.csv");
        std::fs::write(&path, log())?;
        vec![path]
    } else {
        given
    };
    println!("{:<28} {:<24} {:>8} {:>8} {:>8}  ms a frame", "log", "view", "median", "p99", "max");
    paths.iter().for_each(|path| measure(path));
    if folder.is_dir() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// Labels and answers of two models, each right in four of five rows; classes in groups.
fn log() -> String {
    let draw = |row: usize, salt: usize| (row * 7919 + salt * 104_729) % 1_000_003;
    let name = |class: usize| format!("group {}/class {class:04}", class % 20);
    let mut text = String::from("id,region,label,prediction_champion,prediction_challenger\n");
    for row in 0..ROWS {
        let truth = draw(row, 1) % CLASSES;
        let answer = |salt: usize| {
            if draw(row, salt).is_multiple_of(5) { (truth + draw(row, salt + 1) % 9) % CLASSES } else { truth }
        };
        // Writing to text does not fail.
        let _ = writeln!(text, "r{row},r{},{},{},{}", row % 7, name(truth), name(answer(2)), name(answer(4)));
    }
    text
}

fn measure(path: &Path) {
    let opened = vec![path.to_path_buf()];
    let mut window: Window = Harness::builder().with_size(vec2(SIZE[0], SIZE[1])).build_eframe(move |cx| {
        AssayApp::new(&cx.egui_ctx, Settings::default(), None, "bench".to_owned(), |wake| {
            Box::new(SessionDesk::new(wake, opened, None))
        })
    });
    settle(&mut window);
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let tabs: Vec<String> =
        window.query_all_by_role(Role::Tab).filter_map(|tab| tab.accesskit_node().label()).collect();
    assert!(!tabs.is_empty(), "{name} opened no view");
    for view in tabs {
        tab(&window, &view).click();
        settle(&mut window);
        assert_eq!(tab(&window, &view).accesskit_node().toggled(), Some(Toggled::True), "{view} of {name} is shown");
        let mut millis: Vec<f64> = (0..FRAMES).map(|frame| step(&mut window, frame)).collect();
        millis.sort_by(f64::total_cmp);
        let at = |share: usize| millis[(FRAMES - 1) * share / 100];
        println!("{name:<28} {view:<24} {:>8.2} {:>8.2} {:>8.2}", at(50), at(99), at(100));
    }
}

/// The tab of a view, by its title with the word of its mark.
fn tab<'a>(window: &'a Window, title: &'a str) -> egui_kittest::Node<'a> {
    window.get_by_role_and_label(Role::Tab, title)
}

/// Let jobs end.
fn settle(window: &mut Window) {
    let since = Instant::now();
    for _ in 0..5 {
        window.step();
    }
    while window.state().is_busy() && since.elapsed() < Duration::from_secs(600) {
        std::thread::sleep(Duration::from_millis(20));
        window.step();
    }
    for _ in 0..5 {
        window.step();
    }
}

/// One frame with the pointer somewhere else, in milliseconds.
fn step(window: &mut Window, frame: usize) -> f64 {
    window.event(Event::PointerMoved(place(frame)));
    let since = Instant::now();
    window.step();
    since.elapsed().as_secs_f64() * 1e3
}

/// All over the view, in steps that are no row or column of anything.
fn place(frame: usize) -> Pos2 {
    let share = |step: usize| (frame * step % 997) as f32 / 997.0;
    pos2(280.0 + share(173) * (SIZE[0] - 300.0), 100.0 + share(331) * (SIZE[1] - 140.0))
}
