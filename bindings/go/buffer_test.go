package actorcore

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// reader notes what it gets, and where that was.
type reader struct {
	got  [][]byte
	at   []*byte
	kept []Buffer
	to   Actor
	send Buffer
}

var readers = NewKind("Reader",
	On(testBytes, func(r *reader, ctx *Context, text []byte) error {
		r.got, r.at = append(r.got, slices.Clone(text)), append(r.at, unsafe.SliceData(text))
		kept, err := ctx.Keep()
		r.kept = append(r.kept, kept)
		return err
	}),
	On(testGet, func(r *reader, ctx *Context, _ Nothing) error {
		if ctx.Correlation() != 0 {
			return r.send.Reply(ctx, testBytes)
		}
		r.send.Send(ctx, testBytes, r.to)
		return nil
	}),
	On(testValue, func(r *reader, ctx *Context, _ *parcel) error {
		_, err := ctx.Keep()
		return err
	}))

func TestABufferIsReadByManyWithoutACopyAndGoesWithItsLastReference(t *testing.T) {
	before := memoryOf(t, MemoryBuffersOther)
	s := newSystem(t, Options{Seeded: true})
	b := must(NewBuffer(10000))(t)
	copy(b.Bytes(), "read only")
	states := make([]reader, 20)
	for i := range states {
		check0(t, b.Tell(s, testBytes, must(readers.Spawn(s, &states[i]))(t)))
	}
	at := unsafe.SliceData(b.Bytes())
	b.Release()
	settled(t, s)
	for i, state := range states {
		if len(state.got) != 1 || !bytes.HasPrefix(state.got[0], []byte("read only\x00")) || state.at[0] != at {
			t.Errorf("%d: %d messages", i, len(state.got))
		}
		if row := memoryOf(t, MemoryBuffersOther); row.InUse != before.InUse+1 {
			t.Errorf("%d others have it: %+v", len(states)-i, row)
		}
		if kept := state.kept[0].Bytes(); unsafe.SliceData(kept) != at || len(kept) != 10000 {
			t.Errorf("%d keeps something else", i)
		}
		state.kept[0].Release()
	}
	if row := memoryOf(t, MemoryBuffersOther); row.InUse != before.InUse {
		t.Errorf("all let go: %+v, %+v", before, row)
	}
}

func TestAHandlerSendsABufferAndAnswersWithIt(t *testing.T) {
	for _, size := range []int{1, 32, 33, 5000} {
		s := newSystem(t, Options{Seeded: true})
		b := must(NewBuffer(size))(t)
		b.Bytes()[size-1] = 7
		var to reader
		from := &reader{send: b, to: must(readers.Spawn(s, &to))(t)}
		actor := must(readers.Spawn(s, from))(t)
		check0(t, testGet.Tell(s, actor, Nothing{}))
		settled(t, s)
		if len(to.got) != 1 || !bytes.Equal(to.got[0], b.Bytes()) || !bytes.Equal(to.kept[0].Bytes(), b.Bytes()) {
			t.Errorf("%d bytes: %v", size, to.got)
		}
		if answer := must(Ask(soon(t), s, actor, testGet, Nothing{}, testBytes))(t); !bytes.Equal(answer, b.Bytes()) {
			t.Errorf("%d bytes: %v", size, answer)
		}
		to.kept[0].Release()
		b.Release()
		if err := b.Tell(s, testBytes, actor); size > 32 && !errors.Is(err, ErrStale) {
			t.Error("after its end:", err)
		}
	}
}

func TestABufferThatIsRefusedStaysItsSenders(t *testing.T) {
	before := memoryOf(t, MemoryBuffersOther)
	s := newSystem(t, Options{Seeded: true})
	gone := must(readers.Spawn(s, &reader{}))(t)
	check0(t, s.StopActor(gone, false))
	settled(t, s)
	b := must(NewBuffer(5000))(t)
	if err := b.Tell(s, testBytes, gone); !errors.Is(err, ErrStale) {
		t.Error(err)
	}
	b.Bytes()[4999] = 1
	b.Release()
	if row := memoryOf(t, MemoryBuffersOther); row.InUse != before.InUse {
		t.Errorf("%+v, then %+v", before, row)
	}
	if _, err := NewBuffer(0); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
	if _, err := NewBuffer(-1); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
}

func TestAValueByReferenceIsNotKeptAsABuffer(t *testing.T) {
	s := newSystem(t, Options{Seeded: true})
	check0(t, testValue.Tell(s, must(readers.Spawn(s, &reader{}))(t), &parcel{}))
	settled(t, s)
	if failures := must(s.Failures(0))(t); len(failures) != 1 || !strings.Contains(failures[0].Text, "E_UNSUPPORTED") {
		t.Error(failures)
	}
}

func TestAFileIsMappedUntilTheLastReferenceGoes(t *testing.T) {
	text := make([]byte, 3*4096+100)
	for i := range text {
		text[i] = byte(i*31 + i/256)
	}
	path := filepath.Join(t.TempDir(), "mapped")
	check0(t, os.WriteFile(path, text, 0o600))
	isMapped := func() bool { return strings.Contains(string(must(os.ReadFile("/proc/self/maps"))(t)), path) }
	s := newSystem(t, Options{Seeded: true})
	for _, part := range [][2]uint64{{0, 0}, {0, 10}, {1, 5000}, {4096, 4096}, {5000, 0}, {12287, 101}} {
		end := part[0] + part[1]
		if part[1] == 0 {
			end = uint64(len(text))
		}
		b := must(MapFile(path, part[0], part[1]))(t)
		if !bytes.Equal(b.Bytes(), text[part[0]:end]) || !isMapped() {
			t.Errorf("%v: %d bytes", part, len(b.Bytes()))
		}
		var state reader
		check0(t, b.Tell(s, testBytes, must(readers.Spawn(s, &state))(t)))
		b.Release()
		settled(t, s)
		if !bytes.Equal(state.got[0], text[part[0]:end]) || isMapped() != (end-part[0] > 32) {
			t.Errorf("%v: %d bytes were got", part, len(state.got[0]))
		}
		state.kept[0].Release()
		if isMapped() {
			t.Errorf("%v: it is still mapped", part)
		}
	}
}

func TestWhatCannotBeMappedIsAnErrorThatSaysWhy(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "short")
	check0(t, os.WriteFile(path, []byte("ten bytes!"), 0o600))
	for _, wrong := range []struct {
		path         string
		offset, size uint64
		want         error
	}{
		{filepath.Join(folder, "none"), 0, 0, ErrNotFound},
		{folder, 0, 0, ErrIO},
		{"", 0, 0, ErrInvalidArgument},
		{path, 10, 0, ErrInvalidArgument},
		{path, 0, 11, ErrInvalidArgument},
		{path, 1, ^uint64(0), ErrInvalidArgument},
	} {
		var full *Error
		if _, err := MapFile(wrong.path, wrong.offset, wrong.size); !errors.Is(err, wrong.want) || !errors.As(err, &full) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}
