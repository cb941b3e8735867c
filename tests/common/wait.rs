//! Waiting for what another thread or process does.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate of its own and uses part of this")]

use std::time::{Duration, Instant};

/// Longest wait for anything, on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again and again until there is an answer.
#[track_caller]
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
