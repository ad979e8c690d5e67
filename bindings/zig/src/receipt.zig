//! A receipt: how one value of a snapshot came about, step by step, read without copying while a reference is held.
//!
//! Threads:    any. Each Receipt is one reference; it is a value that fits into messages and is released once.
//! Invariants: steps have the ABI's layout; nothing in a view changes until the last reference is gone.
//! Cost:       made on demand; view is one call, after which every read is an array's.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const outputs = @import("output.zig");
const snapshots = @import("snapshot.zig");
const copied = @import("entity.zig").copied;
const Name = @import("engine.zig").Name;
const Error = status.Error;

/// What a step does, in the order in which steps come.
pub const Step = raw.Step;
/// How a dimension's contributions make its candidate.
pub const Fold = raw.Fold;
/// How the bounds of layers go together.
pub const Across = raw.Across;
/// Which bound a step is about.
pub const Bound = raw.Bound;
/// The call or message that brought an output.
pub const Origin = raw.Origin;

/// One step. What its kind does not mention is zero.
pub const ReceiptStep = extern struct {
    kind: Step,
    fold: Fold = .pipeline,
    policy: Across = .intersect,
    bucket: outputs.Bucket = .flat,
    mode: outputs.CapMode = .baseline,
    bound: Bound = .none,
    list: outputs.List = .primary,
    code: snapshots.Reject = .none,
    /// A dimension or a layer.
    name: Name = .none,
    /// The row's.
    system: Name = .none,
    /// The system of the output that the row is in.
    output: Name = .none,
    /// What brought that output.
    origin: Origin = .put,
    /// The row's.
    priority: i64 = 0,
    /// What the step brings.
    value: f64 = 0,
    /// What it multiplies by.
    factor: f64 = 0,
    /// Rounded.
    product: f64 = 0,
    /// What has come of it.
    result: f64 = 0,
    reserved: u64 = 0,
};

pub const Receipt = extern struct {
    handle: raw.ac_receipt = .{},

    /// Everything in a receipt, borrowed while a reference is held.
    pub const View = struct {
        actor_id: []const u8,
        version: u64,
        list: outputs.List,
        dimension: Name,
        value: f64,
        /// The one that clipped the value.
        bound: Bound,
        /// In order, from `rule` to `clamp`.
        steps: []const ReceiptStep,
    };

    pub fn deinit(self: Receipt) void {
        raw.ac_receipt_release(self.handle);
    }

    /// One more reference, to be released as well.
    pub fn retain(self: Receipt) Error!Receipt {
        try status.check(raw.ac_receipt_retain(self.handle));
        return self;
    }

    pub fn view(self: Receipt) Error!View {
        var all: raw.ac_receipt_view = .{};
        try status.check(raw.ac_receipt_get(self.handle, &all));
        return .{
            .actor_id = status.slice(all.actor_id),
            .version = all.version,
            .list = @fromBackingInt(all.list),
            .dimension = @fromBackingInt(all.dimension),
            .value = all.value,
            .bound = @fromBackingInt(all.bound),
            .steps = @as([*]const ReceiptStep, @ptrCast(all.steps.?))[0..all.step_count],
        };
    }

    /// One line of JSON: of every step what its kind has, names as texts; the caller frees it.
    pub fn json(self: Receipt, allocator: std.mem.Allocator) Error![]u8 {
        return copied(allocator, raw.ac_receipt_json, self.handle);
    }
};

/// Takes steps once more: a receipt's come to its value, bit for bit, changed ones to what would have been.
pub fn replay(steps: []const ReceiptStep) Error!f64 {
    var value: f64 = 0;
    try status.check(raw.ac_receipt_replay(@ptrCast(steps.ptr), steps.len, &value));
    return value;
}

comptime {
    layout.same(ReceiptStep, raw.ac_receipt_step);
}
