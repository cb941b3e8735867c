//! The renderer's parts, one by one. Each waits for the device if it gives the device work.
//!
//! `cargo bench --bench waterfall -- frame/copy` runs those whose names contain the words, and sets up nothing else.

use std::time::{Duration, Instant};

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ringfall::wgpu::{self, TextureFormat};
use ringfall::{
    Canvas, Capacity, Colormap, Norm, Options, Pipelines, Reduce, Scale, Shading, Side, Stamp, Strip, Target, View,
    Waterfall,
};

const SIZE: (u32, u32) = (1920, 1080);

struct Bench {
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipelines: Pipelines,
    target: wgpu::Texture,
    view: wgpu::TextureView,
}

impl Bench {
    fn new() -> Self {
        let descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
        let adapter = pollster::block_on(wgpu::Instance::new(descriptor).request_adapter(&Default::default()))
            .expect("a graphics adapter");
        let limits = wgpu::DeviceDescriptor { required_limits: adapter.limits(), ..Default::default() };
        let (device, queue) = pollster::block_on(adapter.request_device(&limits)).expect("a device");
        let target = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("target"),
            size: wgpu::Extent3d { width: SIZE.0, height: SIZE.1, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = target.create_view(&Default::default());
        let pipelines = Pipelines::new(&device);
        Self { device, queue, pipelines, target, view }
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&Default::default())
    }

    fn finish(&self, encoder: wgpu::CommandEncoder) {
        self.queue.submit([encoder.finish()]);
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device finishes");
    }

    fn prepare(&self, fall: &mut Waterfall, encoder: &mut wgpu::CommandEncoder) {
        fall.prepare(&self.device, &self.queue, encoder).expect("prepare");
    }

    fn draw(&self, fall: &Waterfall, encoder: &mut wgpu::CommandEncoder) {
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &self.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        });
        fall.render(&mut pass);
    }

    fn frame(&self, fall: &mut Waterfall, way: Way) {
        let mut encoder = self.encoder();
        self.prepare(fall, &mut encoder);
        match way {
            Way::Shade => {}
            Way::Copy => fall.copy(&mut encoder, &self.target, (0, 0)).expect("a copy"),
            Way::Draw => self.draw(fall, &mut encoder),
        }
        self.finish(encoder);
    }
}

#[derive(Clone, Copy)]
enum Way {
    Shade,
    Copy,
    Draw,
}

/// A waterfall full of rows, and new rows for it.
struct Feed {
    bench: Bench,
    fall: Waterfall,
    new: Vec<Vec<f32>>,
    rows: u64,
}

impl Feed {
    fn new(bins: u32, rows: u32, shading: Shading) -> Self {
        let bench = Bench::new();
        let options =
            Options::default().bins(bins).capacity(Capacity::Rows(rows)).width(SIZE.0).height(SIZE.1).shading(shading);
        let target = Target::new(TextureFormat::Rgba8Unorm);
        let fall = Waterfall::new(&bench.device, &bench.pipelines, &target, &options).expect("a waterfall");
        let new = (0..7).map(|i| row(bins, i)).collect();
        let mut feed = Self { bench, fall, new, rows: 0 };
        for i in 0..rows {
            feed.push();
            if i % 1000 == 999 {
                feed.frame(Way::Copy);
            }
        }
        feed.frame(Way::Copy);
        feed
    }

    fn push(&mut self) {
        let row = &self.new[(self.rows % 7) as usize];
        self.fall.push(Stamp::index(self.rows), row).expect("a row");
        self.rows += 1;
    }

    fn frame(&mut self, way: Way) {
        self.bench.frame(&mut self.fall, way);
    }
}

fn row(bins: u32, i: u64) -> Vec<f32> {
    (0..u64::from(bins)).map(|k| -110.0 + ((k * 7919 + i * 104_729) % 1000) as f32 * 0.1).collect()
}

/// Sets up `feed` when it is first needed, not when the benchmarks are listed or filtered.
fn lazily(feed: &mut Option<Feed>, bins: u32, rows: u32) -> &mut Feed {
    feed.get_or_insert_with(|| Feed::new(bins, rows, Shading::Auto))
}

/// One new row, and the picture in one of three ways.
fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame");
    for (bins, rows) in [(1920, 1080), (2048, 65_536), (65_536, 2048)] {
        let mut feed = None;
        for (name, way) in [("shade", Way::Shade), ("copy", Way::Copy), ("draw", Way::Draw)] {
            group.bench_function(BenchmarkId::new(name, format!("{bins} bins, {rows} rows")), |b| {
                let feed = lazily(&mut feed, bins, rows);
                b.iter(|| {
                    feed.push();
                    feed.frame(way);
                });
            });
        }
    }
    group.finish();
}

/// Changes that shade the whole picture again: a new range, a move along the band, a zoom in time.
fn views(c: &mut Criterion) {
    let mut group = c.benchmark_group("all lines");
    group.sample_size(20);
    let mut feed = None;
    // Alternating settings also alternate between samples: otherwise a sample of one frame would find nothing changed.
    let (mut dark, mut low, mut wide) = (false, 0.0, 0.0);
    group.bench_function("range", |b| {
        let feed = lazily(&mut feed, 2048, 4320);
        b.iter(|| {
            dark = !dark;
            feed.fall.set_scale(Scale::linear(if dark { -120.0 } else { -110.0 }, 0.0).expect("a range"));
            feed.frame(Way::Shade);
        });
    });
    group.bench_function("pan", |b| {
        let feed = lazily(&mut feed, 2048, 4320);
        b.iter(|| {
            low = (low + 16.0) % 1024.0;
            feed.fall.set_view(View::default().span_hz(Some((low, low + 1024.0)))).expect("a view");
            feed.frame(Way::Shade);
        });
    });
    for rows in [1, 4] {
        for (name, reduce) in [("maximum", Reduce::Max), ("mean", Reduce::Mean)] {
            group.bench_function(BenchmarkId::new(format!("reduction, {name}"), format!("{rows} rows a line")), |b| {
                let feed = lazily(&mut feed, 2048, 4320);
                b.iter(|| {
                    // Half a bin wider or not, so that no part of the strip can be kept.
                    wide = 0.5 - wide;
                    let view = View::default()
                        .span_hz(Some((-0.5, 2047.5 + wide)))
                        .line_ns(Some(f64::from(rows) * 1e9))
                        .reduce(reduce);
                    feed.fall.set_view(view).expect("a view");
                    feed.frame(Way::Shade);
                });
            });
        }
    }
    group.finish();
}

/// The work on the host's thread.
fn host(c: &mut Criterion) {
    let mut group = c.benchmark_group("host");
    for (name, shading) in [("CPU shades", Shading::Cpu), ("GPU shades", Shading::Gpu)] {
        let mut feed = None;
        let ready = || Feed::new(2048, 4096, shading);
        group.bench_function(BenchmarkId::new("push 2048 bins", name), |b| {
            let feed = feed.get_or_insert_with(ready);
            b.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                let mut left = times;
                while left > 0 {
                    let few = left.min(64);
                    let start = Instant::now();
                    (0..few).for_each(|_| feed.push());
                    spent += start.elapsed();
                    left -= few;
                    feed.frame(Way::Shade);
                }
                spent
            });
        });
        group.bench_function(BenchmarkId::new("prepare, nothing new", name), |b| {
            let Feed { bench, fall, .. } = feed.get_or_insert_with(ready);
            let mut encoder = bench.encoder();
            b.iter(|| bench.prepare(fall, &mut encoder));
        });
        group.bench_function(BenchmarkId::new("prepare, one new row", name), |b| {
            let feed = feed.get_or_insert_with(ready);
            b.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    let mut encoder = feed.bench.encoder();
                    feed.push();
                    let start = Instant::now();
                    feed.bench.prepare(&mut feed.fall, &mut encoder);
                    spent += start.elapsed();
                    feed.bench.finish(encoder);
                }
                spent
            });
        });
        group.bench_function(BenchmarkId::new("waterfall on existing pipelines", name), |b| {
            let Feed { bench, .. } = feed.get_or_insert_with(ready);
            let (options, target) = (Options::default().shading(shading), Target::new(TextureFormat::Rgba8Unorm));
            b.iter(|| Waterfall::new(&bench.device, &bench.pipelines, &target, &options).expect("a waterfall"));
        });
    }
    let mut feed = None;
    group.bench_function("record a copy", |b| {
        let feed = lazily(&mut feed, 2048, 4096);
        b.iter_batched_ref(
            || feed.bench.encoder(),
            |encoder| feed.fall.copy(encoder, &feed.bench.target, (0, 0)).expect("a copy"),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("record a draw", |b| {
        let feed = lazily(&mut feed, 2048, 4096);
        b.iter_batched_ref(
            || feed.bench.encoder(),
            |encoder| feed.bench.draw(&feed.fall, encoder),
            BatchSize::SmallInput,
        );
    });
    // Too few to be spread over threads.
    const VALUES: usize = 2048 * 128;
    group.throughput(Throughput::Elements(VALUES as u64));
    let map = Colormap::default();
    let values: Vec<f32> = (0..VALUES).map(|i| (i % 1400) as f32 * -0.1).collect();
    let mut out = vec![0; values.len() * 4];
    group.bench_function("LUT on the CPU", |b| {
        b.iter(|| map.rgba_u8(&Scale::default(), &values, &mut out).expect("lengths"));
    });
    for norm in [Norm::Log, Norm::Power { gamma: 0.5 }, Norm::SymLog { linthresh: 1.0 }] {
        let scale = Scale::new(norm, 0.1, 140.0).expect("a range");
        let values: Vec<f32> = values.iter().map(|v| -v).collect();
        group.bench_function(BenchmarkId::new("LUT on the CPU", norm), |b| {
            b.iter(|| map.rgba_u8(&scale, &values, &mut out).expect("lengths"));
        });
    }
    let mut floats = vec![0.0; values.len() * 4];
    group.bench_function("LUT on the CPU, to f32", |b| {
        b.iter(|| map.rgba_f32(&Scale::default(), &values, &mut floats).expect("lengths"));
    });
    group.finish();
}

/// A picture in main memory: a row is added, its line shaded, and the picture copied out.
fn memory(c: &mut Criterion) {
    let mut group = c.benchmark_group("memory");
    for (name, side) in [("down", Side::Top), ("sideways", Side::Left)] {
        let options = Options::default().bins(2048).capacity(Capacity::Rows(4096)).size(SIZE.0, SIZE.1);
        let mut canvas = Canvas::new(&options.newest_side(side)).expect("a canvas");
        let (mut strip, mut number) = (Strip::new(), 0);
        let row = row(2048, 0);
        let mut add = |strip: &mut Strip| {
            canvas.push(Stamp::index(number), &row).expect("a row");
            number += 1;
            strip.prepare(&mut canvas).expect("memory")
        };
        for _ in 0..SIZE.0 {
            add(&mut strip);
        }
        group.bench_function(BenchmarkId::new("one new row", name), |b| b.iter(|| add(&mut strip)));
        let mut out = vec![0; (SIZE.0 * SIZE.1) as usize];
        group.bench_function(BenchmarkId::new("copy", name), |b| {
            b.iter(|| strip.copy_to(0..SIZE.0, 0..SIZE.1, &mut out, SIZE.0 as usize).expect("it fits"));
        });
    }
    group.finish();
}

criterion_group!(benches, host, memory, frames, views);
criterion_main!(benches);
