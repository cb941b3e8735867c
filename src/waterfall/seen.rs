use crate::Reduce;

/// What has been seen of a pixel: `Seen` in `shaders/shade.wgsl`, and what it does there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    value: f32,
    sum: f32,
    count: f32,
}

impl Seen {
    pub(super) const NOTHING: Self = Self { value: 0.0, sum: 0.0, count: 0.0 };

    pub(super) fn see(&mut self, v: f32, reduce: Reduce, octaves: f32) {
        if v.is_nan() {
            return;
        }
        let one = |value| Self { value, sum: 1.0, count: 1.0 };
        *self = match reduce {
            _ if self.count == 0.0 => one(v),
            Reduce::Max => one(self.value.max(v)),
            Reduce::Min => one(self.value.min(v)),
            // The plain mean: the value is their sum so far.
            Reduce::Mean if octaves == 0.0 => Self { value: self.value + v, sum: 1.0, count: self.count + 1.0 },
            Reduce::Mean => {
                let count = self.count + 1.0;
                if v > self.value {
                    let finite = self.value.is_finite() && v.is_finite();
                    let share = if finite { ((self.value - v) * octaves).exp2() } else { 0.0 };
                    Self { value: v, sum: self.sum * share + 1.0, count }
                } else {
                    let share = if v == self.value { 1.0 } else { ((v - self.value) * octaves).exp2() };
                    Self { value: self.value, sum: self.sum + share, count }
                }
            }
        };
    }

    /// In the units of the texels; NaN where nothing was seen.
    pub(super) fn value(&self, reduce: Reduce, octaves: f32) -> f32 {
        if self.count == 0.0 {
            f32::NAN
        } else if reduce == Reduce::Mean && octaves == 0.0 {
            self.value / self.count
        } else if reduce == Reduce::Mean && self.count > 1.0 && self.value.is_finite() {
            self.value + (self.sum / self.count).log2() / octaves
        } else {
            self.value
        }
    }
}
