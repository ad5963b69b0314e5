//! Metrics of images held against a reference: super-resolution, denoising, compression. Pixels are on a scale of 0 to 255
//! (those of 16 bits are divided by 257), so that images of both depths can be taken together.

use super::images::{Planes, Window, decibels, pixel_mae, pixel_mse, ssim};
use crate::log::Likeness;
use crate::metrics::measured::{Measured, NO_ROW, Outcome};
use crate::metrics::registry::{Better, Metric, Unit, metric};

/// Greatest value of a pixel.
pub const RANGE: f64 = 255.0;
/// Window of SSIM: that of the paper.
pub const WINDOW: Window = Window::Gaussian;

const LIKE: (Unit, Better) = (Unit::Number, Better::Higher);
const ERROR: (Unit, Better) = (Unit::Number, Better::Lower);

/// In the order they are shown.
pub const METRICS: [Metric; 5] = [
    metric(
        "ssim",
        "SSIM",
        LIKE,
        "mean over images, channels and Gaussian windows (11 x 11, 1.5 pixels) of (2 m_x m_y + c1)(2 s_xy + c2) / ((m_x^2 + m_y^2 + c1)(s_x^2 + s_y^2 + c2))",
        "Wang et al. 2004; scikit-image, structural_similarity with gaussian_weights",
        "Likeness of an image to its reference in light, contrast and structure; 1 is identity.",
    ),
    metric(
        "psnr",
        "PSNR",
        LIKE,
        "mean over images of 10 log10(255^2 / mean squared error)",
        "scikit-image, peak_signal_noise_ratio",
        "Error of an image against its range, in decibels; infinite for an image that equals its reference.",
    ),
    metric(
        "psnr_pooled",
        "PSNR, pooled",
        LIKE,
        "10 log10(255^2 / mean over images of the mean squared error)",
        "Wang and Bovik 2009, eq. 2, of all images as one",
        "Mean error of all images against their range, in decibels; an image may equal its reference.",
    ),
    metric(
        "pixel_mse",
        "Pixel MSE",
        ERROR,
        "mean over images of the mean of (x - y)^2, pixels 0 to 255",
        "scikit-image, mean_squared_error",
        "Mean squared error of pixels.",
    ),
    metric(
        "pixel_mae",
        "Pixel MAE",
        ERROR,
        "mean over images of the mean of |x - y|, pixels 0 to 255",
        "Willmott and Matsuura 2005",
        "Mean absolute error of pixels.",
    ),
];

/// How like two images are, each given channel by channel, so that neither need be held as a whole in double precision;
/// SSIM is NaN for images smaller than [`WINDOW`].
///
/// # Errors
/// The channels differ in number or shape, or one cannot be had.
pub fn likeness(channels: impl Iterator<Item = Result<[Planes; 2], String>>) -> Result<Likeness, String> {
    let (mut sums, mut count) = (Likeness { ssim: 0.0, mse: 0.0, mae: 0.0 }, 0.0);
    for channel in channels {
        let [a, b] = &channel?;
        sums.mse += pixel_mse(a, b)?;
        sums.mae += pixel_mae(a, b)?;
        sums.ssim += ssim(a, b, RANGE, WINDOW).unwrap_or(f64::NAN);
        count += 1.0;
    }
    if count == 0.0 {
        return Err("an image without a channel".to_owned());
    }
    Ok(Likeness { ssim: sums.ssim / count, mse: sums.mse / count, mae: sums.mae / count })
}

/// Peak signal-to-noise ratio of an image in decibels; `None` where it equals its reference and the ratio is infinite.
pub fn psnr(of: &Likeness) -> Option<f64> {
    (of.mse > 0.0).then(|| decibels(of.mse, RANGE))
}

/// A metric of the images of an arm.
///
/// # Errors
/// There is no image; an image is too small for SSIM; an image equals its reference, so that its PSNR is infinite.
pub fn measure(name: &str, images: &[Likeness]) -> Outcome {
    if images.is_empty() {
        return Err(NO_ROW.to_owned());
    }
    let counted = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 image {one}"),
        count => format!("{count} images {many}"),
    };
    match name {
        "ssim" => {
            let small = images.iter().filter(|image| image.ssim.is_nan()).count();
            if small > 0 {
                let side = WINDOW.side();
                let window = format!("smaller than the window of SSIM, {side} x {side} pixels");
                return Err(counted(small, &format!("is {window}"), &format!("are {window}")));
            }
            Measured::mean(images.len(), |row| images[row].ssim)
        }
        "psnr" => match images.iter().filter(|image| image.mse == 0.0).count() {
            0 => Measured::mean(images.len(), |row| decibels(images[row].mse, RANGE)),
            equal => {
                let what = counted(equal, "equals its reference", "equal their references");
                Err(format!("{what}, for which PSNR is infinite; PSNR, pooled has a value"))
            }
        },
        "psnr_pooled" => {
            let mse = Measured::mean(images.len(), |row| images[row].mse)?;
            if mse.value == 0.0 {
                return Err("all images equal their references, so PSNR is infinite".to_owned());
            }
            // Of 10 log10(255^2 / m) the derivative is -10 / (m ln 10).
            let slope = -10.0 / (mse.value * std::f64::consts::LN_10);
            Measured::by_row(decibels(mse.value, RANGE), images.len(), |row| slope * images[row].mse)
        }
        "pixel_mse" => Measured::mean(images.len(), |row| images[row].mse),
        "pixel_mae" => Measured::mean(images.len(), |row| images[row].mae),
        _ => Err(format!("{name} is no metric of images")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::measured::jackknife_gap;

    fn images(count: usize) -> Vec<Likeness> {
        let of = |at: usize| 1.0 + ((at * 37) % 101) as f64;
        (0..count).map(|at| Likeness { ssim: 1.0 / of(at), mse: of(at), mae: of(at).sqrt() }).collect()
    }

    #[test]
    fn influence_is_the_jackknife() {
        let all = images(800);
        for metric in METRICS {
            let of = |rows: &[usize]| measure(metric.name, &rows.iter().map(|&row| all[row]).collect::<Vec<_>>());
            assert!(jackknife_gap(all.len(), of) < 0.02, "{}", metric.name);
        }
    }

    #[test]
    fn what_has_no_value_says_why() {
        let mut all = images(5);
        assert_eq!(measure("ssim", &[]).unwrap_err(), "no row");
        all[1].mse = 0.0;
        assert_eq!(psnr(&all[1]), None);
        let why = measure("psnr", &all).unwrap_err();
        assert!(why.starts_with("1 image equals its reference, for which PSNR is infinite"), "{why}");
        assert!(measure("psnr_pooled", &all).unwrap().value.is_finite());
        all.iter_mut().for_each(|image| image.mse = 0.0);
        assert!(measure("psnr_pooled", &all).unwrap_err().contains("all images equal"));
        all[0].ssim = f64::NAN;
        all[2].ssim = f64::NAN;
        let why = measure("ssim", &all).unwrap_err();
        assert_eq!(why, "2 images are smaller than the window of SSIM, 11 x 11 pixels");
    }

    #[test]
    fn channels_count_alike() {
        let plane = |add: u8| Planes::new(&(0..144).map(|at| at as u8 + add).collect::<Vec<_>>(), 12, 12).unwrap();
        let (a, b, c) = (plane(0), plane(2), plane(6));
        let of = |pairs: Vec<[&Planes; 2]>| likeness(pairs.into_iter().map(|pair| Ok(pair.map(Planes::clone))));
        let found = of(vec![[&a, &b], [&a, &c]]).unwrap();
        assert_eq!((found.mse, found.mae), ((4.0 + 36.0) / 2.0, 4.0));
        assert_eq!(of(vec![[&a, &a]]).unwrap().ssim, 1.0);
        let small = Planes::new(&[1u8; 4], 2, 2).unwrap();
        assert!(of(vec![[&small, &small]]).unwrap().ssim.is_nan());
        assert!(of(vec![[&a, &small]]).is_err() && of(Vec::new()).is_err());
    }
}
