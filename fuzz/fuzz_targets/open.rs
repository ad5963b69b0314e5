#![no_main]

// The reader catches the panics of the Parquet decoder: only those that get out are findings.
libfuzzer_sys::fuzz_target!(init: drop(std::panic::take_hook()), |bytes: &[u8]| assay::ingest::formats::trial::open(bytes));
