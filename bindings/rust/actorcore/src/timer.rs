//! Messages that an actor gets at a time: once, or again and again.
//!
//! Threads: any; a timer is a value.
//! Cost: starting and cancelling are a call into the library each.

use std::time::Duration;

use actorcore_sys::{self as sys, Status};

use crate::actor::{ActorId, Address};
use crate::buffer::Payload;
use crate::error::{check, control, Error, Result};
use crate::message::Message;
use crate::text;

/// When a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    delay: Duration,
    period: Option<Duration>,
    kept: bool,
}

impl Timing {
    /// Once, after a delay.
    pub const fn after(delay: Duration) -> Timing {
        Timing { delay, period: None, kept: false }
    }

    /// After each period, without drift. While the receiver has not begun with the last message,
    /// periods are skipped, never made up for.
    pub const fn every(period: Duration) -> Timing {
        Timing { delay: period, period: Some(period), kept: false }
    }

    /// The delay of the first message, where it is not the period.
    pub const fn first(mut self, delay: Duration) -> Timing {
        self.delay = delay;
        self
    }

    /// The timer survives a restart of its actor.
    pub const fn kept_on_restart(mut self) -> Timing {
        self.kept = true;
        self
    }
}

/// A timer of an actor, which ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "who cannot name it cannot cancel it"]
pub struct Timer {
    system: u64,
    bits: u64,
}

/// What a timer did and will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimerStats {
    /// Messages sent.
    pub sent: u64,
    /// Periods that came due before the receiver had begun with the last message.
    pub skipped: u64,
    /// When it fires next, on the system's clock in nanoseconds.
    pub next: u64,
}

impl Timer {
    pub(crate) const fn new(system: sys::ac_system, bits: u64) -> Timer {
        Timer { system: system.bits, bits }
    }

    pub(crate) fn start<M: Message>(
        system: sys::ac_system,
        to: Address<M>,
        message: M,
        timing: Timing,
    ) -> Result<Timer> {
        if timing.period.is_some_and(|period| period.is_zero()) {
            return Err(Error::new(Status::E_INVALID_ARGUMENT, "a period is longer than nothing"));
        }
        message.encode(|kind, payload| {
            let view = match &payload {
                Payload::Bytes(bytes) => text::bytes_of(bytes),
                Payload::Buffer(buffer) => text::bytes_of(buffer),
                Payload::Parcel(_) => return Err(parcel_timed()),
                Payload::Failed(error) => return Err(error.clone()),
            };
            let options = sys::ac_timer_options {
                flags: if timing.kept { sys::AC_TIMER_KEEP } else { 0 },
                to: to.id().raw(),
                type_: kind,
                delay_ns: text::nanoseconds(timing.delay),
                period_ns: timing.period.map_or(0, text::nanoseconds),
                payload: view,
                ..sys::ac_timer_options::new()
            };
            let mut timer = sys::ac_timer { bits: 0 };
            control(|error| unsafe { sys::ac_timer_start(system, &options, &mut timer, error) })?;
            Ok(Timer::new(system, timer.bits))
        })
    }

    /// Ends it. True says that it sends nothing from now on; false that it had ended before.
    ///
    /// A message that it sent already is still handled: where that matters, compare
    /// [`Context::timer`](crate::Context::timer) with the one that is wanted.
    pub fn cancel(self) -> bool {
        unsafe { sys::ac_timer_cancel(self.raw_system(), self.raw()) == sys::AC_OK }
    }

    /// What it did so far; an error when it has ended.
    pub fn stats(self) -> Result<TimerStats> {
        let mut out = sys::ac_timer_stats::new();
        check(unsafe { sys::ac_timer_get_stats(self.raw_system(), self.raw(), &mut out) })?;
        Ok(TimerStats { sent: out.sent, skipped: out.skipped, next: out.next_ns })
    }

    fn raw_system(self) -> sys::ac_system {
        sys::ac_system { bits: self.system }
    }

    fn raw(self) -> sys::ac_timer {
        sys::ac_timer { bits: self.bits }
    }
}

/// Is this the correlation of a timer's message, of a type of the program's own?
#[inline(always)]
pub(crate) fn is_timers(correlation: u64) -> bool {
    correlation >> 60 == sys::AC_CORRELATION_TIMER >> 60
}

pub(crate) fn set_receive_timeout(
    system: sys::ac_system,
    actor: ActorId,
    timeout: Option<Duration>,
) -> Result<()> {
    let timeout = timeout.map_or(0, |timeout| text::nanoseconds(timeout).max(1));
    check(unsafe { sys::ac_actor_set_receive_timeout(system, actor.raw(), timeout) })
}

#[cold]
fn parcel_timed() -> Error {
    let told = "a timer cannot carry a parcel, for the library copies its payload; keep the value \
                in the actor, and send what names it";
    Error::new(Status::E_UNSUPPORTED, told)
}
