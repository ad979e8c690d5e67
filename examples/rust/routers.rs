//! routers: a post office. One address stands for many actors: a pool of clerks that the router
//! spawns and restarts, each in turn; and three depots, which get a parcel by its street, all hear
//! of a new tariff, and are all asked at once, where the first reply counts. Virtual time, and one
//! letter after the other, so that every run prints the same.
//!
//! Prints what the clerks do with nine letters, which depot has which street, before and after one
//! depot is taken off, and what the depots answer.

use std::collections::HashSet;
use std::time::Duration;

use actorcore::{messages, Actor, Address, Context, Dead, Error, Event, Failure, Hashing, Route};
use actorcore::{Router, Spawn, Status, Strategy, Supervision, System};

const MILLISECOND: Duration = Duration::from_millis(1);

messages! {
    /// What a clerk understands.
    enum Mail {
        Letter(i64) = 1,
        Torn(i64) = 2,
    }

    /// What a depot understands.
    enum Ware {
        Store { street: u64, weight: u64 } = 3,
        Raise(i64) = 4,
        Tariff = 5,
        Has(u64) = 6,
    }

    /// What a depot answers.
    struct Answer(i64) = 7;
}

/// Counts letters.
#[derive(Default)]
struct Clerk {
    had: i64,
}

impl Actor for Clerk {
    type Msg = Mail;

    fn handle(&mut self, _: &mut Context<'_>, message: Mail) -> Result<(), Failure> {
        match message {
            Mail::Letter(letter) => {
                self.had += 1;
                println!("clerk: letter {letter} is my number {}", self.had);
                Ok(())
            }
            Mail::Torn(letter) => {
                println!("clerk: letter {letter} is torn, I fail");
                Err(Failure::new("torn"))
            }
        }
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Restarted = event else {
            return event.unhandled();
        };
        *self = Clerk::default();
        println!("clerk: I start again");
        Ok(())
    }
}

/// Knows which streets it has parcels for.
struct Depot {
    number: i64,
    tariff: i64,
    streets: HashSet<u64>,
}

impl Actor for Depot {
    type Msg = Ware;

    fn handle(&mut self, context: &mut Context<'_>, message: Ware) -> Result<(), Failure> {
        match message {
            Ware::Store { street, .. } => {
                self.streets.insert(street);
                context.reply(Answer(self.number))?;
            }
            Ware::Raise(by) => self.tariff += by,
            Ware::Tariff => context.reply(Answer(self.tariff))?,
            Ware::Has(street) if self.streets.contains(&street) => {
                context.reply(Answer(self.number))?;
            }
            Ware::Has(_) => {} // somebody else may answer
        }
        Ok(())
    }
}

fn run_pool(system: &System) -> Result<(), Error> {
    let restart = Supervision::new(Strategy::Restart).intensity(3, Duration::ZERO);
    let pool = Router::pool(system, Route::RoundRobin, Clerk::default)
        .spawn(Spawn::new().supervision(restart))
        .size(3)
        .build()?;
    for number in 1..=9 {
        let kind = if number == 5 {
            Mail::Torn
        } else {
            Mail::Letter
        };
        system.tell(pool.address(), kind(number))?;
        system.settle(Duration::MAX)?;
    }
    let letters: Vec<_> = pool.routees().iter().map(|it| it.routed).collect();
    let stats = system.supervision_stats(pool.address())?;
    println!(
        "main: letters of each clerk: {}; failures {}, restarted {}",
        spaced(&letters),
        stats.failures,
        stats.restarted
    );
    drop(pool);
    system.settle(Duration::MAX)
}

fn run_hash(system: &System, depots: &[Address<Ware>]) -> Result<(), Error> {
    let route = Route::ConsistentHash(Hashing::bytes(..8)); // of a parcel, its street
    let by_street = group(system, route, depots)?;
    let store = |when: &str| {
        let depot_of = |street| {
            let weight = 10 * street;
            let stored = Ware::Store { street, weight };
            let Answer(number) = system.ask(by_street.address(), stored, Duration::MAX)?;
            Ok(number)
        };
        let numbers: Vec<i64> = (1..=6).map(depot_of).collect::<Result<_, Error>>()?;
        println!(
            "main: {when}, streets 1 to 6 have depots {}",
            spaced(&numbers)
        );
        Ok(())
    };
    store("first")?;
    store("again")?;
    by_street.remove(depots[1])?;
    store("without depot 2")
}

fn run_all(system: &System, depots: &[Address<Ware>]) -> Result<(), Error> {
    let all = group(system, Route::Broadcast, depots)?;
    let any = group(system, Route::ScatterGather(10 * MILLISECOND), depots)?;
    system.tell(all.address(), Ware::Raise(2))?;
    let told = all.stats().routed;
    let Answer(tariff) = system.ask(any.address(), Ware::Tariff, Duration::MAX)?;
    system.settle(Duration::MAX)?;
    let late = system.ledger().dead_of(Dead::LATE_REPLY);
    println!("main: {told} were told, and the tariff is {tariff}; {late} more said so too late");
    for street in [1, 7] {
        match system.ask(any.address(), Ware::Has(street), Duration::MAX) {
            Ok(Answer(number)) => println!("main: who has street {street}? depot {number}"),
            Err(error) if error.status() == Status::E_TIMEOUT => {
                println!("main: who has street {street}? nobody, within 10 ms");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn group(system: &System, route: Route, of: &[Address<Ware>]) -> Result<Router<Ware>, Error> {
    Router::group(system, route)
        .routees(of.iter().copied())
        .build()
}

fn spaced<T: ToString>(numbers: &[T]) -> String {
    let texts: Vec<_> = numbers.iter().map(T::to_string).collect();
    texts.join(" ")
}

fn main() -> Result<(), Error> {
    let system = System::builder().seeded(1).build()?;
    run_pool(&system)?;
    let depot = |number| Depot {
        number,
        tariff: 5,
        streets: HashSet::new(),
    };
    let depots = system.spawn_many([1, 2, 3].map(depot), &Spawn::new())?;
    run_hash(&system, &depots)?;
    run_all(&system, &depots)?;
    system.settle(Duration::MAX)?;
    let left = system.stats().actors;
    println!("main: the routers are gone, with the clerks; {left} depots live on");
    system.stop(Duration::from_secs(1))?;
    Ok(())
}
