//! How the process keeps memory: pools, reserved buffers, and the library's allocator.
//!
//! Threads: any; all of it works inside handlers too.
//! Cost: a look at the pools or the allocator takes some microseconds.

use std::path::Path;
use std::time::Duration;

use actorcore_sys::{self as sys, HugePages, Pool};

use crate::error::{control, Result};

/// How the process keeps memory: what is set here goes for all of it, and what is not stays as it
/// is.
///
/// What is made and gone at a high rate comes from pools, so that the path of a message takes no
/// lock and makes no system call in steady state. The pools of actors and messages are of arenas of
/// jemalloc, which is private to the library. What jemalloc reads when it starts, such as
/// `narenas`, is set in the environment as `JE_MALLOC_CONF`, in its own words, before the library is
/// loaded.
///
/// ```
/// use actorcore::{Memory, Pool};
///
/// Memory::new().buffers_1k(2_000).buffers_2m(0).configure()?;
/// let rows = Memory::pools();
/// let row = rows.iter().find(|row| row.pool == Pool::BUFFERS_1K).unwrap();
/// assert!(row.free >= 2_000);
/// # Ok::<(), actorcore::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Memory {
    raw: sys::ac_memory_options,
}

impl Memory {
    /// Nothing to change.
    pub const fn new() -> Memory {
        Memory { raw: sys::ac_memory_options::new() }
    }

    /// Do threads of the allocator's give unused memory back? Off at first: then who frees does it.
    pub fn background_threads(mut self, on: bool) -> Memory {
        self.raw.background_threads = switch(on);
        self
    }

    /// How long the allocator keeps unused pages, in milliseconds: zero gives them back at once,
    /// `Duration::MAX` keeps them. 10 s at first.
    pub fn dirty_decay(mut self, time: Duration) -> Memory {
        self.raw.dirty_decay_ms = decay(time);
        self
    }

    /// How long after that the kernel may still have them back lazily; zero, not at all, at first.
    pub fn muzzy_decay(mut self, time: Duration) -> Memory {
        self.raw.muzzy_decay_ms = decay(time);
        self
    }

    /// Does the allocator's heap profiling sample? `AC_E_UNSUPPORTED` where it was not built, or not
    /// started, with it.
    pub fn profiling(mut self, on: bool) -> Memory {
        self.raw.profiling = switch(on);
        self
    }

    /// Buffers of up to 64 bytes that are ready in their pool, at most 1,048,576; 1,000 when not
    /// given. [`configure`](Self::configure) makes them, or else the first system does.
    pub fn buffers_64b(mut self, buffers: u32) -> Memory {
        self.raw.buffers_64b = reserve(buffers);
        self
    }

    /// The same for 1 KiB; 500 when not given.
    pub fn buffers_1k(mut self, buffers: u32) -> Memory {
        self.raw.buffers_1k = reserve(buffers);
        self
    }

    /// The same for 4 KiB; 100 when not given.
    pub fn buffers_4k(mut self, buffers: u32) -> Memory {
        self.raw.buffers_4k = reserve(buffers);
        self
    }

    /// The same for 2 MiB, at most 4,096; 10 when not given. These are addresses only: a page is
    /// taken when it is first written to.
    pub fn buffers_2m(mut self, buffers: u32) -> Memory {
        self.raw.buffers_2m = reserve(buffers);
        self
    }

    /// Sets what was said. `AC_E_UNSUPPORTED`: this build's allocator cannot, and nothing was
    /// changed.
    pub fn configure(self) -> Result<()> {
        control(|error| unsafe { sys::ac_memory_configure(&self.raw, error) })
    }

    /// Writes what heap profiling has sampled and is still allocated to a file that `jeprof` reads.
    /// `AC_E_UNSUPPORTED` where [`profiling`](Self::profiling) is.
    pub fn write_profile(path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref().as_os_str().as_encoded_bytes();
        let path = sys::ac_text { data: path.as_ptr(), size: path.len() as u64 };
        control(|error| unsafe { sys::ac_memory_write_profile(path, error) })
    }

    /// What the pools of each kind hold and did; exact at a quiet moment. Counts of systems, buses
    /// and engines that are gone are kept.
    pub fn pools() -> Vec<PoolStats> {
        let mut count = 16;
        loop {
            let mut raw = vec![sys::ac_pool_stats::new(); count as usize];
            let capacity = raw.len();
            unsafe { sys::ac_memory_pools(raw.as_mut_ptr(), capacity as u64, &mut count) };
            if count as usize <= capacity {
                return raw.iter().take(count as usize).map(PoolStats::new).collect();
            }
        }
    }

    /// What the allocator holds for the library, and how it is set; `None` in a build without
    /// jemalloc, which is one with a sanitizer.
    pub fn allocator() -> Option<AllocatorStats> {
        let mut raw = sys::ac_allocator_stats::new();
        unsafe { sys::ac_memory_allocator(&mut raw) };
        (raw.is_jemalloc != 0).then(|| AllocatorStats::new(&raw))
    }
}

/// What the pools of one kind hold and did, summed up over the process. Every get is a hit or a
/// miss, and what was got and not put back is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStats {
    /// What is in them.
    pub pool: Pool,
    /// Hits of all gets, in thousandths; 1,000 before the first.
    pub efficiency_permille: u32,
    /// Bytes of one item; 0 where they differ.
    pub item_bytes: u64,
    /// Items taken.
    pub gets: u64,
    /// Items given back.
    pub puts: u64,
    /// Gets that the pool had something for.
    pub hits: u64,
    /// Gets that made it take memory from the allocator.
    pub misses: u64,
    /// Items that are out.
    pub in_use: u64,
    /// Items that it has.
    pub free: u64,
    /// Memory of all of them, in bytes.
    pub bytes: u64,
}

impl PoolStats {
    fn new(raw: &sys::ac_pool_stats) -> PoolStats {
        PoolStats {
            pool: Pool(raw.pool),
            efficiency_permille: raw.efficiency_permille,
            item_bytes: raw.item_bytes,
            gets: raw.gets,
            puts: raw.puts,
            hits: raw.hits,
            misses: raw.misses,
            in_use: raw.in_use,
            free: raw.free,
            bytes: raw.bytes,
        }
    }
}

/// What the library's allocator holds, and how it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocatorStats {
    /// Bytes given to the arenas' users.
    pub allocated_bytes: u64,
    /// Bytes in pages that these are in.
    pub active_bytes: u64,
    /// Bytes for its own bookkeeping.
    pub metadata_bytes: u64,
    /// Bytes that are physically there, at most.
    pub resident_bytes: u64,
    /// Bytes in active extents.
    pub mapped_bytes: u64,
    /// Addresses that it keeps without memory, in bytes.
    pub retained_bytes: u64,
    /// How long arenas to come keep unused pages; `Duration::MAX` is for good.
    pub dirty_decay: Duration,
    /// How long after that the kernel may have them back lazily.
    pub muzzy_decay: Duration,
    /// Arenas that there are.
    pub arenas: u32,
    /// How many of its own it may have: `narenas`.
    pub arenas_automatic: u32,
    /// Are background threads on?
    pub background_threads: bool,
    /// Background threads that run.
    pub threads: u32,
    /// When it uses huge pages for its metadata: `metadata_thp`.
    pub metadata_huge_pages: HugePages,
    /// Does heap profiling sample? `None` where it was not built, or not started, with it.
    pub profiling: Option<bool>,
}

impl AllocatorStats {
    fn new(raw: &sys::ac_allocator_stats) -> AllocatorStats {
        AllocatorStats {
            allocated_bytes: raw.allocated_bytes,
            active_bytes: raw.active_bytes,
            metadata_bytes: raw.metadata_bytes,
            resident_bytes: raw.resident_bytes,
            mapped_bytes: raw.mapped_bytes,
            retained_bytes: raw.retained_bytes,
            dirty_decay: duration(raw.dirty_decay_ms),
            muzzy_decay: duration(raw.muzzy_decay_ms),
            arenas: raw.arenas,
            arenas_automatic: raw.arenas_automatic,
            background_threads: raw.background_threads == sys::AC_SWITCH_ON,
            threads: raw.threads,
            metadata_huge_pages: HugePages(raw.metadata_huge_pages),
            profiling: (raw.profiling != 0).then_some(raw.profiling == sys::AC_SWITCH_ON),
        }
    }
}

fn switch(on: bool) -> u32 {
    if on {
        sys::AC_SWITCH_ON
    } else {
        sys::AC_SWITCH_OFF
    }
}

/// Milliseconds, where the numbers on both ends have meanings of their own.
fn decay(time: Duration) -> u64 {
    match time {
        Duration::ZERO => sys::AC_DECAY_AT_ONCE,
        Duration::MAX => sys::AC_DECAY_NEVER,
        time => {
            u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, sys::AC_DECAY_AT_ONCE - 1)
        }
    }
}

fn duration(decay_ms: i64) -> Duration {
    u64::try_from(decay_ms).map_or(Duration::MAX, Duration::from_millis)
}

fn reserve(buffers: u32) -> u32 {
    match buffers {
        0 => sys::AC_RESERVE_NONE,
        buffers => buffers.min(sys::AC_RESERVE_NONE - 1),
    }
}
