//! What the GPU tests share: a device, a picture read back, and the CPU reference that judges it.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate of its own and uses part of this")]

pub mod random;
pub mod reference;
pub mod scene;

pub use random::Random;

use ringfall::wgpu;
use ringfall::{Options, Pipelines, Shading, Target, Waterfall};
use wgpu::TextureFormat;

pub struct Gpu {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub pipelines: Pipelines,
    /// Where waterfalls shade that leave it open.
    pub shading: Shading,
}

/// Makes a test of each of these functions that take a `&Gpu` with lines shaded on the GPU, and one with lines shaded on the
/// CPU.
#[macro_export]
macro_rules! on_gpu_and_cpu {
    ($($test:ident)*) => {
        mod on_gpu {
            $(#[test] fn $test() { super::$test(&$crate::common::gpu()); })*
        }
        mod on_cpu {
            $(#[test] fn $test() {
                super::$test(&$crate::common::Gpu { shading: ringfall::Shading::Cpu, ..$crate::common::gpu() });
            })*
        }
    };
}

/// A device with the adapter's own limits. The tests need one: lavapipe will do (`make test` installs it).
pub fn gpu() -> Gpu {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
    descriptor.flags = wgpu::InstanceFlags::VALIDATION | wgpu::InstanceFlags::DEBUG;
    let instance = wgpu::Instance::new(descriptor);
    let adapter = pollster::block_on(instance.request_adapter(&Default::default()))
        .expect("no graphics adapter: install mesa-vulkan-drivers for a software one");
    device(&adapter, adapter.limits())
}

pub fn device(adapter: &wgpu::Adapter, limits: wgpu::Limits) -> Gpu {
    let descriptor = wgpu::DeviceDescriptor { required_limits: limits, ..Default::default() };
    let (device, queue) = pollster::block_on(adapter.request_device(&descriptor)).expect("a device");
    let pipelines = Pipelines::new(&device);
    Gpu { device, queue, pipelines, shading: Shading::Gpu }
}

/// An RGBA picture, rows from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<[u8; 4]>,
}

impl Picture {
    pub fn at(&self, x: u32, y: u32) -> [u8; 4] {
        self.rgba[(y * self.width + x) as usize]
    }

    /// Fails unless every channel of every pixel is within `step` of the other picture's.
    pub fn assert_near(&self, want: &Picture, step: u8, what: &str) {
        assert_eq!((self.width, self.height), (want.width, want.height), "{what}");
        let wrong = |(a, b): (&[u8; 4], &[u8; 4])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > step);
        let count = self.rgba.iter().zip(&want.rgba).filter(|(a, b)| wrong((a, b))).count();
        if let Some(i) = self.rgba.iter().zip(&want.rgba).position(|(a, b)| wrong((a, b))) {
            let (x, y) = (i as u32 % self.width, i as u32 / self.width);
            panic!(
                "{what}: {count} of {} pixels differ; at {x}, {y}: got {:?}, want {:?}",
                self.rgba.len(),
                self.rgba[i],
                want.rgba[i]
            );
        }
    }
}

impl Gpu {
    pub fn waterfall(&self, options: &Options) -> Waterfall {
        self.waterfall_for(&Target::new(TextureFormat::Rgba8Unorm), options)
    }

    pub fn waterfall_for(&self, target: &Target, options: &Options) -> Waterfall {
        let shading = if options.shading == Shading::Auto { self.shading } else { options.shading };
        let options = options.shading(shading);
        Waterfall::new(&self.device, &self.pipelines, target, &options).expect("a waterfall")
    }

    pub fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&Default::default())
    }

    pub fn submit(&self, encoder: wgpu::CommandEncoder) {
        self.queue.submit([encoder.finish()]);
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device finishes");
    }

    pub fn prepare(&self, fall: &mut Waterfall) {
        let mut encoder = self.encoder();
        fall.prepare(&self.device, &self.queue, &mut encoder).expect("prepare");
        self.submit(encoder);
    }

    pub fn texture(&self, format: TextureFormat, (width, height): (u32, u32), samples: u32) -> wgpu::Texture {
        let copies = if samples == 1 {
            wgpu::TextureUsages::COPY_SRC | wgpu::TextureUsages::COPY_DST
        } else {
            wgpu::TextureUsages::empty()
        };
        self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("test target"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: samples,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | copies,
            view_formats: &[],
        })
    }

    /// Prepares, and draws into a target of the picture's size.
    pub fn draw(&self, fall: &mut Waterfall, format: TextureFormat) -> Picture {
        let target = self.texture(format, fall.size(), 1);
        let mut encoder = self.encoder();
        fall.prepare(&self.device, &self.queue, &mut encoder).expect("prepare");
        let view = target.create_view(&Default::default());
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations::default(),
            })],
            ..Default::default()
        });
        fall.render(&mut pass);
        drop(pass);
        self.submit(encoder);
        self.read(&target)
    }

    /// Prepares, and copies into a target of the picture's size.
    pub fn copy(&self, fall: &mut Waterfall) -> Picture {
        let target = self.texture(TextureFormat::Rgba8Unorm, fall.size(), 1);
        let mut encoder = self.encoder();
        fall.prepare(&self.device, &self.queue, &mut encoder).expect("prepare");
        fall.copy(&mut encoder, &target, (0, 0)).expect("a copy");
        self.submit(encoder);
        self.read(&target)
    }

    /// The bytes of an 8-bit texture as RGBA.
    pub fn read(&self, texture: &wgpu::Texture) -> Picture {
        let (width, height) = (texture.width(), texture.height());
        let stride = (width * 4).next_multiple_of(256);
        let bytes = self.read_bytes(texture, stride);
        let swap = texture.format().remove_srgb_suffix() == TextureFormat::Bgra8Unorm;
        let pixel = |p: &[u8]| {
            if swap { [p[2], p[1], p[0], p[3]] } else { [p[0], p[1], p[2], p[3]] }
        };
        let rows = bytes.chunks(stride as usize);
        let rgba = rows.flat_map(|row| row[..width as usize * 4].chunks(4).map(pixel)).collect();
        Picture { width, height, rgba }
    }

    pub fn read_bytes(&self, texture: &wgpu::Texture, stride: u32) -> Vec<u8> {
        let size = u64::from(stride) * u64::from(texture.height());
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("test read-back"),
            size,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.encoder();
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(stride), rows_per_image: None },
            },
            texture.size(),
        );
        self.queue.submit([encoder.finish()]);
        buffer.map_async(wgpu::MapMode::Read, .., |r| r.expect("mapped"));
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device finishes");
        buffer.get_mapped_range(..).expect("mapped").to_vec()
    }
}
