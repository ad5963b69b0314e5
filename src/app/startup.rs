//! From the command line to a window: which renderer, which workspace, and what to do without a display.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use eframe::egui::ViewportBuilder;
use eframe::{NativeOptions, Renderer};

use super::AssayApp;
use super::session_desk::SessionDesk;
use super::storage::{Settings, ThemeName};
use crate::ui::theme::size;

/// Is the candidate model better than the one in production, and may it be promoted?
#[derive(Clone, Debug, Parser)]
#[command(name = "assay", version)]
pub struct Args {
    /// A workspace (`*.assay`), or log files and folders: champion, challenger and labels together.
    /// Without any, the bundled sample opens.
    pub paths: Vec<PathBuf>,
    /// Draw with this renderer only; otherwise wgpu is tried first, then glow.
    #[arg(long)]
    pub renderer: Option<RendererName>,
    /// Theme of this run and the next ones.
    #[arg(long)]
    pub theme: Option<ThemeName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RendererName {
    Wgpu,
    Glow,
}

impl RendererName {
    fn eframe(self) -> Renderer {
        match self {
            Self::Wgpu => Renderer::Wgpu,
            Self::Glow => Renderer::Glow,
        }
    }

    /// As it stands in the status bar.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wgpu => "wgpu",
            Self::Glow => "glow",
        }
    }
}

/// Run `assay`.
pub fn run() -> ExitCode {
    let args = Args::parse();
    let paths = if args.paths.is_empty() { sample().into_iter().collect() } else { args.paths.clone() };
    if !has_display() {
        eprintln!(
            "assay: there is no display here, so the window stays closed and the workspace is evaluated in the terminal."
        );
        return headless(paths);
    }
    let renderers = match args.renderer {
        Some(renderer) => vec![renderer],
        None => vec![RendererName::Wgpu, RendererName::Glow],
    };
    for renderer in renderers {
        match open_window(&args, &paths, renderer) {
            Ok(()) => return ExitCode::SUCCESS,
            // Without a display server no renderer helps.
            Err(error @ eframe::Error::WinitEventLoop(_)) => {
                eprintln!("assay: {error}");
                break;
            }
            Err(error) => eprintln!("assay: no window with {}: {error}", renderer.word()),
        }
    }
    eprintln!(
        "assay: no window could be opened; the workspace is evaluated in the terminal. Scripts use assay-cli evaluate."
    );
    headless(paths)
}

fn headless(paths: Vec<PathBuf>) -> ExitCode {
    if paths.is_empty() {
        eprintln!("assay: name the logs to evaluate: assay PATH…, or assay-cli evaluate PATH…");
        return ExitCode::from(2);
    }
    crate::cli::headless(&paths)
}

fn open_window(args: &Args, paths: &[PathBuf], renderer: RendererName) -> eframe::Result {
    let (mut settings, problem) =
        Settings::path().map_or_else(|| (Settings::default(), None), |path| Settings::load(&path));
    if let Some(theme) = args.theme {
        settings.theme = theme;
    }
    let mut viewport = ViewportBuilder::default()
        .with_app_id("assay")
        .with_title("Assay")
        .with_inner_size([1440.0, 900.0])
        .with_min_inner_size(size::MIN_WINDOW)
        .with_drag_and_drop(true);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png")) {
        viewport = viewport.with_icon(icon);
    }
    let options =
        NativeOptions { viewport, renderer: renderer.eframe(), system_font_fallback: true, ..NativeOptions::default() };
    let paths = paths.to_vec();
    let recents = Settings::path().map(|path| path.with_file_name("recent.toml"));
    eframe::run_native(
        "assay",
        options,
        Box::new(move |cx| {
            let renderer = renderer_words(cx, renderer);
            let desk = |wake| Box::new(SessionDesk::new(wake, paths, recents)) as Box<dyn super::Desk>;
            Ok(Box::new(AssayApp::new(&cx.egui_ctx, settings, problem, renderer, desk).keep_settings(Settings::path())))
        }),
    )
}

/// For the status bar: `wgpu, Vulkan`, and whether the processor draws instead of a graphics card.
fn renderer_words(cx: &eframe::CreationContext<'_>, renderer: RendererName) -> String {
    let Some(state) = &cx.wgpu_render_state else {
        return renderer.word().to_owned();
    };
    let info = state.adapter.get_info();
    let software = if format!("{:?}", info.device_type) == "Cpu" { ", no graphics card" } else { "" };
    format!("{}, {:?}{software}", renderer.word(), info.backend)
}

/// Whether a window can be shown at all. On Linux a display server must be named; elsewhere there is one.
fn has_display() -> bool {
    let named = |variable: &str| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    cfg!(not(all(unix, not(target_os = "macos"))))
        || named("DISPLAY")
        || named("WAYLAND_DISPLAY")
        || named("WAYLAND_SOCKET")
}

/// The bundled sample workspace: beside the working folder, the program, or the sources it was built from.
fn sample() -> Option<PathBuf> {
    samples().into_iter().next()
}

/// All bundled workspaces, of the first folder that has any.
pub fn samples() -> Vec<PathBuf> {
    let beside_program = std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_path_buf));
    let roots = [std::env::current_dir().ok(), beside_program, Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")))];
    roots
        .into_iter()
        .flatten()
        .map(|root| workspaces(&root.join("sample_data")))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// `*.assay` in the folders of `folder`, shadow runs first.
fn workspaces(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default()
    };
    let mut found: Vec<PathBuf> = entries(folder)
        .iter()
        .flat_map(|path| entries(path))
        .filter(|path| path.extension().is_some_and(|ending| ending == "assay"))
        .collect();
    let later = |path: &PathBuf| {
        !path.parent().and_then(Path::file_name).is_some_and(|name| name.to_string_lossy().starts_with("shadow"))
    };
    found.sort_by_key(|path| (later(path), path.clone()));
    found
}
