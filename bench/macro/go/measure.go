package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

// result is one measured run.
type result struct {
	operations uint64
	wall, cpu  time.Duration
	extra      string
}

// clock is when a measured run began.
type clock struct {
	wall time.Time
	cpu  time.Duration
}

func start() clock { return clock{time.Now(), cpuTime()} }

func (c clock) stop(operations uint64) result {
	return result{operations: operations, wall: time.Since(c.wall), cpu: cpuTime() - c.cpu}
}

func cpuTime() time.Duration {
	var used syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func (r result) print(workload string) {
	peer := os.Getenv("PEER_NAME")
	if peer == "" {
		peer = "actorcore-go"
	}
	version := actorcore.Version()
	n := float64(r.operations)
	fmt.Printf(`{"peer":"%s","version":"%s","workload":"%s","n":%d,"seconds":%.6f,"per_sec":%.0f,`+
		`"ns_per_op":%.2f,"cpu_ns_per_op":%.2f%s%s}`+"\n", peer, version, workload, r.operations,
		r.wall.Seconds(), n/r.wall.Seconds(), float64(r.wall.Nanoseconds())/n, float64(r.cpu.Nanoseconds())/n, r.extra, memoryFields())
}

// memoryFields are the most that the process held, and of what pools were asked for the part that they had.
func memoryFields() string {
	var used syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	pools, err := actorcore.MemoryPools()
	must(err)
	var gets, hits uint64
	for _, pool := range pools {
		gets += pool.Gets
		hits += pool.Hits
	}
	return fmt.Sprintf(`,"memory_bytes":%d,"pool_percent":%.3f`, used.Maxrss*1024, 100*float64(hits)/float64(max(gets, 1)))
}

func (r result) withLatencies(latencies []time.Duration) result {
	slices.Sort(latencies)
	n := len(latencies)
	r.extra = fmt.Sprintf(`,"p50_ns":%d,"p95_ns":%d,"p99_ns":%d,"p999_ns":%d`, latencies[n/2],
		latencies[n*95/100], latencies[n*99/100], latencies[n*999/1000])
	return r
}

func (r result) withCPU() result {
	r.extra = fmt.Sprintf(`,"cpu_percent":%.4f`, 100*r.cpu.Seconds()/r.wall.Seconds())
	return r
}

// memory is what the process holds: resident, and as the Go runtime and the library count it.
type memory struct {
	resident, counted int64
}

func readMemory(system *actorcore.System) memory {
	text, err := os.ReadFile("/proc/self/statm")
	must(err)
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	must(err)
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	stats, err := system.Stats()
	must(err)
	return memory{pages * int64(os.Getpagesize()),
		int64(heap.HeapInuse + heap.StackInuse + stats.ActorBytes + stats.MessageBytes)}
}

func (r result) withMemory(before, after memory) result {
	n := float64(r.operations)
	r.extra = fmt.Sprintf(`,"bytes_per_actor":%.1f,"runtime_bytes_per_actor":%.1f`,
		float64(after.resident-before.resident)/n, float64(after.counted-before.counted)/n)
	return r
}

// must ends the process: a benchmark that goes on after an error measures something else.
func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "macro-go:", err)
		os.Exit(1)
	}
}

// latch is counted down by handlers and awaited by the main goroutine.
type latch struct {
	left atomic.Int64
	open chan struct{}
}

func newLatch(count uint64) *latch {
	l := &latch{open: make(chan struct{})}
	l.left.Store(int64(count))
	return l
}

func (l *latch) down() {
	if l.left.Add(-1) == 0 {
		close(l.open)
	}
}

func (l *latch) wait() { <-l.open }

// stop ends the actors of a run, and waits until they have.
func stop(system *actorcore.System, actors ...actorcore.Actor) {
	var stops actorcore.Batch
	for _, actor := range actors {
		must(actorcore.Stop.Add(&stops, actor, actorcore.Nothing{}))
	}
	_, err := system.TellMany(&stops)
	must(err)
	must(system.Settle(context.Background()))
}
