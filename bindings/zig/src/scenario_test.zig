//! The scenario that every language repeats, as tests/abi/scenario.h of the library defines it: a seed gives the same
//! trace hash in all of them.
const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expectEqual = std.testing.expectEqual;

const Root = struct {
    count: u64 = 0,
    sum: u64 = 0,

    const Message = union(enum(u32)) { note: u64 = 2, sum: void = 4, failed: ac.Failed = ac.number.failed };
    const Answer = struct {
        pub const number = 5;
        sum: u64,
    };

    pub fn handle(self: *Root, ctx: *ac.Context, message: Message) !void {
        const noted: u64 = switch (message) {
            .note => |x| x,
            .sum => return ctx.reply(Answer{ .sum = self.sum }),
            .failed => |failure| failure.type,
        };
        self.count += 1;
        self.sum +%= noted;
    }
};

const Worker = struct {
    scenario: *Scenario,

    const Message = union(enum(u32)) {
        work: u64 = 1,
        query: u64 = 3,
        answer: u64 = 5,
        ignore: void = 6,
        hatch: u64 = 7,
        fail: void = 8,
        resolve: u64 = 9,
        ask_failed: ac.AskFailed = ac.number.ask_failed,
    };

    pub fn handle(self: *Worker, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .work => |n| try self.work(ctx, n),
            .query => |n| _ = if (n == 0)
                try ctx.ask(self.scenario.root, .sum, 1_000_000_000)
            else
                try ctx.ask(self.scenario.workers[n], .ignore, 1_000_000),
            .answer => |x| try self.note(ctx, x),
            .ask_failed => |end| try self.note(ctx, @intCast(-@backingInt(end.status))),
            .ignore => {},
            .hatch => |n| {
                const child = try ctx.spawn(Worker, self.*, self.scenario.options());
                try ctx.tell(child, .{ .work = n });
            },
            .fail => return error.Asked,
            .resolve => |n| try self.resolve(ctx, n),
        }
    }

    fn note(self: *Worker, ctx: *ac.Context, x: u64) !void {
        try ctx.tell(self.scenario.root, .{ .note = x });
    }

    fn work(self: *Worker, ctx: *ac.Context, n: u64) !void {
        if (n % 3 == 0) try self.note(ctx, n);
        if (n == 0) return;
        const random = try ctx.system().random();
        try ctx.tell(self.scenario.workers[random % 4], .{ .work = n - 1 });
    }

    fn resolve(self: *Worker, ctx: *ac.Context, n: u64) !void {
        const scenario = self.scenario;
        try scenario.entity.put(.{ .system = scenario.base, .contributions = &.{
            .{ .dimension = scenario.strength, .value = @floatFromInt(n) },
            .{ .dimension = scenario.strength, .bucket = .mult, .value = 0.5 },
        } });
        const snapshot = try scenario.entity.resolve(.{}, null);
        defer snapshot.deinit();
        try self.note(ctx, @bitCast(try snapshot.value(.derived, scenario.power)));
    }
};

const registry =
    \\{"dimensions": {"strength": {"use_pipeline": true, "clamp_default": {"min": 0, "max": 1000}},
    \\  "power": {"use_pipeline": true, "clamp_default": {"min": 0, "max": 1000},
    \\            "formula": {"terms": {"strength": 2.5}, "constant": 1}}}}
;

const Scenario = struct {
    root: ac.Ref(Root.Message) = .{},
    workers: [4]ac.Ref(Worker.Message) = @splat(.{}),
    entity: ac.Entity = .{},
    strength: ac.Name = .none,
    power: ac.Name = .none,
    base: ac.Name = .none,

    dispatcher: ?ac.Dispatcher,

    const Result = struct { sum: u64, hash: u64 };

    fn run(seed: u64, mode: ac.Dispatcher.Mode) !Result {
        const system: ac.System = try .init(gpa, .{ .seed = seed }, null);
        defer system.deinit();
        const engine: ac.Engine = try .init(system, .{}, null);
        defer engine.deinit();
        try engine.load(.{ .text = registry }, null);
        const dispatcher: ?ac.Dispatcher = if (mode == .@"inline") null else try system.dispatcher(.{ .mode = mode }, null);
        var self: Scenario = .{
            .dispatcher = dispatcher,
            .entity = try engine.entity(.{ .id = "hero" }, null),
            .strength = try engine.name("strength"),
            .power = try engine.name("power"),
            .base = try engine.name("base"),
        };
        defer self.entity.deinit();

        var worker: ?ac.Worker = if (dispatcher) |one| try one.attach(.{ .pinned = false }, null) else null;
        defer if (worker) |*one| one.deinit();
        const thread: ?std.Thread = if (worker) |*one| try std.Thread.spawn(.{}, drive, .{one}) else null;
        defer if (thread) |one| one.join();
        defer _ = system.stop(std.time.ns_per_s, null) catch {};

        self.root = try system.spawn(Root, .{}, .{ .name = "root", .dispatcher = dispatcher }, null);
        for (&self.workers) |*ref| ref.* = try system.spawn(Worker, .{ .scenario = &self }, self.options(), null);
        try self.play(system);
        const sum = try self.ask(system);
        const hash = try system.traceHash();
        try std.testing.expect((try system.ledger()).holds());
        return .{ .sum = sum, .hash = hash };
    }

    /// How every worker is made, by the main thread and by a worker.
    fn options(self: *const Scenario) ac.System.Spawn {
        return .{ .dispatcher = self.dispatcher, .supervisor = self.root.actor() };
    }

    fn drive(worker: *ac.Worker) void {
        while (worker.turn(ac.never) catch |err| std.debug.panic("{t}", .{err})) {}
    }

    fn ask(self: *Scenario, system: ac.System) !u64 {
        return (try system.ask(Root.Answer, self.root, .sum, std.time.ns_per_s)).sum;
    }

    fn play(self: *Scenario, system: ac.System) !void {
        for (self.workers, 10..) |worker, n| try system.tell(worker, .{ .work = n });
        try system.settle(ac.never);
        _ = try self.ask(system);
        try system.tell(self.workers[0], .{ .query = 0 });
        try system.tell(self.workers[1], .{ .query = 2 });
        try system.settle(ac.never);
        try system.tell(self.workers[2], .{ .hatch = 4 });
        try system.settle(ac.never);
        try system.tell(self.workers[0], .{ .resolve = 20 });
        try system.settle(ac.never);
        try system.tell(self.workers[3], .fail);
        try system.tell(self.workers[3], .{ .work = 5 });
        try system.settle(ac.never);
        try system.stopActor(self.workers[1].actor(), .{ .drain = true });
        try system.settle(ac.never);
        try system.tell(self.workers[2], .{ .work = 9 });
        try system.settle(ac.never);
    }
};

test "the scenario gives the same hash in every mode and run, and another with another seed" {
    const first = try Scenario.run(42, .@"inline");
    try expectEqual(first, try Scenario.run(42, .@"inline"));
    try expectEqual(first, try Scenario.run(42, .attached));
    for (1..10) |seed| try std.testing.expect((try Scenario.run(seed, .@"inline")).hash != first.hash);
}
