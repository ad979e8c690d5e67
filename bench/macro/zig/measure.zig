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

/// Nanoseconds since a moment.
pub fn since(io: Io, start: Io.Timestamp) u64 {
    return @intCast(start.untilNow(io, .awake).nanoseconds);
}

/// A number that looks random, the same in each language.
pub fn mixed(number: u64) u64 {
    return (number *% 0x9e3779b97f4a7c15) >> 32;
}

/// What one run came to; the optional parts are those of some workloads only.
pub const Result = struct {
    operations: u64,
    seconds: f64,
    cpu_seconds: f64,
    /// p50, p95, p99 and p999.
    latencies_ns: ?[4]u64 = null,
    bytes_per_actor: ?f64 = null,
    cpu_percent: ?f64 = null,
    chaos: ?Chaos = null,

    /// Sorts the latencies, and says how they are spread.
    pub fn percentiles(self: *Result, took_ns: []u64) void {
        std.mem.sortUnstable(u64, took_ns, {}, std.sort.asc(u64));
        var found: [4]u64 = undefined;
        for (&found, [_]u64{ 500, 950, 990, 999 }) |*one, permille| one.* = took_ns[took_ns.len * permille / 1000];
        self.latencies_ns = found;
    }
};

/// Where a million operations of chaos end that do not succeed.
pub const Chaos = struct {
    /// Nobody knows where: neither handled nor refused nor dead for a reason.
    failed: f64,
    /// All that did not succeed.
    unsuccessful: f64,
    /// By a full mailbox or an actor that is gone, to who sent.
    refused: f64,
    /// In a handler that failed.
    crashed: f64,
    /// As dead letters.
    dead: f64,
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
