//! chaos: threads ask, tell and time many actors without a pause while a tenth of these fail, are
//! killed, made anew and restarted by their supervisors, and overflow.
const std = @import("std");
const ac = @import("actorcore");
const measure = @import("measure.zig");
const workloads = @import("workloads.zig");
const Latch = measure.Latch;
const Result = measure.Result;
const Run = workloads.Run;
const Timer = measure.Timer;

const threads = 4;
const mailbox_max = 4;
const fail_every = 64;
const kill_every = 512;

/// What the handlers saw.
const Seen = struct {
    handled: std.atomic.Value(u64) = .init(0),
    failed: std.atomic.Value(u64) = .init(0),
    worked: std.atomic.Value(u64) = .init(0),
    alarms: Latch,
};

const Helper = struct {
    seen: *Seen,

    const Relay = extern struct { to: ac.Actor, number: u64 };
    const Message = union(enum(u32)) {
        work: u64 = 1,
        question: u64 = 2,
        relay: Relay = 3,
        alarm: void = 4,
    };

    pub fn handle(self: *Helper, ctx: *ac.Context, message: Message) !void {
        _ = self.seen.handled.fetchAdd(1, .monotonic);
        switch (message) {
            .work => |number| {
                try self.failAtSome(number);
                _ = self.seen.worked.fetchAdd(1, .monotonic);
            },
            .question => |number| {
                try self.failAtSome(number);
                try ctx.reply(number);
            },
            .relay => |relay| try ctx.tell(relay.to.as(Message), .{ .work = relay.number }),
            .alarm => self.seen.alarms.down(),
        }
    }

    fn failAtSome(self: *Helper, number: u64) !void {
        if (number % fail_every != 0) return;
        _ = self.seen.failed.fetchAdd(1, .monotonic);
        return error.Chaos;
    }
};

const Ref = ac.Ref(Helper.Message);

/// A thread outside, with victims of its own, so that it knows whom it has killed.
const Driver = struct {
    run: Run,
    seen: *Seen,
    random: u64,
    /// They never fail, and nobody kills them.
    steady: []const Ref,
    supervisor: Ref,
    victims: []Ref,
    /// By a victim, for a reason that was to be expected.
    refused: u64 = 0,
    answered: u64 = 0,

    fn next(self: *Driver) u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        return self.random >> 16;
    }

    fn spawnVictim(self: *Driver) !Ref {
        return self.run.system.spawn(Helper, .{ .seen = self.seen }, .{
            .supervisor = self.supervisor.actor(),
            .mailbox = .{ .capacity = mailbox_max },
        }, null);
    }

    fn ask(self: *Driver, to: Ref, number: u64) !void {
        const limit_ns = 10 * std.time.ns_per_s;
        const answer = try self.run.system.ask(u64, to, .{ .question = number }, limit_ns);
        self.answered += @intFromBool(answer == number);
    }

    /// Sends one message, to an actor that is steady (its number is odd) or to a victim. What
    /// becomes of it is seen where it ends.
    fn operate(self: *Driver, kind: u64, steady: Ref, victim: Ref) !void {
        const system = self.run.system;
        const number = self.next();
        const relay: Helper.Relay = .{ .to = victim.actor(), .number = number };
        const sent = switch (kind) {
            0 => {
                _ = try system.startTimer(steady, .alarm, .after(number % std.time.ns_per_ms));
                return;
            },
            1 => return self.ask(steady, number | 1) catch {},
            2 => self.ask(victim, number),
            3, 4 => return system.tell(steady, .{ .relay = relay }) catch {},
            5, 6 => system.tell(victim, .{ .work = number }),
            else => return system.tell(steady, .{ .work = number | 1 }) catch {},
        };
        sent catch |err| switch (err) {
            error.Full, error.Stale => self.refused += 1,
            else => {},
        };
    }

    fn drive(self: *Driver, count: u64) void {
        self.driveAll(count) catch |err| std.process.fatal("macro: chaos: {t}", .{err});
    }

    fn driveAll(self: *Driver, count: u64) !void {
        for (0..count) |number| {
            const steady = self.steady[self.next() % self.steady.len];
            const at = self.next() % self.victims.len;
            const victim = self.victims[at];
            switch (self.next() % kill_every) {
                0 => { // what is sent to it once more is for an actor that is gone
                    try self.run.system.killActor(victim.actor());
                    self.victims[at] = try self.spawnVictim();
                },
                1 => try self.run.system.restartActor(victim.actor()),
                else => {},
            }
            try self.operate(number % 10, steady, victim);
        }
    }
};

fn startDriver(run: Run, seen: *Seen, number: u64, steady: []const Ref, victims: []Ref) !Driver {
    const policy: ac.Supervision = .{
        .strategy = .restart,
        .backoff_min_ns = 100 * std.time.ns_per_us,
        .backoff_max_ns = std.time.ns_per_ms,
    };
    var driver: Driver = .{
        .run = run,
        .seen = seen,
        .random = (number + 1) *% 0x9e3779b97f4a7c15,
        .steady = steady,
        .supervisor = try run.system.spawn(
            Helper,
            .{ .seen = seen },
            .{ .children = policy },
            null,
        ),
        .victims = victims,
    };
    for (victims) |*victim| victim.* = try driver.spawnVictim();
    return driver;
}

/// `sizes[1]` operations by four threads on `sizes[0]` actors, beside a tenth as many victims.
pub fn chaos(run: Run) !Result {
    const each = (run.sizes[1] / threads / 10 + 1) * 10;
    const victims_each = run.sizes[0] / 10 / threads + 1;
    var seen: Seen = .{ .alarms = .init(run.io, threads * each / 10) };
    const refs = try run.gpa.alloc(Ref, run.sizes[0] + threads * victims_each);
    defer run.gpa.free(refs);
    const steady, const victims = .{ refs[0..run.sizes[0]], refs[run.sizes[0]..] };
    for (steady) |*ref| ref.* = try run.system.spawn(Helper, .{ .seen = &seen }, .{}, null);
    var drivers: [threads]Driver = undefined;
    for (&drivers, 0..) |*driver, number| {
        const its = victims[number * victims_each ..][0..victims_each];
        driver.* = try startDriver(run, &seen, number, steady, its);
    }
    const before = try run.system.ledger();
    var running: [threads]std.Thread = undefined;
    const timer: Timer = .start(run.io);
    for (&running, &drivers) |*thread, *driver| {
        thread.* = try .spawn(.{}, Driver.drive, .{ driver, each });
    }
    for (running) |thread| thread.join();
    seen.alarms.wait();
    var result = timer.stop(threads * each);
    try run.system.settle(10 * std.time.ns_per_s);
    result.chaos = try account(result.operations, &seen, &drivers, before, try run.system.ledger());
    for (drivers) |driver| { // its victims first
        try run.system.stopActor(driver.supervisor.actor(), .{});
    }
    try workloads.stopAll(run.system, steady);
    try run.system.settle(ac.never);
    return result;
}

/// Where the operations have ended, by the ledger and by what the program saw.
fn account(
    operations: u64,
    seen: *const Seen,
    drivers: []const Driver,
    before: ac.System.Ledger,
    after: ac.System.Ledger,
) !measure.Chaos {
    var refused: u64 = 0;
    var answered: u64 = 0;
    for (drivers) |driver| {
        refused += driver.refused;
        answered += driver.answered;
    }
    const late = after.deadBy(.late_reply) - before.deadBy(.late_reply);
    const dead = after.buried() - before.buried() - late;
    const failed = seen.failed.load(.monotonic);
    // All alarms were awaited.
    const succeeded = seen.worked.load(.monotonic) + answered + operations / 10;
    if (after.handled - before.handled != seen.handled.load(.monotonic) + answered or
        after.failed - before.failed != failed) return error.HandlersSawSomethingElse;
    const ended = succeeded + refused + failed + dead;
    const million = 1e6 / @as(f64, @floatFromInt(operations));
    const off = @max(operations, ended) - @min(operations, ended);
    const lost = million * @as(f64, @floatFromInt(off));
    if (lost >= 100) return error.OneIn10000Failed;
    return .{
        .failed = lost,
        .unsuccessful = million * @as(f64, @floatFromInt(operations - succeeded)),
        .refused = million * @as(f64, @floatFromInt(refused)),
        .crashed = million * @as(f64, @floatFromInt(failed)),
        .dead = million * @as(f64, @floatFromInt(dead)),
    };
}
