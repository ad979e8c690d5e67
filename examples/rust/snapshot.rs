//! snapshot: a registry, an entity with stored outputs, and a subsystem that is asked at every
//! resolve.

use actorcore::{Contribution, Engine, Entity, Error, Name, Output, Profile, Snapshot, Source};
use actorcore::{Subsystem, System};

const REGISTRY: &str = "
dimensions:
  strength:
    use_pipeline: true
    clamp_default: { min: 0, max: 100 }
  attack:
    use_pipeline: true
    clamp_default: { min: 0, max: 1000 }
    formula: { terms: { strength: 2 }, constant: 5 }
";

/// An entity with what its body contributes.
fn hero(engine: &Engine, strength: Name) -> Result<Entity, Error> {
    let hero = engine.entity(&Profile {
        id: "hero-1",
        name: "Hero",
        ..Profile::default()
    })?;
    let body = Output::new(engine.name("body")?)
        .with(Contribution::flat(strength, 12.0))
        .with(Contribution::mult(strength, 0.5));
    hero.put(&body)?;
    Ok(hero)
}

fn print(engine: &Engine, snapshot: &Snapshot) -> Result<(), Error> {
    let view = snapshot.view();
    println!("{}, version {}", view.actor_id(), view.version());
    for (name, value) in view.primary().iter().chain(view.derived().iter()) {
        println!("  {} = {value}", engine.text(name).unwrap_or_default());
    }
    println!("{}", snapshot.json()?);
    Ok(())
}

fn main() -> Result<(), Error> {
    let system = System::new()?;
    let engine = Engine::builder().system(&system).build()?;
    engine.load(&Source::new(REGISTRY).label("registry"))?;
    let strength = engine.name("strength")?;

    // One strength for every two wounds; in a game this would look at the world.
    let wounds = 7;
    engine.register(&Subsystem::new("rage"), move |question| {
        let rage = f64::from(wounds / 2);
        Ok(Output::new(question.system()).with(Contribution::flat(strength, rage)))
    })?;

    print(&engine, &hero(&engine, strength)?.resolve()?)
}
