//! Rows through the history and the ring, and the cost of a new view of a long history.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ringfall::wgpu::{self, TextureFormat};
use ringfall::{Capacity, Edge, History, Loader, Options, Pipelines, Precision, Scale, Stamp, Target, View, Waterfall};

struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
}

impl Gpu {
    fn new() -> Self {
        let descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
        let adapter = pollster::block_on(wgpu::Instance::new(descriptor).request_adapter(&Default::default()))
            .expect("a graphics adapter");
        let limits = wgpu::DeviceDescriptor { required_limits: adapter.limits(), ..Default::default() };
        let (device, queue) = pollster::block_on(adapter.request_device(&limits)).expect("a device");
        Self { device, queue }
    }

    fn waterfall(&self, bins: u32, rows: u32) -> Waterfall {
        let options = Options::default().bins(bins).capacity(Capacity::Rows(rows)).width(1920).height(1080);
        let target = Target::new(TextureFormat::Rgba8Unorm);
        Waterfall::new(&self.device, &Pipelines::new(&self.device), &target, &options).expect("a waterfall")
    }

    fn target(&self) -> wgpu::Texture {
        self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("bench target"),
            size: wgpu::Extent3d { width: 1920, height: 1080, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        })
    }

    fn copy(&self, fall: &mut Waterfall, target: &wgpu::Texture) {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        fall.prepare(&self.device, &self.queue, &mut encoder).expect("prepare");
        fall.copy(&mut encoder, target, (0, 0)).expect("a copy");
        self.queue.submit([encoder.finish()]);
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device finishes");
    }

    fn frame(&self, fall: &mut Waterfall) {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        fall.prepare(&self.device, &self.queue, &mut encoder).expect("prepare");
        self.queue.submit([encoder.finish()]);
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device finishes");
    }
}

fn row(bins: usize, i: u64) -> Vec<f32> {
    (0..bins as u64).map(|k| -110.0 + ((k * 7919 + i * 104_729) % 1000) as f32 * 0.1).collect()
}

/// Rows of 2048 bins, 1000 per frame: 200,000 rows a second on a display of 200 frames a second.
fn append(c: &mut Criterion) {
    let rows: Vec<_> = (0..16).map(|i| row(2048, i)).collect();
    let mut group = c.benchmark_group("append");
    group.throughput(Throughput::Elements(1000));
    let mut history = History::new(512 << 20, Precision::F16);
    let push = |history: &mut History| {
        for _ in 0..1000 {
            let i = history.pushed();
            history.push(Stamp::index(i), &rows[(i % 16) as usize]).expect("a row");
        }
    };
    group.bench_function("history", |b| b.iter(|| push(&mut history)));
    // A scanner: each row has other frequencies.
    let mut scanned = History::new(512 << 20, Precision::F16);
    group.bench_function("history, a retune every row", |b| {
        b.iter(|| {
            for _ in 0..1000 {
                let i = scanned.pushed();
                let stamp = Stamp { first_hz: i as f64 * 1e6, ..Stamp::index(i) };
                scanned.push(stamp, &rows[(i % 16) as usize]).expect("a row");
            }
        });
    });
    let wide: Vec<_> = (0..16).map(|i| row(65_536, i)).collect();
    let mut wide_history = History::new(512 << 20, Precision::F16);
    group.bench_function("history, 65,536 bins", |b| {
        b.iter(|| {
            for _ in 0..1000 {
                let i = wide_history.pushed();
                wide_history.push(Stamp::index(i), &wide[(i % 16) as usize]).expect("a row");
            }
        });
    });
    drop((scanned, wide_history));
    let gpu = Gpu::new();
    let mut fall = gpu.waterfall(2048, 2048);
    let mut loader = Loader::new(View::default()).expect("a view");
    loader.set_view(View::default().line_ns(Some(3e9))).expect("a view");
    group.bench_function("history and ring", |b| {
        b.iter(|| {
            push(&mut history);
            loader.update(&mut fall, &history).expect("an update");
        });
    });
    // One line per row, as fast as they can be drawn; and three rows per line, the most that the ring gets one by one.
    for (name, rows) in [("a row a line", 1.0), ("three rows a line", 3.0)] {
        loader.set_view(View::default().line_ns(Some(rows * 1e9))).expect("a view");
        group.bench_function(format!("history, ring and strip, {name}"), |b| {
            b.iter(|| {
                push(&mut history);
                loader.update(&mut fall, &history).expect("an update");
                gpu.frame(&mut fall);
            });
        });
    }
    group.finish();
}

/// A frame with one new row, after any number of rows.
fn steady(c: &mut Criterion) {
    let mut group = c.benchmark_group("steady frame");
    let gpu = Gpu::new();
    for (bins, rows) in [(2048, 2000), (65_536, 2000), (64, 10_000_000)] {
        let row = row(bins, 1);
        let mut ready = None;
        group.bench_function(format!("{bins} bins, {rows} rows of history"), |b| {
            let (history, fall, loader, target) = ready.get_or_insert_with(|| {
                let mut history = History::new(4 << 30, Precision::F16);
                (0..rows).for_each(|i| history.push(Stamp::index(i), &row).expect("a row"));
                assert_eq!(history.evicted(), 0, "it holds them all");
                let loader = Loader::new(View::default()).expect("a view");
                (history, gpu.waterfall(bins as u32, 1100), loader, gpu.target())
            });
            b.iter(|| {
                history.push(Stamp::index(history.pushed()), &row).expect("a row");
                loader.update(fall, history).expect("an update");
                gpu.copy(fall, target);
            });
        });
    }
    group.finish();
}

/// 4096 bins × 16,384 rows on 1920×1080.
fn views(c: &mut Criterion) {
    let mut group = c.benchmark_group("view");
    group.sample_size(10);
    let gpu = Gpu::new();
    let mut history = History::new(1 << 30, Precision::F16);
    let rows: Vec<_> = (0..16).map(|i| row(4096, i)).collect();
    for i in 0..16_384u64 {
        history.push(Stamp::index(i), &rows[(i % 16) as usize]).expect("a row");
    }
    let mut fall = gpu.waterfall(4096, 16_400);
    let all = 16_384.0 / 1080.0 * 1e9;
    for (name, line_ns) in [("all rows", all), ("1080 rows", 1e9)] {
        let mut loader = Loader::new(View::default().line_ns(Some(line_ns)).edge(Edge::Follow)).expect("a view");
        loader.update(&mut fall, &history).expect("an update");
        gpu.frame(&mut fall);
        let mut dark = false;
        group.bench_function(format!("range, {name}"), |b| {
            b.iter(|| {
                dark = !dark;
                fall.set_scale(Scale::linear(if dark { -120.0 } else { -110.0 }, 0.0).expect("a range"));
                gpu.frame(&mut fall);
            });
        });
    }
    // Zoom out from the newest 1080 rows to all: the rows that enter are uploaded too.
    group.bench_function("zoom to all rows and back", |b| {
        b.iter(|| {
            for line_ns in [1e9, all] {
                let mut loader = Loader::new(View::default().line_ns(Some(line_ns))).expect("a view");
                loader.update(&mut fall, &history).expect("an update");
                gpu.frame(&mut fall);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, append, steady, views);
criterion_main!(benches);
