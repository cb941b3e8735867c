//! wgpu's noop backend validates pipelines, layouts, passes and copies without any driver: here at the lowest limits
//! that hosts grant.

mod common;

use common::{Gpu, Random};
use ringfall::wgpu::{self, TextureFormat};
use ringfall::{
    Capacity, Encoding, Interpolation, Options, Pipelines, Reduce, Shading, Side, Stamp, Target, Texel, View, Waterfall,
};

/// A device of the noop backend with these limits. An error panics, because wgpu's errors are not caught here.
fn noop(limits: wgpu::Limits) -> Gpu {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::NOOP;
    descriptor.backend_options.noop.enable = true;
    let instance = wgpu::Instance::new(descriptor);
    let adapter = pollster::block_on(instance.request_adapter(&Default::default())).expect("the noop adapter");
    assert_eq!(adapter.get_info().backend, wgpu::Backend::Noop);
    common::device(&adapter, limits)
}

/// WebGL2's limits, and no more bind groups than iced asks for.
fn least() -> wgpu::Limits {
    wgpu::Limits { max_bind_groups: 2, ..wgpu::Limits::downlevel_webgl2_defaults() }
}

/// Takes a waterfall through all it can do with a device, drawing into a pass of its target's kind.
fn exercise(gpu: &Gpu, target: &Target, options: &Options) {
    for shading in [Shading::Gpu, Shading::Cpu] {
        exercise_one(gpu, target, &options.shading(shading));
    }
}

fn exercise_one(gpu: &Gpu, target: &Target, options: &Options) {
    let mut fall = gpu.waterfall_for(target, options);
    let attachment = gpu.texture(target.format, (64, 48), target.samples);
    let depth = target.depth_stencil.map(|format| {
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: None,
            size: attachment.size(),
            mip_level_count: 1,
            sample_count: target.samples,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        });
        texture.create_view(&Default::default())
    });
    let mut random = Random(9);
    let views = [Reduce::Max, Reduce::Mean, Reduce::Min].map(|reduce| View::default().reduce(reduce));
    let linear = View::default().interpolation(Interpolation::Linear).span_hz(Some((3.0, 4.0)));
    for view in views.into_iter().chain([linear]) {
        fall.set_view(view).expect("a view");
        for _ in 0..options.height + 3 {
            let row = random.row(options.bins as usize);
            let stamp = Stamp::index(fall.stats().resident.end);
            fall.push(stamp, &row).expect("a row");
        }
        let mut encoder = gpu.encoder();
        fall.prepare(&gpu.device, &gpu.queue, &mut encoder).expect("prepare");
        let color = attachment.create_view(&Default::default());
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &color,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations::default(),
            })],
            depth_stencil_attachment: depth.as_ref().map(|view| wgpu::RenderPassDepthStencilAttachment {
                view,
                depth_ops: target
                    .depth_stencil
                    .is_some_and(|f| f.has_depth_aspect())
                    .then_some(wgpu::Operations { load: wgpu::LoadOp::Clear(1.0), store: wgpu::StoreOp::Store }),
                stencil_ops: target
                    .depth_stencil
                    .is_some_and(|f| f.has_stencil_aspect())
                    .then_some(wgpu::Operations { load: wgpu::LoadOp::Clear(0), store: wgpu::StoreOp::Store }),
            }),
            ..Default::default()
        });
        fall.render(&mut pass);
        drop(pass);
        if fall.can_copy_to(&attachment) {
            fall.copy(&mut encoder, &attachment, (0, 0)).expect("a copy");
        }
        gpu.submit(encoder);
    }
}

#[test]
fn webgl2_limits_and_two_bind_groups_suffice() {
    let gpu = noop(least());
    for texel in [Texel::F16, Texel::F32, Texel::U8 { zero: -128.0, step: 0.5 }] {
        for newest in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
            let options = Options::default()
                .bins(40)
                .capacity(Capacity::Rows(50))
                .texel(texel)
                .newest_side(newest)
                .width(64)
                .height(48);
            exercise(&gpu, &Target::new(TextureFormat::Rgba8Unorm), &options);
        }
    }
    // More bins and rows than a texture of WebGL2 has texels a side.
    let options = Options::default().bins(5000).capacity(Capacity::Rows(2500)).width(64).height(48);
    exercise(&gpu, &Target::new(TextureFormat::Bgra8UnormSrgb), &options);
}

#[test]
fn every_kind_of_target_at_those_limits() {
    let gpu = noop(least());
    let options = Options::default().bins(40).capacity(Capacity::Rows(50)).width(64).height(48);
    let depths = [
        None,
        Some(TextureFormat::Depth32Float),
        Some(TextureFormat::Depth24PlusStencil8),
        Some(TextureFormat::Stencil8),
    ];
    for format in [
        TextureFormat::Rgba8Unorm,
        TextureFormat::Rgba8UnormSrgb,
        TextureFormat::Bgra8Unorm,
        TextureFormat::Bgra8UnormSrgb,
        TextureFormat::Rgba16Float,
        TextureFormat::Rgb10a2Unorm,
    ] {
        for samples in [1, 4] {
            for depth_stencil in depths {
                for encoding in [Encoding::Auto, Encoding::Srgb, Encoding::Linear] {
                    let target = Target::new(format).samples(samples).depth_stencil(depth_stencil).encoding(encoding);
                    exercise(&gpu, &target, &options);
                }
            }
        }
    }
}

#[test]
fn sizes_beyond_the_device_are_typed_errors() {
    let gpu = noop(least());
    let make = |options: &Options| {
        let options = options.shading(Shading::Gpu);
        let target = Target::new(TextureFormat::Rgba8Unorm);
        Waterfall::new(&gpu.device, &Pipelines::new(&gpu.device), &target, &options).map(|_| ())
    };
    let error = make(&Options::default().width(2049)).expect_err("too wide");
    assert_eq!(error.to_string(), "a picture of 2049×768 pixels: expected 1 to 2048 a side");
    let error = make(&Options::default().bins(1 << 20).capacity(Capacity::Rows(1 << 20)));
    assert!(matches!(error, Err(ringfall::Error::Layers { max: 256, .. })), "{error:?}");
}
