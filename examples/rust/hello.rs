//! hello: one actor, four messages to it, and the ledger that accounts for them.

use std::time::Duration;

use actorcore::{messages, Actor, Context, Error, Failure, Spawn, System};

messages! {
    /// What a greeter understands.
    enum Greeting {
        Greet(String) = 1,
        Finish = 2,
    }
}

#[derive(Default)]
struct Greeter {
    greeted: u32,
}

impl Actor for Greeter {
    type Msg = Greeting;

    fn handle(&mut self, context: &mut Context<'_>, message: Greeting) -> Result<(), Failure> {
        match message {
            Greeting::Greet(name) => {
                self.greeted += 1;
                println!("hello, {name}");
            }
            Greeting::Finish => {
                println!("greeted {}", self.greeted);
                context.stop();
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Error> {
    let system = System::new()?;
    let greeter = system.spawn_with(Greeter::default(), &Spawn::new().name("greeter"))?;
    for name in ["Ada", "Grace", "Katherine"] {
        system.tell(greeter, Greeting::Greet(name.to_owned()))?;
    }
    system.tell(greeter, Greeting::Finish)?;
    system.settle(Duration::from_secs(5))?;
    let ledger = system.ledger();
    println!("accepted {}, handled {}", ledger.accepted, ledger.handled);
    Ok(())
}
