//! Two waterfalls with axes, cursor and markers in the resizable panels of an egui program.
//!
//! `cargo run --example embed_egui -- [--frames N] [--shot FILE]`: ends after N frames; FILE gets a picture of the last.

mod common;

use common::{Arguments, Failure, row};
use eframe::{egui, egui_wgpu};
use ringfall::plot::WaterfallPlot;
use ringfall::{Capacity, Colormap, Error, Options, Pipelines, Scale, Stamp, Target, Waterfall};

/// A waterfall with its plot.
struct Panel {
    plot: WaterfallPlot,
    bins: usize,
}

impl Panel {
    fn new(render: &egui_wgpu::RenderState, pipelines: &Pipelines, bins: u32, map: &str) -> Result<Self, Failure> {
        // The cursor reads values, so rows are kept.
        let options = Options::default().bins(bins).capacity(Capacity::Rows(4000)).keep_rows(true);
        let target = Target::new(render.target_format);
        let mut fall = Waterfall::new(&render.device, pipelines, &target, &options)?;
        fall.set_colormap(&Colormap::named(map)?);
        fall.set_scale(Scale::linear(-105.0, -20.0)?);
        Ok(Self { plot: WaterfallPlot::new(&render.device, fall), bins: bins as usize })
    }

    fn push(&mut self, i: u64) -> Result<(), Error> {
        // A row every 20 ms, from 7 MHz on.
        let stamp = Stamp { time_ns: i as i64 * 20_000_000, duration_ns: 20e6, first_hz: 7e6, bin_hz: 50.0 };
        self.plot.waterfall().push(stamp, &row(i, self.bins))
    }

    /// The plot; returns where its picture is, in pixels: left, top, width, height.
    fn ui(&mut self, ui: &mut egui::Ui) -> [u32; 4] {
        let shown = self.plot.show(ui);
        let [left, top] =
            [shown.picture.min.x, shown.picture.min.y].map(|at| (at * ui.pixels_per_point()).round() as u32);
        [left, top, shown.size.0, shown.size.1]
    }
}

struct App {
    panels: [Panel; 2],
    rows: u64,
    frames: u64,
    arguments: Arguments,
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        // Four rows a frame, until the last but one: a picture taken of the last is of these.
        let last = self.arguments.frames.is_some_and(|n| self.frames + 1 >= n);
        for _ in 0..if last { 0 } else { 4 } {
            for panel in &mut self.panels {
                if let Err(error) = panel.push(self.rows) {
                    eprintln!("{error}");
                }
            }
            self.rows += 1;
        }
        let [left, right] = &mut self.panels;
        let first = egui::Panel::left("left").resizable(true).default_size(380.0).show(ui, |ui| left.ui(ui)).inner;
        let second = egui::CentralPanel::default().show(ui, |ui| right.ui(ui)).inner;
        self.frames += 1;
        if last && self.frames == self.arguments.frames.unwrap_or(0) {
            println!("rows {}", self.rows);
            for [x, y, width, height] in [first, second] {
                println!("waterfall {x} {y} {width} {height}");
            }
            let context = ui.ctx().clone();
            let shot = self.arguments.shot.clone();
            ui.ctx().request_screenshot(move |image| {
                if let Some(Err(error)) = shot.map(|file| save(&file, &image)) {
                    eprintln!("{error}");
                }
                context.send_viewport_cmd(egui::ViewportCommand::Close);
            });
        }
        ui.ctx().request_repaint();
    }
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read()?;
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default().with_inner_size([900.0, 500.0]),
        ..Default::default()
    };
    eframe::run_native(
        "ringfall in egui",
        options,
        Box::new(|context| {
            let render = context.wgpu_render_state.as_ref().ok_or("egui does not draw with wgpu")?;
            // One set of pipelines for all waterfalls.
            let pipelines = Pipelines::new(&render.device);
            let left = Panel::new(render, &pipelines, 1024, "viridis")?;
            let right = Panel::new(render, &pipelines, 300, "inferno")?;
            Ok(Box::new(App { panels: [left, right], rows: 0, frames: 0, arguments }))
        }),
    )?;
    Ok(())
}

fn save(file: &str, image: &egui::ColorImage) -> Result<(), Failure> {
    let [width, height] = image.size.map(|side| side as u32);
    let mut png = png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(file)?), width, height);
    png.set_color(png::ColorType::Rgba);
    png.write_header()?.write_image_data(image.as_raw())?;
    Ok(())
}
