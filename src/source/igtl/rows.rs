//! The images of a peer as rows.

use std::time::Duration;

use super::link::{Got, Link};
use super::place::Places;
use super::query::answer;
use super::{Address, Assembler, Header, IgtlError, Image, Message, RowLayout, Scalar, StatusContent};
use crate::source::pace::now_ns;
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
    /// If a peer begins a message and then sends nothing for this long, the source reconnects.
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
/// answers queries. Images of several components are [`SourceError::Row`], unless [`read_colors`](Self::read_colors) reads them.
#[derive(Debug)]
pub struct IgtlRows {
    options: IgtlOptions,
    link: Link,
    info: RowInfo,
    assembler: Assembler,
    places: Places,
    device: Option<String>,
    /// Bytes from the link that have been processed.
    at: usize,
    held: Held,
    messages: u64,
    gaps: u64,
    said: Said,
}

/// Rows of an image that wait until the preceding change has been reported.
#[derive(Debug, Default)]
struct Held {
    cells: Vec<f32>,
    layout: Option<RowLayout>,
    /// Values of a bin: 4 for a colour.
    lanes: usize,
    start_ns: i64,
}

/// Warnings that were given and are not repeated.
#[derive(Debug, Default)]
struct Said {
    broken: bool,
    others: bool,
    status: bool,
}

impl IgtlRows {
    /// Listens, or gets ready to connect.
    ///
    /// # Errors
    /// [`SourceError::Open`] if the port is not available, and [`SourceError::Row`] for an invalid time from row to row.
    pub fn open(options: &IgtlOptions) -> Result<Self, SourceError> {
        let link = Link::new(&options.address)?;
        let name = Address { port: link.port(), ..options.address.clone() }.to_string();
        let row_ns = options.row_duration_ns.unwrap_or(1e9 / 30.0);
        let info = RowInfo::new(name, Clock::Utc, 1, (0.0, 1.0), row_ns)?.with_unit(options.unit);
        Ok(Self {
            link,
            info,
            assembler: Self::assembler(options.most_bytes),
            places: Places::new(options.row_duration_ns),
            device: options.device.clone(),
            at: 0,
            held: Held::default(),
            messages: 0,
            gaps: 0,
            said: Said::default(),
            options: options.clone(),
        })
    }

    /// The port that it listens on, which is a free one if 0 was requested.
    pub fn port(&self) -> u16 {
        self.link.port()
    }

    /// Images whose rows have been read.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    fn assembler(most_bytes: u64) -> Assembler {
        Assembler::new(most_bytes, |header| {
            let kind = header.kind.as_str();
            matches!(kind, "IMAGE" | "STATUS") || matches!(kind.get(..4), Some("GET_" | "STT_" | "STP_"))
        })
    }

    fn name(&self) -> &str {
        &self.info.source.name
    }

    /// Skips a message.
    fn broken(&mut self, kind: &str, error: &IgtlError) {
        self.gaps += 1;
        if !self.said.broken {
            log::warn!("{}: skipped a message of type {kind} (further ones are only counted): {error}", self.name());
            self.said.broken = true;
        }
    }

    /// Extracts messages from the received bytes, up to the first image with rows. Returns whether there was one.
    fn messages_in_bytes(&mut self, colors: bool) -> Result<bool, SourceError> {
        loop {
            let mut rest = &self.link.bytes[self.at..];
            let before = rest.len();
            let taken = self.assembler.take(&mut rest);
            self.at += before - rest.len();
            let (header, body) = match taken {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(false),
                Err(error) => {
                    log::warn!("{}: invalid data: {error}; reconnecting", self.name());
                    self.gaps += 1;
                    self.lost();
                    self.link.close();
                    return Ok(false);
                }
            };
            let other = self.device.as_ref().is_some_and(|device| *device != header.device);
            if header.kind == "IMAGE" && other {
                if !self.said.others {
                    let chosen = self.device.as_deref().unwrap_or_default();
                    log::warn!(
                        "{}: images of device {:?} are skipped: {chosen:?} is shown (--device-name)",
                        self.name(),
                        header.device
                    );
                    self.said.others = true;
                }
                continue;
            }
            let message = match Message::decode(&header, body) {
                Ok(message) => message,
                Err(error) => {
                    self.broken(&header.kind, &error);
                    continue;
                }
            };
            match message.kind.as_str() {
                "IMAGE" => match Image::decode(&message.content) {
                    Ok(image) => {
                        let layout = image.rows();
                        self.held.cells.clear();
                        for row in 0..layout.rows {
                            image.row(row, &mut self.held.cells);
                        }
                        let components = image.components;
                        self.held.lanes = 1;
                        if colors && matches!(components, 3 | 4) && image.scalar == Scalar::U8 {
                            self.held.lanes = 4;
                            if components == 3 {
                                let opaque = |[r, g, b]: &[f32; 3]| [*r, *g, *b, 255.0];
                                let cells = self.held.cells.as_chunks::<3>().0;
                                self.held.cells = cells.iter().flat_map(opaque).collect();
                            }
                        } else if components != 1 {
                            return Err(SourceError::Row {
                                name: self.name().to_owned(),
                                field: "components",
                                expected: "1: images of several components, such as RGB, are not supported yet, but as frames of 8 bits a channel",
                                got: components.to_string(),
                            });
                        }
                        self.image(&header, layout)?;
                        return Ok(true);
                    }
                    Err(error) => self.broken("IMAGE", &error),
                },
                "STATUS" => match StatusContent::decode(&message.content) {
                    Ok(status) if status.code != StatusContent::OK && !self.said.status => {
                        self.said.status = true;
                        log::warn!("{}: its status is {}: {} {}", self.name(), status.code, status.name, status.text);
                    }
                    Ok(status) => log::debug!("{}: {status:?}", self.name()),
                    Err(error) => self.broken("STATUS", &error),
                },
                _ => {
                    if let Some(Ok(bytes)) = answer(&message).map(|answer| answer.encode()) {
                        self.link.send(&bytes);
                    }
                }
            }
        }
    }

    /// Places the rows of an image.
    fn image(&mut self, header: &Header, layout: RowLayout) -> Result<(), SourceError> {
        if self.device.is_none() {
            self.device = Some(header.device.clone());
        }
        let now_ns = now_ns();
        let ahead = 60_000_000_000;
        let time_ns = header.time.ns().filter(|time| *time <= now_ns.saturating_add(ahead)).unwrap_or(now_ns);
        let placed = self.places.place(time_ns, layout.rows);
        self.gaps += u64::from(placed.gap);
        self.held.start_ns = placed.start_ns;
        self.held.layout = Some(layout);
        let RowInfo { bins, row_duration_ns, .. } = self.info;
        if bins != layout.bins || row_duration_ns != placed.row_ns {
            let name = self.name().to_owned();
            self.info =
                RowInfo::new(name, Clock::Utc, layout.bins, (0.0, 1.0), placed.row_ns)?.with_unit(self.options.unit);
        }
        Ok(())
    }

    /// Delivers the rows that are held.
    fn hand_out(&mut self, row: &mut dyn FnMut(Stamp, &[f32], usize)) -> Result<Read, SourceError> {
        let Some(layout) = self.held.layout.take() else { return Ok(Read::Idle) };
        let duration_ns = self.info.row_duration_ns;
        for (number, cells) in self.held.cells.chunks_exact(layout.count * self.held.lanes).enumerate() {
            let time_ns = self.held.start_ns.saturating_add((number as f64 * duration_ns).round() as i64);
            row(Stamp { time_ns, duration_ns, first_hz: layout.first as f64, bin_hz: 1.0 }, cells, self.held.lanes);
        }
        self.messages += 1;
        Ok(Read::Samples)
    }

    /// The stream has ended, and the next bytes are the beginning of another.
    fn lost(&mut self) {
        self.assembler = Self::assembler(self.options.most_bytes);
        self.at = self.link.bytes.len();
    }
}

impl RowSource for IgtlRows {
    fn info(&self) -> &RowInfo {
        &self.info
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        self.next(false, &mut |stamp, cells, _| row(stamp, cells))
    }

    fn gaps(&self) -> u64 {
        self.gaps
    }
}

impl IgtlRows {
    /// As [`read`](RowSource::read), of images of values and of colours. `row` gets the number of values of a bin too: 1, or for
    /// colours 4, which are red, green, blue and alpha from 0 to 255.
    ///
    /// # Errors
    /// As [`read`](RowSource::read); [`SourceError::Row`] for images of 2 or more than 4 components, and for colours that are not
    /// unsigned bytes.
    pub fn read_colors(&mut self, row: &mut dyn FnMut(Stamp, &[f32], usize)) -> Result<Read, SourceError> {
        self.next(true, row)
    }

    fn next(&mut self, colors: bool, row: &mut dyn FnMut(Stamp, &[f32], usize)) -> Result<Read, SourceError> {
        if self.held.layout.is_some() {
            return self.hand_out(row);
        }
        let before = self.info.clone();
        if !self.messages_in_bytes(colors)? {
            let got = self.link.read();
            self.at = 0;
            match got {
                Got::NoPeer => return Ok(if self.link.is_first() { Read::Opening } else { Read::Waiting }),
                Got::Connected => return Ok(Read::Idle),
                Got::Lost => {
                    self.gaps += u64::from(self.assembler.is_within());
                    self.lost();
                    return Ok(Read::Waiting);
                }
                Got::Nothing => {
                    if self.assembler.is_within() && self.link.silent() > self.options.stall {
                        log::warn!("{}: the peer stopped in the middle of a message; reconnecting", self.name());
                        self.gaps += 1;
                        self.lost();
                        self.link.close();
                    }
                    return Ok(Read::Idle);
                }
                Got::Some => {}
            }
            if !self.messages_in_bytes(colors)? {
                return Ok(Read::Idle);
            }
        }
        if self.info != before { Ok(Read::Changed) } else { self.hand_out(row) }
    }
}
