//! The colours: tables of 256 entries, and the lookup on the CPU.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::scale::{LutIndex, Scale};

/// The colour of NaN unless another is set: a dark grey that none of the built-in maps but `grey` has in it.
const BAD: [u8; 4] = [48, 48, 48, 255];

/// A table of 256 colours, and three more: for values under the range, over it, and for those that are no number.
///
/// All colours are sRGB-encoded bytes, red, green, blue and alpha; what a picture file or an sRGB screen shows.
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
        Self::from_lut(
            Cow::Borrowed("viridis"),
            entries(include_bytes!("colormap/viridis.rgb")),
        )
    }
}

impl Colormap {
    /// The names of the built-in maps. Each also exists upside down, with `_r` behind its name.
    ///
    /// Where the tables come from: `src/colormap/NOTICE.md`.
    pub const NAMES: &[&str] = &[
        "viridis", "magma", "inferno", "plasma", "cividis", "turbo", "batlow", "grey", "green",
    ];

    /// The built-in map of that name (see [`NAMES`](Self::NAMES)); `gray` is `grey`, and a name ending in `_r` is the
    /// map upside down.
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
            return Err(ColormapError::ColorCount {
                name,
                got: colors.len(),
            });
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
        Self {
            name,
            under: lut[0],
            over: lut[255],
            bad: BAD,
            lut,
        }
    }

    /// The same map upside down: `under` and `over` change places too, `bad` stays. The name gains `_r`, or loses it.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let name = match self.name.strip_suffix("_r") {
            Some(base) => base.to_owned(),
            None => format!("{}_r", self.name),
        };
        let mut lut = self.lut;
        lut.reverse();
        Self {
            name: Cow::Owned(name),
            lut,
            under: self.over,
            over: self.under,
            bad: self.bad,
        }
    }

    /// With this colour (sRGB-encoded RGBA) for values below the range.
    #[must_use]
    pub fn with_under(self, under: [u8; 4]) -> Self {
        Self { under, ..self }
    }

    /// With this colour (sRGB-encoded RGBA) for values above the range.
    #[must_use]
    pub fn with_over(self, over: [u8; 4]) -> Self {
        Self { over, ..self }
    }

    /// With this colour (sRGB-encoded RGBA) for NaN, that is for gaps.
    #[must_use]
    pub fn with_bad(self, bad: [u8; 4]) -> Self {
        Self { bad, ..self }
    }

    /// What the map is called.
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

    /// Colours `values` on the CPU, without a GPU: four bytes each into `out`, sRGB-encoded RGBA, in the same order.
    ///
    /// # Errors
    /// [`ColormapError::OutputLength`] where `out` is not four times as long as `values`; nothing is written then.
    pub fn rgba_u8(&self, scale: &Scale, values: &[f32], out: &mut [u8]) -> Result<(), ColormapError> {
        let (pixels, rest) = out.as_chunks_mut::<4>();
        if pixels.len() != values.len() || !rest.is_empty() {
            return Err(ColormapError::OutputLength {
                values: values.len(),
                got: out.len(),
            });
        }
        for (pixel, value) in pixels.iter_mut().zip(values) {
            *pixel = self.color(scale.lut_index(*value));
        }
        Ok(())
    }
}

/// The name and the three other colours: 256 entries help nobody in a log.
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

/// Why there is no such colormap, or no such picture of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ColormapError {
    /// No built-in map has this name.
    #[error("no colormap is called {name:?}{}; the names are {}, each also with _r for its reverse", nearest(name), Colormap::NAMES.join(", "))]
    UnknownName {
        /// The name asked for.
        name: String,
    },
    /// Too few or too many colours to make a map of.
    #[error("the palette {name:?} must have 2 to 256 colours, got {got}")]
    ColorCount {
        /// The name given to the map.
        name: String,
        /// How many colours there were.
        got: usize,
    },
    /// The output does not hold four bytes for each value.
    #[error("out must be 4 bytes for each of the {values} values, {} in all, got {got} bytes", values.saturating_mul(4))]
    OutputLength {
        /// How many values were to be coloured.
        values: usize,
        /// The length of the output in bytes.
        got: usize,
    },
}

/// What the writer of `name` may have meant, for an error's text: nothing if no known name is near.
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

/// How many letters must be added, dropped or changed to make `a` of `b` (Levenshtein's distance, row by row).
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
mod tests {
    use super::*;

    fn rgb(map: &Colormap, entry: usize) -> [u8; 3] {
        let [r, g, b, a] = map.lut()[entry];
        assert_eq!(a, 255, "{} is opaque", map.name());
        [r, g, b]
    }

    /// Figures read off Matplotlib 3.11 and cmcrameri 1.10, `round(255 * channel)`, at entries 0, 1, 64, 128, 200 and 255.
    #[test]
    fn tables_are_the_published_ones() {
        let published: [(&str, [[u8; 3]; 6]); 7] = [
            (
                "viridis",
                [
                    [68, 1, 84],
                    [68, 2, 86],
                    [59, 82, 139],
                    [33, 145, 140],
                    [112, 207, 87],
                    [253, 231, 37],
                ],
            ),
            (
                "magma",
                [
                    [0, 0, 4],
                    [1, 0, 5],
                    [81, 18, 124],
                    [183, 55, 121],
                    [253, 152, 105],
                    [252, 253, 191],
                ],
            ),
            (
                "inferno",
                [
                    [0, 0, 4],
                    [1, 0, 5],
                    [87, 16, 110],
                    [188, 55, 84],
                    [251, 157, 7],
                    [252, 255, 164],
                ],
            ),
            (
                "plasma",
                [
                    [13, 8, 135],
                    [16, 7, 136],
                    [126, 3, 168],
                    [204, 71, 120],
                    [251, 161, 57],
                    [240, 249, 33],
                ],
            ),
            (
                "cividis",
                [
                    [0, 34, 78],
                    [0, 35, 79],
                    [67, 78, 108],
                    [125, 124, 120],
                    [196, 180, 104],
                    [254, 232, 56],
                ],
            ),
            (
                "turbo",
                [
                    [48, 18, 59],
                    [50, 21, 67],
                    [40, 188, 235],
                    [164, 252, 60],
                    [244, 102, 23],
                    [122, 4, 3],
                ],
            ),
            (
                "batlow",
                [
                    [1, 25, 89],
                    [2, 27, 89],
                    [34, 96, 97],
                    [130, 130, 49],
                    [249, 163, 128],
                    [250, 204, 250],
                ],
            ),
        ];
        for (name, colors) in published {
            let map = Colormap::named(name).unwrap();
            for (entry, expected) in [0, 1, 64, 128, 200, 255].into_iter().zip(colors) {
                assert_eq!(rgb(&map, entry), expected, "{name}, entry {entry}");
            }
        }
    }

    #[test]
    fn green_is_the_seeds() {
        let map = Colormap::named("green").unwrap();
        for i in 0..256 {
            assert_eq!(rgb(&map, i).map(usize::from), [i / 4, i, i / 2]);
        }
        assert_eq!(rgb(&map, 255), [63, 255, 127]);
    }

    #[test]
    fn grey_is_every_grey() {
        let map = Colormap::named("grey").unwrap();
        for i in 0..256 {
            assert_eq!(rgb(&map, i).map(usize::from), [i, i, i]);
        }
        assert_eq!(Colormap::named("gray").unwrap(), map);
        assert_eq!(Colormap::named("gray_r").unwrap(), map.reversed());
    }

    #[test]
    fn every_name_is_there_both_ways_up() {
        for name in Colormap::NAMES {
            let map = Colormap::named(name).unwrap();
            assert_eq!(map.name(), *name);
            assert_eq!(
                (map.under(), map.over(), map.bad()),
                (map.lut()[0], map.lut()[255], [48, 48, 48, 255])
            );
            let back = Colormap::named(&format!("{name}_r")).unwrap();
            assert_eq!(back.name(), format!("{name}_r"));
            assert!(map.lut().iter().eq(back.lut().iter().rev()));
            assert_eq!(
                (back.under(), back.over(), back.bad()),
                (map.over(), map.under(), map.bad())
            );
            assert_eq!(back.reversed(), map);
        }
    }

    #[test]
    fn no_entry_of_a_map_of_colours_looks_like_a_gap() {
        for name in Colormap::NAMES.iter().filter(|name| **name != "grey") {
            let map = Colormap::named(name).unwrap();
            assert!(map.lut().iter().all(|color| *color != map.bad()), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_gets_the_list() {
        let message = |name| Colormap::named(name).unwrap_err().to_string();
        assert_eq!(
            message("virdis"),
            "no colormap is called \"virdis\" (did you mean \"viridis\"?); the names are viridis, magma, inferno, plasma, \
             cividis, turbo, batlow, grey, green, each also with _r for its reverse"
        );
        assert!(message("Viridis").contains("did you mean \"viridis\"?"));
        assert!(message("gren").contains("did you mean \"green\"?"));
        assert!(!message("jet").contains("did you mean"));
        for bad in ["", "_r", "viridis_r_r", " viridis", "grün"] {
            assert!(message(bad).contains("batlow, grey, green"), "{bad:?}");
        }
    }

    #[test]
    fn letters_between_words() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("grey", "green", 2),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn two_colours_make_a_ramp() {
        let map = Colormap::from_colors("ramp", &[[0, 255, 10], [255, 0, 10]]).unwrap();
        assert_eq!(map.name(), "ramp");
        for i in 0..=255u8 {
            assert_eq!(rgb(&map, usize::from(i)), [i, 255 - i, 10]);
        }
    }

    #[test]
    fn between_colours_it_rounds_to_nearest() {
        // Steps of 255 / 2 = 127.5 entries. Entry 1 is 1/127.5 along 0 → 100: 0.784, so 1. Entry 127 is 0.99608 along:
        // 99.6, so 100. Entry 128 is 0.00392 along 100 → 50: 99.8, so 100; entry 130 is 0.01961 along: 99.02, so 99.
        let map = Colormap::from_colors("three", &[[0; 3], [100; 3], [50; 3]]).unwrap();
        for (entry, expected) in [(0, 0), (1, 1), (127, 100), (128, 100), (130, 99), (255, 50)] {
            assert_eq!(rgb(&map, entry), [expected; 3], "entry {entry}");
        }
    }

    #[test]
    fn every_length_keeps_its_colours() {
        for count in 2..=256usize {
            let colors: Vec<[u8; 3]> = (0..count)
                .map(|i| [(i * 7 % 256) as u8, (i * 31 % 256) as u8, i as u8])
                .collect();
            let map = Colormap::from_colors("any", &colors).unwrap();
            for entry in 0..256 {
                let at = entry as f64 * (count - 1) as f64 / 255.0;
                let (a, b) = (colors[at.floor() as usize], colors[at.ceil() as usize]);
                for c in 0..3 {
                    let exact = f64::from(a[c]) + at.fract() * (f64::from(b[c]) - f64::from(a[c]));
                    let off = (f64::from(rgb(&map, entry)[c]) - exact).abs();
                    assert!(off <= 0.5 + 1e-9, "{count} colours, entry {entry}: {off}");
                }
            }
            assert_eq!((rgb(&map, 0), rgb(&map, 255)), (colors[0], colors[count - 1]));
        }
    }

    #[test]
    fn a_full_table_is_taken_as_it_is() {
        let colors: Vec<[u8; 3]> = (0..=255u8).map(|i| [i.wrapping_mul(181), i ^ 0x5a, 255 - i]).collect();
        let map = Colormap::from_colors("full", &colors).unwrap();
        assert!(colors.iter().enumerate().all(|(i, color)| rgb(&map, i) == *color));
    }

    #[test]
    fn too_few_and_too_many_colours() {
        for count in [0, 1, 257, 1000] {
            let error = Colormap::from_colors("mine", &vec![[0; 3]; count]).unwrap_err();
            assert_eq!(
                error,
                ColormapError::ColorCount {
                    name: "mine".into(),
                    got: count
                }
            );
            assert_eq!(
                error.to_string(),
                format!("the palette \"mine\" must have 2 to 256 colours, got {count}")
            );
        }
    }

    #[test]
    fn array_to_picture() {
        let map = Colormap::named("green")
            .unwrap()
            .with_under([1, 2, 3, 4])
            .with_over([5, 6, 7, 8])
            .with_bad([9, 10, 11, 12]);
        let scale = Scale::linear(0.0, 256.0).unwrap();
        let values = [-1.0, 100.5, 256.0, 257.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        let mut out = [0; 28];
        map.rgba_u8(&scale, &values, &mut out).unwrap();
        #[rustfmt::skip]
        assert_eq!(out, [
            1, 2, 3, 4,  25, 100, 50, 255,  63, 255, 127, 255,  5, 6, 7, 8,  9, 10, 11, 12,  5, 6, 7, 8,  1, 2, 3, 4,
        ]);
        map.rgba_u8(&scale, &[], &mut []).unwrap();
    }

    #[test]
    fn output_of_the_wrong_length() {
        let map = Colormap::named("grey").unwrap();
        let scale = Scale::linear(0.0, 1.0).unwrap();
        for got in [0, 7, 9, 12] {
            let mut out = vec![77; got];
            let error = map.rgba_u8(&scale, &[0.5, 0.5], &mut out).unwrap_err();
            assert_eq!(error, ColormapError::OutputLength { values: 2, got });
            assert!(out.iter().all(|byte| *byte == 77), "nothing is written");
        }
        let message = map.rgba_u8(&scale, &[0.5, 0.5], &mut [0; 7]).unwrap_err().to_string();
        assert_eq!(
            message,
            "out must be 4 bytes for each of the 2 values, 8 in all, got 7 bytes"
        );
    }
}
