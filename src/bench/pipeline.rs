//! `--pipeline`: samples from a source, through the feed's thread and the analysis, to the picture.

use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use ringfall::dsp::{Average, SampleKind, Settings};
use ringfall::gpu::Gpu;
use ringfall::source::{Block, Feed, Read, Source, SourceError, SourceInfo, WhenFull};
use ringfall::{Capacity, Options, Pipelines, Shading, Target, View, Waterfall};
use serde_json::json;

use super::args::Args;
use super::canvas::{Canvas, FORMAT};
use super::case::Output;
use super::machine;
use super::report::{adapter, adapter_line, grouped, rounded, table};
use super::stats::Times;
use super::stft::noise;
use crate::terminal::{say, text};

/// The description of the samples.
const RATE_HZ: f64 = 200e6;
/// Samples in a block.
const BLOCK: usize = 65_536;
/// Rows between the feed and the renderer, in bytes.
const QUEUE: usize = 16 << 20;
/// Spectra that a line of the picture shows the maximum of.
const SPECTRA_A_LINE: u32 = 64;

/// The results.
struct Flow {
    kind: SampleKind,
    spectra_per_row: u32,
    samples: u64,
    rows: u64,
    dropped: u64,
    seconds: f64,
    lines: u64,
    times: Times,
    cpu_s: Option<f64>,
}

pub(super) fn run(args: &Args, gpu: &Gpu) -> Result<()> {
    let size = args.fft().unwrap_or(1024);
    let (width, height) = (args.width.unwrap_or(1920), args.height.unwrap_or(1080));
    let (seconds, shading) = (args.max_seconds.min(4.0), args.shading.shading());
    let mut flows = Vec::new();
    for kind in [SampleKind::Complex, SampleKind::Real] {
        // The maximum over a line's spectra is found by the analysis, or by the renderer from a row each.
        for spectra in [SPECTRA_A_LINE, 1] {
            // The first run finds out how many samples take about that long.
            let few = (1 << 22).max(size as u64 * u64::from(SPECTRA_A_LINE) * 4);
            let trial = flow(gpu, shading, (kind, size, spectra), (width, height), few)?;
            let samples = (trial.samples as f64 / trial.seconds * seconds) as u64;
            flows.push(flow(gpu, shading, (kind, size, spectra), (width, height), samples.max(few))?);
        }
    }
    if args.json {
        for flow in &flows {
            let line = json!({
                "peer": "ringfall",
                "pipeline": if flow.kind == SampleKind::Real { "real" } else { "complex" },
                "fft": size,
                "spectra_per_row": flow.spectra_per_row,
                "width": width,
                "height": height,
                "samples": flow.samples,
                "samples_per_s": (flow.samples as f64 / flow.seconds).round(),
                "rows": flow.rows,
                "rows_per_s": (flow.rows as f64 / flow.seconds).round(),
                "dropped_rows": flow.dropped,
                "frames": flow.times.count(),
                "frames_per_s": rounded(flow.times.count() as f64 / flow.seconds),
                "ms_median": rounded(flow.times.median()),
                "ms_p99": rounded(flow.times.percentile(99.0)),
                "shaded_lines": flow.lines,
                "cpu_s_per_s": flow.cpu_s.map(|cpu| rounded(cpu / flow.seconds)),
                "adapter": adapter(gpu),
                "load": machine::load(),
            });
            say(line)?;
        }
        return Ok(());
    }
    say(format_args!("Machine: {}", machine::processor()))?;
    say(format_args!("Adapter: {}", adapter_line(gpu)))?;
    say(format_args!(
        "\nFrom samples in memory to a picture of {width}x{height}, FFT {size} without overlap, every sample used:\n"
    ))?;
    let rows: Vec<Vec<String>> = flows
        .iter()
        .map(|flow| {
            vec![
                if flow.kind == SampleKind::Real { "real" } else { "complex" }.to_owned(),
                flow.spectra_per_row.to_string(),
                format!("{:.1}", flow.samples as f64 / flow.seconds * 1e-6),
                grouped((flow.rows as f64 / flow.seconds) as u64),
                flow.dropped.to_string(),
                format!("{:.0}", flow.times.count() as f64 / flow.seconds),
                format!("{:.2}", flow.times.median()),
                flow.cpu_s.map_or_else(|| "-".to_owned(), |cpu| format!("{:.2}", cpu / flow.seconds)),
            ]
        })
        .collect();
    let head =
        ["samples", "spectra a row", "million/s", "rows/s", "rows lost", "frames/s", "ms a frame", "processors used"];
    Ok(text(table(&head, &rows))?)
}

fn flow(
    gpu: &Gpu,
    shading: Shading,
    (kind, size, spectra): (SampleKind, usize, u32),
    (width, height): (u32, u32),
    samples: u64,
) -> Result<Flow> {
    let average = if spectra == 1 { Average::None } else { Average::Max(spectra) };
    let settings = Settings { size, hop: size, average, ..Settings::default() };
    let source = Memory::new(kind, samples);
    let queue = (QUEUE / 4 / size.max(1)).max(16);
    // Made ready first, so that the samples do not wait for shaders.
    let canvas = Canvas::new(gpu, width, height, Output::Copy)?;
    let pipelines = Pipelines::new(gpu.device());
    let bins = match kind {
        SampleKind::Real => size / 2 + 1,
        SampleKind::Complex => size,
    };
    let options = Options::default()
        .bins(u32::try_from(bins).context("--fft: too long")?)
        .capacity(Capacity::Bytes(256 << 20))
        .width(width)
        .height(height)
        .shading(shading);
    let mut fall = Waterfall::new(gpu.device(), &pipelines, &Target::new(FORMAT), &options)?;
    let line_ns = size as f64 / RATE_HZ * 1e9 * f64::from(SPECTRA_A_LINE);
    fall.set_view(View::default().line_ns(Some(line_ns)))?;
    let mut nothing = Vec::new();
    let mut frame = |fall: &mut Waterfall| -> Result<u32> {
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        fall.prepare(gpu.device(), gpu.queue(), &mut encoder)?;
        fall.copy(&mut encoder, &canvas.texture, (0, 0))?;
        canvas.finish(gpu, encoder, &mut nothing)?;
        Ok(fall.stats().shaded_lines)
    };
    frame(&mut fall)?;

    let render_thread = std::thread::current();
    let (start, cpu) = (Instant::now(), machine::cpu_time());
    let mut feed = Feed::start(Box::new(source), &settings, queue, WhenFull::Wait, move || render_thread.unpark())?;
    let (mut rows, mut lines, mut ms) = (0, 0, Vec::new());
    loop {
        let ended = feed.status().ended;
        let mut refused = None;
        let got = feed.drain(usize::MAX, |stamp, row| {
            if let Err(error) = fall.push(stamp, row) {
                refused = Some(error);
            }
        });
        if let Some(error) = refused {
            return Err(error.into());
        }
        rows += got as u64;
        if got > 0 {
            let begun = Instant::now();
            lines += u64::from(frame(&mut fall)?);
            ms.push(begun.elapsed().as_secs_f64() * 1e3);
        } else if ended {
            break;
        } else {
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let cpu_s = machine::cpu_time().zip(cpu).map(|(after, before)| after.saturating_sub(before).as_secs_f64());
    let status = feed.status();
    if let Some(error) = status.error {
        return Err(anyhow::Error::from(error).context("the feed"));
    }
    let expected = samples / (size as u64 * u64::from(spectra));
    if rows != expected {
        bail!("{rows} rows came of {samples} samples; expected {expected}");
    }
    Ok(Flow {
        kind,
        spectra_per_row: spectra,
        samples,
        rows,
        dropped: status.dropped_rows,
        seconds,
        lines,
        times: Times::new(ms).context("no row came: --fft is longer than the samples")?,
        cpu_s,
    })
}

/// Noise from memory, as fast as it is fetched.
struct Memory {
    info: SourceInfo,
    samples: Vec<f32>,
    left: u64,
    done: u64,
}

impl Memory {
    fn new(kind: SampleKind, samples: u64) -> Self {
        Self {
            info: SourceInfo::new("memory", RATE_HZ, kind),
            samples: noise(BLOCK * kind.values_per_sample()),
            left: samples,
            done: 0,
        }
    }
}

impl Source for Memory {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        let count = self.left.min(BLOCK as u64);
        if count == 0 {
            return Ok(Read::End);
        }
        block.samples.clear();
        let values = count as usize * self.info.kind.values_per_sample();
        block.samples.extend_from_slice(&self.samples[..values]);
        block.time_ns = (self.done as f64 / RATE_HZ * 1e9) as i64;
        block.gap = false;
        self.left -= count;
        self.done += count;
        Ok(Read::Samples)
    }
}
