//! A thread's place in a dispatcher that has none of its own.
//!
//! Threads: one caller at a time. A `Worker` is `Send` and not `Sync`; a pinned one is not `Send`
//! either, which is what pinning promises to the library.
//!
//! ```compile_fail
//! fn sync<T: Sync>() {}
//! sync::<actorcore::Worker>();
//! ```
//!
//! ```compile_fail
//! fn send<T: Send>() {}
//! send::<actorcore::Worker<actorcore::Pinned>>();
//! ```

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actorcore_sys::{self as sys, DispatcherMode, Status};

use crate::dispatcher::Dispatcher;
use crate::error::{check, control, Result};
use crate::lent::Lent;
use crate::text;

/// A worker that may change threads between turns.
#[derive(Debug)]
pub struct Movable(PhantomData<Cell<()>>);

/// A worker that stays on the thread that made it.
#[derive(Debug)]
pub struct Pinned(PhantomData<*const ()>);

/// A lent thread's place in an attached or a caller-stepped dispatcher.
#[derive(Debug)]
pub struct Worker<Place = Movable> {
    raw: sys::ac_worker,
    mode: DispatcherMode,
    place: PhantomData<Place>,
}

/// Wakes a worker, from any thread.
#[derive(Clone, Copy, Debug)]
pub struct Waker(sys::ac_worker);

impl Waker {
    /// Ends a [`Worker::turn`] that waits, or else the next one, with no activation.
    pub fn wake(&self) -> Result<()> {
        check(unsafe { sys::ac_worker_wake(self.0) })
    }
}

impl<Place> Worker<Place> {
    pub(crate) fn attach(dispatcher: Dispatcher, flags: u32) -> Result<Worker<Place>> {
        let mut raw = sys::ac_worker { bits: 0 };
        control(|error| unsafe {
            sys::ac_worker_attach(dispatcher.raw(), flags, &mut raw, error)
        })?;
        Ok(Worker { raw, mode: dispatcher.mode(), place: PhantomData })
    }

    /// Runs handlers until the system stops. In a seeded system a caller's worker has nothing to wait
    /// for, and gives `E_TIMEOUT` when nothing is left to do.
    pub fn run(&mut self) -> Result<()> {
        loop {
            let ran = match self.mode {
                DispatcherMode::CALLER => self.step(Duration::MAX, 0).map(drop),
                _ => self.turn(Duration::MAX).map(drop),
            };
            match ran {
                Err(error) if error.status() == Status::E_STOPPED => return Ok(()),
                ran => ran?,
            }
        }
    }

    /// Attached: submits what the last turn sent, waits for the next one and runs its handlers.
    /// Gives how many actors had a go; none after a wake. `AC_E_STOPPED` is the end.
    pub fn turn(&mut self, timeout: Duration) -> Result<usize> {
        let mut turn = std::ptr::null_mut();
        check(unsafe { sys::ac_worker_turn(self.raw, text::nanoseconds(timeout), &mut turn) })?;
        let count = unsafe { (*turn).count };
        let mut ran = 0;
        for index in 0..count {
            let activation = unsafe { (*turn).activations.add(index as usize) };
            if index == 0 || unsafe { claim(activation) } {
                unsafe {
                    let lent = (*activation).user as *mut Lent;
                    ((*lent).run)(lent, turn, activation);
                }
                ran += 1;
            }
        }
        Ok(ran)
    }

    /// Caller-stepped: runs up to `activations` activations, all there are for 0, waiting for the
    /// first one. Gives how many ran.
    pub fn step(&mut self, timeout: Duration, activations: u64) -> Result<u64> {
        let mut ran = 0;
        check(unsafe {
            sys::ac_worker_run(self.raw, text::nanoseconds(timeout), activations, &mut ran)
        })?;
        Ok(ran)
    }

    /// For other threads.
    pub fn waker(&self) -> Waker {
        Waker(self.raw)
    }
}

/// Takes an activation, unless another worker was quicker.
unsafe fn claim(activation: *mut sys::ac_activation) -> bool {
    // Acquire: the messages and the actor as the library, or their last worker, left them. Pairs
    // with the library's release of READY. Release: a thief that fails on CLAIMED sees that this
    // worker has begun.
    let state = unsafe { AtomicU32::from_ptr(&raw mut (*activation).state) };
    let (ready, claimed) = (sys::AC_ACTIVATION_READY, sys::AC_ACTIVATION_CLAIMED);
    state.compare_exchange(ready, claimed, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

impl<Place> Drop for Worker<Place> {
    fn drop(&mut self) {
        unsafe { sys::ac_worker_release(self.raw) };
    }
}
