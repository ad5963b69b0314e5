//! Mapping profiles that may fit a log: those that lie beside it, and those that were kept or used before.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::ingest::profile::{self, Known};
use crate::ingest::source::is_uri;

/// Bytes of a file that is looked into.
const LARGEST: u64 = 1 << 20;

/// Profiles in the folders of `files`, by name, then the `remembered` ones. A file that is no profile of this version
/// is passed over: other TOML may lie there, and a profile that is meant can be named.
pub fn known(files: &[PathBuf], remembered: &[PathBuf]) -> Vec<Known> {
    let local = files.iter().map(PathBuf::as_path).filter(|path| !is_uri(path));
    let folders: BTreeSet<&Path> =
        local.filter_map(|path| if path.is_dir() { Some(path) } else { path.parent() }).collect();
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(entries) = fs::read_dir(here) else { continue };
        let mut beside: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| is_toml(path)).collect();
        beside.sort();
        paths.extend(beside);
    }
    paths.extend_from_slice(remembered);
    let mut seen = BTreeSet::new();
    paths.retain(|path| seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())));
    paths.into_iter().filter_map(|path| Some(Known { mapping: read(&path)?, path })).collect()
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

fn read(path: &Path) -> Option<crate::ingest::mapping::Mapping> {
    let file = fs::metadata(path).ok().filter(|file| file.is_file() && file.len() <= LARGEST);
    file.and_then(|_| fs::read_to_string(path).ok()).and_then(|text| profile::from_toml(&text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Opened, QuestionKind};
    use crate::job::JobCx;
    use crate::session::pipeline::{self, Request};
    use crate::session::test_folder::Folder;

    /// Scores of two models whose names say nothing, and days that may be months: two questions.
    fn log(names: [&str; 2], day: u32) -> String {
        let mut text = "key,model,p,truth,ts\n".to_owned();
        for row in 0..40 {
            for (model, name) in names.iter().enumerate() {
                let score = f64::from((row * 7 + model as u32 * 3) % 40) / 40.0;
                text += &format!("{row},{name},{score},{},0{}/0{day}/2026 10:00\n", row % 2, row % 9 + 1);
            }
        }
        text
    }

    fn open(request: &Request) -> Opened {
        pipeline::open(request, &JobCx::new()).unwrap()
    }

    fn kept(folder: &Folder) -> PathBuf {
        let first = folder.put("monday.csv", &log(["ash", "birch"], 4));
        let mut request = pipeline::request(&[first]).unwrap();
        assert!(open(&request).questions.len() >= 2, "{:?}", open(&request).questions);
        (request.champion, request.challenger) = (Some("birch".to_owned()), Some("ash".to_owned()));
        (request.day_first, request.naive_zone) = (Some(true), Some("UTC".to_owned()));
        let opened = open(&request);
        pipeline::settled(&opened).unwrap();
        folder.put("kept.toml", &profile::to_toml(&opened.guess).unwrap())
    }

    #[test]
    fn a_profile_beside_the_log_answers_and_is_named() {
        let folder = Folder::new("profiles-beside");
        kept(&folder);
        folder.put("other.toml", "name = \"no profile\"\n");
        let second = folder.put("tuesday.csv", &log(["ash", "birch"], 5));
        let opened = open(&pipeline::request(std::slice::from_ref(&second)).unwrap());
        assert!(opened.questions.is_empty(), "{:?}", opened.questions);
        assert_eq!((opened.guess.champion.as_str(), opened.guess.day_first), ("birch", Some(true)));
        assert!(opened.profile.is_some_and(|path| path.ends_with("kept.toml")));
        assert!(
            opened.issues.iter().any(|issue| issue.code == "profile_matched" && issue.message.contains("kept.toml"))
        );
        // What is told counts, and a profile is then named or not used.
        let told = Request { roles: vec![("score".into(), "p".into())], ..pipeline::request(&[second]).unwrap() };
        assert!(open(&told).profile.is_none());
    }

    #[test]
    fn other_models_are_asked_for_under_a_profile_that_fits() {
        let folder = Folder::new("profiles-models");
        kept(&folder);
        let second = folder.put("tuesday.csv", &log(["birch", "cedar"], 5));
        let opened = open(&pipeline::request(&[second]).unwrap());
        assert!(opened.profile.is_some());
        let [asked] = opened.questions.as_slice() else { panic!("{:?}", opened.questions) };
        assert_eq!(asked.kind, QuestionKind::Champion);
    }

    #[test]
    fn logs_of_other_columns_are_left_alone() {
        let folder = Folder::new("profiles-other");
        let profile = kept(&folder);
        let text = log(["ash", "birch"], 4).replacen("key,model,p,", "key,model,q,", 1);
        let elsewhere = Folder::new("profiles-other-log");
        let other = elsewhere.put("other.csv", &text);
        let request = pipeline::request(&[other]).unwrap();
        assert!(open(&Request { profiles: vec![profile.clone()], ..request }).profile.is_none());
        // The same columns in another folder: a profile that was used before fits.
        let same = elsewhere.put("same.csv", &log(["ash", "birch"], 4));
        let request = pipeline::request(&[same]).unwrap();
        assert!(open(&request).profile.is_none());
        assert_eq!(open(&Request { profiles: vec![profile.clone()], ..request }).profile, Some(profile));
    }
}
