//! Builds the examples against the package `actorcore` and the installed library: `zig build`, then zig-out/bin.
const std = @import("std");

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.standardOptimizeOption(.{});
    const package = b.dependency("actorcore", .{ .target = target, .optimize = optimize });
    for ([_][]const u8{
        "hello",  "ask",      "supervise", "timers", "behaviors", "routers",
        "events", "overload", "snapshot",  "world",
    }) |name| {
        const program = b.addExecutable(.{
            .name = name,
            .root_module = b.createModule(.{
                .root_source_file = b.path(b.fmt("{s}.zig", .{name})),
                .target = target,
                .optimize = optimize,
                .imports = &.{.{ .name = "actorcore", .module = package.module("actorcore") }},
            }),
        });
        b.installArtifact(program);
    }
}
