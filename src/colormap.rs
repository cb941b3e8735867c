//! Colormaps: tables of 256 entries, and the lookup on the CPU.

mod many;

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::scale::{Lookup, LutIndex, Scale, Value};

/// The colour of NaN unless another is set: a dark grey that no built-in map except `grey` contains.
const BAD: [u8; 4] = [48, 48, 48, 255];

/// A table of 256 colours, and three more: for values below the range, above it, and for NaN.
///
/// All colours are sRGB-encoded bytes (red, green, blue, alpha), as in a picture file or on an sRGB screen.
///
/// The bytes of the built-in maps equal Matplotlib's with `bytes=True`.
///
/// `under` is the first entry and `over` the last unless set otherwise, as in Matplotlib. `bad` is a dark grey, opaque: a
/// gap in the data must not look like a band without signals, and in most maps the first entry is nearly black.
///
/// ```
/// use ringfall::{Colormap, Scale};
///
/// let map = Colormap::named("viridis")?;
/// let scale = Scale::linear(-120.0, -20.0)?;
/// let mut pixels = [0; 8];
/// map.rgba_u8(&scale, &[-120.0, f32::NAN], &mut pixels)?;
/// assert_eq!(pixels, [68, 1, 84, 255, 48, 48, 48, 255]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Colormap {
    name: Cow<'static, str>,
    lut: [[u8; 4]; 256],
    under: [u8; 4],
    over: [u8; 4],
    bad: [u8; 4],
}

impl Default for Colormap {
    /// viridis.
    fn default() -> Self {
        Self::from_lut(Cow::Borrowed("viridis"), entries(include_bytes!("colormap/viridis.rgb")))
    }
}

impl Colormap {
    /// The names of the built-in maps. Each also exists reversed, with `_r` appended to its name.
    ///
    /// Where the tables come from: `src/colormap/NOTICE.md`.
    pub const NAMES: &[&str] =
        &["viridis", "magma", "inferno", "plasma", "cividis", "turbo", "batlow", "grey", "green"];

    /// The built-in map of that name (see [`NAMES`](Self::NAMES)); `gray` is `grey`, and a name ending in `_r` is the
    /// reversed map.
    ///
    /// # Errors
    /// [`ColormapError::UnknownName`] for any other name; its text lists the names.
    pub fn named(name: &str) -> Result<Self, ColormapError> {
        let (base, reversed) = name.strip_suffix("_r").map_or((name, false), |base| (base, true));
        let base = if base == "gray" { "grey" } else { base };
        let unknown = || ColormapError::UnknownName { name: name.to_owned() };
        let base = Self::NAMES.iter().find(|known| **known == base).ok_or_else(unknown)?;
        let map = Self::from_lut(Cow::Borrowed(base), builtin(base).ok_or_else(unknown)?);
        Ok(if reversed { map.reversed() } else { map })
    }

    /// A map from 2 to 256 colours, sRGB-encoded red, green and blue, spread evenly from the first entry to the last.
    ///
    /// Between two colours the entries are interpolated linearly on the encoded bytes and rounded to the nearest. The
    /// first and the last entry are the first and the last colour, and 256 colours are taken as they are.
    ///
    /// # Errors
    /// [`ColormapError::ColorCount`] for fewer than 2 colours or more than 256.
    pub fn from_colors(name: impl Into<String>, colors: &[[u8; 3]]) -> Result<Self, ColormapError> {
        let name = name.into();
        if !(2..=256).contains(&colors.len()) {
            return Err(ColormapError::ColorCount { name, got: colors.len() });
        }
        let steps = colors.len() - 1;
        let lut = std::array::from_fn(|entry| {
            // In 255ths of a step, so that nothing is rounded but the result. 255 is odd: there are no ties.
            let (index, part) = (entry * steps / 255, entry * steps % 255);
            let (a, b) = (colors[index], colors[(index + 1).min(steps)]);
            let mix = |c: usize| ((usize::from(a[c]) * (255 - part) + usize::from(b[c]) * part + 127) / 255) as u8;
            [mix(0), mix(1), mix(2), 255]
        });
        Ok(Self::from_lut(Cow::Owned(name), lut))
    }

    fn from_lut(name: Cow<'static, str>, lut: [[u8; 4]; 256]) -> Self {
        Self { name, under: lut[0], over: lut[255], bad: BAD, lut }
    }

    /// The reversed map: `under` and `over` are swapped too, `bad` stays. The name gains or loses `_r`.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let name = match self.name.strip_suffix("_r") {
            Some(base) => base.to_owned(),
            None => format!("{}_r", self.name),
        };
        let mut lut = self.lut;
        lut.reverse();
        Self { name: Cow::Owned(name), lut, under: self.over, over: self.under, bad: self.bad }
    }

    /// Sets the colour (sRGB-encoded RGBA) of values below the range.
    #[must_use]
    pub fn with_under(self, under: [u8; 4]) -> Self {
        Self { under, ..self }
    }

    /// Sets the colour (sRGB-encoded RGBA) of values above the range.
    #[must_use]
    pub fn with_over(self, over: [u8; 4]) -> Self {
        Self { over, ..self }
    }

    /// Sets the colour (sRGB-encoded RGBA) of NaN, that is of gaps.
    #[must_use]
    pub fn with_bad(self, bad: [u8; 4]) -> Self {
        Self { bad, ..self }
    }

    /// The name of the map.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The 256 entries, lowest value first, sRGB-encoded RGBA.
    pub fn lut(&self) -> &[[u8; 4]; 256] {
        &self.lut
    }

    /// The colour of values below the range, sRGB-encoded RGBA.
    pub fn under(&self) -> [u8; 4] {
        self.under
    }

    /// The colour of values above the range, sRGB-encoded RGBA.
    pub fn over(&self) -> [u8; 4] {
        self.over
    }

    /// The colour of NaN, sRGB-encoded RGBA.
    pub fn bad(&self) -> [u8; 4] {
        self.bad
    }

    /// The colour at a place in the map, sRGB-encoded RGBA.
    pub fn color(&self, index: LutIndex) -> [u8; 4] {
        match index {
            LutIndex::Under => self.under,
            LutIndex::Entry(entry) => self.lut[usize::from(entry)],
            LutIndex::Over => self.over,
            LutIndex::Bad => self.bad,
        }
    }

    /// The colours in the places of a [`Lookup`].
    pub(crate) fn table(&self) -> [[u8; 4]; Lookup::TABLE] {
        let mut table = [self.bad; Lookup::TABLE];
        (table[Lookup::UNDER], table[Lookup::OVER]) = (self.under, self.over);
        table[1..257].copy_from_slice(&self.lut);
        table
    }

    /// Colours `values` on the CPU, without a GPU: four bytes each into `out`, sRGB-encoded RGBA, in the same order.
    ///
    /// From about half a million values it uses threads, one for each processor, that end before it returns.
    ///
    /// # Errors
    /// [`ColormapError::OutputLength`] if `out` is not four times as long as `values`; nothing is written then.
    pub fn rgba_u8<T: Value>(&self, scale: &Scale, values: &[T], out: &mut [u8]) -> Result<(), ColormapError> {
        many::color(scale, self.table(), values, pixels(values, out)?);
        Ok(())
    }

    /// The same as numbers from 0 to 1: four each into `out`, red, green, blue and alpha, each the byte of
    /// [`rgba_u8`](Self::rgba_u8) divided by 255. They are still sRGB-encoded, not linear light.
    ///
    /// # Errors
    /// [`ColormapError::OutputLength`] if `out` is not four times as long as `values`; nothing is written then.
    pub fn rgba_f32<T: Value>(&self, scale: &Scale, values: &[T], out: &mut [f32]) -> Result<(), ColormapError> {
        let table = self.table().map(|color| color.map(|byte| f32::from(byte) / 255.0));
        many::color(scale, table, values, pixels(values, out)?);
        Ok(())
    }
}

/// The output as one pixel for each value.
fn pixels<'a, T, O>(values: &[T], out: &'a mut [O]) -> Result<&'a mut [[O; 4]], ColormapError> {
    let got = out.len();
    match out.as_chunks_mut::<4>() {
        (pixels, []) if pixels.len() == values.len() => Ok(pixels),
        _ => Err(ColormapError::OutputLength { values: values.len(), got }),
    }
}

/// The name and the three extra colours; 256 entries are of no use in a log.
impl fmt::Debug for Colormap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Colormap")
            .field("name", &self.name)
            .field("under", &self.under)
            .field("over", &self.over)
            .field("bad", &self.bad)
            .finish_non_exhaustive()
    }
}

/// The entries of a built-in map.
fn builtin(name: &str) -> Option<[[u8; 4]; 256]> {
    let table: &[u8; 768] = match name {
        "viridis" => include_bytes!("colormap/viridis.rgb"),
        "magma" => include_bytes!("colormap/magma.rgb"),
        "inferno" => include_bytes!("colormap/inferno.rgb"),
        "plasma" => include_bytes!("colormap/plasma.rgb"),
        "cividis" => include_bytes!("colormap/cividis.rgb"),
        "turbo" => include_bytes!("colormap/turbo.rgb"),
        "batlow" => include_bytes!("colormap/batlow.rgb"),
        "grey" => return Some(std::array::from_fn(|i| [i as u8, i as u8, i as u8, 255])),
        "green" => return Some(std::array::from_fn(|i| [(i / 4) as u8, i as u8, (i / 2) as u8, 255])),
        _ => return None,
    };
    Some(entries(table))
}

/// The entries of a table of red, green and blue bytes.
fn entries(table: &[u8; 768]) -> [[u8; 4]; 256] {
    std::array::from_fn(|i| [table[3 * i], table[3 * i + 1], table[3 * i + 2], 255])
}

/// Why a colormap could not be made or applied.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ColormapError {
    /// No built-in map has this name.
    #[error("no colormap is called {name:?}{}; the names are {}, each also with _r appended for the reversed map", nearest(name), Colormap::NAMES.join(", "))]
    UnknownName {
        /// The name asked for.
        name: String,
    },
    /// Too few or too many colours to make a map of.
    #[error("the palette {name:?} must have 2 to 256 colours, got {got}")]
    ColorCount {
        /// The name given to the map.
        name: String,
        /// The number of colours given.
        got: usize,
    },
    /// The output does not hold four elements for each value.
    #[error("out must have 4 elements for each of the {values} values, {} in all, got {got}", values.saturating_mul(4))]
    OutputLength {
        /// The number of values to colour.
        values: usize,
        /// The length of the output.
        got: usize,
    },
}

/// The known name nearest to `name`, for an error's text: nothing if none is near.
fn nearest(name: &str) -> String {
    let lower = name.to_lowercase();
    let lower = lower.strip_suffix("_r").unwrap_or(&lower);
    Colormap::NAMES
        .iter()
        .map(|known| (distance(known, lower), known))
        .min()
        .filter(|(distance, known)| *distance <= known.len() / 3)
        .map_or_else(String::new, |(_, known)| format!(" (did you mean {known:?}?)"))
}

/// How many letters must be added, dropped or changed to turn `b` into `a` (Levenshtein's distance, row by row).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.chars().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.chars().count()]
}

#[cfg(test)]
mod tests;
