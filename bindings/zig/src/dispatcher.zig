//! A dispatcher runs actors; each actor belongs to one. It ends with its system.
//!
//! Threads:    any.
//! Invariants: on an attached dispatcher handlers run only inside Worker.turn, on a caller one only inside Worker.run.
const raw = @import("raw.zig");
const status = @import("status.zig");
const Placement = @import("placement.zig").Placement;
const Worker = @import("worker.zig").Worker;

pub const Dispatcher = struct {
    handle: raw.ac_dispatcher,
    mode: Mode,

    pub const Mode = raw.DispatcherMode;

    pub const Options = struct {
        mode: Mode = .@"inline",
        /// Inline: threads, 0 is one a core. Attached and caller: most workers that may attach, 0 is 64.
        workers: u32 = 0,
        /// Most messages of one actor in one activation; 0 takes the system's.
        throughput: u32 = 0,
        /// How long a worker without work spins before it parks; 0 takes the system's.
        spin_ns: u64 = 0,
        name: []const u8 = "",
        placement: Placement = .{},
    };

    /// Lends the calling thread. A pinned worker stays on this thread, so that a call that waits can be refused inside
    /// its handlers.
    pub fn attach(
        self: Dispatcher,
        options: struct { pinned: bool = true },
        diagnostics: ?*status.Diagnostics,
    ) status.Error!Worker {
        var worker: Worker = .{ .handle = .{} };
        const flags = if (options.pinned) raw.AC_ATTACH_PINNED else 0;
        try status.check(raw.ac_worker_attach(self.handle, flags, &worker.handle, status.Diagnostics.out(diagnostics)));
        return worker;
    }
};
