//! What a look into buckets finds.

use super::super::redact;
use super::rest;

/// Where one looks: the buckets, or what lies in one below a prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Empty: all buckets that may be listed.
    pub bucket: String,
    /// What the keys begin with; names are shown from its last slash on.
    pub prefix: String,
}

impl Place {
    /// As typed: an `s3://` address, `bucket/prefix` or nothing.
    pub fn typed(text: &str) -> Self {
        // A signed web address is no place, and its signature is not kept.
        let text = redact(text.trim());
        let place = rest(&text).unwrap_or(&text).trim_start_matches('/');
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() }
    }

    /// The folder above; from the top of a bucket the buckets. `None`: this is the top.
    pub fn above(&self) -> Option<Self> {
        if self.bucket.is_empty() {
            return None;
        }
        if self.prefix.is_empty() {
            return Some(Self::default());
        }
        let inner = self.prefix.strip_suffix('/').unwrap_or(&self.prefix);
        let prefix = inner.rfind('/').map_or("", |at| &inner[..=at]);
        Some(Self { bucket: self.bucket.clone(), prefix: prefix.to_owned() })
    }

    /// `s3://bucket/prefix`.
    pub fn address(&self) -> String {
        if self.bucket.is_empty() { "s3://".to_owned() } else { format!("s3://{}/{}", self.bucket, self.prefix) }
    }

    /// Number of bytes that all keys here share and that are not shown with them.
    pub fn shared(&self) -> usize {
        self.prefix.rfind('/').map_or(0, |at| at + 1)
    }
}

/// A line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whole key; of a folder with its slash; the name of a bucket.
    pub key: String,
    pub kind: EntryKind,
    /// When it was changed (of a bucket: made), seconds since 1970.
    pub modified: Option<i64>,
}

/// What stands in a line of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Bucket,
    /// Keys that share what stands before a further slash.
    Folder,
    Object {
        bytes: u64,
        /// It has to be restored before it can be read.
        archived: bool,
    },
}

/// What would be downloaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    pub objects: u64,
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn places_are_typed_and_left_upwards() {
        let place = |text: &str| Place::typed(text);
        let at = place(" s3://logs/run/day=1/ ");
        assert_eq!(at.address(), "s3://logs/run/day=1/");
        let up = at.above().unwrap();
        assert_eq!(up, place("logs/run/"));
        assert_eq!(up.above().unwrap(), place("s3a://logs"));
        assert_eq!(place("logs").above(), Some(Place::default()));
        assert_eq!(Place::default().above(), None);
        assert_eq!(place("").address(), "s3://");
        assert_eq!(place("logs/run/2026").above().unwrap(), place("logs/run/"));
        assert_eq!((place("logs/run/2026").shared(), place("logs").shared()), (4, 0));
        assert_eq!(place("logs//a//").above().unwrap(), place("logs//a/"));
    }
}
