//! Receipts: the steps of a value, what they replay to, and how long they last.

use std::thread;

use actorcore::*;

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
    fn new() -> Game {
        let engine = Engine::new().unwrap();
        engine.load(&Source::new(REGISTRY)).unwrap();
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
}

#[test]
fn a_receipt_has_every_step_with_its_source() {
    let game = Game::new();
    let receipt = game.hero().explain(List::PRIMARY, game.strength).unwrap();
    let view = receipt.view();
    assert_eq!((view.actor_id(), view.version(), view.value()), ("hero", 1, 15.0));
    assert_eq!((view.list(), view.dimension()), (List::PRIMARY, game.strength));
    assert_eq!(view.bound(), Bound::NONE);
    let kinds: Vec<Step> = view.steps().iter().map(|step| step.kind).collect();
    let bucket = Step::BUCKET;
    let expected = [
        [Step::RULE, Step::CONTRIBUTION, bucket, Step::CONTRIBUTION, bucket],
        [bucket, Step::CANDIDATE, Step::DEFAULT, Step::DEFAULT, Step::CLAMP],
    ];
    assert_eq!(kinds, expected.concat());
    let mult = view.steps()[3];
    assert_eq!((mult.output, mult.origin, mult.bucket), (game.body, Origin::PUT, Bucket::MULT));
    assert_eq!((mult.value, mult.factor, mult.result), (0.5, 1.5, 1.5));
}

#[test]
fn a_formula_names_its_terms_and_their_final_values() {
    let game = Game::new();
    let hero = game.hero();
    let receipt = hero.explain_stored(List::DERIVED, game.attack).unwrap();
    let term = *receipt.view().steps().iter().find(|step| step.kind == Step::TERM).unwrap();
    assert_eq!((term.name, term.list), (game.strength, List::PRIMARY));
    assert_eq!((term.factor, term.value, term.product, term.result), (2.0, 15.0, 30.0, 35.0));
    assert_eq!(hero.explain(term.list, term.name).unwrap().view().value(), term.value);
}

#[test]
fn steps_replay_and_changed_ones_say_what_would_have_been() {
    let game = Game::new();
    let receipt = game.hero().explain(List::PRIMARY, game.strength).unwrap();
    let mut steps = receipt.view().steps().to_vec();
    assert_eq!(replay(&steps).unwrap().to_bits(), receipt.view().value().to_bits());
    steps[1].value = 1000.0;
    assert_eq!(replay(&steps).unwrap(), 100.0);
    assert_eq!(replay(&steps[1..]).unwrap_err().status(), Status::E_INVALID_ARGUMENT);
    assert_eq!(replay(&[]).unwrap_err().status(), Status::E_INVALID_ARGUMENT);
}

#[test]
fn a_receipt_outlives_its_entity_and_goes_to_other_threads() {
    let game = Game::new();
    let receipt = game.hero().explain(List::PRIMARY, game.strength).unwrap();
    drop(game);
    let copy = receipt.clone();
    drop(receipt);
    let json = thread::spawn(move || copy.json().unwrap()).join().unwrap();
    let start = "{\"actor_id\": \"hero\", \"version\": 1, \"list\": \"primary\", \
                 \"dimension\": \"strength\", \"value\": 15.0, ";
    assert!(json.starts_with(start), "{json}");
    assert!(json.contains("\"output\": \"body\", \"origin\": \"put\""), "{json}");
}

#[test]
fn what_has_no_value_has_no_receipt() {
    let game = Game::new();
    let error = game.hero().explain(List::DERIVED, game.strength).unwrap_err();
    assert_eq!(error.status(), Status::E_UNKNOWN_DIMENSION);
    assert!(error.to_string().contains("has no derived value"), "{error}");
}
