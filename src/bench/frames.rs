//! Runs one way of drawing over one case, and measures.

use std::time::Instant;

use anyhow::{Context as _, Result};
use ringfall::gpu::Gpu;
use ringfall::{Colormap, Shading};

use super::bare::Bare;
use super::canvas::{Canvas, wait};
use super::case::{Case, Motion, Output, Pool};
use super::clock::GpuClock;
use super::reference::{Difference, difference, picture};
use super::stats::Times;
use super::strategy::{Kind, Strategy};
use super::{allocations, machine};

/// The result.
pub(super) struct Measured {
    pub(super) kind: Kind,
    pub(super) case: Case,
    /// Where the lines were shaded, by the renderer.
    pub(super) shading: Option<Shading>,
    pub(super) times: Times,
    pub(super) cpu_ms_per_frame: Option<f64>,
    pub(super) gpu_ms_median: Option<f64>,
    pub(super) uploaded_bytes_per_frame: f64,
    pub(super) allocations_per_frame: f64,
    /// What the same wgpu calls allocate without ringfall, where they were repeated bare.
    pub(super) allocations_per_frame_wgpu: Option<f64>,
    pub(super) peak_rss_mb: Option<f64>,
    pub(super) sync: &'static str,
    pub(super) difference: Difference,
    pub(super) load: Option<f64>,
}

/// Rows brought to the device at once before the first frame.
const FILL: u64 = 1024;
/// Times that there is room for beforehand, so that measuring allocates nothing; few runs have more.
pub(super) const ROOM: u32 = 1 << 16;
/// Frames for the times on the device, which would disturb those on the wall.
const CLOCKED: u32 = 200;

pub(super) fn run(gpu: &Gpu, kind: Kind, case: &Case) -> Result<Measured> {
    // The colours of QRSS VD.
    let colormap = Colormap::named("green")?;
    let pool = Pool::new(case.bins);
    machine::reset_peak_rss();
    let load = machine::load();
    let canvas = Canvas::new(gpu, case.width, case.height, case.output)?;
    let strategy = kind.make(gpu, case, &colormap)?;
    let mut run = Run { gpu, case, pool: &pool, canvas, strategy, rows: 0, frame: 0, picture: Vec::new() };
    run.fill()?;
    for _ in 0..case.warmup {
        run.frame()?;
    }

    let mut ms = Vec::with_capacity(case.frames.min(ROOM) as usize);
    let (mut uploaded, mut allocated) = (0, 0);
    let (start, cpu) = (Instant::now(), machine::cpu_time());
    for frame in 0..case.frames {
        let done = run.frame()?;
        ms.push(done.ms);
        uploaded += done.uploaded;
        allocated += done.allocated;
        if frame >= 4 && start.elapsed().as_secs_f64() > case.max_seconds {
            break;
        }
    }
    let spent = machine::cpu_time().zip(cpu).map(|(after, before)| after.saturating_sub(before));
    let frames = ms.len() as f64;
    let peak_rss_mb = machine::peak_rss_mb();

    let gpu_ms_median = run.clocked()?;
    run.canvas.read(gpu, &mut run.picture)?;
    let look = case.look(run.frame - 1);
    let want = picture(case, &pool, look, &colormap, run.rows);
    Ok(Measured {
        kind,
        case: *case,
        times: Times::new(ms).context("no frame was measured")?,
        cpu_ms_per_frame: spent.map(|time| time.as_secs_f64() * 1e3 / frames),
        gpu_ms_median,
        uploaded_bytes_per_frame: uploaded as f64 / frames,
        allocations_per_frame: allocated as f64 / frames,
        allocations_per_frame_wgpu: bare(gpu, run.strategy.shading(), case, &run.canvas)?,
        shading: run.strategy.shading(),
        peak_rss_mb,
        sync: run.canvas.sync(),
        difference: difference(&run.picture, &want),
        load,
    })
}

/// What wgpu allocates by itself is known for the one sequence of calls that was written down again.
fn bare(gpu: &Gpu, shading: Option<Shading>, case: &Case, canvas: &Canvas) -> Result<Option<f64>> {
    let Some(shading) = shading else { return Ok(None) };
    if case.motion != Motion::Steady || case.output == Output::Readback || case.rows_per_frame == 0 {
        return Ok(None);
    }
    Bare::new(gpu, case, shading)?.allocations_per_frame(gpu, canvas).map(Some)
}

struct Run<'a> {
    gpu: &'a Gpu,
    case: &'a Case,
    pool: &'a Pool,
    canvas: Canvas,
    strategy: Box<dyn Strategy>,
    rows: u64,
    frame: u32,
    picture: Vec<u8>,
}

/// One frame.
struct Done {
    ms: f64,
    uploaded: u64,
    allocated: u64,
}

impl Run<'_> {
    /// Brings all of history to the device.
    fn fill(&mut self) -> Result<()> {
        let history = u64::from(self.case.history);
        while self.rows < history {
            let until = (self.rows + FILL).min(history);
            for row in self.rows..until {
                self.strategy.push(self.pool.row(row))?;
            }
            self.rows = until;
            let mut encoder = self.gpu.device().create_command_encoder(&Default::default());
            let look = self.case.look(0);
            self.strategy.record(self.gpu, look, &mut encoder, &self.canvas)?;
            self.gpu.queue().submit([encoder.finish()]);
            wait(self.gpu)?;
        }
        Ok(())
    }

    /// From the rows' arrival to the finished picture.
    fn frame(&mut self) -> Result<Done> {
        let (start, allocated) = (Instant::now(), allocations::here());
        let mut encoder = self.gpu.device().create_command_encoder(&Default::default());
        let uploaded = self.record(&mut encoder)?;
        self.canvas.record_output(&mut encoder);
        self.canvas.finish(self.gpu, encoder, &mut self.picture)?;
        Ok(Done { ms: start.elapsed().as_secs_f64() * 1e3, uploaded, allocated: allocations::here() - allocated })
    }

    fn record(&mut self, encoder: &mut ringfall::wgpu::CommandEncoder) -> Result<u64> {
        for _ in 0..self.case.rows_per_frame {
            self.strategy.push(self.pool.row(self.rows))?;
            self.rows += 1;
        }
        let look = self.case.look(self.frame);
        self.frame += 1;
        self.strategy.record(self.gpu, look, encoder, &self.canvas)
    }

    /// The median of the times that the device itself takes, if it reports them.
    fn clocked(&mut self) -> Result<Option<f64>> {
        let Some(clock) = GpuClock::new(self.gpu) else { return Ok(None) };
        let mut ms = Vec::new();
        let start = Instant::now();
        for frame in 0..self.case.frames.min(CLOCKED) {
            let mut encoder = self.gpu.device().create_command_encoder(&Default::default());
            clock.begin(&mut encoder);
            self.record(&mut encoder)?;
            self.canvas.record_output(&mut encoder);
            clock.end(&mut encoder);
            self.canvas.finish(self.gpu, encoder, &mut self.picture)?;
            ms.push(clock.ms(self.gpu)?);
            if frame >= 4 && start.elapsed().as_secs_f64() > self.case.max_seconds / 4.0 {
                break;
            }
        }
        Ok(Times::new(ms).map(|times| times.median()))
    }
}
