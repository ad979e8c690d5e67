//! supervise: a shop with a till that starts again by itself, and a vault whose failures the shop decides on. Time is
//! virtual, so that every run prints the same.
const std = @import("std");
const ac = @import("actorcore");

/// Adds up amounts, and cannot take a negative one.
const Till = struct {
    out: *std.Io.Writer,
    total: i64 = 0,
    last_ns: u64 = 0,

    const Message = union(enum(u32)) {
        add: i64 = 1,
        restarted: void = ac.number.restarted,
        stopped: void = ac.number.stopped,
    };

    pub fn handle(self: *Till, ctx: *ac.Context, message: Message) !void {
        const now = try ctx.system().now();
        switch (message) {
            .add => |amount| {
                self.last_ns = now;
                if (amount < 0) {
                    try self.out.writeAll("till: fails: a negative amount\n");
                    return ctx.fail("a negative amount", .{});
                }
                self.total += amount;
                try self.out.print("till: total {d}\n", .{self.total});
            },
            .restarted => {
                const waited = (now - self.last_ns) / std.time.ns_per_ms;
                try self.out.print("till: starts again after {d} ms\n", .{waited});
                self.* = .{ .out = self.out };
            },
            .stopped => try self.out.print("till: ends at {d}\n", .{self.total}),
        }
    }
};

/// Gives out no more than it holds, and lets itself be checked.
const Vault = struct {
    out: *std.Io.Writer,
    holds: i64 = 0,

    const Message = union(enum(u32)) {
        put: i64 = 2,
        take: i64 = 3,
        check: i64 = 4,
        restarted: void = ac.number.restarted,
        stopped: void = ac.number.stopped,
    };

    pub fn handle(self: *Vault, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .put => |amount| self.holds += amount,
            .take => |amount| {
                if (amount > self.holds) return self.fail(ctx, "too little");
                self.holds -= amount;
            },
            .check => |amount| if (amount != self.holds) return self.fail(ctx, "a miscount"),
            .restarted => self.* = .{ .out = self.out },
            .stopped => return self.out.print("vault: ends at {d}\n", .{self.holds}),
        }
        try self.out.print("vault: holds {d}\n", .{self.holds});
    }

    fn fail(self: *Vault, ctx: *ac.Context, comptime reason: []const u8) !void {
        try self.out.writeAll("vault: fails: " ++ reason ++ "\n");
        return ctx.fail(reason, .{});
    }
};

/// Has a till and a vault, and opens another till when the first one is gone.
const Shop = struct {
    out: *std.Io.Writer,
    tills_opened: u32 = 0,

    const Message = union(enum(u32)) {
        started: void = ac.number.started,
        failed: ac.Failed = ac.number.failed,
        terminated: ac.Ended = ac.number.terminated,
    };

    pub fn handle(self: *Shop, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .started => {
                try self.openTill(ctx);
                _ = try ctx.spawn(Vault, .{ .out = self.out }, .{
                    .name = "vault",
                    .supervisor = ctx.self(),
                    .supervision = .{ .strategy = .decide },
                });
                try self.out.writeAll("shop: opens a vault\n");
            },
            .failed => |failed| try self.decide(ctx, failed),
            .terminated => |end| {
                const how = if (end.status == .ok) "was stopped" else "ended by a failure";
                try self.out.print("shop: the till {s}\n", .{how});
                if (self.tills_opened < 2) try self.openTill(ctx);
            },
        }
    }

    fn openTill(self: *Shop, ctx: *ac.Context) !void {
        const till = try ctx.spawn(Till, .{ .out = self.out }, .{ .name = "till", .supervisor = ctx.self() });
        try ctx.watch(till.actor());
        self.tills_opened += 1;
        try self.out.writeAll("shop: opens a till\n");
    }

    /// A vault that was asked for too much is as it was; one with a miscount is not to be trusted.
    fn decide(self: *Shop, ctx: *ac.Context, failed: ac.Failed) !void {
        const failure = try ctx.system().failure(failed.number);
        const too_little = std.mem.find(u8, failure.text(), "too little") != null;
        const is_harmless = failed.type == @backingInt(Vault.Message.take) and too_little;
        const next = if (is_harmless) "goes on" else "starts again";
        try self.out.print("shop: message {d} failed, the vault {s}\n", .{ failed.type, next });
        try ctx.decide(failed.actor, if (is_harmless) .@"resume" else .restart);
    }
};

fn tellTill(system: ac.System, amount: i64) !void {
    try system.tell((try system.find("till")).as(Till.Message), .{ .add = amount });
}

pub fn main(init: std.process.Init) !void {
    var buffer: [256]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    const out = &stdout.interface;
    const system: ac.System = try .init(init.gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const shop = try system.spawn(Shop, .{ .out = out }, .{ .children = .{
        .strategy = .restart,
        .restarts_max = 2,
        .period_ns = std.time.ns_per_s,
        .backoff_min_ns = 10 * std.time.ns_per_ms,
        .on_limit = .stop,
    } }, null);
    try system.settle(ac.never);

    for ([_]i64{ 5, 7, -1, 3 }) |amount| try tellTill(system, amount); // 3 waits until the till has started again
    try system.advance(9 * std.time.ns_per_ms);
    try out.writeAll("main: 9 ms later\n");
    try system.settle(ac.never);
    try tellTill(system, -2);
    try system.settle(ac.never);
    try tellTill(system, -3); // one failure too many
    try tellTill(system, 9); // and this is lost with the till
    try system.settle(ac.never);
    try tellTill(system, 8);
    try system.settle(ac.never);

    const vault = (try system.find("vault")).as(Vault.Message);
    for ([_]Vault.Message{
        .{ .put = 100 }, .{ .take = 30 }, .{ .take = 500 }, .{ .put = 1 }, .{ .check = 99 }, .{ .put = 4 },
    }) |message| try system.tell(vault, message);
    try system.settle(ac.never);

    try system.stopActor(try system.find("till"), .{ .drain = true });
    try system.settle(ac.never);
    const its = try system.supervision(shop.actor());
    try out.print(
        "shop: children {d}, failures {d}: resumed {d}, restarted {d}, stopped {d}; limited {d}\n",
        .{ its.children, its.failures, its.resumed, its.restarted, its.stopped, its.limited },
    );
    const ledger = try system.ledger();
    try out.print(
        "ledger: accepted {d}, handled {d}, of these failed {d}, lost with a failed actor {d}\n",
        .{ ledger.accepted, ledger.handled, ledger.failed, ledger.deadBy(.failed) },
    );
    _ = try system.stop(std.time.ns_per_s, null);
    try out.flush();
}
