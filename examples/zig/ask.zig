//! ask: a request and its reply, from outside and between two actors, and what becomes of one that fails.
const std = @import("std");
const ac = @import("actorcore");

/// Keeps a balance; its replies are messages like any other.
const Account = struct {
    cents: i64 = 0,

    const Message = union(enum(u32)) { deposit: i64 = 1, withdraw: i64 = 2 };
    const Balance = struct {
        pub const number = 3;
        cents: i64,
    };

    pub fn handle(self: *Account, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .deposit => |cents| self.cents += cents,
            .withdraw => |cents| {
                if (cents > self.cents) return error.InsufficientFunds;
                self.cents -= cents;
            },
        }
        try ctx.reply(Balance{ .cents = self.cents });
    }
};

/// Asks the account inside its handler: the answer, or the reason why there is none, comes as a message.
const Clerk = struct {
    account: ac.Ref(Account.Message),
    out: *std.Io.Writer,

    const Message = union(enum(u32)) {
        pay: i64 = 1,
        balance: Account.Balance = Account.Balance.number,
        ask_failed: ac.AskFailed = ac.number.ask_failed,
    };

    pub fn handle(self: *Clerk, ctx: *ac.Context, message: Message) !void {
        switch (message) {
            .pay => |cents| _ = try ctx.ask(self.account, .{ .withdraw = cents }, 1 * std.time.ns_per_s),
            .balance => |balance| try self.out.print("clerk: {d} cents left\n", .{balance.cents}),
            .ask_failed => |end| {
                try self.out.print("clerk: the account failed: {s}\n", .{yesNo(end.status == .e_failed)});
            },
        }
    }
};

fn yesNo(is: bool) []const u8 {
    return if (is) "yes" else "no";
}

pub fn main(init: std.process.Init) !void {
    var buffer: [256]u8 = undefined;
    var stdout: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    const out = &stdout.interface;

    const system: ac.System = try .init(init.gpa, .{}, null);
    defer system.deinit();
    const account = try system.spawn(Account, .{}, .{}, null);
    const clerk = try system.spawn(Clerk, .{ .account = account, .out = out }, .{}, null);

    const balance = try system.ask(Account.Balance, account, .{ .deposit = 10_000 }, ac.never);
    try out.print("main: {d} cents\n", .{balance.cents});
    for ([_]i64{ 2_500, 9_000 }) |cents| {
        try system.tell(clerk, .{ .pay = cents });
        try system.settle(ac.never);
    }

    const asked = system.ask(Account.Balance, account, .{ .deposit = 1 }, ac.never);
    const is_gone = if (asked) |_| false else |err| err == error.Stale;
    try out.print("main: the account is gone: {s}\n", .{yesNo(is_gone)});
    var failures: [8]ac.System.Failure = undefined;
    for (try system.failures(0, &failures)) |failure| {
        // Its text, "zig Account: error.InsufficientFunds", begins with the language.
        try out.print("main: failure {d}, of message {d}\n", .{ failure.number, failure.type });
    }
    try out.flush();
}
