//! Frames of a live source: the newest ones, each a picture of values or of colours, within a budget of memory.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::igtl::Scalar;
use super::{Clock, RowInfo, SourceError};
use crate::rows::{Entry, Rows, RowsError, Wake};
use crate::stamp::Stamp;
use crate::unit::Unit;
use crate::view::Reduce;

/// How the cells of a frame lie in its bytes: row by row, the components of a cell together.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FrameLayout {
    /// Cells of a row.
    pub columns: usize,
    /// Number of rows.
    pub rows: usize,
    /// 1 for values; 3 and 4 for red, green, blue, and alpha.
    pub components: usize,
    /// The number type of a component.
    pub scalar: Scalar,
    /// Numbers are big-endian.
    pub big_endian: bool,
    /// For colours: the numbers that are drawn as 0 and as 255. Without it unsigned bytes are drawn as they are, and floats from 0
    /// to 1.
    pub color_range: Option<(f32, f32)>,
}

impl FrameLayout {
    /// Bytes of a cell.
    pub(super) fn cell_bytes(&self) -> usize {
        self.components * self.scalar.bytes()
    }

    /// Bytes of a row.
    fn row_bytes(&self) -> usize {
        self.columns * self.cell_bytes()
    }

    /// Bytes of a frame.
    pub(super) fn bytes(&self) -> usize {
        self.rows * self.row_bytes()
    }

    /// Whether cells are colours.
    pub fn is_rgba(&self) -> bool {
        self.components > 1
    }

    /// The numbers that are drawn as 0 and as 255, if there are any.
    pub(super) fn range(&self) -> Option<(f32, f32)> {
        self.color_range.or(match self.scalar {
            Scalar::U8 => Some((0.0, 255.0)),
            Scalar::F32 | Scalar::F64 => Some((0.0, 1.0)),
            _ => None,
        })
    }
}

/// A frame: a picture in memory, whose rows are numbered from the top.
///
/// It has one level. Its rows have the stamps of [`Stamp::index`].
#[derive(Clone, Debug, PartialEq)]
pub struct LiveFrame {
    layout: FrameLayout,
    time_ns: i64,
    bytes: Vec<u8>,
}

impl LiveFrame {
    /// `bytes` has as many as the layout says.
    pub(super) fn new(layout: FrameLayout, time_ns: i64, bytes: Vec<u8>) -> Self {
        debug_assert_eq!(bytes.len(), layout.bytes());
        Self { layout, time_ns, bytes }
    }

    /// How its cells lie.
    pub fn layout(&self) -> FrameLayout {
        self.layout
    }

    /// When it was made, or arrived: nanoseconds of UTC.
    pub fn time_ns(&self) -> i64 {
        self.time_ns
    }

    pub(super) fn cells(&self) -> &[u8] {
        &self.bytes
    }

    fn row(&self, level: u32, row: u64) -> Result<&[u8], RowsError> {
        let bytes = self.layout.row_bytes();
        let start = usize::try_from(row).ok().and_then(|row| row.checked_mul(bytes));
        let found = start.and_then(|start| self.bytes.get(start..start.checked_add(bytes)?));
        found.filter(|_| level == 0).ok_or(RowsError::NoRow { level, row })
    }
}

impl Rows for LiveFrame {
    fn epoch_ns(&self) -> i64 {
        0
    }

    fn unit(&self) -> Unit {
        Unit::None
    }

    fn levels(&self) -> u32 {
        1
    }

    fn rows_per_row(&self, _level: u32) -> u64 {
        1
    }

    fn range(&self, level: u32) -> Range<u64> {
        0..if level == 0 { self.layout.rows as u64 } else { 0 }
    }

    fn settled(&self, level: u32) -> u64 {
        self.range(level).end
    }

    fn entry(&self, level: u32, row: u64) -> Option<Entry> {
        let bins = u32::try_from(self.layout.columns).ok()?;
        self.range(level).contains(&row).then(|| Entry { stamp: Stamp::index(row), bins, weight: 1 })
    }

    fn read(&self, level: u32, row: u64, _reduce: Reduce, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        if self.is_rgba() {
            return Err(RowsError::Cells { got: "colours", expected: "values" });
        }
        self.layout.scalar.read(self.row(level, row)?, self.layout.big_endian, out);
        Ok(())
    }

    fn is_rgba(&self) -> bool {
        self.layout.is_rgba()
    }

    fn read_rgba(&self, level: u32, row: u64, _reduce: Reduce, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        out.clear();
        if !self.is_rgba() {
            return Err(RowsError::Cells { got: "values", expected: "colours" });
        }
        let (layout, row) = (self.layout, self.row(level, row)?);
        let range = layout.range();
        if layout.scalar == Scalar::U8 && range == Some((0.0, 255.0)) {
            match layout.components {
                4 => out.extend_from_slice(row.as_chunks().0),
                _ => out.extend(row.as_chunks().0.iter().map(|[r, g, b]| [*r, *g, *b, 255])),
            }
            return Ok(());
        }
        let mut numbers = Vec::with_capacity(layout.columns * layout.components);
        layout.scalar.read(row, layout.big_endian, &mut numbers);
        let (low, high) = range.unwrap_or((0.0, 1.0));
        // As for arrays in files: rounded to the nearest, in 64 bits; `as` saturates.
        let (low, factor) = (f64::from(low), 255.0 / (f64::from(high) - f64::from(low)));
        let channel = |number: f32| ((f64::from(number) - low) * factor + 0.5) as u8;
        out.extend(numbers.chunks_exact(layout.components).map(|cell| match *cell {
            // A cell with a NaN is transparent.
            _ if cell.iter().any(|number| number.is_nan()) => [0; 4],
            [r, g, b] => [channel(r), channel(g), channel(b), 255],
            [r, g, b, alpha] => [channel(r), channel(g), channel(b), channel(alpha)],
            _ => [0; 4],
        }));
        Ok(())
    }
}

/// The description of frames: rows and columns without units.
pub(super) fn frame_info(name: String, columns: usize) -> Result<RowInfo, SourceError> {
    let mut info = RowInfo::new(name, Clock::File, columns, (0.0, 1.0), 1e9)?.with_unit(Unit::None);
    info.source.live = true;
    Ok(info)
}

/// The newest frames of a live source, numbered from 0 as they come. The source adds them on its own thread; whoever shows
/// them takes any that is still kept. The oldest are evicted beyond the budget; the newest is always kept.
pub struct LiveFrames(Mutex<State>);

struct State {
    frames: VecDeque<Arc<LiveFrame>>,
    /// Number of the oldest.
    first: u64,
    bytes: u64,
    budget: u64,
    /// The buffer of an evicted frame, for the next one.
    spare: Vec<u8>,
    wake: Option<Arc<dyn Fn() + Send + Sync>>,
    /// It was called, and frames were not looked for since.
    woken: bool,
}

impl Default for LiveFrames {
    fn default() -> Self {
        Self(Mutex::new(State {
            frames: VecDeque::new(),
            first: 0,
            bytes: 0,
            budget: Self::BUDGET,
            spare: Vec::new(),
            wake: None,
            woken: false,
        }))
    }
}

impl std::fmt::Debug for LiveFrames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveFrames").field("range", &self.range()).finish_non_exhaustive()
    }
}

impl LiveFrames {
    /// Bytes of the frames that are kept, unless another budget is set.
    pub const BUDGET: u64 = 1 << 30;

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps frames of up to this many bytes. With the spare buffer and those on show it is up to two frames more.
    pub fn set_budget(&self, bytes: u64) {
        let mut state = self.lock();
        state.budget = bytes;
        state.evict();
    }

    /// Calls `wake` on the source's thread when there are new frames, and then not again before the next look at
    /// [`range`](Self::range).
    pub fn set_wake(&self, wake: Wake) {
        self.lock().wake = Some(wake.into());
    }

    /// Numbers of the frames that are kept.
    pub fn range(&self) -> Range<u64> {
        let mut state = self.lock();
        state.woken = false;
        state.first..state.end()
    }

    /// How many have come.
    pub(super) fn end(&self) -> u64 {
        self.lock().end()
    }

    /// A frame, if it is kept.
    pub fn frame(&self, number: u64) -> Option<Arc<LiveFrame>> {
        let state = self.lock();
        let index = usize::try_from(number.checked_sub(state.first)?).ok()?;
        state.frames.get(index).cloned()
    }

    /// The newest frame.
    pub fn newest(&self) -> Option<Arc<LiveFrame>> {
        self.lock().frames.back().cloned()
    }

    /// Bytes of the frames that are kept, and how many they may take.
    pub fn bytes(&self) -> (u64, u64) {
        let state = self.lock();
        (state.bytes, state.budget)
    }

    /// Adds a frame.
    pub(super) fn push(&self, frame: LiveFrame) {
        let mut state = self.lock();
        state.bytes += frame.bytes.capacity() as u64;
        state.frames.push_back(Arc::new(frame));
        state.evict();
        let wake = state.wake.clone().filter(|_| !std::mem::replace(&mut state.woken, true));
        drop(state);
        if let Some(wake) = wake {
            wake();
        }
    }

    /// An empty buffer for the next frame, of `bytes` bytes.
    pub(super) fn buffer(&self, bytes: usize) -> Vec<u8> {
        let mut buffer = std::mem::take(&mut self.lock().spare);
        buffer.clear();
        if buffer.capacity() < bytes || buffer.capacity() / 2 > bytes {
            buffer = Vec::with_capacity(bytes);
        }
        buffer
    }
}

impl State {
    fn end(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    fn evict(&mut self) {
        while self.bytes > self.budget && self.frames.len() > 1 {
            let Some(oldest) = self.frames.pop_front() else { return };
            self.first += 1;
            self.bytes -= oldest.bytes.capacity() as u64;
            if let Ok(frame) = Arc::try_unwrap(oldest) {
                self.spare = frame.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn layout(scalar: Scalar, components: usize, columns: usize, rows: usize) -> FrameLayout {
        FrameLayout { columns, rows, components, scalar, big_endian: false, color_range: None }
    }

    fn frame(fill: u8) -> LiveFrame {
        LiveFrame::new(layout(Scalar::U8, 1, 10, 10), 0, vec![fill; 100])
    }

    #[test]
    fn the_oldest_frames_are_evicted_and_the_newest_stays() {
        let frames = LiveFrames::default();
        frames.set_budget(350);
        let rung = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&rung);
        frames.set_wake(Box::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        }));
        (0..10).for_each(|fill| frames.push(frame(fill)));
        // Nobody has looked yet.
        assert_eq!(rung.load(Ordering::Relaxed), 1);
        assert_eq!((frames.range(), frames.bytes()), (7..10, (300, 350)));
        assert_eq!(frames.frame(7).unwrap().cells(), [7; 100]);
        assert!(frames.frame(6).is_none() && frames.frame(10).is_none());
        // The buffer of the evicted frame is used again, unless it is far too large.
        assert_eq!(frames.buffer(90).capacity(), 100);
        assert!(frames.buffer(10).capacity() < 100);
        frames.set_budget(0);
        assert_eq!(frames.range(), 9..10);
        frames.push(frame(77));
        assert_eq!((frames.range(), rung.load(Ordering::Relaxed)), (10..11, 2));
    }

    #[test]
    fn a_frame_that_is_looked_at_outlives_its_eviction() {
        let frames = LiveFrames::default();
        frames.set_budget(100);
        frames.push(frame(1));
        let held = frames.frame(0).unwrap();
        frames.push(frame(2));
        assert_eq!((frames.range(), held.cells()[99]), (1..2, 1));
    }

    #[test]
    fn values_and_colours_by_hand() {
        let (mut values, mut colors) = (Vec::new(), Vec::new());
        let big = FrameLayout { big_endian: true, ..layout(Scalar::I16, 1, 2, 2) };
        let frame = LiveFrame::new(big, 0, vec![0, 1, 0xff, 0xff, 0x80, 0, 0x7f, 0xff]);
        frame.read(0, 1, Reduce::Max, &mut values).unwrap();
        assert_eq!(values, [-32768.0, 32767.0]);
        assert!(frame.read(0, 2, Reduce::Max, &mut values).is_err() && values.is_empty());
        assert!(frame.read(1, 0, Reduce::Max, &mut values).is_err());
        assert!(frame.read(0, u64::MAX, Reduce::Max, &mut values).is_err());
        assert!(frame.read_rgba(0, 0, Reduce::Max, &mut colors).is_err());
        let rgb = LiveFrame::new(layout(Scalar::U8, 3, 2, 1), 0, vec![1, 2, 3, 4, 5, 6]);
        rgb.read_rgba(0, 0, Reduce::Max, &mut colors).unwrap();
        assert_eq!(colors, [[1, 2, 3, 255], [4, 5, 6, 255]]);
        assert!(rgb.read(0, 0, Reduce::Max, &mut values).is_err());
        // Floats from 0 to 1, and beyond; NaN is transparent.
        let floats: Vec<u8> = [0.0_f32, 0.5, 1.0, 2.0, -1.0, f32::INFINITY, f32::NAN, 0.0, 0.0]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let rgb = LiveFrame::new(layout(Scalar::F32, 3, 3, 1), 0, floats);
        rgb.read_rgba(0, 0, Reduce::Max, &mut colors).unwrap();
        assert_eq!(colors, [[0, 128, 255, 255], [255, 0, 255, 255], [0; 4]]);
        // 12 bits in 16.
        let range = FrameLayout { color_range: Some((0.0, 4095.0)), ..layout(Scalar::U16, 4, 1, 1) };
        let cells: Vec<u8> = [0_u16, 2048, 4095, 65535].iter().flat_map(|v| v.to_le_bytes()).collect();
        LiveFrame::new(range, 0, cells).read_rgba(0, 0, Reduce::Max, &mut colors).unwrap();
        // 2048 · 255 / 4095 = 127.53.
        assert_eq!(colors, [[0, 128, 255, 255]]);
    }
}
