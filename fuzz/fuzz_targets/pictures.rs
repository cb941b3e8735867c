//! Pictures that `ffmpeg` writes.
#![no_main]

#[path = "../../tests/fuzz/bodies.rs"]
#[allow(dead_code, reason = "each target calls one of them")]
mod bodies;
#[path = "../../tests/fuzz/input.rs"]
mod input;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::pictures(data));
