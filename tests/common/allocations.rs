//! Counts what a test allocates: calls, of this thread and of all, and bytes.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate of its own and uses part of this")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

static CALLS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicI64 = AtomicI64::new(0);
static MOST_BYTES: AtomicI64 = AtomicI64::new(0);

thread_local! {
    static CALLS_HERE: Cell<u64> = const { Cell::new(0) };
}

/// Allocations so far, by all threads.
pub fn calls() -> u64 {
    CALLS.load(Relaxed)
}

/// Allocations so far, by this thread.
pub fn calls_here() -> u64 {
    CALLS_HERE.get()
}

/// Bytes that are allocated now.
pub fn bytes() -> i64 {
    BYTES.load(Relaxed)
}

/// The most bytes that were allocated at a time since `reset_most_bytes`.
pub fn most_bytes() -> i64 {
    MOST_BYTES.load(Relaxed)
}

pub fn reset_most_bytes() {
    MOST_BYTES.store(bytes(), Relaxed);
}

fn count(bytes: i64) {
    CALLS.fetch_add(1, Relaxed);
    // A thread that ends allocates and frees after its counter is gone.
    let _ = CALLS_HERE.try_with(|calls| calls.set(calls.get() + 1));
    add(bytes);
}

fn add(bytes: i64) {
    let now = BYTES.fetch_add(bytes, Relaxed) + bytes;
    MOST_BYTES.fetch_max(now, Relaxed);
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as i64 - layout.size() as i64);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        add(-(layout.size() as i64));
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}
