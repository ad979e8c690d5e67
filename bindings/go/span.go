package actorcore

import (
	"context"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Trace is the context of a span, as it travels between programs (W3C Trace Context).
//
// Threads: any; a value.
type Trace struct {
	TraceID  [16]byte // not all zero
	SpanID   [8]byte  // not all zero
	ParentID [8]byte  // of the span that began this one; zero where it is not known
	Sampled  bool     // whoever began the trace may have recorded it
}

// ParseTrace reads a traceparent header: the caller's context, for System.BeginSpanIn. Where it is malformed
// that is ErrInvalidArgument: begin a trace of your own then.
func ParseTrace(traceparent string) (Trace, error) {
	var read raw.Trace
	err := check(raw.TraceParse(textOf(traceparent), &read))
	return traceOf(&read), err
}

// Traceparent is the context as the header's text. Identifiers of zeros are no context: ErrInvalidArgument.
func (t Trace) Traceparent() (string, error) {
	var text [raw.TraceTextBytes]byte
	var size uint64
	given := t.raw()
	if err := check(raw.TracePrint(&given, &text[0], uint64(len(text)), &size)); err != nil {
		return "", err
	}
	return string(text[:size]), nil
}

func traceOf(t *raw.Trace) Trace {
	return Trace{t.TraceId, t.SpanId, t.ParentId, t.Flags&raw.TraceSampled != 0}
}

func (t Trace) raw() raw.Trace {
	made := raw.Trace{TraceId: t.TraceID, SpanId: t.SpanID, ParentId: t.ParentID}
	if t.Sampled {
		made.Flags = raw.TraceSampled
	}
	return made
}

// Span is an open span of a trace. Messages carry it through stash, priorities, routers and forwards (see
// Type.SendIn), and requests by their asks (see WithSpan and Type.RequestIn). It is open until End: end it
// when the last message that carries it was handled. The zero value is none.
//
// Threads: any; a value.
// Cost:    each call here is one into C.
type Span struct {
	system raw.System
	span   raw.Span
}

// SpanRecord is a span for those who export or look for it.
type SpanRecord struct {
	Trace Trace
	Span  Span
	Tag   uint64        // as it was begun with
	Begun time.Duration // on the system's clock (see System.Now)
	Ended time.Duration // 0 while it is open
}

// SpanStats is what became of a system's spans.
type SpanStats struct {
	Begun   uint64
	Ended   uint64 // the others are open
	Refused uint64 // as many were open as may be: 1,048,576
}

// BeginSpan begins a trace with its first span. The tag is the program's own number for what it is.
func (s *System) BeginSpan(tag uint64) (Span, error) { return s.beginSpan(nil, tag) }

// BeginSpanIn begins a span as the child of a context that came from elsewhere.
func (s *System) BeginSpanIn(parent Trace, tag uint64) (Span, error) {
	given := parent.raw()
	return s.beginSpan(&given, tag)
}

func (s *System) beginSpan(parent *raw.Trace, tag uint64) (Span, error) {
	span := Span{system: s.handle}
	if err := check(raw.SpanBegin(s.handle, parent, tag, &span.span)); err != nil {
		return Span{}, err
	}
	return span, nil
}

// Child begins a span as the child of this one.
func (s Span) Child(tag uint64) (Span, error) {
	child := Span{system: s.system}
	if err := check(raw.SpanBeginChild(s.system, s.span, tag, &child.span)); err != nil {
		return Span{}, err
	}
	return child, nil
}

// Trace is the span's context. ErrStale: it has ended.
func (s Span) Trace() (Trace, error) {
	var trace raw.Trace
	err := check(raw.SpanGet(s.system, s.span, &trace))
	return traceOf(&trace), err
}

// End ends the span, and is what an exporter wants to know of it. ErrStale: it has ended.
func (s Span) End() (SpanRecord, error) {
	var record raw.SpanRecord
	if err := check(raw.SpanEnd(s.system, s.span, &record)); err != nil {
		return SpanRecord{}, err
	}
	return recordOf(s.system, &record), nil
}

// Bits is the span as a number, for the payload of a timer or of an item of work; see System.SpanOf.
func (s Span) Bits() uint64 { return s.span.Bits }

// SpanOf is the span of Bits.
func (s *System) SpanOf(bits uint64) Span { return Span{s.handle, raw.Span{Bits: bits}} }

func recordOf(system raw.System, r *raw.SpanRecord) SpanRecord {
	return SpanRecord{traceOf(&r.Trace), Span{system, r.Span}, r.Tag, time.Duration(r.BegunNs), time.Duration(r.EndedNs)}
}

// Spans are the open spans, the oldest first, at most so many. After Stop they are those that nobody has ended.
func (s *System) Spans(most int) ([]SpanRecord, error) {
	if most <= 0 {
		return nil, nil
	}
	open := make([]raw.SpanRecord, most)
	var count uint64
	if err := check(raw.SystemSpans(s.handle, &open[0], uint64(most), &count)); err != nil {
		return nil, err
	}
	records := make([]SpanRecord, count)
	for i := range records {
		records[i] = recordOf(s.handle, &open[i])
	}
	return records, nil
}

// SpanStats is what became of the system's spans so far.
func (s *System) SpanStats() (SpanStats, error) {
	var stats raw.SpanStats
	err := check(raw.SpanGetStats(s.handle, &stats))
	return SpanStats(stats), err
}

// Span is the open span that the message in hand carries, by itself or by its ask. ErrNotFound: none, as the
// answer to a request, whose asker knows what it was for; ErrStale: the span, or the ask, has ended.
//
// Cost: a call into C.
func (c *Context) Span() (Span, error) {
	span := Span{system: c.turn.System}
	if err := check(raw.MessageSpan(c.turn.System, c.message, &span.span)); err != nil {
		return Span{}, err
	}
	return span, nil
}

// SendIn is Send of a message that carries a span.
func (t Type[M]) SendIn(c *Context, span Span, to Actor, message M) {
	t.Send(c, to, message)
	c.sent().Correlation = span.span.Bits
}

// TellIn is Tell of a message that carries a span.
func (t Type[M]) TellIn(s *System, span Span, to Actor, message M) error {
	return t.tell(s, span, to, message)
}

type spanKey struct{}

// WithSpan is a context whose Ask and AskMany carry a span.
func WithSpan(ctx context.Context, span Span) context.Context {
	return context.WithValue(ctx, spanKey{}, span)
}

// spanIn is the span that a context carries, or none.
func spanIn(ctx context.Context) raw.Span {
	span, _ := ctx.Value(spanKey{}).(Span)
	return span.span
}

// RequestMany asks many actors inside a handler, with one deadline. Each answers, or fails with AskFailed, in a
// message of its own, whose Correlation says which of them it was; see Context.Cancel. All are asked, or, on
// an error, none.
//
// Cost: a call into C.
func (t Type[M]) RequestMany(c *Context, to []Actor, message M, timeout time.Duration) ([]uint64, error) {
	return t.RequestIn(c, Span{}, to, message, timeout)
}

// RequestIn is RequestMany of one or many that carry a span.
func (t Type[M]) RequestIn(c *Context, span Span, to []Actor, message M, timeout time.Duration) ([]uint64, error) {
	if len(to) == 0 {
		return nil, nil
	}
	if t.about.form == formValue {
		return nil, movesToOne(t)
	}
	asked := question(t.Number(), t.request(c.system, &message), nanoseconds(timeout), span.span)
	defer asked.done()
	correlations := make([]uint64, len(to))
	err := check(raw.WorkerAskMany(c.turn.Worker, c.self.raw(), (*raw.Actor)(unsafe.Pointer(&to[0])), uint64(len(to)),
		asked.options, &correlations[0]))
	if err != nil {
		return nil, err
	}
	return correlations, nil
}
