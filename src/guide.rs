//! Topics that go beyond a single item: [colour], [cost] and [hosts].

/// Where colours are encoded, and how.
///
/// **Colormaps** are tables of sRGB-encoded bytes, like picture files: [`Colormap`](crate::Colormap) holds the bytes
/// that Matplotlib shows. Entries are never interpolated, so no arithmetic on colours depends on their encoding.
///
/// **The strip** holds the picture on the GPU. It keeps those bytes in an `Rgba8Unorm` texture (`Bgra8Unorm` where the
/// target is one). It is never sRGB-typed.
///
/// **The target** determines what [`render`](crate::Waterfall::render) outputs, see [`Encoding`](crate::Encoding):
///
/// | target | `Auto` | `Srgb` | `Linear` |
/// |---|---|---|---|
/// | `Rgba8Unorm`, `Bgra8Unorm`, `Rgb10a2Unorm` | the bytes as they are | the same | linear light |
/// | `…UnormSrgb` | linear light, which the target encodes back to the bytes | the same | the same |
/// | `Rgba16Float`, `Rgba32Float`, `Rg11b10Ufloat` | linear light | the bytes ÷ 255 | linear light |
///
/// The right choice depends on what the host then does with its target. egui prefers an `Unorm` surface and draws
/// sRGB-encoded numbers: `Auto`. A host that composes in linear light in a float texture and encodes at the end: `Auto`.
/// One that composes encoded colours in a float texture: `Srgb`. One that composes in linear light in an `Unorm` texture:
/// `Linear`; eight bits of linear light inevitably show steps in dark colours.
///
/// With each of them the screen shows the same bytes, within one step of 8 bits. The conversion is that of IEC
/// 61966-2-1, in `f32`. [`copy`](crate::Waterfall::copy) copies the bytes unchanged, also to sRGB formats.
///
/// **Alpha** is never encoded and never premultiplied: 255 everywhere, unless a colormap's `under`, `over` or `bad` set
/// it otherwise. Blending is off: the picture replaces what was there.
///
/// **On the CPU** [`Colormap::rgba_u8`](crate::Colormap::rgba_u8) and [`Canvas::rgba_u8`](crate::Canvas::rgba_u8) give
/// exactly the bytes of the strip; [`Colormap::rgba_f32`](crate::Colormap::rgba_f32) gives the same values ÷ 255, still
/// sRGB-encoded.
pub mod colour {}

/// The cost of each call, in bytes and in time.
///
/// With *n* bins a row, *b* bytes a texel (2 for `F16`, 4 for `F32` and `Rgba8`, 1 for `U8`), a picture of *w* × *h* pixels and a
/// capacity of *c* rows:
///
/// | what | on the GPU | in main memory |
/// |---|---|---|
/// | the ring, shaded by the GPU | *c* · (*n* · *b* + 32) bytes | 40 bytes a row |
/// | the ring, shaded by the CPU | | *c* · (*n* · *b* + 40) bytes |
/// | the strip and its lines | 4 · *w* · *h* + 8 · *h* bytes | |
/// | rows waiting for upload | | *n* · *b* + 8 bytes each, at most 1¼ *c* rows |
/// | [`keep_rows`](crate::Options::keep_rows), if the GPU shades | | *c* · *n* · *b* bytes |
/// | working memory of the CPU shader | | 256 KiB, and at most 4 · *w* · *h* bytes, twice that where time runs sideways |
/// | a [`Sender`](crate::Sender) for *r* rows | | 4 · *n* · *r* bytes |
///
/// | call | sent to the GPU | time on the host's thread |
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
/// The times were measured on two cores of a shared virtual machine with Mesa's software Vulkan, with `cargo bench
/// --bench waterfall -- host`; on that machine the device's work runs on the same cores. If the GPU shades, the *w* ×
/// *h* pixels cost the host nothing.
///
/// As long as the view only scrolls, `render` and `prepare` do not depend on the length of the history. After the first
/// frames `push`, `receive`, `prepare` and `render` allocate no memory themselves; wgpu allocates some to record
/// commands.
pub mod cost {}

/// What a host can rely on, and what it must do.
///
/// * **Nothing is submitted, presented, waited for or printed.** `prepare` writes through the queue and records into
///   the host's encoder; `render` records into the host's pass. Submit the encoder of one `prepare` before the next.
/// * **State of the pass**: `render` sets the pipeline and bind group 0, and leaves everything else alone. A
///   depth-stencil attachment is neither tested nor written, but
///   [`Target::depth_stencil`](crate::Target::depth_stencil) must name its format.
/// * **Viewport and scissor** are the host's. The picture fills the viewport; if their sizes differ
///   ([`set_size`](crate::Waterfall::set_size)), the picture is scaled (nearest).
/// * **Limits**: those of WebGL2 and one bind group. No compute, no storage, no immediates. More bins or rows than one
///   texture layer can hold go into further layers.
/// * **Errors** are typed and returned by the call at fault; none reaches the host's error scopes.
/// * **Threads**: all types are `Send + Sync`. To push rows from another thread, use a [`Sender`](crate::Sender) or put
///   the waterfall into a mutex.
/// * **A lost device** takes its waterfalls with it. Create new ones and push the rows again, for instance from a
///   [`History`](crate::History).
/// * **Idle**: if [`is_stale`](crate::Waterfall::is_stale) returns `false`, the picture has not changed and need not be
///   redrawn.
pub mod hosts {}
