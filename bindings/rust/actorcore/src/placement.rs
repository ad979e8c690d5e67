//! Where threads run, how urgently, and what they use of the machine.

use actorcore_sys as sys;

use crate::ledger::mirror;

/// Processors of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cpus<'a> {
    /// No wish.
    #[default]
    All,
    /// These, as the kernel counts them. One that the process may not use is refused with a message
    /// that lists those that it may.
    Named(&'a [u32]),
    /// That many, of the library's choice.
    Any(u32),
}

impl Cpus<'_> {
    pub(crate) fn raw(self) -> sys::ac_cpu_set {
        match self {
            Cpus::All => sys::ac_cpu_set::new(),
            Cpus::Named(cpus) => {
                let (cpus, count) = (cpus.as_ptr(), cpus.len() as u64);
                sys::ac_cpu_set { cpus, count, any: 0 }
            }
            Cpus::Any(count) => sys::ac_cpu_set { any: count.into(), ..sys::ac_cpu_set::new() },
        }
    }
}

/// Where the threads of a dispatcher run, and how urgently. Of threads that are lent, those that
/// [`Dispatcher::attach_pinned`](crate::Dispatcher::attach_pinned) does, until the worker is dropped.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Placement<'a> {
    pub(crate) cpus: Cpus<'a>,
    pub(crate) node: u32,
    pub(crate) priority: u32,
    pub(crate) fairness: u32,
    pub(crate) flags: u32,
}

impl<'a> Placement<'a> {
    /// Anywhere, as normal threads.
    pub fn new() -> Placement<'a> {
        Placement::default()
    }

    /// The processors that the threads run on; else every one that is not kept for others.
    pub fn cpus(mut self, cpus: Cpus<'a>) -> Self {
        self.cpus = cpus;
        self
    }

    /// The NUMA node whose processors these are, from 0.
    pub fn node(mut self, node: u32) -> Self {
        self.node = node.saturating_add(1);
        self
    }

    /// Binds each worker to one processor, round robin.
    pub fn pinned(mut self) -> Self {
        self.flags |= sys::AC_DISPATCHER_PINNED;
        self
    }

    /// On the system's critical processors.
    pub fn critical(mut self) -> Self {
        self.flags |= sys::AC_DISPATCHER_CRITICAL;
        self
    }

    /// On the system's background processors.
    pub fn background(mut self) -> Self {
        self.flags |= sys::AC_DISPATCHER_BACKGROUND;
        self
    }

    /// Real-time priority, 1 to 99. Where the system refuses it so is the dispatcher, with
    /// `AC_E_UNSUPPORTED` and a message that says what to allow.
    pub fn priority(mut self, priority: u32) -> Self {
        self.priority = priority;
        self
    }

    /// Real-time priority where the system gives it, else normal threads.
    pub fn priority_if_allowed(mut self, priority: u32) -> Self {
        self.flags |= sys::AC_DISPATCHER_PRIORITY_OPTIONAL;
        self.priority(priority)
    }

    /// After how many activations a worker looks at what came from outside; 61 when not given.
    pub fn fairness(mut self, activations: u32) -> Self {
        self.fairness = activations;
        self
    }
}

mirror! {
    /// What the process uses of the machine, and what it may. The difference of two readings, over
    /// that of their times, is a rate.
    Usage of ac_usage {
        /// When it was read: monotonic nanoseconds.
        time_ns: u64,
        /// Processor time of the process in its own code, in nanoseconds.
        user_ns: u64,
        /// The same in the kernel.
        system_ns: u64,
        /// Memory of the process that is in use, in bytes.
        resident_bytes: u64,
        /// The most that it ever was.
        peak_bytes: u64,
        /// Threads of the process.
        threads: u32,
        /// Of these, workers of this system.
        workers: u32,
        /// Processors that the process may use.
        cpus: u32,
        /// NUMA nodes that these are of.
        nodes: u32,
        /// Thousandths of a processor that it can have: `cpus`, or its control group's quota.
        capacity_permille: u32,
        /// Of these, the system's share, in thousandths.
        share_permille: u32,
    }
}

mirror! {
    /// What one worker did since it began, and where.
    WorkerStats of ac_worker_stats {
        /// The processor that it is bound to, plus one; 0 is none.
        cpu: u32,
        /// The NUMA node that its processors are of, plus one; 0 is several, or not known.
        node: u32,
        /// 1 for a thread of the library's, 0 for one that is lent.
        is_own: u32,
        /// Processor time of its thread, in nanoseconds; 0 for a lent one that may change threads.
        cpu_ns: u64,
        /// Time in handlers, looking for work, or spinning.
        busy_ns: u64,
        /// Time asleep.
        parked_ns: u64,
        /// Turns.
        turns: u64,
        /// Activations begun.
        activations: u64,
        /// Messages handled.
        handled: u64,
        /// Activations and queue entries that it took from others.
        stolen: u64,
        /// How often it went to sleep without work.
        parks: u64,
    }
}

impl WorkerStats {
    /// How much of its time it was busy, 0 to 1.
    pub fn utilization(&self) -> f64 {
        self.busy_ns as f64 / ((self.busy_ns + self.parked_ns).max(1)) as f64
    }
}
