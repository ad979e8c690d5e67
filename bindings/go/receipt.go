package actorcore

import (
	"context"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Receipt says how one value of a snapshot came about. It is immutable and reference-counted, a fixed-layout
// value, which may be part of a message; Release each reference once.
//
// Threads: any.
type Receipt struct {
	handle raw.Receipt
}

// Explain says how a resolve comes to one value; ErrUnknownDimension where there is none. It waits as Resolve
// does, unless with ExplainStored only the stored outputs count.
func (e Entity) Explain(ctx context.Context, list List, dimension Name, flags ExplainFlags) (Receipt, error) {
	if ctx.Done() == nil || flags&ExplainStored != 0 {
		return e.explain(list, dimension, flags)
	}
	return waiting[Receipt]{abandon: Receipt.Release, call: func(uint64) (Receipt, error) {
		return e.explain(list, dimension, flags)
	}}.end(ctx)
}

func (e Entity) explain(list List, dimension Name, flags ExplainFlags) (receipt Receipt, err error) {
	var failed raw.Error
	status := raw.EntityExplain(e.raw(), uint32(list), uint32(dimension), uint32(flags), &receipt.handle, &failed)
	return receipt, explain(status, failed)
}

// Retain takes one more reference.
func (r Receipt) Retain() error { return check(raw.ReceiptRetain(r.handle)) }

// Release gives one reference back.
func (r Receipt) Release() { raw.ReceiptRelease(r.handle) }

// ReceiptStep is one step. What its kind does not mention is zero.
type ReceiptStep struct {
	Kind     Step
	Fold     Fold
	Policy   Across
	Bucket   Bucket
	Mode     CapMode
	Bound    Bound
	List     List
	Code     Reject
	Name     Name // a dimension or a layer
	System   Name // the row's
	Output   Name // the system of the output that the row is in
	Origin   Origin
	Priority int64
	Value    float64 // what the step brings
	Factor   float64 // what it multiplies by
	Product  float64 // rounded
	Result   float64 // what has come of it
	Reserved uint64
}

// ReceiptView is everything in a receipt, in the library's memory: it is lent while a reference is held.
type ReceiptView struct {
	ActorID   string
	Version   uint64
	List      List
	Dimension Name
	Value     float64
	Bound     Bound         // which clipped the value
	Steps     []ReceiptStep // in order, from StepRule to StepClamp
}

// View reads the receipt without copying.
func (r Receipt) View() (ReceiptView, error) {
	v := raw.ReceiptView{StructSize: uint32(unsafe.Sizeof(raw.ReceiptView{}))}
	if err := check(raw.ReceiptGet(r.handle, &v)); err != nil {
		return ReceiptView{}, err
	}
	return ReceiptView{
		ActorID:   unsafe.String(v.ActorId.Data, v.ActorId.Size),
		Version:   v.Version,
		List:      List(v.List),
		Dimension: Name(v.Dimension),
		Value:     v.Value,
		Bound:     Bound(v.Bound),
		Steps:     unsafe.Slice((*ReceiptStep)(unsafe.Pointer(v.Steps)), v.StepCount),
	}, nil
}

// Replay takes steps once more: a receipt's come to its value, bit for bit, changed ones to what would have
// been.
func Replay(steps []ReceiptStep) (float64, error) {
	var value float64
	first := (*raw.ReceiptStep)(unsafe.Pointer(unsafe.SliceData(steps)))
	err := check(raw.ReceiptReplay(first, uint64(len(steps)), &value))
	return value, err
}

// JSON is the receipt on one line: of every step what its kind has, names as texts, numbers in shortest
// round-trip form.
func (r Receipt) JSON() (string, error) {
	return grown(func(buffer *byte, capacity uint64, size *uint64) raw.Status {
		return raw.ReceiptJson(r.handle, buffer, capacity, size)
	})
}
