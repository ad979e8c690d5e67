//! What a handler works with: who it is, what it has in hand, and everything that it can do before it returns.
//!
//! Threads:    handler; a Context dies when its handler returns.
//! Invariants: every send is one envelope of the turn's outbox with all its fields set; nothing goes out by a call but
//!             a full outbox.
//! Cost:       tell, reply and forward write one cache line; a payload above 32 bytes costs one buffer.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const actors = @import("actor.zig");
const timers = @import("timer.zig");
const spans = @import("span.zig");
const memory = @import("memory.zig");
const Buffer = @import("buffer.zig").Buffer;
const Supervision = @import("supervision.zig").Supervision;
const System = @import("system.zig").System;
const Actor = messages.Actor;
const Ref = messages.Ref;
const Error = status.Error;

pub const Context = struct {
    turn: *raw.ac_turn,
    activation: *raw.ac_activation,
    home: *actors.Home,
    message: *const messages.Envelope,
    /// The activation's place in the turn, and the message's in the activation.
    index: u32,
    at: u32 = 0,
    /// Without a behavior, so that no `destroy` will come for the actor.
    attached: bool,
    /// What comes after the message in hand is given back, to come again.
    yields: bool = false,
    /// Where `fail` puts its text, how long that is, and for which message.
    reason: *[200]u8,
    reason_size: u32 = 0,
    reason_at: u32 = 0,

    /// The actor whose handler runs.
    pub inline fn self(ctx: *const Context) Actor {
        return .{ .bits = ctx.activation.actor.bits };
    }

    /// Who sent the message in hand, or none.
    pub inline fn sender(ctx: *const Context) Actor {
        return .{ .bits = ctx.message.sender.bits };
    }

    /// 0 for a plain message, else the request that the message in hand is, or answers.
    pub inline fn correlation(ctx: *const Context) u64 {
        return ctx.message.correlation;
    }

    /// The bytes of the message in hand, whatever its type; they live until the turn ends.
    pub inline fn payload(ctx: *const Context) []const u8 {
        return messages.payloadOf(ctx.message);
    }

    pub fn system(ctx: *const Context) System {
        return .{ .home = ctx.home };
    }

    /// Sends a message. To an actor that is gone it becomes a dead letter.
    pub inline fn tell(ctx: *Context, to: anytype, message: @TypeOf(to).Message) Error!void {
        return ctx.put(to.bits, 0, @TypeOf(to).Message, &message);
    }

    /// Answers the request in hand; error.InvalidArgument when it is none.
    pub inline fn reply(ctx: *Context, message: anytype) Error!void {
        const asked = ctx.message.correlation;
        if (asked == 0 or asked & raw.AC_CORRELATION_REPLY != 0) return error.InvalidArgument;
        return ctx.put(ctx.message.sender.bits, asked | raw.AC_CORRELATION_REPLY, @TypeOf(message), &message);
    }

    /// Sends `length` bytes under the union's `tag`, whose payload is []const u8; the caller fills the result before it
    /// calls anything else on the Context.
    pub fn tellBytes(
        ctx: *Context,
        to: anytype,
        comptime tag: std.meta.Tag(@TypeOf(to).Message),
        length: u64,
    ) Error![]u8 {
        comptime messages.requireBytes(@TypeOf(to).Message, tag);
        const envelope = try ctx.envelopeTo(to.bits, 0);
        envelope.type = @backingInt(tag);
        const bytes = try messages.room(envelope, length);
        ctx.turn.outbox_count += 1;
        return bytes;
    }

    /// Sends a buffer under the union's `tag`, whose payload is []const u8, without a copy; the caller keeps its
    /// reference.
    pub fn tellBuffer(
        ctx: *Context,
        to: anytype,
        comptime tag: std.meta.Tag(@TypeOf(to).Message),
        buffer: Buffer,
    ) Error!void {
        comptime messages.requireBytes(@TypeOf(to).Message, tag);
        const envelope = try ctx.envelopeTo(to.bits, 0);
        envelope.type = @backingInt(tag);
        _ = try buffer.put(envelope);
        ctx.turn.outbox_count += 1;
    }

    /// Answers the request in hand with a buffer, as []const u8 and without a copy; the caller keeps its reference.
    pub fn replyBuffer(ctx: *Context, buffer: Buffer) Error!void {
        const asked = ctx.message.correlation;
        if (asked == 0 or asked & raw.AC_CORRELATION_REPLY != 0) return error.InvalidArgument;
        const envelope = try ctx.envelopeTo(ctx.message.sender.bits, asked | raw.AC_CORRELATION_REPLY);
        envelope.type = messages.plainNumber([]const u8);
        _ = try buffer.put(envelope);
        ctx.turn.outbox_count += 1;
    }

    /// Passes the message in hand on as it is, with its sender and its correlation; a long payload is not copied.
    pub fn forward(ctx: *Context, to: Actor) Error!void {
        const envelope = try ctx.envelopeTo(to.bits, ctx.message.correlation);
        const buffer = messages.bufferOf(ctx.message);
        if (buffer.bits != 0) try status.check(raw.ac_buffer_retain(buffer));
        envelope.sender = ctx.message.sender;
        envelope.type = ctx.message.type;
        envelope.length = ctx.message.length;
        envelope.data = ctx.message.data;
        ctx.turn.outbox_count += 1;
    }

    /// Sends a request. The answer, or `ask_failed`, comes to this actor as a message whose correlation is the result
    /// with `actorcore.reply_bit` added.
    pub fn ask(ctx: *Context, to: anytype, message: @TypeOf(to).Message, timeout_ns: u64) Error!u64 {
        const Request = struct { ctx: *Context, to: u64, timeout_ns: u64 };
        const send = struct {
            fn send(request: Request, type_number: u32, bytes: []const u8) Error!u64 {
                var asked: u64 = 0;
                try status.check(raw.ac_worker_ask(
                    request.ctx.turn.worker,
                    request.ctx.activation.actor,
                    .{ .bits = request.to },
                    type_number,
                    .{ .data = bytes.ptr, .size = bytes.len },
                    request.timeout_ns,
                    &asked,
                ));
                return asked;
            }
        }.send;
        const request: Request = .{ .ctx = ctx, .to = to.bits, .timeout_ns = timeout_ns };
        return messages.withBytes(@TypeOf(to).Message, &message, request, send);
    }

    /// Sends one request to many, with one deadline; see askManyIn.
    pub fn askMany(
        ctx: *Context,
        comptime M: type,
        to: []const Ref(M),
        message: M,
        timeout_ns: u64,
        correlations: []u64,
    ) Error!void {
        return ctx.askManyIn(.{}, M, to, message, timeout_ns, correlations);
    }

    pub const askManyIn = spans.requestMany;
    pub const span = spans.inHand;

    /// `tell` of a message that carries a span.
    pub inline fn tellIn(ctx: *Context, carried: spans.Span, to: anytype, message: @TypeOf(to).Message) Error!void {
        return ctx.put(to.bits, carried.handle.bits, @TypeOf(to).Message, &message);
    }

    /// Starts a timer that sends a message, as a rule to this actor; its sender is none.
    pub fn startTimer(
        ctx: *Context,
        to: anytype,
        message: @TypeOf(to).Message,
        timing: timers.Timing,
    ) Error!timers.Timer {
        return timers.Timer.start(ctx.turn.system, to, message, timing);
    }

    /// The timer that sent the message in hand.
    pub fn timer(ctx: *const Context) ?timers.Timer {
        return timers.Timer.of(ctx.turn.system, ctx.message);
    }

    /// Has this actor get `timeout` whenever it had no message for so long; 0 ends that.
    pub fn setReceiveTimeout(ctx: *Context, timeout_ns: u64) Error!void {
        return status.check(raw.ac_actor_set_receive_timeout(ctx.turn.system, ctx.activation.actor, timeout_ns));
    }

    /// Ends a request of this actor's without a word: an answer that comes later is a dead letter. error.NotFound: it
    /// has ended.
    pub fn cancel(ctx: *Context, asked: u64) Error!void {
        try status.check(raw.ac_ask_cancel(ctx.home.system, asked));
    }

    /// Does somebody still wait for the answer to the request in hand? A handler that takes long can look in between,
    /// and give up.
    pub fn isWanted(ctx: *Context) bool {
        return raw.ac_ask_is_pending(ctx.home.system, ctx.message.correlation) == raw.AC_OK;
    }

    /// Makes an actor, from the worker's own records.
    pub fn spawn(ctx: *Context, comptime T: type, state: T, options: actors.Spawn) Error!Ref(actors.MessageOf(T)) {
        var made: [1]Ref(actors.MessageOf(T)) = undefined;
        try ctx.spawnMany(T, &.{state}, &made, options);
        return made[0];
    }

    /// Makes one actor for each state, all or none; `refs` is as long as `states`.
    pub fn spawnMany(
        ctx: *Context,
        comptime T: type,
        states: []const T,
        refs: []Ref(actors.MessageOf(T)),
        options: actors.Spawn,
    ) Error!void {
        return actors.spawn(T, ctx.home, ctx.turn.worker, states, refs, options, null);
    }

    /// Stops this actor when the activation in hand ends.
    pub fn stop(ctx: *Context) void {
        ctx.activation.flags |= raw.AC_ACTIVATION_STOP;
    }

    /// Restarts this actor after the message in hand; its mailbox goes on afterwards. No failure is recorded.
    pub fn restart(ctx: *Context) Error!void {
        try ctx.system().restartActor(ctx.self());
        ctx.yields = true;
    }

    /// The error to fail with for a reason in words: `return ctx.fail("no seat {d}", .{seat})` is recorded as
    /// `zig Theatre: no seat 7`, cut at 200 bytes.
    pub fn fail(ctx: *Context, comptime format: []const u8, arguments: anytype) error{Handler} {
        const text = std.fmt.bufPrint(ctx.reason, format, arguments) catch ctx.reason;
        ctx.reason_size = @intCast(text.len);
        ctx.reason_at = ctx.at;
        return error.Handler;
    }

    /// Sets the message in hand aside until `unstash`; do nothing more with it. error.Full: as many as Spawn.stash_max
    /// are, and the message is still in hand. error.InvalidArgument: it is one of those that tell of the actor's life.
    pub fn stash(ctx: *Context) Error!void {
        return status.check(raw.ac_worker_stash(ctx.turn.worker, ctx.index, ctx.at));
    }

    /// Puts back what was set aside, the oldest first and at most so many (0 is all), to be handled next: before the
    /// rest of the mailbox.
    pub fn unstash(ctx: *Context, most: u64) Error!void {
        try status.check(raw.ac_worker_unstash(ctx.turn.worker, ctx.index, most));
        ctx.yields = true;
    }

    /// From the next message on another function with the parameters of this actor's `handle` takes its place, on top
    /// of it or, with `replace`, instead of it: `try ctx.become(Door.open, .{})`. What is told of the actor's life goes
    /// there too, but for `restarted`, `stopping` and `stopped`: those are for `handle`, which a restart and a stop go
    /// back to. error.Limit: there are 64 on top of each other.
    pub fn become(ctx: *Context, comptime handler: anytype, options: struct { replace: bool = false }) Error!void {
        try actors.become(ctx, handler, options.replace);
        ctx.yields = true;
    }

    /// Back to the function below from the next message on. error.NotFound: it is `handle` already.
    pub fn unbecome(ctx: *Context) Error!void {
        try actors.unbecome(ctx);
        ctx.yields = true;
    }

    /// Replaces this actor's policy for its children from their next failure on.
    pub fn supervise(ctx: *Context, policy: Supervision) Error!void {
        return ctx.system().supervise(ctx.self(), policy, null);
    }

    /// Says what the failure of a child leads to that waits for it, as `failed` told. It stops when the activation with
    /// that message ends undecided.
    pub fn decide(ctx: *Context, child: Actor, strategy: Supervision.Strategy) Error!void {
        return ctx.system().decide(child, strategy);
    }

    /// Copies this actor's children in the order of their spawn; the result is part of `into`, which may be too short.
    pub fn children(ctx: *Context, into: []Actor) Error![]Actor {
        return ctx.system().children(ctx.self(), into);
    }

    /// Whose child this actor is, or none.
    pub fn supervisor(ctx: *Context) Error!Actor {
        return ctx.system().supervisor(ctx.self());
    }

    /// What this actor's children and itself have come to.
    pub fn supervision(ctx: *Context) Error!Supervision.Stats {
        return ctx.system().supervision(ctx.self());
    }

    /// Has this actor told by `terminated` when another one ends; at once when that has ended before.
    pub fn watch(ctx: *Context, target: Actor) Error!void {
        return ctx.system().watch(ctx.self(), target);
    }

    /// Ends it; a `terminated` that was sent before may still come.
    pub fn unwatch(ctx: *Context, target: Actor) Error!void {
        return ctx.system().unwatch(ctx.self(), target);
    }

    /// Links this actor to another one: when one ends by a failure the other fails too.
    pub fn link(ctx: *Context, other: Actor) Error!void {
        return ctx.system().link(ctx.self(), other);
    }

    /// Ends a link.
    pub fn unlink(ctx: *Context, other: Actor) Error!void {
        return ctx.system().unlink(ctx.self(), other);
    }

    /// Memory for the length of the turn, for what is built and sent within it: all of it goes at once when the turn
    /// ends, so that it must not be kept in the state, and what is freed before is not used again. Each allocation is a
    /// call of the library, of at most 1 GiB.
    pub fn scratch(ctx: *const Context) std.mem.Allocator {
        return .{ .ptr = ctx.turn, .vtable = &memory.scratch_vtable };
    }

    /// Submits what was sent so far; otherwise that happens when the turn ends.
    pub fn flush(ctx: *Context) Error!void {
        return status.check(raw.ac_worker_flush(ctx.turn.worker));
    }

    inline fn put(ctx: *Context, to: u64, asked: u64, comptime M: type, message: *const M) Error!void {
        const envelope = try ctx.envelopeTo(to, asked);
        try messages.encode(M, envelope, message);
        ctx.turn.outbox_count += 1;
    }

    /// The next free envelope with receiver, sender and correlation set; it goes out once outbox_count counts it.
    inline fn envelopeTo(ctx: *Context, to: u64, asked: u64) Error!*messages.Envelope {
        const turn = ctx.turn;
        if (turn.outbox_count >= turn.outbox_capacity) try ctx.flush();
        const envelope = turn.outbox[turn.outbox_count];
        envelope.to = .{ .bits = to };
        envelope.sender = ctx.activation.actor;
        envelope.correlation = asked;
        return envelope;
    }
};
