//! Spans of traces: what messages and questions carry.

mod support;

use std::time::Duration;

use actorcore::{messages, Actor, Address, Context, Event, Failure, Span, Status, System, Trace};
use support::{Seen, PATIENCE};

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

messages! {
    #[derive(Debug)]
    enum Step {
        Pass(u64) = 1,
        Ask(u64) = 2,
        AskAll(u64) = 3,
    }

    #[derive(Debug, PartialEq)]
    struct Answer(u64) = 8;
}

/// Looks at the span of what it is told, and passes it on in a child.
struct Tracer {
    next: Option<Address<Step>>,
    asked: Vec<Address<Step>>,
    seen: Seen<Result<Trace, Status>>,
    ends: Seen<Result<usize, Status>>,
    correlations: Vec<actorcore::Correlation>,
}

impl Tracer {
    fn new(next: Option<Address<Step>>) -> Tracer {
        let (seen, ends) = (Seen::new(), Seen::new());
        Tracer { next, asked: Vec::new(), seen, ends, correlations: Vec::new() }
    }

    fn look(&self, context: &Context<'_>) -> Option<Span> {
        let span = context.span();
        let seen = span.clone().and_then(Span::trace).map_err(|error| error.status());
        self.seen.push(seen);
        span.ok()
    }
}

impl Actor for Tracer {
    type Msg = Step;

    fn handle(&mut self, context: &mut Context<'_>, message: Step) -> Result<(), Failure> {
        match message {
            Step::Pass(word) => {
                let span = self.look(context).ok_or(Failure::new("no span"))?;
                if let Some(next) = self.next {
                    context.send_in(span.child(word)?, next, Step::Pass(word))?;
                    span.end()?;
                }
            }
            Step::Ask(word) => {
                self.look(context);
                context.reply(Answer(word + 1))?;
            }
            Step::AskAll(bits) => {
                let span = context.system().span_of(bits);
                let asked = self.asked.iter().copied();
                self.correlations = context.ask_many(Some(span), asked, Step::Ask(4), PATIENCE)?;
            }
        }
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        let Event::Reply(reply) = event else { return event.unhandled() };
        let at = self.correlations.iter().position(|asked| *asked == reply.correlation());
        let answer = reply.read::<Answer>().map_err(|error| error.status());
        self.ends.push(answer.map(|Answer(word)| {
            assert_eq!(word, 5);
            at.unwrap()
        }));
        self.look(context);
        Ok(())
    }
}

fn seeded() -> System {
    System::builder().seeded(7).build().unwrap()
}

#[test]
fn a_traceparent_that_was_read_is_written_as_it_was() {
    let trace: Trace = TRACEPARENT.parse().unwrap();
    assert!(trace.is_sampled && trace.trace_id[0] == 0x4b && trace.span_id[7] == 0xb7);
    assert_eq!(trace.parent_id, [0; 8]);
    assert_eq!(trace.traceparent().unwrap(), TRACEPARENT);
    for wrong in ["", &TRACEPARENT[1..], "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
    {
        let error = wrong.parse::<Trace>().unwrap_err();
        assert_eq!(error.status(), Status::E_INVALID_ARGUMENT);
    }
    let none = Trace { trace_id: [0; 16], ..trace };
    assert_eq!(none.traceparent().unwrap_err().status(), Status::E_INVALID_ARGUMENT);
}

#[test]
fn a_message_carries_its_span() {
    let system = seeded();
    let (last, remote) = (Tracer::new(None), TRACEPARENT.parse::<Trace>().unwrap());
    let (seen_last, last) = (last.seen.clone(), system.spawn(last).unwrap());
    let first = Tracer::new(Some(last));
    let (seen_first, first) = (first.seen.clone(), system.spawn(first).unwrap());
    let span = system.begin_span(Some(&remote), 7).unwrap();
    let trace = span.trace().unwrap();
    assert_eq!((trace.trace_id, trace.parent_id), (remote.trace_id, remote.span_id));
    system.tell_in(span, first, Step::Pass(3)).unwrap();
    system.settle(PATIENCE).unwrap();
    assert_eq!(seen_first.take(), [Ok(trace)]);
    assert_eq!(span.trace().unwrap_err().status(), Status::E_STALE);
    let open = system.spans(8).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(seen_last.take(), [Ok(open[0].trace)]);
    assert_eq!((open[0].tag, open[0].trace.parent_id), (3, trace.span_id));
    let record = open[0].span.end().unwrap();
    assert_eq!((record.tag, record.span), (3, open[0].span));
    let stats = system.span_stats().unwrap();
    assert_eq!((stats.begun, stats.ended, stats.refused), (2, 2, 0));
    assert!(system.ledger().holds());
}

#[test]
fn an_ask_keeps_the_span_of_its_request() {
    for system in [System::new().unwrap(), seeded()] {
        let server = Tracer::new(None);
        let (seen, server) = (server.seen.clone(), system.spawn(server).unwrap());
        let span = system.begin_span(None, 0).unwrap();
        let trace = span.trace().unwrap();
        let answers = system.ask_many_in(span, [server, server], Step::Ask(1), PATIENCE).unwrap();
        let answers: Vec<Answer> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [Answer(2), Answer(2)]);
        let _: Answer = system.ask(server, Step::Ask(1), PATIENCE).unwrap();
        assert_eq!(seen.take(), [Ok(trace), Ok(trace), Err(Status::E_NOT_FOUND)]);
        span.end().unwrap();
        let late = system.ask_many_in::<Answer, _>(span, [server], Step::Ask(1), PATIENCE);
        assert_eq!(late.unwrap_err().status(), Status::E_STALE);
    }
}

#[test]
fn an_ask_of_one_carries_a_span() {
    for system in [System::new().unwrap(), seeded()] {
        let server = Tracer::new(None);
        let (seen, server) = (server.seen.clone(), system.spawn(server).unwrap());
        let span = system.begin_span(None, 0).unwrap();
        let trace = span.trace().unwrap();
        let answer: Answer = system.ask_in(span, server, Step::Ask(1), PATIENCE).unwrap();
        assert_eq!(answer, Answer(2));
        assert_eq!(seen.take(), [Ok(trace)]);
        system.stop_actor(server, false).unwrap();
        system.settle(PATIENCE).unwrap();
        let gone = system.ask_in::<Answer, _>(span, server, Step::Ask(1), PATIENCE);
        assert_eq!(gone.unwrap_err().status(), Status::E_STALE);
        span.end().unwrap();
        let late = system.ask_in::<Answer, _>(span, server, Step::Ask(1), PATIENCE);
        assert_eq!(late.unwrap_err().status(), Status::E_STALE);
        assert!(system.ledger().holds());
    }
}

#[test]
fn many_are_asked_inside_a_handler() {
    let system = seeded();
    let servers: Vec<_> = (0..4).map(|_| Tracer::new(None)).collect();
    let seen: Vec<_> = servers.iter().map(|server| server.seen.clone()).collect();
    let mut asker = Tracer::new(None);
    asker.asked = servers.into_iter().map(|server| system.spawn(server).unwrap()).collect();
    system.stop_actor(asker.asked[2], false).unwrap();
    system.settle(Duration::from_secs(1)).unwrap();
    let (answers, ends) = (asker.seen.clone(), asker.ends.clone());
    let asker = system.spawn(asker).unwrap();
    let span = system.begin_span(None, 0).unwrap();
    support::tell::<Tracer>(&system, asker, Step::AskAll(span.bits()));
    let (mut answered, failed): (Vec<_>, Vec<_>) = ends.take().into_iter().partition(Result::is_ok);
    answered.sort();
    assert_eq!(answered, [Ok(0), Ok(1), Ok(3)]);
    assert_eq!(failed, [Err(Status::E_STALE)]);
    assert_eq!(answers.take(), [Err(Status::E_NOT_FOUND); 4]);
    for (index, seen) in seen.iter().enumerate() {
        assert_eq!(seen.take().len(), usize::from(index != 2));
    }
    span.end().unwrap();
    assert!(system.ledger().holds());
}
