//! Publish and subscribe.
//!
//! Threads: a [`Bus`] is for any, and for handlers, where it takes effect at once (in a seeded
//! system when the activation ends).
//! Cost: a publish copies the data once, however many subscribers there are; each gets a message
//! with a reference to it.

use std::time::Duration;

use actorcore_sys::{self as sys, Status};

use crate::actor::ActorId;
use crate::buffer::{Bytes, Payload};
use crate::error::{check, control, Error, Result};
use crate::ledger::mirror;
use crate::message::{Letter, Message};
use crate::system::System;
use crate::text;

/// Events by topic, by pattern, and by the actor that they are about.
///
/// A topic is tokens between dots, such as `world.north.door`; in a pattern `*` stands for one
/// token and a last `>` for one or more, as in NATS. Subscribers get
/// [`Event::Published`](crate::Event::Published).
#[derive(Debug)]
pub struct Bus {
    raw: sys::ac_bus,
}

/// What is subscribed to, and by whom; see [`Bus::subscribe`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Subscription<'a> {
    raw: sys::ac_subscription_options,
    pattern: &'a str,
}

/// What is published; see [`Bus::publish`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Publication<'a> {
    raw: sys::ac_event_options,
    topic: &'a str,
}

mirror! {
    /// What a bus did.
    BusStats of ac_bus_stats {
        /// Events published.
        events: u64,
        /// Messages that they became.
        deliveries: u64,
        /// Events that no subscription was for.
        unmatched: u64,
        /// Subscriptions there are.
        subscriptions: u64,
        /// Subscriptions removed because their actor had stopped.
        removed_dead: u64,
        /// Buffers taken for events.
        pool_gets: u64,
        /// Buffers that all receivers have let go of.
        pool_puts: u64,
        /// Of those taken, the ones that had been used before.
        pool_hits: u64,
        /// And the ones that were allocated.
        pool_misses: u64,
    }
}

impl Bus {
    /// A bus on which each publisher's events arrive in order, and publishers do not wait for each
    /// other.
    pub fn new(system: &System) -> Result<Bus> {
        Bus::with_flags(system, 0)
    }

    /// A bus on which every subscriber gets all events in the order of their ids; publishers take
    /// turns.
    pub fn ordered(system: &System) -> Result<Bus> {
        Bus::with_flags(system, sys::AC_BUS_ORDERED)
    }

    fn with_flags(system: &System, flags: u32) -> Result<Bus> {
        let options = sys::ac_bus_options { flags, ..sys::ac_bus_options::new() };
        let mut raw = sys::ac_bus { bits: 0 };
        control(|error| unsafe { sys::ac_bus_create(system.raw(), &options, &mut raw, error) })?;
        Ok(Bus { raw })
    }

    /// Adds a subscription; the result is for [`unsubscribe`](Bus::unsubscribe).
    pub fn subscribe(&self, subscription: Subscription<'_>) -> Result<u64> {
        let mut options = subscription.raw;
        options.pattern = text::of(subscription.pattern);
        let mut id = 0;
        control(|error| unsafe { sys::ac_bus_subscribe(self.raw, &options, &mut id, error) })?;
        Ok(id)
    }

    /// Removes a subscription: it gets nothing that is published afterwards.
    pub fn unsubscribe(&self, subscription: u64) -> Result<()> {
        check(unsafe { sys::ac_bus_unsubscribe(self.raw, subscription) })
    }

    /// Publishes a message: its number is the event's type. How many messages it became.
    ///
    /// A [`Parcel`](crate::Parcel) cannot be published, for its object has one receiver.
    pub fn publish<M: Message>(&self, event: Publication<'_>, message: M) -> Result<u64> {
        copied(message, |kind, data| self.publish_bytes(event, kind, data))
    }

    /// Publishes any bytes under a type of the program's own. How many messages it became.
    pub fn publish_bytes(&self, event: Publication<'_>, kind: u32, data: &[u8]) -> Result<u64> {
        let mut options = event.raw;
        options.type_ = kind;
        options.topic = text::of(event.topic);
        options.data = text::bytes_of(data);
        let (id, mut delivered) = (std::ptr::null_mut(), 0);
        check(unsafe { sys::ac_bus_publish(self.raw, &options, id, &mut delivered) })?;
        Ok(delivered)
    }

    /// What the bus did.
    pub fn stats(&self) -> BusStats {
        let mut raw = sys::ac_bus_stats::new();
        let _ = unsafe { sys::ac_bus_get_stats(self.raw, &mut raw) };
        BusStats::new(&raw)
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        unsafe { sys::ac_bus_release(self.raw) };
    }
}

impl<'a> Subscription<'a> {
    /// An actor that is to be told of the events that a topic or pattern fits; an empty one fits
    /// all.
    pub fn new(pattern: &'a str, subscriber: impl Into<ActorId>) -> Subscription<'a> {
        let mut raw = sys::ac_subscription_options::new();
        raw.subscriber = subscriber.into().raw();
        Subscription { raw, pattern }
    }

    /// Only events about this actor.
    pub fn about(mut self, actor: impl Into<ActorId>) -> Subscription<'a> {
        self.raw.about = actor.into().raw();
        self
    }

    /// Only events of these types.
    pub fn types(mut self, types: std::ops::RangeInclusive<u32>) -> Subscription<'a> {
        (self.raw.type_first, self.raw.type_last) = (*types.start(), *types.end());
        self
    }

    /// Higher ones are served first; 0 when not given.
    pub fn priority(mut self, priority: i32) -> Subscription<'a> {
        self.raw.priority = priority;
        self
    }

    /// Passed over for an event that the actor gets through a subscription served before this one.
    /// Otherwise it gets an event once for each of its subscriptions.
    pub fn once(mut self) -> Subscription<'a> {
        self.raw.flags |= sys::AC_SUBSCRIBE_ONCE;
        self
    }
}

impl<'a> Publication<'a> {
    /// An event under an exact topic.
    pub fn new(topic: &'a str) -> Publication<'a> {
        Publication { raw: sys::ac_event_options::new(), topic }
    }

    /// The actor that it is about, which need not live.
    pub fn about(mut self, actor: impl Into<ActorId>) -> Publication<'a> {
        self.raw.about = actor.into().raw();
        self
    }

    /// Who publishes it: the sender of its messages.
    pub fn source(mut self, actor: impl Into<ActorId>) -> Publication<'a> {
        self.raw.source = actor.into().raw();
        self
    }

    /// The program's own priority, which subscribers read; 0 when not given.
    pub fn priority(mut self, priority: i32) -> Publication<'a> {
        self.raw.priority = priority;
        self
    }
}

/// A published event, borrowed while the handler runs.
#[derive(Clone, Copy, Debug)]
pub struct Published<'m> {
    letter: Letter<'m>,
    head: sys::ac_event,
}

impl<'m> Published<'m> {
    pub(crate) fn new(letter: Letter<'m>, head: sys::ac_event) -> Published<'m> {
        Published { letter, head }
    }

    /// Its number, from 1 in each bus.
    pub fn id(&self) -> u64 {
        self.head.id
    }

    /// When it was published, by the system's clock.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.head.time_ns)
    }

    /// The actor that it is about.
    pub fn about(&self) -> Option<ActorId> {
        (self.head.actor.bits != 0).then_some(ActorId::from_raw(self.head.actor))
    }

    /// Who published it.
    pub fn source(&self) -> Option<ActorId> {
        self.letter.sender()
    }

    /// The program's own number.
    pub fn kind(&self) -> u32 {
        self.head.type_
    }

    /// The program's own priority.
    pub fn priority(&self) -> i32 {
        self.head.priority
    }

    /// What was published.
    pub fn data(&self) -> &'m [u8] {
        let start = std::mem::size_of::<sys::ac_event>();
        &self.letter.payload()[start..start + self.head.data_size as usize]
    }

    /// The same, to keep: not copied but retained when it is longer than 32 bytes.
    pub fn bytes(&self) -> Option<Bytes> {
        inner(&self.letter, self.head.type_, self.data(), |letter| letter.bytes())
    }

    /// Reads what was published as a message.
    pub fn read<M: Message>(&self) -> Result<M> {
        inner(&self.letter, self.head.type_, self.data(), |letter| letter.read())
    }

    /// Its topic.
    pub fn topic(&self) -> &'m str {
        let payload = self.letter.payload();
        text::valid(&payload[payload.len() - self.head.topic_size as usize..])
    }

    /// Which subscription it came through.
    pub fn subscription(&self) -> u64 {
        self.letter.note()
    }
}

/// Hands on a message as bytes that may be copied any number of times.
pub(crate) fn copied<M: Message, R>(
    message: M,
    put: impl FnOnce(u32, &[u8]) -> Result<R>,
) -> Result<R> {
    message.encode(|kind, payload| match payload {
        Payload::Bytes(bytes) => put(kind, bytes),
        Payload::Buffer(buffer) => put(kind, &buffer),
        Payload::Parcel(_) => Err(Error::new(
            Status::E_UNSUPPORTED,
            "a parcel has one receiver; publish or put what can be copied".to_owned(),
        )),
        Payload::Failed(error) => Err(error),
    })
}

/// The data within a letter, as a letter of its own that refers to the same buffer.
pub(crate) fn inner<R>(
    letter: &Letter<'_>,
    kind: u32,
    data: &[u8],
    read: impl FnOnce(&Letter<'_>) -> R,
) -> R {
    let mut message = sys::ac_message::new();
    message.type_ = kind;
    message.length = data.len() as u32;
    if data.len() <= message.data.len() {
        message.data[..data.len()].copy_from_slice(data);
    } else {
        let buffer = unsafe { letter.raw_buffer() };
        message.data[..8].copy_from_slice(&buffer.bits.to_ne_bytes());
        message.data[8..16].copy_from_slice(&(data.as_ptr() as usize as u64).to_ne_bytes());
    }
    read(&unsafe { Letter::new(&message) })
}
