//! What an actor's mailbox holds, in which order it gives it back, and what becomes of what has no place.
const std = @import("std");
const raw = @import("raw.zig");
const layout = @import("layout.zig");
const messages = @import("message.zig");
const Actor = messages.Actor;

/// An actor's mailbox, for `Spawn.mailbox`. The default is unbounded, first in, first out.
pub const Mailbox = struct {
    order: Order = .fifo,
    overflow: Overflow = .fail,
    /// A message takes the place of the queued one with its type and key.
    conflate: bool = false,
    /// The most messages that wait in it; 0 is no bound.
    capacity: u64 = 0,
    /// How long a sender outside waits with `.block`, in nanoseconds; 0 is one second, `never` has no limit.
    block_ns: u64 = 0,
    /// From this length on senders are told with `pressure`; 0 is never.
    high: u64 = 0,
    /// At this length they are told that it is over.
    low: u64 = 0,
    /// Is told as well, whoever sent.
    pressure_to: Actor = .none,
    /// Ranks and flags of types, each once.
    types: []const TypeRule = &.{},
    /// The rank of all others.
    rank_default: u64 = 0,
    /// Where `.priority` finds a message's rank.
    rank: Word = .type,
    /// Where `conflate` finds a message's key.
    key: Word = .type,
    /// A queue of the program's own, with `.custom`; for one actor.
    custom: ?Custom = null,

    pub const Order = raw.MailboxOrder;
    pub const Overflow = raw.Overflow;
    /// A type's rank, and `raw.AC_MAILBOX_TYPE_CONTROL` or `raw.AC_MAILBOX_TYPE_DISTINCT`.
    pub const TypeRule = raw.ac_mailbox_type;
    pub const Stats = raw.ac_mailbox_stats;

    /// Where a number is found: the type alone, little-endian at an offset of the payload, or as a function says.
    pub const Word = union(enum) {
        type: void,
        u32: u32,
        u64: u32,
        function: *const raw.ac_mailbox_number,

        /// What `number` says of a message; 0 for one that is no `M`. It runs on the sender's thread under the
        /// mailbox's lock: it must not call the library or wait, and what it borrows ends with the call.
        pub fn of(comptime M: type, comptime number: fn (message: M) u64) Word {
            comptime messages.validate(M);
            return .{ .function = &struct {
                fn call(_: usize, envelope: *const messages.Envelope) callconv(.c) u64 {
                    return number(messages.decode(M, envelope) catch return 0);
                }
            }.call };
        }
    };

    /// Callbacks under the mailbox's lock: they must not call the library, wait or fail.
    pub const Custom = struct {
        user: usize,
        push: *const raw.ac_mailbox_push,
        pop: *const raw.ac_mailbox_pop,
        destroy: ?*const raw.ac_destroy = null,
    };

    /// What the library takes; the types are borrowed.
    pub fn toRaw(self: *const Mailbox) raw.ac_mailbox_options {
        return .{
            .order = @backingInt(self.order),
            .overflow = @backingInt(self.overflow),
            .flags = if (self.conflate) raw.AC_MAILBOX_FLAG_CONFLATE else 0,
            .capacity = self.capacity,
            .block_ns = self.block_ns,
            .high = self.high,
            .low = self.low,
            .pressure_to = .{ .bits = self.pressure_to.bits },
            .types = self.types.ptr,
            .types_count = self.types.len,
            .rank_default = self.rank_default,
            .rank_from = fromOf(self.rank),
            .rank_offset = offsetOf(self.rank),
            .key_from = fromOf(self.key),
            .key_offset = offsetOf(self.key),
            .rank = functionOf(self.rank),
            .key = functionOf(self.key),
            .push = if (self.custom) |custom| custom.push else null,
            .pop = if (self.custom) |custom| custom.pop else null,
            .user = if (self.custom) |custom| custom.user else 0,
            .destroy = if (self.custom) |custom| custom.destroy else null,
        };
    }

    fn fromOf(word: Word) u32 {
        return switch (word) {
            .type => raw.AC_MAILBOX_FROM_TYPE,
            .u32 => raw.AC_MAILBOX_FROM_U32,
            .u64 => raw.AC_MAILBOX_FROM_U64,
            .function => raw.AC_MAILBOX_FROM_CALLBACK,
        };
    }

    fn offsetOf(word: Word) u32 {
        return switch (word) {
            .type, .function => 0,
            .u32, .u64 => |offset| offset,
        };
    }

    fn functionOf(word: Word) ?*const raw.ac_mailbox_number {
        return if (word == .function) word.function else null;
    }
};

/// Payload of `pressure`: a mailbox has filled, or drained again.
pub const Pressure = extern struct {
    /// Whose mailbox it is.
    actor: Actor,
    level: raw.PressureLevel,
    reserved: u32 = 0,
    /// How many messages waited in it.
    length: u64,
};

comptime {
    layout.same(Pressure, raw.ac_pressure);
}
