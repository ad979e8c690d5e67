//! A lent thread's place in a dispatcher. A loop over `turn` runs attached actors, `run` those of a caller dispatcher.
//!
//! Threads:    exclusive: one call at a time; `wake` from any thread.
//! Invariants: an activation is claimed before it is handled, and skipped when another worker has it.
//! Cost:       one call of the library a turn, however many messages it hands over.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const actors = @import("actor.zig");

pub const Worker = struct {
    handle: raw.ac_worker,

    /// Ends the worker; what it had not begun goes to others.
    pub fn deinit(self: *Worker) void {
        raw.ac_worker_release(self.handle);
        self.* = undefined;
    }

    /// Waits for the next turn of an attached dispatcher and handles it. False is the end: every actor has stopped.
    ///
    ///     while (try worker.turn(actorcore.never)) {}
    pub fn turn(self: *Worker, timeout_ns: u64) status.Error!bool {
        var next: ?*raw.ac_turn = null;
        const result = raw.ac_worker_turn(self.handle, timeout_ns, &next);
        if (result == raw.AC_E_STOPPED) return false;
        try status.check(result);
        const in_hand = next.?;
        if (in_hand.count == 0) return true;
        for (in_hand.activations.?[0..in_hand.count], 0..) |*activation, index| {
            if (index > 0 and !claim(activation)) continue;
            const header: *actors.Header = @ptrFromInt(activation.user);
            header.run(in_hand, activation, @intCast(index));
        }
        return true;
    }

    /// The first activation of a turn arrives claimed; of the others, the one who exchanges the state has it.
    fn claim(activation: *raw.ac_activation) bool {
        const ready = raw.AC_ACTIVATION_READY;
        const claimed = raw.AC_ACTIVATION_CLAIMED;
        return @cmpxchgStrong(u32, &activation.state, ready, claimed, .acq_rel, .acquire) == null;
    }

    /// Runs up to `activations` (0 is all there are) of a caller dispatcher and tells how many ran.
    pub fn run(self: *Worker, timeout_ns: u64, activations: u64) status.Error!u64 {
        var ran: u64 = 0;
        try status.check(raw.ac_worker_run(self.handle, timeout_ns, activations, &ran));
        return ran;
    }

    /// Makes a parked, or the next, turn return without work.
    pub fn wake(self: Worker) status.Error!void {
        return status.check(raw.ac_worker_wake(self.handle));
    }
};
