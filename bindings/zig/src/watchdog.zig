//! What the actors do now, and who of them is stuck, as samples tell. These are methods of System.
//!
//! Threads:    any.
//! Invariants: spans are lower bounds, from the first sample that saw the same; two samples are what it takes to see one.
const raw = @import("raw.zig");
const status = @import("status.zig");
const layout = @import("layout.zig");
const messages = @import("message.zig");
const System = @import("system.zig").System;
const Actor = messages.Actor;
const Error = status.Error;

/// What is known of an actor; `name[0..name_size]` is one of its names.
pub const ActorInfo = raw.ac_actor_info;
pub const ActorState = raw.ActorState;

/// A page of `listActors`.
pub const ActorPage = struct { rows: []ActorInfo, next: u64 };

/// Copies a page of what is known of the live actors; `cursor` is 0, then the last page's `next`, which is 0 at the end.
pub fn listActors(self: System, cursor: u64, into: []ActorInfo) Error!ActorPage {
    var count: u64 = 0;
    var next: u64 = 0;
    const stride = @sizeOf(ActorInfo);
    try status.check(raw.ac_system_actors(self.home.system, cursor, into.ptr, stride, into.len, &count, &next));
    return .{ .rows = into[0..count], .next = next };
}

/// What a watchdog looks at.
pub const Watch = struct {
    /// Between two samples; 0 is 100 ms.
    interval_ns: u64 = 0,
    /// How long a handler may have an activation in hand; 0 does not look.
    handler_budget_ns: u64 = 0,
    /// How long a message may wait; 0 does not look, which spares a sample the walk over all actors.
    mailbox_age_ns: u64 = 0,
    /// Told of each report by `watchdog`.
    report_to: Actor = .none,
};

/// One thing that is stuck; the payload of `watchdog`.
pub const WatchdogReport = extern struct {
    number: u64 = 0,
    time_ns: u64 = 0,
    for_ns: u64 = 0,
    mailbox: u64 = 0,
    kind: Kind = .handler,
    type: u32 = 0,
    count: u32 = 0,
    text_size: u32 = 0,
    all: [8]Actor = @splat(.none),
    text_bytes: [256]u8 = @splat(0),

    pub const Kind = raw.WatchdogKind;

    /// The first eight actors concerned; in a cycle each waits for the next one.
    pub fn actors(self: *const WatchdogReport) []const Actor {
        return self.all[0..@min(self.count, self.all.len)];
    }

    /// The same for people.
    pub fn text(self: *const WatchdogReport) []const u8 {
        return self.text_bytes[0..@min(self.text_size, self.text_bytes.len)];
    }
};

comptime {
    layout.same(WatchdogReport, raw.ac_watchdog_report);
}

/// Starts the system's watchdog, which ends with it: a thread of its own, in a seeded system samples at virtual times.
/// It also reports actors that wait for each other's replies in a circle.
pub fn startWatchdog(self: System, watch: Watch, diagnostics: ?*status.Diagnostics) Error!void {
    const options: raw.ac_watchdog_options = .{
        .interval_ns = watch.interval_ns,
        .handler_budget_ns = watch.handler_budget_ns,
        .mailbox_age_ns = watch.mailbox_age_ns,
        .report_to = .{ .bits = watch.report_to.bits },
    };
    try status.check(raw.ac_watchdog_start(self.home.system, &options, status.Diagnostics.out(diagnostics)));
}

/// Stops it.
pub fn stopWatchdog(self: System) Error!void {
    try status.check(raw.ac_watchdog_stop(self.home.system));
}

/// Copies the watchdog's reports after number `after` (0 is all of the last 256), oldest first.
pub fn watchdogReports(self: System, after: u64, into: []WatchdogReport) Error![]WatchdogReport {
    var count: u64 = 0;
    try status.check(raw.ac_watchdog_reports(self.home.system, after, @ptrCast(into.ptr), into.len, &count));
    return into[0..count];
}
