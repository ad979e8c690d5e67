//! Where the threads of a dispatcher run, and how urgently.
//!
//! Threads:    any; values.
//! Invariants: processors and nodes have the kernel's numbers.
const raw = @import("raw.zig");

/// Processors of the machine. One that the process may not use is refused, and Diagnostics list those that it may.
pub const Cpus = union(enum) {
    /// No wish.
    all,
    named: []const u32,
    /// That many, of the library's choice.
    any: u32,

    pub fn given(self: Cpus) raw.ac_cpu_set {
        return switch (self) {
            .all => .{},
            .named => |cpus| .{ .cpus = cpus.ptr, .count = cpus.len },
            .any => |count| .{ .any = count },
        };
    }
};

/// Threads that are lent have it while they are, if their worker is pinned.
pub const Placement = struct {
    /// The processors that the threads run on; else every one that is not kept for others.
    cpus: Cpus = .all,
    /// The NUMA node whose processors these are.
    node: ?u32 = null,
    /// Binds each worker to one processor, round robin.
    pinned: bool = false,
    /// On the system's critical processors.
    critical: bool = false,
    /// On the system's background processors.
    background: bool = false,
    /// Real-time priority, 1 to 99; 0 is a normal thread. Where the system refuses it that is error.Unsupported, and
    /// Diagnostics say what to allow.
    priority: u32 = 0,
    /// A normal thread where the system refuses the priority.
    priority_optional: bool = false,
    /// After how many activations a worker looks at what came from outside; 0 is 61.
    fairness: u32 = 0,

    pub fn flags(self: Placement) u32 {
        return flag(self.pinned, raw.AC_DISPATCHER_PINNED) | flag(self.critical, raw.AC_DISPATCHER_CRITICAL) |
            flag(self.background, raw.AC_DISPATCHER_BACKGROUND) |
            flag(self.priority_optional, raw.AC_DISPATCHER_PRIORITY_OPTIONAL);
    }

    /// As the library counts them, from 1.
    pub fn nodeNumber(self: Placement) u32 {
        return if (self.node) |node| node +| 1 else 0;
    }

    fn flag(set: bool, bit: u32) u32 {
        return if (set) bit else 0;
    }
};
