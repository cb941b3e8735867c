//! Round trips by hand and over random views, and which bins pixels show.

use super::*;
use proptest::prelude::*;

const EPOCH: i64 = 1_790_000_000_000_000_000;

fn frame(span_hz: (f64, f64), line_ns: f64, lines_on: f64, size: (u32, u32), newest: Side) -> Frame {
    let edge = Edge::At(EPOCH + (lines_on * line_ns) as i64);
    let view = View { span_hz: Some(span_hz), line_ns: Some(line_ns), edge, ..View::default() };
    Frame::new(&view, size, newest, EPOCH, None)
}

#[test]
fn by_hand() {
    // 1000 Hz on 500 pixels, 2 s a line, the newest line is the one from 20 s to 22 s.
    let top = frame((7000.0, 8000.0), 2e9, 10.5, (500, 300), Side::Top);
    assert_eq!(top.hz_at((250.0, 0.0)), 7500.0);
    assert_eq!(top.time_ns_at((0.0, 0.0)), EPOCH + 22_000_000_000);
    assert_eq!(top.time_ns_at((0.0, 1.0)), EPOCH + 20_000_000_000);
    assert_eq!(top.position(7002.0, EPOCH + 2_000_000_000), (1.0, 10.0));
    let right = frame((7000.0, 8000.0), 2e9, 10.5, (500, 300), Side::Right);
    assert_eq!(right.hz_at((0.0, 0.0)), 8000.0);
    assert_eq!(right.time_ns_at((500.0, 0.0)), EPOCH + 22_000_000_000);
    assert_eq!(right.position(7000.0, EPOCH + 2_000_000_000), (490.0, 300.0));
}

#[test]
fn movements_by_hand() {
    for (side, older, higher) in [
        (Side::Top, (0.0, 1.0), (1.0, 0.0)),
        (Side::Bottom, (0.0, -1.0), (1.0, 0.0)),
        (Side::Left, (1.0, 0.0), (0.0, -1.0)),
        (Side::Right, (-1.0, 0.0), (0.0, -1.0)),
    ] {
        let frame = frame((7000.0, 8000.0), 2e9, 10.5, (500, 300), side);
        assert_eq!((frame.movement(1.0, 0.0), frame.movement(0.0, 1.0)), (older, higher));
        assert_eq!(frame.turned_movement(frame.movement(3.0, -4.0)), (3.0, -4.0));
        // Such a movement leads to older rows and higher frequencies.
        let moved = |by: (f64, f64)| (250.0 + by.0, 150.0 + by.1);
        assert!(frame.time_ns_at(moved(older)) < frame.time_ns_at(moved((0.0, 0.0))));
        assert!(frame.hz_at(moved(higher)) > frame.hz_at(moved((0.0, 0.0))));
    }
}

fn any() -> impl Strategy<Value = (Frame, (f64, f64))> {
    let newest = prop_oneof![Just(Side::Top), Just(Side::Bottom), Just(Side::Left), Just(Side::Right)];
    let span = (0.0..1e10f64, -1.0..7.0f64).prop_map(|(low, w)| (low, low + 10f64.powf(w)));
    // Ten microseconds to a day a line; up to a year of data. Below that, whole nanoseconds begin to show.
    let time = (4.0..13.9f64, 0.0..1.0f64).prop_map(|(w, part)| (10f64.powf(w), part));
    (span, time, 1u32..5000, 1u32..5000, newest, 0.0..1.0f64, 0.0..1.0f64).prop_map(
        |(span, (line_ns, part), width, height, newest, x, y)| {
            let lines = (part * 3.15e16 / line_ns).floor().min(1e9) + 0.5;
            let at = (x * f64::from(width), y * f64::from(height));
            (frame(span, line_ns, lines, (width, height), newest), at)
        },
    )
}

proptest! {
    #[test]
    fn round_trips_are_exact_to_half_a_pixel((p, at) in any()) {
        let back = p.position(p.hz_at(at), p.time_ns_at(at));
        prop_assert!((back.0 - at.0).abs() < 0.5 && (back.1 - at.1).abs() < 0.5, "{at:?} {back:?}");
    }

    #[test]
    fn zooming_keeps_what_is_under_the_cursor((p, at) in any(), time in 0.2..5.0f64, hz in 0.2..5.0f64) {
        let view = p.zoomed(Zoom::at(at).time(time).hz(hz));
        let q = Frame::new(&view, p.size, p.newest, EPOCH, None);
        let back = q.position(p.hz_at(at), p.time_ns_at(at));
        // Pictures are on whole lines: half a line of rounding, and stamps on whole nanoseconds.
        let off = (back.0 - at.0, back.1 - at.1);
        prop_assert!(off.0.abs() <= 0.55 && off.1.abs() <= 0.55, "{at:?} {back:?}");
        prop_assert!((q.line_ns / p.line_ns - time).abs() < 1e-9);
    }

    #[test]
    fn panning_pulls_the_picture_along((p, at) in any(), dx in -300i32..300, dy in -300i32..300) {
        let view = p.panned((f64::from(dx), f64::from(dy)));
        let q = Frame::new(&view, p.size, p.newest, EPOCH, None);
        let now = q.position(p.hz_at(at), p.time_ns_at(at));
        let off = (now.0 - at.0 - f64::from(dx), now.1 - at.1 - f64::from(dy));
        prop_assert!(off.0.abs() < 0.5 && off.1.abs() < 0.5, "{off:?}");
    }
}

#[test]
fn bounds() {
    let newest = Stamp { time_ns: EPOCH + 99_000_000_000, duration_ns: 1e9, first_hz: 100.0, bin_hz: 2.0 };
    let p = frame((100.0, 200.0), 1e9, 50.5, (200, 100), Side::Top);
    let far = p.zoomed(Zoom::at((100.0, 50.0)).time(1e9).hz(1e9));
    let far = p.bounded(far, &newest, 50, EPOCH);
    // All 50 bins, about the middle that it had.
    assert_eq!(far.span_hz, Some((100.0, 200.0)));
    assert_eq!(far.line_ns, Some(2e9));
    let near = p.bounded(p.zoomed(Zoom::at((100.0, 50.0)).time(1e-9).hz(1e-9)), &newest, 50, EPOCH);
    assert_eq!(near.line_ns, Some(1e7));
    let (low, high) = near.span_hz.expect("a span");
    assert!((high - low - 2.0).abs() < 1e-9);
    // Pulled beyond the newest row, it follows.
    assert_eq!(p.bounded(p.panned((0.0, 1000.0)), &newest, 50, EPOCH).edge, Edge::Follow);
    assert_eq!(p.bounded(p.panned((0.0, -1000.0)), &newest, 50, EPOCH).edge, Edge::At(EPOCH));
}

/// The bins of a row that pixels show: the first of each, and how many.
fn shown(frame: &Frame, layout: &Layout) -> Vec<(u32, Option<u32>)> {
    let mut covers = Vec::new();
    frame.covers(layout, 0..frame.across(), &mut covers);
    covers.iter().map(|cover| (cover.first, cover.count())).collect()
}

#[test]
fn bins_by_hand() {
    let layout = Layout { first_hz: 100.0, bin_hz: 10.0, bins: 6 };
    let shown = |low, high, pixels| shown(&frame((low, high), 1e9, 0.5, (pixels, 10), Side::Top), &layout);
    // All of it: centres at 100 to 150 Hz.
    assert_eq!(shown(95.0, 155.0, 3), [(0, Some(2)), (2, Some(2)), (4, Some(2))]);
    assert_eq!(shown(95.0, 155.0, 6), [0, 1, 2, 3, 4, 5].map(|bin| (bin, Some(1))));
    assert_eq!(shown(95.0, 155.0, 12), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5].map(|bin| (bin, Some(1))));
    // 15 Hz a pixel: 95 to 110 holds the centre at 100; the one at 110, on the edge, is the next pixel's.
    assert_eq!(shown(95.0, 155.0, 4), [(0, Some(1)), (1, Some(2)), (3, Some(1)), (4, Some(2))]);
    // Outside the row there is nothing; its outer bins reach half a bin beyond their centres.
    assert_eq!(shown(85.0, 105.0, 4), [(0, Some(0)), (0, Some(0)), (0, Some(1)), (0, Some(1))]);
    assert_eq!(shown(145.0, 165.0, 4), [(5, Some(1)), (5, Some(1)), (0, Some(0)), (0, Some(0))]);
}

#[test]
fn between_bins_by_hand() {
    let layout = Layout { first_hz: 100.0, bin_hz: 8.0, bins: 3 };
    let view = View { span_hz: Some((96.0, 120.0)), interpolation: Interpolation::Linear, ..View::default() };
    let frame = Frame::new(&view, (6, 1), Side::Top, 0, None);
    let mut covers = Vec::new();
    frame.covers(&layout, 0..6, &mut covers);
    // 4 Hz a pixel: centres at 98, 102, … and the bins' at 100, 108, 116. Before the first and after the last: those.
    let expected = [(0, 0.0), (0, 0.25), (0, 0.75), (1, 0.25), (1, 0.75), (2, 0.0)];
    for (cover, (first, part)) in covers.iter().zip(expected) {
        assert_eq!(cover.first, first);
        assert_eq!(if cover.count().is_some() { 0.0 } else { cover.part() }, part);
    }
}

fn any_axis() -> impl Strategy<Value = Axis> {
    prop_oneof![Just(Axis::Linear), Just(Axis::Log), Just(Axis::Mel)]
}

proptest! {
    /// At every zoom every bin is drawn within half a pixel of where the axis says its centre is.
    #[test]
    fn a_bin_is_where_the_axis_says(
        axis in any_axis(), low in 1.0..1e5f64, octaves in 0.01..12.0f64, pixels in 1u32..900,
        first in 0.0..2e5f64, bin in -2.0..4.0f64, bins in 1u32..3000,
    ) {
        let span_hz = (low, low * octaves.exp2());
        let layout = Layout { first_hz: first, bin_hz: 10f64.powf(bin), bins };
        let view = View { span_hz: Some(span_hz), axis, ..View::default() };
        let frame = Frame::new(&view, (pixels, 1), Side::Top, 0, None);
        let mut covers = Vec::new();
        frame.covers(&layout, 0..pixels, &mut covers);
        let centre = |bin: u32| frame.position(first + f64::from(bin) * layout.bin_hz, 0).0;
        let edge = |bin: f64| frame.position(first + bin * layout.bin_hz, 0).0;
        // How far edges of pixels are moved, in pixels.
        let slack = |bin: f64| (edge(bin + 1e-4) - edge(bin)).abs().max(1e-6) + 1e-6;
        let mut last = None;
        for (x, cover) in covers.iter().enumerate() {
            let x = x as f64;
            let count = cover.count().expect("no interpolation");
            prop_assert!(cover.first + count <= bins);
            for bin in cover.first..cover.first + count {
                // Either its centre lies in the pixel, or the pixel's centre in the bin.
                let inside = (x - slack(f64::from(bin))..=x + 1.0 + slack(f64::from(bin))).contains(&centre(bin));
                let within = edge(f64::from(bin) - 0.5) - slack(f64::from(bin)) <= x + 0.5
                    && x + 0.5 <= edge(f64::from(bin) + 0.5) + slack(f64::from(bin));
                prop_assert!(inside || count == 1 && within, "bin {bin} at {} is drawn on {x}", centre(bin));
            }
            if let (Some(last), true) = (last, count > 0) {
                // In order, and none left out.
                prop_assert!(cover.first == last || cover.first + 1 == last, "{x}: {} after {last}", cover.first);
            }
            if count > 0 {
                last = Some(cover.first + count);
            }
        }
        // Every bin whose centre is visible is shown.
        for bin in 0..bins.min(500) {
            let at = centre(bin);
            if at > 1e-3 && at < f64::from(pixels) - 1e-3 {
                prop_assert!(covers.iter().any(|c| c.range().contains(&bin)), "bin {bin} at {at} is not shown");
            }
        }
    }

    /// From just under to just over a bin per pixel nothing jumps.
    #[test]
    fn one_bin_a_pixel_is_no_threshold(offset in 0.0..1.0f64, ratio in 0.9..1.1f64) {
        let layout = Layout { first_hz: 0.0, bin_hz: 1.0, bins: 4000 };
        let at = |ratio: f64| {
            let span_hz = (100.0 + offset, 100.0 + offset + 200.0 * ratio);
            let view = View { span_hz: Some(span_hz), ..View::default() };
            let frame = Frame::new(&view, (200, 1), Side::Top, 0, None);
            shown(&frame, &layout).iter().map(|(first, count)| (*first as f64, count.unwrap_or(0))).collect::<Vec<_>>()
        };
        for (x, ((a, _), (b, count))) in at(ratio).into_iter().zip(at(ratio + 1e-4)).enumerate() {
            prop_assert!((a - b).abs() <= 1.0, "pixel {x}: bins {a} and {b} ({count})");
        }
    }
}

#[test]
fn wide_spans_of_narrow_bins() {
    // 24 GHz of 0.1 Hz bins on 777 pixels: 2²² of them lie in one pixel, which has to be where their frequencies are.
    let layout = Layout { first_hz: 12e9, bin_hz: 0.1, bins: 1 << 22 };
    let frame = frame((0.0, 24e9), 1e9, 0.5, (777, 1), Side::Top);
    let at = shown(&frame, &layout).iter().position(|(_, count)| count.is_some_and(|count| count > 0));
    // 12 GHz + 0.2 MHz of 24 GHz on 777 pixels: 388.5 and a hundredth.
    assert_eq!(at, Some(388));
}

#[test]
fn lines_at_the_limits_of_numbers() {
    let far = Stamp { time_ns: Stamp::MOST_NS, duration_ns: 1.0, first_hz: 0.0, bin_hz: 1.0 };
    let farther = Stamp { time_ns: -Stamp::MOST_NS, ..far };
    for line_ns in [1e-300, 1.0, 1e9, 1e300] {
        for edge in [Edge::Follow, Edge::At(i64::MIN), Edge::At(i64::MAX), Edge::At(0)] {
            for epoch in [-Stamp::MOST_NS, 0, Stamp::MOST_NS] {
                let view = View { line_ns: Some(line_ns), edge, ..View::default() };
                let frame = Frame::new(&view, (10, 16_384), Side::Top, epoch, Some((&far, 10)));
                let lines = frame.lines();
                assert_eq!(lines.end - lines.start, 16_384);
                assert!(frame.line_of(&farther) <= frame.line_of(&far));
                let _ = (frame.view(), frame.panned((1e300, -1e300)), frame.zoomed(Zoom::at((1.0, 1e9)).time(1e-300)));
                let _ = (frame.time_of(f64::MAX), frame.position(1e300, i64::MIN), frame.hz_at((f64::MAX, f64::NAN)));
            }
        }
    }
    // Two rows on different lines stay on different lines however far they are from the epoch.
    let view = View { line_ns: Some(1e9), ..View::default() };
    let frame = Frame::new(&view, (10, 10), Side::Top, -Stamp::MOST_NS, Some((&far, 10)));
    let before = Stamp { time_ns: far.time_ns - 2_000_000_000, ..far };
    assert_eq!(frame.line_of(&far) - frame.line_of(&before), 2);
}

#[test]
fn axes_by_hand() {
    let frame = |axis, span| {
        let view = View { span_hz: Some(span), axis, ..View::default() };
        Frame::new(&view, (300, 10), Side::Top, 0, None)
    };
    let log = frame(Axis::Log, (10.0, 10_000.0));
    for (x, hz) in [(0.0, 10.0), (100.0, 100.0), (200.0, 1000.0), (300.0, 10_000.0)] {
        assert!((log.hz_at((x, 0.0)) / hz - 1.0).abs() < 1e-12);
        assert!((log.position(hz, 0).0 - x).abs() < 1e-9);
    }
    // 1000 Hz is 999.9855 mel, 0 Hz is 0.
    let mel = frame(Axis::Mel, (0.0, 1000.0));
    let share = 2595.0 * (1.0f64 + 500.0 / 700.0).log10() / (2595.0 * (1.0f64 + 1000.0 / 700.0).log10());
    assert!((mel.position(500.0, 0).0 - 300.0 * share).abs() < 1e-9);
    assert!((mel.hz_at((300.0, 0.0)) - 1000.0).abs() < 1e-9);
    // A row from 0 Hz on, on a logarithmic axis: from half a bin on.
    let row = Stamp { time_ns: 0, duration_ns: 1e9, first_hz: 0.0, bin_hz: 10.0 };
    let view = View { axis: Axis::Log, ..View::default() };
    let frame = Frame::new(&view, (300, 10), Side::Top, 0, Some((&row, 101)));
    assert_eq!(frame.span_hz(), (5.0, 1005.0));
    assert!(View { span_hz: Some((0.0, 10.0)), ..view }.check().is_err());
}

/// No row can have these stamps, but a caller may have made one. The view stays as it is.
#[test]
fn a_stamp_that_no_row_can_have_bounds_nothing() {
    let frame = frame((7000.0, 8000.0), 2e9, 10.5, (500, 300), Side::Top);
    let good = Stamp { time_ns: EPOCH, duration_ns: 2e9, first_hz: 7000.0, bin_hz: 1.0 };
    let view = frame.view();
    for bad in [
        Stamp { bin_hz: f64::NAN, ..good },
        Stamp { bin_hz: -1.0, ..good },
        Stamp { first_hz: f64::INFINITY, ..good },
        Stamp { duration_ns: f64::NAN, ..good },
        Stamp { duration_ns: -1.0, ..good },
    ] {
        assert_eq!(frame.bounded(view, &bad, 1000, EPOCH), view, "{bad:?}");
    }
    for axis in [Axis::Linear, Axis::Log, Axis::Mel] {
        let frame = Frame { axis, ..frame };
        for (first_hz, bin_hz, bins) in
            [(f64::MAX, f64::MAX, 9), (-f64::MAX, f64::MAX, 9), (-1e9, 1.0, 3), (0.0, f64::MIN_POSITIVE, usize::MAX)]
        {
            let far = Stamp { first_hz, bin_hz, ..good };
            far.check().expect("a stamp that a row can have");
            let _ = frame.bounded(view, &far, bins, i64::MIN);
        }
    }
}
