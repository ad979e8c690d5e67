const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;

test "resilience: a limiter says how long to wait" {
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const limiter: ac.Limiter = try .init(system, .{ .rate = 4, .burst = 2, .keys = 2 }, null);
    defer limiter.deinit();
    try expectEqual(null, try limiter.take(0, 2));
    try expectEqual(std.time.ns_per_s / 4, (try limiter.take(0, 1)).?);
    try expectEqual(null, try limiter.take(7, 2));
    try expectError(error.Limit, limiter.take(0, 3));
    try limiter.set(.{ .rate = 1 }, null);
    try expectEqual(2 * std.time.ns_per_s, (try limiter.take(0, 1)).?);
    try expectEqual(4, (try limiter.stats()).taken);
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    try expectError(error.InvalidArgument, ac.Limiter.init(system, .{ .rate = 0 }, &why));
    try expect(why.message().len > 0);
}

fn half(number: u32) !u32 {
    return if (number % 2 == 0) number / 2 else error.Odd;
}

fn instead(err: anyerror, number: u32) !u32 {
    return if (err == error.Overloaded) number else 0;
}

test "resilience: a breaker takes the fallback and tells its story" {
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const breaker: ac.Breaker = try .init(system, .{ .calls_min = 3, .failure_ratio = 0.6 }, null);
    defer breaker.deinit();
    try expectEqual(4, try breaker.call(@as(u32, 8), half, instead));
    try expectEqual(0, try breaker.call(@as(u32, 7), half, instead));
    try breaker.leave(try breaker.enter(), .ignored);
    try breaker.leave(try breaker.enter(), .failure);
    try expectEqual(8, try breaker.call(@as(u32, 8), half, instead));
    const stats = try breaker.stats();
    try expectEqual(@backingInt(ac.Breaker.State.open), stats.state);
    try expectEqual(2, stats.failed);
    try breaker.force(.forced_closed);
    var into: [4]ac.Breaker.Change = undefined;
    const changes = try breaker.changes(0, &into);
    try expectEqual(2, changes.len);
    try expectEqual(@backingInt(ac.Breaker.Reason.failures), changes[0].reason);
    try expectEqual(@backingInt(ac.Breaker.Reason.forced), changes[1].reason);
}

const Adder = struct {
    batcher: *ac.Batcher,
    results: *std.ArrayList(ac.Batcher.Result),

    const Message = union(enum(u32)) { ended: ac.Batcher.Result = 1, due: u64 = ac.number.batch };

    pub fn handle(self: *Adder, _: *ac.Context, message: Message) !void {
        switch (message) {
            .ended => |result| try self.results.append(gpa, result),
            .due => |user| {
                try expectEqual(9, user);
                var batch: ac.Batcher.Batch = undefined;
                try self.batcher.take(&batch, 0);
                for (0..batch.count) |index| {
                    var sum: u64 = 0;
                    for (batch.data(index)) |byte| sum += byte;
                    batch.set(index, sum, if (sum == 0) .e_handler else .ok);
                }
                try self.batcher.done(&batch);
            },
        }
    }
};

test "resilience: an actor gets batches and producers their results" {
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    var batcher: ac.Batcher = undefined;
    var results: std.ArrayList(ac.Batcher.Result) = .empty;
    defer results.deinit(gpa);
    const adder = try system.spawn(Adder, .{ .batcher = &batcher, .results = &results }, .{}, null);
    batcher = try .init(system, .{ .size = 2, .to = adder.actor(), .user = 9 }, null);
    defer batcher.deinit();
    for ([_][]const u8{ "\x01\x02", "", &@as([100]u8, @splat(1)) }) |data| {
        _ = try batcher.put(.{ .data = data, .reply_to = adder.actor(), .type = 1, .correlation = 3 });
    }
    try system.settle(ac.never);
    try expectEqual(3, results.items.len);
    for (results.items, [_]u64{ 3, 0, 100 }, 1..) |result, value, ticket| {
        try expectEqual(value, result.value);
        try expectEqual(ticket, result.ticket);
        try expectEqual(if (value == 0) ac.Status.e_handler else .ok, result.status);
    }
    try expectEqual(100, (try batcher.wait(3, 0)).value);
    try expectEqual(1, (try batcher.stats()).full);
}

test "resilience: a thread takes batches" {
    const system: ac.System = try .init(gpa, .{}, null);
    defer system.deinit();
    const batcher: ac.Batcher = try .init(system, .{ .size = 2, .capacity = 2 }, null);
    defer batcher.deinit();
    var batch: ac.Batcher.Batch = undefined;
    try expectError(error.Timeout, batcher.take(&batch, 0));
    _ = try batcher.put(.{ .data = "a" });
    _ = try batcher.put(.{ .data = &@as([49]u8, @splat('b')) });
    try expectError(error.Full, batcher.put(.{ .data = &@as([49]u8, @splat('c')) }));
    try batcher.take(&batch, ac.never);
    try expectEqual(2, batch.count);
    try std.testing.expectEqualStrings(&@as([49]u8, @splat('b')), batch.data(1));
    try batcher.fail(&batch, .e_rejected);
    try expectEqual(ac.Status.e_rejected, (try batcher.wait(batch.ticket(1), ac.never)).status);
}
