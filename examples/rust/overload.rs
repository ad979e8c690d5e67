//! overload: a bakery on the day of the fair, when more comes than it can do. A counter where three
//! may wait, and what becomes of the fourth; a mill that pauses when the store is full and goes on
//! when it has drained; a door that lets so many guests in a second; a dairy that answers too late,
//! and is not asked until it is well again; and an oven that bakes a batch at a time and says of
//! each loaf what became of it. Virtual time, so that every run prints the same.
//!
//! Prints what each of them does, and in the end where all messages are.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actorcore::{messages, Actor, Address, Batcher, Breaker, Context, Dead, Error, Event, Failure};
use actorcore::{
    Fallback, Item, Limiter, Mailbox, Overflow, PressureLevel, Rate, Spawn, Status, System,
};

const MILLISECOND: Duration = Duration::from_millis(1);

messages! {
    /// What a counter understands.
    struct Order(u64) = 1;

    /// What a mill understands.
    struct Grind = 2;

    /// What a store understands.
    struct Sack = 3;
}

/// Serves who has waited.
struct Counter;

impl Actor for Counter {
    type Msg = Order;

    fn handle(&mut self, _: &mut Context<'_>, Order(number): Order) -> Result<(), Failure> {
        print!(" {number}");
        Ok(())
    }
}

/// Takes a sack by handling it.
struct Store;

impl Actor for Store {
    type Msg = Sack;

    fn handle(&mut self, _: &mut Context<'_>, _: Sack) -> Result<(), Failure> {
        Ok(())
    }
}

/// Sends three sacks at a time, until it has to pause.
struct Mill {
    store: Address<Sack>,
    sacks: u32,
    pauses: bool,
}

impl Actor for Mill {
    type Msg = Grind;

    fn handle(&mut self, context: &mut Context<'_>, _: Grind) -> Result<(), Failure> {
        if self.pauses || self.sacks == 24 {
            return Ok(());
        }
        self.sacks += 3;
        for _ in 0..3 {
            context.send(self.store, Sack)?;
        }
        Ok(context.send(context.me(), Grind)?)
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Pressure(pressure) = event else {
            return event.unhandled();
        };
        self.pauses = pressure.level == PressureLevel::HIGH;
        let does = if self.pauses { "pauses" } else { "goes on" };
        let (sacks, wait) = (self.sacks, pressure.length);
        println!("mill: {does} after {sacks} sacks, {wait} wait");
        self.handle(context, Grind)
    }
}

/// Bakes what is due.
struct Oven {
    batcher: Arc<OnceLock<Batcher>>,
}

impl Actor for Oven {
    type Msg = Order;

    fn handle(&mut self, _: &mut Context<'_>, _: Order) -> Result<(), Failure> {
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let (Event::Batch(_), Some(batcher)) = (&event, self.batcher.get()) else {
            return event.unhandled();
        };
        let Some(mut batch) = batcher.try_take()? else {
            return Ok(());
        };
        println!("oven: a batch of {}", batch.len());
        for at in 0..batch.len() {
            let weight = batch.data(at)[0];
            let status = if weight <= 4 {
                Status::OK
            } else {
                Status::E_HANDLER
            };
            batch.set(at, 10 * u64::from(weight), status);
        }
        Ok(batch.done()?)
    }
}

fn run_counter(system: &System, overflow: Overflow) -> Result<(), Error> {
    let mailbox = Mailbox::new().capacity(3, overflow);
    let counter = system.spawn_with(Counter, &Spawn::new().mailbox(&mailbox))?;
    let mut refused = 0;
    for number in 1..=5 {
        match system.tell(counter, Order(number)) {
            Err(error) if error.status() == Status::E_FULL => refused += 1,
            told => told?,
        }
    }
    print!("counter: {overflow}, serves");
    system.settle(Duration::MAX)?;
    let ledger = system.ledger();
    let (dropped, overflowed) = (
        ledger.dead_of(Dead::DROPPED),
        ledger.dead_of(Dead::OVERFLOW),
    );
    println!("; refused {refused}; dead so far {dropped} dropped, {overflowed} overflowed");
    Ok(())
}

fn run_mill(system: &System) -> Result<(), Error> {
    let mailbox = Mailbox::new().pressure(6, 2);
    let store = system.spawn_with(Store, &Spawn::new().mailbox(&mailbox))?;
    let mill = system.spawn(Mill {
        store,
        sacks: 0,
        pauses: false,
    })?;
    system.tell(mill, Grind)?;
    system.settle(Duration::MAX)?;
    let most = system.mailbox(store)?.length_max;
    println!("store: at most {most} waited");
    Ok(())
}

fn run_door(system: &System) -> Result<(), Error> {
    let limiter = Limiter::new(system, Rate::per_second(2), 0)?;
    for guest in 1..=4 {
        while let Some(wait) = limiter.take(1)? {
            println!("door: guest {guest} is to wait {} ms", wait.as_millis());
            system.advance(wait)?;
        }
        println!("door: at {} ms guest {guest} comes in", now_ms(system));
    }
    Ok(())
}

fn run_dairy(system: &System) -> Result<(), Error> {
    let breaker = Breaker::builder(system)
        .window(Duration::from_secs(10), 4)
        .slow(20 * MILLISECOND)
        .open(100 * MILLISECOND, Duration::from_secs(60))
        .probes(1, 2)
        .build()?;
    for (call, takes) in [5, 40, 5, 40, 5, 5, 5, 5].into_iter().enumerate() {
        if call == 6 {
            system.advance(100 * MILLISECOND)?;
        }
        let ask = || system.advance(takes * MILLISECOND).map(|()| 31);
        let price = breaker.call(ask, |why| match why {
            Fallback::Refused => Ok(30), // yesterday's
            Fallback::Failed(error) => Err(error),
        })?;
        println!("dairy: at {} ms milk is {price}", now_ms(system));
    }
    for change in breaker.changes(0) {
        let at = Duration::from_nanos(change.time_ns).as_millis();
        let (from, to, why) = (change.from, change.to, change.reason);
        println!("breaker: at {at} ms {from} to {to}, {why}");
    }
    let stats = breaker.stats();
    println!(
        "breaker: {} calls, {} slow, {} refused",
        stats.succeeded, stats.slow, stats.refused
    );
    Ok(())
}

fn run_oven(system: &System) -> Result<(), Error> {
    let batcher = Arc::new(OnceLock::new());
    let oven = system.spawn(Oven {
        batcher: Arc::clone(&batcher),
    })?;
    let made = Batcher::builder(system).size(4).to(oven, 0).build()?;
    let batcher = batcher.get_or_init(|| made);
    let put = |weight: u8| batcher.put(&Item::new(&[weight]));
    let tickets = [1, 2, 5, 1, 3, 4].map(put);
    for (loaf, ticket) in (1..).zip(tickets) {
        let result = batcher.wait(ticket?, Duration::MAX)?;
        match result.status {
            Status::OK => println!("main: loaf {loaf} is baked in {} minutes", result.value),
            _ => println!("main: loaf {loaf} is too heavy"),
        }
    }
    let stats = batcher.stats();
    println!(
        "oven: {} loaves, {} failed; batches {}, full {}",
        stats.items, stats.failed, stats.batches, stats.full
    );
    Ok(())
}

fn now_ms(system: &System) -> u128 {
    Duration::from_nanos(system.now()).as_millis()
}

fn main() -> Result<(), Error> {
    // The store takes two sacks a turn, so that a mill which sends three is ahead of it.
    let system = System::builder().seeded(1).throughput(2).build()?;
    run_counter(&system, Overflow::FAIL)?;
    run_counter(&system, Overflow::DROP_NEWEST)?;
    run_counter(&system, Overflow::DROP_OLDEST)?;
    run_counter(&system, Overflow::DEAD_LETTER)?;
    run_mill(&system)?;
    run_door(&system)?;
    run_dairy(&system)?;
    run_oven(&system)?;

    let ledger = system.ledger();
    println!(
        "main: accepted {} = handled {} + dropped {} + overflowed {}",
        ledger.accepted,
        ledger.handled,
        ledger.dead_of(Dead::DROPPED),
        ledger.dead_of(Dead::OVERFLOW)
    );
    system.stop(Duration::from_secs(1))?;
    Ok(())
}
