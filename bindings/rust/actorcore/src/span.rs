//! Traces: what one piece of work came through, across actors, threads and programs.
//!
//! Threads: any; a span is a value.
//! Cost: each call is one into the library, which takes a mutex of the system for the length of a
//! copy. A message without a span costs nothing.

use std::str::FromStr;
use std::time::Duration;

use actorcore_sys as sys;

use crate::actor::Address;
use crate::buffer::Payload;
use crate::context::{parcel_asked, Context, Correlation};
use crate::error::{check, Error, Result};
use crate::message::Message;
use crate::system::{answer, System};
use crate::text;

/// The context of a span, as it travels between programs (W3C Trace Context): [`str::parse`] reads
/// a `traceparent` header, [`Trace::traceparent`] writes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trace {
    /// Of the whole trace; not all zero.
    pub trace_id: [u8; 16],
    /// Of this span; not all zero.
    pub span_id: [u8; 8],
    /// Of the span that began this one; zero where it is not known.
    pub parent_id: [u8; 8],
    /// Whoever began the trace may have recorded it.
    pub is_sampled: bool,
}

impl Trace {
    fn new(raw: &sys::ac_trace) -> Trace {
        Trace {
            trace_id: raw.trace_id,
            span_id: raw.span_id,
            parent_id: raw.parent_id,
            is_sampled: raw.flags & sys::AC_TRACE_SAMPLED != 0,
        }
    }

    fn raw(&self) -> sys::ac_trace {
        sys::ac_trace {
            trace_id: self.trace_id,
            span_id: self.span_id,
            parent_id: self.parent_id,
            flags: if self.is_sampled { sys::AC_TRACE_SAMPLED } else { 0 },
            reserved: 0,
        }
    }

    /// The header's text. An identifier of zeros is none: `AC_E_INVALID_ARGUMENT`.
    pub fn traceparent(&self) -> Result<String> {
        let mut bytes = [0_u8; sys::AC_TRACE_TEXT_BYTES as usize];
        let mut size = 0;
        check(unsafe {
            let buffer = bytes.as_mut_ptr().cast();
            sys::ac_trace_print(&self.raw(), buffer, bytes.len() as u64, &mut size)
        })?;
        Ok(text::valid(&bytes).to_owned())
    }
}

impl FromStr for Trace {
    type Err = Error;

    /// Where this is an error, begin a trace of your own.
    fn from_str(traceparent: &str) -> Result<Trace> {
        let mut raw = sys::ac_trace::new();
        check(unsafe { sys::ac_trace_parse(text::of(traceparent), &mut raw) })?;
        Ok(Trace::new(&raw))
    }
}

/// An open span of a trace. A message carries it wherever it goes ([`Context::send_in`]), a
/// question through its ask ([`System::ask_in`], [`Context::ask_many`]). End it when the last
/// message that carries it was handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    system: u64,
    bits: u64,
}

/// A span for those who export or look for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanRecord {
    /// Its context.
    pub trace: Trace,
    /// The span.
    pub span: Span,
    /// As it was begun with.
    pub tag: u64,
    /// When it was begun, on the system's clock in nanoseconds.
    pub begun: u64,
    /// When it ended; 0 while it is open.
    pub ended: u64,
}

/// What became of a system's spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanStats {
    /// Begun so far.
    pub begun: u64,
    /// Of these, the ones that have ended; the others are open.
    pub ended: u64,
    /// Not begun, for as many were open as may be: 1,048,576.
    pub refused: u64,
}

impl Span {
    /// Begins a span as the child of this one.
    pub fn child(self, tag: u64) -> Result<Span> {
        let mut child = sys::ac_span { bits: 0 };
        let system = self.raw_system();
        check(unsafe { sys::ac_span_begin_child(system, self.raw(), tag, &mut child) })?;
        Ok(Span::new(system, child))
    }

    /// Its context; `AC_E_STALE` when it has ended.
    pub fn trace(self) -> Result<Trace> {
        let mut trace = sys::ac_trace::new();
        check(unsafe { sys::ac_span_get(self.raw_system(), self.raw(), &mut trace) })?;
        Ok(Trace::new(&trace))
    }

    /// Ends it, once, and gives what an exporter wants to know.
    pub fn end(self) -> Result<SpanRecord> {
        let mut record = sys::ac_span_record::new();
        check(unsafe { sys::ac_span_end(self.raw_system(), self.raw(), &mut record) })?;
        Ok(SpanRecord::new(self.raw_system(), &record))
    }

    /// A number for the payload of a timer or of an item of work; see [`System::span_of`].
    pub fn bits(self) -> u64 {
        self.bits
    }

    fn new(system: sys::ac_system, raw: sys::ac_span) -> Span {
        Span { system: system.bits, bits: raw.bits }
    }

    fn raw_system(self) -> sys::ac_system {
        sys::ac_system { bits: self.system }
    }

    fn raw(self) -> sys::ac_span {
        sys::ac_span { bits: self.bits }
    }
}

impl SpanRecord {
    fn new(system: sys::ac_system, raw: &sys::ac_span_record) -> SpanRecord {
        SpanRecord {
            trace: Trace::new(&raw.trace),
            span: Span::new(system, raw.span),
            tag: raw.tag,
            begun: raw.begun_ns,
            ended: raw.ended_ns,
        }
    }
}

impl System {
    /// Begins a span: a child of a context that came from elsewhere, or a trace of its own. The tag
    /// is the program's own number for what it is.
    pub fn begin_span(&self, parent: Option<&Trace>, tag: u64) -> Result<Span> {
        let mut span = sys::ac_span { bits: 0 };
        let parent = parent.map(Trace::raw);
        let given = parent.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        check(unsafe { sys::ac_span_begin(self.raw(), given, tag, &mut span) })?;
        Ok(Span::new(self.raw(), span))
    }

    /// The span of [`Span::bits`].
    pub fn span_of(&self, bits: u64) -> Span {
        Span::new(self.raw(), sys::ac_span { bits })
    }

    /// The open spans, the oldest first, at most so many. After a stop they are those that nobody
    /// has ended.
    pub fn spans(&self, most: usize) -> Result<Vec<SpanRecord>> {
        let mut open = vec![sys::ac_span_record::new(); most];
        let mut count = 0;
        check(unsafe {
            sys::ac_system_spans(self.raw(), open.as_mut_ptr(), most as u64, &mut count)
        })?;
        open.truncate(count as usize);
        Ok(open.iter().map(|raw| SpanRecord::new(self.raw(), raw)).collect())
    }

    /// What became of the system's spans so far.
    pub fn span_stats(&self) -> Result<SpanStats> {
        let mut raw = sys::ac_span_stats::new();
        check(unsafe { sys::ac_span_get_stats(self.raw(), &mut raw) })?;
        Ok(SpanStats { begun: raw.begun, ended: raw.ended, refused: raw.refused })
    }

    /// [`tell`](System::tell) of a message that carries a span.
    pub fn tell_in<M: Message>(
        &self,
        span: Span,
        to: impl Into<Address<M>>,
        message: M,
    ) -> Result<()> {
        let to = to.into().id().raw();
        message.encode(|kind, payload| self.hand_over(to, span.bits, kind, payload))
    }

    /// [`ask`](System::ask) of a question that carries a span.
    pub fn ask_in<R: Message, M: Message>(
        &self,
        span: Span,
        to: impl Into<Address<M>>,
        message: M,
        timeout: Duration,
    ) -> Result<R> {
        let to = to.into().id().raw();
        let (mut reply, mut status) = (sys::ac_message::new(), sys::AC_OK);
        asked(Some(span), message, timeout, |options| {
            let (answered, none) = (&mut status, std::ptr::null_mut());
            check(unsafe {
                sys::ac_ask_with(self.raw(), &to, 1, options, &mut reply, answered, none)
            })
        })?;
        answer(reply, status)
    }

    /// [`ask_many`](System::ask_many) of one or many that carry a span.
    pub fn ask_many_in<R: Message, M: Message>(
        &self,
        span: Span,
        to: impl IntoIterator<Item = Address<M>>,
        message: M,
        timeout: Duration,
    ) -> Result<Vec<Result<R>>> {
        self.ask_all(Some(span), to, message, timeout)
    }
}

impl Context<'_> {
    /// The open span that the message in hand carries, by itself or by its ask. `AC_E_NOT_FOUND`:
    /// none, as the answer to a question, whose asker knows what it was for; `AC_E_STALE`: the span,
    /// or the ask, has ended.
    pub fn span(&self) -> Result<Span> {
        let mut span = sys::ac_span { bits: 0 };
        let system = self.system().raw();
        check(unsafe { sys::ac_message_span(system, self.letter().raw(), &mut span) })?;
        Ok(Span::new(system, span))
    }

    /// [`send`](Context::send) of a message that carries a span.
    pub fn send_in<M: Message>(
        &mut self,
        span: Span,
        to: impl Into<Address<M>>,
        message: M,
    ) -> Result<()> {
        let to = to.into().id().raw();
        message.encode(|kind, payload| self.put(to, span.bits, kind, payload))
    }

    /// Asks one or many actors the same, with one deadline. Each answers, or fails, with an
    /// [`Event::Reply`](crate::Event::Reply) of its own, whose correlation is its place here;
    /// [`System::cancel`] ends one. All are asked, or on an error none.
    pub fn ask_many<M: Message>(
        &mut self,
        span: Option<Span>,
        to: impl IntoIterator<Item = Address<M>>,
        message: M,
        timeout: Duration,
    ) -> Result<Vec<Correlation>> {
        let to: Vec<_> = to.into_iter().map(|to| to.id().raw()).collect();
        let mut correlations = vec![Correlation(0); to.len()];
        let (worker, me) = (self.worker(), self.me().raw());
        asked(span, message, timeout, |options| {
            check(unsafe {
                let out = correlations.as_mut_ptr().cast();
                sys::ac_worker_ask_many(worker, me, to.as_ptr(), to.len() as u64, options, out)
            })
        })?;
        Ok(correlations)
    }
}

/// A question to one or many, for the length of a call.
pub(crate) fn asked<R, M: Message>(
    span: Option<Span>,
    message: M,
    timeout: Duration,
    ask: impl FnOnce(&sys::ac_ask_options) -> Result<R>,
) -> Result<R> {
    message.encode(|kind, payload| {
        let view = match &payload {
            Payload::Bytes(bytes) => text::bytes_of(bytes),
            Payload::Buffer(buffer) => text::bytes_of(buffer),
            Payload::Parcel(_) => return Err(parcel_asked()),
            Payload::Failed(error) => return Err(error.clone()),
        };
        ask(&sys::ac_ask_options {
            type_: kind,
            payload: view,
            timeout_ns: text::nanoseconds(timeout),
            span: sys::ac_span { bits: span.map_or(0, Span::bits) },
            ..sys::ac_ask_options::new()
        })
    })
}
