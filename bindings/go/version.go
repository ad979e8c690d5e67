package actorcore

import (
	"fmt"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Version is the library's version, such as 1.0.0.
func Version() string {
	v := raw.Version()
	return fmt.Sprintf("%d.%d.%d", v>>16, v>>8&255, v&255)
}

// BuildInfo is the library's compiler, flags and allocator, on one line.
func BuildInfo() string {
	var info raw.Text
	raw.BuildInfo(&info)
	return copyText(info)
}
