// A program whose functions do what no function should, for rcsim to stop.
package main

import (
	"reflect"
	"unsafe"
)

var (
	turns int
	data  = [8]uint64{1, 2, 3, 4, 5, 6, 7, 8}
)

//go:noinline
func Return(x int) int { return x }

//go:noinline
func Loop() {
	for {
		turns++
	}
}

//go:noinline
func Recurse(n int) int {
	var room [64 << 10]byte
	room[n&0xffff] = byte(n)
	return Recurse(n+1) + int(room[(n+1)&0xffff])
}

// JumpIntoData calls a function value whose code is a variable.
//
//go:noinline
func JumpIntoData() {
	code := uintptr(unsafe.Pointer(&data))
	closure := &code
	f := *(*func())(unsafe.Pointer(&closure))
	f()
}

type T struct{ n int }

func (t T) M() int { return t.n }

func main() {
	// The linker keeps what is reachable: the machinery through reflect, the others as values.
	reflect.ValueOf(Return).Call([]reflect.Value{reflect.ValueOf(1)})
	made := reflect.MakeFunc(reflect.TypeOf(Return), func(args []reflect.Value) []reflect.Value { return args })
	method := reflect.ValueOf(T{}).Method(0).Interface()
	if turns != 0 {
		Loop()
		Recurse(0)
		JumpIntoData()
		made.Interface().(func(int) int)(method.(func() int)())
	}
}
