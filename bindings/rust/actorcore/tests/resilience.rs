//! Limiters, breakers and batchers.

mod support;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actorcore::{
    messages, Actor, Batcher, Breaker, BreakerMode, BreakerReason, BreakerState, Context,
    Correlation, Event, Failure, Fallback, Item, Limiter, Outcome, Rate, Status, System,
};
use support::{Seen, PATIENCE};

fn seeded() -> System {
    System::builder().seeded(1).build().unwrap()
}

#[test]
fn a_limiter_says_how_long_to_wait() {
    let system = seeded();
    let limiter = Limiter::new(&system, Rate::per_second(10).burst(2), 4).unwrap();
    assert_eq!(limiter.take(2).unwrap(), None);
    assert_eq!(limiter.take(1).unwrap(), Some(Duration::from_millis(100)));
    assert_eq!(limiter.take_key(7, 2).unwrap(), None);
    assert_eq!(limiter.take(3).unwrap_err().status(), Status::E_LIMIT);
    limiter.set(Rate::new(1, Duration::from_secs(60))).unwrap();
    assert_eq!(limiter.take(1).unwrap(), Some(Duration::from_secs(120)));
    let stats = limiter.stats();
    assert_eq!((stats.taken, stats.refused, stats.keys), (4, 2, 1));
    let none = Limiter::new(&system, Rate::per_second(0), 0).unwrap_err();
    assert_eq!(none.status(), Status::E_INVALID_ARGUMENT);
    drop(system);
    assert!(limiter.take(1).unwrap().is_some());
}

#[test]
fn a_breaker_takes_the_fallback_and_tells_its_story() {
    let system = seeded();
    let breaker = Breaker::builder(&system)
        .window(Duration::from_secs(1), 3)
        .failure_ratio(0.6)
        .probes(1, 1)
        .build()
        .unwrap();
    let call = |result: Result<u32, &'static str>| {
        breaker.call(
            || result,
            |why| match why {
                Fallback::Failed(_) => Ok(1),
                Fallback::Refused => Ok(0),
            },
        )
    };
    assert_eq!(call(Ok(5)), Ok(5));
    assert_eq!(call(Err("broken")), Ok(1));
    drop(breaker.enter().unwrap()); // without a word it does not count
    let panicked = std::panic::catch_unwind(|| {
        let _permit = breaker.enter().unwrap();
        panic!("out of ink");
    });
    assert!(panicked.is_err());
    assert_eq!(call(Ok(5)), Ok(0));
    let stats = breaker.stats();
    assert_eq!(stats.state, BreakerState::OPEN);
    assert_eq!((stats.succeeded, stats.failed, stats.ignored, stats.refused), (1, 2, 1, 1));
    breaker.force(BreakerMode::FORCED_CLOSED).unwrap();
    breaker.enter().unwrap().leave(Outcome::FAILURE);
    let reasons: Vec<_> = breaker.changes(0).iter().map(|change| change.reason).collect();
    assert_eq!(reasons, [BreakerReason::FAILURES, BreakerReason::FORCED]);
}

messages! {
    /// The result of an item.
    #[derive(Debug)]
    struct Told { ticket: u64, value: u64, status: i32, nothing: u32 } = 2;
}

/// Squares lengths, and gets the results itself.
struct Squarer {
    batcher: Arc<std::sync::OnceLock<Batcher>>,
    seen: Seen<(u64, u64, i32)>,
}

impl Actor for Squarer {
    type Msg = Told;

    fn handle(&mut self, _: &mut Context<'_>, message: Told) -> Result<(), Failure> {
        panic!("a result is a reply: {message:?}");
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Reply(reply) => {
                assert_eq!(reply.correlation(), Correlation::new(5));
                let Told { ticket, value, status, .. } = reply.read()?;
                self.seen.push((ticket, value, status));
                Ok(())
            }
            Event::Batch(9) => self.square(),
            event => event.unhandled(),
        }
    }
}

impl Squarer {
    fn square(&mut self) -> Result<(), Failure> {
        let Some(mut batch) = self.batcher.get().unwrap().try_take()? else {
            return Ok(());
        };
        for index in 0..batch.len() {
            let length = batch.data(index).len() as u64;
            let status = if length == 0 { Status::E_HANDLER } else { Status::OK };
            batch.set(index, length * length, status);
        }
        Ok(batch.done()?)
    }
}

#[test]
fn an_actor_gets_batches_and_producers_their_results() {
    let system = seeded();
    let (batcher, seen) = (Arc::new(std::sync::OnceLock::new()), Seen::new());
    let squarer =
        system.spawn(Squarer { batcher: Arc::clone(&batcher), seen: seen.clone() }).unwrap();
    let made = Batcher::builder(&system).size(2).to(squarer, 9).build().unwrap();
    let batcher = batcher.get_or_init(|| made);
    let to = Some(squarer.id());
    for data in [&b"abc"[..], b"", &[0; 100]] {
        batcher.put(&Item::new(data).reply_to(to, 2, Correlation::new(5))).unwrap();
    }
    system.settle(PATIENCE).unwrap();
    let failed = Status::E_HANDLER.0;
    assert_eq!(seen.take(), [(1, 9, 0), (2, 0, failed), (3, 10_000, 0)]);
    assert_eq!(batcher.wait(3, Duration::ZERO).unwrap().value, 10_000);
    let stats = batcher.stats();
    assert_eq!((stats.full, stats.timed_out, stats.failed), (1, 1, 1));
    assert!(system.ledger().holds());
}

#[test]
fn a_thread_takes_batches() {
    let system = System::new().unwrap();
    let patient = Batcher::builder(&system).size(2).capacity(2).timeout(PATIENCE);
    let batcher = patient.build().unwrap();
    assert!(batcher.try_take().unwrap().is_none());
    thread::scope(|scope| {
        scope.spawn(|| {
            let batch = batcher.take(PATIENCE).unwrap();
            assert_eq!(batch.len(), 2);
            assert_eq!(batch.data(1), [7; 49]);
            batch.fail(Status::E_REJECTED).unwrap();
        });
        batcher.put(&Item::new(b"")).unwrap();
        let last = batcher.put(&Item::new(&[7; 49])).unwrap();
        assert_eq!(batcher.wait(last, PATIENCE).unwrap().status, Status::E_REJECTED);
    });
    for _ in 0..2 {
        batcher.put(&Item::new(b"")).unwrap();
    }
    assert_eq!(batcher.put(&Item::new(b"")).unwrap_err().status(), Status::E_FULL);
}
