// Package raw is the C ABI of libactorcore as it is: types with the library's layout, its constants, and one function a
// call. What is generated comes from capi/api; the C header is the reference. The package actorcore is the layer to use.
//
// Pointers: what is handed over is read and written during the call only. A struct that points to Go memory needs
// that pinned (runtime.Pinner), as cgo demands. A pointer to a function is one to a C function that never enters Go: the
// calls are marked accordingly. Constants are untyped, as in C; each group has a type that names them.
package raw

import (
	"fmt"
	"strconv"
	"strings"
)

type number interface{ ~int32 | ~uint32 | ~uint64 }

type named[T number] struct {
	name  string
	value T
}

// names are a group of constants.
type names[T number] struct {
	prefix string
	flags  bool
	rows   []named[T]
}

func (n *names[T]) valid(value T) bool {
	var known T
	for _, row := range n.rows {
		if row.value == value {
			return true
		}
		known |= row.value
	}
	return n.flags && value&^known == 0
}

// text is the value's name; flags are joined by a bar, and what has no name is a number.
func (n *names[T]) text(value T) string {
	var parts []string
	for _, row := range n.rows {
		if row.value == value {
			return row.name
		}
		if n.flags && value&row.value != 0 {
			parts = append(parts, row.name)
		}
	}
	if len(parts) == 0 || !n.valid(value) {
		return number10(value)
	}
	return strings.Join(parts, "|")
}

func number10[T number](value T) string {
	if value < 0 {
		return strconv.FormatInt(int64(value), 10)
	}
	return strconv.FormatUint(uint64(value), 10)
}

func (n *names[T]) parse(text string) (T, error) {
	if !n.flags {
		return n.one(text)
	}
	if text == "0" {
		return 0, nil
	}
	var all T
	for part := range strings.SplitSeq(text, "|") {
		value, err := n.one(part)
		if err != nil {
			return 0, err
		}
		all |= value
	}
	return all, nil
}

func (n *names[T]) one(text string) (T, error) {
	short := strings.TrimPrefix(text, n.prefix)
	for _, row := range n.rows {
		if row.name == short {
			return row.value, nil
		}
	}
	return 0, fmt.Errorf("%q is none of the constants %s*", text, n.prefix)
}
