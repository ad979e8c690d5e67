const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;
const expectEqualStrings = std.testing.expectEqualStrings;

const ms = std.time.ns_per_ms;
const Mode = ac.Dispatcher.Mode;

const Job = union(enum(u32)) { value: u64 = 1, who: void = 2, fail: void = 3, end: void = 4 };
const Router = ac.Router(Job);

/// What the routees of a pool share.
const Log = struct {
    made: std.atomic.Value(u32) = .init(0),
    ended: std.atomic.Value(u32) = .init(0),
    handled: std.atomic.Value(u64) = .init(0),
    /// What `Clerk.initOr` cannot make: the first with this index, and as many after it.
    bad: u32 = 0,
    bad_count: u32 = 0,
};

/// Has memory and a number of its own.
const Clerk = struct {
    log: *Log,
    index: u32,
    own: *u64,

    fn init(log: *Log) !Clerk {
        const own = try gpa.create(u64);
        own.* = 0;
        return .{ .log = log, .index = log.made.fetchAdd(1, .monotonic), .own = own };
    }

    fn initOr(log: *Log) !Clerk {
        const index = log.made.load(.monotonic);
        if (index < log.bad or index >= log.bad + log.bad_count) return init(log);
        _ = log.made.fetchAdd(1, .monotonic);
        return error.NoDesk;
    }

    pub fn deinit(self: *Clerk) void {
        gpa.destroy(self.own);
        _ = self.log.ended.fetchAdd(1, .monotonic);
    }

    pub fn handle(self: *Clerk, ctx: *ac.Context, job: Job) !void {
        switch (job) {
            .value => self.own.* += 1,
            .who => try ctx.reply([2]u64{ self.index, self.own.* }),
            .fail => return error.Asked,
            .end => ctx.stop(),
        }
        _ = self.log.handled.fetchAdd(1, .monotonic);
    }
};

fn open(log: *Log, options: Router.Pool) !struct { ac.System, Router } {
    const system: ac.System = try .init(gpa, .{ .seed = 5 }, null);
    errdefer system.deinit();
    return .{ system, try .pool(system, Clerk.init, log, options, null) };
}

fn routeeAt(pool: Router, place: u64) !ac.Actor {
    var rows: [16]Router.Routee = undefined;
    for (try pool.routees(&rows)) |routee| if (routee.place == place) return routee.actor.actor();
    return error.TestExpectedRoutee;
}

fn drive(worker: *ac.Worker) void {
    while (worker.turn(ac.never) catch |err| std.debug.panic("{t}", .{err})) {}
}

/// A program around a pool in each mode; the result is the trace.
fn run(mode: Mode, comptime program: fn (system: ac.System, dispatcher: ?ac.Dispatcher) anyerror!void) !u64 {
    const system: ac.System = try .init(gpa, .{ .seed = 4 }, null);
    defer system.deinit();
    const dispatcher: ?ac.Dispatcher = if (mode == .@"inline") null else try system.dispatcher(.{ .mode = mode }, null);
    var worker: ?ac.Worker = if (mode == .attached) try dispatcher.?.attach(.{ .pinned = false }, null) else null;
    const thread: ?std.Thread = if (worker) |*one| try std.Thread.spawn(.{}, drive, .{one}) else null;
    defer if (thread) |one| {
        one.join();
        worker.?.deinit();
    };
    errdefer _ = system.stop(0, null) catch {};
    try program(system, dispatcher);
    const hash = try system.traceHash();
    _ = try system.stop(0, null);
    return hash;
}

fn each(system: ac.System, dispatcher: ?ac.Dispatcher) !void {
    var log: Log = .{};
    const options: Router.Pool = .{ .size = 4, .spawn = .{ .dispatcher = dispatcher } };
    const pool: Router = try .pool(system, Clerk.init, &log, options, null);
    for (0..40) |value| try system.tell(pool.address, .{ .value = value });
    try system.settle(ac.never);
    for (0..4) |index| {
        const found = try system.ask([2]u64, pool.address, .who, ac.never);
        try expectEqual([2]u64{ index, 10 }, found);
    }
    try expectEqual(4, log.made.load(.monotonic));
    pool.deinit();
    try system.settle(ac.never);
    try expectEqual(4, log.ended.load(.monotonic));
}

test "a pool makes each routee a state of its own and ends it with itself, in every mode" {
    const hash = try run(.@"inline", each);
    try expectEqual(hash, try run(.@"inline", each));
    for ([_]Mode{ .caller, .attached }) |mode| _ = try run(mode, each);
}

test "a pool on threads handles every message and ends every state" {
    var log: Log = .{};
    const system: ac.System = try .init(gpa, .{ .workers = 2 }, null);
    const pool: Router = try .pool(system, Clerk.init, &log, .{ .size = 8, .logic = .smallest_mailbox }, null);
    for (0..2_000) |value| try system.tell(pool.address, .{ .value = value });
    try system.settle(ac.never);
    try expectEqual(2_000, log.handled.load(.monotonic));
    try expectEqual(8, (try pool.stats()).routees);
    system.deinit();
    try expectEqual(8, log.ended.load(.monotonic));
    pool.deinit();
    try expectError(error.Stale, pool.stats());
}

test "a routee that stopped is replaced in its place, with a new state" {
    var log: Log = .{};
    const system, const pool = try open(&log, .{ .size = 3 });
    defer system.deinit();
    defer pool.deinit();
    const before = try routeeAt(pool, 1);
    try system.tell(before.as(Job), .end);
    try system.settle(ac.never);
    try expectEqual(2, (try pool.stats()).routees);
    try expectEqual(1, log.ended.load(.monotonic));
    try system.advance(ms);
    const after = try routeeAt(pool, 1);
    try expect(after.bits != before.bits);
    try expectEqual([2]u64{ 3, 0 }, try system.ask([2]u64, after.as(Job), .who, ac.never));
    const stats = try pool.stats();
    try expectEqual([2]u64{ 1, 1 }, .{ stats.ended, stats.replaced });
}

test "a routee that fails restarts with its state, or is gone where its policy says so" {
    var log: Log = .{};
    {
        const system, const pool = try open(&log, .{ .size = 2 });
        defer system.deinit();
        defer pool.deinit();
        const first = try routeeAt(pool, 0);
        try system.tell(first.as(Job), .{ .value = 1 });
        try system.tell(first.as(Job), .fail);
        try system.settle(ac.never);
        try expectEqual([2]u64{ 0, 1 }, try system.ask([2]u64, first.as(Job), .who, ac.never));
        try expectEqual(pool.address.bits, (try system.supervisor(first)).bits);
    }
    try expectEqual(2, log.ended.load(.monotonic));
    const system, const pool = try open(&log, .{ .size = 2, .spawn = .{ .supervision = .{ .strategy = .stop } } });
    defer system.deinit();
    defer pool.deinit();
    try system.tell((try routeeAt(pool, 0)).as(Job), .fail);
    try system.advance(100 * ms);
    try expectEqual(1, (try pool.stats()).routees);
    try pool.resize(2, null);
    try expectEqual(2, (try pool.stats()).routees);
}

test "a pool is resized by hand, and who goes handles what it was given" {
    var log: Log = .{};
    const system, const pool = try open(&log, .{ .size = 4 });
    defer system.deinit();
    defer pool.deinit();
    for (0..40) |value| try system.tell(pool.address, .{ .value = value });
    try pool.resize(1, null);
    try system.settle(ac.never);
    try expectEqual(40, log.handled.load(.monotonic));
    try expectEqual(3, log.ended.load(.monotonic));
    try pool.resize(6, null);
    const stats = try pool.stats();
    try expectEqual([3]u64{ 6, 5, 3 }, .{ stats.routees, stats.grown, stats.shrunk });
    try expectEqual(9, log.made.load(.monotonic));
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    try expectError(error.Limit, pool.resize(5_000, &why));
    try expect(why.message().len > 0);
    try expectError(error.WrongMode, pool.remove(pool.address));
    const other = try system.spawn(Clerk, try .init(&log), .{}, null);
    try expectError(error.WrongMode, pool.add(other, null));
}

test "a pool follows its load" {
    var log: Log = .{};
    // Who waits to be restarted handles nothing meanwhile.
    const system, const pool = try open(&log, .{
        .size = 2,
        .spawn = .{ .supervision = .{ .strategy = .restart, .backoff_min_ns = 55 * ms } },
        .resize = .{ .interval_ns = 10 * ms, .min = 2, .max = 6, .grow_above = 5, .shrink_below = 1 },
    });
    defer system.deinit();
    defer pool.deinit();
    try expectError(error.Limit, pool.resize(7, null));
    for (0..2) |_| try system.tell(pool.address, .fail);
    for (0..40) |value| try system.tell(pool.address, .{ .value = value });
    for ([_]u64{ 3, 4, 5, 6, 6, 5, 4, 3, 2, 2 }) |size| {
        try system.advance(10 * ms);
        try expectEqual(size, (try pool.stats()).routees);
    }
    try expectEqual(40, log.handled.load(.monotonic));
}

test "the queue of each routee is what the pool was told" {
    var log: Log = .{};
    const system, const pool = try open(&log, .{ .size = 2, .spawn = .{ .mailbox = .{ .capacity = 2 } } });
    defer system.deinit();
    defer pool.deinit();
    for (0..4) |value| try system.tell(pool.address, .{ .value = value });
    try expectError(error.Full, system.tell(pool.address, .{ .value = 4 }));
    try system.settle(ac.never);
    try expectEqual(4, log.handled.load(.monotonic));
}

fn unmade(system: ac.System, dispatcher: ?ac.Dispatcher) !void {
    var log: Log = .{ .bad = 1, .bad_count = 2 };
    const options: Router.Pool = .{ .size = 3, .spawn = .{ .dispatcher = dispatcher } };
    const pool: Router = try .pool(system, Clerk.initOr, &log, options, null);
    defer pool.deinit();
    try system.settle(ac.never);
    try expectEqual(1, (try pool.stats()).routees);
    var into: [4]ac.System.Failure = undefined;
    const failures = try system.failures(0, &into);
    try expectEqual(2, failures.len);
    for (failures) |one| try expectEqualStrings("zig Clerk: error.NoDesk", one.text());
    try system.advance(ms);
    try expectEqual(3, (try pool.stats()).routees);
    for (0..9) |value| try system.tell(pool.address, .{ .value = value });
    try system.settle(ac.never);
    try expectEqual(9, log.handled.load(.monotonic));
    try expectEqual(0, (try system.ledger()).buried());
    pool.deinit();
    try system.settle(ac.never);
    try expectEqual(3, log.ended.load(.monotonic));
}

test "a routee whose state cannot be made fails by name, and another takes its place, in every mode" {
    for ([_]Mode{ .@"inline", .caller, .attached }) |mode| _ = try run(mode, unmade);
}

const Plain = struct {
    fn init(_: void) Plain {
        return .{};
    }
    pub fn handle(_: *Plain, ctx: *ac.Context, _: void) !void {
        try ctx.reply(@as(u64, 7));
    }
};

test "without memory a routee fails, and comes when there is some" {
    for ([_]bool{ false, true }) |attached| {
        var failing: std.testing.FailingAllocator = .init(gpa, .{});
        const system: ac.System = try .init(failing.allocator(), .{ .seed = 1 }, null);
        defer system.deinit();
        const dispatcher: ?ac.Dispatcher = if (attached) try system.dispatcher(.{ .mode = .attached }, null) else null;
        var worker: ?ac.Worker = if (attached) try dispatcher.?.attach(.{ .pinned = false }, null) else null;
        const thread: ?std.Thread = if (worker) |*one| try std.Thread.spawn(.{}, drive, .{one}) else null;
        defer if (thread) |one| {
            _ = system.stop(0, null) catch {};
            one.join();
            worker.?.deinit();
        };
        const options: ac.Router(void).Pool = .{ .size = 1, .spawn = .{ .dispatcher = dispatcher } };
        const pool: ac.Router(void) = try .pool(system, Plain.init, {}, options, null);
        defer pool.deinit();
        failing.fail_index = failing.alloc_index;
        try pool.resize(3, null);
        try system.settle(ac.never);
        try expectEqual(1, (try pool.stats()).routees);
        var into: [4]ac.System.Failure = undefined;
        const failures = try system.failures(0, &into);
        try expectEqual(2, failures.len);
        try expectEqualStrings("zig Plain: error.OutOfMemory", failures[0].text());
        failing.fail_index = std.math.maxInt(usize);
        try system.advance(ms);
        try expectEqual(3, (try pool.stats()).routees);
        for (0..3) |_| try expectEqual(7, try system.ask(u64, pool.address, {}, ac.never));
    }
}

test "an error that the policy does not forgive ends the pool" {
    var log: Log = .{ .bad = 1, .bad_count = 1 };
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const options: Router.Pool = .{ .size = 3, .spawn = .{ .supervision = .{ .strategy = .escalate } } };
    const pool: Router = try .pool(system, Clerk.initOr, &log, options, null);
    defer pool.deinit();
    try system.settle(ac.never);
    try expect(!try system.isAlive(pool.address.actor()));
    try expectEqual(2, log.ended.load(.monotonic));
}

test "a pool that cannot be leaves nothing behind" {
    var log: Log = .{};
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    const resize: Router.Resize = .{ .interval_ns = 10 * ms, .max = 4, .grow_above = 1, .shrink_below = 2 };
    for ([_]Router.Pool{
        .{ .spawn = .{ .name = "all of them" } },
        .{ .size = 5_000 },
        .{ .size = 5, .resize = resize },
        .{ .size = 2, .resize = resize },
        .{ .resize = .{ .interval_ns = 10, .grow_above = 9 } },
        .{ .spawn = .{ .supervision = .{ .strategy = .decide } } },
    }) |options| {
        try expect(std.meta.isError(Router.pool(system, Clerk.init, &log, options, &why)));
        try expect(why.message().len > 0);
    }
    try system.settle(ac.never);
    try expectEqual(0, log.made.load(.monotonic));
}
