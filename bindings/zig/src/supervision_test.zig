const std = @import("std");
const ac = @import("actorcore.zig");
const hosts = @import("host_test.zig");
const Host = hosts.Host;
const inEveryMode = hosts.inEveryMode;
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;
const expectEqualStrings = std.testing.expectEqualStrings;

const ms = std.time.ns_per_ms;

/// Writes down what it hears of its life: S started, w work, ! where it fails, r restarting, R restarted, t stopping,
/// T stopped, F told of a failure, and D where its state ends.
const Life = struct {
    log: *hosts.Log,
    decision: ?ac.Supervision.Strategy = null,
    /// Since the actor began, or began anew.
    worked: u64 = 0,

    const Message = union(enum(u32)) {
        work: void = 11,
        fail: void = 12,
        restart: void = 13,
        worked: void = 14,
        started: void = ac.number.started,
        restarting: void = ac.number.restarting,
        restarted: void = ac.number.restarted,
        stopping: void = ac.number.stopping,
        stopped: void = ac.number.stopped,
        failed: ac.Failed = ac.number.failed,
    };

    pub fn handle(self: *Life, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .started => try self.log.add(ctx, 'S'),
            .restarting => try self.log.add(ctx, 'r'),
            .restarted => {
                try self.log.add(ctx, 'R');
                self.* = .{ .log = self.log };
            },
            .stopping => try self.log.add(ctx, 't'),
            .stopped => try self.log.add(ctx, 'T'),
            .work => {
                try self.log.add(ctx, 'w');
                self.worked += 1;
            },
            .fail => {
                try self.log.add(ctx, '!');
                return ctx.fail("after {d}", .{self.worked});
            },
            .restart => try ctx.restart(),
            .worked => try ctx.reply(self.worked),
            .failed => |failed| {
                try self.log.add(ctx, 'F');
                const failure = try ctx.system().failure(failed.number);
                try expectEqual(failed.actor, failure.actor);
                try expectEqual(@backingInt(Message.fail), failed.type);
                try expectEqualStrings("zig Life: after 2", failure.text());
                if (self.decision) |decision| try ctx.decide(failed.actor, decision);
            },
        }
    }

    pub fn deinit(self: *Life) void {
        self.log.letters[self.log.size] = 'D';
        self.log.size += 1;
    }
};

const Ref = ac.Ref(Life.Message);

/// work, work, fail, work, work: all queued before the first is handled.
fn tellFive(host: *Host, to: Ref) !void {
    var envelopes: [5]ac.Envelope = undefined;
    var batch = host.system.batch(&envelopes);
    for ([_]Life.Message{ .work, .work, .fail, .work, .work }) |message| try batch.tell(to, message);
    try batch.send();
    try expectEqual(0, batch.refused);
}

/// A supervisor with one child that was told five messages.
const Pair = struct {
    above: hosts.Log = .{},
    below: hosts.Log = .{},
    supervisor: Ref = .{},
    child: Ref = .{},

    fn play(self: *Pair, host: *Host, children: ac.Supervision, decision: ?ac.Supervision.Strategy) !void {
        const options: ac.System.Spawn = .{ .children = children };
        self.supervisor = try host.spawn(Life, .{ .log = &self.above, .decision = decision }, options);
        try host.settle();
        self.child = try host.spawn(Life, .{ .log = &self.below }, .{ .supervisor = self.supervisor.actor() });
        try tellFive(host, self.child);
        try host.settle();
    }
};

test "a restarted actor keeps its id and its mailbox, loses the message in hand and makes its state anew" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair = try host.make(Pair{});
            try pair.play(host, .{ .strategy = .restart }, null);
            try pair.below.expect("Sww!rRww");
            try pair.above.expect("S");
            try expectEqual(2, try host.system.ask(u64, pair.child, .worked, ac.never));
            const ledger = try host.ledger();
            try expectEqual(1, ledger.failed);
            try expectEqual(0, ledger.buried());
            const above = try host.system.supervision(pair.supervisor.actor());
            try expectEqual(1, above.restarted);
            try expectEqual(1, above.children);
            try expectEqual(1, (try host.system.supervision(pair.child.actor())).restarts);
            _ = try host.system.stop(0, null);
            try pair.below.expect("Sww!rRwwtTD");
            try pair.above.expect("StTD");
        }
    }.tell);
}

test "a resumed actor goes on with the next message and its state" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair = try host.make(Pair{});
            try pair.play(host, .{ .strategy = .@"resume" }, null);
            try pair.below.expect("Sww!ww");
            try expectEqual(4, try host.system.ask(u64, pair.child, .worked, ac.never));
            try expectEqual(1, (try host.system.supervision(pair.supervisor.actor())).resumed);
        }
    }.tell);
}

test "a child that its supervisor stops hears of it, and its mail is dead" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair = try host.make(Pair{});
            try pair.play(host, .{ .strategy = .stop }, null);
            try pair.below.expect("Sww!tTD");
            try pair.above.expect("S");
            try expectEqual(2, (try host.ledger()).deadBy(.failed));
            try expectEqual(0, (try host.system.supervision(pair.supervisor.actor())).children);
        }
    }.tell);
}

test "by default a child stops, and its supervisor is told" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair = try host.make(Pair{});
            try pair.play(host, .{}, null);
            try pair.below.expect("Sww!tTD");
            try pair.above.expect("SF");
        }
    }.tell);
}

test "a supervisor decides on what it sees of the failure, or the child stops" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const all: ac.Supervision = .{ .strategy = .decide };
            const pairs = try host.make(@as([4]Pair, @splat(.{})));
            try pairs[0].play(host, all, null);
            try pairs[0].below.expect("Sww!tTD");
            try pairs[1].play(host, all, .stop);
            try pairs[1].below.expect("Sww!tTD");
            try pairs[2].play(host, all, .restart);
            try pairs[2].below.expect("Sww!rRww");
            try pairs[3].play(host, all, .@"resume");
            try pairs[3].below.expect("Sww!ww");
            for (pairs) |*pair| try pair.above.expect("SF");
            try expectError(error.NotFound, host.system.decide(pairs[3].child.actor(), .stop));
        }
    }.tell);
}

test "an escalated failure is the supervisor's, and stops it where nobody is above" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const top = try host.make(hosts.Log{});
            const pair = try host.make(Pair{});
            const above = try host.spawn(Life, .{ .log = top }, .{ .children = .{ .strategy = .restart } });
            pair.supervisor = try host.spawn(Life, .{ .log = &pair.above }, .{
                .supervisor = above.actor(),
                .children = .{ .strategy = .escalate },
            });
            try host.settle();
            pair.child = try host.spawn(Life, .{ .log = &pair.below }, .{ .supervisor = pair.supervisor.actor() });
            try tellFive(host, pair.child);
            try host.settle();
            try pair.above.expect("SrR");
            try pair.below.expect("Sww!tTD");
            try top.expect("S");
            try expectEqual(1, (try host.system.supervision(pair.supervisor.actor())).escalated);

            const orphans = try host.make(Pair{});
            try orphans.play(host, .{ .strategy = .escalate }, null);
            try orphans.above.expect("StTD");
            try orphans.below.expect("Sww!tTD");
        }
    }.tell);
}

/// A supervisor and three children, of which the second fails.
const Family = struct {
    above: hosts.Log = .{},
    below: [3]hosts.Log = @splat(.{}),
    supervisor: Ref = .{},
    children: [3]Ref = undefined,

    fn play(self: *Family, host: *Host, strategy: ac.Supervision.Strategy) !void {
        const options: ac.System.Spawn = .{ .children = .{ .strategy = strategy } };
        self.supervisor = try host.spawn(Life, .{ .log = &self.above }, options);
        for (&self.children, &self.below) |*child, *log| {
            child.* = try host.spawn(Life, .{ .log = log }, .{ .supervisor = self.supervisor.actor() });
        }
        try host.settle();
        try host.system.tell(self.children[1], .fail);
        try host.settle();
    }

    fn expectLogs(self: *const Family, logs: [3][]const u8) !void {
        for (&self.below, logs) |*log, letters| try log.expect(letters);
        try self.above.expect("S");
    }
};

test "one child's failure may restart all, or those after it, or stop all" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const families = try host.make(@as([3]Family, @splat(.{})));
            try families[0].play(host, .restart_all);
            try families[0].expectLogs(.{ "SrR", "S!rR", "SrR" });
            try families[1].play(host, .rest_for_one);
            try families[1].expectLogs(.{ "S", "S!rR", "SrR" });
            try families[2].play(host, .stop_all);
            try families[2].expectLogs(.{ "StTD", "S!tTD", "StTD" });
        }
    }.tell);
}

test "more restarts than the intensity allows stop the child" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair = try host.make(Pair{});
            try pair.play(host, .{ .strategy = .restart, .restarts_max = 2, .on_limit = .stop }, null);
            for (0..2) |_| {
                try host.system.tell(pair.child, .fail);
                try host.settle();
            }
            try pair.below.expect("Sww!rRww!rR!tTD");
            const above = try host.system.supervision(pair.supervisor.actor());
            try expectEqual(3, above.failures);
            try expectEqual(2, above.restarted);
            try expectEqual(1, above.limited);
            try expectEqual(1, above.stopped);
        }
    }.tell);
}

test "each restart waits longer than the last, up to the longest, and mail waits with it" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const above = try host.make(hosts.Log{});
            const below = try host.make(hosts.Log{});
            const supervisor = try host.spawn(Life, .{ .log = above }, .{ .children = .{
                .strategy = .restart,
                .backoff_min_ns = 10 * ms,
                .backoff_max_ns = 35 * ms,
            } });
            const child = try host.spawn(Life, .{ .log = below }, .{ .supervisor = supervisor.actor() });
            for (0..4) |_| {
                try host.system.tell(child, .fail);
                try host.system.tell(child, .work);
                try host.settle();
            }
            try below.expect("S!rRw!rRw!rRw!rRw");
            for ([_]u64{ 10, 20, 35, 35 }, 0..) |wait, round| {
                const failed = 1 + 4 * round;
                try expectEqual(below.at_ns[failed], below.at_ns[failed + 1]);
                try expectEqual(wait * ms, below.at_ns[failed + 2] - below.at_ns[failed]);
            }
        }
    }.tell);
}

test "a child's own policy takes the place of its supervisor's" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair = try host.make(Pair{});
            const special = try host.make(hosts.Log{});
            try pair.play(host, .{ .strategy = .restart }, null);
            const own = try host.spawn(Life, .{ .log = special }, .{
                .supervisor = pair.supervisor.actor(),
                .supervision = .{ .strategy = .@"resume" },
            });
            try tellFive(host, own);
            try host.settle();
            try special.expect("Sww!ww");
        }
    }.tell);
}

test "a policy can be replaced, and one out of bounds is refused with what is wrong" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair = try host.make(Pair{});
            try pair.play(host, .{ .strategy = .restart }, null);
            const supervisor = pair.supervisor.actor();
            try host.system.supervise(supervisor, .{ .strategy = .@"resume" }, null);
            try host.system.tell(pair.child, .fail);
            try host.settle();
            try pair.below.expect("Sww!rRww!");
            for ([_]ac.Supervision{
                .{ .strategy = @fromBackingInt(9) },
                .{ .restarts_max = 1001 },
                .{ .on_limit = .restart },
                .{ .backoff_percent = 99 },
                .{ .jitter_percent = 101 },
                .{ .backoff_min_ns = 2, .backoff_max_ns = 1 },
            }) |wrong| {
                var why: ac.Diagnostics = .{};
                defer why.deinit();
                try expect(std.meta.isError(host.system.supervise(supervisor, wrong, &why)));
                try expect(why.message().len > 0);
            }
        }
    }.tell);
}

test "a restart stops the children first, unless they are kept" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            for ([_]bool{ false, true }) |keeps| {
                const above = try host.make(hosts.Log{});
                const below = try host.make(hosts.Log{});
                const supervisor = try host.spawn(Life, .{ .log = above }, .{ .keep_children = keeps });
                const child = try host.spawn(Life, .{ .log = below }, .{ .supervisor = supervisor.actor() });
                try host.settle();
                try host.system.restartActor(supervisor.actor());
                try host.settle();
                try above.expect("SrR");
                try below.expect(if (keeps) "S" else "StTD");
                try expectEqual(keeps, try host.system.isAlive(child.actor()));
                try host.system.stopActor(supervisor.actor(), .{});
                try host.settle();
            }
        }
    }.tell);
}

test "a restart comes at once, after what was sent before, or after the message in hand" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const actor = try host.spawn(Life, .{ .log = log }, .{});
            try host.system.tell(actor, .work);
            try host.system.tell(actor.actor().as(ac.Control), .restart);
            try host.system.tell(actor, .work);
            try host.settle();
            try log.expect("SwrRw");
            try host.system.tell(actor, .work);
            try host.system.restartActor(actor.actor());
            try host.settle();
            try log.expect("SwrRwrRw");
            try host.system.tell(actor, .restart);
            try host.system.tell(actor, .work);
            try host.settle();
            try log.expect("SwrRwrRwrRw");
            try expectEqual(3, (try host.system.supervision(actor.actor())).restarts);
            try expectEqual(0, (try host.ledger()).failed);
        }
    }.tell);
}

test "a killed actor hears nothing, nor do its children, and their states end" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            for ([_]bool{ false, true }) |by_message| {
                const above = try host.make(hosts.Log{});
                const below = try host.make(hosts.Log{});
                const supervisor = try host.spawn(Life, .{ .log = above }, .{});
                const child = try host.spawn(Life, .{ .log = below }, .{ .supervisor = supervisor.actor() });
                try host.settle();
                if (by_message) {
                    try host.system.tell(supervisor.actor().as(ac.Control), .kill);
                } else {
                    try host.system.killActor(supervisor.actor());
                }
                try host.settle();
                try above.expect("SD");
                try below.expect("SD");
                try expect(!try host.system.isAlive(child.actor()));
            }
        }
    }.tell);
}

/// Spawns two children, looks at its family, and changes what their failures lead to.
const Parent = struct {
    host: *Host,
    log: *hosts.Log,
    seen: *Seen,

    const Seen = struct { children: [2]ac.Actor = undefined, supervisor: ac.Actor = .none, count: u64 = 0 };
    const Message = union(enum(u32)) { look: void = 1 };

    pub fn handle(self: *Parent, ctx: *ac.Context, _: Message) !void {
        const options: ac.System.Spawn = .{ .supervisor = ctx.self(), .dispatcher = self.host.dispatcher };
        for (0..2) |_| _ = try ctx.spawn(Life, .{ .log = self.log }, options);
        try expectEqual(1, (try ctx.children(self.seen.children[0..1])).len);
        try expectEqual(2, (try ctx.children(&self.seen.children)).len);
        self.seen.supervisor = try ctx.supervisor();
        self.seen.count = (try ctx.supervision()).children;
        try ctx.supervise(.{ .strategy = .@"resume" });
        try ctx.tell(self.seen.children[1].as(Life.Message), .fail);
        try ctx.tell(self.seen.children[0].as(ac.Control), .stop);
    }
};

test "a family can be seen from inside and from outside" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const above = try host.make(hosts.Log{});
            const seen = try host.make(Parent.Seen{});
            const top = try host.spawn(Life, .{ .log = above }, .{});
            const parent = try host.spawn(Parent, .{ .host = host, .log = log, .seen = seen }, .{
                .supervisor = top.actor(),
            });
            try host.system.tell(parent, .look);
            try host.settle();
            try expectEqual(top.actor(), seen.supervisor);
            try expectEqual(2, seen.count);
            try expect(!try host.system.isAlive(seen.children[0]));
            try expect(try host.system.isAlive(seen.children[1]));
            var into: [2]ac.Actor = undefined;
            const children = try host.system.children(parent.actor(), &into);
            try expectEqual(1, children.len);
            try expectEqual(seen.children[1], children[0]);
            try expectEqual(parent.actor(), try host.system.supervisor(children[0]));
            try expect((try host.system.supervisor(top.actor())).isNone());
            try expectEqual(1, (try host.system.supervision(parent.actor())).resumed);
            try host.system.stopActor(top.actor(), .{});
            try host.settle();
            try expectError(error.Stale, host.system.supervision(parent.actor()));
        }
    }.tell);
}

/// Asks, waits for timers, and restarts meanwhile.
const Waiting = struct {
    log: *hosts.Log,
    other: ac.Actor,

    const Message = union(enum(u32)) {
        start: void = 1,
        once: void = 2,
        kept: void = 3,
        later: void = 4,
        answer: u64 = 0,
        timeout: void = ac.number.timeout,
        restarted: void = ac.number.restarted,
    };

    pub fn handle(self: *Waiting, ctx: *ac.Context, message: Message) !void {
        const me = ctx.self().as(Message);
        switch (message) {
            .start => {
                _ = try ctx.startTimer(me, .once, .after(ms));
                _ = try ctx.startTimer(me, .kept, .{ .delay_ns = 2 * ms, .kept_on_restart = true });
                try ctx.setReceiveTimeout(5 * ms);
                _ = try ctx.ask(self.other.as(Message), .later, 60 * ms);
                try ctx.restart();
            },
            .later => {
                try self.log.add(ctx, 'q');
                try ctx.reply(@as(u64, 1));
            },
            .once => try self.log.add(ctx, 'o'),
            .kept => try self.log.add(ctx, 'k'),
            .answer => try self.log.add(ctx, 'a'),
            .timeout => try self.log.add(ctx, 'i'),
            .restarted => try self.log.add(ctx, 'R'),
        }
    }
};

test "a restart ends timers but those that are kept, and leaves the actor's own asks under way" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const log = try host.make(hosts.Log{});
            const asked = try host.make(hosts.Log{});
            const other = try host.spawn(Waiting, .{ .log = asked, .other = .none }, .{});
            const waiting = try host.spawn(Waiting, .{ .log = log, .other = other.actor() }, .{});
            try host.system.tell(waiting, .start);
            try host.system.advance(20 * ms);
            try asked.expect("q");
            try log.expect("Rak");
            try expectEqual(2 * ms, log.at_ns[2]);
        }
    }.tell);
}

test "a stop ends the asks that the actor holds, and may come from a timer" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const Silent = struct {
                pub fn handle(_: *@This(), ctx: *ac.Context, _: void) !void {
                    try ctx.stash();
                }
            };
            const silent = try host.spawn(Silent, .{}, .{});
            _ = try host.system.startTimer(silent.actor().as(ac.Control), .stop, .after(ms));
            try expectError(error.NoReply, host.system.askReply(silent, {}, ac.never));
            try expectEqual(ms, try host.system.now());
            try expectEqual(1, (try host.ledger()).deadBy(.stopped));
        }
    }.tell);
}

test "the ask in hand fails at once though its actor restarts" {
    try inEveryMode(struct {
        fn tell(host: *Host) !void {
            const pair = try host.make(Pair{});
            try pair.play(host, .{ .strategy = .restart, .backoff_min_ns = ms }, null);
            const before = try host.system.now();
            try expectError(error.Failed, host.system.askReply(pair.child, .fail, ac.never));
            try expectEqual(before, try host.system.now());
            try expect(try host.system.isAlive(pair.child.actor()));
        }
    }.tell);
}

test "an actor fails for a reason in words, cut to fit, and each failure has its own" {
    const Wordy = struct {
        const Message = union(enum(u32)) { long: void = 1, swallow: void = 2, plain: void = 3 };
        pub fn handle(_: *@This(), ctx: *ac.Context, message: Message) !void {
            const long: [300]u8 = @splat('x');
            switch (message) {
                .long => return ctx.fail("{s}", .{&long}),
                .swallow => ctx.fail("not meant", .{}) catch {},
                .plain => return error.Handler,
            }
        }
    };
    const system: ac.System = try .init(gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const wordy = try system.spawn(Wordy, .{}, .{}, null);
    const other = try system.spawn(Wordy, .{}, .{}, null);
    try system.tell(wordy, .long);
    try system.settle(ac.never);
    try system.tell(other, .swallow);
    try system.tell(other, .plain);
    try system.settle(ac.never);
    const long = try system.failure(1);
    try expectEqualStrings("zig Wordy: xxx", long.text()[0..14]);
    try expectEqual(211, long.text().len);
    try expectEqualStrings("zig Wordy: error.Handler", (try system.failure(2)).text());
    try expectError(error.NotFound, system.failure(3));
    try expectError(error.NotFound, system.failure(0));
}

test "a seed gives one trace of a family that fails in every mode" {
    const Trace = struct {
        var hashes: [3]u64 = undefined;
        var count: usize = 0;

        fn tell(host: *Host) !void {
            const family = try host.make(Family{});
            try family.play(host, .rest_for_one);
            for (family.children) |child| try tellFive(host, child);
            try host.settle();
            hashes[count] = try host.system.traceHash();
            count += 1;
        }
    };
    try inEveryMode(Trace.tell);
    try expectEqual(Trace.hashes[0], Trace.hashes[1]);
    try expectEqual(Trace.hashes[0], Trace.hashes[2]);
}
