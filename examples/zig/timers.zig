//! timers: a cook who boils an egg by the clock. A message after a delay and one after each period,
//! both started from outside and by a handler for its own actor; their cancelling and their end;
//! and what an actor is told that has had no message for a while. Time is virtual: it moves from
//! one timer to the next while `advance` runs, so that every run prints the same in no time.
//!
//! Prints what the cook does and at which time, what came of the timers that never fired, and how
//! many messages that were.
const std = @import("std");
const ac = @import("actorcore");

const ms = std.time.ns_per_ms;
const hour = std.time.ns_per_hour;

const Cook = struct {
    out: *std.Io.Writer,
    stirring: ?ac.Timer = null,
    stirred: u32 = 0,
    idle: u32 = 0,

    const Message = union(enum(u32)) {
        begin: void = 1,
        stir: void = 2,
        done: void = 3,
        serve: void = 4,
        bell: void = 5,
        timeout: void = ac.number.timeout,
    };

    pub fn handle(self: *Cook, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .begin => {
                try self.say(ctx, "begins", .{});
                try ctx.setReceiveTimeout(25 * ms);
                self.stirring = try ctx.startTimer(ctx.self().as(Message), .stir, .every(10 * ms));
            },
            .stir => try self.stir(ctx),
            .done => {
                try self.say(ctx, "the egg is done", .{});
                _ = try ctx.startTimer(ctx.self().as(Message), .serve, .after(20 * ms));
            },
            .serve => try self.say(ctx, "the egg is served", .{}),
            .bell => try self.say(ctx, "the bell rings", .{}),
            .timeout => {
                self.idle += 1;
                if (self.idle < 2) return self.say(ctx, "has had nothing to do for 25 ms", .{});
                try self.say(ctx, "has had nothing to do for 25 ms again, and goes", .{});
                ctx.stop();
            },
        }
    }

    fn stir(self: *Cook, ctx: *ac.Context) !void {
        // A message that was sent before its timer was cancelled still comes; it is known by its timer.
        if (!std.meta.eql(ctx.timer(), self.stirring)) return;
        self.stirred += 1;
        if (self.stirred < 3) return self.say(ctx, "stirs, {d}", .{self.stirred});
        try self.say(ctx, "stirs, 3 and no more", .{});
        if (!self.stirring.?.cancel()) return ctx.fail("the stirring had ended", .{});
        self.stirring = null;
    }

    /// Prints what the cook does, with the time.
    fn say(self: *Cook, ctx: *ac.Context, comptime what: []const u8, arguments: anytype) !void {
        try self.out.print("cook: at {d} ms " ++ what ++ "\n", .{try ctx.system().now() / ms} ++ arguments);
    }
};

fn yesNo(is: bool) []const u8 {
    return if (is) "yes" else "no";
}

pub fn main(init: std.process.Init) !void {
    var buffer: [256]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    const out = &stdout.interface;
    const system: ac.System = try .init(init.gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const cook = try system.spawn(Cook, .{ .out = out }, .{}, null);
    _ = try system.startTimer(cook, .done, .after(35 * ms));
    const once = try system.startTimer(cook, .bell, .after(hour));
    const hourly = try system.startTimer(cook, .bell, .every(hour));
    try system.tell(cook, .begin);

    try system.settle(ac.never);
    try out.print("main: quiet at {d} ms, for timers that wait are no work\n", .{try system.now() / ms});
    try system.advance(60 * ms);
    try out.print(
        "main: at {d} ms, the bell was waiting: {s}, and after its cancelling: {s}\n",
        .{ try system.now() / ms, yesNo(once.cancel()), yesNo(once.cancel()) },
    );
    const stats = try hourly.stats();
    try out.print(
        "main: the hourly bell has rung {d} times and is due at {d} s\n",
        .{ stats.sent, stats.next_ns / std.time.ns_per_s },
    );
    try system.advance(2 * hour);
    const has_ended = if (hourly.stats()) |_| false else |err| err == error.Stale;
    try out.print(
        "main: at {d} s, the hourly bell has ended with the cook: {s}\n",
        .{ try system.now() / std.time.ns_per_s, yesNo(has_ended) },
    );

    const ledger = try system.ledger();
    try out.print("main: accepted {d}, handled {d}\n", .{ ledger.accepted, ledger.handled });
    _ = try system.stop(std.time.ns_per_s, null);
    try out.flush();
}
