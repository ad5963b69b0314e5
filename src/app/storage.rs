//! The small settings file of the window. A file that cannot be read is kept as `.bak`, never overwritten.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What the window remembers between runs. Analysis state is in the workspace file, not here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub theme: ThemeName,
    /// Folded sections of the rail.
    pub folded: [bool; 5],
    pub zoom: f32,
}

/// Dark or light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ThemeName {
    #[default]
    Dark,
    Light,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: ThemeName::Dark, folded: [false; 5], zoom: 1.0 }
    }
}

impl Settings {
    /// Where the settings lie; `None` where the system names no place.
    pub fn path() -> Option<PathBuf> {
        eframe::storage_dir("assay").map(|folder| folder.join("settings.toml"))
    }

    /// Settings of `path`, and a message for the user where the file could not be read.
    pub fn load(path: &Path) -> (Self, Option<String>) {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return (Self::default(), None);
            }
            Err(error) => {
                return (Self::default(), Some(format!("The settings could not be read: {error}: {}", path.display())));
            }
        };
        match toml::from_str::<Self>(&text) {
            Ok(settings) => (settings.checked(), None),
            Err(error) => {
                let kept = path.with_extension("toml.bak");
                let kept = match fs::copy(path, &kept) {
                    Ok(_) => format!("kept as {}", kept.display()),
                    Err(error) => format!("and could not be kept: {error}"),
                };
                (Self::default(), Some(format!("The settings were not understood ({}), {kept}", error.message())))
            }
        }
    }

    /// Written to a temporary file beside and renamed.
    pub fn save(&self, path: &Path) -> Result<(), String> {
        let write = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let text = toml::to_string(self).map_err(std::io::Error::other)?;
            let draft = path.with_extension("toml.new");
            fs::write(&draft, text)?;
            fs::rename(&draft, path)
        };
        write().map_err(|error| format!("The settings could not be written: {error}: {}", path.display()))
    }

    fn checked(mut self) -> Self {
        if !(0.5..=3.0).contains(&self.zoom) {
            self.zoom = 1.0;
        }
        self
    }
}

impl From<ThemeName> for eframe::egui::Theme {
    fn from(name: ThemeName) -> Self {
        match name {
            ThemeName::Dark => Self::Dark,
            ThemeName::Light => Self::Light,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("assay-settings-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn settings_read_back_as_written() {
        let path = folder("round").join("settings.toml");
        let settings = Settings { theme: ThemeName::Light, folded: [true, false, false, false, true], zoom: 1.25 };
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path), (settings, None));
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn unreadable_file_is_kept() {
        let path = folder("broken").join("settings.toml");
        fs::write(&path, "theme = 7 [").unwrap();
        let (settings, message) = Settings::load(&path);
        assert_eq!(settings, Settings::default());
        assert!(message.unwrap().contains("kept as"));
        assert_eq!(fs::read_to_string(path.with_extension("toml.bak")).unwrap(), "theme = 7 [");
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}
