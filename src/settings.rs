//! The settings that are kept between runs, in a TOML file in the platform's folder for configuration.
//!
//! A file that cannot be used never stops the program: [`load`] returns what is usable, and a warning for everything else. A
//! file that a newer version wrote, or that could not be read, is not written over.

mod keys;
#[cfg(test)]
mod tests;

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use ringfall::dsp::{Average, Window};
use ringfall::export::{Kind, Output, OutputOptions};
use ringfall::{Axis, Reduce, Side};
use toml::{Table, Value};

use keys::KEYS;

/// The version of the file's format. It rises when an older program would misread a newer file.
const VERSION: i64 = 1;
/// Recent files at most.
pub(crate) const MOST_RECENT: usize = 12;
/// Bytes of a file at most. Ours have some hundreds.
const MOST_BYTES: u64 = 1 << 20;

/// What is kept between runs. `None`: the program's default, which later versions may change.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) theme: Theme,
    /// The size of the interface, where 1 is that of the window system.
    pub(crate) scale_factor: Option<f64>,
    /// The name of a colormap, or a palette file.
    pub(crate) colormap: Option<String>,
    /// Samples per spectrum.
    pub(crate) fft: Option<u32>,
    pub(crate) window: Option<Window>,
    /// In percent of a spectrum's samples.
    pub(crate) overlap: Option<f64>,
    pub(crate) average: Option<Average>,
    /// As with `--history`, such as `2GiB` or `6h`.
    pub(crate) history: Option<String>,
    /// The side where new rows appear.
    pub(crate) newest: Option<Side>,
    pub(crate) axis: Option<Axis>,
    pub(crate) reduce: Option<Reduce>,
    pub(crate) time: Option<Time>,
    /// The caption of pictures, such as a call sign and a place.
    pub(crate) station: String,
    /// The folder where pictures are saved.
    pub(crate) pictures: Option<PathBuf>,
    /// Heights and widths of the interface's parts, in points.
    pub(crate) spectrum_height: Option<f64>,
    pub(crate) trace_width: Option<f64>,
    pub(crate) panel_width: Option<f64>,
    pub(crate) show_grid: bool,
    /// Arrays and images are stretched over the window.
    pub(crate) stretch: bool,
    /// The files that were opened last, newest first: at most [`MOST_RECENT`], each once.
    recent: Vec<PathBuf>,
    /// The file on disk is not to be written over.
    keep_file: bool,
}

/// The colours of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    Dark,
    Light,
    /// That of the window system.
    System,
}

/// How times are labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    Utc,
    /// In the time zone of this machine.
    Local,
    /// Since the first row.
    Since,
}

/// What became of a [`Settings::save`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    Written,
    /// The file is a newer version's, or was not readable, and is as it was.
    Kept,
}

/// The file that the settings are in where no other was named. `None`: the platform has no such place, or there is no home
/// folder.
pub(crate) fn default_path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "ringfall").map(|folders| folders.config_dir().join("settings.toml"))
}

/// The settings in a file, and warnings for the user. If there is no file they are the defaults, without a warning.
///
/// A file that is not TOML is renamed: `.broken` is appended to its name, and a number if that name is taken.
pub(crate) fn load(path: &Path) -> (Settings, Vec<String>) {
    let kept = |warning: String| (Settings { keep_file: true, ..Settings::default() }, vec![warning]);
    let bytes = match read(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return (Settings::default(), Vec::new()),
        Err(error) => return kept(format!("{}: the settings were not read: {error}", path.display())),
    };
    let table = parsed(&bytes);
    match table {
        Ok(table) => of(&table, path),
        Err(wrong) => match set_aside(path) {
            Ok(aside) => {
                let warning =
                    format!("{}: expected TOML: {wrong}; the file is now {}", path.display(), aside.display());
                (Settings::default(), vec![warning])
            }
            Err(error) => {
                kept(format!("{}: expected TOML: {wrong}; the file could not be renamed: {error}", path.display()))
            }
        },
    }
}

/// The table in a file, or what is wrong with it.
fn parsed(bytes: &[u8]) -> std::result::Result<Table, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    // Editors on Windows begin a file with a mark of its encoding.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.parse::<Table>().map_err(|error| error.message().to_owned() + &line_of(text, error.span()))
}

/// Keeps other programs of this kind from writing into a folder until it is dropped, if the system can do that. One that hangs is
/// not waited for: a change may then be lost, but no file is damaged.
fn lock(folder: &Path) -> Option<File> {
    const PATIENCE: Duration = Duration::from_secs(1);
    let file = File::open(folder).ok()?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Some(file),
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(5)),
            Err(_) => return None,
        }
    }
}

/// The bytes of a file; `None` if it does not exist.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let missing = |error: &io::Error| matches!(error.kind(), io::ErrorKind::NotFound);
    // A pipe would wait for a writer, and a device need not end.
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => return Err(io::Error::other("expected a file")),
        Err(error) if missing(&error) => return Ok(None),
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(io::Error::other(format!("expected a file of {MOST_BYTES} bytes at most")));
    }
    Ok(Some(bytes))
}

fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start));
    before.map(|before| format!(" in line {}", before.matches('\n').count() + 1)).unwrap_or_default()
}

/// Renames a file to a free name.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let named = |suffix: String| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let names = std::iter::once(named(".broken".to_owned())).chain((1..1000).map(|n| named(format!(".broken.{n}"))));
    for name in names {
        // A name that cannot be looked at is not free.
        if matches!(fs::symlink_metadata(&name), Err(error) if error.kind() == io::ErrorKind::NotFound) {
            return fs::rename(path, &name).map(|()| name);
        }
    }
    Err(io::Error::other("there are 1000 such files already"))
}

/// The settings in a table.
fn of(table: &Table, path: &Path) -> (Settings, Vec<String>) {
    let mut settings = Settings::default();
    let mut warnings = Vec::new();
    let mut warn = |what: String| warnings.push(format!("{}: {what}", path.display()));
    match table.get("version") {
        None | Some(Value::Integer(VERSION)) => {}
        Some(Value::Integer(newer)) if *newer > VERSION => {
            settings.keep_file = true;
            warn(format!(
                "version {newer} is newer than this program's version {VERSION}: settings are read as far as they are \
                 known, and changes are not saved"
            ));
        }
        Some(other) => warn(format!("version: expected {VERSION}, got {}", short(other))),
    }
    for (name, value) in table.iter().filter(|(name, _)| *name != "version") {
        match KEYS.iter().find(|key| key.name == name) {
            Some(key) => {
                if !(key.read)(&mut settings, value) {
                    warn(format!("{name}: expected {}, got {}; the default is used", key.expected, short(value)));
                }
            }
            None if settings.keep_file => {}
            None => warn(format!("{name}: there is no such setting; it is ignored")),
        }
    }
    (settings, warnings)
}

/// A value in TOML, cut off if it is long.
fn short(value: &Value) -> String {
    const MOST: usize = 60;
    let text = value.to_string().replace('\n', " ");
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl Settings {
    /// Writes the settings that differ from those `before` to a file, whole or not at all; what another program has changed in it
    /// meanwhile stays. Folders that do not exist are made. A file that is no longer TOML is set aside.
    ///
    /// A file of a newer version is kept, even one that was written since these settings were loaded.
    ///
    /// # Errors
    /// If the folder or the file cannot be written; the file is then as it was.
    pub(crate) fn save_changes(&self, before: &Self, path: &Path) -> Result<Saved> {
        self.save_with(path, |there| self.merged(before, there))
    }

    /// Writes all settings.
    #[cfg(test)]
    fn save(&self, path: &Path) -> Result<Saved> {
        self.save_with(path, |_| self.clone())
    }

    /// Writes what `merge` makes of the settings that are in the file.
    fn save_with(&self, path: &Path, merge: impl FnOnce(&Self) -> Self) -> Result<Saved> {
        let failed = || format!("{}: the settings were not saved", path.display());
        if self.keep_file {
            return Ok(Saved::Kept);
        }
        let Some(name) = path.file_name() else { bail!("{}: expected the name of a file", failed()) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).with_context(failed)?;
        let _alone = lock(folder);
        let bytes = read(path).with_context(failed)?.unwrap_or_default();
        let there = match parsed(&bytes) {
            Ok(table) if table.get("version").and_then(Value::as_integer).is_some_and(|v| v > VERSION) => {
                return Ok(Saved::Kept);
            }
            Ok(table) => of(&table, path).0,
            Err(_) => {
                set_aside(path).with_context(failed)?;
                Self::default()
            }
        };
        // Not a stream, even if the name is "-".
        let path = folder.join(name);
        let kind = Kind { name: "TOML", signature: b"" };
        let output = Output::open(&path, kind, &OutputOptions { inputs: &[], force: true });
        let text = merge(&there).text();
        // Its errors name the file, and the cause already.
        let written = output.and_then(|output| output.write(|out| out.write_all(text.as_bytes())));
        match written {
            Ok(()) => Ok(Saved::Written),
            Err(error) => bail!("the settings were not saved: {error}"),
        }
    }

    /// What is `there`, with what differs here from `before`. Recent files of both are recent.
    fn merged(&self, before: &Self, there: &Self) -> Self {
        let mut merged = Self::default();
        for key in &KEYS {
            let ours = (key.write)(self);
            let value = if ours == (key.write)(before) { (key.write)(there) } else { ours };
            if let Some(value) = value {
                (key.read)(&mut merged, &value);
            }
        }
        if self.recent != before.recent {
            let theirs =
                there.recent.iter().filter(|file| !before.recent.contains(file) && !self.recent.contains(file));
            merged.recent = self.recent.iter().chain(theirs).cloned().collect();
            merged.recent.truncate(MOST_RECENT);
        }
        merged
    }

    /// The file's text.
    fn text(&self) -> String {
        let mut text =
            format!("# Settings of ringfall, which writes this file anew when they change.\nversion = {VERSION}\n");
        for key in &KEYS {
            if let Some(value) = (key.write)(self) {
                text.push_str(&format!("{} = {value}\n", key.name));
            }
        }
        text
    }

    /// The files that were opened last, newest first.
    pub(crate) fn recent(&self) -> &[PathBuf] {
        &self.recent
    }

    /// Puts a file or an address at the head of the recent ones. A relative path is made absolute, since another run may begin
    /// elsewhere.
    pub(crate) fn opened(&mut self, file: &Path) {
        let file = lasting(file);
        self.recent.retain(|other| *other != file);
        self.recent.insert(0, file);
        self.recent.truncate(MOST_RECENT);
    }

    /// Removes a file from the recent ones, because it is gone or because the user wishes.
    pub(crate) fn forget(&mut self, file: &Path) {
        let lasting = lasting(file);
        self.recent.retain(|other| other != file && *other != lasting);
    }
}

/// A name by which another run finds the same: an absolute path. An address, or what was typed with flags, stays as it is.
pub(crate) fn lasting(file: &Path) -> PathBuf {
    let is_typed = |text: &str| text.contains("://") || text.starts_with("--") || text.contains(" --");
    if file.to_str().is_some_and(is_typed) && !file.exists() {
        return file.to_owned();
    }
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}
