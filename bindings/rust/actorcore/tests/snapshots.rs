//! Snapshots: the rules bit for bit, subsystems that are asked, and what bad input gets.

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use actorcore::*;
use support::{dropped, in_mode, Dropped, Seen, MODES, PATIENCE};

const REGISTRY: &str = "
dimensions:
  strength: { use_pipeline: true, clamp_default: { min: 0, max: 100 } }
  attack:
    use_pipeline: true
    clamp_default: { min: 0, max: 1000 }
    formula: { terms: { strength: 2 }, constant: 5 }
";

struct Game {
    engine: Engine,
    strength: Name,
    attack: Name,
    body: Name,
}

impl Game {
    fn new(builder: EngineBuilder<'_>) -> Game {
        let engine = builder.build().unwrap();
        engine.load(&Source::new(REGISTRY).label("game.yaml")).unwrap();
        let name = |name| engine.name(name).unwrap();
        let (strength, attack, body) = (name("strength"), name("attack"), name("body"));
        Game { engine, strength, attack, body }
    }

    /// With a strength of 15.
    fn hero(&self) -> Entity {
        let hero = self.engine.entity(&Profile { id: "hero", ..Profile::default() }).unwrap();
        let body = Output::new(self.body)
            .with(Contribution::flat(self.strength, 10.0))
            .with(Contribution::mult(self.strength, 0.5));
        hero.put(&body).unwrap();
        hero
    }

    fn rage(&self, amount: f64) -> Output {
        let system = self.engine.name("rage").unwrap();
        Output::new(system).with(Contribution::post_add(self.strength, amount))
    }
}

fn alone() -> Game {
    Game::new(Engine::builder())
}

#[test]
fn one_row_is_put_and_removed_and_only_what_follows_is_resolved() {
    let game = alone();
    let hero = game.hero();
    let strength = || hero.resolve().unwrap().value(List::PRIMARY, game.strength).unwrap();
    assert_eq!(15.0, strength());
    let ring = game.engine.name("ring").unwrap();
    let row = Contribution::flat(game.strength, 2.0);
    hero.put_contribution(ring, &row).unwrap();
    assert_eq!(18.0, strength());
    let cap = Cap::new(game.strength, CapMode::HARD_MAX, CapKind::MAX, 1.0);
    hero.put_cap(ring, &cap).unwrap();
    assert_eq!(1.0, strength());
    hero.remove_cap(ring, &cap).unwrap();
    hero.remove_contribution(ring, &row).unwrap();
    assert_eq!(15.0, strength());
    let gone = hero.remove_contribution(ring, &row).unwrap_err();
    assert_eq!(Status::E_NOT_FOUND, gone.status());
    assert_eq!(3, game.engine.metrics().updated);
}

#[test]
fn all_vectors_agree_bit_for_bit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/reference/vectors.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let engine = Engine::new().unwrap();
    let mut cases = 0;
    for line in text.lines() {
        // Shortest round-trip numbers are equal texts exactly when their bits are equal.
        let (_, expected) = line.strip_suffix('}').unwrap().split_once("\"expect\": ").unwrap();
        let snapshot = engine.resolve_case(&Source::new(line), Resolve::default()).unwrap();
        assert_eq!(snapshot.json().unwrap(), expected, "{}", &line[..60]);
        cases += 1;
    }
    assert_eq!(cases, 400);
}

#[test]
fn a_view_borrows_what_the_snapshot_holds() {
    let game = alone();
    let snapshot = game.hero().resolve().unwrap();
    let view = snapshot.view();
    assert_eq!((view.actor_id(), view.version()), ("hero", 1));
    assert_eq!(view.primary().iter().collect::<Vec<_>>(), [(game.strength, 15.0)]);
    assert_eq!(view.derived().iter().collect::<Vec<_>>(), [(game.attack, 35.0)]);
    assert_eq!(view.minima().values, [0.0, 0.0]);
    assert_eq!(
        view.maxima().iter().collect::<Vec<_>>(),
        [(game.attack, 1000.0), (game.strength, 100.0)]
    );
    assert_eq!((view.errors().len(), view.contexts()), (0, &[][..]));
    assert_eq!(snapshot.primary(game.strength), Some(15.0));
    assert_eq!(snapshot.derived(game.strength), None);
    assert_eq!(snapshot.value(List::DERIVED, game.attack), Some(35.0));
    assert_eq!(game.engine.text(game.attack), Some("attack"));
    assert_eq!(game.engine.dimensions().unwrap(), [game.attack, game.strength]);
}

#[test]
fn a_snapshot_outlives_its_entity_and_engine() {
    let game = alone();
    let snapshot = game.hero().resolve().unwrap();
    let (copy, strength) = (snapshot.clone(), game.strength);
    drop((game, snapshot));
    assert_eq!(copy.primary(strength), Some(15.0));
}

#[test]
fn caps_contexts_and_labels_reach_the_engine() {
    let game = alone();
    let (hero, feast) = (game.hero(), game.engine.name("feast").unwrap());
    let cap = Cap::new(game.strength, CapMode::HARD_MAX, CapKind::MAX, 12.0).priority(1).tags(7);
    let modifier = Modifier {
        context: feast,
        multipliers: vec![2.0, 1.5],
        additive_percent: 0.5,
        post_add: 1.0,
    };
    hero.put(&game.rage(4.0).priority(2).cap(cap).modifier(modifier)).unwrap();
    let snapshot = hero.resolve().unwrap();
    assert_eq!(snapshot.primary(game.strength), Some(12.0));
    assert_eq!(snapshot.view().contexts()[0].multiplier, 3.0);
    assert_eq!(snapshot.apply(feast, 10.0).unwrap(), 46.0);
    assert_eq!(snapshot.apply(game.body, 10.0).unwrap(), 10.0);

    hero.remove(game.engine.name("rage").unwrap()).unwrap();
    assert_eq!(hero.resolve().unwrap().primary(game.strength), Some(15.0));
    assert_eq!(hero.remove(feast).unwrap_err().status(), Status::E_NOT_FOUND);
}

#[test]
fn a_cached_snapshot_is_served_while_nothing_changed() {
    let game = alone();
    let hero = game.hero();
    assert!(hero.cached().is_none());
    hero.resolve().unwrap();
    hero.resolve().unwrap();
    assert_eq!((game.engine.metrics().resolved, game.engine.metrics().cached), (1, 1));
    assert!(hero.cached().is_some());
    hero.put(&game.rage(1.0)).unwrap();
    assert!(hero.cached().is_none());
    hero.resolve().unwrap();
    hero.invalidate();
    assert!(hero.cached().is_none());
    hero.resolve_as(Resolve { fresh: true, ..Resolve::default() }).unwrap();
    game.engine.clear();
    assert!(hero.cached().is_none());
    hero.set_profile(&Profile { id: "hero", version: 2, ..Profile::default() }).unwrap();
    assert_eq!(hero.resolve().unwrap().view().version(), 2);
    assert!(hero.profile().unwrap().contains("\"hero\""));
}

#[test]
fn what_a_resolve_leaves_out_is_listed_or_refused_when_strict() {
    let game = alone();
    let (hero, luck) = (game.hero(), game.engine.name("luck").unwrap());
    let rage = game.engine.name("rage").unwrap();
    hero.put(&Output::new(rage).with(Contribution::flat(luck, 1.0))).unwrap();
    let snapshot = hero.resolve().unwrap();
    let errors: Vec<SnapshotError> = snapshot.view().errors().collect();
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].code, errors[0].about), (Reject::UNKNOWN_DIMENSION, About::SYSTEM));
    assert_eq!(errors[0].name, rage);
    let strict = hero.resolve_as(Resolve { strict: true, ..Resolve::default() });
    assert_eq!(strict.unwrap_err().status(), Status::E_REJECTED);
}

#[test]
fn a_malformed_registry_names_every_line_and_changes_nothing() {
    let game = alone();
    let bad = "
dimensions:
  strength: { use_pipeline: true, clamp_default: { min: 5, max: 1 } }
  9lives: { use_pipeline: true, clamp_default: { min: 0, max: 1 } }
";
    let error = game.engine.load(&Source::new(bad).label("bad.yaml")).unwrap_err();
    assert_eq!(error.status(), Status::E_BAD_REGISTRY);
    assert!(!error.message().is_empty());
    assert_eq!(error.details().len(), 2, "{error:?}");
    assert!(error.details()[0].0.starts_with("bad.yaml:3:"), "{error:?}");
    assert!(error.details()[1].0.starts_with("bad.yaml:4:"), "{error:?}");
    assert_eq!(game.hero().resolve().unwrap().primary(game.strength), Some(15.0));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Engine::new().unwrap().load_file("no/such/registry.yaml").unwrap_err();
    assert_eq!(error.status(), Status::E_IO);
    assert!(error.message().contains("no/such/registry.yaml"), "{error}");
}

#[test]
fn outputs_are_parsed_once_and_put_often() {
    let game = alone();
    let text = r#"{"warrior": [
        {"meta": {"system": "race"}, "priority": 3,
         "primary": [{"dimension": "strength", "bucket": "FLAT", "value": 20, "system": "race"}]},
        {"meta": {"system": "gear"},
         "caps": [{"system": "gear", "dimension": "strength", "mode": "HARD_MAX", "kind": "max",
                   "value": 18}]}]}"#;
    let source = Source::new(text).label("outputs.json").format(Format::JSON);
    let outputs = game.engine.outputs(&source.member("warrior")).unwrap();
    assert_eq!((outputs.len(), outputs.iter().count()), (2, 2));
    let (race, gear) = (outputs.get(0).unwrap(), outputs.get(1).unwrap());
    assert_eq!(game.engine.text(race.system()), Some("race"));
    assert_eq!((race.priority(), race.contributions()[0].value()), (3, 20.0));
    assert_eq!((gear.caps()[0].dimension(), gear.caps()[0].value()), (game.strength, 18.0));
    assert!(outputs.get(2).is_none());

    let hero = game.engine.entity(&Profile { id: "hero", ..Profile::default() }).unwrap();
    hero.put_all(&outputs).unwrap();
    assert_eq!(hero.resolve().unwrap().primary(game.strength), Some(18.0));
    hero.put_all(&game.engine.outputs(&Source::new("[]")).unwrap()).unwrap();
    hero.put(&race).unwrap();
    assert_eq!(hero.resolve().unwrap().primary(game.strength), Some(20.0));

    let missing = game.engine.outputs(&source.member("mage")).unwrap_err();
    assert_eq!(missing.status(), Status::E_BAD_DOCUMENT);
}

#[test]
fn many_entities_are_resolved_in_one_call() {
    let game = alone();
    let heroes: Vec<Entity> = (0..10).map(|_| game.hero()).collect();
    let all: Vec<&Entity> = heroes.iter().collect();
    let snapshots = game.engine.resolve_batch(&all, Resolve::default()).unwrap();
    assert_eq!(snapshots.len(), 10);
    for snapshot in snapshots {
        assert_eq!(snapshot.unwrap().primary(game.strength), Some(15.0));
    }
}

#[test]
fn a_closure_is_asked_at_every_resolve_and_dropped_once() {
    let system = System::new().unwrap();
    for builder in [Engine::builder(), Engine::builder().system(&system)] {
        let game = Game::new(builder);
        let (asked, count) = (Arc::new(AtomicU64::new(0)), Dropped::count());
        let (counted, kept, rage) = (asked.clone(), Dropped(count.clone()), game.rage(5.0));
        let subsystem = Subsystem::new("rage").priority(1);
        let contribute = move |question: Question<'_>| {
            let _ = &kept;
            assert!(question.profile()?.contains("hero"));
            let asked = counted.fetch_add(1, Ordering::SeqCst);
            assert_eq!(question.context(), if asked == 2 { &b"storm"[..] } else { &[] });
            Ok(rage.clone())
        };
        game.engine.register(&subsystem, contribute).unwrap();
        let hero = game.hero();
        assert_eq!(hero.resolve().unwrap().primary(game.strength), Some(20.0));
        assert_eq!(hero.resolve().unwrap().primary(game.strength), Some(20.0));
        hero.resolve_with_context(b"storm", PATIENCE, Resolve::default()).unwrap();
        assert_eq!((asked.load(Ordering::SeqCst), dropped(&count)), (3, 0));

        let again = game.engine.register(&subsystem, |_| Err(Failure::new("never asked")));
        assert_eq!(again.unwrap_err().status(), Status::E_EXISTS);
        game.engine.unregister("rage").unwrap();
        system.settle(PATIENCE).unwrap(); // where there is a system, a worker drops it
        assert_eq!(dropped(&count), 1);
        assert_eq!(hero.resolve().unwrap().primary(game.strength), Some(15.0));
    }
}

#[test]
fn a_subsystem_that_fails_or_panics_is_listed_and_the_rest_resolves() {
    let game = alone();
    game.engine.register(&Subsystem::new("failing"), |_| Err(Failure::new("no"))).unwrap();
    game.engine.register(&Subsystem::new("panicking"), |_| panic!("contained")).unwrap();
    let hero = game.hero();
    let snapshot = hero.resolve().unwrap();
    assert_eq!(snapshot.primary(game.strength), Some(15.0));
    let listed: Vec<_> = snapshot.view().errors().map(|error| (error.code, error.name)).collect();
    let name = |name| game.engine.name(name).unwrap();
    let failed = Reject::SUBSYSTEM_FAILED;
    assert_eq!(listed, [(failed, name("failing")), (failed, name("panicking"))]);
}

messages! {
    enum Act {
        Answer = 1,
        Resolve = 2,
    }
}

/// A subsystem that answers at once, later, or never.
struct Rage {
    output: Option<Output>,
    later: bool,
    waiting: Vec<Query>,
}

impl Actor for Rage {
    type Msg = Act;

    fn handle(&mut self, _: &mut Context<'_>, _: Act) -> Result<(), Failure> {
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match (event, &self.output) {
            (Event::Contribute(query), Some(_)) if self.later => {
                assert_eq!(query.context(), b"a context that is longer than an envelope holds");
                self.waiting.push(query);
                let me: ActorId = context.me();
                context.ask(me, Act::Answer, Duration::from_secs(1))?;
            }
            (Event::Contribute(query), Some(output)) => query.answer(output)?,
            (Event::Reply(_), Some(output)) => {
                self.waiting.drain(..).try_for_each(|query| query.answer(output))?;
            }
            (event, _) => return event.unhandled(),
        }
        Ok(())
    }
}

#[test]
fn an_actor_is_asked_in_every_mode() {
    for mode in MODES {
        let system = System::new().unwrap();
        in_mode(&system, mode, |system, spawn| {
            let game = Game::new(Engine::builder().system(system));
            let rage = Rage { output: Some(game.rage(5.0)), later: false, waiting: Vec::new() };
            let rage = system.spawn_with(rage, &spawn).unwrap();
            game.engine.register_actor(&Subsystem::new("rage"), rage).unwrap();
            assert_eq!(game.hero().resolve().unwrap().primary(game.strength), Some(20.0));
        });
    }
}

#[test]
fn a_question_is_answered_later_or_as_failed_when_it_is_dropped() {
    let system = System::builder().seeded(5).build().unwrap();
    let game = Game::new(Engine::builder().system(&system));
    let late = Rage { output: Some(game.rage(5.0)), later: true, waiting: Vec::new() };
    let late = system.spawn(late).unwrap();
    game.engine.register_actor(&Subsystem::new("rage"), late).unwrap();
    let silent = Rage { output: None, later: false, waiting: Vec::new() };
    let silent = system.spawn(silent).unwrap();
    game.engine.register_actor(&Subsystem::new("silent"), silent).unwrap();

    let context = b"a context that is longer than an envelope holds";
    let hero = game.hero();
    let snapshot = hero.resolve_with_context(context, PATIENCE, Resolve::default()).unwrap();
    assert_eq!(snapshot.primary(game.strength), Some(20.0));
    let errors: Vec<_> = snapshot.view().errors().map(|error| error.name).collect();
    assert_eq!(errors, [game.engine.name("silent").unwrap()]);
    assert!(system.now() < 2_000_000_000, "nobody waited for the silent one");
}

/// Resolves without waiting.
struct Resolver {
    game: Arc<Game>,
    heroes: Vec<Entity>,
    seen: Seen<(usize, Option<f64>, u64)>,
}

impl Actor for Resolver {
    type Msg = Act;

    fn handle(&mut self, context: &mut Context<'_>, _: Act) -> Result<(), Failure> {
        let all: Vec<&Entity> = self.heroes.iter().collect();
        let how = AsyncResolve { correlation: Correlation::new(77), ..AsyncResolve::default() };
        Ok(self.game.engine.resolve_async(&all, context.me(), &how)?)
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Resolved(resolved) = event else { return event.unhandled() };
        let which = self.heroes.iter().position(|hero| hero.id() == resolved.entity);
        let strength = resolved.result?.primary(self.game.strength);
        let which = which.ok_or_else(|| Failure::new("of no hero"))?;
        self.seen.push((which, strength, resolved.correlation.number()));
        Ok(())
    }
}

#[test]
fn an_asynchronous_resolve_completes_in_a_turn() {
    for mode in MODES {
        let (system, seen) = (System::new().unwrap(), Seen::new());
        in_mode(&system, mode, |system, spawn| {
            let game = Arc::new(Game::new(Engine::builder().system(system)));
            game.engine
                .register(&Subsystem::new("calm"), |question| Ok(Output::new(question.system())))
                .unwrap();
            let heroes = (0..3).map(|_| game.hero()).collect();
            let resolver = Resolver { game, heroes, seen: seen.clone() };
            let resolver = system.spawn_with(resolver, &spawn).unwrap();
            support::tell::<Resolver>(system, resolver, Act::Resolve);
        });
        let mut all = seen.take();
        all.sort_by_key(|(which, ..)| *which);
        assert_eq!(all, [0, 1, 2].map(|which| (which, Some(15.0), 77)));
    }
}

/// Tries to put off what it is asked and told.
struct Hesitant(Seen<Status>);

impl Actor for Hesitant {
    type Msg = Act;

    fn handle(&mut self, _: &mut Context<'_>, _: Act) -> Result<(), Failure> {
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        if let Err(error) = context.stash() {
            self.0.push(error.status());
        }
        event.unhandled()
    }
}

#[test]
fn what_a_message_hands_over_cannot_be_stashed() {
    let system = System::builder().seeded(5).build().unwrap();
    let game = Game::new(Engine::builder().system(&system));
    let refused = Seen::new();
    let hesitant = system.spawn(Hesitant(refused.clone())).unwrap();
    game.engine.register_actor(&Subsystem::new("hesitant"), hesitant).unwrap();
    let hero = game.hero();
    game.engine.resolve_async(&[&hero], hesitant.id(), &AsyncResolve::default()).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(refused.take(), [Status::E_UNSUPPORTED; 2], "a question and a snapshot");
    assert_eq!(system.ledger().stashed, 0);
}
