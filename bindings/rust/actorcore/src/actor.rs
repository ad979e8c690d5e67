//! Actors and their addresses.
//!
//! Threads: an actor's methods run on one thread at a time, so it is `Send` and need not be `Sync`;
//! addresses are values.
//! Cost: spawning boxes the actor once; nothing else is allocated here.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use actorcore_sys as sys;

use crate::behavior::behavior_of;
use crate::context::Context;
use crate::dispatcher::Dispatcher;
use crate::error::{Failure, Result};
use crate::event::Event;
use crate::mailbox::{Mailbox, RawMailbox};
use crate::message::{Message, Plain};
use crate::supervision::Supervision;
use crate::text;

/// What has a mailbox and handles one message at a time.
///
/// An `Err` or a panic fails the message in hand and is recorded with the actor's type; its
/// supervisor decides what follows ([`Supervision`]), and without one the actor stops. The process
/// goes on. Whatever ends it, it is dropped exactly once.
///
/// # Restarts
/// A restarted actor is the same object: its id, mailbox, watches and links stay, its stash is put
/// back, its timers end unless they are [kept](crate::Timing::kept_on_restart), and it is what it
/// was spawned as. What its fields are to be again only it can know, so it makes them anew where it
/// gets [`Event::Restarted`], before any other message; a failure may have left them half changed.
///
/// ```
/// # use actorcore::{messages, Actor, Context, Event, Failure};
/// # messages! { struct Add(u64) = 1; }
/// # #[derive(Default)]
/// # struct Counter(u64);
/// impl Actor for Counter {
///     type Msg = Add;
/// #
/// #   fn handle(&mut self, _: &mut Context<'_>, Add(amount): Add) -> Result<(), Failure> {
/// #       self.0 += amount;
/// #       Ok(())
/// #   }
///
///     fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
///         match event {
///             Event::Restarted => *self = Counter::default(),
///             event => return event.unhandled(),
///         }
///         Ok(())
///     }
///     // ...
/// }
/// ```
pub trait Actor: Sized + Send + 'static {
    /// What it understands.
    type Msg: Message;

    /// Handles one message.
    fn handle(&mut self, context: &mut Context<'_>, message: Self::Msg) -> Result<(), Failure>;

    /// Handles what is not a message of its own: replies to what it asked, its start, restart and
    /// end, failures of those it supervises, ends of those it watches, questions to a subsystem,
    /// and messages that are not of its type.
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
    supervision: Supervision,
    children: Supervision,
    stash_max: u32,
    flags: u32,
    mailbox: Option<&'a Mailbox>,
}

impl<'a> Spawn<'a> {
    /// The default.
    pub const fn new() -> Spawn<'a> {
        let policy = Supervision { raw: sys::ac_supervision::new() };
        Spawn {
            name: "",
            dispatcher: None,
            supervisor: None,
            supervision: policy,
            children: policy,
            stash_max: 0,
            flags: 0,
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

    /// Whose child it is: whose policy says what its failure leads to, and who stops after it.
    pub const fn supervisor(mut self, supervisor: ActorId) -> Spawn<'a> {
        self.supervisor = Some(supervisor);
        self
    }

    /// What its failure leads to, instead of what its supervisor's [`children`](Self::children)
    /// say.
    pub const fn supervision(mut self, policy: Supervision) -> Spawn<'a> {
        self.supervision = policy;
        self
    }

    /// What the failures of its children lead to; when not given they stop, and it gets
    /// [`Event::Failed`].
    pub const fn children(mut self, policy: Supervision) -> Spawn<'a> {
        self.children = policy;
        self
    }

    /// A restart leaves its children alone; otherwise it stops them.
    pub const fn keep_children(self) -> Spawn<'a> {
        self.with(sys::AC_SPAWN_KEEP_CHILDREN)
    }

    /// It gets [`Event::Exit`] of those that it is linked to, and does not fail with them.
    pub const fn trap_exit(self) -> Spawn<'a> {
        self.with(sys::AC_SPAWN_TRAP_EXIT)
    }

    /// The most messages that it may [`stash`](Context::stash); 1,024 when not given.
    pub const fn stash_max(mut self, messages: u32) -> Spawn<'a> {
        self.stash_max = messages;
        self
    }

    /// It gets [`Event::Started`] before anything else.
    pub const fn started(self) -> Spawn<'a> {
        self.with(sys::AC_SPAWN_STARTED)
    }

    /// It gets [`Event::Restarting`] before a restart. [`Event::Restarted`], after it, needs no
    /// asking for.
    pub const fn restarting(self) -> Spawn<'a> {
        self.with(sys::AC_SPAWN_RESTARTING)
    }

    /// It gets [`Event::Stopping`] when a stop begins, before its children do.
    pub const fn stopping(self) -> Spawn<'a> {
        self.with(sys::AC_SPAWN_STOPPING)
    }

    /// It gets [`Event::Stopped`] after everything else, where it can still send.
    pub const fn stopped(self) -> Spawn<'a> {
        self.with(sys::AC_SPAWN_STOPPED)
    }

    /// Its mailbox.
    pub const fn mailbox(mut self, mailbox: &'a Mailbox) -> Spawn<'a> {
        self.mailbox = Some(mailbox);
        self
    }

    const fn with(mut self, flag: u32) -> Spawn<'a> {
        self.flags |= flag;
        self
    }

    pub(crate) fn raw_mailbox(&self) -> RawMailbox {
        self.mailbox.map_or(RawMailbox::NONE, Mailbox::raw)
    }

    pub(crate) fn is_lent(&self) -> bool {
        self.dispatcher.is_some_and(|dispatcher| dispatcher.is_lent())
    }

    pub(crate) fn wants_stopped(&self) -> bool {
        self.flags & sys::AC_SPAWN_STOPPED != 0
    }

    /// The options, but for the word. A lent thread learns of an actor's end from its last message.
    pub(crate) fn raw<A: Actor>(
        &self,
        system: sys::ac_system,
        mailbox: &RawMailbox,
    ) -> Result<sys::ac_spawn_options> {
        // A restart is nothing to be missed, and being told of it costs nothing.
        let always = sys::AC_SPAWN_RESTARTED;
        let (behavior, needed) = if self.is_lent() {
            (sys::ac_behavior { bits: 0 }, sys::AC_SPAWN_STOPPED)
        } else {
            (behavior_of(system, A::handle)?, 0)
        };
        Ok(sys::ac_spawn_options {
            flags: self.flags | always | needed,
            behavior,
            dispatcher: self.dispatcher.map(Dispatcher::raw).unwrap_or_default(),
            supervisor: self.supervisor.map(ActorId::raw).unwrap_or_default(),
            name: text::of(self.name),
            supervision: self.supervision.raw,
            children: self.children.raw,
            stash_max: self.stash_max,
            mailbox: mailbox.options(),
            ..sys::ac_spawn_options::new()
        })
    }
}

/// `Counter` for `game::rules::Counter`; parameters are left as they are.
pub(crate) fn short_name<T>() -> &'static str {
    let full = std::any::type_name::<T>();
    let path = &full[..full.find('<').unwrap_or(full.len())];
    &full[path.rfind("::").map_or(0, |at| at + 2)..]
}
