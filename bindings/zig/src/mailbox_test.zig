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
