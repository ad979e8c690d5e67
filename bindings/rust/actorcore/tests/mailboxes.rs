//! Mailboxes with a capacity, an order of their own, conflation and signals.

mod support;

use std::sync::{Arc, Mutex};

use actorcore::{messages, Actor, Address, Context, Event, Failure, System};
use actorcore::{Mailbox, MailboxOrder, Overflow, PressureLevel, Spawn, Status, Word};
use support::PATIENCE;

messages! {
    enum Item {
        Low(u64) = 1,
        High(u64) = 2,
        Feed(u64) = 3,
    }
}

#[derive(Clone, Default)]
struct Hoard {
    seen: Arc<Mutex<Vec<u64>>>,
    levels: Arc<Mutex<Vec<PressureLevel>>>,
    feed: Option<Address<Item>>,
}

impl Actor for Hoard {
    type Msg = Item;

    fn handle(&mut self, context: &mut Context<'_>, message: Item) -> Result<(), Failure> {
        match message {
            Item::Low(value) | Item::High(value) => self.seen.lock().unwrap().push(value),
            Item::Feed(count) => {
                for value in 0..count {
                    context.send(self.feed.unwrap(), Item::Low(value))?;
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Pressure(pressure) => self.levels.lock().unwrap().push(pressure.level),
            other => other.unhandled()?,
        }
        Ok(())
    }
}

#[test]
fn a_mailbox_has_a_capacity_and_an_order() {
    let system = System::builder().seeded(1).build().unwrap();
    let hoard = Hoard::default();
    let mailbox =
        Mailbox::new().order(MailboxOrder::PRIORITY).capacity(3, Overflow::FAIL).rank(1, 9);
    let to = system.spawn_with(hoard.clone(), &Spawn::new().mailbox(&mailbox)).unwrap();
    system.tell(to, Item::Low(1)).unwrap();
    system.tell(to, Item::High(2)).unwrap();
    system.tell(to, Item::Low(3)).unwrap();
    assert_eq!(system.tell(to, Item::High(4)).unwrap_err().status(), Status::E_FULL);
    assert_eq!(system.mailbox(to).unwrap().length, 3);
    system.settle(PATIENCE).unwrap();
    assert_eq!(*hoard.seen.lock().unwrap(), [2, 1, 3]);
}

#[test]
fn a_mailbox_conflates_by_a_key_of_the_payload() {
    let system = System::builder().seeded(1).build().unwrap();
    let hoard = Hoard::default();
    let mailbox = Mailbox::new().conflate(Word::U32(4));
    let to = system.spawn_with(hoard.clone(), &Spawn::new().mailbox(&mailbox)).unwrap();
    for value in 0..6 {
        system.tell(to, Item::Low(value % 2 << 32 | value)).unwrap();
    }
    system.settle(PATIENCE).unwrap();
    assert_eq!(*hoard.seen.lock().unwrap(), [4, 1 << 32 | 5]);
    assert_eq!(system.mailbox(to).unwrap().conflated, 4);
}

#[test]
fn a_sender_is_told_of_pressure() {
    let system = System::builder().seeded(1).build().unwrap();
    let mailbox = Mailbox::new().pressure(2, 0);
    let to = system.spawn_with(Hoard::default(), &Spawn::new().mailbox(&mailbox)).unwrap();
    let hoard = Hoard { feed: Some(to), ..Hoard::default() };
    let from = system.spawn(hoard.clone()).unwrap();
    system.tell(from, Item::Feed(5)).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(*hoard.levels.lock().unwrap(), [PressureLevel::HIGH, PressureLevel::LOW]);
}
