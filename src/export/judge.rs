//! Whether a file may be overwritten.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::error::ExportError;
use super::output::{Kind, is_signed};

/// Which files may be overwritten.
#[derive(Debug)]
pub(super) struct Judge {
    /// The path as the user wrote it.
    asked: PathBuf,
    kind: Kind,
    inputs: Vec<(PathBuf, Identity)>,
    force: bool,
}

/// A file, whatever its name.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
    #[cfg(not(unix))]
    path: PathBuf,
}

impl Judge {
    /// Inputs that do not exist are skipped: opening them reports the error.
    pub(super) fn new(asked: &Path, kind: Kind, inputs: &[&Path], force: bool) -> Self {
        let known = |input: &&Path| Some((input.to_path_buf(), Identity::of(input)?));
        Self { asked: asked.to_owned(), kind, inputs: inputs.iter().filter_map(known).collect(), force }
    }

    /// Judges what has the name `path` now, itself and not what it points at. Fails if it must not be written over;
    /// `None` if there is nothing.
    pub(super) fn there(&self, path: &Path) -> Result<Option<Metadata>, ExportError> {
        let asked = || self.asked.clone();
        let failed = |source| ExportError::Write { path: asked(), source };
        let there = match fs::symlink_metadata(path) {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if there.is_dir() {
            return Err(ExportError::NotAFile { path: asked() });
        }
        if !there.is_file() {
            return Err(ExportError::Special { path: asked(), what: what_it_is(&there) });
        }
        self.not_an_input(path, &there)?;
        if there.permissions().readonly() || !may_write(path) {
            return Err(ExportError::ReadOnly { path: asked() });
        }
        if !self.force && there.len() > 0 {
            if self.kind.signature.is_empty() {
                return Err(ExportError::Exists { path: asked(), format: self.kind.name });
            }
            let own = match is_own(path, self.kind.signature) {
                Ok(own) => own,
                // An unreadable file may be valuable.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => false,
                Err(error) => return Err(failed(error)),
            };
            if !own {
                return Err(ExportError::Occupied { path: asked(), expected: self.kind.name });
            }
        }
        Ok(Some(there))
    }

    /// Fails if this is one of the inputs.
    pub(super) fn not_an_input(&self, path: &Path, there: &Metadata) -> Result<(), ExportError> {
        let Some(identity) = Identity::of_metadata(path, there) else { return Ok(()) };
        match self.inputs.iter().find(|(_, input)| *input == identity) {
            Some((input, _)) => Err(ExportError::Input { path: self.asked.clone(), input: input.clone() }),
            None => Ok(()),
        }
    }
}

impl Identity {
    fn of(path: &Path) -> Option<Self> {
        Self::of_metadata(path, &fs::metadata(path).ok()?)
    }

    #[cfg(unix)]
    fn of_metadata(_: &Path, there: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Self { device_and_inode: (there.dev(), there.ino()) })
    }

    #[cfg(not(unix))]
    fn of_metadata(path: &Path, _: &Metadata) -> Option<Self> {
        Some(Self { path: fs::canonicalize(path).ok()? })
    }
}

/// Whether the file begins like the program's own files.
fn is_own(path: &Path, signature: &[u8]) -> io::Result<bool> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Neither waits for a pipe that has taken the name meanwhile, nor follows a link.
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
        options.custom_flags(flags.bits() as i32);
    }
    let file: File = options.open(path)?;
    let mut head = Vec::new();
    file.take(signature.len() as u64).read_to_end(&mut head)?;
    Ok(is_signed(&head, signature))
}

/// Whether this user may write to it. The system lets root write to everything, so the mode is checked too.
fn may_write(path: &Path) -> bool {
    #[cfg(unix)]
    {
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        true
    }
}

/// The kind of something that is neither a file nor a directory.
pub(super) fn what_it_is(there: &Metadata) -> &'static str {
    let kind = there.file_type();
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_block_device() {
            return "block device";
        }
        if kind.is_socket() {
            return "socket";
        }
        if kind.is_fifo() {
            return "pipe";
        }
        if kind.is_char_device() {
            return "character device";
        }
    }
    if kind.is_symlink() { "symbolic link" } else { "special file" }
}
