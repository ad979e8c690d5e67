const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;

const file_size = 3 * 4096 + 100;

/// A file of its own.
const File = struct {
    dir: std.testing.TmpDir,
    path_bytes: [1024]u8 = undefined,
    path: []const u8 = "",
    content: [file_size]u8 = undefined,

    fn init(self: *File) !void {
        self.* = .{ .dir = std.testing.tmpDir(.{}) };
        for (&self.content, 0..) |*byte, at| byte.* = @truncate(at * 31 + at / 256);
        try self.dir.dir.writeFile(std.testing.io, .{ .sub_path = "table", .data = &self.content });
        self.path = self.path_bytes[0..try self.dir.dir.realPathFile(std.testing.io, "table", &self.path_bytes)];
    }

    fn deinit(self: *File) void {
        self.dir.cleanup();
    }
};

fn otherBuffers() !ac.memory.PoolStats {
    return (try ac.memory.pools()).of(.buffers_other);
}

test "a part of a file is a buffer until its last reference goes" {
    var file: File = undefined;
    try file.init();
    defer file.deinit();
    const before = try otherBuffers();
    for ([_]ac.Buffer.Part{
        .{},
        .{ .size = 10 },
        .{ .offset = 1, .size = 5000 },
        .{ .offset = 4096, .size = 4096 },
        .{ .offset = 5000 },
    }) |part| {
        const buffer: ac.Buffer = try .map(file.path, part, null);
        const size = if (part.size == 0) file_size - part.offset else part.size;
        try std.testing.expectEqualSlices(u8, file.content[part.offset..][0..size], buffer.bytes);
        const other = try buffer.retain();
        buffer.deinit();
        try expectEqual(before.in_use + 1, (try otherBuffers()).in_use);
        try expectEqual(file.content[part.offset], other.bytes[0]);
        other.deinit();
        try expectEqual(before.in_use, (try otherBuffers()).in_use);
        try expectError(error.Stale, other.retain());
    }
}

test "what cannot be mapped is an error that says why" {
    var file: File = undefined;
    try file.init();
    defer file.deinit();
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    try expectError(error.NotFound, ac.Buffer.map("no/such/file", .{}, &why));
    try expect(why.message().len > 0);
    try expectError(error.Io, ac.Buffer.map("/dev/null", .{}, &why));
    try expectError(error.InvalidArgument, ac.Buffer.map("", .{}, &why));
    try expectError(error.InvalidArgument, ac.Buffer.map(file.path, .{ .offset = file_size }, &why));
    try expectError(error.InvalidArgument, ac.Buffer.map(file.path, .{ .size = file_size + 1 }, &why));
    try expect(why.message().len > 0);
}

/// Keeps the tables that it is sent, and passes them on.
const Reader = struct {
    seen: *[readers_max]?[*]const u8,
    index: usize,
    kept: ?ac.Buffer = null,
    size: usize = 0,

    const Message = union(enum(u32)) {
        table: []const u8 = 1,
        pass: u64 = 2,
        let_go: void = 3,
        size: void = 4,
        get: void = 5,
    };

    pub fn handle(self: *Reader, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .table => |bytes| {
                self.size = bytes.len;
                self.letGo();
                self.kept = try .of(ctx);
                if (self.kept) |kept| self.seen[self.index] = kept.bytes.ptr;
            },
            .pass => |to| try ctx.tellBuffer((ac.Actor{ .bits = to }).as(Message), .table, self.kept.?),
            .let_go => self.letGo(),
            .size => try ctx.reply(@as(u64, self.size)),
            .get => try ctx.replyBuffer(self.kept.?),
        }
    }

    fn letGo(self: *Reader) void {
        if (self.kept) |kept| kept.deinit();
        self.kept = null;
    }

    pub fn deinit(self: *Reader) void {
        self.letGo();
    }
};

const readers_max = 20;

test "one buffer is read by many actors without a copy, from outside and from a handler, and ends after the last" {
    const size = 10_000;
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    var seen: [readers_max]?[*]const u8 = @splat(null);
    var readers: [readers_max]ac.Ref(Reader.Message) = undefined;
    for (&readers, 0..) |*reader, index| {
        reader.* = try system.spawn(Reader, .{ .seen = &seen, .index = index }, .{}, null);
    }
    const before = try otherBuffers();
    var room: []u8 = undefined;
    const table: ac.Buffer = try .init(size, &room);
    @memset(room, 3);
    for (readers[0 .. readers_max - 1]) |reader| try system.tellBuffer(reader, .table, table);
    const start = table.bytes.ptr;
    table.deinit();
    try system.settle(ac.never);
    try system.tell(readers[0], .{ .pass = readers[readers_max - 1].bits });
    try system.settle(ac.never);
    for (seen) |one| try expectEqual(start, one.?);
    try expectEqual(before.gets + 1, (try otherBuffers()).gets);
    try expectEqual(size, try system.ask(u64, readers[readers_max - 1], .size, ac.never));
    var answer = try system.askReply(readers[1], .get, ac.never);
    try expectEqual(start, (try answer.as([]const u8)).ptr);
    answer.deinit();
    for (readers[1..]) |reader| try system.tell(reader, .let_go);
    try system.settle(ac.never);
    try expectEqual(before.in_use + 1, (try otherBuffers()).in_use);
    try expectEqual(3, seen[0].?[size - 1]);
    try system.stopActor(readers[0].actor(), .{});
    try system.settle(ac.never);
    try expectEqual(before.in_use, (try otherBuffers()).in_use);
}

test "a file goes to an actor as it is, a short part in the message, and what is refused stays the caller's" {
    var file: File = undefined;
    try file.init();
    defer file.deinit();
    const before = try otherBuffers();
    {
        const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
        defer system.deinit();
        var seen: [readers_max]?[*]const u8 = @splat(null);
        const reader = try system.spawn(Reader, .{ .seen = &seen, .index = 0 }, .{}, null);
        const whole: ac.Buffer = try .map(file.path, .{}, null);
        defer whole.deinit();
        try system.tellBuffer(reader, .table, whole);
        try expectEqual(file_size, try system.ask(u64, reader, .size, ac.never));
        try expectEqual(whole.bytes.ptr, seen[0].?);
        const short: ac.Buffer = try .map(file.path, .{ .offset = 7, .size = 32 }, null);
        defer short.deinit();
        try system.tellBuffer(reader, .table, short);
        try expectEqual(32, try system.ask(u64, reader, .size, ac.never));
        try system.stopActor(reader.actor(), .{});
        try system.settle(ac.never);
        try expectError(error.Stale, system.tellBuffer(reader, .table, whole));
        try expectEqual(before.in_use + 2, (try otherBuffers()).in_use);
    }
    try expectEqual(before.in_use, (try otherBuffers()).in_use);
}
