//! Saving pictures: of what is on show, or of the selected box.

mod draw;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use ringfall::export::ExportError;
use ringfall::plot::Plot;
use ringfall::{Canvas, Capacity, Edge, Frame, Loader, Stamp, View};

use super::App;
use super::messages::Message;
use super::scene::{COLORS, exact, precise};
use draw::{Job, Pending, Place};

/// A picture that the user asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SaveRequest {
    /// The selected box alone.
    pub(crate) of_box: bool,
    /// With what is around the data.
    pub(crate) axes: bool,
    pub(crate) size: SaveSize,
    /// Pixels per point of what is around the data. `None`: as in the window.
    pub(crate) scale: Option<f32>,
    /// The file, and that it may replace one that is there. `None`: a new one in the folder for pictures.
    pub(crate) to: Option<(PathBuf, bool)>,
}

/// The size of a picture: that of its data, without what is around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SaveSize {
    /// That of the picture in the window.
    Window,
    /// A pixel for each value.
    Data,
    /// In pixels.
    Pixels(u32, u32),
}

impl SaveRequest {
    /// What is on show, as it is.
    pub(crate) const ON_SHOW: Self = Self { of_box: false, axes: true, size: SaveSize::Window, scale: None, to: None };
    /// The selected box, as large as the picture in the window.
    pub(crate) const BOX: Self = Self { of_box: true, ..Self::ON_SHOW };
}

/// Pixels of a picture at most: one without values takes half a gibibyte.
const MOST_PIXELS: u64 = 1 << 27;

/// Bytes of the rows that a picture shows. Beyond that, rows are left out.
const ROWS: u64 = 512 << 20;

impl App {
    /// Saves a picture, with markers and without the cursor.
    pub(super) fn save(&mut self, request: SaveRequest) {
        match self.job(&request) {
            Ok(Some(job)) => {
                // To draw and to compress it takes a good while.
                self.messages.run("save a picture", move || {
                    Some(match job.run() {
                        // With the folder, so that the user finds it.
                        Ok(path) => Message::Info(format!("Saved {}", absolute(&path).display())),
                        Err(error) => Message::Error(format!("the picture cannot be saved: {}", cause(&error))),
                    })
                });
            }
            Ok(None) => {}
            Err(error) => self.complain(format!("the picture cannot be saved: {}", cause(&error))),
        }
    }

    /// The folder where pictures are saved.
    pub(super) fn pictures(&self) -> PathBuf {
        folder(self.face.pictures.as_deref())
    }

    /// Opens the dialog that asks what is to be saved, and where.
    pub(super) fn ask_to_save(&mut self) {
        let path = draw::free_name(&self.pictures(), jiff::Timestamp::now()).unwrap_or_default();
        self.face.ask_to_save(&absolute(&path), self.size);
    }

    /// What is to be drawn. `None` while there is nothing to draw.
    fn job(&mut self, request: &SaveRequest) -> Result<Option<Job>> {
        let (Some(scene), Some(gui)) = (&self.scene, &self.gui) else { return Ok(None) };
        let context = gui.context();
        let rows = self.intake.rows();
        let newest = rows.range(0).end.checked_sub(1).and_then(|newest| rows.stamp(0, newest));
        let (Some(frame), Some((newest, bins))) = (self.navigator.frame(rows, self.size), newest) else {
            bail!("there are no rows yet")
        };
        let (hz, time_ns) = match (request.of_box, self.face.plot.selection) {
            (false, _) => {
                let lines = frame.lines();
                (frame.span_hz(), (frame.time_of(lines.start as f64), frame.time_of(lines.end as f64)))
            }
            (true, Some(selection)) => (selection.hz, selection.time_ns),
            (true, None) => bail!("no box is selected: Ctrl+drag selects one"),
        };
        let place = match &request.to {
            Some((path, replace)) => Place::File { path: path.clone(), replace: *replace },
            None => Place::Folder(self.pictures()),
        };
        let is_as_shown = !request.of_box && request.size == SaveSize::Window;
        let (size, view) = if is_as_shown {
            (self.size, frame.view())
        } else {
            let keeps_shape = self.navigator.is_array() && !self.navigator.stretches();
            sized(request.size, self.size, &frame, (&newest, bins), (hz, time_ns), keeps_shape)?
        };
        let most_bins = scene.picture.canvas()?.most_bins();
        let options = self.wish.options.bins(most_bins).size(size.0, size.1).capacity(Capacity::Bytes(ROWS));
        let unit = self.intake.unit();
        let options = options.newest_side(frame.newest_side()).unit(unit).texel(exact(options.texel, unit));
        let mut canvas = Canvas::new(&if rows.is_rgba() { options.texel(COLORS) } else { options })?;
        canvas.set_scale(self.range.scale()?);
        canvas.set_colormap(&self.maps[self.map]);
        let mut loader = Loader::new(view)?;
        let pending = match self.intake.compute().filter(|_| !is_as_shown) {
            // Other rows than those on show: they are computed apart from these.
            Some(compute) => {
                let precision = precise(self.wish.history.1, unit);
                Some(Pending { compute, precision, loader })
            }
            None => {
                loader.update_canvas(&mut canvas, rows)?;
                None
            }
        };
        Ok(Some(Job {
            canvas,
            pending,
            plot: request.axes.then(|| self.plot_to_save(is_as_shown)),
            scale: request.scale.unwrap_or(context.pixels_per_point()),
            theme: context.theme(),
            rows: self.intake.feed().rows().clone(),
            range: self.range,
            colormap: self.maps[self.map].name().to_owned(),
            place,
        }))
    }

    /// What is around the data in a file: as in the window, but panels only around what is on show there.
    fn plot_to_save(&self, with_panels: bool) -> Plot {
        let shown = &self.face.plot;
        let mut plot = Plot::default();
        plot.decorations = shown.decorations.clone();
        plot.decorations.cursor = false;
        if !with_panels {
            (plot.decorations.spectrum, plot.decorations.trace) = (0.0, 0.0);
        }
        plot.annotations.clone_from(&shown.annotations);
        plot.markers.clone_from(&shown.markers);
        (plot.a, plot.b) = (shown.a, shown.b);
        if with_panels {
            (plot.selection, plot.head_ns) = (shown.selection, shown.head_ns);
            plot.hold = shown.hold.clone();
        }
        plot
    }
}

/// An error in words. Those of files name the file and the cause already.
fn cause(error: &anyhow::Error) -> String {
    error.downcast_ref::<ExportError>().map_or_else(|| format!("{error:#}"), ToString::to_string)
}

/// The size of a picture of these frequencies and times, and its view. `frame` is that of the window's picture of size `window`.
fn sized(
    size: SaveSize,
    window: (u32, u32),
    frame: &Frame,
    (newest, bins): (&Stamp, u32),
    (hz, time_ns): ((f64, f64), (i64, i64)),
    keeps_shape: bool,
) -> Result<((u32, u32), View)> {
    let sideways = frame.newest_side().is_sideways();
    let turned = |(across, along): (f64, f64)| if sideways { (along, across) } else { (across, along) };
    let since = |ns: i64| ns.saturating_sub(frame.epoch_ns()) as f64;
    // Whole cells: every bin and every row that is touched, of those that there are.
    let (first_hz, _) = newest.span_hz(bins as usize);
    let bin = |hz: f64| (hz - first_hz) / newest.bin_hz;
    let columns = (bin(hz.0).floor().max(0.0), bin(hz.1).ceil().min(f64::from(bins)));
    let row_ns = newest.duration_ns;
    let lines = ((since(time_ns.0) / row_ns).floor(), (since(time_ns.1) / row_ns).ceil());
    let cells = (columns.1 - columns.0, lines.1 - lines.0);
    if !(cells.0 >= 1.0 && cells.1 >= 1.0) {
        bail!("there are no rows in it");
    }
    let cells_view = |pixels: (f64, f64)| {
        let line_ns = cells.1 * row_ns / pixels.1;
        let edge_ns = lines.1 * row_ns - 0.5 * line_ns;
        let hz = (first_hz + columns.0 * newest.bin_hz, first_hz + columns.1 * newest.bin_hz);
        frame
            .view()
            .span_hz(hz)
            .line_ns(line_ns)
            .edge(Edge::At(frame.epoch_ns().saturating_add(edge_ns.round() as i64)))
    };
    let (wanted, view) = match size {
        SaveSize::Data => (cells, Some(cells_view(cells))),
        SaveSize::Window if keeps_shape => {
            let room = turned((f64::from(window.0), f64::from(window.1)));
            let by = (room.0 / cells.0).min(room.1 / cells.1);
            let by = if by >= 1.0 { by.floor() } else { by };
            let pixels = ((cells.0 * by).round().max(1.0), (cells.1 * by).round().max(1.0));
            (pixels, Some(cells_view(pixels)))
        }
        SaveSize::Window => (turned((f64::from(window.0), f64::from(window.1))), None),
        SaveSize::Pixels(width, height) => (turned((f64::from(width), f64::from(height))), None),
    };
    let (width, height) = turned(wanted);
    if width * height > MOST_PIXELS as f64 || width.max(height) > f64::from(ringfall::raster::Raster::MAX_SIDE) {
        bail!(
            "{width:.0}×{height:.0} pixels: expected at most {} a side, and {} million in all",
            ringfall::raster::Raster::MAX_SIDE,
            MOST_PIXELS >> 20
        );
    }
    let size = (width.max(1.0) as u32, height.max(1.0) as u32);
    let view = view.unwrap_or_else(|| {
        let frame = Frame::new(&frame.view(), size, frame.newest_side(), frame.epoch_ns(), None);
        frame.showing(hz, time_ns)
    });
    Ok((size, view))
}

/// The path with its folder.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The folder for pictures: the chosen one, the user's, or the current one.
fn folder(chosen: Option<&Path>) -> PathBuf {
    let users = || directories::UserDirs::new()?.picture_dir().filter(|folder| folder.is_dir()).map(Path::to_owned);
    chosen.map(Path::to_owned).or_else(users).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfall::{Rows as _, Side};

    const SECOND: i64 = 1_000_000_000;

    /// 100 columns and 60 rows, each a number of its own, in a window of 320×200.
    fn rows() -> ringfall::History {
        let mut history = ringfall::History::with_unit(16 << 20, ringfall::Precision::F32, ringfall::Unit::None);
        for row in 0..60 {
            let cells: Vec<f32> = (0..100).map(|column| (100 * row + column) as f32).collect();
            history.push(Stamp::index(row), &cells).unwrap();
        }
        history
    }

    /// The values of a picture of a part.
    fn picture(size: SaveSize, side: Side, hz: (f64, f64), time_ns: (i64, i64), keeps: bool) -> ((u32, u32), Vec<f32>) {
        let rows = rows();
        let (newest, bins) = rows.stamp(0, 59).unwrap();
        let frame = Frame::new(&View::default(), (320, 200), side, rows.epoch_ns(), Some((&newest, bins)));
        let (size, view) = sized(size, (320, 200), &frame, (&newest, bins), (hz, time_ns), keeps).unwrap();
        let options = ringfall::Options::default().bins(100).size(size.0, size.1).newest_side(side);
        let options = options.texel(ringfall::Texel::F32).unit(ringfall::Unit::None);
        let mut canvas = Canvas::new(&options).unwrap();
        Loader::new(view).unwrap().update_canvas(&mut canvas, &rows).unwrap();
        let mut values = vec![0.0; size.0 as usize * size.1 as usize];
        canvas.values(&mut values).unwrap();
        (size, values)
    }

    #[test]
    fn a_box_at_the_size_of_its_data_has_every_cell_once() {
        // Columns 10 to 14, from a part of the first to a part of the last, and rows 20 to 22.
        let (hz, time_ns) = ((9.8, 13.9), (20 * SECOND + 1, 23 * SECOND - 1));
        let want = |column: u32, row: u32| (100 * row + column) as f32;
        let (size, values) = picture(SaveSize::Data, Side::Bottom, hz, time_ns, false);
        assert_eq!(size, (5, 3));
        let rows: Vec<f32> = (20..23).flat_map(|row| (10..15).map(move |column| want(column, row))).collect();
        assert_eq!(values, rows);
        let (size, values) = picture(SaveSize::Data, Side::Top, hz, time_ns, false);
        let rows: Vec<f32> = (20..23).rev().flat_map(|row| (10..15).map(move |column| want(column, row))).collect();
        assert_eq!((size, values), ((5, 3), rows));
        // Time to the right, frequency upwards.
        let (size, values) = picture(SaveSize::Data, Side::Right, hz, time_ns, false);
        let rows: Vec<f32> = (10..15).rev().flat_map(|column| (20..23).map(move |row| want(column, row))).collect();
        assert_eq!((size, values), ((3, 5), rows));
    }

    #[test]
    fn an_array_keeps_its_shape_in_the_size_of_the_window() {
        let (hz, time_ns) = ((9.5, 14.5), (20 * SECOND, 23 * SECOND));
        // 5 by 3 cells in 320×200 pixels: 64 pixels each.
        let (size, values) = picture(SaveSize::Window, Side::Bottom, hz, time_ns, true);
        assert_eq!(size, (320, 192));
        assert_eq!((values[0], values[63], values[64], values[320 * 64]), (2010.0, 2010.0, 2011.0, 2110.0));
        let (size, _) = picture(SaveSize::Window, Side::Bottom, hz, time_ns, false);
        assert_eq!(size, (320, 200));
        let (size, values) = picture(SaveSize::Pixels(50, 30), Side::Bottom, hz, time_ns, false);
        assert_eq!((size, values[0], values[49], values[1499]), ((50, 30), 2010.0, 2014.0, 2214.0));
    }

    #[test]
    fn what_cannot_be_drawn_is_an_error() {
        let rows = rows();
        let (newest, bins) = rows.stamp(0, 59).unwrap();
        let frame = Frame::new(&View::default(), (320, 200), Side::Top, 0, Some((&newest, bins)));
        let sized = |size, hz, time_ns| super::sized(size, (320, 200), &frame, (&newest, bins), (hz, time_ns), false);
        let all = (0, 60 * SECOND);
        for (size, hz, time_ns, why) in [
            (SaveSize::Data, (200.0, 300.0), all, "no rows"),
            (SaveSize::Data, (0.0, 50.0), (0, i64::MAX), "pixels"),
            (SaveSize::Pixels(20_000, 10), (0.0, 50.0), all, "16384 a side"),
            (SaveSize::Pixels(u32::MAX, u32::MAX), (0.0, 50.0), all, "16384 a side"),
            (SaveSize::Pixels(16_000, 16_000), (0.0, 50.0), all, "128 million"),
        ] {
            let error = sized(size, hz, time_ns).unwrap_err();
            assert!(format!("{error:#}").contains(why), "{size:?}: {error:#}");
        }
        assert_eq!(sized(SaveSize::Pixels(0, 0), (0.0, 50.0), all).unwrap().0, (1, 1));
    }
}
