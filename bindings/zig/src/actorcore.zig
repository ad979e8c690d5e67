//! actorcore: actors and stat snapshots, in Zig 0.17 over the installed libactorcore.
//!
//! An actor is a struct with a `handle`; its messages are a `union(enum(u32))` whose tags are the numbers on the wire,
//! so that actors in C, Go, Rust and Zig understand each other. What does not fit is a compile error.
//!
//!     const ac = @import("actorcore");
//!
//!     const Counter = struct {
//!         total: u64 = 0,
//!         const Message = union(enum(u32)) { add: u64 = 1, get: void = 2 };
//!
//!         pub fn handle(self: *Counter, ctx: *ac.Context, message: Message) !void {
//!             switch (message) {
//!                 .add => |number| self.total += number,
//!                 .get => try ctx.reply(self.total),
//!             }
//!         }
//!     };
//!
//!     const system: ac.System = try .init(allocator, .{}, null);
//!     defer system.deinit();
//!     const counter = try system.spawn(Counter, .{}, .{}, null);
//!     try system.tell(counter, .{ .add = 3 });
//!     const total = try system.ask(u64, counter, .get, ac.never);
//!
//! Use: `zig fetch` this folder, or name it by path, in build.zig.zon; then
//! `exe.root_module.addImport("actorcore", b.dependency("actorcore", .{ .target = target, .optimize = optimize })
//! .module("actorcore"))`. pkg-config finds the library. Without build.zig:
//! `zig build-exe --dep actorcore -Mroot=main.zig -Mactorcore=src/actorcore.zig -lc $(pkg-config --libs actorcore)`.
//!
//! Messages. A message type is such a union, or one type alone: its number is its declaration `number`, or 0. Payloads
//! are numbers, arrays, extern or plain structs without padding, packed structs, non-exhaustive enums, pointers within
//! one program, `void`, or `[]const u8` of any length. Up to 32 bytes travel in the envelope, more in one buffer that
//! is moved, not copied; `[]const u8` that arrives is borrowed until the turn ends. `Ref(M)` is the id of an actor that
//! understands `M`, `Actor` that of any; both are values and fit into messages. Make payloads `extern struct` where
//! another language reads them. The library's own messages are fields too: `started: void = ac.number.started` asks for
//! the first message, `stopped` for the last, and `ask_failed`, `failed`, `contribute` and `resolved` bring `AskFailed`,
//! `Failed`, `Question` and `Resolved`. `Control` is what any actor understands: stop, restart, kill.
//!
//! Handlers. `Context` tells, replies, asks, forwards, spawns and stops; a send writes the turn's outbox and makes no
//! call. An error fails the message and is recorded as `zig Counter: error.Foo` (System.failures), or with a reason in
//! words by `return ctx.fail("no seat {d}", .{seat})`; it ends a request with error.Failed, and nothing unwinds. So do a
//! payload of the wrong length (error.MalformedMessage) and a number that the union lacks (error.UnknownMessage), unless
//! the actor has `pub fn other(self: *T, ctx: *Context) !void`, which takes those. `pub fn deinit(self: *T) void` runs
//! once, when the actor has ended. A panic is a panic: Zig cannot contain it, and it ends the process.
//!
//! Supervision. An actor that fails stops, or does what `Spawn.children` of its supervisor or its own `Spawn.supervision`
//! says: `.{ .strategy = .restart, .restarts_max = 3, .backoff_min_ns = 10 * std.time.ns_per_ms }`. A supervisor with
//! `failed: ac.Failed = ac.number.failed` is told of those that stop, and with `.decide` says what follows
//! (Context.decide). A restarted actor keeps its id, mailbox and state; `restarted: void = ac.number.restarted` is where
//! it makes the state anew: `.restarted => self.* = .{ .log = self.log }`. `restarting` and `stopping` come before. Who
//! watches is told by `terminated: ac.Ended`; who is linked fails too, or with Spawn.trap_exit is told by `exit`.
//!
//! Not now. `Context.stash` sets the message in hand aside until `unstash`; `Context.become` has another function with
//! the parameters of `handle` take its place until `unbecome`, a restart or a stop.
//!
//! Where handlers run. On the library's threads by default. `system.dispatcher(.{ .mode = .attached }, null)` makes one
//! whose actors run on threads that you lend: `var worker = try dispatcher.attach(.{}, null)` and
//! `while (try worker.turn(ac.never)) {}`. With `.mode = .caller` they run inside `worker.run`. With a `seed` the whole
//! system is deterministic, moves only inside settle, advance, ask, resolve and stop, and `traceHash` tells two runs
//! apart.
//!
//! Snapshots. `Engine` loads a registry and makes entities; `Entity.put` stores rows, `Entity.resolve` gives a
//! `Snapshot` whose `view` is slices of the library's memory, `Entity.explain` a `Receipt` of the steps by which one
//! value came about. A subsystem that computes its rows is a struct with
//! `pub fn contribute(self: *T, question: ac.Question) !void` (Engine.subsystem), or an actor (Engine.subsystemActor).
//!
//! Overload. A `Limiter` says no, and for how long; a `Breaker` stops calls to what fails or has become slow; a
//! `Batcher` gathers items into batches. All three run on their system's time.
//! Events and work. `Bus` publishes to actors that have `event: []const u8 = ac.number.event`, of whose bytes `Event.of`
//! makes an Event; `Queue` hands items to actors that have `work: []const u8 = ac.number.work` and call `Work.ack`.
//!
//! Many for one. `Router(M).group` sends to actors that it is given, `Router(M).pool` spawns them, each with a state of
//! its own: `const desk: ac.Router(Job) = try .pool(system, Clerk.init, &log, .{ .size = 4 }, null)`. Who sends to
//! `desk.address` need not know; the `logic` says who gets it: in turn, at random, all, the least busy, by a key.
//!
//! Traces. A `Span` is one step of a `Trace` (W3C Trace Context). A message carries it wherever it goes, a request by
//! its ask: `const span = try (try ctx.span()).child(tag)`, `ctx.tellIn(span, to, message)`, and in the end `span.end()`.
//!
//! Errors. Every status is an error of `Error`. Calls that can explain themselves take a `?*Diagnostics`.
//!
//! Memory. The allocator of System.init holds the actors' states, one small box an actor; what else Zig allocates takes
//! an allocator by parameter. Messages, buffers and snapshots are the library's. Handles are released with `deinit`,
//! in any order. `Context.scratch` is an allocator whose memory goes with the turn; a `Buffer`, made or mapped from a
//! file, is sent to any number of actors without a copy. `memory` tells what the library's pools hold, and sets how.
//!
//! Constants have their names in every language: `Bucket.parse("FLAT")`, `{f}` prints, `isValid` checks.
const std = @import("std");
const messages = @import("message.zig");
const status = @import("status.zig");
const actors = @import("actor.zig");
const engines = @import("engine.zig");
const entities = @import("entity.zig");
const outputs = @import("output.zig");
const receipts = @import("receipt.zig");
const snapshots = @import("snapshot.zig");
const subsystems = @import("subsystem.zig");

pub const raw = @import("raw.zig");
pub const memory = @import("memory.zig");

pub const Error = status.Error;
pub const Status = status.Status;
pub const DecodeError = messages.DecodeError;
pub const Diagnostics = status.Diagnostics;
pub const errorOf = status.errorOf;
pub const statusOf = status.statusOf;
pub const isRetryable = status.isRetryable;
pub const isGone = status.isGone;

pub const System = @import("system.zig").System;
pub const Dispatcher = @import("dispatcher.zig").Dispatcher;
pub const Mailbox = @import("mailbox.zig").Mailbox;
pub const Pressure = @import("mailbox.zig").Pressure;
pub const Router = @import("router.zig").Router;
pub const Worker = @import("worker.zig").Worker;
pub const Cpus = @import("placement.zig").Cpus;
pub const Placement = @import("placement.zig").Placement;
pub const Context = @import("context.zig").Context;
pub const Actor = messages.Actor;
pub const Ref = messages.Ref;
pub const MessageOf = actors.MessageOf;
pub const Envelope = messages.Envelope;
pub const Batch = @import("batch.zig").Batch;
pub const Buffer = @import("buffer.zig").Buffer;
pub const Reply = @import("ask.zig").Reply;
pub const Timer = @import("timer.zig").Timer;
pub const Timing = @import("timer.zig").Timing;
pub const Trace = @import("span.zig").Trace;
pub const Span = @import("span.zig").Span;
pub const number = messages.number;
pub const Bus = @import("bus.zig").Bus;
pub const Event = @import("bus.zig").Event;
pub const Queue = @import("queue.zig").Queue;
pub const Work = @import("queue.zig").Work;
pub const AskFailed = messages.AskFailed;
pub const Control = messages.Control;
pub const Supervision = @import("supervision.zig").Supervision;
pub const Failed = @import("supervision.zig").Failed;
pub const Ended = @import("watch.zig").Ended;
pub const Registration = @import("names.zig").Registration;
pub const DeadLetters = System.DeadLetters;
pub const Phase = @import("phases.zig").Phase;
pub const PhaseInfo = @import("phases.zig").PhaseInfo;
pub const PhaseState = @import("phases.zig").PhaseState;
pub const ActorInfo = @import("watchdog.zig").ActorInfo;
pub const ActorState = @import("watchdog.zig").ActorState;
pub const Watch = @import("watchdog.zig").Watch;
pub const WatchdogReport = @import("watchdog.zig").WatchdogReport;

pub const Limiter = @import("limiter.zig").Limiter;
pub const Breaker = @import("breaker.zig").Breaker;
pub const Batcher = @import("batcher.zig").Batcher;

pub const Engine = engines.Engine;
pub const Name = engines.Name;
pub const Source = engines.Source;
pub const Entity = entities.Entity;
pub const Resolved = entities.Resolved;
pub const resolveBatch = entities.resolveBatch;
pub const Snapshot = snapshots.Snapshot;
pub const Receipt = receipts.Receipt;
pub const ReceiptStep = receipts.ReceiptStep;
pub const replay = receipts.replay;
pub const Outputs = outputs.Outputs;
pub const Output = outputs.Output;
pub const Contribution = outputs.Contribution;
pub const Cap = outputs.Cap;
pub const Modifier = outputs.Modifier;
pub const Question = subsystems.Question;
pub const Bucket = outputs.Bucket;
pub const List = outputs.List;
pub const CapMode = outputs.CapMode;
pub const CapKind = outputs.CapKind;
pub const Reject = snapshots.Reject;
pub const About = snapshots.About;
pub const Step = receipts.Step;
pub const Fold = receipts.Fold;
pub const Across = receipts.Across;
pub const Bound = receipts.Bound;
pub const Origin = receipts.Origin;

/// A timeout without an end.
pub const never = raw.AC_TIMEOUT_NEVER;
/// Added to a request's correlation in its answer.
pub const reply_bit = raw.AC_CORRELATION_REPLY;

/// The version of the library that is loaded.
pub fn version() std.SemanticVersion {
    const packed_version = raw.ac_version();
    return .{
        .major = packed_version >> 16,
        .minor = packed_version >> 8 & 0xff,
        .patch = packed_version & 0xff,
    };
}

/// Compiler, flags and allocator of the library that is loaded.
pub fn buildInfo() Error![]const u8 {
    var info: raw.ac_text = .{};
    try status.check(raw.ac_build_info(&info));
    return status.slice(info);
}

test {
    _ = @import("raw_test.zig");
    _ = @import("message_test.zig");
    _ = @import("status_test.zig");
    _ = @import("actor_test.zig");
    _ = @import("bus_test.zig");
    _ = @import("dispatcher_test.zig");
    _ = @import("timer_test.zig");
    _ = @import("span_test.zig");
    _ = @import("engine_test.zig");
    _ = @import("receipt_test.zig");
    _ = @import("resilience_test.zig");
    _ = @import("known_test.zig");
    _ = @import("mailbox_test.zig");
    _ = @import("router_test.zig");
    _ = @import("pool_test.zig");
    _ = @import("memory_test.zig");
    _ = @import("buffer_test.zig");
    _ = @import("supervision_test.zig");
    _ = @import("watch_test.zig");
    _ = @import("stash_test.zig");
    _ = @import("behavior_test.zig");
    _ = @import("scenario_test.zig");
    _ = @import("vectors_test.zig");
}
