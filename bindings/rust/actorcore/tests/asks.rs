//! Questions: from outside, inside handlers, answered late or never.

mod support;

use std::time::Duration;

use actorcore::{messages, Actor, Address, Context, Correlation, Event, Failure, Parcel, Request};
use actorcore::{Status, System};
use support::{Seen, PATIENCE};

const SHORT: Duration = Duration::from_millis(1);

messages! {
    #[derive(Debug)]
    enum Ask {
        Double(u64) = 1,
        Never = 2,
        Fail = 3,
        Later(u64) = 4,
        Now = 5,
        Stop = 6,
        Wait = 7,
    }

    #[derive(Debug, PartialEq)]
    struct Answer(u64) = 8;
    struct Carry(Parcel<String>) = 9;
}

#[derive(Default)]
struct Oracle {
    waiting: Vec<(Request, u64)>,
}

impl Actor for Oracle {
    type Msg = Ask;

    fn handle(&mut self, context: &mut Context<'_>, message: Ask) -> Result<(), Failure> {
        match message {
            Ask::Double(number) => context.reply(Answer(2 * number))?,
            Ask::Never => {}
            Ask::Fail => return Err(Failure::new("no answer")),
            Ask::Later(number) => {
                let request = context.request().ok_or(Failure::new("not asked"))?;
                self.waiting.push((request, number));
            }
            Ask::Now => {
                for (request, number) in self.waiting.drain(..) {
                    context.answer(request, Answer(number))?;
                }
            }
            Ask::Stop => context.stop(),
            Ask::Wait => {
                let error = context.system().settle(PATIENCE).unwrap_err();
                context.reply(Answer(error.status().0.unsigned_abs().into()))?;
            }
        }
        Ok(())
    }
}

fn seeded() -> System {
    System::builder().seeded(7).build().unwrap()
}

fn ends_with(question: Ask, status: Status) {
    let system = seeded();
    let oracle = system.spawn(Oracle::default()).unwrap();
    let error = system.ask::<Answer, _>(oracle, question, SHORT).unwrap_err();
    assert_eq!(error.status(), status);
}

#[test]
fn an_ask_from_outside_gets_its_answer() {
    let system = System::new().unwrap();
    let oracle = system.spawn(Oracle::default()).unwrap();
    for number in 0..1_000 {
        let answer: Answer = system.ask(oracle, Ask::Double(number), PATIENCE).unwrap();
        assert_eq!(answer, Answer(2 * number));
    }
}

#[test]
fn an_ask_without_an_answer_ends_with_the_reason() {
    ends_with(Ask::Never, Status::E_TIMEOUT);
    ends_with(Ask::Fail, Status::E_FAILED);
}

#[test]
fn a_timeout_is_worth_another_try_and_an_end_is_not() {
    let system = seeded();
    let oracle = system.spawn(Oracle::default()).unwrap();
    let error = system.ask::<Answer, _>(oracle, Ask::Never, SHORT).unwrap_err();
    assert!(error.is_retryable() && !error.is_gone());
    support::tell::<Oracle>(&system, oracle, Ask::Stop);
    let error = system.ask::<Answer, _>(oracle, Ask::Never, SHORT).unwrap_err();
    assert_eq!(error.status(), Status::E_STALE);
    assert!(error.is_gone() && !error.is_retryable());
}

#[test]
fn a_reply_to_no_question_fails_the_handler() {
    let system = System::new().unwrap();
    let oracle = system.spawn(Oracle::default()).unwrap();
    support::tell::<Oracle>(&system, oracle, Ask::Double(1));
    let failures = system.failures(0);
    assert!(failures[0].text.contains("the message in hand is no question"), "{failures:?}");
}

#[test]
fn waiting_inside_a_handler_is_refused() {
    let system = System::new().unwrap();
    let oracle = system.spawn(Oracle::default()).unwrap();
    let Answer(status) = system.ask(oracle, Ask::Wait, PATIENCE).unwrap();
    assert_eq!(status, u64::from(Status::E_WOULD_DEADLOCK.0.unsigned_abs()));
}

messages! {
    enum Start {
        Question(Address<Ask>) = 1,
        Two(Address<Ask>) = 2,
        Carry(Address<Ask>) = 3,
    }
}

/// Asks inside its handler, and keeps how its questions ended.
struct Asker {
    ends: Seen<(Correlation, Result<Answer, Status>)>,
    asked: Seen<Correlation>,
    question: fn() -> Ask,
}

impl Asker {
    fn ask(
        &self,
        context: &mut Context<'_>,
        oracle: Address<Ask>,
        ask: Ask,
    ) -> Result<(), Failure> {
        self.asked.push(context.ask(oracle, ask, SHORT)?);
        Ok(())
    }
}

impl Actor for Asker {
    type Msg = Start;

    fn handle(&mut self, context: &mut Context<'_>, message: Start) -> Result<(), Failure> {
        match message {
            Start::Question(oracle) => self.ask(context, oracle, (self.question)()),
            Start::Two(oracle) => {
                self.ask(context, oracle, Ask::Later(1))?;
                self.ask(context, oracle, Ask::Later(2))?;
                Ok(context.send(oracle, Ask::Now)?)
            }
            Start::Carry(oracle) => {
                let carry = Carry(Parcel::new("object".to_owned()));
                let refused = context.ask(oracle.id(), carry, SHORT).unwrap_err();
                assert_eq!(refused.status(), Status::E_UNSUPPORTED);
                Ok(())
            }
        }
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Reply(reply) = event else { return event.unhandled() };
        let answer = reply.read().map_err(|error| error.status());
        self.ends.push((reply.correlation(), answer));
        Ok(())
    }
}

fn asked(start: fn(Address<Ask>) -> Start, question: fn() -> Ask) -> Vec<Result<Answer, Status>> {
    let (system, ends, asked) = (seeded(), Seen::new(), Seen::new());
    let oracle = system.spawn(Oracle::default()).unwrap();
    let asker = Asker { ends: ends.clone(), asked: asked.clone(), question };
    let asker = system.spawn(asker).unwrap();
    support::tell::<Asker>(&system, asker, start(oracle));
    assert_eq!(system.failures(0).iter().filter(|failure| failure.actor == asker.id()).count(), 0);
    let (correlations, ends): (Vec<_>, Vec<_>) = ends.take().into_iter().unzip();
    assert_eq!(correlations, asked.take());
    assert!(system.ledger().holds());
    ends
}

#[test]
fn an_ask_inside_a_handler_ends_with_an_event() {
    assert_eq!(asked(Start::Question, || Ask::Double(21)), [Ok(Answer(42))]);
    assert_eq!(asked(Start::Question, || Ask::Never), [Err(Status::E_TIMEOUT)]);
    assert_eq!(asked(Start::Question, || Ask::Fail), [Err(Status::E_FAILED)]);
}

#[test]
fn requests_are_kept_and_answered_later() {
    assert_eq!(asked(Start::Two, || Ask::Never), [Ok(Answer(1)), Ok(Answer(2))]);
}

#[test]
fn a_parcel_cannot_be_asked_with() {
    assert_eq!(asked(Start::Carry, || Ask::Never), []);
    let system = System::new().unwrap();
    let oracle = system.spawn(Oracle::default()).unwrap();
    let carry = Carry(Parcel::new(String::new()));
    let refused = system.ask::<Answer, _>(oracle.id(), carry, PATIENCE).unwrap_err();
    assert_eq!(refused.status(), Status::E_UNSUPPORTED);
    assert_eq!(system.ledger().accepted, 0);
}
