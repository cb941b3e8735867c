//! The layer that egui is drawn into on the CPU, against `egui_wgpu` and against itself.
#![cfg(feature = "egui")]

mod common;

use common::{Gpu, Picture};
use egui::epaint::{ClippedShape, CornerRadius, StrokeKind};
use egui::{Color32, Pos2, Rect, Shape, Stroke, pos2, vec2};
use ringfall::raster::{Area, Raster, RasterError};
use ringfall::wgpu;

/// A page of what egui offers, at a size in pixels and a scale.
struct Page {
    ctx: egui::Context,
    width: u32,
    height: u32,
    scale: f32,
    image: Option<egui::TextureHandle>,
    text: String,
    value: f32,
    on: bool,
    time: f64,
}

struct Output {
    delta: egui::TexturesDelta,
    shapes: Vec<ClippedShape>,
    scale: f32,
}

impl Drop for Output {
    fn drop(&mut self) {
        // egui objects to a dropped delta.
        self.delta.clear();
    }
}

impl Page {
    fn new(width: u32, height: u32, scale: f32) -> Self {
        let ctx = egui::Context::default();
        ctx.set_pixels_per_point(scale);
        Self { ctx, width, height, scale, image: None, text: "edit me".into(), value: 0.3, on: true, time: 0.0 }
    }

    fn run(&mut self, events: Vec<egui::Event>, mut ui: impl FnMut(&mut egui::Ui, &mut State<'_>)) -> Output {
        let size = vec2(self.width as f32, self.height as f32) / self.scale;
        // Animations come to their end from one frame to the next.
        self.time += 1.0;
        let mut input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            events,
            time: Some(self.time),
            ..Default::default()
        };
        if let Some(viewport) = input.viewports.get_mut(&input.viewport_id) {
            viewport.native_pixels_per_point = Some(self.scale);
        }
        let Self { ctx, image, text, value, on, .. } = self;
        let mut output = ctx.run_ui(input, |root| ui(root, &mut State { image, text, value, on }));
        Output {
            delta: std::mem::take(&mut output.textures_delta),
            shapes: std::mem::take(&mut output.shapes),
            scale: output.pixels_per_point,
        }
    }
}

struct State<'a> {
    image: &'a mut Option<egui::TextureHandle>,
    text: &'a mut String,
    value: &'a mut f32,
    on: &'a mut bool,
}

fn checkers() -> egui::ColorImage {
    let pixel = |i: usize| {
        let (x, y) = (i % 12, i / 12);
        Color32::from_rgba_unmultiplied((x * 20) as u8, (y * 25) as u8, ((x + y) % 2 * 255) as u8, 255 - (x * 15) as u8)
    };
    egui::ColorImage::new([12, 10], (0..120).map(pixel).collect())
}

/// Widgets, text of several sizes, an image, a scroll area, and shapes of every kind.
fn rich(ui: &mut egui::Ui, state: &mut State<'_>) {
    let texture = state
        .image
        .get_or_insert_with(|| ui.ctx().load_texture("checkers", checkers(), egui::TextureOptions::LINEAR))
        .clone();
    egui::Panel::left("panel").default_size(190.0).show(ui, |ui| {
        ui.heading("A heading: 7.125 MHz");
        ui.label("Text that is long enough to be wrapped once or twice in this panel; ÄÖÜ µs Δf −120 dB");
        ui.small("small");
        ui.monospace("mono 0123456789");
        ui.separator();
        let _ = ui.button("A button");
        ui.add_enabled(false, egui::Button::new("Disabled"));
        ui.checkbox(state.on, "Checked");
        ui.radio_value(state.on, true, "This");
        ui.radio_value(state.on, false, "That");
        ui.add(egui::Slider::new(state.value, 0.0..=1.0).text("Slider"));
        ui.add(egui::DragValue::new(state.value));
        ui.text_edit_singleline(state.text);
        ui.add(egui::ProgressBar::new(0.4).text("40 %"));
        egui::ComboBox::from_label("Choose").selected_text("one").show_ui(ui, |_| {});
        let mut color = [0.2, 0.5, 0.8];
        ui.color_edit_button_rgb(&mut color);
        ui.collapsing("Closed", |_| {});
        ui.hyperlink_to("A link", "https://example.org");
    });
    egui::CentralPanel::default().show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.image((texture.id(), vec2(12.0, 10.0)));
            ui.image((texture.id(), vec2(70.0, 41.0)));
            ui.add(
                egui::Image::new((texture.id(), vec2(30.0, 30.0)))
                    .corner_radius(8)
                    .tint(Color32::from_rgb(255, 200, 90)),
            );
        });
        egui::ScrollArea::vertical().max_height(70.0).show(ui, |ui| {
            for i in 0..20 {
                ui.label(format!("Row {i} of a list that scrolls"));
            }
        });
        let (_, rect) = ui.allocate_space(ui.available_size());
        let painter = ui.painter_at(rect);
        let at = |x: f32, y: f32| rect.min + vec2(x, y);
        painter.rect(
            Rect::from_min_size(at(5.3, 4.7), vec2(60.0, 30.0)),
            CornerRadius { nw: 0, ne: 4, sw: 9, se: 14 },
            Color32::from_rgba_unmultiplied(200, 80, 20, 130),
            Stroke::new(2.0, Color32::LIGHT_BLUE),
            StrokeKind::Outside,
        );
        painter.rect_filled(Rect::from_min_size(at(75.0, 4.0), vec2(40.5, 31.2)), 0.0, Color32::from_white_alpha(40));
        painter.rect_stroke(
            Rect::from_min_size(at(120.0, 4.0), vec2(40.0, 30.0)),
            0.0,
            Stroke::new(1.0, Color32::YELLOW),
            StrokeKind::Middle,
        );
        painter.circle(at(20.0, 60.0), 15.0, Color32::from_rgb(30, 120, 60), Stroke::new(1.5, Color32::WHITE));
        painter.circle_filled(at(50.0, 60.0), 3.0, Color32::RED);
        painter.circle_filled(at(62.2, 60.7), 5.5, Color32::from_rgba_unmultiplied(90, 200, 255, 150));
        painter.line_segment([at(75.0, 45.0), at(140.0, 78.0)], Stroke::new(1.0, Color32::GREEN));
        painter.line_segment([at(75.0, 78.0), at(141.0, 49.0)], Stroke::new(3.5, Color32::from_white_alpha(100)));
        painter.hline(rect.x_range(), at(0.0, 90.0).y, Stroke::new(1.0, Color32::LIGHT_RED));
        painter.vline(at(160.0, 0.0).x, rect.y_range(), Stroke::new(0.5, Color32::LIGHT_RED));
        let wave: Vec<_> = (0..150).map(|i| at(5.0 + i as f32, 115.0 + 18.0 * (i as f32 * 0.3).sin())).collect();
        painter.add(Shape::line(wave, Stroke::new(1.3, Color32::from_rgb(250, 180, 40))));
        painter.extend(Shape::dashed_line(
            &[at(5.0, 140.0), at(150.0, 146.0)],
            Stroke::new(1.0, Color32::WHITE),
            5.0,
            3.0,
        ));
        painter.add(Shape::convex_polygon(
            vec![at(170.0, 40.0), at(210.0, 50.0), at(200.0, 90.0), at(175.0, 80.0)],
            Color32::from_rgba_unmultiplied(120, 40, 160, 200),
            Stroke::new(1.0, Color32::WHITE),
        ));
        let mut mesh = egui::Mesh::default();
        mesh.colored_vertex(at(170.0, 100.0), Color32::RED);
        mesh.colored_vertex(at(230.0, 110.0), Color32::GREEN);
        mesh.colored_vertex(at(190.0, 150.0), Color32::from_rgba_unmultiplied(0, 0, 255, 60));
        mesh.add_triangle(0, 1, 2);
        painter.add(mesh);
        painter.add(Shape::ellipse_filled(at(220.0, 20.0), vec2(25.0, 12.0), Color32::from_rgb(90, 90, 20)));
        let galley = painter.layout_no_wrap("turned".into(), egui::FontId::proportional(14.0), Color32::WHITE);
        painter.add(egui::epaint::TextShape::new(at(240.0, 60.0), galley, Color32::WHITE).with_angle(0.7));
    });
    egui::Window::new("Window").fixed_pos(pos2(300.0, 150.0)).show(ui.ctx(), |ui| {
        ui.label("with a shadow");
    });
}

/// What `egui_wgpu` draws into a transparent target.
fn reference(gpu: &Gpu, renderer: &mut egui_wgpu::Renderer, page: &Page, output: &Output) -> Picture {
    let target = gpu.texture(wgpu::TextureFormat::Rgba8Unorm, (page.width, page.height), 1);
    let jobs = page.ctx.tessellate(output.shapes.clone(), output.scale);
    let screen =
        egui_wgpu::ScreenDescriptor { size_in_pixels: [page.width, page.height], pixels_per_point: output.scale };
    let mut encoder = gpu.encoder();
    for (id, deltas) in &output.delta.set {
        for delta in deltas {
            renderer.update_texture(&gpu.device, &gpu.queue, *id, delta);
        }
    }
    renderer.update_buffers(&gpu.device, &gpu.queue, &mut encoder, &jobs, &screen);
    let view = target.create_view(&Default::default());
    let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: &view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT), store: wgpu::StoreOp::Store },
        })],
        ..Default::default()
    });
    renderer.render(&mut pass.forget_lifetime(), &jobs, &screen);
    gpu.submit(encoder);
    gpu.read(&target)
}

fn layer(width: u32, height: u32) -> Raster {
    let mut raster = Raster::new();
    raster.set_size(width, height).expect("a size");
    raster
}

fn renderer(gpu: &Gpu) -> egui_wgpu::Renderer {
    let options = egui_wgpu::RendererOptions::PREDICTABLE;
    egui_wgpu::Renderer::new(&gpu.device, wgpu::TextureFormat::Rgba8Unorm, options)
}

/// Fails if more than these parts of the drawn pixels differ by more than 2 and by more than 1 step of 255.
fn assert_near(raster: &Raster, want: &Picture, what: &str, over_two: f64, over_one: f64) {
    let difference = |(a, b): (&[u8; 4], &[u8; 4])| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
    let pairs = || raster.pixels().iter().zip(&want.rgba);
    let drawn = want.rgba.iter().filter(|p| **p != [0; 4]).count() as f64;
    let over = |step: u8| pairs().filter(|pair| difference(*pair) > step).count();
    let most = pairs().map(difference).max().unwrap_or(0);
    let found = format!(
        "{what}: of {drawn} pixels, {} differ by over 2, {} by over 1, {} at all; at most by {most}",
        over(2),
        over(1),
        over(0)
    );
    if std::env::var_os("RASTER_OUT").is_some() {
        eprintln!("{found}");
    }
    assert!(drawn > 0.0, "{what}: nothing is drawn");
    let first = pairs().position(|pair| difference(pair) > 2).map(|i| (i as u32 % want.width, i as u32 / want.width));
    assert!(
        over(2) as f64 <= over_two * drawn && over(1) as f64 <= over_one * drawn,
        "{found}; the first by over 2 at {first:?}"
    );
}

/// Writes both pictures into the folder that `RASTER_OUT` names, to be looked at.
fn save(raster: &Raster, want: &Picture, name: &str) {
    let Ok(folder) = std::env::var("RASTER_OUT") else { return };
    for (kind, pixels) in [("got", raster.pixels()), ("want", &want.rgba)] {
        let file = std::fs::File::create(format!("{folder}/{name}-{kind}.png")).expect("a file");
        let mut encoder = png::Encoder::new(file, want.width, want.height);
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(pixels.as_flattened()).expect("pixels");
    }
}

/// Areas lie in the layer and do not overlap.
fn assert_areas(areas: &[Area], width: u32, height: u32) {
    let mut covered = vec![false; (width * height) as usize];
    for area in areas {
        for y in area.y..area.y + area.height {
            for x in area.x..area.x + area.width {
                assert!(x < width && y < height, "{area:?} is in the layer");
                assert!(!std::mem::replace(&mut covered[(y * width + x) as usize], true), "{area:?} overlaps");
            }
        }
    }
}

/// Numbers that are the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }

    fn byte(&mut self) -> u8 {
        (self.next() >> 56) as u8
    }

    fn range(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * (self.next() >> 40) as f32 / (1 << 24) as f32
    }

    fn color(&mut self) -> Color32 {
        let alpha = [255, 255, 128, 30, 0][self.below(5)];
        Color32::from_rgba_unmultiplied(self.byte(), self.byte(), self.byte(), alpha)
    }

    fn rect(&mut self) -> Rect {
        let (x, y) = (self.range(-50.0, 350.0), self.range(-50.0, 250.0));
        Rect::from_min_size(pos2(x, y), vec2(self.range(0.0, 120.0), self.range(0.0, 90.0)))
    }

    fn clipped(&mut self, ctx: &egui::Context, textures: &[egui::TextureHandle]) -> ClippedShape {
        let clip = if self.below(3) == 0 { self.rect() } else { Rect::EVERYTHING };
        let mut clipped = ClippedShape::new(clip, self.shape(ctx, textures));
        if self.below(8) == 0 {
            let shift = vec2(self.range(-20.0, 20.0), self.range(-20.0, 20.0));
            clipped.transform_after_tessellation = egui::emath::TSTransform::new(shift, self.range(0.5, 2.0));
        }
        clipped
    }

    fn shape(&mut self, ctx: &egui::Context, textures: &[egui::TextureHandle]) -> Shape {
        let (rect, color, stroke) = (self.rect(), self.color(), Stroke::new(self.range(0.0, 4.0), self.color()));
        match self.below(8) {
            0 => Shape::rect_filled(rect, self.below(20) as u8, color),
            1 => Shape::rect_stroke(rect, self.below(9) as u8, stroke, StrokeKind::Middle),
            2 => Shape::circle_filled(rect.min, self.range(0.0, 30.0), color),
            3 => Shape::line_segment([rect.min, rect.max], stroke),
            4 => Shape::line((0..6).map(|_| self.rect().min).collect(), stroke),
            5 if !textures.is_empty() => {
                let texture = textures[self.below(textures.len())].id();
                let size = if self.below(2) == 0 { vec2(12.0, 10.0) } else { rect.size() };
                let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
                Shape::image(texture, Rect::from_min_size(rect.min.round(), size), whole, color)
            }
            6 => {
                let nested = vec![self.shape(ctx, textures), self.shape(ctx, textures)];
                Shape::Vec(nested)
            }
            _ => {
                // New characters make the font's texture change, and grow.
                let text: String = (0..5).map(|_| char::from_u32(33 + self.below(300) as u32).unwrap_or('x')).collect();
                let font = egui::FontId::proportional(self.range(6.0, 40.0));
                let galley = ctx.fonts_mut(|fonts| fonts.layout_no_wrap(text, font, color));
                Shape::galley(rect.min, galley, color)
            }
        }
    }
}

#[test]
fn widgets_look_as_egui_wgpu_draws_them() {
    let gpu = common::gpu();
    for scale in [1.0, 1.25, 1.5, 2.0] {
        let (width, height) = ((480.0 * scale) as u32, (400.0 * scale) as u32);
        let mut page = Page::new(width, height, scale);
        let mut renderer = renderer(&gpu);
        let mut raster = layer(width, height);
        // egui lays windows out in the second frame.
        for frame in 0..4 {
            let output = page.run(vec![], rich);
            raster.set_textures(&output.delta);
            raster.draw(&page.ctx, output.shapes.clone(), output.scale);
            let want = reference(&gpu, &mut renderer, &page, &output);
            let what = format!("widgets at {scale}, frame {frame}");
            assert_near(&raster, &want, &what, 0.0, 0.001);
            save(&raster, &want, &format!("widgets-{scale}"));
        }
        assert!(raster.pixels().iter().filter(|p| **p != [0; 4]).count() > 100_000, "the page covers the layer");
    }
}

/// Coverage and colours of triangles of every shape, without egui's help.
#[test]
fn triangles_are_covered_as_gpus_cover_them() {
    let gpu = common::gpu();
    let mut renderer = renderer(&gpu);
    let mut page = Page::new(300, 200, 1.0);
    let mut raster = layer(300, 200);
    let mut random = Random(7);
    let (mut drawn, mut wrong) = (0, 0);
    for round in 0..30 {
        let mut mesh = egui::Mesh::default();
        for i in 0..60 {
            // Positions on whole and half pixels too, where an edge runs through the centres of pixels.
            let step = [0.5, 1.0, 0.25, 0.01][i % 4];
            let size = [10.0, 40.0, 400.0][round % 3];
            let (x, y) = (random.range(-30.0, 330.0), random.range(-30.0, 230.0));
            for _ in 0..3 {
                let at = |c: f32| ((c / step).round() * step * 256.0).round() / 256.0;
                let pos = pos2(at(x + random.range(-size, size)), at(y + random.range(-size, size)));
                let pos = if round % 2 == 0 { pos.clamp(Pos2::ZERO, pos2(300.0, 200.0)) } else { pos };
                mesh.colored_vertex(pos, random.color());
            }
            let n = mesh.vertices.len() as u32;
            mesh.add_triangle(n - 3, n - 2, n - 1);
        }
        let mesh = std::sync::Arc::new(mesh);
        let output = page.run(vec![], |ui, _| {
            ui.ctx().layer_painter(egui::LayerId::background()).add(Shape::Mesh(mesh.clone()));
        });
        raster.set_textures(&output.delta);
        raster.draw(&page.ctx, output.shapes.clone(), output.scale);
        let want = reference(&gpu, &mut renderer, &page, &output);
        save(&raster, &want, &format!("triangles-{round}"));
        drawn += want.rgba.iter().filter(|p| **p != [0; 4]).count();
        let most = |(a, b): (&[u8; 4], &[u8; 4])| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
        let pairs = raster.pixels().iter().zip(&want.rgba);
        if round % 2 == 0 {
            // Dozens of translucent layers lie over each other, and each is rounded.
            let most = pairs.map(most).max().unwrap_or(0);
            assert!(most <= 5, "round {round}: a pixel differs by {most}");
        } else {
            wrong += pairs.filter(|pair| most(*pair) > 5).count();
        }
    }
    // The driver cuts off triangles that reach out of the layer, and rounds the new corners to 1/256 pixel.
    assert!(drawn > 500_000 && wrong * 1000 < drawn, "{wrong} of {drawn} pixels differ");
}

/// Shapes that reach far out of the layer are cut off, and look as those of the GPU.
#[test]
fn what_reaches_far_out_of_the_layer_is_cut_off() {
    let gpu = common::gpu();
    let mut renderer = renderer(&gpu);
    let mut page = Page::new(200, 150, 1.0);
    let mut raster = layer(200, 150);
    let output = page.run(vec![], |ui, _| {
        let painter = ui.ctx().layer_painter(egui::LayerId::background());
        painter.rect_filled(Rect::from_min_max(pos2(-1e6, 20.0), pos2(1e6, 60.0)), 0.0, Color32::from_rgb(20, 60, 90));
        painter.rect_filled(Rect::EVERYTHING, 0.0, Color32::from_white_alpha(20));
        painter.line_segment([pos2(-90_000.0, 75.0), pos2(90_000.0, 75.0)], Stroke::new(3.0, Color32::RED));
        painter.line_segment([pos2(100.0, -1e5), pos2(100.0, 1e5)], Stroke::new(3.0, Color32::GREEN));
        painter.circle_stroke(pos2(-40_000.0, 75.0), 40_050.0, Stroke::new(4.0, Color32::YELLOW));
    });
    raster.set_textures(&output.delta);
    raster.draw(&page.ctx, output.shapes.clone(), output.scale);
    let want = reference(&gpu, &mut renderer, &page, &output);
    save(&raster, &want, "far");
    // The circle's edges are long and steep, and the GPU cuts them elsewhere.
    assert_near(&raster, &want, "far", 0.01, 0.05);
    assert_eq!(raster.pixels()[40 * 200 + 180], want.at(180, 40));
}

#[test]
fn clip_rectangles_and_textures_of_all_kinds() {
    let gpu = common::gpu();
    let wraps =
        [egui::TextureWrapMode::ClampToEdge, egui::TextureWrapMode::Repeat, egui::TextureWrapMode::MirroredRepeat];
    for scale in [1.0, 1.5] {
        let mut page = Page::new(300, 200, scale);
        let mut raster = layer(300, 200);
        let mut renderer = renderer(&gpu);
        let mut textures = vec![];
        let output = page.run(vec![], |ui, _| {
            let painter = ui.ctx().layer_painter(egui::LayerId::background());
            for (i, wrap_mode) in wraps.into_iter().enumerate() {
                for (j, filter) in [egui::TextureFilter::Nearest, egui::TextureFilter::Linear].into_iter().enumerate() {
                    let options = egui::TextureOptions {
                        magnification: filter,
                        minification: filter,
                        wrap_mode,
                        mipmap_mode: None,
                    };
                    let texture = ui.ctx().load_texture("t", checkers(), options);
                    let rect =
                        Rect::from_min_size(pos2(3.3 + 60.0 * i as f32, 4.2 + 60.0 * j as f32), vec2(50.7, 51.1));
                    let clip = Rect::from_min_max(rect.min + vec2(2.4, 1.7), rect.max - vec2(3.5, 0.4));
                    let uv = Rect::from_min_max(pos2(-0.7, -1.3), pos2(2.1, 1.9));
                    painter.with_clip_rect(clip).image(texture.id(), rect, uv, Color32::from_rgb(255, 220, 200));
                    textures.push(texture);
                }
            }
        });
        raster.set_textures(&output.delta);
        raster.draw(&page.ctx, output.shapes.clone(), output.scale);
        let want = reference(&gpu, &mut renderer, &page, &output);
        save(&raster, &want, &format!("textures-{scale}"));
        // The nearest texel changes in the middle of a pixel now and then.
        assert_near(&raster, &want, &format!("textures at {scale}"), 0.005, 0.01);
    }
}

/// A list of shapes that changes at random, drawn where it changed and drawn from scratch.
#[test]
fn drawing_what_changed_is_drawing_everything() {
    for (seed, scale) in [(1, 1.0), (2, 1.25), (3, 0.5), (4, 2.0), (5, 4.0)] {
        let mut random = Random(seed);
        let (width, height) = (333, 217);
        let mut page = Page::new(width, height, scale);
        let (mut raster, mut scratch) = (layer(width, height), layer(width, height));
        let mut shapes: Vec<ClippedShape> = vec![];
        let mut textures: Vec<egui::TextureHandle> = vec![];
        let mut before = raster.pixels().to_vec();
        for step in 0..150 {
            let output = page.run(vec![], |ui, _| {
                let ctx = ui.ctx().clone();
                match random.below(12) {
                    0 => textures.push(ctx.load_texture("t", checkers(), egui::TextureOptions::LINEAR)),
                    1 if !textures.is_empty() => drop(textures.swap_remove(random.below(textures.len()))),
                    2 if !textures.is_empty() => {
                        let i = random.below(textures.len());
                        let part = egui::ColorImage::filled([3, 2], random.color());
                        let size = textures[i].size();
                        if size[0] >= 3 && size[1] >= 2 {
                            let at = [random.below(size[0] - 2), random.below(size[1] - 1)];
                            textures[i].set_partial(at, part, egui::TextureOptions::LINEAR);
                        }
                    }
                    3 if !textures.is_empty() => {
                        let i = random.below(textures.len());
                        let size = [1 + random.below(20), 1 + random.below(20)];
                        textures[i].set(egui::ColorImage::filled(size, random.color()), egui::TextureOptions::NEAREST);
                    }
                    _ => {}
                }
                for _ in 0..random.below(4) {
                    let at = random.below(shapes.len() + 1);
                    match random.below(5) {
                        0 | 1 if shapes.len() < 80 => shapes.insert(at, random.clipped(&ctx, &textures)),
                        2 if at < shapes.len() => drop(shapes.remove(at)),
                        3 if at < shapes.len() => shapes[at] = random.clipped(&ctx, &textures),
                        4 if at + 1 < shapes.len() => shapes.swap(at, at + 1),
                        _ => {}
                    }
                }
            });
            raster.set_textures(&output.delta);
            scratch.set_textures(&output.delta);
            // Shapes of a texture that is gone stay in the list now and then: nobody draws them.
            let areas = raster.draw(&page.ctx, shapes.clone(), scale).areas().to_vec();
            scratch.set_size(1, 1).expect("a size");
            scratch.set_size(width, height).expect("a size");
            scratch.draw(&page.ctx, shapes.clone(), scale);
            assert!(raster.pixels() == scratch.pixels(), "seed {seed}, step {step}: differs from scratch");
            assert_areas(&areas, width, height);
            for (i, (old, new)) in before.iter().zip(raster.pixels()).enumerate() {
                let (x, y) = (i as u32 % width, i as u32 / width);
                let inside = |a: &Area| (a.x..a.x + a.width).contains(&x) && (a.y..a.y + a.height).contains(&y);
                assert!(
                    old == new || areas.iter().any(inside),
                    "seed {seed}, step {step}: {x}, {y} changed outside {areas:?}"
                );
            }
            before.copy_from_slice(raster.pixels());
            if step % 10 == 0 {
                raster.draw(&page.ctx, shapes.clone(), scale);
                if !raster.damage().is_empty() {
                    // A texture may have been dropped after the last drawing.
                    raster.draw(&page.ctx, shapes.clone(), scale);
                    before.copy_from_slice(raster.pixels());
                }
                assert!(raster.damage().is_empty(), "seed {seed}, step {step}: the same again is not drawn");
            }
        }
        assert!(before.iter().filter(|p| **p != [0; 4]).count() > 1000, "seed {seed}: something is drawn");
    }
}

/// The same with widgets, a pointer that moves over them, and text that is typed.
#[test]
fn widgets_drawn_where_they_changed_are_widgets_drawn_from_scratch() {
    let (width, height) = (600, 500);
    let mut page = Page::new(width, height, 1.25);
    let (mut raster, mut scratch) = (layer(width, height), layer(width, height));
    let mut random = Random(11);
    let (mut partly, mut whole) = (0, 0);
    for step in 0..120 {
        let at = pos2(random.range(0.0, 480.0), random.range(0.0, 400.0));
        let mut events = vec![egui::Event::PointerMoved(at)];
        if step % 3 == 0 {
            events.push(egui::Event::PointerButton {
                pos: at,
                button: egui::PointerButton::Primary,
                pressed: step % 2 == 0,
                modifiers: Default::default(),
            });
        }
        if step % 5 == 0 {
            events.push(egui::Event::Text("é".into()));
        }
        if step % 7 == 0 {
            events.push(egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Point,
                delta: vec2(0.0, -9.0),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Wheel,
                modifiers: Default::default(),
            });
        }
        let output = page.run(events, rich);
        raster.set_textures(&output.delta);
        scratch.set_textures(&output.delta);
        let damage = raster.draw(&page.ctx, output.shapes.clone(), output.scale);
        let pixels: u32 = damage.areas().iter().map(|a| a.width * a.height).sum();
        partly += u32::from(pixels > 0 && pixels < width * height / 2);
        whole += u32::from(pixels >= width * height / 2);
        scratch.set_size(1, 1).expect("a size");
        scratch.set_size(width, height).expect("a size");
        scratch.draw(&page.ctx, output.shapes.clone(), output.scale);
        assert!(raster.pixels() == scratch.pixels(), "step {step}: differs from scratch");
    }
    assert!(partly > 30 && whole < 8, "{partly} of 120 steps drew a part, {whole} more");
}

#[test]
fn damage_is_what_moved_and_what_it_left() {
    let mut page = Page::new(640, 480, 1.0);
    let mut raster = layer(640, 480);
    let mut draw = |raster: &mut Raster, x: f32| {
        let output = page.run(vec![], |ui, _| {
            let painter = ui.ctx().layer_painter(egui::LayerId::background());
            painter.rect_filled(Rect::from_min_size(pos2(10.0, 10.0), vec2(600.0, 400.0)), 0.0, Color32::DARK_GRAY);
            painter.vline(x, 70.0..=90.0, Stroke::new(1.0, Color32::WHITE));
        });
        raster.set_textures(&output.delta);
        raster.draw(&page.ctx, output.shapes.clone(), 1.0).areas().to_vec()
    };
    assert_eq!(draw(&mut raster, 100.0), [Area { x: 0, y: 0, width: 640, height: 480 }], "at first, everything");
    assert_eq!(draw(&mut raster, 100.0), [], "the same again");
    let areas = draw(&mut raster, 300.0);
    // The line is a pixel wide, or two with soft edges, and from 70 to 90.
    let is_line = |area: &Area, x: u32| {
        let inside = area.x + 2 >= x && area.x + area.width <= x + 3 && area.y >= 68 && area.y + area.height <= 92;
        inside && area.x <= x && area.x + area.width > x && area.y <= 70 && area.y + area.height >= 90
    };
    assert!(areas.len() == 2 && is_line(&areas[0], 100) && is_line(&areas[1], 300), "it left, it came: {areas:?}");
    let areas = draw(&mut raster, 330.0);
    assert!(areas.len() == 2 && is_line(&areas[0], 300) && is_line(&areas[1], 330), "{areas:?}");
    assert_eq!(raster.pixels()[70 * 640 + 300], Color32::DARK_GRAY.to_array());
    assert_eq!(raster.pixels()[70 * 640 + 330], [255; 4]);
}

#[test]
fn damage_of_one_thing_over_many_tiles_is_one_area() {
    let mut page = Page::new(640, 480, 1.0);
    let mut raster = layer(640, 480);
    let mut draw = |raster: &mut Raster, gray: u8| {
        let output = page.run(vec![], |ui, _| {
            let painter = ui.ctx().layer_painter(egui::LayerId::background());
            let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(600.0, 400.0));
            painter.add(egui::Shape::mesh({
                let mut mesh = egui::Mesh::default();
                mesh.add_colored_rect(rect, Color32::from_gray(gray));
                mesh
            }));
        });
        raster.set_textures(&output.delta);
        raster.draw(&page.ctx, output.shapes.clone(), 1.0).areas().to_vec()
    };
    draw(&mut raster, 50);
    let area = Area { x: 10, y: 20, width: 600, height: 400 };
    assert_eq!(draw(&mut raster, 60), [area]);
    // What the layer has lies in the rectangles that it names, and is in each of them.
    let covered: Vec<Area> = raster.covered(Area { x: 0, y: 0, width: u32::MAX, height: u32::MAX }).collect();
    assert_eq!(covered.iter().map(|area| area.width * area.height).sum::<u32>(), 600 * 400);
    let within = Area { x: 5, y: 400, width: 11, height: 33 };
    assert_eq!(
        raster.covered(within).collect::<Vec<_>>(),
        [Area { x: 10, y: 400, width: 6, height: 16 }, Area { x: 10, y: 416, width: 6, height: 4 },]
    );
    assert_eq!(raster.covered(Area { x: 640, y: 480, width: 9, height: 9 }).count(), 0);
}

#[test]
fn blending_is_the_formula() {
    let mut page = Page::new(400, 300, 1.0);
    let mut raster = layer(400, 300);
    let mut random = Random(3);
    let output = page.run(vec![], |ui, _| {
        let painter = ui.ctx().layer_painter(egui::LayerId::background());
        painter.rect_filled(
            Rect::from_min_size(pos2(5.0, 5.0), vec2(120.0, 200.0)),
            6.0,
            Color32::from_rgb(40, 50, 60),
        );
        painter.circle_filled(pos2(250.0, 150.0), 60.0, Color32::from_rgba_unmultiplied(250, 100, 20, 120));
        painter.circle_filled(pos2(300.0, 150.0), 40.0, Color32::from_rgba_premultiplied(90, 10, 20, 0));
        painter.text(
            pos2(20.0, 20.0),
            egui::Align2::LEFT_TOP,
            "Text",
            egui::FontId::proportional(40.0),
            Color32::WHITE,
        );
    });
    raster.set_textures(&output.delta);
    raster.draw(&page.ctx, output.shapes.clone(), 1.0);
    let formula = |over: [u8; 4], under: u8, i: usize| {
        let rest = 1.0 - f64::from(over[3]) / 255.0;
        (f64::from(over[i]) + f64::from(under) * rest).round().min(255.0) as u8
    };
    for round in 0..200 {
        let area = match round {
            0 => Area { x: 0, y: 0, width: 400, height: 300 },
            1 => Area { x: 0, y: 0, width: u32::MAX, height: u32::MAX },
            2 => Area { x: u32::MAX, y: u32::MAX, width: u32::MAX, height: u32::MAX },
            _ => {
                let mut any = |most| random.below(most) as u32;
                Area { x: any(450), y: any(350), width: any(200), height: any(200) }
            }
        };
        // As long as the area needs, and sometimes shorter, or narrower than it.
        let columns = (area.width as usize).min(500);
        let stride = (columns + random.below(9)).saturating_sub(random.below(9));
        let length = (stride * (area.height as usize).min(400)).saturating_sub(random.below(300));
        let before: Vec<[u8; 4]> = (0..length).map(|_| [random.byte(), random.byte(), random.byte(), 255]).collect();
        let mut bytes = before.clone();
        let word = |p: &[u8; 4]| u32::from_be_bytes([0, p[0], p[1], p[2]]);
        let mut words: Vec<u32> = before.iter().map(word).collect();
        raster.blend_over(area, &mut bytes, stride);
        raster.blend_over(area, &mut words, stride);
        let (mut byte_copy, mut word_copy) = (before.clone(), before.iter().map(word).collect::<Vec<u32>>());
        raster.copy_to(area, &mut byte_copy, stride);
        raster.copy_to(area, &mut word_copy, stride);
        let covered: Vec<Area> = raster.covered(area).collect();
        for (i, under) in before.iter().enumerate() {
            let (column, row) = ((i % stride) as u64, (i / stride) as u64);
            let (x, y) = (u64::from(area.x) + column, u64::from(area.y) + row);
            let last_row_fits = row as usize * stride + (area.width as usize).min(stride) <= length;
            let inside = column < u64::from(area.width) && row < u64::from(area.height) && x < 400 && y < 300;
            let want = if inside && last_row_fits {
                let over = raster.pixels()[(y * 400 + x) as usize];
                std::array::from_fn(|i| formula(over, under[i], i))
            } else {
                *under
            };
            assert_eq!(bytes[i], want, "round {round}: {area:?}, stride {stride}, pixel {column}, {row}");
            assert_eq!(words[i], word(&want), "round {round}: {area:?}, stride {stride}, pixel {column}, {row}");
            let want = if inside && last_row_fits {
                let over = raster.pixels()[(y * 400 + x) as usize];
                let is_in = |area: &Area| {
                    (u64::from(area.x)..u64::from(area.x + area.width)).contains(&x)
                        && (u64::from(area.y)..u64::from(area.y + area.height)).contains(&y)
                };
                assert!(over == [0; 4] || covered.iter().any(is_in), "round {round}: {area:?} at {x}, {y}");
                [over[0], over[1], over[2], 255]
            } else {
                *under
            };
            assert_eq!((byte_copy[i], word_copy[i]), (want, word(&want)), "round {round}: {area:?}, {column}, {row}");
        }
    }
    raster.blend_over(Area { x: 0, y: 0, width: 10, height: 10 }, &mut [0u32; 0], 0);
}

/// Numbers at their limits neither panic nor overflow, and draw the same in parts as from scratch.
#[test]
fn numbers_at_their_limits() {
    let worst = [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
        f32::MIN,
        1e30,
        -1e20,
        1e9,
        -3e5,
        32768.0,
        32768.004,
        -32768.5,
        0.0,
        -0.0,
        f32::MIN_POSITIVE,
        0.5,
        7.0,
        20.25,
        63.999,
        1e-30,
    ];
    let sizes = [(1, 1), (64, 40), (33, 1), (0, 0), (0, 7), (31, 97)];
    for (round, scale) in [0.5f32, 1.0, 1.25, 2.0, 4.0, 1e-20, 1e20].into_iter().enumerate() {
        let mut page = Page::new(64, 40, scale.clamp(0.5, 4.0));
        let mut random = Random(round as u64 + 1);
        let mut raster = layer(64, 40);
        let output = page.run(vec![], rich);
        raster.set_textures(&output.delta);
        for step in 0..400 {
            let mut pick = || worst[random.below(worst.len())];
            let mut mesh = egui::Mesh::default();
            for i in 0..12 {
                let vertex = egui::epaint::Vertex {
                    pos: pos2(pick(), pick()),
                    uv: if i % 2 == 0 { Pos2::ZERO } else { pos2(pick(), pick()) },
                    color: Color32::from_rgba_premultiplied(255, i * 20, 9, i * 20),
                };
                mesh.vertices.push(vertex);
            }
            // Some indices lead nowhere, and the last triangle is not complete.
            mesh.indices.extend([0, 1, 2, 3, 4, 5, 2, 1, 3, 6, 7, 99, u32::MAX, 8, 9, 10, 11, 0, 4, 7]);
            let clip = Rect::from_min_max(pos2(pick(), pick()), pos2(pick(), pick()));
            let shapes = vec![
                ClippedShape::new(Rect::EVERYTHING, Shape::Mesh(mesh.into())),
                ClippedShape::new(
                    clip,
                    Shape::rect_filled(Rect::from_min_max(pos2(1.0, 2.0), pos2(30.0, 30.0)), 3.0, Color32::RED),
                ),
                ClippedShape::new(Rect::EVERYTHING, Shape::circle_filled(pos2(pick(), pick()), pick(), Color32::GREEN)),
                ClippedShape::new(
                    Rect::EVERYTHING,
                    Shape::line_segment([pos2(pick(), pick()), pos2(pick(), pick())], Stroke::new(1.0, Color32::WHITE)),
                ),
                ClippedShape::new(
                    Rect::EVERYTHING,
                    Shape::rect_filled(
                        Rect::from_min_max(pos2(pick(), pick()), pos2(pick(), pick())),
                        0.0,
                        Color32::BLUE,
                    ),
                ),
            ];
            if step % 50 == 0 {
                let (width, height) = sizes[step / 50 % sizes.len()];
                raster.set_size(width, height).expect("a size");
            }
            raster.draw(&page.ctx, shapes.clone(), scale);
            let pixels = raster.pixels().to_vec();
            let (width, height) = raster.size();
            raster.set_size(2, 2).expect("a size");
            raster.set_size(width, height).expect("a size");
            raster.draw(&page.ctx, shapes, scale);
            assert!(pixels == raster.pixels(), "scale {scale}, step {step}");
        }
        for scale in [f32::NAN, 0.0, -1.0, f32::INFINITY] {
            raster.draw(&page.ctx, output.shapes.clone(), scale);
            assert!(raster.pixels().iter().all(|p| *p == [0; 4]), "a scale of {scale} draws nothing");
        }
    }
}

#[test]
fn sizes_out_of_range_are_errors_that_change_nothing() {
    let mut raster = layer(30, 20);
    for (width, height) in [(Raster::MAX_SIDE + 1, 1), (1, u32::MAX), (u32::MAX, u32::MAX)] {
        assert_eq!(raster.set_size(width, height), Err(RasterError::Size { width, height }));
        assert_eq!((raster.size(), raster.pixels().len()), ((30, 20), 600));
    }
    let text = raster.set_size(20000, 5).expect_err("too wide").to_string();
    assert_eq!(text, "a layer of 20000×5 pixels: expected at most 16384 a side");
}

/// A context before its first frame, no textures, shapes that are somebody else's: nothing is drawn, nothing fails.
#[test]
fn without_textures_nothing_is_drawn() {
    let ctx = egui::Context::default();
    let mut raster = layer(40, 30);
    let rect = Rect::from_min_size(Pos2::ZERO, vec2(20.0, 20.0));
    let callback = egui::PaintCallback { rect, callback: std::sync::Arc::new(()) };
    let shapes = vec![
        ClippedShape::new(Rect::EVERYTHING, Shape::rect_filled(rect, 2.0, Color32::RED)),
        ClippedShape::new(Rect::EVERYTHING, Shape::circle_filled(pos2(9.0, 9.0), 3.0, Color32::RED)),
        ClippedShape::new(Rect::EVERYTHING, Shape::Callback(callback)),
        ClippedShape::new(Rect::EVERYTHING, Shape::Noop),
    ];
    raster.draw(&ctx, shapes.clone(), 1.0);
    assert!(raster.pixels().iter().all(|p| *p == [0; 4]));
    // With fonts they appear, although the shapes are the same.
    let mut output = ctx.run_ui(egui::RawInput::default(), |_| {});
    raster.set_textures(&output.textures_delta);
    output.textures_delta.clear();
    raster.draw(&ctx, shapes, 1.0);
    assert_eq!(raster.pixels()[10 * 40 + 10], Color32::RED.to_array());
}
