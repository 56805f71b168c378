// Long is a Go program whose work goes on for as long as it is told: it allocates, keeps the last few objects in global
// variables, drops the others, stores pointers into the heap, and makes a reflective call now and then. rcsim calls
// work under its checker to see that a long run needs no more memory than it has garbage.
package main

import "reflect"

type node struct {
	next  *node
	value int
}

const kept = 64

var (
	ring [kept]*node
	sink int
)

//go:noinline
func nothing() {}

//go:noinline
func work(rounds int) int {
	for i := 0; i < rounds; i++ {
		old := ring[i%kept]
		if old != nil {
			old.next = nil
		}
		p := &node{next: old, value: i}
		ring[i%kept] = p
		for j := 0; j < 16; j++ {
			sink = sink*31 + (p.value ^ j)
		}
		if i%256 == 0 {
			reflect.ValueOf(nothing).Call(nil)
		}
	}
	return rounds
}

func main() {
	println(work(10))
}
