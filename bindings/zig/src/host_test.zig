//! A seeded system whose actors run in one of the modes, for facts that hold in all of them.
const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;

pub const Host = struct {
    system: ac.System,
    dispatcher: ?ac.Dispatcher = null,
    worker: ?ac.Worker = null,
    thread: ?std.Thread = null,
    arena: std.heap.ArenaAllocator,

    fn init(self: *Host, mode: ac.Dispatcher.Mode) !void {
        self.* = .{ .system = try .init(gpa, .{ .seed = 7 }, null), .arena = .init(gpa) };
        errdefer self.system.deinit();
        if (mode == .@"inline") return;
        self.dispatcher = try self.system.dispatcher(.{ .mode = mode }, null);
        if (mode != .attached) return;
        self.worker = try self.dispatcher.?.attach(.{ .pinned = false }, null);
        self.thread = try std.Thread.spawn(.{}, drive, .{&self.worker.?});
    }

    fn deinit(self: *Host) void {
        _ = self.system.stop(0, null) catch {};
        if (self.thread) |thread| thread.join();
        if (self.worker) |*worker| worker.deinit();
        self.system.deinit();
        self.arena.deinit();
    }

    fn drive(worker: *ac.Worker) void {
        while (worker.turn(ac.never) catch |err| std.debug.panic("{t}", .{err})) {}
    }

    pub fn spawn(self: *Host, comptime T: type, state: T, options: ac.System.Spawn) !ac.Ref(ac.MessageOf(T)) {
        var here = options;
        here.dispatcher = self.dispatcher;
        return self.system.spawn(T, state, here, null);
    }

    /// A copy that lives as long as the actors do.
    pub fn make(self: *Host, value: anytype) !*@TypeOf(value) {
        const made = try self.arena.allocator().create(@TypeOf(value));
        made.* = value;
        return made;
    }

    pub fn settle(self: *Host) !void {
        return self.system.settle(ac.never);
    }

    /// The ledger, which has to hold.
    pub fn ledger(self: *Host) !ac.System.Ledger {
        const out = try self.system.ledger();
        try std.testing.expect(out.holds());
        return out;
    }
};

/// Tells the same in each mode.
pub fn inEveryMode(comptime tell: fn (host: *Host) anyerror!void) !void {
    for ([_]ac.Dispatcher.Mode{ .@"inline", .caller, .attached }) |mode| {
        var host: Host = undefined;
        try host.init(mode);
        defer host.deinit();
        errdefer std.debug.print("in mode {t}\n", .{mode});
        try tell(&host);
    }
}

/// What an actor writes down, a letter for each thing that it hears, and when it heard it.
pub const Log = struct {
    letters: [64]u8 = undefined,
    at_ns: [64]u64 = undefined,
    size: usize = 0,

    pub fn add(self: *Log, ctx: *const ac.Context, letter: u8) !void {
        if (self.size == self.letters.len) return error.LogFull;
        self.letters[self.size] = letter;
        self.at_ns[self.size] = try ctx.system().now();
        self.size += 1;
    }

    pub fn expect(self: *const Log, letters: []const u8) !void {
        try std.testing.expectEqualStrings(letters, self.letters[0..self.size]);
    }
};
