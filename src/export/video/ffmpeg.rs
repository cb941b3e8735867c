//! Videos by `ffmpeg`, as a child process that reads raw frames from a pipe.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::codec;
use super::{Frames, VideoFormat, VideoOptions, next};
use crate::export::ExportError;
use crate::export::output::Sink;

/// Frames between this thread, which makes them, and the one that writes them to the pipe.
const BUFFERS: usize = 3;

/// How much of what `ffmpeg` says is kept.
const MOST_SAID: usize = 4096;

/// Fails if there is no `ffmpeg`.
pub(super) fn check(format: VideoFormat, options: &VideoOptions) -> Result<(), ExportError> {
    let mut command = Command::new(&options.ffmpeg);
    command.arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Only whether it starts: one that hangs here would be found to hang later.
    let mut running = Running(command.spawn().map_err(|source| not_started(format, source))?);
    running.stop();
    Ok(())
}

fn not_started(format: VideoFormat, source: io::Error) -> ExportError {
    match source.kind() {
        io::ErrorKind::NotFound => ExportError::NoFfmpeg { format: format.name() },
        _ => ExportError::FfmpegStart { source },
    }
}

/// A child process, ended at the latest when it is dropped.
struct Running(Child);

impl Running {
    fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Writes the frames to the sink.
pub(super) fn encode(
    format: VideoFormat,
    frames: &mut Frames<'_>,
    options: &VideoOptions,
    sink: Sink<'_>,
) -> Result<(), ExportError> {
    let (width, height) = frames.size();
    let mut command = Command::new(&options.ffmpeg);
    command.args(["-hide_banner", "-loglevel", "error", "-xerror", "-nostdin", "-y"]);
    command.args(["-f", "rawvideo", "-pix_fmt", "rgb0", "-s", &format!("{width}x{height}")]);
    command.args(["-framerate", &options.fps.to_string(), "-i", "pipe:0"]);
    command.args(codec::arguments(format, options, matches!(sink, Sink::Stream { .. })));
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    match &sink {
        Sink::File { file, name, path } => {
            let failed = |source| ExportError::Write { path: path.to_path_buf(), source };
            match name {
                Some(name) => {
                    let mut url = OsString::from("file:");
                    url.push(name);
                    command.arg(url).stdout(Stdio::null())
                }
                // A file without a name: `ffmpeg` opens it by way of its standard output, and can seek in it.
                None => command.arg("file:/proc/self/fd/1").stdout(file.try_clone().map_err(failed)?),
            };
        }
        Sink::Stream { .. } => {
            command.arg("pipe:1").stdout(Stdio::piped());
        }
    }
    let child = command.spawn().map_err(|source| not_started(format, source))?;
    // What it was given of the file is closed here.
    drop(command);
    Job::new(child, sink)?.run(frames, options)
}

/// A running `ffmpeg` and the threads around it. The threads are never waited for without a limit: a descendant of
/// `ffmpeg` may keep its pipes open when it has ended.
struct Job<'a> {
    running: Running,
    /// Frames to write.
    full: Option<SyncSender<Vec<u8>>>,
    /// Frames that have been written, or why one was not.
    free: Receiver<io::Result<Vec<u8>>>,
    said: Receiver<String>,
    output: Output<'a>,
}

/// Where it goes, to see whether it grows.
enum Output<'a> {
    File {
        file: &'a File,
        path: &'a Path,
    },
    /// Something was copied, or all, or nothing more can be.
    Stream {
        copied: Receiver<Copied>,
        all: bool,
        path: Option<PathBuf>,
    },
}

enum Copied {
    Some,
    End,
    Failed(io::Error),
}

impl<'a> Job<'a> {
    fn new(mut child: Child, sink: Sink<'a>) -> Result<Self, ExportError> {
        let (stdin, stdout, mut stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let running = Running(child);
        let start = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let builder = thread::Builder::new().name(format!("ringfall {name}"));
            builder.spawn(work).map(drop).map_err(|source| ExportError::FfmpegStart { source })
        };
        let (full, to_write) = sync_channel(BUFFERS);
        let (written, free) = channel();
        start("video frames", Box::new(move || write_frames(stdin, &to_write, &written)))?;
        let (say, said) = channel();
        let listen = move || {
            let mut tail = Vec::new();
            let mut piece = [0; 1024];
            while let Some(count) = stderr.as_mut().and_then(|stderr| stderr.read(&mut piece).ok()).filter(|n| *n > 0) {
                tail.extend_from_slice(&piece[..count]);
                let over = tail.len().saturating_sub(MOST_SAID);
                tail.drain(..over);
                // The reader takes the last.
                let _ = say.send(last_lines(&tail));
            }
        };
        start("ffmpeg's messages", Box::new(listen))?;
        let output = match sink {
            Sink::File { file, path, .. } => Output::File { file, path },
            Sink::Stream { mut out, path } => {
                let (tell, copied) = channel();
                let copy = move || {
                    let Some(mut stdout) = stdout else { return };
                    let mut piece = vec![0; 1 << 16];
                    let end = loop {
                        match stdout.read(&mut piece) {
                            Ok(0) => break Copied::End,
                            Ok(count) => match out.write_all(&piece[..count]) {
                                Ok(()) => drop(tell.send(Copied::Some)),
                                Err(error) => break Copied::Failed(error),
                            },
                            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                            Err(error) => break Copied::Failed(error),
                        }
                    };
                    // Closed before it is told, so that `ffmpeg` ends.
                    drop(stdout);
                    let _ = tell.send(end);
                };
                start("video output", Box::new(copy))?;
                Output::Stream { copied, all: false, path }
            }
        };
        Ok(Self { running, full: Some(full), free, said, output })
    }

    fn run(mut self, frames: &mut Frames<'_>, options: &VideoOptions) -> Result<(), ExportError> {
        let mut buffers: Vec<Vec<u8>> = Vec::new();
        let mut made = 0;
        loop {
            let mut rgba = match buffers.pop() {
                Some(rgba) => rgba,
                None if made < BUFFERS => {
                    made += 1;
                    vec![0; frames.bytes()]
                }
                None => match self.free.recv_timeout(options.patience) {
                    Ok(Ok(rgba)) => rgba,
                    Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(self.died(options)),
                    Err(RecvTimeoutError::Timeout) => return Err(self.hangs(options)),
                },
            };
            match next(frames, options, &mut rgba) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(source) => {
                    let path = self.path();
                    return Err(ExportError::Write { path, source });
                }
            }
            if self.full.as_ref().is_none_or(|full| full.send(rgba).is_err()) {
                return Err(self.died(options));
            }
            buffers.extend(self.free.try_iter().filter_map(Result::ok));
        }
        // The end of its input.
        self.full = None;
        let status = self.wait(options)?;
        if !status.success() {
            return Err(self.failed(status));
        }
        self.complete(options)
    }

    /// Waits for the end, as long as there is progress.
    fn wait(&mut self, options: &VideoOptions) -> Result<ExitStatus, ExportError> {
        let (mut last, mut length) = (Instant::now(), 0);
        loop {
            if let Some(status) = self.running.0.try_wait().map_err(|source| ExportError::FfmpegStart { source })? {
                return Ok(status);
            }
            let written = self.free.try_iter().count() > 0;
            let grown = match &mut self.output {
                Output::File { file, .. } => {
                    let now = file.metadata().map_or(0, |data| data.len());
                    std::mem::replace(&mut length, now) != now
                }
                Output::Stream { copied, all, .. } => match copied.try_recv() {
                    Ok(Copied::Failed(source)) => return Err(self.not_written(source)),
                    Ok(Copied::End) => {
                        *all = true;
                        true
                    }
                    Ok(Copied::Some) => true,
                    Err(_) => false,
                },
            };
            if written || grown {
                last = Instant::now();
            } else if last.elapsed() > options.patience {
                return Err(self.hangs(options));
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// After a good end: all of the output must be there.
    fn complete(&mut self, options: &VideoOptions) -> Result<(), ExportError> {
        match &self.output {
            Output::File { file, .. } => {
                // Some releases end well although the disk is full, and only say so.
                let said = match file.metadata() {
                    Ok(data) if data.len() == 0 => Some("it wrote nothing".to_owned()),
                    _ => self.last_said(),
                };
                let status = "exit status: 0".to_owned();
                said.map_or(Ok(()), |said| Err(ExportError::Ffmpeg { status, said }))
            }
            Output::Stream { all: true, .. } => Ok(()),
            Output::Stream { copied, .. } => loop {
                match copied.recv_timeout(options.patience) {
                    Ok(Copied::Some) => {}
                    Ok(Copied::End) => return Ok(()),
                    Ok(Copied::Failed(source)) => return Err(self.not_written(source)),
                    Err(_) => return Err(self.hangs(options)),
                }
            },
        }
    }

    /// It takes no more frames. Why, if it ends soon.
    fn died(&mut self, options: &VideoOptions) -> ExportError {
        self.full = None;
        // A reader that left is why, and not what `ffmpeg` makes of it.
        if let Output::Stream { copied, .. } = &self.output {
            let end = Instant::now() + Duration::from_millis(500);
            while let Ok(copied) = copied.recv_timeout(end.saturating_duration_since(Instant::now())) {
                if let Copied::Failed(source) = copied {
                    return self.not_written(source);
                }
            }
        }
        match self.wait(options) {
            Ok(status) => self.failed(status),
            Err(error) => error,
        }
    }

    fn failed(&mut self, status: ExitStatus) -> ExportError {
        ExportError::Ffmpeg { status: status.to_string(), said: self.last_message() }
    }

    fn hangs(&mut self, options: &VideoOptions) -> ExportError {
        self.running.stop();
        ExportError::FfmpegHangs { seconds: options.patience.as_secs(), said: self.last_message() }
    }

    fn not_written(&self, source: io::Error) -> ExportError {
        match &self.output {
            Output::Stream { path: None, .. } => ExportError::Stdout { source },
            _ => ExportError::Write { path: self.path(), source },
        }
    }

    fn path(&self) -> PathBuf {
        match &self.output {
            Output::Stream { path: Some(path), .. } => path.clone(),
            Output::Stream { path: None, .. } => PathBuf::from("-"),
            Output::File { path, .. } => path.to_path_buf(),
        }
    }

    /// What it said last. It has ended, so the rest comes at once, if no descendant keeps the pipe open.
    fn last_message(&self) -> String {
        self.last_said().unwrap_or_else(|| "it printed no message".to_owned())
    }

    fn last_said(&self) -> Option<String> {
        let end = Instant::now() + Duration::from_millis(500);
        let mut last = None;
        while let Ok(said) = self.said.recv_timeout(end.saturating_duration_since(Instant::now())) {
            last = Some(said);
        }
        last.filter(|said| !said.is_empty())
    }
}

/// Writes frames to the pipe, and hands them back.
fn write_frames(stdin: Option<ChildStdin>, full: &Receiver<Vec<u8>>, written: &Sender<io::Result<Vec<u8>>>) {
    let Some(mut stdin) = stdin else { return };
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::pipe::fcntl_setpipe_size(&stdin, 1 << 20) {
        // A small pipe only takes longer.
        log::debug!("the size of the pipe to ffmpeg: {error}");
    }
    for rgba in full {
        let result = stdin.write_all(&rgba);
        let failed = result.is_err();
        if written.send(result.map(|()| rgba)).is_err() || failed {
            return;
        }
    }
}

/// The last lines, as one.
fn last_lines(tail: &[u8]) -> String {
    let text = String::from_utf8_lossy(tail);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(3)..];
    last.join("; ").chars().map(|c| if c.is_control() { ' ' } else { c }).take(600).collect()
}
