//! What lies in a bucket at an address.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::{OptionalObjectAttributes, RequestPayer};

use super::super::{Partitions, is_bystander};
use super::S3Options;
use super::client::Connection;
use super::uri::Uri;
use crate::ingest::issue::IngestError;
use crate::job::JobCx;

/// An object of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub key: String,
    pub bytes: u64,
    /// As the server gives it, with its quotes.
    pub etag: Option<String>,
    /// Seconds since 1970.
    pub modified: Option<i64>,
    /// Storage class, where it has to be restored before it can be read.
    pub archived: Option<String>,
    /// Found by listing: nobody named this object.
    pub walked: bool,
    /// The version that is wanted; `None`: the newest.
    pub version: Option<String>,
    /// Partitions, where a table's log tells them.
    pub told: Option<Partitions>,
}

impl Object {
    /// What tells this content from an earlier one under the same key.
    pub(super) fn identity(&self) -> String {
        let by_time = || format!("{} bytes, {:?}", self.bytes, self.modified);
        self.etag.clone().unwrap_or_else(by_time)
    }
}

/// What lies at an address.
#[derive(Default)]
pub(super) struct Listed {
    /// Outside of tables: the logs, or the object of exactly that key.
    pub logs: Vec<Object>,
    pub tables: Vec<Table>,
}

/// Objects of a Delta table, all versions of it.
#[derive(Default)]
pub(super) struct Table {
    /// What its keys begin with; empty or ends with a slash.
    pub root: String,
    /// Those below `_delta_log/`.
    pub log: Vec<Object>,
    pub data: Vec<Object>,
}

/// Objects at `uri`: the one of that key, else those below it or of the pattern, by key.
///
/// # Errors
/// The bucket cannot be read, nothing is there, or the address takes single files out of a table.
pub(super) fn list(connection: &Connection, uri: &Uri, cx: &JobCx) -> Result<Listed, IngestError> {
    let mut denied = None;
    if uri.may_be_object() {
        match one(connection, uri, None, cx)? {
            One::Is(object) => {
                refuse_part(connection, uri, &object.key, cx)?;
                return Ok(Listed { logs: vec![object], tables: Vec::new() });
            }
            One::Denied(error) => denied = Some(error),
            One::IsNot => {}
        }
    }
    let found = below(connection, uri, cx)?;
    if !found.iter().any(|object| uri.means(&object.key)) {
        // A folder that may be listed and holds nothing: the object itself was meant.
        return Err(denied.unwrap_or_else(|| connection.error("There is no object with this key or prefix", uri)));
    }
    let listed = by_table(found, uri, connection)?;
    if let Some(object) = listed.logs.iter().find(|object| object.key.ends_with(".parquet")) {
        refuse_part(connection, uri, &object.key, cx)?;
    }
    Ok(listed)
}

/// Refuse Parquet files out of a Delta table, whose log alone says which of them count.
fn refuse_part(connection: &Connection, uri: &Uri, key: &str, cx: &JobCx) -> Result<(), IngestError> {
    match if key.ends_with(".parquet") { table_above(connection, uri, cx)? } else { None } {
        Some(root) => Err(connection.error(PART_OF_TABLE, &Uri { bucket: uri.bucket.clone(), key: root })),
        None => Ok(()),
    }
}

const PART_OF_TABLE: &str =
    "The address takes files of a Delta table, which keeps rewritten files that no longer count; open the whole table";

/// Tell tables from the logs beside them.
fn by_table(found: Vec<Object>, uri: &Uri, connection: &Connection) -> Result<Listed, IngestError> {
    let prefix = uri.prefix();
    let log_of = |key: &str| {
        let mut places = key[prefix.len()..].match_indices("_delta_log/").map(|(at, _)| at + prefix.len());
        places.find(|&at| at == 0 || key[..at].ends_with('/')).map(|at| key[..at].to_owned())
    };
    let roots: std::collections::BTreeSet<String> = found.iter().filter_map(|object| log_of(&object.key)).collect();
    let mut listed = Listed::default();
    let mut tables: Vec<Table> = roots.into_iter().map(|root| Table { root, ..Table::default() }).collect();
    for object in found {
        let meant = uri.means(&object.key);
        match tables.iter_mut().find(|table| object.key.starts_with(&table.root)) {
            Some(table) if log_of(&object.key).is_some() => {
                table.log.push(object);
            }
            Some(_) if !meant => {}
            Some(table) => table.data.push(object),
            None if meant && is_log(&object.key[prefix.len()..]) => listed.logs.push(object),
            None => {}
        }
    }
    // A pattern that means a folder means its log, too; one that means files alone takes them out of the table.
    tables.retain(|table| !table.data.is_empty() || table.log.iter().any(|object| uri.means(&object.key)));
    if let Some(table) = tables.iter().find(|table| !table.log.iter().all(|object| uri.means(&object.key))) {
        return Err(connection.error(PART_OF_TABLE, &Uri { bucket: uri.bucket.clone(), key: table.root.clone() }));
    }
    listed.tables = tables;
    Ok(listed)
}

/// The table that the prefix lies in, where it can be seen.
fn table_above(connection: &Connection, uri: &Uri, cx: &JobCx) -> Result<Option<String>, IngestError> {
    let prefix = uri.prefix();
    let folders = prefix.match_indices('/').map(|(at, _)| &prefix[..=at]).filter(|folder| *folder != prefix);
    for root in std::iter::once("").chain(folders) {
        let log = format!("{root}_delta_log/");
        let page = connection.call(&uri.bucket, cx, |client| {
            let page = client.list_objects_v2().bucket(&uri.bucket).prefix(&log).max_keys(1);
            page.set_request_payer(connection.payer()).send()
        })?;
        // Who may not look there has to take the prefix for what it is.
        if page.is_ok_and(|page| {
            page.contents().iter().any(|object| object.key().is_some_and(|key| key.starts_with(&log)))
        }) {
            return Ok(Some(root.to_owned()));
        }
    }
    Ok(None)
}

/// Of all that was found, what passes the filter by date and size; an object that was named itself always does.
///
/// # Errors
/// Nothing does, or one of them lies in the archive.
pub(super) fn wanted(objects: Vec<Object>, uri: &Uri, options: &S3Options) -> Result<Vec<Object>, IngestError> {
    let refused = |message: String| IngestError::Source { message, path: uri.text() };
    let number = objects.len();
    if number == 0 {
        return Err(refused("None of the objects here is a log".to_owned()));
    }
    if objects.iter().any(|object| object.told.is_some() && !passes(object, options)) {
        let message = "A Delta table is read whole, and some of its files do not pass the filter by date and size; open it without --s3-since, --s3-until and --s3-largest";
        return Err(refused(message.to_owned()));
    }
    let wanted: Vec<Object> = objects.into_iter().filter(|object| !object.walked || passes(object, options)).collect();
    if wanted.is_empty() {
        return Err(refused(format!(
            "None of the {number} objects here passes the filter by date and size; widen --s3-since, --s3-until or --s3-largest"
        )));
    }
    not_archived(wanted, uri)
}

/// The object of exactly this key, in the version that is named, where one is. `None`: there is no such object.
///
/// # Errors
/// The bucket cannot be read; the object lies in the archive.
pub(super) fn exactly(
    connection: &Connection,
    uri: &Uri,
    version: Option<&str>,
    cx: &JobCx,
) -> Result<Option<Object>, IngestError> {
    match one(connection, uri, version, cx)? {
        One::Is(object) => Ok(not_archived(vec![object], uri)?.pop()),
        One::IsNot => Ok(None),
        One::Denied(error) => Err(error),
    }
}

enum One {
    Is(Object),
    IsNot,
    /// Whether it is one cannot be told; the error is the one to show if nothing lies below the key either.
    Denied(IngestError),
}

/// The object of exactly this key.
fn one(connection: &Connection, uri: &Uri, version: Option<&str>, cx: &JobCx) -> Result<One, IngestError> {
    let head = connection.call(&uri.bucket, cx, |client| {
        let head = client.head_object().bucket(&uri.bucket).key(&uri.key).set_version_id(version.map(str::to_owned));
        head.set_request_payer(connection.payer()).send()
    })?;
    let error = match head {
        Ok(head) => {
            return Ok(One::Is(Object {
                key: uri.key.clone(),
                bytes: head.content_length().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0),
                archived: archived(
                    head.storage_class().map(|class| class.as_str()),
                    head.restore().is_some_and(|state| state.contains("ongoing-request=\"false\"")),
                ),
                modified: head.last_modified().map(|time| time.secs()),
                etag: head.e_tag,
                walked: false,
                version: version.map(str::to_owned),
                told: None,
            }));
        }
        Err(error) => error,
    };
    match error.raw_response().map(|response| response.status().as_u16()) {
        Some(404) => Ok(One::IsNot),
        // An answer to HEAD has no text, so listing may tell more.
        Some(400 | 403) if error.code().is_none_or(|code| code != "ExpiredToken") => {
            Ok(One::Denied(connection.explain(&error, &uri.text())))
        }
        _ => Err(connection.explain(&error, &uri.text())),
    }
}

/// All objects of the prefix, page by page; also those that the pattern does not mean.
fn below(connection: &Connection, uri: &Uri, cx: &JobCx) -> Result<Vec<Object>, IngestError> {
    cx.stage(&format!("Listing {}", uri.text()), 0);
    let prefix = uri.prefix();
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let page = connection.call(&uri.bucket, cx, |client| {
            client
                .list_objects_v2()
                .bucket(&uri.bucket)
                .prefix(&prefix)
                .set_continuation_token(next.clone())
                .optional_object_attributes(OptionalObjectAttributes::RestoreStatus)
                .set_request_payer(connection.payer())
                .send()
        })?;
        let page = page.map_err(|error| connection.explain(&error, &uri.text()))?;
        for object in page.contents() {
            // A key that ends with a slash stands for a folder.
            let Some(key) = object.key().filter(|key| !key.ends_with('/') && key.starts_with(&prefix)) else {
                continue;
            };
            found.push(Object {
                key: key.to_owned(),
                bytes: object.size().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0),
                etag: object.e_tag().map(str::to_owned),
                modified: object.last_modified().map(|time| time.secs()),
                archived: archived(
                    object.storage_class().map(|class| class.as_str()),
                    object.restore_status().is_some_and(|restore| restore.restore_expiry_date().is_some()),
                ),
                walked: true,
                version: None,
                told: None,
            });
        }
        cx.advance(page.contents().len() as u64);
        match page.next_continuation_token() {
            // A server that repeats its token would keep us here for ever.
            Some(token) if page.is_truncated() == Some(true) && next.as_deref() != Some(token) => {
                next = Some(token.to_owned());
            }
            _ => return Ok(found),
        }
    }
}

/// Instant retrieval is read like any other class.
pub(super) fn archived(class: Option<&str>, restored: bool) -> Option<String> {
    class.filter(|class| matches!(*class, "GLACIER" | "DEEP_ARCHIVE") && !restored).map(str::to_owned)
}

fn not_archived(objects: Vec<Object>, uri: &Uri) -> Result<Vec<Object>, IngestError> {
    let archived = |object: &&Object| object.archived.is_some();
    let Some(first) = objects.iter().find(archived) else {
        return Ok(objects);
    };
    let more = match objects.iter().filter(archived).count() - 1 {
        0 => String::new(),
        more => format!(" and {more} more objects here"),
    };
    let class = first.archived.as_deref().unwrap_or_default();
    Err(IngestError::Source {
        message: format!("This object{more} lies in the archive ({class}); restore it in S3, then open it"),
        path: Uri::of(&uri.bucket, &first.key),
    })
}

/// As for folders: what engines and editors leave beside logs is none.
fn is_log(below: &str) -> bool {
    let mut parts: Vec<&str> = below.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    let left = |part: &&str| {
        (part.starts_with('.') && !matches!(*part, "." | "..")) || matches!(*part, "_temporary" | "_spark_metadata")
    };
    !is_bystander(name) && !parts.iter().any(left)
}

fn passes(object: &Object, options: &S3Options) -> bool {
    let time = |wanted: &dyn Fn(i64) -> bool| object.modified.is_none_or(wanted);
    options.since.is_none_or(|since| time(&|at| at >= since))
        && options.until.is_none_or(|until| time(&|at| at < until))
        && options.largest.is_none_or(|largest| object.bytes <= largest)
}

impl Connection {
    pub(super) fn payer(&self) -> Option<RequestPayer> {
        self.requester_pays.then_some(RequestPayer::Requester)
    }
}
