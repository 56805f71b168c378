// Measures reflective calls in core cycles. A chain of products, three cycles each, is the clock, measured beside each
// sample: virtual machines offer no counters. Each line is a name, a tab, and the fewest cycles of one call.
//
//	cycles BYTES:RESULTS...   bare calls with such frames
//	cycles calls              Value.Call, made functions, method values
//	cycles follow NAME COUNT  one of these so often, then with a mark before each call
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
	samples         = 400
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

// mark is where those who follow a call find its beginning.
//
//go:noinline
func mark() {}

//go:noinline
func nothing() {}

//go:noinline
func one(a int) int { return a }

//go:noinline
func twelve(a, b, c, d, e, f, g, h, i, j, k, l int) int { return a }

//go:noinline
func text(s string) string { return s }

//go:noinline
func floats(a, b float64) float64 { return a }

//go:noinline
func mixed(a int, b float64, c string, d []byte) ([]byte, string) { return d, c }

//go:noinline
func pair(p struct{ a, b int }) struct{ a, b int } { return p }

//go:noinline
func four(a [4]int) int { return a[0] }

//go:noinline
func sixtyFour(a [64]int) int { return a[0] }

//go:noinline
func pointer(p *int) *int { return p }

//go:noinline
func variadic(a ...int) int { return len(a) }

type receiver struct{ n int }

//go:noinline
func (r receiver) Add(a int) int { return r.n + a }

//go:noinline
func (r receiver) Name(a [4]int, s string) string { return s }

func values(args ...interface{}) []reflect.Value {
	var all []reflect.Value
	for _, arg := range args {
		all = append(all, reflect.ValueOf(arg))
	}
	return all
}

// body is something that is measured.
type body struct {
	name string
	call func()
}

func valueCall(signature string, f interface{}, args ...interface{}) body {
	fn, in := reflect.ValueOf(f), values(args...)
	return body{"Value.Call func" + signature, func() { fn.Call(in) }}
}

func echo(in []reflect.Value) []reflect.Value { return in }

func bodies() []body {
	n := 1
	made := reflect.MakeFunc(reflect.TypeOf(one), echo).Interface().(func(int) int)
	madeText := reflect.MakeFunc(reflect.TypeOf(text), echo).Interface().(func(string) string)
	madeNone := reflect.MakeFunc(reflect.TypeOf(nothing), echo).Interface().(func())
	add := reflect.ValueOf(receiver{1}).Method(0).Interface().(func(int) int)
	name := reflect.ValueOf(receiver{1}).Method(1).Interface().(func([4]int, string) string)
	return []body{
		valueCall("()", nothing),
		valueCall("(int) int", one, 1),
		valueCall("(12 ints) int", twelve, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
		valueCall("(string) string", text, "text"),
		valueCall("(2 float64) float64", floats, 1.0, 2.0),
		valueCall("(int, float64, string, []byte) ([]byte, string)", mixed, 1, 2.0, "text", []byte("bytes")),
		valueCall("(struct{2 ints}) struct{2 ints}", pair, struct{ a, b int }{1, 2}),
		valueCall("([4]int) int", four, [4]int{}),
		valueCall("([64]int) int", sixtyFour, [64]int{}),
		valueCall("(*int) *int", pointer, &n),
		valueCall("(...int) int", variadic, 1, 2),
		{"MakeFunc func()", func() { madeNone() }},
		{"MakeFunc func(int) int", func() { sink += int64(made(1)) }},
		{"MakeFunc func(string) string", func() { sink += int64(len(madeText("text"))) }},
		{"method value func(int) int", func() { sink += int64(add(1)) }},
		{"method value func([4]int, string) string", func() { sink += int64(len(name([4]int{}, "text"))) }},
	}
}

func measureCalls() {
	for _, body := range bodies() {
		fmt.Printf("%s\t%.1f\n", body.name, fewest(100, func(calls int) {
			for i := 0; i < calls; i++ {
				mark()
				body.call()
			}
		}))
	}
}

// follow makes one call so often, and then again and again for somebody who follows it.
func follow(name string, before int) {
	for _, body := range bodies() {
		if body.name == name {
			for i := 0; i < before; i++ {
				body.call()
			}
			for i := 0; i < 1000; i++ {
				mark()
				body.call()
			}
			return
		}
	}
	fmt.Fprintln(os.Stderr, "no call is named", name)
	os.Exit(2)
}

func main() {
	runtime.LockOSThread()
	// The collector stays out of it.
	debug.SetGCPercent(-1)
	if len(os.Args) == 2 && os.Args[1] == "calls" {
		measureCalls()
		return
	}
	if len(os.Args) == 4 && os.Args[1] == "follow" {
		var before int
		fmt.Sscan(os.Args[3], &before)
		follow(os.Args[2], before)
		return
	}
	for _, arg := range os.Args[1:] {
		var bytes, results uint32
		if _, err := fmt.Sscanf(arg, "%d:%d", &bytes, &results); err != nil {
			fmt.Fprintln(os.Stderr, "want bytes:results, not", arg)
			os.Exit(2)
		}
		fmt.Printf("reflectcall %s\t%.1f\n", arg, bare(bytes, results))
	}
}
