//! Subsystems that compute their output: a struct whose `contribute` is called for every resolve, or an actor.
//!
//! Threads:    contribute runs on the library's threads, several at once when several entities are resolved.
//! Invariants: the state's box is freed once, after the last question has ended. An error of contribute lists the
//!             subsystem as failed in the snapshot and leaves nothing else undone.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const layout = @import("layout.zig");
const engines = @import("engine.zig");
const Entity = @import("entity.zig").Entity;
const outputs = @import("output.zig");

/// One question to one subsystem. Also the message `contribute: actorcore.Question = actorcore.number.contribute`.
pub const Question = extern struct {
    query: raw.ac_query,
    /// Whose output is asked; borrowed.
    entity: Entity,
    context_buffer: raw.ac_buffer,
    /// The subsystem's name.
    system: engines.Name,
    reserved: u32 = 0,

    /// Gives the output; its rows are copied. `system` and priority may be left to the registration.
    pub fn answer(self: Question, output: outputs.Output) status.Error!void {
        const given = output.toRaw();
        return status.check(raw.ac_query_answer(self.query, &given));
    }

    /// What resolveWithContext gave, or empty; borrowed for the turn.
    pub fn context(self: Question) status.Error![]const u8 {
        if (self.context_buffer.bits == 0) return "";
        var view: raw.ac_bytes = .{};
        try status.check(raw.ac_buffer_view(self.context_buffer, &view));
        return view.data.?[0..view.size];
    }
};

comptime {
    layout.same(Question, raw.ac_contribute);
}

pub const Options = struct {
    /// Its system name, unique in the engine.
    name: []const u8,
    /// Of its outputs; higher first.
    priority: i64 = 0,
};

pub fn register(
    comptime T: type,
    engine: raw.ac_engine,
    allocator: std.mem.Allocator,
    state: T,
    options: Options,
    diagnostics: ?*status.Diagnostics,
) status.Error!void {
    const box = try allocator.create(Box(T));
    errdefer allocator.destroy(box);
    box.* = .{ .allocator = allocator, .state = state };
    const given: raw.ac_subsystem_options = .{
        .name = status.text(options.name),
        .priority = options.priority,
        .on_contribute = &Box(T).onContribute,
        .user = @intFromPtr(box),
        .destroy = &Box(T).onDestroy,
    };
    return status.check(raw.ac_subsystem_register(engine, &given, status.Diagnostics.out(diagnostics)));
}

pub fn registerActor(
    engine: raw.ac_engine,
    actor: messages.Actor,
    options: Options,
    diagnostics: ?*status.Diagnostics,
) status.Error!void {
    const given: raw.ac_subsystem_options = .{
        .name = status.text(options.name),
        .priority = options.priority,
        .actor = .{ .bits = actor.bits },
    };
    return status.check(raw.ac_subsystem_register(engine, &given, status.Diagnostics.out(diagnostics)));
}

fn Box(comptime T: type) type {
    return struct {
        allocator: std.mem.Allocator,
        state: T,

        fn onContribute(user: usize, contribute: *const raw.ac_contribute) callconv(.c) i32 {
            const box: *@This() = @ptrFromInt(user);
            const question: *const Question = @ptrCast(contribute);
            box.state.contribute(question.*) catch return raw.AC_E_HANDLER;
            return raw.AC_OK;
        }

        fn onDestroy(user: usize) callconv(.c) void {
            const box: *@This() = @ptrFromInt(user);
            if (@hasDecl(T, "deinit")) box.state.deinit();
            box.allocator.destroy(box);
        }
    };
}
