//! The program `ringfall`: a waterfall of the sound card, a file or a demonstration, in a window or in a picture.

mod app;
mod bench;
mod cli;
mod flags;
mod interrupt;
mod settings;
mod terminal;
mod units;

use std::io::Write as _;
use std::process::ExitCode;

/// There is no display: the one failure that a script can do something about.
const NO_DISPLAY: u8 = 3;
/// What stands on the command line is wrong, whatever files and devices there are.
const WRONG_COMMAND_LINE: u8 = 2;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let cli = match cli::Cli::read(&args) {
        Ok(cli) => cli,
        Err(told) => return tell(&told),
    };
    // The graphics libraries log driver messages, most of which are useful only to their authors.
    // What the feed has to say ends up in the window's title or in the error below. The clipboard's crates warn of each way that a
    // desktop does not have, and then take another.
    let quiet = "warn,ringfall::source::feed=off,wgpu_core=error,wgpu_hal=off,naga=error,winit=error,sctk_adwaita=off,symphonia=off,\
                 arboard=off,egui_winit=error";
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(quiet))
        .format(|out, record| match record.level() {
            log::Level::Error => writeln!(out, "ringfall: error: {}", record.args()),
            log::Level::Warn => writeln!(out, "ringfall: warning: {}", record.args()),
            level => writeln!(out, "ringfall: {level} ({}): {}", record.target(), record.args()),
        })
        .init();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Prints the help that was asked for, or what is wrong with the command line.
fn tell(told: &clap::Error) -> ExitCode {
    let printed = told.print().and_then(|()| std::io::stdout().flush());
    match printed {
        // There is nothing to say it on if standard error fails.
        Err(error) if !told.use_stderr() => fail(&terminal::StdoutError(error).into()),
        _ => ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(WRONG_COMMAND_LINE)),
    }
}

/// Says what went wrong.
fn fail(error: &anyhow::Error) -> ExitCode {
    if terminal::reader_left(error) {
        interrupt::die_of_broken_pipe();
        return ExitCode::FAILURE;
    }
    if let Some(usage) = error.downcast_ref::<flags::Usage>() {
        terminal::complain(format_args!("error: {usage}\n\nFor more information, try '--help'."));
        return ExitCode::from(WRONG_COMMAND_LINE);
    }
    terminal::complain(format_args!("ringfall: error: {}", chain(error)));
    if error.is::<app::NoDisplay>() { ExitCode::from(NO_DISPLAY) } else { ExitCode::FAILURE }
}

/// An error and what caused it, in one line. Many an error's text has that of its cause in it already.
fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text.as_str() {
        "" => cause,
        so_far if so_far.contains(&cause) => text,
        so_far => format!("{so_far}: {cause}"),
    })
}
