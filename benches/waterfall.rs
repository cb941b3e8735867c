//! Frame times of the renderer's parts: 1920×1080, 2048 bins, the device finished after each frame.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ringfall::wgpu::{self, TextureFormat};
use ringfall::{Capacity, Colormap, Options, Pipelines, Scale, Stamp, Target, Waterfall};

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

    fn waterfall(&self, bins: u32, rows: u32) -> Waterfall {
        let options =
            Options { bins, capacity: Capacity::Rows(rows), width: SIZE.0, height: SIZE.1, ..Options::default() };
        let target = Target::new(TextureFormat::Rgba8Unorm);
        let mut fall = Waterfall::new(&self.device, &self.pipelines, &target, &options).expect("a waterfall");
        let row = row(bins, 0);
        for i in 0..u64::from(rows) {
            fall.push(Stamp::index(i), &row).expect("a row");
            if i % 1000 == 999 {
                self.frame(&mut fall, Way::Copy);
            }
        }
        self.frame(&mut fall, Way::Copy);
        fall
    }

    fn frame(&self, fall: &mut Waterfall, way: Way) {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        fall.prepare(&self.device, &self.queue, &mut encoder).expect("prepare");
        match way {
            Way::Shade => {}
            Way::Copy => fall.copy(&mut encoder, &self.target, (0, 0)).expect("a copy"),
            Way::Draw => {
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
        }
        self.queue.submit([encoder.finish()]);
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device finishes");
    }
}

#[derive(Clone, Copy)]
enum Way {
    Shade,
    Copy,
    Draw,
}

fn row(bins: u32, i: u64) -> Vec<f32> {
    (0..u64::from(bins)).map(|k| -110.0 + ((k * 7919 + i * 104_729) % 1000) as f32 * 0.1).collect()
}

fn frames(c: &mut Criterion) {
    let bench = Bench::new();
    let mut group = c.benchmark_group("frame");
    for (bins, rows) in [(2048, 1080), (2048, 65_536), (65_536, 2048)] {
        let mut fall = bench.waterfall(bins, rows);
        let new: Vec<_> = (0..7).map(|i| row(bins, i)).collect();
        for (name, way) in [("shade", Way::Shade), ("copy", Way::Copy), ("draw", Way::Draw)] {
            let mut i = fall.stats().resident.end;
            group.bench_function(BenchmarkId::new(name, format!("{bins} bins, {rows} rows")), |b| {
                b.iter(|| {
                    fall.push(Stamp::index(i), &new[(i % 7) as usize]).expect("a row");
                    i += 1;
                    bench.frame(&mut fall, way);
                });
            });
        }
        if bins == 2048 {
            let mut dark = false;
            group.bench_function(BenchmarkId::new("range", format!("{bins} bins, {rows} rows")), |b| {
                b.iter(|| {
                    dark = !dark;
                    fall.set_scale(Scale::linear(if dark { -120.0 } else { -110.0 }, 0.0).expect("a range"));
                    bench.frame(&mut fall, Way::Copy);
                });
            });
        }
    }
    group.finish();
}

fn parts(c: &mut Criterion) {
    let bench = Bench::new();
    let mut group = c.benchmark_group("host");
    let mut fall = bench.waterfall(2048, 4096);
    let new = row(2048, 1);
    let mut i = fall.stats().resident.end;
    group.bench_function("push 2048 bins", |b| {
        b.iter(|| {
            fall.push(Stamp::index(i), &new).expect("a row");
            i += 1;
        });
    });
    bench.frame(&mut fall, Way::Copy);
    group.bench_function("prepare, nothing new", |b| {
        let mut encoder = bench.device.create_command_encoder(&Default::default());
        b.iter(|| fall.prepare(&bench.device, &bench.queue, &mut encoder).expect("prepare"));
    });
    group.bench_function("prepare, one new row", |b| {
        b.iter_custom(|times| {
            let mut spent = std::time::Duration::ZERO;
            for _ in 0..times {
                let mut encoder = bench.device.create_command_encoder(&Default::default());
                fall.push(Stamp::index(i), &new).expect("a row");
                i += 1;
                let start = std::time::Instant::now();
                fall.prepare(&bench.device, &bench.queue, &mut encoder).expect("prepare");
                spent += start.elapsed();
                bench.queue.submit([encoder.finish()]);
                bench.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device finishes");
            }
            spent
        });
    });
    group.bench_function("waterfall on existing pipelines", |b| {
        let options = Options::default();
        let target = Target::new(TextureFormat::Rgba8Unorm);
        b.iter(|| Waterfall::new(&bench.device, &bench.pipelines, &target, &options).expect("a waterfall"));
    });
    let map = Colormap::default();
    let values: Vec<f32> = (0..2048 * 256).map(|i| (i % 1400) as f32 * -0.1).collect();
    let mut out = vec![0; values.len() * 4];
    group.throughput(criterion::Throughput::Elements(values.len() as u64));
    group.bench_function("LUT on the CPU", |b| {
        b.iter(|| map.rgba_u8(&Scale::default(), &values, &mut out).expect("lengths"));
    });
    group.finish();
}

criterion_group!(benches, frames, parts);
criterion_main!(benches);
