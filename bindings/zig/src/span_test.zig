//! Spans of traces: what messages and requests carry.
const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectEqualStrings = std.testing.expectEqualStrings;
const expectError = std.testing.expectError;

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const Log = struct {
    seen: [8]ac.Trace = @splat(.{}),
    count: usize = 0,
    /// Messages without a span.
    without: usize = 0,
    answers: [8]usize = @splat(0),
    answered: usize = 0,
    failed: ac.Status = .ok,
};

const Message = union(enum(u32)) {
    pass: u64 = 1,
    ask: u64 = 2,
    ask_all: u64 = 3,
    ask_failed: ac.AskFailed = ac.number.ask_failed,
    answer: u32 = 0,
};

/// Looks at the span of what it is told, and passes it on in a child.
const Tracer = struct {
    log: *Log,
    next: ?ac.Ref(Message) = null,
    asked: []const ac.Ref(Message) = &.{},
    correlations: [8]u64 = @splat(0),

    pub fn handle(self: *Tracer, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .pass => |word| {
                const span = try self.look(ctx);
                const next = self.next orelse return;
                try ctx.tellIn(try span.child(word), next, .{ .pass = word });
                _ = try span.end();
            },
            .ask => |word| {
                _ = self.look(ctx) catch {};
                try ctx.reply(@as(u32, @intCast(word + 1)));
            },
            .ask_all => |bits| {
                const span = ctx.system().spanOf(bits);
                try ctx.askManyIn(span, Message, self.asked, .{ .ask = 4 }, ac.never, &self.correlations);
            },
            .ask_failed => |failed| self.log.failed = failed.status,
            .answer => |word| {
                if (word != 5) return error.WhoAnswered;
                if (ctx.span()) |_| return error.AnswersCarryNone else |_| {}
                for (self.correlations[0..self.asked.len], 0..) |asked, at| {
                    if (asked | ac.reply_bit == ctx.correlation()) self.log.answers[at] += 1;
                }
                self.log.answered += 1;
            },
        }
    }

    fn look(self: *Tracer, ctx: *ac.Context) !ac.Span {
        errdefer self.log.without += 1;
        const span = try ctx.span();
        self.log.seen[self.log.count] = try span.trace();
        self.log.count += 1;
        return span;
    }
};

test "a traceparent that was read is written as it was" {
    const trace: ac.Trace = try .parse(traceparent);
    try expectEqual(ac.Trace.sampled, trace.flags);
    try expectEqual(0x4b, trace.trace_id[0]);
    try expectEqual(0xb7, trace.span_id[7]);
    var text: [ac.Trace.text_bytes]u8 = undefined;
    try expectEqualStrings(traceparent, try trace.print(&text));
    for ([_][]const u8{ "", traceparent[1..], traceparent ++ "-", "ff" ++ traceparent[2..] }) |wrong| {
        try expectError(error.InvalidArgument, ac.Trace.parse(wrong));
    }
    try expectError(error.InvalidArgument, (ac.Trace{}).print(&text));
}

test "a message carries its span" {
    var logs: [2]Log = @splat(.{});
    const system: ac.System = try .init(gpa, .{ .seed = 4 }, null);
    defer system.deinit();
    const last = try system.spawn(Tracer, .{ .log = &logs[1] }, .{}, null);
    const first = try system.spawn(Tracer, .{ .log = &logs[0], .next = last }, .{}, null);
    const remote: ac.Trace = try .parse(traceparent);
    const span = try system.beginSpan(remote, 7);
    const trace = try span.trace();
    try expectEqual(remote.trace_id, trace.trace_id);
    try expectEqual(remote.span_id, trace.parent_id);
    try system.tellIn(span, first, .{ .pass = 3 });
    try system.settle(ac.never);
    try expectEqual(1, logs[0].count);
    try expectEqual(trace, logs[0].seen[0]);
    try expectError(error.Stale, span.trace());
    var room: [8]ac.Span.Record = undefined;
    const open = try system.spans(&room);
    try expectEqual(1, open.len);
    try expectEqual(logs[1].seen[0], open[0].trace);
    try expectEqual(trace.span_id, open[0].trace.parent_id);
    const record = try system.spanOf(open[0].handle.bits).end();
    try expectEqual(3, record.tag);
    try expectEqual(ac.Span.Stats{ .begun = 2, .ended = 2 }, try system.spanStats());
}

test "an ask keeps the span of its request" {
    for ([_]u64{ 0, 3 }) |seed| {
        var log: Log = .{};
        const system: ac.System = try .init(gpa, .{ .seed = seed }, null);
        defer system.deinit();
        const server = try system.spawn(Tracer, .{ .log = &log }, .{}, null);
        const span = try system.beginSpan(null, 0);
        const trace = try span.trace();
        var replies: [2]ac.Reply = @splat(.{});
        var statuses: [2]ac.Status = undefined;
        const to = [_]ac.Ref(Message){ server, server };
        try expectEqual(2, try system.askManyIn(span, Message, &to, .{ .ask = 1 }, ac.never, &replies, &statuses));
        for (&replies) |*reply| {
            try expectEqual(2, try reply.as(u32));
            reply.deinit();
        }
        try expectEqual(2, try system.ask(u32, server, .{ .ask = 1 }, ac.never));
        try expectEqual(2, log.count);
        try expectEqual(1, log.without);
        for (log.seen[0..2]) |seen| try expectEqual(trace, seen);
        _ = try span.end();
        const late = system.askManyIn(span, Message, &to, .{ .ask = 1 }, ac.never, &replies, &statuses);
        try expectError(error.Stale, late);
    }
}

test "an ask of one carries a span" {
    for ([_]u64{ 0, 3 }) |seed| {
        var log: Log = .{};
        const system: ac.System = try .init(gpa, .{ .seed = seed }, null);
        defer system.deinit();
        const server = try system.spawn(Tracer, .{ .log = &log }, .{}, null);
        const span = try system.beginSpan(null, 0);
        const trace = try span.trace();
        try expectEqual(2, try system.askIn(span, u32, server, .{ .ask = 1 }, ac.never));
        var reply = try system.askReplyIn(span, server, .{ .ask = 2 }, ac.never);
        defer reply.deinit();
        try expectEqual(3, try reply.as(u32));
        try expectEqual(2, log.count);
        for (log.seen[0..2]) |seen| try expectEqual(trace, seen);
        try system.stopActor(server.actor(), .{});
        try system.settle(ac.never);
        try expectError(error.Stale, system.askIn(span, u32, server, .{ .ask = 1 }, ac.never));
        _ = try span.end();
        try expectError(error.Stale, system.askReplyIn(span, server, .{ .ask = 1 }, ac.never));
        try expect((try system.ledger()).holds());
    }
}

test "many are asked inside a handler" {
    var logs: [4]Log = @splat(.{});
    var log: Log = .{};
    var servers: [4]ac.Ref(Message) = undefined;
    const system: ac.System = try .init(gpa, .{ .seed = 9 }, null);
    defer system.deinit();
    for (&servers, &logs) |*server, *its| server.* = try system.spawn(Tracer, .{ .log = its }, .{}, null);
    try system.stopActor(servers[2].actor(), .{});
    try system.settle(ac.never);
    const asker = try system.spawn(Tracer, .{ .log = &log, .asked = &servers }, .{}, null);
    const span = try system.beginSpan(null, 0);
    try system.tell(asker, .{ .ask_all = span.bits() });
    try system.settle(ac.never);
    try expectEqual(3, log.answered);
    try expectEqual([8]usize{ 1, 1, 0, 1, 0, 0, 0, 0 }, log.answers);
    try expectEqual(ac.Status.e_stale, log.failed);
    for (logs, 0..) |its, at| {
        try expectEqual(@as(usize, if (at == 2) 0 else 1), its.count);
        if (at != 2) try expectEqual(try span.trace(), its.seen[0]);
    }
    _ = try span.end();
    try expect((try system.ledger()).holds());
}
