package actorcore

import (
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Buffer is a block of bytes that is sent without being copied, to any number of actors, or a part of a file. Each
// message has a reference of its own, and so has who made the buffer: it is a value; Release it once. Receivers get it
// as a message of a []byte; Context.Keep is how they keep it.
//
// Threads: any, handlers among them. Nobody writes to it once it was sent.
type Buffer struct {
	handle raw.Buffer
	data   *byte
	size   uint64
}

// NewBuffer makes a buffer of so many bytes, 1 to 1 GiB, all zero.
func NewBuffer(size int) (Buffer, error) {
	b := Buffer{size: uint64(size)}
	err := check(raw.BufferCreate(b.size, &b.handle, &b.data))
	return b, err
}

// MapFile makes a buffer over a part of a regular file, without reading it: pages come when they are first read. The
// part begins at an offset in bytes, any, and has so many bytes, at most 1 GiB; 0 is all to the end of the file.
//
// Its bytes must not be written to: that ends the process. The file stays as it is until the last reference is gone:
// what of it is cut off cannot be read any more, and the attempt ends the process as well.
func MapFile(path string, offset, size uint64) (Buffer, error) {
	var b Buffer
	var view raw.Bytes
	var failed raw.Error
	status := raw.BufferMap(textOf(path), offset, size, &b.handle, &view, &failed)
	if status != raw.Ok {
		return Buffer{}, explain(status, failed)
	}
	b.data, b.size = view.Data, view.Size
	return b, nil
}

// Bytes are the buffer's, in the library's memory, until Release.
func (b Buffer) Bytes() []byte { return unsafe.Slice(b.data, b.size) }

// Release gives the buffer back. The bytes go with the last reference.
func (b Buffer) Release() { raw.BufferRelease(b.handle) }

// Tell sends the buffer from outside the handlers, as Type.Tell does.
func (b Buffer) Tell(s *System, t Type[[]byte], to Actor) error {
	e := raw.Message{To: to.raw()}
	if status := b.fill(&e, t.Number()); status != raw.Ok {
		return check(status)
	}
	status := s.tellOne(&e)
	if status != raw.Ok {
		dropLong(&e)
	}
	return check(status)
}

// Send sends the buffer from the actor in hand, as Type.Send does.
//
// Cost: a call into C.
func (b Buffer) Send(c *Context, t Type[[]byte], to Actor) {
	turn := c.turn
	if turn.OutboxCount == turn.OutboxCapacity {
		c.flush()
	}
	turn.OutboxCount++
	e := c.sent()
	e.To, e.Sender, e.Correlation = to.raw(), c.self.raw(), 0
	if status := b.fill(e, t.Number()); status != raw.Ok {
		turn.OutboxCount--
		panic(sendFailure(status))
	}
}

// Reply answers the request in hand with the buffer, as Type.Reply does.
func (b Buffer) Reply(c *Context, t Type[[]byte]) error {
	asked, err := c.asked()
	if err != nil {
		return err
	}
	b.Send(c, t, c.Sender())
	c.sent().Correlation = asked | raw.CorrelationReply
	return nil
}

// fill writes the buffer into an envelope, with a reference. What an envelope holds is copied, as in any message.
func (b Buffer) fill(e *raw.Message, number uint32) raw.Status {
	if b.size <= raw.InlineBytes {
		return fillBytes(e, number, b.Bytes())
	}
	if status := raw.BufferRetain(b.handle); status != raw.Ok {
		return status
	}
	setBuffer(e, number, uint32(b.size), b.handle, unsafe.Pointer(b.data))
	return raw.Ok
}

// Keep is the payload of the message in hand as a buffer that outlives the handler; up to 32 bytes are copied into one.
// Release it. A value that travels by reference is no buffer (ErrUnsupported): keep the value.
//
// Cost: a call into C.
func (c *Context) Keep() (Buffer, error) {
	bytes := c.Bytes()
	switch {
	case c.isValue:
		return Buffer{}, ErrUnsupported
	case len(bytes) <= raw.InlineBytes:
		b, err := NewBuffer(len(bytes))
		if err == nil {
			copy(b.Bytes(), bytes)
		}
		return b, err
	}
	b := Buffer{*(*raw.Buffer)(unsafe.Pointer(&c.message.Data)), unsafe.SliceData(bytes), uint64(len(bytes))}
	return b, check(raw.BufferRetain(b.handle))
}
