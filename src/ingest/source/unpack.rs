//! Unpacking: gzip, zstd, bzip2, xz. What comes out is held to what memory can take.

use std::io::Read;

use crate::job::{Cancelled, JobCx};

/// Bytes read between two looks at the clock and at the limit.
const STEP: u64 = 4 << 20;

/// Least limit, so that a busy machine still opens ordinary files.
const LEAST: u64 = 256 << 20;

/// What came out of a container.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    pub bytes: Vec<u8>,
    pub damage: Option<String>,
    /// More than the limit comes out; `bytes` is empty.
    pub too_large: Option<u64>,
}

/// Bytes that one file may unpack to: half of the memory that is free, since its columns need as much again.
pub fn room() -> u64 {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    (system.available_memory() / 2).max(LEAST)
}

/// Container of the bytes by their first ones.
pub(super) fn container(bytes: &[u8]) -> &'static str {
    let block = |mark: &[u8]| bytes.get(4..10).is_some_and(|found| found == mark);
    if bytes.starts_with(&[0x1f, 0x8b]) {
        "gzip"
    } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        "zstd"
    } else if bytes.starts_with(b"BZh")
        && bytes.get(3).is_some_and(u8::is_ascii_digit)
        // The digits of pi begin a block, those of its root the end of an empty file.
        && (block(b"1AY&SY") || block(b"\x17\x72\x45\x38\x50\x90"))
    {
        "bzip2"
    } else if bytes.starts_with(b"\xfd7zXZ\0") {
        "xz"
    } else {
        ""
    }
}

/// Unpack `packed`, which is in `container`.
pub(super) fn unpack(container: &str, packed: &[u8], limit: u64, cx: &JobCx) -> Result<Unpacked, Cancelled> {
    match container {
        "gzip" => read(flate2::read::MultiGzDecoder::new(packed), packed.len(), limit, cx),
        "bzip2" => read(bzip2::read::MultiBzDecoder::new(packed), packed.len(), limit, cx),
        "xz" => {
            let memory = u32::try_from(limit >> 10).unwrap_or(u32::MAX);
            read(lzma_rust2::XzReader::new_mem_limit(packed, true, memory), packed.len(), limit, cx)
        }
        _ => match zstd::stream::read::Decoder::with_buffer(packed) {
            Ok(decoder) => read(decoder, packed.len(), limit, cx),
            Err(error) => Ok(Unpacked { damage: Some(error.to_string()), ..Unpacked::default() }),
        },
    }
}

/// Read to the end, or to the limit; what came before damage is kept.
pub(super) fn read(mut from: impl Read, packed: usize, limit: u64, cx: &JobCx) -> Result<Unpacked, Cancelled> {
    let mut out = Unpacked { bytes: Vec::with_capacity(packed.saturating_mul(4).min(1 << 30)), ..Unpacked::default() };
    loop {
        cx.check()?;
        match from.by_ref().take(STEP).read_to_end(&mut out.bytes) {
            Ok(0) => return Ok(out),
            Ok(_) if out.bytes.len() as u64 > limit => {
                return Ok(Unpacked { too_large: Some(limit), ..Unpacked::default() });
            }
            Ok(_) => {}
            Err(error) => return Ok(Unpacked { damage: Some(error.to_string()), ..out }),
        }
    }
}

/// Why a file that does not fit is not read.
pub(in crate::ingest) fn too_large(limit: u64) -> String {
    let gib = limit as f64 / f64::from(1u32 << 30);
    format!(
        "The file holds more than {gib:.1} GiB of text, half of the memory that is free; split it, or write it as Parquet and open that"
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn containers_are_known_by_content() {
        assert_eq!(container(b"BZh9,score\n1,2\n"), "");
        assert_eq!(container(b"BZh91AY&SY\0\0"), "bzip2");
        assert_eq!(container(b"\xfd7zXZ\0\0"), "xz");
        assert_eq!(container(b"id,score"), "");
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        encoder.write_all(&vec![b'7'; 40 << 20]).unwrap();
        let packed = encoder.finish().unwrap();
        let out = unpack("bzip2", &packed, 10 << 20, &JobCx::new()).unwrap();
        assert_eq!((out.too_large, out.bytes.len()), (Some(10 << 20), 0));
        assert!(too_large(10 << 30).contains("10.0 GiB"));
        assert_eq!(unpack("bzip2", &packed, 64 << 20, &JobCx::new()).unwrap().bytes.len(), 40 << 20);
    }
}
