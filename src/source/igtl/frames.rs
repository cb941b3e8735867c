//! The images of a peer as frames.

use std::sync::Arc;

use super::stream::Stream;
use super::{IgtlOptions, Image};
use crate::source::frames::{FrameLayout, LiveFrame, LiveFrames, frame_info};
use crate::source::{Read, RowInfo, RowSource, SourceError};
use crate::stamp::Stamp;

/// The frames of a peer: each image is one. It delivers no rows; [`RowSource::live_frames`] has the frames.
///
/// A part of an image (a sub-volume) changes the image before it, and the rest of that stays. Damaged messages, lost peers and
/// queries are treated as by [`IgtlRows`](super::IgtlRows).
#[derive(Debug)]
pub struct IgtlFrames {
    stream: Stream,
    info: RowInfo,
    frames: Arc<LiveFrames>,
    color_range: Option<(f32, f32)>,
}

impl IgtlFrames {
    /// Listens, or gets ready to connect. `color_range` has the numbers that are drawn as channels 0 and 255, if images are of
    /// colours; without it, those are unsigned bytes, or floats from 0 to 1.
    ///
    /// # Errors
    /// [`SourceError::Open`] if the port is not available.
    pub fn open(options: &IgtlOptions, color_range: Option<(f32, f32)>) -> Result<Self, SourceError> {
        let stream = Stream::open(options)?.of_whole_images();
        let info = frame_info(stream.name(), 1)?;
        Ok(Self { stream, info, frames: Arc::default(), color_range })
    }

    /// Goes on with a stream whose first image has been read.
    pub(super) fn of_stream(
        stream: Stream,
        color_range: Option<(f32, f32)>,
        (time_ns, first): (i64, &Image<'_>),
    ) -> Result<Self, SourceError> {
        let (stream, frames) = (stream.of_whole_images(), Arc::<LiveFrames>::default());
        let frame = frame(first, time_ns, color_range, &frames, &stream.name())?;
        let info = frame_info(stream.name(), frame.layout().columns)?;
        frames.push(frame);
        Ok(Self { stream, info, frames, color_range })
    }

    /// The port that it listens on, which is a free one if 0 was requested.
    pub fn port(&self) -> u16 {
        self.stream.port()
    }

    /// The frames that have come.
    pub fn live(&self) -> &Arc<LiveFrames> {
        &self.frames
    }
}

impl RowSource for IgtlFrames {
    fn info(&self) -> &RowInfo {
        &self.info
    }

    fn read(&mut self, _row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        let Self { stream, info, frames, color_range } = self;
        let mut columns = info.bins;
        let read = stream.next(&mut |time_ns, image| {
            let frame = frame(image, time_ns, *color_range, frames, &info.source.name)?;
            columns = frame.layout().columns;
            frames.push(frame);
            Ok(())
        });
        let read = match read {
            // The first image shows whether a peer fits; one among others is no reason to end.
            Err(error @ SourceError::Row { .. }) if frames.end() > 0 => {
                stream.skip(&error);
                return Ok(Read::Idle);
            }
            read => read?,
        };
        if columns == info.bins {
            return Ok(read);
        }
        *info = frame_info(info.source.name.clone(), columns)?;
        Ok(Read::Changed)
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.stream.warning()
    }

    fn gaps(&self) -> u64 {
        self.stream.gaps
    }

    fn live_frames(&mut self) -> Option<Arc<LiveFrames>> {
        Some(Arc::clone(&self.frames))
    }
}

/// The frame that an image makes, with the rest of the newest one if it is a part.
fn frame(
    image: &Image<'_>,
    time_ns: i64,
    color_range: Option<(f32, f32)>,
    frames: &LiveFrames,
    name: &str,
) -> Result<LiveFrame, SourceError> {
    let wrong = |field, expected, got: String| Err(SourceError::Row { name: name.to_owned(), field, expected, got });
    let (bins, [columns, rows, slices]) = (image.rows().bins, image.size.map(usize::from));
    let layout = FrameLayout {
        columns: bins,
        rows: columns * rows * slices / bins,
        components: usize::from(image.components),
        scalar: image.scalar,
        big_endian: image.big_endian,
        color_range,
    };
    match layout.components {
        1 => {}
        3 | 4 if layout.range().is_some() => {}
        3 | 4 => {
            let expected = "--vmin and --vmax, the numbers that are drawn as 0 and 255, for colours of this type";
            return wrong("scalar type", expected, format!("{:?}", image.scalar));
        }
        other => return wrong("components", "1, 3 (RGB) or 4 (RGBA)", other.to_string()),
    }
    let mut bytes = frames.buffer(layout.bytes());
    if image.part == image.size {
        bytes.extend_from_slice(&image.pixels);
        return Ok(LiveFrame::new(layout, time_ns, bytes));
    }
    match frames.newest().filter(|newest| newest.layout() == layout) {
        Some(newest) => bytes.extend_from_slice(newest.cells()),
        None => bytes.resize(layout.bytes(), 0),
    }
    let ([first_column, first_row, first_slice], part) = (image.offset.map(usize::from), image.part.map(usize::from));
    let lines = image.pixels.chunks_exact(part[0] * layout.cell_bytes());
    for (number, line) in lines.enumerate() {
        let (row, slice) = (first_row + number % part[1], first_slice + number / part[1]);
        let start = ((slice * rows + row) * columns + first_column) * layout.cell_bytes();
        // It lies inside: `Image::decode` has checked that.
        if let Some(place) = bytes.get_mut(start..start + line.len()) {
            place.copy_from_slice(line);
        }
    }
    Ok(LiveFrame::new(layout, time_ns, bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::igtl::Scalar;

    /// A size, and a part of it.
    fn part() -> impl Strategy<Value = ([u16; 3], [u16; 3], [u16; 3])> {
        let axis = (1_u16..6).prop_flat_map(|size| {
            (0..size).prop_flat_map(move |first| (1..=size - first).prop_map(move |count| (size, first, count)))
        });
        [axis.clone(), axis.clone(), axis]
            .prop_map(|axes| (axes.map(|axis| axis.0), axes.map(|axis| axis.1), axes.map(|axis| axis.2)))
    }

    proptest! {
        #[test]
        fn parts_are_put_where_they_belong((size, offset, part) in part(), components in prop_oneof![Just(1_u8), Just(3), Just(4)]) {
            let count = |axes: [u16; 3]| axes.iter().map(|axis| usize::from(*axis)).product::<usize>();
            let (cell, frames) = (2 * usize::from(components), LiveFrames::default());
            let range = Some((0.0, 65535.0));
            let mut whole = Image::new(Scalar::U16, size, vec![1; cell * count(size)]);
            whole.components = components;
            frames.push(frame(&whole, 0, range, &frames, "x").unwrap());
            let mut some = Image::new(Scalar::U16, size, (0..cell * count(part)).map(|n| n as u8 | 0x80).collect::<Vec<_>>());
            (some.components, some.offset, some.part) = (components, offset, part);
            let found = frame(&some, 0, range, &frames, "x").unwrap();
            // Cell by cell.
            let [columns, rows, _] = size.map(usize::from);
            let mut expected = vec![1; cell * count(size)];
            let mut next = some.pixels.chunks_exact(cell);
            for k in 0..usize::from(part[2]) {
                for j in 0..usize::from(part[1]) {
                    for i in 0..usize::from(part[0]) {
                        let (i, j, k) = (i + usize::from(offset[0]), j + usize::from(offset[1]), k + usize::from(offset[2]));
                        let at = cell * ((k * rows + j) * columns + i);
                        expected[at..at + cell].copy_from_slice(next.next().unwrap());
                    }
                }
            }
            prop_assert_eq!(found.cells(), expected);
        }
    }
}
