//! Entities: a profile, the stored outputs of its subsystems, and how it is resolved.
//!
//! Threads: `Send` and `Sync`; changes and resolves of one entity take turns. A resolve waits only
//! where subsystems have to be asked through a system, and is then refused inside a handler.

use std::time::Duration;

use actorcore_sys as sys;

use crate::actor::ActorId;
use crate::context::Correlation;
use crate::engine::{Engine, Name};
use crate::error::{check, control, Result};
use crate::output::{AsOutput, Cap, Contribution, Outputs};
use crate::snapshot::Snapshot;
use crate::text;

/// Who an entity is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Profile<'a> {
    /// Its id; required.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its race.
    pub race: &'a str,
    /// Years.
    pub lifespan: i64,
    /// Years.
    pub age: i64,
    /// Nanoseconds since 1970.
    pub created_at: i64,
    /// Nanoseconds since 1970.
    pub updated_at: i64,
    /// Raised with every change; 0 is taken as 1.
    pub version: u64,
    /// A JSON array of names, or nothing.
    pub subsystems: &'a str,
    /// A JSON object, or nothing.
    pub data: &'a str,
}

impl Profile<'_> {
    fn raw(&self) -> sys::ac_profile {
        sys::ac_profile {
            id: text::of(self.id),
            name: text::of(self.name),
            race: text::of(self.race),
            lifespan: self.lifespan,
            age: self.age,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
            subsystems: text::of(self.subsystems),
            data: text::of(self.data),
            ..sys::ac_profile::new()
        }
    }
}

/// How to resolve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resolve {
    /// Fail with `AC_E_REJECTED` where a snapshot would list an error.
    pub strict: bool,
    /// Compute even where a cached snapshot would serve.
    pub fresh: bool,
}

impl Resolve {
    pub(crate) fn flags(self) -> u32 {
        let strict = if self.strict { sys::AC_RESOLVE_STRICT } else { 0 };
        let fresh = if self.fresh { sys::AC_RESOLVE_FRESH } else { 0 };
        strict | fresh
    }
}

/// Which entity something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct EntityId(u64);

impl EntityId {
    pub(crate) fn from_raw(raw: sys::ac_entity) -> EntityId {
        EntityId(raw.bits)
    }
}

/// An entity.
#[derive(Debug)]
#[repr(transparent)]
pub struct Entity {
    raw: sys::ac_entity,
}

impl Entity {
    /// Which one it is.
    pub fn id(&self) -> EntityId {
        EntityId(self.raw.bits)
    }

    pub(crate) fn raw(&self) -> sys::ac_entity {
        self.raw
    }

    /// Replaces the profile.
    pub fn set_profile(&self, profile: &Profile<'_>) -> Result<()> {
        control(|error| unsafe { sys::ac_entity_set_profile(self.raw, &profile.raw(), error) })
    }

    /// The profile as JSON, with the spec's names.
    pub fn profile(&self) -> Result<String> {
        profile_of(self.raw)
    }

    /// Stores a subsystem's output in place of its former one.
    pub fn put(&self, output: &impl AsOutput) -> Result<()> {
        check(output.with_raw(&mut |raw| unsafe { sys::ac_entity_put(self.raw, raw) }))
    }

    /// Replaces all outputs; two of one system stay two, and are both rejected.
    pub fn put_all(&self, outputs: &Outputs) -> Result<()> {
        check(unsafe { sys::ac_entity_put_all(self.raw, outputs.raw()) })
    }

    /// Puts one contribution into a subsystem's output: in place of the one that differs from it in
    /// nothing but the value, or beside the others. `AC_E_REJECTED`: the output is left out
    /// whatever the registry, so [`put`](Self::put) it whole.
    pub fn put_contribution(&self, system: Name, row: &Contribution) -> Result<()> {
        control(|error| unsafe {
            sys::ac_entity_put_contribution(self.raw, system.number(), row.raw(), error)
        })
    }

    /// Takes out the contribution that differs from `row` in nothing but the value.
    pub fn remove_contribution(&self, system: Name, row: &Contribution) -> Result<()> {
        control(|error| unsafe {
            sys::ac_entity_remove_contribution(self.raw, system.number(), row.raw(), error)
        })
    }

    /// The same as [`put_contribution`](Self::put_contribution) for a cap.
    pub fn put_cap(&self, system: Name, row: &Cap) -> Result<()> {
        control(|error| unsafe {
            sys::ac_entity_put_cap(self.raw, system.number(), row.raw(), error)
        })
    }

    /// Takes out the cap that differs from `row` in nothing but the value.
    pub fn remove_cap(&self, system: Name, row: &Cap) -> Result<()> {
        control(|error| unsafe {
            sys::ac_entity_remove_cap(self.raw, system.number(), row.raw(), error)
        })
    }

    /// Removes a subsystem's output.
    pub fn remove(&self, system: Name) -> Result<()> {
        check(unsafe { sys::ac_entity_remove(self.raw, system.number()) })
    }

    /// Resolves it, from the cache where that is still true.
    pub fn resolve(&self) -> Result<Snapshot> {
        self.resolve_as(Resolve::default())
    }

    /// Resolves it.
    pub fn resolve_as(&self, resolve: Resolve) -> Result<Snapshot> {
        let mut raw = sys::ac_snapshot { bits: 0 };
        control(|error| unsafe { sys::ac_resolve(self.raw, resolve.flags(), &mut raw, error) })?;
        Ok(unsafe { Snapshot::owned(raw) })
    }

    /// Resolves it past the cache, handing `context` to every subsystem that is asked, which have
    /// `timeout` to answer.
    pub fn resolve_with_context(
        &self,
        context: &[u8],
        timeout: Duration,
        resolve: Resolve,
    ) -> Result<Snapshot> {
        let mut raw = sys::ac_snapshot { bits: 0 };
        let (context, timeout) = (text::bytes_of(context), answer_time(timeout));
        let flags = resolve.flags();
        control(|error| unsafe {
            sys::ac_resolve_with_context(self.raw, flags, context, timeout, &mut raw, error)
        })?;
        Ok(unsafe { Snapshot::owned(raw) })
    }

    /// The cached snapshot, if it is still what a resolve would give.
    pub fn cached(&self) -> Option<Snapshot> {
        let mut raw = sys::ac_snapshot { bits: 0 };
        let status = unsafe { sys::ac_get_cached_snapshot(self.raw, &mut raw) };
        (status == sys::AC_OK).then(|| unsafe { Snapshot::owned(raw) })
    }

    /// Drops the cached snapshot.
    pub fn invalidate(&self) {
        unsafe { sys::ac_invalidate(self.raw) };
    }
}

impl Drop for Entity {
    fn drop(&mut self) {
        unsafe { sys::ac_entity_release(self.raw) };
    }
}

pub(crate) fn profile_of(entity: sys::ac_entity) -> Result<String> {
    text::copied(|data, capacity, size| unsafe {
        sys::ac_entity_profile(entity, data, capacity, size)
    })
}

/// Zero would be the ABI's default; here it is no time at all.
fn answer_time(timeout: Duration) -> u64 {
    text::nanoseconds(timeout).max(1)
}

/// How an asynchronous resolve is made.
#[derive(Clone, Copy, Debug)]
pub struct AsyncResolve<'a> {
    /// As for a plain resolve.
    pub resolve: Resolve,
    /// For the subsystems that are asked.
    pub context: &'a [u8],
    /// How long they have to answer.
    pub timeout: Duration,
    /// Comes back in every [`Resolved`](crate::Resolved).
    pub correlation: Correlation,
}

impl Default for AsyncResolve<'_> {
    fn default() -> Self {
        let timeout = Duration::from_secs(1);
        AsyncResolve {
            resolve: Resolve::default(),
            context: &[],
            timeout,
            correlation: Correlation::new(0),
        }
    }
}

impl Engine {
    /// Makes an entity without outputs.
    pub fn entity(&self, profile: &Profile<'_>) -> Result<Entity> {
        let mut raw = sys::ac_entity { bits: 0 };
        control(|error| unsafe {
            sys::ac_entity_create(self.raw(), &profile.raw(), &mut raw, error)
        })?;
        Ok(Entity { raw })
    }

    /// Resolves many entities in one call, each with a result of its own.
    pub fn resolve_batch(
        &self,
        entities: &[&Entity],
        resolve: Resolve,
    ) -> Result<Vec<Result<Snapshot>>> {
        let handles: Vec<sys::ac_entity> = entities.iter().map(|entity| entity.raw).collect();
        let mut snapshots = vec![sys::ac_snapshot { bits: 0 }; handles.len()];
        let mut statuses = vec![sys::AC_OK; handles.len()];
        check(unsafe {
            let (count, flags) = (handles.len() as u64, resolve.flags());
            let (snapshots, statuses) = (snapshots.as_mut_ptr(), statuses.as_mut_ptr());
            sys::ac_resolve_batch(
                handles.as_ptr(),
                count,
                flags,
                snapshots,
                statuses,
                std::ptr::null_mut(),
            )
        })?;
        let each = snapshots.into_iter().zip(statuses);
        Ok(each
            .map(|(raw, status)| check(status).map(|()| unsafe { Snapshot::owned(raw) }))
            .collect())
    }

    /// Resolves without waiting: `reply_to` gets an [`Event::Resolved`](crate::Event::Resolved) for
    /// each entity.
    pub fn resolve_async(
        &self,
        entities: &[&Entity],
        reply_to: ActorId,
        how: &AsyncResolve<'_>,
    ) -> Result<()> {
        let handles: Vec<sys::ac_entity> = entities.iter().map(|entity| entity.raw).collect();
        let options = sys::ac_resolve_options {
            flags: how.resolve.flags(),
            entities: handles.as_ptr(),
            count: handles.len() as u64,
            context: text::bytes_of(how.context),
            timeout_ns: answer_time(how.timeout),
            reply_to: reply_to.raw(),
            correlation: how.correlation.number(),
            ..sys::ac_resolve_options::new()
        };
        control(|error| unsafe { sys::ac_resolve_async(self.raw(), &options, error) })
    }
}
