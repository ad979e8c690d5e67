//! churn, crash, alarms and rest: actors that are made and ended, that fail and restart, and
//! timers.
const std = @import("std");
const ac = @import("actorcore");
const measure = @import("measure.zig");
const workloads = @import("workloads.zig");
const Latch = measure.Latch;
const Result = measure.Result;
const Run = workloads.Run;
const Timer = measure.Timer;

/// Counts what it is given.
const Worker = struct {
    done: *Latch,

    pub fn handle(self: *Worker, _: *ac.Context, _: void) void {
        self.done.down();
    }
};

const Ref = ac.Ref(void);

/// Makes so many workers that share a latch.
fn spawnWorkers(run: Run, done: *Latch, refs: []Ref) !void {
    const states = try run.gpa.alloc(Worker, refs.len);
    defer run.gpa.free(states);
    @memset(states, .{ .done = done });
    try run.system.spawnMany(Worker, states, refs, .{}, null);
}

fn stopAll(run: Run, refs: []const Ref) !void {
    try workloads.stopAll(run.system, refs);
    try run.system.settle(ac.never);
}

/// Makes and stops a thousand actors at a time until there were `sizes[0]`.
pub fn churn(run: Run) !Result {
    var done: Latch = .init(run.io, 0);
    var refs: [1_000]Ref = undefined;
    const timer: Timer = .start(run.io);
    var made: u64 = 0;
    while (made < run.sizes[0]) {
        const some = refs[0..@min(refs.len, run.sizes[0] - made)];
        try spawnWorkers(run, &done, some);
        try stopAll(run, some);
        made += some.len;
    }
    return timer.stop(made);
}

/// Fails at every message, and is restarted.
const Faulty = struct {
    done: *Latch,

    const Message = union(enum(u32)) { work: void = 1, restarted: void = ac.number.restarted };

    pub fn handle(self: *Faulty, _: *ac.Context, message: Message) !void {
        switch (message) {
            .work => return error.Faulty,
            .restarted => self.done.down(),
        }
    }
};

/// `sizes[0]` children of one supervisor fail `sizes[1]` times together.
pub fn crash(run: Run) !Result {
    const refs = try run.gpa.alloc(ac.Ref(Faulty.Message), run.sizes[0]);
    defer run.gpa.free(refs);
    const failures = run.sizes[1] / refs.len * refs.len;
    var done: Latch = .init(run.io, failures);
    const policy: ac.Supervision = .{ .strategy = .restart };
    const above: Worker = .{ .done = &done };
    const supervisor = try run.system.spawn(Worker, above, .{ .children = policy }, null);
    const states = try run.gpa.alloc(Faulty, refs.len);
    defer run.gpa.free(states);
    @memset(states, .{ .done = &done });
    try run.system.spawnMany(Faulty, states, refs, .{ .supervisor = supervisor.actor() }, null);
    const timer: Timer = .start(run.io);
    for (0..failures) |number| try run.system.tell(refs[number % refs.len], .work);
    done.wait();
    const result = timer.stop(failures);
    try stopAll(run, &.{supervisor}); // its children first
    return result;
}

/// Starts `sizes[1]` timers of up to 100 ms for `sizes[0]` actors, and cancels a tenth of them.
pub fn alarms(run: Run) !Result {
    const refs = try run.gpa.alloc(Ref, run.sizes[0]);
    defer run.gpa.free(refs);
    var done: Latch = .init(run.io, run.sizes[1]);
    try spawnWorkers(run, &done, refs);
    const timer: Timer = .start(run.io);
    for (0..run.sizes[1]) |number| {
        const delay = measure.mixed(number) % (100 * std.time.ns_per_ms);
        const started = try run.system.startTimer(refs[number % refs.len], {}, .after(delay));
        // One that fired in the meantime has counted itself.
        if (number % 10 == 0 and started.cancel()) done.down();
    }
    done.wait();
    const result = timer.stop(run.sizes[1]);
    try stopAll(run, refs);
    return result;
}

/// `sizes[0]` idle actors and `sizes[1]` timers of an hour, for `sizes[2]` milliseconds.
pub fn rest(run: Run) !Result {
    const refs = try run.gpa.alloc(Ref, run.sizes[0]);
    defer run.gpa.free(refs);
    var done: Latch = .init(run.io, 0);
    try spawnWorkers(run, &done, refs);
    for (0..run.sizes[1]) |number| {
        _ = try run.system.startTimer(refs[number % refs.len], {}, .after(std.time.ns_per_hour));
    }
    try run.system.settle(ac.never);
    const timer: Timer = .start(run.io);
    try run.io.sleep(.fromMilliseconds(@intCast(run.sizes[2])), .awake);
    var result = timer.stop(refs.len);
    result.cpu_percent = 100 * result.cpu_seconds / result.seconds;
    try stopAll(run, refs);
    return result;
}
