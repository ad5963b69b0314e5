//! IBM Plex, its weights as families, and the type scale.

use std::sync::Arc;

use eframe::egui::{Context, FontData, FontDefinitions, FontFamily, FontId};

/// Labels, axis text, captions, status bar.
pub const SMALL: f32 = 11.0;
/// Everything else, tables included.
pub const BODY: f32 = 12.5;
/// The one-sentence finding, and counts in a 2 × 2 matrix.
pub const FINDING: f32 = 15.0;
/// The verdict, once per screen.
pub const VERDICT: f32 = 20.0;
/// Identifiers, digests, expressions, raw records.
pub const MONO: f32 = 11.5;

const MEDIUM: &str = "PlexMedium";
const SEMIBOLD: &str = "PlexSemiBold";

pub fn regular(size: f32) -> FontId {
    FontId::proportional(size)
}

pub fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(MEDIUM.into()))
}

pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

pub fn mono(size: f32) -> FontId {
    FontId::monospace(size)
}

/// 11 px regular.
pub fn small() -> FontId {
    regular(SMALL)
}

/// 12.5 px regular.
pub fn body() -> FontId {
    regular(BODY)
}

/// 12.5 px Medium: names of lines, chosen text.
pub fn body_medium() -> FontId {
    medium(BODY)
}

/// 12.5 px SemiBold: tile titles, differences, totals.
pub fn body_semibold() -> FontId {
    semibold(BODY)
}

/// Hand the bundled fonts to egui. They are in place from the next pass on.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}

/// Whether the bundled fonts are in place; tests that build a bare `Ui` wait for it.
pub fn installed(ctx: &Context) -> bool {
    ctx.fonts(|fonts| fonts.families().contains(&FontFamily::Name(MEDIUM.into())))
}

fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let bundled: [(&str, &'static [u8]); 4] = [
        ("Plex", include_bytes!("../../assets/fonts/IBMPlexSans-Regular.ttf")),
        (MEDIUM, include_bytes!("../../assets/fonts/IBMPlexSans-Medium.ttf")),
        (SEMIBOLD, include_bytes!("../../assets/fonts/IBMPlexSans-SemiBold.ttf")),
        ("PlexMono", include_bytes!("../../assets/fonts/IBMPlexMono-Regular.ttf")),
    ];
    for (name, bytes) in bundled {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let family = |first: &str, second: &str| vec![first.to_owned(), second.to_owned(), "Hack".to_owned()];
    fonts.families.insert(FontFamily::Proportional, family("Plex", "PlexMono"));
    fonts.families.insert(FontFamily::Monospace, family("PlexMono", "Plex"));
    fonts.families.insert(FontFamily::Name(MEDIUM.into()), family(MEDIUM, "Plex"));
    fonts.families.insert(FontFamily::Name(SEMIBOLD.into()), family(SEMIBOLD, "Plex"));
    fonts
}
