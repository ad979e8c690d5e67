//! A snapshot: an immutable set of numbers, read without copying while a reference is held.
//!
//! Threads:    any. Each Snapshot is one reference; it is a value that fits into messages and is released once.
//! Invariants: names ascend by their text's bytes; nothing in a view changes until the last reference is gone.
//! Cost:       view is one call, after which every read is an array's.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const engines = @import("engine.zig");
const outputs = @import("output.zig");
const copied = @import("entity.zig").copied;
const Name = engines.Name;
const Error = status.Error;

/// Why an output was left out, or a number replaced.
pub const Reject = raw.Reject;
/// What an entry of the errors is about.
pub const About = raw.About;

pub const Snapshot = extern struct {
    handle: raw.ac_snapshot = .{},

    /// Dimensions and their values, in the same order.
    pub const Values = struct {
        names: []const Name,
        values: []const f64,

        pub fn get(self: Values, dimension: Name) ?f64 {
            const index = std.mem.indexOfScalar(Name, self.names, dimension) orelse return null;
            return self.values[index];
        }
    };

    /// The effective caps, in the same order.
    pub const Caps = struct { names: []const Name, mins: []const f64, maxs: []const f64 };

    /// One merged context: apply(base) = base * (1 + additive_percent) * multiplier + post_add.
    pub const MergedContext = extern struct {
        name: Name,
        reserved: u32 = 0,
        additive_percent: f64,
        multiplier: f64,
        post_add: f64,
    };

    /// One entry of the errors.
    pub const Rejected = extern struct { code: Reject, about: About, name: Name, list: outputs.List };

    /// Everything in a snapshot, borrowed while a reference is held.
    pub const View = struct {
        actor_id: []const u8,
        version: u64,
        /// Nanoseconds since 1970, or of the virtual clock.
        created_at: i64,
        primary: Values,
        derived: Values,
        caps: Caps,
        contexts: []const MergedContext,
        errors: []const Rejected,
    };

    pub fn deinit(self: Snapshot) void {
        raw.ac_snapshot_release(self.handle);
    }

    /// One more reference, to be released as well.
    pub fn retain(self: Snapshot) Error!Snapshot {
        try status.check(raw.ac_snapshot_retain(self.handle));
        return self;
    }

    pub fn view(self: Snapshot) Error!View {
        var all: raw.ac_snapshot_view = .{};
        try status.check(raw.ac_snapshot_get(self.handle, &all));
        return .{
            .actor_id = status.slice(all.actor_id),
            .version = all.version,
            .created_at = all.created_at,
            .primary = .{
                .names = part(Name, all.primary_names, all.primary_count),
                .values = part(f64, all.primary_values, all.primary_count),
            },
            .derived = .{
                .names = part(Name, all.derived_names, all.derived_count),
                .values = part(f64, all.derived_values, all.derived_count),
            },
            .caps = .{
                .names = part(Name, all.cap_names, all.cap_count),
                .mins = part(f64, all.cap_mins, all.cap_count),
                .maxs = part(f64, all.cap_maxs, all.cap_count),
            },
            .contexts = part(MergedContext, all.contexts, all.context_count),
            .errors = part(Rejected, all.errors, all.error_count),
        };
    }

    /// One value; error.UnknownDimension where the snapshot has none.
    pub fn value(self: Snapshot, list: outputs.List, dimension: Name) Error!f64 {
        var number: f64 = 0;
        try status.check(raw.ac_snapshot_value(self.handle, @backingInt(list), @backingInt(dimension), &number));
        return number;
    }

    /// Applies a context to a number; an unknown context leaves it as it is.
    pub fn apply(self: Snapshot, context: Name, base: f64) Error!f64 {
        var number: f64 = 0;
        try status.check(raw.ac_snapshot_apply(self.handle, @backingInt(context), base, &number));
        return number;
    }

    /// One line of JSON in the spec's case form; the caller frees it.
    pub fn json(self: Snapshot, allocator: std.mem.Allocator) Error![]u8 {
        return copied(allocator, raw.ac_snapshot_json, self.handle);
    }

    fn part(comptime Row: type, first: anytype, count: u32) []const Row {
        return if (count == 0) &.{} else @as([*]const Row, @ptrCast(first.?))[0..count];
    }
};

comptime {
    layout.same(Snapshot.MergedContext, raw.ac_context);
    layout.same(Snapshot.Rejected, raw.ac_snapshot_error);
}
