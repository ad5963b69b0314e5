//! Likeness of two images, as scikit-image measures it.

use std::collections::VecDeque;
use std::f64::consts::LN_10;

/// Planes of an image, one after another, each row by row; grey has one plane, RGB three.
#[derive(Clone, Debug, PartialEq)]
pub struct Planes {
    values: Vec<f64>,
    width: usize,
    height: usize,
}

/// Window of SSIM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// 7 x 7 pixels alike, sample covariance: scikit-image's default.
    #[default]
    Uniform,
    /// Gaussian of 1.5 pixels, 11 x 11, population covariance: Wang et al. 2004 (`gaussian_weights=True, sigma=1.5,
    /// use_sample_covariance=False`).
    Gaussian,
    /// The same with sample covariance (`gaussian_weights=True` alone).
    GaussianSample,
}

impl Planes {
    /// From planes one after another.
    ///
    /// # Errors
    /// The values do not fill whole planes, or one is not finite.
    pub fn new<V: Copy + Into<f64>>(values: &[V], width: usize, height: usize) -> Result<Self, String> {
        Self::checked(values.iter().map(|&value| value.into()).collect(), width, height)
    }

    /// From pixels whose channels stand together, as image files have them.
    ///
    /// # Errors
    /// The same.
    pub fn interleaved<V: Copy + Into<f64>>(
        values: &[V],
        width: usize,
        height: usize,
        channels: usize,
    ) -> Result<Self, String> {
        let plane = |channel: usize| values.iter().skip(channel).step_by(channels.max(1)).map(|&value| value.into());
        let image = Self::checked((0..channels).flat_map(plane).collect(), width, height)?;
        if image.values.len() == channels * width * height {
            Ok(image)
        } else {
            Err(format!("{} values are no {channels} planes of {width} x {height} pixels", values.len()))
        }
    }

    fn checked(values: Vec<f64>, width: usize, height: usize) -> Result<Self, String> {
        let size = width * height;
        if size == 0 || values.is_empty() || !values.len().is_multiple_of(size) {
            return Err(format!("{} values are no planes of {width} x {height} pixels", values.len()));
        }
        if !values.iter().all(|value| value.is_finite()) {
            return Err("a pixel is not a finite number".to_owned());
        }
        Ok(Self { values, width, height })
    }

    fn same_shape(&self, other: &Self) -> Result<(), String> {
        let shape = |image: &Self| (image.width, image.height, image.values.len());
        if shape(self) == shape(other) {
            return Ok(());
        }
        let words = |image: &Self| {
            format!("{} x {} x {}", image.width, image.height, image.values.len() / (image.width * image.height))
        };
        Err(format!("an image of {} is compared with one of {}", words(self), words(other)))
    }
}

/// Mean squared error of pixels.
///
/// # Errors
/// The images differ in shape.
pub fn pixel_mse(a: &Planes, b: &Planes) -> Result<f64, String> {
    a.same_shape(b)?;
    Ok(a.values.iter().zip(&b.values).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / a.values.len() as f64)
}

/// Mean absolute error of pixels.
///
/// # Errors
/// The images differ in shape.
pub fn pixel_mae(a: &Planes, b: &Planes) -> Result<f64, String> {
    a.same_shape(b)?;
    Ok(a.values.iter().zip(&b.values).map(|(a, b)| (a - b).abs()).sum::<f64>() / a.values.len() as f64)
}

/// Peak signal-to-noise ratio in decibels; `range` is the distance of the least and the greatest possible value.
///
/// # Errors
/// The images differ in shape, or not at all.
pub fn psnr(a: &Planes, b: &Planes, range: f64) -> Result<f64, String> {
    let error = pixel_mse(a, b)?;
    if error == 0.0 {
        return Err("the images are equal, so PSNR is infinite".to_owned());
    }
    Ok(decibels(error, range))
}

/// PSNR of a mean squared error; infinite where it is 0.
pub fn decibels(mse: f64, range: f64) -> f64 {
    10.0 * (range * range / mse).ln() / LN_10
}

/// Structural similarity (Wang et al. 2004, IEEE Trans. Image Processing 13:600), K1 = 0.01, K2 = 0.03, mean over
/// windows that lie in the image and over planes.
///
/// # Errors
/// The images differ in shape or are smaller than the window.
pub fn ssim(a: &Planes, b: &Planes, range: f64, window: Window) -> Result<f64, String> {
    a.same_shape(b)?;
    let weights = window.weights();
    let side = weights.len();
    if a.width < side || a.height < side {
        return Err(format!("an image of {} x {} is smaller than the window, {side} x {side}", a.width, a.height));
    }
    let pixels = (side * side) as f64;
    let factor = if window == Window::Gaussian { 1.0 } else { pixels / (pixels - 1.0) };
    let constants = [(0.01 * range).powi(2), (0.03 * range).powi(2)];
    let size = a.width * a.height;
    let planes = a.values.chunks_exact(size).zip(b.values.chunks_exact(size));
    let means = planes.map(|(x, y)| mean_of_plane(x, y, a.width, &weights, factor, constants));
    Ok(means.sum::<f64>() / (a.values.len() / size) as f64)
}

impl Window {
    /// Pixels of a side.
    pub const fn side(self) -> usize {
        match self {
            Self::Uniform => 7,
            Self::Gaussian | Self::GaussianSample => 11,
        }
    }

    fn weights(self) -> Vec<f64> {
        let raw: Vec<f64> = match self {
            Self::Uniform => vec![1.0; self.side()],
            Self::Gaussian | Self::GaussianSample => (-5..=5).map(|x| (-0.5 * f64::from(x * x) / 2.25).exp()).collect(),
        };
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|weight| weight / sum).collect()
    }
}

/// Mean SSIM of the windows of one plane. A row is smoothed once, and only as many are held as a window is high, so that
/// memory does not grow with the height of the image.
fn mean_of_plane(x: &[f64], y: &[f64], width: usize, weights: &[f64], factor: f64, [c1, c2]: [f64; 2]) -> f64 {
    let (side, columns) = (weights.len(), width + 1 - weights.len());
    // Smoothed x, y, x x, y y, x y.
    let mut held: VecDeque<Vec<[f64; 5]>> = VecDeque::with_capacity(side);
    let (mut sum, mut windows) = (0.0, 0usize);
    for (x, y) in x.chunks_exact(width).zip(y.chunks_exact(width)) {
        let mut row = if held.len() == side { held.pop_front().unwrap_or_default() } else { vec![[0.0; 5]; columns] };
        for (start, cell) in row.iter_mut().enumerate() {
            *cell = [0.0; 5];
            for (weight, (&p, &q)) in weights.iter().zip(x[start..].iter().zip(&y[start..])) {
                let parts = [p, q, p * p, q * q, p * q];
                cell.iter_mut().zip(parts).for_each(|(cell, part)| *cell += weight * part);
            }
        }
        held.push_back(row);
        if held.len() < side {
            continue;
        }
        for column in 0..columns {
            let mut cell = [0.0; 5];
            for (weight, row) in weights.iter().zip(&held) {
                cell.iter_mut().zip(row[column]).for_each(|(cell, part)| *cell += weight * part);
            }
            let [mx, my, xx, yy, xy] = cell;
            let (vx, vy, covariance) = (factor * (xx - mx * mx), factor * (yy - my * my), factor * (xy - mx * my));
            sum += (2.0 * mx * my + c1) * (2.0 * covariance + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
        }
        windows += columns;
    }
    sum / windows as f64
}
