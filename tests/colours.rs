//! Cells that are colours: on the GPU and on the CPU to the bit, against means in `f64`; in levels; refusals.

mod common;

use std::cell::Cell;

use common::reference::Reference;
use common::{Gpu, Picture, Random, gpu, scene};
use ringfall::{
    Canvas, Capacity, Colormap, Entry, Error, History, HistoryError, Interpolation, Loader, Options, Precision,
    Pyramid, Reduce, Rows, RowsError, Scale, Shading, Side, Stamp, Store, Texel, View, Waterfall,
};

const RGBA: Texel = Texel::Rgba8 { background: [0, 0, 0] };

fn random_row(random: &mut Random, bins: u64) -> Vec<[u8; 4]> {
    // Half of them at the ends of the range.
    let mut channel = || match random.below(4) {
        0 => 0,
        1 => 255,
        _ => random.below(256) as u8,
    };
    (0..bins).map(|_| [channel(), channel(), channel(), 255]).collect()
}

fn picture(canvas: &Canvas) -> Picture {
    let (width, height) = canvas.size();
    let mut bytes = vec![0; (width * height * 4) as usize];
    canvas.rgba_u8(&mut bytes).expect("the length");
    Picture { width, height, rgba: bytes.as_chunks().0.to_vec() }
}

/// The picture of each channel in `f64`, put together.
fn reference(mut parts: Reference, rows: &[(Stamp, Vec<[u8; 4]>)]) -> Picture {
    let bad = parts.colormap.bad();
    let channels = [0, 1, 2].map(|channel| {
        parts.rows = rows
            .iter()
            .map(|(stamp, row)| (*stamp, row.iter().map(|cell| f32::from(cell[channel])).collect()))
            .collect();
        parts.picture_of(|seen| {
            let value = match parts.view.reduce {
                _ if seen.is_empty() => return [0; 4],
                Reduce::Max => seen.iter().copied().fold(0.0, f64::max),
                Reduce::Min => seen.iter().copied().fold(255.0, f64::min),
                _ => seen.iter().sum::<f64>() / seen.len() as f64,
            };
            [(value + 0.5).floor() as u8, 0, 0, 255]
        })
    });
    let [r, g, b] = &channels;
    let mix = |i: usize| match r.rgba[i][3] {
        0 => bad,
        _ => [r.rgba[i][0], g.rgba[i][0], b.rgba[i][0], 255],
    };
    Picture { rgba: (0..r.rgba.len()).map(mix).collect(), ..*r }
}

#[test]
fn random_views_are_the_reference_on_gpu_and_cpu() {
    let gpu = gpu();
    let mut random = Random(8);
    for round in 0..60 {
        let bins = 1 + random.below(300);
        let options = Options::default()
            .bins(bins as u32)
            .capacity(Capacity::Rows(1 + random.below(200) as u32))
            .texel(RGBA)
            .width(1 + random.below(70) as u32)
            .height(1 + random.below(50) as u32)
            .newest_side([Side::Top, Side::Bottom, Side::Left, Side::Right][round % 4])
            .keep_rows(true);
        let (mut shader, mut twin) =
            (gpu.waterfall(&options.shading(Shading::Gpu)), gpu.waterfall(&options.shading(Shading::Cpu)));
        let colormap = Colormap::default().with_bad([1, 2, 3, 255]);
        shader.set_colormap(&colormap);
        twin.set_colormap(&colormap);
        let mut stamp = scene::first_stamp();
        let mut rows = Vec::new();
        for _ in 0..3 {
            for _ in 0..random.below(120) {
                let len = if random.below(10) == 0 { 1 + random.below(bins) } else { bins };
                let row = random_row(&mut random, len);
                shader.push_rgba(stamp, &row).expect("a row");
                twin.push_rgba(stamp, &row).expect("a row");
                rows.push((stamp, row));
                scene::step(&mut random, &mut stamp);
            }
            let view = scene::view(&mut random, stamp);
            shader.set_view(view).expect("a view");
            twin.set_view(view).expect("a view");
            let (shaded, painted) = (gpu.copy(&mut shader), gpu.copy(&mut twin));
            let what = format!("round {round}: {options:?}, {view:?}");
            shaded.assert_near(&painted, 0, &what);
            let canvas = twin.canvas().expect("rows are kept");
            picture(canvas).assert_near(&painted, 0, &what);
            let parts = Reference {
                rows: Vec::new(),
                texel: Texel::F32,
                view,
                scale: Scale::default(),
                colormap: colormap.clone(),
                newest: options.newest_side,
                width: options.width,
                height: options.height,
                capacity: twin.stats().capacity as usize,
            };
            // Colours between two bins are rounded before they are reduced.
            let step = u8::from(view.interpolation == Interpolation::Linear);
            painted.assert_near(&reference(parts, &rows), step, &what);
            for _ in 0..20 {
                let (x, y) = (random.below(options.width.into()) as u32, random.below(options.height.into()) as u32);
                let reading = canvas.value_at(x, y).expect("within the picture");
                assert!(reading.value.is_nan());
                assert_eq!(reading.rgba.unwrap_or(colormap.bad()), painted.at(x, y), "{what}, {x}, {y}");
            }
        }
    }
}

/// One pixel that shows more cells than a step of the shader may read, and sums beyond 32 bits.
#[test]
fn many_cells_in_one_pixel() {
    let gpu = gpu();
    for (bins, rows) in [(3_u32, 70_000_u32), (100_000, 3), (1 << 20, 20)] {
        let mut random = Random(u64::from(bins));
        let stamp = |i: u32| Stamp::index(i.into());
        let line = f64::from(rows) * 1e9;
        for reduce in [Reduce::Mean, Reduce::Max, Reduce::Min] {
            let options = Options::default().bins(bins).capacity(Capacity::Rows(rows)).texel(RGBA).size(1, 1);
            let mut falls = [Shading::Gpu, Shading::Cpu].map(|shading| gpu.waterfall(&options.shading(shading)));
            let (mut sums, mut least, mut most) = ([0_u64; 3], [255_u8; 3], [0_u8; 3]);
            for i in 0..rows {
                // Bright, so that sums are large.
                let row: Vec<[u8; 4]> = (0..bins).map(|_| [255, 250 + random.below(6) as u8, 1, 255]).collect();
                for c in 0..3 {
                    sums[c] += row.iter().map(|cell| u64::from(cell[c])).sum::<u64>();
                    least[c] = row.iter().fold(least[c], |least, cell| least.min(cell[c]));
                    most[c] = row.iter().fold(most[c], |most, cell| most.max(cell[c]));
                }
                falls.iter_mut().for_each(|fall| fall.push_rgba(stamp(i), &row).expect("a row"));
            }
            let cells = f64::from(bins) * f64::from(rows);
            let [r, g, b] = match reduce {
                Reduce::Max => most,
                Reduce::Min => least,
                _ => sums.map(|sum| (sum as f64 / cells + 0.5).floor() as u8),
            };
            for fall in &mut falls {
                fall.set_view(View::default().line_ns(Some(line)).reduce(reduce)).expect("a view");
                let what = format!("{bins} bins, {rows} rows, {reduce:?}, {:?}", fall.shading());
                assert_eq!(gpu.copy(fall).rgba, [[r, g, b, 255]], "{what}");
            }
        }
    }
}

/// Rows with any weights.
struct Weighted(Vec<(u32, Vec<[u8; 4]>)>);

impl Rows for Weighted {
    fn epoch_ns(&self) -> i64 {
        0
    }
    fn levels(&self) -> u32 {
        1
    }
    fn rows_per_row(&self, _: u32) -> u64 {
        1
    }
    fn range(&self, _: u32) -> std::ops::Range<u64> {
        0..self.0.len() as u64
    }
    fn settled(&self, _: u32) -> u64 {
        self.0.len() as u64
    }
    fn entry(&self, _: u32, row: u64) -> Option<Entry> {
        let (weight, cells) = self.0.get(row as usize)?;
        // `Entry` has no constructor: one is taken from a history and changed.
        let mut one = History::new(1 << 20, Precision::F32);
        one.push(Stamp::index(row), &vec![0.0; cells.len()]).expect("a row");
        let entry = one.entry(0, 0)?;
        Some({
            let mut entry = entry;
            entry.weight = *weight;
            entry
        })
    }
    fn read(&self, _: u32, _: u64, _: Reduce, _: &mut Vec<f32>) -> Result<(), RowsError> {
        Err(RowsError::NoRow { level: 0, row: 0 })
    }
    fn is_rgba(&self) -> bool {
        true
    }
    fn read_rgba(&self, _: u32, row: u64, _: Reduce, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        out.clone_from(&self.0[row as usize].1);
        Ok(())
    }
}

#[test]
fn weights_count_in_means_to_the_bit() {
    let gpu = gpu();
    let mut random = Random(4);
    for round in 0..20 {
        let (bins, count) = (1 + random.below(9), 2 + random.below(30));
        let most = [2, 1 << 10, 1 << 24, u64::from(u32::MAX)][round % 4];
        let rows: Vec<_> = (0..count).map(|_| (1 + random.below(most) as u32, random_row(&mut random, bins))).collect();
        let options = Options::default().bins(bins as u32).capacity(Capacity::Rows(64)).texel(RGBA).size(2, 3);
        let lines = 3.0;
        let view = View::default().line_ns(Some((count as f64 / lines).ceil() * 1e9)).reduce(Reduce::Mean);
        let made = [Shading::Gpu, Shading::Cpu].map(|shading| {
            let mut fall = gpu.waterfall(&options.shading(shading));
            Loader::new(view).expect("a view").update(&mut fall, &Weighted(rows.clone())).expect("loaded");
            (gpu.copy(&mut fall), fall.frame())
        });
        made[0].0.assert_near(&made[1].0, 0, &format!("round {round}"));
        let each = (count as f64 / lines).ceil() as usize;
        let frame = made[1].1;
        for (x, y) in (0..2).flat_map(|x| (0..3).map(move |y| (x, y))) {
            let line = frame.lines().end - 1 - i64::from(y);
            let own = |b: usize| (b * 2 + 1) as f64 / bins as f64;
            let shown = |b: &usize| {
                // Bins whose centre is on the pixel; where there is none, the one in the pixel's middle.
                let on = own(*b) >= f64::from(x) - 1e-9 && own(*b) < f64::from(x) + 1.0 - 1e-9;
                on || bins == 1
            };
            let chosen: Vec<usize> = (0..bins as usize).filter(shown).collect();
            let chosen = &chosen;
            let start = line.max(0) as usize * each;
            let cells = rows.iter().skip(start).take(if line < 0 { 0 } else { each }).flat_map(|(weight, row)| {
                chosen.iter().map(move |b| (u128::from(((*weight as f32).min(4_294_967_040.0)) as u32), row[*b]))
            });
            let cells: Vec<_> = cells.collect();
            let weight: u128 = cells.iter().map(|(weight, _)| weight).sum();
            let want = if weight == 0 {
                Colormap::default().bad()
            } else {
                let mean = |c: usize| {
                    let sum: u128 = cells.iter().map(|(weight, cell)| weight * u128::from(cell[c])).sum();
                    ((2 * sum + weight) / (2 * weight)) as u8
                };
                [mean(0), mean(1), mean(2), 255]
            };
            assert_eq!(made[1].0.at(x, y), want, "round {round}, {x}, {y}, {bins} bins, {count} rows");
        }
    }
}

#[test]
fn alpha_is_applied_over_the_background() {
    let options = Options::default().bins(4).size(4, 1).texel(Texel::Rgba8 { background: [200, 100, 0] });
    let mut canvas = Canvas::new(&options).expect("a canvas");
    canvas.push_rgba(Stamp::index(0), &[[10, 20, 30, 255], [10, 20, 30, 0], [100, 0, 255, 128], [0, 0, 0, 1]]).unwrap();
    let by_hand = |own: f64, behind: f64, alpha: f64| ((own * alpha + behind * (255.0 - alpha)) / 255.0).round() as u8;
    let want = [
        [10, 20, 30, 255],
        [200, 100, 0, 255],
        [by_hand(100.0, 200.0, 128.0), by_hand(0.0, 100.0, 128.0), by_hand(255.0, 0.0, 128.0), 255],
        [by_hand(0.0, 200.0, 1.0), by_hand(0.0, 100.0, 1.0), 0, 255],
    ];
    assert_eq!(picture(&canvas).rgba, want);
}

/// A store of colours in memory.
struct Stack(Vec<Vec<[u8; 4]>>, Cell<u64>);

impl Store for Stack {
    fn epoch_ns(&self) -> i64 {
        0
    }
    fn range(&self) -> std::ops::Range<u64> {
        0..self.0.len() as u64
    }
    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        self.0.get(row as usize).map(|cells| (Stamp::index(row), cells.len() as u32))
    }
    fn read(&self, row: u64, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        Err(RowsError::NoRow { level: 0, row })
    }
    fn is_rgba(&self) -> bool {
        true
    }
    fn read_rgba(&self, row: u64, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        self.1.set(self.1.get() + 1);
        out.clone_from(self.0.get(row as usize).ok_or(RowsError::NoRow { level: 0, row })?);
        Ok(())
    }
}

fn levels_are_reduced_by_channel(rows: &dyn Rows, cells: &[Vec<[u8; 4]>]) {
    assert!(rows.is_rgba());
    let mut out = Vec::new();
    for level in 1..rows.levels() {
        let mut first = 0;
        for block in rows.range(level) {
            let weight = rows.entry(level, block).unwrap().weight as usize;
            let own = &cells[first..first + weight];
            first += weight;
            for reduce in [Reduce::Max, Reduce::Mean, Reduce::Min] {
                rows.read_rgba(level, block, reduce, &mut out).unwrap();
                assert_eq!(out.len(), own[0].len());
                for (bin, got) in out.iter().enumerate() {
                    let want: [u8; 4] = std::array::from_fn(|c| {
                        let channel = own.iter().map(|row| row[bin][c]);
                        match reduce {
                            Reduce::Max => channel.max().unwrap(),
                            Reduce::Min => channel.min().unwrap(),
                            _ => (channel.map(f64::from).sum::<f64>() / weight as f64 + 0.5).floor() as u8,
                        }
                    });
                    assert_eq!(*got, want, "level {level}, block {block}, {reduce:?}");
                }
            }
        }
        assert_eq!(first, cells.len(), "level {level}");
    }
    assert_eq!(
        rows.read(0, 0, Reduce::Max, &mut Vec::new()),
        Err(RowsError::Cells { got: "colours", expected: "values" })
    );
}

#[test]
fn levels_of_a_pyramid_and_of_a_history() {
    let mut random = Random(12);
    let cells: Vec<_> = (0..333).map(|_| random_row(&mut random, 7)).collect();
    let mut pyramid = Pyramid::new(Stack(cells.clone(), Cell::new(0)), Precision::F16);
    assert!(pyramid.build(u64::MAX).unwrap());
    levels_are_reduced_by_channel(&pyramid, &cells);
    let budget = History::bytes_for(333, 7, Precision::Rgba8);
    let mut history = History::new(budget, Precision::Rgba8);
    for (i, row) in (0..).zip(&cells) {
        history.push_rgba(Stamp::index(i), row).unwrap();
        assert!(history.bytes() <= budget);
    }
    assert_eq!(history.evicted(), 0);
    levels_are_reduced_by_channel(&history, &cells);
    let mut out = Vec::new();
    for (i, row) in (0..).zip(&cells) {
        history.read_rgba(0, i, Reduce::Max, &mut out).unwrap();
        assert_eq!(&out, row);
    }
    assert_eq!(history.entry(0, 5).unwrap().bins, 7);
}

#[test]
fn a_mean_counts_transparent_cells_less() {
    let mut history = History::new(1 << 20, Precision::Rgba8);
    let rows = [[200, 0, 0, 255], [0, 200, 0, 0], [0, 100, 0, 51], [200, 0, 0, 255]];
    (0..).zip(rows).for_each(|(i, cell)| history.push_rgba(Stamp::index(i), &[cell]).unwrap());
    let mut out = Vec::new();
    history.read_rgba(1, 0, Reduce::Mean, &mut out).unwrap();
    // Weights 1, 0, 1/5 and 1: red 400 / 2.2, green 20 / 2.2, alpha 2.2 / 4. Kept in 8 bits, premultiplied.
    let [r, g, b, alpha] = out[0];
    assert!(r.abs_diff(182) <= 1 && g.abs_diff(9) <= 1 && b == 0 && alpha.abs_diff(140) <= 1, "{out:?}");
}

/// Any zoom through a loader stays within a step of the exact mean: levels are rounded once, and their mean once more.
#[test]
fn a_loader_shows_levels_of_colours() {
    let gpu = gpu();
    let mut random = Random(77);
    let cells: Vec<_> = (0..2000).map(|_| random_row(&mut random, 16)).collect();
    let mut pyramid = Pyramid::new(Stack(cells.clone(), Cell::new(0)), Precision::F32);
    assert!(pyramid.build(u64::MAX).unwrap());
    for rows_a_line in [1_usize, 7, 64, 500] {
        let options = Options::default().bins(16).capacity(Capacity::Rows(300)).texel(RGBA).size(16, 4);
        let view = View::default().line_ns(Some(rows_a_line as f64 * 1e9)).reduce(Reduce::Mean);
        let [shaded, painted] = [Shading::Gpu, Shading::Cpu].map(|shading| {
            let mut fall = gpu.waterfall(&options.shading(shading));
            Loader::new(view).unwrap().update(&mut fall, &pyramid).unwrap();
            gpu.copy(&mut fall)
        });
        shaded.assert_near(&painted, 0, &format!("{rows_a_line} rows a line"));
        let mut want = Picture { rgba: Vec::new(), ..shaded };
        let last = 1999 / rows_a_line;
        for y in 0..4 {
            let start = (last - y) * rows_a_line;
            let own = &cells[start..cells.len().min(start + rows_a_line)];
            want.rgba.extend((0..16).map(|x| -> [u8; 4] {
                std::array::from_fn(|c| {
                    let sum: f64 = own.iter().map(|row| f64::from(row[x][c])).sum();
                    (sum / own.len() as f64 + 0.5).floor() as u8
                })
            }));
        }
        // Blocks do not end where lines do: a line shows blocks whose middles it holds. Where they do, the mean is exact.
        if rows_a_line == 1 || rows_a_line == 7 || rows_a_line == 64 {
            painted.assert_near(&want, if rows_a_line == 64 { 1 } else { 0 }, &format!("{rows_a_line} rows a line"));
        }
    }
}

fn refusals(fall: &mut Waterfall) {
    let wrong = Error::Cells { got: "values", expected: "colours" };
    assert_eq!(fall.push(Stamp::index(0), &[0.0]), Err(wrong.clone()));
    assert_eq!(fall.push_rgba(Stamp::index(0), &[]), Err(Error::RowLength { got: 0, max: 4 }));
    assert_eq!(fall.push_rgba(Stamp::index(0), &[[0; 4]; 5]), Err(Error::RowLength { got: 5, max: 4 }));
    let still = Stamp { duration_ns: 0.0, ..Stamp::index(0) };
    assert!(matches!(fall.push_rgba(still, &[[0; 4]]), Err(Error::Stamp(_))));
    let mut sender = fall.sender(2).unwrap();
    assert_eq!(sender.send(Stamp::index(0), &[0.0]), Err(wrong.clone()));
    assert_eq!(sender.send_rgba(Stamp::index(0), &[[1, 2, 3, 255]; 4]), Ok(true));
    let values = History::new(1 << 20, Precision::F32);
    assert_eq!(Loader::new(View::default()).unwrap().update(fall, &values), Err(wrong));
}

fn what_does_not_fit_is_refused(gpu: &Gpu) {
    let options = Options::default().bins(4).size(4, 2).texel(RGBA).capacity(Capacity::Rows(4)).keep_rows(true);
    let mut fall = gpu.waterfall(&options);
    refusals(&mut fall);
    assert_eq!(gpu.copy(&mut fall).at(0, 0), [1, 2, 3, 255]);
    assert!(fall.canvas().unwrap().values(&mut [0.0; 8]).is_err());
    let mut row = Vec::new();
    assert!(fall.canvas().unwrap().row(0, &mut row).is_some() && row.iter().all(|v| v.is_nan()));
    let mut values = gpu.waterfall(&options.texel(Texel::F32));
    let wrong = Error::Cells { got: "colours", expected: "values" };
    assert_eq!(values.push_rgba(Stamp::index(0), &[[0; 4]]), Err(wrong.clone()));
    let mut sender = values.sender(2).unwrap();
    assert_eq!(sender.send_rgba(Stamp::index(0), &[[0; 4]]), Err(wrong));
    let mut history = History::new(1 << 20, Precision::Rgba8);
    assert!(matches!(history.push(Stamp::index(0), &[0.0]), Err(HistoryError::Cells { .. })));
    assert!(matches!(history.push_rgba(Stamp::index(0), &[]), Err(HistoryError::EmptyRow)));
    let mut history = History::new(1 << 20, Precision::F32);
    assert!(matches!(history.push_rgba(Stamp::index(0), &[[0; 4]]), Err(HistoryError::Cells { .. })));
    assert!(history.read_rgba(0, 0, Reduce::Max, &mut Vec::new()).is_err());
}

on_gpu_and_cpu! {
    what_does_not_fit_is_refused
}
