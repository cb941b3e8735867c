//! What is read off the axes of a picture, from its pixels alone.

use egui::Theme;
use ringfall::plot::ticks::TimeLabels;
use ringfall::plot::{PictureSize, Plot};
use ringfall::raster::Area;
use ringfall::{Side, View};

use super::made_up::{Grid, Picture, START_NS, draw};

/// The colour of ticks in a dark plot.
const LINE: [u8; 4] = [90, 90, 90, 255];

/// Pixels of the major ticks along the horizontal axis, from the left edge of the data. Minor ticks are shorter.
fn ticks_across(picture: &Picture, place: Area, scale: u32) -> Vec<u32> {
    let y = place.y - 4 * scale + scale / 2;
    (0..place.width).filter(|x| picture.at(place.x + x, y) == LINE).collect()
}

/// Pixels of the major ticks along the vertical axis, from the upper edge of the data.
fn ticks_down(picture: &Picture, place: Area, scale: u32) -> Vec<u32> {
    let x = place.x - 4 * scale + scale / 2;
    (0..place.height).filter(|y| picture.at(x, place.y + y) == LINE).collect()
}

/// Columns, or lines, whose pixel is far brighter than its surroundings.
fn lit(picture: &Picture, points: impl Iterator<Item = (u32, u32)>) -> Vec<u32> {
    let sum = |(x, y)| picture.at(x, y)[..3].iter().map(|c| u32::from(*c)).sum::<u32>();
    (0..).zip(points).filter(|(_, point)| sum(*point) > 400).map(|(i, _)| i).collect()
}

/// A step of 1, 2 or 5 times a power of ten of which exactly these pixels are the multiples, if pixel `i` covers `low + i · each`
/// to `low + (i + 1) · each`.
fn step_of(ticks: &[u32], low: f64, each: f64, pixels: u32) -> Option<f64> {
    let high = low + each * f64::from(pixels);
    let steps = (-9..=9).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
    steps.into_iter().find(|step| {
        // Those within half a pixel of the edges may be missing.
        let multiples = ((low / step).ceil() as i64)..=((high / step).floor() as i64);
        if multiples.end() - multiples.start() > 200 {
            return false;
        }
        let at: Vec<f64> = multiples.map(|n| (n as f64 * step - low) / each).collect();
        let inner = at.iter().filter(|at| (0.5..f64::from(pixels) - 0.5).contains(*at)).count();
        let is_one = |tick: &u32| at.iter().any(|at| (f64::from(*tick) + 0.5 - at).abs() <= 0.5 + 1e-4);
        (inner..=at.len()).contains(&ticks.len()) && ticks.iter().all(is_one)
    })
}

/// 4000 Hz on 800 pixels, 5 Hz each: a label every 200 Hz, which is 40 pixels. The tone of bin 123 is at 1235 Hz.
#[test]
fn a_tone_is_read_off_the_axis_to_half_a_pixel() {
    let tone_hz = 5.0 + 10.0 * 123.0;
    for side in [Side::Top, Side::Bottom] {
        let mut canvas = Grid::AUDIO.tone(side, 123);
        let (layer, picture) = draw(&mut Plot::default(), &mut canvas, PictureSize::Data(800, 300), 1.0, Theme::Dark);
        let place = layer.place();
        let ticks = ticks_across(&picture, place, 1);
        assert_eq!(ticks, (0..20).map(|i| 40 * i).collect::<Vec<_>>(), "{side:?}");
        let bright = lit(&picture, (0..800).map(|x| (place.x + x, place.y + 150)));
        assert_eq!(bright.len(), 2, "10 Hz are two pixels: {bright:?}");
        let middle = f64::from(bright[0] + bright[1] + 1) / 2.0;
        // From the ticks on either side of it, which are lines in the middles of pixels.
        let read_hz = 1200.0 + 200.0 * (middle - (f64::from(ticks[6]) + 0.5)) / 40.0;
        assert!((read_hz - tone_hz).abs() <= 2.5, "{side:?}: {read_hz} Hz for {tone_hz} Hz");
    }
    // Sideways, and with two pixels a point: 800 pixels up.
    for side in [Side::Left, Side::Right] {
        let mut canvas = Grid::AUDIO.tone(side, 123);
        let (layer, picture) = draw(&mut Plot::default(), &mut canvas, PictureSize::Data(600, 800), 2.0, Theme::Dark);
        let place = layer.place();
        let bright = lit(&picture, (0..800).map(|y| (place.x + 300, place.y + y)));
        assert_eq!(bright.len(), 2, "{bright:?}");
        let up = |down: u32| 800.0 - f64::from(down);
        let middle = up(bright[1]);
        // Ticks are two pixels wide about their place: 1000 Hz is 200 pixels up.
        let ticks = ticks_down(&picture, place, 2);
        let pairs: Vec<f64> = ticks.windows(2).filter(|pair| pair[1] == pair[0] + 1).map(|pair| up(pair[1])).collect();
        assert!(pairs.contains(&200.0) && pairs.len() >= 5, "{side:?}: {pairs:?}");
        assert!(pairs.iter().all(|at| at % 100.0 == 0.0), "{side:?}: {pairs:?}");
        let tick = 200.0;
        let read_hz = 1000.0 + 5.0 * (middle - tick);
        assert!((read_hz - tone_hz).abs() <= 2.5, "{side:?}: {read_hz} Hz for {tone_hz} Hz");
    }
}

/// Whatever is on show, the ticks are at all multiples of a round step and nowhere else.
#[test]
fn ticks_are_at_round_frequencies() {
    for (low, width) in [
        (0.0, 3_000.0),
        (137.0, 4_321.0),
        (-96_000.0, 192_000.0),
        (14.0e6, 350e3),
        (10.489e9, 2.0e6),
        (0.012, 0.000_9),
        (-0.5, 1e9),
        (433.912_345e6, 120.0),
    ] {
        let bins = 1000;
        let bin_hz = width / f64::from(bins);
        let grid = Grid { bins, first_hz: low + 0.5 * bin_hz, bin_hz, ..Grid::AUDIO };
        for pixels in [300, 777, 1600] {
            let mut canvas = grid.tone(Side::Top, 500);
            let size = PictureSize::Data(pixels, 100);
            let (layer, picture) = draw(&mut Plot::default(), &mut canvas, size, 1.0, Theme::Dark);
            let ticks = ticks_across(&picture, layer.place(), 1);
            let step = step_of(&ticks, low, width / f64::from(pixels), pixels);
            assert!(ticks.len() >= 2 && step.is_some(), "{low} Hz and {width} Hz on, {pixels} pixels: {ticks:?}");
            assert!(ticks.len() as u32 <= pixels / 20, "labels have room: {ticks:?}");
        }
    }
}

/// Rows of 100 ms from 14:13:20 UTC on, one for a line: the newest line of 600 is 14:14:20. By hand: 10 s are 100 lines.
#[test]
fn ticks_are_at_round_times() {
    for (side, want) in [(Side::Top, [0, 100, 200, 300, 400, 500]), (Side::Bottom, [0, 100, 200, 300, 400, 500])] {
        let mut canvas = Grid::AUDIO.tone(side, 10);
        let (layer, picture) = draw(&mut Plot::default(), &mut canvas, PictureSize::Data(300, 600), 1.0, Theme::Dark);
        let ticks = ticks_down(&picture, layer.place(), 1);
        // A multiple of 10 s at each hundredth line, and more where there is room: at 5 s.
        let tens: Vec<u32> = ticks.iter().copied().filter(|y| y % 100 == 0).collect();
        assert_eq!(tens, want, "{side:?}: {ticks:?}");
        assert!(ticks.iter().all(|y| y % 50 == 0 || y % 20 == 0), "{side:?}: {ticks:?}");
    }
    // Since the start, with lines of 7 ms: labels at multiples of 1, 2 or 5 times a power of ten of seconds.
    let mut canvas = Grid::AUDIO.tone(Side::Right, 10);
    canvas.set_view(View::default().line_ns(7e6)).unwrap();
    let mut plot = Plot::default();
    plot.decorations.times = TimeLabels::Since(START_NS);
    let (layer, picture) = draw(&mut plot, &mut canvas, PictureSize::Data(900, 100), 1.0, Theme::Dark);
    let ticks = ticks_across(&picture, layer.place(), 1);
    // The newest row is in the line of its middle, 59.95 s, of which the last of 900 columns is the one.
    let last = (59.95f64 / 0.007).floor() + 1.0;
    let step = step_of(&ticks, (last - 900.0) * 0.007, 0.007, 900);
    assert!(ticks.len() >= 3 && step.is_some(), "{ticks:?}");
}

/// The colour bar: −120 to 0 dB from the bottom to the top, the brightest at the top.
#[test]
fn the_colour_bar_has_its_ends_where_the_range_has_them() {
    let mut canvas = Grid::AUDIO.tone(Side::Top, 123);
    let (layer, picture) = draw(&mut Plot::default(), &mut canvas, PictureSize::Data(300, 240), 1.0, Theme::Dark);
    let place = layer.place();
    let lut = *canvas.colormap().lut();
    // In the middle of the bar.
    let x = place.x + place.width + 8 + 6;
    assert_eq!(picture.at(x, place.y), lut[255]);
    assert_eq!(picture.at(x, place.y + 239), lut[0]);
    // Half way up is −60 dB: entry 127 or 128.
    let middle = picture.at(x, place.y + 120);
    assert!(lut[126..=129].contains(&middle), "{middle:?}");
    // Its ticks: at multiples of a round step up from −120.
    let at = place.x + place.width + 8 + 12 + 3;
    let ticks: Vec<u32> = (0..240).rev().filter(|y| picture.at(at, place.y + y) == LINE).map(|y| 239 - y).collect();
    assert!(ticks.len() >= 4, "{ticks:?}");
    let apart: Vec<u32> = ticks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // 20 dB are 40 pixels, 10 dB are 20, and so on.
    assert!(apart.iter().all(|d| [10, 20, 40, 100].iter().any(|step| d.abs_diff(*step) <= 1)), "{ticks:?}");
}
