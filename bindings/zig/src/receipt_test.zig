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
;

/// An engine with the registry above and one entity, with a strength of 15.
const World = struct {
    engine: ac.Engine,
    strength: ac.Name,
    attack: ac.Name,
    body: ac.Name,
    hero: ac.Entity,

    fn init() !World {
        const engine: ac.Engine = try .init(null, .{}, null);
        errdefer engine.deinit();
        try engine.load(.{ .text = registry }, null);
        const world: World = .{
            .engine = engine,
            .strength = try engine.name("strength"),
            .attack = try engine.name("attack"),
            .body = try engine.name("body"),
            .hero = try engine.entity(.{ .id = "hero", .version = 3 }, null),
        };
        try world.hero.put(.{
            .system = world.body,
            .contributions = &.{
                .{ .dimension = world.strength, .value = 10 },
                .{ .dimension = world.strength, .bucket = .mult, .value = 0.5, .priority = 7 },
            },
        });
        return world;
    }

    fn deinit(self: World) void {
        self.hero.deinit();
        self.engine.deinit();
    }
};

test "a receipt has every step with its source" {
    const world: World = try .init();
    defer world.deinit();
    const receipt = try world.hero.explain(.primary, world.strength, .{}, null);
    defer receipt.deinit();
    const view = try receipt.view();
    try expectEqualStrings("hero", view.actor_id);
    try expectEqual(3, view.version);
    try expectEqual(ac.List.primary, view.list);
    try expectEqual(world.strength, view.dimension);
    try expectEqual(15, view.value);
    try expectEqual(ac.Bound.none, view.bound);
    const kinds = [_]ac.Step{
        .rule,   .contribution, .bucket,  .contribution, .bucket,
        .bucket, .candidate,    .default, .default,      .clamp,
    };
    try expectEqual(kinds.len, view.steps.len);
    for (kinds, view.steps) |kind, step| try expectEqual(kind, step.kind);
    const mult = view.steps[3];
    try expectEqual(world.body, mult.output);
    try expectEqual(ac.Origin.put, mult.origin);
    try expectEqual(ac.Bucket.mult, mult.bucket);
    try expectEqual(7, mult.priority);
    try expectEqual(1.5, mult.factor);
}

test "a formula's terms are final values with receipts of their own" {
    const world: World = try .init();
    defer world.deinit();
    const receipt = try world.hero.explain(.derived, world.attack, .{ .stored = true }, null);
    defer receipt.deinit();
    const term = (try receipt.view()).steps[2];
    try expectEqual(ac.Step.term, term.kind);
    try expectEqual(world.strength, term.name);
    try expectEqual(30, term.product);
    const behind = try world.hero.explain(term.list, term.name, .{}, null);
    defer behind.deinit();
    try expectEqual(term.value, (try behind.view()).value);
}

test "steps replay, and changed ones say what would have been" {
    const world: World = try .init();
    defer world.deinit();
    const receipt = try world.hero.explain(.primary, world.strength, .{}, null);
    defer receipt.deinit();
    const view = try receipt.view();
    try expectEqual(@as(u64, @bitCast(view.value)), @as(u64, @bitCast(try ac.replay(view.steps))));
    const changed = try gpa.dupe(ac.ReceiptStep, view.steps);
    defer gpa.free(changed);
    changed[1].value = 1000;
    try expectEqual(100, try ac.replay(changed));
    try expectError(error.InvalidArgument, ac.replay(changed[1..]));
}

test "a receipt lives as long as a reference, whatever becomes of its entity" {
    const world: World = try .init();
    const first = try world.hero.explain(.primary, world.strength, .{}, null);
    world.deinit();
    const second = try first.retain();
    first.deinit();
    const json = try second.json(gpa);
    defer gpa.free(json);
    try expect(std.mem.startsWith(u8, json, "{\"actor_id\": \"hero\", \"version\": 3, \"list\": \"primary\", "));
    second.deinit();
    try expectError(error.Stale, first.view());
}

test "what has no value has no receipt" {
    const world: World = try .init();
    defer world.deinit();
    try expectError(error.UnknownDimension, world.hero.explain(.derived, world.strength, .{}, null));
}
