//! Pictures with axes.

use super::place::{Place, Png, tone, wav_i16};

#[test]
fn a_picture_with_axes_has_the_size_that_was_asked_for() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 16_000)));
    // Small ones have no room for axes, and have the size all the same.
    for (size, scale) in [("640x360", "1"), ("640x360", "2"), ("333x257", "1.5"), ("64x64", "0.5"), ("1x1", "4")] {
        for title in [&[][..], &["--title", "A title", "--grid", "--theme", "light"]] {
            let args = ["render", "tone.wav", "-o", "axes.png", "--force", "--axes", "--size", size, "--scale", scale];
            place.well(&[&args[..], title].concat());
            let png = Png::read(&place.path("axes.png"));
            assert_eq!(format!("{}x{}", png.width, png.height), size, "at {scale}, {title:?}");
        }
    }
}

#[test]
fn flags_of_axes_need_axes() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 16_000)));
    let render = ["render", "tone.wav", "-o", "axes.png"];
    for flag in [&["--title", "x"][..], &["--grid"], &["--scale", "2"], &["--theme", "dark"]] {
        place.fails(&[&render[..], flag].concat(), &[], 2, &[flag[0], "no effect without --axes"]);
    }
    for scale in ["0", "0.49", "4.1", "NaN", "inf", "big"] {
        let args = [&render[..], &["--axes", "--scale", scale]].concat();
        place.fails(&args, &[], 2, &["--scale", "a factor from 0.5 to 4"]);
    }
    assert_eq!(place.names(), ["tone.wav"]);
}
