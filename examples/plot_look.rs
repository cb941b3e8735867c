//! scratch
use ringfall::plot::*;
use ringfall::*;
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let a: Vec<String> = std::env::args().collect();
    let (w, h, s): (u32, u32, f32) = (a[1].parse()?, a[2].parse()?, a[3].parse()?);
    let side = match a.get(4).map(|s| s.as_str()) {
        Some("left") => Side::Left,
        Some("right") => Side::Right,
        Some("bottom") => Side::Bottom,
        _ => Side::Top,
    };
    let mut c = Canvas::new(&Options::default().bins(1024).newest_side(side).capacity(Capacity::Rows(2000)))?;
    for i in 0..1500u64 {
        let row: Vec<f32> = (0..1024)
            .map(|k| {
                let d = (k as f64 - 300.0 - i as f64 * 0.1).abs();
                (-100.0 + ((i * 1024 + k) as f64 * 12.9898).sin().abs() * 8.0 + if d < 3.0 { 60.0 } else { 0.0 }) as f32
            })
            .collect();
        c.push(
            Stamp {
                time_ns: 1_790_000_000_000_000_000 + i as i64 * 200_000_000,
                duration_ns: 2e8,
                first_hz: 7.0e6,
                bin_hz: 46.875,
            },
            &row,
        )?;
    }
    c.set_scale(Scale::linear(-105.0, -30.0)?);
    let mut p = Plot::default();
    p.decorations.title = "DK0XYZ grabber".into();
    p.decorations.grid = a.len() > 5;
    p.decorations.unit = Some("dBFS".into());
    if a.len() > 5 {
        p.decorations.spectrum = 140.0;
        p.decorations.trace = 120.0;
        p.a = Some(Point { hz: 7.020e6, time_ns: 1_790_000_000_000_000_000 + 1400 * 200_000_000, value: -50.0 });
        p.b = Some(Point { hz: 7.030e6, time_ns: 1_790_000_000_000_000_000 + 1300 * 200_000_000, value: -60.0 });
        p.annotations.push(Annotation {
            time_ns: 1_790_000_000_000_000_000 + 1350 * 200_000_000..1_790_000_000_000_000_000 + 1380 * 200_000_000,
            hz: Some(7.01e6..7.015e6),
            label: "beacon".into(),
        });
    }
    let l = Layer::new(&mut p, &mut c, PictureSize::Whole(w, h), s, egui::Theme::Dark)?;
    let mut out = vec![[0u8; 4]; (w * h) as usize];
    l.rows(&mut c.painting(), 0..h, &mut out);
    let mut e = png::Encoder::new(std::fs::File::create("/tmp/look/plot.png")?, w, h);
    e.set_color(png::ColorType::Rgba);
    e.write_header()?.write_image_data(out.as_flattened())?;
    println!("{:?} {:?}", l.place(), l.size());
    Ok(())
}
