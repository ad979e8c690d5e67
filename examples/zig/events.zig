//! events: a house and its kitchen. Events go to whoever subscribed to their topic or to a pattern
//! that it fits, those of a higher priority first, and to nobody who has ended. Items of a bounded
//! queue go to one cook each, who acknowledges them: what is refused, or was in the hand of a cook
//! who failed, comes again, and what comes too often is dead. Virtual time, so that every run
//! prints the same.
//!
//! Prints how many deliveries each event became and what came of them, then what the cooks did with
//! each order, and where the items are in the end.
const std = @import("std");
const ac = @import("actorcore");

const Passed = extern struct {
    people: u64,

    pub const number = 1;
};

/// Says what it hears of.
const Porter = struct {
    out: *std.Io.Writer,

    const Message = union(enum(u32)) { event: []const u8 = ac.number.event };

    pub fn handle(self: *Porter, ctx: *ac.Context, message: Message) !void {
        const event: ac.Event = .of(message.event);
        try self.out.print(
            "porter: {d} at {s}, by subscription {d}\n",
            .{ (try event.read(Passed)).people, event.topic(), event.subscription(ctx) },
        );
    }
};

/// Adds up what it hears of.
const Diary = struct {
    people: u64 = 0,

    const Message = union(enum(u32)) { noted: void = 2, event: []const u8 = ac.number.event };
    const People = extern struct {
        value: u64,

        pub const number = 3;
    };

    pub fn handle(self: *Diary, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .noted => try ctx.reply(People{ .value = self.people }),
            .event => |bytes| self.people += (try ac.Event.of(bytes).read(Passed)).people,
        }
    }
};

const Order = union(enum(u32)) { plain: void = 11, slow: void = 12, hard: void = 13, impossible: void = 14 };

const Cook = struct {
    out: *std.Io.Writer,
    name: []const u8,

    const Message = union(enum(u32)) { work: []const u8 = ac.number.work };

    /// What a cook does with an order depends on its type, and on how often it has come.
    pub fn handle(self: *Cook, ctx: *ac.Context, message: Message) !void {
        const work: ac.Work = .of(message.work);
        const is_first = work.deliveries(ctx) == 1;
        const order = try work.read(Order);
        if (order == .impossible) {
            try self.say(ctx, work, "is impossible");
            try work.nack(ctx, 0);
        } else if (order == .slow and is_first) {
            try self.say(ctx, work, "is to come again in 10 ms");
            try work.nack(ctx, 10 * std.time.ns_per_ms);
        } else if (order == .hard and is_first) {
            try self.say(ctx, work, "is too hard, I fail");
            return ctx.fail("too hard", .{});
        } else {
            try self.say(ctx, work, "is done");
            try work.ack(ctx);
        }
    }

    fn say(self: *Cook, ctx: *ac.Context, work: ac.Work, what: []const u8) !void {
        try self.out.print(
            "{s} cook: order {d}, delivery {d}, {s}\n",
            .{ self.name, work.item(), work.deliveries(ctx), what },
        );
    }
};

fn publish(system: ac.System, bus: ac.Bus, out: *std.Io.Writer, topic: []const u8, people: u64) !void {
    const delivered = try bus.publish(topic, Passed{ .people = people }, .{});
    try out.print("main: {d} at {s}, deliveries {d}\n", .{ people, topic, delivered });
    try system.settle(ac.never);
}

fn runBus(system: ac.System, out: *std.Io.Writer) !void {
    const bus: ac.Bus = try .init(system, .{}, null);
    defer bus.deinit();
    const porter = (try system.spawn(Porter, .{ .out = out }, .{}, null)).actor();
    const diary = try system.spawn(Diary, .{}, .{}, null);
    const exact = try bus.subscribe("north.door", porter, .{}, null);
    const pattern = try bus.subscribe("north.>", porter, .{ .priority = 5 }, null);
    const doors = try bus.subscribe("*.door", diary.actor(), .{}, null);
    try out.print(
        "main: subscriptions {d} and {d} of the porter, {d} of the diary\n",
        .{ exact, pattern, doors },
    );
    try publish(system, bus, out, "north.door", 1);
    try publish(system, bus, out, "south.door", 2);
    try publish(system, bus, out, "north.window.left", 3);
    try publish(system, bus, out, "south.gate", 4);
    try system.stopActor(porter, .{});
    try system.settle(ac.never);
    try publish(system, bus, out, "north.door", 5);

    const people = try system.ask(Diary.People, diary, .noted, ac.never);
    try out.print("diary: {d} at all doors\n", .{people.value});
    const stats = try bus.stats();
    try out.print(
        "bus: events {d}, deliveries {d}, for nobody {d}; subscriptions {d}, removed with the porter {d}\n",
        .{ stats.events, stats.deliveries, stats.unmatched, stats.subscriptions, stats.removed_dead },
    );
}

fn put(queue: ac.Queue, out: *std.Io.Writer, order: Order) !void {
    if (queue.put(order, .none)) |number| {
        try out.print("main: order {d}\n", .{number});
    } else |err| {
        if (err != error.Full) return err;
        try out.writeAll("main: no more orders, three are the bound\n");
    }
}

fn runQueue(system: ac.System, out: *std.Io.Writer) !void {
    const queue: ac.Queue = try .init(system, "orders", .{ .capacity = 3, .deliveries_max = 3 }, null);
    defer queue.deinit();
    for ([_]Order{ .plain, .slow, .plain, .plain }) |order| try put(queue, out, order);
    const first = try system.spawn(Cook, .{ .out = out, .name = "first" }, .{}, null);
    try queue.join(first.actor(), 1);
    try system.settle(ac.never);
    try out.writeAll("main: 10 ms later\n");
    try system.advance(10 * std.time.ns_per_ms);
    const second = try system.spawn(Cook, .{ .out = out, .name = "second" }, .{}, null);
    try queue.join(second.actor(), 1);
    try put(queue, out, .hard);
    try system.settle(ac.never);
    try put(queue, out, .impossible);
    try system.settle(ac.never);

    var kept: [3]ac.Queue.Dead = undefined;
    for (try queue.dead(&kept)) |item| {
        try out.print("main: order {d} is dead after {d} deliveries\n", .{ item.number, item.deliveries });
    }
    const s = try queue.stats();
    try out.print(
        "queue: put {d} = done {d} + ready {d} + leased {d} + dead {d}; redelivered {d}, refused {d}, cooks {d}\n",
        .{ s.put, s.acked, s.ready, s.leased, s.dead, s.redelivered, s.refused, s.consumers },
    );
}

pub fn main(init: std.process.Init) !void {
    var buffer: [256]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    const out = &stdout.interface;
    const system: ac.System = try .init(init.gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    try runBus(system, out);
    try runQueue(system, out);
    _ = try system.stop(std.time.ns_per_s, null);
    try out.flush();
}
