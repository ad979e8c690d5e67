//! behaviors: a telegraph office that is first connecting, then ready, and busy on top of that with
//! each telegram. What comes while it can send nothing it sets aside, at most three telegrams, and
//! takes up again in the order in which they came; after a while without any it hangs up and is
//! connecting again. Virtual time, so that every run prints the same.
//!
//! Prints what the office does, with what it is at that time, and where all messages are in the
//! end.
const std = @import("std");
const ac = @import("actorcore");

const ms = std.time.ns_per_ms;

const Office = struct {
    out: *std.Io.Writer,
    is_calling: bool = false,

    const Message = union(enum(u32)) {
        telegram: u64 = 1,
        connected: void = 2,
        sent: void = 3,
        timeout: void = ac.number.timeout,
    };

    /// What it is at first: connecting.
    pub fn handle(self: *Office, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .telegram => |number| {
                if (!self.is_calling)
                    _ = try ctx.startTimer(ctx.self().as(Message), .connected, .after(20 * ms));
                self.is_calling = true;
                try self.setAside(ctx, "connecting", number);
            },
            .connected => {
                self.is_calling = false;
                try say(self.out, ctx.system(), "connecting", "the line is open", .{});
                try ctx.setReceiveTimeout(50 * ms);
                try ctx.become(ready, .{});
                try ctx.unstash(0);
            },
            .sent, .timeout => {},
        }
    }

    fn ready(self: *Office, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .telegram => |number| {
                try say(self.out, ctx.system(), "ready", "telegram {d} goes out", .{number});
                _ = try ctx.startTimer(ctx.self().as(Message), .sent, .after(10 * ms));
                try ctx.become(busy, .{});
            },
            .timeout => {
                try say(self.out, ctx.system(), "ready", "has had nothing to do for 50 ms, hangs up", .{});
                try ctx.setReceiveTimeout(0);
                try ctx.unbecome();
            },
            .connected, .sent => {},
        }
    }

    fn busy(self: *Office, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .telegram => |number| try self.setAside(ctx, "busy", number),
            .sent => {
                try say(self.out, ctx.system(), "busy", "it is through", .{});
                try ctx.unbecome();
                try ctx.unstash(1);
            },
            .connected, .timeout => {},
        }
    }

    fn setAside(self: *Office, ctx: *ac.Context, being: []const u8, number: u64) !void {
        const what = if (ctx.stash()) |_| "is set aside" else |err| switch (err) {
            error.Full => "is refused, for three are",
            else => return err,
        };
        try say(self.out, ctx.system(), being, "telegram {d} {s}", .{ number, what });
    }
};

/// Prints what the office does, with what it is and the time.
fn say(out: *std.Io.Writer, system: ac.System, being: []const u8, comptime what: []const u8, arguments: anytype) !void {
    try out.print("{s}: at {d} ms " ++ what ++ "\n", .{ being, try system.now() / ms } ++ arguments);
}

fn handIn(out: *std.Io.Writer, system: ac.System, office: ac.Ref(Office.Message), first: u64, last: u64) !void {
    for (first..last + 1) |number| try system.tell(office, .{ .telegram = number });
    try system.settle(ac.never);
    const stashed = (try system.ledger()).stashed;
    try say(out, system, "main", "{d} are handed in, {d} set aside", .{ last, stashed });
}

pub fn main(init: std.process.Init) !void {
    var buffer: [256]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    const out = &stdout.interface;
    const system: ac.System = try .init(init.gpa, .{ .seed = 1 }, null);
    defer system.deinit();
    const office = try system.spawn(Office, .{ .out = out }, .{ .stash_max = 3 }, null);
    for ([_][3]u64{ .{ 1, 4, 25 }, .{ 5, 5, 100 }, .{ 6, 7, 25 } }) |part| {
        try handIn(out, system, office, part[0], part[1]);
        try system.advance(part[2] * ms);
    }

    try system.stopActor(office.actor(), .{});
    try system.settle(ac.never);
    const ledger = try system.ledger();
    try say(
        out,
        system,
        "main",
        "the office is closed; accepted {d} = handled {d} + set aside {d} + left behind {d}",
        .{ ledger.accepted, ledger.handled, ledger.stashed, ledger.deadBy(.stopped) },
    );
    _ = try system.stop(std.time.ns_per_s, null);
    try out.flush();
}
