//! Letters drawn into the spectrum, as Hellschreiber does: the rows of a letter are tones, its columns follow each other.

/// Rows of a letter, and so tones of the signal.
pub(super) const ROWS: usize = 7;

/// The columns of a letter, left to right; the lowest bit is the top row.
fn columns(letter: char) -> [u8; 5] {
    match letter {
        'A' => [0x7E, 0x11, 0x11, 0x11, 0x7E],
        'F' => [0x7F, 0x09, 0x09, 0x09, 0x01],
        'G' => [0x3E, 0x41, 0x49, 0x49, 0x7A],
        'I' => [0x00, 0x41, 0x7F, 0x41, 0x00],
        'L' => [0x7F, 0x40, 0x40, 0x40, 0x40],
        'N' => [0x7F, 0x04, 0x08, 0x10, 0x7F],
        'R' => [0x7F, 0x09, 0x19, 0x29, 0x46],
        _ => [0; 5],
    }
}

/// When the tone of `row` (0 is the top of the letters, the highest tone) sounds: 1, or 0 for silence, a column a unit. It
/// ends with so many silent units.
pub(super) fn score(text: &str, row: usize, silence: usize) -> Vec<u8> {
    let mut units = Vec::new();
    for letter in text.chars() {
        units.extend(columns(letter).map(|column| column >> row & 1));
        units.push(0);
    }
    units.extend(std::iter::repeat_n(0, silence));
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_l_is_an_l() {
        let rows: Vec<Vec<u8>> = (0..ROWS).map(|row| score("L", row, 2)).collect();
        for row in &rows[..6] {
            assert_eq!(row, &[1, 0, 0, 0, 0, 0, 0, 0]);
        }
        assert_eq!(rows[6], [1, 1, 1, 1, 1, 0, 0, 0]);
    }
}
