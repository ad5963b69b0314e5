//! Colours, sizes and egui styles. The only place where a colour is made.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use eframe::egui::style::{ScrollFadeStyle, ScrollStyle, WidgetVisuals, Widgets};
use eframe::egui::{
    Color32, Context, CornerRadius, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme, Ui, Vec2, Visuals, vec2,
};
use serde::Deserialize;

use super::fonts;
use crate::log::ArmRole;

const TOKENS_JSON: &str = include_str!("../../assets/tokens.json");

/// Sizes in points; the same in both themes.
pub mod size {
    pub const TOP_BAR: f32 = 44.0;
    pub const TABS: f32 = 32.0;
    pub const STATUS_BAR: f32 = 24.0;
    pub const RAIL: f32 = 252.0;
    pub const ROW: f32 = 25.0;
    pub const ROW_COMPACT: f32 = 22.0;
    pub const TABLE_HEADER: f32 = 24.0;
    pub const BUTTON: f32 = 26.0;
    pub const SEGMENT: f32 = 24.0;
    pub const CHIP: f32 = 24.0;
    pub const MARK: f32 = 14.0;
    pub const MARK_IN_LISTS: f32 = 12.0;
    pub const TILE_GAP: f32 = 8.0;
    pub const PAGE_MARGIN: f32 = 12.0;
    pub const TILE_PADDING: f32 = 12.0;
    pub const CELL_PADDING: f32 = 6.0;
    pub const CONTROL_GAP: f32 = 8.0;
    pub const RADIUS: f32 = 4.0;
    pub const MIN_WINDOW: [f32; 2] = [1120.0, 700.0];
}

/// The colours of one theme.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub dark: bool,
    /// Window background and input wells.
    pub bg: Color32,
    /// Left rail, bars, read-only wells.
    pub rail: Color32,
    /// Tiles and tables.
    pub pane: Color32,
    /// Hover, popups, the shaded margin of a forest plot.
    pub raised: Color32,
    /// Selected row, active segment.
    pub selected: Color32,
    /// Hairlines, tile outline, grid.
    pub line: Color32,
    /// Zero line, axis, outline of buttons and inputs.
    pub line_strong: Color32,
    /// Titles, estimates, intervals, the primary button.
    pub ink: Color32,
    /// Body text.
    pub text: Color32,
    /// Labels, units, axis text.
    pub muted: Color32,
    /// Reference lines and disabled glyphs; never text that must be read.
    pub faint: Color32,
    pub champion: Color32,
    pub challenger: Color32,
    pub third_arm: Color32,
    pub pass: Color32,
    pub fail: Color32,
    /// Counts: from few to many.
    pub sequential: Vec<Color32>,
    /// Differences: from "champion has more" over the middle to "challenger has more".
    pub diverging: Vec<Color32>,
}

#[derive(Deserialize)]
struct File {
    dark: ThemeFile,
    light: ThemeFile,
}

#[derive(Deserialize)]
struct ThemeFile {
    colors: BTreeMap<String, String>,
    sequential: Vec<String>,
    diverging: Vec<String>,
}

static THEMES: LazyLock<[Tokens; 2]> = LazyLock::new(|| {
    // A test reads the same text, so a broken file never leaves the build.
    let file: File = serde_json::from_str(TOKENS_JSON).unwrap_or_else(|error| panic!("assets/tokens.json: {error}"));
    [Tokens::from_file(&file.dark, true), Tokens::from_file(&file.light, false)]
});

impl Tokens {
    /// Tokens of the theme that `ui` is drawn in.
    pub fn of(ui: &Ui) -> &'static Self {
        if ui.visuals().dark_mode { Self::dark() } else { Self::light() }
    }

    pub fn dark() -> &'static Self {
        &THEMES[0]
    }

    pub fn light() -> &'static Self {
        &THEMES[1]
    }

    pub fn arm(&self, role: ArmRole) -> Color32 {
        match role {
            ArmRole::Champion => self.champion,
            ArmRole::Challenger => self.challenger,
        }
    }

    /// Grey ramp of counts: `share` of the largest off-diagonal count, 0 to 1. Exponent 0.6 is applied here.
    pub fn sequential(&self, share: f64) -> Color32 {
        ramp(&self.sequential, share.clamp(0.0, 1.0).powf(0.6) as f32)
    }

    /// Rows per cell where no text stands on the cells, `share` 0 to 1 of the fullest: from just off the pane to ink.
    pub fn density(&self, share: f64) -> Color32 {
        self.pane.lerp_to_gamma(self.ink, (0.12 + 0.68 * share.clamp(0.0, 1.0)) as f32)
    }

    /// Who has more: −1 the champion, +1 the challenger, 0 neither (also where the interval contains 0).
    pub fn diverging(&self, side: f64) -> Color32 {
        ramp(&self.diverging, (side.clamp(-1.0, 1.0) as f32 + 1.0) / 2.0)
    }

    /// `color` at `alpha` 0 to 1, for bands and histogram fills.
    pub fn faded(color: Color32, alpha: f32) -> Color32 {
        color.gamma_multiply(alpha)
    }

    fn from_file(file: &ThemeFile, dark: bool) -> Self {
        let color = |name: &str| {
            let text = file.colors.get(name).unwrap_or_else(|| panic!("assets/tokens.json: no colour {name}"));
            parse(text)
        };
        let ramp = |stops: &[String]| stops.iter().map(|stop| parse(stop)).collect();
        Self {
            dark,
            bg: color("bg"),
            rail: color("rail"),
            pane: color("pane"),
            raised: color("raised"),
            selected: color("selected"),
            line: color("line"),
            line_strong: color("line_strong"),
            ink: color("ink"),
            text: color("text"),
            muted: color("muted"),
            faint: color("faint"),
            champion: color("champion"),
            challenger: color("challenger"),
            third_arm: color("third_arm"),
            pass: color("pass"),
            fail: color("fail"),
            sequential: ramp(&file.sequential),
            diverging: ramp(&file.diverging),
        }
    }
}

fn parse(hex: &str) -> Color32 {
    Color32::from_hex(hex).unwrap_or_else(|error| panic!("assets/tokens.json: {hex}: {error:?}"))
}

fn ramp(stops: &[Color32], position: f32) -> Color32 {
    let last = stops.len() - 1;
    let place = position * last as f32;
    let low = (place.floor() as usize).min(last);
    stops[low].lerp_to_gamma(stops[(low + 1).min(last)], place - low as f32)
}

/// Install fonts and the styles of both themes, and choose `theme`. Call before the first frame.
pub fn install(ctx: &Context, theme: Theme) {
    fonts::install(ctx);
    ctx.set_style_of(Theme::Dark, style(Tokens::dark()));
    ctx.set_style_of(Theme::Light, style(Tokens::light()));
    apply(ctx, theme);
}

/// Choose the theme.
pub fn apply(ctx: &Context, theme: Theme) {
    ctx.set_theme(theme);
}

fn style(tokens: &Tokens) -> Arc<Style> {
    let mut style = Style { visuals: visuals(tokens), animation_time: 0.0, ..Style::default() };
    style.text_styles = [
        (TextStyle::Small, FontId::proportional(fonts::SMALL)),
        (TextStyle::Body, FontId::proportional(fonts::BODY)),
        (TextStyle::Button, FontId::proportional(fonts::BODY)),
        (TextStyle::Heading, fonts::semibold(fonts::FINDING)),
        (TextStyle::Monospace, FontId::monospace(fonts::MONO)),
        (TextStyle::Name("cell".into()), fonts::medium(fonts::FINDING)),
        (TextStyle::Name("verdict".into()), fonts::semibold(fonts::VERDICT)),
    ]
    .into();
    style.spacing.item_spacing = vec2(size::CONTROL_GAP, 4.0);
    style.spacing.button_padding = vec2(10.0, 4.0);
    style.spacing.interact_size = vec2(size::BUTTON, size::BUTTON);
    style.spacing.window_margin = Margin::same(12);
    style.spacing.menu_margin = Margin::same(4);
    style.spacing.tooltip_width = 420.0;
    style.spacing.combo_width = 96.0;
    // Bars lie over the content, so that nothing moves when one appears; they are seen faintly at rest.
    style.spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        floating_width: 3.0,
        dormant_handle_opacity: 0.25,
        fade: ScrollFadeStyle { strength: 0.0, ..ScrollFadeStyle::default() },
        ..ScrollStyle::floating()
    };
    style.interaction.tooltip_delay = 0.3;
    style.interaction.selectable_labels = false;
    style.scroll_animation = eframe::egui::style::ScrollAnimation::none();
    Arc::new(style)
}

fn visuals(tokens: &Tokens) -> Visuals {
    let radius = CornerRadius::same(size::RADIUS as u8);
    let widget = |fill: Color32, outline: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Visuals {
        override_text_color: None,
        weak_text_color: Some(tokens.muted),
        widgets: Widgets {
            noninteractive: widget(tokens.pane, tokens.line, tokens.text),
            inactive: widget(tokens.pane, tokens.line_strong, tokens.text),
            hovered: widget(tokens.raised, tokens.line_strong, tokens.ink),
            active: widget(tokens.selected, tokens.ink, tokens.ink),
            open: widget(tokens.raised, tokens.line_strong, tokens.ink),
        },
        selection: eframe::egui::style::Selection { bg_fill: tokens.selected, stroke: Stroke::new(1.0, tokens.ink) },
        hyperlink_color: tokens.ink,
        faint_bg_color: tokens.pane,
        extreme_bg_color: tokens.bg,
        text_edit_bg_color: Some(tokens.bg),
        code_bg_color: tokens.rail,
        warn_fg_color: tokens.ink,
        error_fg_color: tokens.fail,
        window_corner_radius: radius,
        window_shadow: Shadow::NONE,
        window_fill: tokens.pane,
        window_stroke: Stroke::new(1.0, tokens.line_strong),
        menu_corner_radius: radius,
        panel_fill: tokens.rail,
        popup_shadow: Shadow::NONE,
        striped: false,
        ..if tokens.dark { Visuals::dark() } else { Visuals::light() }
    }
}

/// Size of a mark in a list as a vector.
pub const MARK_BOX: Vec2 = vec2(size::MARK, size::MARK);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_read_and_keep_their_order_of_light() {
        let (dark, light) = (Tokens::dark(), Tokens::light());
        assert!(dark.dark && !light.dark);
        assert_eq!(dark.bg, Color32::from_hex("#0E1116").unwrap());
        assert_eq!(light.fail, Color32::from_hex("#BD1E5A").unwrap());
        assert_eq!(dark.sequential(0.0), dark.sequential[0]);
        assert_eq!(dark.sequential(1.0), dark.sequential[6]);
        assert_eq!(light.diverging(0.0), light.diverging[4]);
    }
}
