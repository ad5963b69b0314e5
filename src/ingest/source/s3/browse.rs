//! One folder of a bucket at a time, without what lies below it.

use aws_sdk_s3::error::ProvideErrorMetadata as _;

use super::client::Connection;
use super::entry::{Entry, EntryKind, Place};
use super::list::archived;
use crate::ingest::issue::IngestError;
use crate::job::JobCx;

/// Give `take` what lies at `place`, page by page.
///
/// # Errors
/// Cancelled; the place cannot be listed. Pages that came before stay with `take`.
pub(super) fn browse(
    connection: &Connection,
    place: &Place,
    take: &mut dyn FnMut(Vec<Entry>),
    cx: &JobCx,
) -> Result<(), IngestError> {
    cx.stage(&format!("Listing {}", place.address()), 0);
    if place.bucket.is_empty() { buckets(connection, take, cx) } else { folder(connection, place, take, cx) }
}

fn buckets(connection: &Connection, take: &mut dyn FnMut(Vec<Entry>), cx: &JobCx) -> Result<(), IngestError> {
    let mut next: Option<String> = None;
    loop {
        let page = connection
            .call("", cx, |client| client.list_buckets().set_continuation_token(next.clone()).send())?
            .map_err(|error| {
                let refused = error.code().is_some_and(|code| code.starts_with("AccessDenied"));
                match connection.explain(&error, "s3://") {
                    IngestError::Source { path, .. } if refused => IngestError::Source {
                        message: "The buckets may not be listed with these credentials; type the name of one"
                            .to_owned(),
                        path,
                    },
                    error => error,
                }
            })?;
        let entry = |bucket: &aws_sdk_s3::types::Bucket| {
            let modified = bucket.creation_date().map(|time| time.secs());
            Some(Entry { key: bucket.name()?.to_owned(), kind: EntryKind::Bucket, modified })
        };
        let entries: Vec<Entry> = page.buckets().iter().filter_map(entry).collect();
        cx.advance(entries.len() as u64);
        take(entries);
        match page.continuation_token() {
            Some(token) if next.as_deref() != Some(token) => next = Some(token.to_owned()),
            _ => return Ok(()),
        }
    }
}

fn folder(
    connection: &Connection,
    place: &Place,
    take: &mut dyn FnMut(Vec<Entry>),
    cx: &JobCx,
) -> Result<(), IngestError> {
    let mut next: Option<String> = None;
    loop {
        let page = connection.call(&place.bucket, cx, |client| {
            client
                .list_objects_v2()
                .bucket(&place.bucket)
                .prefix(&place.prefix)
                .delimiter("/")
                .set_continuation_token(next.clone())
                .set_request_payer(connection.payer())
                .send()
        })?;
        let page = page.map_err(|error| connection.explain(&error, &place.address()))?;
        let folders = page.common_prefixes().iter().filter_map(|folder| folder.prefix());
        let mut entries: Vec<Entry> =
            folders.map(|prefix| Entry { key: prefix.to_owned(), kind: EntryKind::Folder, modified: None }).collect();
        let object = |object: &aws_sdk_s3::types::Object| {
            // The folder itself may be an object without content.
            let key = object.key().filter(|key| *key != place.prefix)?;
            let bytes = object.size().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
            let archived = archived(object.storage_class().map(|class| class.as_str()), false).is_some();
            let modified = object.last_modified().map(|time| time.secs());
            Some(Entry { key: key.to_owned(), kind: EntryKind::Object { bytes, archived }, modified })
        };
        entries.extend(page.contents().iter().filter_map(object));
        cx.advance(entries.len() as u64);
        take(entries);
        match page.next_continuation_token() {
            // A server that repeats its token would keep us here for ever.
            Some(token) if page.is_truncated() == Some(true) && next.as_deref() != Some(token) => {
                next = Some(token.to_owned());
            }
            _ => return Ok(()),
        }
    }
}
