//! The phases that a system goes through before it stops.

use std::time::Duration;

use actorcore_sys::{self as sys, PhaseState};

use crate::actor::ActorId;
use crate::error::{check, Result};
use crate::system::System;
use crate::text;

/// What an actor is told that takes part in a phase; answer with [`System::phase_done`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: u32,
    /// When it is over, on the system's clock.
    pub deadline_ns: u64,
}

impl Phase {
    pub(crate) fn new(raw: &sys::ac_phase) -> Phase {
        let size = raw.name.len().min(raw.size as usize);
        Phase {
            name: text::valid(&raw.name[..size]).to_owned(),
            number: raw.number,
            deadline_ns: raw.deadline_ns,
        }
    }
}

/// A phase, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseInfo {
    /// Its name.
    pub name: String,
    /// How far it is.
    pub state: PhaseState,
    /// How long it may take.
    pub timeout: Duration,
    /// How long it took.
    pub elapsed: Duration,
    /// Actors that joined it.
    pub members: u64,
    /// Who has been told and has not answered.
    pub unanswered: Vec<ActorId>,
}

impl System {
    /// Adds a phase behind the phase `after`, or before all where that is empty. A stop goes
    /// through the phases, in order, before anything else; each is over when the actors that joined
    /// it have answered or stopped, or when its time is over (zero is 5 seconds). There are
    /// `before-stop`, `service`, `storage` and `after`.
    pub fn add_phase(&self, name: &str, after: &str, timeout: Duration) -> Result<()> {
        let timeout = text::nanoseconds(timeout);
        check(unsafe { sys::ac_phase_add(self.raw(), text::of(name), text::of(after), timeout) })
    }

    /// How long a phase may take; zero is 5 seconds.
    pub fn set_phase_timeout(&self, name: &str, timeout: Duration) -> Result<()> {
        let timeout = text::nanoseconds(timeout);
        check(unsafe { sys::ac_phase_set_timeout(self.raw(), text::of(name), timeout) })
    }

    /// Has an actor take part in a phase, which comes as [`Event::Phase`](crate::Event::Phase).
    pub fn join_phase(&self, name: &str, actor: impl Into<ActorId>) -> Result<()> {
        check(unsafe { sys::ac_phase_join(self.raw(), text::of(name), actor.into().raw()) })
    }

    /// The actor has done what the phase is for. From any thread; `AC_E_NOT_FOUND`: it is over.
    pub fn phase_done(&self, phase: &Phase, actor: impl Into<ActorId>) -> Result<()> {
        check(unsafe { sys::ac_phase_done(self.raw(), actor.into().raw(), phase.number) })
    }

    /// The phases, in order. After a stop they say what each came to.
    pub fn phases(&self) -> Vec<PhaseInfo> {
        const MOST: usize = 64;
        let mut raw = vec![sys::ac_phase_info::new(); MOST];
        let mut count = 0;
        unsafe { sys::ac_system_phases(self.raw(), raw.as_mut_ptr(), MOST as u64, &mut count) };
        raw[..count as usize].iter().map(|row| self.phase_info(row)).collect()
    }

    fn phase_info(&self, raw: &sys::ac_phase_info) -> PhaseInfo {
        let size = raw.name.len().min(raw.size as usize);
        let name = text::valid(&raw.name[..size]).to_owned();
        let mut who = vec![sys::ac_actor { bits: 0 }; raw.unanswered as usize];
        let (mut count, out) = (0, who.as_mut_ptr());
        unsafe {
            let room = who.len() as u64;
            sys::ac_phase_unanswered(self.raw(), text::of(&name), out, room, &mut count);
        }
        who.truncate(count as usize);
        PhaseInfo {
            name,
            state: PhaseState(raw.state),
            timeout: Duration::from_nanos(raw.timeout_ns),
            elapsed: Duration::from_nanos(raw.elapsed_ns),
            members: raw.members,
            unanswered: who.into_iter().map(ActorId::from_raw).collect(),
        }
    }
}
