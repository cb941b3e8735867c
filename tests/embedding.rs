//! A waterfall in the host's render pass: every kind of target against the CPU reference, the host's own draws around
//! it, and mistakes that a host may make.

mod common;

use common::reference::Reference;
use common::{Gpu, Picture, Random};
use ringfall::wgpu::{self, TextureFormat};
use ringfall::{
    Capacity, Colormap, Encoding, Error, Options, Pipelines, Scale, Shading, Side, Stamp, StampError, Target, Texel,
    View, Waterfall,
};

/// Runs what a host does inside error scopes of its own, which must stay empty.
#[track_caller]
fn without_errors<T>(gpu: &Gpu, what: &str, host: impl FnOnce() -> T) -> T {
    let scopes = [wgpu::ErrorFilter::Validation, wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Internal]
        .map(|filter| gpu.device.push_error_scope(filter));
    let done = host();
    for scope in scopes.into_iter().rev() {
        if let Some(error) = pollster::block_on(scope.pop()) {
            panic!("{what}: {error}");
        }
    }
    done
}

const WIDTH: u32 = 36;
const HEIGHT: u32 = 28;

fn options(newest: Side) -> Options {
    Options::default().bins(48).capacity(Capacity::Rows(40)).width(WIDTH).height(HEIGHT).newest_side(newest)
}

/// A waterfall with 77 rows in it, so that ring and strip have wrapped, and the picture it must show.
fn fed(gpu: &Gpu, target: &Target, newest: Side) -> (Waterfall, Picture) {
    let mut fall = gpu.waterfall_for(target, &options(newest));
    let mut random = Random(11);
    let scale = Scale::linear(-120.0, 0.0).expect("a range");
    // An opacity of its own: it must not be taken for light.
    let colormap = Colormap::named("turbo").expect("a name").with_bad([0, 255, 20, 128]);
    let mut reference = Reference {
        rows: Vec::new(),
        texel: Texel::F16,
        view: View::default(),
        scale,
        colormap: colormap.clone(),
        newest,
        width: WIDTH,
        height: HEIGHT,
        capacity: 40,
    };
    fall.set_scale(scale);
    fall.set_colormap(&colormap);
    for i in 0..77 {
        let row = random.row(48);
        fall.push(Stamp::index(i), &row).expect("a row");
        reference.rows.push((Stamp::index(i), row));
        if i == 50 {
            gpu.prepare(&mut fall);
        }
    }
    (fall, reference.picture())
}

/// Where a host puts the picture in its target.
struct Place {
    what: &'static str,
    viewport: [u32; 4],
    scissor: [u32; 4],
}

const TARGET: (u32, u32) = (120, 100);
const PLACES: [Place; 4] = [
    Place { what: "a corner", viewport: [0, 0, WIDTH, HEIGHT], scissor: [0, 0, TARGET.0, TARGET.1] },
    Place { what: "somewhere within, cut on all sides", viewport: [50, 37, WIDTH, HEIGHT], scissor: [55, 40, 20, 15] },
    Place {
        what: "three times as large",
        viewport: [5, 9, 3 * WIDTH, 3 * HEIGHT],
        scissor: [0, 0, TARGET.0, TARGET.1],
    },
    // One pixel of three, so that each has a middle. 36 and 28 by 3: columns only.
    Place { what: "a third as wide", viewport: [7, 11, WIDTH / 3, HEIGHT], scissor: [0, 0, TARGET.0, TARGET.1] },
];

/// The host's background, linear light.
const CLEAR: wgpu::Color = wgpu::Color { r: 1.0, g: 0.0, b: 1.0, a: 1.0 };

impl Place {
    fn within([x, y, width, height]: [u32; 4], at: (u32, u32)) -> Option<(u32, u32)> {
        let (dx, dy) = (at.0.checked_sub(x)?, at.1.checked_sub(y)?);
        (dx < width && dy < height).then_some((dx, dy))
    }

    /// Whether the picture as it is cut begins right of or below this pixel.
    fn borders(&self, (x, y): (u32, u32)) -> bool {
        let within = |at| Self::within(self.scissor, at).is_some() && Self::within(self.viewport, at).is_some();
        !within((x, y)) && [(1, 0), (0, 1), (1, 1)].iter().any(|(dx, dy)| within((x + dx, y + dy)))
    }

    /// What the target must show here of the picture.
    fn pixel(&self, picture: &Picture, at: (u32, u32)) -> Option<[u8; 4]> {
        Self::within(self.scissor, at)?;
        let (x, y) = Self::within(self.viewport, at)?;
        let [_, _, width, height] = self.viewport;
        let middle = |i: u32, from: u32, to: u32| (2 * i + 1) * from / (2 * to);
        Some(picture.at(middle(x, WIDTH, width), middle(y, HEIGHT, height)))
    }
}

/// IEC 61966-2-1, the other way.
fn to_srgb(light: f64) -> f64 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

fn from_srgb(c: f64) -> f64 {
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

/// The numbers of a texture, as stored, as fractions.
fn numbers(gpu: &Gpu, texture: &wgpu::Texture) -> Vec<[f64; 4]> {
    let format = texture.format();
    let size = format.block_copy_size(None).expect("a plain format");
    let stride = (texture.width() * size).next_multiple_of(256);
    let bytes = gpu.read_bytes(texture, stride);
    let pixel = |p: &[u8]| match format.remove_srgb_suffix() {
        TextureFormat::Rgba8Unorm => [p[0], p[1], p[2], p[3]].map(|v| f64::from(v) / 255.0),
        TextureFormat::Bgra8Unorm => [p[2], p[1], p[0], p[3]].map(|v| f64::from(v) / 255.0),
        TextureFormat::Rgba16Float => {
            [0, 2, 4, 6].map(|i| f64::from(half::f16::from_le_bytes([p[i], p[i + 1]]).to_f32()))
        }
        TextureFormat::Rgb10a2Unorm => {
            let word = u32::from_le_bytes([p[0], p[1], p[2], p[3]]);
            let ten = |shift: u32| f64::from(word >> shift & 1023) / 1023.0;
            [ten(0), ten(10), ten(20), f64::from(word >> 30) / 3.0]
        }
        other => panic!("no decoder for {other:?}"),
    };
    bytes
        .chunks(stride as usize)
        .flat_map(|row| row[..(texture.width() * size) as usize].chunks(size as usize).map(pixel).collect::<Vec<_>>())
        .collect()
}

/// Draws into each place of a target of this kind and judges every pixel.
fn check_target(gpu: &Gpu, target: &Target, newest: Side) {
    let (mut fall, picture) = fed(gpu, target, newest);
    gpu.prepare(&mut fall);
    let resolved = gpu.texture(target.format, TARGET, 1);
    let resolved_view = resolved.create_view(&Default::default());
    let sampled = (target.samples > 1).then(|| {
        let texture = gpu.texture(target.format, TARGET, target.samples);
        texture.create_view(&Default::default())
    });
    let depth = target.depth_stencil.map(|format| {
        gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("host depth"),
            size: resolved.size(),
            mip_level_count: 1,
            sample_count: target.samples,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        })
    });
    let depth_view = depth.as_ref().map(|d| d.create_view(&Default::default()));
    for place in &PLACES {
        let what = format!("{target:?}, newest {newest:?}, {}", place.what);
        without_errors(gpu, &what, || {
            let mut encoder = gpu.encoder();
            fall.prepare(&gpu.device, &gpu.queue, &mut encoder).expect("prepare");
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: sampled.as_ref().unwrap_or(&resolved_view),
                    depth_slice: None,
                    resolve_target: sampled.is_some().then_some(&resolved_view),
                    ops: wgpu::Operations { load: wgpu::LoadOp::Clear(CLEAR), store: wgpu::StoreOp::Store },
                })],
                depth_stencil_attachment: depth_view.as_ref().map(|view| wgpu::RenderPassDepthStencilAttachment {
                    view,
                    depth_ops: Some(wgpu::Operations { load: wgpu::LoadOp::Clear(0.25), store: wgpu::StoreOp::Store }),
                    stencil_ops: target
                        .depth_stencil
                        .is_some_and(|f| f.has_stencil_aspect())
                        .then_some(wgpu::Operations { load: wgpu::LoadOp::Clear(7), store: wgpu::StoreOp::Store }),
                }),
                ..Default::default()
            });
            let [x, y, width, height] = place.viewport.map(|v| v as f32);
            pass.set_viewport(x, y, width, height, 0.0, 1.0);
            let [x, y, width, height] = place.scissor;
            pass.set_scissor_rect(x, y, width, height);
            fall.render(&mut pass);
            drop(pass);
            gpu.submit(encoder);
        });
        let got = numbers(gpu, &resolved);
        for (i, got) in (0..).zip(&got) {
            let at = (i % TARGET.0, i / TARGET.0);
            // Lavapipe cuts samples half a pixel too far up and left, in any program: those pixels are not compared.
            if target.samples > 1 && place.borders(at) {
                continue;
            }
            judge(target, place.pixel(&picture, at), *got, &format!("{what}, at {at:?}"));
        }
        if let Some(depth) =
            depth.as_ref().filter(|d| d.format() == TextureFormat::Depth32Float && d.sample_count() == 1)
        {
            let stride = (TARGET.0 * 4).next_multiple_of(256);
            for row in gpu.read_bytes(depth, stride).chunks(stride as usize) {
                let row: &[f32] = bytemuck::cast_slice(&row[..TARGET.0 as usize * 4]);
                assert!(row.iter().all(|d| *d == 0.25), "{what}: the depth attachment was written");
            }
        }
    }
}

/// Whether a target of this kind shows a colour by these numbers, to one step of eight bits.
#[track_caller]
fn judge(target: &Target, want: Option<[u8; 4]>, got: [f64; 4], what: &str) {
    let Some(want) = want else {
        // What the host cleared it to.
        assert!(
            got.iter().zip([1.0, 0.0, 1.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-3),
            "{what}: the background is {got:?}"
        );
        return;
    };
    let float = target.format == TextureFormat::Rgba16Float;
    let numbers_are_light = match target.encoding {
        Encoding::Auto => float,
        Encoding::Srgb => false,
        _ => !target.format.is_srgb(),
    };
    for channel in 0..4 {
        let want = f64::from(want[channel]) / 255.0;
        let alpha_steps = if target.format == TextureFormat::Rgb10a2Unorm { 3.0 } else { 255.0 };
        let (got, want, step) = match (channel, numbers_are_light) {
            (3, _) => (got[3], want, 1.0 / alpha_steps),
            // An 8-bit target in linear light has no more than 8 bits of it.
            (_, true) if !float => (got[channel], from_srgb(want), 1.0 / 255.0),
            (_, true) => (to_srgb(got[channel]), want, 1.0 / 255.0),
            (_, false) => (got[channel], want, 1.0 / 255.0),
        };
        assert!((got - want).abs() <= step * 1.01, "{what}: channel {channel} is {got}, not {want}");
    }
}

fn every_kind_of_target_in_every_viewport(gpu: &Gpu) {
    let sides = [Side::Top, Side::Bottom, Side::Left, Side::Right];
    let mut kinds = 0;
    for format in [
        TextureFormat::Rgba8Unorm,
        TextureFormat::Rgba8UnormSrgb,
        TextureFormat::Bgra8Unorm,
        TextureFormat::Bgra8UnormSrgb,
        TextureFormat::Rgba16Float,
        TextureFormat::Rgb10a2Unorm,
    ] {
        for samples in [1, 4] {
            for depth_stencil in [None, Some(TextureFormat::Depth32Float), Some(TextureFormat::Depth24PlusStencil8)] {
                for encoding in [Encoding::Auto, Encoding::Srgb, Encoding::Linear] {
                    let target = Target::new(format).samples(samples).depth_stencil(depth_stencil).encoding(encoding);
                    check_target(gpu, &target, sides[kinds % 4]);
                    kinds += 1;
                }
            }
        }
    }
    assert_eq!(kinds, 108);
}

/// The host's own drawing: a triangle over the whole viewport in the colour that its vertex buffer and its bind group 1 say.
struct Host {
    pipeline: wgpu::RenderPipeline,
    group: wgpu::BindGroup,
    vertices: wgpu::Buffer,
}

impl Host {
    fn new(gpu: &Gpu, format: TextureFormat) -> Self {
        let source = "
            @group(1) @binding(0) var<uniform> tint: vec4<f32>;
            struct Corner { @builtin(position) position: vec4<f32>, @location(0) color: vec4<f32> }
            @vertex fn vertex(@builtin(vertex_index) i: u32, @location(0) color: vec4<f32>) -> Corner {
                let at = vec2<f32>(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0);
                return Corner(vec4<f32>(at, 0.0, 1.0), color);
            }
            @fragment fn fragment(c: Corner) -> @location(0) vec4<f32> { return c.color * tint; }";
        let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("host"),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let buffer = |usage, content: &[f32]| {
            let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("host"),
                size: (content.len() * 4) as u64,
                usage: usage | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(content));
            buffer
        };
        let layout = gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("host"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            }],
        });
        let pipeline_layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("host"),
            bind_group_layouts: &[None, Some(&layout)],
            immediate_size: 0,
        });
        let attributes = wgpu::vertex_attr_array![0 => Float32x4];
        let pipeline = gpu.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("host"),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: None,
                compilation_options: Default::default(),
                buffers: &[Some(wgpu::VertexBufferLayout {
                    array_stride: 16,
                    step_mode: wgpu::VertexStepMode::Vertex,
                    attributes: &attributes,
                })],
            },
            primitive: Default::default(),
            depth_stencil: None,
            multisample: Default::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: None,
                compilation_options: Default::default(),
                targets: &[Some(format.into())],
            }),
            multiview_mask: None,
            cache: None,
        });
        let tint = buffer(wgpu::BufferUsages::UNIFORM, &[1.0, 0.5, 0.0, 1.0]);
        let vertices = buffer(wgpu::BufferUsages::VERTEX, &[1.0; 12]);
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("host"),
            layout: &layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: tint.as_entire_binding() }],
        });
        Self { pipeline, group, vertices }
    }
}

fn two_waterfalls_in_one_pass_disturb_neither_each_other_nor_the_host(gpu: &Gpu) {
    let format = TextureFormat::Rgba8Unorm;
    let target = Target::new(format);
    let host = Host::new(gpu, format);
    let (mut left, left_picture) = fed(gpu, &target, Side::Top);
    let (mut right, right_picture) = fed(gpu, &target, Side::Right);
    // One more row on the right alone: what is prepared for one is not the other's.
    let grey = Colormap::named("grey").expect("a name");
    left.set_colormap(&grey);
    let left_grey = {
        let mut alone = gpu.waterfall_for(&target, &options(Side::Top));
        let mut random = Random(11);
        (0..77).for_each(|i| alone.push(Stamp::index(i), &random.row(48)).expect("a row"));
        alone.set_colormap(&grey);
        gpu.copy(&mut alone)
    };
    assert!(left_grey != left_picture);
    let texture = gpu.texture(format, (100, 60), 1);
    without_errors(gpu, "two in one pass", || {
        let mut encoder = gpu.encoder();
        left.prepare(&gpu.device, &gpu.queue, &mut encoder).expect("prepare");
        right.prepare(&gpu.device, &gpu.queue, &mut encoder).expect("prepare");
        let view = texture.create_view(&Default::default());
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations::default(),
            })],
            ..Default::default()
        });
        // The host sets its buffers once, and only its pipeline again.
        pass.set_pipeline(&host.pipeline);
        pass.set_bind_group(1, &host.group, &[]);
        pass.set_vertex_buffer(0, host.vertices.slice(..));
        pass.draw(0..3, 0..1);
        pass.set_viewport(2.0, 3.0, WIDTH as f32, HEIGHT as f32, 0.0, 1.0);
        left.render(&mut pass);
        pass.set_viewport(50.0, 20.0, WIDTH as f32, HEIGHT as f32, 0.0, 1.0);
        pass.set_scissor_rect(50, 20, WIDTH, HEIGHT);
        right.render(&mut pass);
        pass.set_pipeline(&host.pipeline);
        pass.set_viewport(0.0, 0.0, 100.0, 60.0, 0.0, 1.0);
        // Through the scissor that it left: nothing of ours has set another.
        pass.set_scissor_rect(60, 25, 10, 10);
        pass.draw(0..3, 0..1);
        drop(pass);
        gpu.submit(encoder);
    });
    let got = gpu.read(&texture);
    for y in 0..60 {
        for x in 0..100 {
            let inside = |at: [u32; 4]| Place::within(at, (x, y));
            let want = if inside([60, 25, 10, 10]).is_some() {
                [255, 128, 0, 255]
            } else if let Some((x, y)) = inside([50, 20, WIDTH, HEIGHT]) {
                right_picture.at(x, y)
            } else if let Some((x, y)) = inside([2, 3, WIDTH, HEIGHT]) {
                left_grey.at(x, y)
            } else {
                [255, 128, 0, 255]
            };
            let near = got.at(x, y).iter().zip(want).all(|(a, b)| a.abs_diff(b) <= 1);
            assert!(near, "at {x}, {y}: {:?}, not {want:?}", got.at(x, y));
        }
    }
}

fn a_host_changes_target_and_size_and_drops_waterfalls_at_will(gpu: &Gpu) {
    let (mut fall, _) = fed(gpu, &Target::new(TextureFormat::Rgba8Unorm), Side::Top);
    let mut random = Random(12);
    let formats = [
        TextureFormat::Bgra8UnormSrgb,
        TextureFormat::Rgba16Float,
        TextureFormat::Rgba8Unorm,
        TextureFormat::Rgb10a2Unorm,
    ];
    for round in 0..12 {
        let format = formats[round % 4];
        let samples = if random.below(2) == 0 { 1 } else { 4 };
        let size = (1 + random.below(90) as u32, 1 + random.below(70) as u32);
        without_errors(gpu, &format!("round {round}"), || {
            let other = gpu.waterfall(&options(Side::Left));
            let target = Target::new(format).samples(samples);
            fall.set_target(&gpu.device, &target).expect("a target");
            fall.set_size(&gpu.device, size.0, size.1).expect("a size");
            let texture = gpu.texture(format, size, samples);
            let view = texture.create_view(&Default::default());
            let mut encoder = gpu.encoder();
            // Once in the new target's pass before it was prepared for it, once after.
            for prepared in [false, true] {
                if prepared {
                    fall.prepare(&gpu.device, &gpu.queue, &mut encoder).expect("prepare");
                }
                let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                    color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                        view: &view,
                        depth_slice: None,
                        resolve_target: None,
                        ops: wgpu::Operations::default(),
                    })],
                    ..Default::default()
                });
                fall.render(&mut pass);
                other.render(&mut pass);
            }
            drop(other);
            gpu.submit(encoder);
        });
    }
    without_errors(gpu, "back again", || {
        let target = Target::new(TextureFormat::Rgba8Unorm);
        fall.set_target(&gpu.device, &target).expect("a target");
        fall.set_size(&gpu.device, WIDTH, HEIGHT).expect("a size");
        let (_, want) = fed(gpu, &target, Side::Top);
        gpu.copy(&mut fall).assert_near(&want, 1, "back to the first target");
    });
}

fn what_a_host_may_do_wrong_is_a_typed_error(gpu: &Gpu) {
    let plain = Target::new(TextureFormat::Rgba8Unorm);
    let make =
        |target: &Target, options: &Options| Waterfall::new(&gpu.device, &gpu.pipelines, target, options).map(|_| ());
    let with = |change: fn(&mut Options)| {
        let mut options = options(Side::Top);
        change(&mut options);
        make(&plain, &options).expect_err("a refusal").to_string()
    };
    without_errors(gpu, "refusals", || {
        assert_eq!(with(|o| o.bins = 0), "a row of 0 bins: expected 1 to 4194304");
        assert_eq!(with(|o| o.bins = u32::MAX), "a row of 4294967295 bins: expected 1 to 4194304");
        assert_eq!(
            with(|o| o.capacity = Capacity::Rows(0)),
            "a ring of 0 bytes holds no row: expected 104 bytes at least, for one row"
        );
        assert_eq!(
            with(|o| o.capacity = Capacity::Bytes(103)),
            "a ring of 103 bytes holds no row: expected 104 bytes at least, for one row"
        );
        let most = gpu.device.limits().max_texture_dimension_2d;
        for (width, height) in [(0, 5), (5, 0), (most + 1, 5), (5, u32::MAX)] {
            let error = make(&plain, &options(Side::Top).width(width).height(height));
            assert_eq!(error, Err(Error::Size { width, height, max: most }));
        }
        let vast = options(Side::Top).bins(1 << 22).capacity(Capacity::Rows(u32::MAX));
        let error = make(&plain, &vast.shading(Shading::Gpu));
        assert!(matches!(error, Err(Error::Layers { .. })), "{error:?}");
        let error = make(&plain, &vast.shading(Shading::Cpu));
        assert!(matches!(error, Err(Error::OutOfMemory { .. })), "{error:?}");
        for step in [0.0, -1.0, f32::NAN] {
            let texel = Texel::U8 { zero: 0.0, step };
            let error = make(&plain, &options(Side::Top).texel(texel));
            assert!(matches!(error, Err(Error::Texel { .. })), "{error:?}");
        }
        for format in [
            TextureFormat::Rgba8Uint,
            TextureFormat::R8Unorm,
            TextureFormat::Rgba8Snorm,
            TextureFormat::Depth32Float,
            TextureFormat::Bc1RgbaUnorm,
            TextureFormat::Rgba16Unorm,
            TextureFormat::NV12,
        ] {
            assert_eq!(make(&Target::new(format), &options(Side::Top)), Err(Error::Format(format!("{format:?}"))));
        }
        for samples in [0, 2, 3, 8, 16, 64] {
            let error = make(&plain.samples(samples), &options(Side::Top));
            assert!(matches!(error, Err(Error::Samples { .. })), "{samples}: {error:?}");
        }
        for format in [TextureFormat::Rgba8Unorm, TextureFormat::Depth32FloatStencil8] {
            let target = plain.depth_stencil(Some(format));
            assert_eq!(make(&target, &options(Side::Top)), Err(Error::DepthStencil(format!("{format:?}"))));
        }
    });
    let mut fall = gpu.waterfall(&options(Side::Top));
    without_errors(gpu, "refused calls", || {
        for (got, row) in [(0, &[][..]), (49, &[0.0; 49])] {
            let error = fall.push(Stamp::index(0), row);
            assert_eq!(error, Err(Error::RowLength { got, max: 48 }));
        }
        let stamp = Stamp::index(0);
        for (field, wrong) in [
            ("duration_ns", Stamp { duration_ns: 0.0, ..stamp }),
            ("duration_ns", Stamp { duration_ns: f64::NAN, ..stamp }),
            ("bin_hz", Stamp { bin_hz: -1.0, ..stamp }),
            ("first_hz", Stamp { first_hz: f64::INFINITY, ..stamp }),
        ] {
            let error = fall.push(wrong, &[0.0]);
            assert!(
                matches!(error, Err(Error::Stamp(StampError { field: f, .. })) if f == field),
                "{field}: {error:?}"
            );
        }
        assert_eq!(fall.stats().resident, 0..0);
        assert!(matches!(fall.set_size(&gpu.device, 0, 4), Err(Error::Size { .. })));
        let target = Target::new(TextureFormat::R8Uint);
        assert_eq!(fall.set_target(&gpu.device, &target), Err(Error::Format("R8Uint".to_owned())));
        let wrong_span = View::default().span_hz(Some((2.0, 1.0)));
        assert!(matches!(fall.set_view(wrong_span), Err(Error::View(_))));
        assert_eq!((fall.size(), fall.view()), ((WIDTH, HEIGHT), View::default()));
        // Before `prepare`: nothing is drawn, nothing is copied.
        let texture = gpu.texture(TextureFormat::Rgba8Unorm, (WIDTH, HEIGHT), 1);
        let mut encoder = gpu.encoder();
        fall.copy(&mut encoder, &texture, (0, 0)).expect("no copy");
        for (texture, origin) in [
            (gpu.texture(TextureFormat::Rgba8Unorm, (WIDTH - 1, HEIGHT), 1), (0, 0)),
            (gpu.texture(TextureFormat::Rgba8Unorm, (WIDTH, HEIGHT), 1), (0, u32::MAX)),
            (gpu.texture(TextureFormat::Bgra8Unorm, (WIDTH, HEIGHT), 1), (0, 0)),
            (gpu.texture(TextureFormat::Rgba8Unorm, (WIDTH, HEIGHT), 4), (0, 0)),
        ] {
            let error = fall.copy(&mut encoder, &texture, origin);
            assert!(matches!(error, Err(Error::Copy { .. })), "{error:?}");
        }
        gpu.submit(encoder);
    });
}

/// Two devices of one instance. (Devices of two instances may look the same to wgpu 30: it compares their numbers.)
fn two_devices() -> (Gpu, Gpu) {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let device = || {
        let adapter = pollster::block_on(instance.request_adapter(&Default::default())).expect("an adapter");
        common::device(&adapter, adapter.limits())
    };
    (device(), device())
}

#[test]
fn another_device_is_refused() {
    let (one, other) = two_devices();
    let target = Target::new(TextureFormat::Rgba8Unorm);
    let options = options(Side::Top);
    let error = Waterfall::new(&other.device, &one.pipelines, &target, &options).map(|_| ());
    assert_eq!(error, Err(Error::Device));
    let mut fall = one.waterfall(&options);
    fall.push(Stamp::index(0), &[1.0]).expect("a row");
    without_errors(&other, "the other device", || {
        let mut encoder = other.encoder();
        assert_eq!(fall.prepare(&other.device, &other.queue, &mut encoder), Err(Error::Device));
        assert_eq!(fall.set_size(&other.device, 5, 5), Err(Error::Device));
        assert_eq!(fall.set_target(&other.device, &target), Err(Error::Device));
        other.submit(encoder);
    });
    // And it goes on with its own, nothing lost.
    without_errors(&one, "its own device", || one.prepare(&mut fall));
    assert_eq!(fall.stats().staged_rows, 0);
    assert_eq!(fall.stats().resident, 0..1);
}

fn a_lost_device_neither_panics_nor_raises_errors(gpu: &Gpu) {
    let (mut fall, _) = fed(gpu, &Target::new(TextureFormat::Rgba8Unorm), Side::Top);
    gpu.device.destroy();
    without_errors(gpu, "a lost device", || {
        for i in 77..400 {
            fall.push(Stamp::index(i), &[0.0; 48]).expect("a row");
            let mut encoder = gpu.encoder();
            // Whatever it says.
            let _ = fall.prepare(&gpu.device, &gpu.queue, &mut encoder);
            if i % 50 == 0 {
                let _ = fall.set_size(&gpu.device, 10 + i as u32 % 7, 9);
            }
        }
        let pipelines = Pipelines::new(&gpu.device);
        let target = Target::new(TextureFormat::Rgba8Unorm);
        let _ = Waterfall::new(&gpu.device, &pipelines, &target, &options(Side::Top));
    });
    assert_eq!(fall.stats().resident, 360..400);
}

fn a_ring_beyond_the_memory_is_a_typed_error(gpu: &Gpu) {
    let limits = gpu.device.limits();
    // All that the device's textures could hold: 2¹⁴ · 2¹⁴ · 2¹¹ texels of four bytes on lavapipe.
    let rows = (limits.max_texture_array_layers - 1) * limits.max_texture_dimension_2d;
    let options = Options::default()
        .bins(limits.max_texture_dimension_2d)
        .capacity(Capacity::Rows(rows))
        .texel(Texel::F32)
        .width(10)
        .height(10);
    let target = Target::new(TextureFormat::Rgba8Unorm);
    without_errors(gpu, "a ring beyond memory", || {
        match Waterfall::new(&gpu.device, &gpu.pipelines, &target, &options) {
            Ok(_) => eprintln!("this device has the memory, or says so"),
            Err(error) => assert!(matches!(error, Error::OutOfMemory { .. }), "{error}"),
        }
    });
}

on_gpu_and_cpu! {
    every_kind_of_target_in_every_viewport
    two_waterfalls_in_one_pass_disturb_neither_each_other_nor_the_host
    a_host_changes_target_and_size_and_drops_waterfalls_at_will
    what_a_host_may_do_wrong_is_a_typed_error
    a_lost_device_neither_panics_nor_raises_errors
    a_ring_beyond_the_memory_is_a_typed_error
}
