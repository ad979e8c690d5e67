//! routers: a post office. One address stands for many actors: a pool of clerks that the router
//! spawns and restarts, each in turn; and three depots, which get a parcel by its street, all hear
//! of a new tariff, and are all asked at once, where the first reply counts. Virtual time, and one
//! letter after the other, so that every run prints the same.
//!
//! Prints what the clerks do with nine letters, which depot has which street, before and after one
//! depot is taken off, and what the depots answer.
const std = @import("std");
const ac = @import("actorcore");

/// Counts letters.
const Clerk = struct {
    out: *std.Io.Writer,
    had: i64 = 0,

    const Message = union(enum(u32)) { letter: i64 = 1, torn: i64 = 2, restarted: void = ac.number.restarted };

    pub fn init(out: *std.Io.Writer) Clerk {
        return .{ .out = out };
    }

    pub fn handle(self: *Clerk, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .letter => |letter| {
                self.had += 1;
                try self.out.print("clerk: letter {d} is my number {d}\n", .{ letter, self.had });
            },
            .torn => |letter| {
                try self.out.print("clerk: letter {d} is torn, I fail\n", .{letter});
                return ctx.fail("torn", .{});
            },
            .restarted => {
                self.* = .{ .out = self.out };
                try self.out.writeAll("clerk: I start again\n");
            },
        }
    }
};

/// Knows which streets it has parcels for.
const Depot = struct {
    number: i64,
    tariff: i64 = 5,
    streets: std.StaticBitSet(8) = .empty,

    const Parcel = extern struct { street: u64, weight: u64 };
    const Message = union(enum(u32)) { store: Parcel = 3, raise: i64 = 4, tariff: void = 5, has: u64 = 6 };
    const Answer = extern struct {
        pub const number = 7;
        value: i64,
    };

    pub fn handle(self: *Depot, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .store => |parcel| {
                self.streets.set(parcel.street);
                try ctx.reply(Answer{ .value = self.number });
            },
            .raise => |by| self.tariff += by,
            .tariff => try ctx.reply(Answer{ .value = self.tariff }),
            .has => |street| {
                if (!self.streets.isSet(street)) return; // somebody else may answer
                try ctx.reply(Answer{ .value = self.number });
            },
        }
    }
};

const Clerks = ac.Router(Clerk.Message);
const Depots = ac.Router(Depot.Message);
const DepotRef = ac.Ref(Depot.Message);

fn runPool(system: ac.System, out: *std.Io.Writer) !void {
    const pool: Clerks = try .pool(system, Clerk.init, out, .{
        .size = 3,
        .spawn = .{ .supervision = .{ .strategy = .restart, .restarts_max = 3 } },
    }, null);
    for (1..10) |at| {
        const number: i64 = @intCast(at);
        try system.tell(pool.address, if (number == 5) .{ .torn = number } else .{ .letter = number });
        try system.settle(ac.never);
    }
    var rows: [3]Clerks.Routee = undefined;
    const stats = try system.supervision(pool.address.actor());
    try out.writeAll("main: letters of each clerk:");
    for (try pool.routees(&rows)) |row| try out.print(" {d}", .{row.routed});
    try out.print("; failures {d}, restarted {d}\n", .{ stats.failures, stats.restarted });
    pool.deinit();
    try system.settle(ac.never);
}

fn runHash(system: ac.System, depots: []const DepotRef, out: *std.Io.Writer) !void {
    const street_of: Depots.Key = .{ .bytes = .{ .size = 8 } };
    const by_street: Depots = try .group(system, .{
        .logic = .{ .consistent_hash = .{ .key = street_of } },
        .routees = depots,
    }, null);
    defer by_street.deinit();
    for ([_][]const u8{ "first", "again", "without depot 2" }, 0..) |when, pass| {
        if (pass == 2) try by_street.remove(depots[1]);
        try out.print("main: {s}, streets 1 to 6 have depots", .{when});
        for (1..7) |street| {
            const parcel: Depot.Parcel = .{ .street = street, .weight = 10 * street };
            const answer = try system.ask(Depot.Answer, by_street.address, .{ .store = parcel }, ac.never);
            try out.print(" {d}", .{answer.value});
        }
        try out.writeAll("\n");
    }
}

fn runAll(system: ac.System, depots: []const DepotRef, out: *std.Io.Writer) !void {
    const all: Depots = try .group(system, .{ .logic = .broadcast, .routees = depots }, null);
    defer all.deinit();
    const any: Depots = try .group(system, .{
        .logic = .{ .scatter_gather = .{ .timeout_ns = 10 * std.time.ns_per_ms } },
        .routees = depots,
    }, null);
    defer any.deinit();
    try system.tell(all.address, .{ .raise = 2 });
    const told = (try all.stats()).routed;
    const tariff = try system.ask(Depot.Answer, any.address, .tariff, ac.never);
    try system.settle(ac.never);
    const late = (try system.ledger()).deadBy(.late_reply);
    try out.print(
        "main: {d} were told, and the tariff is {d}; {d} more said so too late\n",
        .{ told, tariff.value, late },
    );
    for ([_]u64{ 1, 7 }) |street| {
        if (system.ask(Depot.Answer, any.address, .{ .has = street }, ac.never)) |answer| {
            try out.print("main: who has street {d}? depot {d}\n", .{ street, answer.value });
        } else |err| {
            if (err != error.Timeout) return err;
            try out.print("main: who has street {d}? nobody, within 10 ms\n", .{street});
        }
    }
}

pub fn main(init: std.process.Init) !void {
    var buffer: [256]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    const out = &stdout.interface;
    const system: ac.System = try .init(init.gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    try runPool(system, out);
    var depots: [3]DepotRef = undefined;
    try system.spawnMany(Depot, &.{ .{ .number = 1 }, .{ .number = 2 }, .{ .number = 3 } }, &depots, .{}, null);
    try runHash(system, &depots, out);
    try runAll(system, &depots, out);
    try system.settle(ac.never);
    const left = (try system.stats()).actors;
    try out.print("main: the routers are gone, with the clerks; {d} depots live on\n", .{left});
    _ = try system.stop(std.time.ns_per_s, null);
    try out.flush();
}
