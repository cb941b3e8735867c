//! Pages on the whole rather than on one item: [colour], [cost] and [hosts].

/// What is encoded where.
///
/// **Colormaps** are tables of sRGB-encoded bytes, as picture files are: what Matplotlib shows for viridis is what
/// [`Colormap`](crate::Colormap) holds. Nothing is interpolated between two entries, so no arithmetic on colours depends on
/// their encoding.
///
/// **The strip**, which holds the picture on the GPU, has those bytes in an `Rgba8Unorm` texture (`Bgra8Unorm` where the
/// target is one). It is never sRGB-typed.
///
/// **The target** decides what [`render`](crate::Waterfall::render) hands over, see [`Encoding`](crate::Encoding):
///
/// | target | `Auto` | `Srgb` | `Linear` |
/// |---|---|---|---|
/// | `Rgba8Unorm`, `Bgra8Unorm`, `Rgb10a2Unorm` | the bytes as they are | the same | linear light |
/// | `…UnormSrgb` | linear light, which the target encodes back to the bytes | the same | the same |
/// | `Rgba16Float`, `Rgba32Float`, `Rg11b10Ufloat` | linear light | the bytes ÷ 255 | linear light |
///
/// Which is right depends on what the host does with its target afterwards. egui prefers an `Unorm` surface and draws
/// sRGB-encoded numbers: `Auto`. A host that composes in linear light in a float texture and encodes at the end: `Auto`.
/// One that composes encoded colours in a float texture: `Srgb`. One that composes in linear light in an `Unorm` texture:
/// `Linear`; eight bits of linear light show steps in dark colours, which is nobody's fault.
///
/// With any of them the screen shows the same bytes, to one step of 8 bits: the conversion is that of IEC 61966-2-1 and is
/// done in `f32`. [`copy`](crate::Waterfall::copy) copies the bytes themselves, to sRGB formats too.
///
/// **Alpha** is never encoded and never premultiplied: 255 everywhere, unless a colormap's `under`, `over` or `bad` say
/// otherwise. Blending is off: what is drawn replaces what was there.
///
/// **On the CPU** [`Colormap::rgba_u8`](crate::Colormap::rgba_u8) and [`Reader::rgba_u8`](crate::Reader::rgba_u8) give
/// the bytes of the strip, to the bit; [`Colormap::rgba_f32`](crate::Colormap::rgba_f32) the same ÷ 255, sRGB-encoded still.
pub mod colour {}

/// What each call costs, in bytes and in time.
///
/// With *n* bins a row, *b* bytes a texel (2 for `F16`, 4 for `F32`, 1 for `U8`), a picture of *w* × *h* pixels and a
/// capacity of *c* rows:
///
/// | what | on the GPU | in main memory |
/// |---|---|---|
/// | the ring, shaded by the GPU | *c* · (*n* · *b* + 32) bytes | 40 bytes a row |
/// | the ring, shaded by the CPU | | *c* · (*n* · *b* + 40) bytes |
/// | the strip and its lines | 4 · *w* · *h* + 8 · *h* bytes | |
/// | rows that wait for the GPU | | *n* · *b* + 8 bytes each, no more than 1¼ *c* of them |
/// | [`keep_rows`](crate::Options::keep_rows), if the GPU shades | | *c* · *n* · *b* bytes |
/// | what the CPU shades with | | 256 KiB, and at most 4 · *w* · *h* bytes, twice that where time runs sideways |
/// | a [`Sender`](crate::Sender) for *r* rows | | 4 · *n* · *r* bytes |
///
/// | call | hands to the GPU | on the host's thread |
/// |---|---|---|
/// | [`push`](crate::Waterfall::push), 2048 bins | nothing | 0.5 µs |
/// | [`prepare`](crate::Waterfall::prepare), nothing new | nothing | 5 ns |
/// | `prepare`, one new row, the GPU shades | *n* · *b* + 32 + 8 bytes, one line of pixels to shade | 6 µs |
/// | `prepare`, one new row, the CPU shades | 4 · *w* bytes, or 4 · *h* where time runs sideways | 6 µs |
/// | `prepare`, another range, colormap, zoom or size, the GPU shades | 8 · *h* bytes (and 32 a row for another zoom), all pixels to shade | grows with *h*, and with *c* for another zoom |
/// | the same, the CPU shades | 4 · *w* · *h* bytes | 4 ms for 1920×1080 on two threads |
/// | [`render`](crate::Waterfall::render) | one draw of two rectangles, one texel a pixel | 0.9 µs with a pass around it |
/// | [`copy`](crate::Waterfall::copy) | two copies of 4 · *w* · *h* bytes together | 0.25 µs |
/// | [`Waterfall::new`](crate::Waterfall::new) on existing pipelines | the textures, cleared | 15 to 50 µs |
///
/// The times were measured on two cores of a shared virtual machine with Mesa's software Vulkan, with
/// `cargo bench --bench waterfall -- host`; there the device's own work runs on the same cores. Where the GPU shades, *w* × *h*
/// pixels are its work and not the host's.
///
/// Neither `render` nor `prepare` depends on how much history there is, as long as the view only scrolls. After the first
/// frames none of `push`, `receive`, `prepare` and `render` allocates memory of its own; what wgpu allocates to record
/// commands is wgpu's.
pub mod cost {}

/// What a host may rely on, and what it has to do.
///
/// * **Nothing is submitted, presented, waited for or printed.** `prepare` writes through the queue and records into the
///   host's encoder; `render` records into the host's pass. The encoder of one `prepare` has to be submitted before the
///   next.
/// * **State of the pass**: `render` sets the pipeline and bind group 0, and leaves everything else. A depth-stencil
///   attachment is neither tested nor written; [`Target::depth_stencil`](crate::Target::depth_stencil) has to name it.
/// * **Viewport and scissor** are the host's. The picture fills the viewport; where that is not as large as the picture
///   ([`set_size`](crate::Waterfall::set_size)), it is scaled, nearest.
/// * **Limits**: those of WebGL2 and one bind group. No compute, no storage, no immediates. More bins or rows than a
///   texture is long are laid out in its layers.
/// * **Errors** are typed and come from the call that is wrong; none is raised in the host's error scopes.
/// * **Threads**: all types are `Send + Sync`. Rows from another thread go through a [`Sender`](crate::Sender), or the
///   waterfall into a mutex.
/// * **A lost device** takes its waterfalls with it: make new ones, and push the rows again, from a
///   [`History`](crate::History) for instance.
/// * **Idle**: where [`is_stale`](crate::Waterfall::is_stale) says no, the picture has not changed and there is nothing to
///   draw again.
pub mod hosts {}
