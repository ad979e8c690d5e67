//! Breakers: they stop calls to what fails or has become slow.
//!
//! Threads: `Send` and `Sync`; every call works in handlers too, and none waits.
//! Invariants: a [`Permit`] is handed back once, at the latest when it is dropped.
//! Cost: a guarded call is two calls.

use std::thread;
use std::time::Duration;

use actorcore_sys::{self as sys, BreakerMode, BreakerReason, BreakerState, Outcome};

use crate::error::{check, control, Result};
use crate::system::System;
use crate::text;

/// Makes a [`Breaker`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct BreakerBuilder<'a> {
    system: &'a System,
    options: sys::ac_breaker_options,
}

impl BreakerBuilder<'_> {
    /// The span that is watched, 10 s when not given, and how many calls must be in it before it
    /// may open, 20 when not given.
    pub fn window(mut self, span: Duration, calls_min: u32) -> Self {
        self.options.window_ns = text::nanoseconds(span);
        self.options.calls_min = calls_min;
        self
    }

    /// The part of failed calls at which it opens, 0.5 when not given.
    pub fn failure_ratio(mut self, part: f64) -> Self {
        self.options.failure_ratio = part;
        self
    }

    /// A call that takes longer is slow. With [`adaptive`](Self::adaptive) the most that it may
    /// come to.
    pub fn slow(mut self, after: Duration) -> Self {
        self.options.slow_ns = text::nanoseconds(after);
        self
    }

    /// The part of slow calls at which it opens, 0.5 when not given.
    pub fn slow_ratio(mut self, part: f64) -> Self {
        self.options.slow_ratio = part;
        self
    }

    /// Slow is what takes longer than `factor` times this quantile of the window, above 0 and below
    /// 1, and longer than `floor`.
    pub fn adaptive(mut self, quantile: f64, factor: f64, floor: Duration) -> Self {
        self.options.quantile = quantile;
        self.options.factor = factor;
        self.options.slow_floor_ns = text::nanoseconds(floor);
        self
    }

    /// How long it is open the first time, 1 s when not given, and at most, 60 s.
    pub fn open(mut self, first: Duration, most: Duration) -> Self {
        self.options.open_ns = text::nanoseconds(first);
        self.options.open_max_ns = text::nanoseconds(most);
        self
    }

    /// How many times as long each time after the last, 2 when not given, and by which part, 0 to
    /// 1, that is shortened at most, by chance.
    pub fn growth(mut self, factor: f64, jitter: f64) -> Self {
        self.options.growth = factor;
        self.options.jitter = jitter;
        self
    }

    /// Half-open: how many calls may be under way at once, 1 when not given, and how many in a row
    /// must succeed until it closes, 3.
    pub fn probes(mut self, at_once: u32, successes: u32) -> Self {
        self.options.probes = at_once;
        self.options.successes = successes;
        self
    }

    /// Makes it; it is closed.
    pub fn build(self) -> Result<Breaker> {
        let mut raw = sys::ac_breaker { bits: 0 };
        let system = self.system.raw();
        control(|error| unsafe { sys::ac_breaker_create(system, &self.options, &mut raw, error) })?;
        Ok(Breaker { raw })
    }
}

/// Why a fallback is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback<E> {
    /// The breaker is open; the call was not made.
    Refused,
    /// The call was made, and failed.
    Failed(E),
}

/// A circuit breaker, on its system's time and chance.
///
/// ```
/// use actorcore::{Breaker, System};
///
/// let system = System::builder().seeded(1).build()?;
/// let breaker = Breaker::builder(&system).build()?;
/// let price = breaker.call(|| "42".parse::<u32>(), |_why| Ok(0))?;
/// assert_eq!(price, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Breaker {
    raw: sys::ac_breaker,
}

impl Breaker {
    /// With options.
    pub fn builder(system: &System) -> BreakerBuilder<'_> {
        BreakerBuilder { system, options: sys::ac_breaker_options::new() }
    }

    /// Makes a call through it; where it refuses, or the call fails, the result is the fallback's.
    /// A panic of the call counts as a failure.
    pub fn call<T, E>(
        &self,
        call: impl FnOnce() -> std::result::Result<T, E>,
        fallback: impl FnOnce(Fallback<E>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let Ok(permit) = self.enter() else {
            return fallback(Fallback::Refused);
        };
        let result = call();
        let outcome = if result.is_ok() { Outcome::SUCCESS } else { Outcome::FAILURE };
        permit.leave(outcome);
        result.or_else(|error| fallback(Fallback::Failed(error)))
    }

    /// Asks for leave to make a call, for what [`call`](Self::call) does not fit, such as one that
    /// ends elsewhere. `AC_E_OVERLOADED`: do not make it.
    pub fn enter(&self) -> Result<Permit<'_>> {
        let mut raw = sys::ac_permit::new();
        check(unsafe { sys::ac_breaker_enter(self.raw, &mut raw) })?;
        Ok(Permit { breaker: self, raw, outcome: None })
    }

    /// Holds it open or closed, or lets it decide again, beginning closed with an empty window.
    pub fn force(&self, mode: BreakerMode) -> Result<()> {
        check(unsafe { sys::ac_breaker_force(self.raw, mode.0) })
    }

    /// Where it is and what it did.
    pub fn stats(&self) -> BreakerStats {
        let mut raw = sys::ac_breaker_stats::new();
        unsafe { sys::ac_breaker_get_stats(self.raw, &mut raw) };
        BreakerStats {
            state: BreakerState(raw.state),
            mode: BreakerMode(raw.mode),
            succeeded: raw.succeeded,
            failed: raw.failed,
            slow: raw.slow,
            ignored: raw.ignored,
            late: raw.late,
            refused: raw.refused,
            opened: raw.opened,
            changes: raw.changes,
            window_calls: raw.window_calls,
            window_failures: raw.window_failures,
            window_slow: raw.window_slow,
            slow_after_ns: raw.slow_after_ns,
            until_ns: raw.until_ns,
        }
    }

    /// The changes of state after a number, oldest first, of the last 256.
    pub fn changes(&self, after: u64) -> Vec<BreakerChange> {
        let mut rows = [sys::ac_breaker_change::new(); 256];
        let mut count = 0;
        let (first, capacity) = (rows.as_mut_ptr(), rows.len() as u64);
        unsafe { sys::ac_breaker_changes(self.raw, after, first, capacity, &mut count) };
        rows[..count as usize].iter().map(BreakerChange::new).collect()
    }
}

impl Drop for Breaker {
    fn drop(&mut self) {
        unsafe { sys::ac_breaker_release(self.raw) };
    }
}

/// Leave to make one call. The time until it is handed back is the call's. Dropped without a word
/// it does not count, but in a panic as a failure.
#[derive(Debug)]
#[must_use]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    raw: sys::ac_permit,
    outcome: Option<Outcome>,
}

impl Permit<'_> {
    /// Tells how the call ended.
    pub fn leave(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let silent = if thread::panicking() { Outcome::FAILURE } else { Outcome::IGNORED };
        let outcome = self.outcome.unwrap_or(silent);
        unsafe { sys::ac_breaker_leave(self.breaker.raw, &self.raw, outcome.0) };
    }
}

/// Where a breaker is and what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerStats {
    /// Where it is; half-open begins with the first call after the time.
    pub state: BreakerState,
    /// Who decides.
    pub mode: BreakerMode,
    /// Calls that worked, slow ones among them.
    pub succeeded: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Of all these, the ones that were slow.
    pub slow: u64,
    /// Calls that were not to count.
    pub ignored: u64,
    /// Calls that came back after a change of state, and did not count.
    pub late: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// How often it opened by itself.
    pub opened: u64,
    /// Number of the last change of state.
    pub changes: u64,
    /// Calls in the window, as of the last one.
    pub window_calls: u64,
    /// Of these, the failed ones.
    pub window_failures: u64,
    /// Of these, the slow ones.
    pub window_slow: u64,
    /// What takes longer is slow, now; `u64::MAX`: nothing.
    pub slow_after_ns: u64,
    /// While open: when it will be half-open, on the system's clock.
    pub until_ns: u64,
}

/// One change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerChange {
    /// From 1, in order.
    pub number: u64,
    /// The system's clock.
    pub time_ns: u64,
    /// Where it was.
    pub from: BreakerState,
    /// Where it is.
    pub to: BreakerState,
    /// Why.
    pub reason: BreakerReason,
    /// Calls in the window.
    pub calls: u64,
    /// Of these, the failed ones.
    pub failures: u64,
    /// Of these, the slow ones.
    pub slow: u64,
    /// What counted as slow; `u64::MAX`: nothing.
    pub slow_after_ns: u64,
    /// When it opened: until when, on the system's clock.
    pub until_ns: u64,
}

impl BreakerChange {
    fn new(raw: &sys::ac_breaker_change) -> BreakerChange {
        BreakerChange {
            number: raw.number,
            time_ns: raw.time_ns,
            from: BreakerState(raw.from),
            to: BreakerState(raw.to),
            reason: BreakerReason(raw.reason),
            calls: raw.calls,
            failures: raw.failures,
            slow: raw.slow,
            slow_after_ns: raw.slow_after_ns,
            until_ns: raw.until_ns,
        }
    }
}
