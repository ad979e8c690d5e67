package actorcore

import (
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

func TestFixedLayoutsTravelAsBytes(t *testing.T) {
	for _, of := range []reflect.Type{
		reflect.TypeFor[uint8](), reflect.TypeFor[float64](), reflect.TypeFor[pair](), reflect.TypeFor[[7]int16](),
		reflect.TypeFor[Nothing](), reflect.TypeFor[Actor](), reflect.TypeFor[Entity](), reflect.TypeFor[Snapshot](),
	} {
		if form := formOf(of); form != formFixed {
			t.Errorf("%v travels in form %d", of, form)
		}
	}
}

func TestPointersTravelByReferenceAndBytesAsTheyAre(t *testing.T) {
	for of, want := range map[reflect.Type]form{
		reflect.TypeFor[[]byte]():             formBytes,
		reflect.TypeFor[[]uint16]():           formValue,
		reflect.TypeFor[string]():             formValue,
		reflect.TypeFor[*pair]():              formValue,
		reflect.TypeFor[error]():              formValue,
		reflect.TypeFor[map[int]int]():        formValue,
		reflect.TypeFor[struct{ A string }](): formValue,
		reflect.TypeFor[unsafe.Pointer]():     formValue,
	} {
		if form := formOf(of); form != want {
			t.Errorf("%v travels in form %d, want %d", of, form, want)
		}
	}
}

func TestUnfixedLayoutsAreRefusedWithAReason(t *testing.T) {
	for of, want := range map[reflect.Type]string{
		reflect.TypeFor[int]():     "use one with a number in its name",
		reflect.TypeFor[uintptr](): "use one with a number in its name",
		reflect.TypeFor[bool]():    "use uint8",
		reflect.TypeFor[struct {
			A uint32
			B uint64
		}](): "4 bytes before B are padding",
		reflect.TypeFor[struct {
			A uint64
			B uint8
		}](): "last 7 bytes are padding",
		reflect.TypeFor[struct {
			A uint32
			_ uint32
		}](): "a field named _",
		reflect.TypeFor[[3]struct{ A bool }](): "use uint8",
	} {
		if reason := unfixed(of); !strings.Contains(reason, want) {
			t.Errorf("%v: %q, want %q", of, reason, want)
		}
	}
}

func panics(f func()) (reason any) {
	defer func() { reason = recover() }()
	f()
	return nil
}

func TestDefineRefusesWhatItCannotKeep(t *testing.T) {
	for name, f := range map[string]func(){
		"number 0":       func() { Define[uint64](0, "zero") },
		"library number": func() { Define[uint64](1<<31, "high") },
		"taken number":   func() { Define[int64](101, "word") },
		"taken name":     func() { Define[uint64](101, "another") },
		"unfixed type":   func() { Define[int](199, "int") },
	} {
		if panics(f) == nil {
			t.Errorf("%s: Define accepted it", name)
		}
	}
	if again := Define[uint64](101, "word"); again.Number() != 101 || again.String() != "word" {
		t.Errorf("the same definition again is %d %s", again.Number(), again)
	}
}
