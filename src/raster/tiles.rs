//! The layer in tiles: where it has to be drawn again, and which tiles are empty or opaque.

use super::Area;
use super::bounds::Bounds;

/// Width and height of a tile, in pixels.
pub(super) const TILE: usize = 32;

/// What the pixels of a tile have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing is drawn in it.
    #[default]
    Empty,
    /// Every pixel is opaque.
    Opaque,
    /// Anything else; all that is drawn lies in these columns and rows of the tile.
    Mixed { x0: u8, y0: u8, x1: u8, y1: u8 },
}

/// The dirty part of a tile: columns and rows of it.
#[derive(Clone, Copy)]
struct Part {
    x0: u8,
    y0: u8,
    x1: u8,
    y1: u8,
}

const CLEAN: Part = Part { x0: TILE as u8, y0: TILE as u8, x1: 0, y1: 0 };

/// Whether two areas side by side in a row of tiles are worth one: their rows are much the same.
fn are_alike(a: &Area, b: &Area) -> bool {
    let joined = joined(a, b);
    let sum = a.width * a.height + b.width * b.height;
    joined.width * joined.height <= sum + sum / 4
}

/// The smallest area with both, of which `b` is at the right.
fn joined(a: &Area, b: &Area) -> Area {
    let (y, bottom) = (a.y.min(b.y), (a.y + a.height).max(b.y + b.height));
    Area { x: a.x, y, width: b.x + b.width - a.x, height: bottom - y }
}

#[derive(Default)]
pub(super) struct Tiles {
    width: usize,
    height: usize,
    columns: usize,
    rows: usize,
    /// Words of `dirty` a row of tiles.
    words: usize,
    /// A bit for each tile with a dirty part.
    dirty: Vec<u64>,
    parts: Vec<Part>,
    states: Vec<State>,
    /// What is dirty of a row of tiles; kept for its memory.
    runs: Vec<Area>,
}

impl Tiles {
    pub(super) fn set_size(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width as usize, height as usize);
        (self.columns, self.rows) = (self.width.div_ceil(TILE), self.height.div_ceil(TILE));
        self.words = self.columns.div_ceil(64);
        self.dirty.clear();
        self.dirty.resize(self.words * self.rows, 0);
        self.parts.clear();
        self.parts.resize(self.columns * self.rows, CLEAN);
        self.states.clear();
        self.states.resize(self.columns * self.rows, State::Empty);
    }

    pub(super) fn state(&self, column: usize, row: usize) -> State {
        self.states[row * self.columns + column]
    }

    /// Where the tiles in `area` are not empty.
    pub(super) fn covered(&self, area: Area) -> impl Iterator<Item = Area> + '_ {
        let end = |from: u32, length: u32, limit: usize| (from as usize).saturating_add(length as usize).min(limit);
        let (left, top) = (area.x as usize, area.y as usize);
        let (right, bottom) = (end(area.x, area.width, self.width), end(area.y, area.height, self.height));
        let places = (top / TILE..bottom.div_ceil(TILE))
            .flat_map(move |row| (left / TILE..right.div_ceil(TILE)).map(move |column| (column, row)));
        places.filter_map(move |(column, row)| {
            let (x, y) = (column * TILE, row * TILE);
            let (x0, y0, x1, y1) = match self.state(column, row) {
                State::Empty => return None,
                State::Opaque => (x, y, x + TILE, y + TILE),
                State::Mixed { x0, y0, x1, y1 } => {
                    (x + usize::from(x0), y + usize::from(y0), x + usize::from(x1), y + usize::from(y1))
                }
            };
            let (x0, y0, x1, y1) = (x0.max(left), y0.max(top), x1.min(right), y1.min(bottom));
            (x0 < x1 && y0 < y1).then(|| Area {
                x: x0 as u32,
                y: y0 as u32,
                width: (x1 - x0) as u32,
                height: (y1 - y0) as u32,
            })
        })
    }

    pub(super) fn any_dirty(&self) -> bool {
        self.dirty.iter().any(|&word| word != 0)
    }

    /// These pixels have to be drawn again. `bounds` lie in the layer.
    pub(super) fn mark(&mut self, bounds: Bounds) {
        if bounds.is_empty() {
            return;
        }
        let (x0, y0, x1, y1) = (bounds.x0 as usize, bounds.y0 as usize, bounds.x1 as usize, bounds.y1 as usize);
        for row in y0 / TILE..y1.div_ceil(TILE) {
            let top = (y0.max(row * TILE) - row * TILE) as u8;
            let bottom = (y1.min((row + 1) * TILE) - row * TILE) as u8;
            for column in x0 / TILE..x1.div_ceil(TILE) {
                let left = (x0.max(column * TILE) - column * TILE) as u8;
                let right = (x1.min((column + 1) * TILE) - column * TILE) as u8;
                self.dirty[row * self.words + column / 64] |= 1 << (column % 64);
                let part = &mut self.parts[row * self.columns + column];
                part.x0 = part.x0.min(left);
                part.y0 = part.y0.min(top);
                part.x1 = part.x1.max(right);
                part.y1 = part.y1.max(bottom);
            }
        }
    }

    /// Calls `f` with every dirty part within `bounds`, which lie in the layer.
    pub(super) fn for_dirty(&self, bounds: Bounds, mut f: impl FnMut(Bounds)) {
        if bounds.is_empty() {
            return;
        }
        let (c0, c1) = (bounds.x0 as usize / TILE, (bounds.x1 as usize).div_ceil(TILE));
        let (r0, r1) = (bounds.y0 as usize / TILE, (bounds.y1 as usize).div_ceil(TILE));
        for row in r0..r1 {
            for word in c0 / 64..c1.div_ceil(64) {
                let first = word * 64;
                let mut bits = self.dirty[row * self.words + word];
                if first < c0 {
                    bits &= u64::MAX << (c0 - first);
                }
                if first + 64 > c1 {
                    bits &= u64::MAX >> (first + 64 - c1);
                }
                while bits != 0 {
                    let column = first + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let part = self.parts[row * self.columns + column];
                    let (x, y) = ((column * TILE) as i32, (row * TILE) as i32);
                    let part = Bounds::new(
                        x + i32::from(part.x0),
                        y + i32::from(part.y0),
                        x + i32::from(part.x1),
                        y + i32::from(part.y1),
                    );
                    let part = part.intersect(bounds);
                    if !part.is_empty() {
                        f(part);
                    }
                }
            }
        }
    }

    /// Looks at the pixels of the dirty tiles, appends their dirty parts to `areas`, merged, and makes all tiles clean.
    pub(super) fn finish(&mut self, pixels: &[[u8; 4]], areas: &mut Vec<Area>) {
        // Areas that end at the row of tiles above begin here.
        let mut above = 0;
        for row in 0..self.rows {
            self.runs.clear();
            for word in 0..self.words {
                let mut bits = std::mem::take(&mut self.dirty[row * self.words + word]);
                while bits != 0 {
                    let column = word * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let tile = row * self.columns + column;
                    self.states[tile] = self.look(pixels, column, row);
                    let Part { x0, y0, x1, y1 } = std::mem::replace(&mut self.parts[tile], CLEAN);
                    let area = Area {
                        x: (column * TILE) as u32 + u32::from(x0),
                        y: (row * TILE) as u32 + u32::from(y0),
                        width: u32::from(x1 - x0),
                        height: u32::from(y1 - y0),
                    };
                    match self.runs.last_mut() {
                        Some(run) if run.x + run.width == area.x && are_alike(run, &area) => *run = joined(run, &area),
                        _ => self.runs.push(area),
                    }
                }
            }
            let begin = areas.len();
            for run in &self.runs {
                let grown = areas[above..begin]
                    .iter_mut()
                    .find(|area| (area.x, area.width) == (run.x, run.width) && area.y + area.height == run.y);
                match grown {
                    Some(area) => area.height += run.height,
                    None => areas.push(*run),
                }
            }
            // An area that did not grow can be in the way of one that did, so the search begins no later than the first that
            // may still grow.
            let bottom = ((row + 1) * TILE) as u32;
            while above < areas.len() && areas[above].y + areas[above].height < bottom {
                above += 1;
            }
        }
    }

    /// The state of a tile whose dirty part was drawn again.
    fn look(&self, pixels: &[[u8; 4]], column: usize, row: usize) -> State {
        let (left, top) = (column * TILE, row * TILE);
        let (width, height) = ((self.width - left).min(TILE), (self.height - top).min(TILE));
        let part = self.parts[row * self.columns + column];
        let whole = Part { x0: 0, y0: 0, x1: width as u8, y1: height as u8 };
        // Only the part can have changed. If nothing lies outside it, or all that does is opaque, there is no need to look there.
        let old = self.states[row * self.columns + column];
        let seen = match old {
            State::Empty | State::Opaque => part,
            State::Mixed { x0, y0, x1, y1 } => {
                let inside = x0 >= part.x0 && y0 >= part.y0 && x1 <= part.x1 && y1 <= part.y1;
                if inside { part } else { whole }
            }
        };
        let mut columns = [0u32; TILE];
        let mut all = u32::MAX;
        let (mut y0, mut y1) = (seen.y1, 0);
        for y in seen.y0..seen.y1 {
            let begin = (top + usize::from(y)) * self.width + left;
            let mut any = 0;
            let span = &pixels[begin + usize::from(seen.x0)..begin + usize::from(seen.x1)];
            for (column, pixel) in columns[usize::from(seen.x0)..].iter_mut().zip(span) {
                let pixel = u32::from_le_bytes(*pixel);
                *column |= pixel;
                any |= pixel;
                all &= pixel;
            }
            if any != 0 {
                y0 = y0.min(y);
                y1 = y + 1;
            }
        }
        let opaque = all >> 24 == 0xff;
        let everything = (seen.x0, seen.y0, seen.x1, seen.y1) == (0, 0, whole.x1, whole.y1);
        if opaque && (everything || old == State::Opaque) {
            return State::Opaque;
        }
        if old == State::Opaque && !everything {
            return State::Mixed { x0: 0, y0: 0, x1: whole.x1, y1: whole.y1 };
        }
        if y1 == 0 {
            return State::Empty;
        }
        let x0 = columns.iter().position(|&c| c != 0).unwrap_or(0);
        let x1 = columns.iter().rposition(|&c| c != 0).map_or(0, |x| x + 1);
        State::Mixed { x0: x0 as u8, y0, x1: x1 as u8, y1 }
    }
}
