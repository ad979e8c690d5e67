//! snapshot: a registry, an entity with stored outputs, and a subsystem that is asked at every resolve.
const std = @import("std");
const ac = @import("actorcore");

const registry =
    \\dimensions:
    \\  strength:
    \\    use_pipeline: true
    \\    clamp_default: { min: 0, max: 100 }
    \\  attack:
    \\    use_pipeline: true
    \\    clamp_default: { min: 0, max: 1000 }
    \\    formula: { terms: { strength: 2 }, constant: 5 }
;

/// Adds one strength for every two wounds; in a game this would look at the world.
const Rage = struct {
    engine: ac.Engine,
    wounds: u32,

    pub fn contribute(self: *Rage, question: ac.Question) !void {
        const strength = try self.engine.name("strength");
        try question.answer(.{ .contributions = &.{
            .{ .dimension = strength, .value = @floatFromInt(self.wounds / 2) },
        } });
    }
};

pub fn main(init: std.process.Init) !void {
    var buffer: [4096]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    const out = &stdout.interface;

    var why: ac.Diagnostics = .{};
    defer why.deinit();
    errdefer std.debug.print("{f}\n", .{why});
    const engine: ac.Engine = try .init(null, .{}, &why);
    defer engine.deinit();
    try engine.load(.{ .text = registry, .label = "registry" }, &why);
    try engine.subsystem(init.gpa, Rage, .{ .engine = engine, .wounds = 7 }, .{ .name = "rage" }, &why);

    const hero = try engine.entity(.{ .id = "hero-1", .name = "Hero" }, &why);
    defer hero.deinit();
    const strength = try engine.name("strength");
    try hero.put(.{ .system = try engine.name("body"), .contributions = &.{
        .{ .dimension = strength, .value = 12 },
        .{ .dimension = strength, .bucket = .mult, .value = 0.5 },
    } });

    const snapshot = try hero.resolve(.{}, &why);
    defer snapshot.deinit();
    const view = try snapshot.view();
    try out.print("{s}, version {d}\n", .{ view.actor_id, view.version });
    for (view.primary.names, view.primary.values) |name, value| {
        try out.print("  {s} = {d}\n", .{ try engine.text(name), value });
    }
    for (view.derived.names, view.derived.values) |name, value| {
        try out.print("  {s} = {d}\n", .{ try engine.text(name), value });
    }
    const json = try snapshot.json(init.gpa);
    defer init.gpa.free(json);
    try out.print("{s}\n", .{json});
    try out.flush();
}
