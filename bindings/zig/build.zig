//! Exposes the module `actorcore` and runs its tests with `zig build test`. The library is found by pkg-config, as it
//! is installed: PKG_CONFIG_PATH says where, when that is not the system's place.
const std = @import("std");

pub fn build(b: *std.Build) void {
    const module = b.addModule("actorcore", .{
        .root_source_file = b.path("src/actorcore.zig"),
        .target = b.standardTargetOptions(.{}),
        .optimize = b.standardOptimizeOption(.{}),
        .link_libc = true,
    });
    module.linkSystemLibrary("actorcore", .{ .use_pkg_config = .force });
    // So that what links the module also runs when the library is not in a system folder.
    const libdir = b.run(&.{ "pkg-config", "--variable=libdir", "actorcore" });
    module.addRPath(b.graph.cwdRelativePath(std.mem.trim(u8, libdir, " \n")));

    const tests = b.addRunArtifact(b.addTest(.{ .root_module = module }));
    tests.setCwd(b.path("."));
    b.step("test", "Run the tests").dependOn(&tests.step);
}
