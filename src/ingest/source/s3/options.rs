//! How buckets are reached, and what of them is wanted.

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

/// Names of the profiles of the AWS tools, sorted; empty where there are none.
pub fn profiles() -> Vec<String> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    let file = |variable: &str, name: &str| {
        let named = std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
        let path = named.or_else(|| home.as_ref().map(|home| home.join(".aws").join(name)));
        path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default()
    };
    let mut names = names_in(&file("AWS_CONFIG_FILE", "config"), true);
    names.extend(names_in(&file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), false));
    names.sort();
    names.dedup();
    names
}

/// Sections of the file; in `config` those of profiles say so, except the default one.
fn names_in(text: &str, config: bool) -> Vec<String> {
    let section = |line: &str| Some(line.trim().strip_prefix('[')?.split_once(']')?.0.trim().to_owned());
    let profile = |section: String| match section.strip_prefix("profile") {
        Some(name) if config && name.starts_with([' ', '\t']) => Some(name.trim().to_owned()),
        _ if config && section != "default" => None,
        _ => Some(section),
    };
    text.lines().filter_map(section).filter_map(profile).collect()
}

#[cfg(test)]
mod tests {
    use super::{day_or_time, names_in};

    #[test]
    fn days_and_times_are_told() {
        assert_eq!(day_or_time("1970-01-02"), Ok(86_400));
        assert_eq!(day_or_time("1970-01-01T02:00+01:00"), Ok(3_600));
        assert!(day_or_time("yesterday").is_err());
    }

    #[test]
    fn profiles_are_told_from_other_sections() {
        let config = "[default]\nregion=x\n[profile work]\n[sso-session corp]\n[services s]\n [profile  a b ] # x\n";
        assert_eq!(names_in(config, true), ["default", "work", "a b"]);
        assert_eq!(names_in("[default]\n[work]\naws_access_key_id = [x\n", false), ["default", "work"]);
    }
}
