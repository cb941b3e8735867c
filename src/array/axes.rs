//! What the dimensions of an array are: rows, columns, channels, frames.

use std::fmt;
use std::str::FromStr;

use super::Order;
use super::error::ArrayError;

/// What the dimensions of an array are, in their order: `h` rows, `w` columns, `c` channels, `t` frames.
///
/// Three channels are red, green and blue, and a fourth is alpha; a single channel is a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Axes {
    /// Rows and columns of values.
    Hw,
    /// Interleaved colours.
    Hwc,
    /// Planar colours.
    Chw,
    /// Frames of values.
    Thw,
    /// Frames of interleaved colours.
    Thwc,
    /// Frames of planar colours.
    Tchw,
}

/// How many frames, rows, columns and channels there are, and how far apart they are, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dimensions {
    pub(super) frames: u64,
    pub(super) rows: u64,
    pub(super) columns: u64,
    pub(super) channels: u64,
    pub(super) strides: Strides,
}

/// From one to the next, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Strides {
    pub(super) frame: u64,
    pub(super) row: u64,
    pub(super) column: u64,
    pub(super) channel: u64,
}

impl Axes {
    /// The names.
    pub const NAMES: [(&str, Self); 6] = [
        ("hw", Self::Hw),
        ("hwc", Self::Hwc),
        ("chw", Self::Chw),
        ("thw", Self::Thw),
        ("thwc", Self::Thwc),
        ("tchw", Self::Tchw),
    ];

    /// The usual meaning of a shape: two dimensions are `hw`; three are `hwc` if the last has a length of 1, 3 or 4, `chw` if
    /// the first has one of 3 or 4, otherwise `thw`; four are `thwc` or `tchw` in the same way. `None` for other shapes.
    pub fn guess(shape: &[u64]) -> Option<Self> {
        let is_color = |length: u64| matches!(length, 3 | 4);
        match *shape {
            [_, _] => Some(Self::Hw),
            [_, _, last] if is_color(last) || last == 1 => Some(Self::Hwc),
            [first, _, _] if is_color(first) => Some(Self::Chw),
            [_, _, _] => Some(Self::Thw),
            [_, _, _, last] if is_color(last) || last == 1 => Some(Self::Thwc),
            [_, second, _, _] if is_color(second) || second == 1 => Some(Self::Tchw),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, axes)| *axes == self).map_or("", |(name, _)| name)
    }

    /// The dimensions of an array of this shape, whose number of cells fits 64 bits. `None` if it has another number of
    /// dimensions, or of channels.
    pub(super) fn of(self, shape: &[u64], order: Order) -> Option<Dimensions> {
        let letters = self.name();
        if letters.len() != shape.len() {
            return None;
        }
        let stride = |place: usize| match order {
            Order::C => shape[place + 1..].iter().product(),
            Order::Fortran => shape[..place].iter().product(),
        };
        let at = |letter: char| letters.find(letter).map_or((1, 0), |place| (shape[place], stride(place)));
        let ((frames, frame), (rows, row), (columns, column), (channels, channel)) =
            (at('t'), at('h'), at('w'), at('c'));
        let strides = Strides { frame, row, column, channel };
        matches!(channels, 1 | 3 | 4).then_some(Dimensions { frames, rows, columns, channels, strides })
    }
}

impl fmt::Display for Axes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Axes {
    type Err = ArrayError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.trim().to_ascii_lowercase();
        let known = Self::NAMES.into_iter().find(|(name, _)| *name == word);
        known.map(|(_, axes)| axes).ok_or_else(|| ArrayError::AxesWord { got: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses() {
        for (shape, want) in [
            (&[480, 640][..], Some(Axes::Hw)),
            (&[480, 640, 3], Some(Axes::Hwc)),
            (&[480, 640, 4], Some(Axes::Hwc)),
            (&[480, 640, 1], Some(Axes::Hwc)),
            (&[3, 480, 640], Some(Axes::Chw)),
            (&[4, 480, 640], Some(Axes::Chw)),
            // The last dimension decides.
            (&[3, 640, 3], Some(Axes::Hwc)),
            (&[10, 480, 640], Some(Axes::Thw)),
            (&[1, 480, 640], Some(Axes::Thw)),
            (&[10, 480, 640, 3], Some(Axes::Thwc)),
            (&[10, 3, 480, 640], Some(Axes::Tchw)),
            (&[10, 20, 480, 640], None),
            (&[5], None),
            (&[], None),
            (&[1, 1, 1, 1, 1], None),
        ] {
            assert_eq!(Axes::guess(shape), want, "{shape:?}");
        }
    }

    #[test]
    fn strides_by_hand() {
        let tchw = Axes::Tchw.of(&[2, 3, 5, 7], Order::C).unwrap();
        assert_eq!((tchw.frames, tchw.channels, tchw.rows, tchw.columns), (2, 3, 5, 7));
        assert_eq!(tchw.strides, Strides { frame: 105, channel: 35, row: 7, column: 1 });
        let hwc = Axes::Hwc.of(&[5, 7, 4], Order::Fortran).unwrap();
        assert_eq!(hwc.strides, Strides { frame: 0, row: 1, column: 5, channel: 35 });
        assert_eq!((hwc.frames, hwc.channels), (1, 4));
        assert_eq!(Axes::Hwc.of(&[5, 7, 2], Order::C), None);
        assert_eq!(Axes::Hwc.of(&[5, 7], Order::C), None);
        for (name, axes) in Axes::NAMES {
            assert_eq!((name.parse::<Axes>().unwrap(), axes.to_string().as_str()), (axes, name));
        }
        assert!("wh".parse::<Axes>().unwrap_err().to_string().contains("hwc"));
    }
}
