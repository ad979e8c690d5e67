package actorcore

import (
	"context"
	"strconv"
	"strings"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Status says what a call came to. Every value but OK is an error by itself, so that
//
//	errors.Is(err, actorcore.ErrTimeout)
//
// holds for a plain Status and for an *Error that carries one.
type Status int32

// The statuses, as the library has them; each one's Error says what it means.
const (
	OK                  = Status(raw.Ok)
	ErrInvalidArgument  = Status(raw.EInvalidArgument)
	ErrNull             = Status(raw.ENull)
	ErrUnknownConstant  = Status(raw.EUnknownConstant)
	ErrUnsupported      = Status(raw.EUnsupported)
	ErrNoMemory         = Status(raw.ENoMemory)
	ErrBufferTooSmall   = Status(raw.EBufferTooSmall)
	ErrTimeout          = Status(raw.ETimeout)
	ErrWouldDeadlock    = Status(raw.EWouldDeadlock)
	ErrBusy             = Status(raw.EBusy)
	ErrNotFound         = Status(raw.ENotFound)
	ErrExists           = Status(raw.EExists)
	ErrLimit            = Status(raw.ELimit)
	ErrInternal         = Status(raw.EInternal)
	ErrWrongMode        = Status(raw.EWrongMode)
	ErrStale            = Status(raw.EStale)
	ErrWrongSystem      = Status(raw.EWrongSystem)
	ErrNoHandle         = Status(raw.ENoHandle)
	ErrStopped          = Status(raw.EStopped)
	ErrFailed           = Status(raw.EFailed)
	ErrNoReply          = Status(raw.ENoReply)
	ErrFull             = Status(raw.EFull)
	ErrOverloaded       = Status(raw.EOverloaded)
	ErrBadRegistry      = Status(raw.EBadRegistry)
	ErrBadDocument      = Status(raw.EBadDocument)
	ErrRejected         = Status(raw.ERejected)
	ErrNoRegistry       = Status(raw.ENoRegistry)
	ErrNotCached        = Status(raw.ENotCached)
	ErrUnknownDimension = Status(raw.EUnknownDimension)
	ErrIO               = Status(raw.EIo)
	ErrHandler          = Status(raw.EHandler)
	ErrPanic            = Status(raw.EPanic)
)

// String is the status's name, such as E_TIMEOUT.
func (s Status) String() string { return raw.Status(s).String() }

// Valid says that this version knows the status.
func (s Status) Valid() bool { return raw.Status(s).Valid() }

// Error is the status's name and meaning.
func (s Status) Error() string {
	var name, meaning raw.Text
	if raw.StatusText(raw.Status(s), &name, &meaning) != raw.Ok {
		return "actorcore: a status of the program's own, " + strconv.Itoa(int(s))
	}
	return "actorcore: " + s.String() + ": " + copyText(meaning)
}

// Is makes a timeout match context.DeadlineExceeded too.
func (s Status) Is(target error) bool {
	return s == ErrTimeout && target == context.DeadlineExceeded
}

// Retryable says that the same call may succeed later without any change.
func (s Status) Retryable() bool { return raw.StatusIsRetryable(raw.Status(s)) != 0 }

// Gone says that what was called no longer exists and never will again.
func (s Status) Gone() bool { return raw.StatusIsGone(raw.Status(s)) != 0 }

// Error is a failure with a message that says what to do. errors.Is finds its Status.
type Error struct {
	Status  Status
	Message string
	Details []Detail
}

// Detail is one more thing to know about an error. A malformed document has one a defect: the key is
// file:line:column, the value the reason.
type Detail struct {
	Key, Value string
}

// Error is the message, then one line a detail.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString("actorcore: " + e.Status.String() + ": " + e.Message)
	for _, detail := range e.Details {
		text.WriteString("\n  " + detail.Key + ": " + detail.Value)
	}
	return text.String()
}

// Unwrap is the Status.
func (e *Error) Unwrap() error { return e.Status }

// check turns a status without a message into an error.
func check(status raw.Status) error {
	if status == raw.Ok {
		return nil
	}
	return Status(status)
}

// explain turns a status and the error that came with it into an error, and releases it.
func explain(status raw.Status, handle raw.Error) error {
	if status == raw.Ok {
		return nil
	}
	if handle == (raw.Error{}) {
		return Status(status)
	}
	defer raw.ErrorRelease(handle)
	result := &Error{Status: Status(status)}
	var key, value raw.Text
	if raw.ErrorMessage(handle, &value) == raw.Ok {
		result.Message = copyText(value)
	}
	for i := uint64(0); raw.ErrorDetail(handle, i, &key, &value) == raw.Ok; i++ {
		result.Details = append(result.Details, Detail{copyText(key), copyText(value)})
	}
	return result
}

func copyText(text raw.Text) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(text.Data)), text.Size))
}
