const std = @import("std");
const ac = @import("actorcore.zig");
const actors = @import("actor.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;
const expectEqualStrings = std.testing.expectEqualStrings;

const second = std.time.ns_per_s;

const Counter = struct {
    total: u64 = 0,

    const Message = union(enum(u32)) { add: u64 = 1, get: void = 2 };

    pub fn handle(self: *Counter, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .add => |number| self.total += number,
            .get => try ctx.reply(self.total),
        }
    }
};

fn start(options: ac.System.Options) !ac.System {
    return .init(gpa, options, null);
}

test "an actor handles what it is told and answers what it is asked" {
    const system = try start(.{});
    defer system.deinit();
    const counter = try system.spawn(Counter, .{ .total = 1 }, .{}, null);
    for (1..5) |number| try system.tell(counter, .{ .add = number });
    try expectEqual(11, try system.ask(u64, counter, .get, ac.never));
}

test "a state may ask for more alignment than a word" {
    const Wide = struct {
        total: u64 align(64) = 0,

        pub fn handle(self: *@This(), ctx: *ac.Context, number: u64) !void {
            self.total += number;
            try ctx.reply(@intFromPtr(&self.total) % 64);
        }
    };
    const system = try start(.{});
    defer system.deinit();
    for (0..5) |_| {
        const wide = try system.spawn(Wide, .{}, .{}, null);
        try expectEqual(0, try system.ask(u64, wide, 1, ac.never));
    }
}

test "names are found, taken and given back" {
    const system = try start(.{});
    defer system.deinit();
    const counter = try system.spawn(Counter, .{}, .{ .name = "counter" }, null);
    try expectEqual(counter.bits, (try system.find("counter")).bits);
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    try expectError(error.Exists, system.spawn(Counter, .{}, .{ .name = "counter" }, &why));
    try expect(why.message().len > 0);
    try expectError(error.NotFound, system.find("other"));
}

test "a stopped actor is stale and its state ends once" {
    const Ended = struct {
        count: *std.atomic.Value(u32),
        pub fn handle(_: *@This(), _: *ac.Context, _: u64) void {}
        pub fn deinit(self: *@This()) void {
            _ = self.count.fetchAdd(1, .monotonic);
        }
    };
    var count = std.atomic.Value(u32).init(0);
    const system = try start(.{});
    defer system.deinit();
    const one = try system.spawn(Ended, .{ .count = &count }, .{}, null);
    const other = try system.spawn(Ended, .{ .count = &count }, .{}, null);
    try system.stopActor(one.actor(), .{ .drain = true });
    try system.settle(ac.never);
    try expect(!try system.isAlive(one.actor()));
    try expect(try system.isAlive(other.actor()));
    try expectError(error.Stale, system.tell(one, 1));
    try expectEqual(1, count.load(.monotonic));
    const report = try system.stop(second, null);
    try expectEqual(1, report.actors);
    try expectEqual(2, count.load(.monotonic));
}

test "states that were not spawned are given back" {
    const system = try start(.{});
    defer system.deinit();
    var refs: [3]ac.Ref(Counter.Message) = undefined;
    _ = try system.spawn(Counter, .{}, .{ .name = "taken" }, null);
    try expectError(error.Exists, system.spawn(Counter, .{}, .{ .name = "taken" }, null));
    try expectError(error.InvalidArgument, system.spawnMany(Counter, &.{.{}}, &refs, .{}, null));
    const unknown: ac.Dispatcher = .{ .handle = .{ .bits = 12345 }, .mode = .@"inline" };
    try expect(std.meta.isError(system.spawnMany(Counter, &.{ .{}, .{}, .{} }, &refs, .{ .dispatcher = unknown }, null)));
}

test "many actors are made at once, each with its state" {
    const system = try start(.{});
    defer system.deinit();
    var states: [100]Counter = undefined;
    for (&states, 0..) |*state, index| state.* = .{ .total = index };
    var refs: [100]ac.Ref(Counter.Message) = undefined;
    try system.spawnMany(Counter, &states, &refs, .{}, null);
    for (refs, 0..) |ref, index| try expectEqual(index, try system.ask(u64, ref, .get, ac.never));
}

const Failing = struct {
    const Message = union(enum(u32)) { fail: void = 1, fine: void = 2 };
    pub fn handle(_: *Failing, ctx: *ac.Context, message: Message) !void {
        if (message == .fail) return error.Foo;
        try ctx.reply(@as(u64, 1));
    }
};

test "an error stops its actor, is named, and takes no other message down" {
    const system = try start(.{});
    defer system.deinit();
    const failing = try system.spawn(Failing, .{}, .{}, null);
    try expectError(error.Failed, system.askReply(failing, .fail, ac.never));
    try system.settle(ac.never);
    try expect(!try system.isAlive(failing.actor()));
    var into: [4]ac.System.Failure = undefined;
    const failures = try system.failures(0, &into);
    try expectEqual(1, failures.len);
    try expectEqualStrings("zig Failing: error.Foo", failures[0].text());
    try expectEqual(ac.Status.e_handler, failures[0].status);
    try expectEqual(1, failures[0].type);
    try expectEqual(failing.bits, failures[0].actor.bits);
    try expectEqual(1, (try system.ledger()).failed);
    try expect((try system.ledger()).holds());
}

test "what a failing actor had not handled is a dead letter" {
    const system = try start(.{ .seed = 1 });
    defer system.deinit();
    const failing = try system.spawn(Failing, .{}, .{}, null);
    try system.tell(failing, .fail);
    try system.tell(failing, .fine);
    try system.settle(ac.never);
    var into: [4]ac.System.DeadLetter = undefined;
    const letters = try system.deadLetters(0, &into);
    try expectEqual(1, letters.len);
    try expectEqual(2, letters[0].type);
    try expectEqual(1, (try system.ledger()).buried());
    try expect((try system.ledger()).holds());
}

test "a malformed or unknown message fails the actor by name" {
    const system = try start(.{});
    defer system.deinit();
    const Short = union(enum(u32)) { add: u32 = 1, unknown: void = 99 };
    const malformed = try system.spawn(Counter, .{}, .{}, null);
    const unknown = try system.spawn(Counter, .{}, .{}, null);
    try system.tell(malformed.actor().as(Short), .{ .add = 1 });
    try system.settle(ac.never);
    try system.tell(unknown.actor().as(Short), .unknown);
    try system.settle(ac.never);
    var into: [4]ac.System.Failure = undefined;
    const failures = try system.failures(0, &into);
    try expectEqual(2, failures.len);
    try expectEqualStrings("zig Counter: error.MalformedMessage", failures[0].text());
    try expectEqualStrings("zig Counter: error.UnknownMessage", failures[1].text());
}

test "an actor with `other` takes what its messages lack" {
    const Open = struct {
        seen: *u64,
        const Message = union(enum(u32)) { known: void = 1 };
        pub fn handle(_: *@This(), _: *ac.Context, _: Message) !void {}
        pub fn other(self: *@This(), ctx: *ac.Context) !void {
            self.seen.* += ctx.payload().len;
        }
    };
    var seen: u64 = 0;
    const system = try start(.{});
    defer system.deinit();
    const open = try system.spawn(Open, .{ .seen = &seen }, .{}, null);
    try system.tell(open.actor().as([]const u8), "five!");
    try system.settle(ac.never);
    try expectEqual(5, seen);
    try expect(try system.isAlive(open.actor()));
}

const Supervisor = struct {
    told: *ac.Failed,
    const Message = union(enum(u32)) { failed: ac.Failed = ac.number.failed };
    pub fn handle(self: *Supervisor, _: *ac.Context, message: Message) void {
        self.told.* = message.failed;
    }
};

test "a supervisor is told which actor failed" {
    var told: ac.Failed = undefined;
    const system = try start(.{});
    defer system.deinit();
    const supervisor = try system.spawn(Supervisor, .{ .told = &told }, .{}, null);
    const failing = try system.spawn(Failing, .{}, .{ .supervisor = supervisor.actor() }, null);
    try system.tell(failing, .fail);
    try system.settle(ac.never);
    try expectEqual(failing.bits, told.actor.bits);
    try expectEqual(ac.Status.e_handler, told.status);
    try expectEqual(1, told.number);
}

const Life = struct {
    log: *std.ArrayList(u8),
    const Message = union(enum(u32)) {
        started: void = ac.number.started,
        note: u8 = 1,
        finish: void = 2,
        stopped: void = ac.number.stopped,
    };
    pub fn handle(self: *Life, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .started => try self.log.append(gpa, '<'),
            .note => |letter| try self.log.append(gpa, letter),
            .finish => ctx.stop(),
            .stopped => try self.log.append(gpa, '>'),
        }
    }
    pub fn deinit(self: *Life) void {
        self.log.append(gpa, '.') catch {};
    }
};

test "started comes first and stopped last to those who have a message for them" {
    var log: std.ArrayList(u8) = .empty;
    defer log.deinit(gpa);
    const system = try start(.{});
    defer system.deinit();
    const life = try system.spawn(Life, .{ .log = &log }, .{}, null);
    try system.tell(life, .{ .note = 'a' });
    try system.tell(life, .{ .note = 'b' });
    try system.tell(life, .finish);
    try system.settle(ac.never);
    _ = try system.stop(second, null);
    try expectEqualStrings("<ab>.", log.items);
}

/// Asks, and keeps what came of it.
const Asker = struct {
    target: ac.Actor,
    asked: u64 = 0,
    got: *Got,

    const Got = struct { answer: u64 = 0, failed: ac.Status = .ok, matched: bool = false };
    const Message = union(enum(u32)) {
        get: void = 1,
        answer: u64 = 0,
        ask_failed: ac.AskFailed = ac.number.ask_failed,
    };

    pub fn handle(self: *Asker, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .get => self.asked = try ctx.ask(self.target.as(Failing.Message), .fine, second),
            .answer => |answer| {
                self.got.answer = answer;
                self.got.matched = ctx.correlation() == self.asked | ac.reply_bit;
            },
            .ask_failed => |end| self.got.failed = end.status,
        }
    }
};

test "an answer comes back as a message with the request's correlation" {
    var got: Asker.Got = .{};
    const system = try start(.{});
    defer system.deinit();
    const target = try system.spawn(Failing, .{}, .{}, null);
    const asker = try system.spawn(Asker, .{ .target = target.actor(), .got = &got }, .{}, null);
    try system.tell(asker, .get);
    try system.settle(ac.never);
    try expectEqual(Asker.Got{ .answer = 1, .matched = true }, got);
}

test "an ask of a dead actor ends with a reason" {
    var got: Asker.Got = .{};
    const system = try start(.{});
    defer system.deinit();
    const target = try system.spawn(Failing, .{}, .{}, null);
    try system.stopActor(target.actor(), .{});
    try system.settle(ac.never);
    const asker = try system.spawn(Asker, .{ .target = target.actor(), .got = &got }, .{}, null);
    try system.tell(asker, .get);
    try system.settle(ac.never);
    try expect(ac.isGone(got.failed) or got.failed == .e_no_reply);
    var into: [1]ac.System.Failure = undefined;
    try expectEqual(0, (try system.failures(0, &into)).len);
}

const Echo = struct {
    const Message = union(enum(u32)) { bytes: []const u8 = 1, none: void = 2 };
    pub fn handle(_: *Echo, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .bytes => |bytes| try ctx.reply(Message{ .bytes = bytes }),
            .none => try expectError(error.InvalidArgument, ctx.reply(@as(u64, 1))),
        }
    }
};

test "long payloads go there and back" {
    const system = try start(.{});
    defer system.deinit();
    const echo = try system.spawn(Echo, .{}, .{}, null);
    const long: [100_000]u8 = @splat('x');
    var reply = try system.askReply(echo, .{ .bytes = &long }, ac.never);
    defer reply.deinit();
    try expectEqual(echo.bits, reply.sender().bits);
    try std.testing.expectEqualSlices(u8, &long, (try reply.as(Echo.Message)).bytes);
}

test "a plain message cannot be answered" {
    const system = try start(.{});
    defer system.deinit();
    const echo = try system.spawn(Echo, .{}, .{}, null);
    try system.tell(echo, .none);
    try system.settle(ac.never);
    try expect(try system.isAlive(echo.actor()));
}

test "an answer of another type is not taken for the one asked for" {
    const system = try start(.{});
    defer system.deinit();
    const counter = try system.spawn(Counter, .{}, .{}, null);
    try expectError(error.MalformedMessage, system.ask(u32, counter, .get, ac.never));
}

test "an ask without an answer ends in time" {
    const system = try start(.{});
    defer system.deinit();
    const counter = try system.spawn(Counter, .{}, .{}, null);
    try expectError(error.Timeout, system.ask(u64, counter, .{ .add = 1 }, 1_000_000));
}

/// Hands every message to the target, then reports that it did.
const Relay = struct {
    target: ac.Actor,
    const Message = union(enum(u32)) { bytes: []const u8 = 1 };
    pub fn handle(self: *Relay, ctx: *ac.Context, _: Message) !void {
        try ctx.forward(self.target);
    }
};

/// Writes its payload where it will be read, without a copy.
const Writer = struct {
    target: ac.Ref(Echo.Message),
    pub fn handle(self: *Writer, ctx: *ac.Context, length: u64) !void {
        @memset(try ctx.tellBytes(self.target, .bytes, length), 'w');
    }
};

const Reader = struct {
    bytes: *u64,
    pub fn handle(self: *Reader, _: *ac.Context, message: Echo.Message) !void {
        if (!std.mem.allEqual(u8, message.bytes, 'w')) return error.Torn;
        self.bytes.* += message.bytes.len;
    }
};

test "bytes are written in place, whatever their length" {
    var bytes: u64 = 0;
    const system = try start(.{});
    defer system.deinit();
    const reader = try system.spawn(Reader, .{ .bytes = &bytes }, .{}, null);
    const writer = try system.spawn(Writer, .{ .target = reader }, .{}, null);
    for ([_]u64{ 0, 1, 32, 33, 4096 }) |length| try system.tell(writer, length);
    try system.settle(ac.never);
    try expectEqual(4162, bytes);
    try expect(try system.isAlive(reader.actor()));
}

test "a forwarded request is answered to its asker, its buffer included" {
    const system = try start(.{});
    defer system.deinit();
    const echo = try system.spawn(Echo, .{}, .{}, null);
    const relay = try system.spawn(Relay, .{ .target = echo.actor() }, .{}, null);
    for ([_][]const u8{ "short", "a payload that is longer than the envelope's own bytes" }) |bytes| {
        var reply = try system.askReply(relay, .{ .bytes = bytes }, ac.never);
        defer reply.deinit();
        try expectEqualStrings(bytes, (try reply.as(Echo.Message)).bytes);
    }
    try system.settle(ac.never);
    try expect((try system.ledger()).holds());
}

/// Spawns children, tells each a number, and sums what they send back.
const Parent = struct {
    sum: *u64,
    const Message = union(enum(u32)) { go: u64 = 1, child: u64 = 2 };
    const Child = struct {
        parent: ac.Ref(Message),
        pub fn handle(self: *Child, ctx: *ac.Context, number: u64) !void {
            try ctx.tell(self.parent, .{ .child = number });
            ctx.stop();
        }
    };
    pub fn handle(self: *Parent, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .go => |count| {
                for (0..count) |number| {
                    const child = try ctx.spawn(Child, .{ .parent = ctx.self().as(Message) }, .{});
                    try ctx.tell(child, number);
                }
            },
            .child => |number| self.sum.* += number,
        }
    }
};

test "more sends than the outbox holds all arrive" {
    var sum: u64 = 0;
    const system = try start(.{});
    defer system.deinit();
    const parent = try system.spawn(Parent, .{ .sum = &sum }, .{}, null);
    try system.tell(parent, .{ .go = 5_000 });
    try system.settle(ac.never);
    try expectEqual(5_000 * 4_999 / 2, sum);
    const stats = try system.stats();
    try expectEqual(5_001, stats.spawned);
    try expectEqual(5_000, stats.stopped);
}

test "a batch reaches everyone, and what is refused owns nothing" {
    const system = try start(.{});
    defer system.deinit();
    var refs: [10]ac.Ref(Counter.Message) = undefined;
    const states: [10]Counter = @splat(.{});
    try system.spawnMany(Counter, &states, &refs, .{}, null);
    try system.stopActor(refs[0].actor(), .{});
    try system.settle(ac.never);
    var envelopes: [7]ac.Envelope = undefined;
    var batch = system.batch(&envelopes);
    for (0..100) |number| try batch.tell(refs[number % 10], .{ .add = 1 });
    const long: [64]u8 = @splat(0);
    try batch.tell(refs[0].actor().as([]const u8), &long);
    try batch.send();
    try expectEqual(11, batch.refused);
    for (refs[1..]) |ref| try expectEqual(10, try system.ask(u64, ref, .get, ac.never));
    var none = system.batch(&.{});
    try expectError(error.BufferTooSmall, none.tell(refs[1], .get));
}

const Waiting = struct {
    result: *anyerror!void,
    pub fn handle(self: *Waiting, ctx: *ac.Context, _: void) void {
        self.result.* = ctx.system().settle(second);
    }
};

test "a call that waits is refused inside a handler" {
    var result: anyerror!void = {};
    const system = try start(.{});
    defer system.deinit();
    const waiting = try system.spawn(Waiting, .{ .result = &result }, .{}, null);
    try system.tell(waiting, {});
    try system.settle(ac.never);
    try expectError(error.WouldDeadlock, result);
}

test "an actor that runs out of memory for a child fails by name" {
    var failing: std.testing.FailingAllocator = .init(gpa, .{ .fail_index = 2 });
    const system: ac.System = try .init(failing.allocator(), .{ .workers = 1 }, null);
    defer system.deinit();
    var sum: u64 = 0;
    const parent = try system.spawn(Parent, .{ .sum = &sum }, .{}, null);
    try system.tell(parent, .{ .go = 1 });
    try system.settle(ac.never);
    var into: [1]ac.System.Failure = undefined;
    try expectEqualStrings("zig Parent: error.OutOfMemory", (try system.failures(0, &into))[0].text());
}

test "the name of an actor is its type's own" {
    try expectEqualStrings("Counter", actors.shortName(Counter));
    try expectEqualStrings("Child", actors.shortName(Parent.Child));
    const Generic = struct {
        fn Of(comptime T: type) type {
            return struct { value: T };
        }
    };
    try expectEqualStrings("Of(f64)", actors.shortName(Generic.Of(f64)));
}
