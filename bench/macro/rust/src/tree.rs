//! Many actors: skynet and idle.

use std::sync::mpsc::{channel, Sender};

use actorcore::{messages, Actor, Address, Context, Error, Event, Failure, Spawn, System};

use crate::measure::{resident_bytes, Latch, Measured, Timer};

messages! {
    struct Sum(u64) = 1;
    struct Poke = 1;
}

const CHILDREN: u64 = 10;

/// Who gets a node's sum.
enum Parent {
    Node(Address<Sum>),
    Outside(Sender<u64>),
}

struct Node {
    parent: Parent,
    ordinal: u64,
    leaves: u64,
    sum: u64,
    missing: u64,
}

impl Node {
    fn new(parent: Parent, ordinal: u64, leaves: u64) -> Node {
        Node {
            parent,
            ordinal,
            leaves,
            sum: 0,
            missing: CHILDREN,
        }
    }

    fn finish(&self, context: &mut Context<'_>, sum: u64) -> Result<(), Failure> {
        match &self.parent {
            Parent::Node(parent) => context.send(*parent, Sum(sum))?,
            Parent::Outside(result) => result.send(sum)?,
        }
        context.stop();
        Ok(())
    }
}

impl Actor for Node {
    type Msg = Sum;

    fn handle(&mut self, context: &mut Context<'_>, Sum(sum): Sum) -> Result<(), Failure> {
        self.sum += sum;
        self.missing -= 1;
        if self.missing == 0 {
            self.finish(context, self.sum)?;
        }
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Started = event else {
            return event.unhandled();
        };
        if self.leaves == 1 {
            return self.finish(context, self.ordinal);
        }
        let (me, leaves) = (context.me().into(), self.leaves / CHILDREN);
        let child = |i| Node::new(Parent::Node(me), self.ordinal + i * leaves, leaves);
        context.spawn_many((0..CHILDREN).map(child), &Spawn::new().started(), |_| ())?;
        Ok(())
    }
}

/// Size: leaves, a power of ten.
pub fn skynet(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let leaves = sizes[0];
    let actors = std::iter::successors(Some(leaves), |size| Some(size / CHILDREN))
        .take_while(|size| *size > 0)
        .sum();
    let (result, sum) = channel();
    let timer = Timer::start();
    let root = Node::new(Parent::Outside(result), 0, leaves);
    system.spawn_with(root, &Spawn::new().started())?;
    let sum = sum.recv().expect("skynet: the root ended without a sum");
    let measured = timer.measured(actors);
    assert_eq!(sum, leaves * (leaves - 1) / 2, "skynet: wrong sum");
    Ok(measured)
}

struct Idler {
    done: Latch,
}

impl Actor for Idler {
    type Msg = Poke;

    fn handle(&mut self, _: &mut Context<'_>, _: Poke) -> Result<(), Failure> {
        self.done.down();
        Ok(())
    }
}

/// Size: actors.
pub fn idle(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    const CHUNK: usize = 1_000;
    let count = sizes[0] as usize;
    let done = Latch::new(sizes[0]);
    // Touched before the memory is read, so that the vector of addresses does not count.
    let nobody = actorcore::ActorId::from_bits(1).into();
    let mut idlers = vec![nobody; count];
    let before = resident_bytes();
    let timer = Timer::start();
    for chunk in idlers.chunks_mut(CHUNK) {
        let actors = (0..chunk.len()).map(|_| Idler { done: done.clone() });
        chunk.copy_from_slice(&system.spawn_many(actors, &Spawn::new())?);
    }
    for chunk in idlers.chunks(CHUNK) {
        let refused = system.tell_many(chunk.iter().map(|idler| (*idler, Poke)))?;
        assert!(refused.is_empty(), "idle: an actor refused its message");
    }
    done.wait();
    let measured = timer.measured(sizes[0]);
    Ok(measured.bytes_per_actor((resident_bytes() - before) as f64 / count as f64))
}
