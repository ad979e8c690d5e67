const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;
const expectEqualStrings = std.testing.expectEqualStrings;

const registry =
    \\dimensions:
    \\  strength: { use_pipeline: true, clamp_default: { min: 0, max: 100 } }
    \\  attack:
    \\    use_pipeline: true
    \\    clamp_default: { min: 0, max: 1000 }
    \\    formula: { terms: { strength: 2 }, constant: 5 }
    \\layers: { order: [REALM, TOTAL], across_policy: INTERSECT }
;

/// An engine with the registry above and one entity.
const World = struct {
    engine: ac.Engine,
    strength: ac.Name,
    attack: ac.Name,
    body: ac.Name,
    hero: ac.Entity,

    fn init(system: ?ac.System) !World {
        const engine: ac.Engine = try .init(system, .{}, null);
        errdefer engine.deinit();
        try engine.load(.{ .text = registry }, null);
        return .{
            .engine = engine,
            .strength = try engine.name("strength"),
            .attack = try engine.name("attack"),
            .body = try engine.name("body"),
            .hero = try engine.entity(.{ .id = "hero", .version = 3 }, null),
        };
    }

    fn deinit(self: World) void {
        self.hero.deinit();
        self.engine.deinit();
    }

    fn strengthNow(self: World) !f64 {
        const snapshot = try self.hero.resolve(.{}, null);
        defer snapshot.deinit();
        return snapshot.value(.primary, self.strength);
    }

    fn put(self: World, value: f64) !void {
        try self.hero.put(.{
            .system = self.body,
            .contributions = &.{.{ .dimension = self.strength, .value = value }},
        });
    }
};

test "names keep their numbers and texts, dimensions come by name" {
    const world: World = try .init(null);
    defer world.deinit();
    try expectEqual(world.strength, try world.engine.name("strength"));
    try expectEqualStrings("strength", try world.engine.text(world.strength));
    try expectError(error.NotFound, world.engine.text(@fromBackingInt(999_999)));
    const dimensions = try world.engine.dimensions(gpa);
    defer gpa.free(dimensions);
    try std.testing.expectEqualSlices(ac.Name, &.{ world.attack, world.strength }, dimensions);
}

test "a resolve folds rows, caps and contexts into numbers" {
    const world: World = try .init(null);
    defer world.deinit();
    const fury = try world.engine.name("fury");
    const factors = [_]f64{ 2, 1.5 };
    try world.hero.put(.{
        .system = world.body,
        .contributions = &.{
            .{ .dimension = world.strength, .value = 60 },
            .{ .dimension = world.strength, .bucket = .mult, .value = 1 },
            .{ .dimension = world.attack, .list = .derived, .bucket = .post_add, .value = 0.5 },
        },
        .caps = &.{.{ .dimension = world.strength, .value = 90 }},
        .modifiers = &.{.init(fury, &factors, .{ .additive_percent = 0.5, .post_add = 1 })},
    });
    const snapshot = try world.hero.resolve(.{}, null);
    defer snapshot.deinit();
    try expectEqual(90, try snapshot.value(.primary, world.strength));
    try expectEqual(185.5, try snapshot.value(.derived, world.attack));
    try expectError(error.UnknownDimension, snapshot.value(.primary, world.attack));
    try expectEqual(46, try snapshot.apply(fury, 10));
    try expectEqual(10, try snapshot.apply(world.body, 10));

    const view = try snapshot.view();
    try expectEqualStrings("hero", view.actor_id);
    try expectEqual(3, view.version);
    try expectEqual(90, view.primary.get(world.strength));
    try expectEqual(null, view.primary.get(world.attack));
    try expectEqual(185.5, view.derived.get(world.attack));
    try expectEqual(90, view.caps.maxs[1]);
    try expectEqual(3, view.contexts[0].multiplier);
    try expectEqual(0, view.errors.len);

    const json = try snapshot.json(gpa);
    defer gpa.free(json);
    const parsed = try std.json.parseFromSlice(std.json.Value, gpa, json, .{});
    defer parsed.deinit();
    try expectEqual(90, parsed.value.object.get("primary").?.object.get("strength").?.float);
}

test "a snapshot serves until something changes, and lives as long as a reference" {
    const world: World = try .init(null);
    defer world.deinit();
    try expectError(error.NotCached, world.hero.cachedSnapshot());
    try world.put(1);
    const first = try world.hero.resolve(.{}, null);
    const again = try first.retain();
    defer again.deinit();
    first.deinit();
    const cached = try world.hero.cachedSnapshot();
    defer cached.deinit();
    try expectEqual(again.handle.bits, cached.handle.bits);
    try world.put(2);
    try expectError(error.NotCached, world.hero.cachedSnapshot());
    const second = try world.hero.resolve(.{}, null);
    defer second.deinit();
    try expectEqual(1, try again.value(.primary, world.strength));
    try expectEqual(2, try second.value(.primary, world.strength));
    try world.hero.invalidate();
    try expectError(error.NotCached, world.hero.cachedSnapshot());
    const third = try world.hero.resolve(.{}, null);
    defer third.deinit();
    try world.engine.clear();
    try expectError(error.NotCached, world.hero.cachedSnapshot());
    try expectEqual(3, (try world.engine.metrics()).resolved);
}

test "one row is put and removed, and only what follows is resolved" {
    const world: World = try .init(null);
    defer world.deinit();
    try world.put(1);
    (try world.hero.resolve(.{}, null)).deinit();
    const ring = try world.engine.name("ring");
    const row: ac.Contribution = .{ .dimension = world.strength, .value = 2 };
    try world.hero.putContribution(ring, row, null);
    try expectEqual(3, try world.strengthNow());
    try world.hero.putCap(ring, .{ .dimension = world.strength, .mode = .hard_max, .value = 1 }, null);
    try expectEqual(1, try world.strengthNow());
    try world.hero.removeCap(ring, .{ .dimension = world.strength, .mode = .hard_max, .value = 0 }, null);
    try world.hero.removeContribution(ring, row, null);
    try expectEqual(1, try world.strengthNow());
    try expectError(error.NotFound, world.hero.removeContribution(ring, row, null));
    try expectEqual(3, (try world.engine.metrics()).updated);
}

test "what is left out is listed, and fails a strict resolve" {
    const world: World = try .init(null);
    defer world.deinit();
    try world.hero.put(.{
        .system = world.body,
        .contributions = &.{.{ .dimension = world.body, .value = 1 }},
    });
    const snapshot = try world.hero.resolve(.{}, null);
    defer snapshot.deinit();
    const errors = (try snapshot.view()).errors;
    try expectEqual(1, errors.len);
    try expectEqual(ac.Reject.unknown_dimension, errors[0].code);
    try expectEqual(ac.About.system, errors[0].about);
    try expectEqual(world.body, errors[0].name);
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    try expectError(error.Rejected, world.hero.resolve(.{ .strict = true }, &why));
    try expect(why.detail(0) != null);
    try world.hero.remove(world.body);
    const clean = try world.hero.resolve(.{ .strict = true }, &why);
    clean.deinit();
}

test "outputs are parsed once and put whole or one by one" {
    const world: World = try .init(null);
    defer world.deinit();
    const text =
        \\{"elf": [
        \\  {"meta": {"system": "body"}, "primary": [
        \\    {"dimension": "strength", "bucket": "FLAT", "value": 7, "system": "body"}]},
        \\  {"meta": {"system": "gear"}, "priority": 2, "primary": [
        \\    {"dimension": "strength", "bucket": "MULT", "value": 1, "system": "gear"}]}]}
    ;
    const list = try world.engine.outputs(.{ .text = text, .member = "elf" }, null);
    defer list.deinit();
    try expectEqual(2, try list.count());
    const gear = try list.at(1);
    try expectEqual(2, gear.priority);
    try expectEqual(ac.Bucket.mult, gear.contributions[0].bucket);
    try expectError(error.NotFound, list.at(2));
    try world.hero.put(try list.at(0));
    const half = try world.hero.resolve(.{}, null);
    defer half.deinit();
    try expectEqual(7, try half.value(.primary, world.strength));
    try world.hero.putAll(list);
    const whole = try world.hero.resolve(.{}, null);
    defer whole.deinit();
    try expectEqual(14, try whole.value(.primary, world.strength));
    try expectError(error.BadDocument, world.engine.outputs(.{ .text = "[{]", .label = "x" }, null));
}

test "a profile comes back as JSON and its version goes into the snapshot" {
    const world: World = try .init(null);
    defer world.deinit();
    try world.hero.setProfile(.{ .id = "hero", .name = "Ann", .version = 9, .data = "{\"x\": 1}" }, null);
    const json = try world.hero.profileJson(gpa);
    defer gpa.free(json);
    const parsed = try std.json.parseFromSlice(std.json.Value, gpa, json, .{});
    defer parsed.deinit();
    try expectEqualStrings("Ann", parsed.value.object.get("name").?.string);
    const snapshot = try world.hero.resolve(.{}, null);
    defer snapshot.deinit();
    try expectEqual(9, (try snapshot.view()).version);
    try expectError(error.InvalidArgument, world.hero.setProfile(.{ .id = "" }, null));
}

test "many entities resolve in one call, each with its own status" {
    const world: World = try .init(null);
    defer world.deinit();
    try world.put(4);
    const entities = [_]ac.Entity{ world.hero, .{}, world.hero };
    var snapshots: [3]ac.Snapshot = undefined;
    var statuses: [3]ac.Status = undefined;
    try expectEqual(2, try ac.resolveBatch(&entities, .{}, &snapshots, &statuses));
    try std.testing.expectEqualSlices(ac.Status, &.{ .ok, .e_no_handle, .ok }, &statuses);
    try expectEqual(4, try snapshots[2].value(.primary, world.strength));
    for (snapshots) |snapshot| snapshot.deinit();
    try expectError(error.InvalidArgument, ac.resolveBatch(&entities, .{}, snapshots[0..2], &statuses));
}

/// Answers with as much strength as the context has bytes, or fails.
const Blessing = struct {
    strength: ac.Name,
    fails: bool = false,
    ended: *u32,

    pub fn contribute(self: *Blessing, question: ac.Question) !void {
        if (self.fails) return error.Unwilling;
        const bytes = try question.context();
        const value: f64 = @floatFromInt(bytes.len);
        try question.answer(.{ .contributions = &.{.{ .dimension = self.strength, .value = value }} });
    }

    pub fn deinit(self: *Blessing) void {
        self.ended.* += 1;
    }
};

test "a subsystem is asked at every resolve, a failing one is listed, a removed one ends once" {
    var ended: u32 = 0;
    {
        const world: World = try .init(null);
        defer world.deinit();
        const willing: Blessing = .{ .strength = world.strength, .ended = &ended };
        try world.engine.subsystem(gpa, Blessing, willing, .{ .name = "blessing" }, null);
        try expectError(error.Exists, world.engine.subsystem(gpa, Blessing, willing, .{ .name = "blessing" }, null));
        const blessed = try world.hero.resolveWithContext("seven..", .{}, null);
        defer blessed.deinit();
        try expectEqual(7, try blessed.value(.primary, world.strength));
        try world.engine.removeSubsystem("blessing");
        try expectEqual(1, ended);
        const unwilling: Blessing = .{ .strength = world.strength, .fails = true, .ended = &ended };
        try world.engine.subsystem(gpa, Blessing, unwilling, .{ .name = "curse" }, null);
        const cursed = try world.hero.resolve(.{}, null);
        defer cursed.deinit();
        const errors = (try cursed.view()).errors;
        try expectEqual(1, errors.len);
        try expectEqual(ac.Reject.subsystem_failed, errors[0].code);
        try expectEqualStrings("curse", try world.engine.text(errors[0].name));
    }
    try expectEqual(2, ended);
}

const Oracle = struct {
    strength: ac.Name,
    const Message = union(enum(u32)) { contribute: ac.Question = ac.number.contribute };
    pub fn handle(self: *Oracle, _: *ac.Context, message: Message) !void {
        const rows = [_]ac.Contribution{.{ .dimension = self.strength, .value = 42 }};
        try message.contribute.answer(.{ .contributions = &rows });
        try expectError(error.Stale, message.contribute.answer(.{}));
    }
};

const Collector = struct {
    strength: ac.Name,
    sum: *f64,
    const Message = union(enum(u32)) { resolved: ac.Resolved = ac.number.resolved };
    pub fn handle(self: *Collector, ctx: *ac.Context, message: Message) !void {
        const end = message.resolved;
        defer end.snapshot.deinit();
        try expectEqual(ac.Status.ok, end.status);
        try expectEqual(77 | ac.reply_bit, ctx.correlation());
        self.sum.* += try end.snapshot.value(.primary, self.strength);
    }
};

test "an actor is a subsystem, and resolves end in turns" {
    const system: ac.System = try .init(gpa, .{}, null);
    defer system.deinit();
    const world: World = try .init(system);
    defer world.deinit();
    const oracle = try system.spawn(Oracle, .{ .strength = world.strength }, .{}, null);
    try world.engine.subsystemActor(oracle, .{ .name = "oracle" }, null);
    const snapshot = try world.hero.resolve(.{}, null);
    defer snapshot.deinit();
    try expectEqual(42, try snapshot.value(.primary, world.strength));

    var sum: f64 = 0;
    const collector = try system.spawn(Collector, .{ .strength = world.strength, .sum = &sum }, .{}, null);
    const entities: [10]ac.Entity = @splat(world.hero);
    try world.engine.resolveAsync(&entities, .{ .reply_to = collector.actor(), .correlation = 77 }, null);
    try system.settle(ac.never);
    try expectEqual(420, sum);
    try expectEqual(0, (try system.ledger()).failed);
}

test "released handles are stale, not fatal" {
    const world: World = try .init(null);
    const snapshot = try world.hero.resolve(.{}, null);
    snapshot.deinit();
    snapshot.deinit();
    try expectError(error.Stale, snapshot.view());
    world.deinit();
    try expectError(error.Stale, world.hero.resolve(.{}, null));
    try expectError(error.Stale, world.engine.name("x"));
    world.deinit();
}
