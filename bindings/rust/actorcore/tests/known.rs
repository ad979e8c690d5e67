//! What a system knows of its actors: names, dead letters, who is stuck, phases of a stop.

mod support;

use std::time::Duration;

use actorcore::{messages, Actor, ActorId, ActorState, Address, Context, Dead, Event, Failure};
use actorcore::{PhaseState, Status, System, Watch, WatchdogKind};
use support::{Seen, PATIENCE};

messages! {
    #[derive(Debug)]
    enum Order {
        AskNext = 1,
        Double(u64) = 2,
        Silence = 3,
        Cancel = 4,
        WriteToNext = 5,
    }

    #[derive(Debug, PartialEq)]
    struct Answer(u64) = 8;
}

struct Known {
    seen: Seen<String>,
    next: Option<Address<Order>>,
}

impl Actor for Known {
    type Msg = Order;

    fn handle(&mut self, context: &mut Context<'_>, message: Order) -> Result<(), Failure> {
        match message {
            Order::AskNext => {
                context.ask(self.next.unwrap(), Order::Silence, Duration::from_secs(1))?;
            }
            Order::Double(number) => context.reply(Answer(2 * number))?,
            Order::Silence => {
                let request = context.request().unwrap();
                self.seen.push(format!("wanted: {}", request.is_wanted(context.system())));
            }
            Order::Cancel => {
                let question = context.ask(self.next.unwrap(), Order::Silence, PATIENCE)?;
                context.system().cancel(question)?;
            }
            Order::WriteToNext => context.send(self.next.unwrap(), Order::Silence)?,
        }
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Registered(name) => self.seen.push(format!("+{}", name.name)),
            Event::Unregistered(name) => self.seen.push(format!("-{}", name.name)),
            Event::DeadLetters(batch) => {
                self.seen.push(format!("{} dead, {} missed", batch.letters.len(), batch.missed));
            }
            Event::Watchdog(report) => self.seen.push(report.text),
            Event::Phase(phase) => {
                self.seen.push(phase.name.clone());
                if phase.name != "drain" {
                    context.system().phase_done(&phase, context.me())?;
                }
            }
            Event::Reply(_) => {}
            other => return other.unhandled(),
        }
        Ok(())
    }
}

fn seeded() -> System {
    System::builder().seeded(7).build().unwrap()
}

fn spawn(system: &System, next: Option<Address<Order>>) -> (Address<Order>, Seen<String>) {
    let seen = Seen::new();
    (system.spawn(Known { seen: seen.clone(), next }).unwrap(), seen)
}

#[test]
fn a_subscriber_hears_of_names() {
    let system = seeded();
    let (listener, seen) = spawn(&system, None);
    let (other, _) = spawn(&system, None);
    system.register("svc/a", other).unwrap();
    system.subscribe_names("svc/*", listener).unwrap();
    system.register_shared("svc/b", other).unwrap();
    system.unregister("svc/a", other).unwrap();
    assert_eq!(system.register("svc/b", listener).unwrap_err().status(), Status::E_EXISTS);
    let names = system.names("*").unwrap();
    assert_eq!((names.len(), names[0].name.as_str(), names[0].is_shared), (1, "svc/b", true));
    system.stop_actor(other, false).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(seen.take(), ["+svc/a", "+svc/b", "-svc/a", "-svc/b"]);
    system.register_type(1, "AskNext").unwrap();
    assert_eq!(system.type_name(1).unwrap(), "AskNext");
}

#[test]
fn a_subscriber_hears_of_dead_letters() {
    let system = seeded();
    let (listener, seen) = spawn(&system, None);
    let (dead, _) = spawn(&system, None);
    let (sender, _) = spawn(&system, Some(dead));
    system.subscribe_dead_letters(listener, &[Dead::STALE]).unwrap();
    system.stop_actor(dead, false).unwrap();
    system.settle(PATIENCE).unwrap();
    system.tell(sender, Order::WriteToNext).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(seen.take(), ["1 dead, 0 missed"]);
}

#[test]
fn a_watchdog_reports_an_actor_that_waits_for_itself() {
    let system = seeded();
    let (reader, seen) = spawn(&system, None);
    let (tail, _) = spawn(&system, None);
    let myself = system.spawn(Narcissus).unwrap();
    system.register("narcissus", myself).unwrap();
    let watch = Watch {
        interval: Duration::from_millis(1),
        report_to: Some(ActorId::from(reader)),
        ..Watch::default()
    };
    system.start_watchdog(&watch).unwrap();
    system.tell(myself, Order::AskNext).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(seen.take(), ["`narcissus` waits for `narcissus`"]);
    let reports = system.watchdog_reports(0);
    assert_eq!((reports.len(), reports[0].what), (1, WatchdogKind::CYCLE));
    system.stop_watchdog().unwrap();
    let actors = system.actors().unwrap();
    assert_eq!(actors.len(), 3);
    assert!(actors.iter().all(|actor| actor.state == ActorState::IDLE));
    assert!(actors.iter().any(|actor| actor.actor == ActorId::from(tail)));
}

/// Asks itself.
struct Narcissus;

impl Actor for Narcissus {
    type Msg = Order;

    fn handle(&mut self, context: &mut Context<'_>, message: Order) -> Result<(), Failure> {
        if let Order::AskNext = message {
            let me = Address::<Order>::from(context.me());
            context.ask(me, Order::Silence, Duration::from_secs(1))?;
        }
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, _: Event<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

#[test]
fn a_stop_goes_through_phases() {
    let system = seeded();
    let (actor, seen) = spawn(&system, None);
    system.add_phase("drain", "service", Duration::from_secs(1)).unwrap();
    system.join_phase("storage", actor).unwrap();
    system.join_phase("drain", actor).unwrap();
    system.stop(PATIENCE).unwrap();
    assert_eq!(seen.take(), ["drain", "storage"]);
    for phase in system.phases() {
        let timed_out = phase.name == "drain";
        let state = if timed_out { PhaseState::TIMED_OUT } else { PhaseState::COMPLETE };
        assert_eq!(phase.state, state, "{}", phase.name);
        assert_eq!(phase.unanswered.len(), usize::from(timed_out));
    }
}

#[test]
fn many_are_asked_at_once_and_a_question_is_cancelled() {
    let system = seeded();
    let (first, seen) = spawn(&system, None);
    let (second, _) = spawn(&system, Some(first));
    let answers = system.ask_many::<Answer, _>([first, second], Order::Double(21), PATIENCE);
    for answer in answers.unwrap() {
        assert_eq!(answer.unwrap(), Answer(42));
    }
    system.tell(second, Order::Cancel).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(seen.take(), ["wanted: false"]);
}
