//! A system of actors, seen from outside the handlers.
//!
//! Threads: a `System` is `Send` and `Sync`; share it by reference or in an `Arc`. Calls that wait
//! give `AC_E_WOULD_DEADLOCK` inside a handler.
//! Invariants: dropping it never blocks; one that still runs stops by itself, without draining.

use std::time::Duration;

use actorcore_sys::{self as sys, Dead, DispatcherMode, Status};

use crate::actor::{Actor, ActorId, Address, Spawn};
use crate::behavior::{forget, Batch};
use crate::buffer::Payload;
use crate::context::{parcel_asked, Correlation};
use crate::dispatcher::{spin_of, DispatcherBuilder};
use crate::error::{check, control, Result};
use crate::ledger::{DeadLetter, FailureReport, Ledger, Stats, StopReport};
use crate::message::{Letter, Message};
use crate::placement::{Cpus, Placement, Usage, WorkerStats};
use crate::span::{asked, Span};
use crate::timer::{set_receive_timeout, Timer, Timing};
use crate::{parcel, text};

/// A system of actors.
#[derive(Debug)]
#[repr(transparent)]
pub struct System {
    raw: sys::ac_system,
}

/// Makes a [`System`].
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct SystemBuilder<'a> {
    flags: u64,
    seed: u64,
    workers: u32,
    throughput: u32,
    spin_ns: u64,
    name: &'a str,
    message_bytes_max: u64,
    placement: Placement<'a>,
    critical: Cpus<'a>,
    background: Cpus<'a>,
    share_permille: u32,
}

impl<'a> SystemBuilder<'a> {
    /// Threads of its own dispatcher; one a core when not given.
    pub fn workers(mut self, workers: u32) -> Self {
        self.workers = workers;
        self
    }

    /// Most messages of one actor in one activation; 256 when not given.
    pub fn throughput(mut self, throughput: u32) -> Self {
        self.throughput = throughput;
        self
    }

    /// How long a worker without work spins before it parks; zero parks at once.
    pub fn spin(mut self, spin: Duration) -> Self {
        self.spin_ns = spin_of(spin);
        self
    }

    /// Names its threads.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    /// Runs deterministically on virtual time: one activation at a time, chosen by the seed, and
    /// only while a thread is inside [`System::settle`], [`System::advance`], [`System::ask`], a
    /// resolve or [`System::stop`].
    pub fn seeded(mut self, seed: u64) -> Self {
        self.flags |= sys::AC_SYSTEM_SEEDED;
        self.seed = seed;
        self
    }

    /// The most memory that messages on their way may take, at least 1 MiB: above it sends fail
    /// with `AC_E_OVERLOADED`, and what handlers send is dead.
    pub fn message_bytes_max(mut self, bytes: u64) -> Self {
        self.message_bytes_max = bytes;
        self
    }

    /// Says where the threads of its own dispatcher run, and how urgently.
    pub fn placed(mut self, placement: Placement<'a>) -> Self {
        self.placement = placement;
        self
    }

    /// Processors kept for dispatchers that are [`Placement::critical`].
    pub fn critical(mut self, cpus: Cpus<'a>) -> Self {
        self.critical = cpus;
        self
    }

    /// Processors of the library's own helpers, and of dispatchers that are
    /// [`Placement::background`]; no other worker runs there.
    pub fn background(mut self, cpus: Cpus<'a>) -> Self {
        self.background = cpus;
        self
    }

    /// Lets no two dispatchers share a processor; say how many workers each has.
    pub fn isolated(mut self) -> Self {
        self.flags |= sys::AC_SYSTEM_ISOLATED;
        self
    }

    /// The share of the machine's processors that the workers may use, in thousandths.
    pub fn share(mut self, permille: u32) -> Self {
        self.share_permille = permille;
        self
    }

    /// Makes it and starts its threads.
    pub fn build(self) -> Result<System> {
        let options = sys::ac_system_options {
            flags: self.flags,
            seed: self.seed,
            workers: self.workers,
            throughput: self.throughput,
            spin_ns: self.spin_ns,
            name: text::of(self.name),
            message_bytes_max: self.message_bytes_max,
            cpus: self.placement.cpus.raw(),
            node: self.placement.node,
            priority: self.placement.priority,
            fairness: self.placement.fairness,
            dispatcher_flags: self.placement.flags,
            critical_cpus: self.critical.raw(),
            background_cpus: self.background.raw(),
            cpu_share_permille: self.share_permille,
            ..sys::ac_system_options::new()
        };
        let mut raw = sys::ac_system { bits: 0 };
        control(|error| unsafe { sys::ac_system_create(&options, &mut raw, error) })?;
        Ok(System { raw })
    }
}

impl System {
    /// With every default.
    pub fn new() -> Result<System> {
        System::builder().build()
    }

    /// With options.
    pub fn builder<'a>() -> SystemBuilder<'a> {
        SystemBuilder::default()
    }

    pub(crate) fn raw(&self) -> sys::ac_system {
        self.raw
    }

    pub(crate) fn borrowed(raw: &sys::ac_system) -> &System {
        // The same layout, and a reference is never dropped.
        unsafe { &*std::ptr::from_ref(raw).cast::<System>() }
    }

    /// A further dispatcher.
    pub fn dispatcher(&self, mode: DispatcherMode) -> DispatcherBuilder<'_> {
        DispatcherBuilder::new(self, mode)
    }

    /// Spawns an actor on the system's own dispatcher.
    pub fn spawn<A: Actor>(&self, actor: A) -> Result<Address<A::Msg>> {
        self.spawn_with(actor, &Spawn::new())
    }

    /// Spawns an actor.
    pub fn spawn_with<A: Actor>(&self, actor: A, spawn: &Spawn<'_>) -> Result<Address<A::Msg>> {
        let mut users = [0];
        let mut batch = Batch::new(&mut users, spawn);
        batch.fill(&mut Some(actor).into_iter());
        let mailbox = spawn.raw_mailbox();
        let mut options = spawn.raw::<A>(self.raw, &mailbox)?;
        options.user = batch.users()[0];
        let mut made = sys::ac_actor { bits: 0 };
        control(|error| unsafe { sys::ac_spawn(self.raw, &options, &mut made, error) })?;
        mailbox.hand_over();
        batch.hand_over();
        Ok(ActorId::from_raw(made).into())
    }

    /// Spawns many actors of a kind in one call: all, or none.
    pub fn spawn_many<A: Actor>(
        &self,
        actors: impl IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
        spawn: &Spawn<'_>,
    ) -> Result<Vec<Address<A::Msg>>> {
        let mut actors = actors.into_iter();
        let mut users = vec![0; actors.len()];
        let mut batch = Batch::new(&mut users, spawn);
        batch.fill(&mut actors);
        let mailbox = spawn.raw_mailbox();
        let options = spawn.raw::<A>(self.raw, &mailbox)?;
        let (words, count) = (batch.users(), batch.users().len());
        let mut made = vec![sys::ac_actor { bits: 0 }; count];
        control(|error| unsafe {
            sys::ac_spawn_many(
                self.raw,
                &options,
                words.as_ptr(),
                count as u64,
                made.as_mut_ptr(),
                error,
            )
        })?;
        mailbox.hand_over();
        batch.hand_over();
        Ok(made.into_iter().map(|id| ActorId::from_raw(id).into()).collect())
    }

    /// Sends a message. Unlike a handler's send this tells when the receiver has ended; a
    /// [`Router`](crate::Router) that has nobody for it gives `AC_E_NOT_FOUND`.
    pub fn tell<M: Message>(&self, to: impl Into<Address<M>>, message: M) -> Result<()> {
        let to = to.into().id().raw();
        message.encode(|kind, payload| match payload {
            Payload::Bytes(bytes) => {
                check(unsafe { sys::ac_tell(self.raw, to, kind, text::bytes_of(bytes)) })
            }
            payload => self.hand_over(to, 0, kind, payload),
        })
    }

    /// Sends a message that may carry a span; a buffer is not copied.
    pub(crate) fn hand_over(
        &self,
        to: sys::ac_actor,
        correlation: u64,
        kind: u32,
        payload: Payload<'_>,
    ) -> Result<()> {
        let mut message = Outgoing::new(to, kind, payload)?;
        message.0.correlation = correlation;
        let mut status = sys::AC_OK;
        let told = unsafe {
            sys::ac_tell_many(self.raw, &message.0, 1, &mut status, std::ptr::null_mut())
        };
        if told == sys::AC_OK && status == sys::AC_OK {
            message.hand_over();
        }
        check(told)?;
        check(status)
    }

    /// Sends many messages with few calls; those to one receiver keep their order. Gives which were
    /// refused, and why.
    pub fn tell_many<M: Message>(
        &self,
        messages: impl IntoIterator<Item = (Address<M>, M)>,
    ) -> Result<Vec<(usize, Status)>> {
        const CHUNK: usize = 256;
        let mut messages = messages.into_iter();
        let mut refused = Vec::new();
        let mut chunk: Vec<Outgoing> = Vec::with_capacity(CHUNK);
        let mut statuses = [sys::AC_OK; CHUNK];
        let mut sent = 0;
        loop {
            for (to, message) in messages.by_ref().take(CHUNK) {
                chunk.push(
                    message.encode(|kind, payload| Outgoing::new(to.id().raw(), kind, payload))?,
                );
            }
            if chunk.is_empty() {
                return Ok(refused);
            }
            let (first, count) = (chunk.as_ptr().cast::<sys::ac_message>(), chunk.len());
            check(unsafe {
                let statuses = statuses.as_mut_ptr();
                sys::ac_tell_many(self.raw, first, count as u64, statuses, std::ptr::null_mut())
            })?;
            for (index, (message, status)) in chunk.drain(..).zip(statuses).enumerate() {
                match status {
                    sys::AC_OK => message.hand_over(),
                    status => refused.push((sent + index, Status(status))),
                }
            }
            sent += count;
        }
    }

    /// Asks an actor and waits for its answer.
    pub fn ask<R: Message, M: Message>(
        &self,
        to: impl Into<Address<M>>,
        message: M,
        timeout: Duration,
    ) -> Result<R> {
        let to = to.into().id().raw();
        message.encode(|kind, payload| match payload {
            Payload::Bytes(bytes) => self.ask_bytes(to, kind, bytes, timeout),
            Payload::Buffer(buffer) => self.ask_bytes(to, kind, &buffer, timeout),
            Payload::Parcel(_) => Err(parcel_asked()),
            Payload::Failed(error) => Err(error),
        })
    }

    fn ask_bytes<R: Message>(
        &self,
        to: sys::ac_actor,
        kind: u32,
        bytes: &[u8],
        timeout: Duration,
    ) -> Result<R> {
        let mut reply = sys::ac_message::new();
        let (bytes, timeout) = (text::bytes_of(bytes), text::nanoseconds(timeout));
        let status = unsafe { sys::ac_ask(self.raw, to, kind, bytes, timeout, &mut reply) };
        answer(reply, status)
    }

    /// Starts a timer that sends an actor a message. Its sender is nobody.
    pub fn start_timer<M: Message>(
        &self,
        to: impl Into<Address<M>>,
        message: M,
        timing: Timing,
    ) -> Result<Timer> {
        Timer::start(self.raw, to.into(), message, timing)
    }

    /// Has an actor get [`Event::Timeout`](crate::Event::Timeout) whenever it had no message for so
    /// long; `None` ends that.
    pub fn set_receive_timeout(
        &self,
        actor: impl Into<ActorId>,
        timeout: Option<Duration>,
    ) -> Result<()> {
        set_receive_timeout(self.raw, actor.into(), timeout)
    }

    /// Asks many actors the same and waits until each has answered or the time is over. Inside a
    /// handler use [`Context::ask_many`](crate::Context::ask_many): the answers come one by one.
    pub fn ask_many<R: Message, M: Message>(
        &self,
        to: impl IntoIterator<Item = Address<M>>,
        message: M,
        timeout: Duration,
    ) -> Result<Vec<Result<R>>> {
        self.ask_all(None, to, message, timeout)
    }

    pub(crate) fn ask_all<R: Message, M: Message>(
        &self,
        span: Option<Span>,
        to: impl IntoIterator<Item = Address<M>>,
        message: M,
        timeout: Duration,
    ) -> Result<Vec<Result<R>>> {
        let to: Vec<_> = to.into_iter().map(|to| to.id().raw()).collect();
        let mut replies = vec![sys::ac_message::new(); to.len()];
        let mut statuses = vec![sys::AC_OK; to.len()];
        asked(span, message, timeout, |options| {
            check(unsafe {
                sys::ac_ask_with(
                    self.raw,
                    to.as_ptr(),
                    to.len() as u64,
                    options,
                    replies.as_mut_ptr(),
                    statuses.as_mut_ptr(),
                    std::ptr::null_mut(),
                )
            })
        })?;
        Ok(replies.into_iter().zip(statuses).map(|(reply, status)| answer(reply, status)).collect())
    }

    /// Ends a question of an actor, as [`Context::ask`](crate::Context::ask) gave it, without a
    /// word: an answer that comes later is a dead letter. `AC_E_NOT_FOUND`: it has ended.
    pub fn cancel(&self, question: Correlation) -> Result<()> {
        check(unsafe { sys::ac_ask_cancel(self.raw, question.number()) })
    }

    /// Stops an actor: at once, or after what it has in its mailbox by then.
    pub fn stop_actor(&self, actor: impl Into<ActorId>, drain: bool) -> Result<()> {
        let flags = if drain { sys::AC_STOP_DRAIN } else { 0 };
        check(unsafe { sys::ac_actor_stop(self.raw, actor.into().raw(), flags) })
    }

    /// Does the actor still live?
    pub fn is_alive(&self, actor: impl Into<ActorId>) -> bool {
        unsafe { sys::ac_actor_check(self.raw, actor.into().raw()) == sys::AC_OK }
    }

    /// The actor that was spawned under a name.
    pub fn find(&self, name: &str) -> Result<ActorId> {
        let mut actor = sys::ac_actor { bits: 0 };
        check(unsafe { sys::ac_system_find(self.raw, text::of(name), &mut actor) })?;
        Ok(ActorId::from_raw(actor))
    }

    /// Waits until nothing is queued, in hand or being resolved. In a seeded system this is what
    /// runs it.
    pub fn settle(&self, timeout: Duration) -> Result<()> {
        check(unsafe { sys::ac_system_settle(self.raw, text::nanoseconds(timeout)) })
    }

    /// Lets a seeded system run for so much virtual time: timers fire at exactly their deadlines.
    pub fn advance(&self, duration: Duration) -> Result<()> {
        check(unsafe { sys::ac_system_advance(self.raw, text::nanoseconds(duration)) })
    }

    /// Takes no more from outside, handles what is queued until the time is over, stops every actor
    /// and every thread, and reports.
    pub fn stop(&self, timeout: Duration) -> Result<StopReport> {
        let mut report = sys::ac_stop_report::new();
        let timeout = text::nanoseconds(timeout);
        let stopped =
            control(|error| unsafe { sys::ac_system_stop(self.raw, timeout, &mut report, error) });
        parcel::drop_lost();
        stopped.map(|()| StopReport::new(&report))
    }

    /// The system's clock in nanoseconds, virtual in a seeded system.
    pub fn now(&self) -> u64 {
        let mut now = 0;
        unsafe { sys::ac_system_now(self.raw, &mut now) };
        now
    }

    /// 64 random bits from the system's seed.
    pub fn random(&self) -> u64 {
        let mut random = 0;
        unsafe { sys::ac_system_random(self.raw, &mut random) };
        random
    }

    /// The hash over everything that a seeded system did.
    pub fn trace_hash(&self) -> Result<u64> {
        let mut hash = 0;
        check(unsafe { sys::ac_system_trace_hash(self.raw, &mut hash) })?;
        Ok(hash)
    }

    /// What it holds and did; exact at a quiet moment.
    pub fn stats(&self) -> Stats {
        let mut stats = sys::ac_system_stats::new();
        unsafe { sys::ac_system_get_stats(self.raw, &mut stats) };
        Stats::new(&stats)
    }

    /// What the process uses of the machine, and what this system may.
    pub fn usage(&self) -> Usage {
        let mut usage = sys::ac_usage::new();
        unsafe { sys::ac_system_usage(self.raw, &mut usage) };
        Usage::new(&usage)
    }

    /// What each worker did, and where.
    pub fn workers(&self) -> Vec<WorkerStats> {
        let mut count = 8;
        loop {
            let mut raw = vec![sys::ac_worker_stats::new(); count as usize];
            let capacity = raw.len();
            unsafe {
                let rows = raw.as_mut_ptr();
                sys::ac_system_workers(self.raw, rows, capacity as u64, &mut count);
            }
            if count as usize <= capacity {
                raw.truncate(count as usize);
                return raw.iter().map(WorkerStats::new).collect();
            }
        }
    }

    /// Where all messages are.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = sys::ac_ledger::new();
        unsafe { sys::ac_system_ledger(self.raw, &mut ledger) };
        Ledger::new(&ledger)
    }

    /// The failures after number `after`, oldest first, of the last 256.
    pub fn failures(&self, after: u64) -> Vec<FailureReport> {
        const KEPT: usize = 256;
        let mut raw: Vec<sys::ac_failure> = Vec::with_capacity(KEPT);
        let mut count = 0;
        unsafe {
            sys::ac_system_failures(self.raw, after, raw.as_mut_ptr(), KEPT as u64, &mut count);
            raw.set_len(count as usize);
        }
        raw.iter().map(FailureReport::new).collect()
    }

    /// The dead letters after number `after`, oldest first, of the last 1,024.
    pub fn dead_letters(&self, after: u64) -> Vec<DeadLetter> {
        const KEPT: usize = 1024;
        let mut raw: Vec<sys::ac_dead_letter> = Vec::with_capacity(KEPT);
        let mut count = 0;
        unsafe {
            sys::ac_system_dead_letters(self.raw, after, raw.as_mut_ptr(), KEPT as u64, &mut count);
            raw.set_len(count as usize);
        }
        raw.iter().map(DeadLetter::new).collect()
    }

    /// Tells an actor of dead letters with these reasons, or of all without any, by
    /// [`Event::DeadLetters`](crate::Event::DeadLetters): once for all of a millisecond.
    pub fn subscribe_dead_letters(
        &self,
        subscriber: impl Into<ActorId>,
        reasons: &[Dead],
    ) -> Result<()> {
        let mask = reasons.iter().fold(0, |mask, reason| mask | 1 << reason.0);
        let subscriber = subscriber.into().raw();
        check(unsafe { sys::ac_dead_letter_subscribe(self.raw, subscriber, mask) })
    }

    /// Ends it.
    pub fn unsubscribe_dead_letters(&self, subscriber: impl Into<ActorId>) -> Result<()> {
        check(unsafe { sys::ac_dead_letter_unsubscribe(self.raw, subscriber.into().raw()) })
    }
}

impl Drop for System {
    fn drop(&mut self) {
        unsafe { sys::ac_system_release(self.raw) };
        forget(self.raw);
        parcel::drop_lost();
    }
}

/// What became of a question from outside. The reply is one where the status is `AC_OK`.
pub(crate) fn answer<R: Message>(reply: sys::ac_message, status: sys::ac_status) -> Result<R> {
    check(status)?;
    let reply = Outgoing(reply);
    unsafe { Letter::new(&reply.0) }.read()
}

/// A filled envelope that owns its buffer until it is handed over.
#[repr(transparent)]
struct Outgoing(sys::ac_message);

impl Outgoing {
    fn new(to: sys::ac_actor, kind: u32, payload: Payload<'_>) -> Result<Outgoing> {
        let mut message = sys::ac_message::new();
        message.to = to;
        message.type_ = kind;
        unsafe { payload.fill(&mut message) }?;
        Ok(Outgoing(message))
    }

    fn hand_over(self) {
        std::mem::forget(self);
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        if u64::from(self.0.length) > sys::AC_INLINE_BYTES {
            unsafe { sys::ac_buffer_release(Letter::new(&self.0).raw_buffer()) };
        }
    }
}
