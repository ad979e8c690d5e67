//! What reaches an actor beside its own messages.

use std::fmt;
use std::mem::size_of;

use actorcore_sys::{self as sys, Status};

use crate::bus::Published;
use crate::context::Correlation;
use crate::entity::EntityId;
use crate::error::{check, Error, Failure, Result};
use crate::ledger::DeadLetters;
use crate::mailbox::Pressure;
use crate::message::{Letter, Message};
use crate::names::Registration;
use crate::phases::Phase;
use crate::queue::Work;
use crate::snapshot::Snapshot;
use crate::subsystem::Query;
use crate::supervision::Failed;
use crate::system::System;
use crate::timer::is_timers;
use crate::watch::Ended;
use crate::watchdog::WatchdogReport;

/// What reaches an actor beside its own messages.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'m> {
    /// The first of all, for those spawned with [`Spawn::started`](crate::Spawn::started).
    Started,
    /// A restart begins, for those spawned with [`Spawn::restarting`](crate::Spawn::restarting):
    /// the state is still the one that failed, and the children are still there.
    Restarting,
    /// The first after a restart, once the children have ended and the wait is over: the place to
    /// make the state anew.
    Restarted,
    /// A stop begins, for those spawned with [`Spawn::stopping`](crate::Spawn::stopping): the
    /// children are still there, and the mailbox takes nothing more.
    Stopping,
    /// The last of all, for those spawned with [`Spawn::stopped`](crate::Spawn::stopped).
    Stopped,
    /// How a question of this actor ended.
    Reply(Reply<'m>),
    /// An actor that this one supervises has failed: it stops, or with
    /// [`Strategy::Decide`](crate::Strategy::Decide) it waits for a
    /// [decision](crate::Context::decide).
    Failed(Failed),
    /// An actor that this one [watches](crate::Context::watch) has ended.
    Terminated(Ended),
    /// An actor that this one is [linked](crate::Context::link) to has ended, for those spawned
    /// with [`Spawn::trap_exit`](crate::Spawn::trap_exit).
    Exit(Ended),
    /// The mailbox of an actor that this one sends to has filled, or drained again.
    Pressure(Pressure),
    /// This actor is a subsystem, and its output for an entity is asked.
    Contribute(Query),
    /// How an asynchronous resolve ended.
    Resolved(Resolved),
    /// A batch is due: [`Batcher::try_take`](crate::Batcher::try_take) it. The word is the
    /// batcher's.
    Batch(u64),
    /// Something that this actor subscribed to was published.
    Published(Published<'m>),
    /// An item of a queue that this actor joined.
    Work(Work<'m>),
    /// The actor had no message for as long as
    /// [`Context::set_receive_timeout`](crate::Context::set_receive_timeout) said.
    Timeout,
    /// A name that [`System::subscribe_names`](crate::System::subscribe_names) asked for is there.
    Registered(Registration),
    /// Such a name is gone.
    Unregistered(Registration),
    /// Dead letters, after [`System::subscribe_dead_letters`](crate::System::subscribe_dead_letters).
    DeadLetters(DeadLetters),
    /// A phase of the stop has come that this actor joined.
    Phase(Phase),
    /// The watchdog that reports to this actor found something stuck.
    Watchdog(WatchdogReport),
    /// Not of the actor's `Msg`: an unknown number, or a length that it does not have.
    Unknown(Letter<'m>),
}

impl<'m> Event<'m> {
    pub(crate) fn of(letter: Letter<'m>, system: &System) -> Event<'m> {
        let kind = letter.kind();
        let event = match kind {
            sys::AC_TYPE_STARTED => Some(Event::Started),
            sys::AC_TYPE_STOPPED => Some(Event::Stopped),
            sys::AC_TYPE_RESTARTING => Some(Event::Restarting),
            sys::AC_TYPE_RESTARTED => Some(Event::Restarted),
            sys::AC_TYPE_STOPPING => Some(Event::Stopping),
            sys::AC_TYPE_FAILED => {
                payload(&letter).map(|raw| Event::Failed(Failed::new(raw, system)))
            }
            sys::AC_TYPE_TERMINATED => {
                payload(&letter).map(|raw| Event::Terminated(Ended::new(raw)))
            }
            sys::AC_TYPE_EXIT => payload(&letter).map(|raw| Event::Exit(Ended::new(raw))),
            sys::AC_TYPE_PRESSURE => {
                payload(&letter).map(|raw| Event::Pressure(Pressure::new(raw)))
            }
            sys::AC_TYPE_CONTRIBUTE => {
                payload(&letter).map(|raw| Event::Contribute(unsafe { Query::new(&raw) }))
            }
            sys::AC_TYPE_RESOLVED => {
                payload(&letter).map(|raw| Event::Resolved(Resolved::new(&letter, raw)))
            }
            sys::AC_TYPE_BATCH => payload(&letter).map(Event::Batch),
            sys::AC_TYPE_EVENT => {
                payload(&letter).map(|head| Event::Published(Published::new(letter, head)))
            }
            sys::AC_TYPE_WORK => payload(&letter).map(|head| Event::Work(Work::new(letter, head))),
            sys::AC_TYPE_REGISTERED => {
                payload_cut(&letter).map(|raw| Event::Registered(Registration::new(&raw)))
            }
            sys::AC_TYPE_UNREGISTERED => {
                payload_cut(&letter).map(|raw| Event::Unregistered(Registration::new(&raw)))
            }
            sys::AC_TYPE_DEAD_LETTER => {
                payload_cut(&letter).map(|raw| Event::DeadLetters(DeadLetters::new(&raw)))
            }
            sys::AC_TYPE_PHASE => payload_cut(&letter).map(|raw| Event::Phase(Phase::new(&raw))),
            sys::AC_TYPE_WATCHDOG => {
                payload(&letter).map(|raw| Event::Watchdog(WatchdogReport::new(&raw)))
            }
            sys::AC_TYPE_ASK_FAILED => Some(Event::Reply(Reply(letter))),
            sys::AC_TYPE_TIMEOUT => Some(Event::Timeout),
            _ if is_timers(letter.correlation()) => None,
            _ if letter.correlation() & sys::AC_CORRELATION_REPLY != 0 => {
                Some(Event::Reply(Reply(letter)))
            }
            _ => None,
        };
        event.unwrap_or(Event::Unknown(letter))
    }

    /// What an actor does that does not care: an unknown message is a failure, a subsystem's
    /// question is answered as failed, anything else is let go.
    pub fn unhandled(self) -> Result<(), Failure> {
        match self {
            Event::Unknown(letter) => {
                let (kind, size) = (letter.kind(), letter.len());
                Err(Failure::new(format_args!(
                    "understands no message of number {kind} with {size} bytes"
                )))
            }
            _ => Ok(()),
        }
    }
}

/// A payload of the library's.
fn payload<T: Copy>(letter: &Letter<'_>) -> Option<T> {
    let bytes = letter.payload();
    (bytes.len() >= size_of::<T>()).then(|| unsafe { bytes.as_ptr().cast::<T>().read_unaligned() })
}

/// A payload of the library's that ends behind what it uses; the rest is zero.
fn payload_cut<T: Copy>(letter: &Letter<'_>) -> Option<T> {
    let bytes = letter.payload();
    let size = bytes.len().min(size_of::<T>());
    let mut whole = std::mem::MaybeUninit::<T>::zeroed();
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), whole.as_mut_ptr().cast::<u8>(), size);
        Some(whole.assume_init())
    }
}

/// How a question ended: with an answer, or without one.
#[derive(Clone, Copy)]
pub struct Reply<'m>(Letter<'m>);

impl<'m> Reply<'m> {
    /// The question's, as [`Context::ask`](crate::Context::ask) gave it.
    pub fn correlation(&self) -> Correlation {
        Correlation::new(self.0.correlation())
    }

    /// The answer; otherwise `AC_E_TIMEOUT`, `AC_E_NO_REPLY`, `AC_E_FAILED`, `AC_E_STALE` or
    /// `AC_E_STOPPED`.
    pub fn letter(&self) -> Result<Letter<'m>> {
        if self.0.kind() != sys::AC_TYPE_ASK_FAILED {
            return Ok(self.0);
        }
        let failed: Option<sys::ac_ask_failed> = payload(&self.0);
        Err(Error::from(Status(failed.map_or(sys::AC_E_INTERNAL, |failed| failed.status))))
    }

    /// The answer as a message.
    pub fn read<M: Message>(&self) -> Result<M> {
        self.letter()?.read()
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Reply({:?}, {:?})", self.correlation(), self.letter())
    }
}

/// The end of one entity's asynchronous resolve.
#[derive(Debug)]
pub struct Resolved {
    /// As it was given.
    pub correlation: Correlation,
    /// Which of those it was given.
    pub entity: EntityId,
    /// The snapshot.
    pub result: Result<Snapshot>,
}

impl Resolved {
    fn new(letter: &Letter<'_>, raw: sys::ac_resolved) -> Resolved {
        Resolved {
            correlation: Correlation::new(letter.correlation()),
            entity: EntityId::from_raw(raw.entity),
            result: check(raw.status).map(|()| unsafe { Snapshot::owned(raw.snapshot) }),
        }
    }
}
