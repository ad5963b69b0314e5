//! Buckets: how they are reached, asked on the start screen, and the screen that looks into them.

mod browser;
mod list;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use eframe::egui::{Align, Key, Layout, Ui, vec2};

pub use browser::{BucketModel, browser_ui};

use self::list::ListState;
use super::text;
use super::theme::{Tokens, size};
use super::widgets::{Button, field};
use crate::ingest::source::{Place, Profile, S3Options, day_or_time, redact};
use crate::session::browse::{Browser, Filter};

/// What was chosen and typed; kept while the window is open.
#[derive(Clone, Debug, Default)]
pub struct BucketState {
    /// Profiles of the AWS tools, and each as it is offered.
    profiles: Vec<(Profile, String)>,
    credentials: Credentials,
    endpoint: String,
    region: String,
    requester_pays: bool,
    /// Where one looks, as typed.
    pub address: String,
    /// Filter by name, days or times, size in MB, as typed.
    name: String,
    since: String,
    until: String,
    largest: String,
    list: ListState,
    /// A well had the focus in the last frame.
    typing: bool,
    /// Where the browser was last.
    at: Option<Place>,
    /// Folder of downloaded objects; `None`: the user's.
    cache: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Credentials {
    #[default]
    Environment,
    Nobody,
    /// Index into the profiles.
    Profile(usize),
}

impl BucketState {
    pub fn new(profiles: Vec<Profile>) -> Self {
        let offered = |profile: Profile| {
            let words = profile.kind.map_or_else(String::new, |kind| format!(", {}", kind.words()));
            let text = format!("{}{words}", profile.name);
            (profile, text)
        };
        Self { profiles: profiles.into_iter().map(offered).collect(), ..Self::default() }
    }

    /// Public buckets at a server, with a cache of their own.
    #[cfg(test)]
    pub fn reached_at(endpoint: &str, cache: &std::path::Path) -> Self {
        let (endpoint, credentials) = (endpoint.to_owned(), Credentials::Nobody);
        Self { endpoint, credentials, cache: Some(cache.to_path_buf()), ..Self::default() }
    }

    pub fn options(&self) -> S3Options {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let Filter { since, until, largest, .. } = self.filter();
        S3Options {
            profile: match self.credentials {
                Credentials::Profile(index) => self.profiles.get(index).map(|(profile, _)| profile.name.clone()),
                Credentials::Environment | Credentials::Nobody => None,
            },
            anonymous: self.credentials == Credentials::Nobody,
            endpoint: said(&self.endpoint),
            region: said(&self.region),
            requester_pays: self.requester_pays,
            since,
            until,
            largest,
            cache: self.cache.clone(),
            ..S3Options::default()
        }
    }

    /// How a bucket is reached, without the filter of the list: for an address typed where no filter is to be seen.
    pub fn unfiltered(&self) -> S3Options {
        S3Options { since: None, until: None, largest: None, ..self.options() }
    }

    /// What is typed, as far as it is understood.
    fn filter(&self) -> Filter {
        let time = |text: &str| day_or_time(text.trim()).ok();
        Filter {
            name: self.name.trim().to_owned(),
            since: time(&self.since),
            until: time(&self.until),
            largest: megabytes(&self.largest).ok().flatten(),
        }
    }

    /// Show where the browser is, and forget what belongs to where it was.
    pub fn follow(&mut self, browser: &Browser) {
        let place = browser.place();
        if self.at.as_ref() != Some(place) {
            self.address = if place.bucket.is_empty() { String::new() } else { place.address() };
            self.name.clone_from(&browser.filter().name);
            self.list = ListState::default();
            self.at = Some(place.clone());
        }
    }

    /// Why what was typed cannot be used: a filter that is not understood must not be left out in silence.
    pub fn problem(&self) -> Option<String> {
        let times = [&self.since, &self.until].into_iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        times.map(day_or_time).find_map(Result::err).or_else(|| megabytes(&self.largest).err())
    }
}

/// Bytes of a size in MB; `None` where nothing is typed.
fn megabytes(text: &str) -> Result<Option<u64>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(size) if size.is_finite() && size >= 0.0 => Ok(Some((size * 1e6) as u64)),
        _ => Err("write a size in MB, for example 250".to_owned()),
    }
}

/// Errors name flags of the command line; here the same is a choice on screen. Signatures are left out.
pub fn in_window(text: &str) -> String {
    const WORDS: [(&str, &str); 11] = [
        ("leave out --s3-anonymous and name a profile with --s3-profile", "choose other credentials"),
        (
            "name another profile with --s3-profile, or add --s3-requester-pays",
            "choose other credentials, or requester pays",
        ),
        ("name a profile with --s3-profile or AWS_PROFILE", "choose a profile under Credentials"),
        ("read a public bucket with --s3-anonymous", "read a public bucket with Credentials none"),
        ("with --s3-region", "under Region"),
        ("widen --s3-since, --s3-until or --s3-largest", "widen the filter"),
        ("open it without --s3-since, --s3-until and --s3-largest", "open it without the filter"),
        ("take fewer with --s3-since and --s3-until, or allow more with --s3-limit-gb", "or filter"),
        ("--s3-profile", "Credentials"),
        ("--s3-anonymous", "Credentials none"),
        ("--s3-requester-pays", "requester pays"),
    ];
    WORDS.iter().fold(redact(text), |text, (flag, words)| text.replace(flag, words))
}

/// Whose credentials are sent. Returns whether that was changed.
fn credentials_ui(ui: &mut Ui, state: &mut BucketState, width: f32) -> bool {
    let mut choices =
        vec![(Credentials::Environment, "as the AWS tools find them"), (Credentials::Nobody, "none (public)")];
    let profiles = state.profiles.iter().enumerate();
    choices.extend(profiles.map(|(index, (_, text))| (Credentials::Profile(index), text.as_str())));
    let chosen = field::choice_ui(ui, "Credentials of the bucket", &choices, state.credentials, width);
    state.credentials = chosen.unwrap_or(state.credentials);
    chosen.is_some()
}

/// Address, credentials, and the way into the bucket, for the start screen. Returns whether to look there.
pub fn look_ui(ui: &mut Ui, state: &mut BucketState) -> bool {
    let tokens = Tokens::of(ui);
    ui.label(text::strong(tokens, "S3"));
    let row = Layout::right_to_left(Align::Center);
    let go = ui.allocate_ui_with_layout(vec2(ui.available_width(), size::BUTTON), row, |ui| {
        let pressed = Button::secondary("List").ui(ui).clicked();
        credentials_ui(ui, state, 168.0);
        let width = ui.available_width();
        let well = field::well_ui(ui, "Address in S3", &mut state.address, "s3://bucket/prefix/", true, width);
        pressed || (well.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)))
    });
    ui.label(text::small(
        tokens,
        "Empty lists the buckets. Objects are copied once, checked, and read from the cache.",
    ));
    go.inner
}

/// How the bucket is reached, in one line. Returns whether to list anew.
fn settings_ui(ui: &mut Ui, state: &mut BucketState) -> bool {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.label(text::small(tokens, "Credentials"));
        let mut changed = credentials_ui(ui, state, 220.0);
        let payers = [(false, "owner pays"), (true, "requester pays")];
        if let Some(pays) = field::choice_ui(ui, "Who pays for reading", &payers, state.requester_pays, 116.0) {
            state.requester_pays = pays;
            changed = true;
        }
        let mut well = |ui: &mut Ui, name: &str, value: &mut String, hint: &str, width: f32| {
            let well = field::well_ui(ui, name, value, hint, true, width);
            changed |= well.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        };
        well(ui, "Region, if not found", &mut state.region, "region: found", 116.0);
        let width = ui.available_width().max(80.0);
        well(ui, "Endpoint, if not Amazon", &mut state.endpoint, "endpoint, if not Amazon", width);
        changed
    })
    .inner
}
