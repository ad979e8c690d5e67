//! The peers' workloads on actorcore, through its Zig package: each is its actors and one run.
//!
//! Invariants: every message goes through a mailbox; actors are made before the clock starts, but in skynet, idle and
//!             churn.
const std = @import("std");
const ac = @import("actorcore");
const chaos = @import("chaos.zig");
const lives = @import("lives.zig");
const loads = @import("loads.zig");
const measure = @import("measure.zig");
const Latch = measure.Latch;
const Timer = measure.Timer;
const Result = measure.Result;

pub const Run = struct { system: ac.System, io: std.Io, gpa: std.mem.Allocator, sizes: [3]u64 };

pub const Workload = struct {
    name: []const u8,
    sizes: []const u64,
    run: *const fn (run: Run) anyerror!Result,
    /// No warm-up: fresh memory is what idle measures, and rest waits for nothing to happen.
    cold: bool = false,
    /// Handlers may fail.
    may_fail: bool = false,
};

pub const all = [_]Workload{
    .{ .name = "pingpong", .sizes = &.{2_000_000}, .run = pingpong },
    .{ .name = "fanin", .sizes = &.{ 8, 500_000 }, .run = fanin },
    .{ .name = "fanout", .sizes = &.{ 64, 100_000 }, .run = fanout },
    .{ .name = "ring", .sizes = &.{ 1_000, 2_000 }, .run = ring },
    .{ .name = "skynet", .sizes = &.{1_000_000}, .run = skynet },
    .{ .name = "big", .sizes = &.{ 100, 10_000, 1 }, .run = big },
    .{ .name = "bigmix", .sizes = &.{ 100, 10_000, 10_000 }, .run = big },
    .{ .name = "ask", .sizes = &.{200_000}, .run = ask },
    .{ .name = "idle", .sizes = &.{1_000_000}, .run = idle, .cold = true },
    .{ .name = "churn", .sizes = &.{1_000_000}, .run = lives.churn },
    .{ .name = "crash", .sizes = &.{ 8, 200_000 }, .run = lives.crash, .may_fail = true },
    .{ .name = "alarms", .sizes = &.{ 1_000, 500_000 }, .run = lives.alarms },
    .{ .name = "contend", .sizes = &.{ 8, 200_000 }, .run = loads.contend },
    .{ .name = "load", .sizes = &.{ 100_000, 8, 1_000 }, .run = loads.load },
    .{ .name = "rest", .sizes = &.{ 100_000, 10_000, 5_000 }, .run = lives.rest, .cold = true },
    .{ .name = "chaos", .sizes = &.{ 1_000, 200_000 }, .run = chaos.chaos, .may_fail = true },
};

/// The 32-byte message of fanin and fanout.
const Payload = extern struct { index: u64, rest: [3]u64 = .{ 1, 2, 3 } };

pub fn stopAll(system: ac.System, refs: anytype) !void {
    for (refs) |ref| try system.stopActor(ref.actor(), .{});
}

// ---- pingpong

const Player = struct {
    done: *Latch,

    const Message = union(enum(u32)) { left: u64 = 1, serve: extern struct { to: ac.Actor, left: u64 } = 2 };

    pub fn handle(self: *Player, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .left => |left| {
                if (left == 0) return self.done.down();
                try ctx.tell(ctx.sender().as(Message), .{ .left = left - 1 });
            },
            .serve => |rally| try ctx.tell(rally.to.as(Message), .{ .left = rally.left }),
        }
    }
};

fn pingpong(run: Run) !Result {
    const count = run.sizes[0];
    var done: Latch = .init(run.io, 1);
    const one = try run.system.spawn(Player, .{ .done = &done }, .{}, null);
    const other = try run.system.spawn(Player, .{ .done = &done }, .{}, null);
    const timer: Timer = .start(run.io);
    try run.system.tell(one, .{ .serve = .{ .to = other.actor(), .left = count - 1 } });
    done.wait();
    const result = timer.stop(count);
    try stopAll(run.system, [_]ac.Ref(Player.Message){ one, other });
    return result;
}

// ---- fanin and fanout

/// Counts what it gets, and adds its sum to that of all.
const Counter = struct {
    expected: u64,
    all: *All,
    sum: u64 = 0,

    const All = struct { done: Latch, sum: std.atomic.Value(u64) = .init(0) };

    pub fn handle(self: *Counter, _: *ac.Context, payload: Payload) void {
        self.sum +%= payload.index;
        self.expected -= 1;
        if (self.expected != 0) return;
        _ = self.all.sum.fetchAdd(self.sum, .monotonic);
        self.all.done.down();
    }
};

const Sink = ac.Ref(Payload);

/// Sends every sink `each` messages, round-robin, in one handler call.
const Producer = struct {
    sinks: []const Sink,
    each: u64,

    pub fn handle(self: *Producer, ctx: *ac.Context, _: void) !void {
        for (0..self.each) |index| {
            for (self.sinks) |sink| try ctx.tell(sink, .{ .index = index });
        }
    }
};

fn fanin(run: Run) !Result {
    const producers = run.sizes[0];
    const each = run.sizes[1];
    var all_sums: Counter.All = .{ .done = .init(run.io, 1) };
    const sinks = [_]Sink{
        try run.system.spawn(Counter, .{ .expected = producers * each, .all = &all_sums }, .{}, null),
    };
    const refs = try run.gpa.alloc(ac.Ref(void), producers);
    defer run.gpa.free(refs);
    for (refs) |*ref| ref.* = try run.system.spawn(Producer, .{ .sinks = &sinks, .each = each }, .{}, null);
    const timer: Timer = .start(run.io);
    for (refs) |ref| try run.system.tell(ref, {});
    all_sums.done.wait();
    const result = timer.stop(producers * each);
    try stopAll(run.system, refs);
    try stopAll(run.system, sinks);
    if (all_sums.sum.raw != producers * (each * (each - 1) / 2)) return error.WrongSum;
    return result;
}

fn fanout(run: Run) !Result {
    const each = run.sizes[1];
    const sinks = try run.gpa.alloc(Sink, run.sizes[0]);
    defer run.gpa.free(sinks);
    var all_sums: Counter.All = .{ .done = .init(run.io, sinks.len) };
    for (sinks) |*sink| sink.* = try run.system.spawn(Counter, .{ .expected = each, .all = &all_sums }, .{}, null);
    const source = try run.system.spawn(Producer, .{ .sinks = sinks, .each = each }, .{}, null);
    const timer: Timer = .start(run.io);
    try run.system.tell(source, {});
    all_sums.done.wait();
    const result = timer.stop(sinks.len * each);
    try stopAll(run.system, sinks);
    try stopAll(run.system, [_]ac.Ref(void){source});
    if (all_sums.sum.raw != sinks.len * (each * (each - 1) / 2)) return error.WrongSum;
    return result;
}

// ---- ring

const Node = struct {
    next: ac.Ref(Message) = .{},
    done: *Latch,

    const Message = union(enum(u32)) { hops: u64 = 1, next: ac.Actor = 2 };

    pub fn handle(self: *Node, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .next => |next| self.next = next.as(Message),
            .hops => |hops| {
                if (hops == 0) return self.done.down();
                try ctx.tell(self.next, .{ .hops = hops - 1 });
            },
        }
    }
};

fn ring(run: Run) !Result {
    const hops = run.sizes[0] * run.sizes[1];
    var done: Latch = .init(run.io, 1);
    const refs = try run.gpa.alloc(ac.Ref(Node.Message), run.sizes[0]);
    defer run.gpa.free(refs);
    for (refs) |*ref| ref.* = try run.system.spawn(Node, .{ .done = &done }, .{}, null);
    for (refs, 1..) |ref, next| try run.system.tell(ref, .{ .next = refs[next % refs.len].actor() });
    try run.system.settle(ac.never);
    const timer: Timer = .start(run.io);
    try run.system.tell(refs[0], .{ .hops = hops });
    done.wait();
    const result = timer.stop(hops);
    try stopAll(run.system, refs);
    return result;
}

// ---- skynet

const Skynet = struct {
    parent: ac.Actor,
    number: u64,
    size: u64,
    sum: u64 = 0,
    missing: u32 = 10,
    root: ?*Root,

    const Root = struct { done: Latch, sum: u64 = 0 };
    const Message = union(enum(u32)) { started: void = ac.number.started, sum: u64 = 1 };

    pub fn handle(self: *Skynet, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .started => {
                if (self.size == 1) return self.finish(ctx, self.number);
                const size = self.size / 10;
                var children: [10]Skynet = undefined;
                for (&children, 0..) |*child, index| child.* = .{
                    .parent = ctx.self(),
                    .number = self.number + index * size,
                    .size = size,
                    .root = null,
                };
                var refs: [10]ac.Ref(Message) = undefined;
                try ctx.spawnMany(Skynet, &children, &refs, .{});
            },
            .sum => |sum| {
                self.sum += sum;
                self.missing -= 1;
                if (self.missing == 0) try self.finish(ctx, self.sum);
            },
        }
    }

    fn finish(self: *Skynet, ctx: *ac.Context, sum: u64) !void {
        if (self.root) |root| {
            root.sum = sum;
            root.done.down();
        } else {
            try ctx.tell(self.parent.as(Message), .{ .sum = sum });
        }
        ctx.stop();
    }
};

fn skynet(run: Run) !Result {
    const leaves = run.sizes[0];
    var actors: u64 = 0;
    var level = leaves;
    while (level >= 1) : (level /= 10) actors += level;
    var root: Skynet.Root = .{ .done = .init(run.io, 1) };
    const timer: Timer = .start(run.io);
    _ = try run.system.spawn(Skynet, .{ .parent = .none, .number = 0, .size = leaves, .root = &root }, .{}, null);
    root.done.wait();
    const result = timer.stop(actors);
    if (root.sum != leaves * (leaves - 1) / 2) return error.WrongSum;
    // The last inner actors may still be stopping: the next run starts from a quiet system.
    try run.system.settle(ac.never);
    return result;
}

// ---- big and bigmix

const Peer = struct {
    all: []const ac.Ref(Message),
    random: measure.Random,
    left: u64,
    missing: u64,
    window: u64,
    done: *Latch,

    const Message = union(enum(u32)) { go: void = 1, ping: void = 2, pong: void = 3 };

    pub fn handle(self: *Peer, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .go => for (0..self.window) |_| try self.ping(ctx),
            .ping => try ctx.tell(ctx.sender().as(Message), .pong),
            .pong => {
                self.missing -= 1;
                if (self.missing == 0) self.done.down();
                try self.ping(ctx);
            },
        }
    }

    fn ping(self: *Peer, ctx: *ac.Context) !void {
        if (self.left == 0) return;
        self.left -= 1;
        try ctx.tell(self.all[self.random.below(@intCast(self.all.len))], .ping);
    }
};

fn big(run: Run) !Result {
    const each = run.sizes[1];
    const refs = try run.gpa.alloc(ac.Ref(Peer.Message), run.sizes[0]);
    defer run.gpa.free(refs);
    var done: Latch = .init(run.io, refs.len);
    for (refs, 0..) |*ref, seed| ref.* = try run.system.spawn(Peer, .{
        .all = refs,
        .random = .init(seed),
        .left = each,
        .missing = each,
        .window = @min(run.sizes[2], each),
        .done = &done,
    }, .{}, null);
    const timer: Timer = .start(run.io);
    for (refs) |ref| try run.system.tell(ref, .go);
    done.wait();
    const result = timer.stop(2 * refs.len * each);
    try stopAll(run.system, refs);
    return result;
}

// ---- ask

const Echo = struct {
    pub fn handle(_: *Echo, ctx: *ac.Context, number: u64) !void {
        try ctx.reply(number);
    }
};

fn ask(run: Run) !Result {
    const echo = try run.system.spawn(Echo, .{}, .{}, null);
    const latencies = try run.gpa.alloc(u64, run.sizes[0]);
    defer run.gpa.free(latencies);
    const timer: Timer = .start(run.io);
    for (latencies, 0..) |*latency, index| {
        const asked: std.Io.Timestamp = .now(run.io, .awake);
        if (try run.system.ask(u64, echo, index, ac.never) != index) return error.WrongReply;
        latency.* = @intCast(asked.untilNow(run.io, .awake).nanoseconds);
    }
    var result = timer.stop(latencies.len);
    result.percentiles(latencies);
    try stopAll(run.system, [_]ac.Ref(u64){echo});
    return result;
}

// ---- idle

const Idler = struct {
    done: *Latch,

    pub fn handle(self: *Idler, _: *ac.Context, _: u64) void {
        self.done.down();
    }
};

fn idle(run: Run) !Result {
    const refs = try run.gpa.alloc(ac.Ref(u64), run.sizes[0]);
    defer run.gpa.free(refs);
    @memset(refs, .{}); // touched first, so that it does not count
    var done: Latch = .init(run.io, refs.len);
    const states: [1_000]Idler = @splat(.{ .done = &done });
    var envelopes: [256]ac.Envelope = undefined;
    const before = try measure.residentBytes(run.io);
    const timer: Timer = .start(run.io);
    var made: usize = 0;
    while (made < refs.len) {
        const part = refs[made..@min(refs.len, made + states.len)];
        try run.system.spawnMany(Idler, states[0..part.len], part, .{}, null);
        made += part.len;
    }
    var batch = run.system.batch(&envelopes);
    for (refs) |ref| try batch.tell(ref, 1);
    try batch.send();
    done.wait();
    var result = timer.stop(refs.len);
    result.bytes_per_actor = (try measure.residentBytes(run.io) - before) / @as(f64, @floatFromInt(refs.len));
    return result;
}
