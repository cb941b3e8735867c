//! Properties of the machine and of this process, as far as the system reports them.

use std::fs;
use std::time::Duration;

/// Processor time that all threads of this process have used.
pub(super) fn cpu_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
    }
    #[cfg(not(unix))]
    None
}

/// The most memory that this process has held so far, in MB (2²⁰ bytes).
pub(super) fn peak_rss_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Makes [`peak_rss_mb`] begin again from what is held now. If the system cannot, the peak is that of the whole process.
pub(super) fn reset_peak_rss() {
    // Only Linux has it, and not every container allows it.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Processes that wait for a processor, on the average of the last minute.
pub(super) fn load() -> Option<f64> {
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    load.split_whitespace().next()?.parse().ok()
}

/// The processor's name and how many threads it runs.
pub(super) fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{name}, {threads} threads, {}", std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn the_process_knows_itself() {
        let before = super::cpu_time().expect("a clock");
        let mut x = 1_u64;
        while super::cpu_time().expect("a clock") == before {
            x = std::hint::black_box(x.wrapping_mul(3));
        }
        let rss = super::peak_rss_mb().expect("a size");
        assert!((1.0..100_000.0).contains(&rss), "{rss} MB");
    }
}
