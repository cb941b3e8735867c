//! The colormaps against what their makers publish.

use super::*;
use crate::scale::Norm;

fn rgb(map: &Colormap, entry: usize) -> [u8; 3] {
    let [r, g, b, a] = map.lut()[entry];
    assert_eq!(a, 255, "{} is opaque", map.name());
    [r, g, b]
}

/// FNV-1a, 64 bits; `scripts/colormaps.py` has the same.
fn checksum(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |total, byte| (total ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// What Matplotlib 3.11.2 and cmcrameri 1.10 give as `colormap(numpy.arange(256), bytes=True)[:, :3]`: the checksum of all of
/// it, and entries 0, 1, 64, 128, 200 and 255.
#[test]
fn every_byte_is_matplotlibs() {
    let published: [(&str, u64, [[u8; 3]; 6]); 7] = [
        (
            "viridis",
            0x90c6_ad65_c23a_4182,
            [[68, 1, 84], [68, 2, 85], [58, 82, 139], [32, 144, 140], [112, 206, 86], [253, 231, 36]],
        ),
        (
            "magma",
            0x31dd_e46d_7e81_9339,
            [[0, 0, 3], [0, 0, 4], [80, 18, 123], [182, 54, 121], [253, 151, 104], [251, 252, 191]],
        ),
        (
            "inferno",
            0x6141_c43a_1976_21e9,
            [[0, 0, 3], [0, 0, 4], [87, 15, 109], [187, 55, 84], [251, 157, 6], [252, 254, 164]],
        ),
        (
            "plasma",
            0xf6c4_3510_9a1e_c502,
            [[12, 7, 134], [16, 7, 135], [126, 3, 167], [203, 71, 119], [250, 160, 57], [239, 248, 33]],
        ),
        (
            "cividis",
            0x4ba4_0aeb_8cf0_b6c5,
            [[0, 34, 77], [0, 35, 79], [67, 78, 107], [124, 123, 120], [196, 180, 104], [253, 231, 55]],
        ),
        (
            "turbo",
            0x4ee0_5738_aea3_685a,
            [[48, 18, 59], [49, 21, 66], [40, 187, 235], [164, 252, 59], [244, 101, 22], [122, 4, 2]],
        ),
        (
            "batlow",
            0xbd6e_32e5_2971_1473,
            [[1, 25, 89], [2, 26, 89], [33, 95, 96], [130, 130, 49], [248, 162, 127], [250, 204, 250]],
        ),
    ];
    for (name, sum, colors) in published {
        let map = Colormap::named(name).unwrap();
        assert_eq!(checksum((0..256).flat_map(|entry| rgb(&map, entry))), sum, "{name}");
        for (entry, expected) in [0, 1, 64, 128, 200, 255].into_iter().zip(colors) {
            assert_eq!(rgb(&map, entry), expected, "{name}, entry {entry}");
        }
    }
}

#[test]
fn green_is_the_seeds() {
    let map = Colormap::named("green").unwrap();
    for i in 0..256 {
        assert_eq!(rgb(&map, i).map(usize::from), [i / 4, i, i / 2]);
    }
    assert_eq!(rgb(&map, 255), [63, 255, 127]);
}

/// So that 8-bit data come out as they are.
#[test]
fn grey_is_the_byte_itself() {
    let map = Colormap::named("grey").unwrap();
    for i in 0..256 {
        assert_eq!(rgb(&map, i).map(usize::from), [i; 3]);
    }
    assert_eq!(Colormap::named("gray").unwrap(), map);
    assert_eq!(Colormap::named("gray_r").unwrap(), map.reversed());
}

#[test]
fn every_name_is_there_both_ways_up() {
    for name in Colormap::NAMES {
        let map = Colormap::named(name).unwrap();
        assert_eq!(map.name(), *name);
        assert_eq!((map.under(), map.over(), map.bad()), (map.lut()[0], map.lut()[255], [48, 48, 48, 255]));
        let back = Colormap::named(&format!("{name}_r")).unwrap();
        assert_eq!(back.name(), format!("{name}_r"));
        assert!(map.lut().iter().eq(back.lut().iter().rev()));
        assert_eq!((back.under(), back.over(), back.bad()), (map.over(), map.under(), map.bad()));
        assert_eq!(back.reversed(), map);
    }
}

#[test]
fn no_entry_of_a_map_of_colours_looks_like_a_gap() {
    for name in Colormap::NAMES.iter().filter(|name| **name != "grey") {
        let map = Colormap::named(name).unwrap();
        assert!(map.lut().iter().all(|color| *color != map.bad()), "{name}");
    }
}

#[test]
fn an_unknown_name_gets_the_list() {
    let message = |name| Colormap::named(name).unwrap_err().to_string();
    assert_eq!(
        message("virdis"),
        "no colormap is called \"virdis\" (did you mean \"viridis\"?); the names are viridis, magma, inferno, plasma, \
         cividis, turbo, batlow, grey, green, each also with _r appended for the reversed map"
    );
    assert!(message("Viridis").contains("did you mean \"viridis\"?"));
    assert!(message("gren").contains("did you mean \"green\"?"));
    assert!(!message("jet").contains("did you mean"));
    for bad in ["", "_r", "viridis_r_r", " viridis", "grün"] {
        assert!(message(bad).contains("batlow, grey, green"), "{bad:?}");
    }
}

#[test]
fn letters_between_words() {
    for (a, b, expected) in
        [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("grey", "green", 2)]
    {
        assert_eq!(distance(a, b), expected, "{a} {b}");
    }
}

#[test]
fn two_colours_make_a_ramp() {
    let map = Colormap::from_colors("ramp", &[[0, 255, 10], [255, 0, 10]]).unwrap();
    assert_eq!(map.name(), "ramp");
    for i in 0..=255u8 {
        assert_eq!(rgb(&map, usize::from(i)), [i, 255 - i, 10]);
    }
}

#[test]
fn between_colours_it_rounds_to_nearest() {
    // Steps of 255 / 2 = 127.5 entries. Entry 1 is 1/127.5 along 0 → 100: 0.784, so 1. Entry 127 is 0.99608 along:
    // 99.6, so 100. Entry 128 is 0.00392 along 100 → 50: 99.8, so 100; entry 130 is 0.01961 along: 99.02, so 99.
    let map = Colormap::from_colors("three", &[[0; 3], [100; 3], [50; 3]]).unwrap();
    for (entry, expected) in [(0, 0), (1, 1), (127, 100), (128, 100), (130, 99), (255, 50)] {
        assert_eq!(rgb(&map, entry), [expected; 3], "entry {entry}");
    }
}

#[test]
fn every_length_keeps_its_colours() {
    for count in 2..=256usize {
        let colors: Vec<[u8; 3]> = (0..count).map(|i| [(i * 7 % 256) as u8, (i * 31 % 256) as u8, i as u8]).collect();
        let map = Colormap::from_colors("any", &colors).unwrap();
        for entry in 0..256 {
            let at = entry as f64 * (count - 1) as f64 / 255.0;
            let (a, b) = (colors[at.floor() as usize], colors[at.ceil() as usize]);
            for c in 0..3 {
                let exact = f64::from(a[c]) + at.fract() * (f64::from(b[c]) - f64::from(a[c]));
                let off = (f64::from(rgb(&map, entry)[c]) - exact).abs();
                assert!(off <= 0.5 + 1e-9, "{count} colours, entry {entry}: {off}");
            }
        }
        assert_eq!((rgb(&map, 0), rgb(&map, 255)), (colors[0], colors[count - 1]));
    }
}

#[test]
fn a_full_table_is_taken_as_it_is() {
    let colors: Vec<[u8; 3]> = (0..=255u8).map(|i| [i.wrapping_mul(181), i ^ 0x5a, 255 - i]).collect();
    let map = Colormap::from_colors("full", &colors).unwrap();
    assert!(colors.iter().enumerate().all(|(i, color)| rgb(&map, i) == *color));
}

#[test]
fn too_few_and_too_many_colours() {
    for count in [0, 1, 257, 1000] {
        let error = Colormap::from_colors("mine", &vec![[0; 3]; count]).unwrap_err();
        assert_eq!(error, ColormapError::ColorCount { name: "mine".into(), got: count });
        assert_eq!(error.to_string(), format!("the palette \"mine\" must have 2 to 256 colours, got {count}"));
    }
}

#[test]
fn array_to_picture() {
    let map =
        Colormap::named("green").unwrap().with_under([1, 2, 3, 4]).with_over([5, 6, 7, 8]).with_bad([9, 10, 11, 12]);
    let scale = Scale::linear(0.0, 256.0).unwrap();
    let values = [-1.0, 100.5, 256.0, 257.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
    let mut out = [0; 28];
    map.rgba_u8(&scale, &values, &mut out).unwrap();
    #[rustfmt::skip]
    assert_eq!(out, [
        1, 2, 3, 4,  25, 100, 50, 255,  63, 255, 127, 255,  5, 6, 7, 8,  9, 10, 11, 12,  5, 6, 7, 8,  1, 2, 3, 4,
    ]);
    map.rgba_u8::<f32>(&scale, &[], &mut []).unwrap();
}

/// As many values as are spread over threads, of each type, have the colours that single ones have, and the same as numbers.
#[test]
fn many_values_of_any_type() {
    fn check<T: Value>(scale: &Scale, values: &[T], number: impl Fn(&T) -> f32) {
        let map = Colormap::named("turbo").unwrap().with_under([1, 2, 3, 4]).with_over([5, 6, 7, 8]);
        let (mut bytes, mut floats) = (vec![0; 4 * values.len()], vec![0.0; 4 * values.len()]);
        map.rgba_u8(scale, values, &mut bytes).unwrap();
        map.rgba_f32(scale, values, &mut floats).unwrap();
        for ((value, byte), float) in values.iter().zip(bytes.as_chunks().0).zip(floats.as_chunks().0) {
            let want: [u8; 4] = map.color(scale.lut_index(number(value)));
            assert_eq!((*byte, *float), (want, want.map(|byte| f32::from(byte) / 255.0)), "{}", number(value));
        }
    }
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let count = 700_001;
    let linear = Scale::linear(-120.0, 10.0).unwrap();
    let log = Scale::new(Norm::Log, 0.5, 200.0).unwrap();
    let root = Scale::new(Norm::Power { gamma: 0.5 }, 0.0, 255.0).unwrap();
    let some: Vec<f32> = (0..count)
        .map(|i| match i % 5 {
            // Whole numbers, any bits, and a gap now and then.
            0 => (random() % 300) as f32 - 150.0,
            1 => f32::from_bits(random() << 1 | (i as u32 & 1)),
            2 if i % 1000 == 2 => f32::NAN,
            _ => (random() % 1_000_000) as f32 / 3000.0 - 150.0,
        })
        .collect();
    for scale in [&linear, &log, &root] {
        check(scale, &some, |v| *v);
        check(scale, &some[..1000], |v| *v);
    }
    let wide: Vec<f64> = some.iter().map(|v| f64::from(*v) * (1.0 + 1e-9)).chain([1e300, -1e300, f64::NAN]).collect();
    check(&linear, &wide, |v| *v as f32);
    let bytes: Vec<u8> = (0..count).map(|_| random() as u8).collect();
    check(&log, &bytes, |v| f32::from(*v));
    check(&root, &bytes[..100], |v| f32::from(*v));
    let words: Vec<i16> = (0..count).map(|_| random() as i16).collect();
    check(&linear, &words, |v| f32::from(*v));
}

#[test]
fn output_of_the_wrong_length() {
    let map = Colormap::named("grey").unwrap();
    let scale = Scale::linear(0.0, 1.0).unwrap();
    for got in [0, 7, 9, 12] {
        let mut out = vec![77; got];
        let error = map.rgba_u8(&scale, &[0.5, 0.5], &mut out).unwrap_err();
        assert_eq!(error, ColormapError::OutputLength { values: 2, got });
        assert!(out.iter().all(|byte| *byte == 77), "nothing is written");
    }
    let message = map.rgba_u8(&scale, &[0.5, 0.5], &mut [0; 7]).unwrap_err().to_string();
    assert_eq!(message, "out must have 4 elements for each of the 2 values, 8 in all, got 7");
}
