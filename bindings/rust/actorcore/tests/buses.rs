//! Published events and queued work, as handlers see them.

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actorcore::{messages, Actor, Bus, Context, Event, Failure, Parcel, Publication, Queue};
use actorcore::{Status, Subscription, System};
use support::PATIENCE;

messages! {
    #[derive(Debug, PartialEq)]
    struct Opened(u64) = 1;
    struct Named(String) = 2;
    struct Carry(Parcel<String>) = 3;
}

type Log = Arc<Mutex<Vec<String>>>;

struct Listener(Log);

impl Actor for Listener {
    type Msg = Opened;

    fn handle(&mut self, _: &mut Context<'_>, _: Opened) -> Result<(), Failure> {
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Published(event) => {
                let said = match event.read::<Named>() {
                    Ok(Named(name)) => name,
                    Err(_) => event.read::<Opened>()?.0.to_string(),
                };
                assert_eq!(event.bytes().unwrap()[..], *event.data());
                let (topic, via) = (event.topic(), event.subscription());
                self.0.lock().unwrap().push(format!("{} {topic} {said} via {via}", event.id()));
                Ok(())
            }
            Event::Work(work) if work.deliveries() == 1 => Ok(work.nack(Duration::ZERO)?),
            Event::Work(work) => {
                let Opened(door) = work.read()?;
                self.0.lock().unwrap().push(format!("{} {door}", work.number()));
                Ok(work.ack()?)
            }
            other => other.unhandled(),
        }
    }
}

#[test]
fn subscribers_are_told_of_what_fits_their_pattern() {
    let system = System::builder().seeded(1).build().unwrap();
    let bus = Bus::ordered(&system).unwrap();
    let log = Log::default();
    let listener = system.spawn(Listener(log.clone())).unwrap();
    let doors = bus.subscribe(Subscription::new("*.door", listener).priority(1)).unwrap();
    bus.subscribe(Subscription::new(">", listener).types(2..=2).once()).unwrap();
    assert_eq!(bus.publish(Publication::new("north.door"), Opened(7)).unwrap(), 1);
    let long = "a name of more than thirty-two bytes".to_owned();
    assert_eq!(bus.publish(Publication::new("north.door"), Named(long.clone())).unwrap(), 1);
    assert_eq!(bus.publish(Publication::new("south"), Named("s".into())).unwrap(), 1);
    assert_eq!(bus.publish(Publication::new("south"), Opened(8)).unwrap(), 0);
    system.settle(PATIENCE).unwrap();
    let expected =
        ["1 north.door 7 via 1", &format!("2 north.door {long} via 1"), "3 south s via 2"];
    assert_eq!(*log.lock().unwrap(), expected);
    bus.unsubscribe(doors).unwrap();
    assert_eq!(bus.stats().subscriptions, 1);
    let refused = bus.subscribe(Subscription::new("a..b", listener)).unwrap_err();
    assert_eq!(refused.status(), Status::E_INVALID_ARGUMENT);
    let parcel = Carry(Parcel::new(String::new()));
    let refused = bus.publish(Publication::new("a"), parcel).unwrap_err();
    assert_eq!(refused.status(), Status::E_UNSUPPORTED);
}

#[test]
fn work_is_handed_out_until_it_is_acknowledged() {
    let system = System::builder().seeded(1).build().unwrap();
    let queue = Queue::builder("doors").capacity(2).deliveries_max(2).build(&system).unwrap();
    let log = Log::default();
    let listener = system.spawn(Listener(log.clone())).unwrap();
    assert_eq!(queue.put(Opened(7), None).unwrap(), 1);
    queue.put(Named("no number".into()), Some(listener.id())).unwrap();
    assert_eq!(queue.put(Opened(8), None).unwrap_err().status(), Status::E_FULL);
    queue.join(listener, 1).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(*log.lock().unwrap(), ["1 7"]);
    let found = Queue::find(&system, "doors").unwrap();
    let dead = found.dead().unwrap();
    assert_eq!((dead.len(), dead[0].number, dead[0].status), (1, 2, Status::E_FAILED));
    assert_eq!(found.dead_data(2).unwrap(), b"no number");
    assert_eq!(found.redrive(None).unwrap(), 1);
    let stats = queue.stats();
    assert_eq!((stats.put, stats.acked, stats.ready, stats.dead), (2, 1, 1, 0));
}
