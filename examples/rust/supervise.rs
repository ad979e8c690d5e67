//! supervise: a shop with a till that starts again by itself, and a vault whose failures the shop
//! decides on. Time is virtual, so that every run prints the same.

use std::time::Duration;

use actorcore::{messages, Actor, ActorId, Context, Dead, Error, Event, Failed, Failure};
use actorcore::{Message, Spawn, Status, Strategy, Supervision, System};

const MILLISECOND: Duration = Duration::from_millis(1);

messages! {
    struct Add(i64) = 1;

    /// What a vault understands.
    enum Hold {
        Put(i64) = 2,
        Take(i64) = 3,
        Check(i64) = 4,
    }

    /// A shop is told nothing but how its children are.
    struct Nothing = 5;
}

const TAKE: u32 = 3;

/// Prints and fails.
fn fails(who: &str, reason: &str) -> Result<(), Failure> {
    println!("{who}: fails: {reason}");
    Err(Failure::new(reason))
}

#[derive(Default)]
struct Till {
    total: i64,
    /// When it last began to add, in nanoseconds.
    began: u64,
}

impl Actor for Till {
    type Msg = Add;

    fn handle(&mut self, context: &mut Context<'_>, Add(amount): Add) -> Result<(), Failure> {
        self.began = context.now();
        if amount < 0 {
            return fails("till", "a negative amount");
        }
        self.total += amount;
        println!("till: total {}", self.total);
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Restarted => {
                let waited = Duration::from_nanos(context.now() - self.began);
                *self = Till::default();
                println!("till: starts again after {} ms", waited.as_millis());
            }
            Event::Stopped => println!("till: ends at {}", self.total),
            event => return event.unhandled(),
        }
        Ok(())
    }
}

#[derive(Default)]
struct Vault {
    holds: i64,
}

impl Actor for Vault {
    type Msg = Hold;

    fn handle(&mut self, _: &mut Context<'_>, message: Hold) -> Result<(), Failure> {
        match message {
            Hold::Take(amount) if amount > self.holds => return fails("vault", "too little"),
            Hold::Check(amount) if amount != self.holds => return fails("vault", "a miscount"),
            Hold::Put(amount) => self.holds += amount,
            Hold::Take(amount) => self.holds -= amount,
            Hold::Check(_) => {}
        }
        println!("vault: holds {}", self.holds);
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Restarted => {
                *self = Vault::default();
                println!("vault: holds {}", self.holds);
            }
            Event::Stopped => println!("vault: ends at {}", self.holds),
            event => return event.unhandled(),
        }
        Ok(())
    }
}

#[derive(Default)]
struct Shop {
    tills_opened: u32,
    vault: Option<ActorId>,
}

impl Shop {
    fn open_till(&mut self, context: &mut Context<'_>) -> Result<(), Error> {
        let spawn = Spawn::new().name("till").supervisor(context.me()).stopped();
        let till = context.spawn_with(Till::default(), &spawn)?;
        println!("shop: opens a till");
        self.tills_opened += 1;
        context.watch(till)
    }

    fn open_vault(&mut self, context: &mut Context<'_>) -> Result<(), Error> {
        let spawn = Spawn::new()
            .name("vault")
            .supervisor(context.me())
            .stopped();
        let spawn = spawn.supervision(Supervision::new(Strategy::Decide));
        self.vault = Some(context.spawn_with(Vault::default(), &spawn)?.id());
        println!("shop: opens a vault");
        Ok(())
    }

    /// A vault that was asked for too much is as it was; one with a miscount is not to be trusted.
    fn decide(&self, context: &mut Context<'_>, failed: &Failed) -> Result<(), Error> {
        if Some(failed.actor) != self.vault {
            return Ok(());
        }
        let (strategy, what) = if failed.kind == TAKE && failed.text.contains("too little") {
            (Strategy::Resume, "goes on")
        } else {
            (Strategy::Restart, "starts again")
        };
        println!("shop: message {} failed, the vault {what}", failed.kind);
        context.decide(failed.actor, strategy)
    }
}

impl Actor for Shop {
    type Msg = Nothing;

    fn handle(&mut self, _: &mut Context<'_>, _: Nothing) -> Result<(), Failure> {
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Started => {
                self.open_till(context)?;
                self.open_vault(context)?;
            }
            Event::Failed(failed) => self.decide(context, &failed)?,
            Event::Terminated(ended) => {
                let stopped = ended.status == Status::OK;
                let how = if stopped {
                    "was stopped"
                } else {
                    "ended by a failure"
                };
                println!("shop: the till {how}");
                if self.tills_opened < 2 {
                    self.open_till(context)?;
                }
            }
            event => return event.unhandled(),
        }
        Ok(())
    }
}

/// Tells whoever has the name now, and waits until all that came of it is done.
fn tell<M: Message>(system: &System, name: &str, messages: Vec<M>) -> Result<(), Error> {
    for message in messages {
        system.tell(system.find(name)?, message)?;
    }
    system.settle(Duration::MAX)
}

fn report(system: &System, shop: ActorId) -> Result<(), Error> {
    let (stats, ledger) = (system.supervision_stats(shop)?, system.ledger());
    println!(
        "shop: children {}, failures {}: resumed {}, restarted {}, stopped {}; limited {}",
        stats.children,
        stats.failures,
        stats.resumed,
        stats.restarted,
        stats.stopped,
        stats.limited
    );
    println!(
        "ledger: accepted {}, handled {}, of these failed {}, lost with a failed actor {}",
        ledger.accepted,
        ledger.handled,
        ledger.failed,
        ledger.dead_of(Dead::FAILED)
    );
    Ok(())
}

fn main() -> Result<(), Error> {
    let system = System::builder().seeded(1).build()?;
    let restart = Supervision::new(Strategy::Restart)
        .intensity(2, Duration::from_secs(1))
        .backoff(10 * MILLISECOND, Duration::ZERO)
        .on_limit(Strategy::Stop);
    let shop = system.spawn_with(Shop::default(), &Spawn::new().started().children(restart))?;
    system.settle(Duration::MAX)?;

    for amount in [5, 7, -1, 3] {
        // The last one waits in the mailbox until the till has started again.
        system.tell(system.find("till")?, Add(amount))?;
    }
    system.advance(9 * MILLISECOND)?;
    println!("main: 9 ms later");
    system.settle(Duration::MAX)?;
    tell(&system, "till", vec![Add(-2)])?;
    // One failure too many, and what is lost with the till.
    tell(&system, "till", vec![Add(-3), Add(9)])?;
    tell(&system, "till", vec![Add(8)])?;

    let (put, take, check) = (Hold::Put, Hold::Take, Hold::Check);
    let held = vec![put(100), take(30), take(500), put(1), check(99), put(4)];
    tell(&system, "vault", held)?;

    system.stop_actor(system.find("till")?, true)?;
    system.settle(Duration::MAX)?;
    report(&system, shop.id())?;
    system.stop(Duration::from_secs(1))?;
    Ok(())
}
