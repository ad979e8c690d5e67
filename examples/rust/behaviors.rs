//! behaviors: a telegraph office that is first connecting, then ready, and busy on top of that with
//! each telegram. What comes while it can send nothing it sets aside, at most three telegrams, and
//! takes up again in the order in which they came; after a while without any it hangs up and is
//! connecting again. Virtual time, so that every run prints the same.
//!
//! Prints what the office does, with what it is at that time, and where all messages are in the
//! end.

use std::time::Duration;

use actorcore::{messages, Actor, Address, Context, Dead, Error, Event, Failure, Spawn, Status};
use actorcore::{System, Timing};

const MILLISECOND: Duration = Duration::from_millis(1);

messages! {
    /// What an office understands.
    enum Wire {
        Telegram(u64) = 1,
        Connected = 2,
        Sent = 3,
    }
}

/// What all its behaviors share.
#[derive(Default)]
struct Office {
    is_calling: bool,
}

impl Office {
    fn connecting(&mut self, context: &mut Context<'_>, message: Wire) -> Result<(), Failure> {
        match message {
            Wire::Telegram(number) => {
                if !self.is_calling {
                    let timing = Timing::after(20 * MILLISECOND);
                    let _ = context.start_timer(context.me(), Wire::Connected, timing)?;
                }
                self.is_calling = true;
                set_aside(context, "connecting", number)?;
            }
            Wire::Connected => {
                self.is_calling = false;
                say(context.system(), "connecting", "the line is open");
                context.set_receive_timeout(Some(50 * MILLISECOND))?;
                context.become_(Office::ready)?;
                context.unstash_all()?;
            }
            Wire::Sent => {}
        }
        Ok(())
    }

    fn ready(&mut self, context: &mut Context<'_>, message: Wire) -> Result<(), Failure> {
        if let Wire::Telegram(number) = message {
            let what = format!("telegram {number} goes out");
            say(context.system(), "ready", &what);
            let timing = Timing::after(10 * MILLISECOND);
            let _ = context.start_timer(context.me(), Wire::Sent, timing)?;
            context.become_(Office::busy)?;
        }
        Ok(())
    }

    fn busy(&mut self, context: &mut Context<'_>, message: Wire) -> Result<(), Failure> {
        match message {
            Wire::Telegram(number) => set_aside(context, "busy", number)?,
            Wire::Sent => {
                say(context.system(), "busy", "it is through");
                context.unbecome()?;
                context.unstash(1)?;
            }
            Wire::Connected => {}
        }
        Ok(())
    }
}

impl Actor for Office {
    type Msg = Wire;

    fn handle(&mut self, context: &mut Context<'_>, message: Wire) -> Result<(), Failure> {
        self.connecting(context, message)
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        // It comes only when the office is ready: it does not connect or send for so long.
        let Event::Timeout = event else {
            return event.unhandled();
        };
        let what = "has had nothing to do for 50 ms, hangs up";
        say(context.system(), "ready", what);
        context.set_receive_timeout(None)?;
        Ok(context.unbecome()?)
    }
}

fn set_aside(context: &mut Context<'_>, being: &str, number: u64) -> Result<(), Error> {
    let what = match context.stash() {
        Err(error) if error.status() == Status::E_FULL => "is refused, for three are",
        stashed => stashed.map(|()| "is set aside")?,
    };
    say(
        context.system(),
        being,
        &format!("telegram {number} {what}"),
    );
    Ok(())
}

/// Prints what the office does, with what it is and the time.
fn say(system: &System, being: &str, what: &str) {
    let now = Duration::from_nanos(system.now());
    println!("{being}: at {} ms {what}", now.as_millis());
}

fn hand_in(
    system: &System,
    office: Address<Wire>,
    numbers: impl Iterator<Item = u64>,
) -> Result<(), Error> {
    let mut last = 0;
    for number in numbers {
        system.tell(office, Wire::Telegram(number))?;
        last = number;
    }
    system.settle(Duration::MAX)?;
    let stashed = system.ledger().stashed;
    let what = format!("{last} are handed in, {stashed} set aside");
    say(system, "main", &what);
    Ok(())
}

fn main() -> Result<(), Error> {
    let system = System::builder().seeded(1).build()?;
    let office = system.spawn_with(Office::default(), &Spawn::new().stash_max(3))?;
    for (numbers, then) in [(1..=4, 25), (5..=5, 100), (6..=7, 25)] {
        hand_in(&system, office, numbers)?;
        system.advance(then * MILLISECOND)?;
    }

    system.stop_actor(office, false)?;
    system.settle(Duration::MAX)?;
    let ledger = system.ledger();
    let (accepted, handled) = (ledger.accepted, ledger.handled);
    let (stashed, left) = (ledger.stashed, ledger.dead_of(Dead::STOPPED));
    let sum = format!("{handled} + set aside {stashed} + left behind {left}");
    let what = format!("the office is closed; accepted {accepted} = handled {sum}");
    say(&system, "main", &what);
    system.stop(Duration::from_secs(1))?;
    Ok(())
}
