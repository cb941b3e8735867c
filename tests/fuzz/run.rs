//! Runs a body on many inputs, and tells of those that panic, hang or take too much memory.
//!
//! `make test` makes the short runs. A long one takes from the environment the number of inputs, the seconds that it may take, and a
//! seed if it shall differ from other runs; it prints what it has done, and the slowest input (see CONTRIBUTING.md).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// An input that takes longer is shown while it still runs.
const HANGS: Duration = Duration::from_secs(2);
/// An input during which the program has more resident memory than this is shown while it still runs.
const GREEDY_MB: u64 = 1500;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text}: expected a number")))
}

/// The seed of a long run; 0 in all others.
pub(crate) fn seed() -> u64 {
    number("RINGFALL_FUZZ_SEED").unwrap_or(0)
}

/// Numbers of inputs: as many as `usual`, or as a long run asks for.
pub(crate) fn many(usual: u64) -> impl Iterator<Item = usize> {
    (0..number("RINGFALL_FUZZ_COUNT").unwrap_or(usual)).map(|i| i as usize)
}

/// What runs now, for the thread that watches.
struct Current {
    input: Vec<u8>,
    since: Instant,
    is_shown: bool,
}

/// Runs a body on many inputs. What panics is printed as bytes that can be pasted into a test.
pub(crate) fn run(body: fn(&[u8]), inputs: impl Iterator<Item = Vec<u8>>) {
    // A run that goes on shows all places at once: RINGFALL_FUZZ_SURVEY=1 cargo test --test fuzz 2>&1 | grep 'panicked at'
    let survey = std::env::var_os("RINGFALL_FUZZ_SURVEY").is_some();
    let is_long = number("RINGFALL_FUZZ_COUNT").is_some();
    let most_time = number("RINGFALL_FUZZ_SECONDS").map_or(Duration::MAX, Duration::from_secs);
    let current = Mutex::new(Current { input: Vec::new(), since: Instant::now(), is_shown: false });
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = is_long.then(|| scope.spawn(|| watch(&current, &over)));
        let (mut failed, mut count) = (0, 0_u64);
        let (begun, mut slowest) = (Instant::now(), (Duration::ZERO, Vec::new()));
        for input in inputs {
            let (since, busy) = (Instant::now(), cpu_time());
            if is_long {
                let mut current = current.lock().unwrap_or_else(PoisonError::into_inner);
                current.input.clone_from(&input);
                (current.since, current.is_shown) = (since, false);
            }
            if catch_unwind(AssertUnwindSafe(|| body(&input))).is_err() {
                failed += 1;
                if !survey {
                    over.store(true, Relaxed);
                    panic!("input {count}, see above: {input:?}");
                }
            }
            count += 1;
            if begun.elapsed() > most_time {
                break;
            }
            let took = cpu_time().saturating_sub(busy);
            if is_long && took > slowest.0 {
                slowest = (took, input);
            }
        }
        over.store(true, Relaxed);
        if let Some(watcher) = watcher {
            let most_mb = watcher.join().expect("the thread that watches");
            let name = std::thread::current().name().unwrap_or_default().to_owned();
            println!(
                "{name}: {count} inputs in {:.0} s, {failed} panicked, {most_mb} MB at most, the slowest took {:?}: {:?}",
                begun.elapsed().as_secs_f64(),
                slowest.0,
                slowest.1,
            );
        }
        assert_eq!(failed, 0, "inputs that panic, see above");
    });
}

/// The processor time of this thread, since what else runs says nothing about an input.
#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    Duration::ZERO
}

/// Shows inputs that hang or take much memory. Returns the most resident memory, in MB.
fn watch(current: &Mutex<Current>, over: &AtomicBool) -> u64 {
    let mut most_mb = 0;
    while !over.load(Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
        let mb = resident_mb();
        most_mb = most_mb.max(mb);
        let mut current = current.lock().unwrap_or_else(PoisonError::into_inner);
        if (current.since.elapsed() > HANGS || mb > GREEDY_MB) && !current.is_shown {
            current.is_shown = true;
            eprintln!("after {:?} with {mb} MB this still runs: {:?}", current.since.elapsed(), current.input);
        }
    }
    most_mb
}

/// The memory of this process now; 0 where the system does not tell it in a file.
fn resident_mb() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok()).unwrap_or(0);
    pages * 4096 / 1_000_000
}
