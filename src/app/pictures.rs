//! Image files, looked for beside the logs and decoded away from the window's thread.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::job::{Jobs, Outcome};
use crate::ui::views::images::Backdrop;

/// Longest side of what is shown; larger images are reduced.
const MOST_PIXELS: u32 = 2048;
/// Bytes of memory that decoding may take.
const MOST_BYTES: u64 = 1 << 30;

/// The image that is shown or awaited.
#[derive(Default)]
pub(super) struct Pictures {
    jobs: Option<Jobs<(), Result<ColorImage, String>>>,
    wanted: Option<String>,
    shown: Option<Result<TextureHandle, String>>,
}

impl Pictures {
    /// The file called `name` beside one of `logs`, as far as it has arrived.
    pub fn get<'a>(
        &mut self,
        context: &Context,
        name: Option<&str>,
        logs: impl Iterator<Item = &'a PathBuf>,
    ) -> Backdrop {
        let Some(name) = name else { return Backdrop::None("the annotations name no file") };
        let jobs = self.jobs.get_or_insert_with(|| {
            let context = context.clone();
            Jobs::new(Arc::new(move || context.request_repaint()))
        });
        if self.wanted.as_deref() != Some(name) {
            (self.wanted, self.shown) = (Some(name.to_owned()), None);
            let paths = candidates(name, logs);
            jobs.start((), move |_| {
                let found = paths.iter().find(|path| path.is_file()).ok_or("is not beside the logs")?;
                decoded(found)
            });
        }
        for (_, outcome) in jobs.drain() {
            self.shown = Some(match outcome {
                Outcome::Done(found) => found.map(|image| context.load_texture(name, image, TextureOptions::LINEAR)),
                Outcome::Panicked(message) => Err(message),
            });
        }
        match &self.shown {
            None => Backdrop::Loading,
            Some(Ok(texture)) => Backdrop::Image(texture.clone()),
            Some(Err(why)) => Backdrop::Missing(why.clone()),
        }
    }
}

/// Where the file may lie: beside a log, or in a folder `images` there. A name that leads elsewhere is not followed.
fn candidates<'a>(name: &str, logs: impl Iterator<Item = &'a PathBuf>) -> Vec<PathBuf> {
    let name = Path::new(name);
    if !name.components().all(|part| matches!(part, Component::Normal(_))) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for log in logs {
        let folder = if log.is_dir() { Some(log.as_path()) } else { log.parent() };
        for path in folder.into_iter().flat_map(|folder| [folder.join(name), folder.join("images").join(name)]) {
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    found
}

fn decoded(path: &Path) -> Result<ColorImage, String> {
    let cannot = |error: &dyn std::fmt::Display| format!("cannot be read: {error}");
    let mut reader = image::ImageReader::open(path)
        .and_then(image::ImageReader::with_guessed_format)
        .map_err(|error| cannot(&error))?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let image = reader.decode().map_err(|error| cannot(&error))?;
    let image =
        if image.width().max(image.height()) > MOST_PIXELS { image.thumbnail(MOST_PIXELS, MOST_PIXELS) } else { image };
    let image = image.into_rgba8();
    Ok(ColorImage::from_rgba_unmultiplied([image.width() as usize, image.height() as usize], image.as_raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_looked_for_beside_the_logs_and_nowhere_else() {
        let logs = [PathBuf::from("/runs/a.json"), PathBuf::from("/runs/b.json")];
        let found = candidates("0001.jpg", logs.iter());
        assert_eq!(found, [PathBuf::from("/runs/0001.jpg"), PathBuf::from("/runs/images/0001.jpg")]);
        assert!(candidates("../secret.png", logs.iter()).is_empty());
        assert!(candidates("/etc/x.png", logs.iter()).is_empty());
    }

    #[test]
    fn an_image_is_decoded_and_anything_else_says_why() {
        let folder = std::env::temp_dir().join(format!("assay-pictures-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("tile.png");
        image::RgbImage::from_fn(3, 2, |x, y| image::Rgb([x as u8, y as u8, 9])).save(&path).unwrap();
        let found = decoded(&path).unwrap();
        assert_eq!((found.size, found.pixels[4].to_array()), ([3, 2], [1, 1, 9, 255]));
        std::fs::write(&path, b"no image").unwrap();
        assert!(decoded(&path).unwrap_err().starts_with("cannot be read"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
