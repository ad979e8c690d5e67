//! Builds the macro workloads against the package `actorcore` and the installed library: `zig build`, then zig-out/bin/macro.
const std = @import("std");

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.standardOptimizeOption(.{});
    const package = b.dependency("actorcore", .{ .target = target, .optimize = optimize });
    b.installArtifact(b.addExecutable(.{
        .name = "macro",
        .root_module = b.createModule(.{
            .root_source_file = b.path("macro.zig"),
            .target = target,
            .optimize = optimize,
            .imports = &.{.{ .name = "actorcore", .module = package.module("actorcore") }},
        }),
    }));
}
