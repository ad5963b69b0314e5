#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| assay::ingest::formats::trial::archive(bytes));
