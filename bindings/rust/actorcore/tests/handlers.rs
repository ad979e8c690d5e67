//! Handlers: how they fail, end, spawn, and who is told.

mod support;

use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use actorcore::{messages, Actor, ActorId, Address, Context, Dead, Event, Failed, Failure, Spawn};
use actorcore::{Status, System};
use support::{dropped, in_mode, Dropped, Seen, MODES, PATIENCE};

messages! {
    enum Act {
        Work = 1,
        Fail = 2,
        FailWith(i32) = 3,
        Panic = 4,
        PanicWithNumber = 5,
        PanicWithBomb = 6,
        Error = 7,
        Stop = 8,
        StopOther(ActorId) = 9,
    }
}

/// Does as it is told, and tells what it saw.
struct Servant {
    worked: Arc<AtomicU64>,
    events: Seen<&'static str>,
    _dropped: Dropped,
}

impl Actor for Servant {
    type Msg = Act;

    fn handle(&mut self, context: &mut Context<'_>, message: Act) -> Result<(), Failure> {
        match message {
            Act::Work => _ = self.worked.fetch_add(1, Ordering::SeqCst),
            Act::Fail => return Err(Failure::new("told to")),
            Act::FailWith(status) => return Err(Failure::with_status(Status(status), "numbered")),
            Act::Panic => panic!("told to {}", "panic"),
            Act::PanicWithNumber => panic::panic_any(42),
            Act::PanicWithBomb => panic::panic_any(Bomb),
            Act::Error => _ = "x".parse::<u32>()?,
            Act::Stop => context.stop(),
            Act::StopOther(other) => context.stop_other(other)?,
        }
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Started => self.events.push("started"),
            Event::Stopped => self.events.push("stopped"),
            event => return event.unhandled(),
        }
        Ok(())
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

struct Scene {
    worked: Arc<AtomicU64>,
    events: Seen<&'static str>,
    dropped: Arc<AtomicU64>,
}

impl Scene {
    fn new() -> Scene {
        Scene { worked: Arc::default(), events: Seen::new(), dropped: Dropped::count() }
    }

    fn servant(&self) -> Servant {
        Servant {
            worked: self.worked.clone(),
            events: self.events.clone(),
            _dropped: Dropped(self.dropped.clone()),
        }
    }

    fn worked(&self) -> u64 {
        self.worked.load(Ordering::SeqCst)
    }
}

/// The failure that a message leads to, in every mode; the actor ends and is dropped once.
fn failure_of(message: fn() -> Act) -> (Status, String) {
    let of_mode = MODES.map(|mode| {
        let (system, scene) = (System::new().unwrap(), Scene::new());
        in_mode(&system, mode, |system, spawn| {
            let servant = system.spawn_with(scene.servant(), &spawn).unwrap();
            support::tell::<Servant>(system, servant, Act::Work);
            support::tell::<Servant>(system, servant, message());
            assert!(!system.is_alive(servant));
        });
        assert_eq!(scene.worked(), 1);
        assert_eq!(dropped(&scene.dropped), 1);
        let failures = system.failures(0);
        assert_eq!((failures.len(), system.ledger().failed), (1, 1));
        (failures[0].status, failures[0].text.clone())
    });
    assert!(of_mode.iter().all(|failure| *failure == of_mode[0]), "{of_mode:?}");
    of_mode[0].clone()
}

fn failed(status: Status, text: &str) -> (Status, String) {
    (status, text.to_owned())
}

#[test]
fn a_failure_names_language_handler_and_reason() {
    assert_eq!(failure_of(|| Act::Fail), failed(Status::E_HANDLER, "rust Servant: told to"));
}

#[test]
fn a_failure_can_have_a_number_of_its_own() {
    let failure = failure_of(|| Act::FailWith(-2_001));
    assert_eq!(failure, failed(Status(-2_001), "rust Servant: numbered"));
}

#[test]
fn any_error_becomes_a_failure() {
    let (status, text) = failure_of(|| Act::Error);
    assert_eq!(status, Status::E_HANDLER);
    assert!(text.starts_with("rust Servant: invalid digit"), "{text}");
}

#[test]
fn a_panic_is_a_failure_of_its_actor() {
    let failure = failure_of(|| Act::Panic);
    assert_eq!(failure, failed(Status::E_PANIC, "rust Servant: panicked: told to panic"));
    let (status, text) = failure_of(|| Act::PanicWithNumber);
    assert_eq!(status, Status::E_PANIC);
    assert_eq!(text, "rust Servant: panicked: with a value that is no text");
}

#[test]
fn a_panic_whose_value_panics_is_contained_too() {
    assert_eq!(failure_of(|| Act::PanicWithBomb).0, Status::E_PANIC);
}

messages! {
    struct Go = 1;
}

/// Panics when it ends.
struct Explosive(#[allow(dead_code)] Bomb);

impl Actor for Explosive {
    type Msg = Go;

    fn handle(&mut self, context: &mut Context<'_>, _: Go) -> Result<(), Failure> {
        context.stop();
        Ok(())
    }
}

#[test]
fn an_actor_that_panics_when_dropped_ends_like_any_other() {
    for mode in MODES {
        let system = System::new().unwrap();
        in_mode(&system, mode, |system, spawn| {
            let explosive = system.spawn_with(Explosive(Bomb), &spawn).unwrap();
            support::tell::<Explosive>(system, explosive, Go);
            assert!(!system.is_alive(explosive));
        });
        assert_eq!(system.stats().stopped, 1);
    }
}

#[test]
fn what_came_after_a_failure_is_a_dead_letter() {
    let (system, scene) = (System::builder().seeded(1).build().unwrap(), Scene::new());
    let servant = system.spawn(scene.servant()).unwrap();
    for message in [Act::Work, Act::Fail, Act::Work, Act::Work] {
        system.tell(servant, message).unwrap();
    }
    system.settle(PATIENCE).unwrap();
    let ledger = system.ledger();
    assert_eq!((ledger.accepted, ledger.handled, ledger.failed), (4, 2, 1));
    assert_eq!(ledger.dead_of(Dead::FAILED), 2);
    assert!(ledger.holds());
}

#[test]
fn start_and_end_are_told_to_those_that_want_to_know() {
    for mode in MODES {
        let (system, scene) = (System::new().unwrap(), Scene::new());
        in_mode(&system, mode, |system, spawn| {
            let told = system.spawn_with(scene.servant(), &spawn.started().stopped()).unwrap();
            system.spawn_with(scene.servant(), &spawn).unwrap();
            support::tell::<Servant>(system, told, Act::Stop);
            assert_eq!(scene.events.take(), ["started", "stopped"]);
            assert_eq!(dropped(&scene.dropped), 1);
        });
        assert_eq!(scene.events.take().len(), 0);
        assert_eq!(dropped(&scene.dropped), 2);
    }
}

#[test]
fn an_actor_stops_itself_or_another() {
    let (system, scene) = (System::new().unwrap(), Scene::new());
    let one = system.spawn(scene.servant()).unwrap();
    let two = system.spawn(scene.servant()).unwrap();
    support::tell::<Servant>(&system, one, Act::StopOther(two.id()));
    assert!(system.is_alive(one) && !system.is_alive(two));
    support::tell::<Servant>(&system, one, Act::Stop);
    assert!(!system.is_alive(one));
    assert_eq!(dropped(&scene.dropped), 2);
}

#[test]
fn a_draining_stop_handles_what_came_before() {
    let (system, scene) = (System::builder().seeded(1).build().unwrap(), Scene::new());
    let drained = system.spawn(scene.servant()).unwrap();
    let cut = system.spawn(scene.servant()).unwrap();
    for _ in 0..10 {
        system.tell(drained, Act::Work).unwrap();
        system.tell(cut, Act::Work).unwrap();
    }
    system.stop_actor(drained, true).unwrap();
    system.stop_actor(cut, false).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(scene.worked(), 10);
    assert_eq!(system.ledger().dead_of(Dead::STOPPED), 10);
}

/// Keeps the failures of those it supervises.
struct Supervisor(Seen<Failed>);

impl Actor for Supervisor {
    type Msg = Go;

    fn handle(&mut self, _: &mut Context<'_>, _: Go) -> Result<(), Failure> {
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        if let Event::Failed(failed) = event {
            self.0.push(failed);
        }
        Ok(())
    }
}

#[test]
fn a_supervisor_is_told_of_a_failure() {
    let (system, scene, seen) = (System::new().unwrap(), Scene::new(), Seen::new());
    let supervisor = system.spawn(Supervisor(seen.clone())).unwrap();
    let spawn = Spawn::new().supervisor(supervisor.id());
    let servant = system.spawn_with(scene.servant(), &spawn).unwrap();
    support::tell::<Servant>(&system, servant, Act::Panic);
    let text = "rust Servant: panicked: told to panic".to_owned();
    let (actor, status) = (servant.id(), Status::E_PANIC);
    assert_eq!(seen.take(), [Failed { actor, status, kind: 4, number: 1, text }]);
    assert_eq!(system.failures(0)[0].number, 1);
}

#[test]
fn a_name_finds_its_actor_and_is_taken_once() {
    let (system, scene) = (System::new().unwrap(), Scene::new());
    let named = Spawn::new().name("servant");
    let servant = system.spawn_with(scene.servant(), &named).unwrap();
    assert_eq!(system.find("servant").unwrap(), servant.id());
    assert_eq!(system.find("nobody").unwrap_err().status(), Status::E_NOT_FOUND);

    let again = system.spawn_with(scene.servant(), &named).unwrap_err();
    assert_eq!(again.status(), Status::E_EXISTS);
    assert_eq!(dropped(&scene.dropped), 1, "the refused actor is dropped");
}

#[test]
fn all_of_many_are_spawned_or_none() {
    let (system, scene) = (System::new().unwrap(), Scene::new());
    let servants = (0..100).map(|_| scene.servant());
    let made = system.spawn_many(servants, &Spawn::new()).unwrap();
    assert_eq!((made.len(), system.stats().actors), (100, 100));

    let servants = (0..3).map(|_| scene.servant());
    let refused = system.spawn_many(servants, &Spawn::new().name("one")).unwrap_err();
    assert_eq!(refused.status(), Status::E_INVALID_ARGUMENT);
    assert_eq!((system.stats().actors, dropped(&scene.dropped)), (100, 3));
}

messages! {
    struct Hatch(u64) = 1;
}

/// Spawns servants inside its handler.
struct Mother {
    scene: Scene,
    children: Seen<Address<Act>>,
    spawn: Spawn<'static>,
}

impl Actor for Mother {
    type Msg = Hatch;

    fn handle(&mut self, context: &mut Context<'_>, Hatch(count): Hatch) -> Result<(), Failure> {
        let single = context.spawn_with(self.scene.servant(), &self.spawn)?;
        self.children.push(single);
        let rest = (1..count).map(|_| self.scene.servant());
        context.spawn_many(rest, &self.spawn, |child| self.children.push(child))?;
        for child in self.children.take() {
            context.send(child, Act::Work)?;
        }
        Ok(())
    }
}

#[test]
fn handlers_spawn_in_every_mode() {
    for mode in MODES {
        let (system, scene) = (System::new().unwrap(), Scene::new());
        let (worked, all_dropped) = (scene.worked.clone(), scene.dropped.clone());
        in_mode(&system, mode, |system, spawn| {
            let mother = Mother { scene, children: Seen::new(), spawn };
            let mother = system.spawn_with(mother, &spawn).unwrap();
            support::tell::<Mother>(system, mother, Hatch(101));
            assert_eq!(system.stats().actors, 102);
        });
        assert_eq!((worked.load(Ordering::SeqCst), dropped(&all_dropped)), (101, 101));
    }
}

#[test]
fn stop_reports_and_drops_every_actor() {
    let (system, scene) = (System::builder().seeded(1).build().unwrap(), Scene::new());
    let servant = system.spawn(scene.servant()).unwrap();
    system.spawn(scene.servant()).unwrap();
    for _ in 0..5 {
        system.tell(servant, Act::Work).unwrap();
    }
    let report = system.stop(PATIENCE).unwrap();
    assert_eq!((report.drained, report.dropped, report.actors, report.timed_out), (5, 0, 2, 0));
    assert_eq!((scene.worked(), dropped(&scene.dropped)), (5, 2));
    assert_eq!(system.tell(servant, Act::Work).unwrap_err().status(), Status::E_STOPPED);
    assert_eq!(system.spawn(scene.servant()).unwrap_err().status(), Status::E_STOPPED);
    assert_eq!(dropped(&scene.dropped), 3);
}
