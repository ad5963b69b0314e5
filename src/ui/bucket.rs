//! How a bucket is reached, asked below the path field when the path is an `s3://` address.

use eframe::egui::Ui;

use super::text;
use super::theme::Tokens;
use super::widgets::field;
use crate::ingest::source::{S3Options, day_or_time};

/// What was chosen; kept while the window is open.
#[derive(Clone, Debug, Default)]
pub struct BucketState {
    /// Names of the profiles of the AWS tools.
    profiles: Vec<String>,
    credentials: Credentials,
    endpoint: String,
    region: String,
    requester_pays: bool,
    /// Days or times as typed.
    since: String,
    until: String,
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
    pub fn new(profiles: Vec<String>) -> Self {
        Self { profiles, ..Self::default() }
    }

    pub fn options(&self) -> S3Options {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let time = |text: &str| day_or_time(text.trim()).ok();
        S3Options {
            profile: match self.credentials {
                Credentials::Profile(index) => self.profiles.get(index).cloned(),
                Credentials::Environment | Credentials::Nobody => None,
            },
            anonymous: self.credentials == Credentials::Nobody,
            endpoint: said(&self.endpoint),
            region: said(&self.region),
            requester_pays: self.requester_pays,
            since: time(&self.since),
            until: time(&self.until),
            ..S3Options::default()
        }
    }

    /// Why what was typed cannot be used: a filter that is not understood must not be left out in silence.
    pub fn problem(&self) -> Option<String> {
        let times = [&self.since, &self.until].into_iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        times.map(day_or_time).find_map(Result::err)
    }
}

/// Two lines: credentials and endpoint; region, payer, and when the objects were changed.
pub fn bucket_ui(ui: &mut Ui, state: &mut BucketState) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.label(text::small(tokens, "Credentials"));
        let profiles = state.profiles.iter().enumerate();
        let mut choices =
            vec![(Credentials::Environment, "as the AWS tools find them"), (Credentials::Nobody, "none (public)")];
        choices.extend(profiles.map(|(index, name)| (Credentials::Profile(index), name.as_str())));
        if let Some(chosen) = field::choice_ui(ui, "Credentials of the bucket", &choices, state.credentials, 168.0) {
            state.credentials = chosen;
        }
        let width = (ui.available_width() - 22.0).max(80.0);
        field::well_ui(ui, "Endpoint, if not Amazon", &mut state.endpoint, "endpoint, if not Amazon", true, width);
    });
    ui.horizontal(|ui| {
        let payers = [(false, "owner pays"), (true, "requester pays")];
        if let Some(pays) = field::choice_ui(ui, "Who pays for reading", &payers, state.requester_pays, 116.0) {
            state.requester_pays = pays;
        }
        let gaps = 3.0 * (ui.spacing().item_spacing.x + 16.0);
        let width = ((ui.available_width() - gaps) / 3.0).max(60.0);
        field::well_ui(ui, "Region, if not found", &mut state.region, "region: found", true, width);
        field::well_ui(ui, "Changed since", &mut state.since, "since 2026-10-01", true, width);
        field::well_ui(ui, "Changed before", &mut state.until, "before 2026-11-01", true, width);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_become_options() {
        let mut state = BucketState::new(vec!["work".to_owned()]);
        assert_eq!(state.options(), S3Options::default());
        state.credentials = Credentials::Profile(0);
        state.endpoint = " http://localhost:9000 ".to_owned();
        let options = state.options();
        assert_eq!(options.profile.as_deref(), Some("work"));
        assert_eq!(options.endpoint.as_deref(), Some("http://localhost:9000"));
        (state.region, state.since, state.requester_pays) = ("eu-west-1".to_owned(), "1970-01-02".to_owned(), true);
        assert_eq!(state.problem(), None);
        assert_eq!(state.options().region.as_deref(), Some("eu-west-1"));
        assert_eq!((state.options().since, state.options().requester_pays), (Some(86_400), true));
        state.until = "soon".to_owned();
        assert!(state.problem().is_some_and(|problem| problem.contains("2026-11-01")));
        state.credentials = Credentials::Nobody;
        assert!(state.options().anonymous && state.options().profile.is_none());
    }
}
