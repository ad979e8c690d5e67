//! A breaker stops calls to what fails or has become slow, and finds out when it is well again.
//!
//! Threads:    any, handlers among them; deinit is the owner's.
//! Invariants: a permit is handed back once.
//! Cost:       two calls of the library a guarded call.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const System = @import("system.zig").System;
const Error = status.Error;

pub const Breaker = struct {
    handle: raw.ac_breaker,

    pub const State = raw.BreakerState;
    pub const Mode = raw.BreakerMode;
    pub const Reason = raw.BreakerReason;
    pub const Outcome = raw.Outcome;
    pub const Permit = raw.ac_permit;
    /// Where it is and what it did; `state` and `mode` are numbers of `State` and `Mode`.
    pub const Stats = raw.ac_breaker_stats;
    /// One change of state; `from` and `to` are numbers of `State`, `reason` one of `Reason`.
    pub const Change = raw.ac_breaker_change;

    /// What is too much, and how long to wait; 0 takes the default.
    pub const Options = struct {
        /// What is watched, in tenths; 0 is 10 s.
        window_ns: u64 = 0,
        /// Calls in the window before it may open; 0 is 20.
        calls_min: u32 = 0,
        /// The part of failed calls at which it opens; 0 is 0.5.
        failure_ratio: f64 = 0,
        /// The same for slow ones.
        slow_ratio: f64 = 0,
        /// What takes longer is slow; with `quantile` the most that it may come to.
        slow_ns: u64 = 0,
        /// With `quantile` the least.
        slow_floor_ns: u64 = 0,
        /// Above 0 and below 1: slow is what takes longer than `factor` times this quantile of the window.
        quantile: f64 = 0,
        /// 0 is 2.
        factor: f64 = 0,
        /// How long it is open the first time; 0 is 1 s.
        open_ns: u64 = 0,
        /// And at most; 0 is 60 s.
        open_max_ns: u64 = 0,
        /// How many times as long each time after the last; 0 is 2.
        growth: f64 = 0,
        /// The part by which that is shortened at most, by chance.
        jitter: f64 = 0,
        /// Calls under way at once while half-open; 0 is 1, at most 64.
        probes: u32 = 0,
        /// How many of them in a row must succeed; 0 is 3.
        successes: u32 = 0,
    };

    /// It is closed. Release with `deinit`.
    pub fn init(system: System, options: Options, diagnostics: ?*status.Diagnostics) Error!Breaker {
        var given: raw.ac_breaker_options = .{};
        inline for (@typeInfo(Options).@"struct".field_names) |name| @field(given, name) = @field(options, name);
        var breaker: Breaker = .{ .handle = .{} };
        const out = status.Diagnostics.out(diagnostics);
        try status.check(raw.ac_breaker_create(system.handle(), &given, &breaker.handle, out));
        return breaker;
    }

    pub fn deinit(self: Breaker) void {
        raw.ac_breaker_release(self.handle);
    }

    /// Calls `function` through it. Where the breaker refuses (error.Overloaded), or the call gives an error, the
    /// result is `fallback(err, context)`.
    pub fn call(
        self: Breaker,
        context: anytype,
        comptime function: anytype,
        comptime fallback: anytype,
    ) @TypeOf(fallback(@as(anyerror, error.Overloaded), context)) {
        const permit = self.enter() catch |err| return fallback(@as(anyerror, err), context);
        const result = function(context) catch |err| {
            self.leave(permit, .failure) catch {};
            return fallback(@as(anyerror, err), context);
        };
        self.leave(permit, .success) catch {};
        return result;
    }

    /// Leave to make a call, for what `call` does not fit. error.Overloaded: do not make it.
    pub fn enter(self: Breaker) Error!Permit {
        var permit: Permit = .{};
        try status.check(raw.ac_breaker_enter(self.handle, &permit));
        return permit;
    }

    /// Tells how the call ended. The time since `enter` is the call's.
    pub fn leave(self: Breaker, permit: Permit, outcome: Outcome) Error!void {
        return status.check(raw.ac_breaker_leave(self.handle, &permit, @backingInt(outcome)));
    }

    /// Holds it open or closed, or lets it decide again, beginning closed with an empty window.
    pub fn force(self: Breaker, mode: Mode) Error!void {
        return status.check(raw.ac_breaker_force(self.handle, @backingInt(mode)));
    }

    pub fn stats(self: Breaker) Error!Stats {
        var out: Stats = .{};
        try status.check(raw.ac_breaker_get_stats(self.handle, &out));
        return out;
    }

    /// The changes of state after a number, oldest first, of the last 256.
    pub fn changes(self: Breaker, after: u64, into: []Change) Error![]Change {
        var count: u64 = 0;
        try status.check(raw.ac_breaker_changes(self.handle, after, into.ptr, into.len, &count));
        return into[0..count];
    }
};
