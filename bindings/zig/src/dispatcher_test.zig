const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;

const nodes = 10;

const Ring = struct {
    refs: [nodes]ac.Ref(Node.Message) = undefined,
    ended: std.atomic.Value(u32) = .init(0),

    fn spawn(self: *Ring, system: ac.System, dispatcher: ?ac.Dispatcher) !void {
        var states: [nodes]Node = undefined;
        for (&states, 1..) |*state, next| state.* = .{ .ring = self, .next = next % nodes };
        try system.spawnMany(Node, &states, &self.refs, .{ .dispatcher = dispatcher }, null);
    }
};

/// Passes a number round the ring, less one each time; ends are counted.
const Node = struct {
    ring: *Ring,
    next: usize,

    const Message = union(enum(u32)) { hops: u64 = 1, fail: void = 2 };

    pub fn handle(self: *Node, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .hops => |left| if (left > 0) try ctx.tell(self.ring.refs[self.next], .{ .hops = left - 1 }),
            .fail => return error.Asked,
        }
    }

    pub fn deinit(self: *Node) void {
        _ = self.ring.ended.fetchAdd(1, .monotonic);
    }
};

fn drive(worker: *ac.Worker) void {
    while (worker.turn(ac.never) catch |err| std.debug.panic("{t}", .{err})) {}
}

fn expectFailure(system: ac.System) !void {
    var into: [4]ac.System.Failure = undefined;
    const failures = try system.failures(0, &into);
    try expectEqual(1, failures.len);
    try std.testing.expectEqualStrings("zig Node: error.Asked", failures[0].text());
    try expect((try system.ledger()).holds());
}

test "attached workers run handlers on lent threads, fail by name and end every state" {
    var ring: Ring = .{};
    const system: ac.System = try .init(gpa, .{}, null);
    defer system.deinit();
    const dispatcher = try system.dispatcher(.{ .mode = .attached }, null);
    try ring.spawn(system, dispatcher);
    var workers: [2]ac.Worker = undefined;
    var threads: [2]std.Thread = undefined;
    for (&workers, &threads) |*worker, *thread| {
        worker.* = try dispatcher.attach(.{ .pinned = false }, null);
        thread.* = try std.Thread.spawn(.{}, drive, .{worker});
    }
    for (ring.refs) |ref| try system.tell(ref, .{ .hops = 1_000 });
    try system.settle(ac.never);
    try system.tell(ring.refs[0], .fail);
    try system.settle(ac.never);
    try expectFailure(system);
    try expectEqual(nodes * 1_001 + 1, (try system.ledger()).handled);
    _ = try system.stop(std.time.ns_per_s, null);
    for (&threads) |thread| thread.join();
    for (&workers) |*worker| worker.deinit();
    try expectEqual(nodes, ring.ended.load(.monotonic));
}

test "a caller dispatcher runs nothing but inside run" {
    var ring: Ring = .{};
    const system: ac.System = try .init(gpa, .{}, null);
    defer system.deinit();
    const dispatcher = try system.dispatcher(.{ .mode = .caller }, null);
    try ring.spawn(system, dispatcher);
    var worker = try dispatcher.attach(.{}, null);
    defer worker.deinit();
    try system.tell(ring.refs[0], .{ .hops = 100 });
    try expectEqual(0, (try system.ledger()).handled);
    try expectEqual(3, try worker.run(0, 3));
    var ran: u64 = 1;
    while (ran > 0) ran = worker.run(0, 0) catch |err| if (err == error.Timeout) 0 else return err;
    try expectEqual(101, (try system.ledger()).handled);
    try system.tell(ring.refs[0], .fail);
    _ = try worker.run(0, 0);
    try expectFailure(system);
    try expectEqual(1, ring.ended.load(.monotonic));
}

test "a woken worker returns without work" {
    const system: ac.System = try .init(gpa, .{}, null);
    defer system.deinit();
    const dispatcher = try system.dispatcher(.{ .mode = .attached }, null);
    var worker = try dispatcher.attach(.{}, null);
    defer worker.deinit();
    try std.testing.expectError(error.Timeout, worker.turn(0));
    try worker.wake();
    try expect(try worker.turn(ac.never));
}

const Mode = ac.Dispatcher.Mode;

/// The same program in each mode; an attached or caller system is driven beside the settle, on a thread of its own.
fn traceOf(mode: Mode, seed: u64) !u64 {
    var ring: Ring = .{};
    const system: ac.System = try .init(gpa, .{ .seed = seed }, null);
    defer system.deinit();
    const dispatcher: ?ac.Dispatcher = if (mode == .@"inline") null else try system.dispatcher(.{ .mode = mode }, null);
    var worker: ?ac.Worker = if (mode == .attached) try dispatcher.?.attach(.{ .pinned = false }, null) else null;
    const thread: ?std.Thread = if (worker) |*one| try std.Thread.spawn(.{}, drive, .{one}) else null;
    defer if (thread) |one| {
        one.join();
        worker.?.deinit();
    };
    try ring.spawn(system, dispatcher);
    for (ring.refs) |ref| try system.tell(ref, .{ .hops = 50 });
    try system.settle(ac.never);
    try system.tell(ring.refs[3], .fail);
    try system.settle(ac.never);
    const hash = try system.traceHash();
    _ = try system.stop(0, null);
    return hash;
}

test "a seed gives the same trace in every run and mode, and another seed another one" {
    const hash = try traceOf(.@"inline", 7);
    try expectEqual(hash, try traceOf(.@"inline", 7));
    try expectEqual(hash, try traceOf(.attached, 7));
    try expect(hash != try traceOf(.@"inline", 8));
}

test "time and chance of a seeded system are its own" {
    const system: ac.System = try .init(gpa, .{ .seed = 3 }, null);
    defer system.deinit();
    const other: ac.System = try .init(gpa, .{ .seed = 3 }, null);
    defer other.deinit();
    try expectEqual(0, try system.now());
    try expectEqual(try system.random(), try other.random());
    const plain: ac.System = try .init(gpa, .{}, null);
    defer plain.deinit();
    try std.testing.expectError(error.WrongMode, plain.traceHash());
}

/// The first processor that this thread may use, and how many those are.
fn ownCpus() ![2]u32 {
    const set = try std.posix.sched_getaffinity(0);
    const bits = @bitSizeOf(usize);
    for (set, 0..) |word, at| if (word != 0) {
        return .{ @intCast(at * bits + @ctz(word)), @intCast(std.posix.CPU_COUNT(set)) };
    };
    unreachable;
}

test "placement: a lent thread is bound while it is lent" {
    const system: ac.System = try .init(gpa, .{ .workers = 1 }, null);
    defer system.deinit();
    const first, const count = try ownCpus();
    const dispatcher = try system.dispatcher(.{
        .mode = .attached,
        .placement = .{ .cpus = .{ .named = &.{first} }, .pinned = true },
    }, null);
    var worker = try dispatcher.attach(.{}, null);
    try expectEqual([2]u32{ first, 1 }, try ownCpus());
    var into: [4]ac.System.WorkerStats = undefined;
    const rows = try system.workers(&into);
    try expectEqual(2, rows.len);
    try expectEqual(first + 1, rows[1].cpu);
    for (rows) |row| try expect(row.utilization() >= 0 and row.utilization() <= 1);
    worker.deinit();
    try expectEqual([2]u32{ first, count }, try ownCpus());
}

test "placement: what cannot be is refused with what can" {
    const system: ac.System = try .init(gpa, .{ .workers = 1, .share_permille = 500 }, null);
    defer system.deinit();
    try expectEqual(500, (try system.usage()).share_permille);
    for ([_]ac.Placement{
        .{ .cpus = .{ .named = &.{1023} } },
        .{ .cpus = .{ .any = 1024 } },
        .{ .node = 98 },
        .{ .critical = true },
        .{ .priority = 100 },
    }) |placement| try expect(std.meta.isError(system.dispatcher(.{ .placement = placement }, null)));
    var diagnostics: ac.Diagnostics = .{};
    defer diagnostics.deinit();
    if (system.dispatcher(.{ .workers = 1, .placement = .{ .priority = 1 } }, &diagnostics)) |_| {} else |err| {
        try expectEqual(error.Unsupported, err);
        try expect(std.mem.find(u8, diagnostics.message(), "CAP_SYS_NICE") != null);
    }
    _ = try system.dispatcher(.{ .workers = 1, .placement = .{ .priority = 1, .priority_optional = true } }, null);
}
