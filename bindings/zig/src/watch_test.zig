const std = @import("std");
const ac = @import("actorcore.zig");
const hosts = @import("host_test.zig");
const Host = hosts.Host;
const inEveryMode = hosts.inEveryMode;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;

/// Watches and links as it is told, and keeps what it hears of others' ends.
const Watcher = struct {
    heard: *Heard,

    const Heard = struct { terminated: u32 = 0, exits: u32 = 0, last: ac.Ended = undefined };
    const Message = union(enum(u32)) {
        watch: ac.Actor = 1,
        unwatch: ac.Actor = 2,
        link: ac.Actor = 3,
        unlink: ac.Actor = 4,
        fail: void = 5,
        terminated: ac.Ended = ac.number.terminated,
        exit: ac.Ended = ac.number.exit,
    };

    pub fn handle(self: *Watcher, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .watch => |target| try ctx.watch(target),
            .unwatch => |target| try ctx.unwatch(target),
            .link => |other| try ctx.link(other),
            .unlink => |other| try ctx.unlink(other),
            .fail => return error.Asked,
            .terminated => |end| {
                self.heard.terminated += 1;
                self.heard.last = end;
            },
            .exit => |end| {
                self.heard.exits += 1;
                self.heard.last = end;
            },
        }
    }
};

const Ref = ac.Ref(Watcher.Message);

fn tellOne(host: *Host, to: Ref, message: Watcher.Message) !void {
    try host.system.tell(to, message);
    try host.settle();
}

/// Two actors, of which the first may trap exits.
const Pair = struct {
    one: Ref,
    other: Ref,
    heard: *Watcher.Heard,

    fn init(host: *Host, options: ac.System.Spawn) !Pair {
        const heard = try host.make([2]Watcher.Heard{ .{}, .{} });
        return .{
            .one = try host.spawn(Watcher, .{ .heard = &heard[0] }, options),
            .other = try host.spawn(Watcher, .{ .heard = &heard[1] }, .{}),
            .heard = &heard[0],
        };
    }

    /// Ends the other one, by a failure or by a stop.
    fn end(self: Pair, host: *Host, fails: bool) !void {
        if (fails) return tellOne(host, self.other, .fail);
        try host.system.stopActor(self.other.actor(), .{});
        try host.settle();
    }
};

test "a watcher is told once how the actor ended" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            for ([_]bool{ false, true }) |fails| {
                const pair: Pair = try .init(host, .{});
                try tellOne(host, pair.one, .{ .watch = pair.other.actor() });
                try host.system.watch(pair.one.actor(), pair.other.actor());
                try pair.end(host, fails);
                try expectEqual(1, pair.heard.terminated);
                try expectEqual(pair.other.actor(), pair.heard.last.actor);
                try expectEqual(if (fails) ac.Status.e_failed else .ok, pair.heard.last.status);
            }
        }
    }.tell);
}

test "who watches a dead actor is told at once" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair: Pair = try .init(host, .{});
            try pair.end(host, false);
            try tellOne(host, pair.one, .{ .watch = pair.other.actor() });
            try expectEqual(1, pair.heard.terminated);
            try expectEqual(ac.Status.e_stale, pair.heard.last.status);
            try expectError(error.Stale, host.system.watch(pair.other.actor(), pair.one.actor()));
            try expectError(error.InvalidArgument, host.system.watch(pair.one.actor(), pair.one.actor()));
        }
    }.tell);
}

test "who watches no more is told nothing" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair: Pair = try .init(host, .{});
            try expectError(error.NotFound, host.system.unwatch(pair.one.actor(), pair.other.actor()));
            try tellOne(host, pair.one, .{ .watch = pair.other.actor() });
            try tellOne(host, pair.one, .{ .unwatch = pair.other.actor() });
            try pair.end(host, true);
            try expectEqual(0, pair.heard.terminated);
        }
    }.tell);
}

test "a watch survives a restart on both sides" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair: Pair = try .init(host, .{});
            try host.system.watch(pair.one.actor(), pair.other.actor());
            try host.system.restartActor(pair.one.actor());
            try host.system.restartActor(pair.other.actor());
            try host.settle();
            try expectEqual(0, pair.heard.terminated);
            try host.system.killActor(pair.other.actor());
            try host.settle();
            try expectEqual(1, pair.heard.terminated);
        }
    }.tell);
}

test "linked actors fail together" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair: Pair = try .init(host, .{});
            try tellOne(host, pair.one, .{ .link = pair.other.actor() });
            try pair.end(host, true);
            try expect(!try host.system.isAlive(pair.one.actor()));
            try expectEqual(0, pair.heard.exits);
            try expectEqual(pair.one.actor(), (try host.system.failure(2)).actor);
            try expectEqual(ac.Status.e_failed, (try host.system.failure(2)).status);
            try expectError(error.Stale, host.system.link(pair.one.actor(), pair.other.actor()));
        }
    }.tell);
}

test "who traps exits is told of any end and lives on" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            for ([_]bool{ false, true }) |fails| {
                const pair: Pair = try .init(host, .{ .trap_exit = true });
                try host.system.link(pair.other.actor(), pair.one.actor());
                try pair.end(host, fails);
                try expect(try host.system.isAlive(pair.one.actor()));
                try expectEqual(1, pair.heard.exits);
                try expectEqual(0, pair.heard.terminated);
                try expectEqual(pair.other.actor(), pair.heard.last.actor);
                try expectEqual(if (fails) ac.Status.e_failed else .ok, pair.heard.last.status);
            }
        }
    }.tell);
}

test "an end that is no failure leaves a linked actor alone, and so does one after the link" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const stopped: Pair = try .init(host, .{});
            try host.system.link(stopped.one.actor(), stopped.other.actor());
            try stopped.end(host, false);
            try expect(try host.system.isAlive(stopped.one.actor()));

            const unlinked: Pair = try .init(host, .{});
            try tellOne(host, unlinked.one, .{ .link = unlinked.other.actor() });
            try tellOne(host, unlinked.other, .{ .unlink = unlinked.one.actor() });
            try expectError(error.NotFound, host.system.unlink(unlinked.one.actor(), unlinked.other.actor()));
            try unlinked.end(host, true);
            try expect(try host.system.isAlive(unlinked.one.actor()));
        }
    }.tell);
}
