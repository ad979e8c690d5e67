//! Many messages one way: fanin and fanout.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use actorcore::{messages, Actor, Address, Context, Error, Failure, System};

use crate::measure::{Latch, Measured, Timer};

messages! {
    enum Sink {
        Data([u64; 4]) = 1,
    }

    struct Go = 2;
}

/// Counts what it gets, and adds its sum to that of all.
struct Counter {
    sum: u64,
    left: u64,
    total: Arc<AtomicU64>,
    done: Latch,
}

impl Counter {
    fn new(expected: u64, total: &Arc<AtomicU64>, done: &Latch) -> Counter {
        Counter {
            sum: 0,
            left: expected,
            total: total.clone(),
            done: done.clone(),
        }
    }
}

impl Actor for Counter {
    type Msg = Sink;

    fn handle(&mut self, _: &mut Context<'_>, Sink::Data(data): Sink) -> Result<(), Failure> {
        self.sum = self.sum.wrapping_add(data[0]);
        self.left -= 1;
        if self.left == 0 {
            self.total.fetch_add(self.sum, Ordering::Relaxed);
            self.done.down();
        }
        Ok(())
    }
}

/// Sends a number of messages to each of its sinks, in turn, in one handler call.
struct Source {
    sinks: Vec<Address<Sink>>,
    each: u64,
}

impl Actor for Source {
    type Msg = Go;

    fn handle(&mut self, context: &mut Context<'_>, _: Go) -> Result<(), Failure> {
        for number in 0..self.each {
            for sink in &self.sinks {
                context.send(*sink, Sink::Data([number, 1, 2, 3]))?;
            }
        }
        Ok(())
    }
}

/// Sizes: producers, messages of each.
pub fn fanin(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let (producers, each) = (sizes[0], sizes[1]);
    let (total, done) = (Arc::default(), Latch::new(1));
    let sink = system.spawn(Counter::new(producers * each, &total, &done))?;
    let mut sources = Vec::new();
    for _ in 0..producers {
        sources.push(system.spawn(Source {
            sinks: vec![sink],
            each,
        })?);
    }
    let measured = run(system, &[sink], &sources, &done, producers * each)?;
    check(&total, producers * each, each);
    Ok(measured)
}

/// Sizes: consumers, messages to each.
pub fn fanout(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let (consumers, each) = (sizes[0], sizes[1]);
    let (total, done) = (Arc::default(), Latch::new(consumers));
    let mut sinks = Vec::new();
    for _ in 0..consumers {
        sinks.push(system.spawn(Counter::new(each, &total, &done))?);
    }
    let source = system.spawn(Source {
        sinks: sinks.clone(),
        each,
    })?;
    let measured = run(system, &sinks, &[source], &done, consumers * each)?;
    check(&total, consumers * each, each);
    Ok(measured)
}

/// Every stream of `each` messages adds up to the same.
fn check(total: &AtomicU64, messages: u64, each: u64) {
    let expected = messages / each * (each * (each - 1) / 2);
    assert_eq!(
        total.load(Ordering::Relaxed),
        expected,
        "wrong sum of a stream"
    );
}

fn run(
    system: &System,
    sinks: &[Address<Sink>],
    sources: &[Address<Go>],
    done: &Latch,
    messages: u64,
) -> Result<Measured, Error> {
    let timer = Timer::start();
    for source in sources {
        system.tell(*source, Go)?;
    }
    done.wait();
    let measured = timer.measured(messages);
    sinks
        .iter()
        .try_for_each(|sink| system.stop_actor(*sink, false))?;
    sources
        .iter()
        .try_for_each(|source| system.stop_actor(*source, false))?;
    Ok(measured)
}
