//! Rows from another thread.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::shade::{Options, Row, Texel};
use crate::stamp::Stamp;

/// Sends rows to a [`Waterfall`](crate::Waterfall) from another thread. Made by
/// [`Waterfall::sender`](crate::Waterfall::sender).
///
/// It never blocks and, once made, never allocates: rows are copied into buffers that the waterfall returns after it has
/// taken them in. If none is free, because the host draws too seldom, the row is dropped and counted. A sender may outlive
/// its waterfall.
///
/// ```
/// # use ringfall::{Error, Stamp, Waterfall};
/// # fn host(fall: &mut Waterfall) -> Result<(), Error> {
/// let mut sender = fall.sender(256)?;
/// std::thread::spawn(move || {
///     for i in 0.. {
///         if let Err(Error::Closed) = sender.send(Stamp::index(i), &[-100.0; 1024]) {
///             break;
///         }
///     }
/// });
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sender {
    bins: u32,
    texel: Texel,
    /// The words of rows are the bits of their values, or the bytes of their colours.
    rows: SyncSender<(Stamp, Vec<u32>)>,
    /// Free buffers. The mutex is never locked, since `send` has the sender to itself; it makes the sender `Sync`.
    free: Mutex<Receiver<Vec<u32>>>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    dropped: AtomicU64,
}

/// The other end, in the waterfall.
#[derive(Debug)]
pub(super) struct Intake {
    texel: Texel,
    rows: Mutex<Receiver<(Stamp, Vec<u32>)>>,
    free: SyncSender<Vec<u32>>,
    counts: Arc<Counts>,
    capacity: u32,
    taken: u64,
    closed: bool,
}

/// A channel for `capacity` rows of up to `bins` values.
pub(super) fn channel(bins: u32, texel: Texel, capacity: u32) -> Result<(Sender, Intake), Error> {
    if capacity == 0 || capacity > Options::MAX_SENDER_ROWS {
        return Err(Error::SenderRows { asked: capacity, max: Options::MAX_SENDER_ROWS });
    }
    let (rows_in, rows_out) = sync_channel(capacity as usize);
    let (free_in, free_out) = sync_channel(capacity as usize);
    for _ in 0..capacity {
        let mut row = Vec::new();
        row.try_reserve_exact(bins as usize)
            .map_err(|error| Error::OutOfMemory { what: "rows on their way", message: error.to_string() })?;
        // There is room for all of them.
        let _ = free_in.try_send(row);
    }
    let counts = Arc::new(Counts::default());
    let sender = Sender { bins, texel, rows: rows_in, free: Mutex::new(free_out), counts: Arc::clone(&counts) };
    let rows = Mutex::new(rows_out);
    Ok((sender, Intake { texel, rows, free: free_in, counts, capacity, taken: 0, closed: false }))
}

impl Sender {
    /// Sends a row: `row[k]` is the value at frequency `stamp.first_hz + k · stamp.bin_hz`, as with
    /// [`Waterfall::push`](crate::Waterfall::push). It is in the picture from the next
    /// [`prepare`](crate::Waterfall::prepare) on. Returns whether there was room; if not, the row was dropped and counted.
    ///
    /// Sending does not wake the host: a program that draws on demand has to request a frame itself.
    ///
    /// # Errors
    /// [`Error::RowLength`], [`Error::Stamp`] and [`Error::Cells`] as with `push`; [`Error::Closed`] once the waterfall is gone, so that
    /// the producer can end.
    pub fn send(&mut self, stamp: Stamp, row: &[f32]) -> Result<bool, Error> {
        Row::Values(row).check(self.texel, self.bins, &stamp)?;
        self.send_words(stamp, row.iter().map(|value| value.to_bits()))
    }

    /// Sends a row of colours, sRGB-encoded red, green, blue and alpha, as with
    /// [`Waterfall::push_rgba`](crate::Waterfall::push_rgba); otherwise as [`send`](Self::send).
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_rgba(&mut self, stamp: Stamp, row: &[[u8; 4]]) -> Result<bool, Error> {
        Row::Colors(row).check(self.texel, self.bins, &stamp)?;
        self.send_words(stamp, row.iter().map(|color| u32::from_ne_bytes(*color)))
    }

    fn send_words(&mut self, stamp: Stamp, row: impl Iterator<Item = u32>) -> Result<bool, Error> {
        let free = self.free.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = match free.try_recv() {
            Ok(buffer) => buffer,
            Err(TryRecvError::Disconnected) => return Err(Error::Closed),
            Err(TryRecvError::Empty) => {
                self.counts.dropped.fetch_add(1, Relaxed);
                return Ok(false);
            }
        };
        buffer.clear();
        buffer.extend(row);
        match self.rows.try_send((stamp, buffer)) {
            Ok(()) => {
                self.counts.sent.fetch_add(1, Relaxed);
                Ok(true)
            }
            Err(TrySendError::Disconnected(_)) => Err(Error::Closed),
            // There are no more buffers than places, so this is never reached; if it were, the row would be counted.
            Err(TrySendError::Full(_)) => {
                self.counts.dropped.fetch_add(1, Relaxed);
                Ok(false)
            }
        }
    }

    /// Rows that this sender has dropped so far because none of its buffers was free.
    pub fn dropped(&self) -> u64 {
        self.counts.dropped.load(Relaxed)
    }
}

impl Intake {
    /// Whether rows are waiting.
    pub(super) fn waits(&self) -> bool {
        self.counts.sent.load(Relaxed) > self.taken
    }

    /// Rows that the sender has dropped.
    pub(super) fn dropped(&self) -> u64 {
        self.counts.dropped.load(Relaxed)
    }

    /// Whether the sender is gone and its last row taken.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Hands over the waiting rows, no more than the channel has room for, so that a sender that never pauses does not
    /// keep the host here.
    pub(super) fn take(&mut self, mut each: impl FnMut(Stamp, Row<'_>)) -> u64 {
        let rows = self.rows.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut taken = 0;
        for _ in 0..self.capacity {
            match rows.try_recv() {
                Ok((stamp, row)) => {
                    let cells = if self.texel.is_colors() {
                        Row::Colors(bytemuck::cast_slice(&row))
                    } else {
                        Row::Values(bytemuck::cast_slice(&row))
                    };
                    each(stamp, cells);
                    taken += 1;
                    // Fails only if the sender is gone, and then the buffer is dropped too.
                    let _ = self.free.try_send(row);
                }
                Err(error) => {
                    self.closed = error == TryRecvError::Disconnected;
                    break;
                }
            }
        }
        self.taken += taken;
        taken
    }
}

const _: () = {
    const fn assert_send_sync<T: Send + Sync>() {}
    assert_send_sync::<Sender>();
    assert_send_sync::<Intake>();
};
