const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;

const memory = ac.memory;

test "each kind of pool has a row whose counts agree" {
    const pools = try memory.pools();
    for (pools.rows, 0..) |row, kind| {
        try expectEqual(kind, @backingInt(row.pool));
        try expectEqual(row.gets, row.hits + row.misses);
        try expectEqual(row.in_use, row.gets - row.puts);
        try expect(row.efficiency_permille <= 1_000);
    }
    try expectEqual(1024, pools.of(.buffers_1k).item_bytes);
}

test "a buffer comes from the pool of its size and goes back to it" {
    for ([_]struct { u64, memory.Pool }{
        .{ 1, .buffers_64b },
        .{ 64, .buffers_64b },
        .{ 65, .buffers_1k },
        .{ 4096, .buffers_4k },
        .{ 4097, .buffers_other },
        .{ 2 << 20, .buffers_2m },
    }) |row| {
        const size, const pool = row;
        const before = (try memory.pools()).of(pool);
        var room: []u8 = undefined;
        const buffer: ac.Buffer = try .init(size, &room);
        try expectEqual(size, room.len);
        const during = (try memory.pools()).of(pool);
        try expectEqual([2]u64{ before.gets + 1, before.in_use + 1 }, .{ during.gets, during.in_use });
        buffer.deinit();
        const after = (try memory.pools()).of(pool);
        try expectEqual([2]u64{ before.puts + 1, before.in_use }, .{ after.puts, after.in_use });
    }
    var room: []u8 = undefined;
    try expectError(error.Limit, ac.Buffer.init(0, &room));
}

test "buffers are ready in their pools when that was asked for" {
    const before = (try memory.pools()).of(.buffers_1k).free;
    try memory.configure(.{ .buffers_1k = @intCast(before + 300) }, null);
    const free = (try memory.pools()).of(.buffers_1k).free;
    try expect(free >= before + 300);
    try memory.configure(.{ .buffers_1k = 0 }, null);
    try expectEqual(free, (try memory.pools()).of(.buffers_1k).free);
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    try expectError(error.Limit, memory.configure(.{ .buffers_2m = 5_000 }, &why));
    try expect(why.message().len > 0);
}

test "what jemalloc was told is what it says, and a build without it is unsupported" {
    const has = std.mem.find(u8, try ac.buildInfo(), "jemalloc") != null;
    const before = try memory.allocatorStats();
    try expectEqual(has, before.is_jemalloc == 1);
    if (!has) return expectError(error.Unsupported, memory.configure(.{ .dirty_decay_ms = 5 }, null));
    try memory.configure(.{ .background_threads = true, .dirty_decay_ms = 1234, .muzzy_decay_ms = ac.never }, null);
    const during = try memory.allocatorStats();
    try expectEqual(memory.Switch.on, during.background_threads);
    try expectEqual([2]i64{ 1234, -1 }, .{ during.dirty_decay_ms, during.muzzy_decay_ms });
    try memory.configure(.{ .background_threads = false, .dirty_decay_ms = 0, .muzzy_decay_ms = 0 }, null);
    const after = try memory.allocatorStats();
    try expectEqual(memory.Switch.off, after.background_threads);
    try expectEqual([2]i64{ 0, 0 }, .{ after.dirty_decay_ms, after.muzzy_decay_ms });
    try memory.configure(.{ .dirty_decay_ms = @intCast(before.dirty_decay_ms) }, null);
    try expect(after.mapped_bytes > 0 and after.arenas > 0 and after.metadata_huge_pages.isValid());
    if (before.profiling == memory.Switch.on or before.profiling == memory.Switch.off) return;
    try expectError(error.Unsupported, memory.configure(.{ .profiling = true }, null));
}

/// Builds what it sends in the turn's own memory.
const Builder = struct {
    to: ac.Ref(Keeper.Message),

    const Message = union(enum(u32)) { lines: u64 = 1, aligned: void = 2, much: void = 3 };

    pub fn handle(self: *Builder, ctx: *ac.Context, message: Message) !void {
        const scratch = ctx.scratch();
        switch (message) {
            .lines => |count| {
                var text: std.ArrayList(u8) = .empty;
                for (0..count) |line| try text.print(scratch, "{d}\n", .{line});
                try ctx.tell(self.to, .{ .text = text.items });
            },
            .aligned => {
                var parts: [3][]align(256) u8 = undefined;
                for (&parts, 1..) |*part, at| {
                    _ = try scratch.dupe(u8, "odd");
                    part.* = try scratch.alignedAlloc(u8, .fromByteUnits(256), 1_000);
                    @memset(part.*, @intCast(at));
                }
                for (parts, 1..) |part, at| {
                    try expect(@intFromPtr(part.ptr) % 256 == 0);
                    try expect(std.mem.allEqual(u8, part, @intCast(at)));
                }
                const shorter = try scratch.realloc(parts[1], 10);
                try expectEqual(parts[1].ptr, shorter.ptr);
                const longer = try scratch.realloc(shorter, 5_000);
                try expect(std.mem.allEqual(u8, longer[0..10], 2));
                scratch.free(longer);
                try ctx.tell(self.to, .{ .text = "aligned" });
            },
            .much => {
                try expectError(error.OutOfMemory, scratch.alloc(u8, (1 << 30) + 1));
                try expectError(error.OutOfMemory, scratch.alloc(u8, std.math.maxInt(usize) / 2));
                @memset(try scratch.alloc(u8, 3 << 20), 7);
                try ctx.tell(self.to, .{ .text = "much" });
            },
        }
    }
};

const Keeper = struct {
    text: *std.ArrayList(u8),

    const Message = union(enum(u32)) { text: []const u8 = 1 };

    pub fn handle(self: *Keeper, _: *ac.Context, message: Message) !void {
        try self.text.appendSlice(gpa, message.text);
    }
};

fn drive(worker: *ac.Worker) void {
    while (worker.turn(ac.never) catch |err| std.debug.panic("{t}", .{err})) {}
}

fn build(mode: ac.Dispatcher.Mode) !void {
    var text: std.ArrayList(u8) = .empty;
    defer text.deinit(gpa);
    const system: ac.System = try .init(gpa, .{ .workers = 1 }, null);
    defer system.deinit();
    const dispatcher = try system.dispatcher(.{ .mode = mode, .workers = if (mode == .@"inline") 1 else 0 }, null);
    var worker: ?ac.Worker = if (mode == .attached) try dispatcher.attach(.{ .pinned = false }, null) else null;
    const thread: ?std.Thread = if (worker) |*one| try std.Thread.spawn(.{}, drive, .{one}) else null;
    defer if (thread) |one| {
        _ = system.stop(0, null) catch {};
        one.join();
        worker.?.deinit();
    };
    const before = (try memory.pools()).of(.scratch);
    const keeper = try system.spawn(Keeper, .{ .text = &text }, .{}, null);
    const builder = try system.spawn(Builder, .{ .to = keeper }, .{ .dispatcher = dispatcher }, null);
    for ([_]Builder.Message{ .{ .lines = 3 }, .aligned, .much, .{ .lines = 1 } }) |message| {
        try system.tell(builder, message);
        try system.settle(ac.never);
        try expect(try system.isAlive(builder.actor()));
    }
    try std.testing.expectEqualStrings("0\n1\n2\nalignedmuch0\n", text.items);
    _ = try system.stop(ac.never, null);
    const after = (try memory.pools()).of(.scratch);
    try expect(after.gets > before.gets + 5);
    try expectEqual(0, after.in_use);
}

test "a turn has memory for what it builds, aligned as asked, which goes when it ends" {
    for ([_]ac.Dispatcher.Mode{ .@"inline", .attached }) |mode| try build(mode);
}
