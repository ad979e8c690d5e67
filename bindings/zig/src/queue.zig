//! Work queues: named, bounded, with a pool of consumers that acknowledge what they are handed.
//!
//! Threads:    any, and handlers.
//! Invariants: at any moment put = acked + ready + leased + dead (Queue.Stats). Every item is handled at least once.
//! Cost:       a put and an acknowledgement are one call each.
//!
//! A consumer has `work: []const u8 = actorcore.number.work` among its messages and makes a Work of it.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const bus = @import("bus.zig");
const Context = @import("context.zig").Context;
const System = @import("system.zig").System;
const Actor = messages.Actor;
const Error = status.Error;

pub const Queue = struct {
    handle: raw.ac_queue,

    pub const Stats = raw.ac_queue_stats;
    pub const Dead = raw.ac_dead_work;

    pub const Options = struct {
        /// Most items ready and leased; 0 is 65,536.
        capacity: u32 = 0,
        /// How long a consumer has an item before it goes to another; 0 is 30 seconds, never for ever.
        lease_ns: u64 = 0,
        /// How long an item waits before it is delivered again.
        retry_delay_ns: u64 = 0,
        /// After so many an item is dead; 0 is 16.
        deliveries_max: u32 = 0,
    };

    /// Makes a queue under a name that no other of the system has.
    pub fn init(system: System, name: []const u8, options: Options, diagnostics: ?*status.Diagnostics) Error!Queue {
        const given: raw.ac_queue_options = .{
            .capacity = options.capacity,
            .name = status.text(name),
            .lease_ns = options.lease_ns,
            .retry_delay_ns = options.retry_delay_ns,
            .deliveries_max = options.deliveries_max,
        };
        var queue: Queue = .{ .handle = .{} };
        const out = status.Diagnostics.out(diagnostics);
        try status.check(raw.ac_queue_create(system.handle(), &given, &queue.handle, out));
        return queue;
    }

    /// The queue with a name; one more to deinit.
    pub fn find(system: System, name: []const u8) Error!Queue {
        var queue: Queue = .{ .handle = .{} };
        try status.check(raw.ac_queue_find(system.handle(), status.text(name), &queue.handle));
        return queue;
    }

    /// The last one ends the queue, with all that is in it.
    pub fn deinit(self: Queue) void {
        raw.ac_queue_release(self.handle);
    }

    /// Puts a message: its number is the item's type. The item's number; error.Full where there is no room.
    pub fn put(self: Queue, message: anytype, source: Actor) Error!u64 {
        const Given = struct { queue: Queue, source: Actor };
        const send = struct {
            fn send(given: Given, number: u32, bytes: []const u8) Error!u64 {
                return given.queue.putBytes(number, bytes, given.source);
            }
        }.send;
        const given: Given = .{ .queue = self, .source = source };
        return messages.withBytes(@TypeOf(message), &message, given, send);
    }

    /// Puts any bytes under a type of the program's own.
    pub fn putBytes(self: Queue, number: u32, data: []const u8, source: Actor) Error!u64 {
        const bytes: raw.ac_bytes = .{ .data = data.ptr, .size = data.len };
        var item: u64 = 0;
        try status.check(raw.ac_queue_put(self.handle, .{ .bits = source.bits }, number, bytes, &item));
        return item;
    }

    /// Takes an actor into the pool, or gives it another credit: the most items that it has unacknowledged.
    pub fn join(self: Queue, consumer: Actor, credit: u32) Error!void {
        return status.check(raw.ac_queue_join(self.handle, .{ .bits = consumer.bits }, credit));
    }

    /// Takes an actor out of the pool; what it has it keeps.
    pub fn leave(self: Queue, consumer: Actor) Error!void {
        return status.check(raw.ac_queue_leave(self.handle, .{ .bits = consumer.bits }));
    }

    /// Acknowledges a delivery by the correlation of its message.
    pub fn ack(self: Queue, tag: u64) Error!void {
        return status.check(raw.ac_queue_ack(self.handle, tag));
    }

    /// Refuses a delivery: it goes out again after a delay, 0 being the queue's own, and never makes it dead.
    pub fn nack(self: Queue, tag: u64, delay_ns: u64) Error!void {
        return status.check(raw.ac_queue_nack(self.handle, tag, delay_ns));
    }

    /// The dead items that are kept, in the order in which they died; 1,024 are enough for all.
    pub fn dead(self: Queue, into: []Dead) Error![]Dead {
        var count: u64 = 0;
        try status.check(raw.ac_queue_dead(self.handle, into.ptr, into.len, &count));
        return into[0..count];
    }

    /// Copies the data of a dead item; error.BufferTooSmall where it does not fit.
    pub fn deadData(self: Queue, number: u64, into: []u8) Error![]u8 {
        var size: u64 = 0;
        try status.check(raw.ac_queue_dead_data(self.handle, number, into.ptr, into.len, &size));
        return into[0..size];
    }

    /// Makes a dead item ready again, or with 0 all for which there is room. How many they were.
    pub fn redrive(self: Queue, number: u64) Error!u64 {
        var count: u64 = 0;
        try status.check(raw.ac_queue_redrive(self.handle, number, &count));
        return count;
    }

    pub fn stats(self: Queue) Error!Stats {
        var filled: Stats = .{};
        try status.check(raw.ac_queue_get_stats(self.handle, &filled));
        return filled;
    }
};

/// An item in hand: `.of(bytes)` of a `work` message. It lives as long as those bytes.
pub const Work = struct {
    head: *const raw.ac_work,

    pub fn of(bytes: []const u8) Work {
        return .{ .head = @ptrCast(@alignCast(bytes.ptr)) };
    }

    /// From 1, in each queue.
    pub fn item(self: Work) u64 {
        return self.head.number;
    }

    /// The program's own number.
    pub fn number(self: Work) u32 {
        return self.head.type;
    }

    pub fn data(self: Work) []const u8 {
        const start = @as([*]const u8, @ptrCast(self.head)) + @sizeOf(raw.ac_work);
        return start[0..self.head.data_size];
    }

    /// What was put, as a message.
    pub fn read(self: Work, comptime M: type) messages.DecodeError!M {
        return bus.decode(M, self.head.type, self.data());
    }

    /// How often the item was delivered, this time included.
    pub fn deliveries(_: Work, ctx: *const Context) u64 {
        return bus.note(ctx);
    }

    /// Acknowledges the delivery in hand: the item is done. error.NotFound says that its lease is over.
    pub fn ack(self: Work, ctx: *const Context) Error!void {
        return status.check(raw.ac_queue_ack(self.head.queue, ctx.correlation()));
    }

    /// Refuses the delivery in hand; see Queue.nack.
    pub fn nack(self: Work, ctx: *const Context, delay_ns: u64) Error!void {
        return status.check(raw.ac_queue_nack(self.head.queue, ctx.correlation(), delay_ns));
    }
};
