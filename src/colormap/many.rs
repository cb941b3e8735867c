//! The colours of many values, on all processors.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::scale::{Lookup, Scale, Value};

/// Values that are looked up together.
const SOME: usize = 1024;
/// Values that a thread takes at once.
const PIECE: usize = 1 << 16;
/// With fewer values for each, a further thread takes longer to start than it saves.
const WORTH: usize = 4 * PIECE;

/// The colours of values of one kind.
struct Colors<C> {
    lookup: Lookup,
    table: [C; Lookup::TABLE],
    /// The colour of each byte, if there are enough of them to be worth it.
    bytes: Option<Box<[C; 256]>>,
}

impl<C: Copy> Colors<C> {
    fn new<T: Value>(scale: &Scale, table: [C; Lookup::TABLE], values: &[T]) -> Self {
        let lookup = Lookup::new(scale.thresholds());
        let bytes = T::as_u8(values).filter(|bytes| bytes.len() > 256).map(|_| {
            let mut colors = Box::new([table[0]; 256]);
            let numbers: [f32; 256] = std::array::from_fn(|byte| byte as f32);
            lookup.color(&numbers, &table, &mut *colors);
            colors
        });
        Self { lookup, table, bytes }
    }

    /// The colours of these values.
    fn color<T: Value>(&self, values: &[T], out: &mut [C]) {
        if let Some(values) = T::as_f32(values) {
            return self.lookup.color(values, &self.table, out);
        }
        if let (Some(values), Some(colors)) = (T::as_u8(values), &self.bytes) {
            return out.iter_mut().zip(values).for_each(|(out, byte)| *out = colors[usize::from(*byte)]);
        }
        let mut numbers = [0.0; SOME];
        for (out, values) in out.chunks_mut(SOME).zip(values.chunks(SOME)) {
            numbers.iter_mut().zip(values).for_each(|(number, value)| *number = value.to_f32());
            self.lookup.color(&numbers[..values.len()], &self.table, out);
        }
    }
}

/// The colours of these values, with the table's colours in the places of a [`Lookup`].
pub(super) fn color<T: Value, C: Copy + Send + Sync>(
    scale: &Scale,
    table: [C; Lookup::TABLE],
    values: &[T],
    out: &mut [C],
) {
    let colors = Colors::new(scale, table, values);
    spread(values, out, |values, out| colors.color(values, out));
}

/// Calls `work` for all values with as much room in `out`, in pieces and in any order: on this thread, and if there are many values on
/// others too.
fn spread<T: Sync, O: Send>(values: &[T], out: &mut [O], work: impl Fn(&[T], &mut [O]) + Sync) {
    let helpers = match values.len() / WORTH {
        0 | 1 => 0,
        // A system that does not tell has one.
        worth => thread::available_parallelism().map_or(1, NonZeroUsize::get).min(worth) - 1,
    };
    if helpers == 0 {
        return work(values, out);
    }
    let pieces = Mutex::new(values.chunks(PIECE).zip(out.chunks_mut(PIECE)));
    let take = || pieces.lock().unwrap_or_else(PoisonError::into_inner).next();
    let all = || {
        while let Some((values, out)) = take() {
            work(values, out);
        }
    };
    thread::scope(|scope| {
        for _ in 0..helpers {
            // One that cannot be started leaves its pieces to the others.
            if thread::Builder::new().name("colours".to_owned()).spawn_scoped(scope, all).is_err() {
                break;
            }
        }
        all();
    });
}
