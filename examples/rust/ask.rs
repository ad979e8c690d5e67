//! ask: a question and its answer, from outside and between two actors, and what becomes of one
//! that fails.

use std::time::Duration;

use actorcore::{messages, Actor, Address, Context, Error, Event, Failure, Status, System};

const TIMEOUT: Duration = Duration::from_secs(5);

messages! {
    enum Account {
        Deposit(i64) = 1,
        Withdraw(i64) = 2,
    }

    struct Balance(i64) = 3;
    struct Pay(i64) = 4;
}

#[derive(Default)]
struct Bank {
    cents: i64,
}

impl Actor for Bank {
    type Msg = Account;

    fn handle(&mut self, context: &mut Context<'_>, message: Account) -> Result<(), Failure> {
        match message {
            Account::Withdraw(cents) if cents > self.cents => {
                return Err(Failure::new("insufficient funds"));
            }
            Account::Withdraw(cents) => self.cents -= cents,
            Account::Deposit(cents) => self.cents += cents,
        }
        context.reply(Balance(self.cents))?;
        Ok(())
    }
}

/// Asks inside its handler: the answer, or the reason why there is none, is an event.
struct Clerk {
    bank: Address<Account>,
}

impl Actor for Clerk {
    type Msg = Pay;

    fn handle(&mut self, context: &mut Context<'_>, Pay(cents): Pay) -> Result<(), Failure> {
        context.ask(self.bank, Account::Withdraw(cents), TIMEOUT)?;
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Reply(reply) = event else {
            return event.unhandled();
        };
        match reply.read() {
            Ok(Balance(cents)) => println!("clerk: {cents} cents left"),
            Err(error) => {
                let failed = error.status() == Status::E_FAILED;
                println!("clerk: the account failed: {}", yes_no(failed));
            }
        }
        Ok(())
    }
}

fn yes_no(is: bool) -> &'static str {
    if is {
        "yes"
    } else {
        "no"
    }
}

fn main() -> Result<(), Error> {
    let system = System::new()?;
    let bank = system.spawn(Bank::default())?;
    let clerk = system.spawn(Clerk { bank })?;

    let Balance(cents) = system.ask(bank, Account::Deposit(10_000), TIMEOUT)?;
    println!("main: {cents} cents");
    for cents in [2_500, 9_000] {
        system.tell(clerk, Pay(cents))?;
        system.settle(TIMEOUT)?;
    }

    let gone = system.ask::<Balance, _>(bank, Account::Deposit(1), TIMEOUT);
    let is_gone = gone.is_err_and(|error| error.status() == Status::E_STALE);
    println!("main: the account is gone: {}", yes_no(is_gone));
    for failure in system.failures(0) {
        // Its text, "rust Bank: insufficient funds", begins with the language.
        println!(
            "main: failure {}, of message {}",
            failure.number, failure.kind
        );
    }
    Ok(())
}
