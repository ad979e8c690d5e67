//! The spec's cases through the ABI: every number bit for bit. The tests are run in the package's folder.
const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expectEqual = std.testing.expectEqual;

const path = "../../tests/reference/vectors.jsonl";

test "the spec's cases agree bit for bit" {
    const text = try std.Io.Dir.cwd().readFileAlloc(std.testing.io, path, gpa, .unlimited);
    defer gpa.free(text);
    const engine: ac.Engine = try .init(null, .{}, null);
    defer engine.deinit();
    var cases: usize = 0;
    var lines = std.mem.tokenizeScalar(u8, text, '\n');
    while (lines.next()) |line| : (cases += 1) {
        checkCase(engine, line) catch |err| {
            std.debug.print("case {d}: {s}\n", .{ cases, line[0..@min(line.len, 60)] });
            return err;
        };
    }
    try expectEqual(400, cases);
}

fn checkCase(engine: ac.Engine, line: []const u8) !void {
    const parsed = try std.json.parseFromSlice(std.json.Value, gpa, line, .{});
    defer parsed.deinit();
    const wanted = parsed.value.object.get("expect").?.object;
    const snapshot = try engine.resolveCase(.{ .text = line, .format = .json }, .{}, null);
    defer snapshot.deinit();
    const view = try snapshot.view();
    try std.testing.expectEqualStrings(wanted.get("actor_id").?.string, view.actor_id);
    try expectEqual(@as(u64, @intCast(wanted.get("version").?.integer)), view.version);
    try expectValues(engine, wanted.get("primary").?.object, view.primary);
    try expectValues(engine, wanted.get("derived").?.object, view.derived);
    const caps = wanted.get("caps_used").?.object;
    try expectBounds(engine, caps, "min", .{ .names = view.caps.names, .values = view.caps.mins });
    try expectBounds(engine, caps, "max", .{ .names = view.caps.names, .values = view.caps.maxs });
    const contexts = wanted.get("contexts").?.object;
    try expectEqual(contexts.count(), view.contexts.len);
    for (view.contexts) |context| {
        const one = contexts.get(try engine.text(context.name)).?.object;
        try expectBits(one.get("additive_percent").?, context.additive_percent);
        try expectBits(one.get("multiplier").?, context.multiplier);
        try expectBits(one.get("post_add").?, context.post_add);
    }
    try expectErrors(engine, wanted.get("errors").?.array.items, view.errors);
}

fn expectValues(engine: ac.Engine, wanted: std.json.ObjectMap, got: ac.Snapshot.Values) !void {
    try expectEqual(wanted.count(), got.names.len);
    for (got.names, got.values) |name, value| try expectBits(wanted.get(try engine.text(name)).?, value);
}

fn expectBounds(engine: ac.Engine, wanted: std.json.ObjectMap, key: []const u8, got: ac.Snapshot.Values) !void {
    try expectEqual(wanted.count(), got.names.len);
    for (got.names, got.values) |name, value| {
        try expectBits(wanted.get(try engine.text(name)).?.object.get(key).?, value);
    }
}

fn expectBits(wanted: std.json.Value, got: f64) !void {
    const number: f64 = switch (wanted) {
        .integer => |integer| @floatFromInt(integer),
        .float => |float| float,
        .number_string => |digits| try std.fmt.parseFloat(f64, digits),
        else => return error.NotANumber,
    };
    try expectEqual(@as(u64, @bitCast(number)), @as(u64, @bitCast(got)));
}

fn expectErrors(engine: ac.Engine, wanted: []const std.json.Value, got: []const ac.Snapshot.Rejected) !void {
    try expectEqual(wanted.len, got.len);
    for (wanted, got) |one, entry| {
        const about = switch (entry.about) {
            .system => "system",
            .dimension => "dimension",
            .context => "context",
            else => return error.UnknownAbout,
        };
        try std.testing.expectEqualStrings(one.object.get(about).?.string, try engine.text(entry.name));
        const code = one.object.get("code").?.string;
        try std.testing.expect(std.ascii.eqlIgnoreCase(code, entry.code.nameOf().?));
        if (entry.about != .dimension) continue;
        const list = one.object.get("list").?.string;
        try std.testing.expect(std.ascii.eqlIgnoreCase(list, entry.list.nameOf().?));
    }
}
