//! Image files that a log names: looked for beside it, digested, decoded within limits.

use std::path::{Component, Path, PathBuf};

use super::digest;

/// Bytes of memory that decoding may take.
const MOST_BYTES: u64 = 1 << 30;
/// Pixels from which an image is not compared: two of them in double precision must fit into a laptop.
const MOST_PIXELS: u64 = 50_000_000;
/// Ends of names of image files, those of formats that are not read among them: their column is recognised, and each
/// file says why it cannot be used.
const ENDS: [&str; 13] =
    ["png", "jpg", "jpeg", "bmp", "gif", "tif", "tiff", "webp", "ppm", "pgm", "pnm", "exr", "avif"];

/// Whether a cell is named like an image file.
pub(super) fn is_image_name(cell: &str) -> bool {
    let end = cell.trim().rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    end.is_some_and(|end| ENDS.contains(&end.as_str()))
}

/// Folders beside logs.
#[derive(Clone, Debug, Default)]
pub struct Beside(Vec<PathBuf>);

impl Beside {
    /// Of files, and of folders themselves.
    pub fn of<'a>(logs: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let mut found: Vec<PathBuf> = Vec::new();
        for log in logs {
            let folder = if log.is_dir() { Some(log.as_path()) } else { log.parent() };
            if let Some(folder) = folder.filter(|folder| !found.iter().any(|known| known == folder)) {
                found.push(folder.to_owned());
            }
        }
        Self(found)
    }

    /// Where the file may lie: beside a log, or in a folder `images` there. A name that leads elsewhere is not followed:
    /// a log from somebody else must not choose which files are opened.
    pub fn candidates(&self, name: &str) -> Vec<PathBuf> {
        let name = name.trim().replace('\\', "/");
        let mut found = Vec::new();
        for folder in &self.0 {
            let within = Path::new(&name);
            let within = within.strip_prefix(folder).ok().filter(|_| within.is_absolute()).unwrap_or(within);
            let is_within = within.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            if is_within && within.file_name().is_some() {
                found.extend([folder.join(within), folder.join("images").join(within)]);
            }
        }
        found
    }

    /// The file called `name`.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        self.candidates(name).into_iter().find(|path| path.is_file())
    }
}

/// Pixels row after row, the channels of each together.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels {
    pub width: usize,
    pub height: usize,
    /// Grey has one, RGB three.
    pub channels: usize,
    pub values: Samples,
}

/// Values of pixels by their depth.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

/// A file as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
    /// What it shows, or why it cannot be compared: `cannot be decoded: ...`.
    pub pixels: Result<Pixels, String>,
}

/// Read a file.
///
/// # Errors
/// It cannot be opened or read: `cannot be read: ...`.
pub fn read(path: &Path) -> Result<Stored, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    let bytes = std::fs::metadata(path).map_err(cannot)?.len();
    if bytes > MOST_BYTES {
        return Err(format!("cannot be read: it has {bytes} bytes, more than an image may have here"));
    }
    let stored = std::fs::read(path).map_err(cannot)?;
    Ok(Stored { bytes, sha256: digest::hex_sha256(&stored), pixels: decoded(&stored) })
}

fn decoded(stored: &[u8]) -> Result<Pixels, String> {
    let image = picture(stored)?;
    let (width, height) = (image.width(), image.height());
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(format!("is {width} x {height} pixels, more than the {MOST_PIXELS} that are compared"));
    }
    let color = image.color();
    let all = usize::from(color.channel_count());
    let values = match color.bytes_per_pixel() / color.channel_count() {
        1 => Samples::Bytes(opaque(image.into_bytes(), all, color.has_alpha())?),
        2 => {
            let bytes = image.into_bytes();
            let words = bytes.chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])).collect();
            Samples::Words(opaque(words, all, color.has_alpha())?)
        }
        _ => return Err("has pixels that are neither of 8 nor of 16 bits".to_owned()),
    };
    let channels = all - usize::from(color.has_alpha());
    Ok(Pixels { width: width as usize, height: height as usize, channels, values })
}

/// Decode an image of a format that is read.
///
/// # Errors
/// It is none, or too large.
pub fn picture(stored: &[u8]) -> Result<image::DynamicImage, String> {
    let cannot = |error: &dyn std::fmt::Display| format!("cannot be decoded: {error}");
    let mut reader =
        image::ImageReader::new(std::io::Cursor::new(stored)).with_guessed_format().map_err(|error| cannot(&error))?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    reader.decode().map_err(|error| cannot(&error))
}

/// Without the alpha channel, where that hides nothing.
fn opaque<V: Copy + PartialEq + Bounded>(values: Vec<V>, channels: usize, alpha: bool) -> Result<Vec<V>, String> {
    if !alpha {
        return Ok(values);
    }
    if values.iter().skip(channels - 1).step_by(channels).any(|value| *value != V::MOST) {
        return Err("is partly transparent, and what would show through it is not known".to_owned());
    }
    Ok(values.chunks_exact(channels).flat_map(|pixel| &pixel[..channels - 1]).copied().collect())
}

/// Values with a greatest one.
trait Bounded {
    const MOST: Self;
}

impl Bounded for u8 {
    const MOST: Self = Self::MAX;
}

impl Bounded for u16 {
    const MOST: Self = Self::MAX;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_looked_for_beside_the_logs_and_nowhere_else() {
        let logs = [PathBuf::from("/runs/a.json"), PathBuf::from("/runs/b.json")];
        let beside = Beside::of(&logs);
        let both = [PathBuf::from("/runs/out/1.jpg"), PathBuf::from("/runs/images/out/1.jpg")];
        for name in ["out/1.jpg", "./out/1.jpg", "out\\1.jpg", "/runs/out/1.jpg", " out/1.jpg"] {
            assert_eq!(beside.candidates(name), both, "{name}");
        }
        for name in ["../secret.png", "/etc/x.png", "a/../../x.png", "/runs/../x.png", ""] {
            assert!(beside.candidates(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn names_tell_images() {
        assert!(is_image_name("a/b.PNG") && is_image_name("x.tiff ") && !is_image_name("png") && !is_image_name("3.5"));
    }

    #[test]
    fn a_file_is_read_or_says_why_not() {
        let folder = std::env::temp_dir().join(format!("assay-image-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("tile.png");
        image::RgbaImage::from_fn(3, 2, |x, y| image::Rgba([x as u8, y as u8, 9, 255])).save(&path).unwrap();
        let found = read(&path).unwrap();
        let pixels = found.pixels.unwrap();
        assert_eq!((pixels.width, pixels.height, pixels.channels), (3, 2, 3));
        assert_eq!(
            pixels.values,
            Samples::Bytes(
                [0, 1, 2].map(|x| [x, 0, 9]).into_iter().chain([0, 1, 2].map(|x| [x, 1, 9])).flatten().collect()
            )
        );
        assert_eq!((found.bytes, found.sha256.len()), (std::fs::metadata(&path).unwrap().len(), 64));
        image::ImageBuffer::<image::Luma<u16>, _>::from_fn(2, 1, |x, _| image::Luma([1000 * x as u16]))
            .save(&path)
            .unwrap();
        assert_eq!(read(&path).unwrap().pixels.unwrap().values, Samples::Words(vec![0, 1000]));
        image::RgbaImage::from_pixel(1, 1, image::Rgba([1, 2, 3, 254])).save(&path).unwrap();
        assert!(read(&path).unwrap().pixels.unwrap_err().contains("transparent"));
        std::fs::write(&path, b"no image").unwrap();
        assert!(read(&path).unwrap().pixels.unwrap_err().starts_with("cannot be decoded"));
        assert!(read(&folder).unwrap_err().starts_with("cannot be read"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
