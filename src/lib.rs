//! A scrolling waterfall (spectrogram) that lives on the GPU, for any [wgpu] program.
//!
//! A row of spectrum is sent to the GPU once, in dB, and never touched again to draw a frame: range, colours, zoom and
//! scrolling are decided there, over all of history at once. A picture of it, and a
//! section for each kind of host, are in the README.
//!
//! ```
//! use ringfall::{Colormap, Options, Pipelines, Scale, Stamp, Target, Waterfall, wgpu};
//!
//! # fn host(device: &wgpu::Device, queue: &wgpu::Queue, format: wgpu::TextureFormat, row_db: &[f32],
//! #         encoder: &mut wgpu::CommandEncoder, view: &wgpu::TextureView) -> Result<(), Box<dyn std::error::Error>> {
//! // Once: the pipelines of a device, and a waterfall.
//! let pipelines = Pipelines::new(device);
//! let options = Options::default().bins(2048).width(800).height(600);
//! let mut fall = Waterfall::new(device, &pipelines, &Target::new(format), &options)?;
//! fall.set_colormap(&Colormap::named("inferno")?);
//! fall.set_scale(Scale::linear(-120.0, -20.0)?);
//!
//! // Whenever a row comes: its values, and when and where in frequency it was taken.
//! let stamp = Stamp { time_ns: 0, duration_ns: 20e6, first_hz: 7.0e6, bin_hz: 100.0 };
//! fall.push(stamp, row_db)?;
//!
//! // Each frame: upload and shade what is new, then draw in a render pass of the host's.
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
//! # What is what
//!
//! * A **row** is one spectrum: values ([`f32`], dB as a rule; NaN is a gap) with a [`Stamp`] that says when it was taken
//!   and where in frequency its bins lie. Rows may differ in length, span and duration.
//! * The **ring** holds the newest rows on the GPU, as many as [`Options::capacity`] says. With [`Texel`] one chooses
//!   between 1, 2 and 4 bytes a value. Where the adapter is a software one the CPU shades by itself, and the ring is in
//!   main memory: see [`Shading`].
//! * A [`View`] says which frequencies and times are on show, and what a pixel shows that covers many values: the largest
//!   by default, so that a carrier one bin wide never vanishes.
//! * [`Scale`] and [`Colormap`] turn values into colours, on the GPU and, to the bit, on the CPU.
//! * [`Waterfall::prepare`] does all that may fail; [`Waterfall::render`] draws, and nothing else. Or
//!   [`Waterfall::copy`] copies the picture into a texture, which is faster where there is nothing to draw over.
//! * A [`Sender`] brings rows from another thread, [`Waterfall::canvas`] values back to the CPU; a [`Canvas`] by itself
//!   needs no GPU.
//! * [`History`] and [`Loader`] keep more rows than the GPU does, to scroll back through. [`Rows`] is what a loader reads;
//!   a [`Pyramid`] makes it of any [`Store`].
//!
//! The [`guide`] has pages on colour, on cost, and on what a host may rely on.
//!
//! # Features
//!
//! With `default-features = false` the crate is the renderer alone and brings no crate that wgpu does not bring; wgpu's
<<<<<<< HEAD
//! backends are the host's choice. `dsp` adds samples to rows, `sound` and `audio-files` sources of samples, `arrays` arrays in files, `app` (the
=======
//! backends are the host's choice. `dsp` adds samples to rows, `sound`, `audio-files` and `recordings` sources of samples, `app` (the
>>>>>>> w/iq
//! default) the program.

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
pub use rows::{Entry, History, HistoryError, Precision, Pyramid, Rows, RowsError, Store};
pub use scale::{LutIndex, Norm, NormError, NormHelp, Scale, ScaleError};
pub use shade::{Canvas, Capacity, Options, Painting, Reading, Shading, Texel};
pub use stamp::{Stamp, StampError};
pub use unit::Unit;
pub use view::{Axis, Edge, Interpolation, Reduce, Side, View, ViewError};
pub use waterfall::{Encoding, Pipelines, Sender, Stats, StripRef, Target, Waterfall};
pub use wgpu;
