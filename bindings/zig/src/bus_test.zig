const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;

const Door = extern struct {
    id: u64,
    wide: [5]u64 = @splat(9),

    pub const number = 4;
};

const Listener = struct {
    log: *Log,

    const Message = union(enum(u32)) {
        event: []const u8 = ac.number.event,
        work: []const u8 = ac.number.work,
    };

    pub fn handle(self: *Listener, ctx: *ac.Context, message: Message) !void {
        const log = self.log;
        switch (message) {
            .event => |bytes| {
                const event: ac.Event = .of(bytes);
                try std.testing.expectEqualStrings("north.door", event.topic());
                const door = try event.read(Door);
                try expectEqual(@as([5]u64, @splat(9)), door.wide);
                log.sum += door.id;
                log.via = event.subscription(ctx);
                log.about = event.about();
            },
            .work => |bytes| {
                const work: ac.Work = .of(bytes);
                if (work.deliveries(ctx) == 1) return work.nack(ctx, 0);
                log.sum += (try work.read(Door)).id;
                try work.ack(ctx);
            },
        }
    }
};

const Log = struct { sum: u64 = 0, via: u64 = 0, about: ac.Actor = .none };

test "a bus tells subscribers of what fits their pattern" {
    var log: Log = .{};
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const bus: ac.Bus = try .init(system, .{ .ordered = true }, null);
    defer bus.deinit();
    const listener = (try system.spawn(Listener, .{ .log = &log }, .{}, null)).actor();
    const id = try bus.subscribe("*.door", listener, .{ .about = listener, .type_first = 4, .type_last = 4 }, null);
    try expectEqual(1, try bus.publish("north.door", Door{ .id = 3 }, .{ .about = listener }));
    try expectEqual(0, try bus.publish("north.door", Door{ .id = 5 }, .{}));
    try expectEqual(0, try bus.publishBytes("north.door", 5, "", .{ .about = listener }));
    try system.settle(ac.never);
    try expectEqual(Log{ .sum = 3, .via = id, .about = listener }, log);
    try bus.unsubscribe(id);
    try expectError(error.NotFound, bus.unsubscribe(id));
    try expectError(error.InvalidArgument, bus.subscribe("a.>.b", listener, .{}, null));
    try expectEqual(3, (try bus.stats()).events);
}

test "a queue hands out work until it is acknowledged" {
    var log: Log = .{};
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const queue: ac.Queue = try .init(system, "doors", .{ .capacity = 2, .deliveries_max = 2 }, null);
    defer queue.deinit();
    const listener = (try system.spawn(Listener, .{ .log = &log }, .{}, null)).actor();
    try expectEqual(1, try queue.put(Door{ .id = 3 }, .none));
    _ = try queue.putBytes(7, "not a door", .none);
    try expectError(error.Full, queue.put(Door{ .id = 4 }, .none));
    const found: ac.Queue = try .find(system, "doors");
    defer found.deinit();
    try found.join(listener, 1);
    try system.settle(ac.never);
    try expectEqual(3, log.sum);
    var kept: [4]ac.Queue.Dead = undefined;
    const dead = try queue.dead(&kept);
    try expectEqual(1, dead.len);
    var bytes: [16]u8 = undefined;
    try std.testing.expectEqualStrings("not a door", try queue.deadData(dead[0].number, &bytes));
    try expectEqual(1, try queue.redrive(0));
    const stats = try queue.stats();
    try expectEqual(stats.put, stats.acked + stats.ready);
}
