//! Pictures of the window, drawn by the processor where there is no graphics card, against those kept beside this file.
//!
//! What differs between runs (timings, memory, the version) is painted over, and colours are coarse, which keeps the
//! files small. `UPDATE_SNAPSHOTS=1` keeps new pictures; pack them with a PNG optimiser before they are committed.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use assay::app::{AssayApp, SessionDesk, Settings, ThemeName, samples};
use eframe::egui::{Key, Modifiers, Rect, Theme, pos2, vec2};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::wgpu::WgpuTestRenderer;
use egui_kittest::{Harness, SnapshotOptions, try_image_snapshot_options};

type Window = Harness<'static, AssayApp>;

const WIDTH: f32 = 1280.0;
const HEIGHT: f32 = 800.0;
const STATUS_BAR: f32 = 24.0;

/// How far a picture may be from the one that is kept: drivers smooth edges differently, by a few pixels.
fn tolerance() -> SnapshotOptions {
    SnapshotOptions::new().threshold(0.15).max_failed_pixels(20_usize).output_path("tests/suite/snapshots")
}

/// The window; `None`, with a word about it, where nothing can draw.
fn window(theme: ThemeName, paths: Vec<PathBuf>) -> Option<Window> {
    // Without an adapter the renderer panics; there is no gentler way to ask.
    let Ok(renderer) = std::panic::catch_unwind(WgpuTestRenderer::new) else {
        eprintln!("skipped: there is no graphics adapter here, not even a software one");
        return None;
    };
    let settings = Settings { theme, ..Settings::default() };
    // Else the harness sets its own, which is dark, over that of the settings.
    let builder = Harness::builder().with_theme(Theme::from(theme)).with_size(vec2(WIDTH, HEIGHT)).renderer(renderer);
    let mut window = builder.build_eframe(move |cx| {
        AssayApp::new(&cx.egui_ctx, settings, None, "test".to_owned(), |wake| {
            Box::new(SessionDesk::new(wake, paths, None))
        })
    });
    settle(&mut window);
    Some(window)
}

/// Let frames go by until no job runs and the layout rests.
fn settle(window: &mut Window) {
    let since = Instant::now();
    window.step();
    while window.state().is_busy() {
        assert!(since.elapsed() < Duration::from_secs(300), "the window is still busy");
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
    window.run_steps(4);
}

fn compare(window: &mut Window, name: &str) {
    let mut masks = vec![Rect::from_min_max(pos2(0.0, HEIGHT - STATUS_BAR), pos2(WIDTH, HEIGHT))];
    for text in ["read in ", env!("CARGO_PKG_VERSION")] {
        masks.extend(window.query_all_by_label_contains(text).map(|node| node.rect().expand(2.0)));
    }
    let mut picture = window.render().unwrap();
    for mask in masks {
        let mask = mask.intersect(Rect::from_min_size(pos2(0.0, 0.0), vec2(WIDTH, HEIGHT)));
        for y in mask.top() as u32..mask.bottom() as u32 {
            for x in mask.left() as u32..mask.right() as u32 {
                picture.get_pixel_mut(x, y).0 = [128, 128, 128, 255];
            }
        }
    }
    // A difference of one can become one of sixteen at a step; the tolerance allows that.
    for pixel in picture.pixels_mut() {
        let [red, green, blue, _] = pixel.0;
        pixel.0 = [red & 0xF0, green & 0xF0, blue & 0xF0, 255];
    }
    if let Err(error) = try_image_snapshot_options(&picture, name, &tolerance()) {
        panic!("{error}");
    }
}

fn sample(view: Key, name: &str) {
    let paths = samples().into_iter().take(1).collect();
    let Some(mut window) = window(ThemeName::Dark, paths) else { return };
    window.key_press_modifiers(Modifiers::ALT, view);
    settle(&mut window);
    compare(&mut window, name);
}

#[test]
fn start_light() {
    if let Some(mut window) = window(ThemeName::Light, Vec::new()) {
        compare(&mut window, "start-light");
    }
}

#[test]
fn overview_dark() {
    sample(Key::Num1, "overview-dark");
}

#[test]
fn confusion_dark() {
    sample(Key::Num2, "confusion-dark");
}

#[test]
fn decision_dark() {
    sample(Key::Num0, "decision-dark");
}
