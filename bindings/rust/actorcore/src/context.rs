//! What a handler can do: send, reply, ask, spawn, stop, become another.
//!
//! Threads: it lives for one turn on one thread and is neither `Send` nor `Sync`.
//! Cost: a send writes one envelope of the turn's outbox; no call but when the outbox is full or
//! the payload is longer than 32 bytes.
//!
//! ```compile_fail
//! fn send<T: Send>() {}
//! send::<actorcore::Context<'static>>();
//! ```

use std::any::TypeId;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::time::Duration;

use actorcore_sys::{self as sys, Status};

use crate::actor::{short_name, Actor, ActorId, Address, Spawn};
use crate::behavior::{behavior_of, Batch, Handles};
use crate::buffer::Payload;
use crate::error::{check, control, Error, Failure, Result};
use crate::lent::{run_of, Lent};
use crate::message::{Letter, Message, Plain};
use crate::system::System;
use crate::text;
use crate::timer::{is_timers, set_receive_timeout, Timer, Timing};

/// Ties a question to its answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Correlation(pub(crate) u64);

unsafe impl Plain for Correlation {}

impl Correlation {
    /// From a number of the program's own, for
    /// [`Engine::resolve_async`](crate::Engine::resolve_async); its top bit is left out.
    pub const fn new(number: u64) -> Correlation {
        Correlation(number & !sys::AC_CORRELATION_REPLY)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Who waits for an answer, to be answered now or later; answer once.
#[derive(Debug)]
#[must_use = "who asked waits until the deadline"]
pub struct Request {
    asker: sys::ac_actor,
    correlation: u64,
}

impl Request {
    /// Does anybody still wait for the answer? A handler that takes long can look in between, and
    /// give up.
    pub fn is_wanted(&self, system: &System) -> bool {
        unsafe { sys::ac_ask_is_pending(system.raw(), self.correlation) == sys::AC_OK }
    }
}

/// Whose context it is.
struct Kind {
    actor: TypeId,
    name: fn() -> &'static str,
}

/// The running handler's way to the system.
pub struct Context<'t> {
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
    me: sys::ac_actor,
    message: *const sys::ac_message,
    /// The place of the message in hand in its activation.
    at: u32,
    /// The place of the first that this activation does not handle.
    end: u32,
    kind: &'static Kind,
    life: PhantomData<&'t mut sys::ac_turn>,
}

impl<'t> Context<'t> {
    #[inline(always)]
    pub(crate) unsafe fn new<A: Actor>(
        turn: *mut sys::ac_turn,
        activation: *mut sys::ac_activation,
        count: u32,
    ) -> Context<'t> {
        let me = unsafe { (*activation).actor };
        let kind = const { &Kind { actor: TypeId::of::<A>(), name: short_name::<A> } };
        let message = std::ptr::null();
        Context { turn, activation, me, message, at: 0, end: count, kind, life: PhantomData }
    }

    /// Takes the next of the activation's messages in hand, if it is to handle one.
    #[inline(always)]
    pub(crate) unsafe fn take(&mut self, messages: *const *mut sys::ac_message) -> bool {
        let goes_on = self.at < self.end;
        if goes_on {
            self.message = unsafe { *messages.add(self.at as usize) };
        }
        goes_on
    }

    /// The message in hand is done with.
    #[inline(always)]
    pub(crate) fn pass(&mut self) {
        self.at += 1;
    }

    pub(crate) fn at(&self) -> u32 {
        self.at
    }

    pub(crate) fn worker(&self) -> sys::ac_worker {
        unsafe { (*self.turn).worker }
    }

    /// The activation's place in its turn.
    pub(crate) fn index(&self) -> u32 {
        unsafe { self.activation.offset_from((*self.turn).activations) as u32 }
    }

    /// What comes after the message in hand is to be given to the actor again: behind what goes in
    /// front of it meanwhile, or to what the actor has become.
    pub(crate) fn give_rest_back(&mut self) {
        self.end = self.at + 1;
        unsafe {
            (*self.activation).handled = self.end;
            (*self.activation).flags |= sys::AC_ACTIVATION_YIELD;
        }
    }

    /// The message in hand has failed.
    pub(crate) fn report(&self, status: i32, told: &str) -> i32 {
        unsafe {
            (*self.activation).handled = self.at;
            let (worker, index) = (self.worker(), self.index());
            sys::ac_worker_fail(worker, index, self.at, status, text::of(told));
        }
        status
    }

    /// The message in hand, as it arrived.
    #[inline(always)]
    pub fn letter(&self) -> Letter<'t> {
        unsafe { Letter::new(self.message) }
    }

    /// Who sent the message in hand; nobody when it came from outside the handlers.
    #[inline(always)]
    pub fn sender(&self) -> Option<ActorId> {
        self.letter().sender()
    }

    /// The actor itself.
    #[inline(always)]
    pub fn me(&self) -> ActorId {
        ActorId::from_raw(self.me)
    }

    /// The system, for what has no quicker way here. Calls that wait give `AC_E_WOULD_DEADLOCK`.
    pub fn system(&self) -> &System {
        unsafe { System::borrowed(&(*self.turn).system) }
    }

    /// Sends a message. A receiver that has ended is no error: the message becomes a dead letter.
    #[inline(always)]
    pub fn send<M: Message>(&mut self, to: impl Into<Address<M>>, message: M) -> Result<()> {
        let to = to.into().id().raw();
        message.encode(|kind, payload| self.put(to, 0, kind, payload))
    }

    /// Answers the message in hand, which has to be a question.
    #[inline]
    pub fn reply<M: Message>(&mut self, message: M) -> Result<()> {
        match self.request() {
            Some(request) => self.answer(request, message),
            None => Err(not_asked()),
        }
    }

    /// The message in hand as a question, to be answered later; `None` when nobody waits for an
    /// answer.
    #[inline]
    pub fn request(&self) -> Option<Request> {
        let correlation = self.letter().correlation();
        let asked = correlation != 0 && correlation & sys::AC_CORRELATION_REPLY == 0;
        asked.then(|| Request { asker: self.letter().raw_sender(), correlation })
    }

    /// Answers a question.
    #[inline]
    pub fn answer<M: Message>(&mut self, request: Request, message: M) -> Result<()> {
        let correlation = request.correlation | sys::AC_CORRELATION_REPLY;
        message.encode(|kind, payload| self.put(request.asker, correlation, kind, payload))
    }

    #[inline(always)]
    pub(crate) fn put(
        &mut self,
        to: sys::ac_actor,
        correlation: u64,
        kind: u32,
        payload: Payload<'_>,
    ) -> Result<()> {
        unsafe {
            let turn = self.turn;
            if (*turn).outbox_count >= (*turn).outbox_capacity {
                self.flush()?;
            }
            let count = (*turn).outbox_count;
            let message = *(*turn).outbox.add(count as usize);
            (*message).to = to;
            (*message).sender = self.me;
            (*message).correlation = correlation;
            (*message).type_ = kind;
            payload.fill(message)?;
            (*turn).outbox_count = count + 1;
        }
        Ok(())
    }

    /// Submits what was sent so far; a full outbox does so by itself. In a seeded system it goes
    /// when the activation ends.
    #[inline(never)]
    pub fn flush(&mut self) -> Result<()> {
        check(unsafe { sys::ac_worker_flush((*self.turn).worker) })
    }

    /// Asks an actor. The answer, or why there is none, arrives as
    /// [`Event::Reply`](crate::Event::Reply) with the correlation that this gives.
    pub fn ask<M: Message>(
        &mut self,
        to: impl Into<Address<M>>,
        message: M,
        timeout: Duration,
    ) -> Result<Correlation> {
        let to = to.into().id().raw();
        let mut correlation = 0;
        message.encode(|kind, payload| {
            let view = match &payload {
                Payload::Bytes(bytes) => text::bytes_of(bytes),
                Payload::Buffer(buffer) => text::bytes_of(buffer),
                Payload::Parcel(_) => return Err(parcel_asked()),
                Payload::Failed(error) => return Err(error.clone()),
            };
            let timeout = text::nanoseconds(timeout);
            check(unsafe {
                sys::ac_worker_ask(
                    (*self.turn).worker,
                    self.me,
                    to,
                    kind,
                    view,
                    timeout,
                    &mut correlation,
                )
            })
        })?;
        Ok(Correlation(correlation))
    }

    /// Starts a timer that sends an actor a message, as a rule this one. Its sender is nobody.
    pub fn start_timer<M: Message>(
        &mut self,
        to: impl Into<Address<M>>,
        message: M,
        timing: Timing,
    ) -> Result<Timer> {
        self.system().start_timer(to, message, timing)
    }

    /// The timer that sent the message in hand.
    pub fn timer(&self) -> Option<Timer> {
        let correlation = self.letter().correlation();
        is_timers(correlation).then(|| Timer::new(self.system().raw(), correlation))
    }

    /// Has this actor get [`Event::Timeout`](crate::Event::Timeout) whenever it had no message for
    /// so long; `None` ends that.
    pub fn set_receive_timeout(&mut self, timeout: Option<Duration>) -> Result<()> {
        set_receive_timeout(self.system().raw(), self.me(), timeout)
    }

    /// Spawns an actor on the system's own dispatcher.
    pub fn spawn<A: Actor>(&mut self, actor: A) -> Result<Address<A::Msg>> {
        self.spawn_with(actor, &Spawn::new())
    }

    /// Spawns an actor.
    pub fn spawn_with<A: Actor>(&mut self, actor: A, spawn: &Spawn<'_>) -> Result<Address<A::Msg>> {
        let mut made = sys::ac_actor { bits: 0 };
        self.spawn_chunk(
            &mut Some(actor).into_iter(),
            spawn,
            &mut [0],
            std::slice::from_mut(&mut made),
        )?;
        Ok(ActorId::from_raw(made).into())
    }

    /// Spawns many actors of a kind with few calls, and hands each address to `each`. Those made
    /// before a failure stay.
    pub fn spawn_many<A: Actor>(
        &mut self,
        actors: impl IntoIterator<Item = A>,
        spawn: &Spawn<'_>,
        mut each: impl FnMut(Address<A::Msg>),
    ) -> Result<()> {
        const CHUNK: usize = 32;
        let mut actors = actors.into_iter();
        let (mut users, mut made) = ([0; CHUNK], [sys::ac_actor { bits: 0 }; CHUNK]);
        loop {
            let count = self.spawn_chunk(&mut actors, spawn, &mut users, &mut made)?;
            made[..count].iter().for_each(|id| each(ActorId::from_raw(*id).into()));
            if count < CHUNK {
                return Ok(());
            }
        }
    }

    fn spawn_chunk<A: Actor>(
        &mut self,
        actors: &mut impl Iterator<Item = A>,
        spawn: &Spawn<'_>,
        users: &mut [usize],
        made: &mut [sys::ac_actor],
    ) -> Result<usize> {
        let (worker, system) = (self.worker(), self.system().raw());
        let mailbox = spawn.raw_mailbox();
        let options = spawn.raw::<A>(system, &mailbox)?;
        let mut batch = Batch::new(users, spawn);
        batch.fill(actors);
        let words = batch.users();
        if words.is_empty() {
            return Ok(0);
        }
        control(|error| unsafe {
            sys::ac_worker_spawn(
                worker,
                &options,
                words.as_ptr(),
                words.len() as u64,
                made.as_mut_ptr(),
                error,
            )
        })?;
        mailbox.hand_over();
        Ok(batch.hand_over())
    }

    /// Has the messages to come handled by another function of the actor's, such as
    /// `Door::when_locked`, until [`unbecome`](Self::unbecome), another `become_` or a restart.
    /// Events still reach [`Actor::event`]. At most 64 lie on top of each other.
    ///
    /// ```
    /// # use actorcore::{messages, Actor, Context, Failure};
    /// # messages! { enum Act { Lock = 1, Open = 2 } }
    /// struct Door;
    ///
    /// impl Door {
    ///     fn when_locked(&mut self, context: &mut Context<'_>, act: Act) -> Result<(), Failure> {
    ///         match act {
    ///             Act::Lock => Ok(()),
    ///             Act::Open => Ok(context.unbecome()?),
    ///         }
    ///     }
    /// }
    ///
    /// impl Actor for Door {
    ///     type Msg = Act;
    ///
    ///     fn handle(&mut self, context: &mut Context<'_>, act: Act) -> Result<(), Failure> {
    ///         if let Act::Lock = act {
    ///             context.become_(Door::when_locked)?;
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// One of another actor type gives `AC_E_INVALID_ARGUMENT`, and a closure that captures
    /// something does not compile:
    ///
    /// ```compile_fail
    /// # use actorcore::{messages, Actor, Context, Failure};
    /// # messages! { struct Go = 1; }
    /// # struct Door;
    /// # impl Actor for Door {
    /// #     type Msg = Go;
    /// fn handle(&mut self, context: &mut Context<'_>, _: Go) -> Result<(), Failure> {
    ///     let now = context.now();
    ///     let captures = move |_: &mut Door, context: &mut Context<'_>, _: Go| {
    ///         assert_ne!(context.now(), now);
    ///         Ok(())
    ///     };
    ///     Ok(context.become_(captures)?)
    /// }
    /// # }
    /// # actorcore::System::new().unwrap().spawn(Door).unwrap();
    /// ```
    pub fn become_<A, H>(&mut self, handler: H) -> Result<()>
    where
        A: Actor,
        H: Fn(&mut A, &mut Context<'_>, A::Msg) -> Result<(), Failure>
            + Copy
            + Send
            + Sync
            + 'static,
    {
        self.change(handler, 0)
    }

    /// As [`become_`](Self::become_), but in the place of what it has become last.
    pub fn become_instead<A, H>(&mut self, handler: H) -> Result<()>
    where
        A: Actor,
        H: Fn(&mut A, &mut Context<'_>, A::Msg) -> Result<(), Failure>
            + Copy
            + Send
            + Sync
            + 'static,
    {
        self.change(handler, sys::AC_BECOME_REPLACE)
    }

    fn change<A: Actor, H: Handles<A>>(&mut self, handler: H, flags: u32) -> Result<()> {
        if self.kind.actor != TypeId::of::<A>() {
            return Err(not_its_own::<A>((self.kind.name)()));
        }
        // The library refuses it to what takes its turns itself, and that has to remember it.
        let behavior = behavior_of(self.system().raw(), handler)?;
        let (worker, index) = (self.worker(), self.index());
        match unsafe { sys::ac_worker_become(worker, index, behavior, flags) } {
            sys::AC_E_WRONG_MODE => unsafe { self.lent() }.push(run_of(handler), flags != 0)?,
            status => check(status)?,
        }
        self.give_rest_back();
        Ok(())
    }

    /// Goes back to what the actor was before the last [`become_`](Self::become_).
    /// `AC_E_NOT_FOUND`: it is what it was spawned as.
    pub fn unbecome(&mut self) -> Result<()> {
        match unsafe { sys::ac_worker_unbecome(self.worker(), self.index()) } {
            sys::AC_E_WRONG_MODE => unsafe { self.lent() }.pop()?,
            status => check(status)?,
        }
        self.give_rest_back();
        Ok(())
    }

    /// # Safety
    /// The actor is of an ATTACHED dispatcher.
    unsafe fn lent(&mut self) -> &mut Lent {
        unsafe { &mut *((*self.activation).user as *mut Lent) }
    }

    /// Memory for the length of the turn: `count` items, all zero, that go with it at once, without
    /// a call. For what is built and sent within one turn, as a send copies. Up to 1 MiB stays with
    /// the worker for the next turn; 1 GiB is the most.
    ///
    /// ```
    /// # use actorcore::{messages, Actor, Context, Failure};
    /// # messages! { struct Numbers(Vec<u8>) = 1; struct Sorted(Vec<u8>) = 2; }
    /// # struct Sorter;
    /// # impl Actor for Sorter {
    /// #     type Msg = Numbers;
    /// fn handle(&mut self, context: &mut Context<'_>, message: Numbers) -> Result<(), Failure> {
    ///     let counts = context.scratch::<u64>(256)?;
    ///     message.0.iter().for_each(|number| counts[usize::from(*number)] += 1);
    ///     let sorted = (0..=255).flat_map(|at: u8| vec![at; counts[usize::from(at)] as usize]);
    ///     Ok(context.reply(Sorted(sorted.collect()))?)
    /// }
    /// # }
    /// # let system = actorcore::System::new().unwrap();
    /// # let to = system.spawn(Sorter).unwrap();
    /// # let asked = Numbers(vec![3, 1, 2, 1]);
    /// # let Sorted(sorted) = system.ask(to, asked, std::time::Duration::from_secs(60)).unwrap();
    /// # assert_eq!(sorted, [1, 1, 2, 3]);
    /// ```
    ///
    /// It cannot be kept:
    ///
    /// ```compile_fail
    /// # use actorcore::{messages, Actor, Context, Failure};
    /// # messages! { struct Go = 1; }
    /// struct Keeper(&'static mut [u64]);
    /// # impl Actor for Keeper {
    /// #     type Msg = Go;
    /// fn handle(&mut self, context: &mut Context<'_>, _: Go) -> Result<(), Failure> {
    ///     self.0 = context.scratch(4)?;
    ///     Ok(())
    /// }
    /// # }
    /// ```
    pub fn scratch<T: Plain>(&mut self, count: usize) -> Result<&'t mut [T]> {
        const { assert!(align_of::<T>() <= 16, "scratch memory is aligned to 16 bytes") };
        let size = count.checked_mul(size_of::<T>()).ok_or(Status::E_LIMIT)?;
        let mut data = NonNull::<T>::dangling().as_ptr().cast::<u8>();
        if size != 0 {
            check(unsafe { sys::ac_worker_alloc(self.worker(), size as u64, &mut data) })?;
        }
        // The library has it until the turn ends, which is after `'t`, and gives it to nobody else.
        unsafe {
            data.write_bytes(0, size);
            Ok(std::slice::from_raw_parts_mut(data.cast::<T>(), count))
        }
    }

    /// Stops this actor when the activation ends; messages that came with the one in hand are still
    /// handled.
    pub fn stop(&mut self) {
        unsafe { (*self.activation).flags |= sys::AC_ACTIVATION_STOP };
    }

    /// Stops another actor after what it has in its mailbox by then.
    pub fn stop_other(&mut self, actor: impl Into<ActorId>) -> Result<()> {
        self.send_order(actor.into(), sys::AC_TYPE_STOP)
    }

    /// Sends one of the library's messages that a program may send.
    pub(crate) fn send_order(&mut self, actor: ActorId, kind: u32) -> Result<()> {
        self.put(actor.raw(), 0, kind, Payload::Bytes(&[]))
    }

    /// The system's clock in nanoseconds, virtual in a seeded system.
    pub fn now(&self) -> u64 {
        self.system().now()
    }
}

#[cold]
fn not_asked() -> Error {
    let told = "the message in hand is no question, so nobody waits for an answer; send to its \
                sender instead";
    Error::new(Status::E_INVALID_ARGUMENT, told)
}

#[cold]
fn not_its_own<A>(actor: &str) -> Error {
    let other = short_name::<A>();
    let told = format!("a handler of {other} was given to a {actor}; give it one of its own type");
    Error::new(Status::E_INVALID_ARGUMENT, told)
}

#[cold]
pub(crate) fn parcel_asked() -> Error {
    let told = "a question cannot carry a parcel, for the library copies its payload; send the \
                parcel, or reply with it";
    Error::new(Status::E_UNSUPPORTED, told)
}
