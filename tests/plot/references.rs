//! Whole pictures against committed ones, in `tests/data/plot`. With `RINGFALL_WRITE_PICTURES=1` they are written anew: look at
//! them before you commit them.

use std::path::PathBuf;

use egui::Theme;
use ringfall::plot::ticks::{FrequencyLabels, TimeLabels};
use ringfall::plot::{Annotation, Marker, PictureSize, Plot, Point, Selection};
use ringfall::{Canvas, Colormap, Norm, Scale, Side, Stamp, Unit};

use super::made_up::{Grid, Picture, START_NS, draw};

/// Steps of a channel: processors with other vector instructions may round the edges of letters in another way.
const TOLERANCE: u8 = 2;

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "data", "plot", &format!("{name}.png")].iter().collect()
}

fn write(name: &str, picture: &Picture) {
    let file = std::fs::File::create(path(name)).unwrap();
    let mut encoder = png::Encoder::new(file, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let bytes: Vec<u8> = picture.pixels.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
    encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
}

fn read(name: &str) -> (u32, u32, Vec<u8>) {
    let file = std::fs::File::open(path(name)).unwrap_or_else(|error| panic!("{}: {error}", path(name).display()));
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
    (info.width, info.height, bytes)
}

#[track_caller]
fn compare(name: &str, picture: &Picture) {
    assert!(picture.pixels.iter().all(|pixel| pixel[3] == 255), "{name}: a picture is opaque");
    if std::env::var_os("RINGFALL_WRITE_PICTURES").is_some() {
        write(name, picture);
    }
    let (width, height, want) = read(name);
    assert_eq!((picture.width, picture.height), (width, height), "{name}");
    let got = picture.pixels.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]);
    let different = got.zip(&want).enumerate().filter(|(_, (got, want))| got.abs_diff(**want) > TOLERANCE);
    let places: Vec<usize> = different.map(|(at, _)| at / 3).collect();
    if let Some(first) = places.first() {
        let (x, y) = (first % width as usize, first / width as usize);
        panic!("{name}: {} channels differ, the first at {x}, {y}: {:?}", places.len(), picture.pixels[*first]);
    }
}

/// All that can be in a picture.
fn full(times: TimeLabels) -> Plot {
    let point = |hz, seconds: f64, value| Point { hz, time_ns: START_NS + (seconds * 1e9) as i64, value, rgba: None };
    let mut plot = Plot::default();
    let decorations = &mut plot.decorations;
    decorations.title = "DL0XYZ, JO62: 14 MHz".to_owned();
    decorations.grid = true;
    decorations.spectrum = 60.0;
    decorations.trace = 70.0;
    decorations.times = times;
    plot.a = Some(point(1000.0, 50.0, -95.0));
    plot.b = Some(point(1500.0, 54.0, -5.0));
    plot.markers = vec![Marker { name: "beacon".to_owned(), point: point(3000.0, 45.0, -80.0) }];
    let time = |seconds: i64| START_NS + seconds * 1_000_000_000;
    plot.annotations = vec![
        Annotation { time_ns: time(47)..time(52), hz: Some(1800.0..2600.0), label: "CW".to_owned() },
        Annotation { time_ns: time(40)..time(41), hz: None, label: String::new() },
    ];
    plot.selection = Some(Selection { hz: (2700.0, 3500.0), time_ns: (time(48), time(55)), peak: -84.0, mean: -88.2 });
    plot
}

/// A tone in a slope, with its marks, in all four orientations.
#[test]
fn four_orientations() {
    for (side, name, theme, scale, size) in [
        (Side::Top, "top-dark", Theme::Dark, 1.0, (480, 320)),
        (Side::Bottom, "bottom-light", Theme::Light, 1.0, (480, 320)),
        (Side::Left, "left-dark", Theme::Dark, 1.0, (480, 320)),
        (Side::Right, "right-light-2x", Theme::Light, 2.0, (720, 500)),
    ] {
        let mut canvas = Grid::AUDIO.tone(side, 150);
        let size = PictureSize::Whole(size.0, size.1);
        let (layer, picture) = draw(&mut full(TimeLabels::Utc), &mut canvas, size, scale, theme);
        assert_eq!(PictureSize::Whole(layer.size().0, layer.size().1), size);
        compare(name, &picture);
    }
}

/// The curve of the time trace does not cross the labels of its panel.
#[test]
fn labels_of_the_time_trace_can_be_read() {
    // −100 dB at all times: a straight line from the top to the bottom, where the label "−100" is.
    let mut canvas = Grid::AUDIO.canvas(Side::Top, Unit::Decibel, |_, _| -100.0);
    canvas.set_scale(Scale::linear(-120.0, 0.0).unwrap());
    let mut plot = Plot::default();
    plot.decorations.trace = 150.0;
    let (layer, picture) = draw(&mut plot, &mut canvas, PictureSize::Data(300, 200), 1.0, Theme::Dark);
    let (place, is_curve) = (layer.place(), |[r, g, b, _]: [u8; 4]| r < 160 && g > 150 && b > 200);
    let curve = |y: u32| (place.x + place.width..picture.width).filter(|x| is_curve(picture.at(*x, y))).count();
    let bottom = place.y + place.height;
    assert!((place.y + 40..bottom - 20).all(|y| curve(y) > 0), "the curve is seen beside the picture");
    assert!((bottom - 10..bottom - 3).all(|y| curve(y) == 0), "and ends above the label");
}

#[test]
fn a_plain_plot_at_twice_the_size() {
    let mut canvas = Grid::AUDIO.tone(Side::Top, 150);
    canvas.set_colormap(&Colormap::named("magma").unwrap());
    let mut plot = Plot::default();
    plot.decorations.frequencies = FrequencyLabels::RelativeTo(2000.0);
    plot.decorations.times = TimeLabels::Since(START_NS);
    plot.decorations.unit = Some("dBFS".to_owned());
    let (layer, picture) = draw(&mut plot, &mut canvas, PictureSize::Data(400, 300), 2.0, Theme::Dark);
    assert_eq!((layer.place().width, layer.place().height), (400, 300));
    compare("plain-dark-2x", &picture);
}

#[test]
fn rows_without_units() {
    let grid = Grid { bins: 60, rows: 40, first_hz: 0.0, bin_hz: 1.0, start_ns: 0, row_ns: 1e9 };
    assert_eq!(grid.stamp(7), Stamp::index(7));
    let mut canvas: Canvas = grid.canvas(Side::Bottom, Unit::None, |row, bin| (row * bin) as f32);
    canvas.set_scale(Scale::new(Norm::Power { gamma: 0.5 }, 0.0, 2000.0).unwrap());
    let mut plot = Plot::default();
    plot.decorations.grid = true;
    plot.decorations.times = TimeLabels::RowNumbers;
    plot.decorations.frequencies = FrequencyLabels::ColumnNumbers;
    let (_, picture) = draw(&mut plot, &mut canvas, PictureSize::Data(300, 200), 1.0, Theme::Light);
    compare("array-light", &picture);
}

#[test]
fn without_rows_it_says_so() {
    let mut canvas = Canvas::new(&ringfall::Options::default().bins(4)).unwrap();
    let (_, picture) = draw(&mut Plot::default(), &mut canvas, PictureSize::Whole(240, 120), 1.0, Theme::Dark);
    compare("no-rows", &picture);
}
