//! Loading, spawning, and the two phases.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actorcore::System;
use actorcore::{Address, Engine, Entity, Error, Name, Outputs, Profile, Source, Spawn, Status};

use crate::actors::{EntityActor, Go, SubsystemActor, Table, ToEntity, Total, Totals, World};
use crate::options::Options;
use crate::progress::Progress;

pub const ARCHETYPES: [&str; 6] = ["warrior", "mage", "rogue", "ranger", "cleric", "merchant"];

/// What one run came to.
pub struct Run {
    pub world: Arc<World>,
    pub subsystems: usize,
    pub table: Arc<Mutex<Table>>,
    pub trace_hash: Option<u64>,
    pub spawn_seconds: f64,
    pub spawn_bytes: i64,
    pub changes_seconds: f64,
    pub reports_seconds: f64,
}

struct Actors {
    entities: Arc<[Address<ToEntity>]>,
    subsystems: Vec<Address<Go>>,
    table: Arc<Mutex<Table>>,
}

/// Runs everything but the printing.
pub fn run(system: &System, options: &Options) -> Result<Run, Error> {
    let mut progress = Progress::new();
    progress.begin("creating entities");
    let world = Arc::new(load(system, options, &progress)?);
    let groups = grouped(&world.changes);
    if groups.is_empty() {
        return Err(Error::new(
            Status::E_BAD_DOCUMENT,
            "changes.json has no changes; give it some",
        ));
    }
    let (before, started) = (resident_bytes(), Instant::now());
    let actors = spawn(system, options, &world, groups)?;
    let spawn_seconds = started.elapsed().as_secs_f64();
    let spawn_bytes = resident_bytes() - before;
    progress.end();

    let changes_seconds = phase(system, options, &mut progress, "changes", || {
        post_changes(system, options, &actors)
    })?;
    let reports_seconds = phase(system, options, &mut progress, "reports", || {
        ask_reports(system, &actors.entities)
    })?;
    let trace_hash = options.seed.map(|_| system.trace_hash()).transpose()?;
    Ok(Run {
        world,
        subsystems: actors.subsystems.len(),
        table: actors.table,
        trace_hash,
        spawn_seconds,
        spawn_bytes,
        changes_seconds,
        reports_seconds,
    })
}

fn read(options: &Options, name: &str) -> Result<(String, String), Error> {
    let path = format!("{}/{name}", options.data);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok((path, text)),
        Err(why) => {
            let told = format!("{path}: {why}; --data names the folder with the files");
            Err(Error::new(Status::E_IO, told))
        }
    }
}

fn load(system: &System, options: &Options, progress: &Progress) -> Result<World, Error> {
    let engine = Engine::builder().system(system).build()?;
    engine.load_file(&format!("{}/registry.yaml", options.data))?;
    let (path, text) = read(options, "outputs.json")?;
    let whole = Source::new(&text).label(&path);
    let archetypes = ARCHETYPES.map(|archetype| engine.outputs(&whole.member(archetype)));
    let (path, text) = read(options, "changes.json")?;
    let changes = engine.outputs(&Source::new(&text).label(&path))?;
    let dimensions = engine.dimensions()?;
    let entities = create(&engine, options.entities, archetypes, progress)?;
    Ok(World {
        engine,
        dimensions,
        changes,
        entities,
    })
}

fn create(
    engine: &Engine,
    count: u64,
    archetypes: [Result<Outputs, Error>; ARCHETYPES.len()],
    progress: &Progress,
) -> Result<Vec<Entity>, Error> {
    let outputs: Vec<Outputs> = archetypes.into_iter().collect::<Result<_, _>>()?;
    let mut entities = Vec::with_capacity(count as usize);
    for (index, archetype) in (0..count).zip((0..ARCHETYPES.len()).cycle()) {
        let (id, name) = (format!("entity-{index}"), ARCHETYPES[archetype]);
        let profile = Profile {
            id: &id,
            name,
            race: "human",
            version: 1,
            ..Profile::default()
        };
        let entity = engine.entity(&profile)?;
        entity.put_all(&outputs[archetype])?;
        entities.push(entity);
        if index % 4096 == 0 {
            progress.show(index, count);
        }
    }
    Ok(entities)
}

/// Indices of the changes of each subsystem, in the order in which the subsystems appear.
fn grouped(changes: &Outputs) -> Vec<Vec<u32>> {
    let mut groups: Vec<(Name, Vec<u32>)> = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let system = change.system();
        match groups.iter_mut().find(|(known, _)| *known == system) {
            Some((_, group)) => group.push(index as u32),
            None => groups.push((system, vec![index as u32])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn spawn(
    system: &System,
    options: &Options,
    world: &Arc<World>,
    groups: Vec<Vec<u32>>,
) -> Result<Actors, Error> {
    let rows = world.entities.len();
    let table = Arc::new(Mutex::new(Table::new(rows, world.dimensions.len())));
    let totals: Address<Total> =
        system.spawn_with(Totals(table.clone()), &Spawn::new().name("totals"))?;
    let of = |index| EntityActor {
        world: world.clone(),
        index: index as u32,
        totals,
    };
    let entities: Arc<[Address<ToEntity>]> =
        system.spawn_many((0..rows).map(of), &Spawn::new())?.into();
    let first = options.picks().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut subsystems = Vec::new();
    for (number, group) in groups.into_iter().enumerate() {
        let random = first.wrapping_add(number as u64);
        subsystems.push(system.spawn(SubsystemActor {
            group,
            entities: entities.clone(),
            random,
        })?);
    }
    Ok(Actors {
        entities,
        subsystems,
        table,
    })
}

fn post_changes(system: &System, options: &Options, actors: &Actors) -> Result<(), Error> {
    let (all, subsystems) = (options.all_changes(), actors.subsystems.len() as u64);
    for (number, subsystem) in (0..).zip(&actors.subsystems) {
        let one_more = u64::from(number < all % subsystems);
        system.tell(*subsystem, Go(all / subsystems + one_more))?;
    }
    Ok(())
}

fn ask_reports(system: &System, entities: &[Address<ToEntity>]) -> Result<(), Error> {
    for batch in entities.chunks(1_000) {
        let now = system.now();
        let reports = batch.iter().map(|entity| (*entity, ToEntity::Report(now)));
        if let Some((_, status)) = system.tell_many(reports)?.first() {
            return Err((*status).into());
        }
    }
    Ok(())
}

/// Seconds that the messages of `begin` and all that came of them took.
fn phase(
    system: &System,
    options: &Options,
    progress: &mut Progress,
    name: &'static str,
    begin: impl FnOnce() -> Result<(), Error>,
) -> Result<f64, Error> {
    progress.begin(name);
    let started = Instant::now();
    begin()?;
    if options.seed.is_none() && progress.is_terminal() {
        settle_showing(system, progress)?;
    } else {
        system.settle(Duration::MAX)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    progress.end();
    Ok(seconds)
}

fn settle_showing(system: &System, progress: &Progress) -> Result<(), Error> {
    let before = system.ledger().handled;
    loop {
        match system.settle(Duration::from_millis(100)) {
            Err(error) if error.status() == Status::E_TIMEOUT => {
                let ledger = system.ledger();
                progress.show(ledger.handled - before, ledger.accepted - before);
            }
            settled => return settled,
        }
    }
}

/// Resident memory of the process.
fn resident_bytes() -> i64 {
    const PAGE: i64 = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .unwrap_or(0)
        * PAGE
}
