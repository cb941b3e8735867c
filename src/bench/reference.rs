//! The judge: the picture that every way of drawing has to end with, from the rows alone, pixel by pixel on the CPU.

use ringfall::Colormap;

use super::canvas::pixel;
use super::case::{Case, Look, Pool};

/// The picture after `rows` rows have come: newest at the bottom, four bytes a pixel, as the canvas has them.
pub(super) fn picture(case: &Case, pool: &Pool, look: Look, colormap: &Colormap, rows: u64) -> Vec<u8> {
    let mut picture = Vec::with_capacity(case.width as usize * case.height as usize * 4);
    for row in rows - u64::from(case.height)..rows {
        let codes = pool.row(row).codes;
        for x in 0..case.width {
            let code = codes[look.cells(x, case.width)].iter().max();
            let color = match code {
                None => colormap.bad(),
                Some(code) if *code < look.shift => colormap.under(),
                Some(code) => colormap.lut()[usize::from(code - look.shift)],
            };
            picture.extend_from_slice(&pixel(color));
        }
    }
    picture
}

/// How far a picture is from the one that is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Difference {
    /// The largest difference of a channel.
    pub(super) max: u8,
    /// Pixels that are more than 2 steps off, in per cent.
    pub(super) wrong_pct: f64,
}

pub(super) fn difference(got: &[u8], want: &[u8]) -> Difference {
    if got.len() != want.len() || want.is_empty() {
        return Difference { max: u8::MAX, wrong_pct: 100.0 };
    }
    let (mut max, mut wrong) = (0, 0_u64);
    for (got, want) in got.as_chunks::<4>().0.iter().zip(want.as_chunks::<4>().0) {
        let most = got.iter().zip(want).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
        max = max.max(most);
        wrong += u64::from(most > 2);
    }
    Difference { max, wrong_pct: 100.0 * wrong as f64 / (want.len() / 4) as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_found() {
        let want = [10, 20, 30, 255, 1, 2, 3, 255];
        assert_eq!(difference(&want, &want), Difference { max: 0, wrong_pct: 0.0 });
        let mut got = want;
        got[5] = 4;
        assert_eq!(difference(&got, &want), Difference { max: 2, wrong_pct: 0.0 });
        got[0] = 0;
        assert_eq!(difference(&got, &want), Difference { max: 10, wrong_pct: 50.0 });
        assert_eq!(difference(&got[..4], &want).wrong_pct, 100.0);
    }
}
