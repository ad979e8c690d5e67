//! Who watches an actor is told of its end; who is linked to it fails with it.

mod support;

use actorcore::{
    messages, Actor, ActorId, Address, Context, DispatcherMode, Ended, Event, Failure,
};
use actorcore::{Spawn, Status, System};
use support::{in_every_mode, in_mode, tell_all, Seen, PATIENCE};

messages! {
    enum Act {
        Fail = 1,
        Stop = 2,
        Watch(ActorId) = 3,
        Unwatch(ActorId) = 4,
        Link(ActorId) = 5,
        Unlink(ActorId) = 6,
    }
}

/// What one of two hears of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Terminated(Ended),
    Exit(Ended),
    Refused(Status),
}

struct Watcher(Seen<Heard>);

impl Actor for Watcher {
    type Msg = Act;

    fn handle(&mut self, context: &mut Context<'_>, message: Act) -> Result<(), Failure> {
        let done = match message {
            Act::Fail => return Err(Failure::new("told to")),
            Act::Stop => {
                context.stop();
                Ok(())
            }
            Act::Watch(target) => context.watch(target),
            Act::Unwatch(target) => context.unwatch(target),
            Act::Link(other) => context.link(other),
            Act::Unlink(other) => context.unlink(other),
        };
        if let Err(error) = done {
            self.0.push(Heard::Refused(error.status()));
        }
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Terminated(ended) => self.0.push(Heard::Terminated(ended)),
            Event::Exit(ended) => self.0.push(Heard::Exit(ended)),
            event => return event.unhandled(),
        }
        Ok(())
    }
}

/// Two actors, and what the first hears.
struct Pair<'s> {
    system: &'s System,
    one: Address<Act>,
    other: Address<Act>,
    heard: Seen<Heard>,
}

fn pair<'s>(system: &'s System, of_one: Spawn<'static>, of_other: Spawn<'static>) -> Pair<'s> {
    let heard = Seen::new();
    let one = system.spawn_with(Watcher(heard.clone()), &of_one).unwrap();
    let other = system.spawn_with(Watcher(Seen::new()), &of_other).unwrap();
    Pair { system, one, other, heard }
}

impl Pair<'_> {
    fn tell(&self, to: Address<Act>, message: Act) {
        tell_all(self.system, to, [message]);
    }

    fn alive(&self) -> (bool, bool) {
        (self.system.is_alive(self.one), self.system.is_alive(self.other))
    }

    fn ended(&self, status: Status) -> Ended {
        Ended { actor: self.other.id(), status }
    }
}

/// Both ways to end, and what they are called.
const ENDS: [(fn() -> Act, Status); 2] =
    [(|| Act::Stop, Status::OK), (|| Act::Fail, Status::E_FAILED)];

#[test]
fn a_watcher_is_told_once_how_the_actor_ended() {
    for (end, status) in ENDS {
        in_every_mode(|system, spawn| {
            let p = pair(system, spawn, spawn);
            tell_all(system, p.one, [Act::Watch(p.other.id()), Act::Watch(p.other.id())]);
            p.tell(p.other, end());
            assert_eq!(p.heard.take(), [Heard::Terminated(p.ended(status))]);
        });
    }
}

#[test]
fn who_watches_a_dead_actor_is_told_at_once() {
    in_every_mode(|system, spawn| {
        let p = pair(system, spawn, spawn);
        p.tell(p.other, Act::Stop);
        p.tell(p.one, Act::Watch(p.other.id()));
        assert_eq!(p.heard.take(), [Heard::Terminated(p.ended(Status::E_STALE))]);
        assert_eq!(system.watch(p.other, p.one).unwrap_err().status(), Status::E_STALE);
        p.tell(p.one, Act::Watch(p.one.id()));
        assert_eq!(p.heard.take(), [Heard::Refused(Status::E_INVALID_ARGUMENT)]);
    });
}

#[test]
fn who_watches_no_more_is_told_nothing() {
    in_every_mode(|system, spawn| {
        let p = pair(system, spawn, spawn);
        p.tell(p.one, Act::Unwatch(p.other.id()));
        assert_eq!(p.heard.take(), [Heard::Refused(Status::E_NOT_FOUND)]);
        system.watch(p.one, p.other).unwrap();
        p.tell(p.one, Act::Unwatch(p.other.id()));
        p.tell(p.other, Act::Stop);
        assert_eq!(p.heard.take(), []);
    });
}

#[test]
fn a_watch_survives_a_restart_on_both_sides_and_tells_of_a_kill() {
    in_every_mode(|system, spawn| {
        let p = pair(system, spawn, spawn);
        system.watch(p.one, p.other).unwrap();
        system.restart_actor(p.one).unwrap();
        system.restart_actor(p.other).unwrap();
        system.settle(PATIENCE).unwrap();
        assert_eq!(p.heard.take(), []);
        system.kill_actor(p.other).unwrap();
        system.settle(PATIENCE).unwrap();
        assert_eq!(p.heard.take(), [Heard::Terminated(p.ended(Status::OK))]);
    });
}

#[test]
fn linked_actors_fail_together_and_stop_alone() {
    for (end, alive) in [(ENDS[0].0, (true, false)), (ENDS[1].0, (false, false))] {
        in_every_mode(|system, spawn| {
            let p = pair(system, spawn, spawn);
            p.tell(p.one, Act::Link(p.other.id()));
            p.tell(p.other, end());
            assert_eq!(p.alive(), alive);
            assert_eq!(p.heard.take(), []);
            if !alive.0 {
                let failures = system.failures(0);
                assert_eq!((failures.len(), failures[1].actor), (2, p.one.id()));
                assert_eq!(failures[1].status, Status::E_FAILED);
            }
        });
    }
}

#[test]
fn who_traps_exits_is_told_of_any_end_and_lives_on() {
    for (end, status) in ENDS {
        in_every_mode(|system, spawn| {
            let p = pair(system, spawn.trap_exit(), spawn);
            system.link(p.other, p.one).unwrap();
            p.tell(p.other, end());
            assert_eq!(p.alive(), (true, false));
            assert_eq!(p.heard.take(), [Heard::Exit(p.ended(status))]);
            assert_eq!(system.link(p.one, p.other).unwrap_err().status(), Status::E_STALE);
        });
    }
}

#[test]
fn who_is_linked_no_more_lives_on() {
    in_every_mode(|system, spawn| {
        let p = pair(system, spawn, spawn);
        p.tell(p.one, Act::Link(p.other.id()));
        system.unlink(p.other, p.one).unwrap();
        p.tell(p.one, Act::Unlink(p.other.id()));
        assert_eq!(p.heard.take(), [Heard::Refused(Status::E_NOT_FOUND)]);
        p.tell(p.other, Act::Fail);
        assert_eq!(p.alive(), (true, false));
    });
}

#[test]
fn an_end_that_is_told_is_the_same_in_every_mode_of_a_seed() {
    let traced = |mode| {
        let system = System::builder().seeded(9).build().unwrap();
        in_mode(&system, mode, |system, spawn| {
            let p = pair(system, spawn.trap_exit(), spawn);
            // From outside, for an id in a payload is not the same in two systems.
            system.watch(p.one, p.other).unwrap();
            system.link(p.one, p.other).unwrap();
            p.tell(p.other, Act::Fail);
            assert_eq!(p.heard.take().len(), 2);
            system.trace_hash().unwrap()
        })
    };
    assert_eq!(traced(DispatcherMode::INLINE), traced(DispatcherMode::ATTACHED));
}
