//! Fast conversion of power to decibels and back.

/// Decibels in a factor of 2: 10 log₁₀ 2.
const DB_PER_OCTAVE: f32 = 3.0103;

/// 10 log₁₀(1 + t) = t · (c₀ + c₁ t + …), for 1 + t from √½ to √2: the minimax polynomial, found with Remez's
/// exchange algorithm. Its error is below 0.000045 dB, and it is exactly 0 at t = 0.
const LOG: [f32; 5] = [4.342_592_7, -2.168_143_7, 1.465_071_3, -1.187_790_3, 0.760_583_3];

/// Bits of √½: mantissas are taken from there to √2.
const SQRT_HALF_BITS: i32 = 0x3f35_04f3;

/// 2²³, which makes any subnormal number normal.
const LIFT: f32 = 8_388_608.0;

/// Number of powers in a block.
const BLOCK: usize = 16;

/// Replaces every power by 10 log₁₀ of itself, in place.
///
/// The error is below 0.0001 dB for all numbers above 0 that an `f32` holds, from −449 dB to 385 dB. 0 gives −∞, ∞ gives
/// ∞, NaN and numbers below 0 give NaN. The result does not depend on a power's place in the slice.
pub(crate) fn to_decibels(row: &mut [f32]) {
    let (blocks, rest) = row.as_chunks_mut::<BLOCK>();
    for block in blocks {
        // No branch, no call, no table within a block, so that the compiler vectorises it. The rare cases, which would
        // cost as much as the logarithm itself, are checked once per block.
        if block.iter().fold(true, |all, &power| all & is_normal(power)) {
            for power in block {
                *power = normal(*power, 0);
            }
        } else {
            block.iter_mut().for_each(|power| *power = any(*power));
        }
    }
    rest.iter_mut().for_each(|power| *power = any(*power));
}

/// 2^f for f from −½ to ½: the Taylor series of exp(f ln 2), with an error below 3 parts in 10⁶.
const EXP: [f32; 6] = [1.0, std::f32::consts::LN_2, 0.240_226_5, 0.055_504_11, 0.009_618_129, 0.001_333_355_8];

/// Octaves in a decibel: log₂ 10 / 10.
const OCTAVES_PER_DB: f32 = 0.332_192_8;

/// The power of a level in decibels, 10^(dB/10).
///
/// The error is below 0.0001 dB from −370 dB to 370 dB. From 15 dB below that range on the result is 0, from 15 dB above it
/// ∞, as for −∞ and ∞ themselves. NaN gives a number; the caller has to leave it out.
#[inline(always)]
pub(crate) fn power(decibels: f32) -> f32 {
    // Clamped to exponents whose bits are those of 0 and of ∞. No branch, so that it vectorises.
    let octaves = (decibels * OCTAVES_PER_DB).clamp(-127.0, 128.0);
    // Adding 1.5 · 2²³ rounds to whole octaves, which are then in the lowest bits.
    let rounder = 12_582_912.0;
    let rounded = octaves + rounder;
    let whole = rounded.to_bits().wrapping_sub(f32::to_bits(rounder)).wrapping_add(127) << 23;
    let f = octaves - (rounded - rounder);
    let [c0, c1, c2, c3, c4, c5] = EXP;
    let part = c0 + f * (c1 + f * (c2 + f * (c3 + f * (c4 + f * c5))));
    f32::from_bits(whole) * part
}

/// Above 0, finite and not subnormal.
#[inline(always)]
fn is_normal(power: f32) -> bool {
    (f32::MIN_POSITIVE..f32::INFINITY).contains(&power)
}

/// 10 log₁₀(`power` · 2^`octaves`) for a normal power.
#[inline(always)]
fn normal(power: f32, octaves: i32) -> f32 {
    // power = 2^exponent · (1 + t). The difference of the bit patterns carries the exponent in its upper bits,
    // however much is borrowed from the mantissa.
    let bits = power.to_bits().cast_signed();
    let exponent = bits.wrapping_sub(SQRT_HALF_BITS) >> 23;
    let t = f32::from_bits(bits.wrapping_sub(exponent << 23).cast_unsigned()) - 1.0;
    let [c0, c1, c2, c3, c4] = LOG;
    let mantissa_db = t * (c0 + t * (c1 + t * (c2 + t * (c3 + t * c4))));
    (exponent + octaves) as f32 * DB_PER_OCTAVE + mantissa_db
}

/// 10 log₁₀ of any number.
fn any(power: f32) -> f32 {
    if is_normal(power) {
        normal(power, 0)
    } else if power == 0.0 {
        f32::NEG_INFINITY
    } else if power > 0.0 && power < f32::INFINITY {
        normal(power * LIFT, -23)
    } else if power == f32::INFINITY {
        f32::INFINITY
    } else {
        f32::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_the_exact_one() {
        for i in -36_900..=36_900 {
            let db = i as f32 * 0.01;
            let exact = 10f64.powf(f64::from(db) / 10.0);
            let error = 10.0 * (f64::from(power(db)) / exact).log10();
            assert!(error.abs() < 0.0001, "{db} dB: off by {error} dB");
        }
        assert_eq!([f32::NEG_INFINITY, f32::MIN, -1e5, -385.0].map(power), [0.0; 4]);
        assert_eq!([385.0, 1e5, f32::MAX].map(power), [f32::INFINITY; 3]);
        assert_eq!(power(f32::INFINITY), f32::INFINITY);
        assert_eq!(power(0.0), 1.0);
    }

    fn one(power: f32) -> f32 {
        let mut row = [power];
        to_decibels(&mut row);
        row[0]
    }

    #[test]
    fn error_is_small_over_every_exponent() {
        let mut worst: f64 = 0.0;
        // Every exponent, including that of subnormal numbers (field 0), with mantissas over the whole range.
        for exponent in 0..255_u32 {
            let mut row: Vec<f32> = (0..0x80_0000_u32)
                .step_by(997)
                .chain([0x7f_ffff])
                .map(|m| f32::from_bits(exponent << 23 | m))
                .collect();
            if exponent == 0 {
                row.remove(0);
                row.extend((0..23).map(|bit| f32::from_bits(1 << bit)));
            }
            let powers = row.clone();
            to_decibels(&mut row);
            for (power, got) in powers.iter().zip(&row) {
                let error = (f64::from(*got) - 10.0 * f64::from(*power).log10()).abs();
                assert!(error < 1e-4, "{power:e}: {got}, off by {error}");
                worst = worst.max(error);
            }
        }
        assert!(worst > 0.0, "nothing was compared");
    }

    #[test]
    fn error_is_smaller_near_full_scale() {
        for i in 0..100_000 {
            let power = 0.71 + i as f32 * 7e-6;
            let error = (f64::from(one(power)) - 10.0 * f64::from(power).log10()).abs();
            assert!(error < 5e-5, "{power}: off by {error}");
        }
        assert_eq!(one(1.0), 0.0);
    }

    #[test]
    fn what_has_no_logarithm() {
        assert_eq!(one(0.0), f32::NEG_INFINITY);
        assert_eq!(one(-0.0), f32::NEG_INFINITY);
        assert_eq!(one(f32::INFINITY), f32::INFINITY);
        for power in [f32::NAN, -f32::NAN, -1.0, -1e-40, f32::NEG_INFINITY] {
            assert!(one(power).is_nan(), "{power}: {}", one(power));
        }
    }

    #[test]
    fn place_and_neighbours_change_nothing() {
        for rare in [0.0, f32::INFINITY, f32::NAN, 1e-40, 1.0] {
            for place in 0..3 * BLOCK {
                let mut row: Vec<f32> = (0..2 * BLOCK + 7).map(|i| 1.1_f32.powi(i as i32 - 40)).collect();
                if let Some(power) = row.get_mut(place) {
                    *power = rare;
                }
                let expected: Vec<u32> = row.iter().map(|&power| one(power).to_bits()).collect();
                to_decibels(&mut row);
                assert!(row.iter().map(|db| db.to_bits()).eq(expected), "{rare} at {place}");
            }
        }
    }

    #[test]
    fn never_falls_where_power_rises() {
        let mut last = f32::NEG_INFINITY;
        for bits in (1..0x7f80_0000_u32).step_by(100_003) {
            let db = one(f32::from_bits(bits));
            assert!(db >= last, "{:e}: {db} after {last}", f32::from_bits(bits));
            last = db;
        }
    }
}
