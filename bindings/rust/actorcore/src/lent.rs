//! Actors on ATTACHED dispatchers, whose turns a lent thread takes itself: nothing but an actor's
//! word leads to its code.
//!
//! Threads: the functions here run on the worker's thread.
//! Invariants: an actor's box is dropped once, at its STOPPED, which such an actor always gets. It
//! always gets its RESTARTED too: `below` is empty from then on.

use actorcore_sys::{self as sys, Status};

use crate::actor::Actor;
use crate::behavior::{contain, run, run_unmade, Handles};
use crate::error::{Error, Result};

/// Runs one activation of a turn.
pub(crate) type Run = unsafe fn(*mut Lent, *mut sys::ac_turn, *mut sys::ac_activation);

/// As many as the library lets lie on top of each other.
const STACKED_MAX: usize = 64;

#[repr(C)]
pub(crate) struct Lent {
    pub(crate) run: Run,
    /// What it has been before; the first is what it was spawned with.
    below: Vec<Run>,
    wants_stopped: bool,
}

#[repr(C)]
struct LentActor<A> {
    head: Lent,
    actor: A,
}

/// An actor in its box, as its word.
pub(crate) fn boxed<A: Actor>(actor: A, wants_stopped: bool) -> usize {
    let head = Lent { run: run_of(A::handle), below: Vec::new(), wants_stopped };
    Box::into_raw(Box::new(LentActor { head, actor })) as usize
}

/// The word of a routee that was not made.
pub(crate) fn unmade<A: Actor>() -> usize {
    let head = Lent { run: run_unmade_lent::<A>, below: Vec::new(), wants_stopped: false };
    Box::into_raw(Box::new(head)) as usize
}

pub(crate) fn run_of<A: Actor, H: Handles<A>>(_: H) -> Run {
    run_lent::<A, H>
}

impl Lent {
    /// As `ac_worker_become`.
    pub(crate) fn push(&mut self, run: Run, replaces: bool) -> Result<()> {
        if !replaces || self.below.is_empty() {
            if self.below.len() == STACKED_MAX {
                return Err(Status::E_LIMIT.into());
            }
            self.below.push(self.run);
        }
        self.run = run;
        Ok(())
    }

    /// As `ac_worker_unbecome`.
    pub(crate) fn pop(&mut self) -> Result<()> {
        self.run = self.below.pop().ok_or(Error::from(Status::E_NOT_FOUND))?;
        Ok(())
    }
}

unsafe fn run_lent<A: Actor, H: Handles<A>>(
    lent: *mut Lent,
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
) {
    unsafe {
        let (messages, count) = ((*activation).messages, (*activation).count);
        if (**messages).type_ == sys::AC_TYPE_RESTARTED {
            if let Some(first) = (*lent).below.drain(..).next() {
                (*lent).run = first;
                return first(lent, turn, activation);
            }
        }
        let last = *messages.add(count as usize - 1);
        let ends = (*last).type_ == sys::AC_TYPE_STOPPED;
        let is_killed = (*activation).flags & sys::AC_ACTIVATION_KILLED != 0;
        let whole = lent.cast::<LentActor<A>>();
        let untold = ends && (is_killed || !(*whole).head.wants_stopped);
        run::<A, H>(&raw mut (*whole).actor, turn, activation, count - u32::from(untold));
        if ends {
            drop_lent::<A>(lent);
        }
    }
}

unsafe fn run_unmade_lent<A: Actor>(
    lent: *mut Lent,
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
) {
    unsafe {
        let last = *(*activation).messages.add((*activation).count as usize - 1);
        let ends = (*last).type_ == sys::AC_TYPE_STOPPED;
        run_unmade::<A>(turn, activation);
        if ends {
            drop(Box::from_raw(lent));
        }
    }
}

pub(crate) unsafe fn drop_lent<A: Actor>(lent: *mut Lent) {
    contain(|| drop(unsafe { Box::from_raw(lent.cast::<LentActor<A>>()) }));
}
