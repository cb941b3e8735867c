//! The layer that egui is drawn into on the CPU, against `egui_wgpu` and against itself.
#![cfg(feature = "egui")]

mod common;

use common::{Gpu, Picture};
use egui::epaint::{ClippedShape, CornerRadius, StrokeKind};
use egui::{Color32, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};
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
        Self { ctx, width, height, scale, image: None, text: "edit me".into(), value: 0.3, on: true }
    }

    fn run(&mut self, events: Vec<egui::Event>, mut ui: impl FnMut(&mut egui::Ui, &mut State<'_>)) -> Output {
        let size = vec2(self.width as f32, self.height as f32) / self.scale;
        let mut input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            events,
            time: Some(1.0),
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

/// How many pixels differ by more than `step`, of those that are drawn; and the largest difference.
fn compare(raster: &Raster, want: &Picture, step: u8) -> (usize, usize, u8) {
    let difference = |(a, b): (&[u8; 4], &[u8; 4])| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
    let pairs = || raster.pixels().iter().zip(&want.rgba);
    let wrong = pairs().filter(|pair| difference(*pair) > step).count();
    let drawn = want.rgba.iter().filter(|p| **p != [0; 4]).count();
    (wrong, drawn, pairs().map(difference).max().unwrap_or(0))
}

#[test]
fn widgets_look_as_egui_wgpu_draws_them() {
    let gpu = common::gpu();
    for scale in [1.0, 1.25, 1.5, 2.0] {
        let (width, height) = ((480.0 * scale) as u32, (400.0 * scale) as u32);
        let mut page = Page::new(width, height, scale);
        let options = egui_wgpu::RendererOptions::PREDICTABLE;
        let mut renderer = egui_wgpu::Renderer::new(&gpu.device, wgpu::TextureFormat::Rgba8Unorm, options);
        let mut raster = Raster::new();
        raster.set_size(width, height).expect("a size");
        // egui lays windows out in the second frame.
        for _ in 0..3 {
            let output = page.run(vec![], rich);
            raster.set_textures(&output.delta);
            raster.draw(&page.ctx, output.shapes.clone(), output.scale);
            let want = reference(&gpu, &mut renderer, &page, &output);
            let (wrong, drawn, most) = compare(&raster, &want, 2);
            eprintln!(
                "scale {scale}: {wrong} of {drawn} over 2, most {most}; over 1: {}; differ {}",
                compare(&raster, &want, 1).0,
                compare(&raster, &want, 0).0
            );
            if let Ok(folder) = std::env::var("RASTER_OUT") {
                for (name, pixels) in [("got", raster.pixels()), ("want", &want.rgba)] {
                    let file = std::fs::File::create(format!("{folder}/{name}-{scale}.png")).expect("a file");
                    let mut encoder = png::Encoder::new(file, width, height);
                    encoder.set_color(png::ColorType::Rgba);
                    let mut writer = encoder.write_header().expect("a header");
                    writer.write_image_data(pixels.as_flattened()).expect("pixels");
                }
            }
        }
    }
}
