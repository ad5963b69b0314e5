//! Objects in S3 as local files: listed, downloaded into a cache, shown and recorded under their `s3://` address.
//!
//! Everything after this reads local files. Credentials, profiles, SSO and regions are the SDK's; the runtime it
//! needs lives in [`client`] and nowhere else.

#[cfg(feature = "s3")]
mod browse;
#[cfg(feature = "s3")]
mod cache;
#[cfg(feature = "s3")]
mod client;
#[cfg(feature = "s3")]
mod download;
mod entry;
#[cfg(feature = "s3")]
mod fault;
#[cfg(feature = "s3")]
mod list;
mod options;
#[cfg(feature = "s3")]
mod table;
#[cfg(feature = "s3")]
mod uri;

use std::path::Path;
#[cfg(feature = "s3")]
use std::path::PathBuf;
#[cfg(feature = "s3")]
use std::sync::{Arc, OnceLock};

use super::Found;
use crate::ingest::issue::IngestError;
use crate::job::JobCx;

pub use entry::{Entry, EntryKind, Extent, Place};
pub use options::{LIMIT_BYTES, Profile, ProfileKind, S3Options, day_or_time, profiles};

/// Whether a path is the address of a bucket or of what lies in one.
pub fn is_uri(path: &Path) -> bool {
    path.to_str().is_some_and(|text| rest(text).is_some())
}

/// What stands after the scheme. Spark writes `s3a` and `s3n` and means the same.
fn rest(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    ["s3", "s3a", "s3n"].iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(rest)
}

/// What a [`Remote`] has opened, for the next one under the same options: profiles and credentials are then not asked
/// for again.
#[derive(Clone, Default)]
pub struct Link(#[cfg(feature = "s3")] Arc<OnceLock<client::Connection>>);

/// The way to buckets for one look at files; opened when the first address asks for it.
pub struct Remote<'a> {
    options: &'a S3Options,
    pub(super) cx: &'a JobCx,
    #[cfg_attr(not(feature = "s3"), expect(dead_code, reason = "nothing is ever opened"))]
    link: Link,
}

impl<'a> Remote<'a> {
    pub fn new(options: &'a S3Options, cx: &'a JobCx) -> Self {
        Self::over(Link::default(), options, cx)
    }

    /// As [`Self::new`], over what an earlier one under the same options has opened.
    pub fn over(link: Link, options: &'a S3Options, cx: &'a JobCx) -> Self {
        Self { options, cx, link }
    }
}

#[cfg(feature = "s3")]
impl Remote<'_> {
    /// The object of this address, or all logs below it, downloaded.
    ///
    /// # Errors
    /// The address is no such, S3 refuses or cannot be reached, an object was changed meanwhile, there is more
    /// than may be downloaded, or the job was cancelled. Messages say what to do.
    pub(super) fn find(&self, text: &str) -> Result<Vec<Found>, IngestError> {
        let (uri, refused) = address(text)?;
        let objects = self.select(&uri, &refused)?;
        self.download(&uri, objects, refused)
    }

    /// Give `take` what lies at `place` itself, page by page, not what lies below its folders.
    ///
    /// # Errors
    /// Cancelled, or the place cannot be listed; what came before stays with `take`.
    pub fn browse(&self, place: &Place, take: &mut dyn FnMut(Vec<Entry>)) -> Result<(), IngestError> {
        let address = if place.bucket.is_empty() { "s3://any".to_owned() } else { place.address() };
        uri::Uri::parse(&address).map_err(|message| IngestError::Source { message, path: place.address() })?;
        browse::browse(self.connection()?, place, take, self.cx)
    }

    /// What opening these addresses would download; of a Delta table its log is downloaded to tell.
    ///
    /// # Errors
    /// As opening them, before anything is downloaded.
    pub fn measure(&self, addresses: &[String]) -> Result<Extent, IngestError> {
        let mut extent = Extent::default();
        for text in addresses {
            let (uri, refused) = address(text)?;
            let objects = self.select(&uri, &refused)?;
            extent.objects += objects.len() as u64;
            extent.bytes += objects.iter().map(|object| object.bytes).sum::<u64>();
        }
        Ok(extent)
    }

    /// Objects of the address that are wanted, by key.
    fn select(
        &self,
        uri: &uri::Uri,
        refused: &impl Fn(String) -> IngestError,
    ) -> Result<Vec<list::Object>, IngestError> {
        let connection = self.connection()?;
        let list::Listed { logs: mut objects, tables } = list::list(connection, uri, self.cx)?;
        for table in tables {
            objects.extend(table::live(table, connection, &uri.bucket, &self.cache(refused)?, self.cx)?);
        }
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        list::wanted(objects, uri, self.options)
    }

    /// The object of exactly this address, downloaded; in the version that is named, where one is. `None`: there
    /// is none.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub(crate) fn object(&self, text: &str, version: Option<&str>) -> Result<Option<Found>, IngestError> {
        let (uri, refused) = address(text)?;
        if !uri.may_be_object() {
            return Ok(None);
        }
        let object = list::exactly(self.connection()?, &uri, version, self.cx)?;
        Ok(self.download(&uri, object.into_iter().collect(), refused)?.pop())
    }

    fn connection(&self) -> Result<&client::Connection, IngestError> {
        if let Some(connection) = self.link.0.get() {
            return Ok(connection);
        }
        let opened = client::Connection::open(self.options, self.cx)?;
        Ok(self.link.0.get_or_init(|| opened))
    }

    fn cache(&self, refused: &impl Fn(String) -> IngestError) -> Result<PathBuf, IngestError> {
        self.options
            .cache
            .clone()
            .or_else(cache::default_folder)
            .ok_or_else(|| refused("There is no folder for downloaded objects; set HOME or XDG_CACHE_HOME".to_owned()))
    }

    fn download(
        &self,
        uri: &uri::Uri,
        objects: Vec<list::Object>,
        refused: impl Fn(String) -> IngestError,
    ) -> Result<Vec<Found>, IngestError> {
        let cache = self.cache(&refused)?;
        let (bytes, limit) =
            (objects.iter().map(|object| object.bytes).sum(), self.options.limit.unwrap_or(LIMIT_BYTES));
        if bytes > limit {
            return Err(refused(too_much(bytes, objects.len(), limit)));
        }
        let fetched = download::fetch(self.connection()?, &uri.bucket, &objects, &cache, self.cx)?;
        let found = objects.into_iter().zip(fetched).map(|(object, fetched)| Found {
            path: fetched.path,
            display: uri::Uri::of(&uri.bucket, &object.key),
            walked: object.walked,
            member: None,
            object: Some(fetched.version),
            told: object.told,
        });
        Ok(found.collect())
    }
}

/// The address, and what makes errors of it.
#[cfg(feature = "s3")]
fn address(text: &str) -> Result<(uri::Uri, impl Fn(String) -> IngestError + use<>), IngestError> {
    let shown = super::redact(text);
    let refused = move |message: String| IngestError::Source { message, path: shown.clone() };
    match uri::Uri::parse(text) {
        Ok(uri) => Ok((uri, refused)),
        Err(message) => Err(refused(message)),
    }
}

#[cfg(feature = "s3")]
fn too_much(bytes: u64, objects: usize, limit: u64) -> String {
    let gigabytes = |bytes: u64| bytes as f64 / 1e9;
    format!(
        "Here lie {:.1} GB in {objects} objects, more than the {:.1} GB that are downloaded at once. Name a deeper prefix, \
         take fewer with --s3-since and --s3-until, or allow more with --s3-limit-gb",
        gigabytes(bytes),
        gigabytes(limit)
    )
}

#[cfg(not(feature = "s3"))]
impl Remote<'_> {
    /// # Errors
    /// Always: the program was built without S3.
    pub(super) fn find(&self, text: &str) -> Result<Vec<Found>, IngestError> {
        self.cx.check()?;
        let _ = self.options;
        let message = "This program was built without S3; build it with --features s3, or download the files (aws s3 sync) and open the folder";
        Err(IngestError::Source { message: message.to_owned(), path: super::redact(text) })
    }

    /// # Errors
    /// Always: the program was built without S3.
    pub(crate) fn object(&self, text: &str, _version: Option<&str>) -> Result<Option<Found>, IngestError> {
        self.find(text).map(|mut found| found.pop())
    }

    /// # Errors
    /// Always: the program was built without S3.
    pub fn browse(&self, place: &Place, _take: &mut dyn FnMut(Vec<Entry>)) -> Result<(), IngestError> {
        self.find(&place.address()).map(drop)
    }

    /// # Errors
    /// Always: the program was built without S3.
    pub fn measure(&self, addresses: &[String]) -> Result<Extent, IngestError> {
        self.find(&addresses.concat()).map(|_| Extent::default())
    }
}
