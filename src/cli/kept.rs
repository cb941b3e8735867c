//! Settings that are kept between runs, and the flags that win over them.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::parser::ValueSource;
use ringfall::{Axis, Reduce, Side};

use super::picture::{NewestArg, ReduceArg};
use super::window::ShowArgs;
use crate::flags::value;
use crate::settings::{self, Settings};

/// The flags that were typed, by their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Given(HashSet<String>);

impl Given {
    /// The flags of a command line, and of its command.
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let mut given = HashSet::new();
        let mut level = Some(matches);
        while let Some(matches) = level {
            for id in matches.ids() {
                if matches.value_source(id.as_str()) == Some(ValueSource::CommandLine) {
                    given.insert(id.as_str().to_owned());
                }
            }
            level = matches.subcommand().map(|(_, matches)| matches);
        }
        Self(given)
    }

    /// Counts a flag as typed, so that no kept setting takes its place.
    pub(super) fn add(&mut self, name: &str) {
        self.0.insert(name.to_owned());
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// The first of these flags that was typed.
    pub(crate) fn any<'a>(&self, flags: &[&'a str]) -> Option<&'a str> {
        flags.iter().copied().find(|flag| self.has(&flag.trim_start_matches("--").replace('-', "_")))
    }
}

/// The file that the settings are in: the given one, none at all for `none`, or the platform's.
pub(crate) fn path(config: Option<&Path>) -> Option<PathBuf> {
    match config {
        Some(path) if path.as_os_str() == OsStr::new("none") => None,
        Some(path) => Some(path.to_owned()),
        None => settings::default_path(),
    }
}

/// The settings in the file, and what is wrong with them, which is also logged.
pub(crate) fn load(path: Option<&Path>) -> (Settings, Vec<String>) {
    let (settings, warnings) = path.map(settings::load).unwrap_or_default();
    for warning in &warnings {
        log::warn!("{warning}");
    }
    (settings, warnings)
}

/// Puts the settings in place of flags that were not typed.
pub(crate) fn apply(settings: &Settings, args: &mut ShowArgs) {
    let ShowArgs { spectrum, picture, window, given } = args;
    let is_free = |name: &str| !given.has(name);
    if let Some(colormap) = settings.colormap.clone().filter(|_| is_free("colormap")) {
        picture.colormap = colormap;
    }
    if let Some(fft) = settings.fft.filter(|_| is_free("fft")) {
        spectrum.fft = fft;
    }
    if let Some(kind) = settings.window.filter(|_| is_free("window")) {
        spectrum.window = kind;
    }
    if let Some(overlap) = settings.overlap.filter(|_| is_free("overlap") && is_free("hop")) {
        spectrum.overlap = Some(overlap);
    }
    if let Some(average) = settings.average.filter(|_| is_free("average")) {
        spectrum.average = Some(average);
    }
    if let Some(history) = settings.history.as_deref().filter(|_| is_free("history")) {
        // It was checked when it was read.
        window.history = value::keep(history).ok().or(window.history);
    }
    if let Some(newest) = settings.newest.filter(|_| is_free("newest")) {
        picture.newest = Some(match newest {
            Side::Top => NewestArg::Top,
            Side::Bottom => NewestArg::Bottom,
            Side::Left => NewestArg::Left,
            Side::Right => NewestArg::Right,
        });
    }
    // A logarithmic axis does not go with a band from 0 Hz on.
    let low = spectrum.fmin.is_some_and(|fmin| fmin <= 0.0);
    if let Some(axis) = settings.axis.filter(|axis| is_free("axis") && !(low && *axis == Axis::Log)) {
        picture.axis = axis;
    }
    if let Some(reduce) = settings.reduce.filter(|_| is_free("reduce")) {
        picture.reduce = Some(match reduce {
            Reduce::Mean => ReduceArg::Mean,
            Reduce::Min => ReduceArg::Min,
            _ => ReduceArg::Max,
        });
    }
}
