//! timers: a cook who boils an egg by the clock. A message after a delay and one after each period,
//! both started from outside and by a handler for its own actor; their cancelling and their end;
//! and what an actor is told that has had no message for a while. Time is virtual: it moves from
//! one timer to the next while `advance` runs, so that every run prints the same in no time.
//!
//! Prints what the cook does and at which time, what came of the timers that never fired, and how
//! many messages that were.

use std::time::Duration;

use actorcore::{messages, Actor, Context, Error, Event, Failure, Status, System, Timer, Timing};

const MILLISECOND: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

messages! {
    /// What a cook understands.
    enum Kitchen {
        Begin = 1,
        Stir = 2,
        Done = 3,
        Serve = 4,
        Bell = 5,
    }
}

#[derive(Default)]
struct Cook {
    stirring: Option<Timer>,
    stirred: u32,
    idle: u32,
}

impl Cook {
    fn begin(&mut self, context: &mut Context<'_>) -> Result<(), Error> {
        say(context, "begins");
        context.set_receive_timeout(Some(25 * MILLISECOND))?;
        let timing = Timing::every(10 * MILLISECOND);
        self.stirring = Some(context.start_timer(context.me(), Kitchen::Stir, timing)?);
        Ok(())
    }

    fn stir(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        // A message that was sent before its timer was cancelled still comes; it is known by its
        // timer.
        if context.timer() != self.stirring {
            return Ok(());
        }
        self.stirred += 1;
        if self.stirred < 3 {
            say(context, &format!("stirs, {}", self.stirred));
            return Ok(());
        }
        say(context, "stirs, 3 and no more");
        match self.stirring.take().map(Timer::cancel) {
            Some(true) => Ok(()),
            _ => Err(Failure::new("the stirring had ended")),
        }
    }
}

impl Actor for Cook {
    type Msg = Kitchen;

    fn handle(&mut self, context: &mut Context<'_>, message: Kitchen) -> Result<(), Failure> {
        match message {
            Kitchen::Begin => self.begin(context)?,
            Kitchen::Stir => self.stir(context)?,
            Kitchen::Done => {
                say(context, "the egg is done");
                let timing = Timing::after(20 * MILLISECOND);
                let _ = context.start_timer(context.me(), Kitchen::Serve, timing)?;
            }
            Kitchen::Serve => say(context, "the egg is served"),
            Kitchen::Bell => say(context, "the bell rings"),
        }
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Timeout = event else {
            return event.unhandled();
        };
        self.idle += 1;
        if self.idle < 2 {
            say(context, "has had nothing to do for 25 ms");
        } else {
            say(context, "has had nothing to do for 25 ms again, and goes");
            context.stop();
        }
        Ok(())
    }
}

/// Prints what the cook does, with the time.
fn say(context: &Context<'_>, what: &str) {
    let now = Duration::from_nanos(context.now());
    println!("cook: at {} ms {what}", now.as_millis());
}

fn yes_no(is: bool) -> &'static str {
    if is {
        "yes"
    } else {
        "no"
    }
}

fn main() -> Result<(), Error> {
    let system = System::builder().seeded(1).build()?;
    let now = || Duration::from_nanos(system.now());
    let cook = system.spawn(Cook::default())?;
    let _ = system.start_timer(cook, Kitchen::Done, Timing::after(35 * MILLISECOND))?;
    let once = system.start_timer(cook, Kitchen::Bell, Timing::after(HOUR))?;
    let hourly = system.start_timer(cook, Kitchen::Bell, Timing::every(HOUR))?;
    system.tell(cook, Kitchen::Begin)?;

    system.settle(Duration::MAX)?;
    println!(
        "main: quiet at {} ms, for timers that wait are no work",
        now().as_millis()
    );
    system.advance(60 * MILLISECOND)?;
    println!(
        "main: at {} ms, the bell was waiting: {}, and after its cancelling: {}",
        now().as_millis(),
        yes_no(once.cancel()),
        yes_no(once.cancel())
    );
    let stats = hourly.stats()?;
    println!(
        "main: the hourly bell has rung {} times and is due at {} s",
        stats.sent,
        Duration::from_nanos(stats.next).as_secs()
    );
    system.advance(2 * HOUR)?;
    let ended = hourly
        .stats()
        .is_err_and(|error| error.status() == Status::E_STALE);
    println!(
        "main: at {} s, the hourly bell has ended with the cook: {}",
        now().as_secs(),
        yes_no(ended)
    );

    let ledger = system.ledger();
    println!(
        "main: accepted {}, handled {}",
        ledger.accepted, ledger.handled
    );
    system.stop(Duration::from_secs(1))?;
    Ok(())
}
