//! Counts allocations, thread by thread: the render thread's allocations in a frame are counted apart from those of other threads.
#![allow(unsafe_code, reason = "a counting global allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    // Const and without a destructor: reading it neither allocates nor depends on when the thread ends.
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// Allocations (and reallocations) that this thread has made so far.
pub(super) fn here() -> u64 {
    COUNT.get()
}

fn count() {
    COUNT.set(COUNT.get() + 1);
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::here;

    #[test]
    fn every_allocation_counts_once() {
        let before = here();
        let boxed = black_box(Box::new(1_u64));
        assert_eq!(here() - before, 1);
        drop(boxed);
        assert_eq!(here() - before, 1, "freeing is none");
        let zeroed = black_box(vec![0_u8; 4096]);
        assert_eq!(here() - before, 2);
        let mut grown: Vec<u8> = black_box(Vec::with_capacity(8));
        grown.extend_from_slice(&zeroed);
        black_box(&grown);
        assert_eq!(here() - before, 4, "one to make it, one to grow it");
    }

    #[test]
    fn other_threads_do_not_count_here() {
        let (ready, go) = std::sync::mpsc::channel::<()>();
        let (tell, told) = std::sync::mpsc::sync_channel::<u64>(1);
        let other = std::thread::spawn(move || {
            go.recv().expect("the test goes on");
            let before = here();
            black_box(vec![0_u8; 100]);
            tell.send(here() - before).expect("the test waits");
        });
        ready.send(()).expect("the thread waits");
        // Only the count is taken here while the other thread allocates.
        let before = here();
        while !other.is_finished() {
            std::hint::spin_loop();
        }
        assert_eq!(here(), before);
        assert!(told.recv().expect("a count") >= 1);
        other.join().expect("the thread ends");
    }
}
