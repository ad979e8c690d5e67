//! Actors that are made and ended, that fail and restart, and timers: churn, crash, alarms, rest.

use std::thread::sleep;
use std::time::Duration;

use actorcore::{messages, Actor, Address, Context, Error, Event, Failure, Spawn, Strategy};
use actorcore::{Supervision, System, Timing};

use crate::measure::{mixed, Latch, Measured, Timer};

messages! {
    struct Work = 1;
}

/// Counts what it is given.
struct Worker {
    done: Latch,
}

impl Actor for Worker {
    type Msg = Work;

    fn handle(&mut self, _: &mut Context<'_>, _: Work) -> Result<(), Failure> {
        self.done.down();
        Ok(())
    }
}

fn spawn_workers(system: &System, count: u64, done: &Latch) -> Result<Vec<Address<Work>>, Error> {
    let workers = (0..count as usize).map(|_| Worker { done: done.clone() });
    system.spawn_many(workers, &Spawn::new())
}

fn stop_all(system: &System, actors: &[Address<Work>]) -> Result<(), Error> {
    actors
        .iter()
        .try_for_each(|actor| system.stop_actor(*actor, false))?;
    system.settle(Duration::MAX)
}

/// Size: actors, of which a thousand at a time are made and stopped.
pub fn churn(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    const BATCH: u64 = 1_000;
    let done = Latch::new(0);
    let timer = Timer::start();
    let mut made = 0;
    while made < sizes[0] {
        let many = BATCH.min(sizes[0] - made);
        stop_all(system, &spawn_workers(system, many, &done)?)?;
        made += many;
    }
    Ok(timer.measured(sizes[0]))
}

/// Fails at every message, and is restarted.
struct Faulty {
    done: Latch,
}

impl Actor for Faulty {
    type Msg = Work;

    fn handle(&mut self, _: &mut Context<'_>, _: Work) -> Result<(), Failure> {
        Err(Failure::new("it fails at every message"))
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Restarted => self.done.down(),
            event => return event.unhandled(),
        }
        Ok(())
    }
}

/// Sizes: children of one supervisor, failures of all together.
pub fn crash(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let children = sizes[0];
    let failures = sizes[1] / children * children;
    let done = Latch::new(failures);
    let above = Spawn::new().children(Supervision::new(Strategy::Restart));
    let supervisor = system.spawn_with(Worker { done: done.clone() }, &above)?;
    let below = Spawn::new().supervisor(supervisor.id());
    let actors = (0..children as usize).map(|_| Faulty { done: done.clone() });
    let actors = system.spawn_many(actors, &below)?;
    let timer = Timer::start();
    for number in 0..failures {
        system.tell(actors[(number % children) as usize], Work)?;
    }
    done.wait();
    let measured = timer.measured(failures);
    stop_all(system, &[supervisor])?; // its children first
    Ok(measured)
}

/// Sizes: actors, timers of up to 100 ms, a tenth of which are cancelled.
pub fn alarms(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let (count, timers) = (sizes[0], sizes[1]);
    let done = Latch::new(timers);
    let actors = spawn_workers(system, count, &done)?;
    let timer = Timer::start();
    for number in 0..timers {
        let delay = Duration::from_nanos(mixed(number) % 100_000_000);
        let to = actors[(number % count) as usize];
        let started = system.start_timer(to, Work, Timing::after(delay))?;
        // One that fired in the meantime has counted itself.
        if number % 10 == 0 && started.cancel() {
            done.down();
        }
    }
    done.wait();
    let measured = timer.measured(timers);
    stop_all(system, &actors)?;
    Ok(measured)
}

/// Sizes: idle actors, timers of an hour, milliseconds.
pub fn rest(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let actors = spawn_workers(system, sizes[0], &Latch::new(0))?;
    for number in 0..sizes[1] {
        let to = actors[(number % sizes[0]) as usize];
        let _ = system.start_timer(to, Work, Timing::after(Duration::from_secs(3600)))?;
    }
    system.settle(Duration::MAX)?;
    let timer = Timer::start();
    sleep(Duration::from_millis(sizes[2]));
    let measured = timer.measured(sizes[0]).cpu_percent();
    stop_all(system, &actors)?;
    Ok(measured)
}
