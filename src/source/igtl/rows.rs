//! The images of a peer as rows.

use std::sync::Arc;
use std::time::Duration;

use super::stream::Stream;
use super::{Address, IgtlFrames, Image, RowLayout};
use crate::source::place::Places;
use crate::source::{Clock, Read, RowInfo, RowSource, SourceError};
use crate::stamp::Stamp;
use crate::unit::Unit;

/// The peer, and how to read its images.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IgtlOptions {
    /// The peer.
    pub address: Address,
    /// The device whose images are read; by default the first that sends any.
    pub device: Option<String>,
    /// The meaning of the values.
    pub unit: Unit,
    /// Time from row to row, in nanoseconds; at least 1. By default it is measured.
    pub row_duration_ns: Option<f64>,
    /// Maximum bytes of a message. A peer can make the source take up to six times as much memory: a body grows by doubling,
    /// and each byte of an image may become a value of four.
    pub most_bytes: u64,
    /// If a peer begins a message and then sends nothing for this long, the source reconnects. If it sends something, but no whole
    /// message for this long, another peer that connects takes its place.
    pub stall: Duration,
}

impl IgtlOptions {
    /// Images of the first device that sends any, of up to 512 MiB, as plain numbers, from peers that stall for at most 10 s.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            device: None,
            unit: Unit::None,
            row_duration_ns: None,
            most_bytes: 512 << 20,
            stall: Duration::from_secs(10),
        }
    }
}

/// The rows of a peer's images. See [the module](super).
///
/// A row's time is computed from the message's timestamp or, if that is missing or more than a minute in the future, from its
/// arrival. A damaged message is skipped and counts as a gap. If the rest of a stream is unreadable, the source reconnects. It
/// answers queries. Images of several components are skipped or, before all others, [`SourceError::Row`]; [`IgtlFrames`](super::IgtlFrames) has those.
#[derive(Debug)]
pub struct IgtlRows {
    options: IgtlOptions,
    stream: Stream,
    info: RowInfo,
    places: Places,
    held: Held,
    messages: u64,
    gaps: u64,
    /// The first image, if it is of colours, and its time.
    colors: Option<(i64, Image<'static>)>,
}

/// Rows of an image that wait until the preceding change has been reported.
#[derive(Debug, Default)]
struct Held {
    cells: Vec<f32>,
    layout: Option<RowLayout>,
    start_ns: i64,
}

impl IgtlRows {
    /// Listens, or gets ready to connect.
    ///
    /// # Errors
    /// [`SourceError::Open`] if the port is not available, and [`SourceError::Row`] for an invalid time from row to row.
    pub fn open(options: &IgtlOptions) -> Result<Self, SourceError> {
        let stream = Stream::open(options)?;
        let row_ns = options.row_duration_ns.unwrap_or(1e9 / 30.0);
        let info = RowInfo::new(stream.name(), Clock::Utc, 1, (0.0, 1.0), row_ns)?.with_unit(options.unit);
        Ok(Self {
            stream,
            info,
            places: Places::new(options.row_duration_ns),
            held: Held::default(),
            messages: 0,
            gaps: 0,
            colors: None,
            options: options.clone(),
        })
    }

    /// The port that it listens on, which is a free one if 0 was requested.
    pub fn port(&self) -> u16 {
        self.stream.port()
    }

    /// The same peer's images as frames, after the first of all was one of colours, for which reading has failed. That image is the
    /// first frame; the connection goes on.
    ///
    /// # Errors
    /// [`SourceError::Row`] if the first image was another, or colours of its type need `color_range`, which is that of
    /// [`IgtlFrames::open`].
    pub fn into_frames(self, color_range: Option<(f32, f32)>) -> Result<IgtlFrames, SourceError> {
        let Self { colors, stream, info, .. } = self;
        let Some((time_ns, first)) = colors else {
            let (name, expected) = (info.source.name, "3 or 4 in the first image");
            return Err(SourceError::Row { name, field: "components", expected, got: "others".to_owned() });
        };
        IgtlFrames::of_stream(stream, color_range, (time_ns, &first))
    }

    /// Whether reading has failed for a first image of colours, so that [`into_frames`](Self::into_frames) has something to show.
    pub fn has_colors(&self) -> bool {
        self.colors.is_some()
    }

    /// Images whose rows have been read.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Places the rows of an image in time.
    fn place(&mut self, time_ns: i64) -> Result<(), SourceError> {
        let Some(layout) = self.held.layout else { return Ok(()) };
        let placed = self.places.place(time_ns, layout.rows);
        self.gaps += u64::from(placed.gap);
        self.held.start_ns = placed.start_ns;
        let RowInfo { bins, row_duration_ns, .. } = self.info;
        if bins != layout.bins || row_duration_ns != placed.row_ns {
            let name = self.info.source.name.clone();
            self.info =
                RowInfo::new(name, Clock::Utc, layout.bins, (0.0, 1.0), placed.row_ns)?.with_unit(self.options.unit);
        }
        Ok(())
    }

    /// Delivers the rows that are held.
    fn hand_out(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Read {
        let Some(layout) = self.held.layout.take() else { return Read::Idle };
        let duration_ns = self.info.row_duration_ns;
        for (number, cells) in self.held.cells.chunks_exact(layout.count).enumerate() {
            let time_ns = self.held.start_ns.saturating_add((number as f64 * duration_ns).round() as i64);
            row(Stamp { time_ns, duration_ns, first_hz: layout.first as f64, bin_hz: 1.0 }, cells);
        }
        self.messages += 1;
        Read::Samples
    }
}

impl RowSource for IgtlRows {
    fn info(&self) -> &RowInfo {
        &self.info
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        if self.held.layout.is_some() {
            return Ok(self.hand_out(row));
        }
        let (held, name, is_first) = (&mut self.held, &self.info.source.name, self.messages == 0);
        let colors = &mut self.colors;
        let mut time_ns = 0;
        let read = self.stream.next(&mut |at_ns, image| {
            if image.components != 1 {
                *colors = (is_first && matches!(image.components, 3 | 4)).then(|| (at_ns, image.clone().into_owned()));
                return Err(SourceError::Row {
                    name: name.clone(),
                    field: "components",
                    expected: "1, or --as frames for images of colours",
                    got: image.components.to_string(),
                });
            }
            let layout = image.rows();
            held.cells.clear();
            (0..layout.rows).for_each(|row| image.row(row, &mut held.cells));
            held.layout = Some(layout);
            time_ns = at_ns;
            Ok(())
        });
        let read = match read {
            // The first image shows whether a peer fits; one among others is no reason to end.
            Err(error @ SourceError::Row { .. }) if self.messages > 0 => {
                self.stream.skip(&error);
                return Ok(Read::Idle);
            }
            read => read?,
        };
        if read != Read::Samples {
            return Ok(read);
        }
        let before = self.info.clone();
        self.place(time_ns)?;
        if self.info != before { Ok(Read::Changed) } else { Ok(self.hand_out(row)) }
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.stream.warning()
    }

    fn gaps(&self) -> u64 {
        self.gaps.saturating_add(self.stream.gaps)
    }
}
