//! The three kinds of actors, and what they share.

use std::sync::{Arc, Mutex};

use actorcore::{
    messages, Actor, Address, Buffer, Bytes, Column, Context, Engine, Entity, Failure,
};
use actorcore::{Name, Outputs};

/// Most changes that a subsystem posts in one handler call.
const POSTS_MAX: u64 = 1_000;

messages! {
    /// What a subsystem understands: post so many changes.
    pub struct Go(pub u64) = 1;

    /// What an entity understands.
    pub enum ToEntity {
        /// Put the change with this index.
        Change { index: u32, reserved: u32 } = 2,
        /// Resolve, and tell the totals; sent at this time.
        Report(u64) = 3,
    }

    /// Index of the entity, nanoseconds from the report's sending, and a number for each dimension.
    pub struct Total(pub Bytes) = 4;
}

/// What is loaded before any actor is spawned.
pub struct World {
    pub engine: Engine,
    pub dimensions: Vec<Name>,
    pub changes: Outputs,
    pub entities: Vec<Entity>,
}

/// Stands for one entity.
pub struct EntityActor {
    pub world: Arc<World>,
    pub index: u32,
    pub totals: Address<Total>,
}

impl Actor for EntityActor {
    type Msg = ToEntity;

    fn handle(&mut self, context: &mut Context<'_>, message: ToEntity) -> Result<(), Failure> {
        match message {
            ToEntity::Change { index, .. } => self.change(index),
            ToEntity::Report(sent_ns) => self.report(context, sent_ns),
        }
    }
}

impl EntityActor {
    fn entity(&self) -> &Entity {
        &self.world.entities[self.index as usize]
    }

    fn change(&self, index: u32) -> Result<(), Failure> {
        let change = self.world.changes.get(index as usize);
        let change = change.ok_or_else(|| Failure::new(format!("there is no change {index}")))?;
        Ok(self.entity().put(&change)?)
    }

    fn report(&self, context: &mut Context<'_>, sent_ns: u64) -> Result<(), Failure> {
        let snapshot = self.entity().resolve()?;
        let dimensions = &self.world.dimensions;
        let latency = u32::try_from(context.now() - sent_ns).unwrap_or(u32::MAX);

        let mut row = Buffer::new(8 + 8 * dimensions.len())?;
        row[0..4].copy_from_slice(&self.index.to_le_bytes());
        row[4..8].copy_from_slice(&latency.to_le_bytes());
        let mut primary = InStep(snapshot.view().primary());
        let mut derived = InStep(snapshot.view().derived());
        for (dimension, place) in dimensions.iter().zip(row[8..].chunks_exact_mut(8)) {
            let primary = primary.take(*dimension);
            let value = derived.take(*dimension).or(primary).unwrap_or(0.0);
            place.copy_from_slice(&value.to_le_bytes());
        }
        Ok(context.send(self.totals, Total(row.into()))?)
    }
}

/// Walks values in step with the dimensions, for both are in the order of their names.
struct InStep<'s>(Column<'s>);

impl InStep<'_> {
    fn take(&mut self, dimension: Name) -> Option<f64> {
        let (first, names) = self.0.names.split_first()?;
        let (value, values) = self.0.values.split_first()?;
        (*first == dimension).then(|| {
            self.0 = Column { names, values };
            *value
        })
    }
}

/// Posts changes to random entities until none are left.
pub struct SubsystemActor {
    pub group: Vec<u32>,
    pub entities: Arc<[Address<ToEntity>]>,
    pub random: u64,
}

impl SubsystemActor {
    /// splitmix64.
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.random ^ self.random >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }
}

impl Actor for SubsystemActor {
    type Msg = Go;

    fn handle(&mut self, context: &mut Context<'_>, Go(left): Go) -> Result<(), Failure> {
        let posts = left.min(POSTS_MAX);
        for _ in 0..posts {
            let entity = self.below(self.entities.len());
            let change = self.below(self.group.len());
            let index = self.group[change];
            context.send(
                self.entities[entity],
                ToEntity::Change { index, reserved: 0 },
            )?;
        }
        if left > posts {
            context.send(context.me(), Go(left - posts))?;
        }
        Ok(())
    }
}

/// A row for each entity, a column for each dimension.
pub struct Table {
    pub columns: usize,
    pub values: Vec<f64>,
    pub latencies: Vec<u32>,
}

impl Table {
    pub fn new(rows: usize, columns: usize) -> Table {
        Table {
            columns,
            values: vec![0.0; rows * columns],
            latencies: vec![0; rows],
        }
    }

    fn store(&mut self, total: &[u8]) -> Option<()> {
        let (index, total) = total.split_first_chunk()?;
        let (latency, numbers) = total.split_first_chunk()?;
        let row = u32::from_le_bytes(*index) as usize;
        let values = self.values.chunks_exact_mut(self.columns).nth(row)?;
        let (numbers, []) = numbers.as_chunks() else {
            return None;
        };
        if numbers.len() != values.len() {
            return None;
        }
        self.latencies[row] = u32::from_le_bytes(*latency);
        for (value, number) in values.iter_mut().zip(numbers) {
            *value = f64::from_le_bytes(*number);
        }
        Some(())
    }
}

/// Keeps what the entities report.
pub struct Totals(pub Arc<Mutex<Table>>);

impl Actor for Totals {
    type Msg = Total;

    fn handle(&mut self, _: &mut Context<'_>, Total(total): Total) -> Result<(), Failure> {
        let mut table = self.0.lock()?;
        table
            .store(&total)
            .ok_or_else(|| Failure::new("a total that does not fit the table"))
    }
}
