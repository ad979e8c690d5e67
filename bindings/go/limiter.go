package actorcore

import (
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Limiter is a token bucket that says no, and how long it will be no. With LimiterOptions.Keys it also holds a
// bucket of its own for each of that many keys. It takes the time from its system. It is a value; Release it
// once.
//
// Threads: any, handlers among them.
type Limiter struct {
	handle raw.Limiter
}

// LimiterOptions say how much, how fast.
type LimiterOptions struct {
	// Rate is how many tokens come back in a Period, at least 1.
	Rate uint64
	// Period is one second where it is 0; at most a day.
	Period time.Duration
	// Burst is the most tokens in a bucket, and in one Take; 0 is Rate.
	Burst uint64
	// Keys is the most keys with a bucket of their own. Where all are taken, a full bucket gives way first,
	// then the one that was used least recently.
	Keys int
}

func (o LimiterOptions) raw() raw.LimiterOptions {
	return raw.LimiterOptions{
		StructSize: uint32(unsafe.Sizeof(raw.LimiterOptions{})),
		Keys:       uint32(o.Keys),
		Rate:       o.Rate,
		PeriodNs:   nanoseconds(o.Period),
		Burst:      o.Burst,
	}
}

// NewLimiter makes a limiter, whose buckets are full.
func (s *System) NewLimiter(options LimiterOptions) (Limiter, error) {
	spec := options.raw()
	var l Limiter
	var failed raw.Error
	err := explain(raw.LimiterCreate(s.handle, &spec, &l.handle, &failed), failed)
	return l, err
}

// Release gives the limiter back.
func (l Limiter) Release() { raw.LimiterRelease(l.handle) }

// Take takes tokens of the whole class, all or none. ErrOverloaded says that there are too few, and wait for
// how long if no other takes any; ErrLimit that there never will be.
//
// Cost: a call into C.
func (l Limiter) Take(tokens uint64) (wait time.Duration, err error) { return l.TakeKey(0, tokens) }

// TakeKey takes them from a key's bucket; see Actor.Key.
func (l Limiter) TakeKey(key, tokens uint64) (wait time.Duration, err error) {
	var ns uint64
	status := raw.LimiterTake(l.handle, key, tokens, &ns)
	return time.Duration(ns), check(status)
}

// Key is the actor's number, as the key of a Limiter.
func (a Actor) Key() uint64 { return a.bits }

// Set changes rate, period and burst from now on; Keys stays as it is.
func (l Limiter) Set(options LimiterOptions) error {
	options.Keys = 0
	spec := options.raw()
	var failed raw.Error
	return explain(raw.LimiterSet(l.handle, &spec, &failed), failed)
}

// LimiterStats is what a limiter did.
type LimiterStats struct {
	Taken     uint64 // tokens given
	Refused   uint64 // tokens asked for in vain
	Keys      uint64 // keys that have a bucket
	Evicted   uint64 // buckets that gave way to another key's
	Forgotten uint64 // of these, the ones that were not full
}

// Stats reads them.
func (l Limiter) Stats() (LimiterStats, error) {
	var stats raw.LimiterStats
	err := check(raw.LimiterGetStats(l.handle, &stats))
	return LimiterStats(stats), err
}
