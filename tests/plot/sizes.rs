//! Sizes, scales, spans: whatever is asked for, the picture is whole and the data are where they are said to be.

use egui::Theme;
use ringfall::plot::ticks::{FrequencyLabels, TimeLabels};
use ringfall::plot::{Layer, PictureSize, Plot};
use ringfall::raster::{Area, Raster};
use ringfall::{Side, Unit, View};

use super::made_up::{Grid, Picture, draw};

const SCALES: [f32; 6] = [0.5, 1.0, 1.25, 1.5, 2.0, 4.0];

fn small() -> Grid {
    Grid { bins: 32, rows: 20, ..Grid::AUDIO }
}

/// Panels, grid and title on.
fn crowded() -> Plot {
    let mut plot = Plot::default();
    plot.decorations.title = "A title that is much longer than a small picture is wide".to_owned();
    plot.decorations.grid = true;
    plot.decorations.spectrum = 80.0;
    plot.decorations.trace = 80.0;
    plot
}

fn is_inside(layer: &Layer) -> bool {
    let (Area { x, y, width, height }, (all_width, all_height)) = (layer.place(), layer.size());
    width > 0 && height > 0 && x + width <= all_width && y + height <= all_height
}

#[test]
fn every_size_and_scale_has_its_data_within_the_picture() {
    for side in [Side::Top, Side::Right] {
        let mut canvas = small().tone(side, 5);
        for (width, height) in
            [(1, 1), (2, 300), (300, 2), (39, 41), (60, 60), (150, 90), (333, 257), (800, 480), (1920, 1080)]
        {
            for scale in SCALES {
                for mut plot in [Plot::default(), crowded()] {
                    let size = PictureSize::Whole(width, height);
                    let layer = Layer::new(&mut plot, &mut canvas, size, scale, Theme::Dark).unwrap();
                    assert_eq!(layer.size(), (width, height));
                    assert!(is_inside(&layer), "{width}x{height} at {scale}: {layer:?}");
                    assert_eq!(canvas.size(), (layer.place().width, layer.place().height), "{layer:?} at {scale}");
                    Picture::of(&layer, &canvas);
                }
            }
        }
    }
    // A large one, and those that are too large.
    let mut canvas = small().tone(Side::Top, 5);
    for scale in [1.0, 4.0] {
        let size = PictureSize::Whole(8000, 4000);
        let layer = Layer::new(&mut crowded(), &mut canvas, size, scale, Theme::Light).unwrap();
        assert!(is_inside(&layer) && layer.place().width > 7000 - 1000, "{layer:?}");
    }
    let most = Raster::MAX_SIDE;
    for size in [
        PictureSize::Whole(most + 1, 10),
        PictureSize::Whole(10, u32::MAX),
        PictureSize::Data(most, 10),
        PictureSize::Data(u32::MAX, u32::MAX),
        PictureSize::Whole(0, 10),
    ] {
        let made = Layer::new(&mut Plot::default(), &mut canvas, size, 1.0, Theme::Dark);
        if size == PictureSize::Whole(0, 10) {
            // No pixels, and no panic: an error or an empty picture.
            assert!(made.is_err() || made.is_ok_and(|layer| layer.size().0 == 0));
        } else {
            assert!(made.is_err(), "{size:?}");
        }
    }
}

#[test]
fn data_have_the_size_that_was_asked_for() {
    let mut canvas = small().tone(Side::Top, 5);
    for scale in SCALES {
        for width in [1, 2, 39, 40, 41, 60, 100, 333, 1000] {
            for height in [1, 39, 41, 100, 257] {
                for mut plot in [Plot::default(), crowded()] {
                    let size = PictureSize::Data(width, height);
                    let layer = Layer::new(&mut plot, &mut canvas, size, scale, Theme::Dark).unwrap();
                    let place = layer.place();
                    assert_eq!((place.width, place.height), (width, height), "at {scale}: {layer:?}");
                    assert!(is_inside(&layer), "{layer:?}");
                    assert_eq!(canvas.size(), (width, height));
                }
            }
        }
    }
    // Scales that are none.
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-30, 1e30] {
        let size = PictureSize::Data(200, 100);
        let layer = Layer::new(&mut Plot::default(), &mut canvas, size, scale, Theme::Dark).unwrap();
        assert!(is_inside(&layer) && layer.place().width == 200, "{scale}: {layer:?}");
    }
}

/// What the command line relies on: the size of the data is known before there are data, and with it the whole has its size.
#[test]
fn the_size_of_the_data_can_be_told_beforehand() {
    for side in [Side::Top, Side::Left] {
        let mut canvas = small().tone(side, 5);
        for scale in SCALES {
            for whole in [(1, 1), (64, 64), (200, 120), (333, 257), (1280, 720), (1921, 1081)] {
                for title in ["", "A title"] {
                    let plot = || {
                        let mut plot = Plot::default();
                        plot.decorations.label_room = Some((62.0, 34.0));
                        plot.decorations.title = title.to_owned();
                        plot
                    };
                    let told = Layer::data_size(&mut plot(), whole, scale, Theme::Dark).unwrap();
                    let size = PictureSize::Whole(whole.0, whole.1);
                    let layer = Layer::new(&mut plot(), &mut canvas, size, scale, Theme::Dark).unwrap();
                    assert_eq!(told, (layer.place().width, layer.place().height), "{whole:?} at {scale}");
                    // The axes may leave a picture that has no room for them, and then it is not told which whole it was.
                    if (whole.0 as f32) < 300.0 * scale {
                        continue;
                    }
                    let size = PictureSize::Data(told.0, told.1);
                    let again = Layer::new(&mut plot(), &mut canvas, size, scale, Theme::Dark).unwrap();
                    assert_eq!((again.place().width, again.place().height), told, "{whole:?} at {scale}");
                    assert_eq!(again.size(), whole, "{told:?} at {scale}");
                }
            }
        }
    }
}

/// Nothing lies over the data unless it was asked for.
#[test]
fn the_hole_holds_the_data_exactly() {
    for side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        for scale in [1.0, 1.25, 2.0] {
            let mut canvas = Grid::AUDIO.tone(side, 77);
            let mut plot = Plot::default();
            plot.decorations.spectrum = 60.0;
            plot.decorations.trace = 60.0;
            let (layer, picture) = draw(&mut plot, &mut canvas, PictureSize::Whole(500, 400), scale, Theme::Light);
            let Area { x, y, width, height } = layer.place();
            let mut data = vec![0; 4 * width as usize * height as usize];
            canvas.rgba_u8(&mut data).unwrap();
            let hole: Vec<u8> = (y..y + height)
                .flat_map(|y| (x..x + width).flat_map(move |x| [(x, y)]))
                .flat_map(|(x, y)| picture.at(x, y))
                .collect();
            assert!(hole == data, "{side:?} at {scale}");
            // Beside it nothing of the data shows.
            assert!(picture.at(x - 1, y + height / 2) != data[..4]);

            // In bands, as they are written to a file.
            let mut bands = Vec::new();
            for from in (0..400).step_by(33) {
                let to = (from + 33).min(400);
                let mut band = vec![[9; 4]; 500 * (to - from) as usize];
                layer.rows(&mut canvas.painting(), from..to, &mut band);
                bands.extend(band);
            }
            assert!(bands == picture.pixels, "{side:?} at {scale}");
            // Rows that are not there are none.
            layer.rows(&mut canvas.painting(), 390..1000, &mut []);
            layer.rows(&mut canvas.painting(), u32::MAX - 1..u32::MAX, &mut [[0; 4]; 7]);
        }
    }
}

/// From a microsecond to a century on show, from mHz to GHz, and at the limits of stamps: drawn, with ticks.
#[test]
fn every_span_is_drawn() {
    let lines: [f64; 9] = [1.0, 40.0, 1e3, 1e6, 1e9, 6e10, 3.6e12, 8.64e13, 3e15];
    let spans = [(0.0, 0.001), (0.5, 1.0), (1e3, 1e4), (1e9, 1.0), (2.4e9, 1e8), (1e15, 1e12), (-1e6, 2e6)];
    for (i, row_ns) in lines.into_iter().enumerate() {
        for (low, width) in spans {
            let grid = Grid {
                bins: 16,
                rows: 8,
                first_hz: low + width / 32.0,
                bin_hz: width / 16.0,
                start_ns: [0, super::made_up::START_NS, -(1 << 60)][i % 3],
                row_ns,
            };
            let side = [Side::Top, Side::Bottom, Side::Left, Side::Right][i % 4];
            let mut canvas = grid.tone(side, 3);
            for times in [
                TimeLabels::Utc,
                TimeLabels::Local(jiff::tz::TimeZone::fixed(jiff::tz::offset(5))),
                TimeLabels::Since(0),
                TimeLabels::Since(i64::MIN),
                TimeLabels::RowNumbers,
            ] {
                for frequencies in [
                    FrequencyLabels::Absolute,
                    FrequencyLabels::RelativeTo(low + 0.3 * width),
                    FrequencyLabels::RelativeTo(f64::MAX),
                    FrequencyLabels::ColumnNumbers,
                ] {
                    let mut plot = crowded();
                    plot.decorations.times = times.clone();
                    plot.decorations.frequencies = frequencies;
                    let size = PictureSize::Whole(500, 400);
                    let layer = Layer::new(&mut plot, &mut canvas, size, 1.0, Theme::Dark).unwrap();
                    assert!(is_inside(&layer), "{row_ns} ns, {low} Hz: {layer:?}");
                }
            }
        }
    }
    // Values that are none, and ranges at the limits.
    let mut canvas = small().canvas(Side::Top, Unit::Linear, |row, bin| match (row + bin) % 4 {
        0 => f32::NAN,
        1 => f32::INFINITY,
        2 => f32::NEG_INFINITY,
        _ => f32::MAX,
    });
    for (low, high) in [(0.0, f32::MIN_POSITIVE), (-f32::MAX / 4.0, f32::MAX / 4.0), (1e-30, 2e-30)] {
        if let Ok(scale) = ringfall::Scale::linear(low, high) {
            canvas.set_scale(scale);
        }
        let layer = Layer::new(&mut crowded(), &mut canvas, PictureSize::Whole(500, 400), 1.0, Theme::Dark).unwrap();
        Picture::of(&layer, &canvas);
    }
    canvas.set_view(View::default().span_hz((-1e300, 1e300)).line_ns(1e-300)).unwrap();
    Layer::new(&mut crowded(), &mut canvas, PictureSize::Whole(500, 400), 1.0, Theme::Dark).unwrap();
}
