//! What every workload needs to be measured: a latch, the clocks, a generator and the resident memory.
const std = @import("std");
const Io = std.Io;

/// Counted down by actors, awaited by the main thread.
pub const Latch = struct {
    left: std.atomic.Value(u64),
    done: Io.Event = .unset,
    io: Io,

    pub fn init(io: Io, count: u64) Latch {
        return .{ .left = .init(count), .io = io };
    }

    pub fn down(self: *Latch) void {
        if (self.left.fetchSub(1, .acq_rel) == 1) self.done.set(self.io);
    }

    pub fn wait(self: *Latch) void {
        self.done.waitUncancelable(self.io);
    }
};

/// Wall and CPU clocks at the start of a measured run.
pub const Timer = struct {
    io: Io,
    wall: Io.Timestamp,
    cpu: Io.Timestamp,

    pub fn start(io: Io) Timer {
        return .{ .io = io, .wall = .now(io, .awake), .cpu = .now(io, .cpu_process) };
    }

    pub fn stop(self: Timer, operations: u64) Result {
        return .{
            .operations = operations,
            .seconds = seconds(self.wall.untilNow(self.io, .awake)),
            .cpu_seconds = seconds(self.cpu.untilNow(self.io, .cpu_process)),
        };
    }
};

pub fn seconds(duration: Io.Duration) f64 {
    return @as(f64, @floatFromInt(duration.nanoseconds)) / std.time.ns_per_s;
}

/// What one run came to; the optional parts are those of `ask` and `idle`.
pub const Result = struct {
    operations: u64,
    seconds: f64,
    cpu_seconds: f64,
    p50_ns: ?u64 = null,
    p99_ns: ?u64 = null,
    bytes_per_actor: ?f64 = null,
};

/// A xorshift generator, seeded for each actor.
pub const Random = struct {
    state: u64,

    pub fn init(seed: u64) Random {
        return .{ .state = (seed +% 1) *% 0x9e3779b97f4a7c15 };
    }

    /// A number below `n`.
    pub fn below(self: *Random, n: u32) u32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        return @intCast((@as(u64, @as(u32, @truncate(self.state >> 32))) * n) >> 32);
    }
};

pub fn residentBytes(io: Io) !f64 {
    var buffer: [128]u8 = undefined;
    var fields = std.mem.tokenizeScalar(u8, try Io.Dir.cwd().readFile(io, "/proc/self/statm", &buffer), ' ');
    _ = fields.next();
    const pages = try std.fmt.parseInt(u64, fields.next() orelse return error.NoResidentSize, 10);
    return @floatFromInt(pages * std.heap.pageSize());
}
