//! Names: who is found under which, and who is told when that changes; and what message types are
//! called.

use actorcore_sys as sys;

use crate::actor::ActorId;
use crate::error::{check, Result};
use crate::system::System;
use crate::text;

/// An actor and one of its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Who.
    pub actor: ActorId,
    /// The name.
    pub name: String,
    /// Others may hold it too.
    pub is_shared: bool,
}

impl Registration {
    pub(crate) fn new(raw: &sys::ac_named) -> Registration {
        let size = raw.name.len().min(raw.size as usize);
        Registration {
            actor: ActorId::from_raw(raw.actor),
            name: text::valid(&raw.name[..size]).to_owned(),
            is_shared: raw.flags & sys::AC_NAME_SHARED != 0,
        }
    }
}

impl System {
    /// Gives a live actor a name of its own, beside those that it has. Legal inside a handler.
    pub fn register(&self, name: &str, actor: impl Into<ActorId>) -> Result<()> {
        let actor = actor.into().raw();
        check(unsafe { sys::ac_name_register(self.raw(), text::of(name), actor, 0) })
    }

    /// Gives a live actor a name that others may hold too.
    pub fn register_shared(&self, name: &str, actor: impl Into<ActorId>) -> Result<()> {
        let actor = actor.into().raw();
        let flags = sys::AC_NAME_SHARED;
        check(unsafe { sys::ac_name_register(self.raw(), text::of(name), actor, flags) })
    }

    /// Takes a name from an actor, also one that it was spawned with.
    pub fn unregister(&self, name: &str, actor: impl Into<ActorId>) -> Result<()> {
        let actor = actor.into().raw();
        check(unsafe { sys::ac_name_unregister(self.raw(), text::of(name), actor) })
    }

    /// The names that match a pattern, sorted: `*` stands for any bytes, `?` for one.
    pub fn names(&self, pattern: &str) -> Result<Vec<Registration>> {
        const PAGE: usize = 64;
        let mut all = Vec::new();
        let mut page = vec![sys::ac_named::new(); PAGE];
        let mut last: Option<sys::ac_named> = None;
        loop {
            let after = last.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            let mut count = 0;
            check(unsafe {
                sys::ac_system_names(
                    self.raw(),
                    text::of(pattern),
                    after,
                    page.as_mut_ptr(),
                    PAGE as u64,
                    &mut count,
                )
            })?;
            let rows = &page[..count as usize];
            all.extend(rows.iter().map(Registration::new));
            if rows.len() < PAGE {
                return Ok(all);
            }
            last = rows.last().copied();
        }
    }

    /// Tells an actor of the names that match a pattern, of those that are there at once, by
    /// [`Event::Registered`](crate::Event::Registered) and
    /// [`Event::Unregistered`](crate::Event::Unregistered). Legal inside a handler.
    pub fn subscribe_names(&self, pattern: &str, subscriber: impl Into<ActorId>) -> Result<()> {
        let subscriber = subscriber.into().raw();
        check(unsafe { sys::ac_name_subscribe(self.raw(), text::of(pattern), subscriber) })
    }

    /// Ends it.
    pub fn unsubscribe_names(&self, pattern: &str, subscriber: impl Into<ActorId>) -> Result<()> {
        let subscriber = subscriber.into().raw();
        check(unsafe { sys::ac_name_unsubscribe(self.raw(), text::of(pattern), subscriber) })
    }

    /// Names a message number of the program's; the same name again is fine.
    pub fn register_type(&self, kind: u32, name: &str) -> Result<()> {
        check(unsafe { sys::ac_type_register(self.raw(), kind, text::of(name)) })
    }

    /// What a message number is called: as it was registered, or the library's own.
    pub fn type_name(&self, kind: u32) -> Result<&str> {
        let mut name = text::NONE;
        check(unsafe { sys::ac_type_name(self.raw(), kind, &mut name) })?;
        Ok(unsafe { text::view(name) })
    }
}
