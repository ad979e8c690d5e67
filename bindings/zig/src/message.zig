//! Messages as Zig types: which number a type has, and how it becomes the payload of an envelope and back.
//!
//! Threads:    pure, but for the buffers, which belong to any thread.
//! Invariants: a payload type has no padding and no invalid bit patterns, checked at compile time, so that what
//!             arrives can be read whoever sent it, and the trace hash sees no undefined byte. A payload whose length
//!             is not that of its type is error.MalformedMessage, a number that is not in the union
//!             error.UnknownMessage.
//! Cost:       a copy of up to 32 bytes into the envelope; a longer payload is one buffer and one copy.
const std = @import("std");
const raw = @import("raw.zig");
const layout = @import("layout.zig");
const status = @import("status.zig");

/// One message as it travels: receiver, sender, correlation, type, length and 32 bytes of payload.
pub const Envelope = raw.ac_message;

pub const inline_bytes = raw.AC_INLINE_BYTES;

/// Numbers of the library's own messages, to be fields of an actor's `union(enum(u32))`.
pub const number = struct {
    /// `started: void`, the actor's first message.
    pub const started = raw.AC_TYPE_STARTED;
    /// `stopping: void`, the first message of a stop, before its children's.
    pub const stopping = raw.AC_TYPE_STOPPING;
    /// `stopped: void`, the actor's last message.
    pub const stopped = raw.AC_TYPE_STOPPED;
    /// `restarting: void`, before a restart: let go of what is to be made anew.
    pub const restarting = raw.AC_TYPE_RESTARTING;
    /// `restarted: void`, the first message after a restart: make the state anew, as in `self.* = .{ .log = self.log }`.
    pub const restarted = raw.AC_TYPE_RESTARTED;
    /// `terminated: Ended`, tells a watcher.
    pub const terminated = raw.AC_TYPE_TERMINATED;
    /// `exit: Ended`, tells an actor with Spawn.trap_exit of a linked one's end.
    pub const exit = raw.AC_TYPE_EXIT;
    /// `ask_failed: AskFailed`, ends a Context.ask without a reply.
    pub const ask_failed = raw.AC_TYPE_ASK_FAILED;
    /// `failed: Failed`, tells a supervisor of a child's failure.
    pub const failed = raw.AC_TYPE_FAILED;
    /// `contribute: Contribute`, asks a subsystem's actor.
    pub const contribute = raw.AC_TYPE_CONTRIBUTE;
    /// `resolved: Resolved`, ends an asynchronous resolve.
    pub const resolved = raw.AC_TYPE_RESOLVED;
    /// `batch: u64`, tells a Batcher's actor that a batch is due.
    pub const batch = raw.AC_TYPE_BATCH;
    /// `event: []const u8`, of which Event.of makes an Event: something subscribed to was published.
    pub const event = raw.AC_TYPE_EVENT;
    /// `work: []const u8`, of which Work.of makes a Work: an item of a queue.
    pub const work = raw.AC_TYPE_WORK;
    /// `timeout: void`, the actor had no message for as long as Context.setReceiveTimeout said.
    pub const timeout = raw.AC_TYPE_TIMEOUT;
    /// `registered: []const u8`, tells of a name that is there; Registration.read reads it.
    pub const registered = raw.AC_TYPE_REGISTERED;
    /// `unregistered: []const u8`, tells of a name that is gone; Registration.read reads it.
    pub const unregistered = raw.AC_TYPE_UNREGISTERED;
    /// `dead_letters: []const u8`, tells of dead letters; DeadLetters.read reads it.
    pub const dead_letters = raw.AC_TYPE_DEAD_LETTER;
    /// `phase: []const u8`, tells of a phase of the stop; Phase.read reads it.
    pub const phase = raw.AC_TYPE_PHASE;
    /// `watchdog: WatchdogReport`, tells of something stuck.
    pub const watchdog = raw.AC_TYPE_WATCHDOG;
    /// `pressure: Pressure`, tells a sender of a mailbox that fills.
    pub const pressure = raw.AC_TYPE_PRESSURE;
};

/// Payload of `ask_failed`: why a request has no reply.
pub const AskFailed = extern struct {
    status: status.Status,
    /// The request's type.
    type: u32,
    /// Who was asked.
    to: Actor,
};

comptime {
    layout.same(AskFailed, raw.ac_ask_failed);
}

/// What every actor obeys after what it was sent before, whatever else it understands: `actor.as(Control)` takes it from
/// a handler, from outside and in a batch alike, `stop` also from a timer. No handler sees it.
pub const Control = union(enum(u32)) {
    stop: void = raw.AC_TYPE_STOP,
    restart: void = raw.AC_TYPE_RESTART,
    /// Ends it without `stopping` and `stopped`, and its children as well.
    kill: void = raw.AC_TYPE_KILL,
};

/// An actor's id, of whatever kind. `as` says what it understands.
pub const Actor = extern struct {
    bits: u64 = 0,

    pub const none: Actor = .{};

    pub fn as(self: Actor, comptime M: type) Ref(M) {
        return .{ .bits = self.bits };
    }

    pub fn isNone(self: Actor) bool {
        return self.bits == 0;
    }
};

/// The id of an actor that understands `M`. It is a value, fits into messages, and goes stale with its actor.
pub fn Ref(comptime M: type) type {
    return extern struct {
        bits: u64 = 0,

        pub const Message = M;

        pub fn actor(self: @This()) Actor {
            return .{ .bits = self.bits };
        }
    };
}

/// The type of a message: the tag of a `union(enum(u32))`, else the type's own `number`, else 0 (untyped).
pub inline fn numberOf(comptime M: type, message: M) u32 {
    if (comptime isUnion(M)) return @backingInt(std.meta.activeTag(message));
    return comptime plainNumber(M);
}

/// The number of a type that is not a union.
pub fn plainNumber(comptime M: type) u32 {
    return switch (@typeInfo(M)) {
        .@"struct" => if (@hasDecl(M, "number")) M.number else raw.AC_TYPE_UNTYPED,
        else => raw.AC_TYPE_UNTYPED,
    };
}

pub fn isUnion(comptime M: type) bool {
    return @typeInfo(M) == .@"union" and @typeInfo(M).@"union".tag_type != null;
}

/// Does the union have a message of that number?
pub fn has(comptime M: type, comptime wanted: u32) bool {
    if (!isUnion(M)) return plainNumber(M) == wanted;
    const Tag = @typeInfo(M).@"union".tag_type.?;
    return std.mem.indexOfScalar(comptime_int, @typeInfo(Tag).@"enum".field_values, wanted) != null;
}

/// A compile error where the union's message is no bytes of any length.
pub fn requireBytes(comptime M: type, comptime tag: std.meta.Tag(M)) void {
    if (@FieldType(M, @tagName(tag)) != []const u8)
        @compileError(@tagName(tag) ++ " is not []const u8; send a value of its type with tell");
}

/// Checks a message type where it is first used; what is wrong is a compile error that says what to do.
pub fn validate(comptime M: type) void {
    if (!isUnion(M)) return validatePayload(M, @typeName(M));
    const info = @typeInfo(M).@"union";
    if (@typeInfo(info.tag_type.?).@"enum".tag_type != u32) @compileError(
        @typeName(M) ++ " is not union(enum(u32)): its tags are the numbers of the messages on the wire",
    );
    for (info.field_names, info.field_types) |name, T| validatePayload(T, @typeName(M) ++ "." ++ name);
}

fn validatePayload(comptime T: type, comptime where: []const u8) void {
    if (T == void or T == []const u8) return;
    if (plainBytes(T, where) != @sizeOf(T)) @compileError(
        where ++ " has padding, which would travel undefined: reorder its fields or add a reserved one",
    );
}

/// Bytes of the type's parts; a compile error where some bit pattern of a part is not a value.
fn plainBytes(comptime T: type, comptime where: []const u8) usize {
    return switch (@typeInfo(T)) {
        .int, .float => if (@bitSizeOf(T) == 8 * @sizeOf(T)) @sizeOf(T) else @compileError(
            where ++ ": " ++ @typeName(T) ++ " does not fill its bytes; take one of 8, 16, 32, 64 or 128 bits",
        ),
        .pointer => |pointer| if (pointer.size != .slice) @sizeOf(T) else @compileError(
            where ++ ": a slice cannot be part of a message; send []const u8 as the whole payload",
        ),
        .optional => |optional| if (@typeInfo(optional.child) == .pointer) @sizeOf(T) else @compileError(
            where ++ ": an optional has bit patterns that are not values; take a flag of type u8 beside the value",
        ),
        .array => |array| array.len * plainBytes(array.child, where),
        .@"enum" => |tags| if (tags.mode == .nonexhaustive) plainBytes(tags.tag_type, where) else @compileError(
            where ++ ": " ++ @typeName(T) ++ " is exhaustive, but any number may arrive; end it with `_`",
        ),
        .@"struct" => |fields| if (fields.layout == .@"packed") plainBytes(fields.backing_integer.?, where) else blk: {
            var bytes: usize = 0;
            for (fields.field_types) |Part| bytes += plainBytes(Part, where);
            break :blk bytes;
        },
        else => @compileError(where ++ ": " ++ @typeName(T) ++ " has no fixed bytes; a message is made of numbers, " ++
            "arrays, structs, packed structs and non-exhaustive enums, or is []const u8"),
    };
}

/// The payload as bytes; of a value, those of the caller's copy.
inline fn bytesOf(payload: anytype) []const u8 {
    return switch (@typeInfo(@TypeOf(payload)).pointer.child) {
        void => "",
        []const u8 => payload.*,
        else => std.mem.asBytes(payload),
    };
}

/// Calls `take` with the message's number and its payload's bytes, which live during the call.
pub inline fn withBytes(
    comptime M: type,
    message: *const M,
    context: anytype,
    comptime take: anytype,
) @typeInfo(@TypeOf(take)).@"fn".return_type.? {
    comptime validate(M);
    if (comptime isUnion(M)) switch (message.*) {
        inline else => |*payload, tag| return take(context, @backingInt(tag), bytesOf(payload)),
    };
    return take(context, plainNumber(M), bytesOf(message));
}

/// Writes type, length and payload into an envelope; the other fields are the caller's.
pub inline fn encode(comptime M: type, envelope: *Envelope, message: *const M) status.Error!void {
    comptime validate(M);
    if (comptime isUnion(M)) switch (message.*) {
        inline else => |*payload, tag| return put(envelope, @backingInt(tag), payload),
    };
    return put(envelope, plainNumber(M), message);
}

inline fn put(envelope: *Envelope, type_number: u32, payload: anytype) status.Error!void {
    const T = @typeInfo(@TypeOf(payload)).pointer.child;
    envelope.type = type_number;
    if (T == []const u8) {
        @memcpy(try room(envelope, payload.len), payload.*);
    } else if (@sizeOf(T) <= inline_bytes) {
        envelope.length = @sizeOf(T);
        envelope.data[0..@sizeOf(T)].* = std.mem.asBytes(payload).*;
    } else {
        @memcpy(try room(envelope, @sizeOf(T)), std.mem.asBytes(payload));
    }
}

/// Sets the length and gives the place to write the payload to: the envelope's own, or a new buffer's.
pub fn room(envelope: *Envelope, length: u64) status.Error![]u8 {
    if (length <= inline_bytes) {
        envelope.length = @intCast(length);
        return envelope.data[0..length];
    }
    var buffer: raw.ac_buffer = .{};
    var data: ?[*]u8 = null;
    try status.check(raw.ac_buffer_create(length, &buffer, &data));
    envelope.length = @intCast(length);
    envelope.data[0..8].* = @bitCast(buffer.bits);
    return data.?[0..length];
}

/// The buffer of a payload that is not inline, else none.
pub fn bufferOf(envelope: *const Envelope) raw.ac_buffer {
    return if (envelope.length > inline_bytes) .{ .bits = @bitCast(envelope.data[0..8].*) } else .{};
}

/// The payload of a received message; lives as long as its turn.
pub inline fn payloadOf(envelope: *const Envelope) []const u8 {
    if (envelope.length <= inline_bytes) return envelope.data[0..envelope.length];
    const address: usize = @bitCast(envelope.data[8..16].*);
    return @as([*]const u8, @ptrFromInt(address))[0..envelope.length];
}

/// A payload of the library's that ends behind what it uses; the rest is zero.
pub fn readCut(comptime T: type, payload: []const u8) T {
    var whole: T = .{};
    const size = @min(payload.len, @sizeOf(T));
    @memcpy(std.mem.asBytes(&whole)[0..size], payload[0..size]);
    return whole;
}

pub const DecodeError = error{ MalformedMessage, UnknownMessage };

/// What a received envelope says. A `[]const u8` in it is borrowed from the envelope.
pub inline fn decode(comptime M: type, envelope: *const Envelope) DecodeError!M {
    comptime validate(M);
    if (comptime !isUnion(M)) {
        if (envelope.type != plainNumber(M)) return error.UnknownMessage;
        return payloadAs(M, envelope);
    }
    inline for (comptime fieldsOf(M)) |field| {
        if (envelope.type == field.number) return @unionInit(M, field.name, try payloadAs(field.type, envelope));
    }
    return error.UnknownMessage;
}

pub const Field = struct { name: [:0]const u8, type: type, number: u32 };

/// The messages of a union.
pub fn fieldsOf(comptime M: type) []const Field {
    const info = @typeInfo(M).@"union";
    const numbers = @typeInfo(info.tag_type.?).@"enum".field_values;
    var fields: [info.field_names.len]Field = undefined;
    for (&fields, info.field_names, info.field_types, numbers) |*field, name, T, value| {
        field.* = .{ .name = name, .type = T, .number = value };
    }
    const all = fields;
    return &all;
}

pub inline fn payloadAs(comptime T: type, envelope: *const Envelope) DecodeError!T {
    if (T == []const u8) return payloadOf(envelope);
    if (envelope.length != @sizeOf(T)) return error.MalformedMessage;
    if (T == void) return {};
    if (@sizeOf(T) <= inline_bytes) return std.mem.bytesToValue(T, envelope.data[0..@sizeOf(T)]);
    return std.mem.bytesToValue(T, payloadOf(envelope)[0..@sizeOf(T)]);
}
