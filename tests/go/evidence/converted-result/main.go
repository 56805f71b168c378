// Converted-result shows, with a real toolchain, that a made function can hand out memory that the collector has freed.
//
// The made function returns contents of variables where interfaces are declared, so that reflect copies each into a new
// object. While it copies the second, a large one, nothing that the collector looks at refers to the copy of the first.
// Another goroutine collects without a pause, and the copies of the first result are all of one size class, so that freed
// memory is soon used again. Each result is compared with what was returned.
//
//	converted-result [-calls N] [-stack] [-control shared|last]
//
// The controls differ in one point each: "shared" returns values that are not contents of variables, "last" converts
// nothing after the first. Prints one line; exits 1 when a result was wrong. On the stack, the runtime itself may notice
// first, and die with "found bad pointer in Go heap".
package main

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"sync/atomic"
)

// Small is the first result. All its words are the same, so that a stranger's content shows.
type Small struct{ words [4]uint64 }

// Large takes the allocator long enough for a collection to begin and end.
type Large struct{ words [1 << 21]uint64 }

var (
	calls   = flag.Int("calls", 4000, "how many calls to make")
	onStack = flag.Bool("stack", false, "return so much before them that both results are on the stack")
	control = flag.String("control", "", "what to change so that nothing goes wrong: shared or last")
)

// value is what the made function returns for x: the content of a variable, except in the control.
func value(x interface{}) reflect.Value {
	v := reflect.ValueOf(x)
	if *control == "shared" {
		return v
	}
	variable := reflect.New(v.Type()).Elem()
	variable.Set(v)
	return variable
}

func second(large Large) reflect.Value {
	if *control == "last" {
		return reflect.Zero(reflect.TypeOf((*interface{})(nil)).Elem())
	}
	return value(large)
}

func small(mark uint64) (s Small) {
	for i := range s.words {
		s.words[i] = mark
	}
	return s
}

// inRegisters and onTheStack make the calls; the latter's integers take every register before the interfaces come.
func inRegisters(mark *uint64, large Large) func() interface{} {
	var f func() (interface{}, interface{})
	made := reflect.MakeFunc(reflect.TypeOf(f), func([]reflect.Value) []reflect.Value {
		return []reflect.Value{value(small(*mark)), second(large)}
	})
	f = made.Interface().(func() (interface{}, interface{}))
	return func() interface{} {
		first, _ := f()
		return first
	}
}

func onTheStack(mark *uint64, large Large) func() interface{} {
	type function = func() (a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q int, first, second interface{})
	var t function
	zero := reflect.ValueOf(0)
	made := reflect.MakeFunc(reflect.TypeOf(t), func([]reflect.Value) []reflect.Value {
		results := make([]reflect.Value, 16, 18)
		for i := range results {
			results[i] = zero
		}
		return append(results, value(small(*mark)), second(large))
	})
	t = made.Interface().(function)
	return func() interface{} {
		_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, first, _ := t()
		return first
	}
}

var stop uint32

func collect() {
	for atomic.LoadUint32(&stop) == 0 {
		runtime.GC()
	}
}

func main() {
	flag.Parse()
	var mark uint64
	var large Large
	call := inRegisters(&mark, large)
	if *onStack {
		call = onTheStack(&mark, large)
	}
	go collect()
	wrong := 0
	for mark = 1; mark <= uint64(*calls); mark++ {
		first := call()
		// Take whatever memory of this size is free.
		for i := 0; i < 64; i++ {
			sink = &Small{}
		}
		if first.(Small) != small(mark) {
			wrong++
		}
	}
	atomic.StoreUint32(&stop, 1)
	fmt.Printf("%s: %d of %d results were wrong\n", runtime.Version(), wrong, *calls)
	if wrong > 0 {
		os.Exit(1)
	}
}

var sink *Small
