//! What happens on Ctrl-C and its like while a file is written.

use anyhow::Result;

/// Sees to it that SIGINT, SIGTERM and SIGHUP end the program as always, but leave no half written file behind, and that a
/// file that grows beyond its limit (`ulimit -f`) is an error like a full disk.
#[cfg(unix)]
pub(crate) fn clean_up() -> Result<()> {
    use std::sync::Arc;

    use anyhow::Context as _;
    use ringfall::export;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;

    let context = "no handler for signals";
    // A handler makes the system call fail; without one SIGXFSZ ends the program.
    signal_hook::flag::register(SIGXFSZ, Arc::default()).context(context)?;
    // What is ignored stays ignored: `nohup` does that, and a shell for what it starts in the background.
    let ignored = ignored();
    let heeded = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0);
    let mut signals = Signals::new(heeded).context(context)?;
    std::thread::Builder::new()
        .name("ringfall signals".to_owned())
        .spawn(move || {
            if let Some(signal) = signals.forever().next() {
                export::abandon();
                // As if there were no handler, so that the parent process sees which signal ended the program.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
                std::process::exit(128 + signal);
            }
        })
        .context(context)?;
    Ok(())
}

/// The signals that this process was started to ignore, a bit each.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(not(unix))]
pub(crate) fn clean_up() -> Result<()> {
    Ok(())
}

/// Ends the program as a broken pipe ends other programs: silently. Returns where there are no signals.
pub(crate) fn die_of_broken_pipe() {
    #[cfg(unix)]
    let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGPIPE);
}
