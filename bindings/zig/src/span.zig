//! Traces: what one piece of work came through, across actors, threads and programs.
//!
//! Threads:    any; a span is a value.
//! Invariants: a span has a context until it is ended, once.
//! Cost:       each call is one into the library; a message without a span costs nothing.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const Context = @import("context.zig").Context;
const Reply = @import("ask.zig").Reply;
const System = @import("system.zig").System;
const Error = status.Error;
const Ref = messages.Ref;

/// The context of a span, as it travels between programs (W3C Trace Context).
pub const Trace = extern struct {
    /// Not all zero.
    trace_id: [16]u8 = @splat(0),
    /// Not all zero.
    span_id: [8]u8 = @splat(0),
    /// Of the span that began this one; zero where it is not known.
    parent_id: [8]u8 = @splat(0),
    flags: u32 = 0,
    reserved: u32 = 0,

    pub const text_bytes = raw.AC_TRACE_TEXT_BYTES;
    pub const sampled = raw.AC_TRACE_SAMPLED;

    /// Reads a `traceparent` header; on error.InvalidArgument begin a trace of your own.
    pub fn parse(traceparent: []const u8) Error!Trace {
        var read: Trace = .{};
        try status.check(raw.ac_trace_parse(status.text(traceparent), @ptrCast(&read)));
        return read;
    }

    /// Writes a `traceparent` header.
    pub fn print(self: Trace, into: *[text_bytes]u8) Error![]const u8 {
        var size: u64 = 0;
        try status.check(raw.ac_trace_print(@ptrCast(&self), into, into.len, &size));
        return into;
    }

    comptime {
        std.debug.assert(@sizeOf(Trace) == @sizeOf(raw.ac_trace));
    }
};

/// An open span of a trace; the zero one is none. A message carries it wherever it goes (Context.tellIn), a request by
/// its ask. End it when the last message that carries it was handled.
pub const Span = extern struct {
    system: raw.ac_system = .{},
    handle: raw.ac_span = .{},

    pub const Stats = raw.ac_span_stats;

    /// A span for those who export or look for it.
    pub const Record = extern struct {
        trace: Trace = .{},
        handle: raw.ac_span = .{},
        /// As it was begun with.
        tag: u64 = 0,
        /// On the system's clock.
        begun_ns: u64 = 0,
        /// 0 while it is open.
        ended_ns: u64 = 0,

        comptime {
            std.debug.assert(@sizeOf(Record) == @sizeOf(raw.ac_span_record));
        }
    };

    /// Begins a span as the child of this one. The tag is the program's own number for what it is.
    pub fn child(self: Span, tag: u64) Error!Span {
        var made: Span = .{ .system = self.system };
        try status.check(raw.ac_span_begin_child(self.system, self.handle, tag, &made.handle));
        return made;
    }

    /// Its context; error.Stale when it has ended.
    pub fn trace(self: Span) Error!Trace {
        var out: Trace = .{};
        try status.check(raw.ac_span_get(self.system, self.handle, @ptrCast(&out)));
        return out;
    }

    /// Ends it, once, and gives what an exporter wants to know.
    pub fn end(self: Span) Error!Record {
        var out: Record = .{};
        try status.check(raw.ac_span_end(self.system, self.handle, @ptrCast(&out)));
        return out;
    }

    /// A number for the payload of a timer or of an item of work; see System.spanOf.
    pub fn bits(self: Span) u64 {
        return self.handle.bits;
    }
};

// -- of System ----------------------------------------------------------------------------------------------------------

/// Begins a span: a child of a context that came from elsewhere, or a trace of its own.
pub fn begin(self: System, parent: ?Trace, tag: u64) Error!Span {
    var made: Span = .{ .system = self.home.system };
    const given: ?*const raw.ac_trace = if (parent) |*trace| @ptrCast(trace) else null;
    try status.check(raw.ac_span_begin(made.system, given, tag, &made.handle));
    return made;
}

/// The span of Span.bits.
pub fn of(self: System, bits: u64) Span {
    return .{ .system = self.home.system, .handle = .{ .bits = bits } };
}

/// Copies the open spans, the oldest first; after `stop` those that nobody has ended. The result is part of `into`.
pub fn open(self: System, into: []Span.Record) Error![]Span.Record {
    var count: u64 = 0;
    try status.check(raw.ac_system_spans(self.home.system, @ptrCast(into.ptr), into.len, &count));
    return into[0..count];
}

/// What became of the system's spans so far.
pub fn stats(self: System) Error!Span.Stats {
    var out: Span.Stats = .{};
    try status.check(raw.ac_span_get_stats(self.home.system, &out));
    return out;
}

/// `tell` of a message that carries a span.
pub fn tell(self: System, span: Span, to: anytype, message: @TypeOf(to).Message) Error!void {
    var envelope: messages.Envelope = .{ .to = .{ .bits = to.bits }, .correlation = span.handle.bits };
    try messages.encode(@TypeOf(to).Message, &envelope, &message);
    errdefer raw.ac_buffer_release(messages.bufferOf(&envelope));
    var refused: raw.ac_status = raw.AC_OK;
    try status.check(raw.ac_tell_many(self.home.system, @ptrCast(&envelope), 1, @ptrCast(&refused), null));
    try status.check(refused);
}

/// `ask` of a request that carries a span.
pub fn ask(
    self: System,
    span: Span,
    comptime Answer: type,
    to: anytype,
    message: @TypeOf(to).Message,
    timeout_ns: u64,
) (Error || messages.DecodeError)!Answer {
    comptime if (Reply.borrows(Answer)) @compileError(@typeName(Answer) ++ " borrows its bytes; use askReplyIn");
    var reply = try askReply(self, span, to, message, timeout_ns);
    defer reply.deinit();
    return reply.as(Answer);
}

/// `askReply` of a request that carries a span.
pub fn askReply(
    self: System,
    span: Span,
    to: anytype,
    message: @TypeOf(to).Message,
    timeout_ns: u64,
) Error!Reply {
    const M = @TypeOf(to).Message;
    var reply: [1]Reply = undefined;
    var refused: [1]status.Status = undefined;
    _ = try askMany(self, span, M, &.{.{ .bits = to.bits }}, message, timeout_ns, &reply, &refused);
    try status.check(@backingInt(refused[0]));
    return reply[0];
}

/// `askMany` of one or many that carry a span.
pub fn askMany(
    self: System,
    span: Span,
    comptime M: type,
    to: []const Ref(M),
    message: M,
    timeout_ns: u64,
    replies: []Reply,
    statuses: []status.Status,
) Error!u64 {
    const Request = struct {
        system: raw.ac_system,
        span: Span,
        to: []const Ref(M),
        timeout_ns: u64,
        replies: []Reply,
        statuses: []status.Status,
    };
    const send = struct {
        fn send(request: Request, number: u32, bytes: []const u8) Error!u64 {
            var answered: u64 = 0;
            const count = request.to.len;
            if (request.replies.len < count or request.statuses.len < count) return error.InvalidArgument;
            for (request.replies) |*reply| reply.* = .{};
            const options = question(number, bytes, request.timeout_ns, request.span);
            try status.check(raw.ac_ask_with(
                request.system,
                @ptrCast(request.to.ptr),
                count,
                &options,
                @ptrCast(request.replies.ptr),
                @ptrCast(request.statuses.ptr),
                &answered,
            ));
            for (request.replies[0..count], request.statuses[0..count]) |*reply, status_of_one| {
                if (status_of_one != .ok) reply.* = .{};
            }
            return answered;
        }
    }.send;
    const request: Request = .{
        .system = self.home.system,
        .span = span,
        .to = to,
        .timeout_ns = timeout_ns,
        .replies = replies,
        .statuses = statuses,
    };
    return messages.withBytes(M, &message, request, send);
}

// -- of Context ---------------------------------------------------------------------------------------------------------

/// The open span that the message in hand carries, by itself or by its ask. error.NotFound: none, as the answer to a
/// request, whose asker knows what it was for; error.Stale: the span, or the ask, has ended.
pub fn inHand(ctx: *const Context) Error!Span {
    var found: Span = .{ .system = ctx.turn.system };
    try status.check(raw.ac_message_span(found.system, ctx.message, &found.handle));
    return found;
}

/// Sends one request to one or many, with one deadline. Each answers, or fails, with a message of its own, whose
/// correlation is its place in `correlations`, which is as long as `to`, with `actorcore.reply_bit` added; `cancel` ends
/// one. All are sent, or on an error none.
pub fn requestMany(
    ctx: *Context,
    span: Span,
    comptime M: type,
    to: []const Ref(M),
    message: M,
    timeout_ns: u64,
    correlations: []u64,
) Error!void {
    const Request = struct { ctx: *Context, span: Span, to: []const Ref(M), timeout_ns: u64, correlations: []u64 };
    const send = struct {
        fn send(request: Request, number: u32, bytes: []const u8) Error!void {
            if (request.correlations.len < request.to.len) return error.InvalidArgument;
            const options = question(number, bytes, request.timeout_ns, request.span);
            return status.check(raw.ac_worker_ask_many(
                request.ctx.turn.worker,
                request.ctx.activation.actor,
                @ptrCast(request.to.ptr),
                request.to.len,
                &options,
                request.correlations.ptr,
            ));
        }
    }.send;
    const request: Request = .{
        .ctx = ctx,
        .span = span,
        .to = to,
        .timeout_ns = timeout_ns,
        .correlations = correlations,
    };
    return messages.withBytes(M, &message, request, send);
}

fn question(number: u32, bytes: []const u8, timeout_ns: u64, span: Span) raw.ac_ask_options {
    return .{
        .type = number,
        .payload = .{ .data = bytes.ptr, .size = bytes.len },
        .timeout_ns = timeout_ns,
        .span = span.handle,
    };
}
