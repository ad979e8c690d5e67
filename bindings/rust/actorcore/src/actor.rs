//! Actors and their addresses.
//!
//! Threads: an actor's methods run on one thread at a time, so it is `Send` and need not be `Sync`;
//! addresses are values.
//! Cost: spawning boxes the actor once; nothing else is allocated here.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use actorcore_sys as sys;

use crate::context::Context;
use crate::dispatcher::Dispatcher;
use crate::error::Failure;
use crate::event::Event;
use crate::mailbox::Mailbox;
use crate::message::{Message, Plain};
use crate::text;

/// What has a mailbox and handles one message at a time.
///
/// An `Err` or a panic stops the actor and is recorded with its type's name; the process goes on.
/// Whatever ends it, it is dropped exactly once.
pub trait Actor: Sized + Send + 'static {
    /// What it understands.
    type Msg: Message;

    /// Handles one message.
    fn handle(&mut self, context: &mut Context<'_>, message: Self::Msg) -> Result<(), Failure>;

    /// Handles what is not a message of its own: replies to what it asked, its start and its end,
    /// failures of those it supervises, questions to a subsystem, and messages that are not of its
    /// type.
    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let _ = context;
        event.unhandled()
    }
}

/// An actor's id: a value that never comes back once the actor has ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct ActorId(u64);

impl ActorId {
    pub(crate) const fn from_raw(raw: sys::ac_actor) -> ActorId {
        ActorId(raw.bits)
    }

    pub(crate) const fn raw(self) -> sys::ac_actor {
        sys::ac_actor { bits: self.0 }
    }

    /// Its number in the ABI.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// From its number in the ABI; one that is no actor's is refused when it is used.
    pub const fn from_bits(bits: u64) -> ActorId {
        ActorId(bits)
    }
}

impl fmt::Debug for ActorId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ActorId({:#x})", self.0)
    }
}

/// An actor's id, and what it understands. Any id becomes one, for ids that came in a message.
#[repr(transparent)]
pub struct Address<M> {
    id: ActorId,
    understands: PhantomData<fn(M)>,
}

unsafe impl<M: 'static> Plain for Address<M> {}

impl<M> Address<M> {
    /// Its id.
    pub const fn id(self) -> ActorId {
        self.id
    }
}

impl<M> From<ActorId> for Address<M> {
    #[inline(always)]
    fn from(id: ActorId) -> Address<M> {
        Address { id, understands: PhantomData }
    }
}

impl<M> From<Address<M>> for ActorId {
    fn from(address: Address<M>) -> ActorId {
        address.id
    }
}

impl<M> Clone for Address<M> {
    fn clone(&self) -> Address<M> {
        *self
    }
}

impl<M> Copy for Address<M> {}

impl<M> PartialEq for Address<M> {
    fn eq(&self, other: &Address<M>) -> bool {
        self.id == other.id
    }
}

impl<M> Eq for Address<M> {}

impl<M> Hash for Address<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl<M> fmt::Debug for Address<M> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Address<{}>({:#x})", short_name::<M>(), self.id.0)
    }
}

/// How actors are made; the default is an unnamed one on the system's own dispatcher.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spawn<'a> {
    name: &'a str,
    pub(crate) dispatcher: Option<Dispatcher>,
    supervisor: Option<ActorId>,
    started: bool,
    pub(crate) stopped: bool,
    mailbox: Option<&'a Mailbox>,
}

impl<'a> Spawn<'a> {
    /// The default.
    pub const fn new() -> Spawn<'a> {
        Spawn {
            name: "",
            dispatcher: None,
            supervisor: None,
            started: false,
            stopped: false,
            mailbox: None,
        }
    }

    /// A name that is unique in the system, at most 255 bytes.
    pub const fn name(mut self, name: &'a str) -> Spawn<'a> {
        self.name = name;
        self
    }

    /// What runs it.
    pub const fn on(mut self, dispatcher: Dispatcher) -> Spawn<'a> {
        self.dispatcher = Some(dispatcher);
        self
    }

    /// Whose child it is: who gets [`Event::Failed`] when it fails, and whose end is its own.
    pub const fn supervisor(mut self, supervisor: ActorId) -> Spawn<'a> {
        self.supervisor = Some(supervisor);
        self
    }

    /// It gets [`Event::Started`] before anything else.
    pub const fn started(mut self) -> Spawn<'a> {
        self.started = true;
        self
    }

    /// It gets [`Event::Stopped`] after everything else, where it can still send.
    pub const fn stopped(mut self) -> Spawn<'a> {
        self.stopped = true;
        self
    }

    /// Its mailbox.
    pub const fn mailbox(mut self, mailbox: &'a Mailbox) -> Spawn<'a> {
        self.mailbox = Some(mailbox);
        self
    }

    pub(crate) fn raw_mailbox(&self) -> Option<sys::ac_mailbox_options> {
        self.mailbox.map(Mailbox::raw)
    }

    pub(crate) fn is_lent(&self) -> bool {
        self.dispatcher.is_some_and(|dispatcher| dispatcher.is_lent())
    }

    /// The options, but for the word. A lent thread learns of an actor's end from its last message.
    pub(crate) fn raw(
        &self,
        behavior: sys::ac_behavior,
        mailbox: &Option<sys::ac_mailbox_options>,
    ) -> sys::ac_spawn_options {
        let stopped = self.stopped || self.is_lent();
        sys::ac_spawn_options {
            flags: if self.started { sys::AC_SPAWN_STARTED } else { 0 }
                | if stopped { sys::AC_SPAWN_STOPPED } else { 0 },
            behavior,
            dispatcher: self.dispatcher.map(Dispatcher::raw).unwrap_or_default(),
            supervisor: self.supervisor.map(ActorId::raw).unwrap_or_default(),
            name: text::of(self.name),
            mailbox: mailbox.as_ref().map_or(std::ptr::null(), std::ptr::from_ref),
            ..sys::ac_spawn_options::new()
        }
    }
}

/// `Counter` for `game::rules::Counter`; parameters are left as they are.
pub(crate) fn short_name<T>() -> &'static str {
    let full = std::any::type_name::<T>();
    let path = &full[..full.find('<').unwrap_or(full.len())];
    &full[path.rfind("::").map_or(0, |at| at + 2)..]
}
