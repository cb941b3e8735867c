//! Files that do not have their name yet.
//!
//! If the file system supports it, a file has no name at all until it is finished (`O_TMPFILE` on Linux), so that nothing stays
//! behind however the program ends. Otherwise it has a name of its own, which [`abandon`] removes.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The temporary names in use.
struct Pending {
    names: Vec<PathBuf>,
    /// [`abandon`] was called: no more names are taken.
    closed: bool,
}

static PENDING: Mutex<Pending> = Pending::new();

impl Pending {
    const fn new() -> Mutex<Self> {
        Mutex::new(Self { names: Vec::new(), closed: false })
    }

    fn abandon(&mut self) {
        self.closed = true;
        for name in self.names.drain(..) {
            if let Err(error) = std::fs::remove_file(&name) {
                log::debug!("{}: {error}", name.display());
            }
        }
    }
}

fn lock(pending: &Mutex<Pending>) -> MutexGuard<'_, Pending> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes every file that is being written and not finished, for a program that is about to end on a signal. Writes that
/// are under way fail from here on, and so do later ones.
///
/// It waits for locks, so call it from a thread that waits for signals and not from a signal handler.
pub fn abandon() {
    lock(&PENDING).abandon();
}

/// A file to be filled, which takes its name at the end or is gone.
pub(super) enum Temporary {
    #[cfg(target_os = "linux")]
    Unnamed {
        file: File,
        directory: PathBuf,
    },
    Named(Named),
}

/// A file with a temporary name, removed when dropped.
pub(super) struct Named {
    file: File,
    name: PathBuf,
    pending: &'static Mutex<Pending>,
}

/// Why a file did not take its name.
pub(super) enum Refused {
    /// There is something of that name already. Here is the file, to try again.
    Taken(Temporary),
    Failed(io::Error),
}

impl Temporary {
    pub(super) fn new(directory: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed(directory)? {
            return Ok(Self::Unnamed { file, directory: directory.to_owned() });
        }
        Named::new(directory, &PENDING).map(Self::Named)
    }

    pub(super) fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed { file, .. } => file,
            Self::Named(named) => &named.file,
        }
    }

    /// Its temporary name, if it has one.
    pub(super) fn name(&self) -> Option<&Path> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed { .. } => None,
            Self::Named(named) => Some(&named.name),
        }
    }

    /// Takes the name `path`, which must be free.
    pub(super) fn take_name(self, path: &Path) -> Result<(), Refused> {
        let taken = |error: &io::Error| error.kind() == io::ErrorKind::AlreadyExists;
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed { file, directory } => match link(&file, path) {
                Ok(()) => Ok(()),
                Err(error) if taken(&error) => Err(Refused::Taken(Self::Unnamed { file, directory })),
                Err(error) => Err(Refused::Failed(error)),
            },
            Self::Named(named) => match named.rename(path, rename_to_free) {
                Ok(()) => Ok(()),
                Err(error) if taken(&error) => Err(Refused::Taken(Self::Named(named))),
                Err(error) => Err(Refused::Failed(error)),
            },
        }
    }

    /// Takes the name `path` from the file that has it, whose owner and permissions it takes over.
    pub(super) fn replace(self, path: &Path, old: &Metadata) -> io::Result<()> {
        like(self.file(), old)?;
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed { file, directory } => {
                // Only a name can be renamed. `abandon` waits for the lock, so no signal finds it.
                let pending = lock(&PENDING);
                if pending.closed {
                    return Err(interrupted());
                }
                let ((), name) = with_free_name(&directory, |name| link(&file, name))?;
                std::fs::rename(&name, path).inspect_err(|_| {
                    // The first error is the one to report.
                    let _ = std::fs::remove_file(&name);
                })
            }
            Self::Named(named) => named.rename(path, |name, path| std::fs::rename(name, path)),
        }
    }
}

impl Named {
    fn new(directory: &Path, pending: &'static Mutex<Pending>) -> io::Result<Self> {
        let mut names = lock(pending);
        if names.closed {
            return Err(interrupted());
        }
        // The mode is that of any other new file: 0666, of which the umask takes its share.
        let (file, name) =
            with_free_name(directory, |name| File::options().read(true).write(true).create_new(true).open(name))?;
        names.names.push(name.clone());
        Ok(Self { file, name, pending })
    }

    fn rename(&self, path: &Path, rename: impl FnOnce(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
        let mut pending = lock(self.pending);
        rename(&self.name, path)?;
        pending.names.retain(|name| *name != self.name);
        Ok(())
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let mut pending = lock(self.pending);
        let before = pending.names.len();
        pending.names.retain(|name| *name != self.name);
        // Not there if it has its own name by now, or was abandoned.
        if pending.names.len() < before
            && let Err(error) = std::fs::remove_file(&self.name)
        {
            log::debug!("{}: {error}", self.name.display());
        }
    }
}

/// Gives a file another name, which must be free.
fn rename_to_free(name: &Path, path: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, name, CWD, path, RenameFlags::NOREPLACE) {
            // Not known to the kernel or the file system.
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {}
            done => return Ok(done?),
        }
    }
    match std::fs::hard_link(name, path) {
        Ok(()) => std::fs::remove_file(name),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // File systems without hard links: nothing better than to look first.
        Err(_) if path.symlink_metadata().is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(name, path),
    }
}

/// Makes something with a name that no other file in the directory has. The name is short: the file's own may be as long as
/// names get.
fn with_free_name<T>(directory: &Path, make: impl Fn(&Path) -> io::Result<T>) -> io::Result<(T, PathBuf)> {
    use std::hash::{BuildHasher as _, RandomState};
    for attempt in 0..64_u32 {
        let name = directory.join(format!("{PREFIX}{:016x}{SUFFIX}", RandomState::new().hash_one(attempt)));
        match make(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|made| (made, name)),
        }
    }
    Err(io::Error::other("no temporary name is free"))
}

const PREFIX: &str = ".ringfall-";
const SUFFIX: &str = ".part";

fn interrupted() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "interrupted")
}

/// Gives a file the permissions of the one that it replaces, and its owner where this user may.
fn like(file: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            // Only root may give files away; for others the file becomes their own, as any file that they replace.
            let _ = fchown(file, Some(old.uid()), Some(old.gid()));
        }
    }
    file.set_permissions(old.permissions())
}

/// A file without a name, or `None` where the file system has no such files.
#[cfg(target_os = "linux")]
fn unnamed(directory: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    use rustix::io::Errno;
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = match openat(CWD, directory, flags, Mode::from_raw_mode(0o666)) {
        Ok(file) => File::from(file),
        // Not supported by the file system or the kernel. Other errors of the directory also occur with a named file.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT | Errno::INVAL | Errno::NOSYS) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // It gets its name through /proc, which some containers lack.
    Ok(std::fs::symlink_metadata(way_to(&file)).is_ok().then_some(file))
}

#[cfg(target_os = "linux")]
fn way_to(file: &File) -> String {
    use std::os::fd::AsRawFd as _;
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Gives a file without a name the name `path`, if that is free.
#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    Ok(linkat(CWD, way_to(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn files(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn fill(temporary: &Temporary, text: &str) {
        temporary.file().write_all(text.as_bytes()).unwrap();
    }

    /// Requirements of both kinds of temporary file.
    fn whole_or_not_at_all(new: impl Fn(&Path) -> Temporary) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        // Abandoned half way.
        fill(&new(directory.path()), "half");
        assert!(files(directory.path()).is_empty());
        // Finished; then the name is taken, and the file is still there to try again.
        let first = new(directory.path());
        fill(&first, "first");
        assert!(first.take_name(&path).is_ok());
        let second = new(directory.path());
        fill(&second, "second");
        let Err(Refused::Taken(second)) = second.take_name(&path) else { panic!("the name is taken") };
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first");
        let old = path.metadata().unwrap();
        second.replace(&path, &old).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(files(directory.path()), ["x"]);
        // A directory cannot be replaced: an error, and nothing is left.
        std::fs::create_dir_all(directory.path().join("d/e")).unwrap();
        let third = new(directory.path());
        assert!(third.replace(&directory.path().join("d"), &old).is_err());
        assert_eq!(files(directory.path()), ["d", "x"]);
    }

    #[test]
    fn with_a_name() {
        static OWN: Mutex<Pending> = Pending::new();
        whole_or_not_at_all(|directory| Temporary::Named(Named::new(directory, &OWN).unwrap()));
        assert!(lock(&OWN).names.is_empty());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn without_a_name() {
        let directory = tempfile::tempdir().unwrap();
        if unnamed(directory.path()).unwrap().is_none() {
            // The file system of this directory has no such files.
            return;
        }
        whole_or_not_at_all(|directory| Temporary::new(directory).unwrap());
        let open = Temporary::new(directory.path()).unwrap();
        fill(&open, "half");
        assert!(files(directory.path()).is_empty(), "nothing to see before the end");
    }

    #[test]
    fn abandoned_files_are_gone() {
        static OWN: Mutex<Pending> = Pending::new();
        let directory = tempfile::tempdir().unwrap();
        let file = Temporary::Named(Named::new(directory.path(), &OWN).unwrap());
        fill(&file, "half");
        assert_eq!(files(directory.path()).len(), 1);
        lock(&OWN).abandon();
        assert!(files(directory.path()).is_empty());
        // The writer continues for a moment, and must not recreate it.
        fill(&file, "more");
        assert!(matches!(file.take_name(&directory.path().join("x")), Err(Refused::Failed(_))));
        assert!(Named::new(directory.path(), &OWN).is_err());
        assert!(files(directory.path()).is_empty());
    }

    #[test]
    fn the_longest_name_there_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("n".repeat(255));
        static OWN: Mutex<Pending> = Pending::new();
        for text in ["one", "two"] {
            let file = Temporary::Named(Named::new(directory.path(), &OWN).unwrap());
            fill(&file, text);
            match file.take_name(&path) {
                Ok(()) => {}
                Err(Refused::Taken(file)) => file.replace(&path, &path.metadata().unwrap()).unwrap(),
                Err(Refused::Failed(error)) => panic!("{error}"),
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
