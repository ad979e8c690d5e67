//! Messages of every shape arrive as they were sent, and nothing else does.

mod support;

use std::sync::Arc;
use std::thread;

use actorcore::{messages, plain, Actor, ActorId, Address, Buffer, Bytes, Context, Dead, Failure};
use actorcore::{Status, System};
use support::{Seen, PATIENCE};

plain! {
    /// Longer than an envelope holds.
    #[derive(Debug, PartialEq)]
    struct Row { values: [f64; 9], index: u64 }
}

messages! {
    #[derive(Debug, PartialEq)]
    enum Shape {
        Unit = 1,
        One(u64) = 2,
        Pair(u8, u32) = 3,
        Named { to: ActorId, amount: i16, price: f64 } = 4,
        Four([u64; 4]) = 5,
        Long(Row) = 6,
        Any(Bytes) = 7,
        Text(String) = 8,
        List(Vec<u8>) = 9,
        Eight(u8, u16, u32, u64, i8, i16, i32, f32) = 10,
        Peer(Address<Shape>) = 11,
    }

    #[derive(Debug, PartialEq)]
    struct Alone { x: f32, y: f32 } = 12;
    struct Nothing = 13;
    struct Letters(Vec<u8>) = 8;
    struct Short(u8) = 2;
}

struct Keeper(Seen<Shape>);

impl Actor for Keeper {
    type Msg = Shape;

    fn handle(&mut self, _: &mut Context<'_>, message: Shape) -> Result<(), Failure> {
        self.0.push(message);
        Ok(())
    }
}

fn shapes(id: ActorId) -> Vec<Shape> {
    vec![
        Shape::Unit,
        Shape::One(u64::MAX),
        Shape::Pair(7, 0x0102_0304),
        Shape::Named { to: id, amount: -3, price: 2.5 },
        Shape::Four([1, 2, 3, 4]),
        Shape::Long(Row { values: [0.5; 9], index: 9 }),
        Shape::Any(Bytes::copy_of(b"").unwrap()),
        Shape::Any(Bytes::copy_of(&[1; 32]).unwrap()),
        Shape::Any(Bytes::copy_of(&[2; 33]).unwrap()),
        Shape::Text("ein längerer Text, der nicht in den Umschlag passt".to_owned()),
        Shape::List(vec![3; 100_000]),
        Shape::Eight(1, 2, 3, 4, -5, -6, -7, 8.5),
        Shape::Peer(id.into()),
    ]
}

#[test]
fn every_shape_arrives_as_it_was_told() {
    let (system, seen) = (System::new().unwrap(), Seen::new());
    let keeper = system.spawn(Keeper(seen.clone())).unwrap();
    for shape in shapes(keeper.id()) {
        system.tell(keeper, shape).unwrap();
    }
    system.settle(PATIENCE).unwrap();
    assert_eq!(seen.take(), shapes(keeper.id()));

    let many = shapes(keeper.id()).into_iter().map(|shape| (keeper, shape));
    assert_eq!(system.tell_many(many).unwrap(), []);
    system.settle(PATIENCE).unwrap();
    assert_eq!(seen.take(), shapes(keeper.id()));
}

/// Sends every shape on.
struct Sender(Address<Shape>);

impl Actor for Sender {
    type Msg = Nothing;

    fn handle(&mut self, context: &mut Context<'_>, _: Nothing) -> Result<(), Failure> {
        for shape in shapes(self.0.id()) {
            context.send(self.0, shape)?;
        }
        Ok(())
    }
}

#[test]
fn every_shape_arrives_as_it_was_sent() {
    let (system, seen) = (System::new().unwrap(), Seen::new());
    let keeper = system.spawn(Keeper(seen.clone())).unwrap();
    let sender = system.spawn(Sender(keeper)).unwrap();
    support::tell::<Sender>(&system, sender, Nothing);
    assert_eq!(seen.take(), shapes(keeper.id()));
}

/// Takes and gives one layout, so that a payload can be looked at as bytes.
struct Bare;

messages! {
    #[derive(Debug, PartialEq)]
    struct Raw(Bytes) = 3;
}

impl Actor for Bare {
    type Msg = Raw;

    fn handle(&mut self, context: &mut Context<'_>, raw: Raw) -> Result<(), Failure> {
        Ok(context.reply(raw)?)
    }
}

#[test]
fn fields_travel_one_after_the_other_without_padding() {
    let system = System::new().unwrap();
    let bare = system.spawn(Bare).unwrap();
    let pair = Shape::Pair(7, 0x0102_0304);
    let Raw(bytes) = system.ask(bare.id(), pair, PATIENCE).unwrap();
    assert_eq!(bytes[..], [7, 4, 3, 2, 1]);
}

#[test]
fn a_buffer_is_handed_over_without_a_copy() {
    let system = System::new().unwrap();
    let (sent, seen) = (Buffer::new(4096).unwrap().freeze(), Seen::new());
    let keeper = system.spawn(Keeper(seen.clone())).unwrap();
    let address = sent.as_ptr();
    support::tell::<Keeper>(&system, keeper, Shape::Any(sent.clone().into()));
    let Some(Shape::Any(bytes)) = seen.take().pop() else { panic!("it did not arrive") };
    assert_eq!(bytes.as_ptr(), address);
    drop(sent);
    assert!(bytes.iter().all(|byte| *byte == 0), "the kept reference was let go of");
}

#[test]
fn what_is_not_as_declared_fails_the_actor_and_nothing_else() {
    let wrong: [fn(&System, ActorId) -> actorcore::Result<()>; 4] = [
        |system, to| system.tell(to, Nothing),  // an unknown number
        |system, to| system.tell(to, Short(1)), // too short
        |system, to| system.tell(to, Letters(vec![0xff, 0xfe])), // no UTF-8
        |system, to| system.tell(to, Alone { x: 1.0, y: 2.0 }),
    ];
    let system = System::new().unwrap();
    for (number, send) in wrong.iter().enumerate() {
        let seen = Seen::new();
        let keeper = system.spawn(Keeper(seen.clone())).unwrap();
        send(&system, keeper.id()).unwrap();
        system.settle(PATIENCE).unwrap();
        assert_eq!(seen.take(), []);
        assert!(!system.is_alive(keeper));
        let failures = system.failures(number as u64);
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].status, Status::E_HANDLER);
        assert!(failures[0].text.starts_with("rust Keeper: understands no message of number "));
    }
    assert!(system.ledger().holds());
}

#[test]
fn an_answer_that_is_not_as_asked_is_an_error() {
    let system = System::new().unwrap();
    let bare = system.spawn(Bare).unwrap();
    let answer = system.ask::<Alone, Raw>(bare, Raw(Bytes::copy_of(b"x").unwrap()), PATIENCE);
    let error = answer.unwrap_err();
    assert_eq!(error.status(), Status::E_INVALID_ARGUMENT);
    assert!(error.message().contains("is no Alone"), "{error}");
}

#[test]
fn a_message_to_one_that_has_ended_is_an_error_outside_and_a_dead_letter_inside() {
    let system = System::builder().seeded(1).build().unwrap();
    let keeper = system.spawn(Keeper(Seen::new())).unwrap();
    let sender = system.spawn(Sender(keeper)).unwrap();
    system.stop_actor(keeper, false).unwrap();
    system.settle(PATIENCE).unwrap();

    let error = system.tell(keeper, Shape::Unit).unwrap_err();
    assert_eq!(error.status(), Status::E_STALE);
    assert!(error.is_gone());
    let refused = system.tell_many([(keeper, Shape::Unit), (keeper, Shape::List(vec![0; 99]))]);
    assert_eq!(refused.unwrap(), [(0, Status::E_STALE), (1, Status::E_STALE)]);

    support::tell::<Sender>(&system, sender, Nothing);
    let all = shapes(keeper.id()).len();
    let ledger = system.ledger();
    assert_eq!(ledger.dead_of(Dead::STALE), all as u64);
    assert!(ledger.holds());
    let letters = system.dead_letters(0);
    assert_eq!(letters.len(), all);
    assert!(letters.iter().all(|letter| letter.to == keeper.id()));
    assert!(letters.iter().all(|letter| letter.sender == Some(sender.id())));
}

#[test]
fn an_invented_address_is_refused() {
    let system = System::new().unwrap();
    for bits in [0, 1, 0xdead_beef, u64::MAX] {
        assert!(system.tell(ActorId::from_bits(bits), Shape::Unit).is_err());
        assert!(!system.is_alive(ActorId::from_bits(bits)));
    }
    assert_eq!(system.ledger().accepted, 0);
}

/// Puts what it gets in order of arrival.
struct InOrder(Seen<u64>);

messages! { struct Count(u64) = 1; }

impl Actor for InOrder {
    type Msg = Count;

    fn handle(&mut self, _: &mut Context<'_>, Count(number): Count) -> Result<(), Failure> {
        self.0.push(number);
        Ok(())
    }
}

#[test]
fn what_one_thread_tells_arrives_in_order() {
    const EACH: u64 = 10_000;
    let (system, seen) = (Arc::new(System::new().unwrap()), Seen::new());
    let keeper = system.spawn(InOrder(seen.clone())).unwrap();
    thread::scope(|scope| {
        for thread in 0..4 {
            let system = system.clone();
            scope.spawn(move || {
                for number in 0..EACH {
                    system.tell(keeper, Count(thread * EACH + number)).unwrap();
                }
            });
        }
    });
    system.settle(PATIENCE).unwrap();
    let all = seen.take();
    assert_eq!(all.len(), 4 * EACH as usize);
    for thread in 0..4 {
        let of_thread = all.iter().filter(|number| **number / EACH == thread);
        assert!(of_thread.is_sorted(), "thread {thread} was reordered");
    }
}
