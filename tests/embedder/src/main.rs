//! Somebody else's program: two waterfalls on one device at WebGL2's limits, one fed by a thread, drawn in one pass and
//! read back. It knows nothing but what ringfall re-exports.

use ringfall::{
    Capacity, Colormap, Edge, Encoding, Error, Interpolation, Options, Pipelines, Reduce, Scale, Shading, Side, Stamp,
    Target, Texel, View, Waterfall, wgpu,
};

type Failure = Box<dyn std::error::Error>;

/// What an embedder keeps in his own structs and sends between threads.
struct Host {
    fall: Waterfall,
    pipelines: Pipelines,
}

fn device() -> Result<(wgpu::Device, wgpu::Queue), Failure> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::NOOP;
    descriptor.backend_options.noop.enable = true;
    let adapter = pollster::block_on(wgpu::Instance::new(descriptor).request_adapter(&Default::default()))?;
    let limits = wgpu::Limits { max_bind_groups: 2, ..wgpu::Limits::downlevel_webgl2_defaults() };
    let descriptor = wgpu::DeviceDescriptor { required_limits: limits, ..Default::default() };
    Ok(pollster::block_on(adapter.request_device(&descriptor))?)
}

fn main() -> Result<(), Failure> {
    let (device, queue) = device()?;
    let pipelines = Pipelines::new(&device);
    let format = wgpu::TextureFormat::Bgra8UnormSrgb;
    let target = Target::new(format).samples(4).encoding(Encoding::Auto);
    let options = Options::default()
        .bins(64)
        .capacity(Capacity::Rows(100))
        .texel(Texel::F32)
        .width(64)
        .height(20)
        .newest_side(Side::Bottom)
        .keep_rows(true);
    let host = Host { fall: Waterfall::new(&device, &pipelines, &target, &options)?, pipelines };

    // Waterfalls go between threads.
    let thread = std::thread::spawn(move || -> Result<Host, Error> {
        let mut host = host;
        let mut sender = host.fall.sender(64)?;
        for i in 0..50 {
            let row: Vec<f32> = (0..64).map(|k| (i * 64 + k) as f32 / 50.0 - 64.0).collect();
            assert!(sender.send(Stamp::index(i), &row)?, "there is room for 64");
        }
        Ok(host)
    });
    let mut host = thread.join().map_err(|_| "the thread panicked")??;

    let other = Options::default().bins(10).width(30).height(30).shading(Shading::Cpu);
    let mut second = Waterfall::new(&device, &host.pipelines, &target, &other)?;
    assert_eq!(second.shading(), Shading::Cpu);
    second.push(Stamp::index(0), &[f32::NAN; 10])?;
    second.set_view(
        View::default()
            .span_hz(Some((0.0, 5.0)))
            .line_ns(Some(1e8))
            .edge(Edge::At(0))
            .reduce(Reduce::Mean)
            .interpolation(Interpolation::Linear),
    )?;
    host.fall.set_colormap(&Colormap::named("turbo")?);
    host.fall.set_scale(Scale::linear(-64.0, 0.0)?);

    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d { width: 128, height: 64, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 4,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
        view_formats: &[],
    });
    let view = texture.create_view(&Default::default());
    let mut encoder = device.create_command_encoder(&Default::default());
    host.fall.prepare(&device, &queue, &mut encoder)?;
    second.prepare(&device, &queue, &mut encoder)?;
    let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: &view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations::default(),
        })],
        ..Default::default()
    });
    host.fall.render(&mut pass);
    second.render(&mut pass);
    drop(pass);
    queue.submit([encoder.finish()]);

    // Row 49 is at the bottom; what a legend on the CPU makes of its values is what is on show.
    assert_eq!(host.fall.stats().resident, 0..50);
    let (canvas, mut bytes, mut row) = (host.fall.canvas()?, vec![0; 64 * 20 * 4], Vec::new());
    canvas.rgba_u8(&mut bytes)?;
    canvas.row(49, &mut row).ok_or("row 49 is resident")?;
    let mut legend = vec![0; 64 * 4];
    host.fall.colormap().rgba_u8(&host.fall.scale(), &row, &mut legend)?;
    assert_eq!(bytes[19 * 64 * 4..], legend);
    let reading = canvas.value_at(63, 19).ok_or("within the picture")?;
    assert_eq!((reading.value, reading.hz, reading.time_ns), (row[63], 63.0, 49_500_000_000));

    // Errors are matched, with a wildcard for those to come.
    match Waterfall::new(&device, &host.pipelines, &Target::new(wgpu::TextureFormat::R8Uint), &options) {
        Err(Error::Format(format)) if format == "R8Uint" => {}
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("R8Uint was taken".into()),
    }
    println!("embedder: two waterfalls drawn and read back");
    Ok(())
}
