//! SHA-256 of the files as stored.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::issue::IngestError;
use crate::job::JobCx;
use crate::log::Source;

/// Fill in the digests of `sources`; `paths` are the files they were read from, in the same order.
///
/// # Errors
/// A file cannot be read any more, or the job was cancelled. Digests already computed stay.
pub fn sha256_files<P: AsRef<Path> + Sync>(sources: &mut [Source], paths: &[P], cx: &JobCx) -> Result<(), IngestError> {
    cx.stage("Computing digests", sources.iter().map(|source| source.bytes).sum());
    sources.par_iter_mut().zip(paths).with_max_len(1).try_for_each(|(source, path)| {
        let digest = sha256(path.as_ref(), cx);
        source.sha256 = digest.map_err(|error| error.naming(source.object.is_some(), &source.path))?;
        Ok(())
    })
}

/// SHA-256 of one file, lower-case hex.
fn sha256(path: &Path, cx: &JobCx) -> Result<String, IngestError> {
    let failed = |error: std::io::Error| IngestError::Source {
        message: format!("The file cannot be read for its digest ({error})"),
        path: path.display().to_string(),
    };
    let mut file = File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        cx.check()?;
        let read = file.read(&mut block).map_err(failed)?;
        if read == 0 {
            break;
        }
        hash.update(&block[..read]);
        cx.advance(read as u64);
    }
    Ok(hex(&hash.finalize()))
}

/// SHA-256 of bytes, lower-case hex.
pub(super) fn hex_sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in bytes {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
