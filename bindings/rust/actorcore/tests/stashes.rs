//! What a handler does not want to handle now, or not this way: the stash, and becoming another.

mod support;

use std::collections::VecDeque;

use actorcore::{messages, Actor, Address, Context, Dead, DispatcherMode, Event, Failure, Parcel};
use actorcore::{Result, System};
use support::{in_every_mode, in_mode, tell_all, Seen, PATIENCE};

messages! {
    enum Act {
        Work(u64) = 11,
        Open = 12,
        Some(u64) = 13,
        Close = 14,
        Up = 15,
        Instead = 16,
        Down = 17,
        Fail = 18,
        StashTwice = 19,
        Mistake = 20,
        UpOften(u64) = 21,
        Carry(Parcel<String>) = 22,
    }
}

/// Stashes its work while it is closed; tells what it handles, and as what.
struct Door {
    is_open: bool,
    seen: Seen<String>,
}

impl Door {
    fn new(seen: &Seen<String>) -> Door {
        Door { is_open: false, seen: seen.clone() }
    }

    fn refused(&self, done: Result<()>) {
        if let Err(error) = done {
            self.seen.push(error.status().to_string());
        }
    }

    fn act(&mut self, context: &mut Context<'_>, message: Act, by: &str) -> Result<(), Failure> {
        match message {
            Act::Work(_) if !self.is_open => {
                let stashed = context.stash();
                self.refused(stashed);
            }
            Act::Work(number) => self.seen.push(format!("{by}{number}")),
            Act::Open => {
                self.is_open = true;
                context.unstash_all()?;
            }
            Act::Some(most) => {
                self.is_open = true;
                context.unstash(most)?;
            }
            Act::Close => self.is_open = false,
            Act::Up => context.become_(Door::upper)?,
            Act::Instead => context.become_instead(Door::other)?,
            Act::Down => {
                let done = context.unbecome();
                self.refused(done);
            }
            Act::Fail => return Err(Failure::new("told to")),
            Act::StashTwice => {
                context.stash()?;
                let again = context.stash();
                self.refused(again);
            }
            Act::Mistake => {
                let mistaken = context.become_(Stranger::handle);
                self.refused(mistaken);
            }
            Act::UpOften(count) => {
                for _ in 0..count {
                    let done = context.become_(Door::upper);
                    self.refused(done);
                }
            }
            Act::Carry(parcel) if !self.is_open => {
                parcel.put_back(context).map_err(|_| Failure::new("not put back"))?;
                context.stash()?;
            }
            Act::Carry(parcel) => self.seen.push(parcel.into_inner()),
        }
        Ok(())
    }

    fn upper(&mut self, context: &mut Context<'_>, message: Act) -> Result<(), Failure> {
        self.act(context, message, "upper ")
    }

    fn other(&mut self, context: &mut Context<'_>, message: Act) -> Result<(), Failure> {
        self.act(context, message, "other ")
    }
}

impl Actor for Door {
    type Msg = Act;

    fn handle(&mut self, context: &mut Context<'_>, message: Act) -> Result<(), Failure> {
        self.act(context, message, "")
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Started => {
                let stashed = context.stash();
                self.refused(stashed);
            }
            Event::Stopped => self.seen.push("stopped".to_owned()),
            event => return event.unhandled(),
        }
        Ok(())
    }
}

/// Not a door.
struct Stranger;

impl Actor for Stranger {
    type Msg = Act;

    fn handle(&mut self, _: &mut Context<'_>, _: Act) -> Result<(), Failure> {
        Ok(())
    }
}

fn work(numbers: std::ops::Range<u64>) -> impl Iterator<Item = Act> {
    numbers.map(Act::Work)
}

fn texts(by: &str, numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|number| format!("{by}{number}")).collect()
}

#[test]
fn what_was_stashed_comes_back_first_and_in_order() {
    in_every_mode(|system, spawn| {
        let seen = Seen::new();
        let door = system.spawn_with(Door::new(&seen), &spawn).unwrap();
        tell_all(system, door, work(0..10));
        assert_eq!((system.ledger().stashed, system.ledger().queued), (10, 0));
        assert!(system.ledger().holds());
        tell_all(system, door, std::iter::once(Act::Open).chain(work(10..20)));
        assert_eq!(seen.take(), texts("", 0..20));
        assert_eq!(system.ledger().stashed, 0);
    });
}

#[test]
fn a_part_of_the_stash_can_be_put_back() {
    in_every_mode(|system, spawn| {
        let seen = Seen::new();
        let door = system.spawn_with(Door::new(&seen), &spawn).unwrap();
        tell_all(system, door, work(0..10).chain([Act::Some(0), Act::Some(4)]));
        assert_eq!((seen.take(), system.ledger().stashed), (texts("", 0..4), 6));
        tell_all(system, door, [Act::Some(6)]);
        assert_eq!(seen.take(), texts("", 4..10));
    });
}

#[test]
fn a_full_stash_refuses_and_so_does_what_cannot_be_stashed() {
    in_every_mode(|system, spawn| {
        let seen = Seen::new();
        let spawn = spawn.stash_max(3).started();
        let door = system.spawn_with(Door::new(&seen), &spawn).unwrap();
        tell_all(system, door, [Act::StashTwice]);
        assert_eq!(seen.take(), ["E_INVALID_ARGUMENT", "E_INVALID_ARGUMENT"]);
        tell_all(system, door, work(0..4));
        assert_eq!(seen.take(), ["E_FULL", "E_FULL"]);
        assert_eq!((system.ledger().stashed, system.ledger().handled), (3, 2));
    });
}

#[test]
fn the_stash_of_an_actor_that_ends_is_dead_letters() {
    for (fails, reason) in [(false, Dead::STOPPED), (true, Dead::FAILED)] {
        in_every_mode(|system, spawn| {
            let door = system.spawn_with(Door::new(&Seen::new()), &spawn).unwrap();
            tell_all(system, door, work(0..5));
            if fails {
                system.tell(door, Act::Fail).unwrap();
            } else {
                system.stop_actor(door, false).unwrap();
            }
            system.settle(PATIENCE).unwrap();
            let ledger = system.ledger();
            assert_eq!((ledger.stashed, ledger.dead_of(reason)), (0, 5));
        });
    }
}

#[test]
fn a_restart_puts_the_stash_back_and_ends_what_the_actor_had_become() {
    in_every_mode(|system, spawn| {
        let seen = Seen::new();
        let door = system.spawn_with(Door::new(&seen), &spawn).unwrap();
        tell_all(system, door, [Act::Up, Act::Up].into_iter().chain(work(0..5)));
        system.restart_actor(door).unwrap();
        system.settle(PATIENCE).unwrap();
        assert_eq!(system.ledger().stashed, 5, "stashed anew, for nothing has opened the door");
        tell_all(system, door, [Act::Open, Act::Down]);
        let mut expected = texts("", 0..5);
        expected.push("E_NOT_FOUND".to_owned());
        assert_eq!(seen.take(), expected);
    });
}

#[test]
fn an_object_that_is_put_back_comes_with_its_message_again() {
    in_every_mode(|system, spawn| {
        let seen = Seen::new();
        let door = system.spawn_with(Door::new(&seen), &spawn).unwrap();
        let objects = ["one", "two"].map(|text| Act::Carry(Parcel::new(text.to_owned())));
        tell_all(system, door, objects);
        assert_eq!(system.ledger().stashed, 2);
        tell_all(system, door, [Act::Open]);
        assert_eq!(seen.take(), ["one", "two"]);
    });
}

#[test]
fn an_actor_becomes_another_from_the_next_message_on() {
    in_every_mode(|system, spawn| {
        let seen = Seen::new();
        let door = system.spawn_with(Door { is_open: true, ..Door::new(&seen) }, &spawn).unwrap();
        let mut told = Vec::new();
        for act in [Act::Up, Act::Instead, Act::Up, Act::Down, Act::Down, Act::Down] {
            told.extend([Act::Work(told.len() as u64), act]);
        }
        tell_all(system, door, told);
        let by = ["0", "upper 2", "other 4", "upper 6", "other 8", "10", "E_NOT_FOUND"];
        assert_eq!(seen.take(), by);
    });
}

#[test]
fn an_actor_can_be_another_in_place_of_what_it_was_spawned_as_and_go_back() {
    in_every_mode(|system, spawn| {
        let seen = Seen::new();
        let door = Door { is_open: true, ..Door::new(&seen) };
        let door = system.spawn_with(door, &spawn.stopped()).unwrap();
        let acts = [Act::Instead, Act::Work(1), Act::Down, Act::Work(2), Act::Up];
        tell_all(system, door, acts);
        system.stop_actor(door, false).unwrap();
        system.settle(PATIENCE).unwrap();
        assert_eq!(seen.take(), ["other 1", "2", "stopped"]);
    });
}

#[test]
fn an_actor_becomes_no_stranger_and_not_too_much() {
    in_every_mode(|system, spawn| {
        let seen = Seen::new();
        let door = system.spawn_with(Door { is_open: true, ..Door::new(&seen) }, &spawn).unwrap();
        tell_all(system, door, [Act::Mistake, Act::UpOften(65), Act::Work(7)]);
        assert_eq!(seen.take(), ["E_INVALID_ARGUMENT", "E_LIMIT", "upper 7"]);
    });
}

/// What a door does, said again in another way: one queue, one stash, one stack.
fn model(acts: &[(u64, u64)]) -> Vec<String> {
    let (mut queue, mut stash) = (VecDeque::from(acts.to_vec()), VecDeque::new());
    let (mut is_open, mut stack, mut seen) = (false, vec![""], Vec::new());
    while let Some((act, number)) = queue.pop_front() {
        let by = stack[stack.len() - 1];
        let mut put_back = 0;
        match act {
            0 => put_back = stash.len(),
            1 => put_back = (number as usize).min(stash.len()),
            2 => is_open = false,
            3 => stack.push("upper "),
            4 if stack.len() == 1 => stack.push("other "),
            4 => *stack.last_mut().unwrap() = "other ",
            5 if stack.len() == 1 => seen.push("E_NOT_FOUND".to_owned()),
            5 => _ = stack.pop(),
            _ if is_open => seen.push(format!("{by}{number}")),
            _ => stash.push_back((act, number)),
        }
        is_open |= act < 2;
        stash.drain(..put_back).rev().for_each(|item| queue.push_front(item));
    }
    seen
}

fn act_of((act, number): (u64, u64)) -> Act {
    match act {
        0 => Act::Open,
        1 => Act::Some(number),
        2 => Act::Close,
        3 => Act::Up,
        4 => Act::Instead,
        5 => Act::Down,
        _ => Act::Work(number),
    }
}

#[test]
fn any_mix_of_stashing_and_becoming_handles_each_message_once_and_in_its_place() {
    let random = System::builder().seeded(77).build().unwrap();
    for round in 0..20 {
        // Opens often enough, and is mostly work.
        let acts = (0..200).map(|at| match random.random() % 24 {
            1 => (1, at % 7),
            act => (act, at),
        });
        let acts: Vec<(u64, u64)> = acts.collect();
        let expected = model(&acts);
        assert!(expected.len() > 50, "round {round}");
        in_every_mode(|system, spawn| {
            let seen = Seen::new();
            let door: Address<Act> = system.spawn_with(Door::new(&seen), &spawn).unwrap();
            tell_all(system, door, acts.iter().copied().map(act_of));
            assert_eq!(seen.take(), expected, "round {round}");
            let ledger = system.ledger();
            assert_eq!(ledger.accepted, ledger.handled + ledger.stashed);
        });
    }
}

#[test]
fn a_seed_gives_one_trace_of_what_is_stashed_in_every_mode() {
    let traced = |mode| {
        let system = System::builder().seeded(21).build().unwrap();
        in_mode(&system, mode, |system, spawn| {
            let door = system.spawn_with(Door::new(&Seen::new()), &spawn).unwrap();
            let acts = work(0..5).chain([Act::Up, Act::Open]).chain(work(5..9));
            tell_all(system, door, acts);
            system.trace_hash().unwrap()
        })
    };
    assert_eq!(traced(DispatcherMode::INLINE), traced(DispatcherMode::ATTACHED));
}
