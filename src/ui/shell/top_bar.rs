//! Top bar: workspace, run, champion against challenger, threshold, find, verdict so far.

use eframe::egui::{
    Align, CornerRadius, Layout, Popup, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::ui::actions::Action;
use crate::ui::marks::{self, Mark};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, chip_ui};
use crate::ui::{fonts, paint, text};

/// What the top bar says about the open workspace.
#[derive(Clone, Debug, Default)]
pub struct TopBarModel {
    pub workspace: String,
    /// `shadow`, `ab`, `canary`, `offline`.
    pub kind: String,
    /// `7 Sep – 4 Oct 2026`; empty where the log has no times.
    pub dates: String,
    pub champion: String,
    /// Empty for a log of one model.
    pub challenger: String,
    /// Other challengers of the run, which the challenger's box offers.
    pub rivals: Vec<String>,
    /// `matched FPR`; empty where nothing is decided by a threshold.
    pub threshold_basis: String,
    /// Champion's and challenger's threshold as printed.
    pub thresholds: [String; 2],
    pub verdict: Verdict,
}

/// The verdict chip. Without a policy it says so.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub mark: Mark,
    /// `Promote with conditions`, `No policy`.
    pub text: String,
    /// `rule 5`; may be empty.
    pub rule: String,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { mark: Mark::NotEvaluable, text: "No policy".to_owned(), rule: String::new() }
    }
}

pub(super) fn top_bar_ui(ui: &mut Ui, model: Option<&TopBarModel>, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    let full = ui.max_rect();
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        if let Some(model) = model {
            if verdict_ui(ui, &model.verdict).clicked() {
                actions.push(Action::Tab(usize::MAX));
            }
        } else {
            let name = if tokens.dark { "Dark" } else { "Light" };
            if chip_ui(ui, None, name, "", true).on_hover_text("Change between dark and light").clicked() {
                actions.push(Action::ToggleTheme);
            }
        }
        if find_ui(ui).clicked() {
            actions.push(Action::Palette);
        }
        let rest = Rect::from_min_max(full.min, pos2(ui.cursor().right(), full.bottom()));
        crate::ui::layout::at_ui(ui, "top left", rest, |ui| {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 10.0;
                left_ui(ui, model, actions);
            });
        });
    });
}

fn left_ui(ui: &mut Ui, model: Option<&TopBarModel>, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    marks::logo_ui(ui, 18.0);
    let Some(model) = model else {
        ui.label(text::strong(tokens, "Assay"));
        ui.label(text::small(tokens, env!("CARGO_PKG_VERSION")));
        return;
    };
    ui.add(eframe::egui::Label::new(text::strong(tokens, &model.workspace)).truncate());
    if !model.kind.is_empty() {
        kind_ui(ui, &model.kind);
    }
    let roomy = ui.available_width() > 640.0;
    if !model.dates.is_empty() && roomy {
        ui.label(text::small(tokens, &model.dates));
        let (rule, _) = ui.allocate_exact_size(vec2(1.0, 20.0), Sense::hover());
        paint::vline(ui.painter(), rect_center(rule), rule.top(), rule.bottom(), tokens.line);
    }
    // Names give way before the threshold does.
    let threshold = if model.threshold_basis.is_empty() { 0.0 } else { 230.0 };
    let each = ((ui.available_width() - threshold - 80.0) / 2.0).max(90.0);
    arm_ui(ui, Mark::Champion, &model.champion, &[], each);
    if !model.challenger.is_empty() {
        ui.label(text::body(tokens, "against").color(tokens.muted));
        let chosen = arm_ui(ui, Mark::Challenger, &model.challenger, &model.rivals, each);
        actions.extend(chosen.map(Action::Challenger));
    }
    if !model.threshold_basis.is_empty() && threshold_ui(ui, model).clicked() {
        actions.push(Action::Threshold);
    }
}

fn rect_center(rect: Rect) -> f32 {
    rect.center().x
}

fn kind_ui(ui: &mut Ui, kind: &str) {
    let tokens = Tokens::of(ui);
    let width = paint::text_width(ui.painter(), kind, fonts::small()) + 14.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width.ceil(), 20.0), Sense::hover());
    let radius = CornerRadius::same(size::RADIUS as u8);
    ui.painter().rect_stroke(rect, radius, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    paint::text_center(ui.painter(), rect, kind, fonts::small(), tokens.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("run kind {kind}")));
}

/// Box with mark, name in the arm's hue, and the arm's role; the model of `others` that was chosen from its menu.
fn arm_ui(ui: &mut Ui, mark: Mark, name: &str, others: &[String], most: f32) -> Option<String> {
    let tokens = Tokens::of(ui);
    let (role, arrow) = (mark.word(), if others.is_empty() { 0.0 } else { 16.0 });
    let role_width = paint::text_width(ui.painter(), role, fonts::small());
    let name_width = paint::text_width(ui.painter(), name, fonts::body_medium());
    let with_role = name_width + role_width + 46.0 + arrow <= most;
    let wanted = name_width + 34.0 + arrow + if with_role { role_width + 10.0 } else { 0.0 };
    let sense = if others.is_empty() { Sense::hover() } else { Sense::click() };
    let (rect, response) = ui.allocate_exact_size(vec2(wanted.min(most).ceil(), size::CHIP), sense);
    outline(ui, rect, !others.is_empty() && (response.hovered() || response.has_focus()), tokens);
    mark.paint(ui.painter(), pos2(rect.left() + 14.0, rect.center().y), size::MARK, tokens);
    let line =
        Rect::from_min_max(pos2(rect.left() + 26.0, rect.top()), pos2(rect.right() - 8.0 - arrow, rect.bottom()));
    let used = paint::text_left(ui.painter(), line, name, fonts::body_medium(), mark.color(tokens));
    if with_role {
        let place = Rect::from_min_max(pos2(used.right() + 7.0, line.top()), line.max);
        paint::text_left(ui.painter(), place, role, fonts::small(), tokens.muted);
    }
    if others.is_empty() {
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{role} {name}")));
        response.on_hover_text(format!("{name}, {role}"));
        return None;
    }
    let (x, y) = (rect.right() - 14.0, rect.center().y);
    let points = vec![pos2(x - 4.0, y - 2.0), pos2(x, y + 2.5), pos2(x + 4.0, y - 2.0)];
    ui.painter().line(points, Stroke::new(1.5, tokens.muted));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{role} {name}, choose another")));
    let mut chosen = None;
    Popup::menu(&response).width(240.0).show(|ui| {
        ui.label(text::small(tokens, "Challengers that may be promoted instead"));
        for other in others {
            if Button::secondary(other).ui(ui).on_hover_text(format!("Compare {other} with the champion")).clicked() {
                chosen = Some(other.clone());
            }
        }
    });
    response.on_hover_text(format!(
        "{name}, {role}. {} more may be promoted instead; choose one to compare.",
        others.len()
    ));
    chosen
}

fn threshold_ui(ui: &mut Ui, model: &TopBarModel) -> Response {
    let tokens = Tokens::of(ui);
    let spans = text::Spans::body(tokens)
        .muted("Threshold  ")
        .ink(&model.threshold_basis)
        .hue(&format!("  {}", model.thresholds[0]), tokens.champion)
        .hue(&format!("  {}", model.thresholds[1]), tokens.challenger);
    let name = spans.plain().trim().to_owned();
    let galley = ui.painter().layout_job(spans.job());
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 18.0, size::CHIP), Sense::click());
    outline(ui, rect, response.hovered() || response.has_focus(), tokens);
    let place = pos2(rect.left() + 9.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(paint::snap_pos(ui.painter(), place), galley, tokens.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    response.on_hover_text("Open the threshold control")
}

fn find_ui(ui: &mut Ui) -> Response {
    Button::secondary("Find or run").shortcut(if cfg!(target_os = "macos") { "Cmd K" } else { "Ctrl K" }).muted().ui(ui)
}

/// Mark, verdict, rule; opens the decision.
fn verdict_ui(ui: &mut Ui, verdict: &Verdict) -> Response {
    let tokens = Tokens::of(ui);
    let text_width = paint::text_width(ui.painter(), &verdict.text, fonts::body_semibold());
    let rule_width = if verdict.rule.is_empty() {
        0.0
    } else {
        paint::text_width(ui.painter(), &verdict.rule, fonts::small()) + 7.0
    };
    let (rect, response) =
        ui.allocate_exact_size(vec2((text_width + rule_width + 42.0).ceil(), size::BUTTON), Sense::click());
    let line = if verdict.mark == Mark::NotEvaluable { tokens.line } else { tokens.line_strong };
    let fill = if response.hovered() { tokens.raised } else { tokens.pane };
    let radius = CornerRadius::same(size::RADIUS as u8);
    let line = if response.has_focus() { tokens.ink } else { line };
    ui.painter().rect(rect, radius, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    verdict.mark.paint(ui.painter(), pos2(rect.left() + 18.0, rect.center().y), 15.0, tokens);
    let place = Rect::from_min_max(pos2(rect.left() + 32.0, rect.top()), pos2(rect.right(), rect.bottom()));
    let used = paint::text_left(ui.painter(), place, &verdict.text, fonts::body_semibold(), tokens.ink);
    if !verdict.rule.is_empty() {
        let place = Rect::from_min_max(pos2(used.right() + 7.0, rect.top()), rect.max);
        paint::text_left(ui.painter(), place, &verdict.rule, fonts::small(), tokens.muted);
    }
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, format!("verdict: {} {}", verdict.text, verdict.rule).trim())
    });
    response.on_hover_text("Open the decision")
}

fn outline(ui: &Ui, rect: Rect, hot: bool, tokens: &Tokens) {
    let radius = CornerRadius::same(size::RADIUS as u8);
    let fill = if hot { tokens.raised } else { tokens.pane };
    ui.painter().rect(
        rect,
        radius,
        fill,
        Stroke::new(1.0, if hot { tokens.line_strong } else { tokens.line }),
        StrokeKind::Inside,
    );
}
