//! What a system reports: its ledger, dead letters, failures, counts, and its end.

use actorcore_sys::{self as sys, Dead, Status};

use crate::actor::ActorId;
use crate::text;

/// Declares a struct with the same numbers as one of the ABI.
macro_rules! mirror {
    ($(#[$meta:meta])* $name:ident of $raw:ident {
        $($(#[$field_meta:meta])* $field:ident : $type:ty),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type),+ }

        impl $name {
            pub(crate) fn new(raw: &sys::$raw) -> $name {
                $name { $($field: raw.$field),+ }
            }
        }
    };
}
pub(crate) use mirror;

mirror! {
    /// Where all messages are. `accepted = handled + queued + stashed + dead` whenever no handler
    /// runs and no call is under way.
    Ledger of ac_ledger {
        /// Messages that the library took.
        accepted: u64,
        /// Messages that a handler had, failed ones among them.
        handled: u64,
        /// Of these, the ones that failed.
        failed: u64,
        /// In mailboxes; counted there, not derived.
        queued: u64,
        /// Set aside by their receivers, to be handled later.
        stashed: u64,
        /// Dead letters, by the number of their reason.
        dead: [u64; 16],
    }
}

impl Ledger {
    /// Dead letters with this reason.
    pub fn dead_of(&self, reason: Dead) -> u64 {
        self.dead.get(reason.0 as usize).copied().unwrap_or(0)
    }

    /// All dead letters.
    pub fn all_dead(&self) -> u64 {
        self.dead.iter().sum()
    }

    /// Is every message accounted for?
    pub fn holds(&self) -> bool {
        self.accepted == self.handled + self.queued + self.stashed + self.all_dead()
    }
}

mirror! {
    /// What a stop came to.
    StopReport of ac_stop_report {
        /// Messages that were handled between the call and the stop.
        drained: u64,
        /// Messages that were dead-lettered because the system stopped.
        dropped: u64,
        /// Actors that the stop ended.
        actors: u64,
        /// How long it took, in nanoseconds of the system's clock.
        elapsed_ns: u64,
        /// 1 when the deadline came before the mailboxes were empty.
        timed_out: u32,
    }
}

mirror! {
    /// What a system holds and did.
    Stats of ac_system_stats {
        /// Actors alive.
        actors: u64,
        /// Actors ever spawned.
        spawned: u64,
        /// Actors stopped.
        stopped: u64,
        /// Of these, by a failing handler.
        failed: u64,
        /// Turns given to actors.
        activations: u64,
        /// Activations and queue entries that a worker took from another.
        stolen: u64,
        /// How often a worker went to sleep.
        parks: u64,
        /// Memory of actor records, in bytes.
        actor_bytes: u64,
        /// Memory of envelopes, in use and pooled, in bytes.
        message_bytes: u64,
        /// Blocks ever taken from the allocator for records and envelopes.
        slabs: u64,
    }
}

/// One failure of a handler, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureReport {
    /// From 1, in order.
    pub number: u64,
    /// The system's clock.
    pub time_ns: u64,
    /// Whose handler failed.
    pub actor: ActorId,
    /// What it gave: `AC_E_HANDLER`, `AC_E_PANIC` or a number of the program's own.
    pub status: Status,
    /// Number of the message in hand.
    pub kind: u32,
    /// Language, handler and reason, such as `rust Counter: panicked: index out of bounds`.
    pub text: String,
}

impl FailureReport {
    pub(crate) fn new(raw: &sys::ac_failure) -> FailureReport {
        let size = raw.text.len().min(raw.text_size as usize);
        FailureReport {
            number: raw.number,
            time_ns: raw.time_ns,
            actor: ActorId::from_raw(raw.actor),
            status: Status(raw.status),
            kind: raw.type_,
            text: text::valid(&raw.text[..size]).to_owned(),
        }
    }
}

/// One message that was accepted and not handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// From 1, in order.
    pub number: u64,
    /// The system's clock.
    pub time_ns: u64,
    /// Its receiver.
    pub to: ActorId,
    /// Its sender, unless it came from outside the handlers.
    pub sender: Option<ActorId>,
    /// Its number.
    pub kind: u32,
    /// Bytes of its payload.
    pub size: u32,
    /// Why.
    pub reason: Dead,
}

impl DeadLetter {
    pub(crate) fn new(raw: &sys::ac_dead_letter) -> DeadLetter {
        DeadLetter {
            number: raw.number,
            time_ns: raw.time_ns,
            to: ActorId::from_raw(raw.to),
            sender: (raw.sender.bits != 0).then_some(ActorId::from_raw(raw.sender)),
            kind: raw.type_,
            size: raw.length,
            reason: Dead(raw.reason),
        }
    }
}

/// What a subscriber is told of dead letters, a batch at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetters {
    /// Oldest first.
    pub letters: Vec<DeadLetter>,
    /// How many more there were than one message can tell.
    pub missed: u64,
}

impl DeadLetters {
    pub(crate) fn new(raw: &sys::ac_dead_letters) -> DeadLetters {
        let letters = raw.letters.iter().take(raw.count as usize).map(DeadLetter::new).collect();
        DeadLetters { letters, missed: raw.missed }
    }
}
