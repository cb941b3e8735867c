//! Recordings and pipes: their kind, and their metadata from flags and file names.

mod check;
mod open;
mod raw;

use std::ffi::OsStr;
use std::path::PathBuf;

use ringfall::source::{Channel, Clock, RawFormat, RecordingName};

pub(crate) use open::Opened;
use open::{is_file, is_stream, stdin};
pub(crate) use raw::{InputFormat, RawArgs};

use super::network::{self, Told};
use crate::terminal::complain;
use crate::units;

/// An input, as the command line describes it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: PathBuf,
    pub(crate) channel: Option<Channel>,
    pub(crate) format: Option<RawFormat>,
    /// `--format csv`.
    pub(crate) is_scan: bool,
    pub(crate) raw: RawArgs,
    pub(crate) start: Option<i64>,
}

/// The kind of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A pipe of raw numbers, or a WAV file through standard input.
    Pipe,
    /// A file of ready-made rows, read from beginning to end.
    Rows,
    /// A power scan in CSV, in a file.
    Scan,
    /// A power scan in CSV, through a pipe.
    ScanPipe,
    Raw,
    SigMf,
    Audio,
    /// A peer over the network.
    Network,
}

impl Asked {
    /// Whether it is rows in a file, which are read as fast as they can be.
    pub(crate) fn is_rows_in_a_file(&self) -> bool {
        matches!(self.kind(), Kind::Rows | Kind::Scan)
    }

    fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// Whether it is the address of a peer, which sends for as long as it likes.
    pub(crate) fn is_network(&self) -> bool {
        network::address(&self.path).is_some()
            || network::ring(&self.path).is_some()
            || network::soapy(&self.path).is_some()
    }

    /// What the flags say of a peer's samples.
    fn of_peer(&self) -> Told {
        Told { format: self.format, rate_hz: self.raw.rate, centre_hz: self.raw.centre }
    }

    fn kind(&self) -> Kind {
        let extension = self.path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
        let is_scan = self.is_scan || (self.format.is_none() && extension == "csv");
        if self.is_network() {
            Kind::Network
        } else if is_scan {
            if self.is_stdin() || is_stream(&self.path) { Kind::ScanPipe } else { Kind::Scan }
        } else if self.is_stdin() || (self.format.is_some() && is_stream(&self.path)) {
            Kind::Pipe
        } else if self.format.is_some() && self.raw.bins.is_some() {
            Kind::Rows
        } else if self.format.is_some() {
            Kind::Raw
        } else if matches!(&*extension, "sigmf" | "sigmf-meta" | "sigmf-data") {
            Kind::SigMf
        } else if self.told().format.is_some() && !is_stream(&self.path) {
            Kind::Raw
        } else {
            Kind::Audio
        }
    }

    /// Metadata from its name.
    fn told(&self) -> RecordingName {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        if self.is_stdin() { RecordingName::default() } else { RecordingName::parse(&name) }
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        if self.is_stdin() { "standard input".to_owned() } else { self.path.display().to_string() }
    }

    /// The files that are read, under names that the system can open.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        if self.is_stdin() {
            return vec!["/dev/stdin".into()];
        }
        if self.is_network() {
            return Vec::new();
        }
        let mut files = vec![self.path.clone()];
        if self.kind() == Kind::SigMf {
            files.extend(["sigmf-meta", "sigmf-data"].map(|extension| self.path.with_extension(extension)));
        }
        files
    }

    /// Whether samples may arrive live. A file on standard input is a file.
    pub(crate) fn may_be_live(&self) -> bool {
        let is_pipe = matches!(self.kind(), Kind::Pipe | Kind::ScanPipe);
        self.is_network() || is_pipe && !(self.is_stdin() && stdin().is_ok_and(|file| is_file(&file)))
    }

    /// When it began, if that is known before it is opened, and whether opening it may tell.
    pub(crate) fn start(&self) -> (Option<i64>, bool) {
        match self.kind() {
            Kind::Pipe | Kind::Rows | Kind::Network => (self.start, false),
            Kind::Raw => (self.start.or(self.told().start_ns), false),
            Kind::SigMf | Kind::Scan | Kind::ScanPipe => (self.start, true),
            Kind::Audio => (self.start.or(self.told().start_ns), true),
        }
    }

    /// Reports which metadata come from the name. What is live has the time at which it comes.
    pub(crate) fn tell(&self, live: bool) {
        let (kind, told) = (self.kind(), self.told());
        let mut said = Vec::new();
        if kind == Kind::Raw {
            said.extend(
                told.rate_hz
                    .filter(|_| self.raw.rate.is_none())
                    .map(|hz| format!("{} a second", units::hertz(hz).replace("Hz", "S"))),
            );
        }
        if kind == Kind::Raw || (kind == Kind::Audio && self.audio_channel() == Channel::Iq) {
            said.extend(told.centre_hz.filter(|_| self.raw.centre.is_none()).map(|hz| format!("around {hz} Hz")));
        }
        if matches!(kind, Kind::Raw | Kind::Audio)
            && let Some(start_ns) = told.start_ns.filter(|_| self.start.is_none())
        {
            let local = if told.local_time { " (perhaps in another time zone; --start sets it)" } else { "" };
            said.push(format!("from {}{local}", units::time(start_ns, Clock::Utc, 0)));
        }
        if matches!(kind, Kind::Scan | Kind::ScanPipe) && self.start.is_none() && !live {
            said.push("times as if they were UTC (--start sets when it began)".to_owned());
            complain(format_args!("ringfall: {}: {}", self.name(), said.join(", ")));
            return;
        }
        if !said.is_empty() {
            complain(format_args!("ringfall: {}: from its name: {}", self.name(), said.join(", ")));
        }
    }

    fn audio_channel(&self) -> Channel {
        self.channel.unwrap_or(if self.told().iq { Channel::Iq } else { Channel::Mix })
    }
}
