//! overload: a bakery on the day of the fair, when more comes than it can do. A counter where three
//! may wait, and what becomes of the fourth; a mill that pauses when the store is full and goes on
//! when it has drained; a door that lets so many guests in a second; a dairy that answers too late,
//! and is not asked until it is well again; and an oven that bakes a batch at a time and says of
//! each loaf what became of it. Virtual time, so that every run prints the same.
//!
//! Prints what each of them does, and in the end where all messages are.
const std = @import("std");
const ac = @import("actorcore");

const ms = std.time.ns_per_ms;

/// Serves who has waited.
const Counter = struct {
    out: *std.Io.Writer,

    const Message = union(enum(u32)) { order: u64 = 1 };

    pub fn handle(self: *Counter, _: *ac.Context, message: Message) !void {
        try self.out.print(" {d}", .{message.order});
    }
};

/// Takes a sack by handling it.
const Store = struct {
    const Message = union(enum(u32)) { sack: void = 3 };

    pub fn handle(_: *Store, _: *ac.Context, _: Message) void {}
};

/// Sends three sacks at a time, until it has to pause.
const Mill = struct {
    out: *std.Io.Writer,
    store: ac.Ref(Store.Message),
    sacks: u32 = 0,
    pauses: bool = false,

    const Message = union(enum(u32)) { grind: void = 2, pressure: ac.Pressure = ac.number.pressure };

    pub fn handle(self: *Mill, ctx: *ac.Context, message: Message) !void {
        if (message == .pressure) {
            self.pauses = message.pressure.level == .high;
            try self.out.print("mill: {s} after {d} sacks, {d} wait\n", .{
                if (self.pauses) "pauses" else "goes on",
                self.sacks,
                message.pressure.length,
            });
        }
        if (self.pauses or self.sacks == 24) return;
        self.sacks += 3;
        for (0..3) |_| try ctx.tell(self.store, .sack);
        try ctx.tell(ctx.self().as(Message), .grind);
    }
};

/// Bakes what is due.
const Oven = struct {
    out: *std.Io.Writer,
    batcher: *const ac.Batcher,

    const Message = union(enum(u32)) { due: u64 = ac.number.batch };

    pub fn handle(self: *Oven, _: *ac.Context, _: Message) !void {
        var batch: ac.Batcher.Batch = undefined;
        try self.batcher.take(&batch, 0);
        try self.out.print("oven: a batch of {d}\n", .{batch.count});
        for (0..batch.count) |at| {
            const weight: u64 = batch.data(at)[0];
            batch.set(at, 10 * weight, if (weight <= 4) .ok else .e_handler);
        }
        try self.batcher.done(&batch);
    }
};

fn runCounter(system: ac.System, overflow: ac.Mailbox.Overflow, out: *std.Io.Writer) !void {
    const mailbox: ac.Mailbox = .{ .capacity = 3, .overflow = overflow };
    const counter = try system.spawn(Counter, .{ .out = out }, .{ .mailbox = mailbox }, null);
    var refused: u32 = 0;
    for (1..6) |number| {
        system.tell(counter, .{ .order = number }) catch |err| switch (err) {
            error.Full => refused += 1,
            else => return err,
        };
    }
    try out.print("counter: {f}, serves", .{overflow});
    try system.settle(ac.never);
    const ledger = try system.ledger();
    try out.print(
        "; refused {d}; dead so far {d} dropped, {d} overflowed\n",
        .{ refused, ledger.deadBy(.dropped), ledger.deadBy(.overflow) },
    );
}

fn runMill(system: ac.System, out: *std.Io.Writer) !void {
    const store = try system.spawn(Store, .{}, .{ .mailbox = .{ .high = 6, .low = 2 } }, null);
    const mill = try system.spawn(Mill, .{ .out = out, .store = store }, .{}, null);
    try system.tell(mill, .grind);
    try system.settle(ac.never);
    try out.print("store: at most {d} waited\n", .{(try system.mailbox(store.actor())).length_max});
}

fn runDoor(system: ac.System, out: *std.Io.Writer) !void {
    const limiter: ac.Limiter = try .init(system, .{ .rate = 2 }, null);
    defer limiter.deinit();
    for (1..5) |guest| {
        while (try limiter.take(0, 1)) |wait_ns| {
            try out.print("door: guest {d} is to wait {d} ms\n", .{ guest, wait_ns / ms });
            try system.advance(wait_ns);
        }
        try out.print("door: at {d} ms guest {d} comes in\n", .{ try system.now() / ms, guest });
    }
}

/// A question to the dairy, which takes so long.
const Question = struct {
    system: ac.System,
    takes_ms: u64,

    fn ask(self: Question) !u64 {
        try self.system.advance(self.takes_ms * ms);
        return 31;
    }

    fn yesterday(err: anyerror, _: Question) !u64 {
        return if (err == error.Overloaded) 30 else err;
    }
};

fn runDairy(system: ac.System, out: *std.Io.Writer) !void {
    const breaker: ac.Breaker = try .init(system, .{
        .calls_min = 4,
        .successes = 2,
        .slow_ns = 20 * ms,
        .open_ns = 100 * ms,
    }, null);
    defer breaker.deinit();
    for ([_]u64{ 5, 40, 5, 40, 5, 5, 5, 5 }, 0..) |takes_ms, call| {
        if (call == 6) try system.advance(100 * ms);
        const question: Question = .{ .system = system, .takes_ms = takes_ms };
        const price = try breaker.call(question, Question.ask, Question.yesterday);
        try out.print("dairy: at {d} ms milk is {d}\n", .{ try system.now() / ms, price });
    }
    var changes: [8]ac.Breaker.Change = undefined;
    for (try breaker.changes(0, &changes)) |change| {
        const from: ac.Breaker.State = @fromBackingInt(change.from);
        const to: ac.Breaker.State = @fromBackingInt(change.to);
        const why: ac.Breaker.Reason = @fromBackingInt(change.reason);
        try out.print("breaker: at {d} ms {f} to {f}, {f}\n", .{ change.time_ns / ms, from, to, why });
    }
    const stats = try breaker.stats();
    try out.print(
        "breaker: {d} calls, {d} slow, {d} refused\n",
        .{ stats.succeeded, stats.slow, stats.refused },
    );
}

fn runOven(system: ac.System, out: *std.Io.Writer) !void {
    var batcher: ac.Batcher = undefined;
    const oven = try system.spawn(Oven, .{ .out = out, .batcher = &batcher }, .{}, null);
    batcher = try .init(system, .{ .size = 4, .to = oven.actor() }, null);
    defer batcher.deinit();
    var tickets: [6]u64 = undefined;
    for (&tickets, [_]u8{ 1, 2, 5, 1, 3, 4 }) |*ticket, weight| ticket.* = try batcher.put(.{ .data = &.{weight} });
    for (tickets, 1..) |ticket, loaf| {
        const result = try batcher.wait(ticket, ac.never);
        if (result.status == .ok) {
            try out.print("main: loaf {d} is baked in {d} minutes\n", .{ loaf, result.value });
        } else {
            try out.print("main: loaf {d} is too heavy\n", .{loaf});
        }
    }
    const stats = try batcher.stats();
    try out.print(
        "oven: {d} loaves, {d} failed; batches {d}, full {d}\n",
        .{ stats.items, stats.failed, stats.batches, stats.full },
    );
}

pub fn main(init: std.process.Init) !void {
    var buffer: [256]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    const out = &stdout.interface;
    // The store takes two sacks a turn, so that a mill which sends three is ahead of it.
    const system: ac.System = try .init(init.gpa, .{ .seed = 1, .throughput = 2 }, null);
    defer system.deinit();
    for ([_]ac.Mailbox.Overflow{ .fail, .drop_newest, .drop_oldest, .dead_letter }) |overflow|
        try runCounter(system, overflow, out);
    try runMill(system, out);
    try runDoor(system, out);
    try runDairy(system, out);
    try runOven(system, out);

    const ledger = try system.ledger();
    try out.print(
        "main: accepted {d} = handled {d} + dropped {d} + overflowed {d}\n",
        .{ ledger.accepted, ledger.handled, ledger.deadBy(.dropped), ledger.deadBy(.overflow) },
    );
    _ = try system.stop(std.time.ns_per_s, null);
    try out.flush();
}
