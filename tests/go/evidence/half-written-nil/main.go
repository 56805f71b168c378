// Half-written-nil shows, with a real toolchain, that a made function can leave half of a nil interface unwritten.
//
// The made function returns a nil interface of another type than the declared one, on the stack. Since Go 1.17 reflect no
// longer clears the place of a result before it converts, and stores only the first word of such a nil. The word beside it,
// which the collector takes for a pointer, keeps whatever was on the stack before. Here another call has been there first,
// and left a number that no collector should see.
//
// Prints one line; exits 1 when the word was not cleared.
package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"unsafe"
)

const mark = 0x5ca1ab1e

type function = func() (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p int, err interface{})

// words has the arguments of a function in the same places as the results.
//
//go:noinline
func words(w [64]uintptr) uintptr { return w[0] + w[63] }

//go:noinline
func second(f function) uintptr {
	var w [64]uintptr
	for i := range w {
		w[i] = mark
	}
	words(w)
	_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, result := f()
	return (*[2]uintptr)(unsafe.Pointer(&result))[1]
}

func main() {
	zero := reflect.ValueOf(0)
	made := reflect.MakeFunc(reflect.TypeOf(function(nil)), func([]reflect.Value) []reflect.Value {
		results := make([]reflect.Value, 16, 17)
		for i := range results {
			results[i] = zero
		}
		var none error
		return append(results, reflect.ValueOf(&none).Elem())
	})
	word := second(made.Interface().(function))
	fmt.Printf("%s: the second word of a nil interface is %#x\n", runtime.Version(), word)
	if word != 0 {
		os.Exit(1)
	}
}
