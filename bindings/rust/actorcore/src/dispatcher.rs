//! What runs actors: the library's threads, threads of yours, or your calls.

use std::time::Duration;

use actorcore_sys::{self as sys, DispatcherMode};

use crate::error::{control, Result};
use crate::placement::Placement;
use crate::system::System;
use crate::text;
use crate::worker::{Movable, Pinned, Worker};

/// What runs a set of actors. A value; it lives as long as its system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dispatcher {
    raw: sys::ac_dispatcher,
    mode: DispatcherMode,
}

impl Dispatcher {
    pub(crate) const fn raw(self) -> sys::ac_dispatcher {
        self.raw
    }

    pub(crate) fn is_lent(self) -> bool {
        self.mode == DispatcherMode::ATTACHED
    }

    /// How it runs handlers.
    pub const fn mode(self) -> DispatcherMode {
        self.mode
    }

    /// Lends a thread, now this one, later whichever has the worker.
    pub fn attach(self) -> Result<Worker<Movable>> {
        Worker::attach(self, 0)
    }

    /// Lends this very thread: calls that wait are then refused inside its handlers.
    pub fn attach_pinned(self) -> Result<Worker<Pinned>> {
        Worker::attach(self, sys::AC_ATTACH_PINNED)
    }
}

/// Makes a [`Dispatcher`]; see [`System::dispatcher`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct DispatcherBuilder<'a> {
    system: &'a System,
    mode: DispatcherMode,
    workers: u32,
    throughput: u32,
    spin_ns: u64,
    name: &'a str,
    placement: Placement<'a>,
}

impl<'a> DispatcherBuilder<'a> {
    pub(crate) fn new(system: &'a System, mode: DispatcherMode) -> DispatcherBuilder<'a> {
        let placement = Placement::new();
        DispatcherBuilder {
            system,
            mode,
            workers: 0,
            throughput: 0,
            spin_ns: 0,
            name: "",
            placement,
        }
    }

    /// Threads of its own, one a core when not given; else the most workers that may attach, 64
    /// when not given.
    pub fn workers(mut self, workers: u32) -> Self {
        self.workers = workers;
        self
    }

    /// Most messages of one actor in one activation.
    pub fn throughput(mut self, throughput: u32) -> Self {
        self.throughput = throughput;
        self
    }

    /// How long a worker without work spins before it parks; zero parks at once.
    pub fn spin(mut self, spin: Duration) -> Self {
        self.spin_ns = spin_of(spin);
        self
    }

    /// Names its threads.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    /// Says where its threads run, and how urgently.
    pub fn placed(mut self, placement: Placement<'a>) -> Self {
        self.placement = placement;
        self
    }

    /// Makes it.
    pub fn build(self) -> Result<Dispatcher> {
        let options = sys::ac_dispatcher_options {
            mode: self.mode.0,
            workers: self.workers,
            throughput: self.throughput,
            spin_ns: self.spin_ns,
            name: text::of(self.name),
            cpus: self.placement.cpus.raw(),
            node: self.placement.node,
            priority: self.placement.priority,
            fairness: self.placement.fairness,
            flags: self.placement.flags,
            ..sys::ac_dispatcher_options::new()
        };
        let mut raw = sys::ac_dispatcher { bits: 0 };
        let system = self.system.raw();
        control(|error| unsafe { sys::ac_dispatcher_create(system, &options, &mut raw, error) })?;
        Ok(Dispatcher { raw, mode: self.mode })
    }
}

/// Zero is the ABI's default, and parking at once a number of its own.
pub(crate) fn spin_of(spin: Duration) -> u64 {
    if spin.is_zero() {
        sys::AC_SPIN_NONE
    } else {
        text::nanoseconds(spin)
    }
}
