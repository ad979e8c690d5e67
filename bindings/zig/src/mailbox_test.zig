const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expectEqual = std.testing.expectEqual;

const Keeper = struct {
    seen: *std.ArrayList(u64),

    const Message = union(enum(u32)) { low: u64 = 1, high: u64 = 2 };

    pub fn handle(self: *Keeper, _: *ac.Context, message: Message) !void {
        switch (message) {
            .low, .high => |value| try self.seen.append(gpa, value),
        }
    }
};

test "a mailbox has a capacity and an order" {
    var seen: std.ArrayList(u64) = .empty;
    defer seen.deinit(gpa);
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const keeper = try system.spawn(Keeper, .{ .seen = &seen }, .{ .mailbox = .{
        .order = .priority,
        .capacity = 3,
        .types = &.{.{ .type = 1, .rank = 9 }},
    } }, null);
    try system.tell(keeper, .{ .low = 1 });
    try system.tell(keeper, .{ .high = 2 });
    try system.tell(keeper, .{ .low = 3 });
    try std.testing.expectError(error.Full, system.tell(keeper, .{ .high = 4 }));
    try expectEqual(3, (try system.mailbox(keeper.actor())).length);
    try system.settle(ac.never);
    try std.testing.expectEqualSlices(u64, &.{ 2, 1, 3 }, seen.items);
}

test "a mailbox conflates by a key of the payload" {
    var seen: std.ArrayList(u64) = .empty;
    defer seen.deinit(gpa);
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const mailbox: ac.Mailbox = .{ .conflate = true, .key = .{ .u32 = 4 } };
    const keeper = try system.spawn(Keeper, .{ .seen = &seen }, .{ .mailbox = mailbox }, null);
    for (0..6) |i| try system.tell(keeper, .{ .low = (i % 2) << 32 | i });
    try system.settle(ac.never);
    try std.testing.expectEqualSlices(u64, &.{ 4, 1 << 32 | 5 }, seen.items);
    try expectEqual(4, (try system.mailbox(keeper.actor())).conflated);
}

/// Keeps what it is told, however long.
const Clerk = struct {
    seen: *std.ArrayList(u64),

    const Order = extern struct { price: u64, customer: u64, note: [48]u8 = @splat(0) };
    const Message = union(enum(u32)) { order: Order = 1, text: []const u8 = 2, ready: void = 3 };

    pub fn handle(self: *Clerk, _: *ac.Context, message: Message) !void {
        try self.seen.append(gpa, switch (message) {
            .order => |order| order.price,
            .text => |text| text.len,
            .ready => 0,
        });
    }

    /// The dearest first, then texts by their length.
    fn rank(message: Message) u64 {
        return switch (message) {
            .order => |order| 1_000_000 - order.price,
            .text => |text| 2_000_000 + text.len,
            .ready => 3_000_000,
        };
    }

    fn customer(message: Message) u64 {
        return if (message == .order) message.order.customer else 0;
    }
};

test "a mailbox orders by what a function makes of a message, long ones too" {
    var seen: std.ArrayList(u64) = .empty;
    defer seen.deinit(gpa);
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const mailbox: ac.Mailbox = .{ .order = .priority, .rank = .of(Clerk.Message, Clerk.rank) };
    const clerk = try system.spawn(Clerk, .{ .seen = &seen }, .{ .mailbox = mailbox }, null);
    const long: [100]u8 = @splat('x');
    try system.tell(clerk, .ready);
    try system.tell(clerk, .{ .text = &long });
    try system.tell(clerk, .{ .text = "short" });
    for ([_]u64{ 10, 30, 20 }) |price| try system.tell(clerk, .{ .order = .{ .price = price, .customer = 1 } });
    try system.settle(ac.never);
    try std.testing.expectEqualSlices(u64, &.{ 30, 20, 10, 5, 100, 0 }, seen.items);
}

test "a mailbox conflates by what a function makes of a message, and what is none of them has the key 0" {
    var seen: std.ArrayList(u64) = .empty;
    defer seen.deinit(gpa);
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const mailbox: ac.Mailbox = .{ .conflate = true, .key = .of(Clerk.Message, Clerk.customer) };
    const clerk = try system.spawn(Clerk, .{ .seen = &seen }, .{ .mailbox = mailbox }, null);
    for (0..6) |i| try system.tell(clerk, .{ .order = .{ .price = i, .customer = i % 2 } });
    const foreign = clerk.actor().as(union(enum(u32)) { torn: u8 = 1 });
    try system.tell(foreign, .{ .torn = 1 }); // takes the place of customer 0's
    try std.testing.expectEqual(2, (try system.mailbox(clerk.actor())).length);
    try system.tell(clerk, .{ .order = .{ .price = 9, .customer = 0 } });
    try system.settle(ac.never);
    try std.testing.expectEqualSlices(u64, &.{ 9, 5 }, seen.items);
}
