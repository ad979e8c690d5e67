const std = @import("std");
const ac = @import("actorcore.zig");
const messages = @import("message.zig");
const raw = ac.raw;
const expectEqual = std.testing.expectEqual;

const Point = extern struct { x: f64, y: f64 };
const Union = union(enum(u32)) {
    number: u64 = 7,
    nothing: void = 8,
    text: []const u8 = 9,
    point: Point = 10,
    large: [9]u64 = 11,
    bucket: ac.Bucket = 12,
};

/// What a receiver makes of a message: the library sets the payload's address on the way.
fn arrived(envelope: *messages.Envelope) !void {
    const buffer = messages.bufferOf(envelope);
    if (buffer.bits == 0) return;
    var view: raw.ac_bytes = .{};
    try expectEqual(raw.AC_OK, raw.ac_buffer_view(buffer, &view));
    envelope.data[8..16].* = @bitCast(@intFromPtr(view.data.?));
}

fn roundTrip(message: Union) !void {
    var envelope: messages.Envelope = .{};
    try messages.encode(Union, &envelope, &message);
    defer raw.ac_buffer_release(messages.bufferOf(&envelope));
    try arrived(&envelope);
    try expectEqual(@backingInt(std.meta.activeTag(message)), envelope.type);
    try std.testing.expectEqualDeep(message, try messages.decode(Union, &envelope));
}

test "what is encoded is what is decoded, inline and in a buffer" {
    try roundTrip(.{ .number = 0x0123456789abcdef });
    try roundTrip(.nothing);
    try roundTrip(.{ .text = "" });
    try roundTrip(.{ .text = "thirty-two bytes are the limit.." });
    try roundTrip(.{ .text = "thirty-three bytes go in a buffer" });
    try roundTrip(.{ .point = .{ .x = 1.5, .y = -0.0 } });
    try roundTrip(.{ .large = .{ 1, 2, 3, 4, 5, 6, 7, 8, 9 } });
    try roundTrip(.{ .bucket = .override });
}

test "32 bytes travel inline, 33 in a buffer" {
    var envelope: messages.Envelope = .{};
    _ = try messages.room(&envelope, 32);
    try expectEqual(0, messages.bufferOf(&envelope).bits);
    _ = try messages.room(&envelope, 33);
    try std.testing.expect(messages.bufferOf(&envelope).bits != 0);
    raw.ac_buffer_release(messages.bufferOf(&envelope));
}

test "a length that is not the type's is malformed, a number that is not the union's unknown" {
    var envelope: messages.Envelope = .{ .type = 7, .length = 4 };
    try std.testing.expectError(error.MalformedMessage, messages.decode(Union, &envelope));
    envelope = .{ .type = 8, .length = 1 };
    try std.testing.expectError(error.MalformedMessage, messages.decode(Union, &envelope));
    envelope = .{ .type = 6, .length = 8 };
    try std.testing.expectError(error.UnknownMessage, messages.decode(Union, &envelope));
}

test "any number that arrives is a value of an enum of the ABI" {
    var envelope: messages.Envelope = .{ .type = 12, .length = 4 };
    envelope.data[0..4].* = @bitCast(@as(u32, 99));
    const message = try messages.decode(Union, &envelope);
    try std.testing.expect(!message.bucket.isValid());
}

test "a type alone has its own number, or none" {
    const Numbered = struct {
        pub const number = 5;
        value: u64,
    };
    var envelope: messages.Envelope = .{};
    try messages.encode(Numbered, &envelope, &.{ .value = 1 });
    try expectEqual(5, envelope.type);
    try std.testing.expectError(error.UnknownMessage, messages.decode(u64, &envelope));
    const number: u64 = 3;
    try messages.encode(u64, &envelope, &number);
    try expectEqual(raw.AC_TYPE_UNTYPED, envelope.type);
    try expectEqual(3, try messages.decode(u64, &envelope));
}

test "a message has the layout that it would have in C" {
    var envelope: messages.Envelope = .{};
    try messages.encode(Union, &envelope, &.{ .point = .{ .x = 1, .y = 2 } });
    try expectEqual(16, envelope.length);
    try std.testing.expectEqualSlices(u8, &@as([8]u8, @bitCast(@as(f64, 2))), envelope.data[8..16]);
}
