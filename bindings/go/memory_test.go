package actorcore

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// memoryOf is a row of the pools', whose sums must be right.
func memoryOf(t testing.TB, pool MemoryPool) MemoryPoolStats {
	t.Helper()
	pools := must(MemoryPools())(t)
	for i, row := range pools {
		if row.Pool != MemoryPool(i) || row.Gets != row.Hits+row.Misses || row.InUse != row.Gets-row.Puts ||
			row.Efficiency < 0 || row.Efficiency > 1 {
			t.Errorf("%+v", row)
		}
	}
	return pools[pool]
}

func TestABufferComesFromThePoolOfItsSizeAndGoesBackToIt(t *testing.T) {
	for size, pool := range map[int]MemoryPool{
		1: MemoryBuffers64B, 64: MemoryBuffers64B, 65: MemoryBuffers1K, 1025: MemoryBuffers4K, 4097: MemoryBuffersOther,
		2 << 20: MemoryBuffers2M, 2<<20 + 1: MemoryBuffersOther,
	} {
		before := memoryOf(t, pool)
		b := must(NewBuffer(size))(t)
		during := memoryOf(t, pool)
		b.Release()
		after := memoryOf(t, pool)
		if during.Gets != before.Gets+1 || during.InUse != before.InUse+1 || after.InUse != before.InUse ||
			during.Bytes < uint64(size) {
			t.Errorf("%d bytes: %+v, then %+v, then %+v", size, before, during, after)
		}
	}
}

func TestTheRecordsOfActorsAndMessagesAreCounted(t *testing.T) {
	before := memoryOf(t, MemoryActors)
	messages := memoryOf(t, MemoryEnvelopes)
	s := newSystem(t, Options{Seeded: true})
	actor := must(members.Spawn(s, &member{}))(t)
	for word := range uint64(100) {
		check0(t, testWord.Tell(s, actor, word))
	}
	if now := memoryOf(t, MemoryEnvelopes); now.Gets < messages.Gets+100 {
		t.Errorf("%+v, then %+v", messages, now)
	}
	settled(t, s)
	if now := memoryOf(t, MemoryActors); now.Gets <= before.Gets || now.InUse <= before.InUse {
		t.Errorf("%+v, then %+v", before, now)
	}
}

func TestBuffersAreReservedAsIsSaid(t *testing.T) {
	wanted := memoryOf(t, MemoryBuffers1K).Free + 300
	check0(t, ConfigureMemory(MemoryOptions{Buffers1K: int(wanted), Buffers64B: -1}))
	if row := memoryOf(t, MemoryBuffers1K); row.Free < wanted || row.ItemBytes < 1024 {
		t.Errorf("%+v, want %d, beside what threads keep", row, wanted)
	}
}

func TestDecayTimesAndBackgroundThreadsAreWhatTheyWereSetTo(t *testing.T) {
	first := must(Allocator())(t)
	options := MemoryOptions{BackgroundThreads: SwitchOn, DirtyDecay: 1233*time.Millisecond + 1, MuzzyDecay: DecayNever}
	if !first.Jemalloc {
		if err := ConfigureMemory(options); !errors.Is(err, ErrUnsupported) || first != (AllocatorStats{}) {
			t.Errorf("%v, %+v", err, first)
		}
		return
	}
	check0(t, ConfigureMemory(options))
	stats := must(Allocator())(t)
	if stats.BackgroundThreads != SwitchOn || stats.DirtyDecay != 1234*time.Millisecond || stats.MuzzyDecay != DecayNever {
		t.Errorf("%+v", stats)
	}
	check0(t, ConfigureMemory(MemoryOptions{BackgroundThreads: SwitchOff, DirtyDecay: DecayAtOnce}))
	stats = must(Allocator())(t)
	if stats.BackgroundThreads != SwitchOff || stats.Threads != 0 || stats.DirtyDecay != 0 || stats.MuzzyDecay != DecayNever {
		t.Errorf("%+v", stats)
	}
	if stats.Active < stats.Allocated || stats.Mapped == 0 || stats.Metadata == 0 || stats.Arenas < stats.ArenasAutomatic {
		t.Errorf("%+v", stats)
	}
	check0(t, ConfigureMemory(MemoryOptions{DirtyDecay: max(first.DirtyDecay, time.Millisecond), MuzzyDecay: DecayAtOnce}))
}

func TestMemoryOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, wrong := range []struct {
		options MemoryOptions
		want    error
	}{
		{MemoryOptions{BackgroundThreads: 3}, ErrUnknownConstant},
		{MemoryOptions{Buffers1K: 1<<20 + 1}, ErrLimit},
		{MemoryOptions{Buffers4K: 1 << 32}, ErrLimit},
		{MemoryOptions{Buffers2M: 4097}, ErrLimit},
		{MemoryOptions{DirtyDecay: -time.Second}, ErrInvalidArgument},
	} {
		if err := ConfigureMemory(wrong.options); !errors.Is(err, wrong.want) || !strings.Contains(err.Error(), ": ") {
			t.Errorf("%+v: %v", wrong.options, err)
		}
	}
	if pool := must(ParseMemoryPool("BUFFERS_4K"))(t); pool != MemoryBuffers4K {
		t.Error(pool)
	}
}
