package actorcore

import (
	"math"
	"runtime"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// CPUSet is a set of the machine's processors; the zero value is no wish.
type CPUSet struct {
	named []uint32
	any   int
}

// CPUs names processors, as the kernel counts them. One that the process may not use is refused with a message
// that lists those that it may.
func CPUs(numbers ...uint32) CPUSet { return CPUSet{named: numbers} }

// AnyCPUs are that many processors of the library's choice.
func AnyCPUs(count int) CPUSet { return CPUSet{any: count} }

func (s CPUSet) size() int { return max(len(s.named), s.any) }

// pinned is what the library is asked for. The pinner holds the numbers.
func (s CPUSet) pinned(pinner *runtime.Pinner) raw.CpuSet {
	if len(s.named) != 0 {
		pinner.Pin(&s.named[0])
	}
	return raw.CpuSet{Cpus: unsafe.SliceData(s.named), Count: uint64(len(s.named)), Any: uint64(s.any)}
}

// Placement says where the workers of a dispatcher run, and how urgently. Each worker keeps a thread, which
// gets back what it was when the system has stopped.
type Placement struct {
	// CPUs are the processors that its workers run on; the zero value is every one that is not kept for others.
	CPUs CPUSet
	// Node is the NUMA node whose processors these are, plus one; 0 is any.
	Node int
	// Pinned binds each worker to one processor, round robin.
	Pinned bool
	// Critical runs on Options.CriticalCPUs.
	Critical bool
	// Background runs on Options.BackgroundCPUs.
	Background bool
	// Priority is the real-time priority of its threads, 1 to 99; 0 is a normal one. Where the system refuses it
	// the error is ErrUnsupported, with a message that says what to allow, unless PriorityOptional.
	Priority         int
	PriorityOptional bool
	// Fairness is after how many activations a worker looks at what came from outside; 0 is 61, else 8 or more.
	Fairness int
}

func (p *Placement) flags() uint32 {
	return flag(p.Pinned, raw.DispatcherPinned) | flag(p.Critical, raw.DispatcherCritical) |
		flag(p.Background, raw.DispatcherBackground) | flag(p.PriorityOptional, raw.DispatcherPriorityOptional)
}

func flag(set bool, flag uint32) uint32 {
	if set {
		return flag
	}
	return 0
}

// permille gives what is no share to the library to refuse.
func permille(share float64) uint32 {
	if share == 0 {
		return 0
	}
	if !(share > 0 && share <= 1) {
		return math.MaxUint32
	}
	return max(1, uint32(share*1000))
}

// Usage is what the process uses of the machine, and what it may.
type Usage struct {
	Time     time.Duration // when it was read: monotonic
	User     time.Duration // processor time of the process in its own code
	System   time.Duration // the same in the kernel
	Resident uint64        // memory of the process in use, in bytes
	Peak     uint64        // the most that it ever was
	Threads  int           // of the process
	Workers  int           // of this system
	CPUs     int           // processors that the process may use
	Nodes    int           // NUMA nodes that these are of
	Capacity float64       // processors that it can have: CPUs, or the quota of its control group
	Share    float64       // of these, the system's share
}

// Usage reads it.
func (s *System) Usage() (Usage, error) {
	var u raw.Usage
	err := check(raw.SystemUsage(s.handle, &u))
	return Usage{time.Duration(u.TimeNs), time.Duration(u.UserNs), time.Duration(u.SystemNs), u.ResidentBytes, u.PeakBytes,
		int(u.Threads), int(u.Workers), int(u.Cpus), int(u.Nodes), float64(u.CapacityPermille) / 1000,
		float64(u.SharePermille) / 1000}, err
}

// WorkerStats is what one worker did, and where.
type WorkerStats struct {
	Dispatcher  *Dispatcher   // nil for the library's own
	CPU         int           // the processor that it is bound to, plus one; 0 is none
	Node        int           // the NUMA node that its processors are of, plus one; 0 is several, or not known
	Used        time.Duration // processor time of its thread
	Busy        time.Duration // in handlers, looking for work, or spinning
	Parked      time.Duration // asleep
	Turns       uint64
	Activations uint64
	Handled     uint64 // messages
	Stolen      uint64 // activations and queue entries that it took from others
	Parks       uint64 // how often it went to sleep without work
}

// Utilization is how much of its time the worker was busy, 0 to 1.
func (w WorkerStats) Utilization() float64 {
	if w.Busy == 0 {
		return 0
	}
	return float64(w.Busy) / float64(w.Busy+w.Parked)
}

// Workers reads what each worker did.
func (s *System) Workers() ([]WorkerStats, error) {
	var rows []raw.WorkerStats
	for count := uint64(8); ; {
		rows = make([]raw.WorkerStats, count)
		if err := check(raw.SystemWorkers(s.handle, &rows[0], uint64(len(rows)), &count)); err != nil {
			return nil, err
		}
		if count <= uint64(len(rows)) {
			rows = rows[:count]
			break
		}
	}
	workers := make([]WorkerStats, len(rows))
	for i, r := range rows {
		workers[i] = WorkerStats{s.dispatcherOf(r.Dispatcher), int(r.Cpu), int(r.Node), time.Duration(r.CpuNs),
			time.Duration(r.BusyNs), time.Duration(r.ParkedNs), r.Turns, r.Activations, r.Handled, r.Stolen, r.Parks}
	}
	return workers, nil
}

// dispatcherOf is the one that was made here; nil for the library's own.
func (s *System) dispatcherOf(handle raw.Dispatcher) *Dispatcher {
	if found, ok := s.dispatchers.Load(handle); ok {
		return found.(*Dispatcher)
	}
	return nil
}
