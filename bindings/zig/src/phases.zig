//! The phases that a system goes through before it stops. These are methods of System.
//!
//! Threads:    any, handlers too.
//! Invariants: a phase is over when the actors that joined it have answered or stopped, or when its time is over.
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const messages = @import("message.zig");
const System = @import("system.zig").System;
const Actor = messages.Actor;
const Error = status.Error;

/// What an actor is told that takes part in a phase; answer with System.phaseDone.
pub const Phase = extern struct {
    /// When it is over, on the system's clock.
    deadline_ns: u64 = 0,
    number: u32 = 0,
    size: u32 = 0,
    bytes: [256]u8 = @splat(0),

    pub fn name(self: *const Phase) []const u8 {
        return self.bytes[0..@min(self.size, self.bytes.len)];
    }

    /// From the payload of `phase`.
    pub fn read(payload: []const u8) Phase {
        return messages.readCut(Phase, payload);
    }
};

comptime {
    layout.same(Phase, raw.ac_phase);
}

/// A phase, and what it came to; `name[0..size]` is its name.
pub const PhaseInfo = raw.ac_phase_info;
pub const PhaseState = raw.PhaseState;

/// Adds a phase behind the phase `after`, or before all where that is empty; 0 is 5 seconds. There are `before-stop`,
/// `service`, `storage` and `after`.
pub fn addPhase(self: System, name: []const u8, after: []const u8, timeout_ns: u64) Error!void {
    try status.check(raw.ac_phase_add(self.home.system, status.text(name), status.text(after), timeout_ns));
}

/// How long a phase may take; 0 is 5 seconds.
pub fn setPhaseTimeout(self: System, name: []const u8, timeout_ns: u64) Error!void {
    try status.check(raw.ac_phase_set_timeout(self.home.system, status.text(name), timeout_ns));
}

/// Has an actor take part in a phase, which comes as `phase`.
pub fn joinPhase(self: System, name: []const u8, actor: Actor) Error!void {
    try status.check(raw.ac_phase_join(self.home.system, status.text(name), .{ .bits = actor.bits }));
}

/// The actor has done what the phase is for. error.NotFound: it is over.
pub fn phaseDone(self: System, phase: Phase, actor: Actor) Error!void {
    try status.check(raw.ac_phase_done(self.home.system, .{ .bits = actor.bits }, phase.number));
}

/// Copies the phases, in order; 64 takes all. After `stop` they say what each came to.
pub fn phases(self: System, into: []PhaseInfo) Error![]PhaseInfo {
    var count: u64 = 0;
    try status.check(raw.ac_system_phases(self.home.system, into.ptr, into.len, &count));
    return into[0..count];
}

/// Copies the actors of a phase that have been told and have not answered.
pub fn unanswered(self: System, name: []const u8, into: []Actor) Error![]Actor {
    var count: u64 = 0;
    const who: [*]raw.ac_actor = @ptrCast(into.ptr);
    try status.check(raw.ac_phase_unanswered(self.home.system, status.text(name), who, into.len, &count));
    return into[0..count];
}
