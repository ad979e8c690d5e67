package actorcore

import (
	"runtime"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Output is all that one subsystem contributes to one entity.
type Output struct {
	System        Name
	Priority      int64 // the subsystem's; higher first
	Contributions []Contribution
	Caps          []Cap
	Modifiers     []Modifier
	Failed        bool // the subsystem failed; the rest is empty
}

// Contribution is one value for one dimension.
type Contribution struct {
	Dimension Name
	System    Name // 0 takes the output's
	Bucket    Bucket
	List      List
	Value     float64 // finite
	Priority  int64   // higher first
	Tags      uint64  // a label of the caller's
	Reserved  [3]uint64
}

// Cap is one bound of one dimension in one layer.
type Cap struct {
	Dimension Name
	System    Name // 0 takes the output's
	Mode      CapMode
	Kind      CapKind
	Scope     Name    // the layer; 0 is TOTAL
	Realm     Name    // required where the scope is REALM
	Value     float64 // finite
	Priority  int64   // higher first
	Tags      uint64  // a label of the caller's
	Reserved  [2]uint64
}

// Modifier is what an output adds to one context.
type Modifier struct {
	Context         Name
	Multipliers     []float64 // multiplied in this order
	AdditivePercent float64   // summed
	PostAdd         float64   // summed
}

// The library reads the first two as they are.
var (
	_ [unsafe.Sizeof(raw.Contribution{})]byte = [unsafe.Sizeof(Contribution{})]byte{}
	_ [unsafe.Sizeof(raw.Cap{})]byte          = [unsafe.Sizeof(Cap{})]byte{}
)

// pass hands an output to a call of the library, which copies it.
func (o *Output) pass(call func(*raw.Output) raw.Status) error {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	modifiers := make([]raw.Modifier, len(o.Modifiers))
	for i, m := range o.Modifiers {
		modifiers[i] = raw.Modifier{
			Context:         uint32(m.Context),
			MultiplierCount: uint32(len(m.Multipliers)),
			Multipliers:     pin(&pinner, m.Multipliers),
			AdditivePercent: m.AdditivePercent,
			PostAdd:         m.PostAdd,
		}
	}
	output := raw.Output{
		StructSize:        uint32(unsafe.Sizeof(raw.Output{})),
		System:            uint32(o.System),
		Priority:          o.Priority,
		Contributions:     (*raw.Contribution)(unsafe.Pointer(pin(&pinner, o.Contributions))),
		ContributionCount: uint64(len(o.Contributions)),
		Caps:              (*raw.Cap)(unsafe.Pointer(pin(&pinner, o.Caps))),
		CapCount:          uint64(len(o.Caps)),
		Modifiers:         pin(&pinner, modifiers),
		ModifierCount:     uint64(len(o.Modifiers)),
	}
	if o.Failed {
		output.Failed = 1
	}
	return check(call(&output))
}

// pin keeps a slice where it is; null for an empty one.
func pin[T any](pinner *runtime.Pinner, slice []T) *T {
	if len(slice) == 0 {
		return nil
	}
	pinner.Pin(&slice[0])
	return &slice[0]
}

// Outputs is a parsed list of outputs, immutable. Release it once; what it lent is gone then.
//
// Threads: any.
type Outputs struct {
	handle raw.Outputs
	rows   []raw.Output
}

// borrow reads the list's rows, which live as long as it does.
func (o *Outputs) borrow() error {
	var count uint64
	if err := check(raw.OutputsCount(o.handle, &count)); err != nil {
		return err
	}
	o.rows = make([]raw.Output, count)
	for i := range o.rows {
		if err := check(raw.OutputsAt(o.handle, uint64(i), &o.rows[i])); err != nil {
			return err
		}
	}
	return nil
}

// Release gives the list back.
func (o *Outputs) Release() { raw.OutputsRelease(o.handle) }

// Len is how many outputs there are.
func (o *Outputs) Len() int { return len(o.rows) }

// At is one output, in the document's order. Its slices are lent by the list, but for the modifiers.
func (o *Outputs) At(index int) Output {
	row := &o.rows[index]
	output := Output{
		System:        Name(row.System),
		Priority:      row.Priority,
		Contributions: unsafe.Slice((*Contribution)(unsafe.Pointer(row.Contributions)), row.ContributionCount),
		Caps:          unsafe.Slice((*Cap)(unsafe.Pointer(row.Caps)), row.CapCount),
		Failed:        row.Failed != 0,
	}
	for _, m := range unsafe.Slice(row.Modifiers, row.ModifierCount) {
		output.Modifiers = append(output.Modifiers, Modifier{
			Context:         Name(m.Context),
			Multipliers:     unsafe.Slice(m.Multipliers, m.MultiplierCount),
			AdditivePercent: m.AdditivePercent,
			PostAdd:         m.PostAdd,
		})
	}
	return output
}

// Question asks a subsystem's actor for one entity's output; see Questions.
type Question struct {
	query    uint64
	Entity   Entity // whose output is asked; lent, for reading its profile
	context  uint64
	System   Name // the subsystem's
	reserved uint32
}

// Answer gives the output, once. System 0 and the priority are taken from the registration.
func (q Question) Answer(output *Output) error {
	return output.pass(func(output *raw.Output) raw.Status { return raw.QueryAnswer(raw.Query{Bits: q.query}, output) })
}

// Context is what the resolve was given for the subsystems, lent for the handler's call.
func (q Question) Context() []byte {
	var bytes raw.Bytes
	if raw.BufferView(raw.Buffer{Bits: q.context}, &bytes) != raw.Ok {
		return nil
	}
	return unsafe.Slice(bytes.Data, bytes.Size)
}
