//! Flags that say where a picture goes, and in which format.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use ringfall::Canvas;
use ringfall::export::{self, ExportError, Format, Lines, Output, OutputOptions};

use crate::flags::Usage;

#[derive(Args, Clone, Debug)]
pub(crate) struct OutputArgs {
    /// File to write
    #[arg(short, long, value_name = "FILE", help = first_line(), long_help = format!("{}\n\n\
        An existing picture is replaced, any other file only with --force, and the input never. Of a symbolic \
        link the file that it points at is replaced. Pipes and character devices are written to as they are.",
        first_line()))]
    pub(crate) output: PathBuf,

    #[arg(long, value_name = "FORMAT", value_parser = export::format_named,
          help = format!("Format of the picture, regardless of the extension: {}", names()))]
    pub(crate) format: Option<&'static dyn Format>,

    /// Overwrite a file that is not a picture
    #[arg(long)]
    pub(crate) force: bool,
}

fn first_line() -> String {
    format!("File to write: its extension selects the format ({}); - is standard output", names())
}

fn names() -> String {
    export::FORMATS.iter().map(|format| format.name().to_ascii_lowercase()).collect::<Vec<_>>().join(", ")
}

/// An output in its format.
pub(crate) struct Target {
    format: &'static dyn Format,
    output: Output,
}

impl OutputArgs {
    fn chosen(&self) -> Result<&'static dyn Format, ExportError> {
        self.format.map_or_else(|| export::format_of(&self.output), Ok)
    }

    /// Refuses an extension that tells no format.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        self.chosen().map(drop).map_err(|error| Usage(format!("--output {error}, or --format")))
    }

    /// Refuses what cannot be written, before any work is done.
    pub(crate) fn open(&self, inputs: &[&Path]) -> Result<Target> {
        let format = self.chosen()?;
        let output = format.open(&self.output, &OutputOptions { inputs, force: self.force }).map_err(name_force)?;
        Ok(Target { format, output })
    }
}

impl Target {
    pub(crate) fn write(self, canvas: &Canvas) -> Result<()> {
        let mut lines = Lines::of(canvas).context("the picture")?;
        self.format.write(&mut lines, self.output).map_err(name_force)
    }
}

fn name_force(error: ExportError) -> anyhow::Error {
    match error {
        ExportError::Occupied { .. } => anyhow::anyhow!("{error} (--force overwrites it)"),
        error => error.into(),
    }
}
