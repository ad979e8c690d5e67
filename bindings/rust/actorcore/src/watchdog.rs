//! What the actors do now, and who of them is stuck.

use std::mem::size_of;
use std::time::Duration;

use actorcore_sys::{self as sys, ActorState, WatchdogKind};

use crate::actor::ActorId;
use crate::error::{check, control, Result};
use crate::system::System;
use crate::text;

/// What is known of an actor, by samples: nothing is stopped or slowed for it. Spans are lower
/// bounds, from the first sample that saw the same; two samples are what it takes to see one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorInfo {
    /// Who.
    pub actor: ActorId,
    /// One of its names, or empty.
    pub name: String,
    /// Its dispatcher's name, or empty.
    pub dispatcher: String,
    /// What it is, such as `rust Counter`; empty on attached dispatchers.
    pub behavior: String,
    /// What it does.
    pub state: ActorState,
    /// Messages that wait, counted up to 65,536.
    pub mailbox: u64,
    /// How long the oldest of them has waited at least.
    pub oldest: Duration,
    /// How long its handler has run at least; none when it is in none.
    pub in_handler: Option<Duration>,
    /// Number of the message in its handler, when that is known; else 0.
    pub kind: u32,
    /// How often it was restarted.
    pub restarts: u32,
}

impl ActorInfo {
    fn new(raw: &sys::ac_actor_info) -> ActorInfo {
        let size = raw.name.len().min(raw.name_size as usize);
        let handler = Duration::from_nanos(raw.handler_ns);
        ActorInfo {
            actor: ActorId::from_raw(raw.actor),
            name: text::valid(&raw.name[..size]).to_owned(),
            dispatcher: unsafe { text::owned(raw.dispatcher_name) },
            behavior: unsafe { text::owned(raw.behavior_name) },
            state: ActorState(raw.state),
            mailbox: raw.mailbox,
            oldest: Duration::from_nanos(raw.oldest_ns),
            in_handler: (raw.worker.bits != 0).then_some(handler),
            kind: raw.type_,
            restarts: raw.restarts,
        }
    }
}

/// What a watchdog looks at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watch {
    /// Between two samples; zero is 100 ms.
    pub interval: Duration,
    /// How long a handler may have an activation in hand; zero does not look.
    pub handler_budget: Duration,
    /// How long a message may wait; zero does not look, which spares a sample the walk over all
    /// actors.
    pub mailbox_age: Duration,
    /// Told of each report by [`Event::Watchdog`](crate::Event::Watchdog).
    pub report_to: Option<ActorId>,
}

/// One thing that is stuck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchdogReport {
    /// From 1, in order.
    pub number: u64,
    /// The system's clock.
    pub time_ns: u64,
    /// What.
    pub what: WatchdogKind,
    /// For how long, at least.
    pub lasts: Duration,
    /// Messages that wait for the actor.
    pub mailbox: u64,
    /// Number of the message in hand, when that is known; else 0.
    pub kind: u32,
    /// How many actors are concerned.
    pub count: u32,
    /// The first eight of them; in a cycle each waits for the next one.
    pub actors: Vec<ActorId>,
    /// The same for people.
    pub text: String,
}

impl WatchdogReport {
    pub(crate) fn new(raw: &sys::ac_watchdog_report) -> WatchdogReport {
        let size = raw.text.len().min(raw.text_size as usize);
        WatchdogReport {
            number: raw.number,
            time_ns: raw.time_ns,
            what: WatchdogKind(raw.kind),
            lasts: Duration::from_nanos(raw.for_ns),
            mailbox: raw.mailbox,
            kind: raw.type_,
            count: raw.count,
            actors: raw
                .actors
                .iter()
                .take(raw.count as usize)
                .map(|&actor| ActorId::from_raw(actor))
                .collect(),
            text: text::valid(&raw.text[..size]).to_owned(),
        }
    }
}

impl System {
    /// What is known of all actors that live.
    pub fn actors(&self) -> Result<Vec<ActorInfo>> {
        const PAGE: usize = 256;
        let mut all = Vec::new();
        let mut page = vec![sys::ac_actor_info::new(); PAGE];
        let mut cursor = 0;
        loop {
            let (mut count, mut next) = (0, 0);
            check(unsafe {
                sys::ac_system_actors(
                    self.raw(),
                    cursor,
                    page.as_mut_ptr(),
                    size_of::<sys::ac_actor_info>() as u64,
                    PAGE as u64,
                    &mut count,
                    &mut next,
                )
            })?;
            all.extend(page[..count as usize].iter().map(ActorInfo::new));
            if next == 0 {
                return Ok(all);
            }
            cursor = next;
        }
    }

    /// Starts the system's watchdog, which ends with it: a thread of its own, in a seeded system
    /// samples at virtual times. It also reports actors that wait for each other's replies in a
    /// circle.
    pub fn start_watchdog(&self, watch: &Watch) -> Result<()> {
        let mut options = sys::ac_watchdog_options::new();
        options.struct_size = size_of::<sys::ac_watchdog_options>() as u32;
        options.interval_ns = text::nanoseconds(watch.interval);
        options.handler_budget_ns = text::nanoseconds(watch.handler_budget);
        options.mailbox_age_ns = text::nanoseconds(watch.mailbox_age);
        options.report_to.bits = watch.report_to.map_or(0, ActorId::to_bits);
        control(|error| unsafe { sys::ac_watchdog_start(self.raw(), &options, error) })
    }

    /// Stops it.
    pub fn stop_watchdog(&self) -> Result<()> {
        check(unsafe { sys::ac_watchdog_stop(self.raw()) })
    }

    /// The watchdog's reports after number `after`, oldest first, of the last 256.
    pub fn watchdog_reports(&self, after: u64) -> Vec<WatchdogReport> {
        const KEPT: usize = 256;
        let mut raw = vec![sys::ac_watchdog_report::new(); KEPT];
        let (mut count, out) = (0, raw.as_mut_ptr());
        unsafe { sys::ac_watchdog_reports(self.raw(), after, out, KEPT as u64, &mut count) };
        raw[..count as usize].iter().map(WatchdogReport::new).collect()
    }
}
