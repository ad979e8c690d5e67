//! An actor system: it owns actors, dispatchers and workers, and shares nothing with another.
//!
//! Threads:    any, but for init and deinit, which are the owner's. A System is a value that may be copied.
//! Invariants: the allocator holds the states of the actors until each has ended; deinit stops the system first, so
//!             that no handler runs afterwards.
//! Cost:       one call of the library each; many messages go cheaper through a Batch.
const std = @import("std");
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const messages = @import("message.zig");
const actors = @import("actor.zig");
const Batch = @import("batch.zig").Batch;
const Buffer = @import("buffer.zig").Buffer;
const Dispatcher = @import("dispatcher.zig").Dispatcher;
const Cpus = @import("placement.zig").Cpus;
const Placement = @import("placement.zig").Placement;
const Reply = @import("ask.zig").Reply;
const Timer = @import("timer.zig").Timer;
const Timing = @import("timer.zig").Timing;
const Actor = messages.Actor;
const Ref = messages.Ref;
const Error = status.Error;

pub const System = struct {
    home: *actors.Home,

    pub const Options = struct {
        /// Run deterministically on virtual time: the same program with the same seed gives the same traceHash.
        seed: ?u64 = null,
        /// Threads of the default dispatcher, at most 256; 0 is one a core.
        workers: u32 = 0,
        /// Most messages of one actor in one activation; 0 is 256.
        throughput: u32 = 0,
        /// How long a worker without work spins before it parks, at most 1 ms; 0 is 20,000, `spin_none` parks at once.
        spin_ns: u64 = 0,
        /// Names the threads.
        name: []const u8 = "",
        /// The most memory that messages on their way may take, at least 1 MiB; 0 is no limit.
        message_bytes_max: u64 = 0,
        /// Of the default dispatcher.
        placement: Placement = .{},
        /// Kept for dispatchers whose placement is critical: no other thread of the system runs there.
        critical: Cpus = .all,
        /// Where the library's own helpers run, and dispatchers whose placement is background; no other worker does.
        background: Cpus = .all,
        /// No two dispatchers share a processor; say how many workers each has.
        isolated: bool = false,
        /// The share of the machine's processors that the workers may use, in thousandths; 0 is all.
        share_permille: u32 = 0,
    };

    pub const spin_none = raw.AC_SPIN_NONE;
    pub const Spawn = actors.Spawn;
    pub const StopReport = raw.ac_stop_report;
    pub const Stats = raw.ac_system_stats;

    /// Where all messages are.
    pub const Ledger = extern struct {
        accepted: u64 = 0,
        /// Messages that a handler had, failed ones among them.
        handled: u64 = 0,
        failed: u64 = 0,
        queued: u64 = 0,
        /// Set aside by their receivers, to be handled later.
        stashed: u64 = 0,
        /// Dead letters by their reason; `deadBy` reads it.
        dead: [16]u64 = @splat(0),

        /// The dead letters of one reason.
        pub fn deadBy(self: Ledger, reason: DeadReason) u64 {
            return self.dead[@backingInt(reason)];
        }

        /// The dead letters of all reasons.
        pub fn buried(self: Ledger) u64 {
            var sum: u64 = 0;
            for (self.dead) |count| sum += count;
            return sum;
        }

        /// Is every accepted message handled, queued, stashed or dead?
        pub fn holds(self: Ledger) bool {
            return self.accepted == self.handled + self.queued + self.stashed + self.buried();
        }
    };

    /// One failure of a handler, as it was reported.
    pub const Failure = extern struct {
        /// From 1, in order.
        number: u64 = 0,
        /// The system's clock.
        time_ns: u64 = 0,
        actor: Actor = .none,
        status: status.Status = .ok,
        /// Type of the message in hand.
        type: u32 = 0,
        text_size: u32 = 0,
        reserved: u32 = 0,
        text_bytes: [216]u8 = @splat(0),

        /// Language, handler and reason.
        pub fn text(self: *const Failure) []const u8 {
            return self.text_bytes[0..@min(self.text_size, self.text_bytes.len)];
        }
    };

    pub const DeadLetter = raw.ac_dead_letter;
    pub const DeadReason = raw.Dead;
    pub const Usage = raw.ac_usage;

    /// What one worker did since it began, and where.
    pub const WorkerStats = extern struct {
        worker: raw.ac_worker = .{},
        dispatcher: raw.ac_dispatcher = .{},
        /// The processor that it is bound to, plus one; 0 is none.
        cpu: u32 = 0,
        /// The NUMA node that its processors are of, plus one; 0 is several, or not known.
        node: u32 = 0,
        /// 1 for a thread of the library's, 0 for one that is lent.
        is_own: u32 = 0,
        reserved: u32 = 0,
        /// Processor time of its thread; 0 for a lent one that may change threads.
        cpu_ns: u64 = 0,
        /// Time in handlers, looking for work, or spinning.
        busy_ns: u64 = 0,
        /// Time asleep.
        parked_ns: u64 = 0,
        turns: u64 = 0,
        activations: u64 = 0,
        /// Messages.
        handled: u64 = 0,
        /// Activations and queue entries that it took from others.
        stolen: u64 = 0,
        /// How often it went to sleep without work.
        parks: u64 = 0,

        /// How much of its time it was busy, 0 to 1.
        pub fn utilization(self: WorkerStats) f64 {
            const busy: f64 = @floatFromInt(self.busy_ns);
            return busy / @as(f64, @floatFromInt(@max(1, self.busy_ns + self.parked_ns)));
        }
    };

    /// The allocator holds the actors' states and is called from every thread that runs handlers: it must be
    /// thread-safe. Release with `deinit`.
    pub fn init(allocator: std.mem.Allocator, options: Options, diagnostics: ?*status.Diagnostics) Error!System {
        const home = try allocator.create(actors.Home);
        errdefer allocator.destroy(home);
        home.* = .{ .allocator = allocator, .system = .{} };
        const given: raw.ac_system_options = .{
            .api_version = raw.AC_API_VERSION,
            .flags = (if (options.seed != null) raw.AC_SYSTEM_SEEDED else 0) |
                (if (options.isolated) raw.AC_SYSTEM_ISOLATED else 0),
            .seed = options.seed orelse 0,
            .workers = options.workers,
            .throughput = options.throughput,
            .spin_ns = options.spin_ns,
            .name = status.text(options.name),
            .message_bytes_max = options.message_bytes_max,
            .cpus = options.placement.cpus.given(),
            .node = options.placement.nodeNumber(),
            .priority = options.placement.priority,
            .fairness = options.placement.fairness,
            .dispatcher_flags = options.placement.flags(),
            .critical_cpus = options.critical.given(),
            .background_cpus = options.background.given(),
            .cpu_share_permille = options.share_permille,
        };
        try status.check(raw.ac_system_create(&given, &home.system, status.Diagnostics.out(diagnostics)));
        return .{ .home = home };
    }

    /// Stops at once what still runs, then gives the system back.
    pub fn deinit(self: System) void {
        const stopped = raw.ac_system_stop(self.home.system, 0, null, null);
        raw.ac_system_release(self.home.system);
        // A handler that does not return still uses its box, and what the boxes share: then that memory is not freed.
        if (stopped == raw.AC_OK) self.home.allocator.destroy(self.home);
    }

    /// What an actor's mailbox holds and did.
    pub fn mailbox(self: System, actor: Actor) Error!raw.ac_mailbox_stats {
        var out: raw.ac_mailbox_stats = .{};
        try status.check(raw.ac_mailbox_get(self.home.system, .{ .bits = actor.bits }, &out));
        return out;
    }

    /// The library's handle, for what this package does not wrap.
    pub fn handle(self: System) raw.ac_system {
        return self.home.system;
    }

    /// Drains for at most `timeout_ns` (0 stops at once), then stops every actor and reports.
    pub fn stop(self: System, timeout_ns: u64, diagnostics: ?*status.Diagnostics) Error!StopReport {
        var report: StopReport = .{};
        const out = status.Diagnostics.out(diagnostics);
        try status.check(raw.ac_system_stop(self.home.system, timeout_ns, &report, out));
        return report;
    }

    /// Waits until no message is queued or in hand. This is what runs a seeded system.
    pub fn settle(self: System, timeout_ns: u64) Error!void {
        return status.check(raw.ac_system_settle(self.home.system, timeout_ns));
    }

    /// Lets a seeded system run for so much virtual time: timers fire at exactly their deadlines.
    pub fn advance(self: System, duration_ns: u64) Error!void {
        return status.check(raw.ac_system_advance(self.home.system, duration_ns));
    }

    pub fn dispatcher(self: System, options: Dispatcher.Options, diagnostics: ?*status.Diagnostics) Error!Dispatcher {
        const given: raw.ac_dispatcher_options = .{
            .mode = @backingInt(options.mode),
            .workers = options.workers,
            .throughput = options.throughput,
            .spin_ns = options.spin_ns,
            .name = status.text(options.name),
            .cpus = options.placement.cpus.given(),
            .node = options.placement.nodeNumber(),
            .priority = options.placement.priority,
            .fairness = options.placement.fairness,
            .flags = options.placement.flags(),
        };
        var made: Dispatcher = .{ .handle = .{}, .mode = options.mode };
        const out = status.Diagnostics.out(diagnostics);
        try status.check(raw.ac_dispatcher_create(self.home.system, &given, &made.handle, out));
        return made;
    }

    /// Makes an actor with that state; `T.deinit`, if there is one, runs once when the actor has ended.
    pub fn spawn(
        self: System,
        comptime T: type,
        state: T,
        options: Spawn,
        diagnostics: ?*status.Diagnostics,
    ) Error!Ref(actors.MessageOf(T)) {
        var made: [1]Ref(actors.MessageOf(T)) = undefined;
        try actors.spawn(T, self.home, null, &.{state}, &made, options, diagnostics);
        return made[0];
    }

    /// Makes one actor for each state, all or none; `refs` is as long as `states`, the name empty.
    pub fn spawnMany(
        self: System,
        comptime T: type,
        states: []const T,
        refs: []Ref(actors.MessageOf(T)),
        options: Spawn,
        diagnostics: ?*status.Diagnostics,
    ) Error!void {
        return actors.spawn(T, self.home, null, states, refs, options, diagnostics);
    }

    /// Sends a message; its sender is none. error.Stale when the actor has stopped.
    pub fn tell(self: System, to: anytype, message: @TypeOf(to).Message) Error!void {
        const Told = struct { system: raw.ac_system, to: u64 };
        const send = struct {
            fn send(told: Told, number: u32, bytes: []const u8) Error!void {
                const payload: raw.ac_bytes = .{ .data = bytes.ptr, .size = bytes.len };
                return status.check(raw.ac_tell(told.system, .{ .bits = told.to }, number, payload));
            }
        }.send;
        const told: Told = .{ .system = self.home.system, .to = to.bits };
        return messages.withBytes(@TypeOf(to).Message, &message, told, send);
    }

    /// Sends a buffer under the union's `tag`, whose payload is []const u8, without a copy; the caller keeps its
    /// reference.
    pub fn tellBuffer(
        self: System,
        to: anytype,
        comptime tag: std.meta.Tag(@TypeOf(to).Message),
        buffer: Buffer,
    ) Error!void {
        comptime messages.requireBytes(@TypeOf(to).Message, tag);
        var envelope: messages.Envelope = .{ .to = .{ .bits = to.bits }, .type = @backingInt(tag) };
        const along = try buffer.put(&envelope);
        errdefer raw.ac_buffer_release(along);
        var refused: raw.ac_status = raw.AC_OK;
        try status.check(raw.ac_tell_many(self.home.system, @ptrCast(&envelope), 1, @ptrCast(&refused), null));
        try status.check(refused);
    }

    /// A batch of messages that goes out in one call whenever `envelopes` is full.
    pub fn batch(self: System, envelopes: []messages.Envelope) Batch {
        return .{ .system = self.home.system, .envelopes = envelopes };
    }

    /// Sends a request and waits for its reply, which has to be an `Answer`.
    pub fn ask(
        self: System,
        comptime Answer: type,
        to: anytype,
        message: @TypeOf(to).Message,
        timeout_ns: u64,
    ) (Error || messages.DecodeError)!Answer {
        comptime if (Reply.borrows(Answer)) @compileError(@typeName(Answer) ++ " borrows its bytes; use askReply");
        var reply = try self.askReply(to, message, timeout_ns);
        defer reply.deinit();
        return reply.as(Answer);
    }

    /// Sends one request to many and waits until each has answered or the time is over; how many have. `replies` and
    /// `statuses` are as long as `to`; `deinit` every reply. Inside a handler use Context.askMany.
    pub fn askMany(
        self: System,
        comptime M: type,
        to: []const Ref(M),
        message: M,
        timeout_ns: u64,
        replies: []Reply,
        statuses: []status.Status,
    ) Error!u64 {
        return self.askManyIn(.{}, M, to, message, timeout_ns, replies, statuses);
    }

    /// Sends a request and waits for its reply, whatever it is; `deinit` it.
    pub fn askReply(self: System, to: anytype, message: @TypeOf(to).Message, timeout_ns: u64) Error!Reply {
        const Request = struct { system: raw.ac_system, to: u64, timeout_ns: u64 };
        const send = struct {
            fn send(request: Request, number: u32, bytes: []const u8) Error!Reply {
                var reply: Reply = .{};
                const payload: raw.ac_bytes = .{ .data = bytes.ptr, .size = bytes.len };
                try status.check(raw.ac_ask(
                    request.system,
                    .{ .bits = request.to },
                    number,
                    payload,
                    request.timeout_ns,
                    &reply.envelope,
                ));
                return reply;
            }
        }.send;
        const request: Request = .{ .system = self.home.system, .to = to.bits, .timeout_ns = timeout_ns };
        return messages.withBytes(@TypeOf(to).Message, &message, request, send);
    }

    /// Starts a timer that sends a message; its sender is none.
    pub fn startTimer(self: System, to: anytype, message: @TypeOf(to).Message, timing: Timing) Error!Timer {
        return Timer.start(self.home.system, to, message, timing);
    }

    /// Has an actor get `timeout` whenever it had no message for so long; 0 ends that.
    pub fn setReceiveTimeout(self: System, actor: Actor, timeout_ns: u64) Error!void {
        return status.check(raw.ac_actor_set_receive_timeout(self.home.system, .{ .bits = actor.bits }, timeout_ns));
    }

    /// Asks an actor to stop and returns at once: after the activation in hand, or with `drain` after what it was sent.
    /// Its children stop before it.
    pub fn stopActor(self: System, actor: Actor, options: struct { drain: bool = false }) Error!void {
        const flags: u32 = if (options.drain) raw.AC_STOP_DRAIN else 0;
        return status.check(raw.ac_actor_stop(self.home.system, .{ .bits = actor.bits }, flags));
    }

    /// Ends an actor after the activation in hand, without `stopping` and `stopped`, and its children as well; what their
    /// states have as `deinit` still runs.
    pub fn killActor(self: System, actor: Actor) Error!void {
        return status.check(raw.ac_actor_stop(self.home.system, .{ .bits = actor.bits }, raw.AC_STOP_KILL));
    }

    /// Does the actor live? An error is that of a handle which is no actor of this system.
    pub fn isAlive(self: System, actor: Actor) Error!bool {
        status.check(raw.ac_actor_check(self.home.system, .{ .bits = actor.bits })) catch |err| switch (err) {
            error.Stale => return false,
            else => return err,
        };
        return true;
    }

    /// The actor that was spawned under a name.
    pub fn find(self: System, name: []const u8) Error!Actor {
        var actor: raw.ac_actor = .{};
        try status.check(raw.ac_system_find(self.home.system, status.text(name), &actor));
        return .{ .bits = actor.bits };
    }

    /// Monotonic nanoseconds, or virtual ones from 0 in a seeded system.
    pub fn now(self: System) Error!u64 {
        var now_ns: u64 = 0;
        try status.check(raw.ac_system_now(self.home.system, &now_ns));
        return now_ns;
    }

    /// 64 random bits of the system's seed.
    pub fn random(self: System) Error!u64 {
        var bits: u64 = 0;
        try status.check(raw.ac_system_random(self.home.system, &bits));
        return bits;
    }

    /// The hash over everything that a seeded system did so far.
    pub fn traceHash(self: System) Error!u64 {
        var hash: u64 = 0;
        try status.check(raw.ac_system_trace_hash(self.home.system, &hash));
        return hash;
    }

    pub fn stats(self: System) Error!Stats {
        var out: Stats = .{};
        try status.check(raw.ac_system_get_stats(self.home.system, &out));
        return out;
    }

    /// What the process uses of the machine, and what this system may.
    pub fn usage(self: System) Error!Usage {
        var out: Usage = .{};
        try status.check(raw.ac_system_usage(self.home.system, &out));
        return out;
    }

    /// What each worker did, in the order in which they were made; the result is part of `into`, which may be too short.
    pub fn workers(self: System, into: []WorkerStats) Error![]WorkerStats {
        var count: u64 = 0;
        try status.check(raw.ac_system_workers(self.home.system, @ptrCast(into.ptr), into.len, &count));
        return into[0..@min(count, into.len)];
    }

    /// Where all messages are; readable after `stop` too.
    pub fn ledger(self: System) Error!Ledger {
        var out: Ledger = .{};
        try status.check(raw.ac_system_ledger(self.home.system, @ptrCast(&out)));
        return out;
    }

    /// Copies the failures after number `after` (0 is all of the last 256), oldest first; the result is part of `into`.
    pub fn failures(self: System, after: u64, into: []Failure) Error![]Failure {
        var count: u64 = 0;
        try status.check(raw.ac_system_failures(self.home.system, after, @ptrCast(into.ptr), into.len, &count));
        return into[0..count];
    }

    /// Copies the dead letters after number `after` (0 is all of the last 1,024), oldest first.
    pub fn deadLetters(self: System, after: u64, into: []DeadLetter) Error![]DeadLetter {
        var count: u64 = 0;
        try status.check(raw.ac_system_dead_letters(self.home.system, after, into.ptr, into.len, &count));
        return into[0..count];
    }

    /// What a subscriber is told of dead letters: `letters[0..count]`, and how many more there were.
    pub const DeadLetters = extern struct {
        missed: u64 = 0,
        count: u64 = 0,
        letters: [21]DeadLetter = @splat(.{}),

        /// From the payload of `dead_letters`.
        pub fn read(payload: []const u8) DeadLetters {
            return messages.readCut(DeadLetters, payload);
        }
    };

    /// Tells an actor of dead letters with these reasons, or of all without any, by `dead_letters`: once for all of a
    /// millisecond.
    pub fn subscribeDeadLetters(self: System, subscriber: Actor, reasons: []const DeadReason) Error!void {
        var mask: u32 = 0;
        for (reasons) |reason| mask |= @as(u32, 1) << @intCast(@backingInt(reason));
        try status.check(raw.ac_dead_letter_subscribe(self.home.system, .{ .bits = subscriber.bits }, mask));
    }

    /// Ends it.
    pub fn unsubscribeDeadLetters(self: System, subscriber: Actor) Error!void {
        try status.check(raw.ac_dead_letter_unsubscribe(self.home.system, .{ .bits = subscriber.bits }));
    }

    const span_methods = @import("span.zig");
    pub const beginSpan = span_methods.begin;
    pub const spanOf = span_methods.of;
    pub const spans = span_methods.open;
    pub const spanStats = span_methods.stats;
    pub const tellIn = span_methods.tell;
    pub const askIn = span_methods.ask;
    pub const askReplyIn = span_methods.askReply;
    pub const askManyIn = span_methods.askMany;

    const name_methods = @import("names.zig");
    pub const register = name_methods.register;
    pub const unregister = name_methods.unregister;
    pub const names = name_methods.names;
    pub const subscribeNames = name_methods.subscribeNames;
    pub const unsubscribeNames = name_methods.unsubscribeNames;
    pub const registerType = name_methods.registerType;
    pub const typeName = name_methods.typeName;

    const supervision_methods = @import("supervision.zig");
    pub const supervise = supervision_methods.supervise;
    pub const decide = supervision_methods.decide;
    pub const restartActor = supervision_methods.restartActor;
    pub const children = supervision_methods.children;
    pub const supervisor = supervision_methods.supervisor;
    pub const supervision = supervision_methods.supervision;
    pub const failure = supervision_methods.failure;

    const watch_methods = @import("watch.zig");
    pub const watch = watch_methods.watch;
    pub const unwatch = watch_methods.unwatch;
    pub const link = watch_methods.link;
    pub const unlink = watch_methods.unlink;

    const watchdog_methods = @import("watchdog.zig");
    pub const listActors = watchdog_methods.listActors;
    pub const startWatchdog = watchdog_methods.startWatchdog;
    pub const stopWatchdog = watchdog_methods.stopWatchdog;
    pub const watchdogReports = watchdog_methods.watchdogReports;

    const phase_methods = @import("phases.zig");
    pub const addPhase = phase_methods.addPhase;
    pub const setPhaseTimeout = phase_methods.setPhaseTimeout;
    pub const joinPhase = phase_methods.joinPhase;
    pub const phaseDone = phase_methods.phaseDone;
    pub const phases = phase_methods.phases;
    pub const unanswered = phase_methods.unanswered;
};

comptime {
    layout.same(System.Ledger, raw.ac_ledger);
    layout.same(System.Failure, raw.ac_failure);
    layout.same(System.WorkerStats, raw.ac_worker_stats);
    layout.same(System.DeadLetters, raw.ac_dead_letters);
    if (@sizeOf(Reply) != @sizeOf(messages.Envelope)) @compileError("askMany hands over replies as envelopes");
}
