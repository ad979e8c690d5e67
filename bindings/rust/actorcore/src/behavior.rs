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
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use actorcore_sys as sys;

use crate::actor::{short_name, Actor, Spawn};
use crate::context::Context;
use crate::error::{control, Failure, Result};
use crate::event::Event;
use crate::message::Message;
use crate::{parcel, text};

/// Runs one activation on one of the library's threads, or inside `ac_worker_run`.
unsafe extern "C" fn on_turn<A: Actor>(
    user: usize,
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
) -> i32 {
    unsafe { run::<A>(user as *mut A, turn, activation, 0, (*activation).count) }
}

unsafe extern "C" fn destroy<A: Actor>(user: usize) {
    contain(|| drop(unsafe { Box::from_raw(user as *mut A) }));
}

/// An actor on an ATTACHED dispatcher, where nothing but its word leads to its code.
#[repr(C)]
pub(crate) struct Lent {
    /// Runs one activation of a turn.
    pub(crate) run: unsafe fn(*mut Lent, *mut sys::ac_turn, *mut sys::ac_activation, u32),
    wants_stopped: bool,
}

#[repr(C)]
struct LentActor<A> {
    head: Lent,
    actor: A,
}

unsafe fn run_lent<A: Actor>(
    lent: *mut Lent,
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
    index: u32,
) {
    unsafe {
        let whole = lent.cast::<LentActor<A>>();
        let count = (*activation).count;
        let last = *(*activation).messages.add(count as usize - 1);
        let ends = (*last).type_ == sys::AC_TYPE_STOPPED;
        let unwanted = u32::from(ends && !(*whole).head.wants_stopped);
        run::<A>(&raw mut (*whole).actor, turn, activation, index, count - unwanted);
        if ends {
            drop_lent::<A>(lent);
        }
    }
}

unsafe fn drop_lent<A: Actor>(lent: *mut Lent) {
    contain(|| drop(unsafe { Box::from_raw(lent.cast::<LentActor<A>>()) }));
}

/// Hands `count` messages of the activation to the actor.
#[inline(always)]
unsafe fn run<A: Actor>(
    actor: *mut A,
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
    index: u32,
    count: u32,
) -> i32 {
    let mut at = 0;
    parcel::drop_lost();
    let ended = catch_unwind(AssertUnwindSafe(|| unsafe {
        let actor = &mut *actor;
        let messages = (*activation).messages;
        let mut context = Context::new(turn, activation);
        while at < count {
            context.take(*messages.add(at as usize));
            deliver(actor, &mut context)?;
            at += 1;
        }
        Ok(())
    }));
    match ended {
        Ok(Ok(())) => sys::AC_OK,
        Ok(Err(failure)) => unsafe { failed::<A>(turn, activation, index, at, failure) },
        Err(panic) => unsafe { panicked::<A>(turn, activation, index, at, panic) },
    }
}

#[inline(always)]
fn deliver<A: Actor>(actor: &mut A, context: &mut Context<'_>) -> Result<(), Failure> {
    let letter = context.letter();
    if letter.kind() < LIBRARY && letter.correlation() & sys::AC_CORRELATION_REPLY == 0 {
        if let Some(message) = A::Msg::decode(&letter) {
            return actor.handle(context, message);
        }
    }
    deliver_event(actor, context)
}

/// Numbers from here are the library's.
const LIBRARY: u32 = 0x8000_0000;

#[inline(never)]
fn deliver_event<A: Actor>(actor: &mut A, context: &mut Context<'_>) -> Result<(), Failure> {
    let event = Event::of(context.letter());
    actor.event(context, event)
}

#[cold]
unsafe fn failed<A>(
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
    index: u32,
    at: u32,
    failure: Failure,
) -> i32 {
    let mut told = Told::of::<A>();
    let _ = write!(told, "{}", failure.reason());
    unsafe { report(turn, activation, index, at, failure.status().0, &told) }
}

#[cold]
unsafe fn panicked<A>(
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
    index: u32,
    at: u32,
    panic: Box<dyn Any + Send>,
) -> i32 {
    let mut told = Told::of::<A>();
    let _ = write!(told, "panicked: {}", panic_text(&*panic));
    contain(|| drop(panic));
    unsafe { report(turn, activation, index, at, sys::AC_E_PANIC, &told) }
}

unsafe fn report(
    turn: *mut sys::ac_turn,
    activation: *mut sys::ac_activation,
    index: u32,
    at: u32,
    status: i32,
    told: &Told,
) -> i32 {
    unsafe {
        (*activation).handled = at;
        sys::ac_worker_fail((*turn).worker, index, at, status, text::of(told.text()));
    }
    status
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
            wants_stopped: spawn.stopped,
            actors: PhantomData,
        }
    }

    /// Takes as many as there is room for.
    #[inline]
    pub(crate) fn fill(&mut self, actors: &mut impl Iterator<Item = A>) {
        while self.count < self.users.len() {
            let Some(actor) = actors.next() else { return };
            self.users[self.count] = if self.lent {
                let head = Lent { run: run_lent::<A>, wants_stopped: self.wants_stopped };
                Box::into_raw(Box::new(LentActor { head, actor })) as usize
            } else {
                Box::into_raw(Box::new(actor)) as usize
            };
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
                unsafe { drop_lent::<A>(*user as *mut Lent) };
            } else {
                unsafe { destroy::<A>(*user) };
            }
        }
    }
}

/// The behavior of each actor type in each system, and a few recent ones a thread.
static BEHAVIORS: Mutex<Option<HashMap<Key, sys::ac_behavior>>> = Mutex::new(None);

type Key = (u64, TypeId);

const RECENT: usize = 4;

thread_local! {
    static RECENT_BEHAVIORS: [Cell<Option<(Key, sys::ac_behavior)>>; RECENT] =
        const { [const { Cell::new(None) }; RECENT] };
}

/// The registered behavior of `A`; none where handlers run on lent threads.
#[inline]
pub(crate) fn behavior_of<A: Actor>(
    system: sys::ac_system,
    spawn: &Spawn<'_>,
) -> Result<sys::ac_behavior> {
    if spawn.is_lent() {
        return Ok(sys::ac_behavior { bits: 0 });
    }
    let key = (system.bits, TypeId::of::<A>());
    RECENT_BEHAVIORS.with(|recent| {
        for cell in recent {
            match cell.get() {
                Some((known, behavior)) if known == key => return Ok(behavior),
                _ => continue,
            }
        }
        let behavior = registered::<A>(system, key)?;
        for at in (1..RECENT).rev() {
            recent[at].set(recent[at - 1].get());
        }
        recent[0].set(Some((key, behavior)));
        Ok(behavior)
    })
}

#[inline(never)]
fn registered<A: Actor>(system: sys::ac_system, key: Key) -> Result<sys::ac_behavior> {
    let mut behaviors = BEHAVIORS.lock().unwrap_or_else(PoisonError::into_inner);
    let behaviors = behaviors.get_or_insert_default();
    if let Some(behavior) = behaviors.get(&key) {
        return Ok(*behavior);
    }
    let name = format!("rust {}", short_name::<A>());
    let options = sys::ac_behavior_options {
        on_turn: Some(on_turn::<A>),
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
