//! Writing a file whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use super::error::ExportError;
use super::judge::{Judge, what_it_is};
use super::temporary::{Refused, Temporary};

/// The kind of file to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The name of the file format.
    pub name: &'static str,
    /// The first bytes of files of this kind, where `?` stands for any byte; empty if they have none in common.
    pub signature: &'static [u8],
}

/// Whether a file that begins with `head` has this signature.
pub(super) fn is_signed(head: &[u8], signature: &[u8]) -> bool {
    let known = head
        .get(..signature.len())
        .is_some_and(|head| head.iter().zip(signature).all(|(byte, wanted)| *wanted == b'?' || byte == wanted));
    known && !signature.is_empty()
}

/// How to treat what is there already.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutputOptions<'a> {
    /// Files that are read from. They are never written over, under whatever name.
    pub inputs: &'a [&'a Path],
    /// Write over any other file, whatever it holds.
    pub force: bool,
}

/// A place to write to.
///
/// A file is written in its directory, without a name or under a temporary one, and gets its name at the end. An incomplete
/// file is never visible, and a failure leaves an existing file unchanged. An existing file is overwritten only if it is
/// empty or of the same [`Kind`], unless [`OutputOptions::force`] is set. A symbolic link is kept; the file that it points
/// to is checked and replaced. Pipes, character devices and standard output (named `-`) are written to directly.
#[derive(Debug)]
pub struct Output {
    asked: PathBuf,
    to: To,
}

#[derive(Debug)]
enum To {
    Stdout,
    Stream(File),
    /// The path is that of the file itself, not of a link to it.
    File(PathBuf, Judge),
}

impl Output {
    /// Asks whether `path` can be written, before any work is put into its contents, and opens it if it is a pipe or a
    /// device. Leaves nothing behind.
    ///
    /// # Errors
    /// Each variant of [`ExportError`] but those about pictures and formats.
    pub fn open(path: &Path, kind: Kind, options: &OutputOptions<'_>) -> Result<Self, ExportError> {
        let asked = path.to_owned();
        let judge = Judge::new(path, kind, options.inputs, options.force);
        if path == Path::new("-") || path == Path::new("/dev/stdout") {
            if io::stdout().is_terminal() {
                return Err(ExportError::Terminal { path: asked });
            }
            stdout_is_no_input(path, &judge)?;
            return Ok(Self { asked, to: To::Stdout });
        }
        if has_no_file_name(path) {
            return Err(ExportError::NotAFile { path: asked });
        }
        let failed = |source| ExportError::Write { path: asked.clone(), source };
        let file = match fs::symlink_metadata(path) {
            Ok(there) if there.is_symlink() => match fs::metadata(path) {
                Ok(there) if there.is_file() || there.is_dir() => fs::canonicalize(path).map_err(failed)?,
                Ok(_) => path.to_owned(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let target = fs::read_link(path).map_err(failed)?;
                    return Err(ExportError::DanglingLink { path: asked, target });
                }
                Err(error) => return Err(failed(error)),
            },
            _ => path.to_owned(),
        };
        if let Ok(there) = fs::metadata(&file)
            && !there.is_file()
            && !there.is_dir()
        {
            return Ok(Self { to: To::Stream(stream(path, &judge)?), asked });
        }
        judge.there(&file)?;
        temporary(&asked, &file)?;
        Ok(Self { asked, to: To::File(file, judge) })
    }

    /// Writes what `fill` writes.
    ///
    /// # Errors
    /// [`ExportError::Write`] or [`ExportError::Stdout`] with what `fill` or the system said, and what
    /// [`open`](Self::open) refuses, if that has come to be since. The file is as it was before, or still not there.
    pub fn write(self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), ExportError> {
        let Self { asked, to } = self;
        let failed = |source| ExportError::Write { path: asked.clone(), source };
        match to {
            To::Stdout => filled(io::stdout().lock(), fill).map_err(|source| ExportError::Stdout { source }),
            To::Stream(file) => filled(file, fill).map_err(failed),
            To::File(path, judge) => {
                let temporary = temporary(&asked, &path)?;
                filled(temporary.file(), fill).map_err(failed)?;
                named(temporary, &asked, &path, &judge)
            }
        }
    }

    /// Lets another program write the contents; otherwise as [`write`](Self::write).
    pub(super) fn write_elsewhere(
        self,
        fill: impl FnOnce(Sink<'_>) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let Self { asked, to } = self;
        match to {
            To::Stdout => {
                let stdout = duplicate_of_stdout().map_err(|source| ExportError::Stdout { source })?;
                fill(Sink::Stream { out: stdout, path: None })
            }
            To::Stream(out) => fill(Sink::Stream { out, path: Some(asked) }),
            To::File(path, judge) => {
                let temporary = temporary(&asked, &path)?;
                fill(Sink::File { file: temporary.file(), name: temporary.name(), path: &asked })?;
                named(temporary, &asked, &path, &judge)
            }
        }
    }
}

/// Where another program writes to.
pub(super) enum Sink<'a> {
    /// An empty file, and its temporary name if it has one.
    File { file: &'a File, name: Option<&'a Path>, path: &'a Path },
    /// A pipe or a device, or standard output without a path.
    Stream { out: File, path: Option<PathBuf> },
}

fn duplicate_of_stdout() -> io::Result<File> {
    #[cfg(unix)]
    return Ok(std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?.into());
    #[cfg(windows)]
    return Ok(std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?.into());
}

/// Gives a finished file its name.
fn named(mut temporary: Temporary, asked: &Path, path: &Path, judge: &Judge) -> Result<(), ExportError> {
    let failed = |source| ExportError::Write { path: asked.to_owned(), source };
    // Some file systems find out only now that there is no space.
    temporary.file().sync_all().map_err(failed)?;
    // Another process that uses the name at the same time can create and remove it.
    for _ in 0..16 {
        temporary = match temporary.take_name(path) {
            Ok(()) => return Ok(()),
            Err(Refused::Failed(error)) => return Err(failed(error)),
            Err(Refused::Taken(temporary)) => temporary,
        };
        if let Some(old) = judge.there(path)? {
            return temporary.replace(path, &old).map_err(failed);
        }
    }
    Err(failed(io::Error::other("others make and remove files of this name all the time")))
}

/// Lets `fill` write to `out`. What the system said goes before what `fill` makes of it: encoders hand errors on as text.
fn filled(out: impl Write, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(Noting { out, failed: None });
    let result = fill(&mut out).and_then(|()| out.flush());
    // Without its buffer: what is left in it after a failure must not be tried again.
    let (noting, _) = out.into_parts();
    match (result, noting.failed) {
        (Err(_), Some(failed)) => Err(failed),
        (result, _) => result,
    }
}

/// Notes the first error.
struct Noting<W> {
    out: W,
    failed: Option<io::Error>,
}

impl<W> Noting<W> {
    fn noted<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.failed.get_or_insert_with(|| match error.raw_os_error() {
                    Some(code) => io::Error::from_raw_os_error(code),
                    None => error.kind().into(),
                });
            }
        })
    }
}

impl<W: Write> Write for Noting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.out.write(bytes);
        self.noted(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.out.flush();
        self.noted(result)
    }
}

/// A file to fill in the directory of `path`.
fn temporary(asked: &Path, path: &Path) -> Result<Temporary, ExportError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    Temporary::new(directory).map_err(|source| ExportError::Directory {
        path: asked.to_owned(),
        directory: directory.to_owned(),
        source,
    })
}

/// `..`, `/`, and what ends as only a directory does.
fn has_no_file_name(path: &Path) -> bool {
    let text = path.as_os_str().as_encoded_bytes();
    path.file_name().is_none() || text.ends_with(b"/") || text.ends_with(b"/.")
}

/// Opens a pipe or a character device. A pipe waits for its reader, as it does for `>` in a shell.
fn stream(asked: &Path, judge: &Judge) -> Result<File, ExportError> {
    let failed = |source| ExportError::Write { path: asked.to_owned(), source };
    let there = fs::metadata(asked).map_err(failed)?;
    let refuse = |there: &fs::Metadata| {
        let what = what_it_is(there);
        match what {
            "pipe" | "character device" => judge.not_an_input(asked, there),
            _ => Err(ExportError::Special { path: asked.to_owned(), what }),
        }
    };
    refuse(&there)?;
    // Neither makes a file nor empties one that has taken the name meanwhile.
    let file = OpenOptions::new().write(true).open(asked).map_err(failed)?;
    refuse(&file.metadata().map_err(failed)?)?;
    if file.is_terminal() {
        return Err(ExportError::Terminal { path: asked.to_owned() });
    }
    Ok(file)
}

/// Rejects `render x.wav -o - >> x.wav`.
fn stdout_is_no_input(asked: &Path, judge: &Judge) -> Result<(), ExportError> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        if let Ok(stdout) = io::stdout().as_fd().try_clone_to_owned()
            && let Ok(there) = File::from(stdout).metadata()
        {
            return judge.not_an_input(asked, &there);
        }
    }
    let _ = (asked, judge);
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    const KIND: Kind = Kind { name: "TEST", signature: b"TEST" };

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn file(&self, name: &str, text: &str) -> PathBuf {
            fs::write(self.path(name), text).unwrap();
            self.path(name)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.0.path()).unwrap();
            let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    fn write(path: &Path, text: &str, options: &OutputOptions<'_>) -> Result<(), ExportError> {
        Output::open(path, KIND, options)?.write(|out| out.write_all(text.as_bytes()))
    }

    fn plain(path: &Path, text: &str) -> Result<(), ExportError> {
        write(path, text, &OutputOptions::default())
    }

    #[test]
    fn only_its_own_kind_is_written_over() {
        let place = Place::new();
        let path = place.file("x", "precious");
        for text in ["precious", "TES", "tEST", " TEST"] {
            fs::write(&path, text).unwrap();
            let error = plain(&path, "TEST new").unwrap_err();
            assert!(matches!(error, ExportError::Occupied { .. }), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        // A kind without a mark: nothing is known to be its own.
        let unmarked = Kind { signature: b"", ..KIND };
        let error = Output::open(&path, unmarked, &OutputOptions::default()).map(drop).unwrap_err();
        assert!(matches!(error, ExportError::Exists { .. }), "{error}");
        for text in ["", "TEST", "TEST old"] {
            fs::write(&path, text).unwrap();
            plain(&path, "TEST new").unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "TEST new");
        }
        fs::write(&path, "precious").unwrap();
        write(&path, "forced", &OutputOptions { force: true, ..OutputOptions::default() }).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "forced");
        assert_eq!(place.names(), ["x"]);
    }

    #[test]
    fn an_input_is_safe_under_every_name() {
        let place = Place::new();
        let input = place.file("in", "TEST input");
        fs::hard_link(&input, place.path("hard")).unwrap();
        symlink("in", place.path("soft")).unwrap();
        symlink("soft", place.path("softer")).unwrap();
        fs::create_dir(place.path("d")).unwrap();
        let options = OutputOptions { inputs: &[&input], force: true };
        for name in ["in", "hard", "soft", "softer", "d/../in", "./in"] {
            let error = write(&place.path(name), "TEST new", &options).unwrap_err();
            assert!(matches!(error, ExportError::Input { .. }), "{name}: {error}");
            assert_eq!(fs::read_to_string(&input).unwrap(), "TEST input");
        }
        // Also if the input has another name.
        let options = OutputOptions { inputs: &[&place.path("softer")], force: true };
        assert!(write(&input, "TEST new", &options).is_err());
    }

    #[test]
    fn a_link_stays_and_its_target_is_judged() {
        let place = Place::new();
        let target = place.file("target", "TEST old");
        let inode = target.metadata().unwrap().ino();
        symlink("target", place.path("link")).unwrap();
        plain(&place.path("link"), "TEST new").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "TEST new");
        assert!(fs::symlink_metadata(place.path("link")).unwrap().is_symlink());
        assert_ne!(target.metadata().unwrap().ino(), inode, "replaced as a whole");
        fs::write(&target, "precious").unwrap();
        assert!(matches!(plain(&place.path("link"), "TEST"), Err(ExportError::Occupied { .. })));
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
        fs::remove_file(&target).unwrap();
        let error = plain(&place.path("link"), "TEST").unwrap_err();
        assert!(matches!(error, ExportError::DanglingLink { .. }), "{error}");
        assert_eq!(place.names(), ["link"]);
    }

    #[test]
    fn what_cannot_be_written_is_known_at_once() {
        let place = Place::new();
        let open = |path: &Path| Output::open(path, KIND, &OutputOptions { force: true, ..Default::default() });
        for name in ["", ".", "..", "d", "d/", "x/", "x/."] {
            fs::create_dir_all(place.path("d")).unwrap();
            let path = if name.is_empty() { PathBuf::from("/") } else { place.path(name) };
            let error = open(&path).unwrap_err();
            assert!(matches!(error, ExportError::NotAFile { .. }), "{name}: {error}");
        }
        let error = open(&place.path("no/such/x")).unwrap_err();
        assert!(matches!(error, ExportError::Directory { .. }) && error.to_string().contains("No such"), "{error}");
        let error = open(&place.path(&"n".repeat(256))).unwrap_err();
        assert!(error.to_string().contains("too long"), "{error}");
        let path = place.file("x", "TEST");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(open(&path), Err(ExportError::ReadOnly { .. })));
        let _socket = std::os::unix::net::UnixListener::bind(place.path("socket")).unwrap();
        let error = open(&place.path("socket")).unwrap_err();
        assert!(error.to_string().contains("socket"), "{error}");
        assert_eq!(place.names(), ["d", "socket", "x"]);
    }

    #[test]
    fn a_file_that_comes_meanwhile_is_judged_too() {
        let place = Place::new();
        let path = place.path("x");
        let output = Output::open(&path, KIND, &OutputOptions::default()).unwrap();
        let error = output.write(|out| {
            fs::write(&path, "precious")?;
            out.write_all(b"TEST")
        });
        assert!(matches!(error, Err(ExportError::Occupied { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        // One that goes is no harm.
        fs::write(&path, "TEST old").unwrap();
        let output = Output::open(&path, KIND, &OutputOptions::default()).unwrap();
        output
            .write(|out| {
                fs::remove_file(&path)?;
                out.write_all(b"TEST new")
            })
            .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "TEST new");
        assert_eq!(place.names(), ["x"]);
    }

    #[test]
    fn a_failure_leaves_the_old_file() {
        let place = Place::new();
        let path = place.file("x", "TEST old");
        let output = Output::open(&path, KIND, &OutputOptions::default()).unwrap();
        let error = output
            .write(|out| {
                out.write_all(b"TEST half")?;
                Err(io::Error::other("no more lines"))
            })
            .unwrap_err();
        assert!(error.to_string().contains("no more lines"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "TEST old");
        assert_eq!(place.names(), ["x"]);
    }

    #[test]
    fn permissions_are_those_of_the_umask_or_of_the_old_file() {
        let place = Place::new();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
        let other = place.file("other", "");
        plain(&place.path("x"), "TEST").unwrap();
        assert_eq!(mode(&place.path("x")), mode(&other));
        fs::set_permissions(place.path("x"), fs::Permissions::from_mode(0o600)).unwrap();
        plain(&place.path("x"), "TEST").unwrap();
        assert_eq!(mode(&place.path("x")), 0o600);
    }
}
