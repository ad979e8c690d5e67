//! Threads ask, tell and time many actors without a pause while a tenth of these fail, are killed,
//! made anew and restarted by their supervisors, and overflow: chaos.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actorcore::{
    messages, Actor, ActorId, Address, Context, Dead, Error, Failure, Ledger, Mailbox,
};
use actorcore::{Overflow, Spawn, Status, Strategy, Supervision, System, Timing};

use crate::measure::{must, Latch, Measured, Timer};

const DRIVERS: u64 = 4;
const MAILBOX_MAX: u64 = 4;
const FAIL_EVERY: u64 = 64;
const KILL_EVERY: u64 = 512;

messages! {
    enum Chore {
        Work(u64) = 1,
        Question(u64) = 2,
        Relay { to: ActorId, number: u64 } = 3,
        Alarm = 4,
    }

    struct Answer(u64) = 5;
}

/// What the handlers saw.
struct Seen {
    handled: AtomicU64,
    failed: AtomicU64,
    worked: AtomicU64,
    alarms: Latch,
}

struct Helper {
    seen: Arc<Seen>,
}

impl Actor for Helper {
    type Msg = Chore;

    fn handle(&mut self, context: &mut Context<'_>, chore: Chore) -> Result<(), Failure> {
        self.seen.handled.fetch_add(1, Ordering::Relaxed);
        match chore {
            Chore::Work(number) | Chore::Question(number) if number % FAIL_EVERY == 0 => {
                self.seen.failed.fetch_add(1, Ordering::Relaxed);
                return Err(Failure::new("it fails at some numbers"));
            }
            Chore::Work(_) => _ = self.seen.worked.fetch_add(1, Ordering::Relaxed),
            Chore::Question(number) => context.reply(Answer(number))?,
            Chore::Relay { to, number } => context.send(to, Chore::Work(number))?,
            Chore::Alarm => self.seen.alarms.down(),
        }
        Ok(())
    }
}

/// A thread outside, with victims of its own, so that it knows whom it has killed.
struct Driver<'a> {
    system: &'a System,
    seen: Arc<Seen>,
    random: u64,
    /// They never fail, and nobody kills them.
    steady: &'a [Address<Chore>],
    supervisor: Address<Chore>,
    victims: Vec<Address<Chore>>,
    /// By a victim, for a reason that was to be expected.
    refused: u64,
    answered: u64,
}

impl Driver<'_> {
    fn next(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random >> 16
    }

    fn spawn_victims(&self, count: usize) -> Result<Vec<Address<Chore>>, Error> {
        let mailbox = Mailbox::new().capacity(MAILBOX_MAX, Overflow::FAIL);
        let spawn = Spawn::new()
            .supervisor(self.supervisor.id())
            .mailbox(&mailbox);
        let seen = || Helper {
            seen: self.seen.clone(),
        };
        self.system.spawn_many((0..count).map(|_| seen()), &spawn)
    }

    fn ask(&mut self, to: Address<Chore>, number: u64) -> Result<(), Error> {
        let limit = Duration::from_secs(10);
        let Answer(answer) = self.system.ask(to, Chore::Question(number), limit)?;
        self.answered += u64::from(answer == number);
        Ok(())
    }

    /// Sends one message, to an actor that is steady (its number is odd) or to a victim. What
    /// becomes of it is seen where it ends.
    fn operate(&mut self, kind: u64, steady: Address<Chore>, victim: Address<Chore>) {
        let number = self.next();
        let mut refused = Ok(());
        match kind {
            0 => {
                let timing = Timing::after(Duration::from_nanos(number % 1_000_000));
                let _ = must(self.system.start_timer(steady, Chore::Alarm, timing));
            }
            1 => _ = self.ask(steady, number | 1),
            2 => refused = self.ask(victim, number),
            3 | 4 => {
                let to = victim.id();
                _ = self.system.tell(steady, Chore::Relay { to, number });
            }
            5 | 6 => refused = self.system.tell(victim, Chore::Work(number)),
            _ => _ = self.system.tell(steady, Chore::Work(number | 1)),
        }
        let status = refused.err().map(|error| error.status());
        self.refused += u64::from(matches!(status, Some(Status::E_FULL | Status::E_STALE)));
    }

    fn drive(&mut self, count: u64) -> Result<(), Error> {
        for number in 0..count {
            let steady = self.steady[self.next() as usize % self.steady.len()];
            let at = self.next() as usize % self.victims.len();
            let victim = self.victims[at];
            match self.next() % KILL_EVERY {
                0 => {
                    // What is sent to it once more is for an actor that is gone.
                    self.system.kill_actor(victim)?;
                    self.victims[at] = self.spawn_victims(1)?[0];
                }
                1 => self.system.restart_actor(victim)?,
                _ => (),
            }
            self.operate(number % 10, steady, victim);
        }
        Ok(())
    }
}

/// Sizes: actors, beside a tenth as many victims, and operations of four threads together.
pub fn chaos(system: &System, sizes: &[u64]) -> Result<Measured, Error> {
    let each = (sizes[1] / DRIVERS / 10 + 1) * 10;
    let (handled, failed, worked) = Default::default();
    let alarms = Latch::new(DRIVERS * each / 10);
    let seen = Arc::new(Seen {
        handled,
        failed,
        worked,
        alarms,
    });
    let helpers = (0..sizes[0] as usize).map(|_| Helper { seen: seen.clone() });
    let steady = system.spawn_many(helpers, &Spawn::new())?;
    let policy = Supervision::new(Strategy::Restart)
        .backoff(Duration::from_micros(100), Duration::from_millis(1));
    let mut drivers = Vec::new();
    for number in 0..DRIVERS {
        let above = Spawn::new().children(policy);
        let mut driver = Driver {
            system,
            seen: seen.clone(),
            random: (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15),
            steady: &steady,
            supervisor: system.spawn_with(Helper { seen: seen.clone() }, &above)?,
            victims: Vec::new(),
            refused: 0,
            answered: 0,
        };
        driver.victims = driver.spawn_victims((sizes[0] / 10 / DRIVERS + 1) as usize)?;
        drivers.push(driver);
    }
    let before = system.ledger();
    let timer = Timer::start();
    thread::scope(|scope| {
        for driver in &mut drivers {
            scope.spawn(move || must(driver.drive(each)));
        }
    });
    seen.alarms.wait();
    let measured = timer.measured(DRIVERS * each);
    system.settle(Duration::from_secs(10))?;
    let more = account(DRIVERS * each, &seen, &drivers, &before, &system.ledger());
    let supervisors = drivers.iter().map(|driver| &driver.supervisor); // their victims first
    supervisors
        .chain(&steady)
        .try_for_each(|actor| system.stop_actor(*actor, false))?;
    Ok(measured.with(more))
}

/// Where the operations have ended, by the ledger and by what the program saw.
fn account(
    operations: u64,
    seen: &Seen,
    drivers: &[Driver<'_>],
    before: &Ledger,
    after: &Ledger,
) -> String {
    let refused: u64 = drivers.iter().map(|driver| driver.refused).sum();
    let answered: u64 = drivers.iter().map(|driver| driver.answered).sum();
    let dead = |ledger: &Ledger| ledger.all_dead() - ledger.dead_of(Dead::LATE_REPLY);
    let dead = dead(after) - dead(before);
    let failed = seen.failed.load(Ordering::Relaxed);
    // All alarms were awaited.
    let succeeded = seen.worked.load(Ordering::Relaxed) + answered + operations / 10;
    let handled = seen.handled.load(Ordering::Relaxed) + answered;
    assert_eq!(
        after.handled - before.handled,
        handled,
        "chaos: handled, and seen by handlers"
    );
    assert_eq!(
        after.failed - before.failed,
        failed,
        "chaos: failed, and seen by handlers"
    );
    let of_million = |count: u64| count as f64 * 1e6 / operations as f64;
    let lost = of_million(operations.abs_diff(succeeded + refused + failed + dead));
    assert!(
        lost < 100.0,
        "chaos: {lost} in a million operations failed, 1 in 10,000 may"
    );
    format!(
        ",\"failed_per_million\":{lost:.1},\"unsuccessful_per_million\":{:.1},\
         \"refused_per_million\":{:.1},\"crashed_per_million\":{:.1},\"dead_per_million\":{:.1}",
        of_million(operations - succeeded),
        of_million(refused),
        of_million(failed),
        of_million(dead)
    )
}
