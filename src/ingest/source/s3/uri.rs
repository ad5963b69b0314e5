//! `s3://bucket/key`, byte for byte: keys may hold spaces, colons, `//`, `..`, `%` and any script.

use super::super::pattern;
use super::rest;

/// A bucket, and a key, a prefix of keys, or a pattern of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Uri {
    pub bucket: String,
    pub key: String,
}

impl Uri {
    /// The error says what is wrong, without the address.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let rest = rest(text).ok_or("An address in a bucket begins with s3://")?;
        if rest.starts_with("arn:") {
            return Err("Access points are opened by their alias, as in s3://ALIAS/PREFIX, not by their ARN".to_owned());
        }
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err("The bucket is missing; write s3://BUCKET/PREFIX".to_owned());
        }
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        if !bucket.chars().all(allowed) || bucket.len() > 255 || bucket.starts_with('.') {
            return Err(format!("{bucket:?} is no name of a bucket; write s3://BUCKET/PREFIX"));
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// As shown and recorded.
    pub(super) fn of(bucket: &str, key: &str) -> String {
        format!("s3://{bucket}/{key}")
    }

    pub(super) fn text(&self) -> String {
        Self::of(&self.bucket, &self.key)
    }

    /// Whether the key can be that of one object.
    pub(super) fn may_be_object(&self) -> bool {
        !self.key.is_empty() && !self.key.ends_with('/')
    }

    pub(super) fn is_pattern(&self) -> bool {
        self.key.contains(['*', '?'])
    }

    /// What the keys meant by this address begin with, once it is known to be no single object.
    pub(super) fn prefix(&self) -> String {
        match self.key.find(['*', '?']) {
            Some(at) => self.key[..at].to_owned(),
            None if self.may_be_object() => format!("{}/", self.key),
            None => self.key.clone(),
        }
    }

    /// Whether the pattern, if it is one, means `key`.
    pub(super) fn means(&self, key: &str) -> bool {
        !self.is_pattern() || {
            let parts = |text: &'_ str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
            matches(&parts(&self.key), &parts(key))
        }
    }
}

/// `*` and `?` within a part, `**` for any parts; a pattern that ends before the key means all below it.
fn matches(pattern: &[String], key: &[String]) -> bool {
    match pattern.split_first() {
        None => true,
        Some((any, rest)) if any == "**" => (0..=key.len()).any(|from| matches(rest, &key[from..])),
        Some((part, rest)) => match key.split_first() {
            Some((name, below)) => pattern::matches_name(part, name) && matches(rest, below),
            None => rest.is_empty() && part.is_empty(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::is_uri;
    use super::*;

    #[test]
    fn keys_stay_as_they_are() {
        for key in ["a b.csv", "t=10:00:00/x", "a//b.csv", "/a.csv", "../x", "é/日本.csv", "100%25", "q?x=1#y", "a+b"]
        {
            let uri = Uri::parse(&format!("s3://logs-eu.1/{key}")).unwrap();
            assert_eq!((uri.bucket.as_str(), uri.key.as_str()), ("logs-eu.1", key));
            assert_eq!(uri.text(), format!("s3://logs-eu.1/{key}"));
        }
        assert_eq!(Uri::parse("S3A://b").unwrap(), Uri { bucket: "b".to_owned(), key: String::new() });
        assert!(is_uri(Path::new("s3://b/k")) && !is_uri(Path::new("s3/b")) && !is_uri(Path::new("https://b/k")));
        for wrong in ["s3://", "s3:///k", "s3://a b/k", "s3://user:secret@b/k", "s3://arn:aws:s3:eu:1:accesspoint/x"] {
            assert!(Uri::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_prefix_is_a_folder_unless_it_is_a_pattern() {
        let uri = |key: &str| Uri { bucket: "b".to_owned(), key: key.to_owned() };
        assert_eq!(uri("run").prefix(), "run/");
        assert_eq!(uri("run//").prefix(), "run//");
        assert_eq!(uri("").prefix(), "");
        assert_eq!(uri("run/day=*/x.csv").prefix(), "run/day=");
        assert!(uri("run/day=*/x.csv").means("run/day=1/x.csv"));
        assert!(!uri("run/day=*/x.csv").means("run/day=1/2/x.csv"));
        assert!(uri("run/**/x.csv").means("run/1/2/x.csv"));
        assert!(uri("run/*").means("run/1/2/x.csv"), "a folder that matches is meant with all in it");
        assert!(!uri("run/?.csv").means("run/ab.csv"));
    }
}
