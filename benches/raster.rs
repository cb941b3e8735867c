//! The layer of egui's shapes on the CPU: what a frame costs, and blending it over the waterfall.
//!
//! 1920×1080, a side panel of 30 widgets, axes with 40 labels, a status line whose text changes every frame, and a crosshair
//! of two lines that moves every frame. egui's own layout is not measured.

use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use egui::epaint::ClippedShape;
use egui::{Align2, Color32, FontId, Pos2, Rect, Stroke, pos2, vec2};
use ringfall::raster::{Area, Raster};

const SIZE: (u32, u32) = (1920, 1080);
/// The waterfall: 1700×950 pixels right of the panel, above the status line.
const FALL: Area = Area { x: 215, y: 40, width: 1700, height: 950 };

fn face(ui: &mut egui::Ui, frame: u32, pointer: Pos2) {
    let mut value = 0.5;
    egui::Panel::left("controls").exact_size(180.0).show(ui, |ui| {
        for i in 0..10 {
            ui.label(format!("Setting {i}"));
            let _ = ui.button("Choose a value");
            ui.add(egui::Slider::new(&mut value, 0.0..=1.0));
        }
    });
    egui::Panel::bottom("status").exact_size(24.0).show(ui, |ui| {
        ui.label(format!(
            "{} rows/s   {:.1} frames/s   row {frame}   −{}.{} dB",
            47,
            59.9,
            60 + frame % 40,
            frame % 10
        ));
    });
    let painter = ui.ctx().layer_painter(egui::LayerId::background());
    let fall = Rect::from_min_size(pos2(FALL.x as f32, FALL.y as f32), vec2(FALL.width as f32, FALL.height as f32));
    let (color, font) = (Color32::from_gray(200), FontId::proportional(12.0));
    for i in 0..20 {
        let x = fall.left() + 20.0 + 85.0 * i as f32;
        painter.line_segment([pos2(x, fall.top() - 6.0), pos2(x, fall.top())], Stroke::new(1.0, color));
        painter.text(pos2(x, fall.top() - 8.0), Align2::CENTER_BOTTOM, format!("7.{i:03} MHz"), font.clone(), color);
        let y = fall.top() + 20.0 + 45.0 * i as f32;
        painter.line_segment([pos2(fall.left() - 6.0, y), pos2(fall.left(), y)], Stroke::new(1.0, color));
        painter.text(pos2(fall.left() - 8.0, y), Align2::RIGHT_CENTER, format!(":{i:02}"), font.clone(), color);
    }
    painter.hline(fall.x_range(), pointer.y, Stroke::new(1.0, Color32::from_white_alpha(160)));
    painter.vline(pointer.x, fall.y_range(), Stroke::new(1.0, Color32::from_white_alpha(160)));
}

/// Frames of a pointer that moves, and their textures given to a layer.
fn frames(count: u32, moves: bool) -> (egui::Context, Vec<Vec<ClippedShape>>, Raster) {
    let ctx = egui::Context::default();
    let mut raster = Raster::new();
    raster.set_size(SIZE.0, SIZE.1).expect("a size");
    let frames = (0..count).map(|frame| {
        let step = if moves { frame } else { 0 };
        let pointer = pos2(600.0 + 13.0 * (step % 50) as f32, 300.0 + 7.0 * (step % 60) as f32);
        let input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(SIZE.0 as f32, SIZE.1 as f32))),
            time: Some(f64::from(frame) / 60.0),
            ..Default::default()
        };
        let mut output = ctx.run_ui(input, |ui| face(ui, step, pointer));
        raster.set_textures(&output.textures_delta);
        output.textures_delta.clear();
        output.shapes
    });
    let frames = frames.collect();
    (ctx, frames, raster)
}

fn draw(c: &mut Criterion) {
    let mut group = c.benchmark_group("raster");
    for (name, moves) in [("moving", true), ("still", false)] {
        let (ctx, frames, mut raster) = frames(120, moves);
        let mut frame = 0;
        raster.draw(&ctx, frames[2].clone(), 1.0);
        group.bench_function(format!("draw/{name}"), |b| {
            b.iter_batched(
                || {
                    // The first frames are those in which egui lays out.
                    frame = (frame + 1) % (frames.len() - 2);
                    frames[frame + 2].clone()
                },
                |shapes| raster.draw(&ctx, shapes, 1.0).areas().len(),
                BatchSize::PerIteration,
            );
        });
        if moves {
            let mut out = vec![0u32; (FALL.width * FALL.height) as usize];
            group.bench_function("blend_over", |b| {
                b.iter(|| raster.blend_over(FALL, &mut out, FALL.width as usize));
            });
            let mut out = vec![[0u8, 0, 0, 255]; (FALL.width * FALL.height) as usize];
            group.bench_function("blend_over/rgba", |b| {
                b.iter(|| raster.blend_over(FALL, &mut out, FALL.width as usize));
            });
        }
    }
    let (ctx, frames, mut raster) = frames(3, false);
    let mut wide = false;
    group.bench_function("draw/all", |b| {
        b.iter_custom(|count| {
            let mut spent = Duration::ZERO;
            for _ in 0..count {
                // A new size draws everything again.
                wide = !wide;
                raster.set_size(SIZE.0 - u32::from(wide), SIZE.1).expect("a size");
                let shapes = frames[2].clone();
                let begin = Instant::now();
                raster.draw(&ctx, shapes, 1.0);
                spent += begin.elapsed();
            }
            spent
        });
    });
    group.finish();
}

criterion_group!(benches, draw);
criterion_main!(benches);
