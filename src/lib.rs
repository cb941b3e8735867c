//! A scrolling waterfall (spectrogram) that lives on the GPU, for any [wgpu] program.
//!
//! Each spectrum is uploaded once, in dB. Range, colours, zoom and scrolling are applied on the GPU, to the whole
//! history at once. The README has a picture, `docs/embedding.md` a section for each kind of host.
//!
//! ```
//! use ringfall::{Colormap, Options, Pipelines, Scale, Stamp, Target, Waterfall, wgpu};
//!
//! # fn host(device: &wgpu::Device, queue: &wgpu::Queue, format: wgpu::TextureFormat, row_db: &[f32],
//! #         encoder: &mut wgpu::CommandEncoder, view: &wgpu::TextureView) -> Result<(), Box<dyn std::error::Error>> {
//! // Once: the pipelines of the device, and a waterfall.
//! let pipelines = Pipelines::new(device);
//! let options = Options::default().bins(2048).width(800).height(600);
//! let mut fall = Waterfall::new(device, &pipelines, &Target::new(format), &options)?;
//! fall.set_colormap(&Colormap::named("inferno")?);
//! fall.set_scale(Scale::linear(-120.0, -20.0)?);
//!
//! // For each row: its values, when it was taken, and where its bins lie.
//! let stamp = Stamp { time_ns: 0, duration_ns: 20e6, first_hz: 7.0e6, bin_hz: 100.0 };
//! fall.push(stamp, row_db)?;
//!
//! // For each frame: upload and shade what is new, then draw in the host's render pass.
//! fall.prepare(device, queue, encoder)?;
//! # let attachment = wgpu::RenderPassColorAttachment {
//! #     view, depth_slice: None, resolve_target: None, ops: Default::default() };
//! # let descriptor = wgpu::RenderPassDescriptor { color_attachments: &[Some(attachment)], ..Default::default() };
//! # let mut pass = encoder.begin_render_pass(&descriptor);
//! fall.render(&mut pass);
//! # Ok(())
//! # }
//! ```
//!
//! # Overview
//!
//! * A **row** is one spectrum: values ([`f32`], dB as a rule; NaN is a gap) with a [`Stamp`] that says when it was taken
//!   and where in frequency its bins lie. Rows may differ in length, span and duration.
//! * The **ring** holds the newest rows on the GPU, up to [`Options::capacity`]. [`Texel`] selects 1, 2 or 4 bytes per
//!   value. On a software adapter the CPU shades, and the ring is in main memory: see [`Shading`].
//! * A [`View`] selects the visible frequencies and times, and what a pixel shows when it covers several values: by
//!   default the largest, so that a carrier one bin wide never vanishes.
//! * [`Scale`] and [`Colormap`] turn values into colours, with identical results on the GPU and the CPU.
//! * [`Waterfall::prepare`] does everything that can fail; [`Waterfall::render`] only draws. [`Waterfall::copy`] copies
//!   the picture into a texture, which is faster if nothing is drawn over it.
//! * A [`Sender`] brings rows from another thread. [`Waterfall::canvas`] reads values back on the CPU. A [`Canvas`] on
//!   its own needs no GPU, and a [`Strip`] keeps its picture in main memory.
//! * [`History`] and [`Loader`] keep more rows than the GPU holds, to scroll back through. A loader reads any [`Rows`];
//!   a [`Pyramid`] implements it over any [`Store`].
//!
//! The [`guide`] explains colour, cost, and what a host can rely on.
//!
//! # Features
//!
//! With `default-features = false` the crate is only the renderer and adds no crate beyond wgpu's own dependencies; the
//! host chooses wgpu's backends. `dsp` adds the analysis of samples into rows, `sound`, `audio-files` and `recordings` add
//! sources of samples, `publish` sends rows on, `arrays` and `images` add arrays in files, `egui` adds the plot widget, and
//! `app` (the default) adds the program.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "arrays")]
pub mod array;
mod colormap;
mod decibel;
#[cfg(feature = "dsp")]
pub mod dsp;
mod error;
#[cfg(feature = "app")]
pub mod export;
mod frame;
#[cfg(feature = "app")]
pub mod gpu;
pub mod guide;
mod loader;
mod mean;
#[cfg(feature = "app")]
pub mod palette;
#[cfg(feature = "egui")]
pub mod plot;
#[cfg(feature = "publish")]
pub mod publish;
#[cfg(feature = "egui")]
pub mod raster;
mod rows;
mod scale;
mod shade;
#[cfg(feature = "dsp")]
pub mod source;
mod stamp;
mod unit;
mod view;
mod waterfall;

pub use colormap::{Colormap, ColormapError};
pub use error::Error;
pub use frame::{Frame, Zoom};
pub use loader::Loader;
pub use mean::Mean;
#[cfg(feature = "app")]
pub use rows::Saved;
#[cfg(any(feature = "dsp", feature = "arrays"))]
pub use rows::{Compute, Computed, ComputedOptions, Frames, Progress, Reader, Wake};
pub use rows::{Entry, History, HistoryError, Precision, Pyramid, Rows, RowsError, Store};
pub use scale::{LutIndex, Norm, NormError, NormHelp, Scale, ScaleError, Value};
pub use shade::{Canvas, Capacity, Options, Painting, Reading, Shading, Strip, StripChange, Texel};
pub use stamp::{Stamp, StampError};
pub use unit::Unit;
pub use view::{Axis, Edge, Interpolation, Reduce, Side, View, ViewError};
pub use waterfall::{Encoding, Pipelines, Sender, Stats, StripRef, Target, Waterfall};
pub use wgpu;
