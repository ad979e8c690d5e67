//! contend and load: many threads outside at one mailbox, and latency at a rate.
const std = @import("std");
const ac = @import("actorcore");
const measure = @import("measure.zig");
const workloads = @import("workloads.zig");
const Latch = measure.Latch;
const Result = measure.Result;
const Run = workloads.Run;
const Timer = measure.Timer;

/// Runs `send(shared, number)` on so many threads, and measures until the latch is down.
fn onThreads(
    run: Run,
    count: u64,
    operations: u64,
    done: *Latch,
    shared: anytype,
    comptime send: anytype,
) !Result {
    const body = struct {
        fn body(with: @TypeOf(shared), number: u64) void {
            send(with, number) catch |err| std.process.fatal("macro: a send: {t}", .{err});
        }
    }.body;
    const threads = try run.gpa.alloc(std.Thread, count);
    defer run.gpa.free(threads);
    const timer: Timer = .start(run.io);
    for (threads, 0..) |*thread, number| thread.* = try .spawn(.{}, body, .{ shared, number });
    done.wait();
    const result = timer.stop(operations);
    for (threads) |thread| thread.join();
    return result;
}

// ---- contend

const Sink = struct {
    done: *Latch,

    pub fn handle(self: *Sink, _: *ac.Context, _: u64) void {
        self.done.down();
    }
};

const Contend = struct {
    system: ac.System,
    to: ac.Ref(u64),
    each: u64,

    fn send(self: *const Contend, _: u64) !void {
        for (0..self.each) |number| try self.system.tell(self.to, number);
    }
};

/// `sizes[0]` threads send `sizes[1]` messages each to one actor.
pub fn contend(run: Run) !Result {
    const count = run.sizes[0] * run.sizes[1];
    var done: Latch = .init(run.io, count);
    const sink = try run.system.spawn(Sink, .{ .done = &done }, .{}, null);
    const shared: Contend = .{ .system = run.system, .to = sink, .each = run.sizes[1] };
    const result = try onThreads(run, run.sizes[0], count, &done, &shared, Contend.send);
    try workloads.stopAll(run.system, [_]ac.Ref(u64){sink});
    return result;
}

// ---- load

/// When it was sent, and where its latency goes.
const Sent = extern struct { at_ns: u64, took_ns: *u64 };

/// Writes down how long each message took.
const Clocked = struct {
    io: std.Io,
    start: std.Io.Timestamp,
    done: *Latch,

    pub fn handle(self: *Clocked, _: *ac.Context, sent: Sent) void {
        sent.took_ns.* = measure.since(self.io, self.start) - sent.at_ns;
        self.done.down();
    }
};

const Load = struct {
    run: Run,
    start: std.Io.Timestamp,
    first_ns: u64 = 0,
    each: u64,
    targets: []ac.Ref(Sent),
    took: []u64,

    /// Early, it sleeps; late, it sends at once, so that all are sent in the end.
    fn send(self: *const Load, thread: u64) !void {
        const io = self.run.io;
        const gap_ns = std.time.ns_per_s / self.each;
        for (self.took[thread * self.each ..][0..self.each], 0..) |*took, number| {
            const left = self.first_ns + number * gap_ns -| measure.since(io, self.start);
            if (left > 50 * std.time.ns_per_us) try io.sleep(.fromNanoseconds(left), .awake);
            const to = self.targets[measure.mixed(number + thread) % self.targets.len];
            const sent: Sent = .{ .at_ns = measure.since(io, self.start), .took_ns = took };
            try self.run.system.tell(to, sent);
        }
    }
};

/// `sizes[0]` messages a second for a second, from `sizes[1]` threads to `sizes[2]` actors.
pub fn load(run: Run) !Result {
    const threads = run.sizes[1];
    const each = @max(run.sizes[0] / threads, 1);
    const took = try run.gpa.alloc(u64, threads * each);
    defer run.gpa.free(took);
    @memset(took, 1);
    var done: Latch = .init(run.io, took.len);
    const targets = try run.gpa.alloc(ac.Ref(Sent), run.sizes[2]);
    defer run.gpa.free(targets);
    const states = try run.gpa.alloc(Clocked, targets.len);
    defer run.gpa.free(states);
    var shared: Load = .{ .run = run, .start = .now(run.io, .awake), .each = each, .targets = targets, .took = took };
    @memset(states, .{ .io = run.io, .start = shared.start, .done = &done });
    try run.system.spawnMany(Clocked, states, targets, .{}, null);
    shared.first_ns = measure.since(run.io, shared.start);
    var result = try onThreads(run, threads, took.len, &done, @as(*const Load, &shared), Load.send);
    result.percentiles(took);
    try workloads.stopAll(run.system, targets);
    return result;
}
