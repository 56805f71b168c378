// Large-frame shows, with a real toolchain, that on s390x a reflective call with a large frame ends in a fault.
//
// Since arguments go in registers there, the trampolines keep the address of the register block in R10, which the assembler
// uses itself for offsets that an instruction cannot hold. From 512 KiB of frame on, the trampoline's own arguments are
// that far away. The runtime is then given an offset where it expects the block, and faults in reflectcallmove.
//
// Prints one line where the call comes back.
package main

import (
	"fmt"
	"reflect"
	"runtime"
)

type frame [1 << 20]byte

func take(f frame, n int) int { return int(f[5]) + n }

func main() {
	var f frame
	f[5] = 7
	results := reflect.ValueOf(take).Call([]reflect.Value{reflect.ValueOf(f), reflect.ValueOf(35)})
	fmt.Printf("%s: the sum is %d\n", runtime.Version(), results[0].Int())
}
