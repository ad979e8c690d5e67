//! Memory of the whole process: how the library keeps it, and what its pools hold. A turn's own scratch memory is
//! Context.scratch; what many actors read without a copy is a Buffer.
//!
//! Threads:    any.
//! Invariants: what `configure` gets an error for changed nothing where something is unsupported.
//! Cost:       some microseconds each.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const Error = status.Error;

pub const Pool = raw.Pool;
pub const Switch = raw.Switch;
pub const HugePages = raw.HugePages;

/// What to change; null leaves it as it is.
pub const Options = struct {
    /// Do threads of jemalloc's give unused memory back to the system? Off at first: who frees does it.
    background_threads: ?bool = null,
    /// How long jemalloc keeps unused pages, in milliseconds; 10,000 at first. 0 gives them back at once, `never` keeps
    /// them. For all arenas, present and to come.
    dirty_decay_ms: ?u64 = null,
    /// How long after that the kernel may still have them back lazily; at first not at all.
    muzzy_decay_ms: ?u64 = null,
    /// Does jemalloc's heap profiling sample? Only where it was built and started with it.
    profiling: ?bool = null,
    /// Buffers of up to 64 bytes that are ready in their pool, at most 1,048,576; 1,000 at first. They are made by this
    /// call, or else by the first System.
    buffers_64b: ?u32 = null,
    /// The same for 1 KiB; 500.
    buffers_1k: ?u32 = null,
    /// The same for 4 KiB; 100.
    buffers_4k: ?u32 = null,
    /// The same for 2 MiB, at most 4,096; 10. These are addresses only: a page is taken when it is first written to.
    buffers_2m: ?u32 = null,
};

/// Sets how the process's memory is kept. error.Unsupported: this build of the library cannot, and nothing was changed.
pub fn configure(options: Options, diagnostics: ?*status.Diagnostics) Error!void {
    const given: raw.ac_memory_options = .{
        .background_threads = switchOf(options.background_threads),
        .dirty_decay_ms = decayOf(options.dirty_decay_ms),
        .muzzy_decay_ms = decayOf(options.muzzy_decay_ms),
        .profiling = switchOf(options.profiling),
        .buffers_64b = reserveOf(options.buffers_64b),
        .buffers_1k = reserveOf(options.buffers_1k),
        .buffers_4k = reserveOf(options.buffers_4k),
        .buffers_2m = reserveOf(options.buffers_2m),
    };
    return status.check(raw.ac_memory_configure(&given, status.Diagnostics.out(diagnostics)));
}

/// Writes what heap profiling has sampled and is still allocated to a file that `jeprof` reads. error.Unsupported where
/// `profiling` is.
pub fn writeProfile(path: []const u8, diagnostics: ?*status.Diagnostics) Error!void {
    return status.check(raw.ac_memory_write_profile(status.text(path), status.Diagnostics.out(diagnostics)));
}

fn switchOf(given: ?bool) u32 {
    return if (given orelse return 0) raw.AC_SWITCH_ON else raw.AC_SWITCH_OFF;
}

fn decayOf(given: ?u64) u64 {
    const ms = given orelse return 0;
    return if (ms == 0) raw.AC_DECAY_AT_ONCE else ms;
}

fn reserveOf(given: ?u32) u32 {
    const count = given orelse return 0;
    return if (count == 0) raw.AC_RESERVE_NONE else count;
}

comptime {
    // So that one word says it everywhere.
    if (raw.AC_DECAY_NEVER != raw.AC_TIMEOUT_NEVER) @compileError("never is no decay time");
}

/// What the pools of one kind hold and did, summed up over the process. `gets` = `hits` + `misses`.
pub const PoolStats = extern struct {
    pool: Pool = .actors,
    /// Hits of all gets, in thousandths; 1,000 before the first.
    efficiency_permille: u32 = 0,
    /// Of one item; 0 where they differ.
    item_bytes: u64 = 0,
    /// Items taken.
    gets: u64 = 0,
    /// Items given back.
    puts: u64 = 0,
    /// Gets that the pool had something for.
    hits: u64 = 0,
    /// Gets that made it take memory from the allocator.
    misses: u64 = 0,
    /// Items that are out.
    in_use: u64 = 0,
    /// Items that it has.
    free: u64 = 0,
    /// Memory of all of them.
    bytes: u64 = 0,
};

/// Every kind of pool.
pub const Pools = struct {
    rows: [@typeInfo(Pool).@"enum".field_names.len]PoolStats,

    /// Those of one kind.
    pub fn of(self: Pools, kind: Pool) PoolStats {
        return self.rows[@backingInt(kind)];
    }
};

/// What the pools hold and did: buffers by their size, actors and messages of every system, and the scratch memory of
/// turns. Counts of what is gone are kept; exact at a quiet moment.
pub fn pools() Error!Pools {
    var out: Pools = .{ .rows = @splat(.{}) };
    var count: u64 = 0;
    try status.check(raw.ac_memory_pools(@ptrCast(&out.rows), out.rows.len, &count));
    return out;
}

/// What jemalloc holds for the library, in bytes, and how it is set. All zero in a build without it.
pub const AllocatorStats = extern struct {
    /// Given to arenas' users.
    allocated_bytes: u64 = 0,
    /// In pages that these are in.
    active_bytes: u64 = 0,
    /// For its own bookkeeping.
    metadata_bytes: u64 = 0,
    /// Physically there, at most.
    resident_bytes: u64 = 0,
    /// In active extents.
    mapped_bytes: u64 = 0,
    /// Addresses that it keeps without memory.
    retained_bytes: u64 = 0,
    /// Of arenas to come; -1 is never.
    dirty_decay_ms: i64 = 0,
    /// The same.
    muzzy_decay_ms: i64 = 0,
    /// Arenas that there are.
    arenas: u32 = 0,
    /// How many of its own it may have.
    arenas_automatic: u32 = 0,
    /// Whether they are on.
    background_threads: Switch = @fromBackingInt(0),
    /// Background threads that run.
    threads: u32 = 0,
    /// Whether its metadata is in huge pages.
    metadata_huge_pages: HugePages = @fromBackingInt(0),
    /// Whether it samples; 0 where it was not built or not started with it.
    profiling: Switch = @fromBackingInt(0),
    /// 1 where the library's arenas are jemalloc's.
    is_jemalloc: u32 = 0,
    reserved: u32 = 0,
};

comptime {
    layout.same(PoolStats, raw.ac_pool_stats);
    layout.same(AllocatorStats, raw.ac_allocator_stats);
}

pub fn allocatorStats() Error!AllocatorStats {
    var out: AllocatorStats = .{};
    try status.check(raw.ac_memory_allocator(@ptrCast(&out)));
    return out;
}

/// A turn's scratch memory, as Context.scratch gives it; the pointer is that of the turn.
pub const scratch_vtable: std.mem.Allocator.VTable = .{
    .alloc = scratchAlloc,
    .resize = scratchResize,
    .remap = scratchRemap,
    .free = std.mem.Allocator.noFree,
};

/// What the library aligns scratch memory to.
const scratch_alignment = 16;

fn scratchAlloc(of: *anyopaque, length: usize, alignment: std.mem.Alignment, _: usize) ?[*]u8 {
    const turn: *const raw.ac_turn = @ptrCast(@alignCast(of));
    const more = alignment.toByteUnits() -| scratch_alignment;
    const size = std.math.add(usize, length, more) catch return null;
    var data: ?[*]u8 = null;
    if (raw.ac_worker_alloc(turn.worker, size, &data) != raw.AC_OK) return null;
    const address = @intFromPtr(data.?);
    return data.? + (alignment.forward(address) - address);
}

fn scratchResize(_: *anyopaque, memory: []u8, _: std.mem.Alignment, length: usize, _: usize) bool {
    return length <= memory.len;
}

fn scratchRemap(_: *anyopaque, memory: []u8, _: std.mem.Alignment, length: usize, _: usize) ?[*]u8 {
    return if (length <= memory.len) memory.ptr else null;
}
