use super::lines::Lines;
use super::ring::{Mapping, Ring};
use crate::view::{Edge, View};

/// What a view comes to with the rows that there are, its defaults filled in: what the shader and the reader go by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placement {
    pub(super) mapping: Mapping,
    pub(super) epoch_ns: i64,
    pub(super) line_ns: f64,
    /// The newest line of the picture.
    pub(super) last: i64,
}

impl Placement {
    /// For a picture of `across` pixels along the frequency axis.
    pub(super) fn new(view: &View, ring: &Ring, epoch_ns: i64, across: u32) -> Self {
        let newest = ring.newest();
        let mapping = Mapping {
            span_hz: view.span_hz.or(newest.map(|(s, bins)| s.span_hz(bins as usize))).unwrap_or((0.0, 1.0)),
            pixels: across,
            interpolation: view.interpolation,
        };
        let line_ns = view.line_ns.or(newest.map(|(s, _)| s.duration_ns)).unwrap_or(1.0);
        let lines = Lines { ring, epoch_ns, line_ns };
        let resident = ring.resident();
        let last = match view.edge {
            Edge::Follow if resident.is_empty() => 0,
            Edge::Follow => lines.of(resident.end - 1),
            Edge::At(time) => lines.at(time),
        };
        // Line numbers stay well away from the ends of i64.
        let last = last.clamp(i64::MIN / 4, i64::MAX / 4);
        Self { mapping, epoch_ns, line_ns, last }
    }

    pub(super) fn lines<'a>(&self, ring: &'a Ring) -> Lines<'a> {
        Lines { ring, epoch_ns: self.epoch_ns, line_ns: self.line_ns }
    }
}
