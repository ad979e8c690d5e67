package actorcore

import (
	"fmt"
	"reflect"
)

// A form is how values of a type travel.
type form uint8

const (
	formFixed form = iota // as its bytes
	formBytes             // a []byte, or a view of one, as it is
	formValue             // by reference
)

// formOf decides how a type travels; it panics, for its programmer, where a type has no layout that is the
// same on every machine and in every language.
func formOf(t reflect.Type) form {
	switch t {
	case reflect.TypeFor[[]byte](), reflect.TypeFor[Event](), reflect.TypeFor[Work]():
		return formBytes
	}
	if hasPointers(t) {
		return formValue
	}
	if reason := unfixed(t); reason != "" {
		panic(fmt.Sprintf("actorcore: %v cannot be a message: %s", t, reason))
	}
	return formFixed
}

func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() != 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.String,
		reflect.UnsafePointer:
		return true
	}
	return false
}

// unfixed is why a type without pointers has no fixed layout, or nothing.
func unfixed(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Uint, reflect.Uintptr:
		return fmt.Sprintf("%v has a size of the machine's; use one with a number in its name", t)
	case reflect.Bool:
		return "a bool may hold only two of a byte's values; use uint8"
	case reflect.Array:
		return unfixed(t.Elem())
	case reflect.Struct:
		return unfixedStruct(t)
	}
	return ""
}

func unfixedStruct(t reflect.Type) string {
	end := uintptr(0)
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Offset != end {
			return fmt.Sprintf("%d bytes before %s are padding; name them with a field", field.Offset-end, field.Name)
		}
		if field.Name == "_" && field.Type.Size() != 0 {
			return "a field named _ need not be copied; give it a name"
		}
		if reason := unfixed(field.Type); reason != "" {
			return reason
		}
		end = field.Offset + field.Type.Size()
	}
	if end != t.Size() {
		return fmt.Sprintf("its last %d bytes are padding; name them with a field", t.Size()-end)
	}
	return ""
}
