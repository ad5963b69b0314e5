//! Image files, looked for beside the logs and decoded away from the window's thread.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{ColorImage, Context, TextureFilter, TextureHandle, TextureOptions};
use image::{DynamicImage, RgbaImage};

use crate::ingest::image_files::{Beside, picture};
use crate::job::{Jobs, Outcome};
use crate::ui::views::image_pairs::Sights;
use crate::ui::views::images::Backdrop;

/// Longest side of what is shown; larger images are reduced.
const MOST_PIXELS: u32 = 2048;
/// Factors by which differences of pixels can be shown.
const GAINS: [u8; 6] = [32, 16, 8, 4, 2, 1];
/// Share of the pixels that a factor may drive to white.
const CLIPPED: f64 = 0.001;

/// The image that is shown or awaited.
#[derive(Default)]
pub(super) struct Pictures {
    loader: Loader<Result<ColorImage, String>>,
    shown: Option<Result<TextureHandle, String>>,
}

/// A reference and the images that are held against it, shown or awaited.
#[derive(Default)]
pub(super) struct Gallery {
    loader: Loader<Seen>,
    shown: Option<Sights>,
}

/// Images as they were decoded; those beyond the first with their difference to it.
struct Seen {
    images: Vec<Result<ColorImage, String>>,
    differences: Vec<Option<ColorImage>>,
    gain: u8,
}

/// One job at a time, for the names that are wanted now.
struct Loader<T> {
    jobs: Option<Jobs<(), T>>,
    wanted: Vec<String>,
}

impl<T> Default for Loader<T> {
    fn default() -> Self {
        Self { jobs: None, wanted: Vec::new() }
    }
}

impl<T: Send + 'static> Loader<T> {
    /// Start `load` when other names than before are wanted; whether it was started, and what has arrived.
    fn of(
        &mut self,
        context: &Context,
        names: &[String],
        load: impl FnOnce() -> T + Send + 'static,
    ) -> (bool, Option<Outcome<T>>) {
        let jobs = self.jobs.get_or_insert_with(|| {
            let context = context.clone();
            Jobs::new(Arc::new(move || context.request_repaint()))
        });
        let started = self.wanted != names;
        if started {
            self.wanted = names.to_vec();
            jobs.start((), move |_| load());
        }
        (started, jobs.drain().into_iter().last().map(|(_, outcome)| outcome))
    }
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
        let (beside, wanted) = (Beside::of(logs), name.to_owned());
        let load = move || decoded(&wanted, &beside).map(shown);
        let (started, arrived) = self.loader.of(context, &[name.to_owned()], load);
        if started {
            self.shown = None;
        }
        match arrived {
            Some(Outcome::Done(found)) => {
                self.shown = Some(found.map(|image| context.load_texture(name, image, TextureOptions::LINEAR)));
            }
            Some(Outcome::Panicked(message)) => self.shown = Some(Err(message)),
            None => {}
        }
        match &self.shown {
            None => Backdrop::Loading,
            Some(Ok(texture)) => Backdrop::Image(texture.clone()),
            Some(Err(why)) => Backdrop::Missing(why.clone()),
        }
    }
}

impl Gallery {
    /// The files called `names` beside one of `logs`, the reference first, as far as they have arrived.
    pub fn get<'a>(
        &mut self,
        context: &Context,
        names: &[String],
        logs: impl Iterator<Item = &'a PathBuf>,
    ) -> Option<&Sights> {
        let (beside, wanted) = (Beside::of(logs), names.to_vec());
        let (started, arrived) = self.loader.of(context, names, move || seen(&wanted, &beside));
        if started {
            self.shown = None;
        }
        // Enlarged pixels stay pixels.
        let options = TextureOptions { magnification: TextureFilter::Nearest, ..TextureOptions::LINEAR };
        let texture = |image: ColorImage| context.load_texture("image pair", image, options);
        match arrived {
            Some(Outcome::Done(found)) => {
                self.shown = Some(Sights {
                    images: found.images.into_iter().map(|image| image.map(texture)).collect(),
                    differences: found.differences.into_iter().map(|image| image.map(texture)).collect(),
                    gain: found.gain,
                });
            }
            Some(Outcome::Panicked(message)) => {
                self.shown = Some(Sights {
                    images: names.iter().map(|_| Err(message.clone())).collect(),
                    differences: names.iter().map(|_| None).collect(),
                    gain: 1,
                });
            }
            None => {}
        }
        self.shown.as_ref()
    }
}

fn decoded(name: &str, beside: &Beside) -> Result<DynamicImage, String> {
    let path = beside.find(name).ok_or("is not beside the logs")?;
    let stored = std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    picture(&stored)
}

fn shown(image: DynamicImage) -> ColorImage {
    let image =
        if image.width().max(image.height()) > MOST_PIXELS { image.thumbnail(MOST_PIXELS, MOST_PIXELS) } else { image };
    let image = image.into_rgba8();
    ColorImage::from_rgba_unmultiplied([image.width() as usize, image.height() as usize], image.as_raw())
}

fn seen(names: &[String], beside: &Beside) -> Seen {
    let images: Vec<Result<RgbaImage, String>> =
        names.iter().map(|name| decoded(name, beside).map(DynamicImage::into_rgba8)).collect();
    let reference = images.first().and_then(|image| image.as_ref().ok());
    let apart = |image: &Result<RgbaImage, String>| difference(reference?, image.as_ref().ok()?);
    let mut differences: Vec<Option<RgbaImage>> =
        [None].into_iter().chain(images.iter().skip(1).map(apart)).take(images.len()).collect();
    let gain = gain(differences.iter().flatten());
    for image in differences.iter_mut().flatten() {
        image.pixels_mut().for_each(|pixel| (0..3).for_each(|at| pixel.0[at] = pixel.0[at].saturating_mul(gain)));
    }
    let color = |image: RgbaImage| shown(DynamicImage::ImageRgba8(image));
    Seen {
        differences: differences.into_iter().map(|image| image.map(color)).collect(),
        images: images.into_iter().map(|image| image.map(color)).collect(),
        gain,
    }
}

/// Distance of each pixel, channel by channel; `None` for images of different size.
fn difference(a: &RgbaImage, b: &RgbaImage) -> Option<RgbaImage> {
    if a.dimensions() != b.dimensions() {
        return None;
    }
    let mut out = a.clone();
    for (pixel, other) in out.pixels_mut().zip(b.pixels()) {
        (0..3).for_each(|at| pixel.0[at] = pixel.0[at].abs_diff(other.0[at]));
        pixel.0[3] = u8::MAX;
    }
    Some(out)
}

/// The largest factor that leaves nearly all differences within the range, the same for all images, so that they can be
/// compared with each other.
fn gain<'a>(differences: impl Iterator<Item = &'a RgbaImage>) -> u8 {
    let mut counts = [0u64; 256];
    for pixel in differences.flat_map(RgbaImage::pixels) {
        (0..3).for_each(|at| counts[usize::from(pixel.0[at])] += 1);
    }
    let all: u64 = counts.iter().sum();
    let fits = |gain: &&u8| {
        let clipped: u64 = counts[usize::from(255 / **gain) + 1..].iter().sum();
        clipped as f64 <= CLIPPED * all as f64
    };
    GAINS.iter().find(fits).copied().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_decoded_and_anything_else_says_why() {
        let folder = std::env::temp_dir().join(format!("assay-pictures-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let beside = Beside::of(&[folder.join("log.csv")]);
        let path = folder.join("tile.png");
        image::RgbImage::from_fn(3, 2, |x, y| image::Rgb([x as u8, y as u8, 9])).save(&path).unwrap();
        let found = shown(decoded("tile.png", &beside).unwrap());
        assert_eq!((found.size, found.pixels[4].to_array()), ([3, 2], [1, 1, 9, 255]));
        image::RgbImage::from_fn(3, 2, |x, y| image::Rgb([x as u8 + 5, y as u8, 9]))
            .save(folder.join("out.png"))
            .unwrap();
        let names = ["tile.png", "out.png", "none.png"].map(str::to_owned);
        let found = seen(&names, &beside);
        // 5 x 32 = 160 still fits.
        assert_eq!(found.gain, 32);
        assert_eq!(found.differences[1].as_ref().unwrap().pixels[0].to_array(), [160, 0, 0, 255]);
        assert!(found.differences[0].is_none() && found.differences[2].is_none());
        assert_eq!(found.images[2].as_ref().unwrap_err(), "is not beside the logs");
        std::fs::write(&path, b"no image").unwrap();
        assert!(decoded("tile.png", &beside).unwrap_err().starts_with("cannot be decoded"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
