//! The scenario that every language repeats, as `tests/abi/scenario.h` defines it: the same seed
//! gives the same sum and the same trace hash in all of them.

mod support;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actorcore::{messages, Actor, Address, Context, Contribution, DispatcherMode, Engine};
use actorcore::{Entity, Event, Failure, Name, Output, Profile, Source, Spawn, System, Worker};
use support::{MODES, PATIENCE};

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);
const WORKERS: u64 = 4;

messages! {
    enum ToWorker {
        Work(u64) = 1,
        Query(u64) = 3,
        Ignore = 6,
        Hatch(u64) = 7,
        Fail = 8,
        Resolve(u64) = 9,
    }

    enum ToRoot {
        Note(u64) = 2,
        Sum = 4,
    }

    struct Answer(u64) = 5;
}

#[derive(Default)]
struct Root {
    count: u64,
    sum: u64,
}

impl Root {
    fn note(&mut self, value: u64) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(value);
    }
}

impl Actor for Root {
    type Msg = ToRoot;

    fn handle(&mut self, context: &mut Context<'_>, message: ToRoot) -> Result<(), Failure> {
        match message {
            ToRoot::Note(value) => self.note(value),
            ToRoot::Sum => context.reply(Answer(self.sum))?,
        }
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Failed(failed) = event else { return event.unhandled() };
        self.note(failed.kind.into());
        Ok(())
    }
}

/// What the workers share.
struct Scene {
    entity: Entity,
    strength: Name,
    power: Name,
    base: Name,
    root: Address<ToRoot>,
    spawn: Spawn<'static>,
    workers: OnceLock<Vec<Address<ToWorker>>>,
}

#[derive(Clone)]
struct Hand(Arc<Scene>);

impl Hand {
    fn note(&self, context: &mut Context<'_>, value: u64) -> Result<(), Failure> {
        Ok(context.send(self.0.root, ToRoot::Note(value))?)
    }

    fn worker(&self, number: u64) -> Address<ToWorker> {
        self.0.workers.get().unwrap()[number as usize]
    }

    fn work(&self, context: &mut Context<'_>, left: u64) -> Result<(), Failure> {
        if left.is_multiple_of(3) {
            self.note(context, left)?;
        }
        if left > 0 {
            let next = context.system().random() % WORKERS;
            context.send(self.worker(next), ToWorker::Work(left - 1))?;
        }
        Ok(())
    }

    fn query(&self, context: &mut Context<'_>, number: u64) -> Result<(), Failure> {
        match number {
            0 => context.ask(self.0.root, ToRoot::Sum, SECOND)?,
            worker => context.ask(self.worker(worker), ToWorker::Ignore, MILLISECOND)?,
        };
        Ok(())
    }

    fn resolve(&self, context: &mut Context<'_>, strength: u64) -> Result<(), Failure> {
        let scene = &self.0;
        let output = Output::new(scene.base)
            .with(Contribution::flat(scene.strength, strength as f64))
            .with(Contribution::mult(scene.strength, 0.5));
        scene.entity.put(&output)?;
        let power = scene.entity.resolve()?.derived(scene.power);
        let power = power.ok_or_else(|| Failure::new("no power"))?;
        self.note(context, power.to_bits())
    }
}

impl Actor for Hand {
    type Msg = ToWorker;

    fn handle(&mut self, context: &mut Context<'_>, message: ToWorker) -> Result<(), Failure> {
        match message {
            ToWorker::Work(left) => self.work(context, left),
            ToWorker::Query(number) => self.query(context, number),
            ToWorker::Ignore => Ok(()),
            ToWorker::Hatch(left) => {
                let child = context.spawn_with(self.clone(), &self.0.spawn)?;
                Ok(context.send(child, ToWorker::Work(left))?)
            }
            ToWorker::Fail => Err(Failure::new("told to")),
            ToWorker::Resolve(strength) => self.resolve(context, strength),
        }
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Reply(reply) = event else { return event.unhandled() };
        match reply.read() {
            Ok(Answer(value)) => self.note(context, value),
            Err(error) => self.note(context, error.status().0.unsigned_abs().into()),
        }
    }
}

const REGISTRY: &str = r#"{"dimensions": {"strength": {"use_pipeline": true,
    "clamp_default": {"min": 0, "max": 1000}}, "power": {"use_pipeline": true,
    "clamp_default": {"min": 0, "max": 1000},
    "formula": {"terms": {"strength": 2.5}, "constant": 1}}}}"#;

fn play(system: &System, spawn: Spawn<'static>) -> (u64, u64) {
    let engine = Engine::builder().system(system).build().unwrap();
    engine.load(&Source::new(REGISTRY)).unwrap();
    let name = |name| engine.name(name).unwrap();
    let (strength, power, base) = (name("strength"), name("power"), name("base"));
    let entity = engine.entity(&Profile { id: "hero", ..Profile::default() }).unwrap();
    let root = system.spawn_with(Root::default(), &spawn.name("root")).unwrap();
    let spawn = spawn.supervisor(root.id());
    let workers = OnceLock::new();
    let scene = Scene { entity, strength, power, base, root, spawn, workers };
    let hand = Hand(Arc::new(scene));
    let made = (0..WORKERS).map(|_| system.spawn_with(hand.clone(), &spawn).unwrap());
    hand.0.workers.set(made.collect()).unwrap();

    let tell = |worker, message| system.tell(hand.worker(worker), message).unwrap();
    let settle = || system.settle(PATIENCE).unwrap();
    let sum = || system.ask::<Answer, _>(root, ToRoot::Sum, SECOND).unwrap().0;
    (0..WORKERS).for_each(|worker| tell(worker, ToWorker::Work(10 + worker)));
    settle();
    sum();
    tell(0, ToWorker::Query(0));
    tell(1, ToWorker::Query(2));
    settle();
    tell(2, ToWorker::Hatch(4));
    settle();
    tell(0, ToWorker::Resolve(20));
    settle();
    tell(3, ToWorker::Fail);
    tell(3, ToWorker::Work(5));
    settle();
    system.stop_actor(hand.worker(1), true).unwrap();
    settle();
    tell(2, ToWorker::Work(9));
    settle();
    (sum(), system.trace_hash().unwrap())
}

fn run(mode: DispatcherMode, seed: u64) -> (u64, u64) {
    let system = System::builder().seeded(seed).build().unwrap();
    if mode == DispatcherMode::INLINE {
        return play(&system, Spawn::new());
    }
    let dispatcher = system.dispatcher(mode).build().unwrap();
    std::thread::scope(|scope| {
        // The settling thread runs what a calling thread would; attached workers run their own.
        if mode == DispatcherMode::ATTACHED {
            let mut worker: Worker = dispatcher.attach().unwrap();
            scope.spawn(move || worker.run().unwrap());
        }
        let played = play(&system, Spawn::new().on(dispatcher));
        system.stop(PATIENCE).unwrap();
        played
    })
}

#[test]
fn the_scenario_is_the_same_in_every_mode_and_run() {
    let first = run(DispatcherMode::INLINE, 42);
    println!("seed 42: sum {}, trace hash: {:016x}", first.0, first.1);
    for mode in MODES {
        for _ in 0..3 {
            assert_eq!(run(mode, 42), first, "{mode}");
        }
    }
}

#[test]
fn another_seed_gives_another_trace() {
    let first = run(DispatcherMode::INLINE, 42);
    for seed in 1..10 {
        assert_ne!(run(DispatcherMode::INLINE, seed).1, first.1);
    }
}
