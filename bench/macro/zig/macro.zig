//! macro-zig WORKLOAD [SIZE...]: runs one workload and prints one line of JSON. PEER_THREADS (2), PEER_WARMUP (1; none
//! for idle and rest) and PEER_NAME are read from the environment.
const std = @import("std");
const ac = @import("actorcore");
const measure = @import("measure.zig");
const workloads = @import("workloads.zig");

pub fn main(init: std.process.Init) !void {
    const args = try init.minimal.args.toSlice(init.arena.allocator());
    const workload = find(if (args.len > 1) args[1] else "") orelse usage();
    var sizes: [3]u64 = @splat(0);
    @memcpy(sizes[0..workload.sizes.len], workload.sizes);
    for (args[@min(2, args.len)..], 0..) |arg, index| {
        if (index >= workload.sizes.len) usage();
        sizes[index] = std.fmt.parseInt(u64, arg, 10) catch usage();
        if (sizes[index] == 0) usage();
    }

    const gpa = std.heap.smp_allocator;
    const threads = number(init.environ_map, "PEER_THREADS", 2);
    const system: ac.System = try .init(gpa, .{ .workers = std.math.cast(u32, threads) orelse usage() }, null);
    defer system.deinit();
    const run: workloads.Run = .{ .system = system, .io = init.io, .gpa = gpa, .sizes = sizes };
    for (0..if (workload.cold) 0 else number(init.environ_map, "PEER_WARMUP", 1)) |_| _ = try workload.run(run);
    const result = try workload.run(run);
    try check(system, workload.may_fail);
    try print(init.io, init.environ_map.get("PEER_NAME") orelse "actorcore-zig", workload.name, result);
}

/// At the end every message must be in its place.
fn check(system: ac.System, may_fail: bool) !void {
    try system.settle(ac.never);
    const ledger = try system.ledger();
    if (ledger.holds() and (may_fail or ledger.failed == 0)) return;
    std.process.fatal("macro: the ledger does not hold: {}", .{ledger});
}

fn find(name: []const u8) ?workloads.Workload {
    for (workloads.all) |workload| if (std.mem.eql(u8, workload.name, name)) return workload;
    return null;
}

fn number(environ: *const std.process.Environ.Map, key: []const u8, default: u64) u64 {
    return std.fmt.parseInt(u64, environ.get(key) orelse return default, 10) catch usage();
}

fn usage() noreturn {
    std.debug.print("usage: macro-zig WORKLOAD [SIZE...] with WORKLOAD one of", .{});
    for (workloads.all) |workload| std.debug.print(" {s}", .{workload.name});
    std.debug.print("; sizes and PEER_* are positive numbers\n", .{});
    std.process.exit(2);
}

/// The most that the process held, and of what pools were asked for the part that they had.
fn printMemory(out: *std.Io.Writer) !void {
    const bytes = std.posix.getrusage(std.posix.rusage.SELF).maxrss * 1024;
    var gets: f64 = 0;
    var hits: f64 = 0;
    for ((try ac.memory.pools()).rows) |pool| {
        gets += @floatFromInt(pool.gets);
        hits += @floatFromInt(pool.hits);
    }
    const percent = 100 * hits / @max(gets, 1);
    try out.print(",\"memory_bytes\":{d},\"pool_percent\":{d:.3}", .{ bytes, percent });
}

fn print(io: std.Io, peer: []const u8, workload: []const u8, result: measure.Result) !void {
    var buffer: [1024]u8 = undefined;
    var file: std.Io.File.Writer = .initStreaming(.stdout(), io, &buffer); // not from a file's start
    const out = &file.interface;
    const version = ac.version();
    const operations: f64 = @floatFromInt(result.operations);
    try out.print("{{\"peer\":\"{s}\",\"version\":\"{d}.{d}.{d}\",\"workload\":\"{s}\",\"n\":{d}", .{
        peer, version.major, version.minor, version.patch, workload, result.operations,
    });
    try out.print(",\"seconds\":{d:.6},\"per_sec\":{d:.0}", .{ result.seconds, operations / result.seconds });
    try out.print(",\"ns_per_op\":{d:.2}", .{result.seconds * 1e9 / operations});
    try out.print(",\"cpu_ns_per_op\":{d:.2}", .{result.cpu_seconds * 1e9 / operations});
    if (result.latencies_ns) |at| {
        try out.print(",\"p50_ns\":{d},\"p95_ns\":{d}", .{ at[0], at[1] });
        try out.print(",\"p99_ns\":{d},\"p999_ns\":{d}", .{ at[2], at[3] });
    }
    if (result.bytes_per_actor) |bytes| try out.print(",\"bytes_per_actor\":{d:.1}", .{bytes});
    if (result.cpu_percent) |percent| try out.print(",\"cpu_percent\":{d:.4}", .{percent});
    if (result.chaos) |chaos| inline for (@typeInfo(measure.Chaos).@"struct".field_names) |name| {
        try out.print(",\"" ++ name ++ "_per_million\":{d:.1}", .{@field(chaos, name)});
    };
    try printMemory(out);
    try out.writeAll("}\n");
    try out.flush();
}
