//! Many threads outside at one mailbox, and latency at a rate: contend and load.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use actorcore::{messages, Actor, Context, Error, Failure, Spawn, System};

use crate::measure::{mixed, must, Latch, Measured, Timer};

messages! {
    struct Number(u64) = 1;
    /// When it was sent, and where its latency goes.
    struct Sent { at: u64, index: u64 } = 2;
}

struct Sink {
    done: Latch,
}

impl Actor for Sink {
    type Msg = Number;

    fn handle(&mut self, _: &mut Context<'_>, _: Number) -> Result<(), Failure> {
        self.done.down();
        Ok(())
    }
}

/// Has so many threads send, and measures until the latch is down.
fn on_threads(
    count: u64,
    operations: u64,
    done: &Latch,
    send: impl Fn(u64) -> Result<(), Error> + Sync,
) -> Measured {
    let send = &send;
    let timer = Timer::start();
    thread::scope(|scope| {
        for thread in 0..count {
            scope.spawn(move || must(send(thread)));
        }
        done.wait();
        timer.measured(operations)
    })
}

/// Sizes: threads, messages of each to one actor.
pub fn contend(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let (threads, each) = (sizes[0], sizes[1]);
    let done = Latch::new(threads * each);
    let sink = system.spawn(Sink { done: done.clone() })?;
    let send = |_| (0..each).try_for_each(|number| system.tell(sink, Number(number)));
    let measured = on_threads(threads, threads * each, &done, send);
    system.stop_actor(sink, false)?;
    Ok(measured)
}

/// Writes down how long each message took.
struct Clocked {
    start: Instant,
    took: Arc<[AtomicU64]>,
    done: Latch,
}

impl Actor for Clocked {
    type Msg = Sent;

    fn handle(&mut self, _: &mut Context<'_>, sent: Sent) -> Result<(), Failure> {
        let took = self.start.elapsed().as_nanos() as u64 - sent.at;
        self.took[sent.index as usize].store(took, Ordering::Relaxed);
        self.done.down();
        Ok(())
    }
}

/// Sizes: messages a second, for a second, to a thousand actors, and the threads that send them.
/// Early, a thread sleeps; late, it sends at once, so that all are sent in the end.
pub fn load(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let (threads, targets) = (sizes[1], sizes[2] as usize);
    let each = (sizes[0] / threads).max(1);
    let gap = 1_000_000_000 / each;
    let done = Latch::new(threads * each);
    let took: Arc<[AtomicU64]> = (0..threads * each).map(|_| AtomicU64::new(1)).collect();
    let start = Instant::now();
    let actors = (0..targets).map(|_| Clocked {
        start,
        took: took.clone(),
        done: done.clone(),
    });
    let actors = system.spawn_many(actors, &Spawn::new())?;
    let first = start.elapsed();
    let send = |thread: u64| {
        for number in 0..each {
            let due = first + Duration::from_nanos(number * gap);
            let left = due.saturating_sub(start.elapsed());
            if left > Duration::from_micros(50) {
                thread::sleep(left);
            }
            let to = actors[mixed(number + thread) as usize % targets];
            let at = start.elapsed().as_nanos() as u64;
            system.tell(
                to,
                Sent {
                    at,
                    index: thread * each + number,
                },
            )?;
        }
        Ok(())
    };
    let measured = on_threads(threads, threads * each, &done, send);
    actors
        .iter()
        .try_for_each(|actor| system.stop_actor(*actor, false))?;
    Ok(measured.latencies(
        took.iter()
            .map(|took| took.load(Ordering::Relaxed))
            .collect(),
    ))
}
