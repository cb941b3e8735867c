//! Letters drawn into the spectrum, as Hellschreiber does and as many ham programs sign their name.
//!
//! Every column of the text is a tone, and its rows follow each other, the lowest first: so it stands upright where the newest
//! row of the waterfall is at the top.

/// Rows of a letter.
const ROWS: usize = 7;

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

/// For every column of the text, left to right: when its tone sounds (1) and when it is silent (0), a row a unit. Each ends with
/// this many silent units.
pub(super) fn scores(text: &str, silence: usize) -> Vec<Vec<u8>> {
    let columns = text.chars().flat_map(|letter| columns(letter).into_iter().chain([0]));
    columns
        .map(|column| {
            let rows = (0..ROWS).rev().map(|row| column >> row & 1);
            rows.chain(std::iter::repeat_n(0, silence)).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_l_is_an_l() {
        let scores = scores("L", 2);
        assert_eq!(scores.len(), 6);
        assert_eq!(scores[0], [1, 1, 1, 1, 1, 1, 1, 0, 0]);
        for score in &scores[1..5] {
            assert_eq!(score, &[1, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
        assert_eq!(scores[5], [0; 9]);
    }
}
