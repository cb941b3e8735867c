//! GPU pictures against the CPU reference.

mod common;

use common::reference::Reference;
use common::{Gpu, Picture, Random, scene};
use ringfall::wgpu::TextureFormat;
use ringfall::{Capacity, Colormap, Edge, Options, Scale, Side, Stamp, Texel, View, Waterfall};

const TEXELS: [Texel; 3] = [Texel::F16, Texel::F32, Texel::U8 { zero: -128.0, step: 0.5 }];
const SIDES: [Side; 4] = [Side::Top, Side::Bottom, Side::Left, Side::Right];

/// A waterfall and the reference for it, fed alike.
struct Pair {
    fall: Waterfall,
    reference: Reference,
}

impl Pair {
    fn new(gpu: &Gpu, options: &Options) -> Self {
        let fall = gpu.waterfall(options);
        let capacity = fall.stats().capacity as usize;
        let reference = Reference {
            rows: Vec::new(),
            texel: options.texel,
            view: View::default(),
            scale: Scale::default(),
            colormap: Colormap::default(),
            newest: options.newest_side,
            width: options.width,
            height: options.height,
            capacity,
        };
        Self { fall, reference }
    }

    fn push(&mut self, stamp: Stamp, row: Vec<f32>) {
        self.fall.push(stamp, &row).expect("a row");
        self.reference.rows.push((stamp, row));
    }

    /// Rows without a clock.
    fn push_random(&mut self, random: &mut Random, rows: u64, bins: usize) {
        for _ in 0..rows {
            let row = random.row(bins);
            self.push(Stamp::index(self.reference.rows.len() as u64), row);
        }
    }

    fn set_view(&mut self, view: View) {
        self.fall.set_view(view).expect("a view");
        self.reference.view = view;
    }

    fn set_colormap(&mut self, colormap: &Colormap) {
        self.fall.set_colormap(colormap);
        self.reference.colormap = colormap.clone();
    }

    fn set_scale(&mut self, scale: Scale) {
        self.fall.set_scale(scale);
        self.reference.scale = scale;
    }

    #[track_caller]
    fn check(&mut self, gpu: &Gpu, what: &str) -> Picture {
        let got = gpu.copy(&mut self.fall);
        got.assert_near(&self.reference.picture(), 1, what);
        got
    }
}

fn options(bins: u32, rows: u32, width: u32, height: u32) -> Options {
    Options::default().bins(bins).capacity(Capacity::Rows(rows)).width(width).height(height)
}

fn every_texel_orientation_and_wrap(gpu: &Gpu) {
    let mut random = Random(1);
    for texel in TEXELS {
        for newest in SIDES {
            let mut pair = Pair::new(gpu, &options(48, 40, 36, 28).texel(texel).newest_side(newest));
            pair.check(gpu, "nothing pushed");
            // Past the ring's end several times, in batches that do not divide it.
            for batch in [1, 5, 27, 1, 13, 40, 1, 100, 3] {
                pair.push_random(&mut random, batch, 48);
                pair.check(gpu, &format!("{texel:?}, newest {newest:?}, {} rows", pair.reference.rows.len()));
            }
        }
    }
}

fn every_colormap_and_range(gpu: &Gpu) {
    let mut random = Random(2);
    let mut pair = Pair::new(gpu, &options(64, 64, 64, 32));
    pair.push_random(&mut random, 40, 64);
    for name in Colormap::NAMES {
        for name in [(*name).to_owned(), format!("{name}_r")] {
            pair.set_colormap(&Colormap::named(&name).expect("a name"));
            pair.check(gpu, &name);
        }
    }
    let marked = Colormap::named("grey").expect("a name").with_under([0, 0, 255, 255]).with_over([255, 0, 0, 255]);
    pair.set_colormap(&marked.with_bad([0, 255, 0, 128]));
    for (vmin, vmax) in [(-100.0, 0.0), (-50.0, -49.0), (-1e30, 1e30), (-60.0, -59.999), (0.0, 256.0)] {
        pair.set_scale(Scale::linear(vmin, vmax).expect("a range"));
        pair.check(gpu, &format!("{vmin} to {vmax}"));
    }
}

fn the_cpu_lookup_agrees_to_the_bit(gpu: &Gpu) {
    let mut random = Random(3);
    let map = Colormap::named("turbo").expect("a name");
    for (vmin, vmax) in [(-137.3, 11.7), (-91.25, -3.1), (0.0, 1.0)] {
        let scale = Scale::linear(vmin, vmax).expect("a range");
        let mut fall = gpu.waterfall(&options(1024, 32, 1024, 32).texel(Texel::F32));
        let rows: Vec<_> = (0..32).map(|_| random.row(1024)).collect();
        rows.iter().zip(0..).for_each(|(row, i)| fall.push(Stamp::index(i), row).expect("a row"));
        fall.set_colormap(&map);
        fall.set_scale(scale);
        let got = gpu.copy(&mut fall);
        let mut want = vec![0; 32 * 1024 * 4];
        let newest_first: Vec<f32> = rows.iter().rev().flatten().copied().collect();
        map.rgba_u8(&scale, &newest_first, &mut want).expect("lengths");
        assert!(got.rgba.iter().flatten().eq(&want), "{vmin} to {vmax}");
    }
}

fn random_views_reduce_exactly(gpu: &Gpu) {
    let mut random = Random(4);
    let grey = Colormap::named("grey").expect("a name");
    for round in 0..60 {
        let (bins, width, height) =
            (1 + random.below(300) as u32, 1 + random.below(70) as u32, 1 + random.below(50) as u32);
        let newest = SIDES[random.below(4) as usize];
        let texel = TEXELS[random.below(3) as usize];
        let mut pair = Pair::new(
            gpu,
            &options(bins, 1 + random.below(200) as u32, width, height).newest_side(newest).texel(texel),
        );
        pair.set_colormap(&grey);
        let mut stamp = scene::first_stamp();
        for _ in 0..4 {
            for _ in 0..random.below(120) {
                let len =
                    if random.below(10) == 0 { 1 + random.below(u64::from(bins)) as usize } else { bins as usize };
                let row = random.row(len);
                pair.push(stamp, row);
                scene::step(&mut random, &mut stamp);
            }
            let view = scene::view(&mut random, stamp);
            pair.set_view(view);
            pair.check(
                gpu,
                &format!("round {round}: {bins} bins on {width}×{height}, {newest:?}, {texel:?}, {view:?}"),
            );
        }
    }
}

fn the_strip_after_random_pushes_is_the_strip_shaded_from_scratch(gpu: &Gpu) {
    let mut random = Random(5);
    for round in 0..40 {
        let bins = 1 + random.below(64) as u32;
        let newest = SIDES[random.below(4) as usize];
        let options =
            options(bins, 1 + random.below(90) as u32, 1 + random.below(40) as u32, 1 + random.below(60) as u32)
                .newest_side(newest);
        let view = View::default()
            .line_ns((random.below(2) == 0).then(|| 10f64.powf(random.between(8.5, 10.0))))
            .edge(Edge::Follow);
        let mut fall = gpu.waterfall(&options);
        fall.set_view(view).expect("a view");
        let mut rows = Vec::new();
        let mut stamp = Stamp::index(0);
        for step in 0..12 {
            let most = [2, 10, 150][random.below(3) as usize];
            for _ in 0..random.below(most) {
                let row = random.row(bins as usize);
                fall.push(stamp, &row).expect("a row");
                rows.push((stamp, row));
                stamp.time_ns +=
                    1_000_000_000 + if random.below(20) == 0 { random.below(9_000_000_000) as i64 } else { 0 };
            }
            let view = match random.below(3) {
                0 => view.edge(Edge::At(stamp.time_ns - random.below(60_000_000_000) as i64)),
                _ => view,
            };
            fall.set_view(view).expect("a view");
            let got = gpu.copy(&mut fall);
            let mut scratch = gpu.waterfall(&options);
            scratch.set_view(view).expect("a view");
            rows.iter().for_each(|(stamp, row)| scratch.push(*stamp, row).expect("a row"));
            let want = gpu.copy(&mut scratch);
            got.assert_near(
                &want,
                0,
                &format!("round {round}, step {step}: {options:?}, {view:?}, {} rows", rows.len()),
            );
        }
    }
}

fn copies_and_draws_are_the_same_bytes_on_every_target(gpu: &Gpu) {
    let mut random = Random(6);
    for newest in SIDES {
        let options = options(60, 50, 61, 47).newest_side(newest);
        let rows: Vec<_> = (0..77).map(|_| random.row(60)).collect();
        let fed = |format| {
            let mut fall = gpu.waterfall_for(&ringfall::Target::new(format), &options);
            rows.iter().zip(0..).for_each(|(row, i)| fall.push(Stamp::index(i), row).expect("a row"));
            fall
        };
        let copied = gpu.copy(&mut fed(TextureFormat::Rgba8Unorm));
        for format in [TextureFormat::Rgba8Unorm, TextureFormat::Bgra8Unorm] {
            gpu.draw(&mut fed(format), format).assert_near(&copied, 0, &format!("{format:?}"));
        }
        for format in [TextureFormat::Rgba8UnormSrgb, TextureFormat::Bgra8UnormSrgb] {
            gpu.draw(&mut fed(format), format).assert_near(&copied, 1, &format!("{format:?}"));
            let target = gpu.texture(format, (61, 47), 1);
            let (mut fall, mut encoder) = (fed(format), gpu.encoder());
            fall.prepare(&gpu.device, &gpu.queue, &mut encoder).expect("prepare");
            fall.copy(&mut encoder, &target, (0, 0)).expect("a copy");
            gpu.submit(encoder);
            gpu.read(&target).assert_near(&copied, 0, &format!("copied to {format:?}"));
        }
    }
}

#[test]
fn wider_and_longer_than_a_texture() {
    let instance = wgpu_instance();
    let adapter = pollster::block_on(instance.request_adapter(&Default::default())).expect("an adapter");
    // WebGL2's textures: 2048 a side.
    let limits = ringfall::wgpu::Limits::downlevel_webgl2_defaults();
    let gpu = common::device(&adapter, limits);
    let mut random = Random(7);
    let mut wide = Pair::new(&gpu, &options(5000, 30, 1250, 25));
    for batch in [7, 40, 3] {
        wide.push_random(&mut random, batch, 5000);
        wide.check(&gpu, "5000 bins");
    }
    let mut long = Pair::new(&gpu, &options(16, 5000, 16, 40));
    for batch in [2000, 100, 2300, 700, 4000] {
        long.push_random(&mut random, batch, 16);
        long.set_view(View::default().line_ns(Some(1e9)));
        long.check(&gpu, "5000 rows");
        long.set_view(View::default().line_ns(Some(125e9)));
        long.check(&gpu, "5000 rows on 40 lines");
    }
}

fn wgpu_instance() -> ringfall::wgpu::Instance {
    ringfall::wgpu::Instance::new(ringfall::wgpu::InstanceDescriptor::new_without_display_handle_from_env())
}

on_gpu_and_cpu! {
    every_texel_orientation_and_wrap
    every_colormap_and_range
    the_cpu_lookup_agrees_to_the_bit
    random_views_reduce_exactly
    the_strip_after_random_pushes_is_the_strip_shaded_from_scratch
    copies_and_draws_are_the_same_bytes_on_every_target
}
