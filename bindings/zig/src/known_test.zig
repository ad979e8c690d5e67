const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;
const expectEqualStrings = std.testing.expectEqualStrings;

const second = std.time.ns_per_s;

/// Writes down what the system tells it.
const Known = struct {
    log: *Log,
    next: ac.Actor = .none,

    const Log = struct {
        text: [512]u8 = undefined,
        size: usize = 0,

        fn add(self: *Log, comptime format: []const u8, arguments: anytype) void {
            self.size += (std.fmt.bufPrint(self.text[self.size..], format, arguments) catch unreachable).len;
        }

        fn read(self: *const Log) []const u8 {
            return self.text[0..self.size];
        }
    };

    const Message = union(enum(u32)) {
        ask_next: void = 1,
        double: u64 = 2,
        silence: void = 3,
        cancel: void = 4,
        write_to_next: void = 5,
        registered: []const u8 = ac.number.registered,
        unregistered: []const u8 = ac.number.unregistered,
        dead_letters: []const u8 = ac.number.dead_letters,
        phase: []const u8 = ac.number.phase,
        watchdog: ac.WatchdogReport = ac.number.watchdog,
        ask_failed: ac.AskFailed = ac.number.ask_failed,
    };

    pub fn handle(self: *Known, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .ask_next => _ = try ctx.ask(self.next.as(Message), .silence, second),
            .double => |number| try ctx.reply(2 * number),
            .silence => self.log.add("wanted:{}", .{ctx.isWanted()}),
            .cancel => try ctx.cancel(try ctx.ask(self.next.as(Message), .silence, second)),
            .write_to_next => try ctx.tell(self.next.as(Message), .silence),
            .registered => |payload| self.log.add("+{s} ", .{ac.Registration.read(payload).name()}),
            .unregistered => |payload| self.log.add("-{s} ", .{ac.Registration.read(payload).name()}),
            .dead_letters => |payload| self.log.add("{d} dead", .{ac.DeadLetters.read(payload).count}),
            .phase => |payload| {
                const phase: ac.Phase = .read(payload);
                self.log.add("{s} ", .{phase.name()});
                if (!std.mem.eql(u8, phase.name(), "drain")) try ctx.system().phaseDone(phase, ctx.self());
            },
            .watchdog => |report| self.log.add("{s}", .{report.text()}),
            .ask_failed => {},
        }
    }
};

const Narcissus = struct {
    const Message = union(enum(u32)) {
        ask_myself: void = 1,
        silence: void = 2,
        ask_failed: ac.AskFailed = ac.number.ask_failed,
    };

    pub fn handle(_: *Narcissus, ctx: *ac.Context, message: Message) !void {
        if (message == .ask_myself) _ = try ctx.ask(ctx.self().as(Message), .silence, second);
    }
};

test "a subscriber hears of names" {
    const system: ac.System = try .init(gpa, .{ .seed = 7 }, null);
    defer system.deinit();
    var heard: Known.Log = .{};
    var ignored: Known.Log = .{};
    const listener = (try system.spawn(Known, .{ .log = &heard }, .{}, null)).actor();
    const other = (try system.spawn(Known, .{ .log = &ignored }, .{}, null)).actor();
    try system.register("svc/a", other, .{});
    try system.subscribeNames("svc/*", listener);
    try system.register("svc/b", other, .{ .shared = true });
    try system.unregister("svc/a", other);
    try expectError(error.Exists, system.register("svc/b", listener, .{}));
    var into: [4]ac.Registration = undefined;
    const names = try system.names("*", null, &into);
    try expectEqual(1, names.len);
    try expectEqualStrings("svc/b", names[0].name());
    try expect(names[0].isShared());
    try system.stopActor(other, .{});
    try system.settle(ac.never);
    try expectEqualStrings("+svc/a +svc/b -svc/a -svc/b ", heard.read());
    try system.registerType(1, "AskNext");
    try expectEqualStrings("AskNext", try system.typeName(1));
}

test "a subscriber hears of dead letters, and the watchdog reports asks in a circle" {
    const system: ac.System = try .init(gpa, .{ .seed = 7 }, null);
    defer system.deinit();
    var letters: Known.Log = .{};
    var reports: Known.Log = .{};
    var ignored: Known.Log = .{};
    const listener = (try system.spawn(Known, .{ .log = &letters }, .{}, null)).actor();
    const reader = (try system.spawn(Known, .{ .log = &reports }, .{}, null)).actor();
    const dead = (try system.spawn(Known, .{ .log = &ignored }, .{}, null)).actor();
    const sender = try system.spawn(Known, .{ .log = &ignored, .next = dead }, .{}, null);
    try system.subscribeDeadLetters(listener, &.{.stale});
    try system.stopActor(dead, .{});
    try system.settle(ac.never);
    try system.tell(sender, .write_to_next);
    try system.settle(ac.never);
    try expectEqualStrings("1 dead", letters.read());

    // An actor that asks itself waits for itself.
    const narcissus = try system.spawn(Narcissus, .{}, .{ .name = "narcissus" }, null);
    try system.startWatchdog(.{ .interval_ns = 1_000_000, .report_to = reader }, null);
    try system.tell(narcissus, .ask_myself);
    try system.settle(ac.never);
    try expectEqualStrings("`narcissus` waits for `narcissus`", reports.read());
    var kept: [4]ac.WatchdogReport = undefined;
    const all = try system.watchdogReports(0, &kept);
    try expectEqual(1, all.len);
    try expectEqual(.cycle, all[0].kind);
    try expectEqual(1, all[0].actors().len);
    try system.stopWatchdog();
    var rows: [2]ac.ActorInfo = undefined;
    var cursor: u64 = 0;
    var count: usize = 0;
    while (true) {
        const page = try system.listActors(cursor, &rows);
        count += page.rows.len;
        cursor = page.next;
        if (cursor == 0) break;
    }
    try expectEqual(4, count);
}

test "a stop goes through phases" {
    const system: ac.System = try .init(gpa, .{ .seed = 7 }, null);
    defer system.deinit();
    var log: Known.Log = .{};
    const actor = (try system.spawn(Known, .{ .log = &log }, .{}, null)).actor();
    try system.addPhase("drain", "service", second);
    try system.joinPhase("storage", actor);
    try system.joinPhase("drain", actor);
    _ = try system.stop(ac.never, null);
    try expectEqualStrings("drain storage ", log.read());
    var into: [64]ac.PhaseInfo = undefined;
    for (try system.phases(&into)) |phase| {
        const timed_out = std.mem.eql(u8, phase.name[0..phase.size], "drain");
        try expectEqual(if (timed_out) raw.AC_PHASE_TIMED_OUT else raw.AC_PHASE_COMPLETE, phase.state);
    }
    var who: [2]ac.Actor = undefined;
    const silent = try system.unanswered("drain", &who);
    try expectEqual(1, silent.len);
    try expectEqual(actor.bits, silent[0].bits);
}

const raw = ac.raw;

test "many are asked at once, and a request is cancelled" {
    const system: ac.System = try .init(gpa, .{ .seed = 7 }, null);
    defer system.deinit();
    var log: Known.Log = .{};
    const first = try system.spawn(Known, .{ .log = &log }, .{}, null);
    const other = try system.spawn(Known, .{ .log = &log, .next = first.actor() }, .{}, null);
    var replies: [2]ac.Reply = @splat(.{});
    var statuses: [2]ac.Status = undefined;
    try expectEqual(2, try system.askMany(@TypeOf(first).Message, &.{ first, other }, .{ .double = 21 }, ac.never, &replies, &statuses));
    for (&replies) |*reply| {
        defer reply.deinit();
        try expectEqual(42, try reply.as(u64));
    }
    try system.tell(other, .cancel);
    try system.settle(ac.never);
    try expectEqualStrings("wanted:false", log.read());
}
