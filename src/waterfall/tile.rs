//! How rows are laid out in the layers of a texture.

/// How slots and bins are laid out in the layers of the texture: slot `s` of bin `b` is in layer
/// `(s >> row_shift) · columns + (b >> bin_shift)`, at the remaining bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) columns: u32,
    pub(super) bands: u32,
    pub(super) bin_shift: u32,
    pub(super) row_shift: u32,
}

impl Tile {
    /// Bits that shift every slot and bin to 0: there is one layer only.
    const WHOLE: u32 = 31;

    /// The layout for these sizes on a device with textures of `side` texels and that many layers; or the layers it needs.
    pub(super) fn new(bins: u32, rows: u32, side: u32, layers: u32) -> Result<Self, u32> {
        // A side that is cut into tiles has a power of two in each: the largest that wastes no more than an eighth, or the
        // largest of all if the layers do not suffice.
        let cut = |length: u32, most: u32| {
            if length <= side {
                return (length, 1, Self::WHOLE);
            }
            let largest = side.ilog2();
            let waste = |shift: u32| u64::from(length.next_multiple_of(1 << shift) - length);
            let fits = |shift: u32| length.div_ceil(1 << shift) <= most && waste(shift) * 8 <= u64::from(length);
            let shift = (0..=largest).rev().find(|&shift| fits(shift)).unwrap_or(largest);
            (1 << shift, length.div_ceil(1 << shift), shift)
        };
        let (width, columns, bin_shift) = cut(bins, layers);
        let (height, bands, row_shift) = cut(rows, (layers / columns).min(side));
        match columns.checked_mul(bands) {
            Some(count) if count <= layers && bands <= side => {
                Ok(Self { width, height, columns, bands, bin_shift, row_shift })
            }
            count => Err(count.unwrap_or(u32::MAX)),
        }
    }

    pub(super) fn layers(&self) -> u32 {
        self.columns * self.bands
    }

    fn row_mask(shift: u32) -> u32 {
        ((1u64 << shift) - 1) as u32
    }

    /// The place of a slot within its band.
    pub(super) fn row_in_band(&self) -> u32 {
        Self::row_mask(self.row_shift)
    }

    /// The place of a bin within its column.
    pub(super) fn bin_in_column(&self) -> u32 {
        Self::row_mask(self.bin_shift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_never_larger_than_a_texture_and_holds_everything() {
        for side in [16, 2000, 2048] {
            for bins in [1, side - 1, side, side + 1, 3 * side, 10 * side + 7] {
                for rows in [1, side, side + 1, 5 * side + 3] {
                    let tile = Tile::new(bins, rows, side, 256).expect("enough layers");
                    assert!(tile.width <= side && tile.height <= side);
                    assert!(tile.width * tile.columns >= bins && tile.height * tile.bands >= rows);
                    assert!(tile.width * (tile.columns - 1) < bins && tile.height * (tile.bands - 1) < rows);
                    for (at, shift, mask, tile, count) in [
                        (bins - 1, tile.bin_shift, tile.bin_in_column(), tile.width, tile.columns),
                        (rows - 1, tile.row_shift, tile.row_in_band(), tile.height, tile.bands),
                    ] {
                        assert_eq!((at >> shift, at & mask), (at / tile, at % tile));
                        assert_eq!(at >> shift, count - 1);
                    }
                }
            }
        }
        assert_eq!(Tile::new(2048 * 300, 1, 2048, 256), Err(300));
    }
}
