//! Cameras, and all else that `ffmpeg` can open, as frames: a child process that writes pictures into a pipe.

mod pam;

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read as _};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::frames::{LiveFrame, LiveFrames, frame_info};
use super::pace::{PATIENCE, now_ns};
use super::{Read, RowInfo, RowSource, SourceError};
use crate::stamp::Stamp;

/// What `ffmpeg` is to open.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FfmpegOptions {
    /// Its arguments up to the input and what is to be done with it, such as `-f v4l2 -i /dev/video0`, without an output.
    pub arguments: Vec<OsString>,
    /// The program; `ffmpeg`, on the `PATH`, by default.
    pub program: PathBuf,
}

impl FfmpegOptions {
    /// These arguments for the `ffmpeg` on the `PATH`.
    pub fn new(arguments: Vec<OsString>) -> Self {
        Self { arguments, program: PathBuf::from("ffmpeg") }
    }
}

/// The pictures of the first video stream of an input of `ffmpeg`, as frames: grey ones are values, others colours. It delivers
/// no rows; [`RowSource::live_frames`] has the frames.
///
/// The source ends when `ffmpeg` does, with an error if that failed. `ffmpeg` is killed when the source is dropped.
#[derive(Debug)]
pub struct FfmpegFrames {
    info: RowInfo,
    frames: Arc<LiveFrames>,
    running: Running,
    events: Receiver<Event>,
    said: Said,
    /// Its other end is dropped when all has been said.
    silent: Receiver<()>,
    started: Instant,
    /// Frames that there were at the last read.
    seen: u64,
}

/// What the thread reports that reads the pictures.
#[derive(Debug)]
enum Event {
    /// From the next frame on they have this many columns.
    Columns(usize),
    /// There are no more.
    End(io::Result<()>),
}

/// The end of what `ffmpeg` has said.
type Said = Arc<Mutex<String>>;

/// How much of that is kept.
const MOST_SAID: usize = 2048;

/// An input that takes longer to open counts as silent.
const OPENING: Duration = Duration::from_secs(2);

/// How long `ffmpeg` may take to end after its last picture.
const LEAVING: Duration = Duration::from_secs(2);

/// A child process, ended at the latest when it is dropped.
#[derive(Debug)]
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl FfmpegFrames {
    /// Starts `ffmpeg`.
    ///
    /// # Errors
    /// [`SourceError::Open`] if it cannot be started, and [`SourceError::Thread`]. What it cannot open is found out later.
    pub fn open(options: &FfmpegOptions) -> Result<Self, SourceError> {
        let input = options.arguments.iter().skip_while(|word| *word != "-i").nth(1);
        let name = format!("ffmpeg: {}", input.unwrap_or(&OsString::new()).to_string_lossy());
        let mut command = Command::new(&options.program);
        command.args(["-hide_banner", "-loglevel", "error", "-nostdin"]).args(&options.arguments);
        if !options.arguments.iter().any(|word| word == "-map" || word == "-filter_complex") {
            command.args(["-map", "0:v:0"]);
        }
        command.args(["-f", "image2pipe", "-c:v", "pam", "-flush_packets", "1", "pipe:1"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|cause| {
            let program = options.program.display();
            let reason = match cause.kind() {
                ErrorKind::NotFound => {
                    format!("{name}: {program} is not installed (on Debian: apt-get install ffmpeg)")
                }
                _ => format!("{name}: cannot start {program}: {cause}"),
            };
            SourceError::Open { name: name.clone(), reason }
        })?;
        let mut running = Running(child);
        let (output, errors) = (running.0.stdout.take(), running.0.stderr.take());
        let (frames, said) = (Arc::<LiveFrames>::default(), Said::default());
        let (sender, events) = sync_channel(16);
        let (speaking, silent) = sync_channel(0);
        let spawn = |what: &str, work: Box<dyn FnOnce() + Send>| {
            let thread = thread::Builder::new().name(format!("ringfall {what}")).spawn(work);
            thread.map(drop).map_err(|cause| SourceError::Thread { name: name.clone(), cause })
        };
        if let (Some(output), Some(errors)) = (output, errors) {
            let (fresh, words) = (Arc::clone(&frames), Arc::clone(&said));
            spawn("camera", Box::new(move || read(output, &fresh, &sender)))?;
            spawn("ffmpeg", Box::new(move || listen(errors, &words, &speaking)))?;
        }
        let info = frame_info(name, 1)?;
        Ok(Self { info, frames, running, events, said, silent, started: Instant::now(), seen: 0 })
    }

    /// The number of the child process.
    pub fn process(&self) -> u32 {
        self.running.0.id()
    }

    /// What is to be said when there are no more pictures.
    fn end(&mut self, end: io::Result<()>) -> Result<Read, SourceError> {
        let name = &self.info.source.name;
        let failed =
            |reason: String| Err(SourceError::Open { name: name.clone(), reason: format!("{name}: {reason}") });
        if let Err(error) = end
            && error.kind() == ErrorKind::InvalidData
        {
            return failed(error.to_string());
        }
        let until = Instant::now() + LEAVING;
        let status = loop {
            match self.running.0.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(10)),
                Ok(None) => return failed("ffmpeg closed its output and does not end".to_owned()),
                Err(error) => return failed(format!("ffmpeg is gone: {error}")),
            }
        };
        // A descendant may keep it open.
        let _ = self.silent.recv_timeout(PATIENCE);
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        // The last line tells what it failed for.
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it printed no message").trim();
        match status.success() {
            true if self.frames.end() > 0 => Ok(Read::End),
            true => failed(format!("no picture came: {last}")),
            false => failed(format!("ffmpeg failed ({status}): {last}")),
        }
    }
}

impl RowSource for FfmpegFrames {
    fn info(&self) -> &RowInfo {
        &self.info
    }

    fn read(&mut self, _row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        match self.events.recv_timeout(PATIENCE) {
            Ok(Event::Columns(columns)) => {
                self.info = frame_info(self.info.source.name.clone(), columns)?;
                return Ok(Read::Changed);
            }
            Ok(Event::End(end)) => return self.end(end),
            Err(RecvTimeoutError::Disconnected) => return self.end(Ok(())),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let before = std::mem::replace(&mut self.seen, self.frames.end());
        Ok(match self.seen {
            0 if self.started.elapsed() < OPENING => Read::Opening,
            seen if seen == before => Read::Idle,
            _ => Read::Samples,
        })
    }

    fn live_frames(&mut self) -> Option<Arc<LiveFrames>> {
        Some(Arc::clone(&self.frames))
    }
}

/// Reads pictures until there are no more, or they are no longer wanted.
fn read(output: ChildStdout, frames: &LiveFrames, events: &SyncSender<Event>) {
    // It fails when the source was dropped.
    if let Some(end) = pictures(output, frames, |columns| events.send(Event::Columns(columns)).is_ok()) {
        let _ = events.send(Event::End(end));
    }
}

/// Reads pictures into `frames` until there are no more. `changed` is called with the number of columns before the first picture
/// that has as many; if it returns false, reading stops there, and nothing is returned.
fn pictures(
    mut input: impl io::Read,
    frames: &LiveFrames,
    mut changed: impl FnMut(usize) -> bool,
) -> Option<io::Result<()>> {
    let mut columns = 0;
    loop {
        let layout = match pam::header(&mut input) {
            Ok(Some(layout)) => layout,
            Ok(None) => return Some(Ok(())),
            Err(error) => return Some(Err(error)),
        };
        let mut bytes = frames.buffer(layout.bytes());
        match (&mut input).take(layout.bytes() as u64).read_to_end(&mut bytes) {
            Ok(count) if count == layout.bytes() => {}
            Ok(_) => return Some(Err(ErrorKind::UnexpectedEof.into())),
            Err(error) => return Some(Err(error)),
        }
        if layout.columns != columns {
            columns = layout.columns;
            if !changed(columns) {
                return None;
            }
        }
        frames.push(LiveFrame::new(layout, now_ns(), bytes));
    }
}

/// The pictures in these bytes, as `ffmpeg` would write them, for the targets in `fuzz/`.
#[doc(hidden)]
pub fn hear_pictures(bytes: &[u8], frames: &LiveFrames) -> io::Result<()> {
    pictures(bytes, frames, |_| true).unwrap_or(Ok(()))
}

/// Keeps the end of what is said.
fn listen(mut errors: ChildStderr, said: &Mutex<String>, _speaking: &SyncSender<()>) {
    let mut bytes = [0; 1024];
    while let Ok(count @ 1..) = errors.read(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        log::debug!("ffmpeg: {}", text.trim_end());
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.push_str(&text);
        if said.len() > MOST_SAID {
            let from = said.len() - MOST_SAID;
            let from = (from..said.len()).find(|at| said.is_char_boundary(*at)).unwrap_or(0);
            said.drain(..from);
        }
    }
}
