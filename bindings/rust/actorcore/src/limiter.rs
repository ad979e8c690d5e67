//! Limiters: token buckets that say no, and how long it will be no.
//!
//! Threads: `Send` and `Sync`; every call works in handlers too, and none waits.
//! Cost: a take is one call.

use std::time::Duration;

use actorcore_sys::{self as sys, Status};

use crate::actor::ActorId;
use crate::error::{check, control, Result};
use crate::ledger::mirror;
use crate::system::System;
use crate::text;

mirror! {
    /// What a limiter did.
    LimiterStats of ac_limiter_stats {
        /// Tokens given.
        taken: u64,
        /// Tokens asked for in vain.
        refused: u64,
        /// Keys that have a bucket.
        keys: u64,
        /// Buckets that gave way to another key's.
        evicted: u64,
        /// Of these, the ones that were not full.
        forgotten: u64,
    }
}

/// How much, how fast: `tokens` come back in a period, by default a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Rate {
    tokens: u64,
    period: Duration,
    burst: u64,
}

impl Rate {
    /// So many tokens a second, at least 1.
    pub const fn per_second(tokens: u64) -> Rate {
        Rate::new(tokens, Duration::from_secs(1))
    }

    /// So many tokens in a period, at least 1; a day is the longest.
    pub const fn new(tokens: u64, period: Duration) -> Rate {
        Rate { tokens, period, burst: 0 }
    }

    /// The most tokens in a bucket, and in one take; as many as come back in a period when not
    /// given.
    pub const fn burst(mut self, tokens: u64) -> Rate {
        self.burst = tokens;
        self
    }

    fn raw(self, keys: u32) -> sys::ac_limiter_options {
        sys::ac_limiter_options {
            keys,
            rate: self.tokens,
            period_ns: text::nanoseconds(self.period),
            burst: self.burst,
            ..sys::ac_limiter_options::new()
        }
    }
}

/// A rate limiter, on its system's time.
///
/// ```
/// use actorcore::{Limiter, Rate, System};
/// use std::time::Duration;
///
/// let system = System::builder().seeded(1).build()?;
/// let limiter = Limiter::new(&system, Rate::per_second(10), 0)?;
/// assert_eq!(limiter.take(10)?, None);
/// assert_eq!(limiter.take(1)?, Some(Duration::from_millis(100)));
/// # Ok::<(), actorcore::Error>(())
/// ```
#[derive(Debug)]
pub struct Limiter {
    raw: sys::ac_limiter,
}

impl Limiter {
    /// Its buckets are full. So many keys have a bucket of their own; where all are taken, a full
    /// one gives way first, then the one that was used least recently.
    pub fn new(system: &System, rate: Rate, keys: u32) -> Result<Limiter> {
        let mut raw = sys::ac_limiter { bits: 0 };
        let (options, system) = (rate.raw(keys), system.raw());
        control(|error| unsafe { sys::ac_limiter_create(system, &options, &mut raw, error) })?;
        Ok(Limiter { raw })
    }

    /// Takes tokens of the whole class, all or none. Gives `None` when they were taken, else after
    /// how long they would be; `AC_E_LIMIT` for more than the burst.
    pub fn take(&self, tokens: u64) -> Result<Option<Duration>> {
        self.take_key(0, tokens)
    }

    /// The same from an actor's bucket.
    pub fn take_for(&self, actor: impl Into<ActorId>, tokens: u64) -> Result<Option<Duration>> {
        self.take_key(actor.into().raw().bits, tokens)
    }

    /// The same from a key's bucket.
    pub fn take_key(&self, key: u64, tokens: u64) -> Result<Option<Duration>> {
        let mut wait_ns = 0;
        let status = unsafe { sys::ac_limiter_take(self.raw, key, tokens, &mut wait_ns) };
        if Status(status) == Status::E_OVERLOADED {
            return Ok(Some(Duration::from_nanos(wait_ns)));
        }
        check(status).map(|()| None)
    }

    /// Changes the rate from now on.
    pub fn set(&self, rate: Rate) -> Result<()> {
        control(|error| unsafe { sys::ac_limiter_set(self.raw, &rate.raw(0), error) })
    }

    /// What it did.
    pub fn stats(&self) -> LimiterStats {
        let mut stats = sys::ac_limiter_stats::new();
        unsafe { sys::ac_limiter_get_stats(self.raw, &mut stats) };
        LimiterStats::new(&stats)
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        unsafe { sys::ac_limiter_release(self.raw) };
    }
}
