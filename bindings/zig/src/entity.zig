//! An entity: a profile and the stored outputs of its subsystems.
//!
//! Threads:    any; the entity serialises its own changes and resolves. It is a value that fits into messages.
//! Invariants: a resolve serves the cached snapshot only while profile version, outputs and registry are what they
//!             were.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const layout = @import("layout.zig");
const engines = @import("engine.zig");
const outputs = @import("output.zig");
const Receipt = @import("receipt.zig").Receipt;
const Snapshot = @import("snapshot.zig").Snapshot;
const Diagnostics = status.Diagnostics;
const Error = status.Error;

pub const Entity = extern struct {
    handle: raw.ac_entity = .{},

    /// Who an entity is. Texts are copied.
    pub const Profile = struct {
        /// `actor_id` in the snapshot; required.
        id: []const u8,
        name: []const u8 = "",
        race: []const u8 = "",
        /// Years.
        lifespan: i64 = 0,
        /// Years.
        age: i64 = 0,
        /// Nanoseconds since 1970.
        created_at: i64 = 0,
        /// Nanoseconds since 1970.
        updated_at: i64 = 0,
        /// Raised by the caller with every change; 0 is taken as 1.
        version: u64 = 0,
        /// JSON array of names.
        subsystems: []const u8 = "",
        /// JSON object.
        data: []const u8 = "",

        pub fn toRaw(self: Profile) raw.ac_profile {
            return .{
                .id = status.text(self.id),
                .name = status.text(self.name),
                .race = status.text(self.race),
                .lifespan = self.lifespan,
                .age = self.age,
                .created_at = self.created_at,
                .updated_at = self.updated_at,
                .version = self.version,
                .subsystems = status.text(self.subsystems),
                .data = status.text(self.data),
            };
        }
    };

    pub const ResolveOptions = struct {
        /// Fail with error.Rejected where a plain resolve would list an error.
        strict: bool = false,
        /// Compute even where a cached snapshot would serve.
        fresh: bool = false,

        pub fn bits(self: ResolveOptions) u32 {
            var flags: u32 = 0;
            if (self.strict) flags |= raw.AC_RESOLVE_STRICT;
            if (self.fresh) flags |= raw.AC_RESOLVE_FRESH;
            return flags;
        }
    };

    pub fn deinit(self: Entity) void {
        raw.ac_entity_release(self.handle);
    }

    pub fn setProfile(self: Entity, to: Profile, diagnostics: ?*Diagnostics) Error!void {
        const given = to.toRaw();
        return status.check(raw.ac_entity_set_profile(self.handle, &given, Diagnostics.out(diagnostics)));
    }

    /// The profile as JSON; the caller frees it.
    pub fn profileJson(self: Entity, allocator: std.mem.Allocator) Error![]u8 {
        return copied(allocator, raw.ac_entity_profile, self.handle);
    }

    /// Stores one subsystem's output, in place of its former one.
    pub fn put(self: Entity, output: outputs.Output) Error!void {
        const given = output.toRaw();
        return status.check(raw.ac_entity_put(self.handle, &given));
    }

    /// Replaces all outputs by a parsed list.
    pub fn putAll(self: Entity, list: outputs.Outputs) Error!void {
        return status.check(raw.ac_entity_put_all(self.handle, list.handle));
    }

    /// Puts one contribution into a subsystem's output: in place of the one that differs from it in nothing but the value,
    /// or beside the others. error.Rejected: the output is left out whatever the registry, so `put` it whole.
    pub fn putContribution(self: Entity, system: engines.Name, row: outputs.Contribution, diagnostics: ?*Diagnostics) Error!void {
        const out = Diagnostics.out(diagnostics);
        return status.check(raw.ac_entity_put_contribution(self.handle, @backingInt(system), @ptrCast(&row), out));
    }

    /// Takes out the contribution that differs from `row` in nothing but the value.
    pub fn removeContribution(self: Entity, system: engines.Name, row: outputs.Contribution, diagnostics: ?*Diagnostics) Error!void {
        const out = Diagnostics.out(diagnostics);
        return status.check(raw.ac_entity_remove_contribution(self.handle, @backingInt(system), @ptrCast(&row), out));
    }

    /// `putContribution` of a cap.
    pub fn putCap(self: Entity, system: engines.Name, row: outputs.Cap, diagnostics: ?*Diagnostics) Error!void {
        const out = Diagnostics.out(diagnostics);
        return status.check(raw.ac_entity_put_cap(self.handle, @backingInt(system), @ptrCast(&row), out));
    }

    /// Takes out the cap that differs from `row` in nothing but the value.
    pub fn removeCap(self: Entity, system: engines.Name, row: outputs.Cap, diagnostics: ?*Diagnostics) Error!void {
        const out = Diagnostics.out(diagnostics);
        return status.check(raw.ac_entity_remove_cap(self.handle, @backingInt(system), @ptrCast(&row), out));
    }

    /// Removes one subsystem's output.
    pub fn remove(self: Entity, system: engines.Name) Error!void {
        return status.check(raw.ac_entity_remove(self.handle, @backingInt(system)));
    }

    /// The entity's snapshot; `deinit` it. Waits only where registered subsystems are asked through a system.
    pub fn resolve(self: Entity, options: ResolveOptions, diagnostics: ?*Diagnostics) Error!Snapshot {
        var snapshot: Snapshot = .{};
        const out = Diagnostics.out(diagnostics);
        try status.check(raw.ac_resolve(self.handle, options.bits(), &snapshot.handle, out));
        return snapshot;
    }

    /// The same, handing `context` to every subsystem that is asked; neither served from nor kept in the cache.
    pub fn resolveWithContext(
        self: Entity,
        context: []const u8,
        options: struct { resolve: ResolveOptions = .{}, timeout_ns: u64 = 0 },
        diagnostics: ?*Diagnostics,
    ) Error!Snapshot {
        var snapshot: Snapshot = .{};
        try status.check(raw.ac_resolve_with_context(
            self.handle,
            options.resolve.bits(),
            .{ .data = context.ptr, .size = context.len },
            options.timeout_ns,
            &snapshot.handle,
            Diagnostics.out(diagnostics),
        ));
        return snapshot;
    }

    /// How a resolve comes to one value, or error.UnknownDimension; `deinit` it. Waits as `resolve` does, unless only
    /// what is stored counts.
    pub fn explain(
        self: Entity,
        list: outputs.List,
        dimension: engines.Name,
        options: struct { stored: bool = false },
        diagnostics: ?*Diagnostics,
    ) Error!Receipt {
        var receipt: Receipt = .{};
        try status.check(raw.ac_entity_explain(
            self.handle,
            @backingInt(list),
            @backingInt(dimension),
            if (options.stored) raw.AC_EXPLAIN_STORED else 0,
            &receipt.handle,
            Diagnostics.out(diagnostics),
        ));
        return receipt;
    }

    /// The cached snapshot, if a resolve would still give it; else error.NotCached.
    pub fn cachedSnapshot(self: Entity) Error!Snapshot {
        var snapshot: Snapshot = .{};
        try status.check(raw.ac_get_cached_snapshot(self.handle, &snapshot.handle));
        return snapshot;
    }

    /// Drops the cached snapshot.
    pub fn invalidate(self: Entity) Error!void {
        return status.check(raw.ac_invalidate(self.handle));
    }
};

/// Resolves many entities in one call. `snapshots` and `statuses` are as long as `entities`; where a status is not `ok`
/// the snapshot is none. The result is how many succeeded.
pub fn resolveBatch(
    entities: []const Entity,
    options: Entity.ResolveOptions,
    snapshots: []Snapshot,
    statuses: []status.Status,
) Error!u64 {
    if (snapshots.len != entities.len or statuses.len != entities.len) return error.InvalidArgument;
    var resolved: u64 = 0;
    try status.check(raw.ac_resolve_batch(
        @ptrCast(entities.ptr),
        entities.len,
        options.bits(),
        @ptrCast(snapshots.ptr),
        @ptrCast(statuses.ptr),
        &resolved,
    ));
    return resolved;
}

/// The end of an asynchronous resolve: `resolved: actorcore.Resolved = actorcore.number.resolved` among an actor's
/// messages.
pub const Resolved = extern struct {
    entity: Entity,
    /// The receiver's to deinit; none when `status` is not `ok`.
    snapshot: Snapshot,
    status: status.Status,
    reserved: u32 = 0,
};

comptime {
    layout.same(Resolved, raw.ac_resolved);
}

/// Text that the library copies into the caller's buffer and whose size may change between two calls.
pub fn copied(allocator: std.mem.Allocator, comptime call: anytype, handle: anytype) Error![]u8 {
    var size: u64 = 0;
    var capacity: u64 = 4096;
    while (true) {
        const buffer = try allocator.alloc(u8, capacity);
        errdefer allocator.free(buffer);
        const result = call(handle, buffer.ptr, capacity, &size);
        if (result == raw.AC_OK) return allocator.realloc(buffer, size);
        if (result != raw.AC_E_BUFFER_TOO_SMALL) try status.check(result);
        allocator.free(buffer);
        capacity = size;
    }
}
