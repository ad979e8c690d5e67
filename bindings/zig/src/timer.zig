//! Messages that an actor gets at a time: once, or again and again.
//!
//! Threads:    any; a timer is a value.
//! Invariants: a timer ends with its receiver.
//! Cost:       starting and cancelling are a call into the library each.
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const Error = status.Error;

/// When a timer fires.
pub const Timing = struct {
    /// From now to the first message.
    delay_ns: u64,
    /// From one message to the next, without drift; 0 sends one. While the receiver has not begun with the last message,
    /// periods are skipped, never made up for.
    period_ns: u64 = 0,
    /// It survives a restart of its actor.
    kept_on_restart: bool = false,

    /// Once.
    pub fn after(delay_ns: u64) Timing {
        return .{ .delay_ns = delay_ns };
    }

    /// After each period.
    pub fn every(period_ns: u64) Timing {
        return .{ .delay_ns = period_ns, .period_ns = period_ns };
    }
};

/// A timer of an actor.
pub const Timer = extern struct {
    system: raw.ac_system = .{},
    handle: raw.ac_timer = .{},

    pub const Stats = raw.ac_timer_stats;

    /// Starts one that sends a message to `to`; its sender is none.
    pub fn start(
        system: raw.ac_system,
        to: anytype,
        message: @TypeOf(to).Message,
        timing: Timing,
    ) Error!Timer {
        const Wanted = struct { system: raw.ac_system, to: u64, timing: Timing };
        const send = struct {
            fn send(wanted: Wanted, number: u32, bytes: []const u8) Error!Timer {
                const options: raw.ac_timer_options = .{
                    .flags = if (wanted.timing.kept_on_restart) raw.AC_TIMER_KEEP else 0,
                    .to = .{ .bits = wanted.to },
                    .type = number,
                    .delay_ns = wanted.timing.delay_ns,
                    .period_ns = wanted.timing.period_ns,
                    .payload = .{ .data = bytes.ptr, .size = bytes.len },
                };
                var made: Timer = .{ .system = wanted.system };
                try status.check(raw.ac_timer_start(wanted.system, &options, &made.handle, null));
                return made;
            }
        }.send;
        const wanted: Wanted = .{ .system = system, .to = to.bits, .timing = timing };
        return messages.withBytes(@TypeOf(to).Message, &message, wanted, send);
    }

    /// The one that sent a message.
    pub fn of(system: raw.ac_system, envelope: *const messages.Envelope) ?Timer {
        const is_timers = envelope.correlation >> 60 == raw.AC_CORRELATION_TIMER >> 60;
        if (!is_timers or envelope.type >= raw.AC_TYPE_STARTED) return null;
        return .{ .system = system, .handle = .{ .bits = envelope.correlation } };
    }

    /// True: it sends nothing from now on; false: it had ended before. A message that it sent already is still handled:
    /// where that matters, compare Context.timer with the one that is wanted.
    pub fn cancel(self: Timer) bool {
        return raw.ac_timer_cancel(self.system, self.handle) == raw.AC_OK;
    }

    /// What it did so far; error.Stale when it has ended.
    pub fn stats(self: Timer) Error!Stats {
        var out: Stats = .{};
        try status.check(raw.ac_timer_get_stats(self.system, self.handle, &out));
        return out;
    }
};
