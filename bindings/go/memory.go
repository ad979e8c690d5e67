package actorcore

import (
	"math"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// MemoryPool is a kind of pool that the library keeps what is made and gone at a high rate in.
type MemoryPool = raw.Pool

const (
	// MemoryActors are the records of actors, of every system.
	MemoryActors MemoryPool = raw.PoolActors
	// MemoryEnvelopes are messages, of every system; MemoryPoolStats.Free are those that no message is in.
	MemoryEnvelopes MemoryPool = raw.PoolEnvelopes
	// MemoryEvents are the buffers of buses and queues.
	MemoryEvents MemoryPool = raw.PoolEvents
	// MemoryBuffers64B are buffers of up to 64 bytes.
	MemoryBuffers64B MemoryPool = raw.PoolBuffers64b
	// MemoryBuffers1K are those of up to 1 KiB.
	MemoryBuffers1K MemoryPool = raw.PoolBuffers1k
	// MemoryBuffers4K are those of up to 4 KiB.
	MemoryBuffers4K MemoryPool = raw.PoolBuffers4k
	// MemoryBuffers2M are those of more than 1 MiB and up to 2 MiB: mapped, in huge pages where the machine gives them.
	MemoryBuffers2M MemoryPool = raw.PoolBuffers2m
	// MemoryBuffersOther are all others, those over files among them. None is kept, so every get is a miss.
	MemoryBuffersOther MemoryPool = raw.PoolBuffersOther
	// MemorySnapshots are blocks of snapshots, of every engine.
	MemorySnapshots MemoryPool = raw.PoolSnapshots
	// MemoryContributions are sets of rows that resolves collect contributions in.
	MemoryContributions MemoryPool = raw.PoolContributions
	// MemoryScratch is what handlers in other languages use for the length of a turn. In Go that is Go's own memory.
	MemoryScratch MemoryPool = raw.PoolScratch
)

// MemoryPoolStats is what the pools of one kind hold and did, summed up over the process. Gets = Hits + Misses.
type MemoryPoolStats struct {
	Pool       MemoryPool
	Efficiency float64 // hits of all gets, 0 to 1; 1 before the first
	ItemBytes  uint64  // of one item; 0 where they differ
	Gets       uint64  // items taken
	Puts       uint64  // items given back
	Hits       uint64  // gets that the pool had something for
	Misses     uint64  // gets that made it take memory from the allocator
	InUse      uint64  // items that are out: Gets - Puts
	Free       uint64  // items that it has
	Bytes      uint64  // memory of all of them
}

// MemoryPools is a row for each kind, whose index it has. What is gone is still counted; exact at a quiet moment.
func MemoryPools() ([]MemoryPoolStats, error) {
	for rows := make([]raw.PoolStats, raw.PoolScratch+1); ; {
		var count uint64
		if err := check(raw.MemoryPools(&rows[0], uint64(len(rows)), &count)); err != nil {
			return nil, err
		}
		if count > uint64(len(rows)) { // of a library that is newer
			rows = make([]raw.PoolStats, count)
			continue
		}
		pools := make([]MemoryPoolStats, count)
		for i, r := range rows[:count] {
			pools[i] = MemoryPoolStats{MemoryPool(r.Pool), float64(r.EfficiencyPermille) / 1000, r.ItemBytes, r.Gets, r.Puts,
				r.Hits, r.Misses, r.InUse, r.Free, r.Bytes}
		}
		return pools, nil
	}
}

// Switch is whether something of the process's is on; 0 is, to be set, as it is, and read, not in this build.
type Switch = raw.Switch

const (
	// SwitchOff is off.
	SwitchOff Switch = raw.SwitchOff
	// SwitchOn is on.
	SwitchOn Switch = raw.SwitchOn
)

const (
	// DecayNever keeps what is unused.
	DecayNever time.Duration = -1
	// DecayAtOnce gives back at once what is unused.
	DecayAtOnce time.Duration = -2
)

// MemoryOptions say what of the process's memory is to be kept otherwise; 0 leaves as it is.
type MemoryOptions struct {
	// BackgroundThreads has threads of the allocator's give unused memory back; off at first, and who frees does it.
	BackgroundThreads Switch
	// DirtyDecay is how long the allocator keeps unused pages, in whole milliseconds, or DecayNever or DecayAtOnce; 10 s
	// at first. MuzzyDecay is how long after that the kernel may still have them back lazily; not at all at first.
	DirtyDecay, MuzzyDecay time.Duration
	// Profiling has the allocator sample, for WriteProfile, only where it was built and started with it
	// (JE_MALLOC_CONF=prof:true,prof_active:false).
	Profiling Switch
	// Buffers64B, Buffers1K, Buffers4K and Buffers2M are how many buffers are ready in their pools, at most 1,048,576,
	// of the last one 4,096; a negative number is none. 1,000, 500, 100 and 10 at first, made by this call, or else by
	// the first NewSystem.
	Buffers64B, Buffers1K, Buffers4K, Buffers2M int
}

// ConfigureMemory sets how the process keeps its memory. ErrUnsupported: the build lacks something of that, and nothing
// was changed. What the allocator, jemalloc, reads when it starts is set in the environment, as JE_MALLOC_CONF.
func ConfigureMemory(options MemoryOptions) error {
	spec := raw.MemoryOptions{
		StructSize:        uint32(unsafe.Sizeof(raw.MemoryOptions{})),
		BackgroundThreads: uint32(options.BackgroundThreads),
		DirtyDecayMs:      decay(options.DirtyDecay),
		MuzzyDecayMs:      decay(options.MuzzyDecay),
		Profiling:         uint32(options.Profiling),
		Buffers64b:        reserved(options.Buffers64B),
		Buffers1k:         reserved(options.Buffers1K),
		Buffers4k:         reserved(options.Buffers4K),
		Buffers2m:         reserved(options.Buffers2M),
	}
	var failed raw.Error
	return explain(raw.MemoryConfigure(&spec, &failed), failed)
}

// WriteProfile writes what the allocator's heap profiling has sampled and is still allocated to a file that jeprof
// reads; the memory is the library's, for Go's is in Go's own profiles. ErrUnsupported: Profiling is.
func WriteProfile(path string) error {
	var failed raw.Error
	return explain(raw.MemoryWriteProfile(textOf(path), &failed), failed)
}

// decay is a time in milliseconds, rounded up. One that is negative and has no name becomes one that is refused.
func decay(d time.Duration) uint64 {
	switch {
	case d == DecayNever:
		return raw.DecayNever
	case d == DecayAtOnce:
		return raw.DecayAtOnce
	case d < 0:
		return raw.DecayAtOnce - 1
	}
	return uint64((d-1)/time.Millisecond) + min(uint64(d), 1)
}

// reserved is a number of buffers; one that is too large stays so.
func reserved(buffers int) uint32 {
	if buffers < 0 {
		return raw.ReserveNone
	}
	return uint32(min(buffers, math.MaxInt32))
}

// HugePages is when the allocator uses huge pages for its metadata.
type HugePages = raw.HugePages

const (
	// HugePagesOff is never.
	HugePagesOff HugePages = raw.HugePagesOff
	// HugePagesAuto is once there is much of it.
	HugePagesAuto HugePages = raw.HugePagesAuto
	// HugePagesAlways is from the start.
	HugePagesAlways HugePages = raw.HugePagesAlways
)

// AllocatorStats is what jemalloc holds for the library, in bytes, and how it is set. All zero in a build without it.
type AllocatorStats struct {
	Jemalloc          bool          // the library's memory is jemalloc's
	Allocated         uint64        // given to who asked
	Active            uint64        // in pages that these are in
	Metadata          uint64        // for its own bookkeeping
	Resident          uint64        // physically there, at most
	Mapped            uint64        // in active extents
	Retained          uint64        // addresses that it keeps without memory
	DirtyDecay        time.Duration // of arenas to come; 0 is at once, DecayNever never
	MuzzyDecay        time.Duration // the same
	Arenas            int
	ArenasAutomatic   int       // how many of its own it may have
	BackgroundThreads Switch    // whether they are on
	Threads           int       // background threads that run
	MetadataHugePages HugePages // its setting metadata_thp
	Profiling         Switch    // whether it samples
}

// Allocator reads them.
//
// Cost: some microseconds.
func Allocator() (AllocatorStats, error) {
	var r raw.AllocatorStats
	err := check(raw.MemoryAllocator(&r))
	return AllocatorStats{r.IsJemalloc != 0, r.AllocatedBytes, r.ActiveBytes, r.MetadataBytes, r.ResidentBytes,
		r.MappedBytes, r.RetainedBytes, decayed(r.DirtyDecayMs), decayed(r.MuzzyDecayMs), int(r.Arenas),
		int(r.ArenasAutomatic), Switch(r.BackgroundThreads), int(r.Threads), HugePages(r.MetadataHugePages),
		Switch(r.Profiling)}, err
}

func decayed(ms int64) time.Duration {
	if ms < 0 {
		return DecayNever
	}
	return time.Duration(ms) * time.Millisecond
}
