//! A thread makes thousands of rows a second; the host draws when it likes, and reads values back.
//!
//! `cargo run --example from_thread -- [FILE]`: the last picture goes to FILE.

mod common;

use std::time::{Duration, Instant};

use common::row;
use ringfall::wgpu::{self, TextureFormat};
use ringfall::{Capacity, Colormap, Error, Options, Pipelines, Scale, Sender, Stamp, Target, Waterfall};

const BINS: usize = 512;
const ROWS: u64 = 3000;
const WIDTH: u32 = 512;
const HEIGHT: u32 = 300;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "waterfall.png".to_owned());

    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let adapter = pollster::block_on(instance.request_adapter(&Default::default()))?;
    let (device, queue) = pollster::block_on(adapter.request_device(&Default::default()))?;

    // Rows are kept to read back what is shown, without the GPU.
    let options =
        Options::default().bins(BINS as u32).capacity(Capacity::Rows(1000)).width(WIDTH).height(HEIGHT).keep_rows(true);
    let target = Target::new(TextureFormat::Rgba8Unorm);
    let mut fall = Waterfall::new(&device, &Pipelines::new(&device), &target, &options)?;
    fall.set_colormap(&Colormap::named("cividis")?);
    fall.set_scale(Scale::linear(-105.0, -20.0)?);

    // Room for all rows on their way, so that a slow machine shows the same picture: 6 MB. A few frames' worth will do
    // for a waterfall that may lose some.
    let sender = fall.sender(ROWS as u32)?;
    let producer = std::thread::spawn(move || produce(sender));

    let mut frames = 0;
    while fall.stats().resident.end < ROWS && (fall.is_stale() || !producer.is_finished()) {
        // Takes in what the thread has sent since the last frame.
        let mut encoder = device.create_command_encoder(&Default::default());
        fall.prepare(&device, &queue, &mut encoder)?;
        queue.submit([encoder.finish()]);
        frames += 1;
        std::thread::sleep(Duration::from_millis(16));
    }
    producer.join().map_err(|_| "the producer panicked")??;

    let (stats, canvas) = (fall.stats(), fall.canvas()?);
    println!("{} rows in {frames} frames, {} dropped", stats.resident.end, stats.dropped_rows);
    if let Some(reading) = canvas.value_at(WIDTH / 4, 0) {
        println!("{:.1} dB at {} Hz, {} s", reading.value, reading.hz, reading.time_ns as f64 / 1e9);
    }
    let mut bytes = vec![0; (WIDTH * HEIGHT * 4) as usize];
    canvas.rgba_u8(&mut bytes)?;
    let mut png = png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(&file)?), WIDTH, HEIGHT);
    png.set_color(png::ColorType::Rgba);
    png.write_header()?.write_image_data(&bytes)?;
    Ok(())
}

/// Sends 3000 rows in about a second. Where there is no room they are dropped, and counted: it never waits for the host.
fn produce(mut sender: Sender) -> Result<(), Error> {
    let start = Instant::now();
    for i in 0..ROWS {
        sender.send(Stamp::index(i), &row(i, BINS))?;
        let due = Duration::from_micros(333 * i);
        std::thread::sleep(due.saturating_sub(start.elapsed()));
    }
    Ok(())
}
