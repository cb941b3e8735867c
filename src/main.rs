//! The program `ringfall`: a waterfall of the sound card, a file or a demonstration, in a window or in a picture.

mod app;
mod bench;
mod cli;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

/// There is no display: the one failure that a script can do something about.
const NO_DISPLAY: u8 = 3;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // The graphics libraries report what drivers say, most of which helps nobody but their authors.
    // What the feed has to say ends up in the window's title or in the error below.
    let quiet = "warn,ringfall::source::feed=off,wgpu_core=error,wgpu_hal=off,naga=error,winit=error,sctk_adwaita=off,symphonia=off";
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(quiet))
        .format(|out, record| match record.level() {
            log::Level::Error => writeln!(out, "ringfall: error: {}", record.args()),
            log::Level::Warn => writeln!(out, "ringfall: warning: {}", record.args()),
            level => writeln!(out, "ringfall: {level} ({}): {}", record.target(), record.args()),
        })
        .init();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ringfall: error: {}", chain(&error));
            if error.is::<app::NoDisplay>() { ExitCode::from(NO_DISPLAY) } else { ExitCode::FAILURE }
        }
    }
}

/// An error and what caused it, in one line. Many an error's text has that of its cause in it already.
fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text.as_str() {
        "" => cause,
        so_far if so_far.contains(&cause) => text,
        so_far => format!("{so_far}: {cause}"),
    })
}
