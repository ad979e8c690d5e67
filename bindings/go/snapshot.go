package actorcore

import (
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Snapshot is immutable and reference-counted. It is a fixed-layout value, which may be part of a message;
// Release each reference once.
//
// Threads: any.
type Snapshot struct {
	handle raw.Snapshot
}

// Retain takes one more reference.
func (s Snapshot) Retain() error { return check(raw.SnapshotRetain(s.handle)) }

// Release gives one reference back.
func (s Snapshot) Release() { raw.SnapshotRelease(s.handle) }

// Values are numbers by name, in the order of the names' texts.
type Values struct {
	Names   []Name
	Numbers []float64
}

// Get is the number of a name, if there is one.
func (v Values) Get(name Name) (float64, bool) {
	for i, n := range v.Names {
		if n == name {
			return v.Numbers[i], true
		}
	}
	return 0, false
}

// View is everything in a snapshot, in the library's memory: it is lent while a reference is held.
type View struct {
	ActorID   string
	Version   uint64
	CreatedAt int64 // nanoseconds since 1970, or of the virtual clock
	Primary   Values
	Derived   Values
	Caps      Caps
	Contexts  []ContextPack
	Errors    []Rejection
}

// Caps are effective caps by name, in the order of the names' texts.
type Caps struct {
	Names    []Name
	Min, Max []float64
}

// ContextPack is one merged context.
type ContextPack struct {
	Name            Name
	Reserved        uint32
	AdditivePercent float64
	Multiplier      float64
	PostAdd         float64
}

// Rejection is one entry of a snapshot's errors.
type Rejection struct {
	Code  Reject
	About About
	Name  Name // the system, dimension or context
	List  List // for dimensions
}

// View reads the snapshot without copying.
func (s Snapshot) View() (View, error) {
	v := raw.SnapshotView{StructSize: uint32(unsafe.Sizeof(raw.SnapshotView{}))}
	if err := check(raw.SnapshotGet(s.handle, &v)); err != nil {
		return View{}, err
	}
	return View{
		ActorID:   unsafe.String(v.ActorId.Data, v.ActorId.Size),
		Version:   v.Version,
		CreatedAt: v.CreatedAt,
		Primary:   Values{namesAt(v.PrimaryNames, v.PrimaryCount), unsafe.Slice(v.PrimaryValues, v.PrimaryCount)},
		Derived:   Values{namesAt(v.DerivedNames, v.DerivedCount), unsafe.Slice(v.DerivedValues, v.DerivedCount)},
		Caps: Caps{namesAt(v.CapNames, v.CapCount), unsafe.Slice(v.CapMins, v.CapCount),
			unsafe.Slice(v.CapMaxs, v.CapCount)},
		Contexts: unsafe.Slice((*ContextPack)(unsafe.Pointer(v.Contexts)), v.ContextCount),
		Errors:   unsafe.Slice((*Rejection)(unsafe.Pointer(v.Errors)), v.ErrorCount),
	}, nil
}

func namesAt(names *uint32, count uint32) []Name {
	return unsafe.Slice((*Name)(unsafe.Pointer(names)), count)
}

// Value is one value; ErrUnknownDimension where there is none.
func (s Snapshot) Value(list List, dimension Name) (float64, error) {
	var value float64
	err := check(raw.SnapshotValue(s.handle, uint32(list), uint32(dimension), &value))
	return value, err
}

// Apply applies a context to a number; an unknown context leaves it as it is.
func (s Snapshot) Apply(context Name, base float64) (float64, error) {
	var value float64
	err := check(raw.SnapshotApply(s.handle, uint32(context), base, &value))
	return value, err
}

// JSON is the snapshot on one line, keys as in the specification, numbers in shortest round-trip form.
func (s Snapshot) JSON() (string, error) {
	return grown(func(buffer *byte, capacity uint64, size *uint64) raw.Status {
		return raw.SnapshotJson(s.handle, buffer, capacity, size)
	})
}

// grown calls with a buffer that is large enough.
func grown(call func(buffer *byte, capacity uint64, size *uint64) raw.Status) (string, error) {
	buffer := make([]byte, 1024)
	for {
		var size uint64
		status := call(&buffer[0], uint64(len(buffer)), &size)
		if status != raw.EBufferTooSmall {
			return string(buffer[:size]), check(status)
		}
		buffer = make([]byte, size)
	}
}
