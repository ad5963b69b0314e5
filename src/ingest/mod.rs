//! Bytes to [`Log`](crate::log::Log): sources, containers, record grammars, roles, pairing, labels, quality.
//!
//! The line every caller runs is [`open`] (look at the files, guess a [`Mapping`], ask what the files do
//! not settle) and then [`load`] (read all rows under that mapping). Text is read by our own tolerant
//! reader: every record is either typed, or quarantined with file, record number, raw text and reason.

mod answer;
mod assemble;
mod audit;
#[cfg(test)]
mod bad_input_tests;
mod boxes;
#[cfg(test)]
mod class_columns_tests;
#[cfg(test)]
mod classes_tests;
#[cfg(test)]
mod columnar_tests;
pub mod detect;
mod digest;
mod drift;
mod failures;
mod features;
pub mod formats;
pub mod guess;
pub mod image_files;
mod issue;
mod keys;
mod labels;
mod lines;
mod lists;
mod load;
pub mod mapping;
mod open;
#[cfg(test)]
pub(crate) mod open_tests;
mod opened;
#[cfg(test)]
mod order_tests;
mod pair;
mod partition;
pub mod profile;
mod reference;
mod revisions;
mod scales;
mod shapes;
pub mod source;
mod split;
#[cfg(test)]
mod stored_tests;
pub mod table;
#[cfg(test)]
mod text_tests;
pub mod typing;
pub mod vectors;

pub use answer::{Patch, answer};
pub use audit::{Audit, Day, audit};
pub use digest::sha256_files;
pub use guess::quantiles::level as quantile_level;
pub use issue::{Example, IngestError, Issue, Severity};
pub use load::{IngestReport, LineCount, Loaded, load};
pub use open::{MAX_BAD_SHARE, OpenOptions, open};
pub use opened::{ClassValues, ColumnGuess, Confidence, Opened, OpenedSource, Question, QuestionKind};
pub use reference::reference;
