//! A picture of an array of any size, without a GPU: `cargo run --example array_picture -- array.npy picture.png`.
//!
//! The array stays in its file: only the rows that the picture shows are read, here at most one for each pixel down.

use std::error::Error;
use std::path::PathBuf;

use ringfall::array::{Array, Component};
use ringfall::export::{Lines, OutputOptions, format_named};
use ringfall::{Canvas, Capacity, Options, Scale, Stamp, Store as _, Texel};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(input), Some(output)) = (args.next(), args.next()) else {
        return Err("expected the name of a .npy file and that of a picture".into());
    };
    let array = Array::open_npy(&input, Component::Magnitude)?;
    let (width, height) = (array.columns().min(1024), array.rows().min(768) as u32);
    let mut canvas = Canvas::new(
        &Options::default()
            .bins(array.columns())
            .capacity(Capacity::Rows(height))
            .texel(Texel::F32)
            .unit(array.unit())
            .width(width)
            .height(height)
            .newest_side(ringfall::Side::Bottom),
    )?;
    let (mut row, mut low, mut high) = (Vec::new(), f32::INFINITY, f32::NEG_INFINITY);
    for line in 0..u64::from(height) {
        array.read(line * array.rows() / u64::from(height), &mut row)?;
        let finite = || row.iter().copied().filter(|value| value.is_finite());
        (low, high) = (finite().fold(low, f32::min), finite().fold(high, f32::max));
        canvas.push(Stamp::index(line), &row)?;
    }
    canvas.set_scale(Scale::linear(low, high)?);
    let png = format_named("png")?;
    let target = png.open(&output, &OutputOptions { inputs: &[&input], force: false })?;
    png.write(&mut Lines::of(&canvas)?, target)?;
    println!("{}: {width}x{height} of {} rows, {low} to {high}", output.display(), array.rows());
    Ok(())
}
