//! Names: who is found under which, and who is told when that changes; and what message types are called. These are
//! methods of System.
//!
//! Threads:    any, handlers too.
//! Invariants: a name belongs to one actor until it ends, or to all that share it.
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const messages = @import("message.zig");
const System = @import("system.zig").System;
const Actor = messages.Actor;
const Error = status.Error;

/// An actor and one of its names.
pub const Registration = extern struct {
    actor: Actor = .none,
    flags: u32 = 0,
    size: u32 = 0,
    bytes: [256]u8 = @splat(0),

    pub fn name(self: *const Registration) []const u8 {
        return self.bytes[0..@min(self.size, self.bytes.len)];
    }

    pub fn isShared(self: Registration) bool {
        return self.flags & raw.AC_NAME_SHARED != 0;
    }

    /// From the payload of `registered` and `unregistered`.
    pub fn read(payload: []const u8) Registration {
        return messages.readCut(Registration, payload);
    }
};

comptime {
    layout.same(Registration, raw.ac_named);
}

/// Gives a live actor a name, beside those that it has; shared, others may hold it too.
pub fn register(self: System, name: []const u8, actor: Actor, options: struct { shared: bool = false }) Error!void {
    const flags: u32 = if (options.shared) raw.AC_NAME_SHARED else 0;
    try status.check(raw.ac_name_register(self.home.system, status.text(name), .{ .bits = actor.bits }, flags));
}

/// Takes a name from an actor, also one that it was spawned with.
pub fn unregister(self: System, name: []const u8, actor: Actor) Error!void {
    try status.check(raw.ac_name_unregister(self.home.system, status.text(name), .{ .bits = actor.bits }));
}

/// Copies a page of the names that match a pattern, sorted: `*` stands for any bytes, `?` for one. Pass the last of a
/// page to get the next one; a page that is not full is the last.
pub fn names(self: System, pattern: []const u8, after: ?*const Registration, into: []Registration) Error![]Registration {
    var count: u64 = 0;
    const system = self.home.system;
    const rows: [*]raw.ac_named = @ptrCast(into.ptr);
    try status.check(raw.ac_system_names(system, status.text(pattern), @ptrCast(after), rows, into.len, &count));
    return into[0..count];
}

/// Tells an actor of the names that match a pattern, of those that are there at once, by `registered` and
/// `unregistered`.
pub fn subscribeNames(self: System, pattern: []const u8, subscriber: Actor) Error!void {
    try status.check(raw.ac_name_subscribe(self.home.system, status.text(pattern), .{ .bits = subscriber.bits }));
}

/// Ends it.
pub fn unsubscribeNames(self: System, pattern: []const u8, subscriber: Actor) Error!void {
    try status.check(raw.ac_name_unsubscribe(self.home.system, status.text(pattern), .{ .bits = subscriber.bits }));
}

/// Names a message number of the program's; the same name again is fine.
pub fn registerType(self: System, number: u32, name: []const u8) Error!void {
    try status.check(raw.ac_type_register(self.home.system, number, status.text(name)));
}

/// What a message number is called: as it was registered, or the library's own. Lives as long as the system.
pub fn typeName(self: System, number: u32) Error![]const u8 {
    var name: raw.ac_text = .{};
    try status.check(raw.ac_type_name(self.home.system, number, &name));
    return status.slice(name);
}
