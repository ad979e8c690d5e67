const std = @import("std");
const ac = @import("actorcore.zig");
const gpa = std.testing.allocator;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;

const ms = std.time.ns_per_ms;

const Job = union(enum(u32)) {
    value: u64 = 1,
    order: Order = 2,
    text: []const u8 = 3,
    who: u64 = 4,
    mute: void = 5,
    pass: u64 = 6,

    const Order = extern struct { customer: u64, amount: u64 };
};

/// Keeps what it is given, and answers with its index.
const Clerk = struct {
    desk: *Desk,
    index: usize,

    pub fn handle(self: *Clerk, ctx: *ac.Context, job: Job) !void {
        const got = &self.desk.got[self.index];
        got.count += 1;
        got.sender = ctx.sender();
        switch (job) {
            .value => |value| got.last = value,
            .order => |order| got.last = order.customer,
            .text => |text| got.text = text.ptr,
            .who => try ctx.reply(@as(u64, self.index)),
            .mute => {},
            .pass => |times| for (0..times) |at| try ctx.tell(self.desk.router.address, .{ .value = at }),
        }
    }
};

const Router = ac.Router(Job);
const clerks_max = 8;

/// A group of actors.
const Desk = struct {
    system: ac.System,
    router: Router = .{},
    clerks: [clerks_max]ac.Ref(Job) = undefined,
    got: [clerks_max]Got = @splat(.{}),

    const Got = struct { count: u64 = 0, last: u64 = 0, text: ?[*]const u8 = null, sender: ac.Actor = .none };

    fn open(self: *Desk, seed: u64, clerks: usize, logic: Router.Logic) !void {
        self.* = .{ .system = try .init(gpa, .{ .seed = seed }, null) };
        errdefer self.system.deinit();
        for (&self.clerks, 0..) |*clerk, index| {
            clerk.* = try self.system.spawn(Clerk, .{ .desk = self, .index = index }, .{}, null);
        }
        self.router = try .group(self.system, .{ .logic = logic, .routees = self.clerks[0..clerks] }, null);
    }

    fn close(self: *Desk) void {
        self.router.deinit();
        self.system.deinit();
    }

    fn tell(self: *Desk, count: u64) !void {
        for (0..count) |value| try self.system.tell(self.router.address, .{ .value = value });
        try self.system.settle(ac.never);
    }

    fn who(self: *Desk, job: Job) !u64 {
        return self.system.ask(u64, self.router.address, job, ac.never);
    }

    fn counts(self: *const Desk, comptime clerks: usize) [clerks]u64 {
        var out: [clerks]u64 = undefined;
        for (&out, self.got[0..clerks]) |*count, got| count.* = got.count;
        return out;
    }
};

test "a round robin gives each its turn, whoever sends, and the sender stays" {
    var desk: Desk = undefined;
    try desk.open(1, 3, .round_robin);
    defer desk.close();
    try desk.tell(9);
    try expectEqual([3]u64{ 3, 3, 3 }, desk.counts(3));
    try desk.system.tell(desk.clerks[7], .{ .pass = 30 });
    try desk.system.settle(ac.never);
    try expectEqual([3]u64{ 13, 13, 13 }, desk.counts(3));
    for (desk.got[0..3]) |got| try expectEqual(desk.clerks[7].bits, got.sender.bits);
    const stats = try desk.router.stats();
    try expectEqual(39, stats.routed);
    try expectEqual(3, stats.routees);
}

test "who is added gets messages, who is removed or has ended does not, and the lowest place is taken" {
    var desk: Desk = undefined;
    try desk.open(1, 3, .round_robin);
    defer desk.close();
    try desk.router.remove(desk.clerks[1]);
    try expectError(error.NotFound, desk.router.remove(desk.clerks[1]));
    try desk.tell(4);
    try expectEqual([4]u64{ 2, 0, 2, 0 }, desk.counts(4));
    try desk.router.add(desk.clerks[3], null);
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    try expectError(error.Exists, desk.router.add(desk.clerks[3], &why));
    try expect(why.message().len > 0);
    try desk.system.stopActor(desk.clerks[0].actor(), .{});
    try desk.system.settle(ac.never);
    try desk.tell(4);
    try expectEqual([4]u64{ 2, 0, 4, 2 }, desk.counts(4));
    var rows: [4]Router.Routee = undefined;
    const routees = try desk.router.routees(&rows);
    try expectEqual(2, routees.len);
    try expectEqual(desk.clerks[3].bits, routees[0].actor.bits);
    try expectEqual([2]u64{ 1, 2 }, .{ routees[0].place, routees[1].place });
    try expectEqual([2]u64{ 2, 4 }, .{ routees[0].routed, routees[1].routed });
    try expectEqual(1, (try desk.router.routees(rows[0..1])).len);
    try expectEqual(1, (try desk.router.stats()).ended);
    try expectError(error.WrongMode, desk.router.resize(2, null));
}

test "a broadcast reaches all, and they share its bytes" {
    var desk: Desk = undefined;
    try desk.open(1, 4, .broadcast);
    defer desk.close();
    const long: [200]u8 = @splat('x');
    try desk.system.tell(desk.router.address, .{ .text = &long });
    try desk.system.settle(ac.never);
    try expectEqual([4]u64{ 1, 1, 1, 1 }, desk.counts(4));
    for (desk.got[0..4]) |got| try expectEqual(desk.got[0].text, got.text);
    try expectEqual(4, (try desk.system.ledger()).accepted);
}

test "the seed decides what is random, and each gets about the same" {
    var given: [2][4]u64 = undefined;
    for (&given) |*counts| {
        var desk: Desk = undefined;
        try desk.open(9, 4, .random);
        defer desk.close();
        try desk.tell(400);
        counts.* = desk.counts(4);
        for (counts) |count| try expect(count > 60);
    }
    try expectEqual(given[0], given[1]);
}

test "an ask of many is answered by the first, or ends when the router's time is over" {
    var desk: Desk = undefined;
    try desk.open(2, 3, .{ .scatter_gather = .{ .timeout_ns = 5 * ms } });
    defer desk.close();
    try expect(try desk.who(.{ .who = 0 }) < 3);
    try desk.system.settle(ac.never);
    try expectEqual(2, (try desk.system.ledger()).deadBy(.late_reply));
    const before = try desk.system.now();
    try expectError(error.Timeout, desk.who(.mute));
    try expectEqual(5 * ms, try desk.system.now() - before);
    try expectEqual([3]u64{ 2, 2, 2 }, desk.counts(3));
}

test "the smallest mailbox is that of the routee with the fewest messages" {
    var desk: Desk = undefined;
    try desk.open(5, 4, .smallest_mailbox);
    defer desk.close();
    for (0..40) |value| try desk.system.tell(desk.router.address, .{ .value = value });
    var rows: [4]Router.Routee = undefined;
    for (try desk.router.routees(&rows)) |routee| try expectEqual(10, routee.queued);
    try desk.system.settle(ac.never);
    try expectEqual([4]u64{ 10, 10, 10, 10 }, desk.counts(4));
}

fn customer(job: Job) u64 {
    return switch (job) {
        .order => |order| order.customer,
        .who => |key| key,
        else => 1_000_000,
    };
}

test "a customer stays with a routee, and only the customers of one that goes move" {
    const customers = 500;
    var desk: Desk = undefined;
    try desk.open(8, 5, .{ .consistent_hash = .{ .key = .of(customer), .virtual_nodes = 200 } });
    defer desk.close();
    var owners: [customers]u64 = undefined;
    var owned: [clerks_max]u64 = @splat(0);
    for (&owners, 0..) |*owner, key| {
        owner.* = try desk.who(.{ .who = key });
        owned[owner.*] += 1;
    }
    for (owned[0..5]) |count| try expect(count > customers / 5 / 2);
    // Another message of the same customer goes where the first one went.
    const before = desk.got[owners[7]].count;
    try desk.system.tell(desk.router.address, .{ .order = .{ .customer = 7, .amount = 3 } });
    try desk.system.settle(ac.never);
    try expectEqual(before + 1, desk.got[owners[7]].count);
    try desk.router.remove(desk.clerks[3]);
    for (owners, 0..) |owner, key| {
        const next = try desk.who(.{ .who = key });
        try expect(next != 3 and (owner == 3 or owner == next));
    }
    try desk.router.add(desk.clerks[6], null);
    for (owners, 0..) |owner, key| try expectEqual(if (owner == 3) 6 else owner, try desk.who(.{ .who = key }));
}

fn nameIn(job: Job) []const u8 {
    return switch (job) {
        .text => |text| text[0 .. std.mem.findScalar(u8, text, ':') orelse text.len],
        else => "",
    };
}

test "a key may be text, of a long message too, and what is no message of theirs has a key of its own" {
    var desk: Desk = undefined;
    try desk.open(8, 6, .{ .consistent_hash = .{ .key = .of(nameIn) } });
    defer desk.close();
    var met: [clerks_max]bool = @splat(false);
    const padding: [100]u8 = @splat('y');
    const names = [_][]const u8{ "anna", "bert", "carl", "dora", "emil", "fritz", "gerd", "hans" };
    for (names) |name| {
        const before = desk.got;
        for ([_]usize{ 0, 10, 100 }) |more| {
            var text: [120]u8 = undefined;
            const written = try std.fmt.bufPrint(&text, "{s}:{s}", .{ name, padding[0..more] });
            try desk.system.tell(desk.router.address, .{ .text = written });
        }
        try desk.system.settle(ac.never);
        for (before, desk.got, &met) |then, now, *is_met| {
            try expect(now.count == then.count or now.count == then.count + 3);
            if (now.count != then.count) is_met.* = true;
        }
    }
    try expect(std.mem.count(bool, &met, &.{true}) > 1);
    const foreign = desk.router.address.actor().as(union(enum(u32)) { torn: u8 = 1 });
    for (0..3) |_| try desk.system.tell(foreign, .{ .torn = 1 });
    try desk.system.settle(ac.never);
    try expectEqual(1, (try desk.router.stats()).ended); // they all went to one, which failed with the first
}

test "a key may be a part of the payload" {
    var desk: Desk = undefined;
    try desk.open(8, 5, .{ .consistent_hash = .{ .key = .{ .bytes = .{ .offset = 4, .size = 4 } } } });
    defer desk.close();
    var met: [5]bool = @splat(false);
    for (0..7) |high| {
        const owner = try desk.who(.{ .who = high << 32 });
        met[owner] = true;
        for (1..10) |low| try expectEqual(owner, try desk.who(.{ .who = high << 32 | low }));
    }
    try expect(std.mem.count(bool, &met, &.{true}) > 1);
}

test "a bound on loads keeps a key that all want from filling one mailbox" {
    var desk: Desk = undefined;
    try desk.open(8, 4, .{ .consistent_hash = .{ .key = .of(customer), .load_bound_percent = 125 } });
    defer desk.close();
    for (0..200) |value| try desk.system.tell(desk.router.address, .{ .value = value });
    var rows: [4]Router.Routee = undefined;
    for (try desk.router.routees(&rows)) |routee| try expect(routee.queued <= 63);
    try expect((try desk.router.stats()).spilled > 50);
    try desk.system.settle(ac.never);
    try expect((try desk.system.ledger()).holds());
}

test "what nobody is there for is refused outside and a dead letter inside" {
    var desk: Desk = undefined;
    try desk.open(7, 0, .round_robin);
    defer desk.close();
    try expectError(error.NotFound, desk.system.tell(desk.router.address, .mute));
    try expectError(error.NotFound, desk.who(.mute));
    try desk.system.tell(desk.clerks[0], .{ .pass = 3 });
    try desk.system.settle(ac.never);
    try expectEqual(3, (try desk.system.ledger()).deadBy(.unrouted));
    try expectEqual(5, (try desk.router.stats()).unrouted);
}

test "a router has a name, is told to stop like an actor, and its routees live on" {
    var desk: Desk = undefined;
    try desk.open(7, 2, .round_robin);
    defer desk.close();
    const group: Router.Group = .{ .name = "desk", .routees = desk.clerks[0..2] };
    const named: Router = try .group(desk.system, group, null);
    try expectEqual(named.address.bits, (try desk.system.find("desk")).bits);
    try expectError(error.Exists, Router.group(desk.system, group, null));
    try desk.system.tell(named.address.actor().as(ac.Control), .stop);
    try desk.system.settle(ac.never);
    try expectError(error.Stale, desk.system.tell(named.address, .mute));
    named.deinit();
    const other: Router = try .group(desk.system, group, null);
    other.deinit();
    try desk.system.settle(ac.never);
    try expect(!try desk.system.isAlive(other.address.actor()));
    for (desk.clerks[0..2]) |clerk| try expect(try desk.system.isAlive(clerk.actor()));
}

/// Makes a router of its own and sends to it.
const Chief = struct {
    desk: *Desk,
    pub fn handle(self: *Chief, ctx: *ac.Context, count: u64) !void {
        self.desk.router.deinit();
        self.desk.router = try .group(ctx.system(), .{ .routees = self.desk.clerks[0..2] }, null);
        for (0..count) |value| try ctx.tell(self.desk.router.address, .{ .value = value });
    }
};

test "a handler makes a router and sends to it" {
    var desk: Desk = undefined;
    try desk.open(3, 0, .broadcast);
    defer desk.close();
    const chief = try desk.system.spawn(Chief, .{ .desk = &desk }, .{}, null);
    try desk.system.tell(chief, 6);
    try desk.system.settle(ac.never);
    try expectEqual([2]u64{ 3, 3 }, desk.counts(2));
}

test "every logic of the library has its name here" {
    const ours = @typeInfo(Router.Logic).@"union".field_names;
    const theirs = @typeInfo(ac.raw.Route).@"enum".field_names;
    try expectEqual(theirs.len, ours.len);
    for (ours, theirs) |mine, its| try std.testing.expectEqualStrings(its, mine);
}

test "what a router cannot be is refused with why" {
    var desk: Desk = undefined;
    try desk.open(3, 1, .round_robin);
    defer desk.close();
    var why: ac.Diagnostics = .{};
    defer why.deinit();
    const twice = [_]ac.Ref(Job){ desk.clerks[0], desk.clerks[0] };
    try expectError(error.Exists, Router.group(desk.system, .{ .routees = &twice }, &why));
    try expect(why.message().len > 0);
    const hash: Router.Hash = .{ .load_bound_percent = 50 };
    try expectError(
        error.InvalidArgument,
        Router.group(desk.system, .{ .logic = .{ .consistent_hash = hash } }, &why),
    );
    try expect(why.message().len > 0);
    try expectError(error.InvalidArgument, desk.router.add(desk.router.address, null));
}
