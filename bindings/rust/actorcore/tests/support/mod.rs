//! What the tests share.
#![allow(dead_code)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actorcore::Worker;
use actorcore::{Actor, Address, Dispatcher, DispatcherMode, Error, Message, Spawn, System};

/// Far longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What actors tell the test.
pub struct Seen<T>(Arc<Mutex<Vec<T>>>);

impl<T> Seen<T> {
    pub fn new() -> Seen<T> {
        Seen(Arc::new(Mutex::new(Vec::new())))
    }

    pub fn push(&self, value: T) {
        self.0.lock().unwrap().push(value);
    }

    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl<T> Clone for Seen<T> {
    fn clone(&self) -> Seen<T> {
        Seen(self.0.clone())
    }
}

/// Counts how often it is dropped.
pub struct Dropped(pub Arc<AtomicU64>);

impl Dropped {
    pub fn count() -> Arc<AtomicU64> {
        Arc::default()
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

pub fn dropped(count: &Arc<AtomicU64>) -> u64 {
    count.load(Ordering::SeqCst)
}

pub const MODES: [DispatcherMode; 3] =
    [DispatcherMode::INLINE, DispatcherMode::ATTACHED, DispatcherMode::CALLER];

/// Runs a program with a dispatcher of the mode, and with a thread lent to it where it needs one.
/// The system is stopped afterwards, and its ledger has to hold.
pub fn in_mode<R>(
    system: &System,
    mode: DispatcherMode,
    run: impl FnOnce(&System, Spawn<'static>) -> R,
) -> R {
    let dispatcher = system.dispatcher(mode).build().unwrap();
    let result = std::thread::scope(|scope| {
        if mode != DispatcherMode::INLINE {
            let mut worker: Worker = dispatcher.attach().unwrap();
            scope.spawn(move || worker.run().unwrap());
        }
        let stop = StopAtEnd(system);
        let result = run(system, Spawn::new().on(dispatcher));
        drop(stop);
        result
    });
    let ledger = system.ledger();
    assert!(ledger.holds(), "{ledger:?}");
    assert_eq!(ledger.queued, 0);
    result
}

/// Runs a program in every mode, with the library's own order of things and with a seed's.
pub fn in_every_mode(run: impl Fn(&System, Spawn<'static>)) {
    for mode in MODES {
        in_mode(&System::new().unwrap(), mode, &run);
    }
    for mode in [DispatcherMode::INLINE, DispatcherMode::ATTACHED] {
        in_mode(&System::builder().seeded(3).build().unwrap(), mode, &run);
    }
}

/// Ends the lent thread even when the test fails in between.
struct StopAtEnd<'a>(&'a System);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        let stopped = self.0.stop(PATIENCE);
        if !std::thread::panicking() {
            stopped.unwrap();
        }
    }
}

pub fn attached(system: &System) -> Result<Dispatcher, Error> {
    system.dispatcher(DispatcherMode::ATTACHED).build()
}

/// Tells many, and waits until all that came of them is done.
pub fn tell_all<M: Message>(
    system: &System,
    to: Address<M>,
    messages: impl IntoIterator<Item = M>,
) {
    let refused = system.tell_many(messages.into_iter().map(|message| (to, message))).unwrap();
    assert_eq!(refused, []);
    system.settle(PATIENCE).unwrap();
}

/// Tells, and waits until all that came of it is done.
pub fn tell<A: Actor>(system: &System, to: Address<A::Msg>, message: A::Msg) {
    system.tell(to, message).unwrap();
    system.settle(PATIENCE).unwrap();
}
