//! How a bucket is reached, asked below the path field when the path is an `s3://` address.

use eframe::egui::Ui;

use super::text;
use super::theme::Tokens;
use super::widgets::field;
use crate::ingest::source::S3Options;

/// What was chosen; kept while the window is open.
#[derive(Clone, Debug, Default)]
pub struct BucketState {
    /// Names of the profiles of the AWS tools.
    profiles: Vec<String>,
    credentials: Credentials,
    endpoint: String,
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
        let endpoint = self.endpoint.trim();
        S3Options {
            profile: match self.credentials {
                Credentials::Profile(index) => self.profiles.get(index).cloned(),
                Credentials::Environment | Credentials::Nobody => None,
            },
            anonymous: self.credentials == Credentials::Nobody,
            endpoint: (!endpoint.is_empty()).then(|| endpoint.to_owned()),
            ..S3Options::default()
        }
    }
}

/// One line: credentials and endpoint.
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
        state.credentials = Credentials::Nobody;
        assert!(state.options().anonymous && state.options().profile.is_none());
    }
}
