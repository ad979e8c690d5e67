//! The stash: messages that an actor sets aside until it can handle them.
//!
//! Threads: the handler's.
//! Invariants: a stashed message is in the ledger's `stashed`; it comes back with
//! [`Context::unstash`] or a restart, or is a dead letter when its actor ends.
//! Cost: a call into the library each; nothing is copied.

use actorcore_sys::{self as sys, Status};

use crate::context::Context;
use crate::error::{check, Error, Result};

impl Context<'_> {
    /// Sets the message in hand aside, as it arrived: it is not handled now. `AC_E_FULL`: as many
    /// as [`Spawn::stash_max`](crate::Spawn::stash_max) allows are there, and this one is still in
    /// hand. `AC_E_INVALID_ARGUMENT`: it was stashed before, or tells of the actor's own life.
    ///
    /// A [`Parcel`](crate::Parcel) has left its message when the handler gets it: put it
    /// [back](crate::Parcel::put_back) first.
    pub fn stash(&mut self) -> Result<()> {
        // What these hand over goes with the event that a handler has got.
        if matches!(self.letter().kind(), sys::AC_TYPE_RESOLVED | sys::AC_TYPE_CONTRIBUTE) {
            return Err(not_to_be_stashed());
        }
        check(unsafe { sys::ac_worker_stash(self.worker(), self.index(), self.at()) })
    }

    /// Puts the oldest of the stash back, at most so many: they come next, in order, before all
    /// that is still to be handled.
    pub fn unstash(&mut self, most: u64) -> Result<()> {
        if most == 0 {
            return Ok(());
        }
        self.put_stash_back(most)
    }

    /// Puts all of the stash back; see [`unstash`](Self::unstash).
    pub fn unstash_all(&mut self) -> Result<()> {
        self.put_stash_back(0)
    }

    fn put_stash_back(&mut self, most: u64) -> Result<()> {
        check(unsafe { sys::ac_worker_unstash(self.worker(), self.index(), most) })?;
        self.give_rest_back();
        Ok(())
    }
}

#[cold]
fn not_to_be_stashed() -> Error {
    let told = "what this message hands over is the handler's already; keep the event's value in \
                the actor instead";
    Error::new(Status::E_UNSUPPORTED, told)
}
