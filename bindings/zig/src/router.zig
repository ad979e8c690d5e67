//! Routers: one address for many actors, the routees.
//!
//! Threads:    any, and handlers; `make` of a pool runs where a routee is spawned, which may be on several threads at
//!             once, a key function on the sender's.
//! Invariants: a message is routed by whoever sends it and reaches its routee as it was, so that a reply goes straight
//!             to who asked. Who has ended gets nothing more. The end of the router is the end of its pool; a group's
//!             routees live on.
//! Cost:       a choice under a lock for each message; for `.smallest_mailbox` and a bound on loads a look at every
//!             routee.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const messages = @import("message.zig");
const actors = @import("actor.zig");
const System = @import("system.zig").System;
const Ref = messages.Ref;
const Error = status.Error;

/// A router for actors that understand `M`. What is told, asked, forwarded or sent by a timer to its `address` goes to
/// one of its routees, or to all:
///
///     const desk: ac.Router(Job) = try .pool(system, Clerk.init, &log, .{ .size = 4 }, null);
///     defer desk.deinit();
///     try system.tell(desk.address, .{ .sort = 7 });
///
/// Without routees a message from outside is refused with error.NotFound, one out of a handler is a dead letter with
/// `unrouted`, and an ask ends with `e_not_found`. An ask of many is answered by the first reply, and fails once the
/// last copy has. `Control` is for the router itself.
pub fn Router(comptime M: type) type {
    comptime messages.validate(M);
    return struct {
        handle: raw.ac_router = .{},
        /// Where to send; like any actor's id it is valid until the router ends.
        address: Ref(M) = .{},

        const Self = @This();

        pub const Stats = raw.ac_router_stats;

        /// Which routee gets a message.
        pub const Logic = union(enum) {
            /// Each in turn, whoever sends.
            round_robin,
            /// Any; in a seeded system the seed decides.
            random,
            /// All of them; a long payload is shared.
            broadcast,
            /// One with the fewest messages waiting. A routee with `Spawn.mailbox` knows their number; of another one
            /// those are counted that this router gave it since it began its last turn.
            smallest_mailbox,
            /// The one that the message's key belongs to. When a routee comes or goes only its own keys move.
            consistent_hash: Hash,
            /// As broadcast, and an ask that has no reply in time ends with error.Timeout.
            scatter_gather: Gather,
        };

        pub const Hash = struct {
            key: Key = .{ .bytes = .{} },
            /// Points that each routee has on the ring, at most 1,024; 0 is 128. More spread the keys more evenly.
            virtual_nodes: u32 = 0,
            /// No routee gets a message that would give it more waiting ones than this many percent of the mean; the
            /// next on the ring does. 100 to 10,000; 0 is no bound.
            load_bound_percent: u32 = 0,
        };

        pub const Gather = struct {
            /// How long an ask waits for its first reply, if its own time is not over sooner; 0 is 5 s, `never` leaves
            /// it to the ask.
            timeout_ns: u64 = 0,
        };

        /// Where a message's key is: a part of the payload, or as a function says.
        pub const Key = union(enum) {
            bytes: Part,
            function: *const raw.ac_router_key,

            /// Bytes of the payload; size 0 is to its end. What the payload has not is left out.
            pub const Part = struct { offset: u32 = 0, size: u32 = 0 };

            /// What `fn (message: M) K` says of a message, where K is an unsigned integer of at most 64 bits or
            /// []const u8; 0 of one that is no `M`. It runs on the sender's thread under a lock of the router's: it
            /// must not call the library or wait, and what it borrows ends with the call.
            pub fn of(comptime key: anytype) Key {
                return .{ .function = &struct {
                    fn call(_: usize, envelope: *const messages.Envelope) callconv(.c) u64 {
                        const found = key(messages.decode(M, envelope) catch return 0);
                        if (@TypeOf(found) == []const u8) return std.hash.XxHash3.hash(0, found);
                        return found;
                    }
                }.call };
            }
        };

        /// A router of actors that are given.
        pub const Group = struct {
            /// The address's name as an actor; unique in the system, at most 255 bytes; empty is none.
            name: []const u8 = "",
            logic: Logic = .round_robin,
            /// The first routees, each once; at most 4,096, and no routers.
            routees: []const Ref(M) = &.{},
        };

        /// A router that spawns its routees and keeps their number: of one that stopped, the place is taken by another
        /// a millisecond later. Those that fail restart, unless `spawn.supervision` says otherwise; when that wants one
        /// gone, the pool is one smaller until it is resized.
        pub const Pool = struct {
            /// The address's name as an actor; unique in the system, at most 255 bytes; empty is none.
            name: []const u8 = "",
            logic: Logic = .round_robin,
            /// The first size, at most 4,096; 0 is `resize.min`, or 1.
            size: u32 = 0,
            /// How the routees are spawned. Without a name, and without a queue of the program's own; without a
            /// supervisor the router is it.
            spawn: actors.Spawn = .{},
            /// Have the size follow the load; null leaves it to `resize`.
            resize: ?Resize = null,
        };

        pub const Resize = struct {
            /// How often to look, at least 1 ms of the system's time.
            interval_ns: u64,
            /// The smallest size; 0 is 1.
            min: u32 = 0,
            /// The largest size; 0 is 4,096.
            max: u32 = 0,
            /// When on average more messages wait for each routee, the pool grows by a quarter, at least by one.
            grow_above: u64,
            /// When on average fewer wait, it shrinks by as much; at most `grow_above`, 0 is never.
            shrink_below: u64 = 0,
        };

        /// A routee as it is now.
        pub const Routee = extern struct {
            actor: Ref(M) = .{},
            /// From 0: it took the lowest that was free. Whoever takes it next has the same keys.
            place: u64 = 0,
            /// Messages that it was given.
            routed: u64 = 0,
            /// Messages in its mailbox, whoever sent them.
            queued: u64 = 0,

            comptime {
                layout.same(Routee, raw.ac_routee);
            }
        };

        /// Routes to the actors that it is given. Release with `deinit`.
        pub fn group(system: System, options: Group, diagnostics: ?*status.Diagnostics) Error!Self {
            var given = toRaw(options.name, options.logic);
            given.routees = @ptrCast(options.routees.ptr);
            given.routees_count = options.routees.len;
            return create(system, &given, diagnostics);
        }

        /// Spawns its routees, each with the state that `make(context)` gives: a function `fn (context: C) T` or
        /// `fn (context: C) !T`, such as an `init` of T, where T is an actor that handles `M`. The context is copied;
        /// what it points to is good until the router has ended, and is shared where several threads spawn. `make` must
        /// not call the library. A routee whose state could not be made fails with that error as soon as it starts, and
        /// as a rule another takes its place. T.deinit runs once for each state, as for any actor. Release with
        /// `deinit`.
        pub fn pool(
            system: System,
            comptime make: anytype,
            context: actors.ContextOf(make),
            options: Pool,
            diagnostics: ?*status.Diagnostics,
        ) Error!Self {
            const T = actors.MadeBy(make);
            comptime if (actors.MessageOf(T) != M)
                @compileError(@typeName(T) ++ " does not handle " ++ @typeName(M) ++ ", which this router is for");
            const mailbox: ?raw.ac_mailbox_options = if (options.spawn.mailbox) |one| one.toRaw() else null;
            var spawn = try actors.spawnOptions(T, system.home, &options.spawn, if (mailbox) |*one| one else null);
            spawn.flags |= raw.AC_SPAWN_STARTED;
            const maker = try system.home.allocator.create(Maker(make));
            errdefer system.home.allocator.destroy(maker);
            maker.* = .{ .home = system.home, .context = context };

            var given = toRaw(options.name, options.logic);
            given.spawn = &spawn;
            given.make = &Maker(make).call;
            given.user = @intFromPtr(maker);
            given.destroy = &Maker(make).destroy;
            given.pool_size = options.size;
            if (options.resize) |resized| {
                given.resize_interval_ns = resized.interval_ns;
                given.pool_min = resized.min;
                given.pool_max = resized.max;
                given.grow_above = resized.grow_above;
                given.shrink_below = resized.shrink_below;
            }
            return create(system, &given, diagnostics);
        }

        /// Ends the router, and with it its pool; a group's routees live on.
        pub fn deinit(self: Self) void {
            raw.ac_router_release(self.handle);
        }

        /// Adds a routee to a group; error.Exists: it is one already, error.WrongMode: this is a pool.
        pub fn add(self: Self, routee: Ref(M), diagnostics: ?*status.Diagnostics) Error!void {
            const out = status.Diagnostics.out(diagnostics);
            return status.check(raw.ac_router_add(self.handle, .{ .bits = routee.bits }, out));
        }

        /// Takes a routee off a group: it gets nothing that is sent afterwards, and lives on. error.NotFound: it is
        /// none.
        pub fn remove(self: Self, routee: Ref(M)) Error!void {
            return status.check(raw.ac_router_remove(self.handle, .{ .bits = routee.bits }));
        }

        /// Gives a pool another size: it grows at once; when it shrinks, the youngest stop once they have handled what
        /// they were given. error.Limit: more than 4,096, or with Pool.resize not within its bounds.
        pub fn resize(self: Self, size: u32, diagnostics: ?*status.Diagnostics) Error!void {
            return status.check(raw.ac_router_resize(self.handle, size, status.Diagnostics.out(diagnostics)));
        }

        /// Copies the routees by place; the result is part of `into`, which may be too short: Stats.routees says how
        /// many there are.
        pub fn routees(self: Self, into: []Routee) Error![]Routee {
            var count: u64 = 0;
            try status.check(raw.ac_router_routees(self.handle, @ptrCast(into.ptr), into.len, &count));
            return into[0..@min(count, into.len)];
        }

        /// What it did; exact while nobody sends.
        pub fn stats(self: Self) Error!Stats {
            var out: Stats = .{};
            try status.check(raw.ac_router_get_stats(self.handle, &out));
            return out;
        }

        fn create(
            system: System,
            options: *const raw.ac_router_options,
            diagnostics: ?*status.Diagnostics,
        ) Error!Self {
            var made: Self = .{};
            var address: raw.ac_actor = .{};
            const out = status.Diagnostics.out(diagnostics);
            try status.check(raw.ac_router_create(system.handle(), options, &made.handle, &address, out));
            made.address = .{ .bits = address.bits };
            return made;
        }

        fn toRaw(name: []const u8, logic: Logic) raw.ac_router_options {
            var given: raw.ac_router_options = .{ .name = status.text(name) };
            given.logic = switch (logic) {
                inline else => |_, tag| @backingInt(@field(raw.Route, @tagName(tag))),
            };
            switch (logic) {
                .consistent_hash => |hash| {
                    given.virtual_nodes = hash.virtual_nodes;
                    given.load_bound_percent = hash.load_bound_percent;
                    switch (hash.key) {
                        .bytes => |part| {
                            given.key_offset = part.offset;
                            given.key_size = part.size;
                        },
                        .function => |function| given.key = function,
                    }
                },
                .scatter_gather => |gather| given.timeout_ns = gather.timeout_ns,
                else => {},
            }
            return given;
        }
    };
}

/// What a pool makes its routees with; it ends with the router.
fn Maker(comptime make: anytype) type {
    return struct {
        home: *actors.Home,
        context: actors.ContextOf(make),

        fn call(user: usize) callconv(.c) usize {
            const maker: *const @This() = @ptrFromInt(user);
            return actors.makeWord(maker.home, make, maker.context);
        }

        fn destroy(user: usize) callconv(.c) void {
            const maker: *@This() = @ptrFromInt(user);
            maker.home.allocator.destroy(maker);
        }
    };
}
