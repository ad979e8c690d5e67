//! Timers and receive timeouts, in virtual time.
const std = @import("std");
const ac = @import("actorcore.zig");

const ms = std.time.ns_per_ms;

const Log = struct { at: [8]u64 = @splat(0), silent: [8]bool = @splat(false), count: usize = 0 };

const Clock = struct {
    log: *Log,
    timer: ?ac.Timer = null,

    const Message = union(enum(u32)) { begin: u64 = 1, tick: u64 = 2, timeout: void = ac.number.timeout };

    pub fn handle(self: *Clock, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .begin => |number| {
                if (ctx.timer() != null) return error.NoTimerSentThis;
                try ctx.setReceiveTimeout(15 * ms);
                const timing: ac.Timing = .{ .delay_ns = ms, .period_ns = 10 * ms };
                self.timer = try ctx.startTimer(ctx.self().as(Message), .{ .tick = number }, timing);
                return;
            },
            .tick => |number| {
                if (number != 7 or !std.meta.eql(ctx.timer(), self.timer)) return error.WhoSentThis;
                if (self.log.count == 2 and !self.timer.?.cancel()) return error.ItHadEnded;
            },
            .timeout => self.log.silent[self.log.count] = true,
        }
        self.log.at[self.log.count] = try ctx.system().now();
        self.log.count += 1;
    }
};

test "timers fire at their times until they are cancelled" {
    var log: Log = .{};
    const system: ac.System = try .init(std.testing.allocator, .{ .seed = 1 }, null);
    defer system.deinit();
    const clock = try system.spawn(Clock, .{ .log = &log }, .{}, null);
    try system.tell(clock, .{ .begin = 7 });
    try system.advance(52 * ms);
    try std.testing.expectEqual(5, log.count);
    try std.testing.expectEqualSlices(u64, &.{ ms, 11 * ms, 21 * ms, 36 * ms, 51 * ms }, log.at[0..5]);
    try std.testing.expectEqualSlices(bool, &.{ false, false, false, true, true }, log.silent[0..5]);
}

test "a timer ends with its actor" {
    var log: Log = .{};
    const system: ac.System = try .init(std.testing.allocator, .{}, null);
    defer system.deinit();
    const clock = try system.spawn(Clock, .{ .log = &log }, .{}, null);
    const once = try system.startTimer(clock, .{ .tick = 1 }, .after(std.math.maxInt(u64)));
    const often = try system.startTimer(clock, .{ .tick = 1 }, .every(std.time.ns_per_hour));
    try std.testing.expectEqual(0, (try often.stats()).sent);
    try std.testing.expect(once.cancel() and !once.cancel());
    try system.stopActor(clock.actor(), .{});
    try system.settle(ac.never);
    try std.testing.expectError(error.Stale, often.stats());
    try std.testing.expectError(error.Stale, system.startTimer(clock, .{ .tick = 1 }, .after(0)));
    try std.testing.expectError(error.WrongMode, system.advance(1));
}
