//! Drawing a picture and writing it to a file, away from the window's thread.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use ringfall::export::{FORMATS, Format, Lines, OutputOptions, Stores, format_of};
use ringfall::plot::{Layer, PictureSize, Plot};
use ringfall::source::RowInfo;
use ringfall::{Canvas, Compute, Computed, ComputedOptions, Loader, Precision};

use crate::app::about::about;
use crate::app::range::Range;

/// Files of the same second at most.
const MOST_ALIKE: u32 = 1000;

/// How long rows may take to be computed that nobody has seen yet.
const PATIENCE: Duration = Duration::from_secs(600);

/// Where a picture is saved.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In this folder, under a name of its own.
    Folder(PathBuf),
    /// Here. `replace`: in place of a file that is there.
    File { path: PathBuf, replace: bool },
}

/// Rows that are yet to be computed for a picture, and the view of it.
pub(super) struct Pending {
    pub(super) compute: Arc<dyn Compute>,
    pub(super) precision: Precision,
    pub(super) loader: Loader,
}

/// A picture to draw.
pub(super) struct Job {
    pub(super) canvas: Canvas,
    pub(super) pending: Option<Pending>,
    /// What is drawn around the data; none for the data alone.
    pub(super) plot: Option<Plot>,
    /// Pixels per point of what is around them.
    pub(super) scale: f32,
    pub(super) theme: egui::Theme,
    pub(super) rows: RowInfo,
    pub(super) range: Range,
    pub(super) colormap: String,
    pub(super) place: Place,
}

impl Job {
    /// Draws the picture and writes it, completely or not at all. Returns where.
    pub(super) fn run(mut self) -> Result<PathBuf> {
        let (path, replace) = match &self.place {
            Place::Folder(folder) => (free_name(folder, jiff::Timestamp::now()).context("no free name")?, false),
            Place::File { path, replace } => (path.clone(), *replace),
        };
        let format = format(&path)?;
        if !replace && fs::symlink_metadata(&path).is_ok() {
            bail!("{}: there is such a file already", path.display());
        }
        // Before any work is done.
        let output = format.open(&path, &OutputOptions { inputs: &[], force: replace })?;
        if let Some(pending) = self.pending.take() {
            compute(pending, &mut self.canvas)?;
        }
        let about = about(&self.rows, &self.canvas.frame(), self.range, &self.colormap);
        let layer = match &mut self.plot {
            Some(plot) => {
                let (width, height) = self.canvas.size();
                let size = PictureSize::Data(width, height);
                Some(Layer::new(plot, &mut self.canvas, size, self.scale, self.theme)?)
            }
            None => None,
        };
        let mut lines = match &layer {
            Some(layer) => Lines::decorated(&self.canvas, layer)?,
            None => Lines::of(&self.canvas)?,
        }
        .with_text(about);
        format.write(&mut lines, output)?;
        Ok(path)
    }
}

/// The format of a name.
pub(super) fn format(path: &Path) -> Result<&'static dyn Format> {
    let found = format_of(path).ok().filter(|format| format.stores() != Stores::Values);
    let Some(format) = found else {
        let colors = FORMATS.iter().filter(|format| format.stores() != Stores::Values);
        let names: Vec<String> = colors.flat_map(|format| format.extensions()).map(|name| format!(".{name}")).collect();
        bail!("{}: expected a name that ends in {}", path.display(), names.join(", "));
    };
    Ok(format)
}

/// Waits until what the canvas shows has been computed, and loads it.
fn compute(Pending { compute, precision, mut loader }: Pending, canvas: &mut Canvas) -> Result<()> {
    let rows = Computed::new(compute, &ComputedOptions::default().precision(precision), Box::new(|| {}))
        .context("cannot start a thread")?;
    // It says what is wanted, and loads what is there.
    loader.update_canvas(canvas, &rows)?;
    let shown = rows.wait(|progress| progress.shown || progress.error.is_some(), PATIENCE);
    if let Some(error) = rows.progress().error {
        return Err(error.into());
    }
    if !shown {
        bail!("the rows were not computed within {} s", PATIENCE.as_secs());
    }
    loader.update_canvas(canvas, &rows)?;
    Ok(())
}

/// A name that tells the time, in UTC, and that no file has.
pub(super) fn free_name(folder: &Path, now: jiff::Timestamp) -> Option<PathBuf> {
    let time = now.strftime("%Y%m%d-%H%M%S").to_string();
    let names = (1..MOST_ALIKE).map(|i| match i {
        1 => format!("ringfall-{time}.png"),
        _ => format!("ringfall-{time}-{i}.png"),
    });
    names.map(|name| folder.join(name)).find(|path| fs::symlink_metadata(path).is_err())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfall::source::Clock;
    use ringfall::{Options, Scale, Stamp};

    /// 20 rows of 30 bins, with a line at bin 7.
    fn job(place: Place) -> Job {
        let mut canvas = Canvas::new(&Options::default().bins(30).size(30, 20)).unwrap();
        for row in 0..20 {
            let mut cells = [-90.0; 30];
            cells[7] = -10.0;
            canvas.push(Stamp::index(row), &cells).unwrap();
        }
        canvas.set_scale(Scale::linear(-100.0, 0.0).unwrap());
        let rows = RowInfo::new("made up", Clock::File, 30, (0.0, 1.0), 1e9).unwrap();
        let range = Range::new(-100.0, 0.0);
        let (plot, pending, colormap) = (None, None, "viridis".to_owned());
        Job { canvas, pending, plot, scale: 1.0, theme: egui::Theme::Dark, rows, range, colormap, place }
    }

    fn decoded(path: &Path) -> (u32, u32, Vec<u8>, usize) {
        let mut reader = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap())).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        (info.width, info.height, bytes, info.color_type.samples())
    }

    #[test]
    fn every_picture_has_a_name_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let now = jiff::Timestamp::from_second(1_790_000_000).unwrap();
        let first = free_name(folder.path(), now).unwrap();
        assert_eq!(first.file_name().unwrap(), "ringfall-20260921-141320.png");
        std::fs::write(&first, "").unwrap();
        assert_eq!(free_name(folder.path(), now).unwrap().file_name().unwrap(), "ringfall-20260921-141320-2.png");
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let error = job(Place::Folder("/nonexistent/folder".into())).run().unwrap_err();
        assert!(format!("{error:#}").contains("/nonexistent/folder"), "{error:#}");
    }

    #[test]
    fn the_data_alone_and_with_axes() {
        let folder = tempfile::tempdir().unwrap();
        let path = job(Place::Folder(folder.path().to_owned())).run().unwrap();
        let (width, height, bytes, samples) = decoded(&path);
        assert_eq!((width, height), (30, 20));
        let pixel = |x: usize, y: usize| bytes[(y * 30 + x) * samples..][..3].to_vec();
        let map = *ringfall::Colormap::named("viridis").unwrap().lut();
        // −10 and −90 of −100 to 0 dB: 0.9 and 0.1 of 256 colours.
        assert_eq!((pixel(7, 11), pixel(8, 11)), (map[230][..3].to_vec(), map[25][..3].to_vec()));
        // With axes the data keep their size, and the rest is around them.
        let mut with_axes = job(Place::File { path: folder.path().join("axes.png"), replace: false });
        with_axes.plot = Some(Plot::default());
        with_axes.canvas.set_size(200, 100).unwrap();
        let (width, height, ..) = decoded(&with_axes.run().unwrap());
        assert!(width > 250 && height > 110, "{width}x{height}");
    }

    #[test]
    fn no_file_is_replaced_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picture.png");
        fs::write(&path, "a letter").unwrap();
        let at = |replace| Place::File { path: path.clone(), replace };
        let error = job(at(false)).run().unwrap_err();
        assert!(format!("{error:#}").contains("there is such a file already"), "{error:#}");
        assert_eq!(fs::read(&path).unwrap(), b"a letter");
        assert_eq!(job(at(true)).run().unwrap(), path);
        assert_eq!(decoded(&path).0, 30);
        for odd in ["picture", "picture.txt", "picture.f32", ""] {
            let path = folder.path().join(odd);
            let error = job(Place::File { path, replace: false }).run().unwrap_err();
            assert!(format!("{error:#}").contains(".png, .jpg"), "{error:#}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
