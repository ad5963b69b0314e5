//! How buckets are reached, and what of them is wanted.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Bytes that are downloaded without asking.
pub const LIMIT_BYTES: u64 = 20_000_000_000;

/// How buckets are reached, and what of them is wanted. What is not said is taken from the environment and
/// the profiles of the AWS tools, as these do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct S3Options {
    /// Profile of `~/.aws/config` and `~/.aws/credentials`; `None`: `AWS_PROFILE`, else the chain of the SDK.
    pub profile: Option<String>,
    /// `None`: that of the profile or the environment; the region of the bucket is found on its own.
    pub region: Option<String>,
    /// Address of a server that speaks S3, e.g. `http://localhost:9000`.
    pub endpoint: Option<String>,
    /// Send no credentials.
    pub anonymous: bool,
    /// Whoever reads pays, where the bucket demands it.
    pub requester_pays: bool,
    /// Objects changed at or after this, seconds since 1970 in UTC.
    pub since: Option<i64>,
    /// Objects changed before this, seconds since 1970 in UTC.
    pub until: Option<i64>,
    /// Objects of at most this many bytes.
    pub largest: Option<u64>,
    /// Bytes that may be downloaded for one address; `None`: [`LIMIT_BYTES`].
    pub limit: Option<u64>,
    /// Folder of downloaded objects; `None`: the user's cache folder.
    pub cache: Option<PathBuf>,
}

/// Seconds since 1970 of a day or time, in UTC unless an offset is given.
///
/// # Errors
/// It is neither; the text says what to write.
pub fn day_or_time(text: &str) -> Result<i64, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.as_second());
    }
    let day = text.parse::<Date>().ok().and_then(|day| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok());
    day.map(Timestamp::as_second)
        .ok_or_else(|| "write a day or a time, for example 2026-11-01 or 2026-11-01T06:00Z".to_owned())
}

/// A profile of the AWS tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    /// `None`: it says nothing of credentials itself.
    pub kind: Option<ProfileKind>,
}

/// How a profile comes to credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfileKind {
    Keys,
    Process,
    Sso,
    Role,
}

impl ProfileKind {
    pub fn words(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Process => "credential_process",
            Self::Sso => "SSO",
            Self::Role => "assumes a role",
        }
    }

    /// What a setting of a profile tells.
    fn of(setting: &str) -> Option<Self> {
        match setting {
            "aws_access_key_id" => Some(Self::Keys),
            "credential_process" => Some(Self::Process),
            "sso_session" | "sso_start_url" => Some(Self::Sso),
            "role_arn" => Some(Self::Role),
            _ => None,
        }
    }
}

/// Profiles of the AWS tools by name; empty where there are none.
pub fn profiles() -> Vec<Profile> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    let file = |variable: &str, name: &str| {
        let named = std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
        let path = named.or_else(|| home.as_ref().map(|home| home.join(".aws").join(name)));
        path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default()
    };
    let mut found = BTreeMap::new();
    profiles_in(&file("AWS_CONFIG_FILE", "config"), true, &mut found);
    profiles_in(&file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), false, &mut found);
    found.into_iter().map(|(name, kind)| Profile { name, kind }).collect()
}

/// Sections of the file; in `config` those of profiles say so, except the default one. Of several ways to
/// credentials the one that the AWS tools take first counts: a role before all others.
fn profiles_in(text: &str, config: bool, found: &mut BTreeMap<String, Option<ProfileKind>>) {
    let section = |line: &str| Some(line.trim().strip_prefix('[')?.split_once(']')?.0.trim().to_owned());
    let profile = |section: String| match section.strip_prefix("profile") {
        Some(name) if config && name.starts_with([' ', '\t']) => Some(name.trim().to_owned()),
        _ if config && section != "default" => None,
        _ => Some(section),
    };
    let mut here: Option<String> = None;
    for line in text.lines() {
        if let Some(section) = section(line) {
            here = profile(section);
            if let Some(name) = &here {
                found.entry(name.clone()).or_default();
            }
        } else if let (Some(name), Some((setting, _))) = (&here, line.split_once('=')) {
            let kind = found.entry(name.clone()).or_default();
            *kind = (*kind).max(ProfileKind::of(setting.trim()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_told() {
        assert_eq!(day_or_time("1970-01-02"), Ok(86_400));
        assert_eq!(day_or_time("1970-01-01T02:00+01:00"), Ok(3_600));
        assert!(day_or_time("yesterday").is_err());
    }

    #[test]
    fn profiles_are_told_from_other_sections() {
        let config = "[default]\nregion=x\n[profile work]\nsso_session = corp\n[sso-session corp]\nsso_start_url = u\n\
                      [services s]\n [profile  a b ] # x\nrole_arn = r\ncredential_process = p\n";
        let mut found = BTreeMap::new();
        profiles_in(config, true, &mut found);
        profiles_in("[default]\naws_access_key_id = [x\n[work]\naws_access_key_id = y\n", false, &mut found);
        let found: Vec<_> = found.iter().map(|(name, kind)| (name.as_str(), kind.unwrap())).collect();
        assert_eq!(found, [("a b", ProfileKind::Role), ("default", ProfileKind::Keys), ("work", ProfileKind::Sso)]);
    }
}
