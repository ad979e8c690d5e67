//! Where the library's turns become calls of an [`Actor`].
//!
//! Threads: the functions here run on whichever thread the library lends to the actor.
//! Invariants: nothing unwinds out of them; an actor's box is dropped exactly once.
//! Cost: one `catch_unwind` and one virtual call a turn; per message the actor's own code.

use std::any::{Any, TypeId};
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::{self, Write};
use std::marker::PhantomData;
use std::mem::size_of;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use actorcore_sys as sys;

use crate::actor::{short_name, Actor, Spawn};
use crate::context::Context;
use crate::error::{control, Failure, Result};
use crate::event::Event;
use crate::lent::{self, Lent};
use crate::message::Message;
use crate::timer::is_timers;
use crate::{parcel, text};

/// What an actor's messages go to: [`Actor::handle`], or what the actor has become. Its type is the
/// code and it has no size, so that what the library calls needs to know no more.
pub(crate) trait Handles<A: Actor>:
    Fn(&mut A, &mut Context<'_>, A::Msg) -> Result<(), Failure> + Copy + Send + Sync + 'static
{
}

impl<A, H> Handles<A> for H
where
    A: Actor,
    H: Fn(&mut A, &mut Context<'_>, A::Msg) -> Result<(), Failure> + Copy + Send + Sync + 'static,
{
}

/// # Safety
/// There is a value of the type.
#[inline(always)]
unsafe fn code<H: Copy>() -> H {
    const { assert!(size_of::<H>() == 0, "a function, or a closure that captures nothing") };
    unsafe { NonNull::dangling().read() }
}

/// Runs one activation on one of the library's threads, or inside `ac_worker_run`.
unsafe extern "C" fn on_turn<A: Actor, H: Handles<A>>(
    user: usize,
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
) -> i32 {
    if user == UNMADE {
        return unsafe { run_unmade::<A>(turn, activation) };
    }
    unsafe { run::<A, H>(user as *mut A, turn, activation, (*activation).count) }
}

unsafe extern "C" fn destroy<A: Actor>(user: usize) {
    if user != UNMADE {
        contain(|| drop(unsafe { Box::from_raw(user as *mut A) }));
    }
}

/// The word of a routee whose pool's closure panicked instead of making it.
const UNMADE: usize = 0;

/// The word of one more routee of a pool.
pub(crate) fn routee<A: Actor>(make: impl FnOnce() -> A, is_lent: bool, stopped: bool) -> usize {
    let mut made = None;
    contain(|| made = Some(make()));
    match made {
        Some(actor) => boxed(actor, is_lent, stopped),
        None if is_lent => lent::unmade::<A>(),
        None => UNMADE,
    }
}

#[inline]
fn boxed<A: Actor>(actor: A, is_lent: bool, wants_stopped: bool) -> usize {
    if is_lent {
        lent::boxed(actor, wants_stopped)
    } else {
        Box::into_raw(Box::new(actor)) as usize
    }
}

/// A routee that was not made fails at its first message; when that has restarted it, it ends, and
/// its pool makes another.
#[cold]
pub(crate) unsafe fn run_unmade<A: Actor>(
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
) -> i32 {
    let mut context = unsafe { Context::new::<A>(turn, activation, (*activation).count) };
    while unsafe { context.take((*activation).messages) } {
        match context.letter().kind() {
            sys::AC_TYPE_RESTARTED => {
                context.stop();
                context.give_rest_back();
            }
            sys::AC_TYPE_RESTARTING | sys::AC_TYPE_STOPPING | sys::AC_TYPE_STOPPED => {}
            _ => {
                let mut told = Told::of::<A>();
                let _ = write!(told, "was not made, for its pool's closure panicked");
                return context.report(sys::AC_E_PANIC, told.text());
            }
        }
        context.pass();
    }
    sys::AC_OK
}

/// Hands the first `count` messages of the activation to the actor, or as many as there are until
/// it gives the rest back.
#[inline(always)]
pub(crate) unsafe fn run<A: Actor, H: Handles<A>>(
    actor: *mut A,
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
    count: u32,
) -> i32 {
    let mut context = unsafe { Context::new::<A>(turn, activation, count) };
    parcel::drop_lost();
    let ended = catch_unwind(AssertUnwindSafe(|| unsafe {
        let (actor, handler) = (&mut *actor, code::<H>());
        let messages = (*activation).messages;
        while context.take(messages) {
            deliver(actor, handler, &mut context)?;
            context.pass();
        }
        Ok(())
    }));
    match ended {
        Ok(Ok(())) => sys::AC_OK,
        Ok(Err(failure)) => failed::<A>(&context, failure),
        Err(panic) => panicked::<A>(&context, panic),
    }
}

#[inline(always)]
fn deliver<A: Actor>(
    actor: &mut A,
    handler: impl Handles<A>,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let letter = context.letter();
    let correlation = letter.correlation();
    let replies = correlation & sys::AC_CORRELATION_REPLY != 0 && !is_timers(correlation);
    if letter.kind() < LIBRARY && !replies {
        if let Some(message) = A::Msg::decode(&letter) {
            return handler(actor, context, message);
        }
    }
    deliver_event(actor, context)
}

/// Numbers from here are the library's.
const LIBRARY: u32 = 0x8000_0000;

#[inline(never)]
fn deliver_event<A: Actor>(actor: &mut A, context: &mut Context<'_>) -> Result<(), Failure> {
    let event = Event::of(context.letter(), context.system());
    actor.event(context, event)
}

#[cold]
fn failed<A>(context: &Context<'_>, failure: Failure) -> i32 {
    let mut told = Told::of::<A>();
    let _ = write!(told, "{}", failure.reason());
    context.report(failure.status().0, told.text())
}

#[cold]
fn panicked<A>(context: &Context<'_>, panic: Box<dyn Any + Send>) -> i32 {
    let mut told = Told::of::<A>();
    let _ = write!(told, "panicked: {}", panic_text(&*panic));
    contain(|| drop(panic));
    context.report(sys::AC_E_PANIC, told.text())
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&'static str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("with a value that is no text")
}

/// Runs what may panic where nobody can be told, such as a `Drop`.
pub(crate) fn contain(run: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
        // Dropping what was thrown may throw again; then it stays.
        if let Err(again) = catch_unwind(AssertUnwindSafe(move || drop(panic))) {
            std::mem::forget(again);
        }
    }
}

/// The text of a failure as the library keeps it: language, handler, reason; cut to fit, never
/// allocated.
pub(crate) struct Told {
    bytes: [u8; 216],
    size: usize,
}

impl Told {
    pub(crate) fn of<A>() -> Told {
        let mut told = Told { bytes: [0; 216], size: 0 };
        let _ = write!(told, "rust {}: ", short_name::<A>());
        told
    }

    fn text(&self) -> &str {
        text::valid(&self.bytes[..self.size])
    }
}

impl Write for Told {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let part = text.len().min(self.bytes.len() - self.size);
        self.bytes[self.size..self.size + part].copy_from_slice(&text.as_bytes()[..part]);
        self.size += part;
        if part == text.len() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}

/// Actors in their boxes, until the library has taken them.
pub(crate) struct Batch<'u, A: Actor> {
    users: &'u mut [usize],
    count: usize,
    lent: bool,
    wants_stopped: bool,
    actors: PhantomData<A>,
}

impl<'u, A: Actor> Batch<'u, A> {
    pub(crate) fn new(users: &'u mut [usize], spawn: &Spawn<'_>) -> Batch<'u, A> {
        Batch {
            users,
            count: 0,
            lent: spawn.is_lent(),
            wants_stopped: spawn.wants_stopped(),
            actors: PhantomData,
        }
    }

    /// Takes as many as there is room for.
    #[inline]
    pub(crate) fn fill(&mut self, actors: &mut impl Iterator<Item = A>) {
        while self.count < self.users.len() {
            let Some(actor) = actors.next() else { return };
            self.users[self.count] = boxed(actor, self.lent, self.wants_stopped);
            self.count += 1;
        }
    }

    pub(crate) fn users(&self) -> &[usize] {
        &self.users[..self.count]
    }

    /// The library has them now.
    pub(crate) fn hand_over(mut self) -> usize {
        std::mem::take(&mut self.count)
    }
}

impl<A: Actor> Drop for Batch<'_, A> {
    fn drop(&mut self) {
        for user in self.users() {
            if self.lent {
                unsafe { lent::drop_lent::<A>(*user as *mut Lent) };
            } else {
                unsafe { destroy::<A>(*user) };
            }
        }
    }
}

/// The behavior of each handler in each system, and a few recent ones a thread.
static BEHAVIORS: Mutex<Option<HashMap<Key, sys::ac_behavior>>> = Mutex::new(None);

type Key = (u64, TypeId);

const RECENT: usize = 4;

thread_local! {
    static RECENT_BEHAVIORS: [Cell<Option<(Key, sys::ac_behavior)>>; RECENT] =
        const { [const { Cell::new(None) }; RECENT] };
}

/// The registered behavior of a handler.
#[inline]
pub(crate) fn behavior_of<A: Actor, H: Handles<A>>(
    system: sys::ac_system,
    _: H,
) -> Result<sys::ac_behavior> {
    let key = (system.bits, TypeId::of::<(A, H)>());
    RECENT_BEHAVIORS.with(|recent| {
        for cell in recent {
            match cell.get() {
                Some((known, behavior)) if known == key => return Ok(behavior),
                _ => continue,
            }
        }
        let behavior = registered::<A, H>(system, key)?;
        for at in (1..RECENT).rev() {
            recent[at].set(recent[at - 1].get());
        }
        recent[0].set(Some((key, behavior)));
        Ok(behavior)
    })
}

#[inline(never)]
fn registered<A: Actor, H: Handles<A>>(
    system: sys::ac_system,
    key: Key,
) -> Result<sys::ac_behavior> {
    let mut behaviors = BEHAVIORS.lock().unwrap_or_else(PoisonError::into_inner);
    let behaviors = behaviors.get_or_insert_default();
    if let Some(behavior) = behaviors.get(&key) {
        return Ok(*behavior);
    }
    let name = format!("rust {}", short_name::<A>());
    let options = sys::ac_behavior_options {
        on_turn: Some(on_turn::<A, H>),
        destroy: Some(destroy::<A>),
        name: text::of(&name),
        ..sys::ac_behavior_options::new()
    };
    let mut behavior = sys::ac_behavior { bits: 0 };
    control(|error| unsafe { sys::ac_behavior_create(system, &options, &mut behavior, error) })?;
    behaviors.insert(key, behavior);
    Ok(behavior)
}

/// Forgets the behaviors of a system that is released.
pub(crate) fn forget(system: sys::ac_system) {
    let mut behaviors = BEHAVIORS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(behaviors) = behaviors.as_mut() {
        behaviors.retain(|key, _| key.0 != system.bits);
    }
}
