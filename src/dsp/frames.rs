//! Cuts a stream that arrives in pieces into overlapping frames.

/// Cuts a stream of values into frames of `len` values, a new one every `hop` values.
///
/// A frame is passed on in two parts, either of which may be empty: the values kept from earlier pieces, and those in the
/// caller's own slice. So only the last `len − 1` values of a piece are copied.
pub(super) struct Frames {
    len: usize,
    hop: usize,
    /// The values since the next frame began: fewer than `len`.
    kept: Vec<f32>,
    /// Values to skip before the next frame begins; only a hop longer than a frame needs it.
    skip: usize,
    /// Number of the next frame.
    next: u64,
}

impl Frames {
    pub(super) fn new(len: usize, hop: usize) -> Self {
        Self { len, hop, kept: Vec::with_capacity(len), skip: 0, next: 0 }
    }

    /// The next value is the first of a new frame, which is number 0.
    pub(super) fn reset(&mut self) {
        self.kept.clear();
        self.skip = 0;
        self.next = 0;
    }

    /// Takes the next piece and calls `frame(number, head, tail)` for every frame that it completes.
    pub(super) fn feed(&mut self, piece: &[f32], mut frame: impl FnMut(u64, &[f32], &[f32])) {
        let skipped = self.skip.min(piece.len());
        self.skip -= skipped;
        let piece = &piece[skipped..];
        let kept = self.kept.len();

        // Positions count from the start of the kept values and continue in the piece.
        let end = kept + piece.len();
        let mut start = 0;
        while start + self.len <= end {
            let (head, tail) = if start < kept {
                (&self.kept[start..], &piece[..start + self.len - kept])
            } else {
                (&piece[start - kept..][..self.len], &[][..])
            };
            frame(self.next, head, tail);
            self.next += 1;
            start += self.hop;
        }

        if start < kept {
            self.kept.drain(..start);
            self.kept.extend_from_slice(piece);
        } else {
            self.kept.clear();
            // Above 0 only if no value is left over, and then `skip` has been used up.
            self.skip += start.saturating_sub(end);
            self.kept.extend_from_slice(&piece[piece.len().min(start - kept)..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All frames of 0.0, 1.0, … by index arithmetic alone.
    fn expected(values: usize, len: usize, hop: usize) -> Vec<(u64, Vec<f32>)> {
        (0..)
            .map(|number| (number, number as usize * hop))
            .take_while(|&(_, start)| start + len <= values)
            .map(|(number, start)| (number, (start..start + len).map(|i| i as f32).collect()))
            .collect()
    }

    #[test]
    fn any_piece_length_gives_the_same_frames() {
        let values: Vec<f32> = (0..200).map(|i| i as f32).collect();
        for len in [1, 2, 5, 16] {
            for hop in [1, 2, 3, 5, 7, 16, 17, 40] {
                for piece in [1, 2, 3, 7, 16, 39, 41, 100, 200] {
                    let mut frames = Frames::new(len, hop);
                    for round in 0..2 {
                        let mut got = Vec::new();
                        for piece in values.chunks(piece) {
                            frames.feed(piece, |number, head, tail| got.push((number, [head, tail].concat())));
                            assert!(frames.kept.len() < len && frames.kept.capacity() <= len.max(4));
                        }
                        assert_eq!(got, expected(200, len, hop), "len {len}, hop {hop}, piece {piece}, round {round}");
                        frames.reset();
                    }
                }
            }
        }
    }

    #[test]
    fn pieces_of_no_length_change_nothing() {
        let mut frames = Frames::new(2, 3);
        let mut got = Vec::new();
        for piece in [&[][..], &[1.0], &[], &[2.0], &[], &[3.0, 4.0], &[], &[5.0]] {
            frames.feed(piece, |_, head, tail| got.push([head, tail].concat()));
        }
        assert_eq!(got, [[1.0, 2.0], [4.0, 5.0]]);
    }
}
