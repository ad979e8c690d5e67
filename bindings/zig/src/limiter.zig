//! Token buckets that say no, and how long it will be no.
//!
//! Threads:    any, handlers among them; deinit is the owner's.
//! Cost:       one call of the library a take.
const raw = @import("raw.zig");
const status = @import("status.zig");
const System = @import("system.zig").System;
const Error = status.Error;

pub const Limiter = struct {
    handle: raw.ac_limiter,

    pub const Options = struct {
        /// Tokens that come back in a period, at least 1.
        rate: u64,
        /// 0 is one second; at most a day.
        period_ns: u64 = 0,
        /// Most tokens in a bucket, and in one take; 0 is `rate`.
        burst: u64 = 0,
        /// Most keys with a bucket of their own.
        keys: u32 = 0,

        fn toRaw(self: Options) raw.ac_limiter_options {
            return .{ .keys = self.keys, .rate = self.rate, .period_ns = self.period_ns, .burst = self.burst };
        }
    };

    pub const Stats = raw.ac_limiter_stats;

    /// Its buckets are full. Release with `deinit`.
    pub fn init(system: System, options: Options, diagnostics: ?*status.Diagnostics) Error!Limiter {
        const given = options.toRaw();
        var limiter: Limiter = .{ .handle = .{} };
        const out = status.Diagnostics.out(diagnostics);
        try status.check(raw.ac_limiter_create(system.handle(), &given, &limiter.handle, out));
        return limiter;
    }

    pub fn deinit(self: Limiter) void {
        raw.ac_limiter_release(self.handle);
    }

    /// Takes tokens from a key's bucket, all or none; key 0 is the one of the whole class, an actor's `bits` its own.
    /// Null when they were taken, else after how many nanoseconds they would be; error.Limit for more than the burst.
    pub fn take(self: Limiter, key: u64, tokens: u64) Error!?u64 {
        var wait_ns: u64 = 0;
        const taken = raw.ac_limiter_take(self.handle, key, tokens, &wait_ns);
        if (taken == raw.AC_E_OVERLOADED) return wait_ns;
        try status.check(taken);
        return null;
    }

    /// Changes rate, period and burst from now on; `keys` is 0 or what it was.
    pub fn set(self: Limiter, options: Options, diagnostics: ?*status.Diagnostics) Error!void {
        const given = options.toRaw();
        return status.check(raw.ac_limiter_set(self.handle, &given, status.Diagnostics.out(diagnostics)));
    }

    pub fn stats(self: Limiter) Error!Stats {
        var out: Stats = .{};
        try status.check(raw.ac_limiter_get_stats(self.handle, &out));
        return out;
    }
};
