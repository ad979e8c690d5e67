// macro-go WORKLOAD [SIZE...] runs one workload through the Go binding and prints one line of JSON.
//
// PEER_THREADS is the number of workers and GOMAXPROCS (2), PEER_WARMUP the unmeasured runs before it (1,
// never for idle and rest), PEER_NAME the name in the output.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

type workload struct {
	name  string
	run   func(system *actorcore.System, sizes []uint64) result
	sizes []uint64
}

var workloads = []workload{
	{"pingpong", pingpong, []uint64{2_000_000}},
	{"fanin", fanin, []uint64{8, 500_000}},
	{"fanout", fanout, []uint64{64, 100_000}},
	{"ring", ring, []uint64{1_000, 2_000}},
	{"skynet", skynet, []uint64{1_000_000}},
	{"big", big, []uint64{100, 10_000, 1}},
	{"bigmix", big, []uint64{100, 10_000, 10_000}},
	{"ask", ask, []uint64{200_000}},
	{"idle", idle, []uint64{1_000_000}},
	{"churn", churn, []uint64{1_000_000}},
	{"crash", crash, []uint64{8, 200_000}},
	{"alarms", alarms, []uint64{1_000, 500_000}},
	{"contend", contend, []uint64{8, 200_000}},
	{"load", load, []uint64{100_000, 8, 1_000}},
	{"rest", rest, []uint64{100_000, 10_000, 5_000}},
	{"chaos", chaos, []uint64{1_000, 200_000}},
}

func main() {
	chosen, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "macro-go:", err)
		os.Exit(2)
	}
	measured, err := chosen.measure()
	if err != nil {
		fmt.Fprintln(os.Stderr, "macro-go:", err)
		os.Exit(1)
	}
	measured.print(chosen.name)
}

// parse is the workload with the sizes that were asked for.
func parse(arguments []string) (workload, error) {
	var names []string
	for _, w := range workloads {
		names = append(names, w.name)
	}
	usage := fmt.Errorf("usage: macro-go WORKLOAD [SIZE...]; WORKLOAD is one of %s; sizes are numbers above 0",
		strings.Join(names, " "))
	if len(arguments) == 0 {
		return workload{}, usage
	}
	at := slices.Index(names, arguments[0])
	if at < 0 || len(arguments)-1 > len(workloads[at].sizes) {
		return workload{}, usage
	}
	chosen := workloads[at]
	for i, text := range arguments[1:] {
		size, err := strconv.ParseUint(text, 10, 64)
		if err != nil || size == 0 {
			return workload{}, usage
		}
		chosen.sizes[i] = size
	}
	return chosen, nil
}

func environment(name string, otherwise int) (int, error) {
	text, ok := os.LookupEnv(name)
	if !ok {
		return otherwise, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 0 || value > 256 {
		return 0, fmt.Errorf("set %s to a number up to 256", name)
	}
	return value, nil
}

// measure runs the workload, after its warm-ups, and checks that every message is in its place.
func (w workload) measure() (result, error) {
	threads, wrong := environment("PEER_THREADS", 2)
	warmups, wrongToo := environment("PEER_WARMUP", 1)
	if err := errors.Join(wrong, wrongToo); err != nil {
		return result{}, err
	}
	runtime.GOMAXPROCS(threads)
	system, err := actorcore.NewSystem(actorcore.Options{Workers: threads, Name: "macro"})
	if err != nil {
		return result{}, err
	}
	defer system.Close()
	// Fresh memory is what idle measures, and rest waits for nothing to happen.
	if w.name != "idle" && w.name != "rest" {
		for range warmups {
			w.run(system, w.sizes)
		}
		runtime.GC()
	}
	measured := w.run(system, w.sizes)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := system.Stop(ctx); err != nil {
		return result{}, err
	}
	ledger, err := system.Ledger()
	if err == nil && (!ledger.Holds() || ledger.Failed != 0 && !w.mayFail()) {
		err = fmt.Errorf("the ledger does not hold: %+v", ledger)
	}
	return measured, err
}

// mayFail says whether handlers are to fail.
func (w workload) mayFail() bool { return w.name == "crash" || w.name == "chaos" }
