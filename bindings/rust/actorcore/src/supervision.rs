//! Families: what a failure leads to, who is whose child, restarts and kills.
//!
//! Threads: any; all of it works inside handlers too.

use std::time::Duration;

use actorcore_sys::{self as sys, Status};

use crate::actor::ActorId;
use crate::context::Context;
use crate::error::{check, control, Result};
use crate::ledger::{mirror, FailureReport};
use crate::system::System;
use crate::text;

/// What a child's failure leads to. The message in hand has failed, whatever the strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Strategy {
    /// The child stops.
    Stop = sys::AC_SUPERVISE_STOP,
    /// The child restarts.
    Restart = sys::AC_SUPERVISE_RESTART,
    /// The child goes on with its next message, in the state in which the failure left it.
    Resume = sys::AC_SUPERVISE_RESUME,
    /// The supervisor fails with the child's failure, and its own supervisor decides.
    Escalate = sys::AC_SUPERVISE_ESCALATE,
    /// All children of the supervisor restart.
    RestartAll = sys::AC_SUPERVISE_RESTART_ALL,
    /// The child and those that were spawned after it restart.
    RestForOne = sys::AC_SUPERVISE_REST_FOR_ONE,
    /// All children of the supervisor stop.
    StopAll = sys::AC_SUPERVISE_STOP_ALL,
    /// The child waits, and the supervisor gets [`Event::Failed`](crate::Event::Failed): unless it
    /// calls [`Context::decide`] before the end of the activation, the child stops.
    Decide = sys::AC_SUPERVISE_DECIDE,
}

/// A policy: what failures lead to, how many restarts there may be, and how long they wait.
///
/// The default, without a strategy, is for a child what its supervisor says, and for a supervisor
/// that the child stops and it gets [`Event::Failed`](crate::Event::Failed).
///
/// ```
/// use actorcore::{Spawn, Strategy, Supervision};
/// use std::time::Duration;
///
/// let policy = Supervision::new(Strategy::Restart)
///     .intensity(3, Duration::from_secs(10))
///     .on_limit(Strategy::Escalate)
///     .backoff(Duration::from_millis(10), Duration::from_secs(1));
/// let spawn = Spawn::new().children(policy);
/// # let _ = spawn;
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Supervision {
    pub(crate) raw: sys::ac_supervision,
}

impl Supervision {
    /// A strategy without a limit or a wait.
    pub const fn new(strategy: Strategy) -> Supervision {
        let raw = sys::ac_supervision { strategy: strategy as u32, ..sys::ac_supervision::new() };
        Supervision { raw }
    }

    /// More restarts than this within the period, of the system's clock, lead to
    /// [`on_limit`](Self::on_limit) instead. At most 1,000, and 0 is no limit; a period of zero is
    /// 5 s. Restarts of several at once count as one.
    pub fn intensity(mut self, restarts: u32, period: Duration) -> Supervision {
        self.raw.restarts_max = restarts;
        self.raw.period_ns = text::nanoseconds(period);
        self
    }

    /// What follows when the intensity is exceeded: [`Strategy::Stop`], as when not given,
    /// [`Strategy::StopAll`] or [`Strategy::Escalate`]; any other is refused where the policy is
    /// used.
    pub const fn on_limit(mut self, strategy: Strategy) -> Supervision {
        self.raw.on_limit = strategy as u32;
        self
    }

    /// How long the first restart waits, and the longest wait; zero for the latter is 60 times the
    /// first. No restart waits when not given.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Supervision {
        self.raw.backoff_min_ns = text::nanoseconds(first);
        self.raw.backoff_max_ns = text::nanoseconds(longest);
        self
    }

    /// How long each wait is in hundredths of the one before, 100 to 1,000: 200, twice as long,
    /// when not given.
    pub const fn backoff_percent(mut self, percent: u32) -> Supervision {
        self.raw.backoff_percent = percent;
        self
    }

    /// After so long without a failure the next wait is the first again; twice the longest wait
    /// when not given.
    pub fn backoff_reset(mut self, after: Duration) -> Supervision {
        self.raw.backoff_reset_ns = text::nanoseconds(after);
        self
    }

    /// By how many hundredths of it at most, 0 to 100, a wait is made shorter or longer by chance.
    pub const fn jitter_percent(mut self, percent: u32) -> Supervision {
        self.raw.jitter_percent = percent;
        self
    }
}

mirror! {
    /// What an actor's children and itself have come to.
    SupervisionStats of ac_supervision_stats {
        /// Children now.
        children: u64,
        /// Failures of children that were decided on.
        failures: u64,
        /// Of these, led to a resume.
        resumed: u64,
        /// Of these, led to a restart, of one or of several.
        restarted: u64,
        /// Of these, led to a stop.
        stopped: u64,
        /// Of these, led to the supervisor's own failure.
        escalated: u64,
        /// Restarts that the intensity refused.
        limited: u64,
        /// How often the actor itself has restarted.
        restarts: u64,
    }
}

/// The failure of a supervised actor, which stops, or waits for [`Context::decide`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Whose handler failed.
    pub actor: ActorId,
    /// What it gave: `AC_E_HANDLER`, `AC_E_PANIC` or a number of the program's own.
    pub status: Status,
    /// Number of the message in hand.
    pub kind: u32,
    /// Of the failure, as in [`System::failures`].
    pub number: u64,
    /// Language, handler and reason, such as `rust Counter: panicked: index out of bounds`; empty
    /// when 256 others have failed since.
    pub text: String,
}

impl Failed {
    pub(crate) fn new(raw: sys::ac_failed, system: &System) -> Failed {
        Failed {
            actor: ActorId::from_raw(raw.actor),
            status: Status(raw.status),
            kind: raw.type_,
            number: raw.number,
            text: failure_text(system, raw.number),
        }
    }
}

#[cold]
fn failure_text(system: &System, number: u64) -> String {
    let mut raw = sys::ac_failure::new();
    let mut count = 0;
    let after = number.wrapping_sub(1);
    unsafe { sys::ac_system_failures(system.raw(), after, &mut raw, 1, &mut count) };
    let known = count == 1 && raw.number == number;
    if known {
        FailureReport::new(&raw).text
    } else {
        String::new()
    }
}

impl System {
    /// Replaces the policy of an actor for its children from their next failure on; those with one
    /// of their own keep it.
    pub fn supervise(&self, actor: impl Into<ActorId>, children: Supervision) -> Result<()> {
        let actor = actor.into().raw();
        control(|error| unsafe { sys::ac_actor_supervise(self.raw(), actor, &children.raw, error) })
    }

    /// Says what a failure leads to that [`Strategy::Decide`] has left open; any strategy but that
    /// one. Limit and wait of the policy apply. `AC_E_NOT_FOUND`: the actor waits for no decision.
    pub fn decide(&self, child: impl Into<ActorId>, strategy: Strategy) -> Result<()> {
        let child = child.into().raw();
        check(unsafe { sys::ac_actor_decide(self.raw(), child, strategy as u32) })
    }

    /// Restarts an actor once it has ended its activation; no failure is recorded and no limit
    /// applies.
    pub fn restart_actor(&self, actor: impl Into<ActorId>) -> Result<()> {
        check(unsafe { sys::ac_actor_restart(self.raw(), actor.into().raw()) })
    }

    /// Ends an actor and its children after their activations in hand, without
    /// [`Event::Stopping`](crate::Event::Stopping) and [`Event::Stopped`](crate::Event::Stopped);
    /// they are dropped as ever.
    pub fn kill_actor(&self, actor: impl Into<ActorId>) -> Result<()> {
        check(unsafe { sys::ac_actor_stop(self.raw(), actor.into().raw(), sys::AC_STOP_KILL) })
    }

    /// The children of an actor in the order of their spawn, those that are stopping among them.
    pub fn children(&self, actor: impl Into<ActorId>) -> Result<Vec<ActorId>> {
        let actor = actor.into().raw();
        let mut ids = vec![sys::ac_actor { bits: 0 }; 16];
        loop {
            let (capacity, mut count) = (ids.len() as u64, 0);
            let to = ids.as_mut_ptr();
            check(unsafe { sys::ac_actor_children(self.raw(), actor, to, capacity, &mut count) })?;
            let fits = count <= capacity;
            // Others may be spawned before the second call.
            ids.resize(count as usize, sys::ac_actor { bits: 0 });
            if fits {
                return Ok(ids.into_iter().map(ActorId::from_raw).collect());
            }
        }
    }

    /// Whose child an actor is, if anybody's.
    pub fn supervisor(&self, actor: impl Into<ActorId>) -> Result<Option<ActorId>> {
        let mut supervisor = sys::ac_actor { bits: 0 };
        let actor = actor.into().raw();
        check(unsafe { sys::ac_actor_supervisor(self.raw(), actor, &mut supervisor) })?;
        Ok((supervisor.bits != 0).then_some(ActorId::from_raw(supervisor)))
    }

    /// What an actor's children and itself have come to.
    pub fn supervision_stats(&self, actor: impl Into<ActorId>) -> Result<SupervisionStats> {
        let mut raw = sys::ac_supervision_stats::new();
        let actor = actor.into().raw();
        check(unsafe { sys::ac_actor_get_supervision(self.raw(), actor, &mut raw) })?;
        Ok(SupervisionStats::new(&raw))
    }
}

impl Context<'_> {
    /// Says what a child's failure leads to; see [`System::decide`].
    pub fn decide(&mut self, child: impl Into<ActorId>, strategy: Strategy) -> Result<()> {
        self.system().decide(child, strategy)
    }

    /// Restarts this actor when the activation ends; messages that came with the one in hand are
    /// still handled, and no failure is recorded.
    pub fn restart(&mut self) -> Result<()> {
        self.system().restart_actor(self.me())
    }

    /// Restarts another actor after what it has in its mailbox by then.
    pub fn restart_other(&mut self, actor: impl Into<ActorId>) -> Result<()> {
        self.send_order(actor.into(), sys::AC_TYPE_RESTART)
    }

    /// Ends another actor as [`System::kill_actor`] does, but after what it has in its mailbox by
    /// then.
    pub fn kill_other(&mut self, actor: impl Into<ActorId>) -> Result<()> {
        self.send_order(actor.into(), sys::AC_TYPE_KILL)
    }

    /// This actor's children in the order of their spawn, those that are stopping among them.
    pub fn children(&self) -> Result<Vec<ActorId>> {
        self.system().children(self.me())
    }

    /// Whose child this actor is, if anybody's.
    pub fn supervisor(&self) -> Result<Option<ActorId>> {
        self.system().supervisor(self.me())
    }

    /// What this actor's children and itself have come to.
    pub fn supervision_stats(&self) -> Result<SupervisionStats> {
        self.system().supervision_stats(self.me())
    }
}
