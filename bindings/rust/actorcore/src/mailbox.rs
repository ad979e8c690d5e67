//! What an actor's mailbox holds, in which order it gives it back, and what becomes of what has no
//! place.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actorcore_sys as sys;

use crate::actor::ActorId;
use crate::behavior::contain;
use crate::error::{check, Result};
use crate::message::Letter;
use crate::system::System;
use crate::text;

use actorcore_sys::{MailboxOrder, Overflow, PressureLevel};

/// An actor's mailbox, for [`Spawn::mailbox`](crate::Spawn::mailbox); the default is unbounded,
/// first in, first out. Messages of the library and replies are never refused or dropped.
#[derive(Clone)]
#[must_use]
pub struct Mailbox {
    raw: sys::ac_mailbox_options,
    types: Vec<sys::ac_mailbox_type>,
    rank: Option<Arc<Number>>,
    key: Option<Arc<Number>>,
    custom: Option<Arc<dyn Fn() -> Box<dyn CustomOrder> + Send + Sync>>,
}

pub(crate) type Number = dyn Fn(&Incoming<'_>) -> u64 + Send + Sync;

/// An order of the program's own, for [`Mailbox::custom`]: it holds a ticket for each message that
/// waits, and says whose turn it is.
///
/// Its methods run under the mailbox's lock, `push` on the sender's thread, so they must not call
/// the library or wait. Where one panics the mailbox is full, or takes the next message itself.
pub trait CustomOrder: Send {
    /// Takes the ticket of a message; false when it is full, and what the mailbox does with a
    /// message too many decides.
    fn push(&mut self, message: &Incoming<'_>, ticket: Ticket) -> bool;

    /// Gives back the ticket of the message that comes next. Without one the mailbox takes any.
    fn pop(&mut self) -> Option<Ticket>;
}

/// Stands for a message that waits in a mailbox. One that is dropped loses no message, only its
/// place in the order.
#[derive(Debug)]
pub struct Ticket(usize);

/// What the library has of a mailbox as long as an actor does.
struct Callbacks {
    rank: Option<Arc<Number>>,
    key: Option<Arc<Number>>,
    custom: Option<Box<dyn CustomOrder>>,
}

/// A message as a mailbox sees it that is about to take it, or a router that is about to give it.
#[derive(Clone, Copy)]
pub struct Incoming<'m>(Letter<'m>);

impl<'m> Incoming<'m> {
    /// Its number.
    pub fn kind(&self) -> u32 {
        self.0.kind()
    }

    /// Who sent it; nobody when it came from outside the handlers.
    pub fn sender(&self) -> Option<ActorId> {
        self.0.sender()
    }

    /// The payload.
    pub fn payload(&self) -> &'m [u8] {
        self.0.payload()
    }
}

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Incoming(number {}, from {:?})", self.kind(), self.sender())
    }
}

unsafe extern "C" fn rank_of(user: usize, message: *const sys::ac_message) -> u64 {
    unsafe { number_of((*(user as *const Callbacks)).rank.as_deref(), message) }
}

unsafe extern "C" fn key_of(user: usize, message: *const sys::ac_message) -> u64 {
    unsafe { number_of((*(user as *const Callbacks)).key.as_deref(), message) }
}

/// What the program's number says of a message; 0 where it panics.
///
/// # Safety
/// The message is one for the length of the call.
pub(crate) unsafe fn number_of(number: Option<&Number>, message: *const sys::ac_message) -> u64 {
    let mut found = 0;
    if let Some(number) = number {
        contain(|| found = number(&Incoming(unsafe { Letter::new(message) })));
    }
    found
}

unsafe extern "C" fn push(user: usize, message: *mut sys::ac_message) -> u32 {
    let mut taken = false;
    if let Some(custom) = unsafe { &mut (*(user as *mut Callbacks)).custom } {
        let incoming = Incoming(unsafe { Letter::new(message) });
        contain(|| taken = custom.push(&incoming, Ticket(message as usize)));
    }
    u32::from(taken)
}

unsafe extern "C" fn pop(user: usize) -> *mut sys::ac_message {
    let mut next = None;
    if let Some(custom) = unsafe { &mut (*(user as *mut Callbacks)).custom } {
        contain(|| next = custom.pop());
    }
    // The library knows what it has given, and takes nothing else.
    next.map_or(std::ptr::null_mut(), |ticket| ticket.0 as *mut sys::ac_message)
}

unsafe extern "C" fn destroy(user: usize) {
    contain(|| drop(unsafe { Box::from_raw(user as *mut Callbacks) }));
}

/// Options for one spawn, which the library has in the end, or who made them.
pub(crate) struct RawMailbox(Option<sys::ac_mailbox_options>);

impl RawMailbox {
    pub(crate) const NONE: RawMailbox = RawMailbox(None);

    pub(crate) fn options(&self) -> *const sys::ac_mailbox_options {
        self.0.as_ref().map_or(std::ptr::null(), std::ptr::from_ref)
    }

    /// Actors have them now.
    pub(crate) fn hand_over(mut self) {
        self.0 = None;
    }
}

impl Drop for RawMailbox {
    fn drop(&mut self) {
        if let Some(sys::ac_mailbox_options { destroy: Some(destroy), user, .. }) = self.0 {
            unsafe { destroy(user) };
        }
    }
}

/// Where a message's rank or key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Its type.
    Type,
    /// A little-endian number of 4 bytes at this offset of its payload.
    U32(u32),
    /// A little-endian number of 8 bytes at this offset of its payload.
    U64(u32),
}

impl Word {
    fn raw(self) -> (u32, u32) {
        match self {
            Word::Type => (sys::AC_MAILBOX_FROM_TYPE, 0),
            Word::U32(offset) => (sys::AC_MAILBOX_FROM_U32, offset),
            Word::U64(offset) => (sys::AC_MAILBOX_FROM_U64, offset),
        }
    }
}

impl Default for Mailbox {
    fn default() -> Mailbox {
        let raw = sys::ac_mailbox_options::new();
        Mailbox { raw, types: Vec::new(), rank: None, key: None, custom: None }
    }
}

impl Mailbox {
    /// The default.
    pub fn new() -> Mailbox {
        Mailbox::default()
    }

    /// The most messages that wait in it, and what becomes of a further one.
    pub fn capacity(mut self, capacity: u64, overflow: Overflow) -> Mailbox {
        self.raw.capacity = capacity;
        self.raw.overflow = overflow.0;
        self
    }

    /// How long a sender outside waits with [`Overflow::BLOCK`]; one second when not given,
    /// `Duration::MAX` has no limit.
    pub fn block(mut self, limit: Duration) -> Mailbox {
        self.raw.block_ns = text::nanoseconds(limit).max(1);
        self
    }

    /// The order in which messages come out; [`MailboxOrder::CUSTOM`] is [`custom`](Self::custom).
    pub fn order(mut self, order: MailboxOrder) -> Mailbox {
        self.raw.order = order.0;
        self
    }

    /// An order of the program's own, [`MailboxOrder::CUSTOM`], made for the actor that is spawned;
    /// many cannot be spawned in one call with it.
    ///
    /// ```
    /// # use actorcore::{CustomOrder, Incoming, Mailbox, Ticket};
    /// #[derive(Default)]
    /// struct LastFirst(Vec<Ticket>);
    ///
    /// impl CustomOrder for LastFirst {
    ///     fn push(&mut self, _: &Incoming<'_>, ticket: Ticket) -> bool {
    ///         self.0.push(ticket);
    ///         true
    ///     }
    ///
    ///     fn pop(&mut self) -> Option<Ticket> {
    ///         self.0.pop()
    ///     }
    /// }
    ///
    /// let mailbox = Mailbox::new().custom(LastFirst::default);
    /// # let _ = mailbox;
    /// ```
    pub fn custom<Q: CustomOrder + 'static>(
        mut self,
        make: impl Fn() -> Q + Send + Sync + 'static,
    ) -> Mailbox {
        self.raw.order = sys::AC_MAILBOX_CUSTOM;
        self.custom = Some(Arc::new(move || Box::new(make())));
        self
    }

    /// A type's rank; the lowest comes first in [`MailboxOrder::PRIORITY`].
    pub fn rank(mut self, kind: u32, rank: u64) -> Mailbox {
        self.kind(kind).rank = rank;
        self
    }

    /// A type that comes before all others in [`MailboxOrder::CONTROL_FIRST`].
    pub fn control(mut self, kind: u32) -> Mailbox {
        self.kind(kind).flags |= sys::AC_MAILBOX_TYPE_CONTROL;
        self
    }

    /// A type that is never conflated.
    pub fn distinct(mut self, kind: u32) -> Mailbox {
        self.kind(kind).flags |= sys::AC_MAILBOX_TYPE_DISTINCT;
        self
    }

    /// Where a message's rank is, and the rank of those that have none.
    pub fn rank_from(mut self, word: Word, default: u64) -> Mailbox {
        (self.raw.rank_from, self.raw.rank_offset) = word.raw();
        self.raw.rank_default = default;
        self
    }

    /// What finds a message's rank: a function or a closure, which lives until the last actor with
    /// this mailbox has ended. It runs on the sender's thread under the mailbox's lock, so it must
    /// not call the library or wait, nor may the drop of what it holds; where it panics the rank is
    /// 0.
    ///
    /// ```
    /// # use actorcore::{Mailbox, MailboxOrder};
    /// let shortest_first = Mailbox::new()
    ///     .order(MailboxOrder::PRIORITY)
    ///     .rank_by(|message| message.payload().len() as u64);
    /// # let _ = shortest_first;
    /// ```
    pub fn rank_by(
        mut self,
        rank: impl Fn(&Incoming<'_>) -> u64 + Send + Sync + 'static,
    ) -> Mailbox {
        self.raw.rank_from = sys::AC_MAILBOX_FROM_CALLBACK;
        self.rank = Some(Arc::new(rank));
        self
    }

    /// A message takes the place of the queued one with its type and this key.
    pub fn conflate(mut self, key: Word) -> Mailbox {
        self.raw.flags |= sys::AC_MAILBOX_FLAG_CONFLATE;
        (self.raw.key_from, self.raw.key_offset) = key.raw();
        self
    }

    /// As [`conflate`](Self::conflate), with the key that a function or a closure finds; see
    /// [`rank_by`](Self::rank_by).
    pub fn conflate_by(
        mut self,
        key: impl Fn(&Incoming<'_>) -> u64 + Send + Sync + 'static,
    ) -> Mailbox {
        self.raw.flags |= sys::AC_MAILBOX_FLAG_CONFLATE;
        self.raw.key_from = sys::AC_MAILBOX_FROM_CALLBACK;
        self.key = Some(Arc::new(key));
        self
    }

    /// The length from which on senders are told with [`Event::Pressure`](crate::Event::Pressure),
    /// and that at which they are told that it is over.
    pub fn pressure(mut self, high: u64, low: u64) -> Mailbox {
        self.raw.high = high;
        self.raw.low = low;
        self
    }

    /// Who is told as well, whoever sent.
    pub fn pressure_to(mut self, actor: ActorId) -> Mailbox {
        self.raw.pressure_to = actor.raw();
        self
    }

    fn kind(&mut self, kind: u32) -> &mut sys::ac_mailbox_type {
        let at = self.types.iter().position(|row| row.type_ == kind).unwrap_or_else(|| {
            self.types.push(sys::ac_mailbox_type { type_: kind, flags: 0, rank: 0 });
            self.types.len() - 1
        });
        &mut self.types[at]
    }

    /// What the library takes; the types are borrowed.
    pub(crate) fn raw(&self) -> RawMailbox {
        let mut raw = sys::ac_mailbox_options {
            types: self.types.as_ptr(),
            types_count: self.types.len() as u64,
            ..self.raw
        };
        if self.rank.is_some() || self.key.is_some() || self.custom.is_some() {
            let custom = self.custom.as_ref().map(|make| make());
            let callbacks = Callbacks { rank: self.rank.clone(), key: self.key.clone(), custom };
            raw.rank = Some(rank_of);
            raw.key = Some(key_of);
            raw.push = Some(push);
            raw.pop = Some(pop);
            raw.user = Box::into_raw(Box::new(callbacks)) as usize;
            raw.destroy = Some(destroy);
        }
        RawMailbox(Some(raw))
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Mailbox")
            .field("order", &MailboxOrder(self.raw.order))
            .field("capacity", &self.raw.capacity)
            .field("overflow", &Overflow(self.raw.overflow))
            .finish_non_exhaustive()
    }
}

// The library's struct has no pointer in it before `raw`, which is for the length of one call.
unsafe impl Send for Mailbox {}
unsafe impl Sync for Mailbox {}

/// What a mailbox holds and did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxStats {
    /// Messages that wait.
    pub length: u64,
    /// The most that may wait; 0 is no bound.
    pub capacity: u64,
    /// The most that ever waited.
    pub length_max: u64,
    /// Messages dropped because it was full.
    pub dropped: u64,
    /// Messages replaced by later ones.
    pub conflated: u64,
    /// Messages refused because it was full.
    pub refused: u64,
    /// Messages whose senders waited.
    pub blocked: u64,
    /// Times that a sender was not told of the pressure, because 64 others were.
    pub untold: u64,
    /// Of the default mailbox: `length` is about right, and the rest is 0.
    pub is_estimate: bool,
}

impl System {
    /// What an actor's mailbox holds and did.
    pub fn mailbox(&self, actor: impl Into<ActorId>) -> Result<MailboxStats> {
        let mut raw = sys::ac_mailbox_stats::new();
        check(unsafe { sys::ac_mailbox_get(self.raw(), actor.into().raw(), &mut raw) })?;
        Ok(MailboxStats {
            length: raw.length,
            capacity: raw.capacity,
            length_max: raw.length_max,
            dropped: raw.dropped,
            conflated: raw.conflated,
            refused: raw.refused,
            blocked: raw.blocked,
            untold: raw.untold,
            is_estimate: raw.is_estimate != 0,
        })
    }
}

/// A mailbox has filled, or drained again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressure {
    /// Whose mailbox it is.
    pub actor: ActorId,
    /// How full it is.
    pub level: PressureLevel,
    /// How many messages waited in it.
    pub length: u64,
}

impl Pressure {
    pub(crate) fn new(raw: sys::ac_pressure) -> Pressure {
        Pressure {
            actor: ActorId::from_raw(raw.actor),
            level: PressureLevel(raw.level),
            length: raw.length,
        }
    }
}
