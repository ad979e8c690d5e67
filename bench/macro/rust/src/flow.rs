//! Many messages one way: fanin and fanout.

use actorcore::{messages, Actor, Address, Context, Error, Failure, System};

use crate::measure::{Latch, Measured, Timer};

messages! {
    enum Sink {
        Data([u64; 4]) = 1,
    }

    struct Go = 2;
}

/// Counts what it gets.
struct Counter {
    sum: u64,
    left: u64,
    done: Latch,
}

impl Counter {
    fn new(expected: u64, done: &Latch) -> Counter {
        Counter {
            sum: 0,
            left: expected,
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
    let done = Latch::new(1);
    let sink = system.spawn(Counter::new(producers * each, &done))?;
    let mut sources = Vec::new();
    for _ in 0..producers {
        sources.push(system.spawn(Source {
            sinks: vec![sink],
            each,
        })?);
    }
    run(system, &[sink], &sources, &done, producers * each)
}

/// Sizes: consumers, messages to each.
pub fn fanout(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let (consumers, each) = (sizes[0], sizes[1]);
    let done = Latch::new(consumers);
    let mut sinks = Vec::new();
    for _ in 0..consumers {
        sinks.push(system.spawn(Counter::new(each, &done))?);
    }
    let source = system.spawn(Source {
        sinks: sinks.clone(),
        each,
    })?;
    run(system, &sinks, &[source], &done, consumers * each)
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
