//! The mapping under way: files that were looked at, and what people still have to say about them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::work::Asked;
use crate::ingest::{Audit, Opened, profile};
use crate::session::pipeline::Request;
use crate::session::remap;
use crate::ui::mapping::{MappingAct, MappingModel};

/// Files whose mapping is open.
pub struct Opening {
    pub request: Request,
    pub file: Option<PathBuf>,
    pub opened: Arc<Opened>,
    audit: Option<Audit>,
    profile: String,
    problem: Option<String>,
}

impl From<Asked> for Opening {
    fn from(asked: Asked) -> Self {
        let Asked { request, file, opened, problem } = asked;
        let profile = opened.profile.as_deref().map(stem).unwrap_or_default();
        Self { request, file, opened, audit: None, profile, problem }
    }
}

impl Opening {
    /// Files were looked at again; the same files keep the name of their profile.
    pub fn look_again(&mut self, asked: Asked) {
        let same = self.request.files == asked.request.files;
        let profile = std::mem::take(&mut self.profile);
        *self = asked.into();
        if same && !profile.is_empty() {
            self.profile = profile;
        }
    }

    pub fn model(&self, busy: Option<(String, Option<f32>)>) -> MappingModel<'_> {
        MappingModel {
            opened: &self.opened,
            mapping: &self.opened.guess,
            audit: self.audit.as_ref(),
            profile: &self.profile,
            busy,
            problem: self.problem.clone(),
        }
    }

    /// Change the mapping; returns whether it did, so that the pairing needs counting again.
    pub fn change(&mut self, act: &MappingAct) -> bool {
        let opened = Arc::make_mut(&mut self.opened);
        match act {
            MappingAct::Answer { question, choice } => crate::ingest::answer(opened, *question, *choice),
            MappingAct::SetRole { source, column, role, side } => {
                remap::set_role(opened, *source, column, *role, *side);
            }
            MappingAct::SwapArms => remap::swap_arms(opened),
            MappingAct::SetSeason(season) => {
                opened.guess.season = *season;
                return false;
            }
            MappingAct::Load | MappingAct::Cancel | MappingAct::SaveProfile | MappingAct::LoadProfile => return false,
        }
        self.problem = None;
        true
    }

    /// The request under the mapping as it stands: a profile that answers everything, and the models by name.
    pub fn settle(&mut self) {
        let mapping = &self.opened.guess;
        let draft = &self.request.draft;
        let models = self.request.challenger.as_deref().zip(mapping.challenger.as_deref());
        let told = Request {
            // What was said of one challenger is not said of another that is chosen here.
            draft: match models.filter(|(was, now)| was != now) {
                Some((was, now)) => draft.turned(Some(was), now),
                None => draft.clone(),
            },
            kind: Some(mapping.kind),
            champion: Some(mapping.champion.clone()),
            challenger: mapping.challenger.clone(),
            positive: None,
            season: None,
            roles: Vec::new(),
            profile: Some(mapping.clone()),
            naive_zone: None,
            day_first: None,
            pairing: None,
            duplicates: None,
            accept_bad_rows: mapping.accept_bad_rows,
            ..self.request.clone()
        };
        self.request = told;
    }

    /// The pairing under the mapping as it stands, or why there is none.
    pub fn audited(&mut self, audit: Result<Audit, String>) {
        match audit {
            Ok(audit) => self.audit = Some(audit),
            Err(problem) => {
                self.audit = None;
                // An open question says the same where it can be answered; the error speaks of flags.
                if self.open_question().is_none() {
                    self.problem = Some(problem);
                }
            }
        }
    }

    /// Loading failed.
    pub fn failed(&mut self, problem: String) {
        self.problem = Some(problem);
    }

    /// The first open question, where there is one.
    pub fn open_question(&self) -> Option<&str> {
        let open = self.opened.questions.iter().find(|question| question.answer.is_none());
        open.map(|question| question.text.as_str())
    }

    /// Text of the mapping as a profile.
    ///
    /// # Errors
    /// As [`profile::to_toml`].
    pub fn profile_text(&self) -> Result<String, String> {
        profile::to_toml(&self.opened.guess).map_err(|error| error.to_string())
    }

    pub fn named(&mut self, path: &Path) {
        self.profile = stem(path);
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
