//! Subsystems that compute their output when an entity is resolved: closures, and actors.
//!
//! Threads: a closure is called on the library's threads, or on the resolving one when the engine
//! has no system, and from several at once. A [`Query`] may be answered on any thread.
//! Invariants: a panic or an error of a closure is that subsystem's failure in that snapshot; a
//! closure is dropped once, after its last call.

use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};

use actorcore_sys as sys;

use crate::actor::ActorId;
use crate::behavior::contain;
use crate::buffer::Buffer;
use crate::engine::{Engine, Name};
use crate::entity::{profile_of, EntityId};
use crate::error::{check, control, Failure, Result};
use crate::output::{failed, AsOutput, Output};
use crate::text;

/// How a subsystem is registered.
#[derive(Clone, Copy, Debug)]
pub struct Subsystem<'a> {
    name: &'a str,
    priority: i64,
}

impl<'a> Subsystem<'a> {
    /// Its system name, unique in the engine.
    pub const fn new(name: &'a str) -> Subsystem<'a> {
        Subsystem { name, priority: 0 }
    }

    /// Of its outputs; higher goes first.
    pub const fn priority(mut self, priority: i64) -> Subsystem<'a> {
        self.priority = priority;
        self
    }

    fn raw(&self) -> sys::ac_subsystem_options {
        sys::ac_subsystem_options {
            name: text::of(self.name),
            priority: self.priority,
            ..sys::ac_subsystem_options::new()
        }
    }
}

/// What a closure is asked.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    raw: &'q sys::ac_contribute,
    context: &'q [u8],
}

impl<'q> Question<'q> {
    /// Whose output is asked.
    pub fn entity(&self) -> EntityId {
        EntityId::from_raw(self.raw.entity)
    }

    /// The entity's profile as JSON.
    pub fn profile(&self) -> Result<String> {
        profile_of(self.raw.entity)
    }

    /// What the resolve handed over.
    pub fn context(&self) -> &'q [u8] {
        self.context
    }

    /// The subsystem's name.
    pub fn system(&self) -> Name {
        Name::from_number(self.raw.system)
    }
}

/// What an actor is asked. Dropped without an answer, it is answered as failed.
#[must_use = "dropping it answers that the subsystem failed"]
pub struct Query {
    raw: sys::ac_contribute,
    context: Option<Buffer>,
}

impl Query {
    /// # Safety
    /// The payload of a message in hand.
    pub(crate) unsafe fn new(raw: &sys::ac_contribute) -> Query {
        let context = match context_of(raw.context) {
            [] => None,
            bytes => unsafe { Buffer::retained(raw.context, bytes.as_ptr(), bytes.len()) },
        };
        Query { raw: *raw, context }
    }

    /// Whose output is asked.
    pub fn entity(&self) -> EntityId {
        EntityId::from_raw(self.raw.entity)
    }

    /// The entity's profile as JSON.
    pub fn profile(&self) -> Result<String> {
        profile_of(self.raw.entity)
    }

    /// What the resolve handed over.
    pub fn context(&self) -> &[u8] {
        self.context.as_deref().unwrap_or(&[])
    }

    /// The subsystem's name.
    pub fn system(&self) -> Name {
        Name::from_number(self.raw.system)
    }

    /// Answers. `AC_E_STALE` when the resolve has ended without it.
    pub fn answer(self, output: &impl AsOutput) -> Result<()> {
        let query = self.raw.query;
        let answered = output.with_raw(&mut |raw| unsafe { sys::ac_query_answer(query, raw) });
        // An answer that was refused leaves the question open, and dropping `self` answers it as
        // failed.
        check(answered)
    }
}

impl Drop for Query {
    fn drop(&mut self) {
        // Stale after an answer, and then without effect.
        unsafe { sys::ac_query_answer(self.raw.query, &failed()) };
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Query({:?}, {:?})", self.entity(), self.system())
    }
}

impl fmt::Debug for Question<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Question({:?}, {:?})", self.entity(), self.system())
    }
}

fn context_of<'a>(context: sys::ac_buffer) -> &'a [u8] {
    let mut view = sys::ac_bytes { data: std::ptr::null(), size: 0 };
    if context.bits == 0 || unsafe { sys::ac_buffer_view(context, &mut view) } != sys::AC_OK {
        return &[];
    }
    unsafe { text::slice(view.data, view.size) }
}

unsafe extern "C" fn on_contribute<F>(user: usize, contribute: *const sys::ac_contribute) -> i32
where
    F: Fn(Question<'_>) -> Result<Output, Failure> + Send + Sync + 'static,
{
    let (ask, raw) = unsafe { (&*(user as *const F), &*contribute) };
    let answered = catch_unwind(AssertUnwindSafe(|| {
        let output = ask(Question { raw, context: context_of(raw.context) })?;
        Ok(output.with_raw(&mut |output| unsafe { sys::ac_query_answer(raw.query, output) }))
    }));
    match answered {
        Ok(Ok(status)) => status,
        Ok(Err(failure)) => Failure::status(&failure).0,
        Err(panic) => {
            contain(|| drop(panic));
            sys::AC_E_PANIC
        }
    }
}

unsafe extern "C" fn destroy<F>(user: usize) {
    contain(|| drop(unsafe { Box::from_raw(user as *mut F) }));
}

impl Engine {
    /// Registers a closure that every resolve asks.
    pub fn register<F>(&self, subsystem: &Subsystem<'_>, contribute: F) -> Result<()>
    where
        F: Fn(Question<'_>) -> Result<Output, Failure> + Send + Sync + 'static,
    {
        let user = Box::into_raw(Box::new(contribute)) as usize;
        let mut options = subsystem.raw();
        options.on_contribute = Some(on_contribute::<F>);
        options.user = user;
        options.destroy = Some(destroy::<F>);
        let registered =
            control(|error| unsafe { sys::ac_subsystem_register(self.raw(), &options, error) });
        if registered.is_err() {
            unsafe { destroy::<F>(user) };
        }
        registered
    }

    /// Registers an actor of the engine's system: every resolve asks it with
    /// [`Event::Contribute`](crate::Event::Contribute).
    pub fn register_actor(
        &self,
        subsystem: &Subsystem<'_>,
        actor: impl Into<ActorId>,
    ) -> Result<()> {
        let mut options = subsystem.raw();
        options.actor = actor.into().raw();
        control(|error| unsafe { sys::ac_subsystem_register(self.raw(), &options, error) })
    }

    /// Asks a subsystem no more. Its closure is dropped once its last question has ended; where the
    /// engine has a system a worker does that, which [`System::settle`](crate::System::settle)
    /// waits for.
    pub fn unregister(&self, name: &str) -> Result<()> {
        check(unsafe { sys::ac_subsystem_remove(self.raw(), text::of(name)) })
    }
}
