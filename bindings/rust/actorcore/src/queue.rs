//! Work queues.
//!
//! Threads: a [`Queue`] is for any, and for handlers.
//! Invariants: at any moment put = acked + ready + leased + dead ([`QueueStats`]).

use std::time::Duration;

use actorcore_sys::{self as sys, Status};

use crate::actor::ActorId;
use crate::bus::{copied, inner};
use crate::error::{check, control, Result};
use crate::ledger::mirror;
use crate::message::{Letter, Message};
use crate::system::System;
use crate::text;

/// A named, bounded queue of work and a pool of consumers.
///
/// An item goes to one consumer as [`Event::Work`](crate::Event::Work), which acknowledges it in
/// time or loses it to another; what was delivered too often is set aside as dead. So every item is
/// handled at least once. The last one dropped ends the queue.
#[derive(Debug)]
pub struct Queue {
    raw: sys::ac_queue,
}

/// Makes a [`Queue`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct QueueBuilder<'a> {
    raw: sys::ac_queue_options,
    name: &'a str,
}

mirror! {
    /// Where a queue's items are, and what it did.
    QueueStats of ac_queue_stats {
        /// Items accepted.
        put: u64,
        /// Items acknowledged.
        acked: u64,
        /// Items that no consumer has.
        ready: u64,
        /// Items that a consumer has.
        leased: u64,
        /// Items set aside, also those no longer kept.
        dead: u64,
        /// Of those ready, the ones that wait for a retry.
        delayed: u64,
        /// Of those dead, the ones that are kept.
        dead_kept: u64,
        /// Actors in the pool.
        consumers: u64,
        /// Deliveries.
        delivered: u64,
        /// Of these, of items delivered before.
        redelivered: u64,
        /// Deliveries refused.
        nacked: u64,
        /// Leases that were over.
        expired: u64,
        /// Items not accepted because the queue was full.
        refused: u64,
    }
}

/// An item that was delivered too often, or refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadWork {
    /// The item's.
    pub number: u64,
    /// When it was set aside, by the system's clock.
    pub time: Duration,
    /// Who had it last.
    pub consumer: ActorId,
    /// The program's own number.
    pub kind: u32,
    /// How often it was delivered.
    pub deliveries: u32,
    /// How the last delivery ended: `AC_E_HANDLER`, `AC_E_FAILED`, `AC_E_TIMEOUT` or `AC_E_STALE`.
    pub status: Status,
}

impl Queue {
    /// How to make a queue under a name that no other of the system has.
    pub fn builder(name: &str) -> QueueBuilder<'_> {
        QueueBuilder { raw: sys::ac_queue_options::new(), name }
    }

    /// The queue with a name.
    pub fn find(system: &System, name: &str) -> Result<Queue> {
        let mut raw = sys::ac_queue { bits: 0 };
        check(unsafe { sys::ac_queue_find(system.raw(), text::of(name), &mut raw) })?;
        Ok(Queue { raw })
    }

    /// Puts a message: its number is the item's type. The item's number, or `AC_E_FULL`.
    ///
    /// A [`Parcel`](crate::Parcel) cannot be put, for an item may be delivered again.
    pub fn put<M: Message>(&self, message: M, source: Option<ActorId>) -> Result<u64> {
        copied(message, |kind, data| self.put_bytes(kind, data, source))
    }

    /// Puts any bytes under a type of the program's own.
    pub fn put_bytes(&self, kind: u32, data: &[u8], source: Option<ActorId>) -> Result<u64> {
        let source = source.map_or(sys::ac_actor { bits: 0 }, |source| source.raw());
        let (data, mut number) = (text::bytes_of(data), 0);
        check(unsafe { sys::ac_queue_put(self.raw, source, kind, data, &mut number) })?;
        Ok(number)
    }

    /// Takes an actor into the pool, or gives it another credit: the most items that it has
    /// unacknowledged.
    pub fn join(&self, consumer: impl Into<ActorId>, credit: u32) -> Result<()> {
        check(unsafe { sys::ac_queue_join(self.raw, consumer.into().raw(), credit) })
    }

    /// Takes an actor out of the pool; what it has it keeps.
    pub fn leave(&self, consumer: impl Into<ActorId>) -> Result<()> {
        check(unsafe { sys::ac_queue_leave(self.raw, consumer.into().raw()) })
    }

    /// Acknowledges a delivery by its [`tag`](Work::tag).
    pub fn ack(&self, tag: u64) -> Result<()> {
        check(unsafe { sys::ac_queue_ack(self.raw, tag) })
    }

    /// Refuses a delivery by its [`tag`](Work::tag): it goes out again after a delay, zero being
    /// the queue's own, and [`Duration::MAX`] makes it dead.
    pub fn nack(&self, tag: u64, delay: Duration) -> Result<()> {
        check(unsafe { sys::ac_queue_nack(self.raw, tag, text::nanoseconds(delay)) })
    }

    /// The dead items that are kept, at most 1,024, in the order in which they died.
    pub fn dead(&self) -> Result<Vec<DeadWork>> {
        let mut kept = vec![sys::ac_dead_work::new(); 1024];
        let (items, mut count) = (kept.as_mut_ptr(), 0);
        check(unsafe { sys::ac_queue_dead(self.raw, items, kept.len() as u64, &mut count) })?;
        Ok(kept[..count as usize].iter().map(DeadWork::new).collect())
    }

    /// A copy of the data of a dead item.
    pub fn dead_data(&self, number: u64) -> Result<Vec<u8>> {
        let mut data = Vec::new();
        loop {
            let (bytes, mut size) = (data.as_mut_ptr(), data.len() as u64);
            let status =
                unsafe { sys::ac_queue_dead_data(self.raw, number, bytes, size, &mut size) };
            if status != sys::AC_E_BUFFER_TOO_SMALL {
                return check(status).map(|()| data);
            }
            data.resize(size as usize, 0);
        }
    }

    /// Makes a dead item ready again, or all for which there is room. How many they were.
    pub fn redrive(&self, number: Option<u64>) -> Result<u64> {
        let mut count = 0;
        let number = number.unwrap_or(0);
        check(unsafe { sys::ac_queue_redrive(self.raw, number, &mut count) })?;
        Ok(count)
    }

    /// Where the items are.
    pub fn stats(&self) -> QueueStats {
        let mut raw = sys::ac_queue_stats::new();
        let _ = unsafe { sys::ac_queue_get_stats(self.raw, &mut raw) };
        QueueStats::new(&raw)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        unsafe { sys::ac_queue_release(self.raw) };
    }
}

impl QueueBuilder<'_> {
    /// Most items ready and leased; 65,536 when not given.
    pub fn capacity(mut self, capacity: u32) -> Self {
        self.raw.capacity = capacity;
        self
    }

    /// How long a consumer has an item before it goes to another; 30 seconds when not given,
    /// [`Duration::MAX`] for ever.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.raw.lease_ns = text::nanoseconds(lease);
        self
    }

    /// How long an item waits before it is delivered again; not at all when not given.
    pub fn retry_delay(mut self, delay: Duration) -> Self {
        self.raw.retry_delay_ns = text::nanoseconds(delay);
        self
    }

    /// After how many deliveries an item is dead; 16 when not given.
    pub fn deliveries_max(mut self, deliveries: u32) -> Self {
        self.raw.deliveries_max = deliveries;
        self
    }

    /// Makes it.
    pub fn build(mut self, system: &System) -> Result<Queue> {
        self.raw.name = text::of(self.name);
        let mut raw = sys::ac_queue { bits: 0 };
        control(|error| unsafe { sys::ac_queue_create(system.raw(), &self.raw, &mut raw, error) })?;
        Ok(Queue { raw })
    }
}

impl DeadWork {
    fn new(raw: &sys::ac_dead_work) -> DeadWork {
        DeadWork {
            number: raw.number,
            time: Duration::from_nanos(raw.time_ns),
            consumer: ActorId::from_raw(raw.consumer),
            kind: raw.type_,
            deliveries: raw.deliveries,
            status: Status(raw.status),
        }
    }
}

/// An item that this actor has on lease, borrowed while the handler runs.
#[derive(Clone, Copy, Debug)]
pub struct Work<'m> {
    letter: Letter<'m>,
    head: sys::ac_work,
}

impl<'m> Work<'m> {
    pub(crate) fn new(letter: Letter<'m>, head: sys::ac_work) -> Work<'m> {
        Work { letter, head }
    }

    /// The item's number, from 1 in each queue.
    pub fn number(&self) -> u64 {
        self.head.number
    }

    /// When it was put, by the system's clock.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.head.time_ns)
    }

    /// Who put it.
    pub fn source(&self) -> Option<ActorId> {
        self.letter.sender()
    }

    /// The program's own number.
    pub fn kind(&self) -> u32 {
        self.head.type_
    }

    /// What was put.
    pub fn data(&self) -> &'m [u8] {
        &self.letter.payload()[std::mem::size_of::<sys::ac_work>()..]
    }

    /// Reads what was put as a message.
    pub fn read<M: Message>(&self) -> Result<M> {
        inner(&self.letter, self.head.type_, self.data(), |letter| letter.read())
    }

    /// Names this delivery, for [`Queue::ack`] after the handler has returned.
    pub fn tag(&self) -> u64 {
        self.letter.correlation()
    }

    /// How often the item was delivered, this time included.
    pub fn deliveries(&self) -> u64 {
        self.letter.note()
    }

    /// Acknowledges it: the item is done. `AC_E_NOT_FOUND` says that its lease is over.
    pub fn ack(self) -> Result<()> {
        check(unsafe { sys::ac_queue_ack(self.head.queue, self.tag()) })
    }

    /// Refuses it; see [`Queue::nack`].
    pub fn nack(self, delay: Duration) -> Result<()> {
        let delay = text::nanoseconds(delay);
        check(unsafe { sys::ac_queue_nack(self.head.queue, self.tag(), delay) })
    }
}
