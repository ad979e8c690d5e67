//! Supervision: what a child's failure leads to, who is whose child, and what an actor's children have come to. The
//! functions are methods of System.
//!
//! Threads:    any.
//! Invariants: as Supervision in the library's reference, which says what happens to mailbox, stash, asks, timers and
//!             children at each step.
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const messages = @import("message.zig");
const System = @import("system.zig").System;
const Actor = messages.Actor;
const Error = status.Error;

/// What a child's failure leads to, for Spawn.children and Spawn.supervision. All zero is `.default`.
pub const Supervision = extern struct {
    strategy: Strategy = .default,
    /// More restarts than this within `period_ns` lead to `on_limit` instead; 0 is no limit. At most 1,000. Restarts of
    /// several at once count as one.
    restarts_max: u32 = 0,
    /// 0 is 5 s.
    period_ns: u64 = 0,
    /// How long the first restart waits; 0 does not wait.
    backoff_min_ns: u64 = 0,
    /// The longest wait; 0 is 60 times the first.
    backoff_max_ns: u64 = 0,
    /// After so long without a failure the next wait is the first again; 0 is twice the longest wait.
    backoff_reset_ns: u64 = 0,
    /// How much longer each wait is than the one before: 0 is 200, twice as long; 100 to 1,000.
    backoff_percent: u32 = 0,
    /// By how much at most a wait is made shorter or longer at random; 0 to 100.
    jitter_percent: u32 = 0,
    /// `.stop` (also `.default`), `.stop_all` or `.escalate`.
    on_limit: Strategy = .default,
    reserved: u32 = 0,

    pub const Strategy = raw.Supervise;
    pub const Stats = raw.ac_supervision_stats;

    pub fn toRaw(self: *const Supervision) raw.ac_supervision {
        return @as(*const raw.ac_supervision, @ptrCast(self)).*;
    }
};

/// Payload of `failed`: a child's handler failed. It stops, or with `.decide` waits for Context.decide.
pub const Failed = extern struct {
    actor: Actor,
    status: status.Status,
    /// The type of the message in hand.
    type: u32,
    /// The failure's number, for System.failure.
    number: u64,
};

comptime {
    layout.same(Supervision, raw.ac_supervision);
    layout.same(Failed, raw.ac_failed);
}

/// Replaces an actor's policy for its children from their next failure on; those with a policy of their own keep it.
pub fn supervise(self: System, actor: Actor, policy: Supervision, diagnostics: ?*status.Diagnostics) Error!void {
    const given = policy.toRaw();
    const out = status.Diagnostics.out(diagnostics);
    return status.check(raw.ac_actor_supervise(self.home.system, .{ .bits = actor.bits }, &given, out));
}

/// Says what a failure leads to that `.decide` has left open; any strategy but `.default` and `.decide`. error.NotFound:
/// the actor waits for no decision.
pub fn decide(self: System, child: Actor, strategy: Supervision.Strategy) Error!void {
    return status.check(raw.ac_actor_decide(self.home.system, .{ .bits = child.bits }, @backingInt(strategy)));
}

/// Restarts an actor once it has ended its activation; no failure is recorded and no limit applies. Tell it
/// Control.restart to have it restart after what it was sent before.
pub fn restartActor(self: System, actor: Actor) Error!void {
    return status.check(raw.ac_actor_restart(self.home.system, .{ .bits = actor.bits }));
}

/// Copies the children of an actor in the order of their spawn, those that are stopping among them; the result is part
/// of `into`, which may be too short: Supervision.Stats.children says how many there are.
pub fn children(self: System, actor: Actor, into: []Actor) Error![]Actor {
    var count: u64 = 0;
    const out: [*]raw.ac_actor = @ptrCast(into.ptr);
    try status.check(raw.ac_actor_children(self.home.system, .{ .bits = actor.bits }, out, into.len, &count));
    return into[0..@min(count, into.len)];
}

/// Whose child an actor is, or none.
pub fn supervisor(self: System, actor: Actor) Error!Actor {
    var out: raw.ac_actor = .{};
    try status.check(raw.ac_actor_supervisor(self.home.system, .{ .bits = actor.bits }, &out));
    return .{ .bits = out.bits };
}

/// What an actor's children and itself have come to.
pub fn supervision(self: System, actor: Actor) Error!Supervision.Stats {
    var out: Supervision.Stats = .{};
    try status.check(raw.ac_actor_get_supervision(self.home.system, .{ .bits = actor.bits }, &out));
    return out;
}

/// What was recorded of the failure with a number; error.NotFound when it is none of the last 256.
pub fn failure(self: System, number: u64) Error!System.Failure {
    var out: [1]System.Failure = undefined;
    const found = try self.failures(number -| 1, &out);
    if (found.len == 0 or found[0].number != number) return error.NotFound;
    return found[0];
}
