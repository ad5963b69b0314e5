//! Objects to files: several at a time, each from where it stopped, and only the version that was listed.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use rayon::prelude::*;

use super::cache::Slot;
use super::client::Connection;
use super::list::Object;
use super::uri::Uri;
use crate::ingest::issue::IngestError;
use crate::job::JobCx;
use crate::log::ObjectVersion;

/// Objects that are downloaded at a time.
const AT_A_TIME: usize = 8;

/// Answers that break off without a byte before the download is given up.
const FRUITLESS: u32 = 3;

/// An object that lies in the cache.
pub(super) struct Fetched {
    pub path: std::path::PathBuf,
    pub version: ObjectVersion,
}

/// Bring `objects` into the cache, in their order.
///
/// # Errors
/// Cancelled; an object cannot be read or was changed since it was listed; the cache cannot be written. What
/// was downloaded stays, and the next attempt goes on from there.
pub(super) fn fetch(
    connection: &Connection,
    bucket: &str,
    objects: &[Object],
    cache: &Path,
    cx: &JobCx,
) -> Result<Vec<Fetched>, IngestError> {
    let slots: Vec<Slot> =
        objects.iter().map(|object| Slot::of(cache, connection.endpoint(), bucket, object)).collect();
    cx.stage("Looking into the cache", 0);
    // Small objects are held against their digest.
    let versions: Vec<Mutex<Option<ObjectVersion>>> = slots
        .par_iter()
        .zip(objects)
        .map(|(slot, object)| cx.check().map(|()| Mutex::new(slot.complete(object))))
        .collect::<Result<_, _>>()?;
    let present = |index: usize| lock(&versions[index]).is_some();
    let missing: Vec<usize> = (0..objects.len()).filter(|index| !present(*index)).collect();
    cx.stage(&format!("Downloading from s3://{bucket}"), missing.iter().map(|&index| objects[index].bytes).sum());

    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let first_error: Mutex<Option<IngestError>> = Mutex::new(None);
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let Some(&index) = missing.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            match (Download { connection, bucket, object: &objects[index], slot: &slots[index], failed: &failed })
                .run(cx)
            {
                Ok(version) => *lock(&versions[index]) = Some(version),
                Err(error) => {
                    // In this order: whoever sees the flag has a lesser error to tell.
                    lock(&first_error).get_or_insert(error);
                    failed.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(missing.len()) {
            scope.spawn(work);
        }
    });
    if let Some(error) = first_error.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    cx.check()?;
    let fetched = slots.into_iter().zip(versions).map(|(slot, version)| Fetched {
        path: slot.data,
        version: version.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_default(),
    });
    Ok(fetched.collect())
}

fn lock<T>(value: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Download<'a> {
    connection: &'a Connection,
    bucket: &'a str,
    object: &'a Object,
    slot: &'a Slot,
    /// Another object could not be had, and this one is not wanted any more.
    failed: &'a AtomicBool,
}

/// How an answer ended.
enum Ended {
    Complete,
    /// The connection broke off; the words say how.
    Cut(String),
}

impl Download<'_> {
    fn run(&self, cx: &JobCx) -> Result<ObjectVersion, IngestError> {
        let mut part = loop {
            match self.slot.lock_part().map_err(|error| self.cannot_write(&error))? {
                Some(part) => break part,
                // Another program downloads the same object; it will be there then.
                None => {
                    cx.check()?;
                    thread::sleep(Duration::from_millis(200));
                }
            }
        };
        if let Some(version) = self.slot.complete(self.object) {
            cx.advance(self.object.bytes);
            // Made empty by the lock.
            let _ = std::fs::remove_file(&self.slot.part);
            return Ok(version);
        }
        let mut have = self.stored(&mut part)?;
        cx.advance(have);
        let mut version = None;
        let mut fruitless = 0;
        loop {
            let before = have;
            let answer = self.request(have, cx)?;
            if have > 0 && answer.content_range().is_none() {
                // The server begins anew.
                have = self.begin_at(0, &mut part)?;
            }
            version.get_or_insert_with(|| ObjectVersion {
                etag: answer.e_tag().or(self.object.etag.as_deref()).unwrap_or_default().trim_matches('"').to_owned(),
                version: answer.version_id().filter(|id| *id != "null").map(str::to_owned),
            });
            let ended = self.receive(answer, &mut part, &mut have, cx)?;
            match ended {
                Ended::Complete if have == self.object.bytes => break,
                Ended::Complete if have > self.object.bytes => return Err(self.changed()),
                ended => {
                    if have >= self.object.bytes {
                        // All came, and its checksum is not that of the server.
                        have = self.begin_at(0, &mut part)?;
                    }
                    fruitless = if have > before { 0 } else { fruitless + 1 };
                    if fruitless >= FRUITLESS {
                        let how = match ended {
                            Ended::Cut(how) => format!(" ({how})"),
                            Ended::Complete => String::new(),
                        };
                        return Err(self.cut(have, &how));
                    }
                    cx.check()?;
                    thread::sleep(Duration::from_millis(200 << fruitless));
                }
            }
        }
        let version = version.unwrap_or_default();
        let finish = self.slot.finish(&part, &self.uri(), self.connection.endpoint(), self.object, &version);
        finish.map_err(|error| self.cannot_write(&error))?;
        Ok(version)
    }

    /// Bytes that an earlier attempt left; one byte less than all, so that the server is asked once more
    /// whether this is still the object.
    fn stored(&self, part: &mut File) -> Result<u64, IngestError> {
        let length = part.seek(SeekFrom::End(0)).map_err(|error| self.cannot_write(&error))?;
        self.begin_at(length.min(self.object.bytes.saturating_sub(1)), part)
    }

    /// Cut the part there and write on from there.
    fn begin_at(&self, length: u64, part: &mut File) -> Result<u64, IngestError> {
        let moved = part.set_len(length).and_then(|()| part.seek(SeekFrom::Start(length)));
        moved.map_err(|error| self.cannot_write(&error))
    }

    fn request(&self, from: u64, cx: &JobCx) -> Result<GetObjectOutput, IngestError> {
        let range = (from > 0).then(|| format!("bytes={from}-"));
        let answer = self.connection.call(self.bucket, cx, |client| {
            client
                .get_object()
                .bucket(self.bucket)
                .key(&self.object.key)
                .set_version_id(self.object.version.clone())
                .set_if_match(self.object.etag.clone())
                .set_range(range.clone())
                .set_request_payer(self.connection.payer())
                .send()
        })?;
        answer.map_err(|error| match error.raw_response().map(|response| response.status().as_u16()) {
            // The object has become shorter than what is wanted of it.
            Some(416) => self.changed(),
            _ => self.connection.explain(&error, &self.uri()),
        })
    }

    /// Write what comes; `have` counts the bytes of the part.
    fn receive(
        &self,
        mut answer: GetObjectOutput,
        part: &mut File,
        have: &mut u64,
        cx: &JobCx,
    ) -> Result<Ended, IngestError> {
        loop {
            if self.failed.load(Ordering::Relaxed) {
                // Whoever failed has the error to tell.
                return Err(self.cut(*have, ""));
            }
            match self.connection.wait(answer.body.next(), cx)? {
                None => return Ok(Ended::Complete),
                Some(Ok(bytes)) => {
                    part.write_all(&bytes).map_err(|error| self.cannot_write(&error))?;
                    *have += bytes.len() as u64;
                    cx.advance(bytes.len() as u64);
                }
                Some(Err(error)) => {
                    let mut last: &dyn std::error::Error = &error;
                    while let Some(cause) = last.source() {
                        last = cause;
                    }
                    return Ok(Ended::Cut(last.to_string()));
                }
            }
        }
    }

    fn uri(&self) -> String {
        Uri::of(self.bucket, &self.object.key)
    }

    fn changed(&self) -> IngestError {
        let message = "The object was changed after it was listed; open it again to read the new version".to_owned();
        IngestError::Source { message, path: self.uri() }
    }

    fn cut(&self, have: u64, how: &str) -> IngestError {
        let message = format!(
            "The connection was cut after {have} of {} bytes{how}; open it again and the download goes on from there",
            self.object.bytes
        );
        IngestError::Source { message, path: self.uri() }
    }

    fn cannot_write(&self, error: &io::Error) -> IngestError {
        let message = match error.kind() {
            io::ErrorKind::StorageFull => {
                "The disk is full; make room or name another folder with XDG_CACHE_HOME".to_owned()
            }
            _ => format!("The downloaded object cannot be kept ({error})"),
        };
        IngestError::Source { message, path: format!("{} as {}", self.uri(), self.slot.part.display()) }
    }
}
