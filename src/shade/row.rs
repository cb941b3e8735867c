//! The cells of a row on its way into the ring.

use super::texel::Texel;
use crate::error::Error;
use crate::stamp::Stamp;

/// The cells of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Row<'a> {
    Values(&'a [f32]),
    /// sRGB-encoded red, green, blue and alpha.
    Colors(&'a [[u8; 4]]),
}

impl Row<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Values(cells) => cells.len(),
            Self::Colors(cells) => cells.len(),
        }
    }

    /// Refuses invalid stamps, rows that do not have 1 to `bins` bins, and cells that these texels do not hold.
    pub(crate) fn check(&self, texel: Texel, bins: u32, stamp: &Stamp) -> Result<(), Error> {
        let words = |colors| if colors { "colours" } else { "values" };
        let colors = matches!(self, Self::Colors(_));
        if colors != texel.is_colors() {
            return Err(Error::Cells { got: words(colors), expected: words(!colors) });
        }
        if self.len() == 0 || self.len() > bins as usize {
            return Err(Error::RowLength { got: self.len(), max: bins });
        }
        Ok(stamp.check()?)
    }
}
