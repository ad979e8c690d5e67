const std = @import("std");
const ac = @import("actorcore.zig");
const hosts = @import("host_test.zig");
const Host = hosts.Host;
const inEveryMode = hosts.inEveryMode;
const expect = std.testing.expect;
const expectError = std.testing.expectError;

/// Has three floors; on each it writes down its own letter for a note. It goes up and down, stays where it falls, and
/// is on the ground for its restart and its end.
const Lift = struct {
    log: *hosts.Log,

    const Message = union(enum(u32)) {
        note: void = 1,
        up: void = 2,
        across: void = 3,
        down: void = 4,
        fail: void = 5,
        high: void = 6,
        stranger: void = 7,
        open: void = 8,
        restarting: void = ac.number.restarting,
        restarted: void = ac.number.restarted,
        stopping: void = ac.number.stopping,
        stopped: void = ac.number.stopped,
    };

    pub fn handle(self: *Lift, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .up => try ctx.become(first, .{}),
            .across => try ctx.become(second, .{ .replace = true }),
            .down => try expectError(error.NotFound, ctx.unbecome()),
            else => try self.common(ctx, message, 'g'),
        }
    }

    fn first(self: *Lift, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .up => try ctx.become(second, .{}),
            .across => try ctx.become(second, .{ .replace = true }),
            .down => try ctx.unbecome(),
            else => try self.common(ctx, message, '1'),
        }
    }

    fn second(self: *Lift, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .down => try ctx.unbecome(),
            else => try self.common(ctx, message, '2'),
        }
    }

    fn common(self: *Lift, ctx: *ac.Context, message: Message, floor: u8) !void {
        switch (message) {
            .note => try self.log.add(ctx, floor),
            .fail => return error.Asked,
            .high => {
                for (0..64) |_| try ctx.become(first, .{});
                try expectError(error.Limit, ctx.become(second, .{}));
                try ctx.become(second, .{ .replace = true });
            },
            .stranger => try expectError(error.InvalidArgument, ctx.become(Stranger.handle, .{})),
            .open => try ctx.unstash(0),
            inline .restarting, .restarted, .stopping, .stopped => |_, tag| {
                try self.log.add(ctx, @tagName(tag)[@tagName(tag).len - 1]);
                try self.log.add(ctx, floor);
            },
            else => try ctx.stash(),
        }
    }
};

const Stranger = struct {
    pub fn handle(_: *Stranger, _: *ac.Context, _: void) void {}
};

fn tellAll(host: *Host, lift: ac.Ref(Lift.Message), messages: []const Lift.Message) !void {
    for (messages) |message| try host.system.tell(lift, message);
    try host.settle();
}

test "an actor becomes another function, or several on top of each other, and goes back, all in one batch" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const lift = try host.spawn(Lift, .{ .log = log }, .{});
            try tellAll(host, lift, &.{ .note, .up, .note, .up, .note, .down, .note, .down, .note, .down, .note });
            try log.expect("g121gg");
        }
    }.tell);
}

test "a function that replaces another leaves what is below it, and the first one stays" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const lift = try host.spawn(Lift, .{ .log = log }, .{});
            try tellAll(host, lift, &.{ .up, .across, .note, .down, .note, .across, .note, .down, .note });
            try log.expect("2g2g");
        }
    }.tell);
}

test "a restart and a stop go back to the first function" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const above = try host.spawn(Stranger, .{}, .{ .children = .{ .strategy = .restart } });
            const lift = try host.spawn(Lift, .{ .log = log }, .{ .supervisor = above.actor() });
            try tellAll(host, lift, &.{ .up, .up, .note, .fail, .note });
            try log.expect("2g2dgg");
            try tellAll(host, lift, &.{.up});
            try host.system.stopActor(lift.actor(), .{});
            try host.settle();
            try log.expect("2g2dgg" ++ "ggdg");
        }
    }.tell);
}

test "an actor that is killed high up leaves nothing behind" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const lift = try host.spawn(Lift, .{ .log = log }, .{});
            try tellAll(host, lift, &.{ .high, .note });
            try host.system.killActor(lift.actor());
            try host.settle();
            try log.expect("2");
            try expect(!try host.system.isAlive(lift.actor()));
        }
    }.tell);
}

test "a function of another actor is refused" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const lift = try host.spawn(Lift, .{ .log = log }, .{});
            try tellAll(host, lift, &.{ .stranger, .note });
            try log.expect("g");
        }
    }.tell);
}

test "what one function stashes another may handle" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const lift = try host.spawn(Lift, .{ .log = log }, .{});
            // On the second floor `up` waits in the stash, however often that is opened; on the ground it is wanted.
            try tellAll(host, lift, &.{ .across, .up, .note, .open, .note, .down, .note, .open, .note });
            try log.expect("22g1");
            try std.testing.expectEqual(0, (try host.ledger()).stashed);
        }
    }.tell);
}

test "an actor that hears nothing of its life goes back on a restart too" {
    const Plain = struct {
        log: *hosts.Log,
        const Message = union(enum(u32)) { note: void = 1, up: void = 2 };
        pub fn handle(self: *@This(), ctx: *ac.Context, message: Message) !void {
            if (message == .up) return ctx.become(up, .{});
            try self.log.add(ctx, 'g');
        }
        fn up(self: *@This(), ctx: *ac.Context, _: Message) !void {
            try self.log.add(ctx, '1');
        }
    };
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const plain = try host.spawn(Plain, .{ .log = log }, .{});
            for ([_]Plain.Message{ .note, .up, .note }) |message| try host.system.tell(plain, message);
            try host.settle();
            try host.system.restartActor(plain.actor());
            try host.system.tell(plain, .note);
            try host.settle();
            try log.expect("g1g");
        }
    }.tell);
}
