const std = @import("std");
const ac = @import("actorcore.zig");
const hosts = @import("host_test.zig");
const Host = hosts.Host;
const inEveryMode = hosts.inEveryMode;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;

/// Stashes its work until it is told to open, and keeps what it handles in order.
const Door = struct {
    seen: *Seen,
    is_open: bool = false,

    const Seen = struct {
        work: [64]u64 = undefined,
        count: usize = 0,
        refused: u32 = 0,
        bytes: u64 = 0,

        fn expectUpTo(self: *const Seen, count: usize) !void {
            try expectEqual(count, self.count);
            for (self.work[0..count], 0..) |value, expected| try expectEqual(expected, value);
        }
    };

    const Message = union(enum(u32)) {
        work: u64 = 1,
        open: void = 2,
        some: u64 = 3,
        shut: void = 4,
        fail: void = 5,
        long: []const u8 = 6,
        ask: u64 = 7,
        twice: void = 8,
        started: void = ac.number.started,
    };

    pub fn handle(self: *Door, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .started => try std.testing.expectError(error.InvalidArgument, ctx.stash()),
            .work => |value| {
                if (!self.is_open) return self.wait(ctx);
                self.seen.work[self.seen.count] = value;
                self.seen.count += 1;
            },
            .long => |bytes| {
                if (!self.is_open) return self.wait(ctx);
                self.seen.bytes += if (std.mem.allEqual(u8, bytes, 'l')) bytes.len else 0;
            },
            .ask => |value| {
                if (!self.is_open) return self.wait(ctx);
                try ctx.reply(value + 1);
            },
            .open => {
                self.is_open = true;
                try ctx.unstash(0);
            },
            .some => |most| {
                self.is_open = true;
                try ctx.unstash(most);
            },
            .shut => self.is_open = false,
            .fail => return error.Asked,
            .twice => {
                try ctx.stash();
                try std.testing.expectError(error.InvalidArgument, ctx.stash());
            },
        }
    }

    fn wait(self: *Door, ctx: *ac.Context) !void {
        ctx.stash() catch |err| switch (err) {
            error.Full => self.seen.refused += 1,
            else => return err,
        };
    }
};

const Ref = ac.Ref(Door.Message);

fn open(host: *Host, seen: *Door.Seen, options: ac.System.Spawn) !Ref {
    return host.spawn(Door, .{ .seen = seen }, options);
}

fn tellWork(host: *Host, door: Ref, from: u64, until: u64) !void {
    for (from..until) |value| try host.system.tell(door, .{ .work = value });
}

test "what was stashed comes back first and in order, whatever came with it in one batch" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const seen = try host.make(Door.Seen{});
            const door = try open(host, seen, .{});
            try tellWork(host, door, 0, 10);
            try host.settle();
            try expectEqual(10, (try host.ledger()).stashed);
            try tellWork(host, door, 10, 15); // stashed in the batch that opens
            try host.system.tell(door, .open);
            try tellWork(host, door, 15, 20);
            try host.settle();
            try seen.expectUpTo(20);
            const ledger = try host.ledger();
            try expectEqual(0, ledger.stashed);
            try expectEqual(21, ledger.handled);
        }
    }.tell);
}

test "a part of the stash can be put back" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const seen = try host.make(Door.Seen{});
            const door = try open(host, seen, .{});
            try tellWork(host, door, 0, 10);
            try host.system.tell(door, .{ .some = 4 });
            try host.settle();
            try seen.expectUpTo(4);
            try expectEqual(6, (try host.ledger()).stashed);
            try host.system.tell(door, .open);
            try host.settle();
            try seen.expectUpTo(10);
        }
    }.tell);
}

test "a full stash refuses and leaves the message in hand" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const seen = try host.make(Door.Seen{});
            const door = try open(host, seen, .{ .stash_max = 3 });
            try tellWork(host, door, 0, 5);
            try host.settle();
            try expectEqual(2, seen.refused);
            const ledger = try host.ledger();
            try expectEqual(3, ledger.stashed);
            try expectEqual(2, ledger.handled);
        }
    }.tell);
}

test "the stash of an actor that ends is dead letters" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            for ([_]bool{ false, true }) |fails| {
                const door = try open(host, try host.make(Door.Seen{}), .{});
                try tellWork(host, door, 0, 5);
                try host.settle();
                if (fails) {
                    try host.system.tell(door, .fail);
                } else {
                    try host.system.stopActor(door.actor(), .{ .drain = true });
                }
                try host.settle();
                try expectEqual(5, (try host.ledger()).deadBy(if (fails) .failed else .stopped));
            }
        }
    }.tell);
}

test "a restart puts the stash back, before what came later" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const seen = try host.make(Door.Seen{});
            const above = try open(host, try host.make(Door.Seen{}), .{ .children = .{ .strategy = .restart } });
            const door = try open(host, seen, .{ .supervisor = above.actor() });
            try tellWork(host, door, 0, 5);
            try host.settle();
            try host.system.tell(door, .fail);
            try tellWork(host, door, 5, 8);
            try host.settle();
            try expectEqual(8, (try host.ledger()).stashed); // handled again, and shut as before
            try host.system.tell(door, .open);
            try host.settle();
            try seen.expectUpTo(8);
        }
    }.tell);
}

test "long payloads and requests can wait in the stash" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const seen = try host.make(Door.Seen{});
            const door = try open(host, seen, .{});
            const long: [5_000]u8 = @splat('l');
            try host.system.tell(door, .{ .long = &long });
            _ = try host.system.startTimer(door, .open, .after(std.time.ns_per_ms));
            try expectEqual(42, try host.system.ask(u64, door, .{ .ask = 41 }, ac.never));
            try expectEqual(5_000, seen.bytes);
            try expectEqual(std.time.ns_per_ms, try host.system.now());
        }
    }.tell);
}

test "a message is stashed once" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const door = try open(host, try host.make(Door.Seen{}), .{});
            try host.system.tell(door, .twice);
            try host.settle();
            try expectEqual(1, (try host.ledger()).stashed);
            try expect(try host.system.isAlive(door.actor()));
        }
    }.tell);
}

test "the actors of one turn each have a stash of their own" {
    const system: ac.System = try .init(std.testing.allocator, .{}, null);
    defer system.deinit();
    const dispatcher = try system.dispatcher(.{ .mode = .attached }, null);
    var worker = try dispatcher.attach(.{}, null);
    defer worker.deinit();
    var seen: [8]Door.Seen = @splat(.{});
    var doors: [8]Ref = undefined;
    for (&seen, &doors) |*one, *door| {
        door.* = try system.spawn(Door, .{ .seen = one }, .{ .dispatcher = dispatcher }, null);
        for (0..5) |value| try system.tell(door.*, .{ .work = value });
    }
    while ((try system.ledger()).queued > 0) _ = try worker.turn(0);
    _ = worker.turn(0) catch |err| try expectEqual(error.Timeout, err); // ends the last one
    try expectEqual(40, (try system.ledger()).stashed);
    for (doors[1..]) |door| try system.tell(door, .open);
    while (worker.turn(0)) |_| {} else |err| try expectEqual(error.Timeout, err);
    for (seen[1..]) |*one| try one.expectUpTo(5);
    try seen[0].expectUpTo(0);
    try expectEqual(5, (try system.ledger()).stashed);
    try expect((try system.ledger()).holds());
    const stopper = try std.Thread.spawn(.{}, stopAtOnce, .{system});
    while (try worker.turn(ac.never)) {}
    stopper.join();
}

fn stopAtOnce(system: ac.System) void {
    _ = system.stop(0, null) catch {};
}
