//! The last step of a picture of rows: colours, axes, the file, and a line about it.

use anyhow::Result;
use ringfall::source::RowInfo;
use ringfall::{Canvas, Norm};

use super::{CELLS, RenderCommand};
use crate::app::range::Range;
use crate::cli::axes::Labels;
use crate::cli::output;
use crate::flags::value::Size;
use crate::terminal::complain;
use crate::units::{band, band_hz, hertz, seconds as duration};

/// Colours the canvas, writes its picture, and says what it shows: these times, but not longer than the source lasts, in
/// seconds.
pub(super) fn finish(
    args: &RenderCommand,
    output: output::Target,
    canvas: &mut Canvas,
    rows: &RowInfo,
    ((from_ns, to_ns), all_s): ((i64, i64), Option<f64>),
    how: &str,
) -> Result<()> {
    let fixed = args.picture.range();
    let frame = canvas.frame();
    let unit = canvas.unit();
    let found = Range::of(canvas, CELLS, None).unwrap_or(Range::unknown(unit));
    let found = if unit.is_decibel() { found.moved(args.bias) } else { found };
    let range = found.with_fixed(fixed.0, fixed.1, unit).with_norm(args.picture.norm);
    canvas.set_scale(range.scale()?);
    let layer = if args.axes.axes { Some(args.axes.layer(canvas, Labels::Rows(rows))?) } else { None };
    let about = crate::app::about(rows, &frame, range, canvas.colormap().name());
    output.write(canvas, layer.as_ref(), about)?;
    let seconds = to_ns.saturating_sub(from_ns) as f64 * 1e-9;
    // A row represents its hop, which may extend beyond the ends of a short recording.
    let seconds = all_s.map_or(seconds, |all| seconds.min(all));
    let Size { width, height } = args.whole();
    complain(format_args!(
        "{}: {width}x{height} pixels, {} of {}, a line {}, {}, RBW {}, range {range}{}{}{how}",
        args.output.output.display(),
        duration(seconds),
        rows.source.name,
        duration(frame.line_ns() * 1e-9),
        band(band_hz(rows, frame.span_hz())),
        hertz(rows.rbw_hz),
        if fixed.0.is_some() && fixed.1.is_some() { "" } else { " (found from the data)" },
        if range.norm() == Norm::Linear { String::new() } else { format!(", norm {}", range.norm()) },
    ));
    Ok(())
}
