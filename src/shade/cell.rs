//! Stored values that are compared as integers.

use half::f16;
use half::slice::HalfFloatSliceExt;

/// A stored value, compared as an integer: compilers vectorise integer maxima, and values need to become floats only where
/// they are shown.
pub(crate) trait Cell: bytemuck::Pod {
    /// Rises with the value.
    type Key: bytemuck::Pod + Ord;

    /// Below and above the keys of all values: where a maximum and a minimum start. If nothing was seen, they are NaN.
    const BELOW: Self::Key;
    const ABOVE: Self::Key;

    /// The key; for NaN `nothing`.
    fn key(self, nothing: Self::Key) -> Self::Key;

    /// The values of these keys; for 8-bit texels the codes. The keys are overwritten.
    fn values(keys: &mut [Self::Key], out: &mut [f32]);

    /// The same for the cells themselves.
    fn floats(cells: &[Self], out: &mut [f32]);
}

impl Cell for f16 {
    type Key = i16;
    const BELOW: i16 = i16::MIN;
    const ABOVE: i16 = i16::MAX;

    fn key(self, nothing: i16) -> i16 {
        let key = flip16(self.to_bits() as i16);
        // Beyond the infinities there are only NaNs.
        let infinity = f16::INFINITY.to_bits() as i16;
        if key > infinity || key < !infinity { nothing } else { key }
    }

    fn values(keys: &mut [i16], out: &mut [f32]) {
        keys.iter_mut().for_each(|key| *key = flip16(*key));
        bytemuck::cast_slice::<_, f16>(keys).convert_to_f32_slice(out);
    }

    fn floats(cells: &[f16], out: &mut [f32]) {
        cells.convert_to_f32_slice(out);
    }
}

impl Cell for f32 {
    type Key = i32;
    const BELOW: i32 = i32::MIN;
    const ABOVE: i32 = i32::MAX;

    fn key(self, nothing: i32) -> i32 {
        let key = flip32(self.to_bits() as i32);
        let infinity = f32::INFINITY.to_bits() as i32;
        if key > infinity || key < !infinity { nothing } else { key }
    }

    fn values(keys: &mut [i32], out: &mut [f32]) {
        out.iter_mut().zip(keys).for_each(|(v, key)| *v = f32::from_bits(flip32(*key) as u32));
    }

    fn floats(cells: &[f32], out: &mut [f32]) {
        out.copy_from_slice(cells);
    }
}

impl Cell for u8 {
    type Key = i16;
    const BELOW: i16 = i16::MIN;
    const ABOVE: i16 = i16::MAX;

    fn key(self, _: i16) -> i16 {
        i16::from(self)
    }

    fn values(keys: &mut [i16], out: &mut [f32]) {
        let value = |key: i16| if (0..=255).contains(&key) { f32::from(key) } else { f32::NAN };
        out.iter_mut().zip(keys).for_each(|(v, key)| *v = value(*key));
    }

    fn floats(cells: &[u8], out: &mut [f32]) {
        out.iter_mut().zip(cells).for_each(|(v, code)| *v = f32::from(*code));
    }
}

/// Sign and magnitude to two's complement less one, and back: orders the bits of floats as integers.
fn flip16(bits: i16) -> i16 {
    bits ^ ((bits >> 15) & i16::MAX)
}

fn flip32(bits: i32) -> i32 {
    bits ^ ((bits >> 31) & i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<C: Cell<Key: std::fmt::Debug>>(ascending: &[C], nan: &[C]) {
        let keys = |nothing| ascending.iter().map(move |c| c.key(nothing)).collect::<Vec<_>>();
        assert_eq!(keys(C::BELOW), keys(C::ABOVE));
        assert!(keys(C::BELOW).is_sorted());
        assert!(keys(C::BELOW).iter().all(|key| (C::BELOW..C::ABOVE).contains(key) && *key != C::BELOW));
        for nothing in [C::BELOW, C::ABOVE] {
            assert!(nan.iter().all(|c| c.key(nothing) == nothing));
            let mut out = [0.0];
            C::values(&mut [nothing], &mut out);
            assert!(out[0].is_nan());
        }
        let (mut from_keys, mut floats) = (vec![0.0; ascending.len()], vec![0.0; ascending.len()]);
        C::values(&mut keys(C::BELOW), &mut from_keys);
        C::floats(ascending, &mut floats);
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&from_keys), bits(&floats));
    }

    #[test]
    fn every_half_float_keeps_its_place() {
        let all = (0..=u16::MAX).map(f16::from_bits);
        let nan: Vec<_> = all.clone().filter(|v| v.is_nan()).collect();
        let mut rest: Vec<_> = all.filter(|v| !v.is_nan()).collect();
        rest.sort_by(f16::total_cmp);
        check(&rest, &nan);
    }

    #[test]
    fn floats_and_codes_keep_theirs() {
        let near = [0.0, f32::MIN_POSITIVE / 2.0, 1.0, 1.000_000_1, 96.5, f32::MAX, f32::INFINITY];
        let mut all: Vec<f32> = near.iter().map(|v| -v).chain(near).collect();
        all.sort_by(f32::total_cmp);
        check(&all, &[f32::NAN, -f32::NAN, f32::from_bits(0x7f80_0001), f32::from_bits(0xffff_ffff)]);
        check(&(0..=255_u8).collect::<Vec<_>>(), &[]);
    }
}
