//! Messages there and back: pingpong, ring, big, bigmix and ask.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actorcore::{messages, Actor, ActorId, Address, Context, Error, Failure, Parcel, System};

use crate::measure::{Latch, Measured, Timer};

messages! {
    enum Rally {
        Ball(u64) = 1,
        Serve { other: ActorId, left: u64 } = 2,
    }

    enum Hop {
        Token(u64) = 1,
        Link(Address<Hop>) = 2,
    }

    enum Traffic {
        Ping = 1,
        Pong = 2,
        Go = 3,
        Neighbours(Parcel<Arc<[Address<Traffic>]>>) = 4,
    }

    struct Echo(u64) = 1;
}

struct Player {
    done: Latch,
}

impl Actor for Player {
    type Msg = Rally;

    fn handle(&mut self, context: &mut Context<'_>, message: Rally) -> Result<(), Failure> {
        match message {
            Rally::Ball(0) => self.done.down(),
            Rally::Ball(left) => {
                if let Some(other) = context.sender() {
                    context.send(other, Rally::Ball(left - 1))?;
                }
            }
            Rally::Serve { other, left } => context.send(other, Rally::Ball(left))?,
        }
        Ok(())
    }
}

/// Size: messages.
pub fn pingpong(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let done = Latch::new(1);
    let one = system.spawn(Player { done: done.clone() })?;
    let two = system.spawn(Player { done: done.clone() })?;
    let timer = Timer::start();
    system.tell(
        one,
        Rally::Serve {
            other: two.id(),
            left: sizes[0] - 1,
        },
    )?;
    done.wait();
    let measured = timer.measured(sizes[0]);
    system.stop_actor(one, false)?;
    system.stop_actor(two, false)?;
    Ok(measured)
}

struct Node {
    next: Option<Address<Hop>>,
    done: Latch,
}

impl Actor for Node {
    type Msg = Hop;

    fn handle(&mut self, context: &mut Context<'_>, message: Hop) -> Result<(), Failure> {
        match (message, self.next) {
            (Hop::Token(0), _) => self.done.down(),
            (Hop::Token(left), Some(next)) => context.send(next, Hop::Token(left - 1))?,
            (Hop::Token(_), None) => return Err(Failure::new("a token came before the link")),
            (Hop::Link(next), _) => self.next = Some(next),
        }
        Ok(())
    }
}

/// Sizes: actors, laps.
pub fn ring(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let hops = sizes[0] * sizes[1];
    let done = Latch::new(1);
    let mut nodes = Vec::new();
    for _ in 0..sizes[0] {
        nodes.push(system.spawn(Node {
            next: None,
            done: done.clone(),
        })?);
    }
    for (at, node) in nodes.iter().enumerate() {
        system.tell(*node, Hop::Link(nodes[(at + 1) % nodes.len()]))?;
    }
    let timer = Timer::start();
    system.tell(nodes[0], Hop::Token(hops))?;
    done.wait();
    let measured = timer.measured(hops);
    nodes
        .iter()
        .try_for_each(|node| system.stop_actor(*node, false))?;
    Ok(measured)
}

struct Member {
    all: Arc<[Address<Traffic>]>,
    random: u64,
    window: u64,
    to_send: u64,
    replies_left: u64,
    done: Latch,
}

impl Member {
    fn new(number: u64, pings: u64, window: u64, done: &Latch) -> Member {
        let random = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let (to_send, replies_left) = (pings, pings);
        Member {
            all: Arc::new([]),
            random,
            window,
            to_send,
            replies_left,
            done: done.clone(),
        }
    }

    /// One of all, by xorshift.
    fn anyone(&mut self) -> Address<Traffic> {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.all[(self.random % self.all.len() as u64) as usize]
    }

    fn ping(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        if self.to_send > 0 {
            self.to_send -= 1;
            let other = self.anyone();
            context.send(other, Traffic::Ping)?;
        }
        Ok(())
    }
}

impl Actor for Member {
    type Msg = Traffic;

    fn handle(&mut self, context: &mut Context<'_>, message: Traffic) -> Result<(), Failure> {
        match message {
            Traffic::Ping => {
                if let Some(other) = context.sender() {
                    context.send(other, Traffic::Pong)?;
                }
            }
            Traffic::Pong => {
                self.replies_left -= 1;
                if self.replies_left == 0 {
                    self.done.down();
                }
                self.ping(context)?;
            }
            Traffic::Go => (0..self.window).try_for_each(|_| self.ping(context))?,
            Traffic::Neighbours(all) => self.all = all.into_inner(),
        }
        Ok(())
    }
}

/// Sizes: actors, pings of each, how many of them at a time.
pub fn big(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let (actors, pings) = (sizes[0], sizes[1]);
    let done = Latch::new(actors);
    let mut members = Vec::new();
    for number in 0..actors {
        members.push(system.spawn(Member::new(number, pings, sizes[2].min(pings), &done))?);
    }
    let all: Arc<[Address<Traffic>]> = members.as_slice().into();
    for member in &members {
        system.tell(*member, Traffic::Neighbours(Parcel::new(all.clone())))?;
    }
    let timer = Timer::start();
    for member in &members {
        system.tell(*member, Traffic::Go)?;
    }
    done.wait();
    let measured = timer.measured(2 * actors * pings);
    members
        .iter()
        .try_for_each(|member| system.stop_actor(*member, false))?;
    Ok(measured)
}

struct Echoer;

impl Actor for Echoer {
    type Msg = Echo;

    fn handle(&mut self, context: &mut Context<'_>, message: Echo) -> Result<(), Failure> {
        context.reply(message)?;
        Ok(())
    }
}

/// Size: round trips.
pub fn ask(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let echoer = system.spawn(Echoer)?;
    let mut latencies = vec![0; sizes[0] as usize];
    let timer = Timer::start();
    for (number, latency) in latencies.iter_mut().enumerate() {
        let asked = Instant::now();
        let Echo(answer) = system.ask(echoer, Echo(number as u64), Duration::from_secs(60))?;
        assert_eq!(answer, number as u64, "ask: wrong answer");
        *latency = asked.elapsed().as_nanos() as u64;
    }
    let measured = timer.measured(sizes[0]).latencies(latencies);
    system.stop_actor(echoer, false)?;
    Ok(measured)
}
