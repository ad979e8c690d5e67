package actorcore

import (
	"runtime"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// textOf is a view of a string, for the length of a call that takes it by value.
func textOf(text string) raw.Text {
	return raw.Text{Data: unsafe.StringData(text), Size: uint64(len(text))}
}

// pinned is a view of a string that goes into a struct that is passed by address.
func pinned(pinner *runtime.Pinner, text string) raw.Text {
	if text == "" {
		return raw.Text{}
	}
	pinner.Pin(unsafe.StringData(text))
	return textOf(text)
}
