package actorcore

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
)

// threadCPUs is where the calling goroutine's thread may run, as the kernel tells it.
func threadCPUs(t testing.TB) string {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	status := must(os.ReadFile("/proc/thread-self/status"))(t)
	_, rest, _ := strings.Cut(string(status), "Cpus_allowed_list:")
	list, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(list)
}

// firstCPU is one that this process may use.
func firstCPU(t testing.TB) (number uint32) {
	for _, digit := range threadCPUs(t) {
		if digit < '0' || digit > '9' {
			break
		}
		number = 10*number + uint32(digit-'0')
	}
	return number
}

func TestAPinnedWorkerRunsOnItsProcessor(t *testing.T) {
	s := newSystem(t, Options{Workers: 1})
	first := firstCPU(t)
	d := must(s.NewDispatcher(DispatcherOptions{Workers: 1, Placement: Placement{CPUs: CPUs(first), Pinned: true}}))(t)
	var on string
	actor := must(Spawn(s, testGet, Func[Nothing](func(*Context, Nothing) error { on = threadCPUs(t); return nil }), d.On()))(t)
	check0(t, testGet.Tell(s, actor, Nothing{}))
	check0(t, s.Settle(context.Background()))
	if on != strings.Split(strings.Split(threadCPUs(t), "-")[0], ",")[0] {
		t.Errorf("the handler ran on %q, its processor is %d", on, first)
	}
	for _, worker := range must(s.Workers())(t) {
		if worker.Dispatcher == d && (worker.CPU != int(first)+1 || worker.Handled != 1 || worker.Used == 0) {
			t.Errorf("%+v", worker)
		}
		if used := worker.Utilization(); used < 0 || used > 1 {
			t.Errorf("%+v is used %v", worker, used)
		}
	}
}

func TestAProcessorThatIsNotThereIsRefusedWithThoseThatAre(t *testing.T) {
	s := newSystem(t, Options{Workers: 1})
	for _, where := range []Placement{{CPUs: CPUs(1023)}, {CPUs: AnyCPUs(1024)}, {Node: 99}, {Critical: true}, {Priority: 100}} {
		var full *Error
		if _, err := s.NewDispatcher(DispatcherOptions{Placement: where}); !errors.As(err, &full) || full.Message == "" {
			t.Errorf("%+v: %v", where, err)
		}
	}
	if _, err := NewSystem(Options{Share: 1.5}); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
}

func TestARealTimePriorityIsGivenOrRefusedWithWhatToDo(t *testing.T) {
	s := newSystem(t, Options{Workers: 1})
	_, err := s.NewDispatcher(DispatcherOptions{Workers: 1, Placement: Placement{Priority: 1}})
	if err != nil && (!errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "CAP_SYS_NICE")) {
		t.Error(err)
	}
	must(s.NewDispatcher(DispatcherOptions{Workers: 1, Placement: Placement{Priority: 1, PriorityOptional: true}}))(t)
}

func TestUsageIsTold(t *testing.T) {
	s := newSystem(t, Options{Workers: 1, Share: 0.5})
	first := must(s.Usage())(t)
	again := must(s.Usage())(t)
	if first.Share != 0.5 || first.CPUs < 1 || first.Nodes < 1 || first.Workers != 2 || first.Resident == 0 ||
		first.Peak < first.Resident || first.Capacity > float64(first.CPUs) {
		t.Errorf("%+v", first)
	}
	if again.Time < first.Time || again.User < first.User || again.System < first.System {
		t.Errorf("%+v, then %+v", first, again)
	}
}
