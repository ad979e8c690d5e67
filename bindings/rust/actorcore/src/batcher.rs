//! Batchers: they gather items into batches, by number or by time, for one consumer at a time.
//!
//! Threads: `Send` and `Sync`; every call works in handlers too, but for those that wait.
//! Invariants: a [`TakenBatch`] that is dropped is given to the next when its lease is over.
//! Cost: a put is one call, and for more than 48 bytes a buffer.

use std::time::Duration;

use actorcore_sys::{self as sys, Status};

use crate::actor::ActorId;
use crate::buffer::Buffer;
use crate::context::Correlation;
use crate::error::{check, control, Result};
use crate::ledger::mirror;
use crate::system::System;
use crate::text;

const INLINE: usize = sys::AC_BATCH_INLINE_BYTES as usize;
const LARGEST: usize = sys::AC_BATCH_SIZE_MAX as usize;

mirror! {
    /// What a batcher did. The mean size of a batch is `items / batches`.
    BatcherStats of ac_batcher_stats {
        /// Items taken in.
        put: u64,
        /// Items refused because it was full.
        refused: u64,
        /// Items that have not ended.
        waiting: u64,
        /// Items that ended with another status than `AC_OK`.
        failed: u64,
        /// Results that could not be sent.
        unsent: u64,
        /// Batches given to a consumer, each counted once.
        batches: u64,
        /// Items in them.
        items: u64,
        /// Of the batches, those that were full.
        full: u64,
        /// And those whose time was over.
        timed_out: u64,
        /// How often a consumer did not come back within its lease.
        lost: u64,
        /// Batches that took longer than the budget: watch this one.
        over_budget: u64,
        /// The longest that one took.
        longest_ns: u64,
    }
}

/// Makes a [`Batcher`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct BatcherBuilder<'a> {
    system: &'a System,
    options: sys::ac_batcher_options,
}

impl BatcherBuilder<'_> {
    /// Items of a full batch, 1 to 64; 32 when not given.
    pub fn size(mut self, items: u32) -> Self {
        self.options.size = items;
        self
    }

    /// How long the first item waits for others; 150 µs when not given.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout_ns = text::nanoseconds(timeout);
        self
    }

    /// How long a batch should take; 800 µs when not given. A longer one is counted.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.options.budget_ns = text::nanoseconds(budget);
        self
    }

    /// Most items that wait, a power of two; 1,024 when not given.
    pub fn capacity(mut self, items: u32) -> Self {
        self.options.capacity = items;
        self
    }

    /// Tells this actor when a batch is due, by [`Event::Batch`](crate::Event::Batch) with this
    /// word; it then takes it with [`Batcher::try_take`]. Without an actor threads take.
    pub fn to(mut self, actor: impl Into<ActorId>, user: u64) -> Self {
        self.options.to = actor.into().raw();
        self.options.user = user;
        self
    }

    /// Makes it.
    pub fn build(self) -> Result<Batcher> {
        let mut raw = sys::ac_batcher { bits: 0 };
        let system = self.system.raw();
        control(|error| unsafe { sys::ac_batcher_create(system, &self.options, &mut raw, error) })?;
        Ok(Batcher { raw })
    }
}

/// What a producer puts in: bytes, and who gets the result.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Item<'a> {
    data: &'a [u8],
    raw: sys::ac_batch_item,
}

impl<'a> Item<'a> {
    /// The bytes are copied when it is put.
    pub fn new(data: &'a [u8]) -> Item<'a> {
        Item { data, raw: sys::ac_batch_item::new() }
    }

    /// Sends the result to this actor, as an [`Event::Reply`](crate::Event::Reply) with this
    /// correlation and a message of number `kind`: ticket (`u64`), value (`u64`), status (`i32`)
    /// and a `u32` of nothing. Where the correlation is that of a request in hand, the result is
    /// its reply, and `to` may be none.
    pub fn reply_to(mut self, to: Option<ActorId>, kind: u32, correlation: Correlation) -> Self {
        self.raw.reply_to = to.map_or(sys::ac_actor { bits: 0 }, |actor| actor.raw());
        self.raw.type_ = kind;
        self.raw.correlation = correlation.number();
        self
    }
}

/// How one item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchResult {
    /// Which.
    pub ticket: u64,
    /// The consumer's number.
    pub value: u64,
    /// The consumer's status, or why it had none.
    pub status: Status,
}

/// A batcher, on its system's time. Dropped, it ends what waits with `AC_E_STALE`.
///
/// ```
/// use actorcore::{Batcher, Item, Status, System};
/// use std::time::Duration;
///
/// let system = System::builder().seeded(1).build()?;
/// let batcher = Batcher::builder(&system).size(2).build()?;
/// let first = batcher.put(&Item::new(b"one"))?;
/// batcher.put(&Item::new(b"three"))?;
/// let mut batch = batcher.take(Duration::from_secs(1))?;
/// for index in 0..batch.len() {
///     let length = batch.data(index).len();
///     batch.set(index, length as u64, Status::OK);
/// }
/// batch.done()?;
/// assert_eq!(batcher.wait(first, Duration::ZERO)?.value, 3);
/// # Ok::<(), actorcore::Error>(())
/// ```
#[derive(Debug)]
pub struct Batcher {
    raw: sys::ac_batcher,
}

impl Batcher {
    /// With options.
    pub fn builder(system: &System) -> BatcherBuilder<'_> {
        BatcherBuilder { system, options: sys::ac_batcher_options::new() }
    }

    /// Puts an item in, and gives its ticket. Never waits: `AC_E_FULL` says that too many wait.
    pub fn put(&self, item: &Item<'_>) -> Result<u64> {
        let mut raw = item.raw;
        raw.length = u32::try_from(item.data.len()).map_err(|_| Status::E_LIMIT)?;
        let mut ticket = 0;
        if item.data.len() <= INLINE {
            raw.data[..item.data.len()].copy_from_slice(item.data);
            check(unsafe { sys::ac_batcher_put(self.raw, &raw, &mut ticket) })?;
            return Ok(ticket);
        }
        let mut buffer = Buffer::new(item.data.len())?;
        buffer.copy_from_slice(item.data);
        let buffer = buffer.freeze().into_raw();
        raw.data[..8].copy_from_slice(&buffer.bits.to_ne_bytes());
        let put = check(unsafe { sys::ac_batcher_put(self.raw, &raw, &mut ticket) });
        if put.is_err() {
            unsafe { sys::ac_buffer_release(buffer) };
        }
        put.map(|()| ticket)
    }

    /// Waits for a batch.
    pub fn take(&self, timeout: Duration) -> Result<TakenBatch<'_>> {
        let mut items = Box::new([sys::ac_batch_item::new(); LARGEST]);
        let (mut count, mut number) = (0, 0);
        let timeout = text::nanoseconds(timeout);
        check(unsafe {
            let (first, capacity) = (items.as_mut_ptr(), LARGEST as u64);
            sys::ac_batcher_take(self.raw, first, capacity, timeout, &mut count, &mut number)
        })?;
        let results = vec![sys::ac_batch_result::new(); count as usize];
        let mut batch = TakenBatch { batcher: self, items, results, number, held: 0 };
        batch.hold()?;
        Ok(batch)
    }

    /// Takes the batch that is due, for handlers; `None`: none is, or another consumer has it.
    pub fn try_take(&self) -> Result<Option<TakenBatch<'_>>> {
        match self.take(Duration::ZERO) {
            Err(error) if error.status() == Status::E_TIMEOUT => Ok(None),
            taken => taken.map(Some),
        }
    }

    /// Waits for an item to end. Twice as many results are kept as items can wait; `AC_E_NOT_FOUND`:
    /// no such item, or its result is forgotten.
    pub fn wait(&self, ticket: u64, timeout: Duration) -> Result<BatchResult> {
        let mut raw = sys::ac_batch_result::new();
        let timeout = text::nanoseconds(timeout);
        check(unsafe { sys::ac_batcher_wait(self.raw, ticket, timeout, &mut raw) })?;
        Ok(BatchResult { ticket: raw.ticket, value: raw.value, status: Status(raw.status) })
    }

    /// What it did.
    pub fn stats(&self) -> BatcherStats {
        let mut stats = sys::ac_batcher_stats::new();
        unsafe { sys::ac_batcher_get_stats(self.raw, &mut stats) };
        BatcherStats::new(&stats)
    }
}

impl Drop for Batcher {
    fn drop(&mut self) {
        unsafe { sys::ac_batcher_release(self.raw) };
    }
}

/// A batch in a consumer's hands.
#[derive(Debug)]
#[must_use]
pub struct TakenBatch<'b> {
    batcher: &'b Batcher,
    items: Box<[sys::ac_batch_item; LARGEST]>,
    results: Vec<sys::ac_batch_result>,
    number: u64,
    held: usize,
}

impl TakenBatch<'_> {
    /// Takes a reference of each long payload, which so outlives the lease.
    fn hold(&mut self) -> Result<()> {
        while self.held < self.len() {
            if let Some(buffer) = long(&self.items[self.held]) {
                check(unsafe { sys::ac_buffer_retain(buffer) })?;
            }
            self.held += 1;
        }
        Ok(())
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.results.len()
    }

    /// Never: a batch has an item.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    /// An item's ticket.
    pub fn ticket(&self, index: usize) -> u64 {
        self.items[..self.len()][index].ticket
    }

    /// An item's bytes.
    pub fn data(&self, index: usize) -> &[u8] {
        let item = &self.items[..self.len()][index];
        if long(item).is_none() {
            return &item.data[..item.length as usize];
        }
        let mut address = [0; 8];
        address.copy_from_slice(&item.data[8..16]);
        let bytes = usize::from_ne_bytes(address) as *const u8;
        unsafe { text::slice(bytes, u64::from(item.length)) }
    }

    /// Gives an item its result; one that is given none has `AC_OK` and 0.
    pub fn set(&mut self, index: usize, value: u64, status: Status) {
        let result = &mut self.results[index];
        (result.value, result.status) = (value, status.0);
    }

    /// Ends the batch: every item has its result. `AC_E_STALE`: it took longer than ten times the
    /// budget and was given to another.
    pub fn done(self) -> Result<()> {
        let (batcher, count) = (self.batcher.raw, self.results.len() as u64);
        let results = self.results.as_ptr();
        check(unsafe { sys::ac_batcher_done(batcher, self.number, sys::AC_OK, results, count) })
    }

    /// Ends the batch with a status for every item.
    pub fn fail(self, status: Status) -> Result<()> {
        let (batcher, none) = (self.batcher.raw, std::ptr::null());
        check(unsafe { sys::ac_batcher_done(batcher, self.number, status.0, none, 0) })
    }
}

impl Drop for TakenBatch<'_> {
    fn drop(&mut self) {
        for buffer in self.items[..self.held].iter().filter_map(long) {
            unsafe { sys::ac_buffer_release(buffer) };
        }
    }
}

/// The buffer of a payload that is not in the item itself.
fn long(item: &sys::ac_batch_item) -> Option<sys::ac_buffer> {
    let mut bits = [0; 8];
    bits.copy_from_slice(&item.data[..8]);
    (item.length as usize > INLINE).then(|| sys::ac_buffer { bits: u64::from_ne_bytes(bits) })
}
