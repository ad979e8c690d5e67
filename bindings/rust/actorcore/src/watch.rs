//! Watches and links: who is told of an actor's end, and who fails with it.
//!
//! Threads: any; all of it works inside handlers too.
//! Invariants: watches and links survive a restart on both sides and end with either actor.

use actorcore_sys::{self as sys, Status};

use crate::actor::ActorId;
use crate::context::Context;
use crate::error::{check, Result};
use crate::system::System;

/// The end of a watched or a linked actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Who has ended.
    pub actor: ActorId,
    /// `AC_OK`: it stopped. `AC_E_FAILED`: by a failure, its own or a linked actor's.
    /// `AC_E_STOPPED`: with the system. `AC_E_STALE`: before it was watched.
    pub status: Status,
}

impl Ended {
    pub(crate) fn new(raw: sys::ac_ended) -> Ended {
        Ended { actor: ActorId::from_raw(raw.actor), status: Status(raw.status) }
    }
}

impl System {
    /// Has `watcher` get [`Event::Terminated`](crate::Event::Terminated) when `target` ends, once;
    /// at once when it has ended before. Watching twice is watching once.
    pub fn watch(&self, watcher: impl Into<ActorId>, target: impl Into<ActorId>) -> Result<()> {
        let (watcher, target) = (watcher.into().raw(), target.into().raw());
        check(unsafe { sys::ac_actor_watch(self.raw(), watcher, target) })
    }

    /// Ends a watch. An [`Event::Terminated`](crate::Event::Terminated) that was sent before may
    /// still come. `AC_E_NOT_FOUND`: there was none.
    pub fn unwatch(&self, watcher: impl Into<ActorId>, target: impl Into<ActorId>) -> Result<()> {
        let (watcher, target) = (watcher.into().raw(), target.into().raw());
        check(unsafe { sys::ac_actor_unwatch(self.raw(), watcher, target) })
    }

    /// Links two actors: when one ends by a failure the other fails too, unless it was spawned with
    /// [`Spawn::trap_exit`](crate::Spawn::trap_exit) and gets [`Event::Exit`](crate::Event::Exit)
    /// of any end instead. `AC_E_STALE`: one of them has ended. Linking twice is linking once.
    pub fn link(&self, one: impl Into<ActorId>, other: impl Into<ActorId>) -> Result<()> {
        let (one, other) = (one.into().raw(), other.into().raw());
        check(unsafe { sys::ac_actor_link(self.raw(), one, other) })
    }

    /// Ends a link. `AC_E_NOT_FOUND`: there was none.
    pub fn unlink(&self, one: impl Into<ActorId>, other: impl Into<ActorId>) -> Result<()> {
        let (one, other) = (one.into().raw(), other.into().raw());
        check(unsafe { sys::ac_actor_unlink(self.raw(), one, other) })
    }
}

impl Context<'_> {
    /// Has this actor told of another's end; see [`System::watch`].
    pub fn watch(&mut self, target: impl Into<ActorId>) -> Result<()> {
        self.system().watch(self.me(), target)
    }

    /// Ends that; see [`System::unwatch`].
    pub fn unwatch(&mut self, target: impl Into<ActorId>) -> Result<()> {
        self.system().unwatch(self.me(), target)
    }

    /// Links this actor with another; see [`System::link`].
    pub fn link(&mut self, other: impl Into<ActorId>) -> Result<()> {
        self.system().link(self.me(), other)
    }

    /// Ends that; see [`System::unlink`].
    pub fn unlink(&mut self, other: impl Into<ActorId>) -> Result<()> {
        self.system().unlink(self.me(), other)
    }
}
