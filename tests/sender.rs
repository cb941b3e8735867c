//! Rows from another thread: in order, bounded, counted, and without allocations.

#[path = "common/allocations.rs"]
mod allocations;
mod common;

use std::time::Duration;

use common::{Random, gpu};
use ringfall::{Capacity, Error, Options, Stamp, StampError};

fn options() -> Options {
    Options::default().bins(32).capacity(Capacity::Rows(100)).width(32).height(40).keep_rows(true)
}

#[test]
fn rows_sent_are_rows_pushed() {
    let gpu = gpu();
    let mut random = Random(31);
    let rows: Vec<_> = (0..250).map(|_| random.row(32)).collect();
    let mut sent = gpu.waterfall(&options());
    let sender = sent.sender(16).expect("a sender");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut sender = sender;
            for (i, row) in (0..).zip(&rows) {
                // A producer that will not lose any has to wait of its own accord.
                while !sender.send(Stamp::index(i), row).expect("a row") {
                    std::thread::sleep(Duration::from_micros(100));
                }
            }
        });
        while sent.stats().resident.end < 250 {
            gpu.prepare(&mut sent);
        }
    });
    let mut pushed = gpu.waterfall(&options());
    (0..).zip(&rows).for_each(|(i, row)| pushed.push(Stamp::index(i), row).expect("a row"));
    let want = gpu.copy(&mut pushed);
    gpu.copy(&mut sent).assert_near(&want, 0, "sent and pushed");
}

#[test]
fn what_there_is_no_room_for_is_dropped_and_counted() {
    let gpu = gpu();
    let mut fall = gpu.waterfall(&options());
    let mut sender = fall.sender(8).expect("a sender");
    assert!(!{
        gpu.prepare(&mut fall);
        fall.is_stale()
    });
    let taken: Vec<bool> = (0..11).map(|i| sender.send(Stamp::index(i), &[i as f32; 32]).expect("a row")).collect();
    assert_eq!(taken, [[true; 8].as_slice(), &[false; 3]].concat());
    assert_eq!((sender.dropped(), fall.stats().dropped_rows), (3, 3));
    // Nothing is taken in before it is asked for.
    assert!(fall.is_stale());
    assert_eq!(fall.stats().resident, 0..0);
    assert_eq!(fall.receive(), 8);
    assert_eq!(fall.receive(), 0);
    assert_eq!(fall.stats().resident, 0..8);
    let mut row = Vec::new();
    fall.canvas().expect("kept").row(7, &mut row).expect("resident");
    assert_eq!(row, [7.0; 32]);
    // The buffers are back.
    assert!(sender.send(Stamp::index(20), &[0.0; 32]).expect("a row"));
    drop(sender);
    gpu.prepare(&mut fall);
    gpu.prepare(&mut fall);
    assert_eq!(fall.stats().resident, 0..9);
    assert_eq!(fall.stats().dropped_rows, 3, "what was dropped stays counted when the sender is gone");
    assert!(!fall.is_stale());
}

#[test]
fn an_hour_of_rows_that_nobody_draws_stays_bounded_and_is_counted() {
    let gpu = gpu();
    let mut fall = gpu.waterfall(&options());
    // 1000 rows a second for an hour would be 3.6 million; a ring of 100 has wrapped often enough after these.
    for i in 0..200_000 {
        fall.push(Stamp::index(i), &[0.0; 32]).expect("a row");
    }
    assert_eq!(fall.stats().resident, 199_900..200_000);
    let before = allocations::calls_here();
    for i in 200_000..300_000 {
        fall.push(Stamp::index(i), &[0.0; 32]).expect("a row");
    }
    assert_eq!(allocations::calls_here() - before, 0, "what waits does not grow");
    gpu.prepare(&mut fall);
    assert_eq!(fall.stats().skipped_rows, 299_900);
    gpu.prepare(&mut fall);
    assert_eq!(fall.stats().skipped_rows, 299_900);
}

#[test]
fn sending_and_taking_in_do_not_allocate() {
    let gpu = gpu();
    let mut fall = gpu.waterfall(&options());
    let mut sender = fall.sender(8).expect("a sender");
    let mut count = |rounds| {
        let before = allocations::calls_here();
        for i in 0..rounds {
            sender.send(Stamp::index(i), &[1.0; 32]).expect("a row");
            if i % 11 == 0 {
                fall.receive();
            }
        }
        allocations::calls_here() - before
    };
    count(1000);
    assert_eq!(count(10_000), 0);
}

#[test]
fn refusals() {
    let gpu = gpu();
    let mut fall = gpu.waterfall(&options());
    for asked in [0, (1 << 20) + 1, u32::MAX] {
        assert_eq!(fall.sender(asked).map(|_| ()), Err(Error::SenderRows { asked, max: 1 << 20 }));
    }
    let mut sender = fall.sender(2).expect("a sender");
    assert_eq!(sender.send(Stamp::index(0), &[]), Err(Error::RowLength { got: 0, max: 32 }));
    assert_eq!(sender.send(Stamp::index(0), &[0.0; 33]), Err(Error::RowLength { got: 33, max: 32 }));
    let wrong = Stamp { bin_hz: 0.0, ..Stamp::index(0) };
    assert!(matches!(sender.send(wrong, &[0.0]), Err(Error::Stamp(StampError { field: "bin_hz", .. }))));
    drop(fall);
    assert_eq!(sender.send(Stamp::index(0), &[0.0]), Err(Error::Closed));
    assert_eq!(sender.dropped(), 0);
}
