//! Hostile values out of bytes: what a fuzzer, or the seeded generator of `main.rs`, hands to the bodies.

/// Bytes read from the front. Where they end all that follows is 0, so every input is a whole one.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    pub(crate) fn word(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// 0 to `n` − 1.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        u64::from(u16::from_le_bytes([self.byte(), self.byte()])) % n
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// Ordinary numbers, extreme ones, and none at all.
    pub(crate) fn number(&mut self) -> f64 {
        const EXTREMES: [f64; 16] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            1e-300,
            1e300,
            9.3e18,
            -9.3e18,
            2_147_483_648.0,
            1_073_741_823.5,
        ];
        match self.below(4) {
            0 => self.pick(&EXTREMES),
            1 => f64::from_bits(self.word()),
            2 => self.below(2000) as f64 - 1000.0,
            _ => self.below(60_000) as f64 * 10_f64.powi(self.below(20) as i32 - 9),
        }
    }

    pub(crate) fn time(&mut self) -> i64 {
        match self.below(4) {
            0 => self.pick(&[0, 1, -1, i64::MAX, i64::MIN, i64::MAX / 2, i64::MIN / 2, 1_790_000_000_000_000_000]),
            1 => self.word() as i64,
            _ => self.below(5000) as i64 * 1_000_000,
        }
    }

    pub(crate) fn value(&mut self) -> f32 {
        match self.below(8) {
            0 => self.pick(&[
                f32::NAN,
                f32::INFINITY,
                f32::NEG_INFINITY,
                f32::MAX,
                f32::MIN,
                0.0,
                -0.0,
                f32::MIN_POSITIVE,
            ]),
            1 => f32::from_bits(self.word() as u32),
            _ => self.below(200) as f32 - 150.0,
        }
    }

    /// Up to `most` values.
    pub(crate) fn row(&mut self, most: u64) -> Vec<f32> {
        let length = self.below(most + 1);
        (0..length).map(|_| self.value()).collect()
    }
}
