//! What subsystems contribute: rows that the engine reads as they are, and parsed lists of outputs.
//!
//! Threads:    any; an Outputs is immutable, deinit is its owner's.
//! Invariants: the rows have the ABI's layout, checked at compile time, so that an array of them is handed over as it
//!             is.
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const Name = @import("engine.zig").Name;

/// How a contribution enters its dimension: (sum of flat * product of (1 + mult)) + sum of post_add, or the first
/// override.
pub const Bucket = raw.Bucket;
/// Which of the two lists a value belongs to.
pub const List = raw.List;
/// How a cap bounds its dimension within its layer.
pub const CapMode = raw.CapMode;
/// Which bound a cap sets.
pub const CapKind = raw.CapKind;

/// One value for one dimension.
pub const Contribution = extern struct {
    dimension: Name,
    /// `none` takes the output's.
    system: Name = .none,
    bucket: Bucket = .flat,
    list: List = .primary,
    /// Finite.
    value: f64,
    /// Higher first.
    priority: i64 = 0,
    /// A label of the caller's.
    tags: u64 = 0,
    reserved: [3]u64 = @splat(0),
};

/// One bound of one dimension in one layer.
pub const Cap = extern struct {
    dimension: Name,
    /// `none` takes the output's.
    system: Name = .none,
    /// `hard_max` goes with `max` only, `hard_min` with `min` only.
    mode: CapMode = .baseline,
    kind: CapKind = .max,
    /// The layer; `none` is TOTAL.
    scope: Name = .none,
    /// Required when the scope is REALM.
    realm: Name = .none,
    /// Finite.
    value: f64,
    /// Higher first.
    priority: i64 = 0,
    /// A label of the caller's.
    tags: u64 = 0,
    reserved: [2]u64 = @splat(0),
};

/// What an output adds to one context.
pub const Modifier = extern struct {
    context: Name,
    multiplier_count: u32 = 0,
    /// Multiplied in this order; `init` sets both fields.
    multipliers: ?[*]const f64 = null,
    /// Summed.
    additive_percent: f64 = 0,
    /// Summed.
    post_add: f64 = 0,

    pub fn init(
        context: Name,
        multipliers: []const f64,
        sums: struct { additive_percent: f64 = 0, post_add: f64 = 0 },
    ) Modifier {
        return .{
            .context = context,
            .multiplier_count = @intCast(multipliers.len),
            .multipliers = multipliers.ptr,
            .additive_percent = sums.additive_percent,
            .post_add = sums.post_add,
        };
    }
};

comptime {
    layout.same(Contribution, raw.ac_contribution);
    layout.same(Cap, raw.ac_cap);
    layout.same(Modifier, raw.ac_modifier);
}

/// All that one subsystem contributes to one entity. The slices are borrowed.
pub const Output = struct {
    system: Name = .none,
    /// Higher first.
    priority: i64 = 0,
    contributions: []const Contribution = &.{},
    caps: []const Cap = &.{},
    modifiers: []const Modifier = &.{},
    /// Says that the subsystem failed: it is listed so in the snapshot.
    failed: bool = false,

    pub fn toRaw(self: Output) raw.ac_output {
        return .{
            .system = @backingInt(self.system),
            .priority = self.priority,
            .contributions = @ptrCast(self.contributions.ptr),
            .contribution_count = self.contributions.len,
            .caps = @ptrCast(self.caps.ptr),
            .cap_count = self.caps.len,
            .modifiers = @ptrCast(self.modifiers.ptr),
            .modifier_count = self.modifiers.len,
            .failed = @intFromBool(self.failed),
        };
    }

    fn fromRaw(given: raw.ac_output) Output {
        return .{
            .system = @fromBackingInt(given.system),
            .priority = given.priority,
            .contributions = rows(Contribution, given.contributions, given.contribution_count),
            .caps = rows(Cap, given.caps, given.cap_count),
            .modifiers = rows(Modifier, given.modifiers, given.modifier_count),
            .failed = given.failed != 0,
        };
    }

    fn rows(comptime Row: type, first: anytype, count: u64) []const Row {
        return if (count == 0) &.{} else @as([*]const Row, @ptrCast(first.?))[0..count];
    }
};

/// A parsed list of outputs.
pub const Outputs = struct {
    handle: raw.ac_outputs,

    pub fn deinit(self: Outputs) void {
        raw.ac_outputs_release(self.handle);
    }

    pub fn count(self: Outputs) status.Error!u64 {
        var number: u64 = 0;
        try status.check(raw.ac_outputs_count(self.handle, &number));
        return number;
    }

    /// One output, from 0 in the document's order; its slices are borrowed until deinit.
    pub fn at(self: Outputs, index: u64) status.Error!Output {
        var output: raw.ac_output = .{};
        try status.check(raw.ac_outputs_at(self.handle, index, &output));
        return .fromRaw(output);
    }
};
