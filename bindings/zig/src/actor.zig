//! An actor is a struct with a `handle`. Its state lives in a box of the system's allocator; the box's address is the
//! actor's word, so that a turn of any dispatcher finds both the state and the code.
//!
//! Threads:    a handler runs on one thread at a time; the allocator is called from every thread that runs handlers.
//! Invariants: a box is freed exactly once: by the behavior's `destroy`, or on an attached dispatcher with STOPPED.
//!             An error of a handler stops its actor as a named failure and never leaves the trampoline.
//! Cost:       one indirect call a turn; the handler is inlined into the loop over its messages.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const Context = @import("context.zig").Context;
const Dispatcher = @import("dispatcher.zig").Dispatcher;
const Mailbox = @import("mailbox.zig").Mailbox;
const Actor = messages.Actor;
const Ref = messages.Ref;

/// The message type of an actor: that of its handler's third parameter. Also the check of the actor's shape.
pub fn MessageOf(comptime T: type) type {
    const wanted = @typeName(T) ++ ": an actor has `pub fn handle(self: *" ++ shortName(T) ++
        ", ctx: *actorcore.Context, message: M) !void`";
    if (@typeInfo(T) != .@"struct" or !@hasDecl(T, "handle")) @compileError(wanted);
    const handle = @typeInfo(@TypeOf(T.handle)).@"fn";
    const params = handle.param_types;
    if (params.len != 3 or params[0] != *T or params[1] != *Context) @compileError(wanted);
    const M = params[2] orelse @compileError(wanted);
    switch (@typeInfo(handle.return_type.?)) {
        .void => {},
        .error_union => |result| if (result.payload != void) @compileError(wanted),
        else => @compileError(wanted),
    }
    messages.validate(M);
    return M;
}

/// What names the actor in failures: the type's name without its path.
pub fn shortName(comptime T: type) []const u8 {
    const full = @typeName(T);
    const end = std.mem.indexOfScalar(u8, full, '(') orelse full.len;
    const start = if (std.mem.lastIndexOfScalar(u8, full[0..end], '.')) |dot| dot + 1 else 0;
    return full[start..];
}

/// Most kinds of actors that one program may have.
const kinds_max = 1024;

var kinds = std.atomic.Value(u32).init(0);

/// What the boxes of one system share. It lives until the system has stopped.
pub const Home = struct {
    allocator: std.mem.Allocator,
    system: raw.ac_system,
    behaviors: [kinds_max]std.atomic.Value(u64) = @splat(.init(0)),

    /// The behavior of a kind of actor, registered when it is first asked for.
    pub fn behavior(self: *Home, comptime T: type) status.Error!raw.ac_behavior {
        const slot = &self.behaviors[try Kind(T).index()];
        const known = slot.load(.acquire); // with the release below
        if (known != 0) return .{ .bits = known };
        const options: raw.ac_behavior_options = .{
            .on_turn = &Kind(T).onTurn,
            .destroy = &Kind(T).onDestroy,
            .name = status.text("zig " ++ comptime shortName(T)),
        };
        var made: raw.ac_behavior = .{};
        try status.check(raw.ac_behavior_create(self.system, &options, &made, null));
        // Two threads may both have made one; either will do, and both end with the system.
        slot.store(made.bits, .release);
        return made;
    }
};

/// What every box starts with, whatever state it holds.
pub const Header = struct {
    home: *Home,
    /// Handles one activation of an attached worker's turn; the result is that of a behavior's on_turn.
    runAttached: *const fn (header: *Header, turn: *raw.ac_turn, activation: *raw.ac_activation, index: u32) i32,
};

fn headerOf(user: usize) *Header {
    return @ptrFromInt(user);
}

/// How actors are made.
pub const Spawn = struct {
    /// Unique in the system, at most 255 bytes; empty is none.
    name: []const u8 = "",
    /// Who runs it; null is the system's default.
    dispatcher: ?Dispatcher = null,
    /// Whose child it is: told of its failure by `failed`, and when it stops, so does the child.
    supervisor: Actor = .none,
    /// Its mailbox; null is unbounded, first in, first out.
    mailbox: ?Mailbox = null,
};

/// Makes one actor for each state, all or none: on a worker inside a handler, else from outside.
pub fn spawn(
    comptime T: type,
    home: *Home,
    worker: ?raw.ac_worker,
    states: []const T,
    refs: []Ref(MessageOf(T)),
    options: Spawn,
    diagnostics: ?*status.Diagnostics,
) status.Error!void {
    if (states.len != refs.len) return error.InvalidArgument;
    const attached = if (options.dispatcher) |dispatcher| dispatcher.mode == .attached else false;
    const mailbox: ?raw.ac_mailbox_options = if (options.mailbox) |given| given.toRaw() else null;
    const what: raw.ac_spawn_options = .{
        .flags = flagsOf(MessageOf(T), attached),
        .behavior = if (attached) .{} else try home.behavior(T),
        .dispatcher = if (options.dispatcher) |dispatcher| dispatcher.handle else .{},
        .supervisor = .{ .bits = options.supervisor.bits },
        .name = status.text(options.name),
        .mailbox = if (mailbox) |*given| given else null,
    };
    var few: [16]usize = undefined;
    const words = if (states.len <= few.len) few[0..states.len] else try home.allocator.alloc(usize, states.len);
    defer if (words.ptr != &few) home.allocator.free(words);

    var boxed: usize = 0;
    errdefer for (words[0..boxed]) |word| Kind(T).free(word);
    while (boxed < states.len) : (boxed += 1) words[boxed] = try Kind(T).create(home, states[boxed]);
    return spawnWords(home.system, worker, &what, words, @ptrCast(refs.ptr), diagnostics);
}

fn spawnWords(
    system: raw.ac_system,
    worker: ?raw.ac_worker,
    what: *const raw.ac_spawn_options,
    words: []const usize,
    actors: [*]raw.ac_actor,
    diagnostics: ?*status.Diagnostics,
) status.Error!void {
    const out = status.Diagnostics.out(diagnostics);
    if (worker) |at| return status.check(raw.ac_worker_spawn(at, what, words.ptr, words.len, actors, out));
    if (words.len != 1) return status.check(raw.ac_spawn_many(system, what, words.ptr, words.len, actors, out));
    var one = what.*;
    one.user = words[0];
    return status.check(raw.ac_spawn(system, &one, &actors[0], out));
}

/// STARTED and STOPPED come only to those who have a message for them, but an attached actor's box ends with STOPPED.
fn flagsOf(comptime M: type, attached: bool) u32 {
    var flags: u32 = 0;
    if (comptime messages.has(M, raw.AC_TYPE_STARTED)) flags |= raw.AC_SPAWN_STARTED;
    if (attached or comptime messages.has(M, raw.AC_TYPE_STOPPED)) flags |= raw.AC_SPAWN_STOPPED;
    return flags;
}

/// The code of one kind of actor.
pub fn Kind(comptime T: type) type {
    return struct {
        const Message = MessageOf(T);
        const Box = struct { header: Header, state: T };
        var index_or_zero = std.atomic.Value(u32).init(0);

        /// A small number of this kind, the same for the life of the process.
        fn index() status.Error!u32 {
            const known = index_or_zero.load(.monotonic); // a number alone, nothing is published with it
            if (known != 0) return known - 1;
            const mine = kinds.fetchAdd(1, .monotonic) + 1;
            if (mine > kinds_max) return error.Limit;
            const before = index_or_zero.cmpxchgStrong(0, mine, .monotonic, .monotonic) orelse mine;
            return before - 1;
        }

        /// Puts a state into a box; the result is the actor's word.
        pub fn create(home: *Home, state: T) status.Error!usize {
            const box = try home.allocator.create(Box);
            box.* = .{ .header = .{ .home = home, .runAttached = &runAttached }, .state = state };
            return @intFromPtr(&box.header);
        }

        /// Frees a box whose actor was never made; its state stays the caller's.
        fn free(user: usize) void {
            const box: *Box = @fieldParentPtr("header", headerOf(user));
            box.header.home.allocator.destroy(box);
        }

        fn destroy(user: usize) void {
            const box: *Box = @fieldParentPtr("header", headerOf(user));
            if (@hasDecl(T, "deinit")) box.state.deinit();
            free(user);
        }

        fn onTurn(user: usize, turn: *raw.ac_turn, activation: *raw.ac_activation) callconv(.c) i32 {
            return runBox(@fieldParentPtr("header", headerOf(user)), turn, activation, 0, false);
        }

        fn onDestroy(user: usize) callconv(.c) void {
            destroy(user);
        }

        fn runAttached(header: *Header, turn: *raw.ac_turn, activation: *raw.ac_activation, index_in_turn: u32) i32 {
            return runBox(@fieldParentPtr("header", header), turn, activation, index_in_turn, true);
        }

        fn runBox(
            box: *Box,
            turn: *raw.ac_turn,
            activation: *raw.ac_activation,
            index_in_turn: u32,
            attached: bool,
        ) i32 {
            var ctx: Context = .{
                .turn = turn,
                .activation = activation,
                .home = box.header.home,
                .message = undefined,
                .attached = attached,
            };
            for (activation.messages[0..activation.count], 0..) |envelope, number| {
                ctx.message = envelope;
                deliver(box, &ctx, envelope) catch |err| {
                    return fail(turn, activation, index_in_turn, @intCast(number), err);
                };
            }
            return raw.AC_OK;
        }

        inline fn deliver(box: *Box, ctx: *Context, envelope: *const messages.Envelope) anyerror!void {
            if (comptime !messages.isUnion(Message)) {
                if (envelope.type != comptime messages.plainNumber(Message)) return strange(box, ctx, envelope);
                return handleOne(box, ctx, try messages.payloadAs(Message, envelope));
            }
            var message: Message = undefined;
            inline for (comptime messages.fieldsOf(Message)) |field| {
                if (field.number != raw.AC_TYPE_STOPPED and envelope.type == field.number) {
                    message = @unionInit(Message, field.name, try messages.payloadAs(field.type, envelope));
                    break;
                }
            } else return strange(box, ctx, envelope);
            return handleOne(box, ctx, message);
        }

        /// What is none of the actor's messages.
        fn strange(box: *Box, ctx: *Context, envelope: *const messages.Envelope) anyerror!void {
            @branchHint(.cold);
            if (envelope.type == raw.AC_TYPE_STOPPED) return stopped(box, ctx, envelope);
            return if (@hasDecl(T, "other")) box.state.other(ctx) else error.UnknownMessage;
        }

        inline fn handleOne(box: *Box, ctx: *Context, message: Message) anyerror!void {
            const result = box.state.handle(ctx, message);
            if (@typeInfo(@TypeOf(result)) == .error_union) try result;
        }

        /// The last message. On an attached dispatcher no `destroy` will come, so that the box ends here.
        fn stopped(box: *Box, ctx: *Context, envelope: *const messages.Envelope) anyerror!void {
            defer if (ctx.attached) destroy(@intFromPtr(&box.header));
            if (comptime messages.has(Message, raw.AC_TYPE_STOPPED)) {
                return handleOne(box, ctx, try messages.decode(Message, envelope));
            }
        }

        fn fail(
            turn: *raw.ac_turn,
            activation: *raw.ac_activation,
            index_in_turn: u32,
            number: u32,
            err: anyerror,
        ) i32 {
            @branchHint(.cold);
            var buffer: [216]u8 = undefined;
            const name = "zig " ++ comptime shortName(T);
            const told = std.fmt.bufPrint(&buffer, name ++ ": error.{s}", .{@errorName(err)}) catch &buffer;
            _ = raw.ac_worker_fail(turn.worker, index_in_turn, number, raw.AC_E_HANDLER, status.text(told));
            activation.handled = number;
            return raw.AC_E_HANDLER;
        }
    };
}
