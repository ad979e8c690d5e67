//! A snapshot engine: one registry, the subsystems and the entities. It works with a system or without one.
//!
//! Threads:    any, but for deinit, which is the owner's.
//! Invariants: a registry is replaced as a whole; a bad one is refused with every defect in the diagnostics.
//! Cost:       control calls; the hot ones are those of Entity and Snapshot.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const messages = @import("message.zig");
const subsystems = @import("subsystem.zig");
const Entity = @import("entity.zig").Entity;
const Outputs = @import("output.zig").Outputs;
const Snapshot = @import("snapshot.zig").Snapshot;
const System = @import("system.zig").System;
const Diagnostics = status.Diagnostics;
const Error = status.Error;

/// The number of a dimension, subsystem, context, layer, realm or tag: the same for the engine's life.
pub const Name = enum(u32) { none = 0, _ };

/// A document in memory, and what to call it in errors.
pub const Source = struct {
    text: []const u8,
    /// A file's name for errors.
    label: []const u8 = "",
    /// Take only this member of the document's top-level mapping.
    member: []const u8 = "",
    format: raw.Format = .auto,

    fn toRaw(self: Source) raw.ac_source {
        return .{
            .format = @backingInt(self.format),
            .text = status.text(self.text),
            .label = status.text(self.label),
            .member = status.text(self.member),
        };
    }
};

pub const Engine = struct {
    handle: raw.ac_engine,

    pub const Options = struct {
        /// Most names that it interns; 0 is 1,048,576.
        names_max: u32 = 0,
    };

    pub const Metrics = raw.ac_engine_metrics;

    /// With a system, subsystems are asked concurrently and resolves may complete in a turn. Release with `deinit`.
    pub fn init(system: ?System, options: Options, diagnostics: ?*Diagnostics) Error!Engine {
        const given: raw.ac_engine_options = .{ .names_max = options.names_max };
        const in: raw.ac_system = if (system) |one| one.handle() else .{};
        var engine: Engine = .{ .handle = .{} };
        try status.check(raw.ac_engine_create(in, &given, &engine.handle, Diagnostics.out(diagnostics)));
        return engine;
    }

    pub fn deinit(self: Engine) void {
        raw.ac_engine_release(self.handle);
    }

    /// Loads a registry: `dimensions`, and perhaps `layers`.
    pub fn load(self: Engine, source: Source, diagnostics: ?*Diagnostics) Error!void {
        const given = source.toRaw();
        return status.check(raw.ac_engine_load(self.handle, &given, Diagnostics.out(diagnostics)));
    }

    /// The same from a file, JSON or YAML.
    pub fn loadFile(self: Engine, path: []const u8, diagnostics: ?*Diagnostics) Error!void {
        return status.check(raw.ac_engine_load_file(self.handle, status.text(path), Diagnostics.out(diagnostics)));
    }

    /// Replaces the layers of caps.
    pub fn loadLayers(self: Engine, source: Source, diagnostics: ?*Diagnostics) Error!void {
        const given = source.toRaw();
        return status.check(raw.ac_engine_load_layers(self.handle, &given, Diagnostics.out(diagnostics)));
    }

    /// Parses a list of outputs once; `deinit` it.
    pub fn outputs(self: Engine, source: Source, diagnostics: ?*Diagnostics) Error!Outputs {
        const given = source.toRaw();
        var list: Outputs = .{ .handle = .{} };
        try status.check(raw.ac_outputs_load(self.handle, &given, &list.handle, Diagnostics.out(diagnostics)));
        return list;
    }

    /// Makes an entity without outputs; `deinit` it.
    pub fn entity(self: Engine, profile: Entity.Profile, diagnostics: ?*Diagnostics) Error!Entity {
        const given = profile.toRaw();
        var made: Entity = .{};
        try status.check(raw.ac_entity_create(self.handle, &given, &made.handle, Diagnostics.out(diagnostics)));
        return made;
    }

    /// The number of a name of 1 to 255 bytes, interned if it is new.
    pub fn name(self: Engine, bytes: []const u8) Error!Name {
        var number: u32 = 0;
        try status.check(raw.ac_engine_name(self.handle, status.text(bytes), &number));
        return @fromBackingInt(number);
    }

    /// The text of a name, borrowed for the engine's life.
    pub fn text(self: Engine, of: Name) Error![]const u8 {
        var view: raw.ac_text = .{};
        try status.check(raw.ac_engine_text(self.handle, @backingInt(of), &view));
        return status.slice(view);
    }

    /// The registry's dimensions, by name; the caller frees them.
    pub fn dimensions(self: Engine, allocator: std.mem.Allocator) Error![]Name {
        var count: u64 = 0;
        while (true) {
            const asked = raw.ac_engine_dimensions(self.handle, null, 0, &count);
            if (asked != raw.AC_E_BUFFER_TOO_SMALL) try status.check(asked);
            const names = try allocator.alloc(Name, count);
            errdefer allocator.free(names);
            const capacity = count;
            const copied = raw.ac_engine_dimensions(self.handle, @ptrCast(names.ptr), capacity, &count);
            if (copied == raw.AC_OK and count == capacity) return names;
            // Another thread loaded another registry in between.
            if (copied != raw.AC_E_BUFFER_TOO_SMALL) try status.check(copied);
            allocator.free(names);
        }
    }

    /// Registers a subsystem that is asked by a call: a struct with
    /// `pub fn contribute(self: *T, question: actorcore.Question) !void`. The allocator holds its state and must be
    /// thread-safe; `T.deinit`, if there is one, runs once when the last question has ended.
    pub fn subsystem(
        self: Engine,
        allocator: std.mem.Allocator,
        comptime T: type,
        state: T,
        options: subsystems.Options,
        diagnostics: ?*Diagnostics,
    ) Error!void {
        return subsystems.register(T, self.handle, allocator, state, options, diagnostics);
    }

    /// Registers an actor of the engine's system as a subsystem: `contribute` is one of its messages.
    pub fn subsystemActor(
        self: Engine,
        actor: anytype,
        options: subsystems.Options,
        diagnostics: ?*Diagnostics,
    ) Error!void {
        comptime if (!messages.has(@TypeOf(actor).Message, raw.AC_TYPE_CONTRIBUTE)) @compileError(
            @typeName(@TypeOf(actor).Message) ++
                " lacks `contribute: actorcore.Question = actorcore.number.contribute`",
        );
        return subsystems.registerActor(self.handle, actor.actor(), options, diagnostics);
    }

    /// Asks that subsystem no more.
    pub fn removeSubsystem(self: Engine, of: []const u8) Error!void {
        return status.check(raw.ac_subsystem_remove(self.handle, status.text(of)));
    }

    /// Resolves without waiting; every entity's snapshot arrives at `reply_to` as `resolved`.
    pub fn resolveAsync(
        self: Engine,
        entities: []const Entity,
        options: AsyncOptions,
        diagnostics: ?*Diagnostics,
    ) Error!void {
        const given: raw.ac_resolve_options = .{
            .flags = options.resolve.bits(),
            .entities = @ptrCast(entities.ptr),
            .count = entities.len,
            .context = .{ .data = options.context.ptr, .size = options.context.len },
            .timeout_ns = options.timeout_ns,
            .reply_to = .{ .bits = options.reply_to.bits },
            .correlation = options.correlation,
        };
        return status.check(raw.ac_resolve_async(self.handle, &given, Diagnostics.out(diagnostics)));
    }

    pub const AsyncOptions = struct {
        /// Gets one `resolved` an entity.
        reply_to: messages.Actor,
        /// The caller's number; the messages have it with `actorcore.reply_bit` added.
        correlation: u64 = 0,
        /// For the asked subsystems.
        context: []const u8 = "",
        /// How long subsystems have to answer; 0 is one second.
        timeout_ns: u64 = 0,
        resolve: Entity.ResolveOptions = .{},
    };

    /// Resolves one self-contained case of the spec's form with its own registry.
    pub fn resolveCase(
        self: Engine,
        source: Source,
        options: Entity.ResolveOptions,
        diagnostics: ?*Diagnostics,
    ) Error!Snapshot {
        const given = source.toRaw();
        var snapshot: Snapshot = .{};
        const out = Diagnostics.out(diagnostics);
        try status.check(raw.ac_resolve_case(self.handle, &given, options.bits(), &snapshot.handle, out));
        return snapshot;
    }

    /// Drops every cached snapshot.
    pub fn clear(self: Engine) Error!void {
        return status.check(raw.ac_engine_clear(self.handle));
    }

    pub fn metrics(self: Engine) Error!Metrics {
        var out: Metrics = .{};
        try status.check(raw.ac_engine_get_metrics(self.handle, &out));
        return out;
    }
};
