//! Images of models beside the images they should have been.

use serde::{Deserialize, Serialize};

/// Names of files as the log gives them, and how like each output is to its reference.
#[derive(Clone, Debug, Default)]
pub struct ImagePairs {
    /// Names of all files, by which references and outputs are coded.
    pub names: Vec<String>,
    /// Of each row; [`super::NO_CODE`] where the log names none.
    pub references: Vec<u32>,
    /// Of each arm, champion first.
    pub outputs: Vec<Vec<u32>>,
    /// Of each arm by row, champion first; empty as long as no file has been read.
    pub measured: Vec<Vec<Likeness>>,
    /// The files that were read.
    pub files: ImageFiles,
}

/// How like an output is to its reference; pixels on a scale of 0 to 255, all channels alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Structural similarity; NaN for an image smaller than its window.
    pub ssim: f64,
    /// Mean squared error of the pixels.
    pub mse: f64,
    /// Mean absolute error of the pixels.
    pub mae: f64,
}

impl Likeness {
    /// Of a row that was not measured.
    pub const NONE: Self = Self { ssim: f64::NAN, mse: f64::NAN, mae: f64::NAN };
}

/// Image files that a log names, as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageFiles {
    pub files: u64,
    pub bytes: u64,
    /// SHA-256 of the lines `DIGEST  NAME` of all files, in the order of their names.
    pub sha256: String,
    /// Names that were not read, references and outputs of all arms alike.
    pub unread: u64,
    /// The files one by one, by name; empty where there are more than [`ImageFiles::LISTED`].
    pub list: Vec<ImageFile>,
}

/// An image file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageFile {
    /// As the log names it.
    pub name: String,
    pub bytes: u64,
    /// Of the file as stored, lower-case hex.
    pub sha256: String,
}

impl ImageFiles {
    /// Files beyond which a record holds their common digest alone.
    pub const LISTED: usize = 5_000;
}

impl ImagePairs {
    /// Name of a file.
    pub fn name(&self, code: u32) -> Option<&str> {
        self.names.get(code as usize).map(String::as_str)
    }

    /// Names of the reference and of the outputs of a row, champion first; `None` where the log names none.
    pub fn row(&self, row: usize) -> [Option<&str>; 3] {
        let of = |codes: Option<&Vec<u32>>| codes.and_then(|codes| self.name(*codes.get(row)?));
        [of(Some(&self.references)), of(self.outputs.first()), of(self.outputs.get(1))]
    }

    pub(super) fn bytes(&self) -> usize {
        let names: usize = self.names.iter().map(|name| name.len() + 24).sum();
        let codes = self.references.len() * 4 * (1 + self.outputs.len());
        names + codes + self.measured.iter().map(|rows| rows.len() * size_of::<Likeness>()).sum::<usize>()
    }
}
