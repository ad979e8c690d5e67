//! events: a house and its kitchen. Events go to whoever subscribed to their topic or to a pattern
//! that it fits, those of a higher priority first, and to nobody who has ended. Items of a bounded
//! queue go to one cook each, who acknowledges them: what is refused, or was in the hand of a cook
//! who failed, comes again, and what comes too often is dead. Virtual time, so that every run
//! prints the same.
//!
//! Prints how many deliveries each event became and what came of them, then what the cooks did with
//! each order, and where the items are in the end.

use std::time::Duration;

use actorcore::{messages, Actor, Bus, Context, Error, Event, Failure, Publication, Queue, Status};
use actorcore::{Subscription, System, Work};

const MILLISECOND: Duration = Duration::from_millis(1);

messages! {
    /// An event, with a number of people.
    struct Passed(u64) = 1;

    /// Asks a diary for its sum, and nobody else anything.
    struct Noted = 2;
    struct People(u64) = 3;

    enum Order {
        Plain = 11,
        Slow = 12,
        Hard = 13,
        Impossible = 14,
    }
}

/// Says what it hears of.
struct Porter;

impl Actor for Porter {
    type Msg = Noted;

    fn handle(&mut self, _: &mut Context<'_>, _: Noted) -> Result<(), Failure> {
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Published(event) = event else {
            return event.unhandled();
        };
        let Passed(people) = event.read()?;
        let (topic, subscription) = (event.topic(), event.subscription());
        println!("porter: {people} at {topic}, by subscription {subscription}");
        Ok(())
    }
}

/// Adds up what it hears of.
#[derive(Default)]
struct Diary {
    people: u64,
}

impl Actor for Diary {
    type Msg = Noted;

    fn handle(&mut self, context: &mut Context<'_>, _: Noted) -> Result<(), Failure> {
        context.reply(People(self.people))?;
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Published(event) = event else {
            return event.unhandled();
        };
        let Passed(people) = event.read()?;
        self.people += people;
        Ok(())
    }
}

struct Cook {
    name: &'static str,
}

impl Cook {
    /// What a cook does with an order depends on its type, and on how often it has come.
    fn work(&mut self, work: Work<'_>) -> Result<(), Failure> {
        let (number, deliveries) = (work.number(), work.deliveries());
        let say = |what| {
            let name = self.name;
            println!("{name} cook: order {number}, delivery {deliveries}, {what}");
        };
        match work.read()? {
            Order::Impossible => {
                say("is impossible");
                work.nack(Duration::ZERO)?;
            }
            Order::Slow if deliveries == 1 => {
                say("is to come again in 10 ms");
                work.nack(10 * MILLISECOND)?;
            }
            Order::Hard if deliveries == 1 => {
                say("is too hard, I fail");
                return Err(Failure::new("too hard"));
            }
            _ => {
                say("is done");
                work.ack()?;
            }
        }
        Ok(())
    }
}

impl Actor for Cook {
    type Msg = Noted;

    fn handle(&mut self, _: &mut Context<'_>, _: Noted) -> Result<(), Failure> {
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Work(work) => self.work(work),
            event => event.unhandled(),
        }
    }
}

fn run_bus(system: &System) -> Result<(), Error> {
    let bus = Bus::new(system)?;
    let (porter, diary) = (system.spawn(Porter)?, system.spawn(Diary::default())?);
    let exact = bus.subscribe(Subscription::new("north.door", porter))?;
    let pattern = bus.subscribe(Subscription::new("north.>", porter).priority(5))?;
    let doors = bus.subscribe(Subscription::new("*.door", diary))?;
    println!("main: subscriptions {exact} and {pattern} of the porter, {doors} of the diary");

    let publish = |topic, people| {
        let delivered = bus.publish(Publication::new(topic), Passed(people))?;
        println!("main: {people} at {topic}, deliveries {delivered}");
        system.settle(Duration::MAX)
    };
    publish("north.door", 1)?;
    publish("south.door", 2)?;
    publish("north.window.left", 3)?;
    publish("south.gate", 4)?;
    system.stop_actor(porter, false)?;
    system.settle(Duration::MAX)?;
    publish("north.door", 5)?;

    let People(people) = system.ask(diary, Noted, Duration::MAX)?;
    println!("diary: {people} at all doors");
    let stats = bus.stats();
    println!(
        "bus: events {}, deliveries {}, for nobody {}; subscriptions {}, removed with the porter {}",
        stats.events, stats.deliveries, stats.unmatched, stats.subscriptions, stats.removed_dead
    );
    Ok(())
}

fn run_queue(system: &System) -> Result<(), Error> {
    let queue = Queue::builder("orders")
        .capacity(3)
        .deliveries_max(3)
        .build(system)?;
    let order = |order| {
        match queue.put(order, None) {
            Ok(number) => println!("main: order {number}"),
            Err(error) if error.status() == Status::E_FULL => {
                println!("main: no more orders, three are the bound");
            }
            Err(error) => return Err(error),
        }
        Ok(())
    };
    [Order::Plain, Order::Slow, Order::Plain, Order::Plain]
        .into_iter()
        .try_for_each(order)?;
    queue.join(system.spawn(Cook { name: "first" })?, 1)?;
    system.settle(Duration::MAX)?;
    println!("main: 10 ms later");
    system.advance(10 * MILLISECOND)?;
    queue.join(system.spawn(Cook { name: "second" })?, 1)?;
    order(Order::Hard)?;
    system.settle(Duration::MAX)?;
    order(Order::Impossible)?;
    system.settle(Duration::MAX)?;

    for item in queue.dead()? {
        let (number, deliveries) = (item.number, item.deliveries);
        println!("main: order {number} is dead after {deliveries} deliveries");
    }
    let s = queue.stats();
    println!(
        "queue: put {} = done {} + ready {} + leased {} + dead {}; \
         redelivered {}, refused {}, cooks {}",
        s.put, s.acked, s.ready, s.leased, s.dead, s.redelivered, s.refused, s.consumers
    );
    Ok(())
}

fn main() -> Result<(), Error> {
    let system = System::builder().seeded(1).build()?;
    run_bus(&system)?;
    run_queue(&system)?;
    system.stop(Duration::from_secs(1))?;
    Ok(())
}
