//! world: one actor for each entity, subsystem actors that post changes to them, and a totals actor to which every
//! entity reports what it resolves. The plain run uses every core; with --seed it is deterministic and prints its trace hash.
const std = @import("std");
const ac = @import("actorcore");

const archetypes = [_][]const u8{ "warrior", "mage", "rogue", "ranger", "cleric", "merchant" };
const posts_max = 1_000; // changes in one handler call
const batch_max = 1_000; // reports in one call

const usage =
    \\usage: world [--entities N] [--changes N] [--seed N] [--data DIR] [--show K] [--workers N]
    \\
    \\  --entities N  actors, one an entity (100000)
    \\  --changes N   changes for each entity, on average (4)
    \\  --seed N      run deterministically and print the trace hash (picks from seed 42 otherwise)
    \\  --data DIR    where registry.yaml, outputs.json and changes.json are (examples/data)
    \\  --show K      entities to print in full (3)
    \\  --workers N   threads, 0 is one a core (0)
    \\  --help        print this
    \\
;

const Options = struct {
    entities: u32 = 100_000,
    changes: u32 = 4,
    seed: ?u64 = null,
    data: []const u8 = "examples/data",
    show: u32 = 3,
    workers: u32 = 0,
};

/// What the actors share; written before they are spawned, but for the rows, which are the totals actor's.
const World = struct {
    io: std.Io,
    arena: std.mem.Allocator,
    system: ac.System,
    engine: ac.Engine,
    options: Options,
    dimensions: []const ac.Name,
    /// The parsed changes, by their index in the file.
    changes: []const ac.Output,
    /// Indices of changes, one group for each subsystem.
    groups: []const []const u32,
    entities: []ac.Entity,
    actors: []ac.Ref(EntityActor.Message) = &.{},
    totals: ac.Ref(Totals.Message) = .{},
    /// One row of values for each entity, in entity order.
    rows: []f64,
    latencies: []u32,

    fn changesInAll(self: *const World) u64 {
        return @as(u64, self.options.entities) * self.options.changes;
    }
};

// ---- Actors

const Change = extern struct { index: u32, reserved: u32 = 0 };

const EntityActor = struct {
    world: *const World,
    index: u32,

    const Message = union(enum(u32)) { change: Change = 2, report: u64 = 3 };

    pub fn handle(self: *EntityActor, ctx: *ac.Context, message: Message) !void {
        const world = self.world;
        const entity = world.entities[self.index];
        switch (message) {
            .change => |change| {
                if (change.index >= world.changes.len) return error.NoSuchChange;
                try entity.put(world.changes[change.index]);
            },
            .report => |sent_ns| {
                const snapshot = try entity.resolve(.{}, null);
                defer snapshot.deinit();
                const latency = try world.system.now() -| sent_ns;
                const payload = try ctx.tellBytes(world.totals, .total, 8 + 8 * world.dimensions.len);
                std.mem.writeInt(u32, payload[0..4], self.index, .little);
                std.mem.writeInt(u32, payload[4..8], @intCast(@min(latency, std.math.maxInt(u32))), .little);
                writeValues(world.dimensions, try snapshot.view(), payload[8..]);
            },
        }
    }

    /// Each dimension's derived value, else its primary one, else 0. The dimensions and both lists ascend by name.
    fn writeValues(dimensions: []const ac.Name, view: ac.Snapshot.View, bytes: []u8) void {
        var derived = view.derived;
        var primary = view.primary;
        for (dimensions, 0..) |dimension, number| {
            const low = take(&primary, dimension) orelse 0;
            const value = take(&derived, dimension) orelse low;
            std.mem.writeInt(u64, bytes[8 * number ..][0..8], @bitCast(value), .little);
        }
    }

    fn take(values: *ac.Snapshot.Values, dimension: ac.Name) ?f64 {
        if (values.names.len == 0 or values.names[0] != dimension) return null;
        defer values.* = .{ .names = values.names[1..], .values = values.values[1..] };
        return values.values[0];
    }
};

/// Posts changes to random entities until none are left.
const Subsystem = struct {
    world: *const World,
    group: []const u32,
    random: u64,

    const Message = union(enum(u32)) { go: u64 = 1 };

    pub fn handle(self: *Subsystem, ctx: *ac.Context, message: Message) !void {
        const left = message.go;
        const posts = @min(left, posts_max);
        for (0..posts) |_| {
            const actor = self.world.actors[self.next() % self.world.actors.len];
            const change = self.group[self.next() % self.group.len];
            try ctx.tell(actor, .{ .change = .{ .index = change } });
        }
        if (left > posts) try ctx.tell(ctx.self().as(Message), .{ .go = left - posts });
    }

    /// splitmix64
    fn next(self: *Subsystem) u64 {
        self.random +%= 0x9e3779b97f4a7c15;
        var z = self.random;
        z = (z ^ z >> 30) *% 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) *% 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
};

const Totals = struct {
    world: *const World,

    const Message = union(enum(u32)) { total: []const u8 = 4 };

    pub fn handle(self: *Totals, _: *ac.Context, message: Message) !void {
        const world = self.world;
        const dimensions = world.dimensions.len;
        const payload = message.total;
        if (payload.len != 8 + 8 * dimensions) return error.MalformedTotal;
        const index = std.mem.readInt(u32, payload[0..4], .little);
        if (index >= world.latencies.len) return error.NoSuchEntity;
        world.latencies[index] = std.mem.readInt(u32, payload[4..8], .little);
        const row = world.rows[index * dimensions ..][0..dimensions];
        for (row, 0..) |*value, number| {
            value.* = @bitCast(std.mem.readInt(u64, payload[8 + 8 * number ..][0..8], .little));
        }
    }
};

// ---- Progress

/// A bar on a terminal, otherwise a line for each phase.
const Progress = struct {
    io: std.Io,
    is_terminal: bool,
    phase: []const u8 = "",

    fn init(io: std.Io) Progress {
        return .{ .io = io, .is_terminal = std.Io.File.stderr().isTty(io) catch false };
    }

    fn begin(self: *Progress, phase: []const u8) void {
        self.phase = phase;
        if (self.is_terminal) self.show(0, 1) else std.debug.print("{s}\n", .{phase});
    }

    fn show(self: Progress, done: u64, all: u64) void {
        const width = 40;
        if (!self.is_terminal) return;
        const full: usize = @intCast(@min(width, done * width / @max(1, all)));
        const bar: [width]u8 = @splat('#');
        const rest: [width]u8 = @splat('.');
        std.debug.print("\r{s:<18} [{s}{s}]", .{ self.phase, bar[0..full], rest[full..] });
    }

    fn end(self: Progress) void {
        self.show(1, 1);
        if (self.is_terminal) std.debug.print("\n", .{});
    }
};

/// Waits until the system is quiet. On a terminal it looks up now and then, but a seeded system runs inside one settle.
fn settle(world: *const World, progress: *Progress, messages: u64) !void {
    if (!progress.is_terminal or world.options.seed != null) return world.system.settle(ac.never);
    const before = (try world.system.ledger()).handled;
    while (true) {
        return world.system.settle(100 * std.time.ns_per_ms) catch |err| switch (err) {
            error.Timeout => {
                progress.show((try world.system.ledger()).handled -| before, messages);
                continue;
            },
            else => err,
        };
    }
}

// ---- The run

const Measured = struct { spawn_s: f64, bytes_per_actor: f64, changes_s: f64, reports_s: f64 };

fn run(world: *World, progress: *Progress, out: *std.Io.Writer, why: *ac.Diagnostics) !bool {
    var measured: Measured = undefined;
    progress.begin("creating entities");
    try createEntities(world, progress, why);
    const subsystems = try spawn(world, &measured, why);
    progress.end();

    progress.begin("changes");
    var started: std.Io.Timestamp = .now(world.io, .awake);
    const changes = world.changesInAll();
    for (subsystems, 0..) |subsystem, number| {
        const extra: u64 = if (number < changes % subsystems.len) 1 else 0;
        try world.system.tell(subsystem, .{ .go = changes / subsystems.len + extra });
    }
    try settle(world, progress, changes);
    measured.changes_s = secondsSince(world.io, started);
    progress.end();

    progress.begin("reports");
    started = .now(world.io, .awake);
    try sendReports(world);
    try settle(world, progress, 2 * world.actors.len);
    measured.reports_s = secondsSince(world.io, started);
    progress.end();
    return print(world, measured, out, why);
}

fn createEntities(world: *World, progress: *Progress, why: *ac.Diagnostics) !void {
    const text = try readData(world, "outputs.json");
    var outputs: [archetypes.len]ac.Outputs = undefined;
    for (&outputs, archetypes) |*list, archetype| {
        list.* = try world.engine.outputs(.{ .text = text, .label = "outputs.json", .member = archetype }, why);
    }
    defer for (outputs) |list| list.deinit();
    var buffer: [32]u8 = undefined;
    for (world.entities, 0..) |*entity, index| {
        const id = try std.fmt.bufPrint(&buffer, "entity-{d}", .{index});
        const archetype = index % archetypes.len;
        entity.* = try world.engine.entity(.{
            .id = id,
            .name = archetypes[archetype],
            .race = "human",
            .version = 1,
        }, why);
        try entity.putAll(outputs[archetype]);
        if (index % 1024 == 0) progress.show(index, world.entities.len);
    }
}

/// The totals actor, one actor for each entity, one for each subsystem; in that order, which the trace hash sees.
fn spawn(world: *World, measured: *Measured, why: *ac.Diagnostics) ![]const ac.Ref(Subsystem.Message) {
    world.actors = try world.arena.alloc(ac.Ref(EntityActor.Message), world.entities.len);
    @memset(world.actors, .{}); // touched before the memory is sampled
    const subsystems = try world.arena.alloc(ac.Ref(Subsystem.Message), world.groups.len);
    var states: [1024]EntityActor = undefined;

    const before = try residentBytes(world.io);
    const started: std.Io.Timestamp = .now(world.io, .awake);
    world.totals = try world.system.spawn(Totals, .{ .world = world }, .{ .name = "totals" }, why);
    var made: usize = 0;
    while (made < world.actors.len) {
        const part = world.actors[made..@min(world.actors.len, made + states.len)];
        for (states[0..part.len], made..) |*state, index| state.* = .{ .world = world, .index = @intCast(index) };
        try world.system.spawnMany(EntityActor, states[0..part.len], part, .{}, why);
        made += part.len;
    }
    const seed = world.options.seed orelse 42;
    for (subsystems, world.groups, 0..) |*subsystem, group, number| {
        const state: Subsystem = .{ .world = world, .group = group, .random = seed *% 0x9e3779b97f4a7c15 +% number };
        subsystem.* = try world.system.spawn(Subsystem, state, .{}, why);
    }
    measured.spawn_s = secondsSince(world.io, started);
    const grown = try residentBytes(world.io) - before;
    measured.bytes_per_actor = grown / @as(f64, @floatFromInt(@max(1, world.actors.len)));
    return subsystems;
}

fn sendReports(world: *World) !void {
    var envelopes: [batch_max]ac.Envelope = undefined;
    var batch = world.system.batch(&envelopes);
    var sent: usize = 0;
    while (sent < world.actors.len) {
        const part = world.actors[sent..@min(world.actors.len, sent + batch_max)];
        const now = try world.system.now();
        for (part) |actor| try batch.tell(actor, .{ .report = now });
        try batch.send();
        sent += part.len;
    }
}

// ---- Output

fn print(world: *World, measured: Measured, out: *std.Io.Writer, why: *ac.Diagnostics) !bool {
    const entities = world.entities.len;
    const ledger = try world.system.ledger();
    const hash = if (world.options.seed != null) try world.system.traceHash() else null;
    try out.print("actorcore world: {d} entities, {d} archetypes, {d} subsystems, {d} changes, seed {d}\n", .{
        entities, archetypes.len, world.groups.len, world.changesInAll(), world.options.seed orelse 42,
    });
    try printTable(world, out);
    for (world.entities[0..@min(entities, world.options.show)], 0..) |entity, index| {
        const snapshot = try entity.resolve(.{ .fresh = true }, why);
        defer snapshot.deinit();
        const json = try snapshot.json(world.arena);
        try out.print("entity-{d} ({s}): {s}\n", .{ index, archetypes[index % archetypes.len], json });
    }
    try out.print("ledger: accepted {d} = handled {d} + queued {d} + dead {d}: {s}\n", .{
        ledger.accepted, ledger.handled,                                   ledger.queued,
        ledger.buried(), if (ledger.holds()) "holds" else "DOES NOT HOLD",
    });
    if (hash) |bits| try out.print("trace hash: {x:0>16}\n", .{bits});
    try printMeasured(world, measured, out);
    return ledger.holds();
}

fn printTable(world: *const World, out: *std.Io.Writer) !void {
    try out.print("{s:<24} {s:>20} {s:>19} {s:>19}\n", .{ "dimension", "total", "mean", "max" });
    for (world.dimensions, 0..) |dimension, column| {
        var total: f64 = 0;
        var max = -std.math.inf(f64);
        for (0..world.entities.len) |entity| {
            const value = world.rows[entity * world.dimensions.len + column];
            total += value;
            max = @max(max, value);
        }
        const mean = total / @as(f64, @floatFromInt(world.entities.len));
        var line: [512]u8 = undefined;
        const name = try world.engine.text(dimension);
        // Zig rounds a number's shortest decimal form, the others the number itself: C's printf is what they share.
        const width: c_int = @intCast(name.len);
        const length = snprintf(&line, line.len, "%-24.*s %20.4f %19.4f %19.4f\n", width, name.ptr, total, mean, max);
        try out.writeAll(line[0..@min(line.len, @as(usize, @intCast(length)))]);
    }
}

extern "c" fn snprintf(buffer: [*]u8, size: usize, format: [*:0]const u8, ...) c_int;

fn printMeasured(world: *World, measured: Measured, out: *std.Io.Writer) !void {
    const entities = world.entities.len;
    const changes = world.changesInAll();
    std.mem.sortUnstable(u32, world.latencies, {}, std.sort.asc(u32));
    try out.print("~ spawned {d} actors in {d:.3} s: {d:.0} a second, {d:.0} bytes an actor\n", .{
        entities, measured.spawn_s, rate(entities, measured.spawn_s), measured.bytes_per_actor,
    });
    try out.print("~ changes: {d} in {d:.3} s, {d:.0} a second\n", .{
        changes, measured.changes_s, rate(changes, measured.changes_s),
    });
    try out.print("~ reports: {d} in {d:.3} s, {d:.0} a second; latency p50 {d:.1} us, p99 {d:.1} us\n", .{
        entities,
        measured.reports_s,
        rate(entities, measured.reports_s),
        @as(f64, @floatFromInt(world.latencies[entities / 2])) / 1e3,
        @as(f64, @floatFromInt(world.latencies[entities * 99 / 100])) / 1e3,
    });
}

fn rate(count: u64, seconds: f64) f64 {
    return @as(f64, @floatFromInt(count)) / @max(seconds, 1e-9);
}

fn secondsSince(io: std.Io, started: std.Io.Timestamp) f64 {
    return @as(f64, @floatFromInt(started.untilNow(io, .awake).nanoseconds)) / std.time.ns_per_s;
}

fn residentBytes(io: std.Io) !f64 {
    var buffer: [128]u8 = undefined;
    var fields = std.mem.tokenizeScalar(u8, try std.Io.Dir.cwd().readFile(io, "/proc/self/statm", &buffer), ' ');
    _ = fields.next();
    const pages = try std.fmt.parseInt(u64, fields.next() orelse return error.NoResidentSize, 10);
    return @floatFromInt(pages * std.heap.pageSize());
}

// ---- Set-up

fn readData(world: *const World, name: []const u8) ![]const u8 {
    const path = try std.fs.path.join(world.arena, &.{ world.options.data, name });
    return std.Io.Dir.cwd().readFileAlloc(world.io, path, world.arena, .unlimited) catch |err| {
        std.debug.print("world: {s}: {t}; --data names the folder\n", .{ path, err });
        return error.UnreadableData;
    };
}

/// Groups the changes by their subsystem, in the order in which the subsystems first appear.
fn groupBySystem(arena: std.mem.Allocator, changes: []const ac.Output) ![]const []const u32 {
    var groups: std.array_hash_map.Auto(ac.Name, std.ArrayList(u32)) = .empty;
    for (changes, 0..) |change, index| {
        const entry = try groups.getOrPutValue(arena, change.system, .empty);
        try entry.value_ptr.append(arena, @intCast(index));
    }
    const slices = try arena.alloc([]const u32, groups.count());
    for (slices, groups.values()) |*slice, list| slice.* = list.items;
    return slices;
}

fn simulate(init: std.process.Init, options: Options, why: *ac.Diagnostics) !bool {
    const arena = init.arena.allocator();
    const system_options: ac.System.Options = .{ .seed = options.seed, .workers = options.workers };
    const system: ac.System = try .init(std.heap.smp_allocator, system_options, why);
    defer system.deinit();
    const engine: ac.Engine = try .init(system, .{}, why);
    defer engine.deinit();
    try engine.loadFile(try std.fs.path.join(arena, &.{ options.data, "registry.yaml" }), why);

    const dimensions = try engine.dimensions(arena);
    const entities = try arena.alloc(ac.Entity, options.entities);
    @memset(entities, .{});
    defer for (entities) |entity| entity.deinit();
    const rows = try arena.alloc(f64, entities.len * dimensions.len);
    @memset(rows, 0);
    const latencies = try arena.alloc(u32, entities.len);
    @memset(latencies, 0);
    var world: World = .{
        .io = init.io,
        .arena = arena,
        .system = system,
        .engine = engine,
        .options = options,
        .dimensions = dimensions,
        .changes = &.{},
        .groups = &.{},
        .entities = entities,
        .rows = rows,
        .latencies = latencies,
    };
    const text = try readData(&world, "changes.json");
    const list = try engine.outputs(.{ .text = text, .label = "changes.json" }, why);
    defer list.deinit();
    const changes = try arena.alloc(ac.Output, try list.count());
    for (changes, 0..) |*change, index| change.* = try list.at(index);
    if (changes.len == 0) return error.NoChanges;
    world.changes = changes;
    world.groups = try groupBySystem(arena, changes);

    var buffer: [4096]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    var progress: Progress = .init(init.io);
    const holds = try run(&world, &progress, &stdout.interface, why);
    _ = try system.stop(10 * std.time.ns_per_s, why);
    if (holds) try stdout.interface.writeAll("actorcore world: done\n");
    try stdout.interface.flush();
    return holds;
}

fn parse(args: []const [:0]const u8) !Options {
    var options: Options = .{};
    var index: usize = 0;
    while (index < args.len) : (index += 2) {
        const name = args[index];
        if (!std.mem.startsWith(u8, name, "--")) return error.UnknownArgument;
        const is_known = inline for (@typeInfo(Options).@"struct".field_names) |field| {
            if (std.mem.eql(u8, name[2..], field)) {
                if (index + 1 == args.len) return error.MissingValue;
                const value = args[index + 1];
                @field(options, field) = switch (@FieldType(Options, field)) {
                    []const u8 => value,
                    ?u64 => try std.fmt.parseInt(u64, value, 10),
                    else => |T| try std.fmt.parseInt(T, value, 10),
                };
                break true;
            }
        } else false;
        if (!is_known) return error.UnknownArgument;
    }
    return if (options.entities == 0) error.NoEntities else options;
}

pub fn main(init: std.process.Init) !u8 {
    const args = try init.minimal.args.toSlice(init.arena.allocator());
    for (args[1..]) |arg| if (std.mem.eql(u8, arg, "--help")) {
        try std.Io.File.stdout().writeStreamingAll(init.io, usage);
        return 0;
    };
    const options = parse(args[1..]) catch |err| {
        std.debug.print("world: {t} in the arguments; --help lists them\n", .{err});
        return 2;
    };
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    const holds = simulate(init, options, &why) catch |err| {
        if (ac.statusOf(err)) |status| {
            std.debug.print("world: {f}: {f}\n", .{ status, why });
        } else if (err != error.UnreadableData) {
            std.debug.print("world: {t}\n", .{err});
        }
        return 1;
    };
    return if (holds) 0 else 1;
}
