// Measures reflective calls in core cycles. A chain of products, three cycles each, is the clock, measured beside each
// sample: virtual machines offer no counters. Each line is a name, a tab, and the fewest cycles of one call.
package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"time"
	"unsafe"
)

func call(stackArgsType, f, stackArgs unsafe.Pointer, stackArgsSize, stackRetOffset, frameSize uint32, regArgs unsafe.Pointer)
func empty()
func products(n int64) int64

const (
	cyclesOfProduct = 3
	productsOfRound = 16
	samples         = 200
)

var sink int64

// nanosecondsOfCycle measures the clock over some microseconds.
func nanosecondsOfCycle() float64 {
	const rounds = 400
	start := time.Now()
	sink += products(rounds)
	return float64(time.Since(start).Nanoseconds()) / (rounds * productsOfRound * cyclesOfProduct)
}

// fewest is the fewest cycles that one call of f takes, over many samples of so many calls each. The shortest sample and
// the shortest cycle are those that nothing disturbed; a sample and the clock beside it may be disturbed differently.
func fewest(calls int, f func(calls int)) float64 {
	spent, cycle := 1e300, nanosecondsOfCycle()
	f(calls)
	for i := 0; i < samples; i++ {
		if now := nanosecondsOfCycle(); now < cycle {
			cycle = now
		}
		start := time.Now()
		f(calls)
		if now := float64(time.Since(start).Nanoseconds()); now < spent {
			spent = now
		}
	}
	return spent / cycle / float64(calls)
}

// bare calls a function that returns at once with a frame of so many bytes, the last of which are results.
func bare(bytes, results uint32) float64 {
	f := empty
	fn := *(*unsafe.Pointer)(unsafe.Pointer(&f))
	frame := make([]byte, bytes+8)
	var regs [512]byte
	calls := 200
	if bytes > 4096 {
		calls = 40
	}
	return fewest(calls, func(calls int) {
		for i := 0; i < calls; i++ {
			call(nil, fn, unsafe.Pointer(&frame[0]), bytes, bytes-results, bytes, unsafe.Pointer(&regs))
		}
	})
}

//go:noinline
func one(a int) int { return a }

//go:noinline
func twelve(a, b, c, d, e, f, g, h, i, j, k, l int) int { return a }

//go:noinline
func text(s string) string { return s }

//go:noinline
func floats(a, b float64) float64 { return a }

type receiver struct{ n int }

//go:noinline
func (r receiver) Add(a int) int { return r.n + a }

func values(args ...interface{}) []reflect.Value {
	var all []reflect.Value
	for _, arg := range args {
		all = append(all, reflect.ValueOf(arg))
	}
	return all
}

func reflective(f interface{}, args ...interface{}) float64 {
	fn, in := reflect.ValueOf(f), values(args...)
	return fewest(100, func(calls int) {
		for i := 0; i < calls; i++ {
			fn.Call(in)
		}
	})
}

func main() {
	runtime.LockOSThread()
	// The collector stays out of it.
	debug.SetGCPercent(-1)
	for _, arg := range os.Args[1:] {
		var bytes, results uint32
		if _, err := fmt.Sscanf(arg, "%d:%d", &bytes, &results); err != nil {
			fmt.Fprintln(os.Stderr, "want bytes:results, not", arg)
			os.Exit(2)
		}
		fmt.Printf("reflectcall %s\t%.1f\n", arg, bare(bytes, results))
	}
	fmt.Printf("Value.Call(func(int) int)\t%.1f\n", reflective(one, 1))
	fmt.Printf("Value.Call(func(12 ints) int)\t%.1f\n", reflective(twelve, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
	fmt.Printf("Value.Call(func(string) string)\t%.1f\n", reflective(text, "text"))
	fmt.Printf("Value.Call(func(2 floats) float64)\t%.1f\n", reflective(floats, 1.0, 2.0))
	made := reflect.MakeFunc(reflect.TypeOf(one), func(in []reflect.Value) []reflect.Value { return in }).Interface().(func(int) int)
	fmt.Printf("MakeFunc(func(int) int)\t%.1f\n", fewest(100, func(calls int) {
		for i := 0; i < calls; i++ {
			sink += int64(made(i))
		}
	}))
	method := reflect.ValueOf(receiver{1}).Method(0).Interface().(func(int) int)
	fmt.Printf("method value func(int) int\t%.1f\n", fewest(100, func(calls int) {
		for i := 0; i < calls; i++ {
			sink += int64(method(i))
		}
	}))
}
