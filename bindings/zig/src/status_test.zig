const std = @import("std");
const ac = @import("actorcore.zig");
const raw = ac.raw;
const expectEqual = std.testing.expectEqual;

/// E_NO_REPLY -> NoReply
fn camel(comptime tag: []const u8) []const u8 {
    comptime var text: []const u8 = "";
    comptime var parts = std.mem.splitScalar(u8, tag["e_".len..], '_');
    inline while (comptime parts.next()) |part| text = text ++ .{std.ascii.toUpper(part[0])} ++ part[1..];
    return text;
}

test "every status but OK has an error named after it, and back" {
    inline for (comptime std.meta.tags(ac.Status)) |status| if (status != .ok) {
        const wanted = comptime if (status == .e_no_memory) "OutOfMemory" else camel(@tagName(status));
        try std.testing.expectEqualStrings(wanted, @errorName(ac.errorOf(status)));
        try expectEqual(status, ac.statusOf(ac.errorOf(status)));
    };
}

test "a status of a newer library is an error too" {
    try expectEqual(error.UnknownStatus, ac.errorOf(@fromBackingInt(-99)));
    try expectEqual(null, ac.statusOf(error.SomethingElse));
}

test "the predicates are the library's" {
    try std.testing.expect(ac.isRetryable(.e_timeout));
    try std.testing.expect(!ac.isRetryable(.e_stale));
    try std.testing.expect(ac.isGone(.e_stale));
    try std.testing.expect(!ac.isGone(.e_timeout));
}

test "a failed call explains itself, and the next one replaces the explanation" {
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    try std.testing.expectEqualStrings("", why.message());
    const engine: ac.Engine = try .init(null, .{}, &why);
    defer engine.deinit();
    try std.testing.expectError(error.Io, engine.loadFile("no/such/registry.yaml", &why));
    try std.testing.expect(std.mem.find(u8, why.message(), "no/such/registry.yaml") != null);
    const bad = "dimensions:\n  Strength: { use_pipeline: true }\n";
    try std.testing.expectError(error.BadRegistry, engine.load(.{ .text = bad, .label = "bad.yaml" }, &why));
    const detail = why.detail(0) orelse return error.NoDetail;
    try std.testing.expect(std.mem.startsWith(u8, detail.key, "bad.yaml:2:"));
    try std.testing.expect(detail.value.len > 0);
    var count: u64 = 0;
    while (why.detail(count) != null) count += 1;
    try expectEqual(null, why.detail(count));
}

test "the library tells its version and its build" {
    try expectEqual(raw.AC_API_VERSION >> 16, ac.version().major);
    try std.testing.expect((try ac.buildInfo()).len > 0);
}
