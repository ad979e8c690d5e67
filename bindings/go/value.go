package actorcore

import (
	"encoding/binary"
	"fmt"
	"sync"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/drop"
	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// A message whose type has pointers travels as a ticket: the value waits in this table, the ticket goes
// with a buffer of the library, which gives it back when it lets go of the buffer, handled or dropped. The
// value's entry ends then, exactly once.
//
// An ask copies its payload, so its ticket goes without a buffer: the asker ends it, or, where it gave up,
// the handler or the end of the system does.
//
// Threads:    any, under the lock.
// Invariants: an entry is in use from put to end; a ticket names one use of an entry. A value that was stashed is
// untaken again until its message comes back.
// Cost:       a lock, a call into C and a small allocation in C a message.
type valueTable struct {
	mu       sync.Mutex
	entries  []valueEntry
	free     []uint32
	sweeping sync.Mutex
}

type valueEntry struct {
	value      any
	asked      *System // whose ask it is, if it is one's
	generation uint32
	taken      bool
	left       bool // of an ask: its asker has given up, or its handler has returned
}

// valueBytes is the length of a ticket's message: more than an envelope holds, so that it has a buffer.
const valueBytes = 40

var values valueTable

// dropper is a value that wants to know that no handler got it.
type dropper interface{ Dropped() }

func (t *valueTable) put(value any, asked *System) (ticket uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.free) == 0 {
		t.free = append(t.free, uint32(len(t.entries)))
		t.entries = append(t.entries, valueEntry{})
	}
	slot := t.free[len(t.free)-1]
	t.free = t.free[:len(t.free)-1]
	entry := &t.entries[slot]
	entry.value, entry.asked = value, asked
	return uint64(slot) | uint64(entry.generation)<<32
}

// take is the value of a ticket, for its handler.
func (t *valueTable) take(ticket uint64) (any, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	entry := t.find(ticket)
	if entry == nil {
		return nil, false
	}
	entry.taken = true
	return entry.value, true
}

// untake puts the value of a message that was stashed back.
func (t *valueTable) untake(ticket uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if entry := t.find(ticket); entry != nil {
		entry.taken = false
	}
}

// handled says that the handler of a ticket's message has returned.
func (t *valueTable) handled(ticket uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if entry := t.find(ticket); entry != nil && entry.asked != nil && entry.taken {
		t.leave(ticket, entry)
	}
}

// leave ends the ticket of an ask when both have left it: the asker that gave up, and the handler.
func (t *valueTable) leave(ticket uint64, entry *valueEntry) {
	if entry.left {
		t.recycle(ticket)
	} else {
		entry.left = true
	}
}

func (t *valueTable) find(ticket uint64) *valueEntry {
	slot := uint32(ticket)
	if uint64(slot) >= uint64(len(t.entries)) || t.entries[slot].generation != uint32(ticket>>32) {
		return nil
	}
	return &t.entries[slot]
}

// end ends a ticket; the result is its value when no handler had taken it.
func (t *valueTable) end(ticket uint64) (untaken any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	entry := t.find(ticket)
	if entry == nil {
		return nil
	}
	if !entry.taken {
		untaken = entry.value
	}
	t.recycle(ticket)
	return untaken
}

func (t *valueTable) recycle(ticket uint64) {
	slot := uint32(ticket)
	t.entries[slot] = valueEntry{generation: uint32(ticket>>32) + 1}
	t.free = append(t.free, slot)
}

// giveUp says that the asker will not end the ticket.
func (t *valueTable) giveUp(ticket uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if entry := t.find(ticket); entry != nil {
		t.leave(ticket, entry)
	}
}

// asked ends the ticket of an ask. One that was not answered in time may still be handled.
func (t *valueTable) asked(ticket uint64, status raw.Status) {
	if status == raw.ETimeout {
		t.giveUp(ticket)
		return
	}
	if untaken := t.end(ticket); status == raw.Ok {
		dropped(untaken)
	}
}

// close ends the asks of a system that has stopped.
func (t *valueTable) close(s *System) {
	t.sweep()
	t.mu.Lock()
	var late []any
	for slot, entry := range t.entries {
		if entry.asked == s {
			if !entry.taken {
				late = append(late, entry.value)
			}
			t.recycle(uint64(slot) | uint64(entry.generation)<<32)
		}
	}
	t.mu.Unlock()
	for _, value := range late {
		dropped(value)
	}
}

func dropped(value any) {
	if value, ok := value.(dropper); ok {
		value.Dropped()
	}
}

// sweep ends the tickets that came back. All that came before has ended when it returns.
func (t *valueTable) sweep() {
	t.sweeping.Lock()
	defer t.sweeping.Unlock()
	for drop.Pending() {
		var tickets [64]uint64
		for _, ticket := range drop.Collect(tickets[:]) {
			dropped(t.end(ticket))
		}
	}
}

// live is how many values are under way.
func (t *valueTable) live() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.entries) - len(t.free)
}

// fill writes a message's type, length and payload into an envelope.
func (t Type[M]) fill(e *raw.Message, message M) raw.Status {
	if uint32(t.key>>32) > raw.InlineBytes {
		return t.fillLong(e, message)
	}
	*(*uint64)(unsafe.Pointer(&e.Type)) = t.key
	*(*M)(unsafe.Pointer(&e.Data)) = message
	return raw.Ok
}

// fillLong does so for everything that does not go into the envelope as it is.
func (t Type[M]) fillLong(e *raw.Message, message M) raw.Status {
	switch t.about.form {
	case formBytes:
		return fillBytes(e, t.Number(), *(*[]byte)(unsafe.Pointer(&message)))
	case formValue:
		return t.fillValue(e, message)
	default:
		return fillBytes(e, t.Number(), unsafe.Slice((*byte)(unsafe.Pointer(&message)), unsafe.Sizeof(message)))
	}
}

func (t Type[M]) fillValue(e *raw.Message, message M) raw.Status {
	ticket := values.put(message, nil)
	bits, data, status := drop.Carry(ticket, valueBytes)
	if raw.Status(status) != raw.Ok {
		values.end(ticket)
		return raw.Status(status)
	}
	setBuffer(e, t.Number(), valueBytes, raw.Buffer{Bits: bits}, data)
	return raw.Ok
}

func fillBytes(e *raw.Message, number uint32, bytes []byte) raw.Status {
	if uint64(len(bytes)) > raw.PayloadBytesMax {
		return raw.ELimit
	}
	if len(bytes) <= raw.InlineBytes {
		e.Type, e.Length = number, uint32(len(bytes))
		copy(e.Data[:], bytes)
		return raw.Ok
	}
	var buffer raw.Buffer
	var data *byte
	if status := raw.BufferCreate(uint64(len(bytes)), &buffer, &data); status != raw.Ok {
		return status
	}
	copy(unsafe.Slice(data, len(bytes)), bytes)
	setBuffer(e, number, uint32(len(bytes)), buffer, unsafe.Pointer(data))
	return raw.Ok
}

// setBuffer writes the address after the handle, where it is on receipt too.
func setBuffer(e *raw.Message, number, length uint32, buffer raw.Buffer, data unsafe.Pointer) {
	e.Type, e.Length = number, length
	*(*raw.Buffer)(unsafe.Pointer(&e.Data)) = buffer
	*(*unsafe.Pointer)(unsafe.Pointer(&e.Data[8])) = data
}

// dropLong releases the buffer of an envelope that was not handed over.
func dropLong(e *raw.Message) {
	if e.Length > raw.InlineBytes {
		raw.BufferRelease(*(*raw.Buffer)(unsafe.Pointer(&e.Data)))
	}
}

// takeBack does so without telling a value that it was dropped: it stays its sender's.
func takeBack(e *raw.Message, form form) {
	if form == formValue {
		values.take(ticketOf(e))
	}
	dropLong(e)
}

func ticketOf(e *raw.Message) uint64 { return *(*uint64)(body(e)) }

func ticketIn(payload []byte) uint64 { return binary.NativeEndian.Uint64(payload) }

// openValue is the value of a message that has one.
func openValue[M any](e *raw.Message) (message M, err error) {
	value, ok := values.take(ticketOf(e))
	if !ok {
		return message, fmt.Errorf("the value of this message is gone")
	}
	message, ok = value.(M)
	if !ok && value != nil {
		return message, fmt.Errorf("the value of this message is a %T", value)
	}
	return message, nil
}
