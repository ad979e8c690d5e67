package actorcore

import (
	"context"
	"testing"
	"time"
)

// newSystem is a system of the test's, at whose end every message must be in its place and every cell back.
func newSystem(t testing.TB, options Options) *System {
	t.Helper()
	s, err := NewSystem(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.Stop(soon(t)); err != nil {
			t.Error("stop:", err)
		}
		if ledger := must(s.Ledger())(t); !ledger.Holds() || ledger.Queued != 0 {
			t.Errorf("the ledger does not hold: %+v", ledger)
		}
		if taken := s.cells.taken(); taken != 0 {
			t.Errorf("%d cells are still taken", taken)
		}
		if err := s.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return s
}

// must is the result of a call that has to work: must(call())(t).
func must[R any](result R, err error) func(testing.TB) R {
	return func(t testing.TB) R {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

func check0(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soon is a context that ends long after everything here should have.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// settled waits until the system is quiet.
func settled(t testing.TB, s *System) {
	t.Helper()
	check0(t, s.Settle(soon(t)))
}

type pair struct{ A, B uint64 }

type block struct{ Words [64]uint64 }

var (
	testWord  = Define[uint64](101, "word")
	testPair  = Define[pair](102, "pair")
	testBlock = Define[block](103, "block")
	testBytes = Define[[]byte](104, "bytes")
	testValue = Define[*parcel](105, "parcel")
	testGet   = Define[Nothing](106, "get")
	testOther = Define[int32](1<<20, "other")
)

// parcel is a value that moves by reference and counts its drops.
type parcel struct {
	label string
	drops *int
}

func (p *parcel) Dropped() { *p.drops++ }
