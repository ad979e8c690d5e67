//! Publish and subscribe: by topic, by pattern, and by the actor that an event is about.
//!
//! Threads:    any, and handlers, where it takes effect at once (in a seeded system when the activation ends).
//! Invariants: all subscribers share one copy of an event's data.
//! Cost:       a publish is one call.
//!
//! A topic is tokens between dots, such as `world.north.door`; in a pattern `*` stands for one token and a last `>` for
//! one or more, as in NATS. A subscriber has `event: []const u8 = actorcore.number.event` among its messages and makes
//! an Event of it.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const Context = @import("context.zig").Context;
const Reply = @import("ask.zig").Reply;
const System = @import("system.zig").System;
const Actor = messages.Actor;
const Error = status.Error;

pub const Bus = struct {
    handle: raw.ac_bus,

    pub const Stats = raw.ac_bus_stats;

    pub const Options = struct {
        /// All publishers take turns, so that every subscriber gets all events in the order of their ids. Otherwise
        /// that holds for each publisher alone.
        ordered: bool = false,
    };

    pub fn init(system: System, options: Options, diagnostics: ?*status.Diagnostics) Error!Bus {
        const given: raw.ac_bus_options = .{ .flags = if (options.ordered) raw.AC_BUS_ORDERED else 0 };
        var bus: Bus = .{ .handle = .{} };
        const out = status.Diagnostics.out(diagnostics);
        try status.check(raw.ac_bus_create(system.handle(), &given, &bus.handle, out));
        return bus;
    }

    /// Its subscriptions end with it.
    pub fn deinit(self: Bus) void {
        raw.ac_bus_release(self.handle);
    }

    pub const Subscription = struct {
        /// Only events about this actor.
        about: Actor = .none,
        /// Only events of these types; 0 and 0 are all.
        type_first: u32 = 0,
        type_last: u32 = 0,
        /// Higher ones are served first.
        priority: i32 = 0,
        /// Passed over for an event that the actor gets through a subscription served before this one. Otherwise it
        /// gets an event once for each of its subscriptions.
        once: bool = false,
    };

    /// Has an actor told of the events that a topic or pattern fits; an empty one fits all. The result is for
    /// unsubscribe.
    pub fn subscribe(
        self: Bus,
        pattern: []const u8,
        subscriber: Actor,
        options: Subscription,
        diagnostics: ?*status.Diagnostics,
    ) Error!u64 {
        const given: raw.ac_subscription_options = .{
            .flags = if (options.once) raw.AC_SUBSCRIBE_ONCE else 0,
            .pattern = status.text(pattern),
            .subscriber = .{ .bits = subscriber.bits },
            .about = .{ .bits = options.about.bits },
            .type_first = options.type_first,
            .type_last = options.type_last,
            .priority = options.priority,
        };
        var id: u64 = 0;
        try status.check(raw.ac_bus_subscribe(self.handle, &given, &id, status.Diagnostics.out(diagnostics)));
        return id;
    }

    /// It gets nothing that is published afterwards.
    pub fn unsubscribe(self: Bus, subscription: u64) Error!void {
        return status.check(raw.ac_bus_unsubscribe(self.handle, subscription));
    }

    pub const Publication = struct {
        /// Whom it is about; it need not live.
        about: Actor = .none,
        /// Who publishes it: the sender of its messages.
        source: Actor = .none,
        /// The program's own.
        priority: i32 = 0,
    };

    /// Publishes a message: its number is the event's type. How many messages it became.
    pub fn publish(self: Bus, topic: []const u8, message: anytype, options: Publication) Error!u64 {
        const Given = struct { bus: Bus, topic: []const u8, options: Publication };
        const send = struct {
            fn send(given: Given, number: u32, bytes: []const u8) Error!u64 {
                return given.bus.publishBytes(given.topic, number, bytes, given.options);
            }
        }.send;
        const given: Given = .{ .bus = self, .topic = topic, .options = options };
        return messages.withBytes(@TypeOf(message), &message, given, send);
    }

    /// Publishes any bytes under a type of the program's own. How many messages it became.
    pub fn publishBytes(self: Bus, topic: []const u8, number: u32, data: []const u8, options: Publication) Error!u64 {
        const given: raw.ac_event_options = .{
            .type = number,
            .topic = status.text(topic),
            .about = .{ .bits = options.about.bits },
            .source = .{ .bits = options.source.bits },
            .priority = options.priority,
            .data = .{ .data = data.ptr, .size = data.len },
        };
        var delivered: u64 = 0;
        try status.check(raw.ac_bus_publish(self.handle, &given, null, &delivered));
        return delivered;
    }

    pub fn stats(self: Bus) Error!Stats {
        var filled: Stats = .{};
        try status.check(raw.ac_bus_get_stats(self.handle, &filled));
        return filled;
    }
};

/// A published event: `.of(bytes)` of an `event` message. It lives as long as those bytes.
pub const Event = struct {
    head: *const raw.ac_event,

    pub fn of(bytes: []const u8) Event {
        return .{ .head = @ptrCast(@alignCast(bytes.ptr)) };
    }

    /// From 1, in each bus.
    pub fn id(self: Event) u64 {
        return self.head.id;
    }

    /// Whom it is about, or none.
    pub fn about(self: Event) Actor {
        return .{ .bits = self.head.actor.bits };
    }

    /// The program's own number.
    pub fn number(self: Event) u32 {
        return self.head.type;
    }

    pub fn data(self: Event) []const u8 {
        return self.after()[0..self.head.data_size];
    }

    pub fn topic(self: Event) []const u8 {
        return self.after()[self.head.data_size..][0..self.head.topic_size];
    }

    /// What was published, as a message.
    pub fn read(self: Event, comptime M: type) messages.DecodeError!M {
        return decode(M, self.head.type, self.data());
    }

    /// Which subscription the event in hand came through.
    pub fn subscription(_: Event, ctx: *const Context) u64 {
        return note(ctx);
    }

    fn after(self: Event) [*]const u8 {
        return @as([*]const u8, @ptrCast(self.head)) + @sizeOf(raw.ac_event);
    }
};

/// What the library adds to a message with a buffer.
pub fn note(ctx: *const Context) u64 {
    return @bitCast(ctx.message.data[16..24].*);
}

/// A message within a payload of the library's.
pub fn decode(comptime M: type, number: u32, data: []const u8) messages.DecodeError!M {
    comptime if (Reply.borrows(M)) @compileError(@typeName(M) ++ " borrows its bytes; take them from data()");
    var envelope: messages.Envelope = .{ .type = number, .length = @intCast(data.len) };
    if (data.len <= messages.inline_bytes) {
        @memcpy(envelope.data[0..data.len], data);
    } else {
        envelope.data[8..16].* = @bitCast(@intFromPtr(data.ptr));
    }
    return messages.decode(M, &envelope);
}
