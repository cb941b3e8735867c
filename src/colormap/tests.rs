use super::*;

fn rgb(map: &Colormap, entry: usize) -> [u8; 3] {
    let [r, g, b, a] = map.lut()[entry];
    assert_eq!(a, 255, "{} is opaque", map.name());
    [r, g, b]
}

/// Figures read off Matplotlib 3.11 and cmcrameri 1.10, `round(255 * channel)`, at entries 0, 1, 64, 128, 200 and 255.
#[test]
fn tables_are_the_published_ones() {
    let published: [(&str, [[u8; 3]; 6]); 7] = [
        ("viridis", [[68, 1, 84], [68, 2, 86], [59, 82, 139], [33, 145, 140], [112, 207, 87], [253, 231, 37]]),
        ("magma", [[0, 0, 4], [1, 0, 5], [81, 18, 124], [183, 55, 121], [253, 152, 105], [252, 253, 191]]),
        ("inferno", [[0, 0, 4], [1, 0, 5], [87, 16, 110], [188, 55, 84], [251, 157, 7], [252, 255, 164]]),
        ("plasma", [[13, 8, 135], [16, 7, 136], [126, 3, 168], [204, 71, 120], [251, 161, 57], [240, 249, 33]]),
        ("cividis", [[0, 34, 78], [0, 35, 79], [67, 78, 108], [125, 124, 120], [196, 180, 104], [254, 232, 56]]),
        ("turbo", [[48, 18, 59], [50, 21, 67], [40, 188, 235], [164, 252, 60], [244, 102, 23], [122, 4, 3]]),
        ("batlow", [[1, 25, 89], [2, 27, 89], [34, 96, 97], [130, 130, 49], [249, 163, 128], [250, 204, 250]]),
    ];
    for (name, colors) in published {
        let map = Colormap::named(name).unwrap();
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

#[test]
fn grey_is_every_grey() {
    let map = Colormap::named("grey").unwrap();
    for i in 0..256 {
        assert_eq!(rgb(&map, i).map(usize::from), [i, i, i]);
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
         cividis, turbo, batlow, grey, green, each also with _r for its reverse"
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
    map.rgba_u8(&scale, &[], &mut []).unwrap();
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
