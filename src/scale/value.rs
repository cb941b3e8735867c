//! Numbers that a scale has a place for.

/// A number that a [`Scale`](crate::Scale) gives a place: `f32` as it is, all others rounded to the nearest `f32`. Numbers beyond those of
/// `f32` become infinite, so they are under or over.
pub trait Value: sealed::Value {}

impl<T: sealed::Value> Value for T {}

pub(crate) mod sealed {
    /// The part that only this crate implements.
    pub trait Value: Copy + Sync {
        /// The nearest `f32`.
        fn to_f32(self) -> f32;

        /// These numbers, if they are `f32`.
        fn as_f32(values: &[Self]) -> Option<&[f32]> {
            let _ = values;
            None
        }

        /// These numbers, if they are bytes.
        fn as_u8(values: &[Self]) -> Option<&[u8]> {
            let _ = values;
            None
        }
    }
}

impl sealed::Value for f32 {
    #[inline]
    fn to_f32(self) -> f32 {
        self
    }

    fn as_f32(values: &[Self]) -> Option<&[f32]> {
        Some(values)
    }
}

impl sealed::Value for u8 {
    #[inline]
    fn to_f32(self) -> f32 {
        f32::from(self)
    }

    fn as_u8(values: &[Self]) -> Option<&[u8]> {
        Some(values)
    }
}

impl sealed::Value for half::f16 {
    #[inline]
    fn to_f32(self) -> f32 {
        self.to_f32()
    }
}

macro_rules! rounded {
    ($($number:ty),*) => {$(
        impl sealed::Value for $number {
            #[inline]
            fn to_f32(self) -> f32 {
                self as f32
            }
        }
    )*};
}

rounded!(f64, i8, i16, u16, i32, u32, i64, u64);
