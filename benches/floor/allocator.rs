//! Counts what is allocated, in runs that are not timed.
//!
//! Unlike `allocation_counter` it lets memory grow in place, as the system's allocator does.

#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

static COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(0, layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(0, layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(layout.size(), size);
        unsafe { System.realloc(place, layout, size) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if COUNTING.load(Relaxed) {
            BYTES.fetch_sub(layout.size(), Relaxed);
        }
        unsafe { System.dealloc(place, layout) }
    }
}

fn count(before: usize, after: usize) {
    if COUNTING.load(Relaxed) {
        ALLOCATIONS.fetch_add(1, Relaxed);
        let bytes = BYTES.fetch_add(after, Relaxed) + after;
        MOST.fetch_max(bytes - before, Relaxed);
        BYTES.fetch_sub(before, Relaxed);
    }
}

/// Counts from now on: nothing that was allocated before may be freed afterwards.
pub fn start() {
    COUNTING.store(true, Relaxed);
}

/// Allocations since the start, and the bytes that were held at the most.
pub fn counted() -> (usize, usize) {
    (ALLOCATIONS.load(Relaxed), MOST.load(Relaxed))
}
