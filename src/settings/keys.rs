//! The keys of the file: how each is read, checked and written.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use ringfall::{Axis, Colormap, Reduce, Side};
use toml::Value;

use super::{MOST_RECENT, Settings, Theme, Time};
use crate::flags::value;

/// A key of the file.
pub(super) struct Key {
    pub(super) name: &'static str,
    /// What its value has to be, for messages.
    pub(super) expected: &'static str,
    /// Reads the value into the settings. `false`: it is not what was expected, and the settings are as they were.
    pub(super) read: fn(&mut Settings, &Value) -> bool,
    /// The value to write, if there is one.
    pub(super) write: fn(&Settings) -> Option<Value>,
}

const THEMES: [(&str, Theme); 3] = [("dark", Theme::Dark), ("light", Theme::Light), ("system", Theme::System)];
const SIDES: [(&str, Side); 4] =
    [("top", Side::Top), ("bottom", Side::Bottom), ("left", Side::Left), ("right", Side::Right)];
const REDUCES: [(&str, Reduce); 3] = [("max", Reduce::Max), ("mean", Reduce::Mean), ("min", Reduce::Min)];
const TIMES: [(&str, Time); 3] = [("utc", Time::Utc), ("local", Time::Local), ("since", Time::Since)];

/// Characters of the caption at most.
const MOST_CAPTION: usize = 200;

/// All keys but the version, in the order in which they are written.
pub(super) const KEYS: [Key; 20] = [
    Key {
        name: "theme",
        expected: "\"dark\", \"light\" or \"system\"",
        read: |settings, value| put(&mut settings.theme, named(&THEMES, value)),
        write: |settings| name(&THEMES, Some(settings.theme)),
    },
    Key {
        name: "scale_factor",
        expected: "a number from 0.5 to 4",
        read: |settings, value| put_some(&mut settings.scale_factor, number(value, 0.5, 4.0)),
        write: |settings| settings.scale_factor.map(Value::Float),
    },
    Key {
        name: "colormap",
        expected: "the name of a colormap such as \"viridis\", or a palette file",
        read: |settings, value| put_some(&mut settings.colormap, text(value).filter(|text| is_colormap(text))),
        write: |settings| settings.colormap.clone().map(Value::String),
    },
    Key {
        name: "fft",
        expected: "a whole number from 16 to 4194304",
        read: |settings, value| put_some(&mut settings.fft, whole(value).filter(|fft| (16..=4_194_304).contains(fft))),
        write: |settings| settings.fft.map(|fft| Value::Integer(i64::from(fft))),
    },
    Key {
        name: "window",
        expected: "a window such as \"hann\" or \"kaiser:8.6\"",
        read: |settings, value| put_some(&mut settings.window, parsed(value)),
        write: |settings| settings.window.map(|window| Value::String(window.to_string())),
    },
    Key {
        name: "overlap",
        expected: "a percentage from 0 to below 100",
        read: |settings, value| {
            put_some(&mut settings.overlap, number(value, 0.0, 100.0).filter(|percent| *percent < 100.0))
        },
        write: |settings| settings.overlap.map(Value::Float),
    },
    Key {
        name: "average",
        expected: "\"none\", \"mean:N\", \"max:N\" or \"exp:WEIGHT\"",
        read: |settings, value| put_some(&mut settings.average, parsed(value)),
        write: |settings| settings.average.map(|average| Value::String(average.to_string())),
    },
    Key {
        name: "history",
        expected: "an amount of memory such as \"2GiB\", or a time such as \"6h\"",
        read: |settings, value| put_some(&mut settings.history, text(value).filter(|text| value::keep(text).is_ok())),
        write: |settings| settings.history.clone().map(Value::String),
    },
    Key {
        name: "newest",
        expected: "\"top\", \"bottom\", \"left\" or \"right\"",
        read: |settings, value| put_some(&mut settings.newest, named(&SIDES, value)),
        write: |settings| name(&SIDES, settings.newest),
    },
    Key {
        name: "axis",
        expected: "\"linear\", \"log\" or \"mel\"",
        read: |settings, value| put_some(&mut settings.axis, named(&Axis::NAMES, value)),
        write: |settings| name(&Axis::NAMES, settings.axis),
    },
    Key {
        name: "reduce",
        expected: "\"max\", \"mean\" or \"min\"",
        read: |settings, value| put_some(&mut settings.reduce, named(&REDUCES, value)),
        write: |settings| name(&REDUCES, settings.reduce),
    },
    Key {
        name: "time",
        expected: "\"utc\", \"local\" or \"since\"",
        read: |settings, value| put_some(&mut settings.time, named(&TIMES, value)),
        write: |settings| name(&TIMES, settings.time),
    },
    Key {
        name: "station",
        expected: "a line of text of 200 characters at most",
        read: |settings, value| put(&mut settings.station, text(value).filter(|text| is_caption(text))),
        write: |settings| Some(Value::String(settings.station.clone())),
    },
    Key {
        name: "pictures",
        expected: "a folder",
        read: |settings, value| put_some(&mut settings.pictures, path(value)),
        write: |settings| settings.pictures.as_deref().and_then(written),
    },
    Key {
        name: "spectrum_height",
        expected: "a number from 0 to 10000",
        read: |settings, value| put_some(&mut settings.spectrum_height, number(value, 0.0, 10_000.0)),
        write: |settings| settings.spectrum_height.map(Value::Float),
    },
    Key {
        name: "trace_width",
        expected: "a number from 0 to 10000",
        read: |settings, value| put_some(&mut settings.trace_width, number(value, 0.0, 10_000.0)),
        write: |settings| settings.trace_width.map(Value::Float),
    },
    Key {
        name: "panel_width",
        expected: "a number from 0 to 10000",
        read: |settings, value| put_some(&mut settings.panel_width, number(value, 0.0, 10_000.0)),
        write: |settings| settings.panel_width.map(Value::Float),
    },
    Key {
        name: "show_grid",
        expected: "true or false",
        read: |settings, value| put(&mut settings.show_grid, value.as_bool()),
        write: |settings| Some(Value::Boolean(settings.show_grid)),
    },
    Key {
        name: "stretch",
        expected: "true or false",
        read: |settings, value| put(&mut settings.stretch, value.as_bool()),
        write: |settings| Some(Value::Boolean(settings.stretch)),
    },
    Key {
        name: "recent",
        expected: "a list of file names",
        read: |settings, value| put(&mut settings.recent, files(value)),
        write: |settings| Some(Value::Array(settings.recent.iter().filter_map(|file| written(file)).collect())),
    },
];

/// Stores what was read, if anything was.
fn put<T>(to: &mut T, read: Option<T>) -> bool {
    read.map(|read| *to = read).is_some()
}

fn put_some<T>(to: &mut Option<T>, read: Option<T>) -> bool {
    read.is_some() && put(to, Some(read))
}

fn named<T: Copy>(names: &[(&str, T)], value: &Value) -> Option<T> {
    let text = value.as_str()?;
    names.iter().find(|(name, _)| *name == text).map(|(_, what)| *what)
}

fn name<T: Copy + PartialEq>(names: &[(&str, T)], what: Option<T>) -> Option<Value> {
    names.iter().find(|(_, named)| Some(*named) == what).map(|(name, _)| Value::String((*name).to_owned()))
}

/// A number from `least` to `most`, whole or not.
fn number(value: &Value, least: f64, most: f64) -> Option<f64> {
    let number = value.as_float().or(value.as_integer().map(|whole| whole as f64))?;
    (least..=most).contains(&number).then_some(number)
}

fn whole(value: &Value) -> Option<u32> {
    value.as_integer().and_then(|whole| u32::try_from(whole).ok())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn parsed<T: FromStr>(value: &Value) -> Option<T> {
    value.as_str().and_then(|text| text.parse().ok())
}

fn path(value: &Value) -> Option<PathBuf> {
    value.as_str().filter(|text| !text.is_empty() && !text.contains('\0')).map(PathBuf::from)
}

/// A path in the file, which is UTF-8; others cannot be kept.
fn written(path: &Path) -> Option<Value> {
    path.to_str().map(|text| Value::String(text.to_owned()))
}

/// As with `--colormap`.
fn is_colormap(text: &str) -> bool {
    text.contains(['.', '/', std::path::MAIN_SEPARATOR]) || Colormap::named(text).is_ok()
}

fn is_caption(text: &str) -> bool {
    text.chars().count() <= MOST_CAPTION && !text.chars().any(char::is_control)
}

/// The first files of a list, each once.
fn files(value: &Value) -> Option<Vec<PathBuf>> {
    let all: Vec<PathBuf> = value.as_array()?.iter().map(path).collect::<Option<_>>()?;
    let mut files = Vec::new();
    for file in all {
        if !files.contains(&file) && files.len() < MOST_RECENT {
            files.push(file);
        }
    }
    Some(files)
}
