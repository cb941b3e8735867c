//! No window: rows in, a PNG out.
//!
//! `cargo run --example offscreen -- [FILE]`

mod common;

use common::row;
use ringfall::wgpu::{self, TextureFormat};
use ringfall::{Capacity, Colormap, Options, Pipelines, Scale, Stamp, Target, Waterfall};

const BINS: usize = 1024;
const WIDTH: u32 = 800;
const HEIGHT: u32 = 400;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "waterfall.png".to_owned());

    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let adapter = pollster::block_on(instance.request_adapter(&Default::default()))?;
    let (device, queue) = pollster::block_on(adapter.request_device(&Default::default()))?;

    let pipelines = Pipelines::new(&device);
    let target = Target::new(TextureFormat::Rgba8Unorm);
    let options = Options::default().bins(BINS as u32).capacity(Capacity::Rows(2048)).width(WIDTH).height(HEIGHT);
    let mut fall = Waterfall::new(&device, &pipelines, &target, &options)?;
    fall.set_colormap(&Colormap::named("inferno")?);
    fall.set_scale(Scale::linear(-105.0, -20.0)?);
    for i in 0..600 {
        fall.push(Stamp::index(i), &row(i, BINS))?;
    }

    let picture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("picture"),
        size: wgpu::Extent3d { width: WIDTH, height: HEIGHT, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: TextureFormat::Rgba8Unorm,
        usage: wgpu::TextureUsages::COPY_DST | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    // Copies to buffers want rows of a multiple of 256 bytes.
    let stride = (WIDTH * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read-back"),
        size: u64::from(stride * HEIGHT),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&Default::default());
    fall.prepare(&device, &queue, &mut encoder)?;
    fall.copy(&mut encoder, &picture, (0, 0))?;
    encoder.copy_texture_to_buffer(
        picture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(stride), rows_per_image: None },
        },
        picture.size(),
    );
    queue.submit([encoder.finish()]);
    // `get_mapped_range` reports errors of the mapping.
    buffer.map_async(wgpu::MapMode::Read, .., |_| {});
    device.poll(wgpu::PollType::wait_indefinitely())?;

    let bytes = buffer.get_mapped_range(..)?;
    let rows = bytes.chunks(stride as usize).map(|row| &row[..WIDTH as usize * 4]);
    let mut png = png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(&file)?), WIDTH, HEIGHT);
    png.set_color(png::ColorType::Rgba);
    png.write_header()?.write_image_data(&rows.flatten().copied().collect::<Vec<_>>())?;
    println!("{file}: {} rows of {BINS} bins on {WIDTH}×{HEIGHT} pixels", fall.stats().resident.end);
    Ok(())
}
