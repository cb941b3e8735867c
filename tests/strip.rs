//! The picture kept in main memory against the one computed anew, and against the one on the GPU, to the bit.

mod common;

use common::{Random, gpu, scene};
use ringfall::{
    Canvas, Capacity, Colormap, Error, Interpolation, Options, Reduce, Scale, Shading, Side, Stamp, Strip, StripChange,
    Texel, View,
};

const SIDES: [Side; 4] = [Side::Top, Side::Bottom, Side::Left, Side::Right];

/// All of the strip's picture, with a margin of three pixels in the target that must stay untouched.
fn copied(strip: &Strip) -> Vec<u32> {
    let (width, height) = strip.size();
    let stride = width as usize + 3;
    let mut out = vec![0xdead_beef; stride * height as usize];
    strip.copy_to(0..width, 0..height, &mut out, stride).expect("it fits");
    assert!(out.chunks(stride).all(|row| row[width as usize..].iter().all(|pixel| *pixel == 0xdead_beef)));
    out.chunks(stride).flat_map(|row| row[..width as usize].to_vec()).collect()
}

/// The picture computed anew.
fn anew(canvas: &Canvas) -> Vec<u32> {
    let (width, height) = canvas.size();
    let mut bytes = vec![0; 4 * width as usize * height as usize];
    canvas.rgba_u8(&mut bytes).expect("the length");
    bytes.as_chunks().0.iter().map(|&[r, g, b, _]| u32::from_be_bytes([0, r, g, b])).collect()
}

/// Changes something at random: rows as a rule, settings now and then. To two owners alike.
fn change(random: &mut Random, stamp: &mut Stamp, bins: u64, mut each: impl FnMut(Change<'_>)) {
    for _ in 0..random.below(9) {
        let len = if random.below(10) == 0 { 1 + random.below(bins) } else { bins };
        each(Change::Row(*stamp, &random.row(len as usize)));
        scene::step(random, stamp);
    }
    match random.below(40) {
        0 => each(Change::Scale(&Scale::linear(random.between(-130.0, -80.0) as f32, -7.0).expect("a range"))),
        1 => each(Change::Colormap(Colormap::NAMES[random.below(Colormap::NAMES.len() as u64) as usize])),
        2 => each(Change::Size(1 + random.below(70) as u32, 1 + random.below(50) as u32)),
        3 => each(Change::Side(SIDES[random.below(4) as usize])),
        4 | 5 => {
            let reduce = [Reduce::Max, Reduce::Min][random.below(2) as usize];
            let view = scene::view(random, *stamp).reduce(reduce).interpolation(Interpolation::Nearest);
            each(Change::View(view));
        }
        6 => each(Change::Clear),
        _ => {}
    }
}

enum Change<'a> {
    Row(Stamp, &'a [f32]),
    Scale(&'a Scale),
    Colormap(&'static str),
    Size(u32, u32),
    Side(Side),
    View(View),
    Clear,
}

impl Change<'_> {
    fn of(&self, canvas: &mut Canvas) {
        match *self {
            Self::Row(stamp, row) => canvas.push(stamp, row).expect("a row"),
            Self::Scale(scale) => canvas.set_scale(*scale),
            Self::Colormap(name) => canvas.set_colormap(&Colormap::named(name).expect("a name")),
            Self::Size(width, height) => canvas.set_size(width, height).expect("a size"),
            Self::Side(side) => canvas.set_newest_side(side),
            Self::View(view) => canvas.set_view(view).expect("a view"),
            Self::Clear => canvas.clear(),
        }
    }
}

fn options(random: &mut Random, round: usize) -> Options {
    Options::default()
        .bins(1 + random.below(300) as u32)
        .capacity(Capacity::Rows(1 + random.below(120) as u32))
        .texel([Texel::F16, Texel::F32, Texel::U8 { zero: -128.0, step: 0.5 }][round % 3])
        .size(1 + random.below(70) as u32, 1 + random.below(50) as u32)
        .newest_side(SIDES[random.below(4) as usize])
}

/// Changes a copy of the picture before into the one now as the strip says it has changed. False if it is new as a whole.
fn follow(kept: &mut Vec<u32>, strip: &Strip, now: &[u32]) -> bool {
    let Some(change) = strip.change() else {
        *kept = now.to_vec();
        return false;
    };
    let (width, height) = strip.size();
    let before = std::mem::replace(kept, vec![1 << 31; now.len()]);
    for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
        let at = |x: u32, y: u32| (y * width + x) as usize;
        let (dx, dy) = change.moved;
        let from = (x.checked_add_signed(-dx), y.checked_add_signed(-dy));
        let is_shaded = change.shaded.iter().any(|(across, down)| across.contains(&x) && down.contains(&y));
        kept[at(x, y)] = match from {
            _ if is_shaded => now[at(x, y)],
            (Some(x), Some(y)) if x < width && y < height => before[at(x, y)],
            _ => 1 << 31,
        };
    }
    true
}

#[test]
fn whatever_happens_it_is_the_picture_computed_anew() {
    let mut random = Random(51);
    let (mut shaded, mut all, mut follows) = (0, 0, 0);
    for round in 0..150 {
        let options = options(&mut random, round);
        let mut canvas = Canvas::new(&options).expect("a canvas");
        let (mut strip, mut stamp) = (Strip::new(), scene::first_stamp());
        let mut kept = Vec::new();
        for step in 0..30 {
            change(&mut random, &mut stamp, options.bins.into(), |change| change.of(&mut canvas));
            shaded += u64::from(strip.prepare(&mut canvas).expect("memory"));
            all += u64::from(canvas.frame().length());
            let now = copied(&strip);
            assert!(now == anew(&canvas), "round {round}, step {step}: {options:?}");
            follows += u32::from(follow(&mut kept, &strip, &now));
            assert!(kept == now, "round {round}, step {step}: {:?} of {options:?}", strip.change());
            assert_eq!(strip.prepare(&mut canvas), Ok(0), "nothing has changed");
            assert_eq!(strip.change(), Some(StripChange::default()), "nothing has changed");
        }
    }
    assert!(follows > 1500, "{follows} pictures were moved");
    // Most steps only add some rows.
    assert!(shaded * 4 < all * 3, "{shaded} of {all} lines were shaded");
}

#[test]
fn it_is_the_picture_on_the_gpu() {
    let gpu = gpu();
    let mut random = Random(52);
    for round in 0..24 {
        let options = options(&mut random, round).shading([Shading::Gpu, Shading::Cpu][round % 2]);
        let mut fall = gpu.waterfall(&options);
        let mut canvas = Canvas::new(&options).expect("a canvas");
        let (mut strip, mut stamp) = (Strip::new(), scene::first_stamp());
        for step in 0..12 {
            change(&mut random, &mut stamp, options.bins.into(), |change| {
                change.of(&mut canvas);
                match change {
                    Change::Row(stamp, row) => fall.push(stamp, row).expect("a row"),
                    Change::Scale(scale) => fall.set_scale(*scale),
                    Change::Colormap(name) => fall.set_colormap(&Colormap::named(name).expect("a name")),
                    Change::Size(width, height) => fall.set_size(&gpu.device, width, height).expect("a size"),
                    Change::Side(side) => fall.set_newest_side(side),
                    Change::View(view) => fall.set_view(view).expect("a view"),
                    Change::Clear => fall.clear(),
                }
            });
            let shaded = strip.prepare(&mut canvas).expect("memory");
            let want = gpu.copy(&mut fall);
            // Colours set to what they are cost it nothing.
            assert!(shaded <= fall.stats().shaded_lines, "round {round}, step {step}: {shaded} lines");
            let want: Vec<u32> = want.rgba.iter().map(|&[r, g, b, _]| u32::from_be_bytes([0, r, g, b])).collect();
            assert!(copied(&strip) == want, "round {round}, step {step}: {options:?}");
        }
    }
}

#[test]
fn parts_of_it_are_parts_of_the_picture() {
    let mut random = Random(53);
    for side in SIDES {
        let mut canvas = Canvas::new(&Options::default().bins(31).size(23, 17).newest_side(side)).expect("a canvas");
        let mut strip = Strip::new();
        for row in 0..40 {
            canvas.push(Stamp::index(row), &random.row(31)).expect("a row");
            strip.prepare(&mut canvas).expect("memory");
            let all = anew(&canvas);
            for _ in 0..20 {
                // Some reach beyond the picture, some have no pixels.
                let x = random.below(24) as u32..random.below(30) as u32;
                let y = random.below(18) as u32..random.below(24) as u32;
                let (across, down) = (x.end.min(23).saturating_sub(x.start), y.end.min(17).saturating_sub(y.start));
                let stride = across as usize + random.below(3) as usize;
                let size = if across == 0 || down == 0 { 0 } else { (down as usize - 1) * stride + across as usize };
                let mut out = vec![1 << 31; size];
                strip.copy_to(x.clone(), y.clone(), &mut out, stride).expect("it fits");
                for (i, pixel) in out.iter().enumerate() {
                    let (dx, dy) = (i % stride, i / stride);
                    let want = all.get((y.start as usize + dy) * 23 + x.start as usize + dx);
                    let want = if dx < across as usize { *want.expect("inside") } else { 1 << 31 };
                    assert_eq!(*pixel, want, "{side:?}, row {row}, {x:?}, {y:?}, {dx}, {dy}");
                }
            }
        }
    }
}

#[test]
fn another_canvas_and_another_strip_are_noticed() {
    let options = Options::default().bins(8).size(8, 6);
    let mut canvases = [Canvas::new(&options).expect("a canvas"), Canvas::new(&options).expect("a canvas")];
    let mut strips = [Strip::new(), Strip::new()];
    let mut random = Random(54);
    for row in 0..60 {
        let stamp = Stamp::index(row);
        for canvas in &mut canvases {
            canvas.push(stamp, &random.row(8)).expect("a row");
        }
        let (strip, canvas) = (random.below(2) as usize, random.below(2) as usize);
        strips[strip].prepare(&mut canvases[canvas]).expect("memory");
        assert!(copied(&strips[strip]) == anew(&canvases[canvas]), "row {row}: strip {strip}, canvas {canvas}");
    }
}

#[test]
fn refusals() {
    let mut strip = Strip::new();
    assert_eq!((strip.size(), strip.copy_to(0..5, 0..5, &mut [], 0)), ((0, 0), Ok(())), "an empty picture");
    let mut canvas = Canvas::new(&Options::default().bins(4).size(4, 3)).expect("a canvas");
    assert_eq!(strip.prepare(&mut canvas), Ok(3));
    let mut out = [7; 14];
    assert_eq!(strip.copy_to(0..4, 0..3, &mut out[..13], 5), Err(Error::OutputLength { expected: 14, got: 13 }));
    assert_eq!(strip.copy_to(0..4, 0..3, &mut out, 3), Err(Error::OutputLength { expected: 12, got: 3 }));
    assert!(matches!(strip.copy_to(0..4, 0..3, &mut out, usize::MAX), Err(Error::OutputLength { .. })));
    assert_eq!(out, [7; 14], "nothing is written");
    assert_eq!(strip.copy_to(0..u32::MAX, 0..u32::MAX, &mut out, 5), Ok(()));
    let (start, end) = (9, 2);
    assert_eq!(strip.copy_to(start..end, 1..1, &mut out, 0), Ok(()));
    assert_eq!(strip.copy_to(u32::MAX..u32::MAX, 0..1, &mut out, 0), Ok(()));
}
