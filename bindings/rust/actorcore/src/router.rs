//! Routers: addresses that stand for many actors.
//!
//! Threads: `Send` and `Sync`; every call works in handlers too.
//! Invariants: closures are dropped once, when the router has ended, or by the call that fails to
//! make it.
//! Cost: a message is routed by its sender, and goes straight to its routee's mailbox.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::time::Duration;

use actorcore_sys as sys;

use crate::actor::{Actor, ActorId, Address, Spawn};
use crate::behavior::{contain, routee};
use crate::error::{check, control, Result};
use crate::ledger::mirror;
use crate::mailbox::{number_of, Incoming, Number};
use crate::message::Message;
use crate::system::System;
use crate::text;

/// Which routee gets a message.
#[derive(Debug, Default)]
pub enum Route {
    /// Each in turn, in the order of their places, whoever sends.
    #[default]
    RoundRobin,
    /// Any; in a seeded system the seed decides.
    Random,
    /// All of them; a payload in a buffer is shared. From outside, a copy that meets a full mailbox
    /// is a dead letter.
    Broadcast,
    /// One with the fewest messages waiting, in turn among equals. Where a routee has a
    /// [`Mailbox`](crate::Mailbox) its length is known; of others the messages are counted that
    /// this router gave them since they began their last turn. Looks at every routee.
    SmallestMailbox,
    /// The one that the message's key belongs to. When a routee comes or goes only its own keys
    /// move.
    ConsistentHash(Hashing),
    /// As [`Broadcast`](Route::Broadcast), and an ask that has had no answer for so long, of the
    /// system's clock, ends with `AC_E_TIMEOUT`; `Duration::MAX` leaves that to the ask.
    ScatterGather(Duration),
}

/// What a message's key is, and how keys spread over the routees, for [`Route::ConsistentHash`].
#[must_use]
pub struct Hashing {
    key: Option<Box<Number>>,
    offset: u32,
    size: u32,
    virtual_nodes: u32,
    load_bound_percent: u32,
}

impl Hashing {
    /// The key is these bytes of the payload, or `..` all of them. What the payload has not is left
    /// out; without any the key is empty.
    ///
    /// ```
    /// # use actorcore::{messages, Address, Hashing, Route};
    /// messages! {
    ///     enum Trade {
    ///         Buy { account: u64, amount: u64 } = 1,
    ///         Sell { account: u64, amount: u64 } = 2,
    ///     }
    /// }
    /// let by_account = Route::ConsistentHash(Hashing::bytes(..8));
    /// # let _ = by_account;
    /// ```
    pub fn bytes(part: impl RangeBounds<u32>) -> Hashing {
        let wide = |at: &u32| u64::from(*at);
        let bounds = (part.start_bound().map(wide), part.end_bound().map(wide));
        // No payload has a byte there, so that the key is empty.
        let (offset, size) = text::extent(bounds).unwrap_or((u64::MAX, 1));
        let [offset, size] = [offset, size].map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX));
        Hashing { key: None, offset, size, virtual_nodes: 0, load_bound_percent: 0 }
    }

    /// The key is what a function or a closure finds. It runs on the sender's thread under a lock of
    /// the router's, so it must not call the library or wait, nor may the drop of what it holds;
    /// where it panics the key is 0.
    ///
    /// ```
    /// # use actorcore::{Hashing, Route};
    /// let by_sender = Hashing::by(|message| message.sender().map_or(0, |sender| sender.to_bits()));
    /// let route = Route::ConsistentHash(by_sender);
    /// # let _ = route;
    /// ```
    pub fn by(key: impl Fn(&Incoming<'_>) -> u64 + Send + Sync + 'static) -> Hashing {
        Hashing { key: Some(Box::new(key)), ..Hashing::bytes(..) }
    }

    /// Points that each routee has on the ring, at most 1,024; 128 when not given. More spread the
    /// keys more evenly, and take more memory.
    pub fn virtual_nodes(mut self, points: u32) -> Hashing {
        self.virtual_nodes = points;
        self
    }

    /// No routee gets a message that would give it more waiting ones than this many percent of the
    /// mean, rounded up; the message goes to the next one on the ring instead. 100 to 10,000; no
    /// bound when not given. The waiting ones are counted as for [`Route::SmallestMailbox`], and
    /// every routee is looked at.
    pub fn load_bound(mut self, percent: u32) -> Hashing {
        self.load_bound_percent = percent;
        self
    }
}

impl fmt::Debug for Hashing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Hashing")
            .field("offset", &self.offset)
            .field("size", &self.size)
            .field("virtual_nodes", &self.virtual_nodes)
            .field("load_bound_percent", &self.load_bound_percent)
            .finish_non_exhaustive()
    }
}

/// An address that stands for many actors, its routees: what is told, asked, forwarded or sent by a
/// timer to it goes to one of them, or to all, as its [`Route`] says. A message is routed by whoever
/// sends it, at once, and reaches the routee with its sender and question as they were, so that an
/// answer goes straight to who asked. A stop, kill or restart of the address is for the router
/// itself.
///
/// The routees of a [`group`](Router::group) are given; those of a [`pool`](Router::pool) the router
/// spawns. One that has ended gets no more messages and is taken off. In a pool another takes its
/// place about a millisecond later, unless it ended because of a failure: then its supervisor's
/// policy wanted it gone, and the pool is one smaller until it is resized.
///
/// Without routees there is nobody to give a message to: from outside it is refused with
/// `AC_E_NOT_FOUND`, out of a handler it is dead with [`Dead::UNROUTED`](crate::Dead::UNROUTED), and
/// an ask ends with `AC_E_NOT_FOUND`. An ask of many is answered by the first answer; the others are
/// dead letters.
///
/// Dropped, a router ends, and its pool with it; a group's routees live on.
///
/// ```
/// # use actorcore::{messages, Actor, Context, Failure};
/// use actorcore::{Route, Router, System};
/// use std::time::Duration;
///
/// # messages! { struct Double(u64) = 1; struct Doubled(u64) = 2; }
/// # #[derive(Default)]
/// # struct Worker;
/// # impl Actor for Worker {
/// #     type Msg = Double;
/// #     fn handle(&mut self, context: &mut Context<'_>, it: Double) -> Result<(), Failure> {
/// #         Ok(context.reply(Doubled(2 * it.0))?)
/// #     }
/// # }
/// let system = System::builder().seeded(1).build()?;
/// let workers = Router::pool(&system, Route::SmallestMailbox, Worker::default).size(4).build()?;
/// let Doubled(doubled) = system.ask(workers.address(), Double(21), Duration::from_secs(5))?;
/// assert_eq!(doubled, 42);
/// workers.resize(8)?;
/// assert_eq!(workers.stats().routees, 8);
/// # Ok::<(), actorcore::Error>(())
/// ```
pub struct Router<M> {
    raw: sys::ac_router,
    address: Address<M>,
}

/// A routee as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Routee {
    /// Who it is.
    pub actor: ActorId,
    /// Its place, from 0: it took the lowest that was free. The place decides which keys are its
    /// own, so whoever takes it next has the same ones.
    pub place: u64,
    /// Messages that it was given.
    pub routed: u64,
    /// Messages that wait in its mailbox, whoever sent them.
    pub queued: u64,
}

mirror! {
    /// What a router did.
    RouterStats of ac_router_stats {
        /// Routees there are.
        routees: u64,
        /// Messages and copies that a routee was chosen for.
        routed: u64,
        /// Messages that there was nobody for.
        unrouted: u64,
        /// Messages that the bound on loads kept from the routee of their key.
        spilled: u64,
        /// Routees that were taken off because they ended.
        ended: u64,
        /// Routees that a pool spawned in place of others.
        replaced: u64,
        /// Routees by which resizing made it larger.
        grown: u64,
        /// And smaller.
        shrunk: u64,
    }
}

impl<M: Message> Router<M> {
    /// A router for actors that there are.
    pub fn group(system: &System, route: Route) -> GroupBuilder<'_, M> {
        let routees = Vec::new();
        GroupBuilder { system, route, name: "", routees, understands: PhantomData }
    }

    /// A router that spawns its routees, each with a state that `make` makes for it. That runs on
    /// the thread that spawns: the one that makes or resizes the router, or one of the library's. It
    /// must not call the library, nor may the drop of what it holds.
    ///
    /// Where it panics there is a routee all the same, which fails at its first message with
    /// `AC_E_PANIC`; once that has restarted it, another is made in its place.
    pub fn pool<A, F>(system: &System, route: Route, make: F) -> PoolBuilder<'_, A, F>
    where
        A: Actor<Msg = M>,
        F: Fn() -> A + Send + Sync + 'static,
    {
        let options = sys::ac_router_options::new();
        let (name, spawn) = ("", Spawn::new());
        PoolBuilder { system, route, make, name, spawn, options, makes: PhantomData }
    }

    /// Where to send; it is told of, watched, found by its name and stopped as any actor.
    pub fn address(&self) -> Address<M> {
        self.address
    }

    /// Adds a live actor, which is no router, to a group; at most 4,096. `AC_E_EXISTS`: it is one of
    /// its routees. `AC_E_WRONG_MODE`: a pool spawns its own.
    pub fn add(&self, routee: impl Into<Address<M>>) -> Result<()> {
        let routee = routee.into().id().raw();
        control(|error| unsafe { sys::ac_router_add(self.raw, routee, error) })
    }

    /// Takes a routee off a group: it gets nothing that is sent from now on, and lives on.
    /// `AC_E_NOT_FOUND`: it is none.
    pub fn remove(&self, routee: impl Into<ActorId>) -> Result<()> {
        check(unsafe { sys::ac_router_remove(self.raw, routee.into().raw()) })
    }

    /// Gives a pool another size, at most 4,096. It grows at once; when it shrinks, the youngest
    /// routees are taken off and stop when they have handled what they were given.
    ///
    /// A pool that is [resized by load](PoolBuilder::resized) goes on from there; `AC_E_LIMIT`: the
    /// size is not [between](PoolBuilder::between) what was said.
    pub fn resize(&self, size: u32) -> Result<()> {
        control(|error| unsafe { sys::ac_router_resize(self.raw, size, error) })
    }

    /// The routees, by place.
    pub fn routees(&self) -> Vec<Routee> {
        let mut count = 16;
        loop {
            let mut raw = vec![sys::ac_routee::new(); count as usize];
            let (rows, capacity) = (raw.as_mut_ptr(), raw.len());
            // A router that has ended has none.
            count = 0;
            unsafe { sys::ac_router_routees(self.raw, rows, capacity as u64, &mut count) };
            if count as usize <= capacity {
                return raw.iter().take(count as usize).map(Routee::new).collect();
            }
        }
    }

    /// What it did; exact while nobody sends.
    pub fn stats(&self) -> RouterStats {
        let mut raw = sys::ac_router_stats::new();
        unsafe { sys::ac_router_get_stats(self.raw, &mut raw) };
        RouterStats::new(&raw)
    }
}

impl<M> Drop for Router<M> {
    fn drop(&mut self) {
        unsafe { sys::ac_router_release(self.raw) };
    }
}

impl<M> fmt::Debug for Router<M> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Router({:?})", self.address)
    }
}

impl Routee {
    fn new(raw: &sys::ac_routee) -> Routee {
        Routee {
            actor: ActorId::from_raw(raw.actor),
            place: raw.place,
            routed: raw.routed,
            queued: raw.queued,
        }
    }
}

/// Makes a [`Router`] for actors that there are.
#[derive(Debug)]
#[must_use]
pub struct GroupBuilder<'a, M> {
    system: &'a System,
    route: Route,
    name: &'a str,
    routees: Vec<sys::ac_actor>,
    understands: PhantomData<fn(M)>,
}

impl<'a, M: Message> GroupBuilder<'a, M> {
    /// The address's name, unique in the system, at most 255 bytes.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    /// Adds live actors, each once, none of them a router; at most 4,096.
    pub fn routees<R: Into<Address<M>>>(mut self, routees: impl IntoIterator<Item = R>) -> Self {
        self.routees.extend(routees.into_iter().map(|routee| routee.into().id().raw()));
        self
    }

    /// Makes it.
    pub fn build(self) -> Result<Router<M>> {
        let mut options = sys::ac_router_options::new();
        options.routees = self.routees.as_ptr();
        options.routees_count = self.routees.len() as u64;
        create(self.system, self.name, self.route, None, options)
    }
}

/// Makes a [`Router`] and the actors of its pool.
#[must_use]
pub struct PoolBuilder<'a, A, F> {
    system: &'a System,
    route: Route,
    make: F,
    name: &'a str,
    spawn: Spawn<'a>,
    options: sys::ac_router_options,
    makes: PhantomData<fn() -> A>,
}

impl<'a, A: Actor, F: Fn() -> A + Send + Sync + 'static> PoolBuilder<'a, A, F> {
    /// The address's name, unique in the system, at most 255 bytes.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    /// How the routees are spawned: without a name and without a [custom](crate::Mailbox::custom)
    /// order. Where it names no supervisor they are children of the router, which restarts those
    /// that fail unless [`Spawn::supervision`] says otherwise;
    /// [`Strategy::Escalate`](crate::Strategy::Escalate) ends the router.
    pub fn spawn(mut self, spawn: Spawn<'a>) -> Self {
        self.spawn = spawn;
        self
    }

    /// The first size; 1, or the smallest that it is [between](Self::between), when not given.
    pub fn size(mut self, routees: u32) -> Self {
        self.options.pool_size = routees;
        self
    }

    /// The smallest and the largest size when it is resized by load; 1 and 4,096 when not given.
    pub fn between(mut self, smallest: u32, largest: u32) -> Self {
        self.options.pool_min = smallest;
        self.options.pool_max = largest;
        self
    }

    /// Resizes the pool by its load, so often by the system's clock, at least a millisecond apart:
    /// when more messages than `grow_above` wait for each routee on average it grows by a quarter,
    /// when fewer than `shrink_below` wait it shrinks by a quarter, both at least by one.
    /// `shrink_below` is at most `grow_above`, and 0 never shrinks it. Its size changes by hand only
    /// when not given.
    pub fn resized(mut self, every: Duration, grow_above: u64, shrink_below: u64) -> Self {
        self.options.resize_interval_ns = text::nanoseconds(every).max(1);
        self.options.grow_above = grow_above;
        self.options.shrink_below = shrink_below;
        self
    }

    /// Makes it, and its first routees: all or nothing.
    pub fn build(self) -> Result<Router<A::Msg>> {
        let PoolBuilder { system, route, make, name, spawn, mut options, .. } = self;
        let (is_lent, wants_stopped) = (spawn.is_lent(), spawn.wants_stopped());
        let word = move || routee(&make, is_lent, wants_stopped);
        let mailbox = spawn.raw_mailbox();
        let spawn = spawn.raw::<A>(system.raw(), &mailbox)?;
        options.spawn = &spawn;
        let made = create(system, name, route, Some(Box::new(word)), options)?;
        mailbox.hand_over();
        Ok(made)
    }
}

impl<A, F> fmt::Debug for PoolBuilder<'_, A, F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PoolBuilder")
            .field("route", &self.route)
            .field("name", &self.name)
            .field("spawn", &self.spawn)
            .field("size", &self.options.pool_size)
            .finish_non_exhaustive()
    }
}

type Make = dyn Fn() -> usize + Send + Sync;

/// What the library has of a router until that has ended.
struct Callbacks {
    key: Option<Box<Number>>,
    make: Option<Box<Make>>,
}

unsafe extern "C" fn key_of(user: usize, message: *const sys::ac_message) -> u64 {
    unsafe { number_of((*(user as *const Callbacks)).key.as_deref(), message) }
}

unsafe extern "C" fn make(user: usize) -> usize {
    unsafe { &(*(user as *const Callbacks)).make }.as_ref().map_or(0, |make| make())
}

unsafe extern "C" fn destroy(user: usize) {
    contain(|| drop(unsafe { Box::from_raw(user as *mut Callbacks) }));
}

/// Makes a router of options that lack its name, route and callbacks.
fn create<M>(
    system: &System,
    name: &str,
    route: Route,
    routees: Option<Box<Make>>,
    mut options: sys::ac_router_options,
) -> Result<Router<M>> {
    options.name = text::of(name);
    let key = route.tell(&mut options);
    options.key = key.is_some().then_some(key_of);
    options.make = routees.is_some().then_some(make);
    options.destroy = Some(destroy);
    options.user = Box::into_raw(Box::new(Callbacks { key, make: routees })) as usize;
    let (mut raw, mut address) = (sys::ac_router { bits: 0 }, sys::ac_actor { bits: 0 });
    let made = control(|error| unsafe {
        sys::ac_router_create(system.raw(), &options, &mut raw, &mut address, error)
    });
    if made.is_err() {
        // The library does not have them.
        unsafe { destroy(options.user) };
    }
    made.map(|()| Router { raw, address: ActorId::from_raw(address).into() })
}

impl Route {
    /// Writes what it says; gives the function that finds the key, if any does.
    fn tell(self, options: &mut sys::ac_router_options) -> Option<Box<Number>> {
        options.logic = match &self {
            Route::RoundRobin => sys::AC_ROUTE_ROUND_ROBIN,
            Route::Random => sys::AC_ROUTE_RANDOM,
            Route::Broadcast => sys::AC_ROUTE_BROADCAST,
            Route::SmallestMailbox => sys::AC_ROUTE_SMALLEST_MAILBOX,
            Route::ConsistentHash(_) => sys::AC_ROUTE_CONSISTENT_HASH,
            Route::ScatterGather(_) => sys::AC_ROUTE_SCATTER_GATHER,
        };
        match self {
            Route::ConsistentHash(hashing) => {
                options.key_offset = hashing.offset;
                options.key_size = hashing.size;
                options.virtual_nodes = hashing.virtual_nodes;
                options.load_bound_percent = hashing.load_bound_percent;
                hashing.key
            }
            Route::ScatterGather(timeout) => {
                options.timeout_ns = text::nanoseconds(timeout).max(1);
                None
            }
            _ => None,
        }
    }
}
