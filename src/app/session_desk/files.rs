//! Saving, exporting and remembering.

use std::path::{Path, PathBuf};

use super::super::desk::{Purpose, Wish};
use super::super::dialogs::{Kind, Request};
use super::super::{clock, start_lines, writing};
use super::{Done, SessionDesk, Slot};
use crate::ingest::profile;
use crate::present::Sheet;
use crate::present::rows::{Column, RowSource, csv_of};
use crate::session::pipeline::Request as Asked;
use crate::session::recent::Recents;
use crate::session::{Command, ExportFormat, workspace};
use crate::ui::widgets::toast::ToastKind;

/// What is exported, where it is the rows on screen.
const ROWS: &str = "rows";

impl SessionDesk {
    /// Where dialogs start: beside the workspace file, else beside the first log.
    fn folder(&self) -> Option<PathBuf> {
        if self.file.as_ref().is_some_and(|file| super::super::samples().contains(file)) {
            // The bundled samples stay as they are.
            return None;
        }
        let logs = || {
            let run = &self.session.as_ref()?.evaluation().run;
            // The cache of a bucket is no place to look for files.
            run.paths.first().filter(|_| run.log.sources.first().is_some_and(|source| source.object.is_none()))
        };
        self.file.as_ref().or_else(logs).and_then(|path| path.parent()).map(Path::to_path_buf)
    }

    fn ask(&mut self, purpose: Purpose, kind: Kind, title: &str, filter: Option<(&str, &str)>, file_name: String) {
        let filter = filter.map(|(name, ending)| (name.to_owned(), vec![ending.to_owned()]));
        let folder = self.folder();
        self.wishes.push(Wish::Dialog(Request { purpose, kind, title: title.to_owned(), filter, file_name, folder }));
    }

    pub(super) fn save(&mut self) {
        match self.file.clone() {
            // A bundled sample stays as it is.
            Some(file) if !super::super::samples().contains(&file) => self.save_to(&file),
            _ => self.ask_where_to_save(),
        }
    }

    pub(super) fn ask_where_to_save(&mut self) {
        let Some(name) = self.session.as_ref().map(|session| file_name(session.title())) else {
            return;
        };
        let filter = Some(("Assay workspaces", "assay"));
        self.ask(Purpose::SaveWorkspace, Kind::Save, "Save workspace", filter, name);
    }

    pub(super) fn ask_where_to_save_profile(&mut self) {
        let filter = Some(("Mapping profiles", "toml"));
        self.ask(Purpose::SaveProfile, Kind::Save, "Save mapping profile", filter, "mapping.toml".to_owned());
    }

    pub(super) fn ask_for_profile(&mut self) {
        let filter = Some(("Mapping profiles", "toml"));
        self.ask(Purpose::LoadProfile, Kind::Files, "Load mapping profile", filter, String::new());
    }

    pub(super) fn ask_for_reference(&mut self) {
        self.ask(Purpose::Reference, Kind::Files, "Training data of the model in production", None, String::new());
    }

    pub(super) fn ask_for_tests(&mut self) {
        self.ask(Purpose::Tests, Kind::Files, "Test results", Some(("JUnit XML", "xml")), String::new());
    }

    pub(super) fn ask_where_to_export(&mut self, format: ExportFormat) {
        let purpose = Purpose::Export(writing::word(format).to_owned());
        self.ask(purpose, Kind::Folder, "Folder for the export", None, String::new());
    }

    pub(super) fn ask_where_to_export_rows(&mut self, columns: Vec<Column>) {
        self.export_columns = columns;
        let filter = Some(("CSV", "csv"));
        self.ask(Purpose::Export(ROWS.to_owned()), Kind::Save, "Export rows", filter, "rows.csv".to_owned());
    }

    /// Write the rows that are listed; the file was chosen by name.
    fn export_rows_to(&mut self, path: &Path) {
        let Some(session) = &self.session else {
            return;
        };
        let (evaluation, comparison) = (session.evaluation().clone(), session.comparison().clone());
        let (rows, columns) = (self.rows.rows.clone(), std::mem::take(&mut self.export_columns));
        let path = path.to_path_buf();
        self.jobs.start(Slot::Export, move |cx| {
            cx.stage("Writing the rows", 0);
            let sheet = Sheet {
                log: &evaluation.run.log,
                comparison: &comparison,
                verdict: &evaluation.verdict,
                policy: &evaluation.policy,
            };
            let text = csv_of(&RowSource::new(&sheet, &rows), &columns);
            let written = workspace::write_atomically(&path, text.as_bytes());
            Done::Exported(match written {
                Ok(()) => Ok(vec![path]),
                Err(error) => Err(format!("The rows were not written ({error}): {}", path.display())),
            })
        });
    }

    fn save_to(&mut self, path: &Path) {
        let Some(session) = &mut self.session else {
            return;
        };
        let path = if workspace::is_workspace(path) { path.to_path_buf() } else { path.with_extension("assay") };
        let text = workspace::write(&session.request(), &path);
        match workspace::write_atomically(&path, text.as_bytes()) {
            Ok(()) => {
                session.text_saved();
                self.say(ToastKind::Done, format!("Saved: {}", path.display()));
                self.file = Some(path);
                self.remember();
            }
            Err(error) => {
                let text = format!("The workspace was not saved ({error}): {}", path.display());
                self.say(ToastKind::Error, text);
            }
        }
    }

    /// Keep what people have said before the workspace is let go, without asking: in its own file, or, where it has
    /// none, in a workspace file beside the list of recent ones.
    pub(super) fn keep_text(&mut self) {
        let Some(session) = self.session.as_mut().filter(|session| session.has_unsaved_text()) else {
            return;
        };
        let shown = session.request();
        let own = self.file.clone().filter(|file| !super::super::samples().contains(file));
        // Thresholds and slices were not saved by the person, so they stay as the file has them.
        let own = own.and_then(|file| Some((workspace::read(&file).ok()?, file)));
        let (request, path) = match (own, self.recents_path.as_ref().and_then(|path| path.parent())) {
            // What is said is of the challenger in view, which may be another one than in the file.
            (Some((request, file)), _) if request.challenger != shown.challenger => {
                let Asked { draft, champion, challenger, rivals, profile, .. } = shown;
                (Asked { draft, champion, challenger, rivals, profile, ..request }, file)
            }
            (Some((request, file)), _) => (Asked { draft: shown.draft, ..request }, file),
            (None, Some(folder)) => (shown, free(&folder.join("kept").join(file_name(session.title())))),
            (None, None) => return,
        };
        let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let text = workspace::write(&request, &path);
        match folder.and_then(|()| workspace::write_atomically(&path, text.as_bytes())) {
            Ok(()) => {
                session.text_saved();
                let text = format!("What was written for the record is kept: {}", path.display());
                self.file = Some(path);
                self.remember();
                self.say(ToastKind::Note, text);
            }
            Err(error) => {
                let text = format!("What was written for the record could not be kept ({error}): {}", path.display());
                self.say(ToastKind::Error, text);
            }
        }
    }

    fn save_profile_to(&mut self, path: &Path) {
        let Some(opening) = &mut self.opening else {
            return;
        };
        let written = opening.profile_text().and_then(|text| {
            let write = workspace::write_atomically(path, text.as_bytes());
            write.map_err(|error| format!("The profile was not saved ({error}): {}", path.display()))
        });
        match written {
            Ok(()) => {
                opening.named(path);
                self.keep_profile(path);
                self.say(ToastKind::Done, format!("Profile saved: {}", path.display()));
            }
            Err(problem) => opening.failed(problem),
        }
    }

    /// Look at the files again under a profile.
    fn load_profile(&mut self, path: &Path) {
        let Some(opening) = &mut self.opening else {
            return;
        };
        let read = std::fs::read_to_string(path)
            .map_err(|error| format!("The profile cannot be read ({error}): {}", path.display()))
            .and_then(|text| profile::from_toml(&text).map_err(|error| format!("{error} File: {}", path.display())));
        match read {
            Ok(mapping) => {
                opening.named(path);
                let request = Asked { profile: Some(mapping), ..opening.request.clone() };
                let file = opening.file.clone();
                self.keep_profile(path);
                self.start_opening(super::Wanted::Mapping(Box::new(request), file));
            }
            Err(problem) => opening.failed(problem),
        }
    }

    fn export_to(&mut self, folder: &Path, format: ExportFormat) {
        let Some(session) = &self.session else {
            return;
        };
        let record = session.record(&crate::present::format::rfc3339(clock::now()));
        let folder = folder.to_path_buf();
        self.jobs.start(Slot::Export, move |cx| {
            cx.stage("Writing the export", 0);
            Done::Exported(writing::export(&folder, format, &record))
        });
    }

    pub(super) fn use_paths(&mut self, purpose: Purpose, paths: Vec<PathBuf>) {
        let Some(first) = paths.first().cloned() else {
            return;
        };
        match purpose {
            Purpose::OpenFiles | Purpose::OpenFolder => self.start_opening(super::Wanted::Paths(paths)),
            Purpose::SaveWorkspace => self.save_to(&first),
            Purpose::SaveProfile => self.save_profile_to(&first),
            Purpose::LoadProfile => self.load_profile(&first),
            Purpose::Reference => self.command(Command::SetReference(paths)),
            Purpose::Tests => self.command(Command::AttachTests(paths)),
            Purpose::Export(word) if word == ROWS => self.export_rows_to(&first),
            Purpose::Export(word) => {
                if let Some(format) = writing::format(&word) {
                    self.export_to(&first, format);
                }
            }
        }
    }

    /// Without a file dialog a fixed place serves, and is named.
    pub(super) fn use_default(&mut self, purpose: &Purpose) -> bool {
        let folder = self.folder().filter(|folder| !is_read_only(folder));
        let folder = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_default();
        let path = match purpose {
            Purpose::OpenFiles | Purpose::OpenFolder | Purpose::LoadProfile | Purpose::Reference | Purpose::Tests => {
                return false;
            }
            Purpose::SaveWorkspace => {
                let name = self.session.as_ref().map(|session| file_name(session.title())).unwrap_or_default();
                free(&folder.join(name))
            }
            Purpose::SaveProfile => free(&folder.join("mapping.toml")),
            Purpose::Export(word) if word == ROWS => free(&folder.join("rows.csv")),
            Purpose::Export(_) => folder.join(writing::FOLDER),
        };
        let text = format!("This system shows no file dialog, so this place is used: {}", path.display());
        self.say(ToastKind::Note, text);
        self.use_paths(purpose.clone(), vec![path]);
        true
    }

    pub(super) fn read_recents(&mut self) {
        let Some(path) = &self.recents_path else {
            return;
        };
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        match Recents::from_toml(&text) {
            Ok(recents) => self.recents = recents,
            Err(error) => {
                let kept = path.with_extension("toml.bak");
                let kept = match std::fs::copy(path, &kept) {
                    Ok(_) => format!("kept as {}", kept.display()),
                    Err(error) => format!("and could not be kept: {error}"),
                };
                let text = format!("The list of recent workspaces was not understood ({error}), {kept}");
                self.say(ToastKind::Error, text);
            }
        }
    }

    /// Put the open workspace on top of the recent ones, where it has a file of its own.
    pub(super) fn remember(&mut self) {
        let (Some(session), Some(file)) = (&self.session, &self.file) else {
            return;
        };
        if super::super::samples().contains(file) {
            return;
        }
        let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        self.recents.touch(start_lines::remember(session, &file, clock::now()));
        self.write_recents();
    }

    pub(super) fn forget_recent(&mut self, index: usize) {
        self.recents.forget(index);
        self.write_recents();
    }

    /// Logs that the profile fits are opened under it from now on.
    fn keep_profile(&mut self, path: &Path) {
        self.recents.keep_profile(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
        self.write_recents();
    }

    fn write_recents(&mut self) {
        self.start.take();
        let Some(path) = &self.recents_path else {
            return;
        };
        let write = || -> Result<(), String> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
            }
            let text = self.recents.to_toml()?;
            workspace::write_atomically(path, text.as_bytes()).map_err(|error| error.to_string())
        };
        if let Err(error) = write() {
            let text = format!("The list of recent workspaces was not saved ({error}): {}", path.display());
            self.say(ToastKind::Error, text);
        }
    }
}

/// File name of a workspace with this title.
fn file_name(title: &str) -> String {
    let plain: String =
        title.chars().map(|char| if char.is_alphanumeric() { char.to_ascii_lowercase() } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let stem = if words.is_empty() { "workspace".to_owned() } else { words.join("-") };
    format!("{stem}.assay")
}

/// `path`, or the first of `path-2` and so on that is not taken.
fn free(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    let mut candidate = path.to_path_buf();
    let mut number = 2;
    while candidate.exists() {
        candidate = path.with_file_name(format!("{stem}-{number}{ending}"));
        number += 1;
    }
    candidate
}

fn is_read_only(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().readonly())
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn workspaces_are_named_after_their_title() {
        assert_eq!(file_name("Shadow, member outreach"), "shadow-member-outreach.assay");
        assert_eq!(file_name("…"), "workspace.assay");
    }
}
