//! Saving a picture.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use ringfall::export::{Format, Lines, OutputOptions, Png};
use ringfall::plot::{Layer, PictureSize};

use super::App;
use super::about::about;
use super::on_show::{OnShow, extent};
use super::switch::Message;

/// Files of the same second at most.
const MOST_ALIKE: u32 = 1000;

impl App {
    /// Saves the plot as it is in the window, with its axes and without the cursor.
    pub(super) fn save_picture(&mut self) {
        if let Err(error) = self.try_save() {
            self.complain(format!("the picture cannot be saved: {error:#}"));
        }
    }

    fn try_save(&mut self) -> Result<()> {
        let (Some(scene), Some(gui)) = (&self.scene, &self.gui) else { return Ok(()) };
        let context = gui.context();
        let (scale, theme) = (context.pixels_per_point(), context.theme());
        let (there, rows) = (&self.there, self.intake.rows());
        let mut subject = OnShow {
            picture: &scene.picture,
            frame: &|size| there.frame(rows, size),
            extent: extent(rows),
            size: self.size,
            map: &self.maps[self.map],
            scale: self.range.scale().unwrap_or_default(),
            gestures: Vec::new(),
        };
        let canvas = scene.picture.canvas()?;
        let size = PictureSize::Data(self.size.0, self.size.1);
        let layer = Layer::new(&mut self.face.plot, &mut subject, size, scale, theme)?;
        let (width, height) = layer.size();
        let mut pixels = vec![[0; 4]; width as usize * height as usize];
        layer.rows(&mut canvas.painting(), 0..height, &mut pixels);
        let map = self.maps[self.map].name();
        let about = about(self.intake.feed().rows(), &canvas.frame(), self.range, map);
        let folder = folder(self.face.pictures.as_deref());
        // To compress it takes a good while.
        self.messages.run("save a picture", move || {
            Some(match write(&folder, (width, height), &pixels, about) {
                Ok(path) => Message::Info(format!("Saved {}", path.display())),
                Err(error) => Message::Error(format!("the picture cannot be saved: {error:#}")),
            })
        });
        Ok(())
    }
}

/// The folder for pictures: the chosen one, the user's, or the current one.
fn folder(chosen: Option<&Path>) -> PathBuf {
    let users = || directories::UserDirs::new()?.picture_dir().filter(|folder| folder.is_dir()).map(Path::to_owned);
    chosen.map(Path::to_owned).or_else(users).unwrap_or_default()
}

/// Writes a picture under a name of its own.
fn write(
    folder: &Path,
    (width, height): (u32, u32),
    pixels: &[[u8; 4]],
    about: Vec<(String, String)>,
) -> Result<PathBuf> {
    let path = free_name(folder, jiff::Timestamp::now()).context("no free name")?;
    let format: &dyn Format = &Png;
    let output = format.open(&path, &OutputOptions::default())?;
    let mut lines = Lines::new(width, height, |y, line| {
        let start = y as usize * width as usize;
        line.copy_from_slice(pixels[start..start + width as usize].as_flattened());
        Ok(())
    })?
    .with_text(about);
    format.write(&mut lines, output)?;
    Ok(path)
}

/// A name that tells the time, in UTC, and that no file has.
fn free_name(folder: &Path, now: jiff::Timestamp) -> Option<PathBuf> {
    let time = now.strftime("%Y%m%d-%H%M%S").to_string();
    let names = (1..MOST_ALIKE).map(|i| match i {
        1 => format!("ringfall-{time}.png"),
        _ => format!("ringfall-{time}-{i}.png"),
    });
    names.map(|name| folder.join(name)).find(|path| !path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let error = write(Path::new("/nonexistent/folder"), (1, 1), &[[0; 4]], Vec::new()).unwrap_err();
        assert!(format!("{error:#}").contains("/nonexistent/folder"), "{error:#}");
    }
}
