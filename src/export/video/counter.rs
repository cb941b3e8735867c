//! The number of a frame, drawn into it.

/// Digits and a slash, five rows of three pixels each, the top row in the highest bits.
const GLYPHS: [u16; 11] = [
    0b111_101_101_101_111,
    0b010_110_010_010_111,
    0b111_001_111_100_111,
    0b111_001_111_001_111,
    0b101_101_111_001_001,
    0b111_100_111_001_111,
    0b111_100_111_101_111,
    0b111_001_001_010_010,
    0b111_101_111_101_111,
    0b111_101_111_001_111,
    0b001_001_010_100_100,
];

/// Draws `number/count` in white on black into the bottom right corner. A picture too small for it gets the part that fits.
pub(super) fn draw(rgba: &mut [u8], (width, height): (u32, u32), number: u32, count: u32) {
    let (width, height) = (width as usize, height as usize);
    // As long as the last number, so that the box does not change its size.
    let text = format!("{number:>length$}/{count}", length = count.to_string().len());
    let scale = (height / 180).max(1);
    let (box_width, box_height) = ((4 * text.len() + 1) * scale, 7 * scale);
    let (left, top) = (width.saturating_sub(box_width), height.saturating_sub(box_height));
    for y in top..height {
        for x in left..width {
            let (column, row) = ((x - left) / scale, (y - top) / scale);
            let lit = row
                .checked_sub(1)
                .zip(column.checked_sub(1))
                .is_some_and(|(row, column)| is_lit(text.as_bytes(), row, column));
            let value = if lit { 255 } else { 0 };
            if let Some(pixel) = rgba.get_mut(4 * (y * width + x)..4 * (y * width + x) + 4) {
                pixel.copy_from_slice(&[value, value, value, 255]);
            }
        }
    }
}

/// Whether this cell of the text is lit.
fn is_lit(text: &[u8], row: usize, column: usize) -> bool {
    let glyph = match text.get(column / 4) {
        Some(digit @ b'0'..=b'9') => GLYPHS[usize::from(digit - b'0')],
        Some(b'/') => GLYPHS[10],
        _ => 0,
    };
    let column = column % 4;
    row < 5 && column < 3 && glyph >> (14 - 3 * row - column) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn((width, height): (u32, u32), number: u32, count: u32) -> Vec<String> {
        let mut rgba = vec![7; 4 * width as usize * height as usize];
        draw(&mut rgba, (width, height), number, count);
        let sign = |pixel: &[u8]| {
            if pixel[0] == 255 {
                '#'
            } else if pixel[0] == 0 {
                '.'
            } else {
                ' '
            }
        };
        rgba.chunks(4 * width as usize).map(|line| line.chunks(4).map(sign).collect()).collect()
    }

    /// Drawn by hand.
    #[test]
    fn it_reads_as_it_should() {
        let want = [
            "                   ",
            "      .............",
            "      ..#....#.###.",
            "      .##....#.#...",
            "      ..#...#..###.",
            "      ..#..#.....#.",
            "      .###.#...###.",
            "      .............",
        ];
        assert_eq!(drawn((19, 8), 1, 5), want);
        // In a picture of twice 180 lines each of them is four pixels.
        let large = drawn((640, 360), 1, 5);
        for (row, line) in want[1..].iter().enumerate() {
            let line: String = line[6..].chars().flat_map(|sign| [sign, sign]).collect();
            assert!(large[360 - 14 + 2 * row].ends_with(&line) && large[360 - 13 + 2 * row].ends_with(&line), "{row}");
        }
    }

    #[test]
    fn any_size_will_do() {
        for size in [(1, 1), (2, 3), (13, 7), (40, 1), (1, 40), (800, 720)] {
            drawn(size, u32::MAX, u32::MAX);
        }
    }
}
