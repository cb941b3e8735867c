//! Checks that a strip allocates nothing while it scrolls. A test binary of its own, since the counter sees all threads.

#![allow(unsafe_code, reason = "a counting global allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use ringfall::{Canvas, Capacity, Options, Side, Stamp, Strip};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

// The only test here: another one's allocations would be counted too.
#[test]
fn scrolling_allocates_nothing() {
    let row: Vec<f32> = (0..500).map(|bin| -(bin as f32) * 0.2).collect();
    let mut out = vec![0; 320 * 240];
    for newest_side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        let options = Options::default().bins(500).capacity(Capacity::Rows(400)).size(320, 240);
        let mut canvas = Canvas::new(&options.newest_side(newest_side)).expect("a canvas");
        let mut strip = Strip::new();
        let mut lines = 0;
        let mut before = 0;
        for number in 0..1500 {
            if number == 900 {
                before = ALLOCATIONS.load(Relaxed);
                assert!(before > 10, "the counter does not count");
            }
            canvas.push(Stamp::index(number), &row).expect("a row");
            lines += strip.prepare(&mut canvas).expect("memory");
            strip.copy_to(0..320, 0..240, &mut out, 320).expect("it fits");
        }
        assert_eq!(ALLOCATIONS.load(Relaxed) - before, 0, "{newest_side:?}");
        assert!(lines > 1000, "{lines} lines");
        assert!(out.iter().any(|pixel| *pixel != out[0]));
    }
}
