//! hello: one actor, four messages to it, and the ledger that accounts for them.
const std = @import("std");
const ac = @import("actorcore");

const Greeter = struct {
    out: *std.Io.Writer,
    greeted: u32 = 0,

    /// The tags are the numbers of the messages.
    const Message = union(enum(u32)) { greet: []const u8 = 1, finish: void = 2 };

    pub fn handle(self: *Greeter, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .greet => |name| {
                self.greeted += 1;
                try self.out.print("hello, {s}\n", .{name});
            },
            .finish => {
                try self.out.print("greeted {d}\n", .{self.greeted});
                ctx.stop();
            },
        }
    }
};

pub fn main(init: std.process.Init) !void {
    var buffer: [256]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);

    const system: ac.System = try .init(init.gpa, .{}, null);
    defer system.deinit();
    const greeter = try system.spawn(Greeter, .{ .out = &stdout.interface }, .{ .name = "greeter" }, null);
    for ([_][]const u8{ "Ada", "Grace", "Katherine" }) |name| try system.tell(greeter, .{ .greet = name });
    try system.tell(greeter, .finish);
    try system.settle(ac.never);

    const ledger = try system.ledger();
    try stdout.interface.print("accepted {d}, handled {d}\n", .{ ledger.accepted, ledger.handled });
    try stdout.interface.flush();
}
