//! A row or a picture on its way to the readers, and the bytes that it becomes.

use std::sync::Arc;

use crate::stamp::Stamp;
use crate::unit::Unit;

/// What an item is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    Row { stamp: Stamp, unit: Unit },
    Picture { width: u32, height: u32 },
}

/// A row or a picture. Its memory is used again.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) content: Content,
    /// The values of a row.
    pub(super) row: Vec<f32>,
    /// The pixels of a picture.
    pub(super) rgba: Vec<[u8; 4]>,
}

impl Default for Item {
    fn default() -> Self {
        Self { content: Content::Row { stamp: Stamp::index(0), unit: Unit::None }, row: Vec::new(), rgba: Vec::new() }
    }
}

impl Item {
    /// Items that have more memory than this are not kept, so that a few large rows do not make all of them large.
    const KEPT_BYTES: usize = 256 << 10;

    /// Bytes of its content.
    pub(super) fn bytes(&self) -> usize {
        match self.content {
            Content::Row { .. } => size_of_val(self.row.as_slice()),
            Content::Picture { .. } => size_of_val(self.rgba.as_slice()),
        }
    }

    /// Whether its memory is to be used again.
    pub(super) fn is_worth_keeping(&self) -> bool {
        4 * (self.row.capacity() + self.rgba.capacity()) <= Self::KEPT_BYTES
    }

    /// Appends the content: values in little-endian order, or pixels with this many components.
    pub(super) fn write(&self, components: usize, out: &mut Vec<u8>) {
        match self.content {
            Content::Row { .. } => out.extend(self.row.iter().flat_map(|value| value.to_le_bytes())),
            Content::Picture { .. } => out.extend(self.rgba.iter().flat_map(|pixel| &pixel[..components])),
        }
    }

    /// What a reader has to know to understand the content. Two items with equal descriptions need it only once.
    pub(super) fn description(&self) -> Description {
        match self.content {
            Content::Row { stamp, unit } => Description::Row {
                bins: self.row.len(),
                first_hz: stamp.first_hz,
                bin_hz: stamp.bin_hz,
                row_ns: stamp.duration_ns,
                unit,
            },
            Content::Picture { width, height } => Description::Picture { width, height },
        }
    }

    /// The description as JSON.
    pub(super) fn json(&self) -> String {
        let value = match (self.description(), self.content) {
            (Description::Row { bins, first_hz, bin_hz, row_ns, unit }, Content::Row { stamp, .. }) => {
                serde_json::json!({
                    "type": "row", "bins": bins, "first_hz": first_hz, "bin_hz": bin_hz, "row_s": row_ns * 1e-9,
                    // Of the row that follows. Nanoseconds do not fit a number of JavaScript.
                    "time_s": stamp.time_ns as f64 * 1e-9,
                    "unit": unit.name(), "format": "f32le",
                })
            }
            (Description::Picture { width, height }, _) => {
                serde_json::json!({ "type": "picture", "width": width, "height": height })
            }
            // A description is always that of the content.
            (Description::Row { .. }, Content::Picture { .. }) => serde_json::Value::Null,
        };
        value.to_string()
    }
}

/// See [`Item::description`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Description {
    Row { bins: usize, first_hz: f64, bin_hz: f64, row_ns: f64, unit: Unit },
    Picture { width: u32, height: u32 },
}

/// What is sent to all readers.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) bytes: Arc<[u8]>,
    /// What subscriptions are compared with: these bytes of it.
    pub(super) topic: std::ops::Range<usize>,
}

impl Message {
    /// A message for all.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), topic: 0..0 }
    }
}
