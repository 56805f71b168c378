// Image is a Go program that says what Go's runtime knows about the program itself, so that another reader of the same
// binary can be compared with it. Each line is a fact:
//
//	frame PC FUNCTION FILE LINE   one source-level frame of a call stack, innermost first; PC is the return address
//	func  ENTRY NAME              the function at a PC, as runtime.FuncForPC has it
//	word  NAME ADDRESS            where a package variable lies
package main

import (
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

// Node has pointers in its first and third word only.
type Node struct {
	Next  *Node
	Count int
	Name  *string
	Size  int
}

var (
	zeroed  [3]Node
	initial = Node{Next: &zeroed[1], Count: 5, Size: 7}
)

func innermost() []uintptr {
	pcs := make([]uintptr, 64)
	return pcs[:runtime.Callers(1, pcs)]
}

func middle(depth int) []uintptr {
	return innermost()
}

//go:noinline
func outer(depth int) []uintptr {
	if depth > 0 {
		return outer(depth - 1)
	}
	return middle(depth)
}

// keep has an object on its stack whose address is taken but does not escape.
//
//go:noinline
func keep(n int, name *string) int {
	var nodes [4]Node
	nodes[n&3].Name = name
	p := &nodes[(n+1)&3]
	if n > 2 {
		p = &nodes[2]
	}
	p.Count += n
	runtime.Gosched()
	return nodes[1].Count + p.Count + len(*nodes[n&3].Name)
}

//go:noinline
func deferred() (n int) {
	defer func() {
		if r := recover(); r != nil {
			n = 3
		}
	}()
	panic("on purpose")
}

func printFrames(pcs []uintptr) {
	frames := runtime.CallersFrames(pcs)
	for _, pc := range pcs {
		fmt.Printf("pc %#x\n", pc)
	}
	for {
		frame, more := frames.Next()
		fmt.Printf("frame %s %s %d\n", frame.Function, frame.File, frame.Line)
		if !more {
			return
		}
	}
}

func printFuncs() {
	for _, f := range []any{outer, keep, deferred, printFrames, fmt.Println, reflect.ValueOf, runtime.GC, main} {
		pc := reflect.ValueOf(f).Pointer()
		fn := runtime.FuncForPC(pc)
		file, line := fn.FileLine(pc)
		fmt.Printf("func %#x %s %s %d\n", fn.Entry(), fn.Name(), file, line)
	}
}

func main() {
	name := "gopher"
	add := reflect.MakeFunc(reflect.TypeOf(func(int, *string) []uintptr { return nil }), func(in []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(outer(int(in[0].Int())))}
	})
	printFrames(add.Call([]reflect.Value{reflect.ValueOf(2), reflect.ValueOf(&name)})[0].Interface().([]uintptr))
	printFuncs()
	fmt.Printf("word main.zeroed %#x\n", uintptr(unsafe.Pointer(&zeroed)))
	fmt.Printf("word main.initial %#x\n", uintptr(unsafe.Pointer(&initial)))
	zeroed[0].Name = &name
	fmt.Println("end", keep(1, &name), deferred())
}
