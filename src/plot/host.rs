//! A plot of a waterfall in a host that draws egui with wgpu.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use egui::{PaintCallbackInfo, Rect, Ui};
use egui_wgpu::{CallbackResources, CallbackTrait, ScreenDescriptor};

use super::subject::{Extent, Gesture, Subject};
use super::widget::{Plot, Shown};
use crate::frame::{Frame, Zoom};
use crate::scale::Scale;
use crate::shade::Reading;
use crate::stamp::Stamp;
use crate::unit::Unit;
use crate::view::{Edge, View};
use crate::waterfall::Waterfall;

/// A [`Waterfall`] with a [`Plot`] around it, for programs that draw egui with wgpu (eframe, for instance):
///
/// ```
/// # fn host(device: &ringfall::wgpu::Device, fall: ringfall::Waterfall, ui: &mut egui::Ui, row: &[f32])
/// # -> Result<(), ringfall::Error> {
/// let mut plot = ringfall::plot::WaterfallPlot::new(device, fall); // once
/// plot.waterfall().push(ringfall::Stamp::index(0), row)?; // for each row
/// plot.show(ui); // for each frame
/// # Ok(())
/// # }
/// ```
///
/// The wheel zooms, a drag moves, the right button has a menu. The waterfall keeps the view and the range. The cursor reads
/// values only if the waterfall was made with [`Options::keep_rows`](crate::Options::keep_rows).
#[derive(Debug)]
pub struct WaterfallPlot {
    /// Axes, markers, and what else is drawn.
    pub plot: Plot,
    subject: OnDevice,
}

/// The waterfall as a subject.
#[derive(Debug)]
struct OnDevice {
    device: wgpu::Device,
    fall: Arc<Mutex<Waterfall>>,
    /// The picture when the user took hold of it, and whether it followed the newest row.
    grabbed: Option<(Frame, bool)>,
    /// The view before the user changed anything.
    start: View,
}

impl WaterfallPlot {
    /// Puts a plot around a waterfall that was made on this device, for a target of the format that egui draws to.
    pub fn new(device: &wgpu::Device, fall: Waterfall) -> Self {
        let start = fall.view();
        let subject = OnDevice { device: device.clone(), fall: Arc::new(Mutex::new(fall)), grabbed: None, start };
        Self { plot: Plot::default(), subject }
    }

    /// The waterfall, to push rows and to change settings. It must not be held while [`show`](Self::show) is called.
    pub fn waterfall(&self) -> MutexGuard<'_, Waterfall> {
        self.subject.lock()
    }

    /// Fills what is left of `ui` with the plot.
    pub fn show(&mut self, ui: &mut Ui) -> Shown {
        self.plot.show(ui, &mut self.subject)
    }
}

impl OnDevice {
    fn lock(&self) -> MutexGuard<'_, Waterfall> {
        self.fall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest row's stamp and bins, and when the oldest row begins.
    fn ends(fall: &mut Waterfall) -> Option<(Stamp, u32, i64)> {
        let rows = fall.canvas_mut().resident();
        let range = rows.range();
        let (oldest, newest) = (range.start, range.end.checked_sub(1)?);
        (oldest <= newest).then(|| {
            let last = rows.entry(newest);
            (last.stamp, last.bins, rows.entry(oldest).stamp.time_ns)
        })
    }

    fn set_view(fall: &mut Waterfall, frame: &Frame, view: View) {
        let Some((newest, bins, oldest_ns)) = Self::ends(fall) else { return };
        let view = frame.bounded(view, &newest, bins as usize, oldest_ns);
        // A view beyond the range of numbers changes nothing.
        if let Err(error) = fall.set_view(view) {
            log::debug!("{error}");
        }
    }
}

impl Subject for OnDevice {
    fn set_size(&mut self, width: u32, height: u32) {
        // A device too small for it leaves the picture as it is; it is scaled then.
        if let Err(error) = self.lock().set_size(&self.device, width, height) {
            log::debug!("{error}");
        }
    }

    fn frame(&self) -> Option<Frame> {
        let fall = self.lock();
        (!fall.stats().resident.is_empty() || fall.stats().staged_rows > 0).then(|| fall.frame())
    }

    fn extent(&self) -> Option<Extent> {
        let (newest, bins, oldest_ns) = Self::ends(&mut self.lock())?;
        Some(Extent { hz: newest.span_hz(bins as usize), time_ns: (oldest_ns, newest.end_ns()) })
    }

    fn value_at(&self, x: u32, y: u32) -> Option<Reading> {
        self.lock().canvas().ok()?.value_at(x, y)
    }

    fn line(&self, line: i64, out: &mut Vec<f32>) {
        out.clear();
        if let Ok(canvas) = self.lock().canvas() {
            canvas.line(line, out);
        }
    }

    fn trace(&self, across: u32, out: &mut Vec<f32>) {
        out.clear();
        if let Ok(canvas) = self.lock().canvas() {
            canvas.trace(across, out);
        }
    }

    fn unit(&self) -> Unit {
        self.lock().canvas_mut().unit()
    }

    fn scale(&self) -> Scale {
        self.lock().scale()
    }

    fn lut(&self) -> [[u8; 4]; 256] {
        *self.lock().colormap().lut()
    }

    fn act(&mut self, gesture: Gesture) {
        let fall = Arc::clone(&self.fall);
        let mut fall = fall.lock().unwrap_or_else(PoisonError::into_inner);
        let (frame, view) = (fall.frame(), fall.view());
        match gesture {
            Gesture::Grab => self.grabbed = Some((frame, view.edge == Edge::Follow)),
            Gesture::Drag(by) => {
                let Some((from, followed)) = self.grabbed else { return };
                let mut moved = from.panned(by);
                // A drag along frequency does not end following.
                if followed && from.turned_movement(by).0.abs() < 4.0 {
                    moved.edge = Edge::Follow;
                }
                Self::set_view(&mut fall, &from, moved);
            }
            Gesture::Zoom { at, time, hz } => {
                let zoom = Zoom::at(at).time(time).hz(hz);
                let zoom = if view.edge == Edge::Follow { zoom.following() } else { zoom };
                Self::set_view(&mut fall, &frame, frame.zoomed(zoom));
            }
            Gesture::ShowBox { hz, time_ns } => {
                Self::set_view(&mut fall, &frame, frame.showing(hz, time_ns));
            }
            Gesture::AllHz => Self::set_view(&mut fall, &frame, view.span_hz(self.start.span_hz)),
            Gesture::AllTime => {
                Self::set_view(&mut fall, &frame, view.line_ns(self.start.line_ns).edge(self.start.edge));
            }
            Gesture::Fit => {
                if let Some((newest, _, oldest_ns)) = Self::ends(&mut fall) {
                    let all_ns = newest.time_ns.saturating_sub(oldest_ns) as f64 + newest.duration_ns;
                    let line_ns = (all_ns / f64::from(frame.length().saturating_sub(1).max(1))).max(1.0);
                    let all = view.span_hz(self.start.span_hz).line_ns(line_ns).edge(Edge::Follow);
                    Self::set_view(&mut fall, &frame, all);
                }
            }
            Gesture::SetRange { vmin, vmax } => {
                if let Ok(scale) = Scale::new(fall.scale().norm(), vmin, vmax) {
                    fall.set_scale(scale);
                }
            }
            // A host has its own.
            Gesture::AutoRange | Gesture::SaveBox => {}
        }
    }

    fn paint(&mut self, ui: &mut Ui, place: Rect) {
        ui.painter().add(egui_wgpu::Callback::new_paint_callback(place, Paint(Arc::clone(&self.fall))));
    }
}

/// A waterfall to paint.
struct Paint(Arc<Mutex<Waterfall>>);

impl CallbackTrait for Paint {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        _: &ScreenDescriptor,
        encoder: &mut wgpu::CommandEncoder,
        _: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let mut fall = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = fall.prepare(device, queue, encoder) {
            log::error!("{error}");
        }
        Vec::new()
    }

    fn paint(&self, _: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, _: &CallbackResources) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).render(pass);
    }
}
