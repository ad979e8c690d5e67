//! Watches and links: who is told of an actor's end, and who fails with it. The functions are methods of System.
//!
//! Threads:    any.
//! Invariants: both survive a restart of either actor and end with either. Twice is once.
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const messages = @import("message.zig");
const System = @import("system.zig").System;
const Actor = messages.Actor;
const Error = status.Error;

/// Payload of `terminated` and `exit`: an actor has ended.
pub const Ended = extern struct {
    actor: Actor,
    /// `ok`: it stopped; `e_failed`: by a failure, its own or a linked actor's; `e_stopped`: with the system; `e_stale`:
    /// before it was watched.
    status: status.Status,
    reserved: u32 = 0,
};

comptime {
    layout.same(Ended, raw.ac_ended);
}

/// Has `watcher` told by `terminated` when `target` ends, once; at once when it has ended before.
pub fn watch(self: System, watcher: Actor, target: Actor) Error!void {
    return pair(raw.ac_actor_watch, self, watcher, target);
}

/// Ends a watch; a `terminated` that was sent before may still come. error.NotFound: there was none.
pub fn unwatch(self: System, watcher: Actor, target: Actor) Error!void {
    return pair(raw.ac_actor_unwatch, self, watcher, target);
}

/// Links two actors: when one ends by a failure the other fails too, with error.Failed; one with Spawn.trap_exit is told
/// of any end by `exit` instead. error.Stale: one of them has ended, and nothing was linked.
pub fn link(self: System, one: Actor, other: Actor) Error!void {
    return pair(raw.ac_actor_link, self, one, other);
}

/// Ends a link. error.NotFound: there was none.
pub fn unlink(self: System, one: Actor, other: Actor) Error!void {
    return pair(raw.ac_actor_unlink, self, one, other);
}

fn pair(
    call: *const fn (raw.ac_system, raw.ac_actor, raw.ac_actor) callconv(.c) raw.ac_status,
    self: System,
    one: Actor,
    other: Actor,
) Error!void {
    return status.check(call(self.home.system, .{ .bits = one.bits }, .{ .bits = other.bits }));
}
