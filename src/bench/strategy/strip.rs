//! ringfall's own way.

use anyhow::Result;
use ringfall::gpu::Gpu;
use ringfall::{Capacity, Colormap, Options, Pipelines, Shading, Side, Target, Waterfall, wgpu};

use super::Strategy;
use crate::bench::canvas::{Canvas, FORMAT};
use crate::bench::case::{Case, Look, Output, Row};

/// ringfall's own way.
pub(super) struct Strip {
    fall: Waterfall,
    /// The scale that was set last: it is computed again only if another one is needed.
    look: Option<Look>,
}

impl Strip {
    pub(super) fn new(gpu: &Gpu, case: &Case, colormap: &Colormap) -> Result<Self> {
        let options = Options::default()
            .bins(case.bins)
            .capacity(Capacity::Rows(case.history))
            .texel(case.texel.texel())
            .width(case.width)
            .height(case.height)
            .newest_side(Side::Bottom)
            .shading(case.shading);
        let pipelines = Pipelines::new(gpu.device());
        let mut fall = Waterfall::new(gpu.device(), &pipelines, &Target::new(FORMAT), &options)?;
        fall.set_colormap(colormap);
        Ok(Self { fall, look: None })
    }
}

impl Strategy for Strip {
    fn shading(&self) -> Option<Shading> {
        Some(self.fall.shading())
    }

    fn push(&mut self, row: Row<'_>) -> Result<()> {
        Ok(self.fall.push(row.stamp, row.values)?)
    }

    fn record(&mut self, gpu: &Gpu, look: Look, encoder: &mut wgpu::CommandEncoder, canvas: &Canvas) -> Result<u64> {
        let fall = &mut self.fall;
        if self.look != Some(look) {
            fall.set_view(look.view())?;
            fall.set_scale(look.scale()?);
            self.look = Some(look);
        }
        fall.prepare(gpu.device(), gpu.queue(), encoder)?;
        if canvas.output == Output::Draw {
            fall.render(&mut canvas.pass(encoder));
        } else {
            fall.copy(encoder, &canvas.texture, (0, 0))?;
        }
        Ok(fall.stats().uploaded_bytes)
    }
}
