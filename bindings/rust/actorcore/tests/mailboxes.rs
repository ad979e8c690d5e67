//! Mailboxes with a capacity, an order of their own, conflation and signals.

mod support;

use std::sync::{Arc, Mutex};

use actorcore::{messages, Actor, Address, Context, Event, Failure, System};
use actorcore::{
    CustomOrder, Incoming, Mailbox, MailboxOrder, Overflow, PressureLevel, Spawn, Status, Ticket,
    Word,
};
use support::{dropped, Dropped, PATIENCE};

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
        system.tell(to, Item::Low((value % 2) << 32 | value)).unwrap();
    }
    system.settle(PATIENCE).unwrap();
    assert_eq!(*hoard.seen.lock().unwrap(), [4, 1 << 32 | 5]);
    assert_eq!(system.mailbox(to).unwrap().conflated, 4);
}

/// The lower 32 bits of what an item carries.
fn low_half(message: &Incoming<'_>) -> u64 {
    let bytes = message.payload().first_chunk().copied().unwrap_or_default();
    u64::from(u32::from_le_bytes(bytes))
}

#[test]
fn a_function_says_which_message_comes_first() {
    let system = System::builder().seeded(1).build().unwrap();
    let hoard = Hoard::default();
    let mailbox = Mailbox::new().order(MailboxOrder::PRIORITY).rank_by(low_half);
    let to = system.spawn_with(hoard.clone(), &Spawn::new().mailbox(&mailbox)).unwrap();
    for value in [3, 1 << 32 | 2, 2, 1] {
        system.tell(to, Item::Low(value)).unwrap();
    }
    system.settle(PATIENCE).unwrap();
    assert_eq!(*hoard.seen.lock().unwrap(), [1, 1 << 32 | 2, 2, 3]);
}

#[test]
fn a_closure_says_which_message_takes_the_place_of_which() {
    let system = System::builder().seeded(1).build().unwrap();
    let hoard = Hoard::default();
    let groups = 2;
    let mailbox = Mailbox::new().conflate_by(move |message| {
        assert!(message.kind() == 1 && message.sender().is_none());
        low_half(message) % groups
    });
    let to = system.spawn_with(hoard.clone(), &Spawn::new().mailbox(&mailbox)).unwrap();
    for value in 0..6 {
        system.tell(to, Item::Low(value)).unwrap();
    }
    system.settle(PATIENCE).unwrap();
    assert_eq!(*hoard.seen.lock().unwrap(), [4, 5]);
    assert_eq!(system.mailbox(to).unwrap().conflated, 4);
}

#[test]
fn a_rank_that_panics_is_the_lowest() {
    let system = System::builder().seeded(1).build().unwrap();
    let hoard = Hoard::default();
    let ranks = |message: &Incoming<'_>| match message.kind() {
        1 => 5,
        _ => panic!("knows of no such message"),
    };
    let mailbox = Mailbox::new().order(MailboxOrder::PRIORITY).rank_by(ranks);
    let to = system.spawn_with(hoard.clone(), &Spawn::new().mailbox(&mailbox)).unwrap();
    system.tell(to, Item::Low(1)).unwrap();
    system.tell(to, Item::High(2)).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(*hoard.seen.lock().unwrap(), [2, 1]);
}

/// The last comes first; at most 8, and broken it forgets them all.
struct Stack {
    tickets: Vec<Ticket>,
    is_broken: bool,
    _dropped: Dropped,
}

impl CustomOrder for Stack {
    fn push(&mut self, message: &Incoming<'_>, ticket: Ticket) -> bool {
        assert!(message.kind() != 2, "a stack of low items only");
        let has_room = self.tickets.len() < 8;
        if has_room && !self.is_broken {
            self.tickets.push(ticket);
        }
        has_room
    }

    fn pop(&mut self) -> Option<Ticket> {
        assert!(!self.is_broken);
        self.tickets.pop()
    }
}

#[test]
fn an_order_of_the_programs_own_says_what_comes_next_and_loses_nothing() {
    for is_broken in [false, true] {
        let (system, hoard) = (System::builder().seeded(5).build().unwrap(), Hoard::default());
        let count = Dropped::count();
        let dropped_too = count.clone();
        let mailbox = Mailbox::new().custom(move || {
            let _dropped = Dropped(dropped_too.clone());
            Stack { tickets: Vec::new(), is_broken, _dropped }
        });
        let spawn = Spawn::new().mailbox(&mailbox);
        let many = system.spawn_many([Hoard::default(), Hoard::default()], &spawn);
        assert_eq!(many.unwrap_err().status(), Status::E_INVALID_ARGUMENT);
        assert_eq!(dropped(&count), 1, "what was made in vain");
        let to = system.spawn_with(hoard.clone(), &spawn).unwrap();
        for value in 0..8 {
            system.tell(to, Item::Low(value)).unwrap();
        }
        let status = |told: actorcore::Result<()>| told.err().map(|error| error.status());
        let full = (!is_broken).then_some(Status::E_FULL);
        assert_eq!(status(system.tell(to, Item::Low(8))), full);
        assert_eq!(status(system.tell(to, Item::High(9))), Some(Status::E_FULL), "it panics");
        system.settle(PATIENCE).unwrap();
        let mut seen = hoard.seen.lock().unwrap().clone();
        if is_broken {
            seen.sort_by(|one, other| other.cmp(one));
            assert_eq!(seen.remove(0), 8);
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1, 0]);
        system.stop_actor(to, false).unwrap();
        system.settle(PATIENCE).unwrap();
        assert_eq!(dropped(&count), 2);
    }
}

#[test]
fn what_a_closure_holds_is_dropped_with_the_last_actor_that_has_it() {
    let system = System::new().unwrap();
    let count = Dropped::count();
    let held = Dropped(count.clone());
    let mailbox = Mailbox::new().order(MailboxOrder::PRIORITY).rank_by(move |_| {
        let _ = &held;
        0
    });
    let spawn = Spawn::new().mailbox(&mailbox);
    let one = system.spawn_with(Hoard::default(), &spawn).unwrap();
    let two = system.spawn_many([Hoard::default(), Hoard::default()], &spawn).unwrap();
    let named = spawn.name("only one can have it");
    assert!(system.spawn_many([Hoard::default(), Hoard::default()], &named).is_err());
    drop(mailbox);
    for actor in [one, two[0]] {
        system.stop_actor(actor, false).unwrap();
    }
    system.settle(PATIENCE).unwrap();
    assert_eq!(dropped(&count), 0);
    system.stop_actor(two[1], false).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(dropped(&count), 1);
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
