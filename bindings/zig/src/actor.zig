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
const Supervision = @import("supervision.zig").Supervision;
const Actor = messages.Actor;
const Ref = messages.Ref;

/// The message type of an actor: that of its handler's third parameter. Also the check of the actor's shape.
pub fn MessageOf(comptime T: type) type {
    const wanted = @typeName(T) ++ ": an actor has `pub fn handle(self: *" ++ shortName(T) ++
        ", ctx: *actorcore.Context, message: M) !void`";
    if (@typeInfo(T) != .@"struct" or !@hasDecl(T, "handle")) @compileError(wanted);
    const M = HandledBy(T, T.handle) orelse @compileError(wanted);
    messages.validate(M);
    return M;
}

/// The message type of a function that handles an actor's messages; null when it is none.
fn HandledBy(comptime T: type, comptime handler: anytype) ?type {
    const function = @typeInfo(@TypeOf(handler)).@"fn";
    const params = function.param_types;
    if (params.len != 3 or params[0] != *T or params[1] != *Context) return null;
    return switch (@typeInfo(function.return_type.?)) {
        .void => params[2],
        .error_union => |result| if (result.payload == void) params[2] else null,
        else => null,
    };
}

/// The actor that such a function belongs to: it takes what that actor's `handle` takes.
fn ActorOf(comptime handler: anytype) type {
    const wanted = "become takes a function with the parameters of its actor's `handle`";
    const info = @typeInfo(@TypeOf(handler));
    if (info != .@"fn" or info.@"fn".param_types.len != 3) @compileError(wanted);
    const self = @typeInfo(info.@"fn".param_types[0] orelse @compileError(wanted));
    if (self != .pointer) @compileError(wanted);
    const T = self.pointer.child;
    if (HandledBy(T, handler) != MessageOf(T)) @compileError(wanted);
    return T;
}

/// What names the actor in failures: the type's name without its path.
pub fn shortName(comptime T: type) []const u8 {
    const full = @typeName(T);
    const end = std.mem.indexOfScalar(u8, full, '(') orelse full.len;
    const start = if (std.mem.lastIndexOfScalar(u8, full[0..end], '.')) |dot| dot + 1 else 0;
    return full[start..];
}

/// Most kinds of actors that one program may have, and functions that they become.
const kinds_max = 1024;
/// Most functions on top of each other, as the library has it.
const stacked_max = 64;

var kinds = std.atomic.Value(u32).init(0);

/// What the boxes of one system share. It lives until the system has stopped.
pub const Home = struct {
    allocator: std.mem.Allocator,
    system: raw.ac_system,
    behaviors: [kinds_max]std.atomic.Value(u64) = @splat(.init(0)),

    /// The behavior of a kind of actor with that handler, registered when it is first asked for.
    pub fn behavior(self: *Home, comptime T: type, comptime handler: anytype) status.Error!raw.ac_behavior {
        const slot = &self.behaviors[try Kind(T, handler).index()];
        const known = slot.load(.acquire); // with the release below
        if (known != 0) return .{ .bits = known };
        const options: raw.ac_behavior_options = .{
            .on_turn = &Kind(T, handler).onTurn,
            .destroy = &Box(T).onDestroy,
            .name = status.text("zig " ++ comptime shortName(T)),
        };
        var made: raw.ac_behavior = .{};
        try status.check(raw.ac_behavior_create(self.system, &options, &made, null));
        // Two threads may both have made one; either will do, and both end with the system.
        slot.store(made.bits, .release);
        return made;
    }
};

/// Handles one activation of an attached worker's turn.
const RunAttached = *const fn (header: *Header, turn: *raw.ac_turn, activation: *raw.ac_activation, index: u32) void;

/// What every box starts with, whatever state it holds.
pub const Header = struct {
    home: *Home,
    /// Which actor's box it is.
    actor: *const anyopaque,
    runAttached: RunAttached,
    /// Why a pool could not make its state.
    missing: ?anyerror = null,
    /// What an attached actor goes back to; the library keeps that of the others.
    below: ?*Below = null,

    const Below = struct { runAttached: RunAttached, next: ?*Below, depth: u32 };

    /// Handles one activation of an attached worker's turn. A restart and a stop begin with what the actor was spawned
    /// with, as the library's own behaviors do.
    pub inline fn run(self: *Header, turn: *raw.ac_turn, activation: *raw.ac_activation, index: u32) void {
        if (self.below != null) switch (activation.messages[0].type) {
            raw.AC_TYPE_RESTARTED, raw.AC_TYPE_STOPPING, raw.AC_TYPE_STOPPED => while (self.pop()) {},
            else => {},
        };
        self.runAttached(self, turn, activation, index);
    }

    fn push(self: *Header, next: RunAttached, replace: bool) status.Error!void {
        const depth = if (self.below) |below| below.depth else 0;
        if (!replace or depth == 0) {
            if (depth == stacked_max) return error.Limit;
            const below = try self.home.allocator.create(Below);
            below.* = .{ .runAttached = self.runAttached, .next = self.below, .depth = depth + 1 };
            self.below = below;
        }
        self.runAttached = next;
    }

    fn pop(self: *Header) bool {
        const below = self.below orelse return false;
        self.runAttached = below.runAttached;
        self.below = below.next;
        self.home.allocator.destroy(below);
        return true;
    }
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
    /// Whose child it is: what `children` of the supervisor says decides on its failures, and it stops before the
    /// supervisor does.
    supervisor: Actor = .none,
    /// What its failure leads to, instead of what its supervisor says.
    supervision: Supervision = .{},
    /// What the failures of its children lead to; by default they stop, and `failed` tells of them.
    children: Supervision = .{},
    /// A restart leaves its children alone; otherwise they stop.
    keep_children: bool = false,
    /// Told of the ends of linked actors by `exit`, and does not fail with them.
    trap_exit: bool = false,
    /// Most messages that it may stash; 0 is 1,024.
    stash_max: u32 = 0,
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
    const mailbox: ?raw.ac_mailbox_options = if (options.mailbox) |given| given.toRaw() else null;
    const what = try spawnOptions(T, home, &options, if (mailbox) |*given| given else null);
    var few: [16]usize = undefined;
    const words = if (states.len <= few.len) few[0..states.len] else try home.allocator.alloc(usize, states.len);
    defer if (words.ptr != &few) home.allocator.free(words);

    var boxed: usize = 0;
    errdefer for (words[0..boxed]) |word| Box(T).free(word);
    while (boxed < states.len) : (boxed += 1) words[boxed] = try Box(T).create(home, states[boxed]);
    return spawnWords(home.system, worker, &what, words, @ptrCast(refs.ptr), diagnostics);
}

/// What the library takes; name and mailbox are borrowed.
pub fn spawnOptions(
    comptime T: type,
    home: *Home,
    options: *const Spawn,
    mailbox: ?*const raw.ac_mailbox_options,
) status.Error!raw.ac_spawn_options {
    const attached = if (options.dispatcher) |dispatcher| dispatcher.mode == .attached else false;
    return .{
        .flags = flagsOf(MessageOf(T), attached) | (if (options.keep_children) raw.AC_SPAWN_KEEP_CHILDREN else 0) |
            (if (options.trap_exit) raw.AC_SPAWN_TRAP_EXIT else 0),
        .behavior = if (attached) .{} else try home.behavior(T, T.handle),
        .dispatcher = if (options.dispatcher) |dispatcher| dispatcher.handle else .{},
        .supervisor = .{ .bits = options.supervisor.bits },
        .name = status.text(options.name),
        .supervision = options.supervision.toRaw(),
        .children = options.children.toRaw(),
        .stash_max = options.stash_max,
        .mailbox = mailbox,
    };
}

const maker_wanted = "a pool is made with a function `fn (context: C) T` or `fn (context: C) !T` of an actor T";

/// What a pool's function takes; a compile error where it is none.
pub fn ContextOf(comptime make: anytype) type {
    const info = @typeInfo(@TypeOf(make));
    if (info != .@"fn" or info.@"fn".param_types.len != 1) @compileError(maker_wanted);
    return info.@"fn".param_types[0] orelse @compileError(maker_wanted);
}

/// The actor that a pool's function makes.
pub fn MadeBy(comptime make: anytype) type {
    const Made = @typeInfo(@TypeOf(make)).@"fn".return_type orelse @compileError(maker_wanted);
    return if (@typeInfo(Made) == .error_union) @typeInfo(Made).error_union.payload else Made;
}

/// The word of an actor with the state that the function makes. Where that fails it is one of an actor that fails with
/// why as soon as it starts, and ends: it has to be spawned with AC_SPAWN_STARTED.
pub fn makeWord(home: *Home, comptime make: anytype, context: ContextOf(make)) usize {
    return Box(MadeBy(make)).make(home, make, context);
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

/// What tells of its life comes only to those who have a message for it. But an attached actor's box ends with STOPPED,
/// and its functions go back with RESTARTED.
fn flagsOf(comptime M: type, attached: bool) u32 {
    var flags: u32 = if (attached) raw.AC_SPAWN_STOPPED | raw.AC_SPAWN_RESTARTED else 0;
    inline for (.{
        .{ raw.AC_TYPE_STARTED, raw.AC_SPAWN_STARTED },
        .{ raw.AC_TYPE_STOPPED, raw.AC_SPAWN_STOPPED },
        .{ raw.AC_TYPE_RESTARTING, raw.AC_SPAWN_RESTARTING },
        .{ raw.AC_TYPE_RESTARTED, raw.AC_SPAWN_RESTARTED },
        .{ raw.AC_TYPE_STOPPING, raw.AC_SPAWN_STOPPING },
    }) |pair| {
        if (comptime messages.has(M, pair[0])) flags |= pair[1];
    }
    return flags;
}

/// Has the actor of the Context handled by another function from its next activation on.
pub fn become(ctx: *Context, comptime handler: anytype, replace: bool) status.Error!void {
    const T = ActorOf(handler);
    const header = headerOf(ctx.activation.user);
    if (header.actor != Box(T).actor()) return error.InvalidArgument;
    if (ctx.attached) return header.push(&Kind(T, handler).runAttached, replace);
    const flags = if (replace) raw.AC_BECOME_REPLACE else 0;
    const next = try ctx.home.behavior(T, handler);
    return status.check(raw.ac_worker_become(ctx.turn.worker, ctx.index, next, flags));
}

/// Back to the function below.
pub fn unbecome(ctx: *Context) status.Error!void {
    if (!ctx.attached) return status.check(raw.ac_worker_unbecome(ctx.turn.worker, ctx.index));
    if (!headerOf(ctx.activation.user).pop()) return error.NotFound;
}

/// The memory of one kind of actor.
fn Box(comptime T: type) type {
    return struct {
        header: Header,
        state: T,

        const Self = @This();
        var mark: u8 = 0;

        /// Stands for the kind.
        fn actor() *const anyopaque {
            return &mark;
        }

        fn of(user: usize) *Self {
            return @alignCast(@fieldParentPtr("header", headerOf(user)));
        }

        /// Puts a state into a box; the result is the actor's word.
        fn create(home: *Home, state: T) status.Error!usize {
            const box = try home.allocator.create(Self);
            const run = &Kind(T, T.handle).runAttached;
            box.* = .{ .header = .{ .home = home, .actor = actor(), .runAttached = run }, .state = state };
            return @intFromPtr(&box.header);
        }

        /// Stands for a box that there was no memory for.
        var none: Self = .{
            .header = .{
                .home = undefined,
                .actor = actor(),
                .runAttached = &Kind(T, T.handle).runAttached,
                .missing = error.OutOfMemory,
            },
            .state = undefined,
        };

        /// Has a state made in a box; whatever comes of that, the result is an actor's word.
        fn make(home: *Home, comptime function: anytype, context: ContextOf(function)) usize {
            const word = create(home, undefined) catch return @intFromPtr(&none.header);
            const box = of(word);
            const made = function(context);
            if (@typeInfo(@TypeOf(made)) == .error_union) {
                if (made) |state| box.state = state else |err| box.header.missing = err;
            } else box.state = made;
            return word;
        }

        /// Frees a box whose actor was never made; its state stays the caller's.
        fn free(user: usize) void {
            const box = of(user);
            if (box != &none) box.header.home.allocator.destroy(box);
        }

        fn destroy(user: usize) void {
            const box = of(user);
            if (@hasDecl(T, "deinit") and box.header.missing == null) box.state.deinit();
            free(user);
        }

        fn onDestroy(user: usize) callconv(.c) void {
            destroy(user);
        }
    };
}

/// The code of one kind of actor with one of its handlers.
fn Kind(comptime T: type, comptime handler: anytype) type {
    return struct {
        const Message = MessageOf(T);
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

        fn onTurn(user: usize, turn: *raw.ac_turn, activation: *raw.ac_activation) callconv(.c) i32 {
            return runBox(Box(T).of(user), turn, activation, 0, false);
        }

        fn runAttached(header: *Header, turn: *raw.ac_turn, activation: *raw.ac_activation, index_in_turn: u32) void {
            // What fails was told by `fail`.
            _ = runBox(Box(T).of(@intFromPtr(header)), turn, activation, index_in_turn, true);
        }

        fn runBox(
            box: *Box(T),
            turn: *raw.ac_turn,
            activation: *raw.ac_activation,
            index_in_turn: u32,
            attached: bool,
        ) i32 {
            var reason: [200]u8 = undefined; // here, for as a part of the Context it would be set each time
            var ctx: Context = .{
                .turn = turn,
                .activation = activation,
                .home = box.header.home,
                .message = undefined,
                .index = index_in_turn,
                .attached = attached,
                .reason = &reason,
            };
            if (box.header.missing) |err| return runMissing(box, &ctx, err);
            for (activation.messages[0..activation.count], 0..) |envelope, number| {
                ctx.message = envelope;
                ctx.at = @intCast(number);
                deliver(box, &ctx, envelope) catch |err| return fail(&ctx, err);
                if (ctx.yields) {
                    activation.handled = ctx.at + 1;
                    activation.flags |= raw.AC_ACTIVATION_YIELD;
                    return raw.AC_OK;
                }
            }
            return raw.AC_OK;
        }

        inline fn deliver(box: *Box(T), ctx: *Context, envelope: *const messages.Envelope) anyerror!void {
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

        /// An actor without a state fails with why, and ends: a restart would not make it.
        fn runMissing(box: *Box(T), ctx: *const Context, err: anyerror) i32 {
            @branchHint(.cold);
            const activation = ctx.activation;
            switch (activation.messages[0].type) {
                raw.AC_TYPE_STOPPED => {
                    if (ctx.attached) Box(T).destroy(@intFromPtr(&box.header));
                    return raw.AC_OK;
                },
                raw.AC_TYPE_STOPPING, raw.AC_TYPE_RESTARTING, raw.AC_TYPE_RESTARTED => return raw.AC_OK,
                else => {},
            }
            _ = raw.ac_actor_stop(ctx.turn.system, activation.actor, 0);
            return fail(ctx, err);
        }

        /// What is none of the actor's messages.
        fn strange(box: *Box(T), ctx: *Context, envelope: *const messages.Envelope) anyerror!void {
            @branchHint(.cold);
            switch (envelope.type) {
                raw.AC_TYPE_STOPPED => return stopped(box, ctx, envelope),
                raw.AC_TYPE_STARTED, raw.AC_TYPE_RESTARTED => return, // asked for by the pool, or the box, alone
                else => return if (@hasDecl(T, "other")) box.state.other(ctx) else error.UnknownMessage,
            }
        }

        inline fn handleOne(box: *Box(T), ctx: *Context, message: Message) anyerror!void {
            const result = handler(&box.state, ctx, message);
            if (@typeInfo(@TypeOf(result)) == .error_union) try result;
        }

        /// The last message. On an attached dispatcher no `destroy` will come, so that the box ends here; of an actor
        /// that was killed nothing else is due.
        fn stopped(box: *Box(T), ctx: *Context, envelope: *const messages.Envelope) anyerror!void {
            defer if (ctx.attached) Box(T).destroy(@intFromPtr(&box.header));
            if (ctx.activation.flags & raw.AC_ACTIVATION_KILLED != 0) return;
            if (comptime messages.has(Message, raw.AC_TYPE_STOPPED)) {
                return handleOne(box, ctx, try messages.decode(Message, envelope));
            }
        }

        fn fail(ctx: *const Context, err: anyerror) i32 {
            @branchHint(.cold);
            var buffer: [216]u8 = undefined;
            const name = "zig " ++ comptime shortName(T);
            const reason = ctx.reason[0..if (ctx.reason_at == ctx.at) ctx.reason_size else 0];
            const told = (if (err == error.Handler and reason.len > 0)
                std.fmt.bufPrint(&buffer, name ++ ": {s}", .{reason})
            else
                std.fmt.bufPrint(&buffer, name ++ ": error.{s}", .{@errorName(err)})) catch &buffer;
            const activation = ctx.activation;
            _ = raw.ac_worker_fail(ctx.turn.worker, ctx.index, ctx.at, raw.AC_E_HANDLER, status.text(told));
            activation.handled = ctx.at;
            return raw.AC_E_HANDLER;
        }
    };
}
