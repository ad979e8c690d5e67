//! Actors and stat snapshots on `libactorcore`: typed messages, contained panics, and snapshots
//! that are read in place.
//!
//! ```
//! use actorcore::{messages, Actor, Context, Failure, System};
//! use std::time::Duration;
//!
//! messages! {
//!     enum Count {
//!         Add(u64) = 1,
//!         Get = 2,
//!     }
//!     struct Sum(u64) = 3;
//! }
//!
//! struct Counter(u64);
//!
//! impl Actor for Counter {
//!     type Msg = Count;
//!
//!     fn handle(&mut self, context: &mut Context<'_>, message: Count) -> Result<(), Failure> {
//!         match message {
//!             Count::Add(amount) => self.0 += amount,
//!             Count::Get => context.reply(Sum(self.0))?,
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let system = System::new()?;
//! let counter = system.spawn(Counter(0))?;
//! system.tell(counter, Count::Add(40))?;
//! system.tell(counter, Count::Add(2))?;
//! let Sum(sum) = system.ask(counter, Count::Get, Duration::from_secs(5))?;
//! assert_eq!(sum, 42);
//! # Ok::<(), actorcore::Error>(())
//! ```
//!
//! # Build
//! Install `libactorcore`, so that `pkg-config --libs actorcore` finds it; for a prefix of its own
//! set `PKG_CONFIG_PATH=PREFIX/lib/pkgconfig`. A program finds a library in such a prefix at run
//! time when its own `build.rs` prints `cargo:rustc-link-arg=-Wl,-rpath,DIR` for
//! `DEP_ACTORCORE_SAFE_RPATH`, as this crate's does for its tests, or with `RUSTFLAGS="-C
//! link-arg=-Wl,-rpath,PREFIX/lib"`.
//!
//! # Messages
//! [`messages!`] gives each type a number and a fixed little-endian layout that the other languages
//! share. Payloads of up to 32 bytes travel in the envelope, longer ones in a [`Buffer`];
//! [`Bytes`], `String` and `Vec<u8>` take any length, and a [`Parcel`] moves an object of this
//! program to its receiver and drops it exactly once, received or not. A message that an actor does
//! not understand reaches [`Actor::event`] as [`Event::Unknown`], which by default is a failure of
//! that actor.
//!
//! # Handlers
//! A handler runs on one thread at a time. By default it runs on the library's threads; actors that
//! are spawned [`on`](Spawn::on) a further [`Dispatcher`] run on threads that you lend to it
//! ([`Worker::run`]) or inside your own calls ([`Worker::step`]). An `Err` or a panic is
//! recorded in [`System::failures`] as `rust Counter: panicked: ...` and goes no further than to
//! the actor's supervisor; panics need `panic = "unwind"`, which is Rust's default. The actor is
//! dropped exactly once, and a `Drop` that panics is contained too.
//!
//! Inside a handler, [`Context`] sends without a call into the library; what has to wait for an
//! answer uses [`Context::ask`] and gets it as [`Event::Reply`]. Calls that wait, such as
//! [`System::ask`], give `AC_E_WOULD_DEADLOCK` there.
//!
//! # Supervision
//! An actor that is spawned with a [`supervisor`](Spawn::supervisor) is its child: it stops before
//! it, and a [`Supervision`] says whether it restarts, goes on, stops or takes others with it when
//! it fails. A restarted actor makes its state anew where it gets [`Event::Restarted`]. Who
//! [watches](Context::watch) an actor is told of its end; who is [linked](Context::link) to it
//! fails with it. What an actor cannot handle yet it [stashes](Context::stash), or it
//! [becomes](Context::become_) what handles it otherwise.
//!
//! # Routers
//! A [`Router`] is an address that stands for many actors, those of a group or of a pool that it
//! spawns itself: each message goes to one of them, or to all, as its [`Route`] says.
//!
//! # Traces
//! A [`Span`] is one step of a trace ([`Trace`], W3C Trace Context). A message carries it wherever it
//! goes, a question through its ask, and [`Context::span`] reads it: begin a
//! [`child`](Span::child), send with it, and [end](Span::end) it.
//!
//! # Events and work
//! A [`Bus`] publishes messages to the actors that subscribed to a topic or pattern, as
//! [`Event::Published`]; a [`Queue`] hands items to one actor of a pool at a time, as
//! [`Event::Work`], until it acknowledges them.
//!
//! # Snapshots
//! An [`Engine`] loads a registry and makes [`Entity`]s; subsystems put an [`Output`] each, or are
//! registered as closures or actors and asked at every resolve. A [`Snapshot`] is immutable and
//! shared; [`Snapshot::view`] borrows its arrays. [`Entity::explain`] gives a [`Receipt`]: the steps
//! by which one value came about.
//!
//! # Overload
//! A [`Limiter`] says no, and for how long; a [`Breaker`] stops calls to what fails or has become
//! slow; a [`Batcher`] gathers items into batches. All three run on their system's time.
//!
//! # Memory
//! What comes and goes at a high rate is pooled; [`Memory`] says how, and sets what can be set. A
//! [`Buffer`] can be a [mapped file](Buffer::map), and [`Context::scratch`] is memory for the
//! length of a turn.
//!
//! # Replay
//! [`SystemBuilder::seeded`] runs the same program the same way for the same seed, on virtual time:
//! [`System::trace_hash`] is equal from run to run, and equal to that of the same program in
//! another language.
//!
//! Examples that run are in `examples/rust`: `hello`, `ask`, `supervise`, `timers`, `behaviors`,
//! `routers`, `events`, `overload`, `snapshot` and `world`.

pub use actorcore_sys::{
    About, Across, ActorState, Bound, BreakerMode, BreakerReason, BreakerState, Bucket, CapKind,
    CapMode, Dead, DispatcherMode, Fold, Format, HugePages, List, MailboxOrder, Named, Origin,
    Outcome, Overflow, PhaseState, Pool, PressureLevel, Reject, Status, Step, Type, UnknownName,
    WatchdogKind,
};

mod actor;
mod batcher;
mod behavior;
mod breaker;
mod buffer;
mod bus;
mod context;
mod dispatcher;
mod engine;
mod entity;
mod error;
mod event;
mod ledger;
mod lent;
mod limiter;
mod macros;
mod mailbox;
mod memory;
mod message;
mod names;
mod output;
mod parcel;
mod phases;
mod placement;
mod queue;
mod receipt;
mod router;
mod snapshot;
mod span;
mod stash;
mod subsystem;
mod supervision;
mod system;
mod text;
mod timer;
mod version;
mod watch;
mod watchdog;
mod worker;

pub use actor::{Actor, ActorId, Address, Spawn};
pub use batcher::{BatchResult, Batcher, BatcherBuilder, BatcherStats, Item, TakenBatch};
pub use breaker::{Breaker, BreakerBuilder, BreakerChange, BreakerStats, Fallback, Permit};
pub use buffer::{Buffer, BufferMut, Bytes, Payload};
pub use bus::{Bus, BusStats, Publication, Published, Subscription};
pub use context::{Context, Correlation, Request};
pub use dispatcher::{Dispatcher, DispatcherBuilder};
pub use engine::{Engine, EngineBuilder, Metrics, Name, Source};
pub use entity::{AsyncResolve, Entity, EntityId, Profile, Resolve};
pub use error::{Error, Failure, Result};
pub use event::{Event, Reply, Resolved};
pub use ledger::{DeadLetter, DeadLetters, FailureReport, Ledger, Stats, StopReport};
pub use limiter::{Limiter, LimiterStats, Rate};
pub use mailbox::{CustomOrder, Incoming, Mailbox, MailboxStats, Pressure, Ticket, Word};
pub use memory::{AllocatorStats, Memory, PoolStats};
pub use message::{Body, Letter, Message, Plain};
pub use names::Registration;
pub use output::{AsOutput, Cap, Contribution, Modifier, Output, OutputView, Outputs};
pub use parcel::Parcel;
pub use phases::{Phase, PhaseInfo};
pub use placement::{Cpus, Placement, Usage, WorkerStats};
pub use queue::{DeadWork, Queue, QueueBuilder, QueueStats, Work};
pub use receipt::{replay, Receipt, ReceiptStep, ReceiptView};
pub use router::{GroupBuilder, Hashing, PoolBuilder, Route, Routee, Router, RouterStats};
pub use snapshot::{AppliedContext, Column, Snapshot, SnapshotError, SnapshotView};
pub use span::{Span, SpanRecord, SpanStats, Trace};
pub use subsystem::{Query, Question, Subsystem};
pub use supervision::{Failed, Strategy, Supervision, SupervisionStats};
pub use system::{System, SystemBuilder};
pub use timer::{Timer, TimerStats, Timing};
pub use version::{build_info, version};
pub use watch::Ended;
pub use watchdog::{ActorInfo, Watch, WatchdogReport};
pub use worker::{Movable, Pinned, Waker, Worker};
