//! Timers and receive timeouts, in virtual time.

mod support;

use std::time::Duration;

use actorcore::{messages, Actor, Context, DispatcherMode, Event, Failure, Parcel, Status, System};
use actorcore::{Timer, Timing};
use support::{in_mode, Seen, PATIENCE};

const MS: Duration = Duration::from_millis(1);

messages! {
    enum Told {
        Begin(u64) = 1,
        Tick(u64) = 2,
    }
    struct Carry(Parcel<String>) = 3;
}

struct Clock {
    timer: Option<Timer>,
    ticks: u64,
    seen: Seen<(&'static str, u64)>,
}

impl Actor for Clock {
    type Msg = Told;

    fn handle(&mut self, context: &mut Context<'_>, message: Told) -> Result<(), Failure> {
        match message {
            Told::Begin(number) => {
                assert_eq!(context.timer(), None);
                context.set_receive_timeout(Some(15 * MS))?;
                let timing = Timing::every(10 * MS).first(MS);
                self.timer = Some(context.start_timer(context.me(), Told::Tick(number), timing)?);
            }
            Told::Tick(number) => {
                assert!(context.timer() == self.timer && number == 7);
                assert!(context.request().is_none());
                self.seen.push(("tick", context.now()));
                self.ticks += 1;
                if self.ticks == 3 {
                    assert!(self.timer.take().unwrap().cancel());
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Timeout => self.seen.push(("silent", context.now())),
            other => other.unhandled()?,
        }
        Ok(())
    }
}

#[test]
fn timers_fire_at_their_times_whoever_runs_the_actor() {
    for mode in [DispatcherMode::INLINE, DispatcherMode::ATTACHED] {
        let system = System::builder().seeded(1).build().unwrap();
        let seen = Seen::new();
        in_mode(&system, mode, |system, spawn| {
            let clock = Clock { timer: None, ticks: 0, seen: seen.clone() };
            let clock = system.spawn_with(clock, &spawn).unwrap();
            system.tell(clock, Told::Begin(7)).unwrap();
            system.advance(52 * MS).unwrap();
        });
        let ms = |at: u64| at * 1_000_000;
        let silent = [("silent", ms(36)), ("silent", ms(51))];
        let ticks = [("tick", ms(1)), ("tick", ms(11)), ("tick", ms(21))];
        assert_eq!(seen.take(), [&ticks[..], &silent[..]].concat(), "{mode:?}");
    }
}

#[test]
fn a_timer_ends_with_its_actor_and_what_cannot_be_timed_is_refused() {
    let system = System::new().unwrap();
    let clock = system.spawn(Clock { timer: None, ticks: 0, seen: Seen::new() }).unwrap();
    let start = |timing| system.start_timer(clock, Told::Tick(1), timing);
    let timer = start(Timing::every(Duration::from_secs(3600)).kept_on_restart()).unwrap();
    let stats = timer.stats().unwrap();
    assert!(stats.sent == 0 && stats.skipped == 0 && stats.next > system.now());
    let never = start(Timing::after(Duration::MAX)).unwrap();
    assert!(never.cancel() && !never.cancel());
    let refused = |status, result: actorcore::Result<Timer>| {
        assert_eq!(result.unwrap_err().status(), status);
    };
    refused(Status::E_INVALID_ARGUMENT, start(Timing::every(Duration::ZERO)));
    let parcel = Carry(Parcel::new("never sent".to_owned()));
    let parcel = system.start_timer(clock.id(), parcel, Timing::after(MS));
    refused(Status::E_UNSUPPORTED, parcel);
    assert_eq!(system.advance(MS).unwrap_err().status(), Status::E_WRONG_MODE);
    system.stop_actor(clock, false).unwrap();
    system.settle(PATIENCE).unwrap();
    assert!(timer.stats().is_err() && !timer.cancel());
    refused(Status::E_STALE, start(Timing::after(MS)));
}
